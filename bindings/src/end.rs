//! Why a tunnel ended, in the manager's terms.
//!
//! Owns the table from what ended a client ([`ClientError`]) to an [`EndReason`], from which both the code of an
//! [`AditError`] and the manager's last disconnect follow, so that the two never differ; and the way back from an error that
//! comes from another process. Which of Apple's 19 cases a reason is, is `adit_manager::error`'s to say.

use adit_driver::client::ClientError;
use adit_manager::{ConnectionError, EndReason};

use crate::AditError;

/// An end that nobody asked for: for the app, and for the manager.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) error: AditError,
    pub(crate) reason: EndReason,
}

impl From<&ClientError> for Ended {
    fn from(error: &ClientError) -> Self {
        Self { error: error.into(), reason: of_client(error) }
    }
}

impl From<AditError> for Ended {
    fn from(error: AditError) -> Self {
        let reason = of_error(&error);
        Self { error, reason }
    }
}

/// The reason for what ended a client.
pub(crate) fn of_client(error: &ClientError) -> EndReason {
    let cause = || error.to_string();
    match error {
        ClientError::Failed(failure) => EndReason::Failed(failure.clone()),
        ClientError::Deleted => EndReason::DeletedByPeer,
        ClientError::Resolve(_) => EndReason::NameNotResolved { cause: cause() },
        ClientError::NoNetwork => EndReason::NoNetwork,
        ClientError::Unprotected { .. } => EndReason::SocketNotProtected,
        ClientError::Host { .. } if error.is_unreachable() => EndReason::NoRoute { cause: cause() },
        ClientError::Host { .. } => EndReason::DeviceFailed { cause: cause() },
    }
}

/// The name that errors have for what ended a client.
pub(crate) fn code_of_client(error: &ClientError) -> String {
    of_client(error).connection_error().map(|error| error.swift_name().to_owned()).unwrap_or_default()
}

/// The reason for an error that is all there is: by its code, which names Apple's case. An error without one
/// (`Usage`) is a mistake of the program that runs the tunnel.
pub(crate) fn of_error(error: &AditError) -> EndReason {
    let (message, advice, code) = error.parts();
    told(code, message, advice)
}

/// The same of the parts of an error.
pub(crate) fn told(code: &str, message: &str, advice: &str) -> EndReason {
    let named = ConnectionError::ALL.iter().find(|known| known.swift_name() == code);
    EndReason::Told {
        error: named.copied().unwrap_or(ConnectionError::PluginFailed),
        message: message.to_owned(),
        advice: advice.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use adit_driver::resolve::ResolveError;
    use adit_ike::Failure;

    use super::*;

    /// One of each, with Apple's case and whether trying again is pointless. The match below does not compile when there
    /// is a new one.
    fn all() -> Vec<(ClientError, ConnectionError, bool)> {
        use ConnectionError as Error;
        let host = |kind| ClientError::Host { doing: "connect", cause: io::Error::from(kind) };
        vec![
            (ClientError::Failed(Failure::NoAddress), Error::NegotiationFailed, false),
            (ClientError::Failed(Failure::CredentialsRefused), Error::AuthenticationFailed, true),
            (ClientError::Deleted, Error::ServerDisconnected, false),
            (
                ClientError::Resolve(ResolveError::NoAddress { name: "gateway.example".into() }),
                Error::ServerAddressResolutionFailed,
                false,
            ),
            (ClientError::NoNetwork, Error::NoNetworkAvailable, false),
            (ClientError::Unprotected { reason: "no".into() }, Error::PluginFailed, false),
            (host(io::ErrorKind::NetworkUnreachable), Error::NoNetworkAvailable, false),
            (host(io::ErrorKind::PermissionDenied), Error::PluginFailed, false),
        ]
    }

    fn name(error: &ClientError) -> &'static str {
        match error {
            ClientError::Failed(_) => "Failed",
            ClientError::Deleted => "Deleted",
            ClientError::Resolve(_) => "Resolve",
            ClientError::NoNetwork => "NoNetwork",
            ClientError::Unprotected { .. } => "Unprotected",
            ClientError::Host { .. } => "Host",
        }
    }

    #[test]
    fn every_end_of_a_client_has_one_connection_error_for_the_app_and_the_manager() {
        let mut seen: Vec<&str> = all().iter().map(|(error, ..)| name(error)).collect();
        seen.dedup();
        assert_eq!(seen, ["Failed", "Deleted", "Resolve", "NoNetwork", "Unprotected", "Host"]);
        for (error, wanted, permanent) in all() {
            let Ended { error: told, reason } = Ended::from(&error);
            assert_eq!(reason.connection_error(), Some(wanted), "{error:?}");
            assert_eq!(told.parts().2, wanted.swift_name(), "{error:?}");
            assert_eq!(reason.is_permanent(), permanent, "{error:?}");
        }
    }

    #[test]
    fn an_error_comes_back_from_another_process_as_the_case_that_it_names() {
        for case in ConnectionError::ALL {
            let reason = told(case.swift_name(), "what happened", "what to do");
            assert_eq!(reason.connection_error(), Some(*case));
            assert_eq!((reason.message(), reason.advice()), ("what happened".into(), "what to do".into()));
        }
        assert_eq!(of_error(&AditError::usage("x")).connection_error(), Some(ConnectionError::PluginFailed));
        let refused = AditError::credentials("no password", "");
        assert_eq!(of_error(&refused).connection_error(), Some(ConnectionError::AuthenticationFailed));
    }
}
