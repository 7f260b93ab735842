//! Adit for apps.
//!
//! Owns what Swift, Kotlin and C see of the core: a tunnel ([`Session`]), the Personal VPN model ([`Manager`]), the functions on profiles ([`profile`]), errors
//! that an app can act on ([`AditError`]), the log. Swift and Kotlin go through UniFFI, of which everything exported here is
//! a part; packets never do: they come by a descriptor, or in batches through the C ABI (`include/adit.h`, [`c_abi`]), which
//! also has a tunnel for hosts that are neither.
//!
//! Leaves out: what a system does for a tunnel (the Swift package and the Kotlin library), the protocol (`adit-tunnel` and
//! below), sockets and descriptors (`adit-driver`).
//!
//! **One thread.** All tunnels of a process run on one thread of ours, made with the first and gone after the last
//! (`runtime`). No function here waits for the network but [`Session::stop`] (a second at most) and
//! [`Session::wait_event`] (as long as it is told).
//!
//! **Events, not callbacks.** An app takes events and answers questions by their token; nothing calls into Swift or Kotlin.
//!
//! **Nothing panics across.** Should something panic all the same, UniFFI makes an exception of it, the C ABI an error code,
//! and a tunnel that it hits is closed with [`AditError::Internal`].

pub mod c_abi;
mod end;
mod error;
mod events;
mod log;
mod manager;
pub mod profile;
mod records;
mod runtime;
mod session;

pub use error::AditError;
pub use events::{Answer, Question, SessionEvent};
pub use log::{LogLevel, log_line, set_log_level};
pub use manager::{Manager, per_app_lists, routing_plan};
pub use records::{
    ConnectionInfo, Credentials, HostAbilities, NetworkInfo, NetworkKind, ProxySettings, SessionOptions,
    SessionStats, TunFraming, TunnelSettings,
};
pub use session::{Session, live_sessions};

uniffi::setup_scaffolding!("adit");

// Linked into the library, so that Swift and Kotlin find it there.
#[cfg(feature = "test-gateway")]
adit_test_gateway::uniffi_reexport_scaffolding!();
