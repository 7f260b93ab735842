//! `sa.strict-cipher`.

use crate::ikev2::Origin;
use crate::model::Keyword;
use crate::rules::prelude::*;

use super::weak;

const KEY: &str = "EncryptionAlgorithm";

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.strict-cipher"),
    level: Level::Error,
    title: "Strict algorithm selection with DES or triple DES",
    what: prose(
        "EnforceStrictAlgorithmSelection is 1, and EncryptionAlgorithm of a security association is DES or 3DES.",
    ),
    why: prose("The switch makes the system reject a payload with these ciphers."),
    mend: prose("Use AES-256-GCM, on the server too."),
    source: "Apple device-management schema: IKEv2.EnforceStrictAlgorithmSelection (iOS 18.5, macOS 15.5 and later)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| weak::is_strict(tunnel)) {
        for (section, association) in tunnel.dictionaries() {
            let cipher = association.suite.encryption;
            if association.origins.encryption == Origin::Given && !cipher.is_supported() {
                let message = format!("EnforceStrictAlgorithmSelection forbids {}", cipher.word());
                let strict = tunnel.settings.span_of("EnforceStrictAlgorithmSelection");
                out.say(
                    Finding::value(section, KEY, message)
                        .help("use AES-256-GCM; the server must take it too")
                        .related(strict, "strict selection is switched on here")
                        .unsafe_replace("use AES-256-GCM", "AES-256-GCM"),
                );
            }
        }
    }
}
