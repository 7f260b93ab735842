//! The reasons for which a tunnel ends, and what is told of the last one.

use adit_ike::{CloseReason, Failure};

use super::{ConnectionError, failure};

/// Why a tunnel ended, as whoever ran it tells: the cases of [`CloseReason`] and of `adit_driver::client::ClientError`
/// (`Resolve` is [`Self::NameNotResolved`], `Failed` and `Deleted` are those of [`CloseReason`], `Host` is
/// [`Self::NoRoute`] when the system says unreachable and [`Self::DeviceFailed`] otherwise), and what only the platform
/// knows.
#[derive(Clone, Debug, PartialEq)]
pub enum EndReason {
    /// It was asked to end.
    Requested,
    /// The configuration itself ended it: an idle timer, sleep, an on-demand rule, or that it is no longer enabled.
    ByConfiguration {
        /// Which of them, in words.
        why: &'static str,
    },
    /// The server deleted the tunnel.
    DeletedByPeer,
    /// The engine gave up.
    Failed(Failure),
    /// The server's name does not resolve.
    NameNotResolved {
        /// The resolver's explanation.
        cause: String,
    },
    /// There is no network.
    NoNetwork,
    /// There is a network, but no way from it to the server.
    NoRoute {
        /// The system's explanation.
        cause: String,
    },
    /// The network changed, and the tunnel could not be moved.
    NetworkChanged,
    /// A socket could not be kept out of the tunnel (`VpnService.protect`), so nothing was sent.
    SocketNotProtected,
    /// The platform took the right to run a tunnel away (`VpnService.onRevoke`), or never gave it.
    Revoked,
    /// What was to run the tunnel is missing or may not run.
    NotPermitted {
        /// What the platform says.
        cause: String,
    },
    /// This device failed: sockets, TUN device, routes, memory.
    DeviceFailed {
        /// What was attempted, and the system's explanation.
        cause: String,
    },
    /// The profile made of the configuration is refused.
    ConfigurationRefused {
        /// Why, one reason a line.
        reasons: String,
    },
    /// The host could not give a secret that the configuration refers to.
    SecretMissing {
        /// Which one, in words.
        what: String,
    },
    /// The client's own certificate cannot be used.
    ClientCertificate {
        /// In which of three ways.
        problem: ClientCertificateProblem,
        /// The host's explanation.
        cause: String,
    },
    /// There is no stored configuration any more.
    ConfigurationRemoved,
    /// The device slept longer than the server keeps a tunnel.
    Overslept,
    /// Another VPN took the default route, and the platform has room for one only.
    Preempted {
        /// Which one, in words.
        by: String,
    },
    /// Whoever ran it said only this: Apple's case and the words, as they come from another process.
    Told {
        /// Apple's case.
        error: ConnectionError,
        /// What happened.
        message: String,
        /// What to do about it; perhaps empty.
        advice: String,
    },
}

/// What is wrong with the client's certificate.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ClientCertificateProblem {
    /// It is broken, of the wrong kind, or its key is gone.
    Invalid,
    /// It is valid from later on.
    NotYetValid,
    /// It has expired.
    Expired,
}

impl From<CloseReason> for EndReason {
    fn from(reason: CloseReason) -> Self {
        match reason {
            CloseReason::Requested => Self::Requested,
            CloseReason::DeletedByPeer => Self::DeletedByPeer,
            CloseReason::Failed(failure) => Self::Failed(failure),
        }
    }
}

impl EndReason {
    /// Nothing went through for as long as the configuration says (`DisconnectOnIdle`).
    #[must_use]
    pub const fn idle() -> Self {
        Self::ByConfiguration { why: "nothing went through the tunnel (DisconnectOnIdle)" }
    }

    /// Apple's case; `None` for an end that somebody asked for. The reasons:
    ///
    /// * `NoRoute` counts as no network available: the user sees a network that does not lead there.
    /// * `SocketNotProtected` and `DeviceFailed` are the program's that runs the tunnel, hence `pluginFailed`.
    /// * `Revoked` and `NotPermitted` say that it may not run, hence `pluginDisabled`.
    /// * `SecretMissing` is a configuration that cannot be connected with.
    /// * `Preempted` is a network change that the tunnel could not outlive: Apple names no case for it.
    #[must_use]
    pub fn connection_error(&self) -> Option<ConnectionError> {
        use ConnectionError as Error;
        Some(match self {
            Self::Requested | Self::ByConfiguration { .. } => return None,
            Self::DeletedByPeer => Error::ServerDisconnected,
            Self::Failed(reason) => failure::connection_error_of(reason),
            Self::NameNotResolved { .. } => Error::ServerAddressResolutionFailed,
            Self::NoNetwork | Self::NoRoute { .. } => Error::NoNetworkAvailable,
            Self::NetworkChanged | Self::Preempted { .. } => Error::UnrecoverableNetworkChange,
            Self::SocketNotProtected | Self::DeviceFailed { .. } => Error::PluginFailed,
            Self::Revoked | Self::NotPermitted { .. } => Error::PluginDisabled,
            Self::ConfigurationRefused { .. } | Self::SecretMissing { .. } => Error::ConfigurationFailed,
            Self::ConfigurationRemoved => Error::ConfigurationNotFound,
            Self::ClientCertificate { problem, .. } => match problem {
                ClientCertificateProblem::Invalid => Error::ClientCertificateInvalid,
                ClientCertificateProblem::NotYetValid => Error::ClientCertificateNotYetValid,
                ClientCertificateProblem::Expired => Error::ClientCertificateExpired,
            },
            Self::Overslept => Error::Overslept,
            Self::Told { error, .. } => *error,
        })
    }

