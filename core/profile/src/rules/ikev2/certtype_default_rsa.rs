//! `ikev2.certtype-default-rsa`.

use super::identity;
use crate::ikev2::certificate_type::word;
use crate::model::{CertificateType, Keyword};
use crate::rules::prelude::*;

const KEY: &str = "CertificateType";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.certtype-default-rsa"),
    level: Level::Warning,
    title: "Without CertificateType an RSA key is expected, and the identity has another",
    what: prose(
        "There is no CertificateType, and the identity named by PayloadCertificateUUID has no RSA key: the key in a \
           PKCS#12 file that opens, or the KeyType that an ACME payload asks for. Nothing is said with EAP.",
    ),
    why: prose(
        "The documented default is RSA. Some versions go by the key all the same, others fail to sign with it, and the \
          user sees only that authentication failed.",
    ),
    mend: prose("Add CertificateType with the type of the key: ECDSA256, ECDSA384 or ECDSA521."),
    source: "Apple device-management schema: com.apple.vpn.managed, IKEv2.CertificateType (default RSA)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| !tunnel.settings.has(KEY)) {
        let Some(key) = identity::key(cx, tunnel).filter(|key| !key.fits.contains(&CertificateType::Rsa))
        else {
            continue;
        };
        let settings = &tunnel.settings;
        let message =
            format!("without CertificateType RSA is meant, but the identity's key is {}", word(key.fits));
        let at = settings.span_of("PayloadCertificateUUID");
        let finding = Finding::at(at, settings.path_of(KEY), message)
            .help("add CertificateType")
            .related(key.span, "the key");
        out.say(match key.fits.first() {
            Some(fits) => {
                let path = settings.path().steps();
                let add = Change::Insert { path, key: KEY.into(), value: fits.word().into() };
                finding.fix(Fix::not_safe(format!("add CertificateType {}", fits.word()), add))
            }
            None => finding.help("use an RSA or ECDSA key"),
        });
    }
}
