//! Profiles: XML and binary property lists.
//!
//! Input: a file. `profile_binary` takes one that starts as a binary property list, `profile_xml` everything else.
//!
//! Invariants: every span lies within the file, begins before it ends and lies within its parent's (in XML, where
//! values stand in order); the tree is no deeper than the limit; positions can be computed for all of them; reading
//! again gives the same; diagnostics have no control characters; without errors there is a root.

use adit_profile::report::MAX_DIAGNOSTICS;
use adit_profile::source::{ColumnUnit, LineIndex, SourceText};
use adit_profile::syntax::{Node, Value};
use adit_profile::{Document, Limits, Span, Verdict};

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

fn read(data: &[u8]) {
    // Lower limits than a product's, so that the fuzzer gets to them.
    let limits = Limits { file_size: 1 << 20, depth: 16, values: 2000 };
    let document = Document::read_within(data, &limits);
    let again = Document::read_within(data, &limits);
    assert_eq!(format!("{:?}", document.root()), format!("{:?}", again.root()), "reading is not repeatable");

    let whole = Span::new(0, data.len());
    if let Some(root) = document.root() {
        let nested = !data.starts_with(BINARY);
        let values = walk(root, whole, nested, limits.depth);
        assert!(values <= limits.values, "{values} values");
    }
    let report = document.syntax_report();
    assert!(report.diagnostics.len() <= MAX_DIAGNOSTICS);
    assert_eq!(report.has_errors(), document.problems().has_errors());
    if report.verdict() == Verdict::Accepted {
        assert!(document.root_dict().is_some(), "accepted without a dictionary");
    }
    let source = SourceText::masked(data, &document.secret_spans());
    let lines = source.as_ref().map(LineIndex::new);
    for diagnostic in &report.diagnostics {
        assert!(inside(diagnostic.span, whole), "{diagnostic:?}");
        assert!(!diagnostic.message.is_empty() && !diagnostic.message.chars().any(char::is_control), "{diagnostic:?}");
        for span in diagnostic.related.iter().map(|related| related.span).chain([diagnostic.span]) {
            assert!(inside(span, whole), "{diagnostic:?}");
            if let Some(lines) = &lines {
                let range = lines.range(span, ColumnUnit::Characters);
                assert!(range.start <= range.end && range.start.line >= 1 && range.start.column >= 1);
            }
        }
    }
}

/// Counts the values below and including `node`, and checks their spans.
fn walk(node: &Node, parent: Span, nested: bool, depth: usize) -> usize {
    assert!(inside(node.span, parent), "{:?} outside {parent:?}", node.span);
    // A binary list's values stand anywhere in the file.
    let around = if nested { node.span } else { parent };
    let deeper = || depth.checked_sub(1).expect("the tree is deeper than the limit");
    match &node.value {
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
