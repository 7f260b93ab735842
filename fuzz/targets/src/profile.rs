//! Profiles: XML and binary property lists.
//!
//! Input: a file. `profile_binary` takes one that starts as a binary property list, `profile_xml` everything else;
//! `profile_template` reads any as a template.
//!
//! Invariants: every span lies within the file, begins before it ends and lies within its parent's (in XML, where
//! values stand in order); the tree is no deeper than the limit; positions can be computed for all of them; reading
//! again gives the same; diagnostics have no control characters; without errors there is a root; no diagnostic and no
//! `Debug` text shows a secret; settings come only of a file without errors, within the ranges they promise, and of
//! none that is refused.

use adit_profile::ikev2::{Choice, Which, requirements};
use adit_profile::report::MAX_DIAGNOSTICS;
use adit_profile::rules::Options;
use adit_profile::source::{ColumnUnit, LineIndex, SourceText};
use adit_profile::syntax::{Node, Value};
use adit_profile::template::{Values, render};
use adit_profile::{Diagnostic, Document, Limits, Named, Profile, Severity, Span, Verdict, check_with};

const BINARY: &[u8] = b"bplist";

/// Reads an XML property list.
pub fn profile_xml(data: &[u8]) {
    if !data.starts_with(BINARY) {
        read(data);
    }
}

/// Reads a binary property list.
pub fn profile_binary(data: &[u8]) {
    if data.starts_with(BINARY) {
        read(data);
    }
}

/// Reads a file as a template, and fills it in.
pub fn profile_template(data: &[u8]) {
    let limits = Limits { file_size: 1 << 20, depth: 16, values: 2000 };
    let document = Document::read_template(data, &limits, Values::AsPlaceholders);
    let content = document.content(data);
    let whole = Span::new(0, content.len());
    for document in [&document, &Document::read_template(data, &limits, Values::AsWritten)] {
        if let Some(root) = document.root() {
            let values = walk(root, whole, !content.starts_with(BINARY), limits.depth);
            assert!(values <= limits.values, "{values} values");
        }
    }
    let lines = SourceText::masked(content, &document.secret_spans());
    let lines = lines.as_ref().map(LineIndex::new);
    let options = Options { template: true, ..Options::default() };
    check_diagnostics(&check_with(data, &limits, &options).diagnostics, whole, lines.as_ref());
    if let Ok(text) = std::str::from_utf8(data) {
        let values = [("x", "<&>"), ("X", "1"), ("name", "")];
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let rendered = render(text, &values);
        // Nothing but tokens changes, so a text without any comes out as it went in.
        let marks = ['{', '$', '<', '%', '@', '_'];
        assert!(text.contains(marks) || *rendered.text == text);
        // What has no value still stands there.
        let again = render(&rendered.text, &Named::new());
        assert!(*again.text == *rendered.text, "filling in nothing changes something");
    }
}

/// Reads a file of any kind and checks what this module's head says.
pub(super) fn read(data: &[u8]) {
    // Lower limits than a product's, so that the fuzzer gets to them.
    let limits = Limits { file_size: 1 << 20, depth: 16, values: 2000 };
    let document = Document::read_within(data, &limits);
    let again = Document::read_within(data, &limits);
    assert_eq!(format!("{:?}", document.root()), format!("{:?}", again.root()), "reading is not repeatable");

    // Spans count in the profile inside a signed one.
    let content = document.content(data);
    let whole = Span::new(0, content.len());
    if let Some(root) = document.root() {
        let nested = !content.starts_with(BINARY);
        let values = walk(root, whole, nested, limits.depth);
        assert!(values <= limits.values, "{values} values");
    }
    let report = document.syntax_report();
    assert_eq!(report.has_errors(), document.problems().has_errors());
    if report.verdict() == Verdict::Accepted {
        assert!(document.root_dict().is_some(), "accepted without a dictionary");
    }
    let source = SourceText::masked(content, &document.secret_spans());
    let lines = source.as_ref().map(LineIndex::new);
    check_diagnostics(&report.diagnostics, whole, lines.as_ref());
    let judged = check_with(data, &limits, &adit_profile::rules::Options::default());
    check_diagnostics(&judged.diagnostics, whole, lines.as_ref());
    assert!(judged.has_errors() || !report.has_errors(), "the whole judgement forgets an error");
    plan(&document, whole);
}

