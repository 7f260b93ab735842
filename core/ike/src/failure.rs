//! Failures: the session cannot go on, and somebody must do something about it.
//!
//! Owns the causes, what the peer is told and what a person should do. A cause carries what that person
//! needs (offered and wanted algorithms, the identity compared), never key material. Noise that harms
//! nothing is a [`crate::Discard`] instead.

use std::fmt;
use std::time::Duration;

use adit_crypto::{CryptoError, DhGroup, SignatureScheme};

use crate::auth::AuthRefusal;
use crate::certificate::CertificateRefusal;
use crate::eap::EapFailure;
use crate::identity::{Identity, IdentityMismatch, printable};
use crate::wire::{ExchangeType, NotifyType};

/// Which SA a negotiation was about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// The IKE SA.
    Ike,
    /// The Child SA (ESP).
    Child,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ike => "IKE SA",
            Self::Child => "Child SA",
        })
    }
}

/// Why a session cannot go on.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The peer never answered the first message.
    NoAnswer {
        /// Datagrams sent.
        tries: u32,
        /// How long we waited in all.
        waited: Duration,
    },
    /// The peer stopped answering.
    PeerGone {
        /// The exchange that got no response.
        exchange: ExchangeType,
        /// How long we waited.
        waited: Duration,
    },
    /// The peer takes none of our proposals (NO_PROPOSAL_CHOSEN).
    NoProposalChosen {
        /// For which SA.
        stage: Stage,
        /// What we offered, in words.
        offered: String,
    },
    /// We take none of the peer's proposals.
    NoProposalInCommon {
        /// For which SA.
        stage: Stage,
        /// What the peer offered, in words.
        offered: String,
        /// What we would take, in words.
        wanted: String,
    },
    /// The peer chose something we did not offer.
    ProposalNotOffered {
        /// For which SA.
        stage: Stage,
        /// What it chose, in words.
        chosen: String,
        /// What we offered, in words.
        offered: String,
    },
    /// The peer asks for a key exchange group that we did not offer, or again and again for another.
    KeyExchangeRefused {
        /// The group it asked for.
        wanted: DhGroup,
        /// The groups we offered.
        offered: Vec<DhGroup>,
    },
    /// The peer answers cookies with further cookies.
    CookieLoop,
    /// The peer speaks no IKEv2.
    WrongVersion {
        /// The major version in its answer.
        major: u8,
    },
    /// The peer does not take part in NAT detection, so it cannot put ESP into UDP, and we have nothing else
    /// (RFC 7296 2.23).
    NoUdpEncapsulation,
    /// The peer refused our credentials (AUTHENTICATION_FAILED).
    RefusedByPeer {
        /// Who we said we are.
        identity: String,
        /// How we tried to prove it.
        method: &'static str,
    },
    /// The peer refused us (AUTHENTICATION_FAILED) before EAP began, so before it saw any password: it knows no connection
    /// for the two identities.
    UnknownConnection {
        /// Who we said we are (IDi).
        local: String,
        /// Whom we asked for (IDr).
        remote: String,
    },
    /// The peer is not who it should be, or proves it badly.
    Authentication(AuthFailure),
    /// The peer assigns no inner address (INTERNAL_ADDRESS_FAILURE or FAILED_CP_REQUIRED, or none came).
    NoAddress,
    /// The traffic selectors have nothing in common (TS_UNACCEPTABLE), or the peer widened them.
    TrafficSelectors {
        /// What we asked for, in words.
        wanted: String,
    },
    /// The peer sent another error notify.
    PeerError {
        /// The notify.
        notify: NotifyType,
        /// The exchange it answered.
        exchange: ExchangeType,
    },
    /// The peer broke the protocol in an authenticated message, or in the only answer that came.
    Protocol {
        /// The exchange.
        exchange: ExchangeType,
        /// What is wrong.
        detail: String,
    },
    /// The host did not answer a question in time.
    HostSilent,
    /// The host did not sign with the key that it keeps.
    SigningRefused {
        /// The host's name of the key.
        key: String,
        /// The host's words.
        reason: String,
    },
    /// The host's signature is not one of the certificate's key over what was to be signed. It was not sent.
    WrongSignatureByHost {
        /// The host's name of the key.
        key: String,
        /// How it was to sign.
        scheme: SignatureScheme,
    },
    /// The user gave no user name and password.
    CredentialsRefused,
    /// The user name that the host gave cannot be used.
    CredentialsUnusable {
        /// Why.
        what: String,
    },
    /// A lifetime ended and no rekey succeeded.
    LifetimeOver(Stage),
    /// Message IDs are used up.
    MessageIdsExhausted,
    /// The provider failed.
    Crypto(CryptoError),
}

