//! `vpn.auth-needs-password` and `vpn.auth-needs-cert`.

use super::frame::{METHOD, app_settings};
use crate::rules::prelude::*;

const CERTIFICATE: &str = "PayloadCertificateUUID";

pub(super) static NEEDS_PASSWORD: Rule = Rule {
    code: Code::new("vpn.auth-needs-password"),
    level: Level::Notice,
    title: "The user is asked for the password",
    what: prose(
        "AuthenticationMethod of an app's VPN is Password and the profile holds none: no AuthPassword in VPN, no Password \
           in TransparentProxy. Not said when VendorConfig hands the app settings of its own, where credentials may stand.",
    ),
    why: prose(
        "The user must type the password at each connection, or the app asks for it. On-demand connections then wait for \
          the user.",
    ),
    mend: prose(
        "That may be what you want: a password in a profile is readable by whoever gets the file. Else use a \
           certificate, or add AuthPassword.",
    ),
    source: "Apple device-management schema: VPN.AuthenticationMethod and AuthPassword",
    check: Check::Profile(needs_password),
};

/// The keys of `VendorConfig` that hold no credentials.
const HARMLESS: [&str; 4] = ["Realm", "Role", "Group", "LoginGroupOrDomain"];

fn needs_password(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in &cx.vpns {
        let Some(settings) = app_settings(vpn) else { continue };
        if settings.str(METHOD).is_none_or(|method| method.value != "Password")
            || settings.is_filled("AuthPassword")
            || settings.is_filled("Password")
        {
            continue;
        }
        let own = vpn.section().sub("VendorConfig").is_some_and(|config| {
            config.dict().entries.iter().any(|entry| !HARMLESS.contains(&entry.key.text.as_str()))
        });
        if !own {
            out.say(
                Finding::value(
                    settings,
                    METHOD,
                    "AuthenticationMethod is Password, and the profile holds none",
                )
                .help("the user is asked on connecting; a certificate would do without"),
            );
        }
    }
}

pub(super) static NEEDS_CERTIFICATE: Rule = Rule {
    code: Code::new("vpn.auth-needs-cert"),
    level: Level::Error,
    title: "The method needs an identity, and none is named",
    what: prose(
        "AuthenticationMethod of VPN or TransparentProxy is Certificate or Password+Certificate, and \
           PayloadCertificateUUID is missing or empty.",
    ),
    why: prose(
        "The app has no certificate to present, so the server refuses. Some systems refuse the payload already.",
    ),
    mend: prose(
        "Add the identity to the profile (pkcs12, scep, acme) and its PayloadUUID as PayloadCertificateUUID.",
    ),
    source: "Apple device-management schema: VPN.AuthenticationMethod and PayloadCertificateUUID",
    check: Check::Profile(needs_certificate),
};

fn needs_certificate(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in &cx.vpns {
        let Some(settings) = app_settings(vpn) else { continue };
        let Some(method) = settings.str(METHOD) else { continue };
        if !matches!(method.value, "Certificate" | "Password+Certificate") || settings.is_filled(CERTIFICATE)
        {
            continue;
        }
        let message = format!("AuthenticationMethod {} needs a PayloadCertificateUUID", method.value);
        let mut finding = Finding::value(settings, CERTIFICATE, message)
            .help("give the PayloadUUID of the identity's payload in this profile")
            .related(method.span, "the method");
        if let Some(only) = cx.references().only_identity
            && let Some(uuid) = only.section.str("PayloadUUID")
        {
            let path = settings.path().steps();
            let change = match settings.has(CERTIFICATE) {
                true => Change::Replace { path: finding.steps(), value: uuid.value.into() },
                false => Change::Insert { path, key: CERTIFICATE.into(), value: uuid.value.into() },
            };
            finding = finding.fix(Fix::not_safe("name the only identity of the profile", change));
        }
        out.say(finding);
    }
}
