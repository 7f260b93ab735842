//! The rules: everything that can be said about a profile, one folder a family, small files inside.
//!
//! Owns the registry ([`FAMILIES`]), what a rule may look at ([`Context`]) and how it speaks ([`Sink`], [`Finding`]). A rule is
//! a `static` [`Rule`] with its page and its check, listed in its family's `RULES`. Severities follow the policy:
//!
//! - Apple's own samples and profiles known to install give no error but for their genuine faults.
//! - One root cause, one diagnostic: a specific code replaces `value.*`, `type.mismatch` and `key.unknown` on the same
//!   bytes; a placeholder of a template silences what is said about its value; a dictionary that the `VPNType` does not
//!   use is told once.
//! - No value of a key that may be secret ever stands in a message.

mod addresses;
mod context;
mod nearest;
mod page;
mod rule;
mod sink;
pub(crate) mod suppress;
mod url;
mod words;

mod always_on;
mod associations;
mod certificates;
mod container;
mod declarations;
mod dns;
mod ikev2;
mod ipsec;
mod ondemand;
mod per_app;
pub(crate) mod plan;
mod post_quantum;
mod profile;
mod proxy;
mod references;
mod relays;
mod routing;
mod secrets;
mod signature;
mod template;
mod values;
mod vpn;

pub use context::{Affected, Context, Effect, Options, Tunnel, Vpn};
pub use ondemand::{Home, OnDemand, OnDemandRule, Switch};
pub use page::{family_page, page};
pub use rule::{Check, Level, Prose, Rule};
pub use sink::{Finding, Sink};

use crate::arrange::Arrange;
use crate::by_name::ByName;
use crate::gather::Gather as _;
use crate::model::Profile;
use crate::report::{Code, Diagnostic, Problems, Severity};

/// What a rule's file needs.
#[allow(unused_imports, reason = "each rule takes what it needs")]
pub(crate) mod prelude {
    pub(crate) use super::rule::prose;
    pub(crate) use super::{Affected, Check, Context, Effect, Finding, Level, Rule, Sink, Tunnel, Vpn};
    pub(crate) use crate::model::{Element, Field, Section, Spanned, Step};
    pub(crate) use crate::report::{Change, Code, Fix, Safety, Severity};
    pub(crate) use crate::schema::{self, Platform, Target, Version};
    pub(crate) use crate::syntax::{Node, Value};
}

/// The families and their rules.
pub static FAMILIES: &[Family] = &[
    Family { title: "Container and encoding", folder: "container", rules: container::RULES },
    Family { title: "Signature and encryption", folder: "signature", rules: signature::RULES },
    Family { title: "Templates", folder: "template", rules: template::RULES },
    Family { title: "The profile and what every payload has", folder: "profile", rules: profile::RULES },
    Family { title: "Types, values and keys", folder: "values", rules: values::RULES },
    Family { title: "References between payloads", folder: "references", rules: references::RULES },
    Family { title: "The VPN payload's frame", folder: "vpn", rules: vpn::RULES },
    Family { title: "Routing flags", folder: "routing", rules: routing::RULES },
    Family { title: "IKEv2: identity and authentication", folder: "ikev2", rules: ikev2::RULES },
    Family { title: "IKEv2: security associations", folder: "associations", rules: associations::RULES },
    Family { title: "IKEv2: post-quantum keys", folder: "post_quantum", rules: post_quantum::RULES },
    Family { title: "On demand", folder: "ondemand", rules: ondemand::RULES },
    Family { title: "DNS", folder: "dns", rules: dns::RULES },
    Family { title: "Proxies", folder: "proxy", rules: proxy::RULES },
    Family { title: "IPSec (IKEv1), L2TP and PPP", folder: "ipsec", rules: ipsec::RULES },
    Family { title: "Always On", folder: "always_on", rules: always_on::RULES },
    Family { title: "Per-app VPN and app mapping", folder: "per_app", rules: per_app::RULES },
    Family {
        title: "Transparent proxies, relays and cellular slices",
        folder: "relays",
        rules: relays::RULES,
    },
    Family { title: "Certificates", folder: "certificates", rules: certificates::RULES },
    Family { title: "Secrets", folder: "secrets", rules: secrets::RULES },
    Family { title: "Declarations", folder: "declarations", rules: declarations::RULES },
    Family { title: "What this build cannot do", folder: "plan", rules: plan::RULES },
];

/// Rules about one subject.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// The subject.
    pub title: &'static str,
    /// The folder of its source and of its fixtures.
    pub folder: &'static str,
    /// The rules.
    pub rules: &'static [&'static Rule],
}

/// Every rule, in the order of the families.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    FAMILIES.iter().flat_map(|family| family.rules.iter().copied())
}

