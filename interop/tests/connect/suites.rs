//! Every suite and every Diffie-Hellman group at least once, in the IKE SA, the Child SA and its rekey with PFS.

use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::net::{Between, PRIVATE_V4, SERVER_V4};
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, StrongSwan};
use adit_interop::{traffic, wait_for};

use crate::support::{Tunnel, UP, rig};

/// One row: Apple's words and strongSwan's.
struct Suite {
    test: &'static str,
    /// `EncryptionAlgorithm`, `IntegrityAlgorithm`, `DiffieHellmanGroup`.
    apple: (&'static str, &'static str, i64),
    /// The server accepts nothing else.
    ike: &'static str,
    esp: &'static str,
    /// What `swanctl --list-sas` calls them: encryption, key size ("" when there is one only), integrity ("" for an
    /// AEAD), PRF, group.
    listed: (&'static str, &'static str, &'static str, &'static str, &'static str),
}

fn prove(suite: &Suite) {
    let Some(rig) = rig(suite.test, Between::Cable) else { return };
    let gateway = strongswan::psk_gateway()
        .set("connections.gw.proposals", suite.ike)
        .set("connections.gw.children.net.esp_proposals", suite.esp);
    let (encryption, integrity, group) = suite.apple;
    let profile = Profile::psk(SERVER_V4)
        .ike(encryption, integrity, group)
        .child(encryption, integrity, group)
        .key("EnablePFS", 1);
    let tunnel = Tunnel::new(&rig, &gateway, &profile.write(&rig, "suite").unwrap(), &[]);
    tunnel.prove_while(|| tunnel.server.rekey_child("net").unwrap());
    let (encr, size, integ, prf, dh) = suite.listed;
    let or_none = |text: &'static str| (!text.is_empty()).then_some(text);
    let sa = tunnel.server.sa().unwrap();
    assert_eq!(sa.get("encr-alg"), Some(encr));
    assert_eq!(sa.get("encr-keysize"), or_none(size));
    assert_eq!(sa.get("integ-alg"), or_none(integ));
    assert_eq!(sa.get("prf-alg"), Some(prf));
    assert_eq!(sa.get("dh-group"), Some(dh));
    let child = wait_for("the rekeyed child", Duration::from_secs(10), || {
        tunnel.server.child_sa().ok().filter(|child| child.get("dh-group").is_some())
    });
    let child = child.unwrap();
    assert_eq!(child.get("encr-alg"), Some(encr));
    assert_eq!(child.get("encr-keysize"), or_none(size));
    assert_eq!(child.get("integ-alg"), or_none(integ));
    assert_eq!(child.get("dh-group"), Some(dh));
}

#[test]
fn aes_128_gcm_with_group_19() {
    prove(&Suite {
        test: "suite-aes128gcm",
        apple: ("AES-128-GCM", "SHA2-256", 19),
        ike: "aes128gcm16-prfsha256-ecp256",
        esp: "aes128gcm16-ecp256,aes128gcm16",
        listed: ("AES_GCM_16", "128", "", "PRF_HMAC_SHA2_256", "ECP_256"),
    });
}

#[test]
fn aes_256_gcm_with_group_20() {
    prove(&Suite {
        test: "suite-aes256gcm",
        apple: ("AES-256-GCM", "SHA2-384", 20),
        ike: "aes256gcm16-prfsha384-ecp384",
        esp: "aes256gcm16-ecp384,aes256gcm16",
        listed: ("AES_GCM_16", "256", "", "PRF_HMAC_SHA2_384", "ECP_384"),
    });
}

#[test]
fn chacha20_poly1305_with_group_31() {
    prove(&Suite {
        test: "suite-chacha",
        apple: ("ChaCha20Poly1305", "SHA2-512", 31),
        ike: "chacha20poly1305-prfsha512-x25519",
        esp: "chacha20poly1305-x25519,chacha20poly1305",
        listed: ("CHACHA20_POLY1305", "", "", "PRF_HMAC_SHA2_512", "CURVE_25519"),
    });
}

#[test]
fn aes_128_cbc_with_sha1_and_group_14() {
    prove(&Suite {
        test: "suite-aes128-sha1",
        apple: ("AES-128", "SHA1-96", 14),
        ike: "aes128-sha1-modp2048",
        esp: "aes128-sha1-modp2048,aes128-sha1",
        listed: ("AES_CBC", "128", "HMAC_SHA1_96", "PRF_HMAC_SHA1", "MODP_2048"),
    });
}

#[test]
fn aes_256_cbc_with_sha2_256_and_group_15() {
    prove(&Suite {
        test: "suite-aes256-sha256",
        apple: ("AES-256", "SHA2-256", 15),
        ike: "aes256-sha256-modp3072",
        esp: "aes256-sha256-modp3072,aes256-sha256",
        listed: ("AES_CBC", "256", "HMAC_SHA2_256_128", "PRF_HMAC_SHA2_256", "MODP_3072"),
    });
}

#[test]
fn aes_128_cbc_with_sha2_384_and_group_16() {
    prove(&Suite {
        test: "suite-aes128-sha384",
        apple: ("AES-128", "SHA2-384", 16),
        ike: "aes128-sha384-modp4096",
        esp: "aes128-sha384-modp4096,aes128-sha384",
        listed: ("AES_CBC", "128", "HMAC_SHA2_384_192", "PRF_HMAC_SHA2_384", "MODP_4096"),
    });
}

#[test]
fn aes_256_cbc_with_sha2_512_and_group_21() {
    prove(&Suite {
        test: "suite-aes256-sha512",
        apple: ("AES-256", "SHA2-512", 21),
        ike: "aes256-sha512-ecp521",
        esp: "aes256-sha512-ecp521,aes256-sha512",
        listed: ("AES_CBC", "256", "HMAC_SHA2_512_256", "PRF_HMAC_SHA2_512", "ECP_521"),
    });
}

#[test]
fn the_apple_defaults_and_no_pfs() {
    // AES-256, SHA2-256, group 14: what a profile without parameters asks for.
    let Some(rig) = rig("suite-default", Between::Cable) else { return };
    let gateway = strongswan::psk_gateway()
        .set("connections.gw.proposals", "aes256-sha256-modp2048")
        .set("connections.gw.children.net.esp_proposals", "aes256-sha256");
    let profile = Profile::psk(SERVER_V4).write(&rig, "default").unwrap();
    let tunnel = Tunnel::new(&rig, &gateway, &profile, &[]);
    let old = tunnel.server.child_sa().unwrap().get("spi-in").unwrap().to_owned();
    tunnel.prove_while(|| tunnel.server.rekey_child("net").unwrap());
    let child = tunnel.server.child_sa().unwrap();
    assert_ne!(child.get("spi-in"), Some(old.as_str()));
    assert_eq!(child.get("dh-group"), None);
}

#[test]
fn a_server_that_wants_a_cookie_gets_it() {
    let Some(rig) = rig("suite-cookie", Between::Cable) else { return };
    // With one half-open IKE SA the server asks for cookies: a client that never gets beyond its first exchange
    // leaves one.
    let gateway = strongswan::psk_gateway().daemon("cookie_threshold", 1);
    let profile = Profile::psk(SERVER_V4).write(&rig, "cookie").unwrap();
    let server = StrongSwan::start(rig.server(), &gateway).unwrap();
    let deaf = "table inet deaf { chain in { type filter hook input priority 0; udp dport 4500 drop; }; }";
    rig.server().run("nft", &[deaf]).unwrap();
    let mut first = Adit::connect(rig.client(), &profile, &[]).unwrap();
    server.wait_logged("generating IKE_SA_INIT response", UP).unwrap();
    first.process().kill();
    rig.server().run("nft", &["delete", "table", "inet", "deaf"]).unwrap();
    let mut client = Adit::connect(rig.client(), &profile, &[]).unwrap();
    client.wait_event("ready", 1, UP).unwrap();
    assert!(server.logged("N(COOKIE)") > 0, "{}", server.log());
    traffic::expect_echo(rig.client(), PRIVATE_V4).unwrap();
}
