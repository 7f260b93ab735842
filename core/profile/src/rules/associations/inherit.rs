//! `sa.inherit`.

use crate::ikev2::{Source, associations};
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.inherit"),
    level: Level::Notice,
    title: "Child SAs take the values of the IKE SA",
    what: prose(
        "There is an IKESecurityAssociationParameters dictionary and no ChildSecurityAssociationParameters.",
    ),
    why: prose(
        "The system uses the IKE SA's parameters for the Child SAs too: algorithms, group, lifetime and post-quantum methods. \
          That is most often right. A server with other ESP proposals than IKE proposals refuses it.",
    ),
    mend: prose("Nothing, or write the child's dictionary out."),
    source: "Apple documentation of the VPN payload: IKEv2.ChildSecurityAssociationParameters",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        if tunnel.associations.child.source == Source::Inherited
            && let Some(ike) = &tunnel.ike
        {
            let what = tunnel.associations.child.suite.describe();
            let message = format!("Child SAs take the values of the IKE SA ({what})");
            out.say(
                Finding::at(ike.head(), tunnel.settings.path_of(associations::CHILD), message)
                    .help("add ChildSecurityAssociationParameters if the server wants others for ESP"),
            );
        }
    }
}
