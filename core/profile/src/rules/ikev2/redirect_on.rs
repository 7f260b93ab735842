//! `ikev2.redirect-on`.

use crate::rules::prelude::*;

const KEY: &str = "DisableRedirect";

pub(super) static RULE: Rule = Rule {
    code: Code::new("ikev2.redirect-on"),
    level: Level::Notice,
    title: "Redirects are followed although the server's name is pinned",
    what: prose("ServerCertificateCommonName is set and DisableRedirect is not 1."),
    why: prose(
        "A server, and before authentication anybody on the way, may send the device to another gateway (RFC 5685). The \
          pinned name still protects the tunnel, but who can redirect can keep the device from connecting.",
    ),
    mend: prose("Set DisableRedirect to 1, unless the servers balance their load by redirects."),
    source: "RFC 5685 section 9; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| tunnel.holds("ServerCertificateCommonName")) {
        let settings = &tunnel.settings;
        if settings.is_on(KEY) || (settings.has(KEY) && settings.switch(KEY).is_none()) {
            continue;
        }
        let change = Change::set(settings, KEY, 1);
        out.say(
            Finding::value(settings, KEY, "redirects are followed although the server's name is pinned")
                .help("set DisableRedirect to 1 unless the servers use redirects")
                .related(settings.span_of("ServerCertificateCommonName"), "the name is pinned here")
                .fix(Fix::not_safe("set DisableRedirect to 1", change)),
        );
    }
}
