//! The surface stays small and its generated sources stay what they are: each field costs an app about two kilobytes.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join(path)).unwrap()
}

/// Fields of records, of enumerations' cases and of errors, as the Kotlin source declares them.
fn fields(source: &str) -> usize {
    let declares = |line: &str| {
        let line = line.rsplit("*/").next().unwrap_or_default().trim_start();
        line.starts_with("val `") || line.starts_with("var `")
    };
    source.lines().filter(|line| declares(line)).count()
}

#[test]
fn at_most_150_fields_cross() {
    let count = fields(&read("kotlin/core/src/main/kotlin/adit/core/generated/adit.kt"));
    assert!((80..=150).contains(&count), "{count} fields");
    println!("{count} fields");
}

#[test]
fn a_session_has_these_functions_and_no_bytes_cross_in_them() {
    let source = read("swift-package/Sources/Adit/Generated/Adit.swift");
    let (_, class) = source.split_once("open class Session: ").unwrap();
    let (class, _) = class.split_once("public struct FfiConverterTypeSession: ").unwrap();
    let functions: Vec<&str> = class.lines().filter_map(|line| line.strip_prefix("open func ")).collect();
    let bytes: Vec<&&str> = functions.iter().filter(|line| line.contains("Data")).collect();
    assert!(bytes.is_empty(), "{bytes:?}");
    let names: Vec<&str> = functions.iter().filter_map(|line| line.split('(').next()).collect();
    let expected = [
        "answer",
        "attachPackets",
        "attachTun",
        "isClosed",
        "logTail",
        "networkChanged",
        "nextEvent",
        "sleep",
        "stats",
        "stop",
        "waitEvent",
        "wake",
    ];
    assert_eq!(names, expected, "about a dozen");
}

#[test]
fn every_call_can_fail() {
    let source = read("swift-package/Sources/Adit/Generated/Adit.swift");
    let public =
        source.lines().filter(|line| line.starts_with("public func ") || line.starts_with("open func "));
    let mut count = 0;
    for line in public.filter(|line| !line.contains("func FfiConverter") && !line.contains("func uniffi")) {
        assert!(line.contains("throws"), "a panic in it would end the process: {line}");
        count += 1;
    }
    assert!(count > 20, "{count} functions");
}
