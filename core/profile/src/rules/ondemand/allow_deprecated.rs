//! `ondemand.allow-deprecated`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.allow-deprecated"),
    level: Level::Notice,
    title: "The action Allow is deprecated",
    what: prose("A rule of a VPN has the Action Allow."),
    why: prose(
        "Allow leaves the decision to the OnDemandMatchDomains lists, which are themselves deprecated since iOS 7 and \
          which IKEv2 does not have. Without lists a rule that allows never starts the tunnel.",
    ),
    mend: prose(
        "Write EvaluateConnection with ActionParameters that name the domains, or Connect to start the tunnel always, or \
           Ignore to leave it as it is.",
    ),
    source: "Apple device-management schema: OnDemandRules, Action (Allow: deprecated)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (list, rule) in cx.on_demand_rules() {
        if list.is_vpn() && rule.meant(list.home) == Some("Allow") {
            out.say(
                Finding::value(&rule.section, "Action", "the action Allow is deprecated")
                    .help("write EvaluateConnection with ActionParameters, Connect or Ignore"),
            );
        }
    }
}
