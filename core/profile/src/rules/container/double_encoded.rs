//! `container.double-encoded`.

use crate::model::walk;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("container.double-encoded"),
    level: Level::Warning,
    title: "A property list as text inside a string",
    what: prose(
        "A <string> holds a whole property list: XML text that begins with <?xml or <plist and has a <plist> in it, or \
           the beginning of a binary one, as it is or in Base64.",
    ),
    why: prose(
        "The device sees one long string, not the keys inside. Tools that wrap a profile they were given in another one \
          make such files.",
    ),
    mend: prose(
        "Put the inner dictionary itself in the place of the string, or use the inner property list as the profile.",
    ),
    source: "Own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(root) = cx.document.root() else { return };
    walk(root, &mut |trail, node| {
        let Some(text) = node.as_str() else { return };
        if holds_a_list(text) {
            let message = "this string holds a property list as text";
            let finding = Finding::at(node.span, trail.path(), message);
            out.say(finding.help("put the list itself in its place"));
        }
    });
}

fn holds_a_list(text: &str) -> bool {
    let text = text.trim_start();
    match text.as_bytes() {
        [b'<', ..] => {
            let begins = ["<?xml", "<plist", "<!DOCTYPE plist"].iter().any(|mark| text.starts_with(mark));
            begins && text.contains("<plist")
        }
        // The second one is bplist0 in Base64.
        [b'b', ..] => text.starts_with("bplist0"),
        [b'Y', ..] => text.starts_with("YnBsaXN0MD"),
        _ => false,
    }
}
