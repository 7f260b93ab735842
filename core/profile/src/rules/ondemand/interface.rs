//! `ondemand.interface` and `ondemand.ssid-with-other-interface`.

use crate::gather::Gather as _;
use crate::rules::prelude::*;
use crate::rules::words::{self, Word};

const KEY: &str = "InterfaceTypeMatch";
const TYPES: &[&str] = &["WiFi", "Cellular", "Ethernet"];

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.interface"),
    level: Level::Error,
    title: "An interface that does not exist, or not on the target",
    what: prose(
        "InterfaceTypeMatch is none of WiFi, Cellular and Ethernet, spelled exactly so. Where targets are named: the \
           type is one that none of them has (Ethernet on iOS and visionOS, Cellular on macOS and tvOS), which is a \
           warning.",
    ),
    why: prose(
        "A rule for an interface that is not there never matches; a value that does not exist may make the system refuse \
          the payload.",
    ),
    mend: prose("Write WiFi, Cellular or Ethernet; leave the key out to match any interface."),
    source: "Apple device-management schema: OnDemandRules, InterfaceTypeMatch; NetworkExtension, \
             NEOnDemandRuleInterfaceType (where each case exists)",
    check: Check::Profile(check),
};

pub(super) static SSID_RULE: Rule = Rule {
    code: Code::new("ondemand.ssid-with-other-interface"),
    level: Level::Warning,
    title: "SSIDMatch on an interface without SSIDs",
    what: prose("A rule has SSIDMatch together with an InterfaceTypeMatch of Cellular or Ethernet."),
    why: prose(
        "SSIDMatch fails on every network that is not Wi-Fi, and all match keys of a rule must hold: the rule never \
          matches.",
    ),
    mend: prose("Write WiFi, or take SSIDMatch out; for both kinds of network write two rules."),
    source: "Apple device-management schema: OnDemandRules, SSIDMatch (fails where the network is not Wi-Fi)",
    check: Check::Profile(check_ssid),
};

/// Whether devices of a platform have an interface of a type; `true` where nothing is known.
pub(super) fn exists(word: &str, platform: Platform) -> bool {
    !matches!(
        (word, platform),
        ("Ethernet", Platform::Ios | Platform::Visionos) | ("Cellular", Platform::Macos | Platform::Tvos)
    )
}

/// The type that a rule asks for; the case of the letters is passed over.
pub(super) fn meant(section: &Section<'_>) -> Option<&'static str> {
    Word::of(section.str(KEY)?.value, TYPES).meant()
}

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let targets = &cx.options.targets;
    for (_, rule) in cx.on_demand_rules() {
        words::expect(&rule.section, KEY, TYPES, out);
        let Some(Word::Right(word)) = rule.section.str(KEY).map(|text| Word::of(text.value, TYPES)) else {
            continue;
        };
        if !targets.is_empty() && targets.iter().all(|target| !exists(word, target.platform)) {
            let names: Vec<String> = targets.iter().map(ToString::to_string).gather();
            let message =
                format!("the rule never matches: there is no {word} interface on {}", words::any_of(&names));
            out.say(
                Finding::value(&rule.section, KEY, message)
                    .severity(Severity::Warning)
                    .help("take the rule out, or name another interface"),
            );
        }
    }
}

fn check_ssid(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, rule) in cx.on_demand_rules() {
        let section = &rule.section;
        let Some(word) = meant(section).filter(|word| *word != "WiFi" && section.has("SSIDMatch")) else {
            continue;
        };
        let message =
            format!("the rule never matches: SSIDMatch needs Wi-Fi, InterfaceTypeMatch asks for {word}");
        let wifi = Change::Replace { path: section.path_of(KEY).steps(), value: "WiFi".into() };
        out.say(
            Finding::key(section, "SSIDMatch", message)
                .help("write WiFi, or take SSIDMatch out")
                .related(section.span_of(KEY), format!("the interface is {word}"))
                .fix(Fix::not_safe("write WiFi", wifi))
                .unsafe_remove("take SSIDMatch out"),
        );
    }
}
