//! `vpn.section-unused`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.section-unused"),
    level: Level::Notice,
    title: "A dictionary of another type stands in the payload",
    what: prose(
        "The payload holds a dictionary (VPN, IPSec, IKEv2, AlwaysOn, TransparentProxy, PPP) that its VPNType does not \
           use. Nothing in it is judged further.",
    ),
    why: prose(
        "The system reads the dictionary of the chosen type and passes over the others. Apple's own examples have such \
          leftovers, so it does no harm; but whoever edits the wrong one wonders why nothing changes.",
    ),
    mend: prose("Remove the dictionary, unless a tool that writes the profile needs it."),
    source: "Apple device-management schema: com.apple.vpn.managed, VPNType; seen in Apple's examples",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in &cx.fields.unused {
        let name = match section.path().steps().pop() {
            Some(Step::Key(name)) => name,
            _ => continue,
        };
        out.say(
            Finding::section(section, format!("the dictionary {name} is not used with this VPNType"))
                .help("remove it, or choose the type it belongs to")
                .unsafe_remove(format!("remove {name}")),
        );
    }
}
