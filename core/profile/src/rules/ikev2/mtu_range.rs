//! `ikev2.mtu-range`.

use crate::rules::prelude::*;

const KEY: &str = "MTU";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.mtu-range"),
    level: Level::Error,
    title: "MTU is outside 1280 to 1400",
    what: prose("MTU is below 1280 or above 1400."),
    why: prose(
        "1280 is the least that IPv6 allows (RFC 8200 section 5), and 1400 leaves room for the tunnel's own headers. The \
          system rejects other values.",
    ),
    mend: prose("Write a number from 1280 to 1400, or leave the key out: the default is 1280."),
    source: "Apple device-management schema: IKEv2.MTU (1280 to 1400)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        if let Some(mtu) = tunnel.settings.int(KEY).filter(|mtu| !(1280..=1400).contains(&mtu.value)) {
            let nearest = mtu.value.clamp(1280, 1400);
            let message = format!("MTU is {}, it must be from 1280 to 1400", mtu.value);
            out.say(
                Finding::value(&tunnel.settings, KEY, message)
                    .help("write a number from 1280 to 1400, or leave the key out")
                    .unsafe_replace(format!("write the nearest value, {nearest}"), nearest),
            );
        }
    }
}
