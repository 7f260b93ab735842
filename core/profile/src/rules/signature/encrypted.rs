//! `enc.encrypted` and `enc.missing-content`.

use crate::rules::prelude::*;

pub(super) static ENCRYPTED: Rule = Rule {
    code: Code::new("enc.encrypted"),
    level: Level::Notice,
    title: "The payloads are encrypted",
    what: prose("IsEncrypted is true, and the profile has EncryptedPayloadContent."),
    why: prose(
        "The payloads are encrypted for one device. Only the keys at the top of the file can be checked.",
    ),
    mend: prose("Nothing is wrong. Check the profile before it is encrypted to have its payloads judged."),
    source: "Apple device-management schema: TopLevel, IsEncrypted and EncryptedPayloadContent",
    check: Check::Profile(encrypted),
};

pub(super) static MISSING_CONTENT: Rule = Rule {
    code: Code::new("enc.missing-content"),
    level: Level::Error,
    title: "IsEncrypted and EncryptedPayloadContent do not go together",
    what: prose("IsEncrypted is true and EncryptedPayloadContent is missing, or the reverse."),
    why: prose("The device looks for payloads where the flag says they are, and finds none."),
    mend: prose("Write both keys, or neither and a PayloadContent."),
    source: "Apple device-management schema: TopLevel, IsEncrypted and EncryptedPayloadContent",
    check: Check::Profile(missing_content),
};

const FLAG: &str = "IsEncrypted";

const CONTENT: &str = "EncryptedPayloadContent";

fn encrypted(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    if root.has(CONTENT) && root.is_on(FLAG) {
        let message = "the payloads are encrypted for one device: only the outer keys can be read";
        out.say(Finding::value(root, CONTENT, message).help("check the profile before it is encrypted"));
    }
}

fn missing_content(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    match (root.is_on(FLAG), root.has(CONTENT)) {
        (true, false) => {
            let finding =
                Finding::value(root, FLAG, "IsEncrypted is true, and there is no EncryptedPayloadContent");
            out.say(finding.help("add the encrypted payloads, or remove IsEncrypted"));
        }
        (false, true) => {
            let message = "EncryptedPayloadContent is there, and IsEncrypted is not true";
            let finding = Finding::key(root, CONTENT, message).help("set IsEncrypted to true");
            let change = Change::Insert { path: root.path().steps(), key: FLAG.into(), value: true.into() };
            out.say(if root.has(FLAG) {
                finding
            } else {
                finding.fix(Fix::not_safe("add IsEncrypted", change))
            });
        }
        _ => {}
    }
}
