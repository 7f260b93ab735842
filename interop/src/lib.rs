//! A rig that runs real IKEv2 peers against each other in network namespaces, as root on Linux.
//!
//! Owns: two hosts joined by a cable or by a NAT router ([`net`]), strongSwan daemons in them ([`strongswan`]), our
//! own client and gateway as processes ([`adit`]), certificates ([`pki`]) and profiles ([`profile`]) for them, and the
//! traffic that proves a tunnel carries packets both ways, whole and without loss ([`traffic`]). Leaves out: loss,
//! delay and reordering, which `adit-testkit` simulates.
//!
//! Everything a rig makes is gone when it is dropped, also after a panic; what a killed run left is removed when
//! the next rig is made. Every process is ended by its own id. Logs stay in `target/interop` when a test fails.

pub mod adit;
pub mod mover;
pub mod net;
pub mod pki;
pub mod process;
pub mod profile;
pub mod settings;
pub mod strongswan;
pub mod traffic;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Something in the rig did not work; the text says what, with the output of the program that failed.
pub struct Error(String);

/// What the rig's functions answer.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// A test that returns or unwraps the error prints it this way: as text with its line breaks.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Asks `done` every 20 ms until it answers `Some`.
///
/// # Errors
/// It did not within `limit`; the text names `what` was waited for.
pub fn wait_for<T>(what: &str, limit: Duration, mut done: impl FnMut() -> Option<T>) -> Result<T> {
    let started = Instant::now();
    loop {
        if let Some(value) = done() {
            return Ok(value);
        }
        if started.elapsed() > limit {
            return Err(Error::new(format!("waited {} s in vain for {what}", limit.as_secs_f64())));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Where runs keep their files: `target/interop` of the workspace.
pub(crate) fn work_folder() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).join("target/interop")
}
