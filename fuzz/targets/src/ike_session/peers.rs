//! The two sides' configurations: one bit or two of the input choose each.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use adit_crypto::{CipherSpec, DhGroup, IntegId, PrfId, Secret};
use adit_esp::TrafficSelector;
use adit_ike::AssignedConfig;
use adit_ike::auth::RsaPadding;
use adit_ike::certificate::Anchors;
use adit_ike::config::{
    CertificatePolicy, CertifiedKey, ChildConfig, Config, ConfigRequest, InitiatorConfig, LocalAuth,
    NattPorts, RemoteAuth, ResponderConfig,
};
use adit_ike::exchange::RetransmitPolicy;
use adit_ike::identity::Identity;
use adit_ike::proposal::{EspProposal, IkeProposal};
use arbitrary::Arbitrary;

use crate::provider::provider;

/// What no message, event or text may show.
pub(super) const SECRET: &str = "correct horse battery staple";

/// How the client proves itself.
#[derive(Arbitrary, Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Auth {
    SharedKey,
    Certificate,
    Eap,
}

/// What differs between runs.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub(super) struct Setup {
    pub auth: Auth,
    /// AES-CBC with HMAC, for IKE and ESP.
    pub cbc: bool,
    /// A key exchange for each Child SA but the first.
    pub pfs: bool,
    /// IKE_AUTH goes in fragments.
    pub small_fragments: bool,
    /// Neither NAT keepalive, liveness nor message log: nothing happens but rekeys.
    pub quiet: bool,
    /// The gateway asks for a cookie first.
    pub cookie: bool,
    /// The client's first group is one the gateway does not take.
    pub wrong_group: bool,
    /// In the end SAs live on for a few lifetimes, not just for as long as it takes to give up.
    pub long_life: bool,
}

pub(super) fn initiator(setup: Setup) -> InitiatorConfig {
    let remote_auth = match setup.auth {
        Auth::SharedKey => RemoteAuth::SharedKey(secret()),
        Auth::Certificate | Auth::Eap => RemoteAuth::Certificate(CertificatePolicy {
            anchors: anchors(),
            name: Some(identity("vpn.bench.test")),
            issuer: None,
            key_types: Vec::new(),
        }),
    };
    let local_auth = match setup.auth {
        Auth::SharedKey => LocalAuth::SharedKey(secret()),
        Auth::Certificate => LocalAuth::Certificate(certified(Side::Client)),
        Auth::Eap => LocalAuth::Eap { username: "carol".into(), password: secret() },
    };
    let mut common = common(setup);
    if setup.wrong_group {
        common.ike_proposals[0].groups.insert(0, DhGroup::ECP_384);
    }
    InitiatorConfig {
        common,
        local_id: identity("client@bench.test"),
        remote_id: identity("vpn.bench.test"),
        local_auth,
        remote_auth,
        request: ConfigRequest { ipv4: true, ipv6: true, subnets: true, domains: true },
        initial_contact: true,
        natt_ports: NattPorts { local: 4500, remote: 4500 },
    }
}

pub(super) fn responder(setup: Setup) -> ResponderConfig {
    ResponderConfig {
        common: common(setup),
        id: identity("vpn.bench.test"),
        certificate: Some(certified(Side::Server)),
        shared_keys: vec![(identity("client@bench.test"), secret())],
        default_shared_key: None,
        clients: Some(CertificatePolicy {
            anchors: anchors(),
            name: None,
            issuer: None,
            key_types: Vec::new(),
        }),
        users: match setup.auth {
            Auth::Eap => BTreeMap::from([("carol".to_owned(), secret())]),
            _ => BTreeMap::new(),
        },
        half_open_timeout: Duration::from_secs(30),
    }
}

/// What the gateway assigns.
pub(super) fn lease() -> AssignedConfig {
    AssignedConfig {
        ipv4: Some((Ipv4Addr::new(10, 97, 0, 5), 32)),
        ipv6: Some(("fd00::5".parse().expect("an address"), 128)),
        dns: vec![IpAddr::V4(Ipv4Addr::new(10, 97, 0, 1))],
        domains: vec!["bench.test".into()],
        subnets: vec![(IpAddr::V4(Ipv4Addr::new(10, 98, 0, 0)), 16)],
    }
}

fn common(setup: Setup) -> Config {
    let any = || vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()];
    let cipher = match setup.cbc {
        true => CipherSpec::aes_cbc(128, IntegId::HMAC_SHA2_256_128),
        false => CipherSpec::aes_gcm(256),
    };
    Config {
        ike_proposals: vec![IkeProposal {
            ciphers: vec![cipher],
            prfs: vec![PrfId::HMAC_SHA2_256],
            groups: vec![DhGroup::CURVE25519, DhGroup::ECP_256],
        }],
        child: ChildConfig {
            proposals: vec![EspProposal {
                ciphers: vec![cipher],
                groups: if setup.pfs { vec![DhGroup::CURVE25519] } else { Vec::new() },
                esn: vec![false, true],
            }],
            lifetime: Duration::from_secs(60),
            replay_window: 64,
            local: any(),
            remote: any(),
        },
        ike_lifetime: Duration::from_secs(200),
        retransmit: RetransmitPolicy::default(),
        liveness: (!setup.quiet).then_some(Duration::from_secs(25)),
        nat_keepalive: (!setup.quiet).then_some(Duration::from_secs(20)),
        fragment_size: if setup.small_fragments { 200 } else { 1200 },
        log_messages: !setup.quiet,
        key_log: false,
        unix_epoch: 1_800_000_000,
        mobike: true,
        spi_tag: 0,
    }
}

#[derive(Clone, Copy)]
enum Side {
    Client,
    Server,
}

/// Keys and certificates are the same in every run.
fn certified(side: Side) -> Arc<CertifiedKey> {
    static CLIENT: OnceLock<Arc<CertifiedKey>> = OnceLock::new();
    static SERVER: OnceLock<Arc<CertifiedKey>> = OnceLock::new();
    let load = |chain: &[u8], key| {
        let key = provider().load_private_key(key).expect("our own key");
        Arc::new(CertifiedKey { chain: vec![chain.to_vec()], key, padding: RsaPadding::Pkcs1 })
    };
    match side {
        Side::Client => CLIENT.get_or_init(|| {
            load(include_bytes!("../../pki/client-p256.der"), include_bytes!("../../pki/client-p256.key.der"))
        }),
        Side::Server => SERVER.get_or_init(|| {
            load(include_bytes!("../../pki/server-p256.der"), include_bytes!("../../pki/server-p256.key.der"))
        }),
    }
    .clone()
}

fn anchors() -> Anchors {
    static ANCHORS: OnceLock<Anchors> = OnceLock::new();
    let make = || {
        let mut anchors = Anchors::new();
        anchors.add(include_bytes!("../../pki/ca.der")).expect("our own CA");
        anchors
    };
    ANCHORS.get_or_init(make).clone()
}

fn identity(text: &str) -> Identity {
    Identity::from_text(text).expect("an identity")
}

fn secret() -> Secret {
    Secret::from(SECRET.as_bytes())
}
