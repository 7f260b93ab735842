//! Signed profiles: the corpus, against the `openssl` command where it is installed, and signatures made with it
//! (`cms/make.sh` made the files of `tests/cms`).

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use adit_profile::Document;
use adit_profile::source::Format;

/// Whether there is an `openssl` command; if not, says what is left out.
fn openssl(suite: &str) -> bool {
    let found = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !found {
        println!("left out: {suite} (no openssl command)");
    }
    found
}

/// What `openssl cms -verify` makes of a file: the content, and whether every signature holds. Trust is not asked for.
fn openssl_verify(file: &Path, form: &str) -> (Vec<u8>, bool) {
    let output = Command::new("openssl")
        .args(["cms", "-verify", "-noverify", "-binary", "-inform", form, "-in"])
        .arg(file)
        .output()
        .unwrap();
    (output.stdout, output.status.success())
}

/// The signed files of the corpus.
fn signed_corpus(shared: &Path) -> Vec<PathBuf> {
    let oracle = fs::read_to_string(shared.join("corpus/oracle.tsv")).unwrap();
    let files = oracle.lines().skip(1).filter_map(|line| {
        let mut fields = line.split('\t');
        let (file, container) = (fields.next()?, fields.next()?);
        container.starts_with("cms").then(|| shared.join("corpus/profiles").join(file))
    });
    files.collect()
}

#[test]
fn every_signed_profile_of_the_corpus_opens_and_verifies() {
    let Some(shared) = common::shared("corpus, signed profiles") else { return };
    let files = signed_corpus(&shared);
    assert_eq!(files.len(), 14);
    for file in files {
        let bytes = fs::read(&file).unwrap();
        let document = Document::read(&bytes);
        let Some(signed) = document.signed() else { panic!("{}: {:?}", file.display(), document.problems()) };
        assert!(signed.is_verified(), "{}: {signed:?}", file.display());
        assert!(document.root_dict().is_some() && document.format().is_read());
        assert!(matches!(document.format(), Format::Cms { enveloped: false, .. }));
        let signer = &signed.signers[0];
        let certificate = signed.signer_certificate(signer).unwrap();
        assert!(certificate.validity.is_some() && !certificate.subject_text.is_empty());
        println!(
            "{}: {} by {} with {} and {}, chain {:?}",
            file.file_name().unwrap().display(),
            signer.verification,
            certificate.subject_text,
            signer.signature,
            signer.digest,
            signed.chain(signer).unwrap()
        );
    }
}

#[test]
fn the_signed_corpus_is_as_openssl_reads_it() {
    let Some(shared) = common::shared("corpus, signed profiles against openssl") else { return };
    if !openssl("corpus, signed profiles against openssl") {
        return;
    }
    for file in signed_corpus(&shared) {
        let bytes = fs::read(&file).unwrap();
        let document = Document::read(&bytes);
        let (content, verified) = openssl_verify(&file, "DER");
        assert_eq!(document.content(&bytes), content, "{}", file.display());
        assert_eq!(document.signed().unwrap().is_verified(), verified, "{}", file.display());
    }
}
