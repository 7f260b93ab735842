//! `NEVPNStatus`.

use crate::raw::raw_enum;

raw_enum! {
    /// The state of a connection.
    pub enum Status as "NEVPNStatus" {
        /// There is no configuration, or none was loaded.
        Invalid = 0 "invalid",
        /// Not connected.
        Disconnected = 1 "disconnected",
        /// On its way.
        Connecting = 2 "connecting",
        /// Up.
        Connected = 3 "connected",
        /// Lost, and being made again.
        Reasserting = 4 "reasserting",
        /// On its way down.
        Disconnecting = 5 "disconnecting",
    }
}

impl Status {
    /// Whether a tunnel is up or on its way, in either direction.
    #[must_use]
    pub fn is_active(self) -> bool {
        !matches!(self, Self::Invalid | Self::Disconnected)
    }

    /// Whether one status may follow another.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        use Status as S;
        matches!(
            (self, next),
            (S::Invalid, S::Disconnected)
                | (S::Disconnected, S::Invalid | S::Connecting)
                | (S::Connecting, S::Connected | S::Disconnecting | S::Disconnected)
                | (S::Connected, S::Reasserting | S::Disconnecting | S::Disconnected)
                | (S::Reasserting, S::Connected | S::Disconnecting | S::Disconnected)
                | (S::Disconnecting, S::Disconnected)
        )
    }
}
