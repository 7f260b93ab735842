//! `ikev2.nat-needs-offload`.

use crate::rules::prelude::*;

const KEY: &str = "NATKeepAliveInterval";
const OFFLOAD: &str = "NATKeepAliveOffloadEnable";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.nat-needs-offload"),
    level: Level::Warning,
    title: "NATKeepAliveInterval while the keepalive offload is off",
    what: prose("NATKeepAliveInterval is given and NATKeepAliveOffloadEnable is 0."),
    why: prose(
        "The interval is that of the keepalives which the network hardware sends while the device sleeps. With the offload \
          off nothing uses it.",
    ),
    mend: prose("Set NATKeepAliveOffloadEnable to 1 (its default), or remove the interval."),
    source: "Apple documentation of the VPN payload: IKEv2.NATKeepAliveInterval, IKEv2.NATKeepAliveOffloadEnable",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let settings = &tunnel.settings;
        if let Some(offload) = settings.switch(OFFLOAD).filter(|offload| !offload.value)
            && settings.has(KEY)
        {
            let message = "NATKeepAliveInterval is not used while NATKeepAliveOffloadEnable is 0";
            let path = settings.path_of(OFFLOAD).steps();
            out.say(
                Finding::value(settings, KEY, message)
                    .help("set NATKeepAliveOffloadEnable to 1, or remove the interval")
                    .related(offload.span, "the offload is switched off here")
                    .fix(Fix::not_safe("switch the offload on", Change::Replace { path, value: 1.into() }))
                    .unsafe_remove("remove NATKeepAliveInterval"),
            );
        }
    }
}
