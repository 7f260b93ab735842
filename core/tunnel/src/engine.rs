//! What a driver needs of a protocol engine, be it one tunnel or a gateway of many.

use std::ops::Range;

use adit_esp::SegmentBuf;
use adit_ike::time::Instant;
use adit_ike::{Path, Transmit, Wake};

/// What became of a datagram.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Input {
    /// It held an inner IP packet, which now stands in clear at this range of the buffer.
    Packet(Range<usize>),
    /// It was for the engine; output or events may be waiting.
    Handled,
    /// It was noise, and is counted.
    Discarded,
}

/// Why an inner packet was not sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotSent {
    /// No Child SA is up, or none for this destination. The packet is lost, as on a network that is down.
    NoTunnel,
    /// No Child SA carries this packet (traffic selectors), or it is no IP packet.
    Refused,
    /// It is longer than the tunnel's MTU.
    TooBig,
    /// The output takes no packet of this length or for this peer any more: send what it holds, clear it, and
    /// give this packet again.
    Full,
}

/// A protocol engine: datagrams and time in, datagrams and deadlines out.
pub trait Engine {
    /// Takes the UDP payload that came by `path`. It is opened in place.
    fn handle_datagram(&mut self, now: Instant, path: Path, datagram: &mut [u8]) -> Input;

    /// Seals an inner packet of `len` bytes to the end of `out`, and says by which path `out` is to be sent.
    /// `head` are the packet's first bytes, enough to see its addresses; `fill` writes the whole packet to
    /// where it is sealed, and may be left uncalled. Everything in one `out` goes by the path of its first.
    ///
    /// # Errors
    /// [`NotSent`]; `out` then holds what it held before.
    fn encapsulate<F: FnOnce(&mut [u8]) -> bool>(
        &mut self,
        now: Instant,
        head: &[u8],
        len: usize,
        fill: F,
        out: &mut SegmentBuf,
    ) -> Result<Path, NotSent>;

    /// Does what is due at `now`.
    fn handle_timeout(&mut self, now: Instant);

    /// The next datagram of its own to send.
    fn poll_transmit(&mut self) -> Option<Transmit>;

    /// When to call [`Self::handle_timeout`] next; the last `now` while output is waiting.
    fn poll_timeout(&self) -> Option<(Instant, Wake)>;
}
