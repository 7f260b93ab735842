//! Reports as JSON: a public interface, described in docs/validate-json.md. Fields are added, never renamed.

use adit_profile::source::{ColumnUnit, LineIndex, SourceText};
use adit_profile::{Diagnostic, Span, fix, rules};
use serde_json::{Map, Value, json};

use super::settings::Settings;
use super::{Judged, Totals};

/// The whole document.
pub(super) fn whole(files: Vec<Value>, totals: &Totals, settings: &Settings) -> Value {
    let options = &settings.options;
    json!({
        "version": 1,
        "tool": {"name": "adit", "version": env!("CARGO_PKG_VERSION")},
        "schema_release": adit_profile::schema::RELEASE,
        "targets": options.targets,
        "at": options.at.map(|at| at.to_string()),
        "files": files,
        "summary": {
            "files": totals.files,
            "errors": totals.errors,
            "warnings": totals.warnings,
            "notices": totals.notices,
            "silenced": totals.silenced,
            "no_profile": totals.no_profile,
            "unreadable": totals.unreadable,
        },
    })
}

/// A file that cannot be read.
pub(super) fn unreadable(name: &str, error: &str) -> Value {
    json!({"file": name, "verdict": "unreadable", "error": error})
}

/// One file's report.
pub(super) fn file(judged: &Judged) -> Value {
    let Judged { name, content, report, .. } = judged;
    let source = SourceText::new(content);
    let lines = source.as_ref().map(LineIndex::new);
    let diagnostics: Vec<Value> =
        report.diagnostics.iter().map(|found| diagnostic(judged, found, lines.as_ref())).collect();
    json!({
        "file": name,
        "format": report.format,
        "verdict": report.verdict(),
        "diagnostics": diagnostics,
        "suppressed": report.suppressed,
        "ignored_by_comment": report.ignored,
        "known_to_baseline": judged.known,
    })
}

fn diagnostic(judged: &Judged, found: &Diagnostic, lines: Option<&LineIndex<'_>>) -> Value {
    let related: Vec<Value> = found
        .related
        .iter()
        .map(|related| json!({"message": related.message, "location": place(related.span, lines)}))
        .collect();
    let fixes: Vec<Value> = found
        .fixes
        .iter()
        .map(|one| {
            let root = judged.document.root().filter(|root| fix::may_be_shown(root, one, &judged.secrets));
            let edits = root.and_then(|root| fix::byte_edits(&judged.content, root, one).ok());
            let edits = edits.map(|edits| {
                let edit = |edit: fix::ByteEdit| {
                    json!({"byte_start": edit.span.start, "byte_end": edit.span.end, "text": edit.text})
                };
                edits.into_iter().map(edit).collect::<Vec<Value>>()
            });
            json!({"title": one.title, "safety": one.safety, "edits": edits})
        })
        .collect();
    json!({
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "help": found.help,
        "path": found.path,
        "location": place(found.span, lines),
        "related": related,
        "fixes": fixes,
        "source": rules::find(found.code.as_str()).map(|rule| rule.source),
    })
}

fn place(span: Span, lines: Option<&LineIndex<'_>>) -> Value {
    let mut map = Map::new();
    map.insert("byte_start".into(), span.start.into());
    map.insert("byte_end".into(), span.end.into());
    if let Some(lines) = lines {
        let range = lines.range(span, ColumnUnit::Characters);
        map.insert("line".into(), range.start.line.into());
        map.insert("column".into(), range.start.column.into());
        map.insert("end_line".into(), range.end.line.into());
        map.insert("end_column".into(), range.end.column.into());
    }
    Value::Object(map)
}
