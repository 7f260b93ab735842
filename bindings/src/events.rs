//! What a tunnel tells its app, what it asks, and what it is answered.

use serde::{Deserialize, Serialize};

use crate::{AditError, ConnectionInfo, TunnelSettings};

/// What a tunnel tells its app, in order.
///
/// At most 256 wait to be taken; beyond that the oldest that only inform are left out, never questions, changes of state or
/// the end.
#[derive(Clone, Debug, PartialEq, Serialize, uniffi::Enum)]
#[serde(tag = "event", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "one crosses at a time, and a box does not cross")]
pub enum SessionEvent {
    /// An attempt at one address of the server begins. What an attempt before it asked (a password, a signature, a chain) is
    /// void: take its prompt down, it is asked anew.
    Connecting {
        /// Address and port.
        address: String,
    },
    /// Only the app can answer this: `Session.answer` with the token.
    Ask {
        /// To answer with.
        token: u64,
        /// How long the tunnel waits.
        deadline_ms: u64,
        /// The question.
        question: Question,
    },
    /// The tunnel is up: apply the settings, then attach a descriptor. It comes again after a reconnection, and when the device
    /// is in another network and other networks stay outside (`excluded_routes`): apply the settings unless they are the same;
    /// the descriptor of before is used on unless the app attaches another.
    Up {
        /// For `NEPacketTunnelNetworkSettings` or `VpnService.Builder`.
        settings: TunnelSettings,
        /// With whom, and how it is protected.
        connection: ConnectionInfo,
    },
    /// Something an administrator may want to know.
    Warning {
        /// In words.
        text: String,
    },
    /// Keys were replaced.
    Rekeyed {
        /// `ike` or `child`, and the algorithms.
        what: String,
    },
    /// The tunnel runs over another path now, without having been down; also on its way up, when it goes on from the port
    /// for IKE to the one for NAT traversal.
    PathChanged {
        /// Our address and port.
        local: String,
        /// The server's.
        remote: String,
    },
    /// The tunnel was lost or the network is another: it is connected anew. Leave the settings as they are meanwhile, so
    /// that nothing leaves in clear.
    Reasserting {
        /// Why; none if only the network changed.
        error: Option<AditError>,
        /// When the next attempt begins.
        retry_ms: u64,
    },
    /// More for a log: one object in JSON, `event` names it.
    Detail {
        /// The object.
        json: String,
    },
    /// Nothing went through the tunnel for as long as the profile allows (`DisconnectOnIdleTimer`): it ends by itself, and
    /// `Closed` follows without an error.
    Idle {
        /// How long.
        seconds: u64,
    },
    /// The end; nothing follows.
    Closed {
        /// Why, unless the app wanted it or the tunnel was `Idle`.
        error: Option<AditError>,
    },
}

/// What only the app or its system can answer.
#[derive(Clone, Debug, PartialEq, Serialize, uniffi::Enum)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Question {
    /// Keep this socket out of the tunnel (`VpnService.protect`, `Network.bindSocket`), then answer `Done` or `Refused`.
    /// Nothing is sent before.
    ProtectSocket {
        /// The socket's descriptor, open until the answer.
        fd: i32,
    },
    /// Find the addresses of this name on the physical network; `Addresses` or `Refused`.
    ResolveName {
        /// The name.
        host: String,
    },
    /// Ask the user; `Password` or `Refused`.
    Password {
        /// The user name that is known.
        username: Option<String>,
        /// 0 at first, one more after each refusal by the server.
        attempt: u32,
        /// Why the server refused the one before.
        refusal: Option<String>,
    },
    /// Sign with a key that only the system has; `Signature` or `Refused`.
    Sign {
        /// The app's reference of the key.
        key: String,
        /// The scheme: `rsa-pkcs1-`, `rsa-pss-` (a salt as long as the hash) or `ecdsa-` with `sha1`, `sha256`, `sha384` or
        /// `sha512`; or `ed25519`.
        scheme: String,
        /// What to sign, not hashed yet.
        message: Vec<u8>,
    },
    /// Judge a server's certificates as the system does; `Done` or `Refused`.
    JudgeChain {
        /// DER, the server's own first.
        certificates: Vec<Vec<u8>>,
        /// Whom they must name.
        identity: String,
    },
}

/// The answer to a [`Question`].
#[derive(Clone, Deserialize, PartialEq, uniffi::Enum)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
#[uniffi::export(Debug)]
pub enum Answer {
    /// Yes: the socket is protected, the chain is good.
    Done,
    /// No.
    Refused {
        /// The system's words; they stand in the error.
        reason: String,
    },
    /// The name's addresses, best first.
    Addresses {
        /// Literals.
        list: Vec<String>,
    },
    /// The signature.
    Signature {
        /// As the scheme has it: PKCS#1 and PSS as such, ECDSA in DER, Ed25519 as 64 bytes.
        bytes: Vec<u8>,
    },
    /// What the user entered.
    Password {
        /// The user name, if it is another than was asked with.
        username: Option<String>,
        /// The password.
        password: String,
    },
}

impl Answer {
    /// What kind of answer it is, for messages; nothing of what it holds.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Done => "Done",
            Self::Refused { .. } => "Refused",
            Self::Addresses { .. } => "Addresses",
            Self::Signature { .. } => "Signature",
            Self::Password { .. } => "Password",
        }
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
