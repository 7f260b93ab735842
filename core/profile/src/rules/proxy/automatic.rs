//! A proxy by configuration file: `proxy.pac-url-missing`, `proxy.pac-ignored`, `proxy.both`.

use super::{is_filled, proxies};
use crate::rules::prelude::*;

const ENABLE: &str = "ProxyAutoConfigEnable";
const URL: &str = "ProxyAutoConfigURLString";

pub(super) static URL_MISSING_RULE: Rule = Rule {
    code: Code::new("proxy.pac-url-missing"),
    level: Level::Error,
    title: "Automatic proxy configuration without its URL",
    what: prose("ProxyAutoConfigEnable is 1, and ProxyAutoConfigURLString is missing or empty."),
    why: prose("There is no file to take the configuration from."),
    mend: prose(
        "Add ProxyAutoConfigURLString, or set ProxyAutoConfigEnable to 0. To look for a proxy on the network use \
           ProxyAutoDiscoveryEnable.",
    ),
    source: "Apple device-management schema: Proxies, ProxyAutoConfigEnable and ProxyAutoConfigURLString",
    check: Check::Profile(check_url),
};

pub(super) static IGNORED_RULE: Rule = Rule {
    code: Code::new("proxy.pac-ignored"),
    level: Level::Warning,
    title: "The URL of a proxy configuration that is not switched on",
    what: prose("ProxyAutoConfigURLString is there, and ProxyAutoConfigEnable is missing or 0."),
    why: prose("The URL is used only when ProxyAutoConfigEnable is 1."),
    mend: prose("Set ProxyAutoConfigEnable to 1, or take the URL out."),
    source: "Apple device-management schema: Proxies, ProxyAutoConfigURLString",
    check: Check::Profile(check_ignored),
};

pub(super) static BOTH_RULE: Rule = Rule {
    code: Code::new("proxy.both"),
    level: Level::Warning,
    title: "Manual and automatic proxies together",
    what: prose("HTTPEnable or HTTPSEnable is 1, and ProxyAutoConfigEnable is 1 too."),
    why: prose(
        "Consoles offer one or the other. Which of the two a connection takes is not documented, and it may change from \
          system to system.",
    ),
    mend: prose("Keep one of them; the configuration file can name the manual proxy itself."),
    source: "a management console's documentation (manual or automatic); own judgement",
    check: Check::Profile(check_both),
};

fn check_url(cx: &Context<'_>, out: &mut Sink<'_>) {
    for proxies in proxies(cx) {
        if proxies.is_on(ENABLE) && !is_filled(&proxies, URL) {
            out.say(
                Finding::value(&proxies, ENABLE, format!("{ENABLE} is 1, but there is no {URL}"))
                    .help(format!("add {URL}, or set {ENABLE} to 0"))
                    .unsafe_replace(format!("set {ENABLE} to 0"), 0_i64),
            );
        }
    }
}

fn check_ignored(cx: &Context<'_>, out: &mut Sink<'_>) {
    for proxies in proxies(cx) {
        let off = proxies.switch(ENABLE).map_or(!proxies.has(ENABLE), |flag| !flag.value);
        if !off || !is_filled(&proxies, URL) {
            continue;
        }
        let change = Change::set(&proxies, ENABLE, 1_i64);
        out.say(
            Finding::key(&proxies, URL, format!("{URL} is not used unless {ENABLE} is 1"))
                .help(format!("set {ENABLE} to 1, or take {URL} out"))
                .fix(Fix::not_safe(format!("set {ENABLE} to 1"), change)),
        );
    }
}

fn check_both(cx: &Context<'_>, out: &mut Sink<'_>) {
    for proxies in proxies(cx).filter(|proxies| proxies.is_on(ENABLE)) {
        let Some(manual) = ["HTTPEnable", "HTTPSEnable"].into_iter().find(|key| proxies.is_on(key)) else {
            continue;
        };
        out.say(
            Finding::value(&proxies, ENABLE, format!("both {ENABLE} and {manual} are 1"))
                .help("keep the manual proxy or the automatic one")
                .related(proxies.span_of(manual), "the manual proxy is switched on here"),
        );
    }
}
