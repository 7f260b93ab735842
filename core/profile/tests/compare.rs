//! A profile beside a `swanctl.conf`: each thing that may differ, what it does, and what either side is told to write; and files
//! that are only there to cost time. What real handshakes do is `interop/tests/probe`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "common/busy.rs"]
mod busy;

use std::time::Duration;

use adit_profile::compare::{
    Client, CompareError, Comparison, MAX_CONNECTIONS, MAX_PROPOSALS, Verdict, Weight, compare,
};
use adit_profile::{Document, Profile};
use busy::Busy;

const SECRET: &str = "rW7-fpQz4kLm2vXy9sTb6nHc";

const SERVER: &str = "connections {
  rw {
    version = 2
    proposals = aes256gcm16-prfsha256-ecp256
    pools = p
    local { auth = psk
      id = vpn.example.com }
    remote { auth = psk
      id = %any }
    children { net { local_ts = 0.0.0.0/0
        esp_proposals = aes256gcm16 } }
  }
}
pools { p { addrs = 10.0.0.0/24 } }
secrets { ike { secret = rW7-fpQz4kLm2vXy9sTb6nHc } }
";

fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(text.to_owned(), |text, (old, new)| {
        assert_eq!(text.matches(old).count(), 1, "{old}");
        text.replace(old, new)
    })
}

fn client(edits: &[(&str, &str)]) -> Client {
    let text = edited(include_str!("rules/bases/ikev2-psk.mobileconfig"), edits);
    let document = Document::read(text.as_bytes());
    let profile = Profile::of(&document).unwrap();
    Client::of(profile.vpn_payloads().next().unwrap(), None).unwrap()
}

fn compared(profile: &[(&str, &str)], server: &[(&str, &str)]) -> Verdict {
    let Comparison { connections, .. } = compare(&client(profile), &edited(SERVER, server), None).unwrap();
    assert_eq!(connections.len(), 1);
    connections.into_iter().next().unwrap()
}

/// The end of the IKEv2 dictionary, to put keys in.
const KEYS: &str = "<key>SharedSecret</key>";

#[test]
fn two_that_fit_agree_on_what_is_chosen() {
    let verdict = compared(&[], &[]);
    assert!(verdict.agree && verdict.connects && verdict.differences.is_empty(), "{verdict:#?}");
    assert_eq!(
        verdict.ike.unwrap().text,
        "ENCR_AES_GCM_16 with 256 bits, PRF_HMAC_SHA2_256, group 19 (P-256)"
    );
    assert_eq!(verdict.child.unwrap().text, "ENCR_AES_GCM_16 with 256 bits, no ESN");
    assert_eq!((verdict.rekey.unwrap().number, verdict.child_name.as_deref()), (1, Some("net")));
    assert!(verdict.authentication.iter().any(|said| said.contains("the same on both sides")));
}

/// Edits of the profile and of the server; what they do, a piece of the message, the profile's key, and the fixes.
type Case<'a> = (
    &'a [(&'a str, &'a str)],
    &'a [(&'a str, &'a str)],
    Weight,
    &'a str,
    Option<&'a str>,
    Option<&'a str>,
    &'a str,
);

