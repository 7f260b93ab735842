//! `sign.weak-digest`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("sign.weak-digest"),
    level: Level::Warning,
    title: "The signature rests on SHA-1 or MD5",
    what: prose("The message digest of a signer is SHA-1 or MD5."),
    why: prose(
        "Two files with the same digest can be made for both, so that the signature proves little. Newer systems may \
          show the profile as not verified.",
    ),
    mend: prose("Sign the profile again with SHA-256 or better."),
    source: "RFC 6194; RFC 6151; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (signed, signer) in super::signers(cx).filter(|(_, signer)| signer.digest.is_weak()) {
        let message = format!("the signature of {} rests on {}", super::name(signed, signer), signer.digest);
        out.say(super::whole(cx, message).help("sign the profile again with SHA-256"));
    }
}
