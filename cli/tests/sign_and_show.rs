//! `adit sign` and `adit show`, through the command line: what is signed verifies here and in `openssl`, and shows.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("adit-sign-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn adit(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_adit")).args(arguments).output().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Files of the profile crate's tests.
fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../core/profile/tests")).join(name)
}

fn openssl(suite: &str) -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !found {
        println!("LEFT OUT: {suite}: there is no openssl command");
    }
    found
}

/// Puts key and certificate of the PKCS#12 tests into PEM files.
fn pem(label: &str, der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut body = String::new();
    for (index, group) in der.chunks(3).enumerate() {
        if index % 16 == 0 {
            body.push('\n');
        }
        let bits =
            group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]);
            body.push(if place <= group.len() { digit } else { '=' });
        }
    }
    format!("-----BEGIN {label}-----{body}\n-----END {label}-----\n")
}

fn key_files(folder: &Folder, kind: &str) -> (PathBuf, PathBuf) {
    let der = |name: &str| fs::read(fixture(&format!("pkcs12/{name}"))).unwrap();
    let key = folder.write("key.pem", pem("PRIVATE KEY", &der(&format!("{kind}.pk8"))));
    let chain = [kind, "int", "ca"].map(|name| pem("CERTIFICATE", &der(&format!("{name}.der")))).concat();
    (key, folder.write("chain.pem", chain))
}

fn s(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn each_kind_of_key_signs_and_the_result_verifies_here_and_in_openssl() {
    let profile = fixture("cms/profile.mobileconfig");
    let content = fs::read(&profile).unwrap();
    let has_openssl = openssl("signed profiles against openssl");
    for kind in ["rsa", "p256", "p384", "p521", "ed25519"] {
        let folder = Folder::new(kind);
        let (key, chain) = key_files(&folder, kind);
        let out = folder.path("signed.mobileconfig");
        let signed = adit(&["sign", s(&profile), "--key", s(&key), "--cert", s(&chain), "--output", s(&out)]);
        assert_eq!(code(&signed), 0, "{kind}: {}", text(&signed.stderr));
        assert!(text(&signed.stderr).contains("the signature is valid"), "{}", text(&signed.stderr));
        assert_eq!(text(&signed.stderr).contains("Ed25519:"), kind == "ed25519");
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);

        let shown = adit(&["show", "--unmask", s(&out)]);
        assert_eq!((code(&shown), &shown.stdout), (0, &content), "{kind}: {}", text(&shown.stderr));
        assert!(text(&shown.stderr).contains(&format!("signed by CN={kind}")), "{}", text(&shown.stderr));
        let json = adit(&["show", "--json", s(&out)]);
        let json: Value = serde_json::from_slice(&json.stdout).unwrap();
        assert_eq!(json["signature"]["verified"], true);
        assert_eq!(json["signature"]["certificates"].as_array().unwrap().len(), 3);
        assert_eq!(json["format"]["content"]["kind"], "xml");
        assert_eq!(code(&adit(&["validate", s(&out)])), code(&adit(&["validate", s(&profile)])));

        // OpenSSL 3.0 has no Ed25519 in CMS.
        if has_openssl && kind != "ed25519" {
            let root =
                folder.write("ca.pem", pem("CERTIFICATE", &fs::read(fixture("pkcs12/ca.der")).unwrap()));
            let verified = Command::new("openssl")
                .args(["cms", "-verify", "-binary", "-inform", "DER", "-purpose", "any", "-CAfile"])
                .args([s(&root), "-in", s(&out)])
                .output()
                .unwrap();
            assert!(verified.status.success(), "{kind}: {}", text(&verified.stderr));
            assert_eq!(verified.stdout, content);
        }
    }
}

#[test]
fn keys_come_from_pkcs12_and_encrypted_pem_too() {
    let folder = Folder::new("inputs");
    let profile = folder.write("office.mobileconfig", fs::read(fixture("cms/profile.mobileconfig")).unwrap());
    let password = folder.write("password", "secret\n");
    let p12 = fixture("pkcs12/modern-p256.p12");
    let signed = adit(&["sign", s(&profile), "--p12", s(&p12), "--password-file", s(&password)]);
    assert_eq!(code(&signed), 0, "{}", text(&signed.stderr));
    // Beside the profile, where no other is named.
    assert!(folder.path("office-signed.mobileconfig").exists(), "{}", text(&signed.stdout));
    let wrong = folder.write("wrong", "Secret\n");
    let refused = adit(&["sign", s(&profile), "--p12", s(&p12), "--password-file", s(&wrong), "--force"]);
    assert_eq!(code(&refused), 2);
    assert!(text(&refused.stderr).contains("password does not open"), "{}", text(&refused.stderr));
    // An encrypted key that is not the certificate's: opened, and then refused.
    let (key, certificate) = (fixture("cms/keys/encrypted.pem"), fixture("cms/certificate.pem"));
    let base = ["sign", s(&profile), "--key", s(&key), "--cert", s(&certificate), "--output", "-"];
    let refused = adit(&[&base[..], &["--password-file", s(&password)]].concat());
    assert_eq!(code(&refused), 2);
    assert!(
        text(&refused.stderr).contains("not that of the certificate of CN=p256 signer"),
        "{}",
        text(&refused.stderr)
    );
    assert!(refused.stdout.is_empty());
    let refused = adit(&[&base[..], &["--password-file", s(&wrong)]].concat());
    assert!(
        text(&refused.stderr).contains("password does not open the private key"),
        "{}",
        text(&refused.stderr)
    );
}