#[test]
fn each_difference_is_told_with_its_weight_and_both_ways_to_mend_it() {
    use Weight::{Fails, Note, RekeyFails};
    const ID: &str = "id = vpn.example.com }";
    let by_certificate: &[(&str, &str)] = &[
        ("<string>SharedSecret</string>", "<string>Certificate</string>"),
        (KEYS, "<key>PayloadCertificateUUID</key><string>x</string><key>SharedSecret</key>"),
    ];
    let by_eap: &[(&str, &str)] = &[
        ("<string>SharedSecret</string>", "<string>None</string>"),
        (
            KEYS,
            "<key>ExtendedAuthEnabled</key><integer>1</integer><key>AuthName</key><string>alice</string>\
             <key>AuthPassword</key><string>pw</string><key>SharedSecret</key>",
        ),
    ];
    let pubkey = ("local { auth = psk", "local { auth = pubkey");
    let mschap = ("remote { auth = psk", "remote { auth = eap-mschapv2");
    let cases: [Case<'_>; 31] = [
        (
            &[],
            &[("version = 2", "version = 1")],
            Fails,
            "IKEv1 only",
            None,
            None,
            "connections.rw.version = 2",
        ),
        (
            &[],
            &[("aes256gcm16-prfsha256-ecp256", "aes256-sha256-modp2048")],
            Fails,
            "no proposal in common for the IKE SA: encryption: the profile has aes256gcm16, the server aes256",
            Some("IKEv2.IKESecurityAssociationParameters"),
            Some("EncryptionAlgorithm AES-256, IntegrityAlgorithm SHA2-256, DiffieHellmanGroup 14"),
            "connections.rw.proposals = aes256-sha256-modp2048,aes256gcm16-prfsha256-ecp256",
        ),
        (
            &[],
            &[("aes256gcm16-prfsha256-ecp256", "aes256gcm16-prfsha256-ecp256bp")],
            Fails,
            "key exchange group: the profile has ecp256, the server ecp256bp",
            None,
            None,
            "proposals",
        ),
        (
            &[],
            &[("prfsha256-ecp256", "ecp256")],
            Fails,
            "needs a PRF",
            None,
            None,
            "connections.rw.proposals",
        ),
        (
            &[],
            &[("aes256gcm16 }", "aes256gcm17 }")],
            Fails,
            "no algorithm called `aes256gcm17`",
            None,
            None,
            "esp_proposals",
        ),
        (
            &[],
            &[("aes256gcm16 }", "aes128-sha256 }")],
            Fails,
            "no proposal in common for the Child SA",
            Some("IKEv2.ChildSecurityAssociationParameters"),
            Some("EncryptionAlgorithm AES-128, IntegrityAlgorithm SHA2-256"),
            "connections.rw.children.net.esp_proposals = aes256gcm16",
        ),
        (
            &[],
            &[("aes256gcm16 }", "aes256gcm16-ecp256 }")],
            RekeyFails,
            "cannot be rekeyed: key exchange group: the profile has none, the server ecp256",
            Some("IKEv2.EnablePFS"),
            Some("1, with a group of the server's"),
            "esp_proposals = aes256gcm16",
        ),
        (
            &[(KEYS, "<key>EnablePFS</key><integer>1</integer><key>SharedSecret</key>")],
            &[],
            RekeyFails,
            "cannot be rekeyed",
            Some("IKEv2.EnablePFS"),
            Some("0"),
            "esp_proposals = aes256gcm16-modp2048",
        ),
        (
            &[],
            &[("children { net { local_ts = 0.0.0.0/0\n        esp_proposals = aes256gcm16 } }", "")],
            Fails,
            "has no child",
            None,
            None,
            "children.net",
        ),
        (
            &[],
            &[("esp_proposals", "mode = transport\n esp_proposals")],
            Fails,
            "no child is an ESP tunnel",
            None,
            None,
            "mode = tunnel",
        ),
        (
            &[],
            &[("esp_proposals", "ah_proposals")],
            Fails,
            "no child is an ESP tunnel",
            None,
            None,
            "esp_proposals",
        ),
        (
            &[],
            &[("local_ts = 0.0.0.0/0\n", "")],
            Note,
            "no local_ts",
            None,
            None,
            "local_ts = 0.0.0.0/0,::/0",
        ),
        (&[], &[("pools = p\n", "")], Fails, "no pools", None, None, "addrs"),
        (
            &[],
            &[("pools = p\n", "pools = q\n")],
            Fails,
            "no pool of this file is called q",
            None,
            None,
            "pools",
        ),
        (
            &[],
            &[("id = %any", "id = other.example.com")],
            Fails,
            "LocalIdentifier is client.example.com",
            Some("IKEv2.LocalIdentifier"),
            Some("other.example.com"),
            "connections.rw.remote.id = client.example.com",
        ),
        (
            &[],
            &[("id = %any", "id = alice@example.com")],
            Fails,
            "(a FQDN here, a mail address there)",
            Some("IKEv2.LocalIdentifier"),
            Some("alice@example.com"),
            "remote.id",
        ),
        (
            &[("<string>client.example.com</string>", "<string></string>")],
            &[("id = %any", "id = a.example.com")],
            Fails,
            "gives no LocalIdentifier",
            Some("IKEv2.LocalIdentifier"),
            Some("a.example.com"),
            "remote.id = %any",
        ),
        (
            &[],
            &[(ID, "id = vpn.example.org }")],
            Fails,
            "RemoteIdentifier is vpn.example.com",
            Some("IKEv2.RemoteIdentifier"),
            Some("vpn.example.org"),
            "connections.rw.local.id = vpn.example.com",
        ),
        (
            &[],
            &[("secret = rW7", "secret = xW7")],
            Fails,
            "the shared secret in the profile is not the one",
            Some("IKEv2.SharedSecret"),
            Some("the server's"),
            "secret",
        ),
        (
            &[],
            &[("ike { secret", "ike { id = other\n secret")],
            Fails,
            "has no shared secret for this client",
            None,
            None,
            "secrets",
        ),
        (
            &[],
            &[("remote { auth = psk", "remote { auth = pubkey")],
            Fails,
            "the server asks for a certificate",
            Some("IKEv2.AuthenticationMethod"),
            Some("Certificate"),
            "connections.rw.remote.auth = psk",
        ),
        (
            &[],
            &[pubkey],
            Fails,
            "the server proves itself by a certificate, and the profile expects a shared secret",
            None,
            None,
            "local.auth = psk",
        ),
        (
            by_certificate,
            &[mschap, pubkey],
            Fails,
            "the server asks for `auth = eap-mschapv2`",
            Some("IKEv2.AuthenticationMethod"),
            Some("None, with ExtendedAuthEnabled 1"),
            "remote.auth = pubkey",
        ),
        (by_eap, &[mschap], Fails, "the profile expects a certificate", None, None, "local.auth = pubkey"),
        (
            by_eap,
            &[mschap, pubkey, ("ike { secret = rW7", "eap { id = alice\n secret = rW7")],
            Fails,
            "the password in the profile is not the one",
            Some("IKEv2.AuthPassword"),
            Some("the server's"),
            "secret",
        ),
        (
            by_eap,
            &[
                mschap,
                pubkey,
                ("id = %any", "eap_id = bob\n id = %any"),
                ("ike { secret = rW7-fpQz4kLm2vXy9sTb6nHc", "eap { secret = pw"),
            ],
            Note,
            "AuthName is alice, and the server asks for bob",
            Some("IKEv2.AuthName"),
            Some("bob"),
            "",
        ),
        (
            by_eap,
            &[
                mschap,
                pubkey,
                ("pools = p\n", "pools = p\n send_cert = never\n"),
                ("ike { secret = rW7-fpQz4kLm2vXy9sTb6nHc", "eap { secret = pw"),
            ],
            Fails,
            "never sends its certificate",
            None,
            None,
            "send_cert = always",
        ),
        (
            &[],
            &[("remote { auth", "remote-2 { auth = eap }\n remote { auth")],
            Fails,
            "several rounds",
            None,
            None,
            "leave out",
        ),
        (
            &[],
            &[("pools = p\n", "pools = p\n childless = force\n")],
            Fails,
            "without a Child SA",
            None,
            None,
            "childless = allow",
        ),
        (
            &[],
            &[("pools = p\n", "pools = p\n ppk_required = yes\n")],
            Fails,
            "requires a PPK",
            Some("IKEv2.PPK"),
            Some("the server's, with PPKIdentifier"),
            "ppk_required = no",
        ),
        (
            &[(KEYS, "<key>PPK</key><data>AAAA</data><key>SharedSecret</key>")],
            &[],
            Fails,
            "requires a PPK (PPKMandatory)",
            Some("IKEv2.PPKMandatory"),
            Some("0"),
            "ppk_id",
        ),
    ];
    for (profile, server, weight, message, key, fix, server_fix) in cases {
        let verdict = compared(profile, server);
        let found = verdict.differences.iter().find(|found| found.message.contains(message));
        let found = found.unwrap_or_else(|| panic!("{message} in {verdict:#?}"));
        assert_eq!(found.weight, weight, "{message}");
        assert_eq!((found.profile_key.as_deref(), found.profile_fix.as_deref()), (key, fix), "{message}");
        assert!(found.server_fix.as_deref().unwrap_or_default().contains(server_fix), "{found:?}");
        let line = found.server_line.unwrap();
        assert!(line >= 1 && line <= edited(SERVER, server).lines().count(), "{found:?}");
        assert_eq!(verdict.agree, weight == Note, "{message}: {verdict:#?}");
        assert_eq!(verdict.connects, weight != Fails, "{message}: {verdict:#?}");
        let all = format!("{verdict:?}");
        assert!(!all.contains(SECRET) && !all.contains("pw\""), "a secret is shown: {all}");
    }
}

