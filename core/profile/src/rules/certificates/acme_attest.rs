//! `acme.attest`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("acme.attest"),
    level: Level::Error,
    title: "A key that is not bound to the hardware cannot be attested",
    what: prose("Attest of a com.apple.security.acme payload is true, and HardwareBound is not."),
    why: prose(
        "Only the Secure Enclave can attest that it made the key. The device refuses the payload, and with it the \
          profile.",
    ),
    mend: prose(
        "Set HardwareBound to true (with KeyType ECSECPrimeRandom and KeySize 256 or 384), or Attest to false.",
    ),
    source: "Apple device-management schema: com.apple.security.acme, Attest",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for payload in cx.payloads("com.apple.security.acme") {
        let section = &payload.section;
        let bound = section.is_on("HardwareBound") || section.is_placeholder("HardwareBound");
        if section.is_on("Attest") && !bound {
            out.say(
                Finding::value(section, "Attest", "Attest needs HardwareBound to be true")
                    .help("set HardwareBound to true, or Attest to false"),
            );
        }
    }
}
