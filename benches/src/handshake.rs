//! A client and a gateway that establish an IKE SA and a Child SA, without a network in between.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{CipherSpec, CryptoProvider, DhGroup, PrfId, Secret, default_provider};
use adit_esp::TrafficSelector;
use adit_ike::auth::RsaPadding;
use adit_ike::certificate::Anchors;
use adit_ike::config::{
    CertificatePolicy, CertifiedKey, ChildConfig, Config, ConfigRequest, InitiatorConfig, LocalAuth,
    NattPorts, RemoteAuth, ResponderConfig,
};
use adit_ike::exchange::RetransmitPolicy;
use adit_ike::identity::Identity;
use adit_ike::proposal::{EspProposal, IkeProposal};
use adit_ike::time::Instant;
use adit_ike::{Answer, AssignedConfig, Event, Path, Session, Transmit};

/// How the two prove who they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Auth {
    /// A pre-shared key.
    SharedKey,
    /// RSA 2048 on both sides, PSS by method 14.
    Rsa,
    /// ECDSA P-256 on both sides.
    Ecdsa,
    /// Ed25519 on both sides.
    Ed25519,
    /// EAP-MSCHAPv2 for the client, ECDSA P-256 for the server.
    EapMschapV2,
}

impl Auth {
    /// Every method.
    pub const ALL: [Self; 5] = [Self::SharedKey, Self::Rsa, Self::Ecdsa, Self::Ed25519, Self::EapMschapV2];

    /// A name for results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SharedKey => "PSK",
            Self::Rsa => "RSA-2048",
            Self::Ecdsa => "ECDSA-P256",
            Self::Ed25519 => "Ed25519",
            Self::EapMschapV2 => "EAP-MSCHAPv2",
        }
    }
}

/// Both sides' configurations, made once.
pub struct Peers {
    provider: CryptoProvider,
    initiator: Arc<InitiatorConfig>,
    responder: Arc<ResponderConfig>,
}

impl Peers {
    /// A client and a gateway that agree.
    #[must_use]
    pub fn new(auth: Auth) -> Self {
        let provider = default_provider();
        let responder = ResponderConfig {
            common: common(),
            id: identity("vpn.bench.test"),
            certificate: server(&provider, auth),
            shared_keys: vec![(identity("client@bench.test"), secret())],
            default_shared_key: None,
            clients: Some(policy(None)),
            users: match auth {
                Auth::EapMschapV2 => BTreeMap::from([("carol".to_owned(), secret())]),
                _ => BTreeMap::new(),
            },
            half_open_timeout: Duration::from_secs(30),
        };
        let local_auth = match auth {
            Auth::SharedKey => LocalAuth::SharedKey(secret()),
            Auth::EapMschapV2 => LocalAuth::Eap { username: "carol".into(), password: secret() },
            Auth::Rsa | Auth::Ecdsa | Auth::Ed25519 => LocalAuth::Certificate(client(&provider, auth)),
        };
        let initiator = InitiatorConfig {
            common: common(),
            local_id: identity("client@bench.test"),
            remote_id: identity("vpn.bench.test"),
            local_auth,
            remote_auth: match auth {
                Auth::SharedKey => RemoteAuth::SharedKey(secret()),
                _ => RemoteAuth::Certificate(policy(Some(identity("vpn.bench.test")))),
            },
            request: ConfigRequest { ipv4: true, ipv6: false, subnets: false, domains: false },
            initial_contact: true,
            natt_ports: NattPorts { local: 4500, remote: 4500 },
        };
        Self { provider, initiator: Arc::new(initiator), responder: Arc::new(responder) }
    }

    /// IKE_SA_INIT and IKE_AUTH, both sides' work. Gives the number of datagrams.
    ///
    /// # Panics
    /// If it fails: the bench would measure something else.
    #[must_use]
    pub fn establish(&self) -> usize {
        let now = Instant::from_epoch(Duration::from_secs(1000));
        let path =
            Path { local: address("192.0.2.2:500"), remote: address("192.0.2.1:500"), encapsulated: false };
        let mut client =
            Session::connect(self.initiator.clone(), self.provider, now, path).expect("a good configuration");
        let first = client.poll_transmit().expect("the first message");
        let mut gateway = Session::respond(
            self.responder.clone(),
            self.provider,
            now,
            reverse(first.path),
            0,
            &first.payload,
        )
        .expect("a good first message");
        let (mut datagrams, mut client_up, mut gateway_up) = (1, false, false);
        loop {
            let before = datagrams;
            while let Some(transmit) = gateway.poll_transmit() {
                datagrams += 1;
                hand_over(&mut client, now, transmit);
            }
            while let Some(event) = gateway.poll_event() {
                match event {
                    Event::Ask { token, .. } => gateway.answer(now, token, Answer::Lease(lease())),
                    Event::Established(_) => gateway_up = true,
                    _ => {}
                }
            }
            while let Some(transmit) = client.poll_transmit() {
                datagrams += 1;
                hand_over(&mut gateway, now, transmit);
            }
            while let Some(event) = client.poll_event() {
                client_up |= matches!(event, Event::Established(_));
            }
            if client_up && gateway_up {
                return datagrams;
            }
            let waiting = gateway.poll_timeout().is_some_and(|(at, _)| at <= now);
            assert!(datagrams > before || waiting, "the handshake does not go on");
        }
    }
}

