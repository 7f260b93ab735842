//! `key.dead`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("key.dead"),
    level: Level::Notice,
    title: "A key that is documented and does nothing",
    what: prose("The IKEv2 dictionary has the key Password."),
    why: prose(
        "Apple describes it for the AuthenticationMethod Password, which IKEv2 does not have. Nothing reads it, and a \
          secret stands in the file for no purpose.",
    ),
    mend: prose("Remove it. The password of EAP is AuthPassword."),
    source: "Apple device-management schema: com.apple.vpn.managed, IKEv2.Password; own judgement",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for field in cx.fields.known.iter().filter(|field| field.schema.dead) {
        let message = format!("{} speaks of an AuthenticationMethod that IKEv2 does not have", field.key);
        let finding = Finding::field(field, message).help("for EAP use AuthPassword");
        out.say(finding.safe_remove("remove it"));
    }
}
