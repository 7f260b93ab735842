//! What can be wrong with an identity, and how two of them differ.

use super::{IdKind, Identity, MAX_IDENTITY_LEN};

/// Why bytes or a text are no identity.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IdentityError {
    /// The payload ends before its four leading bytes.
    #[error("the identification payload is cut short")]
    Truncated,
    /// There is no identification data.
    #[error("the {kind} in the identification payload is empty")]
    Empty {
        /// The claimed type.
        kind: IdKind,
    },
    /// More than [`MAX_IDENTITY_LEN`] bytes.
    #[error("the identity has {length} bytes; at most {MAX_IDENTITY_LEN} are taken")]
    TooLong {
        /// Bytes of identification data.
        length: usize,
    },
    /// An address of impossible length.
    #[error("an {kind} has {wanted} bytes, this one has {length}")]
    WrongLength {
        /// The claimed type.
        kind: IdKind,
        /// Bytes an address of this type has.
        wanted: usize,
        /// Bytes received.
        length: usize,
    },
    /// A type we do not take: unassigned, or ID_NULL (RFC 7619).
    #[error("{kind} is not supported")]
    UnsupportedKind {
        /// The type.
        kind: IdKind,
    },
    /// NUL or another control character in a textual identity.
    #[error("the {kind} contains a control character")]
    ControlCharacter {
        /// The claimed type.
        kind: IdKind,
    },
    /// The bytes are not the DER encoding of a distinguished name or general name.
    #[error("the name is not valid DER: {reason}")]
    BadDer {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The text starts like a distinguished name but cannot be read as one.
    #[error("'{text}' is not a distinguished name: {reason}")]
    BadNameText {
        /// The text, escaped and cut.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// The peer is not who was expected.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the peer calls itself '{received}' ({}), but '{expected}' ({}) is expected; correct RemoteIdentifier in the \
     profile or the identity set on the peer",
    received.kind(),
    expected.kind()
)]
pub struct IdentityMismatch {
    /// Who the configuration asks for.
    pub expected: Identity,
    /// Who the ID payload names.
    pub received: Identity,
}
