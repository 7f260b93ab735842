//! `vpn.idle-timer-alone`, `vpn.idle-no-timer`, `vpn.idle-watch` and `vpn.idle-negative`.

use super::frame::connections;
use crate::rules::prelude::*;

const SWITCH: &str = "DisconnectOnIdle";
const TIMER: &str = "DisconnectOnIdleTimer";

pub(super) static TIMER_ALONE: Rule = Rule {
    code: Code::new("vpn.idle-timer-alone"),
    level: Level::Warning,
    title: "An idle time that nothing uses",
    what: prose("DisconnectOnIdleTimer stands without DisconnectOnIdle 1."),
    why: prose(
        "The connection is not ended when idle, whatever the timer says. Whoever wrote the time most likely wants it to.",
    ),
    mend: prose("Set DisconnectOnIdle to 1, or remove the timer."),
    source: "Apple device-management schema: DisconnectOnIdle and DisconnectOnIdleTimer",
    check: Check::Profile(timer_alone),
};

fn timer_alone(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in connections(cx) {
        // A timer of 0 switches off what is off.
        let timed = section.int(TIMER).is_some_and(|timer| timer.value > 0);
        if !timed || !section.is_off(SWITCH) {
            continue;
        }
        let path = section.path();
        let switch = match section.has(SWITCH) {
            true => Change::Replace { path: section.path_of(SWITCH).steps(), value: 1.into() },
            false => Change::Insert { path: path.steps(), key: SWITCH.into(), value: 1.into() },
        };
        out.say(
            Finding::key(section, TIMER, "DisconnectOnIdleTimer is not used without DisconnectOnIdle 1")
                .help("set DisconnectOnIdle to 1, or remove the timer")
                .fix(Fix::not_safe("set DisconnectOnIdle to 1", switch))
                .unsafe_remove("remove DisconnectOnIdleTimer"),
        );
    }
}

pub(super) static NO_TIMER: Rule = Rule {
    code: Code::new("vpn.idle-no-timer"),
    level: Level::Notice,
    title: "How long a connection may be idle is not said",
    what: prose("DisconnectOnIdle is 1 and DisconnectOnIdleTimer is missing."),
    why: prose(
        "The system then chooses the time. It is not documented, and may differ between systems and versions.",
    ),
    mend: prose("Add DisconnectOnIdleTimer with the seconds after which an idle connection ends."),
    source: "Apple device-management schema: DisconnectOnIdle and DisconnectOnIdleTimer",
    check: Check::Profile(no_timer),
};

fn no_timer(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in connections(cx) {
        if section.is_on(SWITCH) && !section.has(TIMER) {
            let insert =
                Change::Insert { path: section.path().steps(), key: TIMER.into(), value: 300.into() };
            out.say(
                Finding::value(section, SWITCH, "DisconnectOnIdle 1 without a DisconnectOnIdleTimer")
                    .help("add the seconds after which an idle connection ends")
                    .fix(Fix::display_only("add DisconnectOnIdleTimer", insert)),
            );
        }
    }
}

pub(super) static WATCH: Rule = Rule {
    code: Code::new("vpn.idle-watch"),
    level: Level::Target,
    title: "The idle time is too long for watchOS",
    what: prose(
        "DisconnectOnIdleTimer is above 15 seconds and a target is watchOS. Without a target it is a notice, said only of \
           per-app IKEv2 payloads, the one kind that watchOS takes.",
    ),
    why: prose("watchOS allows 15 seconds at most and refuses a longer time."),
    mend: prose("Write 15 or less, or give the watch a profile of its own."),
    source: "Apple device-management schema: DisconnectOnIdleTimer (watchOS maximum)",
    check: Check::Profile(watch),
};

/// The longest idle time on watchOS, in seconds.
const WATCH_SECONDS: i64 = 15;

fn watch(cx: &Context<'_>, out: &mut Sink<'_>) {
    let effect = |target: &Target| (target.platform == Platform::Watchos).then_some(Effect::Refused);
    for vpn in cx.vpns.iter().filter(|vpn| vpn.per_app) {
        let Some(settings) = vpn.settings_of("IKEv2") else { continue };
        if settings.int(TIMER).is_none_or(|timer| timer.value <= WATCH_SECONDS) {
            continue;
        }
        let Some(affected) = cx.affected(effect) else { continue };
        let message = if affected.who.is_empty() {
            "watchOS takes a DisconnectOnIdleTimer of at most 15 seconds".to_owned()
        } else {
            format!("{} takes a DisconnectOnIdleTimer of at most 15 seconds", affected.who)
        };
        out.say(
            Finding::value(settings, TIMER, message)
                .severity(affected.severity)
                .help("write 15 or less where the profile is for a watch")
                .unsafe_replace("write 15", WATCH_SECONDS),
        );
    }
}

pub(super) static NEGATIVE: Rule = Rule {
    code: Code::new("vpn.idle-negative"),
    level: Level::Error,
    title: "The idle time is negative",
    what: prose("DisconnectOnIdleTimer is below 0."),
    why: prose(
        "The key counts seconds. A negative number is refused, or read as a time that never comes or has passed already.",
    ),
    mend: prose("Write the seconds; to keep idle connections, leave out DisconnectOnIdle and the timer."),
    source: "Own judgement; Apple documents a length of time in seconds",
    check: Check::Profile(negative),
};

fn negative(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in connections(cx) {
        if let Some(timer) = section.int(TIMER).filter(|timer| timer.value < 0) {
            let message = format!("DisconnectOnIdleTimer is {}, it must be 0 or more", timer.value);
            out.say(Finding::value(section, TIMER, message).help("write the number of seconds"));
        }
    }
}
