//! JUnit XML, which CI systems show as test results: one suite a file, one failed case a finding that counts.

use std::fmt::Write as _;

use adit_profile::Severity;
use adit_profile::source::{ColumnUnit, LineIndex, SourceText};

use super::{Judged, Totals};

/// One file's suite.
pub(super) fn file(judged: &Judged, fail_on: Option<Severity>) -> String {
    let source = SourceText::new(&judged.content);
    let lines = source.as_ref().map(LineIndex::new);
    let name = escape(&judged.name);
    let counts = |severity: Severity| fail_on.is_some_and(|least| severity >= least);
    let found = &judged.report.diagnostics;
    let failures = found.iter().filter(|one| counts(one.severity)).count();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">",
        found.len().max(1),
    );
    text.push_str(&properties());
    if found.is_empty() {
        let _ = writeln!(text, "    <testcase classname=\"{name}\" name=\"no findings\"/>");
    }
    for one in found {
        let place = lines.as_ref().map_or_else(
            || format!("byte {}", one.span.start),
            |lines| {
                let at = lines.position(one.span.start, ColumnUnit::Characters);
                format!("line {}, column {}", at.line, at.column)
            },
        );
        let title = escape(&format!("{} at {place}", one.code));
        let message = escape(&one.message);
        let help = escape(one.help.as_deref().unwrap_or_default());
        let body = format!("{}: {place}: {}\n{help}", one.severity, escape(&one.path));
        let inner = if counts(one.severity) {
            format!("<failure type=\"{}\" message=\"{message}\">{body}</failure>", one.severity)
        } else {
            format!("<system-out>{message}\n{body}</system-out>")
        };
        let _ = writeln!(text, "    <testcase classname=\"{name}\" name=\"{title}\">{inner}</testcase>");
    }
    text.push_str("  </testsuite>\n");
    text
}

/// The release of Apple's schema that was judged by.
fn properties() -> String {
    let release = adit_profile::schema::RELEASE;
    format!("    <properties><property name=\"schema_release\" value=\"{release}\"/></properties>\n")
}

/// A file that cannot be read.
pub(super) fn unreadable(name: &str, error: &str) -> String {
    let (name, error) = (escape(name), escape(error));
    format!(
        "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\">\n{}    \
         <testcase classname=\"{name}\" name=\"read\"><error message=\"{error}\"/></testcase>\n  </testsuite>\n",
        properties()
    )
}

/// The whole document.
pub(super) fn whole(suites: &str, totals: &Totals) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"adit validate\" failures=\"{}\" errors=\"{}\">\n\
         {suites}</testsuites>",
        totals.failing, totals.unreadable
    )
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(character),
            other if other.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            other => out.push(other),
        }
    }
    out
}
