//! `sign.unsigned`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("sign.unsigned"),
    level: Level::Notice,
    title: "The profile is not signed",
    what: prose("The file is a plain property list, or CMS signed data that nobody signed."),
    why: prose(
        "The installer shows \"Not Signed\" in red, and nothing shows a user whether the file was changed on its way. A \
          management server's own channel makes up for it.",
    ),
    mend: prose("Sign the profile: adit sign, or openssl cms -sign -nodetach -outform DER."),
    source: "Apple documentation: signing of configuration profiles",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let signed = cx.document.signed().is_some_and(|signed| !signed.signers.is_empty());
    if !signed {
        let help = "the installer shows \"Not Signed\"; adit sign signs it";
        out.say(super::whole(cx, "the profile is not signed").help(help));
    }
}
