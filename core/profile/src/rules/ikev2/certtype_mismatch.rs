//! `ikev2.certtype-mismatch`.

use super::identity;
use crate::ikev2::certificate_type::word;
use crate::model::{CertificateType, Keyword};
use crate::rules::prelude::*;

const KEY: &str = "CertificateType";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.certtype-mismatch"),
    level: Level::Error,
    title: "CertificateType is not that of the identity's key",
    what: prose(
        "CertificateType says another kind of key than the identity named by PayloadCertificateUUID has: the key in a \
           PKCS#12 file that opens, the RSA key that SCEP makes, or the KeyType and KeySize that an ACME payload asks for. \
           RSA and RSA-PSS both fit an RSA key. Nothing is said with EAP, when the key does not sign in IKEv2.",
    ),
    why: prose(
        "The device takes the type as the way to sign and fails to sign with a key of another kind: the VPN service \
          cannot connect, and says no more than that authentication failed.",
    ),
    mend: prose(
        "Write the type of the key: RSA, RSA-PSS, ECDSA256, ECDSA384 or ECDSA521. Apple's systems have no type for \
           Ed25519.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed, IKEv2.CertificateType; RFC 4754; RFC 7427; own \
             judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let Some(written) = tunnel.settings.word::<CertificateType>(KEY) else { continue };
        let Some(key) = identity::key(cx, tunnel).filter(|key| !key.fits.contains(&written.value)) else {
            continue;
        };
        let is = word(key.fits);
        let message = format!("CertificateType is {}, but the identity's key is {is}", written.value.word());
        let finding = Finding::value(&tunnel.settings, KEY, message)
            .help("write the key's own type")
            .related(key.span, "the key");
        out.say(match key.fits.first() {
            Some(fits) => finding.unsafe_replace(format!("write {}", fits.word()), fits.word()),
            None => finding.help("use an RSA or ECDSA key"),
        });
    }
}
