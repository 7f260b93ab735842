//! What a session takes from its host and gives to it.
//!
//! Owns the records that cross the edge of the engine: datagrams to send, events, questions and answers.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use adit_crypto::{Secret, SignatureScheme};
use adit_esp::SaParams;

use crate::failure::Failure;
use crate::identity::Identity;
use crate::proposal::{EspSuite, IkeSuite};
use crate::time::Instant;
use crate::wire::ExchangeType;

/// The two ends of a datagram, and whether its port carries ESP too.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Path {
    /// Our address and port.
    pub local: SocketAddr,
    /// The peer's address and port.
    pub remote: SocketAddr,
    /// True on the NAT traversal port (4500 by default), where IKE messages stand behind four zero octets
    /// (RFC 3948 2.2).
    pub encapsulated: bool,
}

/// A datagram to send.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Transmit {
    /// Where from and where to.
    pub path: Path,
    /// The UDP payload, non-ESP marker included.
    pub payload: Vec<u8>,
}

/// Names a Child SA for its whole life; never reused within a session.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ChildId(pub u32);

/// Names a question to the host.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Token(pub u32);

/// What the host must do or may want to know, in order.
#[derive(Debug)]
pub enum Event {
    /// An exchange is complete.
    Exchange(ExchangeRecord),
    /// A message in readable form, secrets left out. Only with `Config::log_messages`.
    Message(MessageRecord),
    /// Keys for a packet analyser. Only with the cargo feature and the configuration flag.
    #[cfg(feature = "keylog")]
    KeyLog(crate::keylog::KeyLogLine),
    /// Only the host can answer this; see [`Question`].
    Ask {
        /// To answer with.
        token: Token,
        /// When the session gives up waiting.
        deadline: Instant,
        /// The question.
        question: Question,
    },
    /// The peer is authenticated and the first Child SA agreed.
    Established(Box<Established>),
    /// A change to the ESP SAs.
    Child(ChildEvent),
    /// A new IKE SA took the place of the old one.
    IkeRekeyed {
        /// Its suite.
        suite: IkeSuite,
        /// True if we asked for it.
        by_us: bool,
    },
    /// The peer is reached by another path from now on.
    PathChanged(Path),
    /// What the server shows of itself. Only in a session that observes ([`crate::Session::observe`]).
    Observed(Observed),
    /// Something worth a line in a log that changes nothing.
    Warning(String),
    /// The session is over; nothing follows.
    Closed(CloseReason),
}

/// What an observing initiator sees in IKE_AUTH beside what every session tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Observed {
    /// Who the server says it is, and its certificates in DER, its own first. Nothing of it is checked yet: a
    /// [`Event::Closed`] that follows says what was wrong, [`Event::Established`] that all of it was good.
    Server {
        /// IDr, in words.
        identity: String,
        /// CERT payloads with X.509 certificates.
        certificates: Vec<Vec<u8>>,
    },
    /// Whether it answered MOBIKE_SUPPORTED (RFC 4555 3.1). It is authenticated.
    Mobike(bool),
}

/// One complete exchange.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExchangeRecord {
    /// Its type.
    pub exchange: ExchangeType,
    /// What it did, in a few words.
    pub purpose: &'static str,
    /// Its message ID.
    pub message_id: u32,
    /// True if we sent the request.
    pub by_us: bool,
    /// From sending the request to the response; zero for the peer's requests.
    pub took: Duration,
}

/// A message as a person reads it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageRecord {
    /// True if we sent it.
    pub sent: bool,
    /// Where it came from or went to.
    pub path: Path,
    /// Header and payloads, several lines.
    pub text: String,
}

/// What both sides know once IKE_AUTH is done.
#[derive(Clone, Debug)]
pub struct Established {
    /// The IKE SA's algorithms.
    pub suite: IkeSuite,
    /// The peer's authenticated identity. With EAP this is the EAP identity of the client, as seen by the
    /// responder.
    pub peer: Identity,
    /// How the peer proved it, in words ("RSA-PSS with SHA2-256", "pre-shared key", "EAP-MSCHAPv2").
    pub peer_authentication: String,
    /// What the configuration payload assigned to us; empty for a responder.
    pub assigned: AssignedConfig,
    /// True if an address translator stands in front of us.
    pub local_nat: bool,
    /// True if the peer's source address did not match its hash (always so when it forces encapsulation).
    pub remote_nat: bool,
    /// True if IKE messages may be fragmented (RFC 7383).
    pub fragmentation: bool,
    /// True if both sides know MOBIKE (RFC 4555): the client may change its address.
    pub mobike: bool,
}

/// What the responder assigned (RFC 7296 3.15).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AssignedConfig {
    /// Inner IPv4 address and prefix length (32 where no netmask came).
    pub ipv4: Option<(Ipv4Addr, u8)>,
    /// Inner IPv6 address and prefix length.
    pub ipv6: Option<(Ipv6Addr, u8)>,
    /// Name servers.
    pub dns: Vec<IpAddr>,
    /// Domains to resolve through the tunnel (RFC 8598).
    pub domains: Vec<String>,
    /// Networks behind the responder (INTERNAL_IP4_SUBNET, INTERNAL_IP6_SUBNET).
    pub subnets: Vec<(IpAddr, u8)>,
}

