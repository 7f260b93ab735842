//! `ref.wrong-key-kind`.

use super::index::{CERTIFICATE_KEY, CERTIFICATES, IDENTITIES, describe};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ref.wrong-key-kind"),
    level: Level::Error,
    title: "A key that takes a name holds the UUID of a certificate payload",
    what: prose(
        "LocalIdentifier, RemoteIdentifier, AuthName, XAuthName, ServerCertificateIssuerCommonName or \
           ServerCertificateCommonName holds the PayloadUUID of a certificate or identity payload of the profile.",
    ),
    why: prose(
        "These keys go to the server or are compared with its certificate as they stand. Nothing looks up a payload, so \
          the server sees a UUID for a name and refuses.",
    ),
    mend: prose(
        "Write the name itself (a host name, an address, the certificate's common name), and put the UUID into \
           PayloadCertificateUUID.",
    ),
    source: "Own judgement; generators are known to list LocalIdentifier among the references",
    check: Check::Profile(check),
};

const NAMES: [&str; 6] = [
    "LocalIdentifier",
    "RemoteIdentifier",
    "AuthName",
    "XAuthName",
    "ServerCertificateIssuerCommonName",
    "ServerCertificateCommonName",
];

/// Shorter text is taken for no UUID, which spares the look-up.
const SHORTEST: usize = 32;

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let settings = cx.vpns.iter().filter_map(|vpn| vpn.settings.as_ref());
    let tunnels = cx.tunnels.iter().filter(|tunnel| tunnel.always_on).map(|tunnel| &tunnel.settings);
    for section in settings.chain(tunnels) {
        for key in NAMES {
            let Some(text) = section.str(key).filter(|text| text.value.len() >= SHORTEST) else { continue };
            let Some((payload, _)) = cx.references().payload(text.value) else { continue };
            let kind = payload.kind().unwrap_or_default();
            if !IDENTITIES.contains(&kind) && !CERTIFICATES.contains(&kind) {
                continue;
            }
            let message = format!("{key} takes a name, and holds the UUID of {}", describe(payload));
            let help = if IDENTITIES.contains(&kind) && !section.has(CERTIFICATE_KEY) {
                format!("move the UUID to {CERTIFICATE_KEY} and write the name here")
            } else {
                "write the name itself".to_owned()
            };
            out.say(
                Finding::value(section, key, message)
                    .help(help)
                    .related(payload.section.span_of("PayloadUUID"), "the payload"),
            );
        }
    }
}
