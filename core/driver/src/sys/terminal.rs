//! Terminal attributes: reading keys one by one without echo.
#![allow(unsafe_code)]

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::check;

/// A terminal's attributes as they were before [`silence`].
pub(crate) struct Attributes(libc::termios);

/// Turns off echo, line editing and signal keys, so that each key arrives as a byte and Ctrl-C cannot leave
/// the terminal silent. Gives what [`restore`] needs.
pub(crate) fn silence(terminal: BorrowedFd<'_>) -> io::Result<Attributes> {
    let mut before = MaybeUninit::<libc::termios>::uninit();
    // SAFETY: the pointer is to memory of the right size, which the call fills in when it succeeds.
    check(unsafe { libc::tcgetattr(terminal.as_raw_fd(), before.as_mut_ptr()) })?;
    // SAFETY: initialised by the call above, which succeeded.
    let before = unsafe { before.assume_init() };
    let mut silent = before;
    silent.c_lflag &= !(libc::ECHO | libc::ECHONL | libc::ICANON | libc::ISIG);
    // Block until there is one byte.
    for (index, value) in [(libc::VMIN, 1), (libc::VTIME, 0)] {
        if let Some(slot) = silent.c_cc.get_mut(index) {
            *slot = value;
        }
    }
    // SAFETY: the pointer is to a live termios the kernel copies.
    check(unsafe { libc::tcsetattr(terminal.as_raw_fd(), libc::TCSAFLUSH, &raw const silent) })?;
    Ok(Attributes(before))
}

/// Gives the terminal its attributes back.
pub(crate) fn restore(terminal: BorrowedFd<'_>, attributes: &Attributes) -> io::Result<()> {
    // SAFETY: the pointer is to a live termios the kernel copies.
    check(unsafe { libc::tcsetattr(terminal.as_raw_fd(), libc::TCSAFLUSH, &raw const attributes.0) })?;
    Ok(())
}

/// A terminal for tests: the side a person sits at, and the side a program sees.
#[cfg(all(test, target_os = "linux"))]
pub(crate) fn open_pair() -> io::Result<(std::fs::File, std::fs::File)> {
    use std::os::fd::FromRawFd;
    let (mut person, mut program) = (-1, -1);
    let (name, settings, size) = (std::ptr::null_mut(), std::ptr::null(), std::ptr::null());
    // SAFETY: the first two pointers are to live integers; the others may be null.
    check(unsafe { libc::openpty(&raw mut person, &raw mut program, name, settings, size) })?;
    // SAFETY: both descriptors are fresh and nobody else's.
    Ok(unsafe { (std::fs::File::from_raw_fd(person), std::fs::File::from_raw_fd(program)) })
}

/// True if what is typed is shown.
#[cfg(all(test, target_os = "linux"))]
pub(crate) fn echoes(terminal: BorrowedFd<'_>) -> bool {
    let mut now = MaybeUninit::<libc::termios>::zeroed();
    // SAFETY: the pointer is to memory of the right size; all zeros is a valid termios.
    unsafe {
        libc::tcgetattr(terminal.as_raw_fd(), now.as_mut_ptr());
        now.assume_init().c_lflag & libc::ECHO != 0
    }
}
