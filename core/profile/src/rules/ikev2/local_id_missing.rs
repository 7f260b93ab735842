//! `ikev2.local-id-missing`.

use crate::rules::prelude::*;

const KEY: &str = "LocalIdentifier";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.local-id-missing"),
    level: Level::Warning,
    title: "There is no LocalIdentifier",
    what: prose("The dictionary has no LocalIdentifier; without EAP an empty one counts too."),
    why: prose(
        "The schema requires the key. Systems take a payload without it and send their address as identity, which suits \
          servers that tell clients apart by EAP, and no others: with a certificate or a shared secret most servers look up \
          the client by this identity.",
    ),
    mend: prose(
        "Add LocalIdentifier: for a certificate one of the names in it, for a shared secret what the server expects, for EAP \
           the user's name for instance.",
    ),
    source: "Apple device-management schema: IKEv2.LocalIdentifier (required); profiles in use that omit it",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    // What an Always On tunnel lacks is told by the rules about those.
    for tunnel in cx.tunnels.iter().filter(|tunnel| !tunnel.always_on) {
        let settings = &tunnel.settings;
        let empty = settings.str(KEY).is_some_and(|text| text.value.is_empty());
        let message = match (settings.has(KEY), empty) {
            (false, _) => "there is no LocalIdentifier",
            (true, true) if tunnel.is_without_eap() => "LocalIdentifier is empty",
            _ => continue,
        };
        let help = "the documentation asks for it; with EAP most servers do without";
        let mut finding = Finding::value(settings, KEY, message).help(help);
        if let Some(name) =
            settings.str("AuthName").filter(|name| tunnel.uses_eap() && !name.value.is_empty())
        {
            let change = Change::set(settings, KEY, name.value);
            finding = finding.fix(Fix::not_safe("use the name of AuthName", change));
        }
        out.say(finding);
    }
}
