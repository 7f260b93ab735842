//! `type.mismatch`.

use crate::number;
use crate::rules::prelude::*;
use crate::schema::Kind;

pub(super) static RULE: Rule = Rule {
    code: Code::new("type.mismatch"),
    level: Level::Error,
    title: "A value has another type than its key takes",
    what: prose(
        "A value is, say, a string where the schema asks for an integer, or a dictionary where it asks for an array. A \
           whole real number in the place of an integer, and the reverse, is a notice. Booleans for 0 and 1, and strings \
           for data, have codes of their own.",
    ),
    why: prose(
        "A device that finds the wrong type refuses the payload, or reads the key as if it were missing.",
    ),
    mend: prose(
        "Write the value in the element of the type that is asked for, such as <integer>1440</integer>.",
    ),
    source: "Apple device-management schema: type of each key",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for field in &cx.fields.known {
        let finding = match (&field.node.value, field.schema.kind) {
            (Value::Invalid, _) | (Value::String(_), Kind::Data) | (Value::Data(_), Kind::String) => continue,
            (Value::Real(number), Kind::Integer) if number.fract() == 0.0 && number.abs() < 1e15 => {
                #[allow(clippy::cast_possible_truncation, reason = "whole and below 10^15")]
                let whole = *number as i64;
                let message =
                    format!("{} is a real number where an integer is documented", super::label(field));
                let finding =
                    Finding::field(field, message).severity(Severity::Notice).help("write <integer>");
                finding.safe_replace(format!("write <integer>{whole}</integer>"), whole)
            }
            (Value::Integer(_), Kind::Real) => {
                let message =
                    format!("{} is an integer where a real number is documented", super::label(field));
                Finding::field(field, message).severity(Severity::Notice).help("write <real>")
            }
            _ if field.has_its_type() || field.is_placeholder() => continue,
            (found, kind) => {
                let message = format!(
                    "{} must be {}, it is {}",
                    super::label(field),
                    kind.describe(),
                    found.describe()
                );
                let finding =
                    Finding::field(field, message).help(format!("change the value to {}", kind.describe()));
                with_fix(finding, found, kind)
            }
        };
        out.say(finding);
    }
}

/// Where the right value is evident.
fn with_fix(finding: Finding, found: &Value, kind: Kind) -> Finding {
    let text = match found {
        Value::String(text) => text.trim(),
        _ => "",
    };
    let wrap = || Change::Wrap { path: finding.steps() };
    match kind {
        Kind::Integer => match number::signed(text) {
            Some(number) => finding.unsafe_replace(format!("write <integer>{number}</integer>"), number),
            None => finding,
        },
        Kind::Boolean if ["true", "yes"].iter().any(|word| text.eq_ignore_ascii_case(word)) => {
            finding.unsafe_replace("write <true/>", true)
        }
        Kind::Boolean if ["false", "no"].iter().any(|word| text.eq_ignore_ascii_case(word)) => {
            finding.unsafe_replace("write <false/>", false)
        }
        Kind::Array if matches!(found, Value::String(_) | Value::Dict(_)) => {
            let change = wrap();
            finding.fix(Fix::not_safe("put it into an array", change))
        }
        _ => finding,
    }
}
