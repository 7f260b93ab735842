//! A line for the system's log: os_log on Apple's systems, logcat on Android; nowhere else.

use tracing::Level;

/// Writes a line, from which secrets are masked already.
pub(crate) fn write(level: Level, text: &str) {
    system::write(level, text);
}

/// ANDROID_LOG_DEBUG to ANDROID_LOG_ERROR of <android/log.h>.
#[cfg(any(test, target_os = "android"))]
fn priority(level: Level) -> std::ffi::c_int {
    match level {
        Level::ERROR => 6,
        Level::WARN => 5,
        Level::INFO => 4,
        _ => 3,
    }
}

/// OS_LOG_TYPE_ERROR, _DEFAULT, _INFO and _DEBUG of <os/log.h>.
#[cfg(any(test, target_vendor = "apple"))]
fn kind(level: Level) -> u8 {
    match level {
        Level::ERROR => 0x10,
        Level::WARN => 0x00,
        Level::INFO => 0x01,
        _ => 0x02,
    }
}

/// The arguments of a line for os_log: one, a public text (0x22), a pointer of 8 bytes. 0x02: some are not scalars.
#[cfg(any(test, target_vendor = "apple"))]
fn arguments(text: u64) -> [u8; 12] {
    let mut arguments = [0x02, 1, 0x22, 8, 0, 0, 0, 0, 0, 0, 0, 0];
    arguments[4..].copy_from_slice(&text.to_ne_bytes());
    arguments
}

#[cfg(target_os = "android")]
mod system {
    use std::ffi::{CString, c_char, c_int};

    use tracing::Level;

    #[link(name = "log")]
    unsafe extern "C" {
        fn __android_log_write(priority: c_int, tag: *const c_char, text: *const c_char) -> c_int;
    }

    pub(super) fn write(level: Level, text: &str) {
        let Ok(text) = CString::new(text) else { return };
        // SAFETY: two texts that end in NUL and live during the call.
        unsafe { __android_log_write(super::priority(level), c"adit".as_ptr(), text.as_ptr()) };
    }
}

#[cfg(target_vendor = "apple")]
mod system {
    use std::ffi::{CString, c_char, c_void};
    use std::sync::OnceLock;

    use tracing::Level;

    unsafe extern "C" {
        fn os_log_create(subsystem: *const c_char, category: *const c_char) -> *mut c_void;
        /// What the macro `os_log` of <os/log.h> comes to.
        fn _os_log_impl(
            image: *const c_void,
            log: *mut c_void,
            kind: u8,
            format: *const c_char,
            arguments: *const u8,
            size: u32,
        );
        static __dso_handle: u8;
    }

    pub(super) fn write(level: Level, text: &str) {
        static LOG: OnceLock<usize> = OnceLock::new();
        // SAFETY: two texts that end in NUL. The object lives as long as the process, and may be used from any thread.
        let log =
            *LOG.get_or_init(|| unsafe { os_log_create(c"adit".as_ptr(), c"tunnel".as_ptr()) } as usize);
        let Ok(text) = CString::new(text) else { return };
        let arguments = super::arguments(text.as_ptr() as u64);
        // SAFETY: format and arguments agree; the text lives during the call, which copies it.
        unsafe {
            _os_log_impl(
                (&raw const __dso_handle).cast(),
                log as *mut c_void,
                super::kind(level),
                c"%{public}s".as_ptr(),
                arguments.as_ptr(),
                12,
            );
        }
    }
}

#[cfg(not(any(target_os = "android", target_vendor = "apple")))]
mod system {
    pub(super) fn write(_: tracing::Level, _: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_have_the_systems_own_levels() {
        let levels = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];
        assert_eq!(levels.map(priority), [6, 5, 4, 3, 3]);
        assert_eq!(levels.map(kind), [0x10, 0, 1, 2, 2]);
    }

    #[test]
    fn the_text_of_a_line_is_one_public_argument_by_its_address() {
        let bytes = arguments(0x0102_0304_0506_0708);
        assert_eq!(bytes[..4], [2, 1, 0x22, 8]);
        assert_eq!(u64::from_ne_bytes(bytes[4..].try_into().unwrap()), 0x0102_0304_0506_0708);
    }
}
