//! `acme.hardware-bound`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("acme.hardware-bound"),
    level: Level::Error,
    title: "The Secure Enclave does not make the key that an ACME payload asks for",
    what: prose(
        "HardwareBound of a com.apple.security.acme payload is true, and KeyType is RSA, or KeySize is a curve other \
           than 256 and 384.",
    ),
    why: prose(
        "The Secure Enclave makes keys on P-256 and P-384 only. The device refuses the payload, and with it the profile.",
    ),
    mend: prose("Set KeyType to ECSECPrimeRandom with KeySize 256 or 384, or HardwareBound to false."),
    source: "Apple device-management schema: com.apple.security.acme, HardwareBound and KeyType",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for payload in cx.payloads("com.apple.security.acme") {
        let section = &payload.section;
        if !section.is_on("HardwareBound") {
            continue;
        }
        let kind = section.str("KeyType").map(|kind| kind.value);
        let size = section.int("KeySize").map(|size| size.value);
        let help = "use KeyType ECSECPrimeRandom with KeySize 256 or 384, or set HardwareBound to false";
        let finding = match (kind, size) {
            (Some("RSA"), _) => {
                Finding::value(section, "KeyType", "an RSA key cannot be bound to the hardware")
            }
            // Other sizes are no curve at all, which acme.keysize tells.
            (Some("ECSECPrimeRandom"), Some(size @ (192 | 521))) => {
                let message = format!("a key of {size} bits cannot be bound to the hardware");
                Finding::value(section, "KeySize", message)
            }
            _ => continue,
        };
        let flag = section.span_of("HardwareBound");
        out.say(finding.help(help).related(flag, "the key is to be bound to the hardware"));
    }
}
