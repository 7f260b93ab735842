//! `value.not-allowed` and `value.case`.

use crate::gather::Gather as _;
use crate::number::Whole;
use crate::rules::nearest::nearest;
use crate::rules::prelude::*;
use crate::schema::Allowed;

pub(super) static NOT_ALLOWED: Rule = Rule {
    code: Code::new("value.not-allowed"),
    level: Level::Error,
    title: "A value that its key does not take",
    what: prose(
        "The value of a key is none of those that Apple lists for it. Many keys have a code of their own for this.",
    ),
    why: prose("A device refuses the payload, or acts as if the key had its default."),
    mend: prose("Write one of the values that are listed."),
    source: "Apple device-management schema: allowed values of each key",
    check: Check::Profile(not_allowed),
};

pub(super) static CASE: Rule = Rule {
    code: Code::new("value.case"),
    level: Level::Error,
    title: "The right word in the wrong case",
    what: prose(
        "The value of a key differs from an allowed one only in the case of its letters, such as ikev2 for IKEv2.",
    ),
    why: prose("Devices compare these words letter by letter and do not know the value."),
    mend: prose("Write the word as it is listed."),
    source: "Apple device-management schema: allowed values of each key; Apple's own app mapping sample has such a slip",
    check: Check::Profile(case),
};

/// The text of a value that is outside the list of its key.
fn outside<'f>(field: &'f Field<'_>) -> Option<(&'f str, &'static [&'static str])> {
    let Allowed::Words(words) = field.schema.allowed else { return None };
    let text = field.node.as_str().filter(|text| !words.contains(text))?;
    (!field.is_placeholder()).then_some((text, words))
}

fn same_word(text: &str, words: &'static [&'static str]) -> Option<&'static str> {
    words.iter().copied().find(|word| word.eq_ignore_ascii_case(text.trim()))
}

fn not_allowed(cx: &Context<'_>, out: &mut Sink<'_>) {
    for field in &cx.fields.known {
        let label = || super::label(field);
        if let Some((text, words)) = outside(field) {
            if same_word(text, words).is_some() {
                continue;
            }
            let message = format!("{} has a value that does not exist", label());
            let finding = Finding::field(field, message).help(format!("one of {}", words.join(", ")));
            out.say(match nearest(text, words.iter().copied(), 2) {
                Some(near) => finding.unsafe_replace(format!("write {near}"), near),
                None => finding,
            });
        } else if let (Allowed::Numbers(numbers), Some(number)) =
            (field.schema.allowed, number(&field.node.value))
        {
            if numbers.iter().any(|allowed| i128::from(*allowed) == number) {
                continue;
            }
            let message = match numbers {
                [0, 1] => format!("{} is {}, it must be 0 or 1", label(), Whole(number)),
                _ => format!("{} is {}, which is not allowed", label(), Whole(number)),
            };
            let listed: Vec<String> = numbers.iter().map(i64::to_string).gather();
            out.say(Finding::field(field, message).help(format!("one of {}", listed.join(", "))));
        } else if field.schema.allowed == Allowed::Uuid
            && field.node.as_str().is_some_and(|text| !has_uuid_shape(text))
            && !field.is_placeholder()
        {
            let message = format!("{} must have the form of a UUID, 8-4-4-4-12", label());
            out.say(
                Finding::field(field, message).help("write the PayloadUUID of the payload that is meant"),
            );
        }
    }
}

fn case(cx: &Context<'_>, out: &mut Sink<'_>) {
    for field in &cx.fields.known {
        let Some((text, words)) = outside(field) else { continue };
        if let Some(word) = same_word(text, words) {
            let message = if word.len() == text.len() {
                format!("{} is written in the wrong case", super::label(field))
            } else {
                format!("{} has white space around its value", super::label(field))
            };
            let finding = Finding::field(field, message).help(format!("write {word}"));
            out.say(finding.safe_replace(format!("write {word}"), word));
        }
    }
}

fn number(value: &Value) -> Option<i128> {
    match value {
        Value::Integer(number) => Some(*number),
        Value::Real(number) if number.abs() < 1e15 => crate::model::whole_number(*number).map(i128::from),
        _ => None,
    }
}

/// The pattern of the schema: letters and digits in groups of 8, 4, 4, 4 and 12.
fn has_uuid_shape(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let groups = || text.split('-');
    groups().count() == lengths.len()
        && groups().zip(lengths).all(|(group, length)| {
            group.len() == length && group.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}
