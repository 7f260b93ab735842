//! Two profiles compared by what they mean.
//!
//! Owns the comparison and its result: [`Change`]s with their places in both files, and [`Diff::notes`] on what differs
//! without meaning anything. What does not count: the order of keys and of payloads, comments, encodings, XML or binary,
//! signatures, a flag written as integer or boolean, a whole number written as real, PEM or DER, a default written out
//! or left out. UUIDs and identifiers are changes of their own kind, since a device takes the profile for another one.
//! Secrets are compared and never shown. Leaves out what a change leads to: that is [`crate::explain`]'s.

mod pairs;
mod values;
mod walk;

use serde::Serialize;

use crate::build::Value;
use crate::convert::Json;
use crate::model::Profile;
use crate::{Document, Severity};

/// The result.
#[derive(Debug, Serialize)]
pub struct Diff {
    /// What differs, in the order of the first profile, what only the second has after it.
    pub changes: Vec<Change>,
    /// What is written differently and means the same, in words.
    pub notes: Vec<String>,
}

impl Diff {
    /// Whether both mean the same and are the same profile to a device.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether both do the same, under whatever UUIDs and identifiers.
    #[must_use]
    pub fn is_same_but_identity(&self) -> bool {
        self.changes.iter().all(|change| change.identity)
    }
}

/// How a value differs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// Only the second profile has it.
    Added,
    /// Only the first profile has it.
    Removed,
    /// Both have it, with different values.
    Changed,
}

/// One difference.
#[derive(Debug, Serialize)]
pub struct Change {
    /// How.
    pub kind: ChangeKind,
    /// Whether it is a UUID or an identifier: which profile or payload it is, not what it does.
    pub identity: bool,
    /// Whether the value is secret; it is not shown then.
    pub secret: bool,
    /// Where it stands in the first profile.
    pub before_path: Option<String>,
    /// Where it stands in the second profile.
    pub after_path: Option<String>,
    /// The value of the first profile, secrets inside masked and data told by size and hash.
    #[serde(serialize_with = "as_json")]
    pub before: Option<Value>,
    /// The value of the second profile, likewise.
    #[serde(serialize_with = "as_json")]
    pub after: Option<Value>,
}

fn as_json<S: serde::Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(Json).serialize(serializer)
}

/// Why a profile cannot be compared.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// No profile, or a malformed one.
    #[error("{0}")]
    Malformed(String),
    /// Its payloads are encrypted for one device.
    #[error("its payloads are encrypted for one device: what they mean cannot be compared")]
    Encrypted,
}

/// Which of the two cannot be compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The first.
    Before,
    /// The second.
    After,
}

/// Compares two profiles. Takes time linear in their sizes, but for arrays, whose elements are aligned in time bounded by a
/// fixed number of comparisons each.
///
/// # Errors
/// When one of them cannot be compared, with the reason.
pub fn diff(before: &Document, after: &Document) -> Result<Diff, (Side, DiffError)> {
    let first = readable(before).map_err(|error| (Side::Before, error))?;
    let second = readable(after).map_err(|error| (Side::After, error))?;
    let mut walk = walk::Walk::new(&first, &second);
    walk.profiles(&first, &second);
    let mut diff = walk.finish();
    let mut notes = Vec::new();
    match (before.signed().is_some(), after.signed().is_some()) {
        (true, false) => notes.push("the first is signed, the second is not".to_owned()),
        (false, true) => notes.push("the second is signed, the first is not".to_owned()),
        _ => {}
    }
    if before.format().content() != after.format().content() {
        notes.push("they are encoded differently (XML, its encoding, or binary)".to_owned());
    }
    notes.append(&mut diff.notes);
    diff.notes = notes;
    Ok(diff)
}

fn readable(document: &Document) -> Result<Profile<'_>, DiffError> {
    let problems = document.problems();
    if problems.has_errors() {
        let first = problems.as_slice().iter().find(|problem| problem.severity == Severity::Error);
        let first = first.map_or_else(|| "it is malformed".to_owned(), |problem| problem.message.clone());
        return Err(DiffError::Malformed(first));
    }
    let profile = Profile::of(document).ok_or_else(|| DiffError::Malformed("it is no profile".to_owned()))?;
    if profile.root().has("EncryptedPayloadContent") || profile.root().is_on("IsEncrypted") {
        return Err(DiffError::Encrypted);
    }
    Ok(profile)
}
