//! A tunnel for hosts in C, or in a language that speaks C: the calls of [`crate::Session`], records as JSON.

use std::ffi::c_char;
use std::slice;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::{ADIT_OK, guarded, owned, text};
use crate::{
    AditError, Answer, Credentials, HostAbilities, NetworkInfo, Session, SessionOptions, TunFraming,
};

/// An event was given.
pub const ADIT_EVENT: i32 = 1;

/// A session; opaque in C.
#[allow(non_camel_case_types, reason = "the header's name")]
pub struct adit_session(Arc<Session>);

/// [`crate::SessionStats`] in C.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
#[allow(non_camel_case_types, reason = "the header's name")]
pub struct adit_stats {
    /// 1 while packets pass, else 0.
    pub connected: u64,
    /// Inner packets sealed.
    pub packets_sent: u64,
    /// Their bytes.
    pub bytes_sent: u64,
    /// Inner packets opened and delivered.
    pub packets_received: u64,
    /// Their bytes.
    pub bytes_received: u64,
    /// Inner packets that were not sealed.
    pub packets_not_sent: u64,
    /// Datagrams that were noise.
    pub datagrams_discarded: u64,
    /// Datagrams that this device did not send.
    pub datagrams_unsent: u64,
    /// Inner packets that the descriptor or the host did not take.
    pub packets_undelivered: u64,
}

/// What stands in the options; `docs/c-abi.md` says what each member means.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(Debug, PartialEq))]
#[serde(default, deny_unknown_fields)]
struct Options {
    payload: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identity_password: Option<String>,
    key_reference: Option<String>,
    key_certificates: Vec<Vec<u8>>,
    host: HostAbilities,
    overrides: Option<Value>,
    server_addresses: Vec<String>,
}

fn json<'a, T: Deserialize<'a>>(what: &str, text: &'a str) -> Result<T, AditError> {
    // A message may quote the text, and that a password.
    serde_json::from_str(text).map_err(|error| {
        let reason = if error.is_data() { error.to_string() } else { "it is no JSON".into() };
        let place = format!("line {}, column {}", error.line(), error.column());
        match error.is_data() && !reason.contains("unknown field") {
            true => AditError::usage(format!("{what}: a value of the wrong kind at {place}")),
            false => AditError::usage(format!("{what}: {reason} ({place})")),
        }
    })
}

/// The session behind a pointer.
///
/// # Safety
/// `session` is null, or came from [`adit_session_new`] and was not freed; it lives as long as the result is used.
unsafe fn of<'a>(session: *const adit_session) -> Result<&'a Session, AditError> {
    // SAFETY: this function's contract.
    match unsafe { session.as_ref() } {
        Some(session) => Ok(&session.0),
        None => Err(AditError::usage("session is null")),
    }
}

/// Begins a session: [`Session::new`]. `options` is an object in JSON or null; `docs/c-abi.md` has its members.
///
/// # Safety
/// `profile` points to `len` readable bytes; `options` is null or a text; `session` may be written to; `error` is null or
/// may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_new(
    profile: *const u8,
    len: usize,
    options: *const c_char,
    session: *mut *mut adit_session,
    error: *mut *mut c_char,
) -> i32 {
    let work = || {
        if profile.is_null() || session.is_null() {
            return Err(AditError::usage("profile or session is null"));
        }
        // SAFETY: not null, and `len` bytes by this function's contract.
        let profile = unsafe { slice::from_raw_parts(profile, len) }.to_vec();
        // SAFETY: null or a text by this function's contract.
        let options: Options = match unsafe { text(options) }? {
            Some(text) => json("options", text)?,
            None => Options::default(),
        };
        let made = Session::new(SessionOptions {
            profile,
            payload: options.payload,
            credentials: Credentials {
                username: options.username,
                password: options.password,
                identity_password: options.identity_password,
                key_reference: options.key_reference,
                key_certificates: options.key_certificates,
            },
            host: options.host,
            overrides_json: options.overrides.map(|overrides| overrides.to_string()),
            server_addresses: options.server_addresses,
        })?;
        // SAFETY: not null, and writable by this function's contract.
        unsafe { session.write(Box::into_raw(Box::new(adit_session(made)))) };
        Ok(ADIT_OK)
    };
    // SAFETY: this function's contract for `error`.
    unsafe { guarded(error, work) }
}

