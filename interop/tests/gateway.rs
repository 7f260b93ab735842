//! strongSwan as the client of `adit gateway`: a shared secret, certificates, user and password, rekeys from both
//! sides, and a NAT that forgets.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first thing that does not work")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::net::{self, Between, PRIVATE_V4, PRIVATE_V6, Rig, SERVER_NAME, SERVER_V4, SERVER_V6};
use adit_interop::pki::{Authority, Identity, KeyKind, Validity};
use adit_interop::strongswan::{self, Config, EAP_PASSWORD, EAP_USER, PSK, PSK_ID, StrongSwan};
use adit_interop::{traffic, wait_for};

fn rig(test: &str, between: Between) -> Option<Rig> {
    if let Some(reason) = net::unavailable() {
        println!("LEFT OUT: interop {test}: {reason}");
        return None;
    }
    Some(Rig::new(test, between).unwrap())
}

/// The gateway's file: a shared secret, and when there is a certificate, clients with one and users too.
fn settings(rig: &Rig, certificate: Option<(&Identity, &Authority)>, more: &str) -> PathBuf {
    let folder = rig.folder();
    let mut text = format!("[server]\nidentity = \"{SERVER_NAME}\"\n");
    if let Some((server, authority)) = certificate {
        fs::write(folder.join("server.pem"), server.certificate_pem()).unwrap();
        fs::write(folder.join("server.key"), server.key_pkcs8_pem().unwrap()).unwrap();
        fs::write(folder.join("ca.pem"), authority.certificate_pem()).unwrap();
        text.push_str("certificates = \"server.pem\"\nprivate-key = \"server.key\"\n");
        text.push_str("[clients]\nca = \"ca.pem\"\n");
        text.push_str(&format!("[[clients.user]]\nname = \"{EAP_USER}\"\npassword = \"{EAP_PASSWORD}\"\n"));
    }
    text.push_str(&format!("[[clients.psk]]\nidentity = \"{PSK_ID}\"\nsecret = \"{PSK}\"\n"));
    text.push_str(
        "[network]\nmode = \"tun\"\npools = [\"10.97.0.0/24\", \"fd97::/120\"]\ndns = [\"10.98.0.1\"]\n",
    );
    text.push_str(more);
    let path = folder.join("gateway.toml");
    fs::write(&path, text).unwrap();
    path
}

/// The client with the gateway's own inner addresses among those it reaches: the gateway pings from them.
fn reaching(client: &Config) -> Config {
    let remote = format!("{PRIVATE_V4}/32,fd98::/64,10.97.0.1/32,fd97::1/128");
    client.clone().set("connections.home.children.net.remote_ts", remote)
}

/// Brings a strongSwan client up against our gateway, and proves it while `during` is done.
fn prove(rig: &Rig, settings: &Path, client: &Config, during: impl FnOnce(&StrongSwan)) {
    prove_for(Duration::ZERO, rig, settings, client, during, |_| ());
}

/// The same, with transfers for at least `time`; `after` looks at the client when they are done.
fn prove_for(
    time: Duration,
    rig: &Rig,
    settings: &Path,
    client: &Config,
    during: impl FnOnce(&StrongSwan),
    after: impl FnOnce(&StrongSwan),
) {
    let gateway = Adit::gateway(rig.server(), settings, &[]).unwrap();
    let client = StrongSwan::start(rig.client(), &reaching(client)).unwrap();
    client.initiate("net").unwrap_or_else(|error| panic!("{error}\nthe gateway says:\n{}", gateway.stderr()));
    let sa = client.sa().unwrap();
    let (v4, v6) = sa.get("local-vips").unwrap().split_once(',').unwrap();
    traffic::expect_echo(rig.client(), PRIVATE_V6).unwrap();
    traffic::expect_echo(rig.server(), v6).unwrap();
    let during = || {
        during(&client);
        Ok(())
    };
    traffic::prove_for(time, rig.client(), rig.server(), PRIVATE_V4, v4, during).unwrap();
    after(&client);
}

