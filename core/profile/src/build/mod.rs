//! Writing profiles: from a typed description to a property list in XML or binary.
//!
//! [`Spec`] says what a profile is to do; [`Spec::build`] gives the property list as a [`Value`]; [`to_xml`] and
//! [`to_binary`] write it. Whether a device would take the result is [`crate::check`]'s to say. Nothing here reads a
//! file, a clock or a random source: what is made is the same for the same arguments.

mod binary;
pub mod fields;
mod material;
pub mod open;
mod plist;
pub mod spec;
pub(crate) mod tree;
mod uuid;
mod xml;

pub use binary::to_binary;
pub use material::{Material, Source, Wanted};
pub use plist::Value;
pub use spec::{Spec, SpecError, Vpn, VpnKind};
pub use tree::Misfit;
pub use uuid::Seed;
pub use xml::to_xml;

/// How deep a tree may be: what the readers take.
const MAX_DEPTH: usize = 128;

/// Why a value cannot be written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// XML cannot hold this character at all, not even as a reference (XML 1.0 section 2.2).
    #[error("the character U+{character:04X} at {path} cannot stand in XML")]
    ForbiddenCharacter {
        /// The scalar value.
        character: u32,
        /// The key path of the string that holds it.
        path: String,
    },
    /// A number that property lists have no room for: below -2^63 or above 2^64-1.
    #[error("the number {} does not fit into a property list", crate::number::Whole(*.0))]
    IntegerRange(i128),
    /// A date that is no day of the calendar; a binary list holds seconds, not digits.
    #[error("{0} is no day of the calendar")]
    ImpossibleDate(crate::syntax::Date),
    /// Dictionaries and arrays inside one another beyond what readers take.
    #[error("more than {0} dictionaries and arrays inside one another")]
    TooDeep(usize),
}

/// Refuses what no reader takes back.
fn in_range(number: i128) -> Result<i128, WriteError> {
    if (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(&number) {
        Ok(number)
    } else {
        Err(WriteError::IntegerRange(number))
    }
}
