//! What was measured: samples by peer and direction, their medians and ratios.

use std::fmt;

use crate::tunnels::{ADIT, STRONGSWAN};

/// Which way the bytes go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

impl Direction {
    /// Both, in the order of the tables.
    pub const BOTH: [Self; 2] = [Self::Up, Self::Down];
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Up => "up",
            Self::Down => "down",
        })
    }
}

/// All samples, in Gbit/s.
#[derive(Debug, Default)]
pub struct Samples(Vec<(&'static str, Direction, f64)>);

impl Samples {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn add(&mut self, peer: &'static str, direction: Direction, gbit: f64) {
        self.0.push((peer, direction, gbit));
    }

    /// Adit's median over strongSwan's.
    pub fn ratio(&self, direction: Direction) -> f64 {
        median(&self.of(ADIT, direction)) / median(&self.of(STRONGSWAN, direction))
    }

    /// A line for each peer and direction.
    pub fn table(&self) -> String {
        let mut table = String::new();
        for direction in Direction::BOTH {
            for peer in [ADIT, STRONGSWAN] {
                let samples = self.of(peer, direction);
                let list: Vec<String> = samples.iter().map(|gbit| format!("{gbit:.3}")).collect();
                table.push_str(&format!(
                    "{direction:<5} {peer:<11} {}   median {:.3}\n",
                    list.join(" "),
                    median(&samples)
                ));
            }
        }
        table
    }

    fn of(&self, peer: &str, direction: Direction) -> Vec<f64> {
        let of_them = |sample: &&(&str, Direction, f64)| sample.0 == peer && sample.1 == direction;
        self.0.iter().filter(of_them).map(|sample| sample.2).collect()
    }
}

/// The middle one, or the mean of the two in the middle; not a number if there is none.
fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle.wrapping_sub(1)), sorted.get(middle)) {
        (Some(low), Some(high)) if sorted.len().is_multiple_of(2) => (low + high) / 2.0,
        (_, Some(middle)) => *middle,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_of_medians_and_an_outlier_does_not_move_it() {
        let mut samples = Samples::new();
        for gbit in [1.0, 1.1, 0.9, 0.01, 1.0] {
            samples.add(ADIT, Direction::Up, gbit);
        }
        for gbit in [0.4, 0.6, 0.5, 0.5] {
            samples.add(STRONGSWAN, Direction::Up, gbit);
        }
        assert!((samples.ratio(Direction::Up) - 2.0).abs() < 1e-9);
        assert!(samples.ratio(Direction::Down).is_nan());
        assert!(samples.table().contains("median 1.000"));
    }
}
