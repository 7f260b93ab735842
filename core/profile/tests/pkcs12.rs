//! PKCS#12 files of OpenSSL in all their encryptions, in DER and BER, whole, cut, changed and hostile.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::PathBuf;

use adit_profile::certificate::pkcs12::{Pkcs12Error, open, open_sharing, open_within, protection};
use adit_profile::certificate::{
    AlternativeName, CertificateError, Identity, KeyKind, inspect, read_certificates,
};
use proptest::prelude::*;

fn file(name: &str) -> Vec<u8> {
    fs::read(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pkcs12")).join(name)).unwrap()
}

fn opened(name: &str, password: &str) -> Identity {
    open(&file(&format!("{name}.p12")), password).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The key and the chain are those that went into the file, the key's own certificate first.
fn is_whole(name: &str, identity: &Identity, key: &str) {
    assert!(identity.private_key.expose() == file(&format!("{key}.pk8")), "{name}: another key");
    assert_eq!(identity.chain.len(), 3, "{name}");
    for (certificate, expected) in identity.chain.iter().zip([key, "int", "ca"]) {
        assert_eq!(*certificate, file(&format!("{expected}.der")), "{name}: {expected}");
    }
}

#[test]
fn each_encryption_and_mac_opens() {
    let files = [
        "modern-p256",
        "legacy-rc2-40",
        "pbe-3des",
        "pbe-2des-rc2-128",
        "aes128-sha384",
        "aes192-sha512",
        "pbes2-3des",
        "no-mac",
        "plain-certs",
        "nothing-encrypted",
        "pbmac1",
    ];
    for name in files {
        is_whole(name, &opened(name, "secret"), "p256");
    }
}

#[test]
fn each_kind_of_key_is_told() {
    let kinds = [
        ("rsa", KeyKind::Rsa(2048)),
        ("p256", KeyKind::P256),
        ("p384", KeyKind::P384),
        ("p521", KeyKind::P521),
        ("ed25519", KeyKind::Ed25519),
    ];
    for (key, kind) in kinds {
        let name = format!("modern-{key}");
        let identity = opened(&name, "secret");
        assert_eq!(identity.key_kind, kind);
        is_whole(&name, &identity, key);
    }
}

#[test]
fn passwords_may_be_empty_or_beyond_ascii() {
    for (name, password) in [
        ("empty-password", ""),
        ("empty-password-legacy", ""),
        ("unicode-password", "pässwörd€😀"),
        ("unicode-password-legacy", "pässwörd€"),
    ] {
        is_whole(name, &opened(name, password), "p256");
    }
}

#[test]
fn f02_a_wrong_password_is_told_as_such() {
    let files = [
        "modern-p256",
        "legacy-rc2-40",
        "pbe-3des",
        "pbe-2des-rc2-128",
        "aes128-sha384",
        "no-mac",
        "pbmac1",
        "unicode-password",
    ];
    for name in files {
        for password in ["", "Secret", "secret "] {
            let error = open(&file(&format!("{name}.p12")), password).unwrap_err();
            assert_eq!(error, Pkcs12Error::WrongPassword, "{name}");
        }
    }
}

#[test]
fn f02_a_changed_byte_never_opens() {
    let good = file("modern-p256.p12");
    for at in (0..good.len()).step_by(7) {
        let mut bad = good.clone();
        bad[at] ^= 0x01;
        // The friendly name of the MAC's digest parameters and the like aside, everything is under the MAC.
        if let Ok(identity) = open(&bad, "secret") {
            is_whole("changed", &identity, "p256");
        }
    }
}

#[test]
fn what_is_missing_or_not_read_is_named() {
    assert_eq!(open(&file("no-key.p12"), "secret").unwrap_err(), Pkcs12Error::NoPrivateKey);
    assert_eq!(open(&file("no-certificate.p12"), "secret").unwrap_err(), Pkcs12Error::NoCertificate);
    let error = open(&file("pbe-rc4.p12"), "secret").unwrap_err();
    assert_eq!(
        error,
        Pkcs12Error::Unsupported { what: "the encryption", identifier: "1.2.840.113549.1.12.1.1".to_owned() }
    );
    for bytes in [b"".as_slice(), b"not asn.1", &file("ca.der")] {
        assert!(matches!(open(bytes, "secret"), Err(Pkcs12Error::Malformed(_))), "{bytes:?}");
    }
}

#[test]
fn each_truncation_is_refused() {
    for name in ["modern-p256", "legacy-rc2-40", "no-mac"] {
        let good = file(&format!("{name}.p12"));
        for cut in 0..good.len() {
            let error = open_within(&good[..cut], "secret", 10).unwrap_err();
            assert!(matches!(error, Pkcs12Error::Malformed(_)), "{name} cut at {cut}: {error}");
        }
    }
}

/// DER as BER: every constructed element with indefinite length, every long octet string in pieces.
fn to_ber(der: &[u8]) -> Vec<u8> {
    let mut ber = Vec::new();
    let mut rest = der;
    while let [tag, first, after @ ..] = rest {
        let (size, header) = match first {
            0..=0x7f => (usize::from(*first), 0),
            _ => {
                let count = usize::from(first & 0x7f);
                (after[..count].iter().fold(0, |size, byte| size << 8 | usize::from(*byte)), count)
            }
        };
        let content = &after[header..header + size];
        rest = &after[header + size..];
        let pieces = || {
            content
                .chunks(100)
                .flat_map(|piece| [vec![0x04, u8::try_from(piece.len()).unwrap()], piece.to_vec()].concat())
        };
        match tag {
            0x04 if size > 200 => ber.extend([0x24, 0x80].into_iter().chain(pieces()).chain([0, 0])),
            0x80 if size > 200 => ber.extend([0xa0, 0x80].into_iter().chain(pieces()).chain([0, 0])),
            tag if tag & 0x20 != 0 => {
                ber.extend([*tag, 0x80].into_iter().chain(to_ber(content)).chain([0, 0]))
            }
            _ => ber.extend([tag, first].into_iter().chain(&after[..header + size])),
        }
    }
    ber
}

#[test]
fn files_in_ber_open_too() {
    for name in ["modern-p256", "legacy-rc2-40", "nothing-encrypted", "modern-rsa"] {
        let ber = to_ber(&file(&format!("{name}.p12")));
        let key = if name == "modern-rsa" { "rsa" } else { "p256" };
        is_whole(name, &open(&ber, "secret").unwrap(), key);
        for cut in 0..ber.len() {
            assert!(open_within(&ber[..cut], "secret", 10).is_err(), "{name} cut at {cut}");
        }
    }
}

/// Replaces the one place where `from` stands.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at: Vec<usize> = bytes
        .windows(from.len())
        .enumerate()
        .filter(|(_, window)| *window == from)
        .map(|(at, _)| at)
        .collect();
    let at = at.last().copied().unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

#[test]
fn f02_a_huge_iteration_count_costs_nothing() {
    // The MAC's count is the last INTEGER: 02 02 08 00, that is 2048. Four bytes of count need longer lengths around.
    let bytes = file("modern-p256.p12");
    let huge = replaced(&bytes, &[0x02, 0x02, 0x08, 0x00], &[0x02, 0x02, 0x7f, 0xff]);
    let error = open_within(&huge, "secret", 20_000).unwrap_err();
    assert_eq!(error, Pkcs12Error::TooMuchWork { asked: 32_767, limit: 20_000 });
    // The budget is for the whole file: MAC and three decryptions with 2048 each.
    assert!(matches!(
        open_within(&bytes, "secret", 5_000),
        Err(Pkcs12Error::TooMuchWork { limit: 5_000, .. })
    ));
    assert!(open_within(&bytes, "secret", 20_000).is_ok());
    // Four bytes of count, with the lengths around them mended.
    let mut mac = Vec::new();
    let tail = bytes.len() - 4;
    mac.extend(&bytes[..tail]);
    mac.extend([0x02, 0x04, 0x7f, 0xff, 0xff, 0xff]);
    let size = u16::from_be_bytes([mac[2], mac[3]]) + 2;
    mac[2..4].copy_from_slice(&size.to_be_bytes());
    let header = mac.len() - 0x41 - 2 - 2;
    assert_eq!(mac[header], 0x30, "MacData");
    mac[header + 1] += 2;
    assert!(matches!(open(&mac, "secret"), Err(Pkcs12Error::TooMuchWork { asked: 0x7fff_ffff, .. })));
}

#[test]
fn f02_broken_certificates_are_told() {
    let good = file("rsa.der");
    let about = inspect(&good).unwrap();
    assert_eq!(about.key_kind, KeyKind::Rsa(2048));
    assert_eq!(about.subject_common_name.as_deref(), Some("rsa"));
    assert_eq!(about.issuer_common_name.as_deref(), Some("Adit Test Intermediate"));
    assert!(!about.is_ca);
    assert!(inspect(&file("ca.der")).unwrap().is_ca);
    // The exponent 65537 becomes 0, 1, 65536.
    for exponent in [[0, 0, 0], [0, 0, 1], [1, 0, 0]] {
        let [a, b, c] = exponent;
        let bad = replaced(&good, &[0x02, 0x03, 0x01, 0x00, 0x01], &[0x02, 0x03, a, b, c]);
        assert!(matches!(inspect(&bad), Err(CertificateError::BrokenRsaKey(_))), "{exponent:?}");
    }
    for cut in 0..good.len() {
        assert!(matches!(inspect(&good[..cut]), Err(CertificateError::Malformed(_))), "{cut}");
    }
    let trailing = [good.as_slice(), &[0]].concat();
    assert!(inspect(&trailing).is_err());
}

#[test]
fn what_rules_ask_of_a_certificate_is_read() {
    let named = inspect(&file("named.der")).unwrap();
    assert_eq!(named.alternative_names, [AlternativeName::Dns("client.example.com".to_owned())]);
    assert_eq!(named.extended_key_usage.as_deref(), Some(["1.3.6.1.5.5.7.3.2".to_owned()].as_slice()));
    assert_eq!((named.version, named.is_ca, named.weak_signature_hash()), (3, false, None));
    let plain = inspect(&file("p256.der")).unwrap();
    assert_eq!((plain.version, plain.alternative_names.len(), plain.extended_key_usage), (1, 0, None));
    let old = inspect(&file("sha1.der")).unwrap();
    assert_eq!(
        (old.signature_algorithm.as_str(), old.weak_signature_hash()),
        ("1.2.840.10045.4.1", Some("SHA-1"))
    );
    // Changed bytes in the names and usages make no certificate unreadable that was readable but for its structure.
    let bytes = file("named.der");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 0x55;
        let _ = inspect(&changed);
    }
}

#[test]
fn the_protection_is_seen_without_the_password() {
    let see = |name: &str| {
        let found = protection(&file(&format!("{name}.p12"))).unwrap();
        (found.mac.unwrap_or_default(), found.encryption.join(", "), found.is_modern)
    };
    let expected = |mac: &str, encryption: &str, modern| (mac.to_owned(), encryption.to_owned(), modern);
    assert_eq!(see("modern-p256"), expected("HMAC with SHA-256", "PBES2 with AES-256-CBC", true));
    let old = expected("HMAC with SHA-1", "40-bit RC2 under SHA-1, triple DES under SHA-1", false);
    assert_eq!(see("legacy-rc2-40"), old);
    assert_eq!(see("pbe-3des"), expected("HMAC with SHA-1", "triple DES under SHA-1", false));
    assert_eq!(see("no-mac"), expected("", "PBES2 with AES-256-CBC", true));
    assert_eq!(see("pbmac1").0, "PBMAC1");
    assert_eq!(see("pbes2-3des").1, "PBES2 with triple DES");
    assert_eq!(see("nothing-encrypted").1, "");
    let bytes = file("modern-p256.p12");
    for cut in 0..bytes.len() {
        assert!(protection(&bytes[..cut]).is_err(), "{cut}");
    }
}

#[test]
fn f02_files_that_share_a_budget_stop_when_it_is_used_up() {
    let bytes = file("modern-p256.p12");
    let mut left = 20_000;
    assert!(open_sharing(&bytes, "secret", &mut left).is_ok());
    let used = 20_000 - left;
    assert!((6_000..20_000).contains(&used), "{used}");
    left = used;
    assert!(open_sharing(&bytes, "secret", &mut left).is_ok());
    assert_eq!(left, 0);
    let refused = open_sharing(&bytes, "secret", &mut left);
    assert!(matches!(refused, Err(Pkcs12Error::TooMuchWork { limit: 0, .. })), "{refused:?}");
    // A file whose own count is too large takes nothing from the others.
    left = 1_000;
    assert!(open_sharing(&bytes, "secret", &mut left).is_err());
    assert_eq!(left, 1_000);
}

#[test]
fn certificates_come_as_der_or_pem() {
    use std::fmt::Write as _;
    let pem = |label: &str, der: &[u8]| {
        let mut text = format!("-----BEGIN {label}-----\r\n");
        let base64 = plist::Value::Data(der.to_vec());
        let mut xml = Vec::new();
        base64.to_writer_xml(&mut xml).unwrap();
        let xml = String::from_utf8(xml).unwrap();
        let inside = xml.split("<data>").nth(1).unwrap().split("</data>").next().unwrap();
        write!(text, "{}\r\n-----END {label}-----\r\n", inside.trim()).unwrap();
        text
    };
    let der = file("ca.der");
    let found = read_certificates(&der).unwrap();
    assert_eq!((found.der.len(), found.was_pem), (1, false));
    let text = format!(
        "subject=x\n{}{}{}",
        pem("CERTIFICATE", &der),
        pem("PRIVATE KEY", &[1, 2, 3]),
        pem("CERTIFICATE", &file("int.der"))
    );
    let found = read_certificates(text.as_bytes()).unwrap();
    assert_eq!((found.der.as_slice(), found.was_pem), ([der, file("int.der")].as_slice(), true));
    assert_eq!(read_certificates(pem("X", &[1]).as_bytes()), Err(CertificateError::NoCertificate));
    assert_eq!(read_certificates(b"-----BEGIN CERTIFICATE-----\nMIIB"), Err(CertificateError::BadPem));
    assert_eq!(
        read_certificates(b"-----BEGIN CERTIFICATE-----\n!!\n-----END C"),
        Err(CertificateError::BadPem)
    );
    assert!(matches!(read_certificates(b""), Err(CertificateError::Malformed(_))));
}

#[test]
fn f03_an_identity_prints_no_key() {
    let identity = opened("modern-p256", "secret");
    assert_eq!(format!("{identity:?}"), "Identity(P256, 3 certificates)");
    assert_eq!(format!("{:?}", identity.private_key), "Secret(…)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        adit_profile::fuzz::parse_pkcs12(&bytes);
    }

    #[test]
    fn changed_bytes_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = file("no-mac.p12");
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = open_within(&bytes, "secret", 200);
        let mut certificate = file("p256.der");
        let at = bytes.len() % certificate.len();
        certificate[at] ^= bytes[0];
        let _ = inspect(&certificate);
    }
}
