//! `pq.fallback-ignored`.

use super::{FALLBACK, has_method, lists};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("pq.fallback-ignored"),
    level: Level::Warning,
    title: "A fallback without anything to fall back from",
    what: prose(
        "AllowPostQuantumKeyExchangeFallback is given, but neither IKESecurityAssociationParameters nor \
           ChildSecurityAssociationParameters has PostQuantumKeyExchangeMethods.",
    ),
    why: prose("The key has no effect without methods: the tunnel uses no post-quantum key exchange at all."),
    mend: prose("Add PostQuantumKeyExchangeMethods to the security association, or remove the key."),
    source: "Apple device-management schema: com.apple.vpn.managed, IKEv2.AllowPostQuantumKeyExchangeFallback",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.settings.has(FALLBACK)) {
        if lists(tunnel).any(has_method) {
            continue;
        }
        let message =
            "AllowPostQuantumKeyExchangeFallback has no effect without PostQuantumKeyExchangeMethods";
        out.say(
            Finding::key(&tunnel.settings, FALLBACK, message)
                .help("add methods to IKESecurityAssociationParameters, or remove the key")
                .safe_remove("remove AllowPostQuantumKeyExchangeFallback"),
        );
    }
}
