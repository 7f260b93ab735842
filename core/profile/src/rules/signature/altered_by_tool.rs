//! `sign.content-altered-by-tool`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("sign.content-altered-by-tool"),
    level: Level::Explain,
    title: "A signed profile cannot be changed on its way",
    what: prose("The profile is signed. Said by adit explain only: it is no fault."),
    why: prose(
        "Whatever changes a byte of it breaks the signature: an editor, a fresh UUID, a management server that expands \
          variables in it. Servers refuse signed profiles with variables, or deliver them with the signature taken off.",
    ),
    mend: prose("Give a management server the unsigned profile and let it sign, or use no variables in it."),
    source: "fleetdm/fleet issues 25831, 26688 and 18389",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if super::signers(cx).next().is_some() {
        let message = "the profile is signed: any change, also by a server that expands variables, breaks the signature";
        out.say(super::whole(cx, message).help("give a management server the unsigned profile"));
    }
}
