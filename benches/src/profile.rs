//! Profiles to measure with: of usual size (IKEv2 with EAP-MSCHAPv2, on-demand rules and its root certificate, made with
//! Python's `plistlib`), small, and with as many payloads as wanted.

use std::path::{Path, PathBuf};

/// As XML.
pub const XML: &[u8] = include_bytes!("../profile/eap.mobileconfig");

/// As a binary property list.
pub const BINARY: &[u8] = include_bytes!("../profile/eap-binary.mobileconfig");

/// 2 KB of XML: IKEv2 with a shared secret.
pub const SMALL: &[u8] = include_bytes!("../profile/small.mobileconfig");

/// A profile of the shared corpus; `None` when the corpus is not beside the repository (`ADIT_SHARED`).
#[must_use]
pub fn corpus(name: &str) -> Option<Vec<u8>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let shared = std::env::var_os("ADIT_SHARED").map_or_else(beside, PathBuf::from);
    std::fs::read(shared.join("corpus/profiles").join(name)).ok()
}

/// [`SMALL`] with its payload `count` times, each with a UUID, an identifier and a server of its own.
#[must_use]
pub fn with_payloads(count: usize) -> Vec<u8> {
    let text = String::from_utf8_lossy(SMALL);
    let (head, rest) = text.split_once("\t\t<dict>\n").unwrap_or((&text, ""));
    let (payload, tail) = rest.split_once("\n\t\t</dict>\n").unwrap_or((rest, ""));
    let mut made = head.to_owned();
    for number in 0..count {
        made.push_str("\t\t<dict>\n");
        made.push_str(
            &payload
                .replace("7D2B9C10", &format!("{number:08X}"))
                .replace("com.example.profile.vpn", &format!("com.example.profile.vpn{number}"))
                .replace("vpn.example.com", &format!("vpn{number}.example.com")),
        );
        made.push_str("\n\t\t</dict>\n");
    }
    made.push_str(tail);
    made.into_bytes()
}

#[cfg(test)]
mod tests {
    use adit_profile::ikev2::{Which, requirements};

    use adit_profile::{Document, Profile, Verdict, check};

    #[test]
    fn both_forms_are_accepted_and_give_settings() {
        for bytes in [super::XML, super::BINARY] {
            let report = check(bytes);
            assert_eq!(report.verdict(), Verdict::Accepted, "{:?}", report.diagnostics);
            let document = Document::read(bytes);
            let profile = Profile::of(&document).unwrap();
            assert_eq!(requirements(&profile, Which::default()).unwrap().remote_address, "vpn.bench.test");
        }
    }

    #[test]
    fn small_and_many_are_accepted_as_what_they_are_called() {
        assert!((1900..2100).contains(&super::SMALL.len()));
        for count in [1, 10, 100] {
            let bytes = super::with_payloads(count);
            assert_eq!(check(&bytes).verdict(), Verdict::Accepted);
            let document = Document::read(&bytes);
            let profile = Profile::of(&document).unwrap();
            assert_eq!(profile.vpn_payloads().count(), count);
        }
    }
}
