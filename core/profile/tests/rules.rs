//! Every rule: a profile that passes, the same with one edit that fails with exactly its code, and the report as a snapshot.
//!
//! A fixture is `tests/rules/FOLDER/NAME.fixture` for the code `FAMILY.NAME` (or `FAMILY.NAME.fixture` where two
//! families of a folder share a name):
//!
//! ```text
//! base: ikev2-psk                     the profile, tests/rules/bases/ikev2-psk.mobileconfig
//! targets: ios-26.1, supervised       optional; also user-enrollment
//! at: 2026-11-21T00:00:00Z            optional, the time of checking
//! explain: yes                        for rules that only `adit explain` says
//! also: sign.unsigned, key.unknown    optional: what the failing edit cannot help raising too, with the reason in a `#` line
//! # a comment
//! --- setup                           optional, any number: edits of both profiles
//! old lines
//! --- by
//! new lines
//! --- replace                         the one edit that makes it fail
//! old lines
//! --- with
//! new lines
//! ```
//!
//! `pass-file:` and `fail-file:` instead of `base` name whole files beside the fixture (binary ones, signed ones).
//! The passing profile raises nothing at all but `sign.unsigned` and `secret.plaintext`, and what `base-also:` lists.
//! `ADIT_REGENERATE=1 cargo test -p adit-profile --test rules` writes the snapshots (`.report`) anew.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "common/fixes.rs"]
mod fixes;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use adit_profile::rules::{self, Check, Level, Options, Rule};
use adit_profile::source::{ColumnUnit, LineIndex, SourceText};
use adit_profile::{Diagnostic, Limits, check_with};

/// Said of every unsigned profile, and of every one with a secret in it.
const ALWAYS: [&str; 2] = ["sign.unsigned", "secret.plaintext"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

struct Fixture {
    pass: Vec<u8>,
    fail: Vec<u8>,
    options: Options,
    also: BTreeSet<String>,
    base_also: BTreeSet<String>,
}

impl Fixture {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let (head, blocks) =
            text.split_once("\n--- ").map_or((text.as_str(), ""), |(head, rest)| (head, rest));
        let mut options = Options::default();
        let (mut also, mut base_also) = (BTreeSet::new(), BTreeSet::new());
        let (mut pass, mut fail) = (Vec::new(), None);
        for line in head.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let (key, value) = line.split_once(':').unwrap_or_else(|| panic!("{}: {line}", path.display()));
            let words =
                || value.split(',').map(|word| word.trim().to_owned()).filter(|word| !word.is_empty());
            let beside = |name: &str| fs::read(path.with_file_name(name)).unwrap();
            match key {
                "base" => {
                    let base = folder().join("bases").join(format!("{}.mobileconfig", value.trim()));
                    pass = fs::read(&base).unwrap_or_else(|error| panic!("{}: {error}", base.display()));
                }
                "pass-file" => pass = beside(value.trim()),
                "fail-file" => fail = Some(beside(value.trim())),
                "at" => options.at = Some(value.trim().parse().unwrap()),
                "explain" => options.explain = true,
                "also" => also = words().collect(),
                "base-also" => base_also = words().collect(),
                "targets" => {
                    for word in words() {
                        match word.as_str() {
                            "supervised" => {
                                options.targets.iter_mut().for_each(|target| target.supervised = true)
                            }
                            "user-enrollment" => {
                                options.targets.iter_mut().for_each(|target| target.user_enrollment = true);
                            }
                            target => options.targets.push(target.parse().unwrap()),
                        }
                    }
                }
                _ => panic!("{}: unknown header {key}", path.display()),
            }
        }
        let mut broken = None;
        let mut parts = blocks.split("\n--- ").map(|part| {
            let (kind, body) = part.split_once('\n').unwrap_or((part, ""));
            (kind.trim().to_owned(), body.to_owned())
        });
        while let Some((kind, old)) = parts.next() {
            if kind.is_empty() {
                continue;
            }
            let (second, new) = parts
                .next()
                .unwrap_or_else(|| panic!("{}: `{kind}` without its second half", path.display()));
            match (kind.as_str(), second.as_str()) {
                ("setup", "by") => pass = edit(path, &pass, &old, &new),
                ("replace", "with") => broken = Some(edit(path, &pass, &old, &new)),
                _ => panic!("{}: --- {kind} / --- {second}", path.display()),
            }
        }
        let fail = fail.or(broken).unwrap_or_else(|| panic!("{}: no edit", path.display()));
        Self { pass, fail, options, also, base_also }
    }
}

/// `text` with the one occurrence of `old` replaced.
fn edit(path: &Path, text: &[u8], old: &str, new: &str) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let old = old.trim_end_matches('\n');
    let new = new.trim_end_matches('\n');
    let count = text.matches(old).count();
    assert!(
        count == 1 && !old.is_empty(),
        "{}: the text to replace occurs {count} times:\n{old}",
        path.display()
    );
    // A line that goes takes its line break with it.
    let with_break = format!("{old}\n");
    if new.is_empty() && text.contains(&with_break) {
        return text.replace(&with_break, "").into_bytes();
    }
    text.replace(old, new).into_bytes()
}

