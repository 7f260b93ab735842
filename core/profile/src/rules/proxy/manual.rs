//! A proxy named by host and port: `proxy.port-missing`, `proxy.port-range`, `proxy.host-missing`,
//! `proxy.disabled-but-set`.

use super::{is_filled, proxies};
use crate::rules::prelude::*;

/// The keys of one proxy.
struct Keys {
    enable: &'static str,
    host: &'static str,
    port: &'static str,
}

const HTTP: Keys = Keys { enable: "HTTPEnable", host: "HTTPProxy", port: "HTTPPort" };
const HTTPS: Keys = Keys { enable: "HTTPSEnable", host: "HTTPSProxy", port: "HTTPSPort" };

pub(super) static PORT_MISSING_RULE: Rule = Rule {
    code: Code::new("proxy.port-missing"),
    level: Level::Error,
    title: "A proxy without its port",
    what: prose(
        "HTTPProxy stands without HTTPPort, or HTTPSProxy without HTTPSPort. Where the proxy is not switched on it is a \
           warning.",
    ),
    why: prose("The port is required beside the host and has no default: the proxy cannot be used."),
    mend: prose("Add the port, for example 8080."),
    source: "Apple device-management schema: Proxies, HTTPPort and HTTPSPort (required with the host)",
    check: Check::Profile(check_port),
};

pub(super) static PORT_RANGE_RULE: Rule = Rule {
    code: Code::new("proxy.port-range"),
    level: Level::Error,
    title: "A port that does not exist",
    what: prose("HTTPPort or HTTPSPort is below 0 or above 65535. 0, which the schema takes, is a warning."),
    why: prose("No such port can be connected to; nor can port 0."),
    mend: prose("Write the port the proxy listens on, from 1 to 65535."),
    source: "Apple device-management schema: Proxies, HTTPPort and HTTPSPort (0 to 65535)",
    check: Check::Profile(check_range),
};

pub(super) static HOST_MISSING_RULE: Rule = Rule {
    code: Code::new("proxy.host-missing"),
    level: Level::Error,
    title: "A proxy is switched on but not named",
    what: prose("HTTPEnable or HTTPSEnable is 1, and HTTPProxy or HTTPSProxy is missing or empty."),
    why: prose("There is no proxy to send the traffic to."),
    mend: prose("Add the host, or set the switch to 0."),
    source: "own judgement, from the keys' descriptions in Apple's device-management schema",
    check: Check::Profile(check_host),
};

pub(super) static DISABLED_RULE: Rule = Rule {
    code: Code::new("proxy.disabled-but-set"),
    level: Level::Warning,
    title: "A proxy is named but not switched on",
    what: prose("HTTPProxy or HTTPSProxy is there, and HTTPEnable or HTTPSEnable is missing or 0."),
    why: prose("The switch is 0 unless it is set: the proxy is not used."),
    mend: prose("Set HTTPEnable or HTTPSEnable to 1, or take the proxy out."),
    source: "Apple device-management schema: Proxies, HTTPEnable and HTTPSEnable (default 0); own judgement",
    check: Check::Profile(check_disabled),
};

fn check_port(cx: &Context<'_>, out: &mut Sink<'_>) {
    for proxies in proxies(cx) {
        for Keys { enable, host, port } in [HTTP, HTTPS] {
            if !is_filled(&proxies, host) || proxies.has(port) {
                continue;
            }
            let finding =
                Finding::value(&proxies, host, format!("{host} needs {port}")).help(format!("add {port}"));
            let off = proxies.switch(enable).map_or(!proxies.has(enable), |flag| !flag.value);
            out.say(if off { finding.severity(Severity::Warning) } else { finding });
        }
    }
}

fn check_range(cx: &Context<'_>, out: &mut Sink<'_>) {
    for proxies in proxies(cx) {
        for Keys { port, .. } in [HTTP, HTTPS] {
            match proxies.int(port).map(|number| number.value) {
                None | Some(1..=65535) => {}
                Some(0) => out.say(
                    Finding::value(&proxies, port, format!("{port} is 0, which nothing can connect to"))
                        .severity(Severity::Warning)
                        .help("write the port the proxy listens on"),
                ),
                Some(number) => out.say(
                    Finding::value(&proxies, port, format!("{port} is {number}, ports end at 65535"))
                        .help("write the port the proxy listens on, from 1 to 65535"),
                ),
            }
        }
    }
}

fn check_host(cx: &Context<'_>, out: &mut Sink<'_>) {
    for proxies in proxies(cx) {
        for Keys { enable, host, .. } in [HTTP, HTTPS] {
            if proxies.is_on(enable) && !is_filled(&proxies, host) {
                out.say(
                    Finding::value(&proxies, enable, format!("{enable} is 1, but there is no {host}"))
                        .help(format!("add {host}, or set {enable} to 0"))
                        .unsafe_replace(format!("set {enable} to 0"), 0_i64),
                );
            }
        }
    }
}

fn check_disabled(cx: &Context<'_>, out: &mut Sink<'_>) {
    for proxies in proxies(cx) {
        for Keys { enable, host, .. } in [HTTP, HTTPS] {
            let off = proxies.switch(enable).map_or(!proxies.has(enable), |flag| !flag.value);
            if !off || !is_filled(&proxies, host) {
                continue;
            }
            let change = Change::set(&proxies, enable, 1_i64);
            let message = if proxies.has(enable) {
                format!("{host} is not used, since {enable} is 0")
            } else {
                format!("{host} is not used without {enable}")
            };
            out.say(
                Finding::key(&proxies, host, message)
                    .help(format!("set {enable} to 1, or take {host} out"))
                    .fix(Fix::not_safe(format!("set {enable} to 1"), change)),
            );
        }
    }
}
