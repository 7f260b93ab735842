//! From a profile's settings to a tunnel's configuration.
//!
//! Owns [`plan`]: Apple's keys as IKE parameters. Judging the profile is `adit-profile`'s; what comes here was
//! found good there. What only the user or the host has is an argument: a password the profile leaves out, the
//! system's trust store, the time.

use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{CipherSpec, CryptoError, CryptoProvider, DhGroup, EncrId, IntegId, PrfId, Secret};
use adit_esp::{DEFAULT_REPLAY_WINDOW, TrafficSelector};
use adit_ike::auth::RsaPadding;
use adit_ike::certificate::{Anchors, CertificateRefusal};
use adit_ike::config::{
    CertificatePolicy, CertifiedKey, ChildConfig, Config, ConfigRequest, HostKey, InitiatorConfig, LocalAuth,
    NattPorts, RemoteAuth,
};
use adit_ike::exchange::RetransmitPolicy;
use adit_ike::identity::{Identity, IdentityError};
use adit_ike::proposal::{EspProposal, IkeProposal};
use adit_profile::ikev2::algorithms::{
    ChildProposal, Encryption, IkeProposal as ProfileIkeProposal, Integrity,
};
use adit_profile::ikev2::{Authentication, Ikev2Settings};
use adit_profile::model::CertificateType;

use crate::{RouteOptions, TunnelConfig};

/// Largest UDP payload of an IKE message unless told otherwise: fits the IPv6 minimum MTU of 1,280 with room for
/// the headers (RFC 7383 2.5.1).
pub const DEFAULT_FRAGMENT_SIZE: usize = 1232;

/// What does not stand in the profile.
#[derive(Clone, Debug, Default)]
pub struct PlanInputs {
    /// User name for EAP; replaces AuthName.
    pub username: Option<String>,
    /// Password for EAP; replaces AuthPassword.
    pub password: Option<Secret>,
    /// The host asks the user for what EAP needs and is not known: the tunnel begins with
    /// [`adit_ike::Question::Password`].
    pub asks_password: bool,
    /// The identity that the host keeps, for a profile that authenticates by certificate; it takes the place of the
    /// profile's. The host is asked to sign ([`adit_ike::Question::Sign`]).
    pub host_identity: Option<HostIdentity>,
    /// The host judges the server's certificate where the profile brings no anchor
    /// ([`adit_ike::Question::JudgeChain`]); [`Self::system_anchors`] is not used then.
    pub judges_chains: bool,
    /// The system's trust anchors, DER; used if the profile brings none.
    pub system_anchors: Vec<Vec<u8>>,
    /// Changes to the profile's timers and sizes.
    pub overrides: Overrides,
    /// Make an event of each message in readable form.
    pub log_messages: bool,
    /// Make events with keys for a packet analyser.
    pub key_log: bool,
}

/// A certificate with a private key that never leaves the host (Keychain, Android KeyStore).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HostIdentity {
    /// The host's name of the key: it comes back with the question to sign.
    pub key: String,
    /// The certificates, DER: the key's own first, then its issuers as far as there are any. The first says what kind
    /// of key it is.
    pub chain: Vec<Vec<u8>>,
}

/// Values that replace the profile's.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Overrides {
    /// Lifetime of the IKE SA.
    pub ike_lifetime: Option<Duration>,
    /// Lifetime of Child SAs.
    pub child_lifetime: Option<Duration>,
    /// Silence after which the peer is asked for a sign of life; zero: never.
    pub liveness: Option<Duration>,
    /// After how long without an inner packet the tunnel ends; zero: it does not.
    pub idle: Option<Duration>,
    /// Largest UDP payload of an IKE message, in bytes.
    pub fragment_size: Option<usize>,
}

/// Why a profile makes no tunnel here.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum PlanError {
    /// EAP needs a user name that neither the profile nor the user gave.
    #[error("the profile asks for a user name (AuthName): give one")]
    UsernameMissing,
    /// EAP needs a password that neither the profile nor the user gave.
    #[error("the profile asks for a password (AuthPassword): give one")]
    PasswordMissing,
    /// An identifier cannot be sent.
    #[error("{key} cannot be used as an identity: {error}")]
    Identifier {
        /// The profile's key.
        key: &'static str,
        /// Why.
        error: IdentityError,
    },
    /// A trust anchor of the profile cannot be used.
    #[error("a CA certificate in the profile cannot be used: {0}")]
    Anchor(CertificateRefusal),
    /// Nothing is trusted.
    #[error(
        "the profile brings no CA certificate and this system has no trust store: add a com.apple.security.root payload"
    )]
    NoAnchors,
    /// The private key cannot be used.
    #[error("the private key in the profile's PKCS#12 cannot be used: {0}")]
    PrivateKey(CryptoError),
    /// The certificate of the host's identity cannot be used.
    #[error("the certificate of the identity that this device keeps cannot be used: {0}")]
    HostIdentity(CertificateRefusal),
    /// The profile's identity is kept by the host, which gave none.
    #[error("the profile authenticates by a certificate whose key this device keeps: choose the identity")]
    IdentityMissing,
    /// None of the proposals can be made with this build's algorithms.
    #[error("this build has none of the algorithms the profile asks for: {0}")]
    Algorithms(String),
}

