//! Clocks and timers that keep counting while the machine sleeps.
#![allow(unsafe_code)]

#[cfg(any(target_os = "linux", target_os = "android"))]
use std::io;
use std::time::Duration;

/// The clock that counts time spent in suspend: CLOCK_BOOTTIME on Linux and Android; CLOCK_MONOTONIC_RAW on
/// Apple's systems, which there (unlike on Linux) is the continuous clock.
#[cfg(any(target_os = "linux", target_os = "android"))]
const SUSPEND_AWARE: libc::clockid_t = libc::CLOCK_BOOTTIME;
#[cfg(target_vendor = "apple")]
const SUSPEND_AWARE: libc::clockid_t = libc::CLOCK_MONOTONIC_RAW;
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
const SUSPEND_AWARE: libc::clockid_t = libc::CLOCK_MONOTONIC;

/// Time on the suspend-aware clock since its own zero (boot). `None` if the system has no such clock.
pub(crate) fn since_boot() -> Option<Duration> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec that the call fills in.
    if unsafe { libc::clock_gettime(SUSPEND_AWARE, &raw mut time) } != 0 {
        return None;
    }
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

/// A timer descriptor on CLOCK_BOOTTIME: readable when it has expired, also right after resume.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn boottime_timer() -> io::Result<std::os::fd::OwnedFd> {
    use std::os::fd::FromRawFd;
    // SAFETY: takes no pointers; a non-negative result is a fresh descriptor nobody else owns.
    let fd = super::check(unsafe {
        libc::timerfd_create(libc::CLOCK_BOOTTIME, libc::TFD_NONBLOCK | libc::TFD_CLOEXEC)
    })?;
    // SAFETY: as above, the descriptor is ours alone.
    Ok(unsafe { std::os::fd::OwnedFd::from_raw_fd(fd) })
}

/// Arms `timer` for `at` (time since boot); `None` disarms it. A time in the past expires at once.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn arm(timer: std::os::fd::BorrowedFd<'_>, at: Option<Duration>) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    // An all-zero value disarms, so the earliest time that can be armed is one nanosecond after boot.
    let at = at.map_or(Duration::ZERO, |at| at.max(Duration::from_nanos(1)));
    let value = libc::timespec {
        tv_sec: libc::time_t::try_from(at.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(i32::try_from(at.subsec_nanos()).unwrap_or(0)),
    };
    let setting = libc::itimerspec { it_interval: libc::timespec { tv_sec: 0, tv_nsec: 0 }, it_value: value };
    // SAFETY: the pointer is to a live itimerspec; a null old value is allowed.
    super::check(unsafe {
        libc::timerfd_settime(
            timer.as_raw_fd(),
            libc::TFD_TIMER_ABSTIME,
            &raw const setting,
            std::ptr::null_mut(),
        )
    })?;
    Ok(())
}
