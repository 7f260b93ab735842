//! `dns.split-ignored` and `dns.nosearch-alone`.

use super::dictionaries::all;
use crate::rules::prelude::*;

const DOMAINS: &str = "SupplementalMatchDomains";
const NO_SEARCH: &str = "SupplementalMatchDomainsNoSearch";

pub(super) static IGNORED_RULE: Rule = Rule {
    code: Code::new("dns.split-ignored"),
    level: Level::Notice,
    title: "Split DNS in a tunnel that takes all traffic",
    what: prose(
        "The DNS dictionary has SupplementalMatchDomains, while the tunnel takes the default route: IncludeAllNetworks \
           is 1, or OverridePrimary of an IPSec or L2TP payload.",
    ),
    why: prose(
        "When the tunnel is the default route its servers answer for every name, and the list is ignored.",
    ),
    mend: prose("Take the list out, or let the tunnel carry only the networks behind it."),
    source: "Apple device-management schema: DNS, SupplementalMatchDomains",
    check: Check::Profile(check_ignored),
};

pub(super) static NO_SEARCH_RULE: Rule = Rule {
    code: Code::new("dns.nosearch-alone"),
    level: Level::Warning,
    title: "SupplementalMatchDomainsNoSearch without its list",
    what: prose("SupplementalMatchDomainsNoSearch is 1, and SupplementalMatchDomains is missing or empty."),
    why: prose(
        "The key says that the listed domains do not become search domains. Without a list it has no effect.",
    ),
    mend: prose("Take it out, or add SupplementalMatchDomains."),
    source: "Apple device-management schema: DNS, SupplementalMatchDomainsNoSearch",
    check: Check::Profile(check_no_search),
};

fn check_ignored(cx: &Context<'_>, out: &mut Sink<'_>) {
    for resolver in all(cx) {
        let Some(vpn) = resolver.vpn else { continue };
        let section = &resolver.section;
        // An empty text makes the servers the default, which is what happens anyway.
        if !section.list(DOMAINS).iter().any(|domain| domain.str().is_some_and(|text| !text.value.is_empty()))
        {
            continue;
        }
        let all_networks = vpn.settings.as_ref().filter(|settings| settings.is_on("IncludeAllNetworks"));
        let ipv4 = vpn
            .section()
            .sub("IPv4")
            .filter(|ipv4| matches!(vpn.kind, Some("IPSec" | "L2TP")) && ipv4.is_on("OverridePrimary"));
        let (by, key) = match (all_networks, &ipv4) {
            (Some(settings), _) => (settings, "IncludeAllNetworks"),
            (None, Some(ipv4)) => (ipv4, "OverridePrimary"),
            (None, None) => continue,
        };
        out.say(
            Finding::key(
                section,
                DOMAINS,
                format!("{DOMAINS} is ignored, since {key} makes the tunnel the default route"),
            )
            .help("take the list out, or let the tunnel carry only some networks")
            .related(by.span_of(key), "the tunnel takes all traffic"),
        );
    }
}

fn check_no_search(cx: &Context<'_>, out: &mut Sink<'_>) {
    for resolver in all(cx) {
        let section = &resolver.section;
        let empty = section.node(DOMAINS).is_none_or(|node| node.as_array() == Some(&[]));
        if empty && section.is_on(NO_SEARCH) {
            out.say(
                Finding::key(section, NO_SEARCH, format!("{NO_SEARCH} has no effect without {DOMAINS}"))
                    .help(format!("take it out, or add {DOMAINS}"))
                    .safe_remove(format!("take {NO_SEARCH} out")),
            );
        }
    }
}
