//! `type.bool-for-int` and `type.int-for-bool`.

use crate::rules::prelude::*;
use crate::schema::Kind;

pub(super) static BOOL_FOR_INT: Rule = Rule {
    code: Code::new("type.bool-for-int"),
    level: Level::Notice,
    title: "A boolean where the integer 0 or 1 is documented",
    what: prose(
        "A flag that Apple documents as an integer, such as ExtendedAuthEnabled or OnDemandEnabled, is <true/> or \
           <false/>.",
    ),
    why: prose(
        "Devices take it, and many profiles in use are written so. Management servers that check types do not always.",
    ),
    mend: prose("Write <integer>1</integer> for true, <integer>0</integer> for false."),
    source: "Apple device-management schema: type of each key; seen in profiles in use",
    check: Check::Profile(bool_for_int),
};

pub(super) static INT_FOR_BOOL: Rule = Rule {
    code: Code::new("type.int-for-bool"),
    level: Level::Notice,
    title: "0 or 1 where a boolean is documented",
    what: prose("A flag that Apple documents as a boolean is <integer>0</integer> or <integer>1</integer>."),
    why: prose("Devices take it. Management servers that check types do not always."),
    mend: prose("Write <true/> for 1, <false/> for 0."),
    source: "Apple device-management schema: type of each key; own judgement",
    check: Check::Profile(int_for_bool),
};

fn bool_for_int(cx: &Context<'_>, out: &mut Sink<'_>) {
    for field in cx.fields.known.iter().filter(|field| field.schema.is_flag()) {
        let Value::Boolean(value) = field.node.value else { continue };
        let number = i64::from(value);
        let message = format!("{} is a boolean where the integer 0 or 1 is documented", super::label(field));
        let help = format!("devices take it; written by the book it is <integer>{number}</integer>");
        let title = format!("write <integer>{number}</integer>");
        out.say(Finding::field(field, message).help(help).safe_replace(title, number));
    }
}

fn int_for_bool(cx: &Context<'_>, out: &mut Sink<'_>) {
    for field in cx.fields.known.iter().filter(|field| field.schema.kind == Kind::Boolean) {
        let Value::Integer(value @ (0 | 1)) = field.node.value else { continue };
        let word = if value == 1 { "<true/>" } else { "<false/>" };
        let message =
            format!("{} is {} where a boolean is documented", super::label(field), u8::from(value == 1));
        let finding =
            Finding::field(field, message).help(format!("devices take it; written by the book it is {word}"));
        out.say(finding.safe_replace(format!("write {word}"), value == 1));
    }
}
