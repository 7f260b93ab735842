//! IKEv2: additional key exchanges with ML-KEM (RFC 9370) and pre-shared post-quantum keys (RFC 8784).

mod empty;
mod fallback_ignored;
mod first_none;
mod ikeint_hint;
mod no_fallback;
mod ppk_mandatory_ignored;
mod ppk_pair;
mod ppk_short;
mod ppk_unusable;
mod ppk_version;
mod repeat;
mod too_many;
mod unknown_method;
mod version;

use super::Tunnel;
use super::prelude::*;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &too_many::RULE,
    &empty::RULE,
    &unknown_method::RULE,
    &first_none::RULE,
    &repeat::RULE,
    &fallback_ignored::RULE,
    &no_fallback::RULE,
    &version::RULE,
    &ikeint_hint::RULE,
    &ppk_pair::RULE,
    &ppk_mandatory_ignored::RULE,
    &ppk_short::RULE,
    &ppk_unusable::RULE,
    &ppk_version::RULE,
];

/// The list of additional key exchanges, in either security association dictionary.
const METHODS: &str = "PostQuantumKeyExchangeMethods";

/// The flag that allows a server without them.
const FALLBACK: &str = "AllowPostQuantumKeyExchangeFallback";

/// The security association dictionaries of a tunnel that have the list, be it empty.
fn lists<'t, 'a>(tunnel: &'t Tunnel<'a>) -> impl Iterator<Item = &'t Section<'a>> {
    let both = tunnel.ike.iter().chain(&tunnel.child);
    both.filter(|section| section.node(METHODS).and_then(Node::as_array).is_some())
}

/// Whether a list has an element that is a key exchange, or one that may be (a placeholder).
fn has_method(section: &Section<'_>) -> bool {
    section.list(METHODS).iter().any(|element| element.int().is_none_or(|method| method.value != 0))
}

/// What a method is called.
fn name(method: i64) -> &'static str {
    match method {
        36 => "ML-KEM-768",
        37 => "ML-KEM-1024",
        _ => "none",
    }
}
