//! `acme.keysize`.

use crate::rules::prelude::*;

const KEY: &str = "KeySize";

pub(super) static RULE: Rule = Rule {
    code: Code::new("acme.keysize"),
    level: Level::Error,
    title: "The key size of an ACME request does not exist for its key type",
    what: prose(
        "KeySize of a com.apple.security.acme payload is, with KeyType RSA, no multiple of 8 from 1024 to 4096; with \
           KeyType ECSECPrimeRandom, none of 192, 256, 384 and 521. The largest curve has 521 bits, not 512.",
    ),
    why: prose("The device cannot make the key, refuses the payload, and with it the profile."),
    mend: prose("Write 2048 or more for RSA; 256, 384 or 521 for ECSECPrimeRandom."),
    source: "Apple device-management schema: com.apple.security.acme, KeySize and KeyType",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for payload in cx.payloads("com.apple.security.acme") {
        let section = &payload.section;
        let (Some(kind), Some(size)) = (section.str("KeyType"), section.int(KEY)) else { continue };
        let size = size.value;
        let (fits, help) = match kind.value {
            "RSA" => ((1024..=4096).contains(&size) && size % 8 == 0, "write 2048, 3072 or 4096"),
            "ECSECPrimeRandom" => (matches!(size, 192 | 256 | 384 | 521), "write 256, 384 or 521"),
            _ => continue,
        };
        if fits {
            continue;
        }
        let message = format!("KeySize {size} does not exist for KeyType {}", kind.value);
        let finding = Finding::value(section, KEY, message).help(help);
        out.say(match (kind.value, size) {
            // The Secure Enclave makes no key on the curve that was meant.
            ("ECSECPrimeRandom", 512) if section.is_on("HardwareBound") => {
                finding.unsafe_replace("write <integer>384</integer>", 384)
            }
            ("ECSECPrimeRandom", 512) => finding.unsafe_replace("write <integer>521</integer>", 521),
            _ => finding,
        });
    }
}
