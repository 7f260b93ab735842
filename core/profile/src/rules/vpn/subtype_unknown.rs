//! `vpn.subtype-unknown`.

use super::frame::{SUBTYPE, known_app};
use crate::gather::Gather as _;
use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("vpn.subtype-unknown"),
    level: Level::Notice,
    title: "The VPN app is not among the known ones",
    what: prose(
        "VPNSubType of a VPN or TransparentProxy payload is not in Adit's list of VPN apps. The nearest known \
           identifier is named when only a letter or two differ.",
    ),
    why: prose(
        "Any app may provide a VPN, so an unknown identifier is no fault. A misspelt one is: the profile installs, and \
          the VPN says that its app is not there.",
    ),
    mend: prose("Compare the identifier with the vendor's documentation. Case counts."),
    source: "Own judgement, with the project's list of identifiers",
    check: Check::Profile(check),
};

/// Beyond this many edits two identifiers are taken for different apps.
const NEAR: usize = 2;

/// Longer identifiers are not compared.
const LONGEST: usize = 128;

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in cx.vpns.iter().filter(|vpn| matches!(vpn.kind, Some("VPN" | "TransparentProxy"))) {
        let section = vpn.section();
        let Some(subtype) = section.str(SUBTYPE).filter(|subtype| !subtype.value.trim().is_empty()) else {
            continue;
        };
        if known_app(subtype.value).is_some() {
            continue;
        }
        let finding = |message: &str| Finding::value(section, SUBTYPE, message);
        out.say(match nearest(subtype.value) {
            Some(known) => finding(&format!("VPNSubType is not the known `{known}`, but nearly"))
                .help(format!("write {known}, if that is the app"))
                .unsafe_replace(format!("write {known}"), known),
            None => finding("VPNSubType is none of the VPN apps that Adit knows")
                .help("compare it with what the app's vendor documents"),
        });
    }
}

fn nearest(subtype: &str) -> Option<&'static str> {
    if subtype.len() > LONGEST {
        return None;
    }
    let known = schema::subtypes().iter().flat_map(|app| app.identifiers.iter().copied());
    let close =
        known.map(|known| (distance(&known.to_ascii_lowercase(), &subtype.to_ascii_lowercase()), known));
    close.filter(|(distance, _)| *distance <= NEAR).min().map(|(_, known)| known)
}

/// How many letters must be added, removed or changed to make one text the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).gather();
    for (place, letter) in one.chars().enumerate() {
        let mut diagonal = place;
        let mut left = place + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, wanted) in row.iter_mut().skip(1).zip(other.chars()) {
            let change = diagonal + usize::from(letter != wanted);
            diagonal = *cell;
            left = change.min(left + 1).min(diagonal + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_identifiers_are_found() {
        assert_eq!(nearest("com.cisco.anyconect"), Some("com.cisco.anyconnect"));
        assert_eq!(nearest("com.Wireguard.ios"), Some("com.wireguard.ios"));
        assert_eq!(nearest("com.example.vpn"), None);
        assert_eq!(nearest(&"x".repeat(1000)), None);
    }

    #[test]
    fn distances_are_edits() {
        for (one, other, edits) in [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("kitten", "sitting", 3),
            ("abc", "abc", 0),
            ("ab", "ba", 2),
        ] {
            assert_eq!(distance(one, other), edits, "{one} {other}");
        }
    }
}
