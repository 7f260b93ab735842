//! `ref.case-differs`.

use super::index::Reference;
use crate::model::Payload;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ref.case-differs"),
    level: Level::Warning,
    title: "A reference matches only when the case of letters is ignored",
    what: prose("PayloadCertificateUUID or VPNUUID equals the UUID it means but for upper and lower case."),
    why: prose(
        "A UUID is text to the system. Some versions and some MDM servers compare it letter by letter and then find no \
          payload.",
    ),
    mend: prose("Write the reference exactly as the PayloadUUID or VPNUUID it names."),
    source: "Own judgement; Apple documents PayloadUUID as a string",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let references = cx.references();
    for (_, reference) in &references.certificates {
        judge(reference, references.payload(reference.uuid.value), "PayloadUUID", out);
    }
    for reference in &references.vpns {
        judge(reference, references.per_app(reference.uuid.value), "VPNUUID", out);
    }
}

fn judge(reference: &Reference<'_>, found: Option<(&Payload<'_>, bool)>, key: &str, out: &mut Sink<'_>) {
    let Some((payload, false)) = found else { return };
    let Some(uuid) = payload.section.str(key) else { return };
    let message = format!("{} and the {key} it means differ in the case of their letters", reference.key);
    out.say(
        Finding::value(&reference.section, reference.key, message)
            .help(format!("write it as the {key} is written"))
            .related(uuid.span, format!("this {key}"))
            .safe_replace("write both the same", uuid.value.trim()),
    );
}
