//! Segmentation offload: large packets between us and the kernel, MTU-sized ones inside the tunnel.
//!
//! Owns splitting a super-packet the kernel gave us into inner packets ([`segment`]) and merging inner
//! packets into one super-packet for the kernel ([`coalesce`]). One system call then moves up to 64 KiB
//! instead of 1,400 bytes, and the host's TCP runs once per 64 KiB, which is where most of the time goes
//! without it. Leaves out devices and system calls ([`super`]).
//!
//! Sources: the virtio specification 5.1.6 (`virtio_net_hdr`), RFC 9293 (TCP), RFC 768 (UDP), RFC 1071
//! (checksums), RFC 6864 (IPv4 identification).

pub(crate) mod checksum;
pub(crate) mod coalesce;
pub(crate) mod headers;
pub(crate) mod segment;
pub(crate) mod vnet;

#[cfg(test)]
mod tests;
