//! `adit probe` and `adit explain --server` against strongSwan: what they say is what the server does.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test ends at the first thing that does not work"
)]

mod cases;
mod pairs;

use std::path::Path;

use adit_interop::adit::program;
use adit_interop::net::{self, Between, Host, Rig};
use serde_json::Value;

/// A rig, or `None` after a line that says why there can be none.
fn rig(test: &str, between: Between) -> Option<Rig> {
    if let Some(reason) = net::unavailable() {
        println!("LEFT OUT: interop {test}: {reason}");
        return None;
    }
    Some(Rig::new(test, between).unwrap())
}

/// What a run of `adit` gave.
struct Ran {
    code: Option<i32>,
    json: Value,
    text: String,
}

/// Runs `adit` with `args` and a file on a host.
fn adit(host: &Host, command: &str, profile: &Path, more: &[&str]) -> Ran {
    let output =
        host.command(program().unwrap()).arg(command).arg(profile).arg("--json").args(more).output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    Ran {
        code: output.status.code(),
        json: serde_json::from_str(&stdout).unwrap_or(Value::Null),
        text: format!("{stdout}{}", String::from_utf8_lossy(&output.stderr)),
    }
}