fn find_fixture(family: &rules::Family, rule: &Rule) -> PathBuf {
    let (_, name) = rule.code.as_str().split_once('.').unwrap();
    let long = folder().join(family.folder).join(format!("{}.fixture", rule.code));
    if long.exists() { long } else { folder().join(family.folder).join(format!("{name}.fixture")) }
}

fn found(bytes: &[u8], options: &Options) -> Vec<Diagnostic> {
    check_with(bytes, &Limits::default(), options).diagnostics
}

fn snapshot(bytes: &[u8], found: &[&Diagnostic]) -> String {
    let source = SourceText::new(bytes);
    let lines = source.as_ref().map(LineIndex::new);
    let mut text = String::new();
    for one in found {
        let place = match &lines {
            Some(lines) => {
                let range = lines.range(one.span, ColumnUnit::Characters);
                format!("{}:{}-{}:{}", range.start.line, range.start.column, range.end.line, range.end.column)
            }
            None => format!("{}..{}", one.span.start, one.span.end),
        };
        writeln!(text, "{place} {} {} {}\n  {}", one.severity, one.code, one.path, one.message).unwrap();
        if let Some(help) = &one.help {
            writeln!(text, "  help: {help}").unwrap();
        }
        for related in &one.related {
            writeln!(text, "  see {}..{}: {}", related.span.start, related.span.end, related.message)
                .unwrap();
        }
        for fix in &one.fixes {
            writeln!(text, "  fix ({:?}): {}", fix.safety, fix.title).unwrap();
        }
    }
    text
}

fn judge(family: &rules::Family, rule: &'static Rule) -> Result<(), String> {
    let path = find_fixture(family, rule);
    if !path.exists() {
        return Err(format!("{}: no fixture {}", rule.code, path.display()));
    }
    let fixture = Fixture::read(&path);
    let code = rule.code.as_str();
    let passing = found(&fixture.pass, &fixture.options);
    for one in &passing {
        let name = one.code.as_str();
        if name == code || !(ALWAYS.contains(&name) || fixture.base_also.contains(name)) {
            return Err(format!("{code}: the passing profile raises {one:#?}"));
        }
    }
    let failing = found(&fixture.fail, &fixture.options);
    let own: Vec<&Diagnostic> = failing.iter().filter(|one| one.code.as_str() == code).collect();
    if own.is_empty() {
        return Err(format!("{code}: the failing profile does not raise it, but {failing:#?}"));
    }
    for one in &failing {
        let name = one.code.as_str();
        let expected = name == code
            || ALWAYS.contains(&name)
            || fixture.base_also.contains(name)
            || fixture.also.contains(name);
        if !expected {
            return Err(format!("{code}: the failing profile also raises {one:#?}"));
        }
    }
    for name in &fixture.also {
        if !failing.iter().any(|one| one.code.as_str() == name) {
            return Err(format!("{code}: `also` lists {name}, which is not raised"));
        }
    }
    fixes::mend(&fixture.fail, &fixture.options).map_err(|fault| format!("{code}: {fault}"))?;
    let shown = snapshot(&fixture.fail, &own);
    let report = path.with_extension("report");
    if std::env::var_os("ADIT_REGENERATE").is_some() {
        fs::write(&report, &shown).unwrap();
        return Ok(());
    }
    let expected = fs::read_to_string(&report).unwrap_or_default();
    if shown == expected {
        Ok(())
    } else {
        Err(format!("{code}: the report is\n{shown}\nand was\n{expected}"))
    }
}

#[test]
fn each_rule_has_a_failing_and_a_passing_fixture_and_its_report() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for family in rules::FAMILIES {
        for rule in family.rules.iter().copied().filter(|rule| !matches!(rule.check, Check::Plan)) {
            count += 1;
            wrong.extend(judge(family, rule).err());
        }
    }
    assert!(wrong.is_empty(), "{} of {count} rules:\n{}", wrong.len(), wrong.join("\n"));
    println!("{count} rules have their fixtures");
}

#[test]
fn each_rule_has_a_page_and_a_code_of_its_own() {
    let mut codes = BTreeSet::new();
    for rule in rules::all() {
        assert!(codes.insert(rule.code), "{} twice", rule.code);
        for (name, text) in [
            ("what", rule.what.text()),
            ("why", rule.why.text()),
            ("mend", rule.mend.text()),
            ("source", rule.source),
        ] {
            assert!(text.len() >= 8, "{}: {name} is `{text}`", rule.code);
        }
        for (name, text) in [("what", rule.what.text()), ("why", rule.why.text()), ("mend", rule.mend.text())]
        {
            assert!(text.ends_with('.'), "{}: {name} does not end a sentence", rule.code);
        }
        assert!(!rule.title.is_empty() && !rule.title.ends_with('.'), "{}: {}", rule.code, rule.title);
        assert!(rule.level != Level::Explain || matches!(rule.check, Check::Profile(_)), "{}", rule.code);
    }
}

#[test]
fn no_fixture_is_without_its_rule() {
    for family in rules::FAMILIES {
        let Ok(entries) = fs::read_dir(folder().join(family.folder)) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "fixture") {
                let known = family.rules.iter().any(|rule| find_fixture(family, rule) == path);
                assert!(known, "{} belongs to no rule", path.display());
            }
        }
    }
}
