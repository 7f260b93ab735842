//! `sa.weak-cipher`.

use crate::ikev2::Origin;
use crate::model::Keyword;
use crate::rules::prelude::*;

use super::weak;

const KEY: &str = "EncryptionAlgorithm";

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.weak-cipher"),
    level: Level::Target,
    title: "DES or triple DES",
    what: prose(
        "EncryptionAlgorithm of a security association is DES or 3DES. An error for a target that has neither: iOS, macOS and \
           visionOS since version 26, tvOS and watchOS always. A warning otherwise.",
    ),
    why: prose(
        "DES falls to a search of its keys, and triple DES to its small blocks; RFC 8247 forbids the one and discourages the \
          other. Systems without them reject the payload.",
    ),
    mend: prose("Use AES-256-GCM on the device and on the server."),
    source: "Apple device-management schema: EncryptionAlgorithm (DES and 3DES not since 26.0, never on tvOS and watchOS); RFC \
             8247 section 2.1",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| !weak::is_strict(tunnel)) {
        for (section, association) in tunnel.dictionaries() {
            let cipher = association.suite.encryption;
            if association.origins.encryption != Origin::Given || cipher.is_supported() {
                continue;
            }
            let Some(affected) = weak::affected(cx) else { continue };
            out.say(
                weak::finding(section, KEY, cipher.word(), &affected)
                    .help("use AES-256-GCM; the server must take it too")
                    .unsafe_replace("use AES-256-GCM", "AES-256-GCM"),
            );
        }
    }
}
