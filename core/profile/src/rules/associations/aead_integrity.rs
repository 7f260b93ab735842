//! `sa.aead-integrity`.

use crate::ikev2::Origin;
use crate::model::Keyword;
use crate::rules::prelude::*;

const KEY: &str = "IntegrityAlgorithm";

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.aead-integrity"),
    level: Level::Notice,
    title: "IntegrityAlgorithm beside a cipher that authenticates by itself",
    what: prose(
        "The cipher is AES-128-GCM, AES-256-GCM or ChaCha20Poly1305 and IntegrityAlgorithm is given. For Child SAs it is \
           told always, for the IKE SA by `adit explain` only: there the value has a meaning.",
    ),
    why: prose(
        "These ciphers need no integrity transform, and none is sent. In the child's dictionary the value has no effect. In \
          the IKE SA's it still chooses the PRF that all keys come from (SHA2-384 means PRF_HMAC_SHA2_384): it must match the \
          server, so do not drop it.",
    ),
    mend: prose("Nothing; in the child's dictionary the key may go."),
    source: "RFC 5282 section 8, RFC 7634 section 3, RFC 7296 section 3.3; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let both = &tunnel.associations;
        let given = |origin: Origin| origin == Origin::Given;
        if let Some(child) = &tunnel.child
            && given(both.child.origins.integrity)
            && given(both.child.origins.encryption)
            && both.child.suite.encryption.is_aead()
        {
            let cipher = both.child.suite.encryption.word();
            let finding =
                Finding::value(child, KEY, format!("no integrity transform is sent beside {cipher}"));
            out.say(finding.help("the value has no effect here").unsafe_remove("remove IntegrityAlgorithm"));
        }
        if let Some(ike) = &tunnel.ike
            && cx.options.explain
            && given(both.ike.origins.integrity)
            && both.ike.suite.encryption.is_aead()
        {
            let (cipher, integrity) = (both.ike.suite.encryption.word(), both.ike.suite.integrity.word());
            let message =
                format!("beside {cipher} no integrity transform is sent; {integrity} chooses the PRF");
            out.say(Finding::value(ike, KEY, message).help("keep it: the server must have the same PRF"));
        }
    }
}
