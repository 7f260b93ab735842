//! From the profile to an IKEv2 tunnel: what it asks for, or why it cannot be had.
//!
//! [`Associations`] is what the security association dictionaries come to, for rules, explanations and plans alike.
//! [`requirements`] asks [`crate::rules`] what is wrong with a payload, adds what this build cannot do, opens
//! certificates, and gives [`Ikev2Settings`]. A key that is merely not acted on is a warning ([`NOT_OBEYED_YET`]); where
//! going on without it would weaken security or keep the tunnel from coming up, `refusals` refuses.
//!
//! Sources: Apple's VPN payload documentation and schema; RFC 7296, 5998, 8784, 9370 for what the keys mean on the
//! wire.

pub mod algorithms;
pub mod associations;
pub(crate) mod certificate_type;
mod coverage;
mod identity;
mod refusals;
mod requirements;
mod settings;

pub use associations::{Association, Associations, Origin, Origins, Source};
pub use coverage::{NOT_OBEYED_YET, NotObeyed, When};
pub use requirements::{Choice, Which, requirements};
pub use settings::{Authentication, EapCredentials, Flags, Ikev2Settings, ServerTrust};
