//! `adit validate --fix` from outside: what changes, what does not, and what is refused.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "common/validate.rs"]
mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use adit_profile::build::{Value, to_binary};
use adit_profile::{Document, Verdict, check};
use common::{Folder, SECRET, broken, out};

#[test]
fn fixes_change_what_they_say_and_nothing_else() {
    let folder = Folder::new("fix");
    let before = broken().replace('\n', "\r\n");
    let path = folder.write("a.mobileconfig", &before);
    let shown = folder.adit(&["--diff", "a.mobileconfig"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), before, "--diff changes nothing");
    assert!(out(&shown).contains("+\t\t\t\t<integer>1</integer>"), "{}", out(&shown));
    let output = folder.adit(&["--fix", "a.mobileconfig"]);
    let text = out(&output);
    assert!(!text.contains(SECRET), "{text}");
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        before.replace("<true/>", "<integer>1</integer>"),
        "{text}"
    );
    assert_eq!(output.status.code(), Some(1), "the server's address is for a person to mend: {text}");
    let again = folder.adit(&["--fix", "a.mobileconfig"]);
    assert!(out(&again).contains("0 fixes applied"), "{}", out(&again));
    assert_eq!(folder.adit(&["--fix", "."]).status.code(), Some(2));
    assert_eq!(folder.adit(&["--fix", "missing"]).status.code(), Some(2));
}

/// The profile signed with a key of the PKCS#12 tests.
fn sign(folder: &Folder, profile: &str, signed: &str) {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/profile/tests/pkcs12");
    let output = Command::new(env!("CARGO_BIN_EXE_adit"))
        .args(["sign", profile, "--output", signed, "--key"])
        .arg(keys.join("p256.pk8"))
        .arg("--cert")
        .arg(keys.join("p256.der"))
        .current_dir(&folder.0)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_signed_file_is_refused_unless_it_may_lose_its_signature() {
    let folder = Folder::new("fix-signed");
    folder.write("a.mobileconfig", broken());
    sign(&folder, "a.mobileconfig", "signed.mobileconfig");
    let before = fs::read(folder.0.join("signed.mobileconfig")).unwrap();
    for flag in ["--fix", "--diff"] {
        let refused = folder.adit(&[flag, "signed.mobileconfig"]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(2), "{said}");
        assert!(said.contains("--unsigned-output"), "{said}");
        assert_eq!(fs::read(folder.0.join("signed.mobileconfig")).unwrap(), before, "nothing was written");
    }
    let mended = folder.adit(&["--fix", "--unsigned-output", "signed.mobileconfig"]);
    assert_eq!(mended.status.code(), Some(1), "{}", out(&mended));
    let after = fs::read_to_string(folder.0.join("signed.mobileconfig")).unwrap();
    assert_eq!(after, broken().replace("<true/>", "<integer>1</integer>"));
    assert!(out(&mended).contains("it is no longer signed"), "{}", out(&mended));
    // With nothing to mend the signature stays.
    folder.write("b.mobileconfig", &*after);
    sign(&folder, "b.mobileconfig", "sound.mobileconfig");
    let before = fs::read(folder.0.join("sound.mobileconfig")).unwrap();
    let kept = folder.adit(&["--fix", "--unsigned-output", "sound.mobileconfig"]);
    assert!(out(&kept).contains("0 fixes applied") && out(&kept).contains("and signed"), "{}", out(&kept));
    assert_eq!(fs::read(folder.0.join("sound.mobileconfig")).unwrap(), before);
}

#[test]
fn a_binary_file_is_written_anew() {
    let folder = Folder::new("fix-binary");
    let xml = broken();
    let document = Document::read(xml.as_bytes());
    let tree = Value::of(document.root().unwrap()).unwrap();
    let path = folder.write("a.mobileconfig", &*to_binary(&tree).unwrap());
    let output = folder.adit(&["--fix", "a.mobileconfig"]);
    let text = out(&output);
    assert!(text.contains("a binary file, written anew") && text.contains("1 fix applied"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
    let after = fs::read(path).unwrap();
    assert!(after.starts_with(b"bplist00"));
    let codes = |file: &[u8]| check(file).diagnostics.iter().map(|one| one.code.as_str()).collect::<Vec<_>>();
    assert!(
        codes(xml.as_bytes()).contains(&"type.bool-for-int") && !codes(&after).contains(&"type.bool-for-int")
    );
    // Nothing else changed.
    let mended = xml.replace("<true/>", "<integer>1</integer>");
    let expected = Document::read(mended.as_bytes());
    let found = Document::read(&after);
    assert_eq!(Value::of(found.root().unwrap()), Value::of(expected.root().unwrap()));
}

#[test]
fn unsafe_fixes_are_applied_only_when_asked_for() {
    let folder = Folder::new("fix-unsafe");
    let path = folder.write("a.mobileconfig", broken());
    assert_eq!(folder.adit(&["--fix", "a.mobileconfig"]).status.code(), Some(1));
    assert!(fs::read_to_string(&path).unwrap().contains("https://vpn.example.com"));
    let output = folder.adit(&["--fix", "--unsafe-fixes", "a.mobileconfig"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    let after = fs::read_to_string(&path).unwrap();
    assert!(!after.contains("https://"), "{after}");
    assert_ne!(check(after.as_bytes()).verdict(), Verdict::Refused);
}

#[test]
fn what_the_baseline_knows_does_not_count_and_the_report_is_text() {
    let folder = Folder::new("fix-baseline");
    folder.write("a.mobileconfig", broken());
    let known = ["--baseline", "known.json"];
    let with = |more: &[&str]| folder.adit(&[&known[..], more, &["a.mobileconfig"]].concat());
    assert!(with(&["--write-baseline"]).status.success());
    let output = with(&["--diff"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    assert!(out(&output).contains("0 findings left"), "{}", out(&output));
    for format in ["json", "sarif", "short", "junit"] {
        let refused = folder.adit(&["--fix", "--format", format, "a.mobileconfig"]);
        assert_eq!(refused.status.code(), Some(2), "{format}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("--format"), "{format}");
    }
}
