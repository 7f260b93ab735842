//! Errors, by what an app can do about them.
//!
//! Owns [`AditError`]. Each kind has a sentence of what is wrong, one of what to do (perhaps empty), and the name of the
//! `NEVPNConnectionError` that Apple's API would give (of what a manager refuses, of the `NEVPNError`), so that apps of both
//! worlds can treat them alike.

use adit_driver::client::ClientError;
use adit_ike::{AuthFailure, Failure};
use adit_manager::ConnectionError;
use adit_manager::error::connection_error_of;
use adit_profile::calls;
use adit_tunnel::plan::PlanError;
use serde::Serialize;

use crate::end::code_of_client;

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
        /// Of what a manager refuses, the name of the `NEVPNError` (such as `configurationInvalid`); else that of the
        /// `NEVPNConnectionError`, or empty where there is none.
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
        let case = connection_error_of(failure);
        let code = case.swift_name().to_owned();
        match failure {
            // Whose matter it is, Apple's case tells: a bad value of the server, a key that is none, or a fault of ours.
            Failure::Crypto(_) | Failure::Authentication(AuthFailure::Eap(_)) => match case {
                ConnectionError::NegotiationFailed => Self::Negotiation { message, advice, code },
                ConnectionError::PluginFailed => Self::Internal { message, advice, code },
                _ => Self::Credentials { message, advice, code },
            },
            Failure::NoAnswer { .. }
            | Failure::PeerGone { .. }
            | Failure::LifetimeOver(_)
            | Failure::MessageIdsExhausted
            | Failure::CookieLoop => Self::Network { message, advice, code },
            Failure::RefusedByPeer { .. }
            | Failure::SigningRefused { .. }
            | Failure::WrongSignatureByHost { .. }
            | Failure::CredentialsRefused
            | Failure::CredentialsUnusable { .. } => Self::Credentials { message, advice, code },
            Failure::Authentication(_) => Self::ServerIdentity { message, advice, code },
            Failure::HostSilent => Self::Usage { message, advice, code },
            _ => Self::Negotiation { message, advice, code },
        }
    }
}

impl From<&ClientError> for AditError {
    fn from(error: &ClientError) -> Self {
        let (message, advice) = (error.to_string(), error.advice());
        let code = code_of_client(error);
        match error {
            ClientError::Failed(failure) => failure.into(),
            ClientError::Deleted => Self::server_disconnected(),
            ClientError::Resolve(_) | ClientError::NoNetwork => Self::Network { message, advice, code },
            ClientError::Host { .. } if error.is_unreachable() => Self::Network { message, advice, code },
            ClientError::Unprotected { .. } | ClientError::Host { .. } => {
                Self::System { message, advice, code }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use adit_crypto::{CryptoError, DhGroup};
    use adit_ike::eap::EapFailure;

    use super::*;

    #[test]
    fn what_the_provider_fails_at_is_our_mistake_only_where_no_other_had_a_part_in_it() {
        let kind = |error| match AditError::from(&Failure::Crypto(error)) {
            AditError::Internal { code, .. } => ("internal", code),
            AditError::Negotiation { code, .. } => ("negotiation", code),
            AditError::Credentials { code, .. } => ("credentials", code),
            other => panic!("{other:?}"),
        };
        assert_eq!(kind(CryptoError::Random), ("internal", "pluginFailed".into()));
        let bad = CryptoError::BadPublicValue { group: DhGroup(31), reason: "zero" };
        assert_eq!(kind(bad), ("negotiation", "negotiationFailed".into()));
        assert_eq!(kind(CryptoError::BadKey("short")), ("credentials", "clientCertificateInvalid".into()));
    }

    #[test]
    fn eap_without_a_common_method_is_no_matter_of_the_password() {
        let of = |failure| AditError::from(&Failure::Authentication(AuthFailure::Eap(failure)));
        let none = of(EapFailure::NoCommonMethod { offered: Vec::new() });
        assert!(matches!(none, AditError::Negotiation { .. }), "{none:?}");
        assert!(matches!(of(EapFailure::Refused), AditError::Credentials { .. }));
        assert!(matches!(of(EapFailure::Crypto(CryptoError::Random)), AditError::Internal { .. }));
    }
}
