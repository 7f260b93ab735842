//! `sign.unsigned`.

use crate::report::Span;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("sign.unsigned"),
    level: Level::Notice,
    title: "The profile is not signed",
    what: "The file is a plain property list, not CMS signed data.",
    why: "The installer shows \"Not Signed\" in red, and nothing shows a user whether the file was changed on its way. A \
          management server's own channel makes up for it.",
    mend: "Sign the profile: adit sign, or openssl cms -sign -nodetach -outform DER.",
    source: "Apple documentation: signing of configuration profiles",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if cx.document.signed().is_some() {
        return;
    }
    let Some(root) = cx.document.root() else { return };
    // The opening of the root, not the whole of it.
    let head = Span { start: root.span.start, end: root.span.end.min(root.span.start.saturating_add(6)) };
    let finding = Finding::at(head, crate::model::Path::default(), "the profile is not signed");
    out.say(finding.help("the installer shows \"Not Signed\"; adit sign signs it"));
}
