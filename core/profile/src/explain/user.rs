//! What a user is asked, and when.

use crate::rules::{Context, Vpn};

use super::Part;

/// Passwords, PINs and names that the profile leaves to the user.
pub(super) fn explain(vpn: &Vpn<'_>, cx: &Context<'_>) -> Part {
    let mut lines = Vec::new();
    if let Some(settings) = &vpn.settings {
        let missing = |key: &str| settings.str(key).is_none_or(|text| text.value.is_empty());
        match vpn.kind {
            Some("IKEv2")
                if settings.is_on("ExtendedAuthEnabled") && !settings.has("PayloadCertificateUUID") =>
            {
                lines.extend(asked(missing("AuthName"), missing("AuthPassword")));
            }
            Some("IPSec") if settings.is_on("XAuthEnabled") => {
                lines.extend(asked(missing("XAuthName"), missing("XAuthPassword")));
                if settings.str("XAuthPasswordEncryption").is_some_and(|how| how.value == "Prompt") {
                    lines.push("The password is asked for each time and not kept.".into());
                }
            }
            Some("VPN") => {
                let method = settings.str("AuthenticationMethod").map_or("Password", |method| method.value);
                if method.contains("Password") && missing("AuthPassword") {
                    lines.push("When connecting: the password, by the app or the system.".into());
                }
            }
            Some("L2TP") if settings.is_on("TokenCard") => {
                lines.push("When connecting: the code of the token card.".into());
            }
            Some("L2TP") => lines.extend(asked(missing("AuthName"), missing("AuthPassword"))),
            _ => {}
        }
    }
    let unlocked =
        cx.payloads("com.apple.security.pkcs12").filter(|payload| !payload.section.has("Password")).count();
    if unlocked > 0 {
        lines.push("When installing: the password of the PKCS#12 file.".into());
    }
    if cx.profile.root().has("ConsentText") {
        lines.push("When installing: to agree to the profile's consent text.".into());
    }
    if lines.is_empty() {
        lines.push("Nothing beyond the system's own question whether to install the profile.".into());
    }
    Part { title: "What the user is asked", lines }
}

/// What is asked for because it is missing.
fn asked(name: bool, password: bool) -> Option<String> {
    let what = match (name, password) {
        (true, true) => "the user name and the password",
        (false, true) => "the password",
        (true, false) => "the user name",
        (false, false) => return None,
    };
    Some(format!("When connecting: {what}."))
}
