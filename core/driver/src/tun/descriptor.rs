//! A TUN the host application opened: Android's VpnService, Apple's utun.
//!
//! Owns reading and writing single packets, with or without utun's four-byte address family in front.
//! Leaves out how the host came by the descriptor.

use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::{OwnedFd, RawFd};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::offload::segment::Segments;
use super::{Written, lost};
use crate::{Span, sys};

/// What surrounds a packet on the descriptor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Framing {
    /// Nothing: IP packets (Android, Linux with IFF_NO_PI).
    Raw,
    /// Four bytes in front, the address family in network byte order (Apple's utun).
    Utun,
}

/// A duplicate of a descriptor that the host application opened, for [`super::Tun::from_owned`]. Needs no runtime, and the
/// host may close its own copy at once.
///
/// # Errors
/// EBADF if `fd` is not open.
pub fn duplicate(fd: RawFd) -> io::Result<OwnedFd> {
    sys::descriptor::duplicate(fd)
}

/// Apple's AF_INET and AF_INET6. Not taken from libc: there they are those of the machine we build for.
const UTUN_INET: [u8; 4] = [0, 0, 0, 2];
const UTUN_INET6: [u8; 4] = [0, 0, 0, 30];

#[derive(Debug)]
pub(super) struct DescriptorTun {
    file: AsyncFd<File>,
    framing: Framing,
}

impl DescriptorTun {
    pub(super) fn new(fd: RawFd, framing: Framing) -> io::Result<Self> {
        Self::of(duplicate(fd)?, framing)
    }

    pub(super) fn of(fd: OwnedFd, framing: Framing) -> io::Result<Self> {
        sys::descriptor::set_nonblocking(&fd)?;
        Ok(Self { file: sys::descriptor::watch(fd.into())?, framing })
    }

    pub(super) async fn readable(&self) -> io::Result<()> {
        self.file.readable().await.map(drop)
    }

    pub(super) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.file.try_io(Interest::READABLE, |mut file| file.read(buffer))? {
            0 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the TUN descriptor was closed")),
            len => Ok(len),
        }
    }

    pub(super) fn segments<'a>(&self, frame: &'a [u8]) -> Segments<'a> {
        let prefix = match self.framing {
            Framing::Raw => 0,
            Framing::Utun => UTUN_INET.len(),
        };
        Segments::whole(frame.get(prefix..).unwrap_or_default())
    }

    pub(super) fn try_write(&self, area: &[u8], packets: &[Span]) -> io::Result<Written> {
        let mut written = Written::default();
        for span in packets {
            let packet = span.of(area);
            let family = match packet.first().map(|first| first >> 4) {
                Some(4) => &UTUN_INET,
                Some(6) => &UTUN_INET6,
                _ => {
                    written.count(1, false);
                    continue;
                }
            };
            let mut file = self.file.get_ref();
            let result = match self.framing {
                Framing::Raw => file.write(packet),
                Framing::Utun => file.write_vectored(&[IoSlice::new(family), IoSlice::new(packet)]),
            };
            let taken = match result {
                Ok(_) => true,
                Err(error) => lost(error)?,
            };
            written.count(1, taken);
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixDatagram;

    use crate::Span;
    use crate::tun::{Coalescer, Framing, ReadBuffer, Tun, Written};

    const V4: &[u8] = b"\x45 an IPv4 packet";
    const V6: &[u8] = b"\x60 an IPv6 packet";

    fn run<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    async fn next(tun: &Tun, buffer: &mut ReadBuffer) -> Vec<u8> {
        loop {
            tun.readable().await.unwrap();
            if let Ok(mut segments) = tun.try_read(buffer) {
                let mut out = vec![0; 100];
                let len = segments.next_into(&mut out).unwrap();
                assert_eq!(segments.remaining(), 0);
                return out[..len].to_vec();
            }
        }
    }

    #[test]
    fn host_may_close_its_copy_and_packets_pass_both_ways() {
        run(async {
            for (framing, v4, v6) in [
                (Framing::Raw, b"".as_slice(), b"".as_slice()),
                (Framing::Utun, b"\0\0\0\x02", b"\0\0\0\x1e"),
            ] {
                let (host, ours) = UnixDatagram::pair().unwrap();
                let tun = Tun::from_descriptor(ours.as_raw_fd(), framing).unwrap();
                drop(ours);
                let mut buffer = ReadBuffer::new();
                assert_eq!(tun.try_read(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
                for (family, packet) in [(v4, V4), (v6, V6)] {
                    host.send(&[family, packet].concat()).unwrap();
                    assert_eq!(next(&tun, &mut buffer).await, packet);
                }
                let area = [V4, b"\0unk", V6].concat();
                let (a, b) = (V4.len(), V4.len() + 4);
                let spans = [Span::new(0..a), Span::new(a..b), Span::new(b..area.len())];
                let written = tun.try_write(&mut Coalescer::default(), &area, &spans).unwrap();
                assert_eq!(written, Written { packets: 2, dropped: 1 });
                let mut got = [0; 100];
                for (family, packet) in [(v4, V4), (v6, V6)] {
                    let len = host.recv(&mut got).unwrap();
                    assert_eq!(got[..len], [family, packet].concat());
                }
            }
        });
    }

    #[test]
    fn full_queue_drops_and_what_cannot_be_polled_is_refused() {
        run(async {
            let (_host, ours) = UnixDatagram::pair().unwrap();
            let tun = Tun::from_descriptor(ours.as_raw_fd(), Framing::Raw).unwrap();
            let spans = vec![Span::new(0..V4.len()); 100_000];
            let written = tun.try_write(&mut Coalescer::default(), V4, &spans).unwrap();
            assert!(written.packets > 0 && written.dropped > 0, "{written:?}");
            assert!(Tun::from_descriptor(-1, Framing::Raw).is_err());
            assert!(Tun::from_descriptor(i32::MAX, Framing::Raw).is_err());
            let file = std::fs::File::open("/proc/self/exe").unwrap();
            assert!(Tun::from_descriptor(file.as_raw_fd(), Framing::Raw).is_err());
        });
        let (_host, ours) = UnixDatagram::pair().unwrap();
        assert!(Tun::from_descriptor(ours.as_raw_fd(), Framing::Raw).is_err(), "no runtime here");
    }
}
