//! `vpn.requirement-syntax`.

use super::requirement::parse;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.requirement-syntax"),
    level: Level::Warning,
    title: "A designated requirement cannot be read",
    what: prose(
        "ProviderDesignatedRequirement of a VPN, or DesignatedRequirement of an app mapping, is no expression of Apple's \
           code signing requirement language: a bracket or quote is open, an operator or operand is missing, a word is \
           unknown.",
    ),
    why: prose(
        "macOS compiles the text when it looks for the extension or the app. What does not compile matches nothing, so \
          the provider is not started, or the app is not bound to its VPN.",
    ),
    mend: prose(
        "Copy the text after `designated =>` from the output of `codesign -d -r - PATH`, whole and on one line.",
    ),
    source: "Apple: Code Signing Requirement Language; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for settings in cx.vpns.iter().filter_map(|vpn| vpn.settings.as_ref()) {
        judge(settings, "ProviderDesignatedRequirement", out);
    }
    for payload in cx.payloads("com.apple.vpn.managed.appmapping") {
        for mapping in payload.section.sections("AppLayerVPNMapping") {
            judge(&mapping, "DesignatedRequirement", out);
            for tool in mapping.sections("MatchTools") {
                judge(&tool, "DesignatedRequirement", out);
            }
        }
    }
}

fn judge(section: &Section<'_>, key: &str, out: &mut Sink<'_>) {
    let Some(text) = section.str(key).filter(|text| !text.value.trim().is_empty()) else { return };
    if let Err(reason) = parse(text.value) {
        out.say(
            Finding::value(section, key, format!("{key} cannot be read: {reason}"))
                .help("copy it from the output of `codesign -d -r - PATH`"),
        );
    }
}
