//! Who proves what to whom.

use crate::model::Section;
use crate::rules::{Context, Tunnel, Vpn};

use super::{Part, quote};
use crate::syntax::shorten;

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
            let of = |key: &str, default: &str| {
                settings.str(key).map_or_else(|| default.to_owned(), |version| shorten(version.value))
            };
            format!(
                "The device then proves itself by EAP with its certificate (EAP-TLS, TLS {} to {}).",
                of("TLSMinimumVersion", "1.0"),
                of("TLSMaximumVersion", "1.2")
            )
        } else {
            let who = account(settings, "AuthName");
            format!("{who} then proves who they are by EAP with name and password (as a rule EAP-MSCHAPv2).")
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
    let mut lines = Vec::new();
    match vpn.kind {
        Some("IPSec") => {
            lines.push(ike(settings, cx));
            if settings.is_on("XAuthEnabled") {
                let who = account(settings, "XAuthName");
                lines.push(format!("{who} then gives a name and a password (XAUTH)."));
            }
        }
        Some("L2TP") => {
            match vpn.section().sub("IPSec") {
                Some(ipsec) => lines.push(format!("The IPsec layer: {}", ike(&ipsec, cx))),
                None => lines.push("The profile does not say how the IPsec layer is keyed.".into()),
            }
            let who = account(settings, "AuthName");
            let how = if settings.is_on("TokenCard") { "a token card's code" } else { "a password" };
            lines.push(format!("{who} then gives a name and {how} to PPP."));
        }
        Some("VPN" | "TransparentProxy") => app(settings, cx, &mut lines),
        _ => {}
    }
    if settings.is_on("PromptForVPNPIN") {
        lines.push("The user is asked for a PIN when connecting.".into());
    }
    Some(Part { title: TITLE, lines })
}

/// How the two sides of IKEv1 prove themselves.
fn ike(settings: &Section<'_>, cx: &Context<'_>) -> String {
    if settings.str("AuthenticationMethod").is_some_and(|method| method.value == "Certificate") {
        return identity(settings, cx);
    }
    match settings.str("LocalIdentifier").filter(|group| !group.value.is_empty()) {
        Some(group) if group.value.ends_with("hybrid") => {
            format!(
                "The server proves itself by a certificate (hybrid), the group is {}.",
                quote(group.value)
            )
        }
        Some(group) => {
            format!(
                "Both sides prove that they know one shared secret, that of the group {}.",
                quote(group.value)
            )
        }
        None => "Both sides prove that they know one shared (group) secret.".into(),
    }
}

/// What the app of a VPN is given.
fn app(settings: &Section<'_>, cx: &Context<'_>, lines: &mut Vec<String>) {
    let method = settings.str("AuthenticationMethod").map_or("Password", |method| method.value);
    if method.contains("Certificate") {
        lines.push(identity(settings, cx));
    }
    if method.contains("Password") {
        let stored = ["AuthPassword", "Password"].iter().any(|key| settings.has(key));
        let from = if stored { "that is in the profile" } else { "that the app or the system asks for" };
        let who = account(settings, "AuthName");
        lines.push(format!("{who} proves who they are to the app's server by a password {from}."));
    }
}

/// Who a person is, where the profile says it.
fn account(settings: &Section<'_>, key: &str) -> String {
    let name = settings.str(key).filter(|name| !name.value.is_empty());
    name.map_or_else(|| "The user".to_owned(), |name| format!("The user {}", quote(name.value)))
}
