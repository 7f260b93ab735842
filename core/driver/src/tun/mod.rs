//! Where inner IP packets come from and go to.
//!
//! Owns [`Tun`]: a Linux TUN we create (with segmentation offload), a descriptor the host application
//! hands over (phones), a device it calls (hosts without a descriptor), or one end of an in-memory pair (tests,
//! demo), behind one interface that moves
//! batches. Leaves out addresses, routes and DNS of the interface ([`crate::net`]).
//!
//! Reading gives one frame, which may be a super-packet of up to 64 KiB; [`Segments`] writes its inner
//! packets to where the caller wants them. Writing takes a list of packets inside one buffer and merges
//! consecutive ones of a flow where the device can take them merged.

mod descriptor;
mod inbox;
#[cfg(target_os = "linux")]
mod linux;
mod memory;
// Merging and splitting is tested everywhere and used where we create the TUN ourselves.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
pub(crate) mod offload;
mod packets;

use std::io;
use std::os::fd::OwnedFd;

pub use descriptor::{Framing, duplicate};
pub use memory::{MemTun, mem_pair};
pub use offload::coalesce::Coalescer;
pub use offload::segment::Segments;
pub use packets::{Egress, PacketEnd, PacketTun, packet_device};

use crate::Span;

/// Bytes a frame has at most: the virtio header and what an IP length field can say (IPv6 counts its header
/// extra), rounded up.
const FRAME: usize = 65_536 + 64;

/// Where a frame is read to. Allocates once; keep it for the life of the loop.
pub struct ReadBuffer {
    bytes: Box<[u8]>,
    /// Of the frame that was read last.
    len: usize,
}

impl ReadBuffer {
    /// An empty buffer of 64 KiB. Pages are touched only as far as frames fill them.
    #[must_use]
    pub fn new() -> Self {
        Self { bytes: vec![0; FRAME].into_boxed_slice(), len: 0 }
    }
}

impl Default for ReadBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for ReadBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReadBuffer")
    }
}

/// What became of a batch given to [`Tun::try_write`].
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Written {
    /// Packets the device took.
    pub packets: u64,
    /// Packets it did not take: its queue was full, the interface is down, or the packet is no IP packet.
    pub dropped: u64,
}

impl Written {
    fn count(&mut self, packets: u16, taken: bool) {
        let counter = if taken { &mut self.packets } else { &mut self.dropped };
        *counter += u64::from(packets);
    }
}

/// A device for inner packets. Methods take `&self`: one task may read while another writes.
#[derive(Debug)]
pub struct Tun(Device);

#[derive(Debug)]
enum Device {
    #[cfg(target_os = "linux")]
    Linux(linux::LinuxTun),
    Descriptor(descriptor::DescriptorTun),
    Memory(MemTun),
    Packets(PacketTun),
}

impl Tun {
    /// Creates a TUN interface and opens it, with TCP and (from Linux 6.2) UDP segmentation offload. `name`
    /// may hold one `%d`, which the kernel replaces by the first free number. The interface is down and has
    /// no address; it disappears when this is dropped, and when the process dies. Needs CAP_NET_ADMIN and a
    /// tokio runtime.
    ///
    /// # Errors
    /// The system's: EPERM without the capability, ENOENT without `/dev/net/tun`, EBUSY if the name is
    /// taken; `InvalidInput` if the name is too long.
    #[cfg(target_os = "linux")]
    pub fn create(name: &str) -> io::Result<Self> {
        linux::LinuxTun::create(name).map(Device::Linux).map(Self)
    }

    /// Uses a TUN the host application opened: duplicates `fd` and makes it non-blocking (a property all
    /// duplicates share). The host may close its own copy. Needs a tokio runtime.
    ///
    /// # Errors
    /// The system's: EBADF if `fd` is not open, EPERM if it cannot be polled (a regular file).
    pub fn from_descriptor(fd: std::os::fd::RawFd, framing: Framing) -> io::Result<Self> {
        descriptor::DescriptorTun::new(fd, framing).map(Device::Descriptor).map(Self)
    }

    /// As [`Self::from_descriptor`], with a descriptor that is ours already ([`duplicate`]).
    ///
    /// # Errors
    /// As [`Self::from_descriptor`].
    pub fn from_owned(fd: OwnedFd, framing: Framing) -> io::Result<Self> {
        descriptor::DescriptorTun::of(fd, framing).map(Device::Descriptor).map(Self)
    }

