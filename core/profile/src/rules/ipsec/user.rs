//! `ipsec.xauth-name-off`, `ipsec.prompt-pin-needs-cert` and `ipsec.ondemand-needs-cert`.

use super::frame::{Method, cisco, method};
use crate::rules::prelude::*;

const SWITCH: &str = "XAuthEnabled";
const PIN: &str = "PromptForVPNPIN";

pub(super) static XAUTH_OFF: Rule = Rule {
    code: Code::new("ipsec.xauth-name-off"),
    level: Level::Warning,
    title: "A user name that is not used",
    what: prose("A Cisco IPSec connection has XAuthName or XAuthPassword, and XAuthEnabled is not 1."),
    why: prose(
        "Without XAuthEnabled the user is not authenticated at all, and name and password are passed over. A server that \
          asks for them refuses.",
    ),
    mend: prose("Set XAuthEnabled to 1, or remove name and password."),
    source: "Apple device-management schema: IPSec.XAuthEnabled, XAuthName, XAuthPassword",
    check: Check::Profile(xauth_off),
};

fn xauth_off(cx: &Context<'_>, out: &mut Sink<'_>) {
    for ipsec in cisco(cx).filter(|ipsec| ipsec.is_off(SWITCH)) {
        let Some(key) = ["XAuthName", "XAuthPassword"].into_iter().find(|key| ipsec.is_filled(key)) else {
            continue;
        };
        let change = match ipsec.has(SWITCH) {
            true => Change::Replace { path: ipsec.path_of(SWITCH).steps(), value: 1.into() },
            false => Change::Insert { path: ipsec.path().steps(), key: SWITCH.into(), value: 1.into() },
        };
        out.say(
            Finding::key(ipsec, key, format!("{key} is passed over without XAuthEnabled 1"))
                .help("set XAuthEnabled to 1, or remove name and password")
                .fix(Fix::not_safe("set XAuthEnabled to 1", change)),
        );
    }
}

pub(super) static PIN_WITHOUT_CERTIFICATE: Rule = Rule {
    code: Code::new("ipsec.prompt-pin-needs-cert"),
    level: Level::Warning,
    title: "A PIN is asked for that nothing needs",
    what: prose("PromptForVPNPIN is true, and AuthenticationMethod is not Certificate."),
    why: prose(
        "The PIN belongs to the use of an identity. With a shared secret there is none, and the question confuses users.",
    ),
    mend: prose("Remove PromptForVPNPIN, or use a certificate."),
    source: "Apple device-management schema: IPSec.PromptForVPNPIN; MDM consoles offer it with machine certificates only",
    check: Check::Profile(pin_without_certificate),
};

fn pin_without_certificate(cx: &Context<'_>, out: &mut Sink<'_>) {
    for ipsec in cisco(cx).filter(|ipsec| ipsec.is_on(PIN) && method(ipsec) == Some(Method::SharedSecret)) {
        out.say(
            Finding::key(ipsec, PIN, "PromptForVPNPIN is for AuthenticationMethod Certificate")
                .help("remove it, or use a certificate")
                .unsafe_remove("remove PromptForVPNPIN"),
        );
    }
}

pub(super) static ON_DEMAND: Rule = Rule {
    code: Code::new("ipsec.ondemand-needs-cert"),
    level: Level::Warning,
    title: "On demand with a shared secret",
    what: prose(
        "A Cisco IPSec connection has OnDemandEnabled 1, and AuthenticationMethod is not Certificate.",
    ),
    why: prose(
        "On demand is to connect without the user. With a shared secret the user's password is asked for at each \
          connection unless it is saved, and iOS was documented to want certificates for it.",
    ),
    mend: prose("Use a certificate, or IKEv2; else switch on demand off."),
    source: "Own judgement",
    check: Check::Profile(on_demand),
};

fn on_demand(cx: &Context<'_>, out: &mut Sink<'_>) {
    const KEY: &str = "OnDemandEnabled";
    for ipsec in cisco(cx).filter(|ipsec| ipsec.is_on(KEY) && method(ipsec) == Some(Method::SharedSecret)) {
        out.say(
            Finding::value(ipsec, KEY, "on demand needs AuthenticationMethod Certificate with IPSec")
                .help("use a certificate, or IKEv2"),
        );
    }
}
