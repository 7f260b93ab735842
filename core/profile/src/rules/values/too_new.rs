//! `key.too-new`.

use crate::gather::Gather as _;
use crate::rules::prelude::*;
use crate::schema::Support;

pub(super) static RULE: Rule = Rule {
    code: Code::new("key.too-new"),
    level: Level::Target,
    title: "A key or payload that is newer than a target",
    what: prose(
        "A key or a payload came with a later version than that of a target. Without a target, keys of version 26 or \
           later are a notice.",
    ),
    why: prose(
        "An older system does not know the key and ignores it, so what it was to do does not happen there.",
    ),
    mend: prose("Update the devices, or do without the key on them."),
    source: "Apple device-management schema: introduced versions",
    check: Check::Profile(check),
};

/// Without a target, only what came with this version or later is worth a word.
const RECENT: Version = Version::new(26, 0);

/// Keys whose versions have rules of their own, which tell of them together.
const SPOKEN_FOR: [&str; 5] = [
    "AllowPostQuantumKeyExchangeFallback",
    "PPK",
    "PPKIdentifier",
    "PPKMandatory",
    "PostQuantumKeyExchangeMethods",
];

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let targets = &cx.options.targets;
    let is_after = |support: Support, version: Version| {
        introduced(support).is_some_and(|introduced| introduced > version)
    };
    let minds = |support: &[Support; 5], payload: &[Support; 5]| {
        if targets.is_empty() {
            return support
                .iter()
                .any(|support| introduced(*support).is_some_and(|introduced| introduced >= RECENT));
        }
        // A payload that is itself too new is told by itself.
        targets.iter().any(|target| {
            is_after(super::of(support, target.platform), target.version)
                && !is_after(super::of(payload, target.platform), target.version)
        })
    };
    super::for_each_known(cx, &minds, &mut |known| {
        if SPOKEN_FOR.contains(&known.name.as_str()) {
            return;
        }
        let ignored =
            |target: &Target| is_after(known.on(target.platform), target.version).then_some(Effect::Ignored);
        let Some(affected) = cx.affected(ignored) else { return };
        let named = |platform: &Platform| {
            targets.is_empty() || targets.iter().any(|target| target.platform == *platform)
        };
        let since: Vec<String> = Platform::ALL
            .into_iter()
            .filter(named)
            .filter_map(|platform| {
                introduced(known.on(platform)).map(|version| format!("{platform} {version}"))
            })
            .gather();
        let message = match affected.who.as_str() {
            "" => format!("{} needs {}", known.name, since.join(", ")),
            who => format!("{} needs {}; {who} ignores it", known.name, since.join(", ")),
        };
        out.say(known.finding(message).severity(affected.severity).help("older systems ignore it"));
    });
}

fn introduced(support: Support) -> Option<Version> {
    match support {
        Support::Since { introduced, .. } => Some(introduced),
        _ => None,
    }
}
