//! The list of rules against the project's table of facts, and `docs/rules` against the rules.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use adit_profile::rules;

/// Codes that are not in the table of facts: what this build says beyond it.
const BEYOND_THE_TABLE: &[&str] = &[
    "cert.unreadable",
    "comment.unknown-rule",
    "container.binary-malformed",
    "container.cms-malformed",
    "container.signed-not-read",
    "ikev2.psk-unusable",
    "plan.choice",
    "plan.not-obeyed",
    "plan.unsupported",
    "ppk.unusable",
];

/// The codes of `profile-rules.md`: in each row of a table with a severity, the words in backticks of the first column.
fn table(text: &str) -> BTreeSet<&str> {
    let mut codes = BTreeSet::new();
    for line in text.lines() {
        let mut cells = line.split(" | ");
        let (Some(first), Some(_)) = (cells.next(), cells.next()) else { continue };
        let Some(first) = first.strip_prefix("| ") else { continue };
        for word in first.split('`').skip(1).step_by(2) {
            let (family, name) = word.split_once('.').unwrap_or((word, ""));
            let lower = |text: &str| {
                !text.is_empty()
                    && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            };
            assert!(lower(family) && lower(name), "{word}");
            codes.insert(word);
        }
    }
    codes
}

#[test]
fn every_code_of_the_facts_is_a_rule() {
    let Some(shared) = common::shared("rules against their table") else { return };
    let text = fs::read_to_string(shared.join("reference/profile-rules.md")).unwrap();
    let wanted = table(&text);
    assert_eq!(wanted.len(), 279);
    let built: BTreeSet<&str> = rules::all().map(|rule| rule.code.as_str()).collect();
    let missing: Vec<&&str> = wanted.difference(&built).collect();
    assert!(missing.is_empty(), "{} codes of the table have no rule: {missing:?}", missing.len());
    let beyond: Vec<&&str> =
        built.difference(&wanted).filter(|code| !BEYOND_THE_TABLE.contains(code)).collect();
    assert!(beyond.is_empty(), "not in the table: {beyond:?}");
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules")
}

/// `ADIT_REGENERATE=1 cargo test -p adit-profile --test rule_pages` writes the pages anew.
#[test]
fn the_pages_in_docs_are_those_of_the_rules() {
    let mut index = String::from(
        "# The rules\n\nEvery rule that `adit validate` judges profiles by. These pages are written from the source; \
         `adit explain --rule CODE` prints one.\n",
    );
    let mut pages = Vec::new();
    for family in rules::FAMILIES {
        let name = format!("{}.md", family.folder);
        write!(index, "\n## [{}]({name})\n\n| code | severity | |\n| --- | --- | --- |\n", family.title)
            .unwrap();
        for rule in family.rules {
            let level = serde_json::to_value(rule.level).unwrap();
            let level = level.as_str().unwrap();
            let anchor = rule.code.as_str().replace('.', "");
            writeln!(index, "| [`{}`]({name}#{anchor}) | {level} | {} |", rule.code, rule.title).unwrap();
        }
        pages.push((name, rules::family_page(family)));
    }
    pages.push(("README.md".to_owned(), index));
    let names: BTreeSet<String> = pages.iter().map(|(name, _)| name.clone()).collect();
    if std::env::var_os("ADIT_REGENERATE").is_some() {
        let _ = fs::remove_dir_all(docs());
        fs::create_dir_all(docs()).unwrap();
        for (name, text) in &pages {
            fs::write(docs().join(name), text).unwrap();
        }
        return;
    }
    for (name, text) in &pages {
        let found = fs::read_to_string(docs().join(name)).unwrap_or_default();
        assert!(found == *text, "docs/rules/{name} is out of date: run this test with ADIT_REGENERATE=1");
    }
    let found: BTreeSet<String> = fs::read_dir(docs())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, names, "docs/rules holds other files");
}
