//! The completion scripts: shells read them, and bash completes with them.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn script(shell: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_adit")).args(["completions", shell]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What `program` says to `script` on its input; `None` if it is not there.
fn read(program: &str, args: &[&str], script: &str) -> Option<Output> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    Some(child.wait_with_output().unwrap())
}

#[test]
fn every_command_is_in_every_script() {
    let help = Command::new(env!("CARGO_BIN_EXE_adit")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|word| !word.is_empty()))
        .collect();
    assert!(commands.contains(&"connect") && commands.contains(&"completions"), "{commands:?}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = script(shell);
        for command in &commands {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
        assert!(script.contains("password-file"), "{shell} does not know connect's options");
    }
}

#[test]
fn shells_read_their_scripts() {
    for (shell, program, args) in
        [("bash", "bash", ["-n"]), ("zsh", "zsh", ["-n"]), ("fish", "fish", ["--no-execute"])]
    {
        let Some(output) = read(program, &args, &script(shell)) else {
            // Bash is everywhere; the others only where somebody wants them.
            assert_ne!(shell, "bash", "bash is not installed");
            continue;
        };
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && complaint.is_empty(), "{shell}: {complaint}");
    }
}

#[test]
fn bash_completes_commands_and_options() {
    let script = script("bash");
    let complete = |words: &str, last: usize| {
        let ask = format!(
            "\nCOMP_WORDS=({words}); COMP_CWORD={last}; \
             _adit adit \"${{COMP_WORDS[$COMP_CWORD]}}\" \"${{COMP_WORDS[$((COMP_CWORD - 1))]}}\"; \
             complete -p adit > /dev/null && printf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
        );
        let output = read("bash", &["--norc"], &(script.clone() + &ask)).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let commands = complete("adit con", 1);
    assert_eq!(commands.lines().collect::<Vec<_>>(), ["connect", "convert"]);
    let options = complete("adit connect --pass", 2);
    assert_eq!(options.lines().collect::<Vec<_>>(), ["--password-file"]);
}
