//! What several rules of the family ask of an `IPSec` dictionary.

use crate::rules::prelude::*;

pub(super) const METHOD: &str = "AuthenticationMethod";
pub(super) const GROUP: &str = "LocalIdentifier";
pub(super) const SECRET: &str = "SharedSecret";

/// How an IPSec connection authenticates its machines.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Method {
    SharedSecret,
    Certificate,
}

/// The method of an `IPSec` dictionary: a shared secret where the key is missing, none for a word that is no method. A
/// wrong case is told elsewhere and not held against the other keys.
pub(super) fn method(ipsec: &Section<'_>) -> Option<Method> {
    let Some(word) = ipsec.str(METHOD) else {
        return (!ipsec.has(METHOD)).then_some(Method::SharedSecret);
    };
    if word.value.eq_ignore_ascii_case("SharedSecret") {
        Some(Method::SharedSecret)
    } else if word.value.eq_ignore_ascii_case("Certificate") {
        Some(Method::Certificate)
    } else {
        None
    }
}

/// The `IPSec` dictionaries in use: of IPSec connections, and of L2TP connections, whose machines it authenticates.
pub(super) fn dictionaries<'c, 'a>(cx: &'c Context<'a>) -> impl Iterator<Item = (&'c Vpn<'a>, Section<'a>)> {
    cx.vpns.iter().filter_map(|vpn| match vpn.kind {
        Some("IPSec" | "L2TP") => vpn.section().sub("IPSec").map(|section| (vpn, section)),
        _ => None,
    })
}

/// The settings of Cisco IPSec connections.
pub(super) fn cisco<'c, 'a>(cx: &'c Context<'a>) -> impl Iterator<Item = &'c Section<'a>> {
    cx.vpns.iter().filter_map(|vpn| vpn.settings_of("IPSec"))
}

/// The settings of L2TP connections.
pub(super) fn ppp<'c, 'a>(cx: &'c Context<'a>) -> impl Iterator<Item = &'c Section<'a>> {
    cx.vpns.iter().filter_map(|vpn| vpn.settings_of("L2TP"))
}

/// Whether the group name asks for hybrid authentication, where the server alone has a certificate.
pub(super) fn is_hybrid(ipsec: &Section<'_>) -> bool {
    ipsec.str(GROUP).is_some_and(|group| group.value.trim_end().ends_with("hybrid"))
}
