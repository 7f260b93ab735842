//! `adit gateway init`: the files of a first start, made once.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::PathBuf;
use std::process::{Command, Output};

fn init(folder: &PathBuf, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_adit"))
        .args(["gateway", "init"])
        .arg(folder)
        .args(args)
        .output()
        .unwrap()
}

#[test]
fn the_files_are_written_once_and_never_over_others() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("gateway-init");
    let _ = std::fs::remove_dir_all(&folder);
    let first = init(&folder, &[]);
    let said = String::from_utf8_lossy(&first.stdout).into_owned();
    assert!(first.status.success(), "{said}{}", String::from_utf8_lossy(&first.stderr));
    assert!(said.contains("Clients reach the gateway at "), "{said}");
    assert!(folder.join("gateway.toml").is_file());
    let profile = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "mobileconfig"))
        .unwrap();
    let judged = Command::new(env!("CARGO_BIN_EXE_adit")).arg("validate").arg(&profile).output().unwrap();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
    let again = init(&folder, &["--host", "192.0.2.1"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("nothing is overwritten"));
}
