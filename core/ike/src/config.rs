//! What a session is told before it starts.
//!
//! Owns the configuration of both roles. Values come from a profile (`adit-tunnel`) or from the gateway's
//! file (`adit-gateway`), which check them; nothing here is checked again.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{DhGroup, Secret, SigningKey};
use adit_esp::TrafficSelector;

use crate::auth::RsaPadding;
use crate::certificate::{Anchors, Certificate, CertificateRefusal, KeyType, PublicKey};
use crate::exchange::RetransmitPolicy;
use crate::identity::{Identity, IdentityError};
use crate::proposal::{EspProposal, IkeProposal};

/// What both roles need.
#[derive(Clone, Debug)]
pub struct Config {
    /// Proposals for the IKE SA, best first.
    pub ike_proposals: Vec<IkeProposal>,
    /// The Child SA.
    pub child: ChildConfig,
    /// The IKE SA is rekeyed after this time (RFC 7296 2.8).
    pub ike_lifetime: Duration,
    /// When to send a request again and when to give up.
    pub retransmit: RetransmitPolicy,
    /// After so long without a sign of life the peer is asked for one (RFC 7296 2.4); `None`: never.
    pub liveness: Option<Duration>,
    /// Behind a NAT, a keepalive is sent after so long without other traffic (RFC 3948 4); `None`: never.
    pub nat_keepalive: Option<Duration>,
    /// Announce MOBIKE (RFC 4555), and use it where the peer does too: the client's address may change.
    pub mobike: bool,
    /// Largest UDP payload of an IKE message before it is fragmented (RFC 7383 2.5.1), in bytes.
    pub fragment_size: usize,
    /// Makes [`crate::Event::Message`] for each message.
    pub log_messages: bool,
    /// Makes an event with its keys for each SA. Without the cargo feature `keylog` there is no such event.
    pub key_log: bool,
    /// Unix time, in seconds, at the driver's epoch: certificates are judged at this plus `now`.
    pub unix_epoch: u64,
    /// The first 16 bits of every SPI this session makes, so that a host with many sessions finds the right
    /// one by a table lookup; zero leaves them random.
    pub spi_tag: u16,
}

/// The Child SA to negotiate.
#[derive(Clone, Debug)]
pub struct ChildConfig {
    /// Proposals, best first. Their groups count only in CREATE_CHILD_SA (RFC 7296 1.2).
    pub proposals: Vec<EspProposal>,
    /// It is rekeyed after this time.
    pub lifetime: Duration,
    /// Width of the anti-replay window in packets.
    pub replay_window: u32,
    /// What our side may send from.
    pub local: Vec<TrafficSelector>,
    /// What our side may send to.
    pub remote: Vec<TrafficSelector>,
}

impl Config {
    /// The groups of all IKE proposals, in order, once each.
    pub(crate) fn ike_groups(&self) -> Vec<DhGroup> {
        once_each(self.ike_proposals.iter().flat_map(|proposal| proposal.groups.iter().copied()))
    }

    /// The groups of all ESP proposals, in order, once each; empty without PFS.
    pub(crate) fn esp_groups(&self) -> Vec<DhGroup> {
        once_each(self.child.proposals.iter().flat_map(|proposal| proposal.groups.iter().copied()))
    }

    /// The IKE proposals in words.
    pub(crate) fn describe_ike(&self) -> String {
        self.ike_proposals.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
    }

    /// The ESP proposals in words.
    pub(crate) fn describe_esp(&self) -> String {
        self.child.proposals.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")
    }
}

fn once_each(groups: impl Iterator<Item = DhGroup>) -> Vec<DhGroup> {
    let mut list = Vec::new();
    for group in groups {
        if group != DhGroup::NONE && !list.contains(&group) {
            list.push(group);
        }
    }
    list
}

/// The initiator's side.
#[derive(Clone, Debug)]
pub struct InitiatorConfig {
    /// What both roles need.
    pub common: Config,
    /// Who we are (IDi).
    pub local_id: Identity,
    /// Who the server must be (IDr); sent in the first IKE_AUTH.
    pub remote_id: Identity,
    /// How we prove it.
    pub local_auth: LocalAuth,
    /// How the server must prove itself.
    pub remote_auth: RemoteAuth,
    /// What to ask for in the configuration payload.
    pub request: ConfigRequest,
    /// Says that we have no other IKE SA with this server (RFC 7296 2.4).
    pub initial_contact: bool,
    /// Ports after IKE_SA_INIT: ours and the server's NAT traversal port (4500 by default).
    pub natt_ports: NattPorts,
}

impl InitiatorConfig {
    /// This configuration with the credentials that [`LocalAuth::EapAsked`] leaves out.
    ///
    /// # Errors
    /// [`IdentityError`] if the user name is to be IDi and cannot be.
    pub fn with_credentials(&self, username: String, password: Secret) -> Result<Self, IdentityError> {
        let mut config = self.clone();
        if let LocalAuth::EapAsked { names_us: true, .. } = self.local_auth {
            config.local_id = Identity::from_text(&username)?;
        }
        config.local_auth = LocalAuth::Eap { username, password };
        Ok(config)
    }
}

/// Where the initiator goes on after IKE_SA_INIT.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NattPorts {
    /// Our port for UDP-encapsulated ESP and IKE.
    pub local: u16,
    /// The server's.
    pub remote: u16,
}

