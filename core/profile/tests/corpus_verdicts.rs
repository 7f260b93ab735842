//! The verdict for each IKEv2 profile of the corpus: what `validate` says, what `plan` says of each payload, and why.
//!
//! The expected table is `corpus_verdicts.tsv`; after a wanted change, `ADIT_REGENERATE=1 cargo test -p adit-profile
//! --test corpus_verdicts` writes it anew, and the difference is what to look at.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use adit_profile::ikev2::{Choice, Which, requirements};
use adit_profile::{Diagnostic, Document, Profile, Severity, Verdict, check};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus_verdicts.tsv");

const HEAD: &str = "file\tvalidate\tvalidate_codes\tplan\tplan_codes\n";

/// `E code, W code, N code`: errors, warnings, notices, each code once.
fn codes(found: &[Diagnostic]) -> String {
    let codes: BTreeSet<String> = found
        .iter()
        .map(|found| {
            let letter = match found.severity {
                Severity::Error => 'E',
                Severity::Warning => 'W',
                Severity::Notice => 'N',
            };
            format!("{letter} {}", found.code)
        })
        .collect();
    codes.into_iter().collect::<Vec<_>>().join(", ")
}

/// The plan of every IKEv2 payload: verdict and codes, equal ones counted.
fn plans(bytes: &[u8]) -> (String, String) {
    let document = Document::read(bytes);
    let Some(profile) = Profile::of(&document) else {
        return ("none".to_owned(), String::new());
    };
    let mut verdicts = BTreeMap::<&str, usize>::new();
    let mut all = Vec::new();
    for payload in profile.vpn_payloads().filter(|payload| payload.is_ikev2()) {
        let which = Which { payload: Choice::Index(payload.index), ..Which::default() };
        let (verdict, found) = match requirements(&profile, which) {
            Ok(settings) => ("planned", settings.warnings),
            Err(found) => ("refused", found),
        };
        assert_eq!(verdict == "refused", found.iter().any(|found| found.severity == Severity::Error));
        assert!(found.iter().all(|found| found.help.is_some()), "{found:#?}");
        *verdicts.entry(verdict).or_default() += 1;
        all.extend(found);
    }
    let verdicts: Vec<String> =
        verdicts.iter().map(|(verdict, count)| format!("{verdict} {count}")).collect();
    (verdicts.join(", "), codes(&all))
}

#[test]
fn each_ikev2_profile_of_the_corpus_has_its_verdict() {
    let Some(shared) = common::shared("corpus, verdicts of IKEv2 profiles") else { return };
    let index = fs::read_to_string(shared.join("corpus/profiles/INDEX.tsv")).unwrap();
    let mut table = String::from(HEAD);
    let mut profiles = 0;
    for line in index.lines().skip(1) {
        let file = line.split('\t').next().unwrap();
        let bytes = fs::read(shared.join("corpus/profiles").join(file)).unwrap();
        // Templates and signed files too: whatever speaks of IKEv2.
        if !Document::read(&bytes).content(&bytes).windows(5).any(|window| window == b"IKEv2") {
            continue;
        }
        let report = check(&bytes);
        let verdict = match report.verdict() {
            Verdict::Accepted => "accepted",
            Verdict::Refused => "refused",
            Verdict::NotRead => "not read",
        };
        let (plan, plan_codes) = plans(&bytes);
        let validate_codes = codes(&report.diagnostics);
        writeln!(table, "{file}\t{verdict}\t{validate_codes}\t{plan}\t{plan_codes}").unwrap();
        profiles += 1;
    }
    assert!(profiles >= 15, "only {profiles} profiles");
    if std::env::var_os("ADIT_REGENERATE").is_some() {
        fs::write(TABLE, &table).unwrap();
        println!("wrote {TABLE}");
        return;
    }
    let expected = fs::read_to_string(TABLE).unwrap();
    for (found, expected) in table.lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(table.lines().count(), expected.lines().count());
    println!("verdicts of {profiles} IKEv2 profiles are as expected");
}

#[test]
fn no_corpus_profile_is_refused_without_a_reason_and_a_place() {
    let Some(shared) = common::shared("corpus, reasons and places") else { return };
    for entry in fs::read_dir(shared.join("corpus/profiles")).unwrap() {
        let entry = entry.unwrap();
        let bytes = fs::read(entry.path()).unwrap();
        let document = Document::read(&bytes);
        let content = document.content(&bytes);
        for found in check(&bytes).diagnostics {
            let name = entry.file_name();
            assert!(
                !found.message.is_empty() && found.span.end as usize <= content.len(),
                "{name:?}: {found:?}"
            );
            assert!(found.severity != Severity::Error || found.help.is_some(), "{name:?}: {found:?}");
        }
    }
}
