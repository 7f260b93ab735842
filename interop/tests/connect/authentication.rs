//! Every way to authenticate.

use std::path::Path;

use adit_interop::adit::Adit;
use adit_interop::net::{Between, PRIVATE_V4, SERVER_NAME, SERVER_V4};
use adit_interop::pki::{Authority, KeyKind};
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, EAP_PASSWORD, EAP_USER, StrongSwan};
use adit_interop::traffic;

use crate::support::{Tunnel, UP, rig, server_identity};

const CLIENT: &str = "client@rig.test";

#[test]
fn shared_secret_and_the_server_sees_us_behind_nat() {
    let Some(rig) = rig("connect-psk", Between::Cable) else { return };
    let profile = Profile::psk(SERVER_V4).write(&rig, "psk").unwrap();
    // There is no NAT here and the server does not feign one: our notify alone makes it encapsulate, as a client
    // without raw ESP needs it.
    let gateway = strongswan::psk_gateway().set("connections.gw.encap", "no");
    let tunnel = Tunnel::new(&rig, &gateway, &profile, &[]);
    tunnel.prove();
    assert_eq!(tunnel.server.logged("local host is behind NAT"), 0);
    assert!(tunnel.server.logged("remote host is behind NAT") > 0);
    assert_eq!(tunnel.server.child_sa().unwrap().get("encap"), Some("yes"));
}

/// Client and server with certificates of the same kind; `setting` of the daemon decides the method.
fn certificate(test: &str, key: KeyKind, kind: &str, setting: (&str, &str), method: &str) {
    let Some(rig) = rig(test, Between::Cable) else { return };
    let (authority, server) = server_identity(&rig, key);
    let client = authority.client("client", key, CLIENT).unwrap();
    let gateway = strongswan::certificate_gateway(&server, &authority).daemon(setting.0, setting.1);
    let profile = Profile::certificate(SERVER_V4, &client, kind).unwrap().root(&authority);
    let tunnel = Tunnel::new(&rig, &gateway, &profile.write(&rig, "certificate").unwrap(), &[]);
    tunnel.prove();
    tunnel.authenticated(CLIENT, method);
    tunnel.authenticated(SERVER_NAME, method);
}

#[test]
fn rsa_method_1_for_a_server_without_rfc_7427() {
    let old = ("signature_authentication", "no");
    certificate("connect-rsa-1", KeyKind::Rsa(2048), "RSA", old, "RSA signature");
}

#[test]
fn rsa_method_14_with_pkcs1() {
    let pkcs1 = ("rsa_pss", "no");
    certificate("connect-rsa-14", KeyKind::Rsa(2048), "RSA", pkcs1, "RSA_EMSA_PKCS1_SHA2_256");
}

#[test]
fn rsa_method_14_with_pss() {
    let pss = ("rsa_pss", "yes");
    certificate("connect-rsa-pss", KeyKind::Rsa(2048), "RSA-PSS", pss, "RSA_EMSA_PSS_SHA2_256_SALT_32");
}

#[test]
fn ecdsa_p256_method_9() {
    let old = ("signature_authentication", "no");
    certificate("connect-ecdsa-9", KeyKind::Ecdsa(256), "ECDSA256", old, "ECDSA-256 signature");
}

#[test]
fn ecdsa_p384_method_10() {
    let old = ("signature_authentication", "no");
    certificate("connect-ecdsa-10", KeyKind::Ecdsa(384), "ECDSA384", old, "ECDSA-384 signature");
}

#[test]
fn ecdsa_p521_method_11() {
    let old = ("signature_authentication", "no");
    certificate("connect-ecdsa-11", KeyKind::Ecdsa(521), "ECDSA521", old, "ECDSA-521 signature");
}

#[test]
fn ecdsa_method_14() {
    let new = ("signature_authentication", "yes");
    certificate("connect-ecdsa-14", KeyKind::Ecdsa(256), "ECDSA256", new, "ECDSA_WITH_SHA256_DER");
}

