//! `ikev2.dpd-value`.

use crate::model::{DeadPeerDetectionRate, Keyword};
use crate::rules::prelude::*;

const KEY: &str = "DeadPeerDetectionRate";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.dpd-value"),
    level: Level::Error,
    title: "DeadPeerDetectionRate has no such value",
    what: prose(
        "DeadPeerDetectionRate is something else than None, Low, Medium or High; the right word in the wrong \
           case is told as value.case.",
    ),
    why: prose(
        "The rate is one of four words, not a number of seconds: never, every 30 minutes, every 10 minutes, every minute. The \
          system rejects others.",
    ),
    mend: prose("Write None, Low, Medium or High."),
    source: "Apple device-management schema: IKEv2.DeadPeerDetectionRate",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let Some(rate) = tunnel.settings.str(KEY) else { continue };
        if DeadPeerDetectionRate::of_any_case(rate.value).is_none() {
            out.say(
                Finding::value(
                    &tunnel.settings,
                    KEY,
                    "DeadPeerDetectionRate has a value that does not exist",
                )
                .help("one of None (never), Low (30 minutes), Medium (10 minutes), High (1 minute)"),
            );
        }
    }
}