#[test]
fn options_that_only_cost_comfort_are_notes() {
    let verdict = compared(&[], &[("pools = p\n", "pools = p\n mobike = no\n")]);
    assert!(verdict.agree && verdict.differences[0].message.contains("MOBIKE"), "{verdict:#?}");
    let methods = "<key>DiffieHellmanGroup</key>\n\t\t\t\t\t<integer>19</integer>";
    let more =
        format!("{methods}<key>PostQuantumKeyExchangeMethods</key><array><integer>36</integer></array>");
    let verdict = compared(
        &[(methods, &more)],
        &[
            ("prfsha256-ecp256", "prfsha256-ecp256-ke1_mlkem768"),
            ("pools = p\n", "pools = p\n fragmentation = no\n"),
        ],
    );
    assert!(verdict.agree, "{verdict:#?}");
    assert!(verdict.differences.iter().any(|found| found.message.contains("fragmentation")), "{verdict:#?}");
}

#[test]
fn a_connection_is_chosen_by_name_and_the_best_comes_first() {
    let second = edited(SERVER, &[("  rw {", "  old { version = 1 }\n  rw {")]);
    let all = compare(&client(&[]), &second, None).unwrap();
    let names: Vec<&str> = all.connections.iter().map(|one| one.connection.as_str()).collect();
    assert_eq!((names.as_slice(), all.agree), (["rw", "old"].as_slice(), true));
    let one = compare(&client(&[]), &second, Some("old")).unwrap();
    assert!(one.connections.len() == 1 && !one.agree);
    let error = compare(&client(&[]), &second, Some("x")).unwrap_err().to_string();
    assert!(error.contains("`x`") && error.contains("`old`"), "{error}");
    assert_eq!(compare(&client(&[]), "pools { }", None).unwrap_err(), CompareError::NoConnection);
}

