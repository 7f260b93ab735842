//! Between a configuration profile and a configuration.
//!
//! Owns the import of a VPN payload ([`import`]: settings and secrets apart, with notes on what has no counterpart) and
//! the profile that a start hands to a tunnel ([`TunnelProfile`]), which goes through the same rules as any other file.
//! Leaves out reading and judging files (`adit-profile`).
//!
//! Lifetimes: a profile's default is 1440 minutes for both SAs, the API's is 60 and 30. An import fills in the profile's,
//! an export always writes the number.

mod read;
mod rules;
mod write;

pub use read::{ImportRefusal, Imported, Note, import};
pub use write::{NoProfile, TunnelProfile, tunnel_profile};
