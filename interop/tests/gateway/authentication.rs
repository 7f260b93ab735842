//! Every way to authenticate, each with rekeys of both SAs from both sides while packets flow.

use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::net::{Between, PRIVATE_V4, SERVER_NAME, SERVER_V4, SERVER_V6};
use adit_interop::pki::{Authority, KeyKind, Validity};
use adit_interop::strongswan::{self, StrongSwan};
use adit_interop::{traffic, wait_for};

use crate::support::{Client, SHORT_LIVES, rig, settings};

#[test]
fn a_shared_secret_with_rekeys_from_both_sides() {
    let Some(rig) = rig("gateway-psk", Between::Cable) else { return };
    // Without a NAT and without feigning one: our gateway's notify alone makes the client encapsulate.
    let client = strongswan::psk_client(SERVER_V4).set("connections.home.encap", "no");
    let client = Client::new(&rig, &settings(&rig, None, SHORT_LIVES), &client);
    assert!(client.swan.logged("remote host is behind NAT") > 0, "{}", client.swan.log());
    client.prove_rekeys_from_both_sides();
}

/// A client with a certificate of the same kind as the gateway's; `old`: it does not know RFC 7427.
fn certificates(test: &str, key: KeyKind, server: &str, old: bool, prove: impl FnOnce(&Client)) {
    let Some(rig) = rig(test, Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let identity = authority.server("server", key, &[SERVER_NAME], Validity::Now).unwrap();
    let client = authority.client("client", key, "client@rig.test").unwrap();
    let file = settings(&rig, Some((&identity, &authority)), SHORT_LIVES);
    let client = strongswan::certificate_client(server, &client, &authority);
    let client = if old { client.daemon("signature_authentication", "no") } else { client };
    prove(&Client::new(&rig, &file, &client));
}

#[test]
fn rsa_certificates_with_rekeys_from_both_sides() {
    certificates("gateway-rsa", KeyKind::Rsa(2048), SERVER_V4, false, |client| {
        client.prove_rekeys_from_both_sides()
    });
}

#[test]
fn ecdsa_certificates_over_ipv6_with_rekeys_from_both_sides() {
    certificates("gateway-ecdsa", KeyKind::Ecdsa(256), SERVER_V6, false, |client| {
        client.prove_rekeys_from_both_sides()
    });
}

#[test]
fn ed25519_certificates_with_rekeys_from_both_sides() {
    certificates("gateway-ed25519", KeyKind::Ed25519, SERVER_V4, false, |client| {
        client.prove_rekeys_from_both_sides()
    });
}

/// A client that knows the classic methods alone: it proves itself and takes our proof by them.
fn classic(test: &str, key: KeyKind, method: &str) {
    certificates(test, key, SERVER_V4, true, |client| {
        for by in
            [format!("'{SERVER_NAME}' with {method}"), format!("'client@rig.test' (myself) with {method}")]
        {
            let line = format!("authentication of {by} successful");
            assert!(client.swan.logged(&line) > 0, "{line}\n{}", client.swan.log());
        }
        client.prove(Duration::ZERO, || ());
    });
}

#[test]
fn rsa_method_1_for_a_client_without_rfc_7427() {
    classic("gateway-rsa-1", KeyKind::Rsa(2048), "RSA signature");
}

#[test]
fn ecdsa_method_9_for_a_client_without_rfc_7427() {
    classic("gateway-ecdsa-9", KeyKind::Ecdsa(256), "ECDSA-256 signature");
}

#[test]
fn ecdsa_method_10_for_a_client_without_rfc_7427() {
    classic("gateway-ecdsa-10", KeyKind::Ecdsa(384), "ECDSA-384 signature");
}

#[test]
fn ecdsa_method_11_for_a_client_without_rfc_7427() {
    classic("gateway-ecdsa-11", KeyKind::Ecdsa(521), "ECDSA-521 signature");
}

#[test]
fn user_and_password_with_rekeys_from_both_sides() {
    let Some(rig) = rig("gateway-eap", Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let identity = authority.server("server", KeyKind::Rsa(2048), &[SERVER_NAME], Validity::Now).unwrap();
    let file = settings(&rig, Some((&identity, &authority)), SHORT_LIVES);
    let client = Client::new(&rig, &file, &strongswan::eap_client(SERVER_V4, &authority));
    client.prove_rekeys_from_both_sides();
}

#[test]
fn user_and_password_behind_a_nat_that_forgets() {
    let Some(rig) = rig("gateway-nat", Between::Nat) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let identity = authority.server("server", KeyKind::Rsa(2048), &[SERVER_NAME], Validity::Now).unwrap();
    let file = settings(&rig, Some((&identity, &authority)), "");
    let config = strongswan::eap_client(SERVER_V4, &authority).set("connections.home.mobike", "no");
    let client = Client::new(&rig, &file, &config);
    rig.rebind(20_000).unwrap();
    // The next authenticated packet from the new port, IKE or ESP, moves the gateway.
    let back = || (traffic::echo(rig.client(), PRIVATE_V4, 1).ok()? == 1).then_some(());
    wait_for("echo after the NAT forgot", Duration::from_secs(20), back).unwrap();
    assert!(client.gateway.count("path") > 0, "the gateway tells that the client has moved");
    client.prove(Duration::ZERO, || ());
}

#[test]
fn a_cookie_and_another_group_are_asked_for() {
    let Some(rig) = rig("gateway-cookie", Between::Cable) else { return };
    // The client's first choice is group 20.
    let more = "[ike]\ncookie-threshold = 0\nproposals = [\"aes256-sha256-modp2048\"]\n\
                [listen]\naddresses = [\"10.99.0.1\", \"fd99::1\"]\n";
    let client = Client::new(&rig, &settings(&rig, None, more), &strongswan::psk_client(SERVER_V4));
    assert!(client.swan.logged("N(COOKIE)") > 0, "{}", client.swan.log());
    assert!(client.swan.logged("it requested MODP_2048") > 0, "{}", client.swan.log());
    client.prove(Duration::ZERO, || ());
}

/// A client that is refused, and what it and the gateway say.
fn refused(test: &str, client: impl FnOnce(&Authority) -> strongswan::Config, said: &str) {
    let Some(rig) = rig(test, Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let identity = authority.server("server", KeyKind::Ecdsa(256), &[SERVER_NAME], Validity::Now).unwrap();
    let file = settings(&rig, Some((&identity, &authority)), "");
    let mut gateway = Adit::gateway(rig.server(), &file, &["--json"]).unwrap();
    let client = StrongSwan::start(rig.client(), &client(&authority)).unwrap();
    client.initiate("net").unwrap_err();
    // What the client says depends on who ends it.
    let log = client.log();
    assert!(log.contains("AUTHENTICATION_FAILED") || log.contains("ERROR_AUTHENTICATION_FAILURE"), "{log}");
    let event = gateway.wait_event("handshake_failed", 1, Duration::from_secs(10)).unwrap();
    assert!(event["message"].as_str().unwrap().contains(said), "{event}");
    assert_eq!(gateway.count("client_up"), 0);
    assert!(client.sa().is_err());
}

#[test]
fn a_wrong_secret_is_refused() {
    let client =
        |_: &Authority| strongswan::psk_client(SERVER_V4).set("secrets.ike-1.secret", "\"another-secret\"");
    refused("gateway-wrong-psk", client, "the shared key does not match");
}

#[test]
fn a_wrong_password_is_refused() {
    let client = |authority: &Authority| {
        strongswan::eap_client(SERVER_V4, authority).set("secrets.eap-1.secret", "\"another-password\"")
    };
    refused("gateway-wrong-password", client, "wrong user name or password");
}
