//! The loop that joins a protocol engine to sockets, a TUN device and a clock.
//!
//! Owns [`Pump`]: datagrams from the sockets into the engine and inner packets on to the TUN, frames from the TUN
//! through the engine into as few sends as possible, the engine's own datagrams, its deadlines. One task does all
//! of it: with packets in batches a second task costs more in hand-overs than it wins. Leaves out what the engine's
//! events mean: the caller polls them between two turns.
//!
//! No allocation per packet. What a full socket does not take is held and sent first when there is room, then the rest of the
//! frame that it was of; the TUN is not read meanwhile.

use std::future::pending;
use std::io;

use adit_esp::SegmentBuf;
use adit_ike::time::Instant;
use adit_ike::{Path, Transmit, Wake};
use adit_tunnel::{Engine, Input, NotSent};

use crate::Span;
use crate::clock::{Clock, Timer};
use crate::tun::{Coalescer, ReadBuffer, Segments, Tun};
use crate::udp::{RecvBatch, UdpPort};

/// Sockets a pump watches at most: two ports in two address families.
pub const PORTS_MAX: usize = 4;

/// Bundles one receive call takes.
const BUNDLES: usize = 4;

/// Rounds over all sources before the caller gets to see events.
const ROUNDS: usize = 16;

/// Inner packets delivered before other tasks of the thread get their turn: whom they are for, perhaps, by a queue that must
/// not overflow meanwhile; and other tunnels.
const BURST: usize = 256;

/// Frames taken from the TUN before the sockets get their turn.
const FRAMES: usize = 64;

/// Datagrams and bytes of one coalesced send: what one frame of 64 KiB becomes.
const SEGMENTS: usize = 64;
const SEGMENTS_BYTES: usize = 65_507;

/// A socket, and whether it carries ESP (RFC 3948).
pub struct Port {
    /// The socket.
    pub socket: UdpPort,
    /// True for the NAT traversal port, 4500 by default.
    pub encapsulated: bool,
}

/// What was lost on this host.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Losses {
    /// Datagrams the system refused to send.
    pub unsent: u64,
    /// Inner packets the TUN did not take.
    pub undelivered: u64,
}

/// The loop's state.
pub struct Pump {
    clock: Clock,
    timer: Timer,
    ports: Vec<Port>,
    tun: Option<Tun>,
    frame: ReadBuffer,
    /// How many segments of `frame` are sealed, if a full socket came between them and the others.
    rest: Option<usize>,
    batch: RecvBatch,
    sealed: SegmentBuf,
    /// Where `sealed` goes, and how much of it has gone.
    held: Option<(Path, usize)>,
    /// A datagram of the engine's own that waits for room.
    waiting: Option<Transmit>,
    coalescer: Coalescer,
    inner: Vec<Span>,
    /// Inner packets delivered in this turn.
    burst: usize,
    losses: Losses,
    /// Deadlines are let pass.
    held_deadlines: bool,
}

/// What the pump was woken by.
enum Ready {
    Source,
    Writable,
    Deadline,
}

