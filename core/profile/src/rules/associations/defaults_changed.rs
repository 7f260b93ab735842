//! `sa.defaults-changed`.

use crate::ikev2::associations;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.defaults-changed"),
    level: Level::Notice,
    title: "No IKE parameters: what is offered depends on the system's version",
    what: prose("There is no IKESecurityAssociationParameters dictionary."),
    why: prose(
        "The schema's defaults are AES-256, SHA2-256, group 14 and 1440 minutes (AES-256-GCM on tvOS and watchOS). They were \
          weaker in earlier systems, may change again, and the client was observed to offer a list of its own when the \
          dictionary is missing. A server with a fixed proposal may agree with one version of the system and not with another.",
    ),
    mend: prose("Write IKESecurityAssociationParameters out, with the algorithms the server has."),
    source: "Apple device-management schema: IKEv2.IKESecurityAssociationParameters; logs of servers; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in cx.tunnels.iter().filter(|tunnel| !tunnel.settings.has(associations::IKE)) {
        let message = "without IKESecurityAssociationParameters the system's own proposals are used";
        out.say(
            Finding::value(&tunnel.settings, associations::IKE, message)
                .help("they change with the system's version: write them out"),
        );
    }
}
