//! `ondemand.domains-missing`, `ondemand.domain-action`, `ondemand.never-with-probe`: the elements of `ActionParameters`.

use crate::rules::prelude::*;
use crate::rules::words::{self, Word};

const DOMAINS: &str = "Domains";
const ACTION: &str = "DomainAction";
const ACTIONS: &[&str] = &["ConnectIfNeeded", "NeverConnect"];

pub(super) static DOMAINS_RULE: Rule = Rule {
    code: Code::new("ondemand.domains-missing"),
    level: Level::Error,
    title: "An element of ActionParameters lacks Domains or DomainAction",
    what: prose("An element of ActionParameters has no Domains or no DomainAction."),
    why: prose(
        "Both are required: without the domains nobody knows which hosts are meant, without the action not what to do for \
          them.",
    ),
    mend: prose("Give each element Domains, an array of host or domain names, and DomainAction."),
    source: "Apple device-management schema: ActionParameters, Domains and DomainAction (required)",
    check: Check::Profile(check_domains),
};

pub(super) static ACTION_RULE: Rule = Rule {
    code: Code::new("ondemand.domain-action"),
    level: Level::Error,
    title: "A DomainAction that does not exist",
    what: prose("DomainAction is neither ConnectIfNeeded nor NeverConnect, spelled exactly so."),
    why: prose("A system refuses the payload or skips the element."),
    mend: prose(
        "Write ConnectIfNeeded to start the tunnel when a host cannot be reached without it, NeverConnect to keep its \
           domains from starting the tunnel.",
    ),
    source: "Apple device-management schema: ActionParameters, DomainAction",
    check: Check::Profile(check_action),
};

pub(super) static PROBE_RULE: Rule = Rule {
    code: Code::new("ondemand.never-with-probe"),
    level: Level::Warning,
    title: "A probe beside NeverConnect",
    what: prose(
        "An element of ActionParameters whose DomainAction is NeverConnect has RequiredDNSServers or \
           RequiredURLStringProbe.",
    ),
    why: prose("Both keys say when ConnectIfNeeded needs the tunnel. With NeverConnect they are ignored."),
    mend: prose("Take them out, or write ConnectIfNeeded if the tunnel is to be started for these domains."),
    source: "Apple device-management schema: RequiredDNSServers, RequiredURLStringProbe (only with ConnectIfNeeded)",
    check: Check::Profile(check_probe),
};

fn check_domains(cx: &Context<'_>, out: &mut Sink<'_>) {
    for element in cx.on_demand_parameters() {
        for (key, help) in [
            (DOMAINS, "add Domains, an array of host or domain names"),
            (ACTION, "add DomainAction: ConnectIfNeeded or NeverConnect"),
        ] {
            if !element.has(key) {
                let message = format!("the element of ActionParameters has no {key}");
                out.say(Finding::value(element, key, message).help(help));
            }
        }
    }
}

fn check_action(cx: &Context<'_>, out: &mut Sink<'_>) {
    for element in cx.on_demand_parameters() {
        words::expect(element, ACTION, ACTIONS, out);
    }
}

fn check_probe(cx: &Context<'_>, out: &mut Sink<'_>) {
    for element in cx.on_demand_parameters() {
        if !is_never(element) {
            continue;
        }
        for key in ["RequiredDNSServers", "RequiredURLStringProbe"] {
            if element.has(key) {
                out.say(
                    Finding::key(element, key, format!("{key} is ignored with NeverConnect"))
                        .help("take it out, or write ConnectIfNeeded")
                        .related(element.span_of(ACTION), "the action is NeverConnect")
                        .safe_remove(format!("take {key} out")),
                );
            }
        }
    }
}

/// Whether the domains of an element of `ActionParameters` never start the tunnel.
pub(super) fn is_never(element: &Section<'_>) -> bool {
    let action = element.str(ACTION).and_then(|action| Word::of(action.value, ACTIONS).meant());
    action == Some("NeverConnect")
}