/// How we prove who we are.
#[derive(Clone)]
pub enum LocalAuth {
    /// A pre-shared key (RFC 7296 2.15).
    SharedKey(Secret),
    /// A certificate and its key.
    Certificate(Arc<CertifiedKey>),
    /// EAP-MSCHAPv2.
    Eap {
        /// EAP identity and MSCHAPv2 user name.
        username: String,
        /// Password.
        password: Secret,
    },
    /// A certificate whose key the host keeps; it is asked to sign ([`crate::Question::Sign`]).
    HostKey(Arc<HostKey>),
    /// EAP-MSCHAPv2 with a user name or password that is asked for before anything is sent
    /// ([`crate::Question::Password`]).
    EapAsked {
        /// The user name, if it is known.
        username: Option<String>,
        /// The user name is IDi too, whatever [`InitiatorConfig::local_id`] says.
        names_us: bool,
    },
}

impl LocalAuth {
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::SharedKey(_) => "pre-shared key",
            Self::Certificate(_) | Self::HostKey(_) => "certificate",
            Self::Eap { .. } | Self::EapAsked { .. } => "EAP user name and password",
        }
    }
}

impl fmt::Debug for LocalAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.describe())
    }
}

/// A private key with the certificates that vouch for it.
#[derive(Debug)]
pub struct CertifiedKey {
    /// DER certificates: ours first, then intermediates towards the anchor.
    pub chain: Vec<Vec<u8>>,
    /// The private key of the first.
    pub key: Arc<dyn SigningKey>,
    /// How an RSA key signs under method 14.
    pub padding: RsaPadding,
}

/// A private key that never leaves the host (Keychain, Android KeyStore), with the certificates that vouch for it.
#[derive(Clone, Debug)]
pub struct HostKey {
    reference: String,
    chain: Vec<Vec<u8>>,
    public_key: PublicKey,
    padding: RsaPadding,
}

impl HostKey {
    /// `reference` is the host's name of the key, `chain` the DER certificates, the key's own first. `padding` is
    /// how an RSA key signs under method 14; a key marked for PSS signs so in any case.
    ///
    /// # Errors
    /// [`CertificateRefusal`] if the first certificate cannot be read, or its key is of a kind that is not built.
    pub fn new(
        reference: impl Into<String>,
        chain: Vec<Vec<u8>>,
        padding: RsaPadding,
    ) -> Result<Self, CertificateRefusal> {
        let own = Certificate::parse(chain.first().map_or(&[][..], Vec::as_slice))?;
        let public_key = own.public_key()?.clone();
        let padding = padding.suiting(&public_key);
        Ok(Self { reference: reference.into(), chain, public_key, padding })
    }

    /// The host's name of the key.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// The certificates, DER, the key's own first.
    #[must_use]
    pub fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The key of the first certificate.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// How an RSA key signs under method 14.
    #[must_use]
    pub fn padding(&self) -> RsaPadding {
        self.padding
    }
}

/// How a peer must prove who it is.
#[derive(Clone, Debug)]
pub enum RemoteAuth {
    /// By the same pre-shared key.
    SharedKey(Secret),
    /// By a certificate.
    Certificate(CertificatePolicy),
    /// Initiator: by a certificate whose issuers the host judges ([`crate::Question::JudgeChain`]) once everything
    /// else was found good. The policy's anchors are not used.
    HostJudged(CertificatePolicy),
}

/// Which certificates are good enough.
#[derive(Clone, Debug)]
pub struct CertificatePolicy {
    /// Where chains must end.
    pub anchors: Anchors,
    /// The name the certificate must carry; `None` on a responder, where it must be the peer's identity.
    pub name: Option<Identity>,
    /// Common name of the CA that must have issued it (ServerCertificateIssuerCommonName).
    pub issuer: Option<String>,
    /// Key types allowed (CertificateType); empty: any.
    pub key_types: Vec<KeyType>,
}

/// What the initiator asks for in its configuration payload.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct ConfigRequest {
    /// INTERNAL_IP4_ADDRESS, INTERNAL_IP4_NETMASK and INTERNAL_IP4_DNS.
    pub ipv4: bool,
    /// INTERNAL_IP6_ADDRESS and INTERNAL_IP6_DNS.
    pub ipv6: bool,
    /// INTERNAL_IP4_SUBNET and INTERNAL_IP6_SUBNET.
    pub subnets: bool,
    /// INTERNAL_DNS_DOMAIN (RFC 8598).
    pub domains: bool,
}

/// The responder's side, shared by all its sessions.
#[derive(Debug)]
pub struct ResponderConfig {
    /// What both roles need. `child.local` is what clients may reach; `child.remote` is not used: a client's
    /// side is the addresses it was given.
    pub common: Config,
    /// Who we are (IDr).
    pub id: Identity,
    /// Our certificate, for clients that use a certificate or EAP.
    pub certificate: Option<Arc<CertifiedKey>>,
    /// Pre-shared keys by client identity.
    pub shared_keys: Vec<(Identity, Secret)>,
    /// The pre-shared key of clients that are not listed.
    pub default_shared_key: Option<Secret>,
    /// Which client certificates are accepted; `None`: no client may use one.
    pub clients: Option<CertificatePolicy>,
    /// EAP-MSCHAPv2 users and their passwords. Empty: no EAP.
    pub users: BTreeMap<String, Secret>,
    /// A half-open SA is forgotten after this time.
    pub half_open_timeout: Duration,
}
