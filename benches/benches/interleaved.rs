//! What ESP costs beyond its cipher: sealing 1,400 bytes beside the bare AES-128-GCM of *ring*, in turns.
//!
//! Each round times a run of seals and runs of bare calls right after one another, in changing order, so that what
//! else the machine does falls on all. The bare call gets the packet's 1,400 bytes, and in a run of its own the 1,404
//! that ESP encrypts with padding and trailer: *ring* takes longer for some lengths than for slightly greater ones.
//! The last line is the greater of the two medians of ratios, `ratio N.NN`; with `--check` one above 1.10 ends with
//! status 1.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use adit_benches::bare::Bare;
use adit_benches::esp::{Resealed, pair};
use adit_crypto::CipherSpec;

/// Bytes of an inner packet.
const SIZE: usize = 1400;
/// Bytes of it that ESP encrypts: two of padding, pad length and next header.
const ENCRYPTED: usize = SIZE + 4;
/// Calls timed together: long beside the clock's own cost, short beside a time slice.
const RUN: u32 = 64;
/// Rounds measured, each a pair with either length: enough that the median does not move any more.
const ROUNDS: usize = 2001;
/// Rounds thrown away first.
const WARM_UP: usize = 200;
/// What ESP may cost, beside the bare call.
const LIMIT: f64 = 1.10;

fn main() -> ExitCode {
    let suite = CipherSpec::aes_gcm(128);
    let (mut sa, _) = pair(suite);
    let mut packet = Resealed::new(suite, SIZE);
    let (Some(mut plain), Some(mut padded)) = (Bare::new(suite, SIZE), Bare::new(suite, ENCRYPTED)) else {
        return ExitCode::FAILURE;
    };
    let mut runs: [&mut dyn FnMut(); 3] =
        [&mut || packet.seal(black_box(&mut sa)), &mut || black_box(&mut plain).seal(), &mut || {
            black_box(&mut padded).seal();
        }];

    let mut times = [const { Vec::new() }; 3];
    let mut ratios = [const { Vec::new() }; 2];
    for round in 0..WARM_UP + ROUNDS {
        let mut took = [0.0; 3];
        for turn in 0..runs.len() {
            let who = (round + turn) % runs.len();
            if let (Some(run), Some(took)) = (runs.get_mut(who), took.get_mut(who)) {
                *took = nanoseconds(run);
            }
        }
        if round >= WARM_UP {
            times.iter_mut().zip(took).for_each(|(times, took)| times.push(took));
            let [seal, bare @ ..] = took;
            ratios.iter_mut().zip(bare).for_each(|(ratios, bare)| ratios.push(seal / bare));
        }
    }
    let [seal, plain, padded] = times.map(|mut times| at(&mut times, 0.5));
    println!("ESP seal, {suite}, {SIZE} bytes: {seal:.1} ns; {ROUNDS} interleaved pairs with each of:");
    let bare = [(SIZE, plain), (ENCRYPTED, padded)];
    for ((bytes, bare), ratios) in bare.into_iter().zip(&mut ratios) {
        let [low, middle, high] = [0.1, 0.5, 0.9].map(|part| at(ratios, part));
        println!(
            "  bare ring, {bytes} bytes: {bare:.1} ns; ratio {middle:.3}, of the pairs 10 % below {low:.3} and \
             10 % above {high:.3}"
        );
    }
    let ratio = ratios.map(|mut ratios| at(&mut ratios, 0.5)).into_iter().fold(0.0, f64::max);
    println!("ratio {ratio:.2}");
    if ratio > LIMIT && std::env::args().any(|argument| argument == "--check") {
        eprintln!("ESP may cost at most {LIMIT:.2} times the bare call");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// What one call takes, of a run of them.
fn nanoseconds(call: &mut dyn FnMut()) -> f64 {
    let started = Instant::now();
    for _ in 0..RUN {
        call();
    }
    started.elapsed().as_secs_f64() * 1e9 / f64::from(RUN)
}

/// The value below which `part` of the list lies.
fn at(list: &mut [f64], part: f64) -> f64 {
    list.sort_by(f64::total_cmp);
    let index = (list.len().saturating_sub(1)) as f64 * part;
    list.get(index as usize).copied().unwrap_or(f64::NAN)
}
