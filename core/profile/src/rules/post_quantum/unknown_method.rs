//! `pq.unknown-method`.

use super::{METHODS, lists};
use crate::number::Whole;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("pq.unknown-method"),
    level: Level::Error,
    title: "No such additional key exchange",
    what: prose(
        "An element of PostQuantumKeyExchangeMethods is an integer other than 0 (none), 36 (ML-KEM-768) and 37 \
           (ML-KEM-1024), or not an integer at all. ML-KEM-512 (35) is not among them.",
    ),
    why: prose("A system rejects the payload."),
    mend: prose("Write 36 or 37 as <integer>; 0 allows that this key exchange be left out."),
    source: "Apple device-management schema: com.apple.vpn.managed, PostQuantumKeyExchangeMethods[]; IANA IKEv2 Key \
             Exchange Method Transform IDs",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in cx.tunnels.iter().flat_map(lists) {
        for element in section.list(METHODS) {
            let placeholder = element.node.as_str().is_some() && element.str().is_none();
            let known = matches!(element.node.value, Value::Integer(0 | 36 | 37) | Value::Invalid);
            if known || placeholder {
                continue;
            }
            let message = match &element.node.value {
                Value::Integer(method) => format!("{} is no post-quantum method", Whole(*method)),
                other => format!("a post-quantum method must be an integer, this is {}", other.describe()),
            };
            // The key is what the diagnostic is about; the span shows which element.
            let finding = Finding::at(element.node.span, section.path_of(METHODS), message);
            out.say(finding.help("0 (none), 36 (ML-KEM-768) or 37 (ML-KEM-1024), as integers"));
        }
    }
}
