//! Signed profiles: CMS in DER, BER and PEM.
//!
//! Input: a file. It is read as signed data whatever it looks like, then as a document if it looks like CMS.
//!
//! Invariants: reading again gives the same; counts stay below their limits and places lie within their lists; nobody
//! who does not have the seeds' keys (they were thrown away) makes a signature that verifies over other contents than
//! theirs; a chain repeats nothing and ends where its issuer is missing or itself; `Debug` does not show the content;
//! no message has control characters; what is shown masked re-reads, with a mask for each secret; signed data made from
//! the certificates inside needs their keys; and all that holds for profiles, see [`super::profile_xml`].

use std::sync::OnceLock;

use adit_profile::cms::build::{BuildError, Unsigned};
use adit_profile::cms::{MAX_CERTIFICATES, MAX_SIGNERS, Signed, Verification, read};
use adit_profile::show::{MASK, Secrets, to_xml};
use adit_profile::source::{Format, detect};
use adit_profile::syntax::Date;
use adit_profile::{Document, Limits};

/// A file of the profile crate's tests.
macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../core/profile/tests/cms/", $name))
    };
}

/// Signed with each key of the seeds.
const SIGNED: [&[u8]; 7] = [
    fixture!("rsa-sha256.cms"),
    fixture!("pss-key.cms"),
    fixture!("p256-sha256.cms"),
    fixture!("p384-sha384.cms"),
    fixture!("p521-sha512.cms"),
    fixture!("ed25519.cms"),
    fixture!("chain.cms"),
];

/// All that was ever signed with them.
const CONTENTS: [&[u8]; 4] = [
    fixture!("profile.mobileconfig"),
    fixture!("profile.bplist"),
    fixture!("p256-sha256.cms"),
    b"hello world\n",
];

/// The public keys of the seeds, whose private halves nobody has.
fn seed_keys() -> &'static [Vec<u8>] {
    static KEYS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let signed = SIGNED.iter().map(|file| read(file).expect("a seed opens"));
        signed
            .flat_map(|signed| signed.certificates)
            .map(|found| found.info.unwrap().public_key_info)
            .collect()
    })
}

/// Reads a signed profile.
pub fn profile_cms(data: &[u8]) {
    match read(data) {
        Ok(signed) => {
            let again = read(data).expect("it was read before");
            assert_eq!(format!("{signed:?}"), format!("{again:?}"), "reading is not repeatable");
            assert_eq!(signed.content, again.content);
            check(&signed, data.len());
            build(&signed);
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control), "{error:?}"),
    }
    if matches!(detect(data), Format::Cms { .. }) {
        super::profile::read(data);
        show(data);
    }
}

fn check(signed: &Signed, size: usize) {
    assert!(signed.signers.len() <= MAX_SIGNERS && signed.certificates.len() <= MAX_CERTIFICATES);
    let content = signed.content.as_ref().map(|content| content.as_slice());
    assert!(content.is_none_or(|content| content.len() < size) && signed.trailing < size);
    for signer in &signed.signers {
        assert!(signer.certificate.is_none_or(|place| place < signed.certificates.len()));
        assert!(!signer.verification.to_string().chars().any(char::is_control));
        assert!(!(signer.verification.is_verified() && signer.verification.is_invalid()));
        if signer.verification == Verification::Verified {
            let content = content.expect("a detached signature was verified");
            let info = signed.signer_certificate(signer).expect("verified without a certificate");
            if seed_keys().contains(&info.public_key_info) {
                assert!(CONTENTS.contains(&content), "a signature was forged");
            }
        }
        let Some(chain) = signed.chain(signer) else { continue };
        let mut places = chain.certificates.clone();
        assert_eq!(places.first(), signer.certificate.as_ref());
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), chain.certificates.len(), "a chain in a circle");
        let last = &signed.certificates[*chain.certificates.last().unwrap()];
        let root = last.info.as_ref().is_ok_and(|info| info.subject == info.issuer);
        assert_eq!(chain.missing_issuer.is_none(), root);
    }
    assert!(!signed.is_verified() || !signed.signers.is_empty());
    if let Some(content) = content
        && content.len() >= 64
    {
        let shown = format!("{signed:?}");
        let numbers = format!("{:?}", &content[..32]);
        assert!(!shown.contains(numbers.trim_matches(['[', ']'])), "the content in Debug");
    }
}

/// Makes signed data with the certificates that came along, without their keys.
fn build(signed: &Signed) {
    let certificates: Vec<Vec<u8>> =
        signed.certificates.iter().map(|certificate| certificate.der.clone()).collect();
    let time = Date { year: 2026, month: 11, day: 21, hour: 0, minute: 0, second: 0 };
    let Ok(unsigned) = Unsigned::new(b"content", &certificates, time) else { return };
    assert_eq!(unsigned.to_be_signed().first(), Some(&0x31));
    match unsigned.finish(&[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]) {
        Err(BuildError::Signature(verification)) => assert!(!verification.is_verified()),
        other => panic!("signed without a key: {other:?}"),
    }
}

/// Shows the profile with its secrets masked.
fn show(data: &[u8]) {
    let limits = Limits { file_size: 1 << 20, depth: 16, values: 2000 };
    let document = Document::read_within(data, &limits);
    let Ok(masked) = to_xml(&document, data, Secrets::Mask) else { return };
    let again = Document::read_within(masked.as_bytes(), &limits);
    assert!(!again.problems().has_errors(), "{:?}", again.problems());
    for span in again.secret_spans() {
        let element = masked.get(span.range()).expect("a secret within the text");
        assert!(element.contains(MASK) || element.contains("KioqKioqKio="), "a secret is shown");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_are_verified_with_keys_that_are_known() {
        assert!(seed_keys().len() >= 7);
        for file in SIGNED {
            let signed = read(file).unwrap();
            assert!(signed.is_verified());
            assert!(CONTENTS.contains(&signed.content.as_deref().unwrap().as_slice()));
        }
    }
}
