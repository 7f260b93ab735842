//! Signed data made here: it reads back, and the `openssl` command, where it is installed, agrees.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use adit_profile::certificate::{PrivateKeyError, inspect, read_private_key};
use adit_profile::cms::build::{BuildError, Scheme, Unsigned};
use adit_profile::cms::{Verification, read};
use adit_profile::syntax::Date;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const NOW: Date = Date { year: 2026, month: 11, day: 21, hour: 15, minute: 30, second: 9 };

fn file(name: &str) -> Vec<u8> {
    fs::read(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pkcs12")).join(name)).unwrap()
}

fn chain(key: &str) -> Vec<Vec<u8>> {
    [key, "int", "ca"].iter().map(|name| file(&format!("{name}.der"))).collect()
}

/// The private number of a key of `tests/pkcs12`: the octet string of so many bytes inside.
fn number(key: &str, size: u8) -> Vec<u8> {
    let der = file(&format!("{key}.pk8"));
    let at = der.windows(2).position(|window| window == [0x04, size]).unwrap() + 2;
    der[at..at + usize::from(size)].to_vec()
}

fn sign(key: &str, message: &[u8]) -> Vec<u8> {
    let digest = Sha256::digest(message);
    macro_rules! ecdsa {
        ($curve:ident, $size:expr) => {{
            let key = $curve::ecdsa::SigningKey::from_slice(&number(key, $size)).unwrap();
            let signature: $curve::ecdsa::Signature = key.sign_prehash(&digest).unwrap();
            signature.to_der().as_bytes().to_vec()
        }};
    }
    match key {
        "p256" => ecdsa!(p256, 32),
        "p384" => ecdsa!(p384, 48),
        "p521" => ecdsa!(p521, 66),
        _ => {
            use ed25519_dalek::Signer;
            let seed: [u8; 32] = number(key, 32).try_into().unwrap();
            ed25519_dalek::SigningKey::from_bytes(&seed).sign(message).to_bytes().to_vec()
        }
    }
}

#[test]
fn what_is_signed_verifies_here_and_in_openssl() {
    let content = b"<plist version=\"1.0\"><dict/></plist>";
    let openssl = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !openssl {
        println!("left out: signed data made here, against openssl (no openssl command)");
    }
    for (key, scheme) in [
        ("p256", Scheme::EcdsaSha256),
        ("p384", Scheme::EcdsaSha256),
        ("p521", Scheme::EcdsaSha256),
        ("ed25519", Scheme::Ed25519),
    ] {
        let unsigned = Unsigned::new(content, &chain(key), NOW).unwrap();
        assert_eq!(unsigned.scheme(), scheme);
        let signature = sign(key, &unsigned.to_be_signed());
        let cms = unsigned.finish(&signature).unwrap();
        let signed = read(&cms).unwrap();
        assert!(signed.is_verified());
        assert_eq!(signed.content.as_deref().map(Vec::as_slice), Some(&content[..]));
        assert_eq!(signed.certificates.len(), 3);
        let signer = &signed.signers[0];
        assert_eq!(signer.signing_time, Some(NOW));
        assert_eq!(signed.signer_certificate(signer), Some(&inspect(&file(&format!("{key}.der"))).unwrap()));
        assert_eq!(signed.chain(signer).unwrap().certificates.len(), 3);
        // Not before OpenSSL 3.2.
        if openssl && key != "ed25519" {
            let path = std::env::temp_dir().join(format!("adit-cms-{key}-{}", std::process::id()));
            fs::write(&path, &cms).unwrap();
            let output = Command::new("openssl")
                .args(["cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in"])
                .arg(&path)
                .output()
                .unwrap();
            fs::remove_file(&path).unwrap();
            assert!(output.status.success(), "{key}: {}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.stdout, content);
        }
    }
}

#[test]
fn the_same_arguments_give_the_same_bytes() {
    let make = || {
        let unsigned = Unsigned::new(b"x", &chain("p256"), NOW).unwrap();
        let signature = sign("p256", &unsigned.to_be_signed());
        unsigned.finish(&signature).unwrap()
    };
    assert_eq!(make(), make());
    // A certificate given twice is in the set once.
    let twice = [chain("p256"), chain("p256")].concat();
    let unsigned = Unsigned::new(b"x", &twice, NOW).unwrap();
    let signature = sign("p256", &unsigned.to_be_signed());
    assert_eq!(unsigned.finish(&signature).unwrap(), make());
}

#[test]
fn a_key_that_is_not_the_certificates_is_refused() {
    let unsigned = Unsigned::new(b"x", &chain("p384"), NOW).unwrap();
    let signature = sign("p256", &unsigned.to_be_signed());
    let refused = unsigned.finish(&signature).unwrap_err();
    assert_eq!(refused, BuildError::Signature(Verification::SignatureMismatch));
    assert_eq!(Unsigned::new(b"x", &[], NOW).unwrap_err(), BuildError::NoCertificate);
    let broken = [chain("p256"), vec![vec![0x30, 0x00]]].concat();
    let refused = Unsigned::new(b"x", &broken, NOW).unwrap_err();
    assert!(matches!(refused, BuildError::Certificate { place: 4, .. }), "{refused:?}");
    let never = Date { month: 13, ..NOW };
    assert_eq!(Unsigned::new(b"x", &chain("p256"), never).unwrap_err(), BuildError::Time(never));
    // What is signed is not printed.
    assert_eq!(
        format!("{:?}", Unsigned::new(b"secret", &chain("p256"), NOW).unwrap()),
        "Unsigned(EcdsaSha256, 6 bytes)"
    );
}

#[test]
fn private_keys_are_read_from_der_and_pem_and_decrypted() {
    let plain = file("p256.pk8");
    assert_eq!(read_private_key(&plain, None).unwrap().expose(), plain);
    let key = |name: &str| {
        fs::read(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cms/keys")).join(name)).unwrap()
    };
    let plain = key("plain.pem");
    let der = read_private_key(&plain, None).unwrap();
    for name in ["encrypted.pem", "encrypted.der", "encrypted-3des.pem"] {
        let opened =
            read_private_key(&key(name), Some("secret")).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(opened, der, "{name}");
        assert_eq!(read_private_key(&key(name), None), Err(PrivateKeyError::NeedsPassword), "{name}");
        let wrong = read_private_key(&key(name), Some("Secret")).unwrap_err();
        assert_eq!(wrong.to_string(), "the password does not open the private key", "{name}");
    }
    assert_eq!(read_private_key(&key("old.pem"), Some("secret")), Err(PrivateKeyError::OldEncryption));
    assert!(read_private_key(&key("sec1.pem"), None).is_ok());
    let two = [plain.clone(), plain].concat();
    assert_eq!(read_private_key(&two, None), Err(PrivateKeyError::Several));
    assert_eq!(read_private_key(b"nothing", None), Err(PrivateKeyError::NoKey));
    let certificate = b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    assert_eq!(read_private_key(certificate, None), Err(PrivateKeyError::NoKey));
    let broken = b"-----BEGIN PRIVATE KEY-----\nM*A=\n-----END PRIVATE KEY-----\n";
    assert_eq!(read_private_key(broken, None), Err(PrivateKeyError::BadPem));
    assert!(matches!(read_private_key(&file("p256.der"), None), Err(PrivateKeyError::Malformed(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_signed_reads_back(
        content in prop::collection::vec(any::<u8>(), 0..2000),
        (year, month, day) in (1900i32..2100, 1u8..13, 1u8..29),
    ) {
        let time = Date { year, month, day, ..NOW };
        let unsigned = Unsigned::new(&content, &chain("p256"), time).unwrap();
        let signature = sign("p256", &unsigned.to_be_signed());
        let signed = read(&unsigned.finish(&signature).unwrap()).unwrap();
        prop_assert!(signed.is_verified());
        prop_assert_eq!(signed.content.as_deref(), Some(&content));
        prop_assert_eq!(signed.signers[0].signing_time, Some(time));
    }
}
