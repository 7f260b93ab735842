//! The Personal VPN model for platforms that have none, with the semantics of Apple's API.
//!
//! [`System`] holds configurations, the managers through which apps see them, and their connections; whatever needs a
//! disk, a network, a person or a key is a [`Request`] that the host answers. What belongs together lies together:
//! [`protocol`] (settings), [`profile`] (from and to a configuration profile), [`preferences`] (load, save, remove),
//! [`connection`] (start, stop, status, sleep), [`on_demand`] (rules), [`precedence`] (who has the default
//! route), [`routing`] (what each platform can keep of the routing switches), [`per_app`], [`error`].
//!
//! The crate is sans-I/O: time is an argument, there is no clock, socket, thread or global. Secrets are named by
//! references; a record and a `Debug` text hold none. The texts that explain a configuration are `adit-profile`'s
//! (`explain`).
//!
//! ```
//! use adit_manager::routing::Platform;
//! use adit_manager::{Answer, Configuration, Demand, System, SystemOptions, Tunnels};
//! # use adit_ike::time::Instant;
//! # let now = Instant::EPOCH;
//!
//! let mut system = System::new(SystemOptions {
//!     app: "com.example.app".into(),
//!     platform: Platform::Android { api_level: 35, lockdown: false },
//!     tunnels: Tunnels::One,
//!     accepts_traffic_outside: false,
//!     unix_epoch: 1_700_000_000,
//! });
//! let manager = system.shared();
//! system.load(now, manager)?;
//! while let Some(request) = system.poll_request() {
//!     let answer = match request.demand {
//!         Demand::Load { .. } => Answer::Record(None), // nothing is stored yet
//!         _ => continue,                               // answered later, by another part of the host
//!     };
//!     system.answer(now, request.token, answer)?;
//! }
//! assert_eq!(system.configuration(manager), Some(&Configuration::default()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `symbols.tsv` beside this crate's manifest lists Apple's 221 symbols of Personal VPN with their counterpart here; a
//! test holds it.

#![forbid(unsafe_code)]

mod configuration;
pub mod connection;
pub mod error;
mod event;
mod hex;
mod key;
mod limitation;
pub mod on_demand;
pub mod per_app;
pub mod precedence;
pub mod preferences;
pub mod profile;
pub mod protocol;
mod raw;
mod request;
pub mod routing;
mod secret;
mod system;

pub use configuration::{Configuration, ConfigurationJsonError, ManagedSettings};
pub use connection::{StartOptions, Status};
pub use error::{ConnectionError, Disconnect, EndReason, VpnError, VpnErrorCode};
pub use event::{
    CONFIGURATION_CHANGE_NOTIFICATION, Event, Operation, STATUS_DID_CHANGE_NOTIFICATION, TunnelEvent,
};
pub use key::{ConfigurationKey, ManagerId};
pub use limitation::{Consequence, Limitation};
pub use request::{Answer, AnswerError, Ask, Demand, Request, Token, TunnelId, TunnelStart};
pub use secret::{NewSecret, SecretReference, SecretSlot};
pub use system::{System, SystemOptions, Tunnels};