fn check_diagnostics(diagnostics: &[Diagnostic], whole: Span, lines: Option<&LineIndex<'_>>) {
    assert!(diagnostics.len() <= MAX_DIAGNOSTICS);
    for diagnostic in diagnostics {
        let texts = [&diagnostic.message, &diagnostic.path].into_iter().chain(&diagnostic.help);
        let texts = texts.chain(diagnostic.related.iter().map(|related| &related.message));
        for text in texts.chain(diagnostic.fixes.iter().map(|fix| &fix.title)) {
            assert!(!text.chars().any(char::is_control), "{diagnostic:?}");
        }
        assert!(!diagnostic.message.is_empty());
        for span in diagnostic.related.iter().map(|related| related.span).chain([diagnostic.span]) {
            assert!(inside(span, whole), "{diagnostic:?}");
            if let Some(lines) = lines {
                let range = lines.range(span, ColumnUnit::Characters);
                assert!(range.start <= range.end && range.start.line >= 1 && range.start.column >= 1);
            }
        }
    }
}

/// Asks for the settings of each VPN payload.
fn plan(document: &Document, whole: Span) {
    let Some(profile) = Profile::of(document) else { return };
    for payload in profile.vpn_payloads().take(4) {
        let which = Which { payload: Choice::Index(payload.index), ..Default::default() };
        match requirements(&profile, which) {
            Ok(settings) => {
                assert!(!document.problems().has_errors(), "settings of a broken file");
                check_diagnostics(&settings.warnings, whole, None);
                assert!(!settings.ike_proposals.is_empty() && !settings.child_proposals.is_empty());
                assert!(!settings.remote_address.is_empty() && !settings.remote_identifier.is_empty());
                for minutes in [settings.ike_lifetime_minutes, settings.child_lifetime_minutes] {
                    assert!((10..=1440).contains(&minutes));
                }
                assert!((1280..=1400).contains(&settings.mtu) && settings.nat_keepalive_seconds >= 20);
                if let Some(secret) = payload_secret(&profile)
                    && secret.len() >= 8
                {
                    let shown = format!("{:?}{:?}", settings.authentication, settings.warnings);
                    assert!(!shown.contains(secret), "a secret in Debug");
                }
            }
            Err(reasons) => {
                assert!(
                    reasons.iter().any(|reason| reason.severity == Severity::Error),
                    "refused without an error: {reasons:?}"
                );
                check_diagnostics(&reasons, whole, None);
            }
        }
    }
}

/// The shared secret of the first payload that has one where it belongs.
fn payload_secret<'d>(profile: &Profile<'d>) -> Option<&'d str> {
    profile
        .vpn_payloads()
        .find_map(|payload| payload.section.node("IKEv2")?.as_dict()?.get("SharedSecret")?.as_str())
}

/// Counts the values below and including `node`, and checks their spans.
fn walk(node: &Node, parent: Span, nested: bool, depth: usize) -> usize {
    assert!(inside(node.span, parent), "{:?} outside {parent:?}", node.span);
    // A binary list's values stand anywhere in the file.
    let around = if nested { node.span } else { parent };
    let deeper = || depth.checked_sub(1).expect("the tree is deeper than the limit");
    match &node.value {
        // What is empty holds nothing deeper: `<array/>` may stand at the limit.
        Value::Array(items) if items.is_empty() => 1,
        Value::Dict(dict) if dict.entries.is_empty() => 1,
        Value::Array(items) => {
            let depth = deeper();
            1 + items.iter().map(|item| walk(item, around, nested, depth)).sum::<usize>()
        }
        Value::Dict(dict) => {
            let depth = deeper();
            let entries = dict.entries.iter().map(|entry| {
                assert!(inside(entry.key.span, around));
                walk(&entry.value, around, nested, depth)
            });
            1 + entries.sum::<usize>()
        }
        _ => 1,
    }
}

fn inside(span: Span, outer: Span) -> bool {
    span.start <= span.end && span.start >= outer.start && span.end <= outer.end
}
