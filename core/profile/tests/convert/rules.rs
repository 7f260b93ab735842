//! The ddm rules and the conversion say the same.

use std::collections::BTreeSet;

use adit_profile::rules::Options;
use adit_profile::show::Secrets;
use adit_profile::{Limits, check_with};

use super::{convert, profile};

/// The paths that a rule names.
fn found(file: &str, code: &str) -> BTreeSet<String> {
    let options = Options { select: vec![code.to_owned()], ..Options::default() };
    let report = check_with(file.as_bytes(), &Limits::default(), &options);
    let of_code = report.diagnostics.iter().filter(|one| one.code.as_str() == code);
    of_code.map(|one| one.path.clone()).collect()
}

const KEYS: &str = "<key>VPNType</key><string>IKEv2</string><key>IKEv2</key><dict><key>RemoteAddress</key>\
    <string>h</string><key>LocalIdentifier</key><string>l</string><key>RemoteIdentifier</key><string>h</string>\
    <key>AuthenticationMethod</key><string>SharedSecret</string><key>SharedSecret</key><string>hunter2</string>\
    <key>PayloadCertificateUUID</key><string>33333333-0000-4000-8000-000000000000</string>\
    <key>AuthName</key><string>a</string><key>AuthPassword</key><string>b</string>\
    <key>ProviderBundleIdentifier</key><string>com.example.app</string>\
    <key>OnDemandMatchDomainsNever</key><array/><key>IKESecurityAssociationParameters</key><dict>\
    <key>EncryptionAlgorithm</key><string>DES</string><key>IntegrityAlgorithm</key><string>SHA1-160</string>\
    <key>DiffieHellmanGroup</key><integer>5</integer></dict></dict><key>VendorConfig</key><dict/>\
    <key>Proxies</key><dict><key>HTTPSProxyUsername</key><string>a</string><key>HTTPProxyPassword</key><string>b</string></dict>";

#[test]
fn what_the_rule_calls_lost_is_lost_and_what_needs_an_asset_gets_one() {
    for (kind, at_least) in [("IKEv2", 5), ("IPSec", 2), ("VPN", 2)] {
        let file = profile(&KEYS.replace("IKEv2", kind));
        let made = convert(&file, Secrets::Mask);
        let lost: BTreeSet<String> = made.lost.iter().map(|lost| lost.path.clone()).collect();
        let said = found(&file, "ddm.lost-on-convert");
        assert!(said.len() >= at_least && said.is_subset(&lost), "{kind}: {said:?} in {lost:?}");
        let assets: BTreeSet<String> = made.assets.iter().flat_map(|asset| asset.profile.clone()).collect();
        let needed = found(&file, "ddm.needs-asset");
        assert!(!needed.is_empty(), "{kind}");
        for path in &needed {
            // A key that this type does not have is lost, not carried.
            assert!(assets.contains(path) || lost.contains(path), "{kind}: {path} in {assets:?}");
        }
        assert_eq!(found(&file, "ddm.can-convert").len(), 1, "{kind}");
    }
}

#[test]
fn what_the_rule_says_has_no_declaration_is_refused() {
    for kind in ["L2TP", "TransparentProxy"] {
        let file = profile(&format!("<key>VPNType</key><string>{kind}</string>"));
        assert_eq!(convert(&file, Secrets::Mask).refused.len(), 1);
        assert!(found(&file, "ddm.can-convert").is_empty());
        assert_eq!(found(&file, "ddm.lost-on-convert").len(), 1, "{kind}");
    }
}
