//! Changed signed files, judged here and by the `openssl` command.
//!
//! `ADIT_CMS_MUTATIONS=20000 cargo test -p adit-profile --test cms_differential -- --nocapture` runs more of them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "tests"
)]

#[path = "common/mutation.rs"]
mod mutation;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use adit_profile::certificate::Malformed;
use adit_profile::cms::{CmsError, Verification, read};
use mutation::Random;

/// Files of `tests/cms` that are changed.
const NAMES: [&str; 6] =
    ["rsa-sha256.cms", "p256-sha256.cms", "ber.cms", "p256-noattr.cms", "pss-sha256.cms", "keyid.cms"];

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cms"))
}

/// Asks both about changed files.
struct Judges {
    /// Where the file lies for `openssl`.
    path: PathBuf,
    /// What was signed.
    profile: Vec<u8>,
    both: usize,
    lenient: usize,
    strict: usize,
}

impl Judges {
    /// `None` without an `openssl` command, after saying so.
    fn new(suite: &str) -> Option<Self> {
        if !Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success()) {
            println!("left out: {suite} against openssl (no openssl command)");
            return None;
        }
        let name = format!("adit-cms-{}-{}", suite.replace(' ', "-"), std::process::id());
        Some(Self {
            path: std::env::temp_dir().join(name),
            profile: fs::read(folder().join("profile.mobileconfig")).unwrap(),
            both: 0,
            lenient: 0,
            strict: 0,
        })
    }

    fn judge(&mut self, bytes: &[u8], origin: &str) {
        fs::write(&self.path, bytes).unwrap();
        let output = Command::new("openssl")
            .args(["cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in"])
            .arg(&self.path)
            .output()
            .unwrap();
        let theirs = output.status.success();
        match (&read(bytes), theirs) {
            (Ok(signed), _) if signed.is_verified() => {
                // Whatever OpenSSL minds (it reads parts that we pass over): what was signed is what we have.
                assert_eq!(signed.content.as_deref(), Some(&self.profile), "{origin}");
                if theirs {
                    self.both += 1;
                    assert_eq!(output.stdout, self.profile, "{origin}");
                } else {
                    self.lenient += 1;
                }
            }
            // What OpenSSL takes is refused only for what RFC 5652 demands and it does not look at: the content type
            // that was signed, the names of the algorithms; or the certificate is not in a form that X.690 allows.
            (Ok(signed), true) => {
                self.strict += 1;
                for signer in &signed.signers {
                    assert!(
                        matches!(
                            signer.verification,
                            Verification::NotVerified { .. } | Verification::AttributesInvalid { .. }
                        ),
                        "{origin}: {}",
                        signer.verification
                    );
                }
            }
            (Err(CmsError::Malformed(fault)), true) if is_overlooked(bytes, *fault) => self.strict += 1,
            (Err(error), true) => panic!("{origin}: openssl reads it, here {error}"),
            (_, false) => {}
        }
    }

    fn finish(self, count: usize) {
        let Self { both, lenient, strict, .. } = &self;
        println!(
            "{count} changed files: {both} verified by both, {lenient} only here, {strict} only by openssl"
        );
        fs::remove_file(&self.path).unwrap();
    }
}

/// Whether all that is wrong is a tag that OpenSSL does not look at, and that X.690 and NSS, from which Apple's reader of
/// CMS comes, want right: that a SET OF or a SEQUENCE OF has elements inside (8.10.1, 8.12.1), that the pieces of an OCTET
/// STRING are such (8.7.3.2).
fn is_overlooked(bytes: &[u8], fault: Malformed) -> bool {
    let mended = |change: &dyn Fn(u8) -> u8| {
        let mut mended = bytes.to_vec();
        let Some(tag) = mended.get_mut(fault.offset) else { return false };
        *tag = change(*tag);
        mended != bytes && read(&mended).is_ok()
    };
    mended(&|tag| tag | 0x20) || fault.expected == "a piece of an octet string" && mended(&|_| 0x04)
}

#[test]
fn changed_files_are_judged_as_openssl_judges_them() {
    let Some(mut judges) = Judges::new("changed signed files") else { return };
    let count: usize = mutation::count("ADIT_CMS_MUTATIONS", 100);
    let seeds: Vec<Vec<u8>> = NAMES.iter().map(|name| fs::read(folder().join(name)).unwrap()).collect();
    let mut random = Random(20_261_121);
    for round in 0..count {
        let seed = random.below(seeds.len());
        let bytes = mutation::bytes(&seeds[seed], &mut random);
        judges.judge(&bytes, &format!("{} round {round}", NAMES[seed]));
    }
    judges.finish(count);
}

/// One bit changed at a time: every 500th, or every one (which takes an hour) when `ADIT_CMS_BITS` is 1.
#[test]
fn each_bit_is_judged_as_openssl_judges_it() {
    let Some(mut judges) = Judges::new("changed bits of signed files") else { return };
    let every = mutation::count("ADIT_CMS_BITS", 500);
    let mut count = 0;
    for name in NAMES {
        let seed = fs::read(folder().join(name)).unwrap();
        for bit in (0..seed.len() * 8).step_by(every) {
            let mut bytes = seed.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            judges.judge(&bytes, &format!("{name} bit {bit}"));
            count += 1;
        }
    }
    judges.finish(count);
}