#[test]
fn what_should_not_be_signed_is_not() {
    let folder = Folder::new("refused");
    let (key, chain) = key_files(&folder, "p256");
    let sign = |file: &Path, more: &[&str]| {
        adit(&[&["sign", s(file), "--key", s(&key), "--cert", s(&chain)], more].concat())
    };
    let signed_already = fixture("cms/rsa-sha256.cms");
    let refused = sign(&signed_already, &["--output", "-"]);
    assert_eq!(code(&refused), 1);
    assert!(text(&refused.stderr).contains("signed already") && text(&refused.stderr).contains("--resign"));
    let resigned = sign(&signed_already, &["--output", "-", "--resign"]);
    assert_eq!(code(&resigned), 0, "{}", text(&resigned.stderr));
    let resigned = folder.write("resigned", &resigned.stdout);
    let shown = adit(&["show", "--json", s(&resigned)]);
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["signature"]["signers"].as_array().unwrap().len(), 1);
    assert!(shown["signature"]["signers"][0]["name"].as_str().unwrap().starts_with("CN=p256"), "{shown}");

    let broken = folder.write("broken.mobileconfig", "<plist><dict><key>a</dict></plist>");
    let refused = sign(&broken, &[]);
    assert_eq!(code(&refused), 1);
    assert!(text(&refused.stderr).contains("malformed and not signed"), "{}", text(&refused.stderr));
    assert!(!folder.path("broken-signed.mobileconfig").exists());
    assert_eq!(code(&sign(&folder.write("note", "hello"), &[])), 2);
    assert_eq!(code(&sign(&fixture("cms/enveloped.cms"), &["--output", "-", "--resign"])), 2);
    assert_eq!(code(&sign(&fixture("cms/detached.cms"), &["--output", "-", "--resign"])), 2);

    // Nothing is overwritten unasked.
    let profile = fixture("cms/profile.mobileconfig");
    let out = folder.write("out", "precious");
    let refused = sign(&profile, &["--output", s(&out)]);
    assert_eq!((code(&refused), fs::read(&out).unwrap()), (2, b"precious".to_vec()));
    assert!(text(&refused.stderr).contains("--force"));
    assert_eq!(code(&sign(&profile, &["--output", s(&out), "--force"])), 0);
    assert_ne!(fs::read(&out).unwrap(), b"precious");
    // Half of the arguments.
    assert_eq!(code(&adit(&["sign", s(&profile)])), 2);
    assert_eq!(code(&adit(&["sign", s(&profile), "--key", s(&key)])), 2);
}

#[test]
fn f03_show_masks_secrets_unless_asked() {
    for name in ["profile.mobileconfig", "profile.bplist", "ber.cms", "binary.cms", "cms.pem"] {
        let file = fixture("cms").join(name);
        let masked = adit(&["show", s(&file)]);
        assert_eq!(code(&masked), 0, "{name}: {}", text(&masked.stderr));
        let shown = text(&masked.stdout);
        assert!(
            shown.contains("<string>********</string>") && !shown.contains("correct horse"),
            "{name}: {shown}"
        );
        assert!(shown.starts_with("<?xml") && shown.contains("com.example.signed"), "{name}: {shown}");
        let json = text(&adit(&["show", "--json", s(&file)]).stdout);
        assert!(!json.contains("correct horse") && json.contains("\"masked\":true"), "{name}: {json}");
        let plain = text(&adit(&["show", "--unmask", s(&file)]).stdout);
        assert!(plain.contains("<string>correct horse</string>"), "{name}: {plain}");
        let said = text(&masked.stderr);
        let signed = if name.starts_with("profile") { "not signed" } else { "the signature is valid" };
        assert!(said.contains(signed) && !said.contains("correct horse"), "{name}: {said}");
    }
    let folder = Folder::new("show");
    let out = folder.path("out.xml");
    let file = fixture("cms/ber.cms");
    assert_eq!(code(&adit(&["show", s(&file), "--unmask", "--output", s(&out)])), 0);
    assert_eq!(fs::read(&out).unwrap(), fs::read(fixture("cms/profile.mobileconfig")).unwrap());
    assert_eq!(code(&adit(&["show", s(&file), "--output", s(&out)])), 2);
}

