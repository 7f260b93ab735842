//! `pq.first-none`.

use super::{FALLBACK, METHODS, has_method, lists};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("pq.first-none"),
    level: Level::Warning,
    title: "\"None\" among the additional key exchanges",
    what: prose(
        "PostQuantumKeyExchangeMethods has a 0 (none) while AllowPostQuantumKeyExchangeFallback is not 1, or has nothing \
           but 0.",
    ),
    why: prose(
        "Each element is one additional key exchange of its own, and a 0 in its place offers none: it makes that round \
          optional or empty, which a list of required methods contradicts. With 0 alone no additional key exchange happens \
          at all.",
    ),
    mend: prose(
        "Leave the 0 out. To reach servers without post-quantum support set AllowPostQuantumKeyExchangeFallback to 1.",
    ),
    source: "RFC 9370 section 2.2.1; Apple device-management schema: com.apple.vpn.managed, \
             PostQuantumKeyExchangeMethods; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        let fallback = tunnel.settings.is_on(FALLBACK);
        for section in lists(tunnel) {
            let methods = section.list(METHODS);
            let Some(none) = methods.iter().find(|element| element.int().is_some_and(|it| it.value == 0))
            else {
                continue;
            };
            let message = match (has_method(section), fallback) {
                (false, _) => "the only post-quantum method is 0 (none): no additional key exchange is made",
                (true, false) => "0 (none) among the post-quantum methods, while no fallback is allowed",
                (true, true) => continue,
            };
            let finding = Finding::at(none.node.span, section.path_of(METHODS), message);
            out.say(
                finding
                    .help(format!("leave it out; for servers without post-quantum support set {FALLBACK}")),
            );
        }
    }
}
