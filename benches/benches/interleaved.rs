//! What ESP costs beyond its cipher: sealing 1,400 bytes beside the bare AES-128-GCM of *ring*, in pairs.
//!
//! Each pair times a run of seals and a run of bare calls right after one another, in changing order, so that what
//! else the machine does falls on both. The last line is the median of the pairs' ratios, `ratio N.NN`; with
//! `--check` a ratio above 1.10 ends with status 1.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use adit_benches::bare::Bare;
use adit_benches::esp::{Resealed, pair};
use adit_crypto::CipherSpec;

/// Bytes of an inner packet.
const SIZE: usize = 1400;
/// Calls timed together: long beside the clock's own cost, short beside a time slice.
const RUN: u32 = 64;
/// Pairs measured; ten times as many as could be had for the asking would not change the median.
const PAIRS: usize = 2001;
/// Pairs thrown away first.
const WARM_UP: usize = 200;
/// What ESP may cost, in hundredths of the bare call.
const LIMIT: f64 = 1.10;

fn main() -> ExitCode {
    let suite = CipherSpec::aes_gcm(128);
    let (mut sa, _) = pair(suite);
    let mut packet = Resealed::new(suite, SIZE);
    let Some(mut bare) = Bare::new(suite, SIZE) else { return ExitCode::FAILURE };
    let mut seal = || time(|| packet.seal(black_box(&mut sa)));
    let mut call = || time(|| black_box(&mut bare).seal());

    let (mut seals, mut calls, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..WARM_UP + PAIRS {
        let (sealed, called) = if round % 2 == 0 {
            let sealed = seal();
            (sealed, call())
        } else {
            let called = call();
            (seal(), called)
        };
        if round >= WARM_UP {
            seals.push(nanoseconds(sealed));
            calls.push(nanoseconds(called));
            ratios.push(sealed.as_secs_f64() / called.as_secs_f64());
        }
    }
    let [seal, call] = [&mut seals, &mut calls].map(|list| at(list, 0.5));
    println!(
        "ESP seal, {suite}, {SIZE} bytes: {seal:.1} ns; bare ring: {call:.1} ns; {PAIRS} interleaved pairs"
    );
    println!(
        "ratio of the pairs: 10 % below {:.3}, 90 % below {:.3}",
        at(&mut ratios, 0.1),
        at(&mut ratios, 0.9)
    );
    let ratio = at(&mut ratios, 0.5);
    println!("ratio {ratio:.2}");
    if ratio > LIMIT && std::env::args().any(|argument| argument == "--check") {
        eprintln!("ESP may cost at most {LIMIT:.2} times the bare call");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn time(mut call: impl FnMut()) -> Duration {
    let started = Instant::now();
    for _ in 0..RUN {
        call();
    }
    started.elapsed()
}

fn nanoseconds(run: Duration) -> f64 {
    run.as_secs_f64() * 1e9 / f64::from(RUN)
}

/// The value below which `part` of the list lies.
fn at(list: &mut [f64], part: f64) -> f64 {
    list.sort_by(f64::total_cmp);
    let index = (list.len().saturating_sub(1)) as f64 * part;
    list.get(index as usize).copied().unwrap_or(f64::NAN)
}
