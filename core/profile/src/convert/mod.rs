//! A VPN in other words: as a declaration of 27.0, back as a profile, and as the properties of Apple's API.
//!
//! Owns the mapping (`mapping`, one table for both directions), what is lost on the way ([`Lost`]), the list of assets
//! and keychain items to be made ([`Asset`]), and the export for app developers ([`api`]). A secret is never written
//! where it can be named instead. Leaves out sending anything anywhere, and making the assets.
//!
//! Sources: Apple's device-management schema (26.4 for profiles, 27.0 seed for declarations), the NetworkExtension
//! headers for the API.

pub mod api;
mod asset;
mod backward;
mod carry;
mod declaration;
mod forward;
mod json;
mod mapping;
mod shape;
mod tree;

pub use asset::{Asset, AssetType};
pub use backward::{ToProfile, to_profile};
pub use declaration::{Declaration, ReadError};
pub(crate) use forward::counterpart;
pub use forward::{Refusal, ToDeclarations, to_declarations};
pub use json::{FromJson, Json};
pub use mapping::DeclarationKind;

use serde::Serialize;

/// What a conversion cannot carry, or carries with another meaning.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Lost {
    /// Where it stands in what was converted.
    pub path: String,
    /// Why, and what follows from it. No value of the input stands in it, but for documented words and numbers.
    pub reason: String,
}

impl Lost {
    pub(crate) fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }
}
