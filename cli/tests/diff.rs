//! `adit diff` from the outside: exit codes, text, JSON, secrets, and wrong input.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

const PSK: &str = include_str!("../../core/profile/tests/rules/bases/ikev2-psk.mobileconfig");
const SECRET: &str = "rW7-fpQz4kLm2vXy9sTb6nHc";

fn adit(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_adit")).arg("diff").args(args).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn file(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("diff");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_same_in_another_writing_is_exit_code_0() {
    let first = file("same-a.mobileconfig", PSK);
    let tree =
        adit_profile::build::Value::of(adit_profile::Document::read(PSK.as_bytes()).root().unwrap()).unwrap();
    let second = file("same-b.mobileconfig", adit_profile::build::to_binary(&tree).unwrap());
    let output = adit(&[&first, &second]);
    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    assert_eq!(out(&output), "note: they are encoded differently (XML, its encoding, or binary)\nthe same\n");
}

#[test]
fn f03_differences_are_listed_and_secrets_only_named() {
    let first = file("changed-a.mobileconfig", PSK);
    let after = PSK
        .replacen("<integer>480</integer>", "<integer>60</integer>", 1)
        .replacen(SECRET, "hunter2hunter2", 1)
        .replacen(
            "<key>RemoteAddress</key>",
            "<key>MTU</key><integer>1300</integer><key>RemoteAddress</key>",
            1,
        )
        .replacen("com.example.profile.vpn", "com.example.other", 1);
    let second = file("changed-b.mobileconfig", after);
    let output = adit(&[&first, &second]);
    assert_eq!(output.status.code(), Some(1));
    for line in [
        "~ PayloadContent[0].IKEv2.ChildSecurityAssociationParameters.LifeTimeInMinutes: 480 -> 60\n",
        "~ PayloadContent[0].IKEv2.SharedSecret: secret\n",
        "+ PayloadContent[0].IKEv2.MTU: 1300\n",
        "~ PayloadContent[0].PayloadIdentifier: \"com.example.profile.vpn\" -> \"com.example.other\" (identity)\n",
        "\n3 changes, and 1 of identity\n",
    ] {
        assert!(out(&output).contains(line), "{line}{}", out(&output));
    }
    assert!(!out(&output).contains("hunter2") && !out(&output).contains(SECRET));
    let output = adit(&["--json", &first, &second]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!((&report["version"], &report["same"]), (&1.into(), &false.into()));
    assert_eq!(report["changes"].as_array().unwrap().len(), 4);
    let lifetime =
        report["changes"].as_array().unwrap().iter().find(|change| change["before"] == 480).unwrap();
    assert_eq!((&lifetime["kind"], &lifetime["after"]), (&"changed".into(), &60.into()));
    assert!(!out(&output).contains("hunter2") && !out(&output).contains(SECRET));
}

#[test]
fn a_template_filled_in_is_compared_with_what_became_of_it() {
    let jinja = PSK.replace("<string>vpn.example.com</string>", "<string>{{ host }}.example.com</string>");
    let jinja = jinja.replace("<key>LocalIdentifier</key>", "{% if client %}\n<key>LocalIdentifier</key>");
    let jinja =
        jinja.replace("<key>AuthenticationMethod</key>", "{% endif %}\n<key>AuthenticationMethod</key>");
    let (template, installed) = (file("template.j2", jinja), file("template-installed.mobileconfig", PSK));
    assert_eq!(adit(&[&template, &installed]).status.code(), Some(2), "a template is no profile");
    let as_it_is = adit(&["--template", &template, &installed]);
    assert_eq!(as_it_is.status.code(), Some(1), "{}", err(&as_it_is));
    assert!(
        out(&as_it_is).contains("\"{{ host }}.example.com\" -> \"vpn.example.com\""),
        "{}",
        out(&as_it_is)
    );
    // Only one of the two asks for the value, which is as it should be.
    for pair in [[&template, &installed], [&installed, &template]] {
        let same = adit(&["--set", "host=vpn", pair[0], pair[1]]);
        assert_eq!((same.status.code(), err(&same).as_str()), (Some(0), ""), "{}", out(&same));
    }
    let in_vain = adit(&["--set", "host=vpn", "--set", "hots=vpn", &template, &installed]);
    assert_eq!(in_vain.status.code(), Some(0));
    assert!(err(&in_vain).contains("neither of the two asks for hots"), "{}", err(&in_vain));
    assert!(!err(&in_vain).contains("asks for host\n"), "{}", err(&in_vain));
    assert_eq!(adit(&["--set", "host", &template, &installed]).status.code(), Some(2));
}

#[test]
fn identity_alone_can_be_ignored() {
    let first = file("identity-a.mobileconfig", PSK);
    let second =
        file("identity-b.mobileconfig", PSK.replacen("com.example.profile.vpn", "com.example.other", 1));
    let output = adit(&[&first, &second]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).ends_with("the same but for 1 change of identity\n"), "{}", out(&output));
    let output = adit(&["--ignore-identity", &first, &second]);
    assert_eq!(output.status.code(), Some(0));
    assert!(!out(&output).contains("PayloadIdentifier"));
}

#[test]
fn trouble_is_exit_code_2_and_names_the_file() {
    let good = file("good.mobileconfig", PSK);
    let broken = file("broken.mobileconfig", &PSK[..PSK.len() / 2]);
    let other = file("other.txt", "hello");
    for (args, says) in [
        (vec![good.as_str(), broken.as_str()], "broken.mobileconfig: "),
        (vec![other.as_str(), good.as_str()], "other.txt: not a configuration profile"),
        (vec![good.as_str(), "/nowhere/x"], "cannot read /nowhere/x"),
        (vec!["-", "-"], "only one of the two"),
        (vec![good.as_str()], "<AFTER>"),
    ] {
        let output = adit(&args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(says), "{args:?}: {}", err(&output));
        assert!(out(&output).is_empty());
    }
}
