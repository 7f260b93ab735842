//! What `--help` shows.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::process::Command;

fn help(of: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_adit")).args(of).arg("--help").output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{of:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The commands listed in a help text.
fn commands(help: &str) -> Vec<&str> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.trim().is_empty());
    listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|it| !it.is_empty()).collect()
}

/// Checks a command and those below it; says how many there were.
fn check(of: &[&str]) -> usize {
    let text = help(of);
    let (_, examples) = text.split_once("Examples:\n").unwrap_or_else(|| panic!("{of:?} shows no examples"));
    let examples = examples.lines().take_while(|line| !line.trim().is_empty());
    let begins = format!("adit {}", of.join(" "));
    let own = examples.filter(|line| line.trim().trim_start_matches("sudo ").starts_with(begins.trim()));
    assert!(own.count() > 0, "{of:?} shows no example of its own:\n{text}");
    let below = commands(&text).into_iter().filter(|command| *command != "help");
    1 + below.map(|command| check(&[of, &[command]].concat())).sum::<usize>()
}

#[test]
fn every_command_shows_examples() {
    assert!(check(&[]) > 16);
}