/// Waits so long for an event: [`Session::wait_event`]. 1 and its JSON in `event`, or 0.
///
/// # Safety
/// `session` is one; `event` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_wait_event(
    session: *const adit_session,
    timeout_ms: u32,
    event: *mut *mut c_char,
) -> i32 {
    let work = || {
        // SAFETY: this function's contract.
        let session = unsafe { of(session) }?;
        if event.is_null() {
            return Err(AditError::usage("event is null"));
        }
        let Some(came) = session.wait_event(timeout_ms)? else { return Ok(ADIT_OK) };
        let text = serde_json::to_string(&came).map_err(|error| AditError::internal(error.to_string()))?;
        // SAFETY: not null, and writable by this function's contract.
        unsafe { event.write(owned(text)) };
        Ok(ADIT_EVENT)
    };
    // SAFETY: there is no place for a text.
    unsafe { guarded(std::ptr::null_mut(), work) }
}

/// Answers a question: [`Session::answer`]. `answer` is an object in JSON: `{"answer":"done"}`,
/// `{"answer":"refused","reason":..}`, `{"answer":"addresses","list":[..]}`, `{"answer":"signature","bytes":[..]}`,
/// `{"answer":"password","username":..,"password":..}`.
///
/// # Safety
/// `session` is one; `answer` is a text; `error` is null or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_answer(
    session: *const adit_session,
    token: u64,
    answer: *const c_char,
    error: *mut *mut c_char,
) -> i32 {
    let work = || {
        // SAFETY: this function's contract.
        let (session, answer) = unsafe { (of(session)?, text(answer)?) };
        let answer: Answer = json("answer", answer.ok_or_else(|| AditError::usage("answer is null"))?)?;
        session.answer(token, answer).map(|()| ADIT_OK)
    };
    // SAFETY: this function's contract for `error`.
    unsafe { guarded(error, work) }
}

/// Uses a TUN: [`Session::attach_tun`]. `utun` is not 0 where each packet has four bytes of address family in front.
///
/// # Safety
/// `session` is one; `error` is null or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_attach_tun(
    session: *const adit_session,
    fd: i32,
    utun: i32,
    error: *mut *mut c_char,
) -> i32 {
    let framing = if utun == 0 { TunFraming::RawIp } else { TunFraming::Utun };
    // SAFETY: this function's contract.
    let work = || unsafe { of(session) }?.attach_tun(fd, framing).map(|()| ADIT_OK);
    // SAFETY: this function's contract for `error`.
    unsafe { guarded(error, work) }
}

/// Uses packets in batches: [`Session::attach_packets`].
///
/// # Safety
/// `session` is one; `handle` may be written to; `error` is null or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_attach_packets(
    session: *const adit_session,
    handle: *mut u64,
    error: *mut *mut c_char,
) -> i32 {
    let work = || {
        // SAFETY: this function's contract.
        let session = unsafe { of(session) }?;
        if handle.is_null() {
            return Err(AditError::usage("handle is null"));
        }
        // SAFETY: not null, and writable by this function's contract.
        unsafe { handle.write(session.attach_packets()?) };
        Ok(ADIT_OK)
    };
    // SAFETY: this function's contract for `error`.
    unsafe { guarded(error, work) }
}

/// Tells of the physical network: [`Session::network_changed`]. `network` is an object in JSON (`handle`, `interface`,
/// `kind`, `addresses`, `dns`, `search_domains`, `ssid`, `metered`), or null if there is none.
///
/// # Safety
/// `session` is one; `network` is null or a text; `error` is null or may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_network_changed(
    session: *const adit_session,
    network: *const c_char,
    error: *mut *mut c_char,
) -> i32 {
    let work = || {
        // SAFETY: this function's contract.
        let (session, network) = unsafe { (of(session)?, text(network)?) };
        let network: Option<NetworkInfo> = network.map(|text| json("network", text)).transpose()?;
        session.network_changed(network).map(|()| ADIT_OK)
    };
    // SAFETY: this function's contract for `error`.
    unsafe { guarded(error, work) }
}

