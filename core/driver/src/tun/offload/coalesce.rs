//! Consecutive inner packets of one flow into one super-packet for the kernel.
//!
//! Owns [`Coalescer`]. The payloads stay where they were decrypted: a frame is the rewritten headers of its
//! first packet and a list of the payloads, for one gathering write. Segmenting a frame gives back the
//! packets it was made of. Packets of one flow keep their order; a checksum is verified before it is
//! replaced, so that damage is not laundered. Leaves out the write itself.
//!
//! What may join follows the kernel's own receive offload: equal headers but for length, identification,
//! sequence number, checksum and PSH/FIN; the next sequence number; no payload longer than the first; PSH,
//! FIN or a shorter payload ends the frame.

use crate::Span;

use super::checksum::{Sum, pseudo_header};
use super::headers::{Layout, TCP, UDP, long, set_word, tcp_flag, word};
use super::vnet::{self, GSO_TCP4, GSO_TCP6, GSO_UDP, NEEDS_CHECKSUM, VnetHeader};

/// Packets a frame may hold: bounds the list of one write.
pub(crate) const MAX_PACKETS: usize = 64;

/// Bytes of a frame at most: what the IPv4 length field can say.
const MAX_FRAME: usize = 65_535;

/// Bytes of the longest headers that are rewritten: IPv6 (40) and TCP with options (60).
pub(crate) const MAX_HEADERS: usize = 100;

/// Flows that may be open for joining at one time. A flow that finds no place starts a frame of its own.
const FLOWS: usize = 16;

/// End of a chain of packets.
const END: u32 = u32::MAX;

/// Works out which packets of a batch go to the kernel together. Keeps its memory from batch to batch.
#[derive(Debug, Default)]
pub struct Coalescer {
    groups: Vec<Group>,
    /// For each packet of the batch the next one of its frame, or [`END`].
    next: Vec<u32>,
    flows: [Option<Flow>; FLOWS],
    evict: usize,
}

/// The newest frame of a flow. The hash is only a filter: whether a packet may join is decided on headers.
#[derive(Clone, Copy, Debug)]
struct Flow {
    hash: u64,
    group: u32,
}

/// One frame in the making.
#[derive(Clone, Copy, Debug)]
struct Group {
    first: u32,
    last: u32,
    packets: u16,
    /// Payload bytes of all packets.
    payload: usize,
    /// Payload bytes of the first packet.
    size: usize,
    /// `None`: a packet to be written as it is.
    layout: Option<Layout>,
    /// No further packet may join.
    closed: bool,
    /// The first packet's checksums have been found right.
    verified: bool,
    /// PSH and FIN of the last packet.
    last_flags: u8,
}

/// One write to the TUN.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Packets it holds.
    pub(crate) packets: u16,
    /// The virtio header.
    pub(crate) vnet: [u8; vnet::LEN],
    /// The rewritten headers; none for a packet that goes as it is.
    pub(crate) headers: [u8; MAX_HEADERS],
    /// Bytes of `headers` in use.
    pub(crate) headers_len: usize,
    first: u32,
}

impl Coalescer {
    /// A coalescer with room for batches of `packets` packets; longer batches make it grow once.
    #[must_use]
    pub fn with_capacity(packets: usize) -> Self {
        Self {
            groups: Vec::with_capacity(packets),
            next: Vec::with_capacity(packets),
            flows: [None; FLOWS],
            evict: 0,
        }
    }

    /// Sorts the packets at `packets` of `area` into frames. `udp`: whether the kernel takes UDP
    /// super-packets.
    pub(crate) fn plan(&mut self, area: &[u8], packets: &[Span], udp: bool) {
        self.groups.clear();
        self.next.clear();
        self.flows = [None; FLOWS];
        for (index, span) in (0..END).zip(packets) {
            self.next.push(END);
            self.place(area, packets, index, span.of(area), udp);
        }
    }

