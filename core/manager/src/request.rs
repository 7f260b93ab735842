//! What the host is asked to do, and its answers.
//!
//! Everything that needs a disk, a network, a person or a key is a [`Request`] with a token; [`crate::System::answer`] takes
//! the answer, once. A request with a deadline counts as failed when the deadline passes.

use adit_crypto::SignatureScheme;
use adit_ike::time::Instant;
use adit_profile::{Secret, SecretText};

use crate::key::ConfigurationKey;
use crate::profile::TunnelProfile;
use crate::secret::{NewSecret, SecretReference, SecretSlot};

/// Names a request; never used again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Token(pub u64);

/// Names a tunnel from its start to its end; never used again.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TunnelId(pub u32);

/// Something for the host to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// To answer with.
    pub token: Token,
    /// When it counts as failed; `None`: it may take as long as it takes.
    pub deadline: Option<Instant>,
    /// What is to be done.
    pub demand: Demand,
}

/// What is to be done, and with which [`Answer`] that ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Demand {
    /// Read a stored record. [`Answer::Record`] or [`Answer::Failed`].
    Load {
        /// Whose.
        key: ConfigurationKey,
    },
    /// Write a record, all of it or nothing. [`Answer::Done`], [`Answer::Failed`], or [`Answer::Stale`] when what is stored
    /// is not the generation `replaces`.
    Save {
        /// Whose.
        key: ConfigurationKey,
        /// The record. It holds no secrets.
        record: Vec<u8>,
        /// The generation that it replaces ([`crate::preferences::generation_of`] tells a record's); `None`: there is none.
        replaces: Option<u64>,
    },
    /// Delete a record. [`Answer::Done`] or [`Answer::Failed`].
    Remove {
        /// Whose.
        key: ConfigurationKey,
    },
    /// Ask the user whether this app may add a VPN (Android: `VpnService.prepare`). [`Answer::Done`] or
    /// [`Answer::Refused`].
    Consent {
        /// Which one.
        key: ConfigurationKey,
        /// What it is called.
        description: Option<String>,
    },
    /// Keep a secret. [`Answer::Reference`] or [`Answer::Failed`].
    StoreSecret {
        /// Whose.
        key: ConfigurationKey,
        /// The secret.
        secret: NewSecret,
    },
    /// Forget secrets that were stored before. [`Answer::Done`] or [`Answer::Failed`]; neither changes anything here.
    DeleteSecrets {
        /// Which ones.
        references: Vec<SecretReference>,
    },
    /// Give a secret. [`Answer::Secret`], also [`Answer::Refused`] when the user does not unlock it.
    ReadSecret {
        /// Whose.
        key: ConfigurationKey,
        /// What it is for.
        slot: SecretSlot,
        /// Which one.
        reference: SecretReference,
    },
    /// Resolve a name on the physical network, never through a tunnel. [`Answer::Addresses`] or [`Answer::Failed`].
    ResolveName {
        /// The name.
        host: String,
    },
    /// Do any of these DNS servers answer? On the physical network. [`Answer::Reachable`].
    ProbeDns {
        /// Their addresses.
        servers: Vec<String>,
    },
    /// Does this name resolve with the servers that the rule requires, else with the network's? A redirect counts as no.
    /// [`Answer::Reachable`].
    ProbeName {
        /// The name.
        host: String,
    },
    /// Does this URL answer with status 200, without a redirect? On the physical network. [`Answer::Reachable`].
    ProbeUrl {
        /// The URL.
        url: String,
    },
    /// Run a tunnel and report on it by [`crate::System::tunnel_event`]. [`Answer::Done`] once it runs,
    /// [`Answer::Failed`] or [`Answer::Refused`] if it cannot.
    StartTunnel(Box<TunnelStart>),
    /// End a tunnel within a second. [`Answer::Done`] when it is gone, if `Closed` was not reported before.
    StopTunnel {
        /// Which one.
        tunnel: TunnelId,
    },
    /// The tunnel asks something of the host.
    Tunnel {
        /// Which one.
        tunnel: TunnelId,
        /// What.
        ask: Ask,
    },
}

