//! `ikev2.nat-interval`.

use crate::rules::prelude::*;

const KEY: &str = "NATKeepAliveInterval";

/// The least interval, in seconds.
const LEAST: i64 = 20;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.nat-interval"),
    level: Level::Error,
    title: "NATKeepAliveInterval is below 20 seconds",
    what: prose("NATKeepAliveInterval is less than 20."),
    why: prose(
        "The documented minimum is 20 seconds; the system rejects a shorter one. More frequent packets would only cost \
          battery.",
    ),
    mend: prose(
        "Write 20 or more, or leave the key out: the default is 20 seconds on Wi-Fi and 110 on cellular.",
    ),
    source: "Apple device-management schema: IKEv2.NATKeepAliveInterval (minimum 20)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        if let Some(interval) = tunnel.settings.int(KEY).filter(|interval| interval.value < LEAST) {
            let message = format!("NATKeepAliveInterval is {}, it must be at least {LEAST}", interval.value);
            out.say(
                Finding::value(&tunnel.settings, KEY, message)
                    .help("write a number of seconds from 20, or leave the key out")
                    .unsafe_replace("write the least interval, 20 seconds", LEAST),
            );
        }
    }
}