/// Why the peer was not believed.
#[derive(Clone, Debug, PartialEq)]
pub enum AuthFailure {
    /// It has another identity than the profile says.
    Identity(IdentityMismatch),
    /// It names an identity we have no credentials for.
    UnknownPeer(Identity),
    /// Its certificate was refused.
    Certificate(CertificateRefusal),
    /// The host does not trust its certificate.
    ChainRefused {
        /// Subject of the certificate.
        subject: String,
        /// The host's words.
        reason: String,
    },
    /// It sent no certificate.
    NoCertificate,
    /// Its AUTH payload was refused.
    Proof(AuthRefusal),
    /// It left out its AUTH payload where it must prove itself first (RFC 7296 2.16, RFC 5998 4).
    NoProof,
    /// EAP failed.
    Eap(EapFailure),
}

impl Failure {
    /// The error notify the peer is told, if it is told at all.
    #[must_use]
    pub fn notify(&self) -> Option<NotifyType> {
        match self {
            Self::NoProposalInCommon { .. } => Some(NotifyType::NO_PROPOSAL_CHOSEN),
            Self::Authentication(_) => Some(NotifyType::AUTHENTICATION_FAILED),
            Self::NoAddress => Some(NotifyType::INTERNAL_ADDRESS_FAILURE),
            Self::TrafficSelectors { .. } => Some(NotifyType::TS_UNACCEPTABLE),
            Self::Protocol { .. } => Some(NotifyType::INVALID_SYNTAX),
            _ => None,
        }
    }

    /// True if trying again without a change on either side is pointless.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::NoAnswer { .. }
            | Self::PeerGone { .. }
            | Self::NoAddress
            | Self::HostSilent
            | Self::LifetimeOver(_)
            | Self::MessageIdsExhausted
            | Self::CookieLoop
            | Self::Crypto(_) => false,
            Self::PeerError { notify, .. } => *notify != NotifyType::TEMPORARY_FAILURE,
            _ => true,
        }
    }

    /// What to do about it, and who. Empty where the text of the failure says it already.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::NoAnswer { .. } => "Check RemoteAddress, that the server runs, and that no firewall drops UDP \
                 to its IKE ports (500 and 4500 by default)."
                .into(),
            Self::PeerGone { .. } => {
                "The server or the network in between went away; try again, or look at the server's log.".into()
            }
            Self::NoProposalChosen { stage, .. } => format!(
                "Make the profile's {} and the server agree on algorithms; the server's log says what it wants.",
                match stage {
                    Stage::Ike => "IKESecurityAssociationParameters",
                    Stage::Child => "ChildSecurityAssociationParameters",
                }
            ),
            Self::NoProposalInCommon { .. } => "Change the proposals on one of the two sides.".into(),
            Self::ProposalNotOffered { .. } => "The server is broken or hostile; tell its operator.".into(),
            Self::KeyExchangeRefused { wanted, .. } => format!(
                "Set DiffieHellmanGroup in the profile to a group the server takes (it asked for {wanted}, \
                 number {}), or allow the profile's group on the server.",
                wanted.0
            ),
            Self::CookieLoop => "The server is under load or broken; try again later.".into(),
            Self::WrongVersion { major } => format!("The server answers with IKE version {major}; IKEv2 must be turned on there."),
            Self::NoUdpEncapsulation => "Turn NAT traversal on at the server.".into(),
            Self::RefusedByPeer { method, .. } => format!(
                "The server did not accept the {method}: check LocalIdentifier and the credentials in the \
                 profile against the server's configuration; its log names the reason."
            ),
            Self::UnknownConnection { .. } => "The password was not asked for yet: check RemoteIdentifier and LocalIdentifier in the profile \
                 against the identities of the server's EAP connection; its log names the reason."
                .into(),
            Self::Authentication(failure) => failure.advice(),
            Self::NoAddress => "The server has no inner address for this client: its operator must add a pool or enlarge it.".into(),
            Self::TrafficSelectors { .. } => "The server allows none of the traffic asked for: its operator must widen the traffic selectors.".into(),
            Self::PeerError { .. } => "The server's log says why it answered so.".into(),
            Self::Protocol { .. } => "The server is broken or hostile; tell its operator, with the output of -v.".into(),
            Self::HostSilent => "The application did not answer in time: answer its prompt sooner, or report it to its maker if there was none.".into(),
            Self::SigningRefused { .. } => "Allow the application to use the key, unlock the device, or install the identity again.".into(),
            Self::WrongSignatureByHost { scheme, .. } => format!(
                "The application must sign with the key of the certificate it gave, by {scheme}, over the message as it is (not hashed before): the key belongs to another certificate, or this is a bug in it. The server was not asked."
            ),
            Self::CredentialsRefused => "Connect again and give the user name and password, or set AuthName and AuthPassword in the profile.".into(),
            Self::CredentialsUnusable { .. } => "Connect again with the user name as the server's administrator wrote it.".into(),
            Self::LifetimeOver(_) => "Rekeying failed until the lifetime ended; the server's log says why.".into(),
            Self::MessageIdsExhausted => "Connect again.".into(),
            Self::Crypto(_) => "The system's random source or crypto provider failed; report it.".into(),
        }
    }
}

