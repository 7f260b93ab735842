//! `adit convert` from the outside: declarations and back, the API's properties, refusals, secrets, and wrong input.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const PSK: &str = include_str!("../../core/profile/tests/rules/bases/ikev2-psk.mobileconfig");
const L2TP: &str = include_str!("../../core/profile/tests/rules/bases/l2tp.mobileconfig");
const SECRET: &str = "rW7-fpQz4kLm2vXy9sTb6nHc";

fn adit(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_adit")).arg("convert").args(args).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn folder(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("convert").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn f03_a_profile_becomes_a_declaration_and_a_to_do_list() {
    let folder = folder("forward");
    let path = file(&folder, "a.mobileconfig", PSK);
    let output = adit(&[&path, "--to", "declarations"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let declaration: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(declaration["Type"], "com.apple.configuration.network.vpn.ikev2");
    let reference = declaration["Payload"]["Authentication"]["CredentialsAssetReference"].as_str().unwrap();
    assert!(
        err(&output)
            .contains(&format!("make the asset {reference} (com.apple.asset.credential.userpassword)"))
    );
    assert!(err(&output).contains("lost: "));
    assert!(!out(&output).contains(SECRET) && !err(&output).contains(SECRET));

    let output = adit(&[&path, "--to", "declarations", "--json"]);
    let report: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["declarations"][0], declaration);
    assert_eq!(report["assets"][0]["reference"], reference);
    assert!(report["refused"].as_array().unwrap().is_empty() && err(&output).is_empty());
    assert!(!out(&output).contains(SECRET));
}

#[test]
fn and_back_through_files() {
    let folder = folder("back");
    let path = file(&folder, "a.mobileconfig", PSK);
    let json = folder.join("a.json");
    let json = json.to_str().unwrap();
    assert!(adit(&[&path, "--to", "declarations", "-o", json]).status.success());
    // Nothing is overwritten unasked.
    assert_eq!(adit(&[&path, "--to", "declarations", "-o", json]).status.code(), Some(2));
    assert!(adit(&[&path, "--to", "declarations", "-o", json, "--force"]).status.success());
    let output = adit(&[json, "--to", "profile"]);
    assert!(output.status.success(), "{}", err(&output));
    assert!(
        out(&output).contains("{{asset.com.example.profile.vpn.shared-secret.password}}"),
        "{}",
        out(&output)
    );
    assert!(err(&output).contains("put in from the asset"), "{}", err(&output));
    let again = file(&folder, "b.mobileconfig", &out(&output));
    let output = adit(&[&again, "--to", "declarations"]);
    assert_eq!(out(&output), fs::read_to_string(json).unwrap());
    // The profile is sound but for what stands apart.
    let check =
        Command::new(env!("CARGO_BIN_EXE_adit")).args(["validate", &again, "--no-config"]).output().unwrap();
    assert!(
        out(&check).contains("template.") || err(&check).contains("template."),
        "{}{}",
        out(&check),
        err(&check)
    );
    assert_eq!(check.status.code(), Some(0), "{}{}", out(&check), err(&check));
}

#[test]
fn templates_are_filled_in_first() {
    let folder = folder("template");
    let jinja = PSK.replace("<string>vpn.example.com</string>", "<string>{{ host }}.example.com</string>");
    let jinja = jinja.replace("<key>LocalIdentifier</key>", "{% if client %}\n<key>LocalIdentifier</key>");
    let jinja =
        jinja.replace("<key>AuthenticationMethod</key>", "{% endif %}\n<key>AuthenticationMethod</key>");
    let path = file(&folder, "a.j2", &jinja);
    for to in ["declarations", "api"] {
        assert_eq!(adit(&[&path, "--to", to]).status.code(), Some(1), "a template is no profile");
        let as_it_is = adit(&[&path, "--to", to, "--template"]);
        assert!(as_it_is.status.success(), "{}", err(&as_it_is));
        assert!(out(&as_it_is).contains("{{ host }}.example.com"), "{}", out(&as_it_is));
        let filled = adit(&[&path, "--to", to, "--set", "host=gw"]);
        assert!(filled.status.success(), "{}", err(&filled));
        assert!(
            out(&filled).contains("gw.example.com") && !out(&filled).contains("{{ host"),
            "{}",
            out(&filled)
        );
    }
    // Declarations are no templates; a value that is not NAME=VALUE is wrong usage, one for nothing is told.
    let json = file(&folder, "a.json", "{}");
    assert_eq!(adit(&[&json, "--to", "profile", "--set", "host=gw"]).status.code(), Some(2));
    assert_eq!(adit(&[&path, "--to", "api", "--set", "host"]).status.code(), Some(2));
    let in_vain = adit(&[&path, "--to", "api", "--set", "hots=gw"]);
    assert!(
        err(&in_vain).contains("does not ask for hots")
            && err(&in_vain).contains("nothing was given for host")
    );
    // A signed one cannot be filled in, which is told.
    let signed = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/profile/tests/cms/rsa-sha256.cms");
    let output = adit(&[signed, "--to", "api", "--set", "host=gw"]);
    assert!(err(&output).contains("--set fills nothing in"), "{}", err(&output));
}

#[test]
fn several_are_an_array_and_payload_chooses() {
    let folder = folder("several");
    let start = PSK.find("<array>").unwrap() + "<array>".len();
    let end = PSK.rfind("</array>").unwrap();
    let one = &PSK[start..end];
    let two = file(&folder, "two.mobileconfig", &format!("{}{one}{}", &PSK[..end], &PSK[end..]));
    let all: Value = serde_json::from_str(&out(&adit(&[&two, "--to", "declarations"]))).unwrap();
    assert_eq!(all.as_array().unwrap().len(), 2);
    let only: Value =
        serde_json::from_str(&out(&adit(&[&two, "--to", "declarations", "--payload", "1"]))).unwrap();
    assert_eq!(only["Type"], "com.apple.configuration.network.vpn.ikev2");
    let output = adit(&[&two, "--to", "api", "--payload", "7"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("no such payload"), "{}", err(&output));
}

#[test]
fn f03_the_api_gets_properties_and_names_of_keychain_items() {
    let folder = folder("api");
    let path = file(&folder, "a.mobileconfig", PSK);
    let output = adit(&[&path, "--to", "api"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let manager: Value = serde_json::from_str(&out(&output)).unwrap();
    let protocol = &manager["properties"]["protocolConfiguration"];
    assert_eq!(protocol["class"], "NEVPNProtocolIKEv2");
    assert_eq!(
        protocol["properties"]["sharedSecretReference"]["keychain"],
        "com.example.profile.vpn.shared-secret"
    );
    assert!(err(&output).contains("store the shared secret in the keychain"), "{}", err(&output));
    assert!(!out(&output).contains(SECRET) && !err(&output).contains(SECRET));
}

#[test]
fn what_cannot_be_converted_is_refused_with_the_reason() {
    let folder = folder("refused");
    let path = file(&folder, "l2tp.mobileconfig", L2TP);
    for (to, says) in [("declarations", "no declaration for VPNType L2TP"), ("api", "no class for it")] {
        let output = adit(&[&path, "--to", to]);
        assert_eq!(output.status.code(), Some(1));
        assert!(out(&output).is_empty() && err(&output).contains(says), "{}", err(&output));
        let output = adit(&[&path, "--to", to, "--json"]);
        assert_eq!(output.status.code(), Some(1));
        let report: Value = serde_json::from_str(&out(&output)).unwrap();
        assert!(report["refused"][0]["reason"].as_str().unwrap().contains(says));
    }
}

#[test]
fn wrong_input_is_told_and_nothing_is_written() {
    let folder = folder("wrong");
    let profile = file(&folder, "a.mobileconfig", PSK);
    let broken = file(&folder, "broken.mobileconfig", &PSK[..PSK.len() / 2]);
    let no_vpn =
        file(&folder, "none.mobileconfig", "<plist><dict><key>PayloadContent</key><array/></dict></plist>");
    let other = file(
        &folder,
        "other.json",
        r#"{"Type":"com.apple.configuration.passcode.settings","Identifier":"a","Payload":{}}"#,
    );
    let null = file(&folder, "null.json", r#"[{"Type":null}]"#);
    let result = folder.join("result");
    let result = result.to_str().unwrap();
    for (args, code, says) in [
        (vec![profile.as_str(), "--to", "profile"], 1, "it is a profile already"),
        (vec![&broken, "--to", "declarations"], 1, "adit validate"),
        (vec![&other, "--to", "declarations"], 1, "--to profile converts declarations"),
        (vec![&no_vpn, "--to", "api"], 1, "holds no VPN"),
        (vec![&other, "--to", "profile"], 1, "the declaration is no VPN"),
        (vec![&null, "--to", "profile"], 1, "null has no meaning here"),
        (vec![&other, "--to", "profile", "--payload", "0"], 2, "--payload chooses a VPN of a profile"),
        (vec!["/nowhere/x", "--to", "api"], 2, "cannot read"),
        (vec![&profile, "--to", "toml"], 2, "possible values: declarations, profile, api"),
        (vec![&profile], 2, "--to <TO>"),
    ] {
        let mut args = args.clone();
        args.extend(["-o", result]);
        let output = adit(&args);
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", err(&output));
        assert!(err(&output).contains(says), "{args:?}: {}", err(&output));
        assert!(!Path::new(result).exists(), "{args:?}");
    }
}

#[test]
fn f03_the_ppk_is_written_only_when_asked_for() {
    let folder = folder("ppk");
    let keys = "<key>PPK</key><data>aHVudGVyMg==</data><key>PPKIdentifier</key><string>id</string>";
    let at = PSK.find("<key>RemoteAddress</key>").unwrap();
    let path = file(&folder, "a.mobileconfig", &format!("{}{keys}{}", &PSK[..at], &PSK[at..]));
    let output = adit(&[&path, "--to", "declarations"]);
    assert!(!out(&output).contains("aHVudGVyMg==") && out(&output).contains("{{secret."), "{}", out(&output));
    assert!(err(&output).contains("a placeholder stands in its place"), "{}", err(&output));
    assert!(out(&adit(&[&path, "--to", "declarations", "--unmask"])).contains("aHVudGVyMg=="));
}