#[test]
fn ed25519_method_14() {
    // No value of CertificateType stands for it: the key itself tells.
    certificate("connect-ed25519", KeyKind::Ed25519, "", ("signature_authentication", "yes"), "ED25519");
}

#[test]
fn eap_mschapv2_with_the_password_in_the_profile() {
    let Some(rig) = rig("connect-eap", Between::Cable) else { return };
    let (authority, server) = server_identity(&rig, KeyKind::Rsa(2048));
    let profile = Profile::eap(SERVER_V4, EAP_USER, Some(EAP_PASSWORD)).root(&authority);
    let gateway = strongswan::eap_gateway(&server, &authority);
    let tunnel = Tunnel::new(&rig, &gateway, &profile.write(&rig, "eap").unwrap(), &[]);
    tunnel.prove();
    // The EAP identity is listed when it differs from the IKE identity.
    let sa = tunnel.server.sa().unwrap();
    assert_eq!((sa.get("remote-id"), sa.get("remote-eap-id")), (Some(EAP_USER), None));
    assert!(tunnel.server.logged("EAP method EAP_MSCHAPV2 succeeded") > 0, "{}", tunnel.server.log());
}

#[test]
fn eap_mschapv2_with_user_and_password_from_the_command_line() {
    let Some(rig) = rig("connect-eap-file", Between::Cable) else { return };
    let (authority, server) = server_identity(&rig, KeyKind::Ecdsa(256));
    let profile = Profile::eap(SERVER_V4, "somebody", None).root(&authority).write(&rig, "eap").unwrap();
    let password = rig.folder().join("password");
    std::fs::write(&password, format!("{EAP_PASSWORD}\n")).unwrap();
    let more = ["--username", EAP_USER, "--password-file", password.to_str().unwrap()];
    let tunnel = Tunnel::new(&rig, &strongswan::eap_gateway(&server, &authority), &profile, &more);
    tunnel.prove();
    assert_eq!(tunnel.server.sa().unwrap().get("remote-eap-id"), Some(EAP_USER));
}

#[test]
fn without_an_anchor_in_the_profile_the_system_s_trust_store_decides() {
    let Some(rig) = rig("connect-trust-store", Between::Cable) else { return };
    let (authority, server) = server_identity(&rig, KeyKind::Ecdsa(256));
    let _server = StrongSwan::start(rig.server(), &strongswan::eap_gateway(&server, &authority)).unwrap();
    let profile = Profile::eap(SERVER_V4, EAP_USER, Some(EAP_PASSWORD)).write(&rig, "eap").unwrap();
    let other = Authority::new(&rig, "other").unwrap();
    let store = |name: &str, authorities: &[&Authority]| {
        let path = rig.folder().join(name);
        let pems: Vec<String> = authorities.iter().map(|authority| authority.certificate_pem()).collect();
        std::fs::write(&path, pems.concat()).unwrap();
        path
    };
    let start = |store: &Path| {
        Adit::connect_in(rig.client(), &profile, &[], &[("SSL_CERT_FILE", store.as_os_str())]).unwrap()
    };
    // One that does not know the authority, and one that is not there.
    let mut refused = start(&store("other.pem", &[&other]));
    assert_eq!(refused.wait_exit(UP).unwrap().code(), Some(1));
    let error = refused.events().pop().unwrap();
    assert!(error["message"].as_str().unwrap().contains("trust"), "{error}");
    let mut missing = start(&rig.folder().join("missing.pem"));
    // Without any anchor the profile cannot be used: no server is asked.
    assert_eq!(missing.wait_exit(UP).unwrap().code(), Some(2));
    for word in ["missing.pem", "com.apple.security.root"] {
        assert!(missing.stderr().contains(word), "{}", missing.stderr());
    }

    let mut trusting = start(&store("both.pem", &[&other, &authority]));
    trusting.wait_event("ready", 1, UP).unwrap();
    traffic::expect_echo(rig.client(), PRIVATE_V4).unwrap();
    assert_eq!(trusting.interrupt().unwrap(), 0);
}
