//! `ondemand.probe-url`, `ondemand.probe-redirect`, `ondemand.probe-captive`.

use super::parameters;
use crate::rules::prelude::*;
use crate::rules::url::Url;

const MATCH: &str = "URLStringProbe";
const REQUIRED: &str = "RequiredURLStringProbe";

pub(super) static URL_RULE: Rule = Rule {
    code: Code::new("ondemand.probe-url"),
    level: Level::Error,
    title: "A probe that is no web address",
    what: prose(
        "URLStringProbe or RequiredURLStringProbe is no URL with http:// or https:// and a host. Plain http:// is told \
           as a notice.",
    ),
    why: prose(
        "Any other probe cannot be fetched: a rule with it never matches, and a required one always asks for the tunnel. \
          Over plain HTTP anybody on the network can answer, and so choose whether the tunnel is started.",
    ),
    mend: prose("Write an https:// URL of a server of your own."),
    source: "Apple device-management schema: URLStringProbe, RequiredURLStringProbe (HTTPS preferred)",
    check: Check::Profile(check_url),
};

pub(super) static REDIRECT_RULE: Rule = Rule {
    code: Code::new("ondemand.probe-redirect"),
    level: Level::Notice,
    title: "A probe of a front page",
    what: prose(
        "URLStringProbe names a server without a path. What the server answers cannot be seen in the file; front pages \
           are what most often redirects, to another host, language or login.",
    ),
    why: prose(
        "The rule matches only when the answer is status 200 at once. A redirect counts as no answer, so the rule would \
          never match.",
    ),
    mend: prose(
        "Probe a small resource made for it, which answers 200 without redirection, and look at it with \
           curl -sI before the profile goes out.",
    ),
    source: "Apple device-management schema: URLStringProbe (200 without redirection); own judgement about front pages",
    check: Check::Profile(check_redirect),
};

pub(super) static CAPTIVE_RULE: Rule = Rule {
    code: Code::new("ondemand.probe-captive"),
    level: Level::Warning,
    title: "Connecting only where Apple's captive-portal page answers",
    what: prose(
        "A rule with the Action Connect probes the page by which Apple's systems recognise captive portals \
           (captive.apple.com, www.apple.com/library/test/success.html).",
    ),
    why: prose(
        "The rule then matches only on networks that let plain HTTP to Apple through. A network that blocks or rewrites \
          this one page keeps the tunnel down, and whoever runs the network can do so on purpose. Systems deal with captive \
          portals before on demand without it.",
    ),
    mend: prose("Take URLStringProbe out, or probe a server of your own over HTTPS."),
    source: "own judgement; the recipe is copied between published profiles",
    check: Check::Profile(check_captive),
};

fn check_url(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, rule) in cx.on_demand_rules() {
        judge(&rule.section, MATCH, out);
    }
    for element in cx.on_demand_parameters().filter(|element| !parameters::is_never(element)) {
        judge(element, REQUIRED, out);
    }
}

fn judge(section: &Section<'_>, key: &str, out: &mut Sink<'_>) {
    let Some(text) = section.str(key) else { return };
    match Url::of(text.value) {
        Some(url) if url.has_scheme("https") || is_captive(&url) => {}
        Some(url) if url.has_scheme("http") => out.say(
            Finding::value(
                section,
                key,
                format!("{key} is fetched over plain HTTP, which anybody on the way can answer"),
            )
            .severity(Severity::Notice)
            .help("use https:// if the server has it"),
        ),
        _ => out.say(
            Finding::value(section, key, format!("{key} is no http:// or https:// URL"))
                .help("write an https:// URL with a host, without blanks"),
        ),
    }
}

fn check_redirect(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, rule) in cx.on_demand_rules() {
        let Some(url) = rule.section.str(MATCH).and_then(|text| Url::of(text.value)) else { continue };
        let web = url.has_scheme("http") || url.has_scheme("https");
        if web && matches!(url.path, "" | "/") && !is_captive(&url) {
            out.say(
                Finding::value(
                    &rule.section,
                    MATCH,
                    "the probe is a front page: a redirect would keep the rule from matching",
                )
                .help("probe a resource that answers status 200 at once"),
            );
        }
    }
}

fn check_captive(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (list, rule) in cx.on_demand_rules() {
        let Some(url) = rule.section.str(MATCH).and_then(|text| Url::of(text.value)) else { continue };
        if rule.meant(list.home) == Some("Connect") && is_captive(&url) {
            let message = "the rule connects only on networks where Apple's captive-portal page answers";
            out.say(
                Finding::value(&rule.section, MATCH, message)
                    .help("take URLStringProbe out, or probe a server of your own")
                    .unsafe_remove("take URLStringProbe out"),
            );
        }
    }
}

/// A page by which Apple's systems recognise captive portals.
fn is_captive(url: &Url<'_>) -> bool {
    let host = |name: &str| url.host.eq_ignore_ascii_case(name);
    host("captive.apple.com") || (host("www.apple.com") && url.path.starts_with("/library/test/success"))
}
