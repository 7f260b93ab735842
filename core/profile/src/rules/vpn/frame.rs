//! What several rules of the family ask of a VPN payload.

use crate::rules::prelude::*;

pub(super) const METHOD: &str = "AuthenticationMethod";
pub(super) const SUBTYPE: &str = "VPNSubType";

/// The settings of an app's VPN: `VPN` or `TransparentProxy`.
pub(super) fn app_settings<'c, 'a>(vpn: &'c Vpn<'a>) -> Option<&'c Section<'a>> {
    vpn.settings.as_ref().filter(|_| matches!(vpn.kind, Some("VPN" | "TransparentProxy")))
}

/// The settings of every connection: one dictionary a VPN payload, for Always On each tunnel's.
pub(super) fn connections<'c, 'a>(cx: &'c Context<'a>) -> impl Iterator<Item = &'c Section<'a>> {
    let single = cx.vpns.iter().filter(|vpn| vpn.kind != Some("AlwaysOn"));
    let tunnels = cx.tunnels.iter().filter(|tunnel| tunnel.always_on);
    single.filter_map(|vpn| vpn.settings.as_ref()).chain(tunnels.map(|tunnel| &tunnel.settings))
}

/// The dictionary and the key that name the server. None for types that name none.
pub(super) fn server<'c, 'a>(vpn: &'c Vpn<'a>) -> Option<(&'c Section<'a>, &'static str)> {
    let key = match vpn.kind? {
        "VPN" | "IPSec" | "IKEv2" => "RemoteAddress",
        "L2TP" => "CommRemoteAddress",
        _ => return None,
    };
    vpn.settings.as_ref().map(|settings| (settings, key))
}

/// The app in the project's list with this `VPNSubType`.
pub(super) fn known_app(subtype: &str) -> Option<&'static schema::Subtype> {
    schema::subtypes().iter().find(|app| app.identifiers.contains(&subtype))
}
