//! Reports as JSON: what stands around the files, whose form is [`FileReport`] (docs/validate-json.md).

use adit_profile::json::FileReport;
use serde_json::{Value, json};

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
    let form = FileReport {
        file: Some(&judged.name),
        known_to_baseline: judged.known,
        ..FileReport::of(judged.form(), None)
    };
    json!(form)
}
