//! Who proves what to whom.

use crate::model::Section;
use crate::rules::{Context, Tunnel, Vpn};

use super::{Part, quote};

const TITLE: &str = "Who proves who they are";

/// An IKEv2 tunnel.
pub(super) fn ikev2(tunnel: &Tunnel<'_>, cx: &Context<'_>) -> Part {
    let settings = &tunnel.settings;
    let method = settings.str("AuthenticationMethod").map_or("", |method| method.value);
    let mut lines = Vec::new();
    if let Some(id) = settings.str("RemoteIdentifier") {
        lines.push(format!("The server must call itself {} (IDr).", quote(id.value)));
    }
    match settings.str("LocalIdentifier").filter(|id| !id.value.is_empty()) {
        Some(id) => lines.push(format!("The device calls itself {} (IDi).", quote(id.value))),
        None => lines.push("The device names no identity of its own: it sends its address as IDi.".into()),
    }
    let eap = tunnel.uses_eap();
    if tunnel.is_by_shared_secret() {
        lines.push("Both sides prove that they know one shared secret; there is no certificate.".into());
    } else {
        lines.push(server(settings, cx));
    }
    if eap {
        lines.push(if tunnel.may_use_eap_tls() {
            "The device then proves itself by EAP with its certificate (EAP-TLS).".into()
        } else {
            "The user then proves who they are by EAP with name and password (as a rule EAP-MSCHAPv2).".into()
        });
        if method == "None" {
            lines.push(
                "AuthenticationMethod None: the server may do without a certificate of its own where the \
                        EAP method proves both sides (RFC 5998)."
                    .into(),
            );
        }
    } else if method == "Certificate" {
        lines.push(identity(settings, cx));
    }
    if settings.has("PPK") {
        let strict = settings.switch("PPKMandatory").is_none_or(|flag| flag.value);
        lines.push(format!(
            "A second secret (PPK, RFC 8784) protects the session keys against quantum computers; a server without \
             it is {}.",
            if strict { "refused" } else { "taken all the same" }
        ));
    }
    Part { title: TITLE, lines }
}

fn server(settings: &Section<'_>, cx: &Context<'_>) -> String {
    let name = settings.str("ServerCertificateCommonName").filter(|name| !name.value.is_empty());
    let name = name.or_else(|| settings.str("RemoteIdentifier"));
    let of = name.map_or_else(String::new, |name| format!(" for {}", quote(name.value)));
    let issuer = settings.str("ServerCertificateIssuerCommonName");
    let by = issuer.map_or_else(String::new, |issuer| format!(", issued by {}", quote(issuer.value)));
    let anchors = ["com.apple.security.root", "com.apple.security.pkcs1", "com.apple.security.pem"];
    let count: usize = anchors.iter().map(|kind| cx.payloads(kind).count()).sum();
    let trust = match count {
        0 => {
            "trusted by what the device trusts anyway, since the profile brings no CA certificate".to_owned()
        }
        1 => "trusted by the CA certificate in this profile or what the device trusts anyway".to_owned(),
        more => format!(
            "trusted by one of the {more} certificates in this profile or what the device trusts anyway"
        ),
    };
    format!("The server proves itself by a certificate{of}{by}, {trust}.")
}

fn identity(settings: &Section<'_>, cx: &Context<'_>) -> String {
    let uuid = settings.str("PayloadCertificateUUID");
    let payload = uuid.and_then(|uuid| cx.profile.payload_with_uuid(uuid.value));
    let what = match payload.and_then(crate::model::Payload::kind) {
        Some("com.apple.security.pkcs12") => "the key and certificate in this profile (PKCS#12)",
        Some("com.apple.security.scep") => "a certificate it fetches by SCEP when the profile is installed",
        Some("com.apple.security.acme") => "a certificate it fetches by ACME when the profile is installed",
        Some("com.apple.ADCertificate.managed") => "a certificate from Active Directory",
        Some(_) => "a payload that holds no private key, which cannot work",
        None => "a certificate that this profile does not hold, which cannot work",
    };
    let kind = settings.str("CertificateType").map_or("RSA", |kind| kind.value);
    format!("The device proves itself by {what}; the type of its key is given as {kind}.")
}

/// Every other type.
pub(super) fn plain(vpn: &Vpn<'_>, cx: &Context<'_>) -> Option<Part> {
    let settings = vpn.settings.as_ref()?;
    let method = settings.str("AuthenticationMethod").map(|method| method.value);
    let mut lines = Vec::new();
    match (vpn.kind, method) {
        (Some("IPSec"), Some("Certificate")) => lines.push(identity(settings, cx)),
        (Some("IPSec"), _) => lines.push("Both sides prove that they know one shared (group) secret.".into()),
        (Some("L2TP"), _) => {
            lines.push(
                "The IPsec layer is keyed by a shared secret or a certificate; PPP then asks for a password."
                    .into(),
            );
        }
        (_, Some("Certificate")) => lines.push(identity(settings, cx)),
        (_, Some("Password+Certificate")) => {
            lines.push(identity(settings, cx));
            lines.push("The user gives a password as well.".into());
        }
        (Some("VPN" | "TransparentProxy"), _) => {
            lines.push("The app asks for a password, or uses what the profile gives it.".into());
        }
        _ => {}
    }
    if settings.is_on("XAuthEnabled") {
        lines.push("The user then gives a name and a password (XAUTH).".into());
    }
    if settings.is_on("PromptForVPNPIN") {
        lines.push("The user is asked for a PIN when connecting.".into());
    }
    Some(Part { title: TITLE, lines })
}