impl Pump {
    /// A pump over `ports`, at most [`PORTS_MAX`]. Call inside a tokio runtime.
    ///
    /// # Errors
    /// `InvalidInput` for more ports; outside a runtime.
    pub fn new(clock: Clock, ports: Vec<Port>) -> io::Result<Self> {
        if ports.len() > PORTS_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "more sockets than a pump watches"));
        }
        Ok(Self {
            clock,
            timer: Timer::new(clock)?,
            ports,
            tun: None,
            frame: ReadBuffer::new(),
            rest: None,
            batch: RecvBatch::new(BUNDLES),
            sealed: SegmentBuf::new(SEGMENTS, SEGMENTS_BYTES),
            held: None,
            waiting: None,
            coalescer: Coalescer::with_capacity(256),
            inner: Vec::with_capacity(256),
            burst: 0,
            losses: Losses::default(),
            held_deadlines: false,
        })
    }

    /// The time, as engines count it.
    #[must_use]
    pub fn now(&self) -> Instant {
        Instant::from_epoch(self.clock.now())
    }

    /// Where inner packets come from and go to, from now on. Returns the device before.
    pub fn attach(&mut self, tun: Tun) -> Option<Tun> {
        self.rest = None;
        self.tun.replace(tun)
    }

    /// Takes the TUN away; inner packets are dropped from now on.
    pub fn detach(&mut self) -> Option<Tun> {
        self.rest = None;
        self.tun.take()
    }

    /// Other sockets, from now on. What was held for the old ones is dropped.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn replace_ports(&mut self, ports: Vec<Port>) -> io::Result<()> {
        if ports.len() > PORTS_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "more sockets than a pump watches"));
        }
        self.ports = ports;
        self.held = None;
        self.rest = None;
        self.waiting = None;
        self.sealed.clear();
        Ok(())
    }

    /// Lets the engine's deadlines pass, or heeds them again: a device that is about to sleep sends nothing of its own
    /// accord. What came meanwhile is received before the next deadline counts.
    pub fn hold_deadlines(&mut self, held: bool) {
        self.held_deadlines = held;
    }

    /// What was lost on this host so far.
    #[must_use]
    pub fn losses(&self) -> Losses {
        self.losses
    }

    /// Waits until something can be done, and does it. Returns when events may be waiting; the caller polls them
    /// all before the next turn. May be dropped while it waits: nothing is lost.
    ///
    /// # Errors
    /// When the TUN device or the runtime is gone.
    pub async fn turn<E: Engine>(&mut self, engine: &mut E) -> io::Result<()> {
        self.send_control(engine);
        if matches!(engine.poll_timeout(), Some((_, Wake::QueuedOutput))) && self.waiting.is_none() {
            return Ok(());
        }
        let deadline = engine.poll_timeout().filter(|_| !self.held_deadlines);
        self.timer.set(deadline.map(|(at, _)| at.since_epoch()));
        match self.wait().await? {
            Ready::Deadline => self.on_deadline(engine)?,
            Ready::Writable => self.resume(),
            Ready::Source => {}
        }
        self.burst = 0;
        for _ in 0..ROUNDS {
            let now = self.now();
            let mut any = false;
            for index in 0..self.ports.len() {
                any |= self.receive(engine, now, index)?;
            }
            // As many sends as a receive call brings bundles: a queue of what goes out must not grow behind what comes in.
            for _ in 0..BUNDLES {
                if self.held.is_some() || !self.read_tun(engine, now)? {
                    break;
                }
                any = true;
            }
            self.send_control(engine);
            if !any || self.held.is_some() || matches!(engine.poll_timeout(), Some((_, Wake::QueuedOutput))) {
                break;
            }
            if self.burst >= BURST {
                tokio::task::yield_now().await;
                break;
            }
        }
        // A stream that never pauses must not put off a deadline.
        let now = self.now();
        if self.held_deadlines {
            return Ok(());
        }
        if engine.poll_timeout().is_some_and(|(at, wake)| at <= now && wake != Wake::QueuedOutput) {
            engine.handle_timeout(now);
            self.send_control(engine);
        }
        Ok(())
    }

    /// Sends what the engine still has to send, as far as the sockets take it now: its last words.
    pub fn flush<E: Engine>(&mut self, engine: &mut E) {
        self.send_control(engine);
    }

    /// What has arrived counts before what is late: after a sleep the answer to a request may be waiting.
    fn on_deadline<E: Engine>(&mut self, engine: &mut E) -> io::Result<()> {
        let now = self.now();
        for index in 0..self.ports.len() {
            self.receive(engine, now, index)?;
        }
        if engine.poll_timeout().is_some_and(|(at, wake)| at <= now && wake != Wake::QueuedOutput) {
            engine.handle_timeout(now);
        }
        Ok(())
    }

    async fn wait(&mut self) -> io::Result<Ready> {
        let Self { ports, tun, timer, held, waiting, .. } = self;
        let readable = |index: usize| {
            let port = ports.get(index);
            async move {
                match port {
                    Some(port) => port.socket.readable().await,
                    None => pending().await,
                }
            }
        };
        let path = held.map(|(path, _)| path).or(waiting.as_ref().map(|transmit| transmit.path));
        let full = path.and_then(|path| find(ports, path));
        let writable = async {
            match full {
                Some(port) => port.socket.writable().await,
                None => pending().await,
            }
        };
        let frames = async {
            match tun {
                // While a send is held nothing more can be sealed.
                Some(tun) if held.is_none() => tun.readable().await,
                _ => pending().await,
            }
        };
        tokio::select! {
            result = readable(0) => result.map(|()| Ready::Source),
            result = readable(1) => result.map(|()| Ready::Source),
            result = readable(2) => result.map(|()| Ready::Source),
            result = readable(3) => result.map(|()| Ready::Source),
            result = frames => result.map(|()| Ready::Source),
            result = writable => result.map(|()| Ready::Writable),
            () = timer.expired() => Ok(Ready::Deadline),
        }
    }

    /// Takes what one socket has. True if it had something.
    fn receive<E: Engine>(&mut self, engine: &mut E, now: Instant, index: usize) -> io::Result<bool> {
        let Some(port) = self.ports.get(index) else { return Ok(false) };
        if port.socket.try_recv(&mut self.batch).is_err() {
            return Ok(false);
        }
        let bound = port.socket.local_addr();
        let (bundles, area) = self.batch.parts();
        self.inner.clear();
        for bundle in bundles {
            let mut local = bound;
            if let Some(address) = bundle.local {
                local.set_ip(address);
            }
            let path = Path { local, remote: bundle.remote, encapsulated: port.encapsulated };
            for span in bundle.datagrams() {
                if let Input::Packet(range) = engine.handle_datagram(now, path, span.of_mut(area)) {
                    self.inner.push(span.part(range));
                }
            }
        }
        if let Some(tun) = &self.tun
            && !self.inner.is_empty()
        {
            self.burst = self.burst.saturating_add(self.inner.len());
            let written = tun.try_write(&mut self.coalescer, area, &self.inner)?;
            self.losses.undelivered = self.losses.undelivered.saturating_add(written.dropped);
        }
        Ok(true)
    }

    /// Takes frames from the TUN until there is none, or one send is full: packets that come one by one leave together. True
    /// if there was one.
    fn read_tun<E: Engine>(&mut self, engine: &mut E, now: Instant) -> io::Result<bool> {
        let Self { tun: Some(tun), frame, rest, sealed, held, ports, losses, .. } = self else {
            return Ok(false);
        };
        let mut path = None;
        let mut any = false;
        for _ in 0..FRAMES {
            let mut segments = match rest.take() {
                Some(taken) => tun.segments(frame).after(taken),
                None => match tun.try_read(frame) {
                    Ok(segments) => segments,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => {
                        if let Some(to) = path {
                            push(ports, sealed, held, losses, to, 0);
                        }
                        return Err(error);
                    }
                },
            };
            any = true;
            while let Some(len) = segments.next_len() {
                match seal(engine, now, &mut segments, len, sealed) {
                    Ok(to) => path = Some(to),
                    Err(NotSent::Full) if path.is_some() => {
                        if let Some(to) = path.take() {
                            push(ports, sealed, held, losses, to, 0);
                        }
                        // The rest of the frame waits for room, too.
                        if held.is_some() {
                            *rest = Some(segments.taken());
                            return Ok(true);
                        }
                    }
                    // Not for any peer: on to the next.
                    Err(_) => skip(&mut segments, len),
                }
            }
            // No packet like the first fits any more: what is there need not wait for the next frame.
            if path.is_some() && !sealed.accepts(sealed.segment_len()) {
                break;
            }
        }
        if let Some(to) = path {
            push(ports, sealed, held, losses, to, 0);
        }
        Ok(any)
    }

    /// Goes on with what a full socket did not take.
    fn resume(&mut self) {
        if let Some((path, sent)) = self.held.take() {
            push(&self.ports, &mut self.sealed, &mut self.held, &mut self.losses, path, sent);
        }
    }

    /// Sends the engine's own datagrams.
    fn send_control<E: Engine>(&mut self, engine: &mut E) {
        while let Some(transmit) = self.waiting.take().or_else(|| engine.poll_transmit()) {
            let path = transmit.path;
            let Some(port) = find(&self.ports, path) else {
                self.losses.unsent = self.losses.unsent.saturating_add(1);
                continue;
            };
            let payload = &transmit.payload;
            match port.socket.try_send(path.remote, Some(path.local.ip()), payload, payload.len()) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.waiting = Some(transmit);
                    return;
                }
                Err(error) => {
                    tracing::debug!(%error, remote = %path.remote, "datagram not sent");
                    self.losses.unsent = self.losses.unsent.saturating_add(1);
                }
                Ok(_) => {}
            }
        }
    }
}

