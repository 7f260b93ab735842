//! The syntax verdict for every file of the corpus equals CoreFoundation's.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::fs;

use adit_profile::source::{ColumnUnit, Format, LineIndex, SourceText};
use adit_profile::{Document, Severity, Verdict};

#[test]
fn every_corpus_file_is_judged_as_corefoundation_judges_it() {
    let Some(shared) = common::shared("corpus, syntax verdicts") else { return };
    let oracle = fs::read_to_string(shared.join("corpus/oracle.tsv")).unwrap();
    let mut counts = BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    for line in oracle.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [file, _, corefoundation, ..] = fields[..] else { panic!("oracle line {line:?}") };
        let bytes = fs::read(shared.join("corpus/profiles").join(file)).unwrap();
        let document = Document::read(&bytes);
        let report = document.syntax_report();
        let text = SourceText::new(document.content(&bytes));
        let lines = text.as_ref().map(LineIndex::new);
        let shown: Vec<String> = report
            .diagnostics
            .iter()
            .map(|found| {
                let at = lines.as_ref().map(|lines| lines.position(found.span.start, ColumnUnit::Characters));
                let at = at.map_or_else(String::new, |at| format!("{}:{}", at.line, at.column));
                format!("{at} {} {} {} [{}]", found.severity, found.code, found.message, found.path)
            })
            .collect();
        if !shown.is_empty() && std::env::var_os("SHOW").is_some() {
            println!("{file} ({corefoundation})\n    {}", shown.join("\n    "));
        }
        let expected = if corefoundation == "accepted" { Verdict::Accepted } else { Verdict::Refused };
        *counts.entry(corefoundation).or_default() += 1;
        if report.verdict() != expected {
            wrong.push(format!(
                "{file}: {:?}, expected {expected:?}\n    {}",
                report.verdict(),
                shown.join("\n    ")
            ));
        }
        if expected == Verdict::Refused {
            let first = report.diagnostics.iter().find(|found| found.severity == Severity::Error).unwrap();
            assert!(first.help.is_some(), "{file}: says what is wrong, not what to do");
            assert!(!matches!(report.format, Format::Unknown), "{file}");
            assert!(lines.is_some(), "{file}: has a line and column");
        }
    }
    println!("corpus: {counts:?}");
    assert!(wrong.is_empty(), "{} of the verdicts differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(counts.values().sum::<usize>(), 100);
}

/// What strict readers refuse and Apple's takes is a warning, and where all three take a file nothing is said of its syntax.
#[test]
fn what_other_readers_refuse_is_told() {
    let Some(shared) = common::shared("corpus, verdicts of other readers") else { return };
    let oracle = fs::read_to_string(shared.join("corpus/oracle.tsv")).unwrap();
    let mut told = 0;
    for line in oracle.lines().skip(1) {
        let [file, _, corefoundation, plistlib, xmllint] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("oracle line {line:?}")
        };
        if corefoundation != "accepted" {
            continue;
        }
        let bytes = fs::read(shared.join("corpus/profiles").join(file)).unwrap();
        let document = Document::read(&bytes);
        let markup = |code: &str| ["container.xml-malformed", "container.xml-leading-junk"].contains(&code);
        let said = document.problems().as_slice().iter().any(|found| markup(found.code.as_str()));
        // Python takes only files that begin with a few known words, and no data with a template's token in it.
        let refused = xmllint != "accepted" || plistlib.contains("not well-formed");
        assert_eq!(
            said,
            refused,
            "{file}: plistlib {plistlib}, xmllint {xmllint}: {:?}",
            document.problems()
        );
        told += usize::from(said);
    }
    assert!(told >= 3, "{told}");
}
