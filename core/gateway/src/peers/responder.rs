//! From the configuration file to what IKE sessions need.
//!
//! Owns [`responder_config`], and the checks that need a certificate or the crypto provider. Leaves out the
//! file's own checks ([`crate::config`]) and what concerns no single session (limits, the address pool).

use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{CipherSpec, CryptoError, CryptoProvider, IntegId, Secret};
use adit_esp::{MAX_REPLAY_WINDOW, Ports, SelectorError, TrafficSelector};
use adit_ike::auth::RsaPadding;
use adit_ike::certificate::{Anchors, Certificate, CertificateRefusal, Usage, name_matches};
use adit_ike::config::{CertificatePolicy, CertifiedKey, ChildConfig, Config as IkeConfig, ResponderConfig};
use adit_ike::exchange::RetransmitPolicy;
use adit_ike::identity::{Identity, IdentityError};
use adit_ike::proposal::{EspProposal, IkeProposal};

use super::settings::GatewaySettings;
use crate::config::{Config, Credentials, Proposal};
use crate::pool::PoolError;

/// IPv6 and UDP header: what an IP packet holds beside an IKE message, in the longer case.
const OUTER_HEADERS: usize = 40 + 8;
/// The non-ESP marker before an IKE message (RFC 3948 2.2).
const MARKER: usize = 4;
/// Stands for no lifetime of our own: a century, so that sums with it stay far from their limits.
const NEVER: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// `any` among IP protocols (RFC 7296 3.13.1).
const ANY_PROTOCOL: u8 = 0;

