//! What each platform cannot do, and why.

use crate::limitation::{Consequence, Limitation};

use super::{Platform, RoutingIntent};

impl RoutingIntent {
    /// What a platform cannot keep of this intent. What is at its default and makes no difference there is not told.
    #[must_use]
    pub fn limitations(&self, platform: Platform) -> Vec<Limitation> {
        let mut found = Vec::new();
        match platform {
            Platform::Ios { major, minor } => {
                let since = Since { all: (14, 0), routes: (14, 2), services: (16, 4), devices: (17, 4) };
                self.apple((major, minor), &since, &mut found);
                if self.slice_uuid.is_some() && major < 18 {
                    found.push(Limitation::new(
                        "sliceUUID",
                        Consequence::NoEffect,
                        "the system has it since iOS 18",
                    ));
                }
            }
            Platform::Macos { major, minor } => {
                let since = Since { all: (10, 15), routes: (11, 0), services: (13, 3), devices: (14, 4) };
                self.apple((major, minor), &since, &mut found);
                if self.slice_uuid.is_some() {
                    found.push(Limitation::new(
                        "sliceUUID",
                        Consequence::NoEffect,
                        "a Mac has no cellular slices",
                    ));
                }
            }
            Platform::Android { lockdown, .. } => self.android(lockdown, &mut found),
            Platform::Linux => self.linux(&mut found),
        }
        found
    }

    fn apple(&self, version: (u16, u16), since: &Since, found: &mut Vec<Limitation>) {
        if self.include_all_networks && version < since.all {
            found.push(Limitation::new(
                "includeAllNetworks",
                Consequence::TrafficOutside,
                "the system is older than the switch (iOS 14.0, macOS 10.15): update it",
            ));
        }
        if self.enforce_routes && !self.include_all_networks && version < since.routes {
            found.push(Limitation::new(
                "enforceRoutes",
                Consequence::TrafficOutside,
                "the system is older than the switch (iOS 14.2, macOS 11.0): routes of the local network win",
            ));
        }
        if !self.include_all_networks {
            return;
        }
        for (subject, excluded, since) in [
            ("excludeCellularServices", self.exclude_cellular_services, since.services),
            ("excludeAPNs", self.exclude_apns, since.services),
            ("excludeDeviceCommunication", self.exclude_device_communication, since.devices),
        ] {
            if !excluded && version < since {
                found.push(Limitation::new(
                    subject,
                    Consequence::TrafficOutside,
                    "the system is older than the switch and always leaves this outside: update it",
                ));
            }
        }
    }

    fn android(&self, lockdown: bool, found: &mut Vec<Limitation>) {
        if self.include_all_networks {
            if !lockdown {
                found.push(Limitation::new(
                    "includeAllNetworks",
                    Consequence::OutsideWhileDown,
                    "while no tunnel is set up nothing keeps traffic in: set up a blocking one while connecting, and have \
                     the user turn on \"block connections without VPN\", which no app can do",
                ));
            }
            for (subject, excluded, reason) in [
                (
                    "excludeCellularServices",
                    self.exclude_cellular_services,
                    "calls and messages of the carrier use networks of their own, which no VPN takes in",
                ),
                (
                    "excludeDeviceCommunication",
                    self.exclude_device_communication,
                    "links to other devices are networks of their own, which no VPN takes in",
                ),
            ] {
                if !excluded {
                    found.push(Limitation::new(subject, Consequence::TrafficOutside, reason));
                }
            }
            if self.exclude_apns {
                found.push(Limitation::new(
                    "excludeAPNs",
                    Consequence::MoreInTunnel,
                    "push messages come through an app as any other here, and go through the tunnel with it",
                ));
            }
        }
        if self.slice_uuid.is_some() {
            let reason = "no API binds a VPN app to a slice; the carrier's rules for the app decide";
            found.push(Limitation::new("sliceUUID", Consequence::NoEffect, reason));
        }
    }

    fn linux(&self, found: &mut Vec<Limitation>) {
        if self.include_all_networks {
            found.push(Limitation::new(
                "includeAllNetworks",
                Consequence::TrafficOutside,
                "routes alone do not keep in what a program binds to another interface: add a firewall rule, and accept it",
            ));
        }
        if self.slice_uuid.is_some() {
            found.push(Limitation::new("sliceUUID", Consequence::NoEffect, "Linux has no cellular slices"));
        }
    }
}

/// Versions from which a system has the switches.
struct Since {
    all: (u16, u16),
    routes: (u16, u16),
    services: (u16, u16),
    devices: (u16, u16),
}
