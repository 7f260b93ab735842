//! One line a finding, as editors and `grep` read them: `file:line:column: severity: message [code]`.

use std::fmt::Write as _;

use adit_profile::source::{ColumnUnit, LineIndex, SourceText};

use super::Judged;

/// One file's findings.
pub(super) fn render(judged: &Judged) -> String {
    let source = SourceText::new(&judged.content);
    let lines = source.as_ref().map(LineIndex::new);
    let mut text = String::new();
    for found in &judged.report.diagnostics {
        let place = match &lines {
            Some(lines) => {
                let at = lines.position(found.span.start, ColumnUnit::Characters);
                format!("{}:{}", at.line, at.column)
            }
            // A binary file has no lines; editors take this for the first one.
            None => format!("1:{}", found.span.start + 1),
        };
        let _ =
            writeln!(text, "{}:{place}: {}: {} [{}]", judged.name, found.severity, found.message, found.code);
    }
    text.truncate(text.trim_end().len());
    text
}