/// A change to the ESP SAs, to be applied in order.
#[derive(Debug)]
pub enum ChildEvent {
    /// A pair of SAs was agreed. Open inbound packets from now on.
    Install {
        /// Its name.
        id: ChildId,
        /// For packets from the peer.
        inbound: Box<SaParams>,
        /// For packets to the peer.
        outbound: Box<SaParams>,
        /// The pair's algorithms.
        suite: EspSuite,
        /// The one it replaces.
        replaces: Option<ChildId>,
    },
    /// Seal outbound packets with this pair from now on.
    UseOutbound(ChildId),
    /// The pair is gone: stop sealing at once, go on opening late packets until `until`.
    Remove {
        /// Its name.
        id: ChildId,
        /// When the inbound SA stops.
        until: Instant,
    },
}

/// What only the host can know or do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Question {
    /// Responder: which inner addresses does this authenticated client get?
    Lease(LeaseRequest),
    /// Initiator whose private key the host keeps ([`crate::config::HostKey`]): sign this.
    Sign(SignRequest),
    /// Initiator that leaves trust to the host ([`crate::config::RemoteAuth::HostJudged`]): is this chain trusted?
    JudgeChain(ChainRequest),
    /// Initiator without user name or password ([`crate::config::LocalAuth::EapAsked`]): what are they?
    Password(PasswordRequest),
}

/// AUTH to be signed with a key that the host keeps.
#[derive(Clone, Eq, PartialEq)]
pub struct SignRequest {
    /// The host's name of the key, as it was given in [`crate::config::HostKey`].
    pub key: String,
    /// How to sign. ECDSA is always wanted in DER, which is what key stores give; PSS has a salt as long as its
    /// hash.
    pub scheme: SignatureScheme,
    /// What to sign, not hashed yet (RFC 7296 2.15).
    pub message: Vec<u8>,
}

impl fmt::Debug for SignRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignRequest")
            .field("key", &self.key)
            .field("scheme", &self.scheme)
            .field("message", &format_args!("{} octets", self.message.len()))
            .finish()
    }
}

/// A server's certificates, of which everything but their issuers was found good: the server has proved that it
/// holds the key of the first, and that one is for `identity`, for this use, within its time and of a type that the
/// configuration allows.
#[derive(Clone, Eq, PartialEq)]
pub struct ChainRequest {
    /// DER, the server's own first; at most 17.
    pub certificates: Vec<Vec<u8>>,
    /// What the first must name, and does.
    pub identity: Identity,
}

impl fmt::Debug for ChainRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainRequest")
            .field("certificates", &format_args!("{} of them", self.certificates.len()))
            .field("identity", &self.identity)
            .finish()
    }
}

/// A user name and password for EAP-MSCHAPv2 are wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PasswordRequest {
    /// The user name that is known already, for the host to show or to change.
    pub username: Option<String>,
    /// 0 before anything is sent; one more each time the server refused the login and lets the user try again at
    /// once.
    pub attempt: u32,
    /// Why the server refused the attempt before, in words.
    pub refusal: Option<String>,
}

/// An authenticated client that wants inner addresses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LeaseRequest {
    /// Who asks: the identity that was authenticated.
    pub identity: Identity,
    /// It asks for IPv4; with the address it would like, if it named one.
    pub ipv4: Option<Option<Ipv4Addr>>,
    /// It asks for IPv6.
    pub ipv6: Option<Option<Ipv6Addr>>,
    /// It says that it has no other IKE SA with us (RFC 7296 2.4): older ones are dead.
    pub initial_contact: bool,
}

/// The host's answer to a [`Question`]. One of another kind than the question is ignored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The addresses to assign.
    Lease(AssignedConfig),
    /// There is no address left (INTERNAL_ADDRESS_FAILURE).
    NoLease,
    /// The signature, ECDSA in DER; or why there is none, in words for the user.
    Signature(Result<Vec<u8>, String>),
    /// The chain is trusted; or why not, in words for the user.
    Chain(Result<(), String>),
    /// User name and password (UTF-8); `None` if the user gives none.
    Credentials(Option<(String, Secret)>),
}

/// What became of a change of the network ([`crate::Session::network_changed`]).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NetworkChange {
    /// The path is the one in use. If the network was away meanwhile, the peer is asked whether it is still there.
    Unchanged,
    /// Everything moves to the new path, packets at once; the peer is being told. Failing that, the session ends with
    /// [`Failure::PeerGone`].
    Moving,
    /// Without a network the session keeps still and sends nothing, until there is one or its lifetime ends.
    Waiting,
    /// The session cannot move: the peer has no MOBIKE, it is turned off, or the handshake is under way. Connect anew.
    MustReconnect,
}

/// Why a session ended.
#[derive(Clone, Debug, PartialEq)]
pub enum CloseReason {
    /// We closed it on request.
    Requested,
    /// The peer deleted the IKE SA.
    DeletedByPeer,
    /// It failed.
    Failed(Failure),
}

/// What the host may ask a session to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Command {
    /// Rekey every Child SA.
    RekeyChild,
    /// Rekey the IKE SA.
    RekeyIke,
    /// Check that the peer is alive.
    CheckLiveness,
    /// Delete the IKE SA and end.
    Close,
}