/// The rule with a code.
#[must_use]
pub fn find(code: &str) -> Option<&'static Rule> {
    for family in FAMILIES {
        for rule in family.rules {
            if rule.code.as_str() == code {
                return Some(rule);
            }
        }
    }
    None
}

/// The code or the family of this name, if there is one.
#[must_use]
pub fn named(name: &str) -> Option<&'static str> {
    names().find(|known| *known == name)
}

/// The code or family that was most likely meant by a name that is neither.
#[must_use]
pub fn closest(name: &str) -> Option<&'static str> {
    // Of a short name two letters are most of it.
    nearest::nearest(name, names(), if name.len() < 8 { 1 } else { 2 })
}

/// Every code and, each beside its codes, every family.
fn names() -> impl Iterator<Item = &'static str> {
    all().flat_map(|rule| [rule.code.as_str(), rule.code.family()])
}

/// Runs the rules over a profile.
#[must_use]
pub fn run(profile: &Profile<'_>, options: &Options) -> Problems {
    run_on(profile, options, None)
}

/// The same, heard only where it speaks of some payloads, named by their places in `PayloadContent`.
pub(crate) fn run_on(profile: &Profile<'_>, options: &Options, only: Option<&[usize]>) -> Problems {
    let context = Context::new(profile, options);
    let mut problems = Problems::default();
    for rule in all().filter(|rule| options.wants(rule.code)) {
        if rule.level == Level::Explain && !options.explain {
            continue;
        }
        if let Check::Profile(check) = rule.check {
            check(&context, &mut Sink { rule, problems: &mut problems, only });
        }
    }
    problems
}

/// Codes that say no more than that a value is not what the schema wants: a specific code on the same bytes replaces them.
fn is_generic(code: Code) -> bool {
    matches!(code.as_str(), "type.mismatch" | "type.string-for-data") || code.family() == "value"
}

/// Whether another diagnostic of the same key says the same as a code that speaks of keys.
fn is_said_by(code: Code, other: Code) -> bool {
    let name = other.as_str();
    let ends = |list: &[&str]| list.iter().any(|end| name.ends_with(end));
    match code.as_str() {
        "key.unknown" | "key.misplaced" => {
            !matches!(other.family(), "key" | "type" | "value" | "template" | "secret")
        }
        "key.deprecated" => ends(&["legacy-domains", "legacy-lists", "allow-deprecated"]),
        "key.too-new" => ends(&["version", "-32", ".macos"]),
        "key.not-on-platform" => {
            ends(&["platform", "version", ".watch", ".macos", ".ikev1"]) && other.family() != "key"
        }
        _ => false,
    }
}

/// Codes that say nothing about whether a value is right, so that they replace no other.
fn is_beside(code: Code) -> bool {
    matches!(code.family(), "ddm" | "key" | "plan" | "secret" | "sign")
}

/// One root cause, one diagnostic: drops generic codes where a specific one speaks of the same bytes, and repetitions,
/// of which the most severe stays.
pub(crate) fn without_echoes(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    // A notice speaks of something else than a wrong value.
    let replaces =
        |one: &&Diagnostic| !is_generic(one.code) && !is_beside(one.code) && one.severity > Severity::Notice;
    let mut specific: Vec<crate::report::Span> = found.iter().filter(replaces).map(|one| one.span).gather();
    specific.arrange();
    let about_keys = found.iter().any(|one| one.code.family() == "key");
    let mut by_path: Vec<(&str, Code)> = Vec::new();
    if about_keys {
        by_path.extend(found.iter().map(|one| (one.path.as_str(), one.code)));
        by_path.arrange();
    }
    let is_echo = |one: &Diagnostic| {
        if is_generic(one.code) {
            return specific.binary_search(&one.span).is_ok();
        }
        if one.code.family() != "key" {
            return false;
        }
        let first = by_path.partition_point(|(path, _)| *path < one.path.as_str());
        let same_key =
            by_path.get(first..).unwrap_or_default().iter().take_while(|(path, _)| *path == one.path);
        same_key.into_iter().any(|(_, other)| is_said_by(one.code, *other))
    };
    let echoes: Vec<bool> = found.iter().map(is_echo).gather();
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(found.len());
    let mut seen = ByName::new();
    let mut same = String::new();
    for one in found.into_iter().zip(echoes).filter(|(_, echo)| !echo).map(|(one, _)| one) {
        same.clear();
        same.push_str(one.code.as_str());
        same.push(' ');
        for digits in [one.span.start, one.span.end].map(u32::to_le_bytes) {
            same.extend(digits.map(char::from));
        }
        same.push_str(&one.path);
        match seen.get(same.as_str()).and_then(|place| kept.get_mut(place)) {
            None => {
                seen.insert(same.clone().into(), kept.len());
                kept.push(one);
            }
            Some(first) if one.severity > first.severity => *first = one,
            Some(_) => {}
        }
    }
    kept
}
