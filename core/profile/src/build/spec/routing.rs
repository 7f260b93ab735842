//! Which traffic goes through the tunnel.

use super::{Keys, keys::Absent, spec};

spec! {
    /// The routing flags, the same for IKEv2 and for apps. What is left out is the system's to decide.
    #[derive(Default, Copy, Eq)]
    pub struct Routing {
        required {}
        optional {
            /// `IncludeAllNetworks`: everything goes through the tunnel, or nowhere.
            include_all_networks: Option<bool>,
            /// `EnforceRoutes`: the tunnel's routes win over those of the network.
            enforce_routes: Option<bool>,
            /// `ExcludeLocalNetworks`: the local network is reached beside the tunnel.
            exclude_local_networks: Option<bool>,
            /// `ExcludeCellularServices`: the carrier's services (calls, messages) stay outside.
            exclude_cellular_services: Option<bool>,
            /// `ExcludeAPNs`: push notifications stay outside.
            exclude_apns: Option<bool>,
            /// `ExcludeDeviceCommunication`: talk with nearby devices stays outside.
            exclude_device_communication: Option<bool>,
        }
    }
}

impl Absent for Routing {
    fn is_absent(&self) -> bool {
        *self == Self::default()
    }
}

impl Routing {
    pub(super) fn write(&self, keys: &mut Keys) {
        keys.flag("IncludeAllNetworks", self.include_all_networks);
        keys.flag("EnforceRoutes", self.enforce_routes);
        keys.flag("ExcludeLocalNetworks", self.exclude_local_networks);
        keys.flag("ExcludeCellularServices", self.exclude_cellular_services);
        keys.flag("ExcludeAPNs", self.exclude_apns);
        keys.flag("ExcludeDeviceCommunication", self.exclude_device_communication);
    }
}