    /// True if trying again is pointless until something changes: the configuration, the network, a permission, or the
    /// server (`Failure::is_permanent`).
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Failed(failure) => failure.is_permanent(),
            Self::Told { error, .. } => error.is_permanent(),
            Self::Revoked
            | Self::NotPermitted { .. }
            | Self::ConfigurationRefused { .. }
            | Self::SecretMissing { .. }
            | Self::ClientCertificate { .. }
            | Self::ConfigurationRemoved
            | Self::Preempted { .. } => true,
            Self::Requested
            | Self::ByConfiguration { .. }
            | Self::DeletedByPeer
            | Self::NameNotResolved { .. }
            | Self::NoNetwork
            | Self::NoRoute { .. }
            | Self::NetworkChanged
            | Self::SocketNotProtected
            | Self::DeviceFailed { .. }
            | Self::Overslept => false,
        }
    }

    /// What happened, for a person.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Requested => "the tunnel was ended on request".into(),
            Self::ByConfiguration { why } => (*why).into(),
            Self::DeletedByPeer => "the server ended the tunnel".into(),
            Self::Failed(failure) => failure.to_string(),
            Self::NameNotResolved { cause } => format!("the server's name does not resolve: {cause}"),
            Self::NoNetwork => "there is no network".into(),
            Self::NoRoute { cause } => format!("this network does not lead to the server: {cause}"),
            Self::NetworkChanged => {
                "the network changed and the tunnel could not be moved to the new one".into()
            }
            Self::SocketNotProtected => "a socket could not be kept out of the tunnel".into(),
            Self::Revoked => "the system took away the right to run a VPN".into(),
            Self::NotPermitted { cause } => format!("the tunnel may not run: {cause}"),
            Self::DeviceFailed { cause } => format!("this device failed: {cause}"),
            Self::ConfigurationRefused { reasons } => {
                format!("the configuration cannot be connected with: {reasons}")
            }
            Self::SecretMissing { what } => format!("{what} is not in the store"),
            Self::ClientCertificate { cause, .. } => {
                format!("the certificate of this device cannot be used: {cause}")
            }
            Self::ConfigurationRemoved => "the configuration was removed".into(),
            Self::Overslept => "the device slept longer than the server keeps a tunnel".into(),
            Self::Preempted { by } => format!("{by} took the default route"),
            Self::Told { message, .. } => message.clone(),
        }
    }

    /// What to do about it, and who; perhaps empty.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::Failed(failure) => failure.advice(),
            Self::Told { advice, .. } => advice.clone(),
            Self::DeletedByPeer => "The server's log says why.".into(),
            Self::NameNotResolved { .. } => {
                "Check the spelling of the server address, and that DNS works on this network.".into()
            }
            Self::NoNetwork | Self::NoRoute { .. } => {
                "Check that the device is connected to a network that leads to the server.".into()
            }
            Self::SecretMissing { .. } => "Enter it again and save the configuration.".into(),
            Self::ClientCertificate { .. } => "Install a valid certificate for this device.".into(),
            Self::Revoked | Self::NotPermitted { .. } => "Allow the VPN in the system's settings.".into(),
            Self::SocketNotProtected | Self::DeviceFailed { .. } => {
                "Try again; if it stays, report it with the log.".into()
            }
            Self::Overslept | Self::NetworkChanged => "Connect again.".into(),
            Self::ConfigurationRefused { .. } => "Correct the configuration.".into(),
            Self::Requested
            | Self::ByConfiguration { .. }
            | Self::ConfigurationRemoved
            | Self::Preempted { .. } => String::new(),
        }
    }
}

/// What is told of the last time a tunnel ended (`fetchLastDisconnectError`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Disconnect {
    /// Apple's case; `None` when it ended on request or as configured, for which Apple
    /// gives no error.
    pub error: Option<ConnectionError>,
    /// What happened.
    pub message: String,
    /// What to do about it; perhaps empty.
    pub advice: String,
}

impl From<&EndReason> for Disconnect {
    fn from(reason: &EndReason) -> Self {
        Self { error: reason.connection_error(), message: reason.message(), advice: reason.advice() }
    }
}
