//! `sa.empty-child`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.empty-child"),
    level: Level::Warning,
    title: "An empty ChildSecurityAssociationParameters dictionary",
    what: prose("ChildSecurityAssociationParameters is there and has no keys."),
    why: prose(
        "An empty dictionary is a dictionary: the Child SAs get the defaults (AES-256, SHA2-256, group 14, 1440 minutes; on \
          tvOS and watchOS AES-256-GCM), not the values of the IKE SA as they would without it. Most often that is not what was \
          meant.",
    ),
    mend: prose("Remove the dictionary to take over the values of the IKE SA, or write out its values."),
    source: "Apple device-management schema: IKEv2.ChildSecurityAssociationParameters; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        if let Some(child) = tunnel.child.as_ref().filter(|child| child.dict().entries.is_empty()) {
            let message = "the dictionary is empty: it means the defaults, not the values of the IKE SA";
            out.say(
                Finding::section(child, message)
                    .help("remove it to take over the IKE SA's values, or write the values out")
                    .fix(Fix::display_only(
                        "remove the empty dictionary, so that Child SAs take the values of the IKE SA",
                        Change::Remove { path: child.path().steps() },
                    )),
            );
        }
    }
}
