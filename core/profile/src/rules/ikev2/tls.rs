//! What the rules about `TLSMinimumVersion` and `TLSMaximumVersion` share.

use crate::model::Section;

pub(super) const MINIMUM: &str = "TLSMinimumVersion";

pub(super) const MAXIMUM: &str = "TLSMaximumVersion";

/// A version of TLS that the keys may name; texts of this list compare as the versions do.
pub(super) fn version(settings: &Section<'_>, key: &str) -> Option<&'static str> {
    let text = settings.str(key)?;
    ["1.0", "1.1", "1.2", "1.3"].into_iter().find(|known| *known == text.value)
}
