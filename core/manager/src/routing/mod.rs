//! Include and exclude routes, platform by platform.
//!
//! Owns the six switches of `NEVPNProtocol` as an intent ([`RoutingIntent`]), what a platform can do of it with the routes
//! that a server gives ([`plan`], a pure function), and what it cannot, with its reason ([`RoutingIntent::limitations`]).
//! Leaves out setting routes.
//!
//! What the switches mean (the headers of `NEVPNProtocol`, the VPN payload's schema):
//!
//! * `includeAllNetworks`: everything goes through the tunnel, and nothing goes anywhere while it is being made.
//!   `enforceRoutes` counts for nothing then.
//! * `enforceRoutes`: the tunnel's routes go before those of the local network. Without either the local network's more
//!   specific routes win, so that it stays outside whatever the server says.
//! * `excludeLocalNetworks` counts with one of the two; the other exclusions with `includeAllNetworks` only.
//!
//! Sources: `NEVPNProtocol.h` (SDK 27) for versions; `VpnService.Builder` (API 33 for `excludeRoute`, 29 for
//! `isLockdownEnabled`).

mod limits;
mod plan;
mod subtract;

pub use adit_tunnel::{IpPrefix, PrefixError};
pub use plan::{AppleFlags, RoutingPlan, TunnelRoutes, plan};
pub use subtract::subtract;

use crate::protocol::Protocol;

/// A platform, as far as routes depend on it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Platform {
    /// A packet tunnel extension on iOS, iPadOS or visionOS.
    Ios {
        /// The system's version; for visionOS that of the iOS it goes with.
        major: u16,
        /// Its minor version.
        minor: u16,
    },
    /// A packet tunnel extension on macOS.
    Macos {
        /// The system's version.
        major: u16,
        /// Its minor version.
        minor: u16,
    },
    /// A `VpnService`.
    Android {
        /// The API level.
        api_level: u16,
        /// The user has set "block connections without VPN" (`isLockdownEnabled`).
        lockdown: bool,
    },
    /// `adit connect` and what is built like it.
    Linux,
}

/// What a configuration asks for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct RoutingIntent {
    /// Everything goes through the tunnel.
    pub include_all_networks: bool,
    /// The tunnel's routes go before the local network's.
    pub enforce_routes: bool,
    /// The local network stays outside.
    pub exclude_local_networks: bool,
    /// The carrier's services stay outside.
    pub exclude_cellular_services: bool,
    /// Apple's push service stays outside.
    pub exclude_apns: bool,
    /// Links to other devices stay outside.
    pub exclude_device_communication: bool,
    /// A cellular slice is to be used.
    pub slice_uuid: Option<String>,
}

impl RoutingIntent {
    /// What protocol settings ask for.
    #[must_use]
    pub fn of(protocol: &Protocol) -> Self {
        Self {
            include_all_networks: protocol.include_all_networks,
            enforce_routes: protocol.enforce_routes,
            exclude_local_networks: protocol.exclude_local_networks,
            exclude_cellular_services: protocol.exclude_cellular_services,
            exclude_apns: protocol.exclude_apns,
            exclude_device_communication: protocol.exclude_device_communication,
            slice_uuid: protocol.slice_uuid.clone(),
        }
    }

    /// Whether the local network stays outside.
    #[must_use]
    pub fn local_stays_outside(&self) -> bool {
        if self.include_all_networks || self.enforce_routes { self.exclude_local_networks } else { true }
    }
}