#[test]
fn show_says_what_is_wrong_with_a_signature() {
    let folder = Folder::new("wrong");
    let mut changed = fs::read(fixture("cms/rsa-sha256.cms")).unwrap();
    let at = changed.windows(7).position(|window| window == b"correct").unwrap();
    changed[at] = b'C';
    let changed = folder.write("changed", changed);
    let shown = adit(&["show", s(&changed)]);
    assert_eq!(code(&shown), 1);
    assert!(text(&shown.stderr).contains("changed after it was signed"), "{}", text(&shown.stderr));
    assert!(text(&shown.stdout).contains("com.example.signed"));
    for (name, expected) in [
        ("cms/expired.cms", "its certificate expired at 2021-01-01T00:00:00Z"),
        ("cms/future.cms", "is not valid before 2100-01-01T00:00:00Z"),
        ("cms/rsa-sha1.cms", "SHA-1 is too weak"),
        ("cms/rsa-md5.cms", "was not checked: the digest algorithm MD5 is not supported"),
        ("cms/nocerts.cms", "the signer's certificate is not in the file"),
        ("cms/p256-sha256.cms", "(CN=intermediate signer, O=Adit Tests) is not in the file"),
    ] {
        let shown = adit(&["show", s(&fixture(name))]);
        assert_eq!(code(&shown), 0, "{name}: {}", text(&shown.stderr));
        assert!(text(&shown.stderr).contains(expected), "{name}: {}", text(&shown.stderr));
    }
    for (name, expected) in [
        ("cms/enveloped.cms", "encrypted"),
        ("cms/detached.cms", "detached"),
        ("cms/nested.cms", "itself CMS"),
        ("cms/certificate.der", "this is a certificate (CN=p256 signer, O=Adit Tests), not a profile"),
        ("cms/certificate.pem", "this is a certificate (CN=p256 signer, O=Adit Tests), not a profile"),
        ("pkcs12/modern-p256.p12", "PKCS#12"),
    ] {
        let shown = adit(&["show", s(&fixture(name))]);
        assert_eq!((code(&shown), shown.stdout.is_empty()), (2, true), "{name}");
        assert!(text(&shown.stderr).contains(expected), "{name}: {}", text(&shown.stderr));
        let validated = adit(&["validate", s(&fixture(name))]);
        assert!(text(&validated.stdout).contains(expected), "{name}: {}", text(&validated.stdout));
    }
}

#[test]
fn connect_refuses_a_profile_that_was_changed_after_it_was_signed() {
    let folder = Folder::new("connect");
    let (key, chain) = key_files(&folder, "p256");
    let profile = folder.write(
        "vpn.mobileconfig",
        "<plist version=\"1.0\"><dict><key>PayloadContent</key><array><dict><key>PayloadType</key>\
         <string>com.apple.vpn.managed</string><key>VPNType</key><string>IKEv2</string><key>IKEv2</key><dict>\
         <key>RemoteAddress</key><string>vpn.invalid</string></dict></dict></array></dict></plist>",
    );
    let out = folder.path("signed");
    let signed = adit(&["sign", s(&profile), "--key", s(&key), "--cert", s(&chain), "--output", s(&out)]);
    assert_eq!(code(&signed), 0, "{}", text(&signed.stderr));
    // Sound: what is said is about the settings that are missing.
    let refused = text(&adit(&["connect", s(&out)]).stderr);
    assert!(refused.contains("makes no tunnel") && !refused.contains("it is signed"), "{refused}");
    let mut bytes = fs::read(&out).unwrap();
    let at = bytes.windows(11).position(|window| window == b"vpn.invalid").unwrap();
    bytes[at] = b'w';
    let changed = folder.write("changed", bytes);
    let refused = adit(&["connect", s(&changed)]);
    assert_eq!(code(&refused), 2);
    assert!(
        text(&refused.stderr).contains("the content was changed after it was signed"),
        "{}",
        text(&refused.stderr)
    );
}

#[test]
fn validate_shows_the_lines_of_the_profile_inside() {
    let folder = Folder::new("inside");
    let (key, chain) = key_files(&folder, "p256");
    // Sound as a property list; the rules find something in it.
    let lines = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n\t<key>PayloadContent</key>\n\
        \t<string>not an array</string>\n</dict>\n</plist>\n";
    let profile = folder.write("inside.mobileconfig", lines);
    let signed = adit(&["sign", s(&profile), "--key", s(&key), "--cert", s(&chain)]);
    assert_eq!(code(&signed), 0, "{}", text(&signed.stderr));
    let out = folder.path("inside-signed.mobileconfig");
    let validated = adit(&["validate", s(&out)]);
    assert_eq!(code(&validated), 1);
    let shown = text(&validated.stdout);
    assert!(shown.contains("inside-signed.mobileconfig:5:"), "{shown}");
    let report = adit(&["validate", "--format", "json", s(&out)]);
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    let found = report["files"][0]["diagnostics"].as_array().unwrap();
    let found = found.iter().find(|found| found["code"] == "profile.content-not-array").unwrap();
    assert_eq!(found["location"]["line"], 5, "{found}");
    let start = usize::try_from(found["location"]["byte_start"].as_u64().unwrap()).unwrap();
    assert!(lines[start..].starts_with("<string>not an array"), "{found}");
}