    /// Frames planned.
    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }

    /// The frame at `index`, `None` behind the last.
    pub(crate) fn frame(&self, area: &[u8], packets: &[Span], index: usize) -> Option<Frame> {
        let group = self.groups.get(index)?;
        let packet = span_at(packets, group.first).of(area);
        let mut frame = Frame {
            packets: group.packets,
            vnet: VnetHeader::default().encode(),
            headers: [0; MAX_HEADERS],
            headers_len: 0,
            first: group.first,
        };
        if let (Some(layout), true) = (group.layout, group.packets > 1) {
            frame.headers_len = layout.payload;
            let headers = frame.headers.get_mut(..layout.payload)?;
            headers.copy_from_slice(packet.get(..layout.payload)?);
            frame.vnet = group.rewrite(&layout, headers).encode();
        }
        Some(frame)
    }

    /// Calls `each` with the bytes of `frame` behind its rewritten headers, in order: payloads, or the
    /// whole packet if nothing was rewritten.
    pub(crate) fn pieces<'a>(
        &self,
        frame: &Frame,
        area: &'a [u8],
        packets: &[Span],
        mut each: impl FnMut(&'a [u8]),
    ) {
        let mut index = frame.first;
        while index != END {
            let packet = span_at(packets, index).of(area);
            // Packets of a merged frame end where IP says (`may_merge`), and all have equally long headers.
            each(packet.get(frame.headers_len..).unwrap_or_default());
            index = self.next.get(index as usize).copied().unwrap_or(END);
        }
    }

    fn place(&mut self, area: &[u8], packets: &[Span], index: u32, packet: &[u8], udp: bool) {
        let Some(layout) = Layout::of(packet) else {
            // A fragment, an extension header, another protocol: nothing may overtake it.
            self.flows = [None; FLOWS];
            self.open(index, packet, None);
            return;
        };
        let hash = flow_hash(packet, &layout);
        let slot = self.flows.iter().position(|flow| flow.is_some_and(|flow| flow.hash == hash));
        if !may_merge(packet, &layout, udp) {
            // A pure ACK, a SYN and the like: what follows in this flow must not join what went before.
            if let Some(place) = slot.and_then(|slot| self.flows.get_mut(slot)) {
                *place = None;
            }
            self.open(index, packet, None);
            return;
        }
        if let Some(flow) = slot.and_then(|slot| self.flows.get(slot).copied().flatten())
            && self.join(area, packets, flow.group, index, packet, &layout)
        {
            return;
        }
        let group = self.open(index, packet, Some(layout));
        let slot = slot.or_else(|| self.flows.iter().position(Option::is_none)).unwrap_or_else(|| {
            self.evict = (self.evict + 1) % FLOWS;
            self.evict
        });
        if let Some(place) = self.flows.get_mut(slot) {
            *place = Some(Flow { hash, group });
        }
    }

    /// Starts a frame and gives its number.
    fn open(&mut self, index: u32, packet: &[u8], layout: Option<Layout>) -> u32 {
        let size = layout.map_or(0, |layout| layout.end - layout.payload);
        let last_flags = layout.map_or(0, |layout| end_flags(packet, &layout));
        self.groups.push(Group {
            first: index,
            last: index,
            packets: 1,
            payload: size,
            size,
            layout,
            closed: layout.is_none() || last_flags != 0,
            verified: false,
            last_flags,
        });
        u32::try_from(self.groups.len() - 1).unwrap_or(END)
    }

    /// Appends the packet to a frame if it continues it.
    fn join(
        &mut self,
        area: &[u8],
        packets: &[Span],
        group: u32,
        index: u32,
        packet: &[u8],
        layout: &Layout,
    ) -> bool {
        let Some(group) = self.groups.get_mut(group as usize) else { return false };
        let first = span_at(packets, group.first).of(area);
        let payload = layout.end - layout.payload;
        if group.closed
            || group.layout.is_none_or(|of_first| of_first.payload != layout.payload)
            || usize::from(group.packets) >= MAX_PACKETS
            || payload > group.size
            || layout.payload + group.payload + payload > MAX_FRAME
            || !continues(first, packet, layout, group)
        {
            return false;
        }
        if !group.verified {
            if !group.layout.is_some_and(|of_first| checksums_hold(first, &of_first)) {
                group.closed = true;
                return false;
            }
            group.verified = true;
        }
        if !checksums_hold(packet, layout) {
            return false;
        }
        group.last_flags = end_flags(packet, layout);
        group.closed = payload < group.size || group.last_flags != 0;
        group.payload += payload;
        group.packets += 1;
        if let Some(next) = self.next.get_mut(group.last as usize) {
            *next = index;
        }
        group.last = index;
        true
    }
}

impl Group {
    /// Makes the first packet's headers those of the whole frame.
    fn rewrite(&self, layout: &Layout, headers: &mut [u8]) -> VnetHeader {
        let end = layout.payload + self.payload;
        if layout.v6 {
            set_word(headers, 4, truncate(end - 40));
        } else {
            set_word(headers, 2, truncate(end));
            set_word(headers, 10, 0);
            let sum = Sum::default().bytes(headers.get(..layout.transport).unwrap_or_default());
            set_word(headers, 10, sum.checksum());
        }
        if layout.protocol == TCP {
            if let Some(flags) = headers.get_mut(layout.transport + 13) {
                *flags |= self.last_flags;
            }
        } else {
            set_word(headers, layout.transport + 4, truncate(end - layout.transport));
        }
        let addresses = headers.get(layout.addresses()).unwrap_or_default();
        let sum = pseudo_header(addresses, layout.protocol, end - layout.transport).partial();
        set_word(headers, layout.checksum_field(), sum);
        VnetHeader {
            flags: NEEDS_CHECKSUM,
            gso_type: match (layout.protocol, layout.v6) {
                (UDP, _) => GSO_UDP,
                (_, false) => GSO_TCP4,
                (_, true) => GSO_TCP6,
            },
            header_len: truncate(layout.payload),
            gso_size: truncate(self.size),
            checksum_start: truncate(layout.transport),
            checksum_offset: truncate(layout.checksum_field() - layout.transport),
        }
    }
}