impl AuthFailure {
    fn advice(&self) -> String {
        match self {
            Self::Identity(_) => "Set RemoteIdentifier in the profile to the server's identity, or the server's identity to RemoteIdentifier.".into(),
            Self::UnknownPeer(_) => "Add this identity to the gateway's configuration, or correct LocalIdentifier in the client's profile.".into(),
            Self::NoCertificate => "The server must send its certificate (strongSwan: leftsendcert=always).".into(),
            Self::ChainRefused { .. } => "Install the CA that issued the server's certificate on this device, put it into the profile (com.apple.security.root), or give the server a certificate of a CA that this device trusts.".into(),
            Self::NoProof => "The server must prove itself by certificate before EAP starts; EAP-only needs a method that authenticates both sides, which EAP-MSCHAPv2 is not (RFC 5998 4).".into(),
            Self::Certificate(_) | Self::Proof(_) | Self::Eap(_) => String::new(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAnswer { tries, waited } => {
                write!(f, "the server did not answer ({tries} datagrams in {:.0} s)", waited.as_secs_f64())
            }
            Self::PeerGone { exchange, waited } => {
                write!(f, "the peer stopped answering ({exchange}, {:.0} s)", waited.as_secs_f64())
            }
            Self::NoProposalChosen { stage, offered } => {
                write!(
                    f,
                    "the server takes none of the algorithms offered for the {stage}; offered: {offered}"
                )
            }
            Self::NoProposalInCommon { stage, offered, wanted } => {
                write!(
                    f,
                    "no proposal in common for the {stage}; the peer offered: {offered}; wanted here: {wanted}"
                )
            }
            Self::ProposalNotOffered { stage, chosen, offered } => {
                write!(f, "the peer chose for the {stage} what was not offered: {chosen}; offered: {offered}")
            }
            Self::KeyExchangeRefused { wanted, offered } => {
                write!(f, "the peer wants key exchange group {wanted}; offered: {}", join(offered))
            }
            Self::CookieLoop => f.write_str("the server answers every cookie with a new one"),
            Self::WrongVersion { major } => write!(f, "the server answered with IKE version {major}"),
            Self::NoUdpEncapsulation => {
                f.write_str("the server offers no NAT traversal (ESP in UDP), which is needed here")
            }
            Self::RefusedByPeer { identity, method } => {
                write!(f, "the server refused us (AUTHENTICATION_FAILED): {identity}, by {method}")
            }
            Self::UnknownConnection { local, remote } => write!(
                f,
                "the server refused us before EAP began (AUTHENTICATION_FAILED): it has no connection to {remote} for {local}"
            ),
            Self::Authentication(failure) => failure.fmt(f),
            Self::NoAddress => f.write_str("the server assigned no inner address"),
            Self::TrafficSelectors { wanted } => {
                write!(f, "no traffic selector in common; asked for {wanted}")
            }
            Self::PeerError { notify, exchange } => write!(f, "the peer answered {exchange} with {notify}"),
            Self::Protocol { exchange, detail } => {
                write!(f, "the peer broke the protocol in {exchange}: {detail}")
            }
            Self::HostSilent => f.write_str("the application did not answer a question in time"),
            Self::SigningRefused { key, reason } => {
                write!(f, "the application did not sign with the key '{}': {}", said(key), said(reason))
            }
            Self::WrongSignatureByHost { key, scheme } => write!(
                f,
                "the signature ({scheme}) that the application made with the key '{}' does not verify with the certificate it gave",
                said(key)
            ),
            Self::CredentialsRefused => f.write_str("no user name and password were given"),
            Self::CredentialsUnusable { what } => write!(f, "the user name cannot be used: {what}"),
            Self::LifetimeOver(stage) => write!(f, "the lifetime of the {stage} is over"),
            Self::MessageIdsExhausted => f.write_str("the IKE SA has no message IDs left"),
            Self::Crypto(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for AuthFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identity(mismatch) => mismatch.fmt(f),
            Self::UnknownPeer(identity) => write!(f, "no credentials for the peer's identity {identity}"),
            Self::Certificate(refusal) => refusal.fmt(f),
            Self::ChainRefused { subject, reason } => {
                write!(f, "this device does not trust the server's certificate '{subject}': {}", said(reason))
            }
            Self::NoCertificate => f.write_str("the peer sent no certificate"),
            Self::Proof(refusal) => refusal.fmt(f),
            Self::NoProof => f.write_str("the server did not prove its identity (no AUTH payload)"),
            Self::Eap(failure) => failure.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}

impl From<CryptoError> for Failure {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}

fn join(groups: &[DhGroup]) -> String {
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The host's words, escaped and cut; they may come from anywhere.
fn said(words: &str) -> String {
    if words.is_empty() { "no reason given".to_owned() } else { printable(words.as_bytes()) }
}
