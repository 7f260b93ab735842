//! What a probe reports of servers of each kind.

use adit_interop::net::{Between, SERVER_NAME, SERVER_V4};
use adit_interop::pki::{Authority, KeyKind, Validity};
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, Config, EAP_PASSWORD, EAP_USER, PSK, PSK_ID, StrongSwan};

use crate::{Ran, adit, rig};

/// A profile with two suites that the rig's gateways take.
fn with_suites(profile: Profile) -> Profile {
    profile.ike("AES-256-GCM", "SHA2-384", 20).child("AES-128-GCM", "SHA2-256", 19)
}

/// What every probe that logged in well says; and that it left no SA behind.
fn came_up(ran: &Ran, server: &StrongSwan) {
    let text = &ran.text;
    assert_eq!(ran.code, Some(0), "{text}\n{}", server.log());
    let json = &ran.json;
    assert_eq!(json["agree"], true, "{text}");
    assert_eq!(json["ike"][0]["verdict"], "taken", "{text}");
    assert_eq!(json["child"][0]["verdict"], "taken", "{text}");
    assert_eq!(json["child"][0]["rekey"], "taken", "{text}");
    assert_eq!(json["authentication"]["result"], "yes", "{text}");
    assert_eq!(json["authentication"]["server_identity"], SERVER_NAME, "{text}");
    assert_eq!(json["mobike"], "yes", "{text}");
    assert_eq!(json["support"]["fragmentation"], true, "{text}");
    assert_eq!(json["support"]["nat_traversal"], true, "{text}");
    let hashes = json["support"]["signature_hashes"].as_array().unwrap();
    assert!(hashes.len() >= 3, "{text}");
    assert_eq!(server.logged("deleting IKE_SA gw"), 1, "{}", server.log());
    let left: Vec<_> = server.sas().unwrap();
    assert!(left.iter().all(|sa| sa.get("state") != Some("ESTABLISHED")), "an IKE SA is left: {left:?}");
    for secret in [PSK, EAP_PASSWORD] {
        assert!(!text.contains(secret), "a secret is in: {text}");
    }
}

#[test]
fn a_shared_secret() {
    let Some(rig) = rig("probe-psk", Between::Cable) else { return };
    let server = StrongSwan::start(rig.server(), &strongswan::psk_gateway()).unwrap();
    let profile = with_suites(Profile::psk(SERVER_V4)).write(&rig, "psk").unwrap();
    let before = rig.client().network_state().unwrap();
    let ran = adit(rig.client(), "probe", &profile, &[]);
    came_up(&ran, &server);
    assert!(ran.json["certificate"].is_null());
    assert_eq!(ran.json["support"]["nat_here"], false);
    assert_eq!(rig.client().network_state().unwrap(), before, "a probe changes nothing here");
    let ran = adit(rig.client(), "probe", &profile, &["--no-login"]);
    assert_eq!(ran.code, Some(0), "{}", ran.text);
    assert_eq!(ran.json["authentication"]["result"], "not-observed");
    assert_eq!(ran.json["child"][0]["verdict"], "not-observed");
    assert_eq!(ran.json["mobike"], "not-observed");
    assert!(!ran.json["left_behind"].as_array().unwrap().is_empty(), "the half-open SA is told");
}

#[test]
fn certificates_behind_a_nat() {
    let Some(rig) = rig("probe-certificate", Between::Nat) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let identity = authority.server("server", KeyKind::Rsa(2048), &[SERVER_NAME], Validity::Now).unwrap();
    let client = authority.client("client", KeyKind::Rsa(2048), "client@rig.test").unwrap();
    let server =
        StrongSwan::start(rig.server(), &strongswan::certificate_gateway(&identity, &authority)).unwrap();
    let profile = with_suites(Profile::certificate(SERVER_V4, &client, "RSA").unwrap()).root(&authority);
    let ran = adit(rig.client(), "probe", &profile.write(&rig, "certificate").unwrap(), &[]);
    came_up(&ran, &server);
    let certificate = &ran.json["certificate"];
    assert_eq!(certificate["accepted"], true, "{}", ran.text);
    assert_eq!(certificate["names"][0], SERVER_NAME);
    assert_eq!(certificate["key"], "RSA-2048");
    assert!(certificate["days_left"].as_i64().unwrap() > 300, "{certificate}");
    assert_eq!(ran.json["support"]["nat_here"], true);
}

