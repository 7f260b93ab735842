//! `type.string-for-data`.

use crate::rules::prelude::*;
use crate::schema::Kind;

pub(super) static RULE: Rule = Rule {
    code: Code::new("type.string-for-data"),
    level: Level::Error,
    title: "A string where data is needed, or the reverse",
    what: prose(
        "A value is a string where the schema asks for data, such as SharedSecret in the IPSec dictionary, or data where \
           it asks for a string, such as SharedSecret in the IKEv2 dictionary.",
    ),
    why: prose(
        "The two dictionaries differ, and a secret copied from one to the other is not found: the device refuses the \
          payload or has no secret to connect with.",
    ),
    mend: prose(
        "In IPSec write the secret as Base64 inside <data>, in IKEv2 write it as it is inside <string>.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed, IPSec.SharedSecret (data), IKEv2.SharedSecret (string)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for field in &cx.fields.known {
        let (message, help) = match (&field.node.value, field.schema.kind) {
            (Value::String(_), Kind::Data) if !field.is_placeholder() => (
                format!("{} must be data, it is a string", super::label(field)),
                "write it as Base64 inside <data>",
            ),
            (Value::Data(_), Kind::String) => (
                format!("{} must be a string here, it is data", super::label(field)),
                if field.key == "SharedSecret" {
                    "only the IPSec dictionary (IKEv1) takes the shared secret as data"
                } else {
                    "write it as text inside <string>"
                },
            ),
            _ => continue,
        };
        out.say(Finding::field(field, message).help(help));
    }
}
