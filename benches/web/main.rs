//! The npm package's functions natively, to be measured beside WebAssembly: `web-native CALLS FILE` calls `check` that often
//! and prints the nanoseconds of a quick one: a tenth were quicker. What else the machine does makes calls longer only.
//!
//! `cargo xtask bench --web` builds it and lets it take turns with bench.mjs, which does the same in Node.

#![forbid(unsafe_code)]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (calls, file) = (arguments.next().and_then(|calls| calls.parse().ok()), arguments.next());
    let (Some(calls), Some(file)) = (calls, file) else {
        eprintln!("usage: web-native CALLS FILE");
        return ExitCode::from(2);
    };
    match std::fs::read(&file).map_err(|error| error.to_string()).and_then(|bytes| quick(&bytes, calls)) {
        Ok(nanoseconds) => {
            println!("{nanoseconds}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{file}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The time of a quick call with the same options as in bench.mjs, in nanoseconds. The copy of the file is part of it,
/// as it is where JavaScript hands the file over.
fn quick(bytes: &[u8], calls: usize) -> Result<u128, String> {
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let start = Instant::now();
        black_box(adit_wasm::check(black_box(bytes).to_vec(), r#"{"at":"2026-11-21T00:00:00Z"}"#, "")?);
        times.push(start.elapsed().as_nanos());
    }
    times.sort_unstable();
    times.get(calls / 10).copied().ok_or_else(|| "no call was asked for".to_owned())
}
