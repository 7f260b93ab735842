//! `value.range`.

use crate::number::{self, Whole};
use crate::rules::prelude::*;
use crate::schema::Allowed;

pub(super) static RULE: Rule = Rule {
    code: Code::new("value.range"),
    level: Level::Error,
    title: "A number outside the range of its key",
    what: prose(
        "A number is below the least or above the greatest that Apple documents for its key, or a count, a time or a \
           set of bits is below zero. Many keys have a code of their own for this.",
    ),
    why: prose("A device refuses the payload, or takes the nearest number or the default instead."),
    mend: prose("Write a number inside the range."),
    source: "Apple device-management schema: range of each key",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for field in &cx.fields.known {
        let Allowed::Range(least, most) = field.schema.allowed else {
            below_zero(field, out);
            continue;
        };
        let number = match &field.node.value {
            Value::Integer(number) if (i128::from(least)..=i128::from(most)).contains(number) => continue,
            Value::Integer(number) => Whole(*number).to_string(),
            Value::Real(number) if (f64::from(least)..=f64::from(most)).contains(number) => continue,
            Value::Real(number) => number::text(*number),
            _ => continue,
        };
        let message = format!("{} is {number}, it must be from {least} to {most}", super::label(field));
        out.say(Finding::field(field, message).help(format!("write a number from {least} to {most}")));
    }
}

/// Counts, times and sets of bits.
const NEVER_BELOW_ZERO: [&str; 5] =
    ["DurationUntilRemoval", "Key Usage", "Retries", "RetryDelay", "UsageFlags"];

fn below_zero(field: &Field<'_>, out: &mut Sink<'_>) {
    let negative = match &field.node.value {
        Value::Integer(number) => *number < 0,
        Value::Real(number) => *number < 0.0,
        _ => false,
    };
    if negative && NEVER_BELOW_ZERO.contains(&field.key) {
        let message = format!("{} must not be below zero", super::label(field));
        out.say(Finding::field(field, message).help("write 0 or more"));
    }
}
