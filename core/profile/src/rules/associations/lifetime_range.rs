//! `sa.lifetime-range`.

use crate::rules::prelude::*;

const KEY: &str = "LifeTimeInMinutes";

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.lifetime-range"),
    level: Level::Error,
    title: "LifeTimeInMinutes is outside 10 to 1440",
    what: prose("LifeTimeInMinutes of a security association is below 10 or above 1440."),
    why: prose(
        "The system rejects values outside the range. They are minutes: 86400, a day in seconds, is the usual slip.",
    ),
    mend: prose("Write a number of minutes from 10 to 1440."),
    source: "Apple device-management schema: LifeTimeInMinutes (10 to 1440)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        for (section, _) in tunnel.dictionaries() {
            let Some(given) = section.int(KEY).map(|given| given.value) else { continue };
            if (10..=1440).contains(&given) {
                continue;
            }
            // A plain number of seconds in a day or an hour is what was meant then.
            let seconds = given % 60 == 0 && (10..=1440).contains(&(given / 60)) && given >= 3600;
            let better = if seconds { given / 60 } else { given.clamp(10, 1440) };
            let message = format!("LifeTimeInMinutes is {given}, it must be from 10 to 1440");
            let help = if seconds {
                "the number looks like seconds: write minutes"
            } else {
                "write a number from 10 to 1440"
            };
            out.say(
                Finding::value(section, KEY, message)
                    .help(help)
                    .unsafe_replace(format!("write {better} minutes"), better),
            );
        }
    }
}
