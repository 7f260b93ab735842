//! `payload.uuid-format` and `payload.uuid-nil`.

use crate::rules::prelude::*;

const KEY: &str = "PayloadUUID";

pub(super) static FORMAT: Rule = Rule {
    code: Code::new("payload.uuid-format"),
    level: Level::Warning,
    title: "A PayloadUUID does not look like a UUID",
    what: prose("A PayloadUUID is not 8, 4, 4, 4 and 12 hexadecimal digits with dashes between them."),
    why: prose(
        "Apple only asks that it be unique, so devices take other text too. Management servers and other tools often \
          refuse it, and a mistyped UUID is easily repeated.",
    ),
    mend: prose("Write a fresh UUID, as uuidgen prints it, and change every reference to it too."),
    source: "Apple device-management schema: PayloadUUID; RFC 9562 section 4",
    check: Check::Profile(format),
};

pub(super) static NIL: Rule = Rule {
    code: Code::new("payload.uuid-nil"),
    level: Level::Warning,
    title: "A PayloadUUID is a sample",
    what: prose(
        "A PayloadUUID is all zeros, the same digit throughout, or one of the rows of digits that samples use.",
    ),
    why: prose(
        "A sample UUID is in other profiles too. Devices take two profiles with one UUID for the same one, so that \
          installing the second may replace the first.",
    ),
    mend: prose("Write a fresh UUID, as uuidgen prints it, and change every reference to it too."),
    source: "Own judgement",
    check: Check::Profile(nil),
};

fn format(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in super::dictionaries(cx) {
        if section.str(KEY).is_some_and(|uuid| !is_uuid(uuid.value)) {
            let finding =
                Finding::value(section, KEY, "PayloadUUID is not of the form 8-4-4-4-12 hexadecimal digits");
            out.say(finding.help("write a fresh UUID, as uuidgen prints it"));
        }
    }
}

fn nil(cx: &Context<'_>, out: &mut Sink<'_>) {
    for section in super::dictionaries(cx) {
        if section.str(KEY).is_some_and(|uuid| is_sample(uuid.value)) {
            let finding =
                Finding::value(section, KEY, "PayloadUUID is a sample that other profiles have too");
            out.say(finding.help("write a fresh UUID, as uuidgen prints it"));
        }
    }
}

/// Whether a text has the form of a UUID.
pub(super) fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_sample(text: &str) -> bool {
    /// Rows of digits that people type.
    const ROWS: [&str; 6] = [
        "0123456789abcdef0123456789abcdef",
        "123456789abcdef0123456789abcdef0",
        "12345678123412341234123456789012",
        "12345678123412341234123456789abc",
        "12345678123456781234567812345678",
        "1234567890abcdef1234567890abcdef",
    ];
    if text.len() != 36 {
        return false;
    }
    let digits = || text.bytes().filter(|byte| *byte != b'-').map(|byte| byte.to_ascii_lowercase());
    let Some(first) = digits().next() else { return false };
    digits().all(|digit| digit == first) || ROWS.iter().any(|row| digits().eq(row.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_told_from_other_text() {
        assert!(is_uuid("0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60"));
        for text in [
            "",
            "0F4C8A5137B64E0D9B6A3C1D2E4F5A60",
            "0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A6G",
            "b8fd6fd7-a55e-4eb1-96af-d9c4d8562e38'",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
        assert!(
            is_sample("00000000-0000-0000-0000-000000000000")
                && is_sample("12345678-1234-1234-1234-123456789ABC")
        );
        assert!(!is_sample("0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60") && !is_sample("0000"));
    }
}
