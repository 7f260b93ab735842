//! What a conversion to the VPN declarations of 27.0 (`com.apple.configuration.network.vpn.*`) would do.
//!
//! Such a profile is as good as before on 27.0, so these rules speak only where somebody asks: when they are selected by
//! name, or for a target of 27.0 or later on a platform that has the declarations. Owns only where the
//! rules look; the mapping is [`crate::convert`]'s.

mod can_convert;
mod lost_on_convert;
mod needs_asset;

use super::prelude::*;
use crate::convert::{DeclarationKind, counterpart};

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[&can_convert::RULE, &lost_on_convert::RULE, &needs_asset::RULE];

/// The version that brings the declarations.
const SINCE: Version = Version::new(27, 0);

/// Whether somebody asks about declarations.
fn is_asked(cx: &Context<'_>) -> bool {
    is_wanted_by_name(cx) || cx.options.targets.iter().any(has_declarations)
}

/// Whether somebody asks in so many words, rather than by naming a target.
fn is_wanted_by_name(cx: &Context<'_>) -> bool {
    let named = |name: &String| name == "ddm" || name.starts_with("ddm.");
    cx.options.select.iter().any(named)
}

/// Whether a system has VPN declarations: all but watchOS since 27.0.
fn has_declarations(target: &Target) -> bool {
    target.platform != Platform::Watchos && target.version >= SINCE
}

/// The declaration for a VPN payload; `None` where there is none.
fn declaration(vpn: &Vpn<'_>) -> Option<DeclarationKind> {
    counterpart(vpn.payload).ok()
}

/// The dictionaries with a VPN's own settings: that of its type, or each Always On tunnel.
fn settings<'a>(vpn: &Vpn<'a>) -> Vec<Section<'a>> {
    match &vpn.settings {
        Some(always_on) if vpn.kind == Some("AlwaysOn") => always_on.sections("TunnelConfigurations"),
        Some(settings) => vec![settings.clone()],
        None => Vec::new(),
    }
}