/// The system is about to sleep: [`Session::sleep`].
///
/// # Safety
/// `session` is one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_sleep(session: *const adit_session) -> i32 {
    // SAFETY: this function's contract; there is no place for a text.
    unsafe { guarded(std::ptr::null_mut(), || of(session)?.sleep().map(|()| ADIT_OK)) }
}

/// The system is awake: [`Session::wake`].
///
/// # Safety
/// `session` is one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_wake(session: *const adit_session) -> i32 {
    // SAFETY: this function's contract; there is no place for a text.
    unsafe { guarded(std::ptr::null_mut(), || of(session)?.wake().map(|()| ADIT_OK)) }
}

/// The counters: [`Session::stats`].
///
/// # Safety
/// `session` is one; `stats` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_stats(session: *const adit_session, stats: *mut adit_stats) -> i32 {
    let work = || {
        // SAFETY: this function's contract.
        let known = unsafe { of(session) }?.stats()?;
        if stats.is_null() {
            return Err(AditError::usage("stats is null"));
        }
        let made = adit_stats {
            connected: known.connected.into(),
            packets_sent: known.packets_sent,
            bytes_sent: known.bytes_sent,
            packets_received: known.packets_received,
            bytes_received: known.bytes_received,
            packets_not_sent: known.packets_not_sent,
            datagrams_discarded: known.datagrams_discarded,
            datagrams_unsent: known.datagrams_unsent,
            packets_undelivered: known.packets_undelivered,
        };
        // SAFETY: not null, and writable by this function's contract.
        unsafe { stats.write(made) };
        Ok(ADIT_OK)
    };
    // SAFETY: there is no place for a text.
    unsafe { guarded(std::ptr::null_mut(), work) }
}

/// The log's last lines: [`Session::log_tail`].
///
/// # Safety
/// `session` is one; `tail` may be written to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_log_tail(session: *const adit_session, tail: *mut *mut c_char) -> i32 {
    let work = || {
        // SAFETY: this function's contract.
        let text = unsafe { of(session) }?.log_tail()?;
        if tail.is_null() {
            return Err(AditError::usage("tail is null"));
        }
        // SAFETY: not null, and writable by this function's contract.
        unsafe { tail.write(owned(text)) };
        Ok(ADIT_OK)
    };
    // SAFETY: there is no place for a text.
    unsafe { guarded(std::ptr::null_mut(), work) }
}

/// Ends the tunnel, within a second: [`Session::stop`].
///
/// # Safety
/// `session` is one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_stop(session: *const adit_session) -> i32 {
    // SAFETY: this function's contract; there is no place for a text.
    unsafe { guarded(std::ptr::null_mut(), || of(session)?.stop().map(|()| ADIT_OK)) }
}

/// Frees the session; one that was not stopped is, without waiting for it.
///
/// # Safety
/// `session` is null, or one that is in use by no other thread and is not used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_session_free(session: *mut adit_session) {
    let work = || {
        if !session.is_null() {
            // SAFETY: made by `Box::into_raw` in `adit_session_new`, and not freed before.
            drop(unsafe { Box::from_raw(session) });
        }
        Ok(ADIT_OK)
    };
    // SAFETY: there is no place for a text.
    unsafe { guarded(std::ptr::null_mut(), work) };
}

#[cfg(test)]
mod tests {
    use super::{Options, json};
    use crate::c_abi::reference::{defaults, takes};

    #[test]
    fn the_options_are_told_with_their_types_and_defaults() {
        takes::<Options>("Options");
        assert_eq!(json::<Options>("options", &defaults("Options").to_string()).unwrap(), Options::default());
    }
}
