//! Why AUTH is refused, or cannot be made.

use adit_crypto::{HashId, KeyKind, SignatureScheme};

use super::{AlgorithmError, AuthMethod};
use crate::certificate::KeyType;

/// Why an AUTH payload is refused or cannot be made. Says who has to change what; holds no key material.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AuthRefusal {
    /// The peer proves itself in another way than configured.
    #[error("the peer authenticates by {received} (method {num}), but {wanted} is configured; make both sides use the same", num = .received.0)]
    WrongMethod {
        /// What the configuration asks for.
        wanted: &'static str,
        /// What the peer did.
        received: AuthMethod,
    },
    /// The shared key differs, or the messages were altered on the way.
    #[error("the shared key does not match the peer's; enter the same key on both sides")]
    SharedKeyMismatch,
    /// The signature was not made with the certificate's key over these messages.
    #[error("the peer's signature ({scheme}) does not verify with the key of its certificate")]
    BadSignature {
        /// The scheme it claims.
        scheme: SignatureScheme,
    },
    /// SHA-1 where something better is possible.
    #[error("the peer signs with SHA-1 although it offered better hashes; let it use SHA-256")]
    Sha1Refused,
    /// A hash we did not announce (RFC 7427 4).
    #[error("the peer signs with {hash}, which was not announced (announced: {})", list(announced))]
    HashNotAnnounced {
        /// The hash it used.
        hash: HashId,
        /// What we announced.
        announced: Vec<HashId>,
    },
    /// The algorithm does not go with the certificate's key.
    #[error("the peer signs with {scheme}, but its certificate has a key of kind {key}")]
    SchemeNotForKey {
        /// The scheme it claims.
        scheme: SignatureScheme,
        /// The certificate's key.
        key: KeyKind,
    },
    /// The configuration allows other kinds of key or padding.
    #[error(
        "the peer signs with {scheme} and a key of kind {key}, but the profile allows {} (CertificateType)",
        list(wanted)
    )]
    WrongKeyType {
        /// Types allowed.
        wanted: Vec<KeyType>,
        /// The certificate's key.
        key: KeyKind,
        /// The scheme the peer used.
        scheme: SignatureScheme,
    },
    /// Method 14 with an algorithm identifier that cannot be accepted.
    #[error("the peer's signature names its algorithm wrongly: {0}")]
    Algorithm(#[from] AlgorithmError),
    /// No hash that our key can sign with is among those the peer announced.
    #[error("our {key} key cannot sign for this peer: it takes only {} as hash", list(peer))]
    NoCommonHash {
        /// Our key.
        key: KeyKind,
        /// What the peer announced.
        peer: Vec<HashId>,
    },
    /// Our key or padding needs RFC 7427, and the peer does not have it.
    #[error(
        "our certificate needs signature hash negotiation (RFC 7427) for {needed}, which the peer does not offer"
    )]
    NeedsHashNegotiation {
        /// What needs it.
        needed: &'static str,
    },
}

fn list<T: ToString>(items: &[T]) -> String {
    if items.is_empty() {
        return "nothing".to_owned();
    }
    items.iter().map(T::to_string).collect::<Vec<_>>().join(", ")
}
