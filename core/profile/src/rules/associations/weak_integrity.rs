//! `sa.weak-integrity`.

use crate::ikev2::Origin;
use crate::model::{IntegrityAlgorithm, Keyword};
use crate::rules::prelude::*;

use super::weak;

const KEY: &str = "IntegrityAlgorithm";

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.weak-integrity"),
    level: Level::Target,
    title: "SHA-1 for integrity",
    what: prose(
        "IntegrityAlgorithm of a security association is SHA1-96 or SHA1-160. An error for a target that has neither: iOS, \
           macOS and visionOS since version 26, tvOS and watchOS always. A warning otherwise.",
    ),
    why: prose(
        "SHA-1 is being withdrawn everywhere, and SHA1-160 is not even in the list of RFC 8221. Systems without them reject \
          the payload, also where a cipher such as AES-256-GCM leaves the value without effect.",
    ),
    mend: prose("Use SHA2-256 on the device and on the server."),
    source: "Apple device-management schema: IntegrityAlgorithm (SHA1-96 and SHA1-160 not since 26.0, never on tvOS and \
             watchOS); RFC 8247 section 2.3, RFC 8221 section 6",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        for (section, association) in tunnel.dictionaries() {
            let integrity = association.suite.integrity;
            let weak = matches!(integrity, IntegrityAlgorithm::Sha1_96 | IntegrityAlgorithm::Sha1_160);
            if association.origins.integrity != Origin::Given || !weak {
                continue;
            }
            let Some(affected) = weak::affected(cx) else { continue };
            out.say(
                weak::finding(section, KEY, integrity.word(), &affected)
                    .help("use SHA2-256; the server must take it too")
                    .unsafe_replace("use SHA2-256", "SHA2-256"),
            );
        }
    }
}
