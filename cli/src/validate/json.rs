//! Reports as JSON: a public interface. Fields are added, never renamed.

use adit_profile::Span;
use adit_profile::source::{ColumnUnit, LineIndex, SourceText};
use serde_json::{Value, json};

use super::Judged;

/// One file's report.
pub fn file(judged: &Judged) -> Value {
    let Judged { name, content, report, .. } = judged;
    let source = SourceText::new(content);
    let lines = source.as_ref().map(LineIndex::new);
    let place = |span: Span| {
        let mut value = json!({"byte_start": span.start, "byte_end": span.end});
        if let (Some(lines), Value::Object(map)) = (&lines, &mut value) {
            let range = lines.range(span, ColumnUnit::Characters);
            map.insert("line".into(), range.start.line.into());
            map.insert("column".into(), range.start.column.into());
            map.insert("end_line".into(), range.end.line.into());
            map.insert("end_column".into(), range.end.column.into());
        }
        value
    };
    let diagnostics: Vec<Value> = report
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let related: Vec<Value> = diagnostic
                .related
                .iter()
                .map(|related| json!({"message": related.message, "location": place(related.span)}))
                .collect();
            json!({
                "code": diagnostic.code,
                "severity": diagnostic.severity,
                "message": diagnostic.message,
                "help": diagnostic.help,
                "path": diagnostic.path,
                "location": place(diagnostic.span),
                "related": related,
            })
        })
        .collect();
    json!({
        "file": name,
        "format": report.format,
        "verdict": report.verdict(),
        "diagnostics": diagnostics,
        "suppressed": report.suppressed,
    })
}
