//! `ondemand.needs-noninteractive`.

use super::lists::{Home, OnDemand, Switch};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.needs-noninteractive"),
    level: Level::Warning,
    title: "On demand with credentials that somebody must type",
    what: prose(
        "On demand is on in an IKEv2 or IPSec dictionary, and what proves the user is not in the profile: EAP without \
           a client certificate and without AuthPassword, XAuth without XAuthPassword or with a prompt for it, or \
           PromptForVPNPIN. VPNType VPN is left out: there the app has its own ways to log in.",
    ),
    why: prose(
        "On demand starts the tunnel while an app waits for the network, often with nobody looking at the screen. A \
          device that was not given the password when the profile was installed asks for it each time, or fails.",
    ),
    mend: prose("Put the password into the profile, better use a certificate; or turn on demand off."),
    source: "own judgement, from the keys' descriptions in Apple's device-management schema",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for list in cx.on_demand.iter().filter(|list| list.has_rules() && list.switch() == Switch::On) {
        let Some(missing) = missing(list) else { continue };
        let (section, key) = list.switched_by();
        out.say(
            Finding::value(section, key, format!("on demand needs to log in by itself, but {missing}"))
                .help("put the credential into the profile, use a certificate, or turn on demand off"),
        );
    }
}

/// What somebody must type, as a clause.
fn missing(list: &OnDemand<'_>) -> Option<&'static str> {
    let section = &list.section;
    let starts = |action: &str| matches!(action, "Connect" | "EvaluateConnection" | "Allow");
    let may_start = list.rules.iter().any(|rule| rule.meant(list.home).is_none_or(starts));
    match list.home {
        _ if !may_start => None,
        Home::Vpn { kind: "IKEv2", .. } => {
            let by_password = section.is_on("ExtendedAuthEnabled") && !section.has("PayloadCertificateUUID");
            (by_password && !section.has("AuthPassword")).then_some("there is no AuthPassword for EAP")
        }
        Home::Vpn { kind: "IPSec", .. } if section.is_on("XAuthEnabled") => {
            let prompts = section.str("XAuthPasswordEncryption").is_some_and(|how| how.value == "Prompt");
            if prompts {
                Some("XAuthPasswordEncryption asks for the password")
            } else {
                (!section.has("XAuthPassword")).then_some("there is no XAuthPassword")
            }
        }
        Home::Vpn { kind: "IPSec", .. } if section.is_on("PromptForVPNPIN") => {
            Some("PromptForVPNPIN asks for a PIN")
        }
        _ => None,
    }
}
