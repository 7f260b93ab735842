//! Descriptors: those handed to us by the host application, and watching any of ours for readiness.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::check;

/// A duplicate of `fd` that we own and that is not inherited by child processes.
///
/// Takes a bare number because that is what Swift and Kotlin hand over; a number that is no open
/// descriptor gives EBADF.
pub(crate) fn duplicate(fd: RawFd) -> io::Result<OwnedFd> {
    if fd < 0 {
        return Err(io::Error::from_raw_os_error(libc::EBADF));
    }
    // SAFETY: the borrow lasts for one fcntl(F_DUPFD_CLOEXEC), which answers EBADF for a closed number;
    // the number is not -1 (checked above), the one value BorrowedFd excludes.
    unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned()
}

/// Sets O_NONBLOCK. The flag belongs to the open file, so every duplicate sees it.
pub(crate) fn set_nonblocking(fd: &OwnedFd) -> io::Result<()> {
    // SAFETY: F_GETFL takes no pointer; the descriptor is open because it is owned.
    let flags = check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) })?;
    // SAFETY: F_SETFL takes an integer; same descriptor.
    check(unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFL, flags | libc::O_NONBLOCK) })?;
    Ok(())
}

/// Watches `file` for readability in the current tokio runtime, which must have I/O enabled.
///
/// # Errors
/// As [`watch_for`].
pub(crate) fn watch(file: File) -> io::Result<AsyncFd<File>> {
    watch_for(file, Interest::READABLE)
}

/// Watches `file` for `interest` in the current tokio runtime, which must have I/O enabled.
///
/// # Errors
/// Outside a runtime (where tokio itself would panic), and if the file cannot be polled.
pub(crate) fn watch_for(file: File, interest: Interest) -> io::Result<AsyncFd<File>> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(io::Error::other("no tokio runtime here: call this from an async task"));
    }
    // SAFETY: a File keeps its descriptor open and unchanged until it is dropped, and nothing in this crate
    // replaces the File inside an AsyncFd.
    unsafe { AsyncFd::register_with_interest(file, interest) }.map_err(io::Error::from)
}
