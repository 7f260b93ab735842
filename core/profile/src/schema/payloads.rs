//! The payload types Apple documents, with or without a schema of their keys here.

use super::{Platform, Support};

/// A payload type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PayloadType {
    /// `PayloadType`.
    pub name: &'static str,
    /// Since when each platform knows it, in the order of [`Platform::ALL`].
    pub support: &'static [Support; 5],
    /// Whether a profile may hold several.
    pub multiple: bool,
}

impl PayloadType {
    /// Since when a platform knows it.
    #[must_use]
    pub fn on(&self, platform: Platform) -> Support {
        let place = Platform::ALL.iter().position(|other| *other == platform).unwrap_or_default();
        self.support.get(place).copied().unwrap_or(Support::Unknown)
    }
}