/// Seals the next segment straight from the frame.
fn seal<E: Engine>(
    engine: &mut E,
    now: Instant,
    segments: &mut Segments<'_>,
    len: usize,
    sealed: &mut SegmentBuf,
) -> Result<Path, NotSent> {
    let head = segments.head();
    engine.encapsulate(now, head, len, |out| segments.next_into(out).is_some(), sealed)
}

/// Passes over a segment that nobody takes.
fn skip(segments: &mut Segments<'_>, len: usize) {
    let mut scratch = [0; 2048];
    let passed = scratch.get_mut(..len).and_then(|out| segments.next_into(out)).is_some();
    if !passed {
        // Longer than any segment of a TUN with a sensible MTU: the rest of the frame goes with it.
        *segments = Segments::whole(&[]);
    }
}

/// Sends `sealed` from `sent` on; what the socket does not take stays held.
fn push(
    ports: &[Port],
    sealed: &mut SegmentBuf,
    held: &mut Option<(Path, usize)>,
    losses: &mut Losses,
    path: Path,
    mut sent: usize,
) {
    let segment = sealed.segment_len();
    let left = |sent: usize| sealed.payload().len().saturating_sub(sent).div_ceil(segment.max(1)) as u64;
    if let Some(port) = find(ports, path) {
        while let Some(rest) = sealed.payload().get(sent..).filter(|rest| !rest.is_empty()) {
            match port.socket.try_send(path.remote, Some(path.local.ip()), rest, segment) {
                Ok(taken) => sent = sent.saturating_add(taken),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    *held = Some((path, sent));
                    return;
                }
                Err(error) => {
                    tracing::debug!(%error, remote = %path.remote, "datagrams not sent");
                    losses.unsent = losses.unsent.saturating_add(left(sent));
                    break;
                }
            }
        }
    } else {
        losses.unsent = losses.unsent.saturating_add(left(sent));
    }
    sealed.clear();
}

/// The socket a path leaves by.
fn find(ports: &[Port], path: Path) -> Option<&Port> {
    ports.iter().find(|port| {
        let local = port.socket.local_addr();
        port.encapsulated == path.encapsulated
            && local.port() == path.local.port()
            && local.is_ipv4() == path.local.is_ipv4()
    })
}

#[cfg(test)]
mod tests;
