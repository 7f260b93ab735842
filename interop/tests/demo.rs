//! `adit demo` as a newcomer runs it: the release build, all of it, on this machine's loopback.

use std::process::Command;
use std::time::{Duration, Instant};

use adit_interop::adit;
use serde_json::Value;

/// What the demo may take, of which it measures most itself and ends.
const LIMIT: Duration = Duration::from_secs(20);
/// What it may hold at most.
const MEMORY: u64 = 64 << 20;

#[test]
fn must_show_the_demo_moves_256_mib_and_loses_nothing() {
    // No rights are needed: with root the rights are given away first.
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    let program = adit::program().unwrap();
    let mut command = if root {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    let started = Instant::now();
    let output = command.args(["demo", "--json"]).output().unwrap();
    let took = started.elapsed();
    let text = String::from_utf8(output.stdout).unwrap();
    let said = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    let report: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let number = |name: &str| report[name].as_u64().unwrap();
    assert_eq!((&report["ok"], &report["profile"]), (&true.into(), &"accepted".into()), "{report}");
    assert_eq!((number("bytes"), &report["sha256_match"]), (256 << 20, &true.into()), "{report}");
    // Every byte went through the tunnel, in packets of at most 1,400.
    assert!(number("packets_sent") > (256 << 20) / 1400, "{report}");
    assert_eq!((number("packets_lost"), number("packets_sent")), (0, number("packets_received")), "{report}");
    assert!(number("rekeys_child") >= 1 && number("rekeys_ike") >= 1, "{report}");
    assert!((1..MEMORY).contains(&number("peak_rss_bytes")), "{report}");
    assert!(report["ping_ms"].as_f64().unwrap() > 0.0 && report["handshake_ms"].as_f64().unwrap() > 0.0);
    assert!(took < LIMIT, "{} s: {report}", took.as_secs_f64());
    println!(
        "MEASURED: adit demo: 256 MiB at {:.2} Gbit/s, {:.1} s in all, {} MiB of memory at most",
        report["gbit_per_s"].as_f64().unwrap(),
        took.as_secs_f64(),
        number("peak_rss_bytes") >> 20
    );
}
