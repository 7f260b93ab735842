//! The severity policy on the corpus and on Apple's own samples: no error where a device takes the file.
//!
//! `policy.tsv` has the expected verdict of each file and its errors, and for each file with errors the reason why it is
//! right to refuse it. `ADIT_REGENERATE=1 cargo test -p adit-profile --test policy` writes the verdicts anew and keeps the
//! reasons; a new error needs one written by hand.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use adit_profile::rules::Options;
use adit_profile::{Limits, Report, Severity, Verdict, check_with};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/policy.tsv");

const HEAD: &str = "file\tverdict\terrors\treason\n";

/// The errors that are genuine faults of Apple's samples, besides those of certificates, whose bodies were transcribed.
const FAULTS_OF_SAMPLES: [&str; 4] = ["value.not-allowed", "value.case", "scep.keysize", "ipsec.method"];

fn judge(path: &Path) -> Report {
    let options = Options { at: Some("2026-11-21T00:00:00Z".parse().unwrap()), ..Options::default() };
    check_with(&fs::read(path).unwrap(), &Limits::default(), &options)
}

fn errors(report: &Report) -> BTreeSet<&'static str> {
    let errors = report.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    errors.map(|found| found.code.as_str()).collect()
}

/// File, verdict, errors, reason.
fn expected() -> BTreeMap<String, [String; 3]> {
    let text = fs::read_to_string(TABLE).unwrap_or_default();
    let row = |line: &str| {
        let mut columns = line.split('\t').map(str::to_owned);
        let mut next = || columns.next().unwrap_or_default();
        (next(), [next(), next(), next()])
    };
    text.lines().skip(1).map(row).collect()
}

/// Files, by name, with their place.
fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let named = entries.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path));
    named.filter(|(name, _)| wanted(name)).collect()
}

#[test]
fn apples_samples_give_no_error_but_for_their_faults() {
    let Some(shared) = common::shared("policy 1, Apple's samples") else { return };
    let samples = files(&shared.join("apple-device-management/examples"), |name| name.ends_with(".plist"));
    assert!(samples.len() >= 16, "{}", samples.len());
    for (name, path) in samples {
        let report = judge(&path);
        let wrong: Vec<&str> = errors(&report)
            .into_iter()
            .filter(|code| !FAULTS_OF_SAMPLES.contains(code) && !code.starts_with("cert."))
            .collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}\n{:#?}", report.diagnostics);
    }
}

#[test]
fn each_error_on_the_corpus_has_its_reason() {
    let Some(shared) = common::shared("policy 2, the corpus") else { return };
    let expected = expected();
    let mut table = String::from(HEAD);
    let mut wrong = Vec::new();
    let mut refused = 0;
    let corpus = files(&shared.join("corpus/profiles"), |name| name != "INDEX.tsv");
    for (name, path) in &corpus {
        let report = judge(path);
        let verdict = match report.verdict() {
            Verdict::Accepted => "accepted",
            Verdict::Refused => "refused",
            Verdict::NotRead => "not read",
        };
        let errors = errors(&report).into_iter().collect::<Vec<_>>().join(", ");
        let blank = Default::default();
        let [was, codes, reason] = expected.get(name).unwrap_or(&blank);
        writeln!(table, "{name}\t{verdict}\t{errors}\t{reason}").unwrap();
        if (was.as_str(), codes.as_str()) != (verdict, errors.as_str()) {
            wrong.push(format!("{name}: {verdict} {errors}, expected {was} {codes}"));
        }
        if !errors.is_empty() {
            refused += 1;
            if reason.len() < 12 {
                wrong.push(format!("{name}: {errors} without a reason"));
            }
        }
    }
    if std::env::var_os("ADIT_REGENERATE").is_some() {
        fs::write(TABLE, &table).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((corpus.len(), expected.len()), (100, 100));
    println!("{refused} of 100 are refused, each for a reason");
}

/// What a device says of a file it cannot parse is an error here too, and the reverse.
#[test]
fn no_file_that_apples_parser_takes_is_called_malformed() {
    let Some(shared) = common::shared("policy 2, the parser's verdicts") else { return };
    let oracle = fs::read_to_string(shared.join("corpus/oracle.tsv")).unwrap();
    for line in oracle.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let report = judge(&shared.join("corpus/profiles").join(columns[0]));
        let errors = errors(&report);
        let syntax = |code: &&str| code.starts_with("container.") || *code == "template.control-flow";
        assert_eq!(errors.iter().any(syntax), columns[2] == "refused", "{}: {errors:?}", columns[0]);
    }
}
