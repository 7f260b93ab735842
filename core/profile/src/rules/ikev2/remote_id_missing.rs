//! `ikev2.remote-id-missing`.

use crate::rules::prelude::*;

const KEY: &str = "RemoteIdentifier";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.remote-id-missing"),
    level: Level::Error,
    title: "There is no RemoteIdentifier",
    what: prose("The dictionary has no RemoteIdentifier, or an empty one."),
    why: prose(
        "The key is required: it is the identity by which the server must prove itself. Without it the system rejects the \
          payload, or cannot know that it talks to the right server.",
    ),
    mend: prose(
        "Add RemoteIdentifier: the server's own identity, most often the host name in its certificate.",
    ),
    source: "Apple device-management schema: IKEv2.RemoteIdentifier (required)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    // What an Always On tunnel lacks is told by the rules about those.
    for tunnel in cx.tunnels.iter().filter(|tunnel| !tunnel.always_on) {
        let settings = &tunnel.settings;
        if tunnel.holds(KEY) {
            continue;
        }
        let message =
            if settings.has(KEY) { "RemoteIdentifier is empty" } else { "there is no RemoteIdentifier" };
        let help = "give the identity by which the server proves itself, most often its host name";
        let mut finding = Finding::value(settings, KEY, message).help(help);
        if let Some(address) = settings.str("RemoteAddress").filter(|address| !address.value.is_empty()) {
            let change = Change::set(settings, KEY, address.value);
            finding = finding.fix(Fix::not_safe("use the name of RemoteAddress", change));
        }
        out.say(finding);
    }
}
