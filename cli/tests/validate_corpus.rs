//! `adit validate` over the corpus: what Apple's own parser refuses is refused with its place, signed files are
//! opened, and nothing else is a syntax error.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("ADIT_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")), PathBuf::from);
    let corpus = shared.join("corpus");
    if corpus.is_dir() {
        return Some(corpus);
    }
    println!("LEFT OUT: validate corpus: {} is not there", corpus.display());
    None
}

#[test]
fn verdicts_agree_with_apples_parser() {
    let Some(corpus) = corpus() else { return };
    let oracle = std::fs::read_to_string(corpus.join("oracle.tsv")).unwrap();
    let (mut refused, mut signed, mut read) = (0, 0, 0);
    for line in oracle.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (file, container, verdict) = (columns[0], columns[1], columns[2]);
        signed += usize::from(container.starts_with("cms"));
        let path = corpus.join("profiles").join(file);
        let text = Command::new(env!("CARGO_BIN_EXE_adit")).arg("validate").arg(&path).output().unwrap();
        let json = Command::new(env!("CARGO_BIN_EXE_adit"))
            .args(["validate", "--format", "json"])
            .arg(&path)
            .output()
            .unwrap();
        assert_eq!(text.status, json.status, "{file}");
        let report: Value = serde_json::from_slice(&json.stdout).unwrap();
        let report = &report["files"][0];
        let syntax: Vec<&Value> = report["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|found| {
                let code = found["code"].as_str().unwrap();
                // A template is refused with a code of its own.
                let syntax = code.starts_with("container.") || code == "template.control-flow";
                found["severity"] == "error" && syntax
            })
            .collect();
        let shown = String::from_utf8_lossy(&text.stdout);
        if container.starts_with("cms") {
            assert_eq!(report["format"]["content"]["kind"], "xml", "{file}: {report}");
        }
        if verdict == "refused" {
            refused += 1;
            assert_eq!(text.status.code(), Some(1), "{file}: {shown}");
            let place =
                &syntax.first().unwrap_or_else(|| panic!("{file}: no syntax error: {report}"))["location"];
            assert!(place["line"].as_u64().unwrap() >= 1 && place["column"].as_u64().unwrap() >= 1, "{file}");
            assert!(shown.contains(&format!(":{}:{}", place["line"], place["column"])), "{file}: {shown}");
        } else {
            read += 1;
            assert!(syntax.is_empty(), "{file}: {syntax:?}");
            assert_ne!(text.status.code(), Some(2), "{file}: {shown}");
        }
    }
    println!("refused {refused}, signed {signed}, read {read}");
    assert_eq!((refused, signed), (11, 14));
    assert_eq!(read, 89);
}

#[test]
fn a_missing_file_ends_with_two_and_the_others_are_judged() {
    let output = Command::new(env!("CARGO_BIN_EXE_adit"))
        .args(["validate", "--format", "json", "/nonexistent/a.mobileconfig"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["files"][0]["verdict"], "unreadable");
}
