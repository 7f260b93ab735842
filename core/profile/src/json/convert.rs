//! Conversions and comparisons of profiles (docs/convert.md).

use serde::Serialize;

use crate::convert::api::Export;
use crate::convert::{Asset, Declaration, Lost, Refusal};
use crate::diff::{Change, Diff};

/// What a conversion gave: declarations, a profile, or properties of the API.
#[derive(Debug, Serialize)]
pub struct ConvertReport<'a> {
    /// 1.
    pub version: u32,
    /// The file's name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'a str>,
    /// The declarations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declarations: Option<&'a [Declaration]>,
    /// The profile as XML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<&'a str>,
    /// The assets: to be made, or to be put in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assets: Option<&'a [Asset]>,
    /// What is lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost: Option<&'a [Lost]>,
    /// The VPNs as properties of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpns: Option<&'a [Export]>,
    /// VPNs that cannot be converted.
    pub refused: &'a [Refusal],
}

impl<'a> ConvertReport<'a> {
    /// Without any result.
    #[must_use]
    pub fn new(file: Option<&'a str>, refused: &'a [Refusal]) -> Self {
        Self {
            version: 1,
            file,
            declarations: None,
            profile: None,
            assets: None,
            lost: None,
            vpns: None,
            refused,
        }
    }
}

/// Two profiles compared.
#[derive(Debug, Serialize)]
pub struct DiffReport<'a> {
    /// 1.
    pub version: u32,
    /// The name of the first file, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<&'a str>,
    /// The name of the second file, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<&'a str>,
    /// Whether they mean the same.
    pub same: bool,
    /// What differs.
    pub changes: &'a [Change],
    /// What is written differently and means the same.
    pub notes: &'a [String],
}

impl<'a> DiffReport<'a> {
    /// Of a comparison; `ignore_identity` leaves UUIDs and identifiers out of the verdict.
    #[must_use]
    pub fn new(found: &'a Diff, ignore_identity: bool) -> Self {
        Self {
            version: 1,
            before: None,
            after: None,
            same: if ignore_identity { found.is_same_but_identity() } else { found.is_same() },
            changes: &found.changes,
            notes: &found.notes,
        }
    }
}
