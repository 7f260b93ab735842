//! The C ABI of `include/adit.h`, and the systems' logs.
//!
//! Owns every `unsafe` block of the crate. Each function checks its pointers as far as that can be done, catches panics,
//! and says in the header who owns what.
#![allow(unsafe_code)]

pub mod packets;
#[cfg(test)]
pub(crate) mod reference;
pub mod session;
pub(crate) mod system_log;

use std::ffi::{CStr, CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::AditError;

/// The version of this interface: changes when something in the header changes its meaning or goes.
pub const ADIT_ABI_VERSION: u32 = 1;

/// Done.
pub const ADIT_OK: i32 = 0;
/// The call was wrong.
pub const ADIT_USAGE: i32 = -1;
/// The profile makes no tunnel.
pub const ADIT_PROFILE: i32 = -2;
/// A user name, password or key is missing or was refused.
pub const ADIT_CREDENTIALS: i32 = -3;
/// The server was not believed.
pub const ADIT_SERVER_IDENTITY: i32 = -4;
/// Profile and server do not agree.
pub const ADIT_NEGOTIATION: i32 = -5;
/// The network or the server did not answer.
pub const ADIT_NETWORK: i32 = -6;
/// The server ended the tunnel.
pub const ADIT_SERVER_DISCONNECTED: i32 = -7;
/// The system refused something.
pub const ADIT_SYSTEM: i32 = -8;
/// A mistake in Adit.
pub const ADIT_INTERNAL: i32 = -9;

/// The code of an error.
fn code(error: &AditError) -> i32 {
    match error {
        AditError::Usage { .. } => ADIT_USAGE,
        AditError::Profile { .. } => ADIT_PROFILE,
        AditError::Credentials { .. } => ADIT_CREDENTIALS,
        AditError::ServerIdentity { .. } => ADIT_SERVER_IDENTITY,
        AditError::Negotiation { .. } => ADIT_NEGOTIATION,
        AditError::Network { .. } => ADIT_NETWORK,
        AditError::ServerDisconnected { .. } => ADIT_SERVER_DISCONNECTED,
        AditError::System { .. } => ADIT_SYSTEM,
        AditError::Internal { .. } => ADIT_INTERNAL,
    }
}

/// Runs `work`; an error, or a panic, becomes a code, and its JSON goes to `error`, if there is a place for it.
///
/// # Safety
/// `error` is null, or may be written to.
unsafe fn guarded(error: *mut *mut c_char, work: impl FnOnce() -> Result<i32, AditError>) -> i32 {
    let failed = match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => return done,
        Ok(Err(failed)) => failed,
        Err(_) => AditError::internal("a call panicked"),
    };
    if !error.is_null() {
        let text = serde_json::to_string(&failed).unwrap_or_default();
        // SAFETY: not null, and writable by this function's contract.
        unsafe { error.write(owned(text)) };
    }
    code(&failed)
}

/// A text that the caller owns from now on.
fn owned(text: String) -> *mut c_char {
    // JSON escapes NUL.
    CString::new(text).unwrap_or_default().into_raw()
}

/// A text of the caller's; none for null.
///
/// # Safety
/// `text` is null, or a text that ends in NUL and lives as long as the result is used.
unsafe fn text<'a>(text: *const c_char) -> Result<Option<&'a str>, AditError> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: this function's contract.
    unsafe { CStr::from_ptr(text) }.to_str().map(Some).map_err(|_| AditError::usage("a text is not UTF-8"))
}

/// The version of the interface; see [`ADIT_ABI_VERSION`].
#[unsafe(no_mangle)]
pub extern "C" fn adit_abi_version() -> u32 {
    ADIT_ABI_VERSION
}

/// Frees a text that a function of this interface gave.
///
/// # Safety
/// `text` is null, or came from this interface and was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_string_free(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: made by `CString::into_raw` in `owned`, and not freed before.
        drop(unsafe { CString::from_raw(text) });
    }
}