#[test]
fn a_hostile_file_costs_bounded_time() {
    let wanted = client(&[]);
    let many = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    let connections = |count| many(count, &|n| format!("c{n}{{}}\n"));
    let secrets = many(20_000, &|n| format!("ike{n}{{id=a{n}}}\n"));
    let proposals = |count| vec!["aes128-sha1-modp1024"; count].join(",");
    let files = [
        many(49_000, &|n| format!("k{n}=\n")),
        many(49_000, &|n| format!("s{n}{{}}\n")),
        format!("connections {{ {} }}", connections(MAX_CONNECTIONS)),
        format!("connections {{ {} }} secrets {{ {secrets} }}", connections(MAX_CONNECTIONS)),
        format!("connections {{ a {{ proposals = {} }} }}", proposals(MAX_PROPOSALS - 2)),
        format!("connections {{ a {{ proposals = {} }} }}", ["aes128"; 100_000].join("-")),
        format!("connections {{ a {{ local {{ id = {} }} }} }}", ["CN=x"; 100_000].join(",")),
    ];
    for file in &files {
        let start = Busy::start();
        let _ = compare(&wanted, file, None);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{took:?} for {}…", &file[..60.min(file.len())]);
    }
    let too_many = format!("connections {{ {} }}", connections(MAX_CONNECTIONS + 1));
    let error = compare(&wanted, &too_many, None).unwrap_err();
    assert!(
        matches!(error, CompareError::TooMuch { .. }) && error.to_string().contains("1001 connections"),
        "{error}"
    );
    assert!(compare(&wanted, &too_many, Some("c7")).is_ok(), "one of them may be named");
    let too_many = format!("connections {{ a {{ proposals = {} }} }}", proposals(MAX_PROPOSALS + 1));
    assert!(matches!(compare(&wanted, &too_many, None), Err(CompareError::TooMuch { .. })));
}
