//! A strongSwan configuration, beside profiles that authenticate in each way.
//!
//! Input: the text of a `swanctl.conf`; what is no UTF-8 is left aside, as the command does.
//!
//! Invariants: lines lie within the file, for what is refused too; reading again gives the same; no sentence has control
//! characters; neither a sentence nor `Debug` shows a secret, of which one is put into the file; the tunnel comes up only where no difference
//! keeps it from doing so.

use std::sync::LazyLock;

use adit_profile::compare::swanctl::{ReadError, Tree};
use adit_profile::compare::{Client, Verdict, Weight, compare};
use adit_profile::{Document, Profile};

/// A secret that no sentence has by chance.
const SECRET: &str = "Zq7-never-shown-9Xw";

/// Profiles for a shared secret, EAP with a password, and a certificate, with post-quantum methods in the last.
static CLIENTS: LazyLock<Vec<Client>> = LazyLock::new(|| {
    let secret = "<key>AuthenticationMethod</key><string>SharedSecret</string><key>SharedSecret</key><string>s</string>";
    let eap = "<key>AuthenticationMethod</key><string>None</string><key>ExtendedAuthEnabled</key><integer>1</integer>\
               <key>AuthName</key><string>alice</string><key>AuthPassword</key><string>p</string>";
    let certificate = "<key>AuthenticationMethod</key><string>Certificate</string><key>EnablePFS</key><integer>1</integer>\
                       <key>IKESecurityAssociationParameters</key><dict><key>PostQuantumKeyExchangeMethods</key>\
                       <array><integer>36</integer></array></dict>";
    [secret, eap, certificate]
        .iter()
        .map(|keys| {
            let text = format!(
                "<plist><dict><key>PayloadContent</key><array><dict><key>PayloadType</key>\
                 <string>com.apple.vpn.managed</string><key>VPNType</key><string>IKEv2</string><key>IKEv2</key><dict>\
                 <key>RemoteAddress</key><string>gw</string><key>RemoteIdentifier</key><string>gw</string>\
                 <key>LocalIdentifier</key><string>alice@example.com</string>{keys}</dict></dict></array></dict></plist>"
            );
            let document = Document::read(text.as_bytes());
            let profile = Profile::of(&document).expect("a profile");
            let payload = profile.vpn_payloads().next().expect("a VPN");
            Client::of(payload, None).expect("an IKEv2 VPN")
        })
        .collect()
});

/// Reads a file and compares it with each of the profiles.
pub fn swanctl(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines = text.matches('\n').count() + 1;
    if let Err(error) = Tree::read(text) {
        let line = match error {
            ReadError::TooLarge => 1,
            ReadError::TooMuch { line }
            | ReadError::Include { line }
            | ReadError::Reference { line, .. }
            | ReadError::Syntax { line, .. } => line,
        };
        assert!((1..=lines).contains(&line), "{error} of {lines} lines");
        assert!(!error.to_string().chars().any(char::is_control), "{error:?}");
        return;
    }
    // A section of the same name is the same section.
    let with_secret =
        format!("{text}\nsecrets {{ ike-0 {{ secret = {SECRET} }} eap-0 {{ secret = {SECRET} }} }}");
    if let Ok(tree) = Tree::read(&with_secret) {
        assert!(!format!("{tree:?}").contains(SECRET), "a secret in Debug");
    }
    for client in CLIENTS.iter() {
        let first = compare(client, text, None);
        assert_eq!(format!("{first:?}"), format!("{:?}", compare(client, text, None)), "not repeatable");
        let shown = format!("{:?}", compare(client, &with_secret, None));
        assert!(!shown.contains(SECRET), "a secret in a comparison");
        match first {
            Ok(comparison) => {
                assert_eq!(comparison.agree, comparison.connections.iter().any(|one| one.agree));
                comparison.connections.iter().for_each(|one| check(one, lines));
            }
            Err(error) => assert!(!error.to_string().chars().any(char::is_control), "{error:?}"),
        }
    }
}

fn check(verdict: &Verdict, lines: usize) {
    assert!((1..=lines).contains(&verdict.line), "{verdict:?}");
    let worst = verdict.differences.iter().map(|found| found.weight).min();
    assert_eq!(verdict.connects, worst != Some(Weight::Fails), "{verdict:?}");
    assert_eq!(verdict.agree, worst.is_none_or(|worst| worst == Weight::Note), "{verdict:?}");
    if verdict.agree {
        assert!(verdict.ike.is_some() && verdict.child.is_some() && verdict.rekey.is_some(), "{verdict:?}");
    }
    for found in &verdict.differences {
        assert!(found.server_line.is_none_or(|line| (1..=lines).contains(&line)), "{found:?}");
        let fixes = [&found.profile_key, &found.profile_fix, &found.server_fix];
        for text in [&found.message].into_iter().chain(fixes.into_iter().flatten()) {
            assert!(!text.chars().any(char::is_control), "{found:?}");
        }
    }
    let texts = verdict.authentication.iter().chain(&verdict.unknown).chain([&verdict.connection]);
    for text in texts.chain(&verdict.child_name) {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
}
