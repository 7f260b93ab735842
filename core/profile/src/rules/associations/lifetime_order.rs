//! `sa.lifetime-order`.

use crate::ikev2::{Origin, Source};
use crate::rules::prelude::*;

const KEY: &str = "LifeTimeInMinutes";

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.lifetime-order"),
    level: Level::Notice,
    title: "Child SAs live as long as the IKE SA or longer",
    what: prose(
        "The child's dictionary gives, or by default has, a lifetime that is not shorter than the IKE SA's, and one of the two \
           is written out.",
    ),
    why: prose(
        "Child SAs carry the traffic and are meant to be rekeyed more often than the IKE SA. With equal lifetimes both rekeys \
          fall together, which is where implementations get into trouble.",
    ),
    mend: prose("Make the child's LifeTimeInMinutes shorter, 480 beside 1440 for instance."),
    source: "own judgement; RFC 7296 section 2.8",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let both = &tunnel.associations;
        let Some(child) = tunnel.child.as_ref().filter(|child| !child.dict().entries.is_empty()) else {
            continue;
        };
        let origins = [both.ike.origins.lifetime, both.child.origins.lifetime];
        let known = origins.contains(&Origin::Given) && !origins.contains(&Origin::Unusable);
        if !known
            || both.child.source != Source::Dictionary
            || both.child.lifetime_minutes < both.ike.lifetime_minutes
        {
            continue;
        }
        let message = format!(
            "Child SAs live {} minutes, the IKE SA {}",
            both.child.lifetime_minutes, both.ike.lifetime_minutes
        );
        let mut finding =
            Finding::value(child, KEY, message).help("make the child's lifetime the shorter one");
        // A third, in whole minutes, but never below the least that is allowed.
        let shorter = (both.ike.lifetime_minutes / 3).max(10);
        if shorter < both.ike.lifetime_minutes {
            let change = Change::set(child, KEY, i64::from(shorter));
            finding = finding.fix(Fix::not_safe(format!("let Child SAs live {shorter} minutes"), change));
        }
        out.say(finding);
    }
}
