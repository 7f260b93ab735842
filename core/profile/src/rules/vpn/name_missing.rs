//! `vpn.name-missing`.

use crate::rules::prelude::*;

const KEY: &str = "UserDefinedName";

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.name-missing"),
    level: Level::Error,
    title: "The VPN has no name",
    what: prose("A VPN payload has no UserDefinedName, or an empty one."),
    why: prose("The name is what Settings shows. A system rejects the payload without it."),
    mend: prose("Add UserDefinedName with a name that users will know the connection by."),
    source: "Apple device-management schema: com.apple.vpn.managed, UserDefinedName (required)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in &cx.vpns {
        let section = vpn.section();
        if !section.has(KEY) {
            let fix = Change::Insert { path: section.path().steps(), key: KEY.into(), value: "VPN".into() };
            out.say(
                Finding::value(section, KEY, "the VPN payload has no UserDefinedName")
                    .help("add the name that Settings is to show")
                    .fix(Fix::display_only("add UserDefinedName", fix)),
            );
        } else if section.str(KEY).is_some_and(|name| name.value.trim().is_empty()) {
            out.say(Finding::value(section, KEY, "UserDefinedName is empty").help("give the VPN a name"));
        }
    }
}
