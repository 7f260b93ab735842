//! SARIF 2.1.0, which code hosts show beside the lines: relative URIs, stable fingerprints, fixes as replacements.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use adit_profile::source::{ColumnUnit, LineIndex, SourceText};
use adit_profile::{Diagnostic, Severity, Span, fix, rules};
use serde_json::{Value, json};

use super::Judged;

/// A log of one run.
#[derive(Default)]
pub(super) struct Log {
    results: Vec<Value>,
    used: BTreeSet<&'static str>,
    notifications: Vec<Value>,
}

impl Log {
    pub(super) fn file(&mut self, judged: &Judged) {
        let source = SourceText::new(&judged.content);
        let lines = source.as_ref().map(LineIndex::new);
        let mut seen: BTreeMap<(&'static str, &str), usize> = BTreeMap::new();
        for found in &judged.report.diagnostics {
            let code = found.code.as_str();
            self.used.insert(code);
            // Equal findings are told apart by how many came before.
            let number = seen.entry((code, found.path.as_str())).or_default();
            *number += 1;
            self.results.push(result(judged, found, lines.as_ref(), *number));
        }
    }

    pub(super) fn unreadable(&mut self, name: &str, error: &str) {
        self.notifications.push(json!({
            "level": "error",
            "message": {"text": format!("cannot be read: {error}")},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(name)}}}],
        }));
    }

    pub(super) fn finish(self) -> Value {
        let described = self.used.iter().map(|code| descriptor(code)).collect::<Vec<_>>();
        let mut results = self.results;
        for result in &mut results {
            let place = result
                .get("ruleId")
                .and_then(Value::as_str)
                .and_then(|id| self.used.iter().position(|code| *code == id));
            if let Some(place) = place {
                put(result, "ruleIndex", place.into());
            }
        }
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": "adit",
                    "version": env!("CARGO_PKG_VERSION"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": described,
                    "properties": {"schemaRelease": adit_profile::schema::RELEASE},
                }},
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": self.notifications.is_empty(),
                    "toolExecutionNotifications": self.notifications,
                }],
                "results": results,
            }],
        })
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "note",
    }
}

fn descriptor(code: &str) -> Value {
    let Some(rule) = rules::find(code) else { return json!({"id": code}) };
    json!({
        "id": code,
        "name": code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": format!("{} {}", rule.what, rule.why)},
        "help": {"text": format!("{}\n\nSource: {}", rule.mend, rule.source)},
        "defaultConfiguration": {"level": level(rule.level.severity())},
    })
}

fn result(judged: &Judged, found: &Diagnostic, lines: Option<&LineIndex<'_>>, number: usize) -> Value {
    let location = |span: Span| {
        json!({"physicalLocation": {
            "artifactLocation": {"uri": uri(&judged.name)},
            "region": region(span, lines),
        }})
    };
    let message = match &found.help {
        Some(help) => format!("{}: {help}", found.message),
        None => found.message.clone(),
    };
    let related: Vec<Value> = found
        .related
        .iter()
        .map(|related| {
            let mut location = location(related.span);
            put(&mut location, "message", json!({"text": related.message}));
            location
        })
        .collect();
    let mut result = json!({
        "ruleId": found.code,
        "level": level(found.severity),
        "message": {"text": message},
        "locations": [location(found.span)],
        "partialFingerprints": {"aditFinding/v1": format!("{}/{}/{number}", found.code, found.path)},
        "properties": {"keyPath": found.path},
    });
    if let Some(Value::Array(locations)) = result.get_mut("locations")
        && let Some(first) = locations.first_mut()
        && !found.path.is_empty()
    {
        put(first, "logicalLocations", json!([{"fullyQualifiedName": found.path, "kind": "member"}]));
    }
    if !related.is_empty() {
        put(&mut result, "relatedLocations", related.into());
    }
    let fixes = fixes(judged, found, lines);
    if !fixes.is_empty() {
        put(&mut result, "fixes", fixes.into());
    }
    result
}

fn fixes(judged: &Judged, found: &Diagnostic, lines: Option<&LineIndex<'_>>) -> Vec<Value> {
    let Some(root) = judged.document.root() else { return Vec::new() };
    let mut fixes = Vec::new();
    for one in found.fixes.iter().filter(|one| fix::may_be_shown(root, one, &judged.secrets)) {
        let Ok(edits) = fix::byte_edits(&judged.content, root, one) else { continue };
        let replacements: Vec<Value> = edits
            .iter()
            .map(|edit| {
                json!({"deletedRegion": region(edit.span, lines), "insertedContent": {"text": edit.text}})
            })
            .collect();
        fixes.push(json!({
            "description": {"text": one.title},
            "artifactChanges": [{
                "artifactLocation": {"uri": uri(&judged.name)},
                "replacements": replacements,
            }],
        }));
    }
    fixes
}

fn region(span: Span, lines: Option<&LineIndex<'_>>) -> Value {
    let mut region = json!({"byteOffset": span.start, "byteLength": span.end - span.start});
    if let Some(lines) = lines {
        let range = lines.range(span, ColumnUnit::Characters);
        put(&mut region, "startLine", range.start.line.into());
        put(&mut region, "startColumn", range.start.column.into());
        put(&mut region, "endLine", range.end.line.into());
        put(&mut region, "endColumn", range.end.column.into());
    }
    region
}

/// Sets a member of an object.
fn put(object: &mut Value, key: &str, value: Value) {
    if let Value::Object(map) = object {
        map.insert(key.to_owned(), value);
    }
}

/// A relative URI with `/`; an absolute path loses what it shares with the working directory.
fn uri(name: &str) -> String {
    let path = Path::new(name);
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(&here).unwrap_or(path);
    let mut parts: Vec<String> = Vec::new();
    for part in path.components() {
        match part {
            Component::Normal(part) => parts.push(encode(&part.to_string_lossy())),
            Component::ParentDir => parts.push("..".into()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    parts.join("/")
}

fn encode(part: &str) -> String {
    let mut text = String::with_capacity(part.len());
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
