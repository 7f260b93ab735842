//! `key.deprecated`.

use crate::gather::Gather as _;
use crate::rules::prelude::*;
use crate::schema::Support;

pub(super) static RULE: Rule = Rule {
    code: Code::new("key.deprecated"),
    level: Level::Notice,
    title: "A key or payload that Apple has deprecated",
    what: prose(
        "A key or a payload type is deprecated, or was removed, at or before the version of a target; without a target, \
           on every platform that ever had it.",
    ),
    why: prose("It still works where Apple says deprecated, and may be gone in a later version."),
    mend: prose("Use what replaced it; Apple's documentation of the key says what that is."),
    source: "Apple device-management schema: deprecated and removed versions",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let targets = &cx.options.targets;
    let minds = |support: &[Support; 5], _: &[Support; 5]| {
        if targets.is_empty() {
            // A platform that the facts do not speak of, or that never had it, has no say.
            let dated: Vec<bool> = support
                .iter()
                .filter_map(|support| match support {
                    Support::Since { deprecated, removed, .. } => Some(deprecated.or(*removed).is_some()),
                    _ => None,
                })
                .gather();
            !dated.is_empty() && dated.iter().all(|dated| *dated)
        } else {
            targets.iter().any(|target| {
                since(super::of(support, target.platform)).is_some_and(|since| since <= target.version)
            })
        }
    };
    super::for_each_known(cx, &minds, &mut |known| {
        let whos = Platform::ALL.into_iter().filter(|platform| {
            targets.is_empty() || targets.iter().any(|target| target.platform == *platform)
        });
        let dates: Vec<String> = whos
            .filter_map(|platform| since(known.on(platform)).map(|version| format!("{platform} {version}")))
            .gather();
        let message = format!("{} is deprecated since {}", known.name, dates.join(", "));
        out.say(known.finding(message).help("use what replaced it, or remove it"));
    });
}

/// The version that deprecated it, else the one that removed it.
fn since(support: Support) -> Option<Version> {
    match support {
        Support::Since { deprecated, removed, .. } => deprecated.or(removed),
        _ => None,
    }
}