#[test]
fn a_shared_secret_and_rekeys_from_strongswan() {
    let Some(rig) = rig("gateway-psk", Between::Cable) else { return };
    // Without a NAT and without feigning one: our gateway's notify alone makes the client encapsulate.
    let client = strongswan::psk_client(SERVER_V4).set("connections.home.encap", "no");
    prove(&rig, &settings(&rig, None, ""), &client, |client| {
        assert!(client.logged("remote host is behind NAT") > 0, "{}", client.log());
        let before = client.child_sa().unwrap().get("spi-in").unwrap().to_owned();
        client.rekey_child("net").unwrap();
        client.rekey_ike("home").unwrap();
        let rekeyed = || {
            let new = client.child_sa().ok()?.get("spi-in") != Some(before.as_str());
            (new && client.logged("rekeyed between") > 0).then_some(())
        };
        wait_for("both rekeys", Duration::from_secs(10), rekeyed).unwrap();
    });
}

#[test]
fn rekeys_from_our_gateway_lose_nothing() {
    let Some(rig) = rig("gateway-rekey", Between::Cable) else { return };
    let file = settings(&rig, None, "[ike]\nlifetime = 7\n[esp]\nlifetime = 4\n");
    let client = strongswan::psk_client(SERVER_V4);
    prove_for(
        Duration::from_secs(14),
        &rig,
        &file,
        &client,
        |_| (),
        |client| {
            assert!(client.logged("rekeyed between") >= 1, "{}", client.log());
            assert!(client.logged("inbound CHILD_SA net{") >= 3, "{}", client.log());
        },
    );
}

fn certificates(test: &str, key: KeyKind, server: &str) {
    let Some(rig) = rig(test, Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let identity = authority.server("server", key, &[SERVER_NAME], Validity::Now).unwrap();
    let client = authority.client("client", key, "client@rig.test").unwrap();
    let file = settings(&rig, Some((&identity, &authority)), "");
    prove(&rig, &file, &strongswan::certificate_client(server, &client, &authority), |_| ());
}

#[test]
fn rsa_certificates() {
    certificates("gateway-rsa", KeyKind::Rsa(2048), SERVER_V4);
}

#[test]
fn ecdsa_certificates_over_ipv6() {
    certificates("gateway-ecdsa", KeyKind::Ecdsa(256), SERVER_V6);
}

#[test]
fn user_and_password_behind_a_nat_that_forgets() {
    let Some(rig) = rig("gateway-eap", Between::Nat) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let identity = authority.server("server", KeyKind::Rsa(2048), &[SERVER_NAME], Validity::Now).unwrap();
    let file = settings(&rig, Some((&identity, &authority)), "");
    let gateway = Adit::gateway(rig.server(), &file, &[]).unwrap();
    let config =
        reaching(&strongswan::eap_client(SERVER_V4, &authority)).set("connections.home.mobike", "no");
    let client = StrongSwan::start(rig.client(), &config).unwrap();
    client.initiate("net").unwrap_or_else(|error| panic!("{error}\nthe gateway says:\n{}", gateway.stderr()));
    rig.rebind(20_000).unwrap();
    // The next authenticated packet from the new port, IKE or ESP, moves the gateway.
    let back = || (traffic::echo(rig.client(), PRIVATE_V4, 1).ok()? == 1).then_some(());
    wait_for("echo after the NAT forgot", Duration::from_secs(20), back).unwrap();
    let sa = client.sa().unwrap();
    let (v4, _) = sa.get("local-vips").unwrap().split_once(',').unwrap();
    traffic::prove(rig.client(), rig.server(), PRIVATE_V4, v4, || Ok(())).unwrap();
}

#[test]
fn a_cookie_and_another_group_are_asked_for() {
    let Some(rig) = rig("gateway-cookie", Between::Cable) else { return };
    // The client's first choice is group 20.
    let more = "[ike]\ncookie-threshold = 0\nproposals = [\"aes256-sha256-modp2048\"]\n";
    prove(&rig, &settings(&rig, None, more), &strongswan::psk_client(SERVER_V4), |client| {
        assert!(client.logged("N(COOKIE)") > 0, "{}", client.log());
        assert!(client.logged("it requested MODP_2048") > 0, "{}", client.log());
    });
}

#[test]
fn a_wrong_secret_is_refused() {
    let Some(rig) = rig("gateway-wrong-psk", Between::Cable) else { return };
    let _gateway = Adit::gateway(rig.server(), &settings(&rig, None, ""), &[]).unwrap();
    let wrong = strongswan::psk_client(SERVER_V4).set("secrets.ike-1.secret", "\"another-secret\"");
    let client = StrongSwan::start(rig.client(), &wrong).unwrap();
    let error = client.initiate("net").unwrap_err().to_string();
    assert!(error.contains("AUTHENTICATION_FAILED"), "{error}");
}