/// Why a configuration makes no gateway. Each text names the key to change.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GatewayError {
    /// A text that is no identity.
    #[error("`{key}`: {text:?} cannot be used as an identity: {error}")]
    Identity {
        /// The configuration's key.
        key: &'static str,
        /// What stands there.
        text: String,
        /// Why.
        error: IdentityError,
    },
    /// A certificate that cannot be read.
    #[error("`{key}`: certificate {number} cannot be used: {refusal}")]
    Certificate {
        /// The configuration's key.
        key: &'static str,
        /// Which one of the file, from 1.
        number: usize,
        /// Why.
        refusal: CertificateRefusal,
    },
    /// The gateway's certificate has no name that clients would accept.
    #[error("`server.identity`: clients will refuse the gateway's certificate: {0}")]
    CertificateName(CertificateRefusal),
    /// The private key cannot be used.
    #[error("`server.private-key`: {0}")]
    PrivateKey(CryptoError),
    /// The private key is that of another certificate.
    #[error("`server.private-key`: the key does not belong to the certificate of {subject}")]
    KeyMismatch {
        /// The certificate's subject.
        subject: String,
    },
    /// The configuration has a certificate or key that the credentials lack.
    #[error("`{0}` is configured and was not read")]
    CredentialMissing(&'static str),
    /// None of the proposals can be made with this build's algorithms.
    #[error("`{key}`: this build has none of the algorithms of {wanted}")]
    Algorithms {
        /// The configuration's key.
        key: &'static str,
        /// What stands there.
        wanted: String,
    },
    /// A range that is no traffic selector.
    #[error("`network.traffic-selectors`: {0}")]
    Selector(#[from] SelectorError),
    /// The address pools contradict each other, or the gateway's own addresses use them up.
    #[error("`network.pools`: {0}")]
    Pool(#[from] PoolError),
    /// The provider cannot do what every gateway needs.
    #[error("the crypto provider failed: {0}")]
    Crypto(#[from] CryptoError),
}

/// What the sessions of a gateway share. `unix_epoch` is the Unix time in seconds at the driver's epoch.
///
/// # Errors
/// [`GatewayError`] with the key of the configuration file to change.
pub fn responder_config(
    settings: &GatewaySettings,
    provider: &CryptoProvider,
    unix_epoch: u64,
) -> Result<ResponderConfig, GatewayError> {
    let GatewaySettings { config, credentials, .. } = settings;
    let id = identity("server.identity", &config.identity)?;
    let certificate = certified_key(config, credentials, provider, &id)?;
    let mut shared_keys = Vec::new();
    let mut default_shared_key = None;
    for psk in &config.psks {
        match &psk.identity {
            Some(text) => shared_keys.push((identity("clients.psk.identity", text)?, psk.secret.clone())),
            None => default_shared_key = Some(psk.secret.clone()),
        }
    }
    Ok(ResponderConfig {
        common: ike_config(settings, provider, unix_epoch)?,
        id,
        certificate,
        shared_keys,
        default_shared_key,
        clients: client_policy(config, credentials)?,
        users: config.users.iter().map(|user| (user.name.clone(), user.password.clone())).collect(),
        half_open_timeout: config.half_open_timeout,
    })
}

fn ike_config(
    settings: &GatewaySettings,
    provider: &CryptoProvider,
    unix_epoch: u64,
) -> Result<IkeConfig, GatewayError> {
    let config = &settings.config;
    let local = config
        .traffic_selectors
        .iter()
        .map(|range| TrafficSelector::new(ANY_PROTOCOL, Ports::ANY, range.first(), range.last()))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(IkeConfig {
        ike_proposals: ike_proposals(&config.ike_proposals, provider)?,
        child: ChildConfig {
            proposals: esp_proposals(&config.esp_proposals, provider)?,
            lifetime: config.child_lifetime.unwrap_or(NEVER),
            // The window is made of words of 64 packets; one at least.
            replay_window: config.replay_window.next_multiple_of(64).min(MAX_REPLAY_WINDOW),
            local,
            // A client's side is the addresses it was given.
            remote: Vec::new(),
        },
        ike_lifetime: config.ike_lifetime.unwrap_or(NEVER),
        // A client that is gone is so after half a minute, and its address free.
        retransmit: RetransmitPolicy {
            initial: Duration::from_secs(1),
            factor_tenths: 18,
            max_interval: Duration::from_secs(10),
            transmissions: 6,
        },
        liveness: config.liveness,
        // Whoever is behind a NAT keeps its mapping open, and that is not the gateway.
        nat_keepalive: None,
        fragment_size: usize::from(config.fragment_size).saturating_sub(OUTER_HEADERS + MARKER),
        log_messages: settings.log_messages,
        key_log: settings.key_log,
        unix_epoch,
        // Each session gets its own.
        mobike: true,
        spi_tag: 0,
    })
}

fn identity(key: &'static str, text: &str) -> Result<Identity, GatewayError> {
    Identity::from_text(text).map_err(|error| GatewayError::Identity { key, text: text.to_owned(), error })
}

fn certified_key(
    config: &Config,
    credentials: &Credentials,
    provider: &CryptoProvider,
    id: &Identity,
) -> Result<Option<Arc<CertifiedKey>>, GatewayError> {
    if config.certificates.is_none() && credentials.certificates.is_empty() {
        return Ok(None);
    }
    let mut chain = Vec::new();
    for (number, der) in (1..).zip(&credentials.certificates) {
        let key = "server.certificates";
        chain.push(Certificate::parse(der).map_err(|refusal| GatewayError::Certificate {
            key,
            number,
            refusal,
        })?);
    }
    let own = chain.first().ok_or(GatewayError::CredentialMissing("server.certificates"))?;
    let der: &Secret =
        credentials.private_key.as_ref().ok_or(GatewayError::CredentialMissing("server.private-key"))?;
    let key = provider.load_private_key(der.expose()).map_err(GatewayError::PrivateKey)?;
    if key.public_key() != own.spki() {
        return Err(GatewayError::KeyMismatch { subject: own.subject() });
    }
    name_matches(own, id, Usage::Server).map_err(GatewayError::CertificateName)?;
    let chain = credentials.certificates.clone();
    Ok(Some(Arc::new(CertifiedKey { chain, key, padding: RsaPadding::Pkcs1 })))
}

fn client_policy(
    config: &Config,
    credentials: &Credentials,
) -> Result<Option<CertificatePolicy>, GatewayError> {
    if config.client_ca.is_none() && credentials.client_anchors.is_empty() {
        return Ok(None);
    }
    let mut anchors = Anchors::new();
    for (number, der) in (1..).zip(&credentials.client_anchors) {
        let key = "clients.ca";
        anchors.add(der).map_err(|refusal| GatewayError::Certificate { key, number, refusal })?;
    }
    if anchors.is_empty() {
        return Err(GatewayError::CredentialMissing("clients.ca"));
    }
    Ok(Some(CertificatePolicy { anchors, name: None, issuer: None, key_types: Vec::new() }))
}

/// Every cipher with every integrity algorithm, best cipher first.
fn ciphers(proposal: &Proposal) -> Vec<CipherSpec> {
    let none = [IntegId::NONE];
    let integrity = if proposal.integrity.is_empty() { &none[..] } else { &proposal.integrity };
    proposal
        .encryption
        .iter()
        .flat_map(|encryption| {
            integrity.iter().map(|integ| CipherSpec {
                encr: encryption.id,
                key_bits: encryption.key_bits,
                integ: *integ,
            })
        })
        .collect()
}

fn ike_proposals(wanted: &[Proposal], provider: &CryptoProvider) -> Result<Vec<IkeProposal>, GatewayError> {
    let all = wanted.iter().map(|proposal| IkeProposal {
        ciphers: ciphers(proposal),
        prfs: proposal.prfs.clone(),
        groups: proposal.groups.clone(),
    });
    let usable: Vec<_> =
        all.map(|proposal| proposal.supported_by(provider)).filter(IkeProposal::is_usable).collect();
    if usable.is_empty() { Err(no_algorithms("ike.proposals", wanted)) } else { Ok(usable) }
}

/// A proposal without groups beside one with groups, as in the defaults, leaves PFS to the client.
fn esp_proposals(wanted: &[Proposal], provider: &CryptoProvider) -> Result<Vec<EspProposal>, GatewayError> {
    let usable: Vec<_> = wanted
        .iter()
        .map(|proposal| {
            // ESN first where both are allowed: its sequence numbers outlast the SA at any rate.
            let esn = [(proposal.esn, true), (proposal.no_esn, false)];
            let esn = esn.iter().filter(|(allowed, _)| *allowed).map(|(_, esn)| *esn).collect();
            let all = EspProposal { ciphers: ciphers(proposal), groups: proposal.groups.clone(), esn };
            (all.groups.is_empty(), all.supported_by(provider))
        })
        // One whose groups are all missing here must not turn into one without PFS.
        .filter(|(no_pfs, usable)| !usable.ciphers.is_empty() && *no_pfs == usable.groups.is_empty())
        .map(|(_, usable)| usable)
        .collect();
    if usable.is_empty() { Err(no_algorithms("esp.proposals", wanted)) } else { Ok(usable) }
}

fn no_algorithms(key: &'static str, wanted: &[Proposal]) -> GatewayError {
    let wanted = wanted.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    GatewayError::Algorithms { key, wanted }
}
