//! The profile's own keys, and what every payload has.

mod consent;
mod content;
mod dates;
mod device_type;
mod identifier;
mod identifier_duplicate;
mod kind;
mod missing_key;
mod multiple;
mod name_missing;
mod not_dict;
mod payload_type;
mod removal;
mod scope;
mod uuid;
mod uuid_duplicate;
mod version;

use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &kind::RULE,
    &version::PROFILE,
    &version::PAYLOAD,
    &missing_key::PROFILE,
    &missing_key::PAYLOAD,
    &content::MISSING,
    &content::NOT_ARRAY,
    &content::EMPTY,
    &not_dict::RULE,
    &uuid::FORMAT,
    &uuid::NIL,
    &uuid_duplicate::RULE,
    &identifier_duplicate::RULE,
    &identifier::STYLE,
    &identifier::NOT_UNDER_PROFILE,
    &payload_type::UNKNOWN,
    &payload_type::TYPO,
    &multiple::RULE,
    &scope::VALUE,
    &scope::IN_PAYLOAD,
    &device_type::RULE,
    &removal::RULE,
    &dates::REMOVAL,
    &dates::EXPIRATION,
    &consent::RULE,
    &name_missing::RULE,
];

/// The profile's dictionary and those of its payloads.
fn dictionaries<'c, 'a>(cx: &'c Context<'a>) -> impl Iterator<Item = &'c Section<'a>> {
    std::iter::once(cx.profile.root()).chain(cx.profile.payloads().iter().map(|payload| &payload.section))
}

/// Whether the file was read without an error, so that what is missing in the tree is missing in the file.
fn is_whole(cx: &Context<'_>) -> bool {
    !cx.document.problems().has_errors()
}
