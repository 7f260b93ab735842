//! Errors with Apple's raw values: `NEVPNError` of the manager, `NEVPNConnectionError` of the connection.
//!
//! Owns the two enumerations, what makes one of the other sort out of each failure of the engine (`failure`), and the
//! reasons for which a tunnel ends ([`EndReason`]). Each error here also says in words what happened and what to do.

mod end;
mod failure;

pub use end::{ClientCertificateProblem, Disconnect, EndReason};
pub use failure::connection_error_of;

use std::fmt;

use crate::raw::raw_enum;

/// `NEVPNErrorDomain`.
pub const VPN_ERROR_DOMAIN: &str = "NEVPNErrorDomain";

/// `NEVPNConnectionErrorDomain`.
pub const CONNECTION_ERROR_DOMAIN: &str = "NEVPNConnectionErrorDomain";

raw_enum! {
    /// What went wrong with a configuration, or with the attempt to start it.
    pub enum VpnErrorCode as "NEVPNError" {
        /// The configuration is not valid.
        ConfigurationInvalid = 1 "configurationInvalid",
        /// The configuration is not enabled.
        ConfigurationDisabled = 2 "configurationDisabled",
        /// Connecting is not possible now.
        ConnectionFailed = 3 "connectionFailed",
        /// The copy is older than what is stored, or was never loaded: load again.
        ConfigurationStale = 4 "configurationStale",
        /// The store could not be read or written, or the user does not permit it.
        ConfigurationReadWriteFailed = 5 "configurationReadWriteFailed",
        /// Anything else.
        ConfigurationUnknown = 6 "configurationUnknown",
    }
}

raw_enum! {
    /// Why a tunnel ended.
    pub enum ConnectionError as "NEVPNConnectionError" {
        /// The device slept too long for the server to keep the tunnel.
        Overslept = 1 "overslept",
        /// There is no network.
        NoNetworkAvailable = 2 "noNetworkAvailable",
        /// The network changed, and the tunnel could not be kept.
        UnrecoverableNetworkChange = 3 "unrecoverableNetworkChange",
        /// The configuration cannot be connected with.
        ConfigurationFailed = 4 "configurationFailed",
        /// The server's name does not resolve.
        ServerAddressResolutionFailed = 5 "serverAddressResolutionFailed",
        /// The server did not answer at all.
        ServerNotResponding = 6 "serverNotResponding",
        /// The server stopped answering.
        ServerDead = 7 "serverDead",
        /// Who somebody is was not proved, to the server or to us.
        AuthenticationFailed = 8 "authenticationFailed",
        /// The client's certificate cannot be used.
        ClientCertificateInvalid = 9 "clientCertificateInvalid",
        /// The client's certificate is valid from later on.
        ClientCertificateNotYetValid = 10 "clientCertificateNotYetValid",
        /// The client's certificate has expired.
        ClientCertificateExpired = 11 "clientCertificateExpired",
        /// The program that runs the tunnel failed.
        PluginFailed = 12 "pluginFailed",
        /// There is no configuration.
        ConfigurationNotFound = 13 "configurationNotFound",
        /// The program that runs the tunnel may not run.
        PluginDisabled = 14 "pluginDisabled",
        /// No agreement with the server.
        NegotiationFailed = 15 "negotiationFailed",
        /// The server ended the tunnel.
        ServerDisconnected = 16 "serverDisconnected",
        /// The server's certificate is not accepted.
        ServerCertificateInvalid = 17 "serverCertificateInvalid",
        /// The server's certificate is valid from later on.
        ServerCertificateNotYetValid = 18 "serverCertificateNotYetValid",
        /// The server's certificate has expired.
        ServerCertificateExpired = 19 "serverCertificateExpired",
    }
}

impl ConnectionError {
    /// True if trying again is pointless until something changes, as far as Apple's case tells; where the engine's own
    /// failure is known that tells more ([`EndReason::is_permanent`]).
    #[must_use]
    pub const fn is_permanent(self) -> bool {
        match self {
            Self::ConfigurationFailed
            | Self::AuthenticationFailed
            | Self::ClientCertificateInvalid
            | Self::ClientCertificateNotYetValid
            | Self::ClientCertificateExpired
            | Self::ConfigurationNotFound
            | Self::PluginDisabled
            | Self::NegotiationFailed
            | Self::ServerCertificateInvalid
            | Self::ServerCertificateNotYetValid
            | Self::ServerCertificateExpired => true,
            Self::Overslept
            | Self::NoNetworkAvailable
            | Self::UnrecoverableNetworkChange
            | Self::ServerAddressResolutionFailed
            | Self::ServerNotResponding
            | Self::ServerDead
            | Self::PluginFailed
            | Self::ServerDisconnected => false,
        }
    }
}

/// An error of a manager, or of a start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VpnError {
    /// Apple's case.
    pub code: VpnErrorCode,
    /// What is wrong and what to do. Holds no secret.
    pub message: String,
}

impl VpnError {
    pub(crate) fn new(code: VpnErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl fmt::Display for VpnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({VPN_ERROR_DOMAIN} {})", self.message, self.code.raw())
    }
}

impl std::error::Error for VpnError {}
