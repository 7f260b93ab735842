//! `ikev2.unknown-chain-key`.

use crate::model::IKEV2_KEYS;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.unknown-chain-key"),
    level: Level::Warning,
    title: "An invented key about certificate validation",
    what: prose(
        "The dictionary holds UseCertificateChainValidation, or another key about validating, verifying or trusting \
           certificates that Apple's schema does not have.",
    ),
    why: prose(
        "The key is ignored. The server's chain is always validated and no key switches that on or off, so the profile \
          promises something that is not there.",
    ),
    mend: prose(
        "Remove the key. To trust a private CA add its certificate in a com.apple.security.root payload.",
    ),
    source: "profiles in use; Apple device-management schema, which has no such key",
    check: Check::Profile(check),
};

/// Whether a key speaks of judging certificates.
fn speaks_of_validation(key: &str) -> bool {
    let holds = |word: &str| {
        key.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    holds("cert") && ["validat", "verif", "chain", "trust"].into_iter().any(holds)
}

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        for entry in &tunnel.settings.dict().entries {
            let key = entry.key.text.as_str();
            if IKEV2_KEYS.contains(&key) || !speaks_of_validation(key) {
                continue;
            }
            let shown = crate::syntax::shorten(key);
            out.say(
                Finding::key(
                    &tunnel.settings,
                    key,
                    format!("{shown} is no key of any system: chains are always validated"),
                )
                .help("remove it; to trust a private CA add its certificate in a root payload")
                .safe_remove(format!("remove {shown}, which is ignored")),
            );
        }
    }
}
