//! `slice.range`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("slice.range"),
    level: Level::Error,
    title: "A geofence of a private cellular network lies outside the world",
    what: prose(
        "An element of Geofences in a com.apple.cellularprivatenetwork.managed payload has a Latitude outside -90 to 90, \
           a Longitude outside -180 to 180, or a Radius outside 100 to 6500 metres.",
    ),
    why: prose("The system rejects the payload."),
    mend: prose(
        "Write degrees with a decimal point, south and west negative, and the radius in metres. Latitude and longitude \
           the wrong way round are the usual reason.",
    ),
    source: "Apple device-management schema: com.apple.cellularprivatenetwork.managed, Geofences[] (ranges)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for payload in cx.payloads("com.apple.cellularprivatenetwork.managed") {
        for fence in payload.section.sections("Geofences") {
            for (key, least, most) in [("Latitude", -90, 90), ("Longitude", -180, 180), ("Radius", 100, 6500)]
            {
                let value = fence.node(key).and_then(number);
                let range = f64::from(least)..=f64::from(most);
                if let Some(value) = value.filter(|value| !range.contains(value)) {
                    let value = crate::number::text(value);
                    let message = format!("{key} is {value}, it must be from {least} to {most}");
                    let finding = Finding::value(&fence, key, message);
                    out.say(finding.help(format!("write a number from {least} to {most}")));
                }
            }
        }
    }
}

/// A number, real or whole; a whole one beyond 32 bits is out of every range here.
fn number(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Real(value) => Some(*value),
        Value::Integer(value) => {
            let end = if *value < 0 { f64::from(i32::MIN) } else { f64::from(i32::MAX) };
            Some(i32::try_from(*value).map_or(end, f64::from))
        }
        _ => None,
    }
}
