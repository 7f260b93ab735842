//! The tunnels: `alwayson.no-tunnels`, `alwayson.protocol`, `alwayson.tunnel-ikev2-missing`, `alwayson.ondemand`.

use super::{TUNNELS, always_on, tunnels};
use crate::gather::Gather as _;
use crate::rules::prelude::*;
use crate::rules::words::{self, all_of};

const PROTOCOL: &str = "ProtocolType";

pub(super) static NONE_RULE: Rule = Rule {
    code: Code::new("alwayson.no-tunnels"),
    level: Level::Error,
    title: "Always On without a tunnel",
    what: prose("The AlwaysOn dictionary has no TunnelConfigurations, or the array is empty."),
    why: prose("The key is required. A device that took the profile would have no way out at all."),
    mend: prose(
        "Add TunnelConfigurations: one dictionary for both interfaces, or one each for Cellular and WiFi.",
    ),
    source: "Apple device-management schema: AlwaysOn, TunnelConfigurations (required)",
    check: Check::Profile(check_none),
};

pub(super) static PROTOCOL_RULE: Rule = Rule {
    code: Code::new("alwayson.protocol"),
    level: Level::Error,
    title: "An Always On tunnel that is not IKEv2",
    what: prose("The ProtocolType of a tunnel is missing or is not IKEv2, spelled exactly so."),
    why: prose("IKEv2 is the one protocol Always On knows. A system refuses the payload."),
    mend: prose("Write IKEv2."),
    source: "Apple device-management schema: AlwaysOn, TunnelConfigurations, ProtocolType",
    check: Check::Profile(check_protocol),
};

pub(super) static IKEV2_RULE: Rule = Rule {
    code: Code::new("alwayson.tunnel-ikev2-missing"),
    level: Level::Warning,
    title: "An Always On tunnel without its server",
    what: prose(
        "A dictionary of TunnelConfigurations has no RemoteAddress beside ProtocolType. Where it has none of the IKEv2 \
           keys all that are needed are named.",
    ),
    why: prose(
        "The schema lists only ProtocolType and Interfaces, but the server, the identities and the authentication have to \
          stand somewhere, and tools that make working profiles write the keys of the IKEv2 dictionary there. Without them \
          the device has no server to connect to and, since nothing goes around the tunnel, no network.",
    ),
    mend: prose(
        "Write RemoteAddress, RemoteIdentifier, LocalIdentifier, AuthenticationMethod and what goes with it into the \
           tunnel's own dictionary.",
    ),
    source: "Apple's Configuration Profile Reference of 2019, Apple Configurator; own judgement",
    check: Check::Profile(check_ikev2),
};

pub(super) static ONDEMAND_RULE: Rule = Rule {
    code: Code::new("alwayson.ondemand"),
    level: Level::Warning,
    title: "On-demand keys in Always On",
    what: prose(
        "The AlwaysOn dictionary or one of its tunnels has OnDemandRules, or OnDemandEnabled or \
           OnDemandUserOverrideDisabled that is 1.",
    ),
    why: prose(
        "An Always On tunnel is up whenever there is a network; no rule starts or stops it. The keys are ignored.",
    ),
    mend: prose("Take them out. To let users turn the tunnel off use UIToggleEnabled."),
    source: "own judgement; the schema has no such keys in AlwaysOn",
    check: Check::Profile(check_ondemand),
};

fn check_none(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, section) in always_on(cx) {
        let message = match section.node(TUNNELS) {
            None => "AlwaysOn has no TunnelConfigurations",
            Some(node) if node.as_array() == Some(&[]) => "TunnelConfigurations is empty",
            Some(_) => continue,
        };
        out.say(Finding::value(section, TUNNELS, message).help("add a dictionary for each tunnel"));
    }
}

fn check_protocol(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in tunnels(cx) {
        if tunnel.has(PROTOCOL) {
            words::expect(&tunnel, PROTOCOL, &["IKEv2"], out);
        } else {
            let change =
                Change::Insert { path: tunnel.path().steps(), key: PROTOCOL.into(), value: "IKEv2".into() };
            out.say(
                Finding::value(&tunnel, PROTOCOL, "the tunnel has no ProtocolType")
                    .help("write IKEv2")
                    .fix(Fix::safe("add ProtocolType", change)),
            );
        }
    }
}

fn check_ikev2(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in tunnels(cx) {
        // Some tools put the keys into a dictionary of their own.
        let has = |key: &str| tunnel.has(key) || tunnel.sub("IKEv2").is_some_and(|inner| inner.has(key));
        if has("RemoteAddress") {
            continue;
        }
        let needed = ["RemoteAddress", "RemoteIdentifier", "LocalIdentifier", "AuthenticationMethod"];
        let missing: Vec<&str> = needed.into_iter().filter(|key| !has(key)).gather();
        // The IKEv2 rules speak of a tunnel with some of the keys.
        let named = if has("AuthenticationMethod") { "RemoteAddress".to_owned() } else { all_of(&missing) };
        out.say(
            Finding::section(&tunnel, format!("the tunnel lacks {named}"))
                .help("write the keys of an IKEv2 dictionary into the tunnel's own dictionary"),
        );
    }
}

fn check_ondemand(cx: &Context<'_>, out: &mut Sink<'_>) {
    let sections = always_on(cx).map(|(_, section)| section.clone()).chain(tunnels(cx));
    for section in sections {
        let on =
            ["OnDemandEnabled", "OnDemandUserOverrideDisabled"].into_iter().filter(|key| section.is_on(key));
        let rules = ["OnDemandRules"].into_iter().filter(|key| section.has(key));
        for key in on.chain(rules) {
            out.say(
                Finding::key(&section, key, format!("{key} has no effect in Always On"))
                    .help("take it out: the tunnel is up whenever there is a network")
                    .unsafe_remove(format!("take {key} out")),
            );
        }
    }
}
