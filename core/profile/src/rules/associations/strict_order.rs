//! `sa.strict-order`.

use crate::rules::prelude::*;

use super::{order, weak};

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.strict-order"),
    level: Level::Error,
    title: "Strict algorithm selection with an IKE cipher weaker than the child's",
    what: prose(
        "EnforceStrictAlgorithmSelection is 1, and after defaults and inheritance the cipher of the IKE SA is weaker than \
           that of its Child SAs. The order is DES, 3DES, AES-128 and AES-128-GCM, then AES-256, AES-256-GCM and \
           ChaCha20Poly1305.",
    ),
    why: prose(
        "The switch makes the system reject such a payload: the keys of a Child SA are no safer than the IKE SA that made \
          them.",
    ),
    mend: prose("Give the IKE SA a cipher at least as strong as the child's."),
    source: "Apple device-management schema: IKEv2.EnforceStrictAlgorithmSelection (iOS 18.5, macOS 15.5 and later)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| weak::is_strict(tunnel)) {
        if let Some(finding) = order::weaker_than_child(tunnel) {
            let strict = tunnel.settings.span_of("EnforceStrictAlgorithmSelection");
            out.say(finding.related(strict, "strict selection is switched on here"));
        }
    }
}
