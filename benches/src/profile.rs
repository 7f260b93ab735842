//! A profile of usual size: IKEv2 with EAP-MSCHAPv2, on-demand rules and its root certificate. Made with Python's
//! `plistlib`.

/// As XML.
pub const XML: &[u8] = include_bytes!("../profile/eap.mobileconfig");

/// As a binary property list.
pub const BINARY: &[u8] = include_bytes!("../profile/eap-binary.mobileconfig");

#[cfg(test)]
mod tests {
    use adit_profile::ikev2::{Which, requirements};
    use adit_profile::report::Problems;
    use adit_profile::{Document, Profile, Verdict, check};

    #[test]
    fn both_forms_are_accepted_and_give_settings() {
        for bytes in [super::XML, super::BINARY] {
            let report = check(bytes);
            assert_eq!(report.verdict(), Verdict::Accepted, "{:?}", report.diagnostics);
            let document = Document::read(bytes);
            let profile = Profile::read(&document, &mut Problems::default()).unwrap();
            assert_eq!(requirements(&profile, Which::default()).unwrap().remote_address, "vpn.bench.test");
        }
    }
}
