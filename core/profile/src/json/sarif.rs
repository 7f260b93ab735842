//! SARIF 2.1.0, which code hosts show beside the lines: stable fingerprints, fixes as replacements.
//!
//! Without the feature `pages` the rules' descriptions are their titles and sources alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::fix::{ByteEdit, Edits};
use crate::gather::Gather as _;
use crate::report::{Code, Diagnostic, Severity, Span};
use crate::rules;
use crate::schema::RELEASE;
use crate::source::SourceText;

use super::place::Places;
use super::report::{Judged, edits};

/// A log of one run of the program.
#[derive(Debug, Default)]
pub struct Sarif {
    results: Vec<SarifResult>,
    used: BTreeSet<&'static str>,
    notifications: Vec<Notification>,
}

/// A log as it is written.
#[derive(Debug, Serialize)]
pub struct SarifLog {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    results: Vec<SarifResult>,
}

#[derive(Debug, Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    rules: Vec<Descriptor>,
    properties: DriverProperties,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DriverProperties {
    schema_release: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    short_description: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    full_description: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_configuration: Option<Configuration>,
}

#[derive(Debug, Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Debug, Serialize)]
struct Text {
    text: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Debug, Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
    locations: [SarifLocation; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: Code,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text,
    locations: [SarifLocation; 1],
    partial_fingerprints: Fingerprints,
    properties: ResultProperties,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<SarifLocation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<SarifFix>,
}

#[derive(Debug, Serialize)]
struct Fingerprints {
    #[serde(rename = "aditFinding/v1")]
    finding: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultProperties {
    key_path: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    logical_locations: Option<[LogicalLocation; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Clone, Debug, Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    byte_offset: u32,
    byte_length: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifFix {
    description: Text,
    artifact_changes: [ArtifactChange; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Text,
}

impl Sarif {
    /// Adds the findings of a file; `uri` is a relative URI of it.
    pub fn file(&mut self, uri: &str, judged: Judged<'_>) {
        let source = SourceText::new(judged.content);
        let places = Places::new(source.as_ref(), None);
        let writer = Edits::new(judged.content);
        let file = File { artifact: Artifact { uri: uri.to_owned() }, places, writer };
        let mut seen: BTreeMap<(&'static str, &str), usize> = BTreeMap::new();
        for found in &judged.report.diagnostics {
            let code = found.code.as_str();
            self.used.insert(code);
            // Equal findings are told apart by how many came before.
            let number = seen.entry((code, found.path.as_str())).or_default();
            *number += 1;
            self.results.push(file.result(judged, found, *number));
        }
    }

    /// Adds a file that cannot be read.
    pub fn unreadable(&mut self, uri: &str, error: &str) {
        let artifact_location = Artifact { uri: uri.to_owned() };
        let physical_location = PhysicalLocation { artifact_location, region: None };
        self.notifications.push(Notification {
            level: "error",
            message: text(format!("cannot be read: {error}")),
            locations: [SarifLocation { physical_location, logical_locations: None, message: None }],
        });
    }

    /// The log; `version` is the program's.
    #[must_use]
    pub fn finish(mut self, version: &'static str) -> SarifLog {
        for result in &mut self.results {
            result.rule_index = self.used.iter().position(|code| *code == result.rule_id.as_str());
        }
        let driver = Driver {
            name: "adit",
            version,
            semantic_version: version,
            rules: self.used.iter().map(|code| descriptor(code)).gather(),
            properties: DriverProperties { schema_release: RELEASE },
        };
        let invocation = Invocation {
            execution_successful: self.notifications.is_empty(),
            tool_execution_notifications: self.notifications,
        };
        SarifLog {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [Run {
                tool: Tool { driver },
                column_kind: "unicodeCodePoints",
                invocations: [invocation],
                results: self.results,
            }],
        }
    }
}

/// A file while its findings are written.
struct File<'a> {
    artifact: Artifact,
    places: Places<'a>,
    writer: Edits<'a>,
}

impl File<'_> {
    fn result(&self, judged: Judged<'_>, found: &Diagnostic, number: usize) -> SarifResult {
        let message = match &found.help {
            Some(help) => format!("{}: {help}", found.message),
            None => found.message.clone(),
        };
        let mut location = self.location(found.span);
        if !found.path.is_empty() {
            let fully_qualified_name = found.path.clone();
            location.logical_locations = Some([LogicalLocation { fully_qualified_name, kind: "member" }]);
        }
        let related = found.related.iter().map(|other| {
            let message = Some(text(other.message.clone()));
            SarifLocation { message, ..self.location(other.span) }
        });
        let fixes = found.fixes.iter().filter_map(|one| {
            let replacements =
                edits(judged, one, &self.writer)?.into_iter().map(|edit| self.replacement(edit)).gather();
            let artifact_location = self.artifact.clone();
            Some(SarifFix {
                description: text(one.title.clone()),
                artifact_changes: [ArtifactChange { artifact_location, replacements }],
            })
        });
        SarifResult {
            rule_id: found.code,
            rule_index: None,
            level: level(found.severity),
            message: text(message),
            locations: [location],
            partial_fingerprints: Fingerprints { finding: format!("{}/{}/{number}", found.code, found.path) },
            properties: ResultProperties { key_path: found.path.clone() },
            related_locations: related.gather(),
            fixes: fixes.gather(),
        }
    }

    fn location(&self, span: Span) -> SarifLocation {
        let artifact_location = self.artifact.clone();
        let physical_location = PhysicalLocation { artifact_location, region: Some(self.region(span)) };
        SarifLocation { physical_location, logical_locations: None, message: None }
    }

    fn replacement(&self, edit: ByteEdit) -> Replacement {
        Replacement { deleted_region: self.region(edit.span), inserted_content: text(edit.text) }
    }

    fn region(&self, span: Span) -> Region {
        let place = self.places.of(span);
        Region {
            byte_offset: span.start,
            byte_length: span.end - span.start,
            start_line: place.line,
            start_column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
        }
    }
}

fn text(text: impl Into<String>) -> Text {
    Text { text: text.into() }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "note",
    }
}

fn descriptor(code: &'static str) -> Descriptor {
    let Some(rule) = rules::find(code) else {
        return Descriptor {
            id: code,
            name: None,
            short_description: None,
            full_description: None,
            help: None,
            default_configuration: None,
        };
    };
    let (full, help) = if rule.what.text().is_empty() {
        (None, format!("Source: {}", rule.source))
    } else {
        let full = text(format!("{} {}", rule.what.text(), rule.why.text()));
        (Some(full), format!("{}\n\nSource: {}", rule.mend.text(), rule.source))
    };
    Descriptor {
        id: code,
        name: Some(code),
        short_description: Some(text(rule.title)),
        full_description: full,
        help: Some(text(help)),
        default_configuration: Some(Configuration { level: level(rule.level.severity()) }),
    }
}
