//! A TUN the host application opened: Android's VpnService, Apple's utun.
//!
//! Owns reading and writing single packets, with or without utun's four-byte address family in front.
//! Leaves out how the host came by the descriptor.

use std::fs::File;
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::RawFd;

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
        let fd = sys::descriptor::duplicate(fd)?;
        sys::descriptor::set_nonblocking(&fd)?;
        Ok(Self { file: sys::descriptor::watch(fd.into())?, framing })
    }

    pub(super) async fn readable(&self) -> io::Result<()> {
        self.file.readable().await.map(drop)
    }

    pub(super) fn try_read<'a>(&self, buffer: &'a mut [u8]) -> io::Result<Segments<'a>> {
        let len = self.file.try_io(Interest::READABLE, |mut file| file.read(buffer))?;
        if len == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the TUN descriptor was closed"));
        }
        let prefix = match self.framing {
            Framing::Raw => 0,
            Framing::Utun => UTUN_INET.len(),
        };
        Ok(Segments::whole(buffer.get(prefix..len).unwrap_or_default()))
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
