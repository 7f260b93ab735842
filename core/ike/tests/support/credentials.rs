//! Certificates for both sides, made by a small CA.

use std::sync::Arc;

use adit_crypto::Secret;
use adit_ike::auth::RsaPadding;
use adit_ike::certificate::Anchors;
use adit_ike::config::{
    CertificatePolicy, CertifiedKey, InitiatorConfig, LocalAuth, RemoteAuth, ResponderConfig,
};
use adit_ike::identity::Identity;

use super::certificates::{self, Issuer, NOW, P256_B, Template, load};

pub const SERVER: &str = "vpn.rig.test";
pub const CLIENT: &str = "client@rig.test";
pub const USER: &str = "frieda";
pub const PASSWORD: &str = "correct horse battery";

/// The CA of most tests.
pub fn root() -> Issuer {
    Issuer::new("C=CH, O=Adit, CN=root", P256_B)
}

/// The CA's certificate as the only anchor.
pub fn anchors() -> Anchors {
    certificates::anchors(&[root().root().issue(&root())])
}

/// A key with its certificate, by `issuer`.
pub fn certified(template: &Template, key: &[u8], issuer: &Issuer) -> CertifiedKey {
    CertifiedKey { chain: vec![template.issue(issuer)], key: load(key), padding: RsaPadding::Pkcs1 }
}

/// The gateway's certificate.
pub fn server(key: &[u8]) -> CertifiedKey {
    certified(&Template::server(SERVER, key), key, &root())
}

/// A client's certificate.
pub fn client(key: &[u8]) -> CertifiedKey {
    let template = Template::new("C=CH, O=Adit, CN=client", load(key).public_key()).mail(CLIENT);
    certified(&template, key, &root())
}

/// Accepts what the CA issued.
pub fn policy(name: Option<&str>) -> CertificatePolicy {
    let name = name.map(|name| Identity::from_text(name).unwrap());
    CertificatePolicy { anchors: anchors(), name, issuer: None, key_types: Vec::new() }
}

/// A client whose server must have a certificate.
pub fn initiator(local_auth: LocalAuth) -> InitiatorConfig {
    let mut config = InitiatorConfig {
        local_auth,
        remote_auth: RemoteAuth::Certificate(policy(Some(SERVER))),
        ..super::initiator()
    };
    config.common.unix_epoch = NOW - 1000;
    config
}

/// A client with EAP-MSCHAPv2.
pub fn eap(username: &str, password: &str) -> InitiatorConfig {
    initiator(LocalAuth::Eap { username: username.into(), password: Secret::from(password.as_bytes()) })
}

/// A gateway with a certificate, for clients with certificates and for one EAP user.
pub fn responder(certified: CertifiedKey) -> ResponderConfig {
    let mut config = ResponderConfig {
        certificate: Some(Arc::new(certified)),
        clients: Some(policy(None)),
        users: [(USER.to_owned(), Secret::from(PASSWORD.as_bytes()))].into(),
        shared_keys: Vec::new(),
        ..super::responder()
    };
    config.common.unix_epoch = NOW - 1000;
    config
}
