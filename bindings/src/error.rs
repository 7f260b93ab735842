//! Errors, by what an app can do about them.
//!
//! Owns [`AditError`]. Each kind has a sentence of what is wrong, one of what to do (perhaps empty), and the name of the
//! `NEVPNConnectionError` that Apple's API would give, so that apps of both worlds can treat them alike.

use adit_driver::client::ClientError;
use adit_ike::{AuthFailure, Failure};
use adit_manager::error::connection_error_of;
use adit_profile::calls;
use adit_tunnel::plan::PlanError;
use serde::Serialize;

/// What went wrong, by who must act.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, thiserror::Error, uniffi::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AditError {
    /// The call was wrong: the app's programmer must change it.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
        /// The name of the `NEVPNConnectionError`; empty where there is none.
        code: String,
    },
    /// The profile makes no tunnel: whoever wrote it must change it.
    #[error("{message}")]
    Profile {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
        /// The name of the `NEVPNConnectionError`.
        code: String,
    },
    /// A user name, password or key is missing or was refused: the user must give another.
    #[error("{message}")]
    Credentials {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
        /// The name of the `NEVPNConnectionError`.
        code: String,
    },
    /// The server was not believed: its administrator must look.
    #[error("{message}")]
    ServerIdentity {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
        /// The name of the `NEVPNConnectionError`.
        code: String,
    },
    /// Profile and server do not agree: one of the two must change.
    #[error("{message}")]
    Negotiation {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
        /// The name of the `NEVPNConnectionError`.
        code: String,
    },
    /// The network or the server did not answer: it may help to try again.
    #[error("{message}")]
    Network {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
        /// The name of the `NEVPNConnectionError`.
        code: String,
    },
    /// The server ended the tunnel.
    #[error("{message}")]
    ServerDisconnected {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
        /// The name of the `NEVPNConnectionError`.
        code: String,
    },
    /// The system refused something: a permission, a descriptor, a socket.
    #[error("{message}")]
    System {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
        /// The name of the `NEVPNConnectionError`.
        code: String,
    },
    /// A mistake in Adit: report it, with the log.
    #[error("{message}")]
    Internal {
        /// What is wrong.
        message: String,
        /// What to do.
        advice: String,
        /// The name of the `NEVPNConnectionError`.
        code: String,
    },
}

impl AditError {
    /// The call was wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), advice: String::new(), code: String::new() }
    }

    /// A mistake of ours.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        let advice = "This is a mistake in Adit: report it with the log.".to_owned();
        Self::Internal { message: message.into(), advice, code: "pluginFailed".into() }
    }

    /// The system refused something.
    pub(crate) fn system(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::System { message: message.into(), advice: advice.into(), code: "pluginFailed".into() }
    }

    /// The profile makes no tunnel.
    pub(crate) fn profile(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Profile { message: message.into(), advice: advice.into(), code: "configurationFailed".into() }
    }

    /// The user has to give something else.
    pub(crate) fn credentials(message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Credentials {
            message: message.into(),
            advice: advice.into(),
            code: "authenticationFailed".into(),
        }
    }

    /// The server deleted the tunnel.
    pub(crate) fn server_disconnected() -> Self {
        Self::ServerDisconnected {
            message: "the server deleted the tunnel".into(),
            advice: "The server's log says why.".into(),
            code: "serverDisconnected".into(),
        }
    }

    /// Message, advice and code, whatever the kind.
    #[must_use]
    pub fn parts(&self) -> (&str, &str, &str) {
        match self {
            Self::Usage { message, advice, code }
            | Self::Profile { message, advice, code }
            | Self::Credentials { message, advice, code }
            | Self::ServerIdentity { message, advice, code }
            | Self::Negotiation { message, advice, code }
            | Self::Network { message, advice, code }
            | Self::ServerDisconnected { message, advice, code }
            | Self::System { message, advice, code }
            | Self::Internal { message, advice, code } => (message, advice, code),
        }
    }
}

impl From<calls::Failure> for AditError {
    fn from(failure: calls::Failure) -> Self {
        let at = match failure.path.is_empty() {
            true => String::new(),
            false => format!(" ({})", failure.path),
        };
        Self::usage(format!("{failure}{at}"))
    }
}

impl From<PlanError> for AditError {
    fn from(error: PlanError) -> Self {
        let message = error.to_string();
        match error {
            PlanError::UsernameMissing | PlanError::PasswordMissing => {
                Self::credentials(message, "Ask the user, and start again with what was entered.")
            }
            _ => Self::profile(message, "validate() says where in the profile."),
        }
    }
}

impl From<&Failure> for AditError {
    fn from(failure: &Failure) -> Self {
        let (message, advice) = (failure.to_string(), failure.advice());
        let code = connection_error_of(failure).swift_name().to_owned();
        match failure {
            Failure::NoAnswer { .. }
            | Failure::PeerGone { .. }
            | Failure::LifetimeOver(_)
            | Failure::MessageIdsExhausted
            | Failure::CookieLoop => Self::Network { message, advice, code },
            Failure::RefusedByPeer { .. }
            | Failure::SigningRefused { .. }
            | Failure::WrongSignatureByHost { .. }
            | Failure::CredentialsRefused
            | Failure::CredentialsUnusable { .. }
            | Failure::Authentication(AuthFailure::Eap(_)) => Self::Credentials { message, advice, code },
            Failure::Authentication(_) => Self::ServerIdentity { message, advice, code },
            Failure::HostSilent => Self::Usage { message, advice, code },
            Failure::Crypto(_) => Self::Internal { message, advice, code },
            _ => Self::Negotiation { message, advice, code },
        }
    }
}

impl From<&ClientError> for AditError {
    fn from(error: &ClientError) -> Self {
        let (message, advice) = (error.to_string(), error.advice());
        match error {
            ClientError::Failed(failure) => failure.into(),
            ClientError::Deleted => Self::server_disconnected(),
            ClientError::Resolve(_) => {
                Self::Network { message, advice, code: "serverAddressResolutionFailed".into() }
            }
            ClientError::NoNetwork => Self::Network { message, advice, code: "noNetworkAvailable".into() },
            ClientError::Unprotected { .. } => Self::System { message, advice, code: "pluginFailed".into() },
            ClientError::Host { .. } if error.is_unreachable() => {
                Self::Network { message, advice, code: "noNetworkAvailable".into() }
            }
            ClientError::Host { .. } => Self::System { message, advice, code: "pluginFailed".into() },
        }
    }
}
