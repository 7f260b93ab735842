//! `applayer.legacy-domains`.

use super::{lists, per_app};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.legacy-domains"),
    level: Level::Notice,
    title: "Domains for mail, calendars and contacts have been replaced on iOS",
    what: prose(
        "A com.apple.vpn.managed.applayer payload has MailDomains, CalendarDomains or ContactsDomains. With targets it \
           is said only when one of them is iOS 13.4 or later.",
    ),
    why: prose(
        "iOS has deprecated the three since 13.4: the account itself says which VPN it uses. macOS still goes by them.",
    ),
    mend: prose(
        "Put the VPNUUID of this payload into the mail, Exchange, CalDAV or CardDAV account payload.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed.applayer, MailDomains, CalendarDomains, \
             ContactsDomains (deprecated 13.4)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let new =
        |target: &Target| target.is_at_least(Platform::Ios, Version::new(13, 4)).then_some(Effect::Ignored);
    for vpn in per_app(cx) {
        for key in ["MailDomains", "CalendarDomains", "ContactsDomains"] {
            if !lists(vpn.section(), key) || cx.affected(new).is_none() {
                continue;
            }
            let message = format!("{key} is deprecated since iOS 13.4");
            out.say(
                Finding::key(vpn.section(), key, message)
                    .help("put VPNUUID into the account's payload instead"),
            );
        }
    }
}
