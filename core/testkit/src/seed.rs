//! Seeded randomness: a run with the same seed is the same run.
//!
//! Owns the generator (SplitMix64: small, fast, good enough for choices of a simulation), the seeds of a
//! test run and a seeded stand-in for the random source of cryptography.

use std::env;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::time::Duration;

use adit_crypto::{CryptoError, SecureRandom};

/// Seeds a test runs by default; the environment variable `ADIT_SEEDS` gives another number.
pub const DEFAULT_SEEDS: u64 = 500;

/// Where all randomness of a simulation starts.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Seed(pub u64);

impl Seed {
    /// A seed that depends on `name` only (FNV-1a), for tests that need one fixed run.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash)
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Runs `test` once per seed: `ADIT_SEEDS` many (default [`DEFAULT_SEEDS`]), different for each `name`, or
/// only the one in `ADIT_SEED` (as a failure prints it). When `test` panics, prints the seed and passes the
/// panic on.
///
/// # Panics
/// If `test` does, or one of the variables is no number.
pub fn for_each_seed(name: &str, mut test: impl FnMut(Seed)) {
    let seeds: Vec<Seed> = match env::var("ADIT_SEED") {
        Ok(text) => vec![parse_seed(&text).unwrap_or_else(|| panic!("ADIT_SEED={text} is no number"))],
        Err(_) => {
            let count = match env::var("ADIT_SEEDS") {
                Ok(text) => text.parse().unwrap_or_else(|_| panic!("ADIT_SEEDS={text} is no number")),
                Err(_) => DEFAULT_SEEDS,
            };
            let mut prng = Prng::new(Seed::from_name(name));
            (0..count).map(|_| Seed(prng.next_u64())).collect()
        }
    };
    for (index, seed) in seeds.iter().enumerate() {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| test(*seed))) {
            eprintln!(
                "{name}: failed with seed {seed} ({} of {}); repeat it with ADIT_SEED={seed}",
                index + 1,
                seeds.len()
            );
            resume_unwind(panic);
        }
    }
}

fn parse_seed(text: &str) -> Option<Seed> {
    let seed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    seed.ok().map(Seed)
}

/// SplitMix64. Not for cryptography.
#[derive(Clone, Debug)]
pub struct Prng {
    state: u64,
}

impl Prng {
    /// A generator that starts from `seed`.
    #[must_use]
    pub const fn new(seed: Seed) -> Self {
        Self { state: seed.0 }
    }

    /// A generator of its own for one part of a simulation, so that more draws in one part change nothing
    /// in another.
    #[must_use]
    pub fn fork(&mut self, part: &str) -> Self {
        Self { state: self.next_u64() ^ Seed::from_name(part).0 }
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, nearly uniform.
    ///
    /// # Panics
    /// If `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "no number is below 0");
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// True with `probability` (0 to 1).
    pub fn chance(&mut self, probability: f64) -> bool {
        // Draws even for 0 and 1, so that switching a fault off leaves the other draws as they were.
        let unit = (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        unit < probability
    }

    /// A duration from zero to `most`, both included.
    pub fn duration_up_to(&mut self, most: Duration) -> Duration {
        let nanos = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX - 1).min(u64::MAX - 1);
        Duration::from_nanos(self.below(nanos + 1))
    }

    /// Fills `out`.
    pub fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
    }

    /// One of `items`.
    ///
    /// # Panics
    /// If there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }
}

/// A predictable [`SecureRandom`] for tests. Not secure in any way.
pub struct SeededRandom(Mutex<Prng>);

impl SeededRandom {
    /// A source that starts from `seed`.
    #[must_use]
    pub const fn new(seed: Seed) -> Self {
        Self(Mutex::new(Prng::new(seed)))
    }

    /// The same for places that ask for `'static`; the few bytes are never freed.
    #[must_use]
    pub fn leaked(seed: Seed) -> &'static Self {
        Box::leak(Box::new(Self::new(seed)))
    }
}

impl fmt::Debug for SeededRandom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededRandom")
    }
}

impl SecureRandom for SeededRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.lock().map_err(|_| CryptoError::Random)?.fill(out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_gives_the_published_sequence() {
        // First outputs of SplitMix64 for seed 1234567, as its reference implementation prints them.
        let mut prng = Prng::new(Seed(1_234_567));
        let first: Vec<u64> = (0..3).map(|_| prng.next_u64()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn numbers_stay_below_their_bound_and_reach_it() {
        let mut prng = Prng::new(Seed(1));
        let mut seen = [false; 5];
        for _ in 0..200 {
            seen[prng.below(5) as usize] = true;
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(prng.below(1), 0);
        assert!(!prng.chance(0.0) && prng.chance(1.0));
        assert!(prng.duration_up_to(Duration::from_millis(3)) <= Duration::from_millis(3));
        assert_eq!(prng.duration_up_to(Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn a_printed_seed_is_read_back() {
        let seed = Seed(0x0123_4567_89ab_cdef);
        assert_eq!(parse_seed(&seed.to_string()), Some(seed));
        assert_eq!(parse_seed("17"), Some(Seed(17)));
        assert_eq!(parse_seed("x"), None);
    }

    #[test]
    fn seeds_of_a_run_differ_and_a_failure_is_passed_on() {
        let mut seen = std::collections::BTreeSet::new();
        for_each_seed("seeds_of_a_run", |seed| assert!(seen.insert(seed)));
        assert!(!seen.is_empty());
        let result = catch_unwind(|| for_each_seed("failing on purpose", |_| panic!("on purpose")));
        assert!(result.is_err());
    }

    #[test]
    fn the_random_source_repeats_itself_for_a_seed() {
        let draw = |seed| {
            let mut out = [0; 21];
            SeededRandom::new(Seed(seed)).fill(&mut out).unwrap();
            out
        };
        assert_eq!(draw(5), draw(5));
        assert_ne!(draw(5), draw(6));
    }
}
