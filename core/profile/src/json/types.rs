//! The connection types that can be built, with every field (`adit new --list --json`), and the systems that are known.

use serde::Serialize;

use crate::arrange::Arrange;
use crate::build::VpnKind;
use crate::build::fields::{Field, fields};
use crate::build::spec::{SubtypeChoice, subtypes};
use crate::gather::Gather as _;
use crate::schema::{self, Key, Platform, Support, Version};

/// A connection type.
#[derive(Debug, Serialize)]
pub struct TypeForm {
    /// Its name in descriptions.
    #[serde(rename = "type")]
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// `VPNType`.
    pub vpn_type: &'static str,
    /// The apps it is for, the default first.
    pub subtypes: &'static [SubtypeChoice],
    /// Every field.
    pub fields: Vec<Field>,
}

impl From<VpnKind> for TypeForm {
    fn from(kind: VpnKind) -> Self {
        Self {
            name: kind.name(),
            title: kind.title(),
            vpn_type: kind.vpn_type(),
            subtypes: subtypes(kind),
            fields: fields(kind),
        }
    }
}

/// All connection types.
#[must_use]
pub fn types() -> Vec<TypeForm> {
    VpnKind::ALL.into_iter().map(TypeForm::from).gather()
}

/// A platform and the versions of its system that the schema speaks of.
#[derive(Debug, Serialize)]
pub struct SystemForm {
    /// Its name as in a target: `ios`, `macos`.
    pub platform: Platform,
    /// Its name for people.
    pub title: &'static str,
    /// The versions in which something became known, was deprecated or removed, the oldest first.
    pub versions: Vec<Version>,
}

/// The platforms with the versions that make a difference.
#[must_use]
pub fn systems() -> Vec<SystemForm> {
    Platform::ALL
        .into_iter()
        .map(|platform| {
            let mut versions = Vec::new();
            for schema in schema::payloads() {
                schema.keys.iter().for_each(|key| collect(key, platform, &mut versions));
            }
            versions.arrange();
            versions.dedup();
            SystemForm { platform, title: platform.name(), versions }
        })
        .gather()
}

fn collect(key: &Key, platform: Platform, versions: &mut Vec<Version>) {
    if let Support::Since { introduced, deprecated, removed } = key.on(platform) {
        versions.push(introduced);
        versions.extend(deprecated);
        versions.extend(removed);
    }
    key.children.iter().for_each(|child| collect(child, platform, versions));
}
