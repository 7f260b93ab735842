//! `adit rules` from outside, and the hook that runs `adit validate` before a commit.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn adit(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_adit")).args(args).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn every_rule_is_listed_with_severity_title_family_and_source() {
    let json: Value = serde_json::from_slice(&adit(&["rules", "--format", "json"]).stdout).unwrap();
    let listed = json.as_array().unwrap();
    let rules: Vec<_> = adit_profile::rules::all().collect();
    assert_eq!(listed.len(), rules.len());
    let text = out(&adit(&["rules"]));
    for (found, rule) in listed.iter().zip(rules) {
        assert_eq!(found["code"], rule.code.as_str());
        assert_eq!(found["level"], serde_json::to_value(rule.level).unwrap());
        assert_eq!(found["title"], rule.title);
        assert_eq!(found["family"], rule.code.family());
        assert_eq!(found["source"], rule.source);
        assert!(
            text.lines().any(|line| line.contains(rule.code.as_str()) && line.contains(rule.title)),
            "{}",
            rule.code
        );
    }
}

#[test]
fn families_and_codes_choose_and_wrong_names_are_told() {
    let text = out(&adit(&["rules", "ppk", "sa.weak-dh"]));
    assert!(
        text.contains("ppk.pair") && text.contains("sa.weak-dh") && !text.contains("sa.weak-cipher"),
        "{text}"
    );
    let wrong = adit(&["rules", "nothing"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("`nothing`"));
}

/// The command and the pattern of `.pre-commit-hooks.yaml`: it names files behind the command, as pre-commit does.
#[test]
fn the_hook_before_a_commit_refuses_what_is_wrong() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let hook = fs::read_to_string(root.join(".pre-commit-hooks.yaml")).unwrap();
    let value = |key: &str| {
        let line = hook.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("{key} in {hook}")).to_owned()
    };
    let entry = value("entry");
    let words: Vec<&str> = entry.split(' ').collect();
    assert_eq!((words[0], value("files").as_str()), ("adit", r"\.mobileconfig$"));
    let base =
        fs::read_to_string(root.join("core/profile/tests/rules/bases/ikev2-psk.mobileconfig")).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (name, text, code) in [
        ("hook-good.mobileconfig", base.clone(), 0),
        ("hook-bad.mobileconfig", base.replace("<string>IKEv2</string>", "<string>ikev2</string>"), 1),
    ] {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        let output = adit(&[&words[1..], &[path.to_str().unwrap()]].concat());
        assert_eq!(output.status.code(), Some(code), "{name}: {}", out(&output));
    }
    // The workflow's command is one that the program takes.
    let workflow = fs::read_to_string(root.join("docs/examples/validate-workflow.yml")).unwrap();
    let run = workflow.lines().find_map(|line| line.trim().strip_prefix("- run: adit ")).unwrap();
    let arguments: Vec<&str> = run
        .split(" > ")
        .next()
        .unwrap()
        .split(' ')
        .map(|word| if word == "." { "hook-good.mobileconfig" } else { word })
        .collect();
    let output =
        Command::new(env!("CARGO_BIN_EXE_adit")).args(arguments).current_dir(folder).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}
