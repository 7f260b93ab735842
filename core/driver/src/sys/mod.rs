//! Single system calls that the standard library has no words for.
//!
//! Owns every `unsafe` block of the crate. Each function makes one call, states why it is sound, and turns
//! the result into `io::Result`. Leaves out all decisions.

pub(crate) mod descriptor;
pub(crate) mod socket;
pub(crate) mod terminal;
pub(crate) mod time;
#[cfg(target_os = "linux")]
pub(crate) mod tun;
pub(crate) mod wide_sum;

use std::io;

/// A call that reports failure with a negative number and errno.
fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
