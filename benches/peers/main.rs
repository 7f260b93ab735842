//! TCP through a TUN: Adit to Adit beside strongSwan to strongSwan, as root on Linux.
//!
//! Each pair has two network namespaces joined by a cable; both pairs are up all the time and take turns, so that what
//! else the machine does falls on both. AES-128-GCM in ESP, MTU 1,400 inside, one TCP connection of iperf3 with
//! cubic. strongSwan does ESP in userspace too (kernel-libipsec, OpenSSL before its other plugins, logging off).
//! Prints all samples and medians; the last line is the ratio of the medians in the slower direction.
//!
//! Usage: `peers [ROUNDS [SECONDS]]`, 7 rounds of 5 seconds unless said otherwise. `cargo xtask bench --peers`
//! builds what it needs and runs it.

#![forbid(unsafe_code)]

mod samples;
mod tunnels;

use std::process::ExitCode;

use adit_interop::{Error, Result, net};

use samples::{Direction, Samples};
use tunnels::Tunnel;

/// Fewer alternations would say little on a machine that does other things too.
const ROUNDS_MIN: usize = 5;

fn main() -> ExitCode {
    match arguments().and_then(|(rounds, seconds)| run(rounds, seconds)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<(usize, u32)> {
    let mut numbers = std::env::args().skip(1).map(|text| {
        text.parse::<u32>().map_err(|_| Error::new(format!("{text:?}: usage: peers [ROUNDS [SECONDS]]")))
    });
    let rounds = numbers.next().unwrap_or(Ok(7))? as usize;
    let seconds = numbers.next().unwrap_or(Ok(5))?;
    if rounds < ROUNDS_MIN || seconds == 0 {
        return Err(Error::new(format!("at least {ROUNDS_MIN} rounds of at least a second")));
    }
    Ok((rounds, seconds))
}

fn run(rounds: usize, seconds: u32) -> Result<()> {
    if let Some(reason) = net::unavailable() {
        return Err(Error::new(format!("no peers can be run: it {reason}")));
    }
    tunnels::with_both(|adit, swan| {
        for tunnel in [adit, swan] {
            println!("{}", tunnel.describe());
            for direction in Direction::BOTH {
                tunnel.transfer(direction, 1)?;
            }
        }
        println!("{rounds} rounds of {seconds} s each way, Gbit/s that arrived:\n");
        let mut samples = Samples::new();
        for round in 0..rounds {
            for direction in Direction::BOTH {
                // Whoever goes first meets another machine than who goes second: they take turns at that too.
                let order: [&Tunnel<'_>; 2] = if round % 2 == 0 { [adit, swan] } else { [swan, adit] };
                for tunnel in order {
                    samples.add(tunnel.name(), direction, tunnel.transfer(direction, seconds)?);
                }
            }
        }
        print!("{}", samples.table());
        for direction in Direction::BOTH {
            println!("{direction}: {:.2} times strongSwan", samples.ratio(direction));
        }
        let slower = Direction::BOTH
            .map(|direction| samples.ratio(direction))
            .into_iter()
            .fold(f64::INFINITY, f64::min);
        println!("ratio {slower:.2}");
        Ok(())
    })
}
