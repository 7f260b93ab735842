//! `profile.removal-disallowed`.

use crate::rules::prelude::*;

const PASSWORD: &str = "com.apple.profileRemovalPassword";

pub(super) static RULE: Rule = Rule {
    code: Code::new("profile.removal-disallowed"),
    level: Level::Target,
    title: "The profile is not as hard to remove as it says",
    what: prose(
        "PayloadRemovalDisallowed is true, which iOS and tvOS obey on supervised devices only; or HasRemovalPasscode and \
           a payload of type com.apple.profileRemovalPassword do not go together.",
    ),
    why: prose(
        "On a device that is not supervised the user can still remove the profile. A removal passcode needs both the flag \
          and the payload that holds it.",
    ),
    mend: prose(
        "Supervise the device, or do not rely on the key. Write both HasRemovalPasscode and the password payload, or \
           neither.",
    ),
    source: "Apple device-management schema: TopLevel, PayloadRemovalDisallowed and HasRemovalPasscode",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    let key = "PayloadRemovalDisallowed";
    if root.is_on(key) {
        let minds = |target: &Target| {
            let needs = matches!(target.platform, Platform::Ios | Platform::Tvos);
            (needs && !target.supervised).then_some(Effect::Ignored)
        };
        if let Some(affected) = cx.affected(minds) {
            let who = if affected.who.is_empty() { "iOS and tvOS".to_owned() } else { affected.who };
            let message = format!("{who} obey PayloadRemovalDisallowed on supervised devices only");
            let finding = Finding::value(root, key, message).severity(affected.severity);
            out.say(finding.help("on other devices the user can remove the profile"));
        }
    }
    let key = "HasRemovalPasscode";
    let password = cx.payloads(PASSWORD).next();
    if root.is_on(key) && password.is_none() && !crate::model::is_encrypted(root) {
        let message = "HasRemovalPasscode is true, and no payload holds the passcode";
        let finding = Finding::value(root, key, message).severity(Severity::Warning);
        out.say(finding.help(format!("add a payload of type {PASSWORD}")));
    }
    if let Some(payload) = password.filter(|_| !root.is_on(key)) {
        let message = "the profile has a removal password, and HasRemovalPasscode is not true";
        let finding = Finding::value(&payload.section, "PayloadType", message).severity(Severity::Warning);
        let change = Change::Insert { path: root.path().steps(), key: key.into(), value: true.into() };
        let fix = Fix::not_safe("add HasRemovalPasscode", change);
        let finding = finding.help("add HasRemovalPasscode at the top of the file");
        out.say(if root.has(key) { finding } else { finding.fix(fix) });
    }
}