/// Makes the configuration of a tunnel. Its ports and the time are filled in by the driver.
///
/// # Errors
/// [`PlanError`], which says what to add or change.
pub fn plan(
    settings: &Ikev2Settings,
    inputs: &PlanInputs,
    provider: &CryptoProvider,
) -> Result<TunnelConfig, PlanError> {
    let remote_id = identity("RemoteIdentifier", &settings.remote_identifier)?;
    let local_auth = local_auth(settings, inputs, provider)?;
    let local_id = match (&settings.local_identifier, &local_auth) {
        (Some(text), _) => identity("LocalIdentifier", text)?,
        (None, LocalAuth::Certificate(certified)) => subject(&certified.chain)?,
        (None, LocalAuth::HostKey(key)) => subject(key.chain())?,
        (None, LocalAuth::Eap { username, .. }) => identity("AuthName", username)?,
        // The user name that is still to be asked for takes its place.
        (None, LocalAuth::EapAsked { .. }) => remote_id.clone(),
        (None, LocalAuth::SharedKey(_)) => identity("LocalIdentifier", "")?,
    };
    let remote_auth = match &settings.authentication {
        Authentication::SharedSecret(secret) => RemoteAuth::SharedKey(Secret::from(secret.expose())),
        Authentication::Certificate(_) | Authentication::CertificateAtHost | Authentication::Eap(_) => {
            if inputs.judges_chains && settings.server.anchors.is_empty() {
                RemoteAuth::HostJudged(certificate_policy(settings, Anchors::new())?)
            } else {
                RemoteAuth::Certificate(certificate_policy(settings, anchors(settings, inputs)?)?)
            }
        }
    };
    let overrides = &inputs.overrides;
    let minutes = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
    let seconds = |seconds: u32| Duration::from_secs(seconds.into());
    let any = vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()];
    let common = Config {
        ike_proposals: ike_proposals(&settings.ike_proposals, provider)?,
        child: ChildConfig {
            proposals: esp_proposals(&settings.child_proposals, settings.perfect_forward_secrecy, provider)?,
            lifetime: overrides.child_lifetime.unwrap_or(minutes(settings.child_lifetime_minutes)),
            replay_window: DEFAULT_REPLAY_WINDOW,
            local: any.clone(),
            remote: any,
        },
        ike_lifetime: overrides.ike_lifetime.unwrap_or(minutes(settings.ike_lifetime_minutes)),
        retransmit: RetransmitPolicy {
            initial: Duration::from_secs(1),
            factor_tenths: 18,
            max_interval: Duration::from_secs(10),
            transmissions: 5,
        },
        liveness: match overrides.liveness {
            Some(interval) => Some(interval).filter(|interval| !interval.is_zero()),
            None => settings.dead_peer_detection_seconds.map(seconds),
        },
        nat_keepalive: Some(seconds(settings.nat_keepalive_seconds)),
        fragment_size: overrides.fragment_size.unwrap_or(DEFAULT_FRAGMENT_SIZE),
        log_messages: inputs.log_messages,
        key_log: inputs.key_log,
        unix_epoch: 0,
        mobike: !settings.flags.disable_mobike,
        spi_tag: 0,
    };
    let use_subnets = settings.flags.use_internal_ip_subnet;
    let ike = InitiatorConfig {
        common,
        local_id,
        remote_id,
        local_auth,
        remote_auth,
        request: ConfigRequest { ipv4: true, ipv6: true, subnets: use_subnets, domains: true },
        initial_contact: true,
        natt_ports: NattPorts { local: 4500, remote: 4500 },
    };
    let routes = RouteOptions { use_subnets, ..RouteOptions::default() };
    let in_profile = settings.flags.disconnect_on_idle_seconds.map(seconds);
    let idle = overrides.idle.or(in_profile).filter(|idle| !idle.is_zero());
    Ok(TunnelConfig { ike: Arc::new(ike), mtu: settings.mtu, routes, idle, resolvers: Vec::new() })
}

fn identity(key: &'static str, text: &str) -> Result<Identity, PlanError> {
    Identity::from_text(text).map_err(|error| PlanError::Identifier { key, error })
}

/// The subject of our own certificate, as identity when the profile names none.
fn subject(chain: &[Vec<u8>]) -> Result<Identity, PlanError> {
    chain
        .first()
        .and_then(|der| adit_ike::certificate::Certificate::parse(der).ok()?.subject_identity())
        .ok_or(PlanError::PrivateKey(CryptoError::BadKey(
            "its certificate has no subject; set LocalIdentifier",
        )))
}

