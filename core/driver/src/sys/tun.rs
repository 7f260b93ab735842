//! The ioctls of `/dev/net/tun`.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use super::check;

/// Bytes of an interface name including the terminating zero.
const IFNAMSIZ: usize = libc::IFNAMSIZ;

/// `struct ifreq` as TUNSETIFF reads and writes it: the name, then the flags in the union.
#[repr(C)]
struct InterfaceRequest {
    name: [u8; IFNAMSIZ],
    flags: libc::c_short,
    // The union's other members are larger (struct ifmap); the kernel copies all of it.
    rest: [u8; 22],
}

const _: () = assert!(size_of::<InterfaceRequest>() == size_of::<libc::ifreq>());

/// TUNSETIFF: attaches the open `/dev/net/tun` to an interface it creates. `name` may hold one `%d`, or be
/// empty for `tun%d`. Gives the name the kernel chose.
pub(crate) fn create_interface(tun: BorrowedFd<'_>, name: &str, flags: libc::c_int) -> io::Result<String> {
    let mut request = InterfaceRequest {
        name: [0; IFNAMSIZ],
        flags: libc::c_short::from_ne_bytes((flags as u16).to_ne_bytes()),
        rest: [0; 22],
    };
    if name.len() >= IFNAMSIZ || name.bytes().any(|byte| byte == 0 || byte == b'/') {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("interface name {name:?} must be at most {} bytes without '/' and NUL", IFNAMSIZ - 1),
        ));
    }
    for (to, from) in request.name.iter_mut().zip(name.bytes()) {
        *to = from;
    }
    // SAFETY: the pointer is to a live request of the size of struct ifreq (asserted above), which the
    // kernel reads and writes during the call.
    check(unsafe { libc::ioctl(tun.as_raw_fd(), libc::TUNSETIFF, &raw mut request) })?;
    let len = request.name.iter().position(|byte| *byte == 0).unwrap_or(IFNAMSIZ);
    Ok(String::from_utf8_lossy(request.name.get(..len).unwrap_or_default()).into_owned())
}

/// TUNSETOFFLOAD: which unfinished packets (TUN_F_*) we accept from the kernel. EINVAL if it does not know
/// one of them.
pub(crate) fn set_offload(tun: BorrowedFd<'_>, features: libc::c_uint) -> io::Result<()> {
    // SAFETY: this ioctl takes an integer, not a pointer.
    check(unsafe { libc::ioctl(tun.as_raw_fd(), libc::TUNSETOFFLOAD, libc::c_ulong::from(features)) })?;
    Ok(())
}

/// TUNSETVNETHDRSZ: the length of the header in front of each packet.
pub(crate) fn set_header_len(tun: BorrowedFd<'_>, len: libc::c_int) -> io::Result<()> {
    // SAFETY: the pointer is to a live int the kernel reads.
    check(unsafe { libc::ioctl(tun.as_raw_fd(), libc::TUNSETVNETHDRSZ, &raw const len) })?;
    Ok(())
}
