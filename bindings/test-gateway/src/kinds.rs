//! How the kinds of gateway differ: in the profile that they give out, and in the server's configuration.

use adit_crypto::{CryptoProvider, Secret};
use adit_gateway::init::{InitOutput, InitSettings, Issued, init};

use crate::{TestGatewayError, TestGatewayKind, USER};

/// The name in the certificate of a client whose key the host holds.
const CLIENT: &str = "tester.adit.test";

/// What one kind of gateway is made of.
pub(crate) struct Made {
    pub(crate) profile: String,
    pub(crate) config: Secret,
    /// Certificate and key of the client, of the kind that has one.
    pub(crate) client: Option<Issued>,
    /// Its issuer's certificate, DER.
    pub(crate) client_anchor: Vec<u8>,
}

/// Makes profile and configuration of a kind from what every gateway has. `settings` are those that `made` came from.
pub(crate) fn make(
    kind: TestGatewayKind,
    settings: InitSettings,
    made: &InitOutput,
    provider: &CryptoProvider,
) -> Result<Made, TestGatewayError> {
    let (profile, password) = (text(&made.profile), text(&made.password));
    let config = text(&made.config(true));
    let user = format!("\n[[clients.user]]\nname = \"{USER}\"\npassword = \"{password}\"\n");
    let (mut client, mut client_anchor) = (None, Vec::new());
    let another = |host: &str| {
        init(InitSettings { host: host.to_owned(), ..settings.clone() }, provider)
            .map_err(TestGatewayError::of)
    };
    let (profile, config) = match kind {
        TestGatewayKind::Standard | TestGatewayKind::Named | TestGatewayKind::Silent => (profile, config),
        TestGatewayKind::WithoutPassword => (without(&profile, "AuthPassword"), config),
        TestGatewayKind::WrongPassword => (profile.replace(&password, "not-the-password"), config),
        TestGatewayKind::WithoutAnchor => (without_payload(&profile), config),
        TestGatewayKind::OtherAnchor => {
            // Another gateway's profile, whose CA has the same name.
            let other = another(&made.settings.host)?;
            (text(&other.profile).replace(&text(&other.password), &password), config)
        }
        TestGatewayKind::SharedSecret | TestGatewayKind::WrongSharedSecret => {
            let secret = match kind {
                TestGatewayKind::SharedSecret => password.as_str(),
                _ => "not-the-secret",
            };
            let psk = format!("\n[[clients.psk]]\nsecret = \"{password}\"\n");
            let profile = proved_by(&profile, "SharedSecret");
            let profile = before(&profile, "AuthenticationMethod", "SharedSecret", secret);
            (without_payload(&profile), config.replace(&user, &psk))
        }
        TestGatewayKind::ClientCertificate => {
            let other = another(CLIENT)?;
            let ca = format!("\n[clients]\nca = '''\n{}'''\n", other.ca.certificate_pem());
            client_anchor.clone_from(&other.ca.certificate);
            client = Some(other.server);
            // The certificate has to name who the client says it is.
            let profile = without(&proved_by(&profile, "Certificate"), "LocalIdentifier");
            (before(&profile, "RemoteIdentifier", "LocalIdentifier", CLIENT), config.replace(&user, &ca))
        }
        TestGatewayKind::OtherProposals => {
            (profile, format!("{config}\n[ike]\nproposals = [\"aes256-sha512-modp4096\"]\n"))
        }
    };
    Ok(Made { profile, config: Secret::new(config.into_bytes()), client, client_anchor })
}

pub(crate) fn text(secret: &Secret) -> String {
    String::from_utf8_lossy(secret.expose()).into_owned()
}

/// The profile without EAP, with another method of proof.
fn proved_by(profile: &str, method: &str) -> String {
    let mut profile = profile.to_owned();
    for key in ["ExtendedAuthEnabled", "AuthName", "AuthPassword", "AuthenticationMethod"] {
        profile = without(&profile, key);
    }
    before(&profile, "LocalIdentifier", "AuthenticationMethod", method)
}

/// The XML with a key and its text before another key.
fn before(xml: &str, place: &str, key: &str, value: &str) -> String {
    let place = format!("<key>{place}</key>");
    xml.replacen(&place, &format!("<key>{key}</key><string>{value}</string>{place}"), 1)
}

/// The XML without a key and the element behind it.
fn without(xml: &str, key: &str) -> String {
    let Some((before, after)) = xml.split_once(&format!("<key>{key}</key>")) else { return xml.to_owned() };
    let rest = after.find("</").and_then(|at| after.get(at..)).and_then(|rest| rest.split_once('>'));
    format!("{before}{}", rest.map_or("", |(_, rest)| rest))
}

/// The XML without its certificate payload.
fn without_payload(xml: &str) -> String {
    let Some(kind) = xml.find("com.apple.security.root") else { return xml.to_owned() };
    let begin = xml.get(..kind).and_then(|before| before.rfind("<dict>"));
    let end = xml.get(kind..).and_then(|after| after.find("</dict>")).map(|at| kind + at + "</dict>".len());
    match (begin, end) {
        (Some(begin), Some(end)) => {
            let (before, after) = (xml.get(..begin), xml.get(end..));
            format!("{}{}", before.unwrap_or_default(), after.unwrap_or_default())
        }
        _ => xml.to_owned(),
    }
}
