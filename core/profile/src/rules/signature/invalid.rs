//! `sign.signature-invalid` and `sign.detached`.

use crate::cms::Verification;
use crate::rules::prelude::*;

pub(super) static INVALID: Rule = Rule {
    code: Code::new("sign.signature-invalid"),
    level: Level::Error,
    title: "The signature does not hold",
    what: prose(
        "The digest or the signature of the CMS signed data does not fit the profile inside: it was changed after it was \
           signed, or the signature was made with another key. A signature that cannot be checked, because its algorithm is \
           not known or the signer's certificate is missing, is a warning.",
    ),
    why: prose("A device refuses a profile whose signature does not hold."),
    mend: prose("Get the file again, or sign the profile again. A signed file cannot be edited."),
    source: "RFC 5652 sections 5.4 and 5.6",
    check: Check::Profile(invalid),
};

pub(super) static DETACHED: Rule = Rule {
    code: Code::new("sign.detached"),
    level: Level::Error,
    title: "The signature has no profile in it",
    what: prose(
        "The file is CMS signed data without embedded content: a detached signature of a profile that is elsewhere.",
    ),
    why: prose("A device installs what is inside the signed data. Here nothing is."),
    mend: prose(
        "Sign the profile again with its content embedded: openssl cms -sign -nodetach, or adit sign.",
    ),
    source: "RFC 5652 section 5.2",
    check: Check::Reader,
};

fn invalid(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (signed, signer) in super::signers(cx) {
        let verification = &signer.verification;
        let message = format!("{}: {verification}", super::name(signed, signer));
        let finding = super::whole(cx, message);
        match verification {
            Verification::Verified => {}
            Verification::NotVerified { .. } | Verification::CertificateMissing => {
                let help = "a device may refuse it, or show it as not verified";
                out.say(finding.severity(Severity::Warning).help(help));
            }
            _ => out.say(finding.help("a device refuses the profile: sign it again")),
        }
    }
}
