//! `transparent.order`.

use crate::rules::prelude::*;

const KEY: &str = "Order";

pub(super) static RULE: Rule = Rule {
    code: Code::new("transparent.order"),
    level: Level::Error,
    title: "The order of a transparent proxy is not positive",
    what: prose("TransparentProxy.Order is below 1."),
    why: prose(
        "Where several transparent proxies take the same flow, the order says which is asked first; it counts from 1. A \
          system rejects the payload.",
    ),
    mend: prose(
        "Write 1 for the first proxy, 2 for the next. Without the key the order of installation counts.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed, TransparentProxy.Order (a positive integer)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for settings in cx.vpns.iter().filter_map(|vpn| vpn.settings_of("TransparentProxy")) {
        if let Some(order) = settings.int(KEY).filter(|order| order.value < 1) {
            let message = format!("Order is {}, it must be 1 or more", order.value);
            out.say(
                Finding::value(settings, KEY, message)
                    .help("write 1 for the proxy that is asked first")
                    .unsafe_replace("write <integer>1</integer>", 1),
            );
        }
    }
}
