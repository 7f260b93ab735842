//! `profile.target-device-type`.

use crate::rules::prelude::*;

const KEY: &str = "TargetDeviceType";

pub(super) static RULE: Rule = Rule {
    code: Code::new("profile.target-device-type"),
    level: Level::Error,
    title: "TargetDeviceType names no device, or one that cannot take a payload",
    what: prose(
        "TargetDeviceType is outside 0 to 6, or it names a device whose system has no payload of a type that the profile \
           holds. 0 is any, 1 iPhone and iPad, 2 Apple Watch, 3 HomePod, 4 Apple TV, 5 Mac, 6 Vision Pro.",
    ),
    why: prose(
        "The installer offers the profile for this kind of device only; it refuses a number it does not know, and the \
          device cannot use a payload it does not have.",
    ),
    mend: prose("Write the number of the device, or leave the key out: 0, any, is what a missing one means."),
    source: "Apple device-management schema: TopLevel, TargetDeviceType; platforms of the payload types",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let root = cx.profile.root();
    let Some(number) = root.int(KEY) else { return };
    let platform = match number.value {
        0 | 3 => return,
        1 => Platform::Ios,
        2 => Platform::Watchos,
        4 => Platform::Tvos,
        5 => Platform::Macos,
        6 => Platform::Visionos,
        other => {
            let finding =
                Finding::value(root, KEY, format!("TargetDeviceType is {other}, it must be from 0 to 6"));
            out.say(
                finding.help("0 any, 1 iPhone and iPad, 2 Watch, 3 HomePod, 4 Apple TV, 5 Mac, 6 Vision Pro"),
            );
            return;
        }
    };
    for payload in cx.profile.payloads() {
        let Some(kind) = payload.section.str("PayloadType") else { continue };
        let Some(known) = schema::payload_type(kind.value) else { continue };
        if known.on(platform) == schema::Support::Never {
            let message = format!("TargetDeviceType is for {platform}, which has no payload {}", kind.value);
            let finding = Finding::value(root, KEY, message).related(kind.span, "the payload");
            out.say(finding.help("remove the payload, or name the device that takes it"));
        }
    }
}
