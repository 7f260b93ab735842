//! `transparent.macos`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("transparent.macos"),
    level: Level::Target,
    title: "Transparent proxies are for macOS 14 and later",
    what: prose(
        "VPNType is TransparentProxy, and no target is named. With targets vpn.type-platform says which of them refuse \
           the type.",
    ),
    why: prose(
        "Other systems, and macOS before 14, do not know the type and reject the payload, although apps on macOS could \
          bring transparent proxies themselves since 11.",
    ),
    mend: prose(
        "Install the profile on macOS 14 or later only, and name that as the target. On older systems the app that \
           brings the proxy must configure it.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed, TransparentProxy (introduced macOS 14.0)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    if !cx.options.targets.is_empty() {
        return;
    }
    for vpn in cx.vpns.iter().filter(|vpn| vpn.kind == Some("TransparentProxy")) {
        out.say(
            Finding::value(vpn.section(), "VPNType", "only macOS 14 and later know VPNType TransparentProxy")
                .help("name the systems it is for as targets, such as macos-15"),
        );
    }
}
