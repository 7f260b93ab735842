//! `vpn.section-missing`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.section-missing"),
    level: Level::Error,
    title: "The settings of the chosen type are missing",
    what: prose(
        "The payload lacks the dictionary that its VPNType asks for: VPN, IPSec, IKEv2, AlwaysOn or TransparentProxy of \
           the same name, PPP for L2TP.",
    ),
    why: prose(
        "The server and the credentials stand in that dictionary. Without it there is nothing to connect to, and the \
          system refuses the payload.",
    ),
    mend: prose(
        "Add the dictionary, or correct VPNType when the settings stand in the dictionary of another type.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed (each dictionary is used with its VPNType)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in &cx.vpns {
        let Some(kind) = vpn.kind.filter(|kind| *kind != "PPTP") else { continue };
        let name = if kind == "L2TP" { "PPP" } else { kind };
        let section = vpn.section();
        if section.has(name) {
            continue;
        }
        // The same letters in another case are most likely the dictionary that is meant.
        let alike = section
            .dict()
            .entries
            .iter()
            .find(|entry| entry.key.text.eq_ignore_ascii_case(name) && entry.value.as_dict().is_some());
        let message = format!("VPNType is {kind}, but the payload has no {name} dictionary");
        let finding = Finding::value(section, name, message);
        out.say(match alike {
            Some(entry) => {
                let path = section.path_of(&entry.key.text).steps();
                finding
                    .help(format!("keys are read letter by letter: write {name}"))
                    .related(entry.key.span, "this one is not read")
                    .fix(Fix::not_safe(
                        format!("rename it to {name}"),
                        Change::Rename { path, name: name.into() },
                    ))
            }
            None => finding.help(format!("add {name} with the server and the authentication")),
        });
    }
}
