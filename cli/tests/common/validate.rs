//! Profiles to judge and a folder to do it in, for the tests of `adit validate`.

#![allow(dead_code, reason = "each suite uses a part of it")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Stands in the profiles here, and must stand in no report.
pub const SECRET: &str = "sEcReT-never-shown-1234567890";

/// A sound IKEv2 profile; `edits` are replacements in it.
pub fn profile(edits: &[(&str, &str)]) -> String {
    let base = include_str!("../../../core/profile/tests/rules/bases/ikev2-psk.mobileconfig");
    let mut text = base.replace("rW7-fpQz4kLm2vXy9sTb6nHc", SECRET);
    for (old, new) in edits {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text = text.replace(old, new);
    }
    text
}

/// Wrong in three ways: a server with a scheme (error), a boolean flag (notice), an unknown key (warning).
pub fn broken() -> String {
    profile(&[
        (
            "<key>RemoteAddress</key>\n\t\t\t\t<string>vpn.example.com</string>",
            "<key>RemoteAddress</key>\n\t\t\t\t<string>https://vpn.example.com</string>",
        ),
        (
            "<key>SharedSecret</key>",
            "<key>EnablePFS</key>\n\t\t\t\t<true/>\n\t\t\t\t<key>Flurb</key>\n\t\t\t\t<integer>1</integer>\n\t\t\t\t<key>SharedSecret</key>",
        ),
    ])
}

/// A folder of a test's own, empty at first.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("validate-{name}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// `adit validate` in the folder.
    pub fn adit(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_adit"))
            .arg("validate")
            .args(args)
            .current_dir(&self.0)
            .output()
            .unwrap()
    }
}

pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}
