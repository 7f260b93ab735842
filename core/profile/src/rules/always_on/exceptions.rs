//! What goes around the tunnel: `alwayson.service`, `alwayson.service-version`, `alwayson.plugins-ignored`,
//! `alwayson.limit-protocol`.

use super::always_on;
use crate::rules::prelude::*;
use crate::rules::words::{self, Word};

const SERVICES: &[&str] = &["VoiceMail", "AirPrint", "CellularServices", "DeviceCommunication"];
const ACTIONS: &[&str] = &["Allow", "Drop"];
const ALLOW_ALL: &str = "AllowAllCaptiveNetworkPlugins";
const PLUGINS: &str = "AllowedCaptiveNetworkPlugins";
const APPLICATIONS: &str = "ApplicationExceptions";

pub(super) static SERVICE_RULE: Rule = Rule {
    code: Code::new("alwayson.service"),
    level: Level::Error,
    title: "A service exception that does not exist",
    what: prose(
        "In an element of ServiceExceptions, ServiceName is missing or is none of VoiceMail, AirPrint, CellularServices \
           and DeviceCommunication, or Action is missing or is neither Allow nor Drop.",
    ),
    why: prose(
        "Both keys are required and take only these words: a system refuses the payload or leaves the exception out.",
    ),
    mend: prose("Write one of the words, with its capital letters."),
    source: "Apple device-management schema: AlwaysOn, ServiceExceptions",
    check: Check::Profile(check_service),
};

pub(super) static VERSION_RULE: Rule = Rule {
    code: Code::new("alwayson.service-version"),
    level: Level::Target,
    title: "An exception that the system is too old for",
    what: prose(
        "CellularServices with iOS before 11.3, DeviceCommunication with iOS before 17.4, or ApplicationExceptions with \
           iOS before 13.6 among the targets.",
    ),
    why: prose(
        "Older systems do not know the exception: the traffic goes into the tunnel, or is dropped with it.",
    ),
    mend: prose("Raise the minimum system version, or do without the exception."),
    source: "Apple device-management schema: AlwaysOn, ServiceExceptions and ApplicationExceptions (versions)",
    check: Check::Profile(check_version),
};

pub(super) static PLUGINS_RULE: Rule = Rule {
    code: Code::new("alwayson.plugins-ignored"),
    level: Level::Warning,
    title: "A list of captive-network apps that nobody reads",
    what: prose("AllowedCaptiveNetworkPlugins is there, and AllowAllCaptiveNetworkPlugins is 1."),
    why: prose(
        "When all captive-network apps may go around the tunnel the list of some of them is not used. Whoever wrote the \
          list most likely meant to allow these only.",
    ),
    mend: prose(
        "Set AllowAllCaptiveNetworkPlugins to 0 to allow only the listed ones, or take the list out.",
    ),
    source: "Apple device-management schema: AlwaysOn, AllowedCaptiveNetworkPlugins",
    check: Check::Profile(check_plugins),
};

pub(super) static LIMIT_RULE: Rule = Rule {
    code: Code::new("alwayson.limit-protocol"),
    level: Level::Error,
    title: "LimitToProtocols with another protocol than UDP",
    what: prose("An entry of LimitToProtocols in ApplicationExceptions is not UDP, spelled exactly so."),
    why: prose("UDP is the one protocol that an exception can be limited to. A system refuses the payload."),
    mend: prose(
        "Write UDP, or leave LimitToProtocols out so that the exception is for all traffic of the app.",
    ),
    source: "Apple device-management schema: AlwaysOn, ApplicationExceptions, LimitToProtocols",
    check: Check::Profile(check_limit),
};

fn check_service(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, section) in always_on(cx) {
        for exception in section.sections("ServiceExceptions") {
            for (key, values) in [("ServiceName", SERVICES), ("Action", ACTIONS)] {
                if exception.has(key) {
                    words::expect(&exception, key, values, out);
                } else {
                    out.say(
                        Finding::value(&exception, key, format!("the service exception has no {key}"))
                            .help(format!("add {key}: {}", words::any_of(values))),
                    );
                }
            }
        }
    }
}

fn check_version(cx: &Context<'_>, out: &mut Sink<'_>) {
    let since = |version: Version| {
        cx.affected(|target| target.is_before(Platform::Ios, version).then_some(Effect::Ignored))
    };
    let mut say = |place: Finding, affected: &Affected| {
        out.say(place.severity(affected.severity).help("such systems do not know the exception"));
    };
    let message = |name: &str, version: &str, affected: &Affected| {
        if affected.who.is_empty() {
            format!("{name} is known since iOS {version}")
        } else {
            format!("{} does not know {name}, which came with iOS {version}", affected.who)
        }
    };
    for (_, section) in always_on(cx) {
        for exception in section.sections("ServiceExceptions") {
            let name = exception.str("ServiceName").and_then(|text| Word::of(text.value, SERVICES).meant());
            let (name, version, words) = match name {
                Some(name @ "CellularServices") => (name, Version::new(11, 3), "11.3"),
                Some(name @ "DeviceCommunication") => (name, Version::new(17, 4), "17.4"),
                _ => continue,
            };
            if let Some(affected) = since(version) {
                let message = message(name, words, &affected);
                say(Finding::value(&exception, "ServiceName", message), &affected);
            }
        }
        if let Some(affected) = since(Version::new(13, 6)).filter(|_| section.has(APPLICATIONS)) {
            let message = message(APPLICATIONS, "13.6", &affected);
            say(Finding::key(section, APPLICATIONS, message), &affected);
        }
    }
}

fn check_plugins(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, section) in always_on(cx) {
        if section.is_on(ALLOW_ALL) && section.has(PLUGINS) {
            let some = Change::Replace { path: section.path_of(ALLOW_ALL).steps(), value: 0_i64.into() };
            out.say(
                Finding::key(section, PLUGINS, format!("{PLUGINS} is ignored, since {ALLOW_ALL} is 1"))
                    .help(format!("set {ALLOW_ALL} to 0 to allow only the listed ones"))
                    .related(section.span_of(ALLOW_ALL), "this allows all of them")
                    .fix(Fix::not_safe(format!("set {ALLOW_ALL} to 0"), some)),
            );
        }
    }
}

fn check_limit(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, section) in always_on(cx) {
        for exception in section.sections(APPLICATIONS) {
            for protocol in exception.list("LimitToProtocols") {
                if let Some(text) = protocol.str() {
                    let place = (text.span, protocol.path.clone());
                    words::expect_text(text.value, "the protocol", place, &["UDP"], out);
                }
            }
        }
    }
}
