//! What outranks what: managed and personal VPNs, iCloud Private Relay, several VPNs.

use crate::report::Diagnostic;
use crate::rules::{self, Level, Vpn};

use super::Part;

/// Whether a diagnostic is one that only an explanation says.
pub(super) fn is_said(found: &Diagnostic) -> bool {
    rules::find(found.code.as_str()).is_some_and(|rule| rule.level == Level::Explain)
}

/// What the platform does when several things want the traffic.
pub(super) fn explain(vpn: &Vpn<'_>, said: &[&Diagnostic]) -> Part {
    let mut lines = Vec::new();
    let own = format!("PayloadContent[{}]", vpn.payload.index);
    for one in said {
        if !one.path.starts_with("PayloadContent[") || one.path.starts_with(&own) {
            let line = super::sentence(&one.message);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    if vpn.per_app {
        lines.push(
            "For an app that is bound to it, a per-app VPN wins over a VPN for the whole device.".into(),
        );
    } else {
        lines.push(
            "A VPN from a managed profile wins over one that an app set up (Personal VPN); of several for the whole device \
             one is active at a time."
                .into(),
        );
    }
    lines.push(
        "While the tunnel takes the default route, iCloud Private Relay steps back for what goes into it."
            .into(),
    );
    Part { title: "What outranks what", lines }
}
