//! `relay.uuid`.

use super::RELAY;
use crate::rules::prelude::*;

const KEY: &str = "RelayUUID";

pub(super) static RULE: Rule = Rule {
    code: Code::new("relay.uuid"),
    level: Level::Target,
    title: "A relay needs a RelayUUID under user enrollment",
    what: prose(
        "A com.apple.relay.managed payload has no RelayUUID, and a target is under user enrollment. Nothing is said \
           without such a target: elsewhere the key is optional.",
    ),
    why: prose(
        "Under user enrollment a relay serves managed apps only, which find it by this UUID. The system rejects the \
          payload without it.",
    ),
    mend: prose(
        "Add RelayUUID with a UUID of its own (uuidgen), and name it in the attributes of the managed apps.",
    ),
    source: "Apple device-management schema: com.apple.relay.managed, RelayUUID",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if cx.options.targets.is_empty() {
        return;
    }
    let refuses = |target: &Target| target.user_enrollment.then_some(Effect::Refused);
    for payload in cx.payloads(RELAY).filter(|payload| !payload.section.has(KEY)) {
        if let Some(affected) = cx.affected(refuses) {
            let message = format!("the relay has no RelayUUID, which {} needs", affected.who);
            out.say(
                Finding::value(&payload.section, KEY, message)
                    .severity(affected.severity)
                    .help("add a UUID of its own, by which managed apps name this relay"),
            );
        }
    }
}