fn hand_over(to: &mut Session, now: Instant, transmit: Transmit) {
    let mut message = transmit.payload;
    if transmit.path.encapsulated {
        message.drain(..4);
    }
    to.handle_message(now, reverse(transmit.path), &mut message).expect("an honest message");
}

fn reverse(path: Path) -> Path {
    Path { local: path.remote, remote: path.local, encapsulated: path.encapsulated }
}

/// What most clients and servers agree on today.
fn common() -> Config {
    let any = || vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()];
    Config {
        ike_proposals: vec![IkeProposal {
            ciphers: vec![CipherSpec::aes_gcm(256)],
            prfs: vec![PrfId::HMAC_SHA2_256],
            groups: vec![DhGroup::CURVE25519],
        }],
        child: ChildConfig {
            proposals: vec![EspProposal {
                ciphers: vec![CipherSpec::aes_gcm(128)],
                groups: Vec::new(),
                esn: vec![false],
            }],
            lifetime: Duration::from_secs(3600),
            replay_window: 4096,
            local: any(),
            remote: any(),
        },
        ike_lifetime: Duration::from_secs(4 * 3600),
        retransmit: RetransmitPolicy::default(),
        liveness: None,
        nat_keepalive: None,
        fragment_size: 1400,
        log_messages: false,
        key_log: false,
        // 15 January 2027, inside the certificates' validity.
        unix_epoch: 1_800_000_000,
        mobike: true,
        spi_tag: 0,
    }
}

fn client(provider: &CryptoProvider, auth: Auth) -> Arc<CertifiedKey> {
    match auth {
        Auth::Rsa => certified(
            provider,
            include_bytes!("../pki/client-rsa.der"),
            include_bytes!("../pki/client-rsa.key.der"),
        ),
        Auth::Ed25519 => certified(
            provider,
            include_bytes!("../pki/client-ed25519.der"),
            include_bytes!("../pki/client-ed25519.key.der"),
        ),
        _ => certified(
            provider,
            include_bytes!("../pki/client-p256.der"),
            include_bytes!("../pki/client-p256.key.der"),
        ),
    }
}

fn server(provider: &CryptoProvider, auth: Auth) -> Option<Arc<CertifiedKey>> {
    Some(match auth {
        Auth::SharedKey => return None,
        Auth::Rsa => certified(
            provider,
            include_bytes!("../pki/server-rsa.der"),
            include_bytes!("../pki/server-rsa.key.der"),
        ),
        Auth::Ed25519 => certified(
            provider,
            include_bytes!("../pki/server-ed25519.der"),
            include_bytes!("../pki/server-ed25519.key.der"),
        ),
        Auth::Ecdsa | Auth::EapMschapV2 => certified(
            provider,
            include_bytes!("../pki/server-p256.der"),
            include_bytes!("../pki/server-p256.key.der"),
        ),
    })
}

fn certified(provider: &CryptoProvider, certificate: &[u8], key: &[u8]) -> Arc<CertifiedKey> {
    let key = provider.load_private_key(key).expect("our own key");
    Arc::new(CertifiedKey { chain: vec![certificate.to_vec()], key, padding: RsaPadding::Pss })
}

fn policy(name: Option<Identity>) -> CertificatePolicy {
    let mut anchors = Anchors::new();
    anchors.add(include_bytes!("../pki/ca.der")).expect("our own CA");
    CertificatePolicy { anchors, name, issuer: None, key_types: Vec::new() }
}

fn lease() -> AssignedConfig {
    AssignedConfig { ipv4: Some((Ipv4Addr::new(10, 97, 0, 5), 32)), ..AssignedConfig::default() }
}

fn identity(text: &str) -> Identity {
    Identity::from_text(text).expect("an identity")
}

fn secret() -> Secret {
    Secret::from(b"correct horse battery staple".as_slice())
}

fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

#[cfg(test)]
mod tests {
    use super::{Auth, Peers};

    #[test]
    fn every_method_establishes() {
        for auth in Auth::ALL {
            let datagrams = Peers::new(auth).establish();
            let least = if auth == Auth::EapMschapV2 { 10 } else { 4 };
            assert!(datagrams >= least, "{auth:?}: {datagrams} datagrams");
        }
    }
}