/// What a running tunnel asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// Keep a socket out of the tunnel (`VpnService.protect`), and say so before anything is sent. [`Answer::Done`] or
    /// [`Answer::Refused`].
    ProtectSocket {
        /// Its descriptor.
        descriptor: i32,
    },
    /// Resolve a name on the physical network. [`Answer::Addresses`] or [`Answer::Failed`].
    ResolveName {
        /// The name.
        host: String,
    },
    /// Sign with a key that only the host can use. [`Answer::Signature`] or [`Answer::Refused`].
    Sign {
        /// The host's name for the key.
        key: String,
        /// What to sign with.
        scheme: SignatureScheme,
        /// What to sign; not hashed yet.
        message: Vec<u8>,
    },
    /// Is this chain trusted for this identity? [`Answer::Done`] or [`Answer::Refused`].
    JudgeChain {
        /// DER, the server's own first.
        certificates: Vec<Vec<u8>>,
        /// What it must name.
        identity: String,
    },
    /// The user's name and password. [`Answer::Password`] or [`Answer::Refused`]. Asked of the host only when neither the
    /// start nor the store has them, or the server refused those.
    Password {
        /// The name, if it is known.
        username: Option<String>,
        /// 0 first, then the number of refusals.
        attempt: u32,
    },
}

/// What a start hands to whoever runs tunnels.
#[derive(Clone, Debug, PartialEq)]
pub struct TunnelStart {
    /// To report with.
    pub tunnel: TunnelId,
    /// Whose it is.
    pub key: ConfigurationKey,
    /// The profile to make it of.
    pub profile: TunnelProfile,
    /// The server's addresses, in the order to try them.
    pub addresses: Vec<String>,
    /// The user's name for this start, in place of the profile's.
    pub username: Option<String>,
    /// The password for this start, in place of the profile's.
    pub password: Option<SecretText>,
    /// On demand started it.
    pub on_demand: bool,
}

/// What the host found or did.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is done; also: yes.
    Done,
    /// The user or the platform does not permit it.
    Refused {
        /// Why.
        reason: String,
    },
    /// It was tried and failed.
    Failed {
        /// Why.
        reason: String,
    },
    /// Something else is stored than was thought.
    Stale,
    /// The stored record; `None`: there is none.
    Record(Option<Vec<u8>>),
    /// The name under which a secret is kept.
    Reference(SecretReference),
    /// The secret; `None`: there is none of that name.
    Secret(Option<Secret>),
    /// Addresses, in the order to try them.
    Addresses(Vec<String>),
    /// Whether what was probed answers.
    Reachable(bool),
    /// A signature.
    Signature(Vec<u8>),
    /// A name, if the user gave another one, and a password.
    Password {
        /// The name.
        username: Option<String>,
        /// The password.
        password: SecretText,
    },
}

/// Why an answer was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AnswerError {
    /// Nobody asked, the answer was given before, or its time was over.
    #[error("no request with this token waits for an answer")]
    UnknownToken,
    /// An answer to something else; the request still waits.
    #[error("this answer does not fit the request; it still waits")]
    WrongKind,
}

impl Demand {
    /// Whether an answer is one that ends this.
    #[must_use]
    pub fn takes(&self, answer: &Answer) -> bool {
        use Answer as A;
        match (self, answer) {
            (Self::Load { .. }, A::Record(_) | A::Failed { .. })
            | (Self::Save { .. }, A::Done | A::Failed { .. } | A::Stale)
            | (
                Self::Remove { .. } | Self::DeleteSecrets { .. } | Self::StopTunnel { .. },
                A::Done | A::Failed { .. },
            )
            | (Self::Consent { .. }, A::Done | A::Refused { .. })
            | (Self::StoreSecret { .. }, A::Reference(_) | A::Failed { .. })
            | (Self::ReadSecret { .. }, A::Secret(_) | A::Refused { .. } | A::Failed { .. })
            | (Self::ResolveName { .. }, A::Addresses(_) | A::Failed { .. })
            | (Self::ProbeDns { .. } | Self::ProbeName { .. } | Self::ProbeUrl { .. }, A::Reachable(_))
            | (Self::StartTunnel(_), A::Done | A::Failed { .. } | A::Refused { .. }) => true,
            (Self::Tunnel { ask, .. }, answer) => ask.takes(answer),
            _ => false,
        }
    }
}

impl Ask {
    fn takes(&self, answer: &Answer) -> bool {
        matches!(
            (self, answer),
            (Self::ProtectSocket { .. } | Self::JudgeChain { .. }, Answer::Done | Answer::Refused { .. })
                | (Self::ResolveName { .. }, Answer::Addresses(_) | Answer::Failed { .. })
                | (Self::Sign { .. }, Answer::Signature(_) | Answer::Refused { .. })
                | (Self::Password { .. }, Answer::Password { .. } | Answer::Refused { .. })
        )
    }
}
