//! `key.not-on-platform`.

use crate::rules::prelude::*;
use crate::schema::Support;

pub(super) static RULE: Rule = Rule {
    code: Code::new("key.not-on-platform"),
    level: Level::Target,
    title: "A key or payload that a target does not have",
    what: prose(
        "A target's platform has never had a key, or a whole payload. Without a target only a key is told that no \
           platform of its payload has.",
    ),
    why: prose("The device ignores the key, so what it was to do does not happen there."),
    mend: prose(
        "Give the devices of that platform a profile of their own, or accept that the key does nothing on them.",
    ),
    source: "Apple device-management schema: platforms of each key",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let targets = &cx.options.targets;
    let minds = |support: &[Support; 5], payload: &[Support; 5]| {
        let missing = |platform: Platform| {
            super::of(support, platform) == Support::Never && super::of(payload, platform) != Support::Never
        };
        if targets.is_empty() {
            support
                .iter()
                .zip(payload)
                .all(|(key, payload)| *key == Support::Never || *payload == Support::Never)
        } else {
            targets.iter().any(|target| missing(target.platform))
        }
    };
    super::for_each_known(cx, &minds, &mut |known| {
        let ignored = |target: &Target| {
            (known.on(target.platform) == Support::Never && known.payload_is_on(target.platform))
                .then_some(Effect::Ignored)
        };
        let Some(affected) = cx.affected(ignored) else { return };
        let who = if affected.who.is_empty() { "no platform of this payload" } else { affected.who.as_str() };
        let verb = if affected.who.is_empty() { "has" } else { "does not have" };
        let message = format!("{who} {verb} {}", known.name);
        out.say(known.finding(message).severity(affected.severity).help("it is ignored there"));
    });
}
