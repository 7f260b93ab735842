//! How EAP fails, and who has to do what about it.

use std::fmt;

use adit_crypto::CryptoError;

use super::{EapType, PacketError};

/// Why EAP failed. Texts of the other side are escaped and cut; no secret is in here.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EapFailure {
    /// The server judged the user and said no.
    #[error("{reason}{}", server_says(*code, message))]
    Rejected {
        /// What the code means.
        reason: RejectReason,
        /// The server's error code, if it sent one (RFC 2759 6).
        code: Option<u32>,
        /// The server's text, perhaps empty.
        message: String,
        /// True if the server would let the user try again at once.
        retry_allowed: bool,
    },
    /// EAP-Failure without any reason.
    #[error(
        "the server refused the login without a reason; check the user name and the password, and its log"
    )]
    Refused,
    /// The server's proof is wrong: it knows another password, or none.
    #[error(
        "the server did not prove that it knows the password; check the password, and beware of an impostor"
    )]
    ServerNotAuthenticated,
    /// EAP-Success although the method has not ended.
    #[error(
        "the server declared success before it had proved itself; the connection is not safe and was ended"
    )]
    UnexpectedSuccess,
    /// The other side wants methods that this side does not have.
    #[error("no EAP method in common: this side has EAP-MSCHAPv2, the other wants {}", list(offered))]
    NoCommonMethod {
        /// What the other side asked for.
        offered: Vec<EapType>,
    },
    /// A packet that is none.
    #[error("an EAP packet is malformed: {0}")]
    Packet(#[from] PacketError),
    /// A packet that the protocol does not allow here.
    #[error("the other side broke the EAP protocol: {what}")]
    Protocol {
        /// What it did.
        what: &'static str,
    },
    /// The user name or password cannot be used.
    #[error("{what}")]
    Credentials {
        /// What is wrong.
        what: &'static str,
    },
    /// The provider lacks something, or its random source failed.
    #[error("EAP-MSCHAPv2 is not possible: {0}")]
    Crypto(#[from] CryptoError),
}

/// What a server's error code means (RFC 2759 6).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RejectReason {
    /// 646: not at this hour.
    RestrictedHours,
    /// 647: the account is disabled.
    AccountDisabled,
    /// 648: the password has expired.
    PasswordExpired,
    /// 649: the account may not dial in.
    NoDialInPermission,
    /// 691: wrong user name or password.
    WrongCredentials,
    /// 709: the password could not be changed.
    PasswordChangeFailed,
    /// Another code, or none.
    Unspecified,
}

impl RejectReason {
    /// From the error code.
    #[must_use]
    pub const fn from_code(code: Option<u32>) -> Self {
        match code {
            Some(646) => Self::RestrictedHours,
            Some(647) => Self::AccountDisabled,
            Some(648) => Self::PasswordExpired,
            Some(649) => Self::NoDialInPermission,
            Some(691) => Self::WrongCredentials,
            Some(709) => Self::PasswordChangeFailed,
            _ => Self::Unspecified,
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RestrictedHours => "the account may not log in at this time; ask its administrator",
            Self::AccountDisabled => "the account is disabled; ask its administrator",
            Self::PasswordExpired => "the password has expired; change it by other means, then connect again",
            Self::NoDialInPermission => "the account may not use the VPN; ask its administrator",
            Self::WrongCredentials => "wrong user name or password; correct AuthName or AuthPassword",
            Self::PasswordChangeFailed => "the server could not change the password",
            Self::Unspecified => "the server refused the login",
        })
    }
}

fn server_says(code: Option<u32>, message: &str) -> String {
    match (code, message) {
        (None, "") => String::new(),
        (Some(code), "") => format!(" (error {code})"),
        (None, message) => format!(" (the server says: '{message}')"),
        (Some(code), message) => format!(" (error {code}, the server says: '{message}')"),
    }
}

fn list(types: &[EapType]) -> String {
    if types.is_empty() {
        return "nothing".to_owned();
    }
    types.iter().map(EapType::to_string).collect::<Vec<_>>().join(", ")
}