fn local_auth(
    settings: &Ikev2Settings,
    inputs: &PlanInputs,
    provider: &CryptoProvider,
) -> Result<LocalAuth, PlanError> {
    match &settings.authentication {
        Authentication::SharedSecret(secret) => Ok(LocalAuth::SharedKey(Secret::from(secret.expose()))),
        Authentication::Certificate(_) | Authentication::CertificateAtHost => {
            certified(settings, inputs, provider)
        }
        Authentication::Eap(eap) => {
            let username = inputs.username.clone().or(eap.name.clone());
            let in_profile = eap.password.as_ref().map(|password| Secret::from(password.expose().as_bytes()));
            match (username, inputs.password.clone().or(in_profile)) {
                (Some(username), Some(password)) => Ok(LocalAuth::Eap { username, password }),
                (username, _) if inputs.asks_password => {
                    Ok(LocalAuth::EapAsked { username, names_us: settings.local_identifier.is_none() })
                }
                (None, _) => Err(PlanError::UsernameMissing),
                (Some(_), None) => Err(PlanError::PasswordMissing),
            }
        }
    }
}

/// Our certificate, with the key of the profile or of the host.
fn certified(
    settings: &Ikev2Settings,
    inputs: &PlanInputs,
    provider: &CryptoProvider,
) -> Result<LocalAuth, PlanError> {
    let padding = match settings.server.certificate_type {
        Some(CertificateType::RsaPss) => RsaPadding::Pss,
        _ => RsaPadding::Pkcs1,
    };
    if let Some(HostIdentity { key, chain }) = &inputs.host_identity {
        let key = HostKey::new(key, chain.clone(), padding).map_err(PlanError::HostIdentity)?;
        return Ok(LocalAuth::HostKey(Arc::new(key)));
    }
    let Authentication::Certificate(identity) = &settings.authentication else {
        return Err(PlanError::IdentityMissing);
    };
    let key = provider.load_private_key(identity.private_key.expose()).map_err(PlanError::PrivateKey)?;
    Ok(LocalAuth::Certificate(Arc::new(CertifiedKey { chain: identity.chain.clone(), key, padding })))
}

/// Who is trusted: the profile's certificates, else the system's.
fn anchors(settings: &Ikev2Settings, inputs: &PlanInputs) -> Result<Anchors, PlanError> {
    let server = &settings.server;
    let mut anchors = Anchors::new();
    for der in &server.anchors {
        anchors.add(der).map_err(PlanError::Anchor)?;
    }
    if server.anchors.is_empty() {
        for der in &inputs.system_anchors {
            // One odd root among the system's hundreds must not keep the others from use.
            let _ = anchors.add(der);
        }
    }
    if anchors.is_empty() {
        return Err(PlanError::NoAnchors);
    }
    Ok(anchors)
}

fn certificate_policy(settings: &Ikev2Settings, anchors: Anchors) -> Result<CertificatePolicy, PlanError> {
    let server = &settings.server;
    Ok(CertificatePolicy {
        anchors,
        name: Some(identity("ServerCertificateCommonName", &server.certificate_name)?),
        issuer: server.issuer_common_name.clone(),
        // CertificateType speaks of our own certificate; the server's key may be of any kind.
        key_types: Vec::new(),
    })
}

fn cipher(encryption: &Encryption, integrity: Option<&Integrity>) -> CipherSpec {
    CipherSpec {
        encr: EncrId(encryption.id),
        key_bits: encryption.key_bits.unwrap_or(0),
        integ: integrity.map_or(IntegId::NONE, |integrity| IntegId(integrity.id)),
    }
}

fn ike_proposals(
    wanted: &[ProfileIkeProposal],
    provider: &CryptoProvider,
) -> Result<Vec<IkeProposal>, PlanError> {
    let all: Vec<IkeProposal> = wanted
        .iter()
        .map(|proposal| IkeProposal {
            ciphers: vec![cipher(&proposal.encryption, proposal.integrity.as_ref())],
            prfs: vec![PrfId(proposal.prf)],
            groups: vec![DhGroup(proposal.group)],
        })
        .collect();
    let usable: Vec<_> =
        all.iter().map(|proposal| proposal.supported_by(provider)).filter(IkeProposal::is_usable).collect();
    if usable.is_empty() {
        return Err(PlanError::Algorithms(words(&all)));
    }
    Ok(usable)
}

fn esp_proposals(
    wanted: &[ChildProposal],
    pfs: bool,
    provider: &CryptoProvider,
) -> Result<Vec<EspProposal>, PlanError> {
    let all: Vec<EspProposal> = wanted
        .iter()
        .map(|proposal| EspProposal {
            ciphers: vec![cipher(&proposal.encryption, proposal.integrity.as_ref())],
            groups: proposal.group.filter(|_| pfs).map(DhGroup).into_iter().collect(),
            esn: vec![false],
        })
        .collect();
    let usable: Vec<_> = all
        .iter()
        .map(|proposal| proposal.supported_by(provider))
        .filter(|proposal| !proposal.ciphers.is_empty() && (!pfs || !proposal.groups.is_empty()))
        .collect();
    if usable.is_empty() {
        return Err(PlanError::Algorithms(words(&all)));
    }
    Ok(usable)
}

fn words<T: ToString>(proposals: &[T]) -> String {
    proposals.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
}
