//! A baseline: the findings a project knows of and lives with, so that only new ones are told.
//!
//! A finding is known by its file, its code and its key path, not by its line: edits elsewhere do not bring it back. A file is
//! known by its path from the folder of the baseline, however it was named and wherever the command runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use adit_profile::Report;
use serde::{Deserialize, Serialize};

use super::Judged;
use crate::outcome::Failed;

/// The findings of one file, by `code path`, with how often each occurs.
type Findings = BTreeMap<String, usize>;

/// A baseline file.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Baseline {
    version: u32,
    files: BTreeMap<String, Findings>,
    /// The folder of the baseline.
    #[serde(skip)]
    folder: PathBuf,
}

const VERSION: u32 = 1;

fn key(code: &str, path: &str) -> String {
    format!("{code} {path}")
}

impl Baseline {
    /// An empty one that will be written to `path`.
    pub(super) fn new(path: &Path) -> Self {
        Self { version: VERSION, files: BTreeMap::new(), folder: folder(path) }
    }

    pub(super) fn read(path: &Path) -> Result<Self, Failed> {
        let failed = |error: &dyn std::fmt::Display| {
            Failed::usage(format!("cannot read the baseline {}: {error}", path.display()))
        };
        let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
        let baseline: Self = serde_json::from_str(&text).map_err(|error| failed(&error))?;
        if baseline.version == VERSION {
            return Ok(Self { folder: folder(path), ..baseline });
        }
        Err(failed(&format!("its version is {}, this build reads {VERSION}", baseline.version)))
    }

    pub(super) fn add(&mut self, judged: &Judged) {
        let name = self.name_of(&judged.name);
        for found in &judged.report.diagnostics {
            let file = self.files.entry(name.clone()).or_default();
            *file.entry(key(found.code.as_str(), &found.path)).or_default() += 1;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.files.values().flat_map(BTreeMap::values).sum()
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), Failed> {
        let text = serde_json::to_string_pretty(self).map_err(Failed::task)?;
        std::fs::write(path, text + "\n")
            .map_err(|error| Failed::usage(format!("cannot write {}: {error}", path.display())))
    }

    /// Takes what is known out of a report; how many that was.
    pub(super) fn take(&self, name: &str, report: &mut Report) -> usize {
        let Some(known) = self.files.get(&self.name_of(name)) else { return 0 };
        let mut left = known.clone();
        let before = report.diagnostics.len();
        report.diagnostics.retain(|found| match left.get_mut(&key(found.code.as_str(), &found.path)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        before - report.diagnostics.len()
    }
    /// A file's path from the baseline's folder, with `/`; as it is where there is no such path (standard input).
    fn name_of(&self, name: &str) -> String {
        let Ok(path) = std::fs::canonicalize(name) else { return name.to_owned() };
        let mut up = PathBuf::new();
        for folder in self.folder.ancestors() {
            if let Ok(rest) = path.strip_prefix(folder) {
                return up.join(rest).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
            }
            up.push("..");
        }
        name.to_owned()
    }
}

/// The folder of a baseline, which need not exist itself yet.
fn folder(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::canonicalize(folder).unwrap_or_default()
}
