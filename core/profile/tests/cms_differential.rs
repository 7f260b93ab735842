//! Changed signed files, judged here and by the `openssl` command.
//!
//! `ADIT_CMS_MUTATIONS=5000 cargo test -p adit-profile --test cms_differential -- --nocapture` runs more of them.

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

use adit_profile::cms::{Verification, read};
use mutation::Random;

#[test]
fn changed_files_are_judged_as_openssl_judges_them() {
    if !Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success()) {
        println!("left out: changed signed files against openssl (no openssl command)");
        return;
    }
    let count: usize = mutation::count("ADIT_CMS_MUTATIONS", 100);
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cms"));
    let names =
        ["rsa-sha256.cms", "p256-sha256.cms", "ber.cms", "p256-noattr.cms", "pss-sha256.cms", "keyid.cms"];
    let seeds: Vec<Vec<u8>> = names.iter().map(|name| fs::read(folder.join(name)).unwrap()).collect();
    let path = std::env::temp_dir().join(format!("adit-cms-changed-{}", std::process::id()));
    let mut random = Random(20_261_121);
    let profile = fs::read(folder.join("profile.mobileconfig")).unwrap();
    let (mut both, mut lenient, mut strict) = (0, 0, 0);
    for round in 0..count {
        let seed = random.below(seeds.len());
        let bytes = mutation::bytes(&seeds[seed], &mut random);
        fs::write(&path, &bytes).unwrap();
        let output = Command::new("openssl")
            .args(["cms", "-verify", "-noverify", "-binary", "-inform", "DER", "-in"])
            .arg(&path)
            .output()
            .unwrap();
        let theirs = output.status.success();
        let ours = read(&bytes);
        let origin = format!("{} round {round}", names[seed]);
        match (&ours, theirs) {
            (Ok(signed), _) if signed.is_verified() => {
                // Whatever OpenSSL minds (it reads parts that we pass over): what was signed is what we have.
                assert_eq!(signed.content.as_deref(), Some(&profile), "{origin}");
                if theirs {
                    both += 1;
                    assert_eq!(output.stdout, profile, "{origin}");
                } else {
                    lenient += 1;
                }
            }
            // What OpenSSL takes is refused only for what RFC 5652 demands and it does not look at: the content type
            // that was signed, the names of the algorithms.
            (Ok(signed), true) => {
                strict += 1;
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
            (Err(error), true) => panic!("{origin}: openssl reads it, here {error}"),
            (_, false) => {}
        }
    }
    fs::remove_file(&path).unwrap();
    println!("{count} changed files: {both} verified by both, {lenient} only here, {strict} only by openssl");
}