/// True if the packet may start or continue a frame.
fn may_merge(packet: &[u8], layout: &Layout, udp: bool) -> bool {
    if layout.payload == layout.end || layout.end != packet.len() {
        return false;
    }
    // IPv4 options do not repeat identically in what the kernel would split off again.
    if !layout.v6 && layout.transport != 20 {
        return false;
    }
    match layout.protocol {
        TCP => {
            let flags = packet.get(layout.transport + 13).copied().unwrap_or(0);
            const ECE: u8 = 0x40;
            flags & !(tcp_flag::PSH | tcp_flag::FIN | ECE) == tcp_flag::ACK
        }
        // A length that differs from IP's, or no checksum, would not survive.
        _ => {
            udp && usize::from(word(packet, layout.transport + 4)) == layout.end - layout.transport
                && word(packet, layout.checksum_field()) != 0
        }
    }
}

/// True if `packet` is the direct continuation of the frame that starts with `first`.
fn continues(first: &[u8], packet: &[u8], layout: &Layout, group: &Group) -> bool {
    let same = |from: usize, to: usize| match (first.get(from..to), packet.get(from..to)) {
        (Some(a), Some(b)) => a == b,
        _ => false,
    };
    let ip = if layout.v6 {
        // Version, traffic class, flow label; next header, hop limit, addresses.
        same(0, 4) && same(6, 40)
    } else {
        let id = word(packet, 4);
        let start = word(first, 4);
        // RFC 6864 4.1: with DF set the identification means nothing, and some hosts leave it constant.
        let atomic = word(packet, 6) & 0x4000 != 0;
        // Version and type of service; flags; TTL and protocol; addresses.
        same(0, 2)
            && same(6, 10)
            && same(12, 20)
            && (id == start.wrapping_add(group.packets) || (atomic && id == start))
    };
    let at = layout.transport;
    // Ports.
    if !ip || !same(at, at + 4) {
        return false;
    }
    if layout.protocol == UDP {
        return true;
    }
    let flags = |packet: &[u8]| packet.get(at + 13).map(|flags| flags & !(tcp_flag::PSH | tcp_flag::FIN));
    let expected = long(first, at + 4).wrapping_add(u32::try_from(group.payload).unwrap_or(0));
    // Sequence; acknowledgement and data offset; flags; window; urgent pointer and options.
    long(packet, at + 4) == expected
        && same(at + 8, at + 13)
        && flags(first) == flags(packet)
        && same(at + 14, at + 16)
        && same(at + 18, layout.payload)
}

/// True if the IPv4 header checksum and the transport checksum are right.
fn checksums_hold(packet: &[u8], layout: &Layout) -> bool {
    let ip =
        layout.v6 || Sum::default().bytes(packet.get(..layout.transport).unwrap_or_default()).checksum() == 0;
    let transport = packet.get(layout.transport..layout.end).unwrap_or_default();
    let addresses = packet.get(layout.addresses()).unwrap_or_default();
    ip && pseudo_header(addresses, layout.protocol, transport.len()).bytes(transport).checksum() == 0
}

/// PSH and FIN of a TCP packet: either ends a frame.
fn end_flags(packet: &[u8], layout: &Layout) -> u8 {
    if layout.protocol != TCP {
        return 0;
    }
    packet.get(layout.transport + 13).copied().unwrap_or(0) & (tcp_flag::PSH | tcp_flag::FIN)
}

/// A number that differs between most flows.
fn flow_hash(packet: &[u8], layout: &Layout) -> u64 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let ports = u64::from(long(packet, layout.transport));
    let addresses = packet.get(layout.addresses()).unwrap_or_default();
    let mut hash = ports << 8 | u64::from(layout.protocol);
    for part in addresses.as_chunks::<8>().0 {
        hash = (hash.rotate_left(5) ^ u64::from_ne_bytes(*part)).wrapping_mul(MIX);
    }
    hash
}

fn span_at(packets: &[Span], index: u32) -> Span {
    packets.get(index as usize).copied().unwrap_or_default()
}

/// Frames are at most [`MAX_FRAME`] bytes: nothing is lost.
fn truncate(n: usize) -> u16 {
    (n & 0xffff) as u16
}
