//! `cert.p12-modern-encryption`.

use super::Contents;
use crate::certificate::payload::CONTENT;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("cert.p12-modern-encryption"),
    level: Level::Target,
    title: "Systems before 26 refuse the encryption of a PKCS#12 file",
    what: prose(
        "The PKCS#12 file in PayloadContent uses PBES2 (AES), or a MAC other than HMAC with SHA-1: the default of \
           OpenSSL 3. This shows without the password. It is an error for a target before 26, and a warning otherwise: \
           reports about 26 and later differ.",
    ),
    why: prose(
        "iOS and macOS before 26 answer such a file with \"incorrect password\" although the password is right, and do \
          not install the profile.",
    ),
    mend: prose(
        "Export the identity with the old algorithms: openssl pkcs12 -export -legacy -keypbe PBE-SHA1-3DES -certpbe \
           PBE-SHA1-3DES -macalg sha1. They protect little: keep the file as secret as the key itself.",
    ),
    source: "Public issues: trailofbits/algo 14558 and 14772, hwdsl2/setup-ipsec-vpn 1626, openssl/openssl 19871, \
             ruby/openssl 654",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for found in cx.certificates() {
        let Contents::Pkcs12 { protection: Ok(protection), .. } = &found.contents else { continue };
        if !protection.is_modern {
            continue;
        }
        let mac = protection.mac.as_deref().unwrap_or("no MAC");
        let encryption = protection.encryption.join(", ");
        let how = if encryption.is_empty() { mac.to_owned() } else { format!("{encryption}, {mac}") };
        let old = |target: &Target| (target.version.major < 26).then_some(Effect::Refused);
        let refused = cx.affected(old).filter(|affected| affected.severity == Severity::Error);
        let (severity, message) = match refused {
            Some(affected) => {
                (Severity::Error, format!("the PKCS#12 file uses {how}, which {} refuses", affected.who))
            }
            None => {
                (Severity::Warning, format!("the PKCS#12 file uses {how}, which systems before 26 refuse"))
            }
        };
        out.say(
            Finding::value(found.section, CONTENT, message)
                .severity(severity)
                .help("export it with openssl pkcs12 -export -legacy, triple DES and a SHA-1 MAC"),
        );
    }
}
