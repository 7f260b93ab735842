//! Names: of configurations, and of the objects through which they are seen.

use std::fmt;

/// Names a configuration. Its kind decides who may change it and which others it disables.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ConfigurationKey {
    /// An app's own: each app has one (`NEVPNManager.shared()`).
    Personal {
        /// The app's identifier.
        app: String,
    },
    /// One that a profile or a management server installed. It wins over an app's own where both want the default route.
    Managed {
        /// `PayloadUUID` of its payload.
        payload: String,
    },
}

impl ConfigurationKey {
    /// Whether it came by a profile or a management server.
    #[must_use]
    pub fn is_managed(&self) -> bool {
        matches!(self, Self::Managed { .. })
    }

    /// Whether the two are of one kind, of which one at most is enabled.
    #[must_use]
    pub fn is_kind_of(&self, other: &Self) -> bool {
        self.is_managed() == other.is_managed()
    }
}

impl fmt::Display for ConfigurationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Personal { app } => write!(f, "the VPN of {app}"),
            Self::Managed { payload } => write!(f, "the managed VPN {payload}"),
        }
    }
}

/// Names a manager: one app's view of a configuration (an `NEVPNManager` object).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ManagerId(pub u32);
