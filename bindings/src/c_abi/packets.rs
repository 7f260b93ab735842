//! Packets in batches.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::slice;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adit_driver::Span;
use adit_driver::tun::{Egress, PacketEnd};

use super::{ADIT_OK, guarded};
use crate::{AditError, runtime};

/// Packets of one batch at most; more are given in several.
pub const ADIT_BATCH_MAX: usize = 64;

/// One IP packet.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types, reason = "the header's name")]
pub struct adit_packet {
    /// Its first byte.
    pub data: *const u8,
    /// Its length in bytes.
    pub len: usize,
}

/// Takes a batch of the tunnel's packets. They are valid until it returns. Gives how many were taken.
#[allow(non_camel_case_types, reason = "the header's name")]
pub type adit_packets_out =
    unsafe extern "C" fn(context: *mut c_void, packets: *const adit_packet, count: usize) -> usize;

/// Devices that the host calls, by handle.
static DEVICES: Mutex<BTreeMap<u64, Arc<Entry>>> = Mutex::new(BTreeMap::new());
static LAST: AtomicU64 = AtomicU64::new(0);

struct Entry {
    end: PacketEnd,
    egress: Mutex<Option<Arc<Callback>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes a device reachable; gives its handle, which is never used for another.
pub(crate) fn publish(end: PacketEnd) -> u64 {
    let handle = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    lock(&DEVICES).insert(handle, Arc::new(Entry { end, egress: Mutex::new(None) }));
    handle
}

/// Takes a device away: its callback is not called any more when this returns.
pub(crate) fn withdraw(handle: u64) {
    let entry = lock(&DEVICES).remove(&handle);
    if let Some(entry) = entry {
        entry.set(None);
    }
}

/// How many devices are reachable.
#[must_use]
pub fn published() -> usize {
    lock(&DEVICES).len()
}

impl Entry {
    fn set(&self, callback: Option<Arc<Callback>>) {
        self.end.set_egress(callback.clone().map(|callback| callback as Arc<dyn Egress>));
        let before = std::mem::replace(&mut *lock(&self.egress), callback);
        if let Some(before) = before {
            before.end();
        }
    }
}

/// The host's function.
struct Callback {
    out: adit_packets_out,
    context: *mut c_void,
    ended: AtomicBool,
    /// Held while it is called.
    calling: Mutex<()>,
}

// SAFETY: the header asks of the host that function and context may be used from another thread; the two are only
// handed back to it, one call at a time.
unsafe impl Send for Callback {}
// SAFETY: as above; calls are one at a time by the lock.
unsafe impl Sync for Callback {}

impl Callback {
    /// Not called any more from now on. Waits for a call that is under way, unless it is the one that ends it.
    fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
        if !runtime::is_here() {
            drop(lock(&self.calling));
        }
    }
}

impl Egress for Callback {
    fn deliver(&self, area: &[u8], packets: &[Span]) -> usize {
        let mut taken = 0;
        for batch in packets.chunks(ADIT_BATCH_MAX) {
            let mut list = [adit_packet { data: std::ptr::null(), len: 0 }; ADIT_BATCH_MAX];
            for (place, span) in list.iter_mut().zip(batch) {
                let packet = span.of(area);
                *place = adit_packet { data: packet.as_ptr(), len: packet.len() };
            }
            let _calling = lock(&self.calling);
            if self.ended.load(Ordering::SeqCst) {
                return taken;
            }
            // SAFETY: the host registered this function for this context, and has not taken it back: `ended` is false and
            // cannot be awaited while the lock is held. The packets live in `area` until this returns.
            let took = unsafe { (self.out)(self.context, list.as_ptr(), batch.len()) };
            taken += took.min(batch.len());
        }
        taken
    }
}

/// Gives packets to the tunnel, in order; gives how many were taken, or an error code. What is not taken (the queue of 256
/// is full, or longer than 1,664 bytes) is lost, as on a network. Never waits. From any thread.
///
/// # Safety
/// `packets` points to `count` packets, each with `len` readable bytes at `data`; all stay as they are during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_packets_in(handle: u64, packets: *const adit_packet, count: usize) -> i64 {
    let mut taken = 0;
    let work = || {
        let entry = lock(&DEVICES).get(&handle).cloned();
        let entry = entry.ok_or_else(|| AditError::usage("there is no such handle"))?;
        if count == 0 {
            return Ok(ADIT_OK);
        }
        if packets.is_null() {
            return Err(AditError::usage("packets is null"));
        }
        // SAFETY: not null, and `count` packets by this function's contract.
        let list = unsafe { slice::from_raw_parts(packets, count) };
        let list = list.iter().filter(|packet| !packet.data.is_null()).map(|packet| {
            // SAFETY: not null, and `len` bytes by this function's contract.
            unsafe { slice::from_raw_parts(packet.data, packet.len) }
        });
        let sent = entry.end.send(list);
        taken = sent.map_err(|_| AditError::usage("the session is over, or has another device"))?;
        Ok(ADIT_OK)
    };
    // SAFETY: there is no place for a text.
    match unsafe { guarded(std::ptr::null_mut(), work) } {
        ADIT_OK => i64::try_from(taken).unwrap_or(i64::MAX),
        code => code.into(),
    }
}

/// Registers who takes the tunnel's packets; null: nobody, and they are dropped and counted. The one before is not called
/// any more when this returns (unless it is itself the caller).
///
/// # Safety
/// `out` may be called with `context` from a thread of Adit's, one call at a time, until another is registered, the session
/// is freed, or another device attached.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn adit_packets_register(
    handle: u64,
    out: Option<adit_packets_out>,
    context: *mut c_void,
) -> i32 {
    let work = || {
        let entry = lock(&DEVICES).get(&handle).cloned();
        let entry = entry.ok_or_else(|| AditError::usage("there is no such handle"))?;
        entry.set(out.map(|out| {
            Arc::new(Callback { out, context, ended: AtomicBool::new(false), calling: Mutex::new(()) })
        }));
        Ok(ADIT_OK)
    };
    // SAFETY: there is no place for a text.
    unsafe { guarded(std::ptr::null_mut(), work) }
}
