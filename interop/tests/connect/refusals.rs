//! What is refused, with a message that says why, exit code 1 and the network untouched.

use std::path::Path;
use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::net::{Between, Rig, SERVER_NAME, SERVER_V4};
use adit_interop::pki::{Authority, KeyKind, Validity};
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, Config, EAP_PASSWORD, EAP_USER, StrongSwan};

use crate::support::rig;

/// Expects the connection to fail within 40 s (30 and some for a busy machine) with all `words` in what it says.
fn refused(rig: &Rig, gateway: &Config, profile: &Path, words: &[&str]) {
    let before = rig.client().network_state().unwrap();
    let _server = StrongSwan::start(rig.server(), gateway).unwrap();
    let mut client = Adit::connect(rig.client(), profile, &[]).unwrap();
    let status = client.wait_exit(Duration::from_secs(40)).unwrap();
    let events: Vec<String> = client.events().iter().map(ToString::to_string).collect();
    let said = format!("{}\n{}", events.join("\n"), client.stderr());
    assert_eq!(status.code(), Some(1), "{said}");
    for word in words {
        assert!(said.to_lowercase().contains(&word.to_lowercase()), "{word:?} is not in: {said}");
    }
    for secret in [strongswan::PSK, EAP_PASSWORD, "another-secret"] {
        assert!(!said.contains(secret), "a secret is in: {said}");
    }
    assert_eq!(rig.client().network_state().unwrap(), before);
}

#[test]
fn a_wrong_shared_secret() {
    let Some(rig) = rig("refused-psk", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).key("SharedSecret", "another-secret").write(&rig, "psk").unwrap();
    refused(&rig, &strongswan::psk_gateway(), &profile, &["AUTHENTICATION_FAILED", "pre-shared key"]);
}

#[test]
fn a_wrong_password() {
    let Some(rig) = rig("refused-password", Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let server = authority.server("server", KeyKind::Ecdsa(256), &[SERVER_NAME], Validity::Now).unwrap();
    let profile = Profile::eap(SERVER_V4, EAP_USER, Some("another-secret")).root(&authority);
    let gateway = strongswan::eap_gateway(&server, &authority);
    refused(&rig, &gateway, &profile.write(&rig, "eap").unwrap(), &["password"]);
}

#[test]
fn a_certificate_of_another_authority() {
    let Some(rig) = rig("refused-untrusted", Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let other = Authority::new(&rig, "other").unwrap();
    let server = authority.server("server", KeyKind::Ecdsa(256), &[SERVER_NAME], Validity::Now).unwrap();
    let profile = Profile::eap(SERVER_V4, EAP_USER, Some(EAP_PASSWORD)).root(&other);
    let gateway = strongswan::eap_gateway(&server, &authority);
    refused(&rig, &gateway, &profile.write(&rig, "eap").unwrap(), &["certificate", "trust"]);
}

#[test]
fn an_expired_certificate() {
    let Some(rig) = rig("refused-expired", Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let server = authority.server("server", KeyKind::Ecdsa(256), &[SERVER_NAME], Validity::Expired).unwrap();
    let profile = Profile::eap(SERVER_V4, EAP_USER, Some(EAP_PASSWORD)).root(&authority);
    let gateway = strongswan::eap_gateway(&server, &authority);
    refused(&rig, &gateway, &profile.write(&rig, "eap").unwrap(), &["expired"]);
}

#[test]
fn a_certificate_for_another_name() {
    let Some(rig) = rig("refused-name", Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let server = authority.server("server", KeyKind::Ecdsa(256), &["other.rig.test"], Validity::Now).unwrap();
    let profile = Profile::eap(SERVER_V4, EAP_USER, Some(EAP_PASSWORD)).root(&authority);
    // It takes the name it is asked for, and shows the certificate it has.
    let gateway = strongswan::eap_gateway(&server, &authority).set("connections.gw.local.id", "%any");
    refused(&rig, &gateway, &profile.write(&rig, "eap").unwrap(), &[SERVER_NAME, "other.rig.test"]);
}

#[test]
fn no_proposal_in_common_for_the_ike_sa() {
    let Some(rig) = rig("refused-ike", Between::Cable) else { return };
    let gateway = strongswan::psk_gateway().set("connections.gw.proposals", "aes128-sha256-ecp256");
    let profile = Profile::psk(SERVER_V4).ike("AES-256-GCM", "SHA2-384", 20).write(&rig, "ike").unwrap();
    refused(&rig, &gateway, &profile, &["algorithms", "AES-GCM-16-256", "IKESecurityAssociationParameters"]);
}

#[test]
fn no_proposal_in_common_for_the_child_sa() {
    let Some(rig) = rig("refused-child", Between::Cable) else { return };
    let gateway = strongswan::psk_gateway().set("connections.gw.children.net.esp_proposals", "aes128-sha256");
    let profile = Profile::psk(SERVER_V4).child("AES-256-GCM", "SHA2-384", 20).write(&rig, "child").unwrap();
    refused(
        &rig,
        &gateway,
        &profile,
        &["algorithms", "AES-GCM-16-256", "ChildSecurityAssociationParameters"],
    );
}

#[test]
fn no_server_there() {
    let Some(rig) = rig("refused-silent", Between::Cable) else { return };
    let profile = Profile::psk("10.99.0.77").write(&rig, "silent").unwrap();
    refused(&rig, &strongswan::psk_gateway(), &profile, &["10.99.0.77"]);
}

#[test]
fn no_way_to_the_server() {
    let Some(rig) = rig("refused-no-way", Between::Cable) else { return };
    // No route of the client leads there.
    let profile = Profile::psk("203.0.113.1").write(&rig, "no-way").unwrap();
    let words = ["no way to the server", "unreachable", "connected to a network"];
    refused(&rig, &strongswan::psk_gateway(), &profile, &words);
}
