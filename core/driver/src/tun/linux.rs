//! A Linux TUN of our own, with segmentation offload.
//!
//! Owns the device: creation, reading frames with their virtio header, gathering writes. Source: the
//! kernel's `Documentation/networking/tuntap.rst` and `if_tun.h`.

use std::fs::{File, OpenOptions};
use std::io::{self, IoSlice, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::offload::coalesce::{Coalescer, MAX_PACKETS};
use super::offload::segment::Segments;
use super::offload::vnet::{self, VnetHeader};
use super::{Written, lost};
use crate::{Span, sys};

const DEVICE: &str = "/dev/net/tun";

/// A device that somebody deletes shows an error and is never readable again.
const WATCHED: Interest = Interest::READABLE.add(Interest::ERROR);

/// An open TUN interface. It disappears with this value.
#[derive(Debug)]
pub(super) struct LinuxTun {
    file: AsyncFd<File>,
    name: String,
    /// The kernel gives and takes UDP super-packets (Linux 6.2).
    udp: bool,
}

impl LinuxTun {
    pub(super) fn create(name: &str) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(DEVICE)
            .map_err(|error| io::Error::new(error.kind(), format!("cannot open {DEVICE}: {error}")))?;
        let flags = libc::IFF_TUN | libc::IFF_NO_PI | libc::IFF_VNET_HDR;
        let name = sys::tun::create_interface(file.as_fd(), name, flags).map_err(|error| {
            let hint = match error.kind() {
                io::ErrorKind::PermissionDenied => " (needs root, or CAP_NET_ADMIN)",
                _ => "",
            };
            io::Error::new(error.kind(), format!("cannot create TUN interface {name:?}: {error}{hint}"))
        })?;
        sys::tun::set_header_len(file.as_fd(), vnet::LEN as libc::c_int)?;
        let tcp = libc::TUN_F_CSUM | libc::TUN_F_TSO4 | libc::TUN_F_TSO6;
        let all = tcp | libc::TUN_F_USO4 | libc::TUN_F_USO6;
        let udp = sys::tun::set_offload(file.as_fd(), all).is_ok();
        if !udp {
            sys::tun::set_offload(file.as_fd(), tcp)?;
        }
        let file = sys::descriptor::watch(file)?;
        Ok(Self { file, name, udp })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) async fn readable(&self) -> io::Result<()> {
        // The guard is dropped without clearing: `try_read` clears when it finds nothing.
        self.file.ready(WATCHED).await.map(drop)
    }

    pub(super) fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.file.try_io(Interest::READABLE, |mut file| file.read(buffer)) {
            // No system call unless there is an error.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.file.try_io(Interest::ERROR, |mut file| file.read(buffer))
            }
            result => result,
        }
    }

    pub(super) fn segments<'a>(&self, frame: &'a [u8]) -> Segments<'a> {
        let Some((header, packet)) = VnetHeader::split(frame) else {
            return Segments::none();
        };
        Segments::of(&header, packet).unwrap_or_else(|error| {
            tracing::debug!(%error, interface = self.name, "frame ignored");
            Segments::none()
        })
    }

    pub(super) fn try_write(
        &self,
        coalescer: &mut Coalescer,
        area: &[u8],
        packets: &[Span],
    ) -> io::Result<Written> {
        coalescer.plan(area, packets, self.udp);
        let mut written = Written::default();
        for index in 0..coalescer.len() {
            let Some(frame) = coalescer.frame(area, packets, index) else { break };
            let mut slices = [IoSlice::new(&[]); MAX_PACKETS + 2];
            let mut places = slices.iter_mut();
            let mut used = 0;
            let mut put = |bytes| {
                if let Some(place) = places.next() {
                    *place = IoSlice::new(bytes);
                    used += 1;
                }
            };
            put(&frame.vnet);
            if frame.headers_len > 0 {
                put(frame.headers.get(..frame.headers_len).unwrap_or_default());
            }
            coalescer.pieces(&frame, area, packets, &mut put);
            // Writing straight to the file: a TUN is always writable (its queue belongs to the reader), so
            // waiting for writability would only cost a system call.
            let taken = match self.file.get_ref().write_vectored(slices.get(..used).unwrap_or_default()) {
                Ok(_) => true,
                Err(error) => lost(error)?,
            };
            written.count(frame.packets, taken);
        }
        Ok(written)
    }
}
