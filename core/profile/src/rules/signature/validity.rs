//! `sign.expired-signer` and `sign.not-yet-valid`.

use crate::rules::prelude::*;

pub(super) static EXPIRED: Rule = Rule {
    code: Code::new("sign.expired-signer"),
    level: Level::Warning,
    title: "The signer's certificate has expired",
    what: prose("The certificate of the signer is past its last day at the time of checking."),
    why: prose("Installed profiles go on working. On installation the profile is shown as not verified."),
    mend: prose("Sign the profile again with a certificate that is valid."),
    source: "RFC 5280 section 4.1.2.5; own judgement",
    check: Check::Profile(expired),
};

pub(super) static NOT_YET_VALID: Rule = Rule {
    code: Code::new("sign.not-yet-valid"),
    level: Level::Warning,
    title: "The signer's certificate is not valid yet",
    what: prose("The certificate of the signer begins to be valid after the time of checking."),
    why: prose("Until then the profile is shown as not verified on installation."),
    mend: prose("Wait for the day, or sign the profile with a certificate that is valid already."),
    source: "RFC 5280 section 4.1.2.5; own judgement",
    check: Check::Profile(not_yet_valid),
};

fn expired(cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(now) = cx.options.at else { return };
    for (signed, signer) in super::signers(cx) {
        let Some(validity) = signed.signer_certificate(signer).and_then(|info| info.validity.as_ref()) else {
            continue;
        };
        if validity.not_after < now {
            let message = format!(
                "the certificate of {} expired on {}",
                super::name(signed, signer),
                validity.not_after
            );
            out.say(super::whole(cx, message).help("on installation the profile is shown as not verified"));
        }
    }
}

fn not_yet_valid(cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(now) = cx.options.at else { return };
    for (signed, signer) in super::signers(cx) {
        let Some(validity) = signed.signer_certificate(signer).and_then(|info| info.validity.as_ref()) else {
            continue;
        };
        if validity.not_before > now {
            let message = format!(
                "the certificate of {} is valid from {} only",
                super::name(signed, signer),
                validity.not_before
            );
            out.say(super::whole(cx, message).help("until then the profile is shown as not verified"));
        }
    }
}
