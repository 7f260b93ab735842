//! What is said about a conversion.

use adit_profile::convert::api::Export;
use adit_profile::convert::{Asset, Lost, Refusal};

use crate::term::printable;

/// Why a VPN is refused.
pub fn refusal(refusal: &Refusal) -> String {
    let name = refusal.name.as_deref().map_or_else(String::new, |name| format!(" ({})", printable(name)));
    format!("PayloadContent[{}]{name} is refused: {}", refusal.payload, refusal.reason)
}

/// What is lost, a line each.
pub fn lost(lost: &[Lost]) -> Vec<String> {
    lost.iter().map(|lost| format!("lost: {}: {}", lost.path, lost.reason)).collect()
}

/// The to-do list.
pub fn assets(assets: &[Asset], to_make: bool) -> Vec<String> {
    assets
        .iter()
        .map(|asset| {
            let types: Vec<_> = asset.types.iter().map(|kind| kind.declaration_type()).collect();
            let user = asset.user_name.as_deref();
            let user =
                user.map_or_else(String::new, |name| format!(" (the user name is {})", printable(name)));
            let verb = if to_make { "make the asset" } else { "put in from the asset" };
            format!(
                "to do: {verb} {} ({}): {}{user}; for {}",
                printable(&asset.reference),
                types.join(" or "),
                asset.holds,
                asset.profile.join(", ")
            )
        })
        .collect()
}

/// What goes into the keychain.
pub fn keychain(export: &Export) -> Vec<String> {
    export
        .keychain
        .iter()
        .map(|item| {
            format!(
                "to do: store {} in the keychain ({}) as {}; for {}",
                item.holds,
                item.class,
                printable(&item.name),
                item.path
            )
        })
        .collect()
}
