//! `ddm.needs-asset`.

use super::{declaration, is_asked, settings};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ddm.needs-asset"),
    level: Level::Notice,
    title: "A declaration keeps this secret or identity in an asset",
    what: prose(
        "A VPN payload that has a declaration in 27.0 holds a shared secret, a name and password, or names an identity \
           by PayloadCertificateUUID. It is said under the same conditions as ddm.can-convert.",
    ),
    why: prose(
        "A declaration refers to an asset by its identifier; the asset holds the secret, the PKCS#12 file, or the SCEP or \
          ACME request. Without it the declaration is not applied.",
    ),
    mend: prose(
        "Make an asset declaration of type credential.userpassword, credential.identity, credential.scep or \
           credential.acme, and refer to it.",
    ),
    source: "Apple device-management schema, 27.0: CredentialsAssetReference and IdentityAssetReference of network.vpn.*",
    check: Check::Profile(check),
};

/// What becomes a userpassword asset, each told once: by its secret, else by its name.
const CREDENTIALS: [&[&str]; 3] =
    [&["SharedSecret"], &["AuthPassword", "AuthName"], &["XAuthPassword", "XAuthName"]];

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !is_asked(cx) {
        return;
    }
    let mut say = |section: &Section<'_>, keys: &[&str], asset: &str| {
        if let Some(key) = keys.iter().find(|key| section.has(key)) {
            let message = format!("a declaration refers to an asset for {key}");
            out.say(
                Finding::key(section, key, message).help(format!("make a credential.{asset} asset of it")),
            );
        }
    };
    let identity = ["PayloadCertificateUUID"];
    let assets = "identity, credential.scep or credential.acme";
    for vpn in cx.vpns.iter().filter(|vpn| declaration(vpn).is_some()) {
        for section in settings(vpn) {
            CREDENTIALS.iter().for_each(|keys| say(&section, keys, "userpassword"));
            say(&section, &identity, assets);
        }
        if let Some(dns) = vpn.section().sub("DNS") {
            say(&dns, &identity, assets);
        }
        if let Some(proxies) = vpn.section().sub("Proxies") {
            say(&proxies, &["HTTPProxyPassword", "HTTPProxyUsername"], "userpassword");
        }
    }
}
