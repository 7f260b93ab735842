//! `route.enforce-ignored`, `route.exclude-ignored`, `route.exclude-local-ignored` and `route.exclude-local-default`.

use crate::rules::prelude::*;

const ALL: &str = "IncludeAllNetworks";
const ENFORCE: &str = "EnforceRoutes";
const LOCAL: &str = "ExcludeLocalNetworks";

/// The dictionaries with routing flags.
fn settings<'c, 'a>(cx: &'c Context<'a>) -> impl Iterator<Item = &'c Section<'a>> {
    let routed = cx.vpns.iter().filter(|vpn| matches!(vpn.kind, Some("VPN" | "IKEv2" | "TransparentProxy")));
    routed.filter_map(|vpn| vpn.settings.as_ref())
}

pub(super) static ENFORCE_IGNORED: Rule = Rule {
    code: Code::new("route.enforce-ignored"),
    level: Level::Warning,
    title: "EnforceRoutes is passed over",
    what: prose("EnforceRoutes is 1 and IncludeAllNetworks is 1 too."),
    why: prose(
        "With IncludeAllNetworks everything goes through the tunnel, and the system does not look at EnforceRoutes.",
    ),
    mend: prose(
        "Remove EnforceRoutes; or remove IncludeAllNetworks when only the VPN's own routes are to have precedence.",
    ),
    source: "Apple device-management schema: EnforceRoutes",
    check: Check::Profile(enforce_ignored),
};

fn enforce_ignored(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in settings(cx).filter(|section| section.is_on(ENFORCE) && section.is_on(ALL)) {
        out.say(
            Finding::key(section, ENFORCE, "EnforceRoutes is passed over while IncludeAllNetworks is 1")
                .help("remove one of the two")
                .related(section.span_of(ALL), "this takes everything already")
                .safe_remove("remove EnforceRoutes"),
        );
    }
}

pub(super) static EXCLUDE_IGNORED: Rule = Rule {
    code: Code::new("route.exclude-ignored"),
    level: Level::Warning,
    title: "An exclusion that nothing needs",
    what: prose(
        "ExcludeCellularServices, ExcludeAPNs or ExcludeDeviceCommunication is written out, and IncludeAllNetworks is \
           not 1.",
    ),
    why: prose(
        "These keys say what stays outside a tunnel that takes everything. Without IncludeAllNetworks the system does not \
          look at them, and the traffic goes where the routes lead.",
    ),
    mend: prose(
        "Set IncludeAllNetworks to 1 when the tunnel is to take everything, or remove the exclusion.",
    ),
    source: "Apple device-management schema: ExcludeCellularServices, ExcludeAPNs, ExcludeDeviceCommunication",
    check: Check::Profile(exclude_ignored),
};

fn exclude_ignored(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in settings(cx).filter(|section| section.is_off(ALL)) {
        for key in ["ExcludeCellularServices", "ExcludeAPNs", "ExcludeDeviceCommunication"] {
            if section.has(key) {
                out.say(
                    Finding::key(section, key, format!("{key} is passed over without IncludeAllNetworks 1"))
                        .help("set IncludeAllNetworks to 1, or remove it")
                        .safe_remove(format!("remove {key}")),
                );
            }
        }
    }
}

pub(super) static EXCLUDE_LOCAL_IGNORED: Rule = Rule {
    code: Code::new("route.exclude-local-ignored"),
    level: Level::Warning,
    title: "ExcludeLocalNetworks has nothing to exclude from",
    what: prose(
        "ExcludeLocalNetworks is written out, and neither IncludeAllNetworks nor EnforceRoutes is 1.",
    ),
    why: prose(
        "Only a tunnel that takes everything, or whose routes go before local ones, can leave local networks out. Without \
          either flag the system does not look at the key.",
    ),
    mend: prose("Set IncludeAllNetworks or EnforceRoutes to 1, or remove ExcludeLocalNetworks."),
    source: "Apple device-management schema: ExcludeLocalNetworks",
    check: Check::Profile(exclude_local_ignored),
};

fn exclude_local_ignored(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in settings(cx) {
        if section.has(LOCAL) && section.is_off(ALL) && section.is_off(ENFORCE) {
            let message = "ExcludeLocalNetworks is passed over without IncludeAllNetworks or EnforceRoutes 1";
            out.say(
                Finding::key(section, LOCAL, message)
                    .help("set one of the two to 1, or remove it")
                    .safe_remove("remove ExcludeLocalNetworks"),
            );
        }
    }
}

pub(super) static EXCLUDE_LOCAL_DEFAULT: Rule = Rule {
    code: Code::new("route.exclude-local-default"),
    level: Level::Notice,
    title: "Whether local networks stay outside depends on the system",
    what: prose("IncludeAllNetworks is 1 and ExcludeLocalNetworks is missing."),
    why: prose(
        "The default differs: iOS leaves local networks outside the tunnel (1), macOS sends them through it (0). Printers \
          and AirPlay then work on one and not on the other.",
    ),
    mend: prose("Write ExcludeLocalNetworks with the value that is meant."),
    source: "Apple: NEVPNProtocol.excludeLocalNetworks; device-management schema: ExcludeLocalNetworks",
    check: Check::Profile(exclude_local_default),
};

fn exclude_local_default(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in settings(cx).filter(|section| section.is_on(ALL) && !section.has(LOCAL)) {
        let insert = |value: i64| Change::Insert {
            path: section.path().steps(),
            key: LOCAL.into(),
            value: value.into(),
        };
        out.say(
            Finding::value(
                section,
                ALL,
                "without ExcludeLocalNetworks iOS leaves local networks out, macOS does not",
            )
            .help("write ExcludeLocalNetworks with the value that is meant")
            .fix(Fix::not_safe("keep local networks outside the tunnel", insert(1)))
            .fix(Fix::not_safe("take local networks into the tunnel", insert(0))),
        );
    }
}