    /// Uses a device that the host application calls.
    #[must_use]
    pub fn packets(device: PacketTun) -> Self {
        Self(Device::Packets(device))
    }

    /// Uses one end of an in-memory pair.
    #[must_use]
    pub fn memory(end: MemTun) -> Self {
        Self(Device::Memory(end))
    }

    /// The interface's name, if it is one we created.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.0 {
            #[cfg(target_os = "linux")]
            Device::Linux(tun) => Some(tun.name()),
            Device::Descriptor(_) | Device::Memory(_) | Device::Packets(_) => None,
        }
    }

    /// True if frames may be super-packets.
    #[must_use]
    pub fn offloads(&self) -> bool {
        match &self.0 {
            #[cfg(target_os = "linux")]
            Device::Linux(_) => true,
            Device::Descriptor(_) | Device::Memory(_) | Device::Packets(_) => false,
        }
    }

    /// Waits until there may be a frame to read. May be dropped and called again.
    ///
    /// # Errors
    /// When the device or the runtime is gone.
    pub async fn readable(&self) -> io::Result<()> {
        match &self.0 {
            #[cfg(target_os = "linux")]
            Device::Linux(tun) => tun.readable().await,
            Device::Descriptor(tun) => tun.readable().await,
            Device::Memory(end) => {
                end.readable().await;
                Ok(())
            }
            Device::Packets(device) => {
                device.readable().await;
                Ok(())
            }
        }
    }

    /// Reads one frame. It may hold no packet at all, if the kernel sent something that is none.
    ///
    /// # Errors
    /// `WouldBlock` if there is none; `UnexpectedEof` if the other side has closed the device; the
    /// system's.
    pub fn try_read<'a>(&self, buffer: &'a mut ReadBuffer) -> io::Result<Segments<'a>> {
        let bytes = &mut buffer.bytes;
        buffer.len = match &self.0 {
            #[cfg(target_os = "linux")]
            Device::Linux(tun) => tun.try_read(bytes)?,
            Device::Descriptor(tun) => tun.try_read(bytes)?,
            Device::Packets(device) => device.try_recv(bytes)?,
            Device::Memory(end) => end.try_recv(bytes)?,
        };
        Ok(self.segments(buffer))
    }

    /// All segments of the frame that [`Self::try_read`] read last.
    pub(crate) fn segments<'a>(&self, buffer: &'a ReadBuffer) -> Segments<'a> {
        let frame = buffer.bytes.get(..buffer.len).unwrap_or_default();
        match &self.0 {
            #[cfg(target_os = "linux")]
            Device::Linux(tun) => tun.segments(frame),
            Device::Descriptor(tun) => tun.segments(frame),
            Device::Packets(_) | Device::Memory(_) => Segments::whole(frame),
        }
    }

    /// Writes the packets at `packets` of `area`, merging where the device allows. Never waits: what a full
    /// queue does not take is dropped and counted, as a network does.
    ///
    /// # Errors
    /// When the device is gone; packets of the batch may then have been written.
    pub fn try_write(&self, coalescer: &mut Coalescer, area: &[u8], packets: &[Span]) -> io::Result<Written> {
        #[cfg(not(target_os = "linux"))]
        let _ = coalescer;
        match &self.0 {
            #[cfg(target_os = "linux")]
            Device::Linux(tun) => tun.try_write(coalescer, area, packets),
            Device::Descriptor(tun) => tun.try_write(area, packets),
            Device::Packets(device) => Ok(device.try_write(area, packets)),
            Device::Memory(end) => {
                let mut written = Written::default();
                for span in packets {
                    written.count(1, end.try_send(span.of(area))?);
                }
                Ok(written)
            }
        }
    }
}

/// Sorts a failed write: `Ok(false)` if only this packet is lost, an error if the device is gone.
fn lost(error: io::Error) -> io::Result<bool> {
    match error.raw_os_error() {
        Some(libc::EBADF | libc::ENODEV | libc::ENXIO) => Err(error),
        // The interface was deleted under us.
        #[cfg(any(target_os = "linux", target_os = "android"))]
        Some(libc::EBADFD) => Err(error),
        _ => Ok(false),
    }
}
