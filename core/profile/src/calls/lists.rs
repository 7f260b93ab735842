//! `rules` and `schema`: what the module knows, for lists and forms.

use crate::gather::Gather as _;
use crate::json::{RuleSummary, SystemForm, TypeForm, systems, types};
use crate::rules::FAMILIES;
use crate::schema;
use serde::Serialize;

use super::failure::json;

/// What can be built, and for which systems profiles are judged.
#[derive(Debug, Serialize)]
struct Schema {
    release: &'static str,
    platforms: Vec<SystemForm>,
    types: Vec<TypeForm>,
}

/// Every rule without its page, in the order of the families: an array of `code`, `family`, `subject`, `level`, `title`.
#[must_use]
pub fn rules() -> String {
    let all: Vec<RuleSummary> = FAMILIES
        .iter()
        .flat_map(|family| family.rules.iter().map(|rule| RuleSummary::of(family, rule)))
        .gather();
    json(&all)
}

/// The schema's `release`, the `platforms` with the versions that make a difference, and the connection `types` with every
/// field, as `adit new --list --json` has them.
#[must_use]
pub fn schema() -> String {
    json(&Schema { release: schema::RELEASE, platforms: systems(), types: types() })
}
