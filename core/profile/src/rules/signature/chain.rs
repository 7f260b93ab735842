//! `sign.chain-incomplete`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("sign.chain-incomplete"),
    level: Level::Notice,
    title: "The signer's issuer is not in the file",
    what: prose(
        "The signed data holds the signer's certificate and not that of its issuer. A chain that lacks only what comes \
           after an intermediate certificate, most likely the root, is complete.",
    ),
    why: prose(
        "A device that does not have the issuer's certificate shows the profile as not verified. Roots it has by itself, \
          intermediate certificates it does not.",
    ),
    mend: prose(
        "Sign the profile again and give the intermediate certificates: openssl cms -sign -certfile FILE.",
    ),
    source: "RFC 5652 section 5.1 (certificates); own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (signed, signer) in super::signers(cx) {
        let Some(chain) = signed.chain(signer).filter(|chain| chain.certificates.len() == 1) else {
            continue;
        };
        if let Some(issuer) = chain.missing_issuer {
            let issuer = crate::syntax::shorten(&issuer);
            let message = format!("the certificate of the issuer, `{issuer}`, is not in the file");
            out.say(super::whole(cx, message).help("add it unless it is a root that devices have"));
        }
    }
}