#[test]
fn eap_with_a_password_from_a_file() {
    let Some(rig) = rig("probe-eap", Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let identity = authority.server("server", KeyKind::Ecdsa(256), &[SERVER_NAME], Validity::Now).unwrap();
    let server = StrongSwan::start(rig.server(), &strongswan::eap_gateway(&identity, &authority)).unwrap();
    let profile = with_suites(Profile::eap(SERVER_V4, EAP_USER, None)).root(&authority);
    let profile = profile.write(&rig, "eap").unwrap();
    let file = rig.folder().join("password");
    std::fs::write(&file, format!("{EAP_PASSWORD}\n")).unwrap();
    let without = adit(rig.client(), "probe", &profile, &["--timeout", "5"]);
    assert_eq!(without.code, Some(0), "{}", without.text);
    assert_eq!(without.json["authentication"]["result"], "not-observed");
    assert!(without.text.contains("--password-file"), "{}", without.text);
    let path = file.to_str().unwrap();
    let ran = adit(rig.client(), "probe", &profile, &["--username", EAP_USER, "--password-file", path]);
    came_up(&ran, &server);
    assert_eq!(ran.json["certificate"]["accepted"], true);
    std::fs::write(&file, "another-secret\n").unwrap();
    let ran = adit(rig.client(), "probe", &profile, &["--password-file", path]);
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert_eq!(ran.json["authentication"]["result"], "no");
    assert_eq!(
        ran.json["certificate"]["accepted"], true,
        "the certificate came before the password: {}",
        ran.text
    );
    assert_eq!(ran.json["child"][0]["verdict"], "not-observed");
    assert!(!ran.text.contains("another-secret"));
}

#[test]
fn certificates_that_are_refused() {
    let Some(rig) = rig("probe-refused", Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let other = Authority::new(&rig, "other").unwrap();
    let good = authority.server("server", KeyKind::Ecdsa(256), &[SERVER_NAME], Validity::Now).unwrap();
    let expired =
        authority.server("expired", KeyKind::Ecdsa(256), &[SERVER_NAME], Validity::Expired).unwrap();
    let named = authority.server("named", KeyKind::Ecdsa(256), &["other.rig.test"], Validity::Now).unwrap();
    for (identity, root, word) in
        [(&good, &other, "trust"), (&expired, &authority, "expired"), (&named, &authority, "other.rig.test")]
    {
        let gateway = strongswan::eap_gateway(identity, &authority).set("connections.gw.local.id", "%any");
        let _server = StrongSwan::start(rig.server(), &gateway).unwrap();
        let profile = with_suites(Profile::eap(SERVER_V4, EAP_USER, Some(EAP_PASSWORD))).root(root);
        let ran = adit(rig.client(), "probe", &profile.write(&rig, "refused").unwrap(), &[]);
        assert_eq!(ran.code, Some(1), "{}", ran.text);
        let certificate = &ran.json["certificate"];
        assert_eq!(certificate["accepted"], false, "{}", ran.text);
        assert!(certificate["reason"].as_str().unwrap().contains(word), "{word}: {}", ran.text);
        assert!(certificate["subject"].is_string(), "what was shown is told: {}", ran.text);
        assert_eq!(ran.json["ike"][0]["verdict"], "taken");
    }
}

#[test]
fn nothing_in_common() {
    let Some(rig) = rig("probe-nothing", Between::Cable) else { return };
    let gateway = strongswan::psk_gateway().set("connections.gw.proposals", "aes128-sha256-modp3072");
    let _server = StrongSwan::start(rig.server(), &gateway).unwrap();
    let profile = with_suites(Profile::psk(SERVER_V4)).write(&rig, "nothing").unwrap();
    let ran = adit(rig.client(), "probe", &profile, &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert_eq!(ran.json["agree"], false);
    assert_eq!(ran.json["answered"], true);
    assert_eq!(ran.json["ike"][0]["verdict"], "refused");
    assert_eq!(ran.json["child"][0]["verdict"], "not-observed");
    assert_eq!(ran.json["authentication"]["result"], "not-observed");
    assert!(ran.text.contains("IKESecurityAssociationParameters"), "{}", ran.text);
}

#[test]
fn several_proposals_are_told_apart_and_what_the_engine_lacks_is_not_tested() {
    let Some(rig) = rig("probe-several", Between::Cable) else { return };
    // Of the four that Apple's client offers without a dictionary, the server takes the second and the third.
    let proposals = "aes256gcm16-prfsha256-modp2048,aes256-sha256-ecp256";
    let gateway: Config =
        strongswan::psk_gateway().set("connections.gw.proposals", proposals).daemon("cookie_threshold", 1);
    let server = StrongSwan::start(rig.server(), &gateway).unwrap();
    let profile = Profile::psk(SERVER_V4).write(&rig, "observed").unwrap();
    let ran = adit(rig.client(), "probe", &profile, &[]);
    let verdicts: Vec<&str> =
        ran.json["ike"].as_array().unwrap().iter().map(|one| one["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["refused", "taken", "taken", "refused"], "{}", ran.text);
    assert!(server.logged("N(COOKIE)") > 0, "cookies are followed: {}", server.log());
    assert_eq!(ran.code, Some(0), "{}", ran.text);
    let profile = Profile::psk(SERVER_V4).ike("3DES", "SHA1-96", 14).write(&rig, "3des").unwrap();
    let ran = adit(rig.client(), "probe", &profile, &[]);
    assert_eq!(ran.code, Some(1), "{}", ran.text);
    assert_eq!(ran.json["ike"][0]["verdict"], "not-tested");
    assert!(ran.json["not_tested"][0].as_str().unwrap().contains("3DES"), "{}", ran.text);
}

#[test]
fn nobody_answers() {
    let Some(rig) = rig("probe-silent", Between::Cable) else { return };
    // Nobody has this address, and no daemon runs at the server's.
    for address in ["10.99.0.77", SERVER_V4] {
        let profile = Profile::psk(address).key("LocalIdentifier", PSK_ID).write(&rig, "silent").unwrap();
        let ran = adit(rig.client(), "probe", &profile, &["--timeout", "2"]);
        assert_eq!(ran.code, Some(1), "{}", ran.text);
        assert_eq!(ran.json["answered"], false, "{}", ran.text);
        assert_eq!(ran.json["ike"][0]["verdict"], "no-answer", "{}", ran.text);
        assert!(ran.text.contains("RemoteAddress"), "what to do: {}", ran.text);
    }
}
