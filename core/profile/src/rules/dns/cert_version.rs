//! `dns.cert-version`.

use super::dictionaries::all;
use crate::rules::prelude::*;

const KEY: &str = "PayloadCertificateUUID";

pub(super) static RULE: Rule = Rule {
    code: Code::new("dns.cert-version"),
    level: Level::Target,
    title: "A client certificate for DNS on a system that does not know it",
    what: prose(
        "A DNS dictionary has PayloadCertificateUUID, and a target is iOS before 16 or macOS before 13.",
    ),
    why: prose(
        "Older systems ignore the key and ask the resolver without the certificate: one that insists on it answers \
          nothing, so that no name is resolved.",
    ),
    mend: prose(
        "Send such devices a profile whose resolver needs no client certificate, or raise the minimum system version.",
    ),
    source: "Apple device-management schema: PayloadCertificateUUID of DNS and DNSSettings (iOS 16, macOS 13)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let effect = |target: &Target| {
        let old = target.is_before(Platform::Ios, Version::new(16, 0))
            || target.is_before(Platform::Macos, Version::new(13, 0));
        old.then_some(Effect::Ignored)
    };
    let Some(affected) = cx.affected(effect) else { return };
    for resolver in all(cx).filter(|resolver| resolver.section.has(KEY)) {
        let message = if affected.who.is_empty() {
            format!("{KEY} is ignored before iOS 16 and macOS 13")
        } else {
            format!("{} ignores {KEY}, which came with iOS 16 and macOS 13", affected.who)
        };
        out.say(
            Finding::key(&resolver.section, KEY, message)
                .severity(affected.severity)
                .help("such devices ask the resolver without a client certificate"),
        );
    }
}
