//! `ikev2.fallback-platform`.

use crate::rules::prelude::*;

const KEY: &str = "EnableFallback";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.fallback-platform"),
    level: Level::Target,
    title: "EnableFallback does nothing on macOS and watchOS",
    what: prose("EnableFallback is 1. A warning for a macOS or watchOS target."),
    why: prose(
        "The key lets iOS open a second tunnel over cellular for traffic of Wi-Fi Assist, so the server must allow several \
          tunnels of one user. macOS and watchOS ignore it.",
    ),
    mend: prose("Leave EnableFallback out of a profile that is for macOS or watchOS only."),
    source: "Apple device-management schema: IKEv2.EnableFallback (iOS 13.0, tvOS 17.0, visionOS 1.0; not on macOS, watchOS)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.settings.is_on(KEY)) {
        let ignores = |target: &Target| {
            matches!(target.platform, Platform::Macos | Platform::Watchos).then_some(Effect::Ignored)
        };
        let Some(affected) = cx.affected(ignores) else { continue };
        let who = if affected.who.is_empty() { "macOS and watchOS" } else { affected.who.as_str() };
        out.say(
            Finding::key(&tunnel.settings, KEY, format!("EnableFallback has no effect on {who}"))
                .severity(affected.severity)
                .help("the fallback tunnel over cellular exists on iOS; the server must allow several tunnels per user"),
        );
    }
}
