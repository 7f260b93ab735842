//! The stack at a client's end of the tunnel, for the demo and for tests.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use smoltcp::iface::SocketHandle;
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::socket::{icmp, tcp};
use smoltcp::wire::{Icmpv4Packet, Icmpv4Repr, Icmpv6Packet, Icmpv6Repr, IpAddress, IpEndpoint, Ipv6Address};

use super::core::{Core, Counters, socket_addr};
use super::services::drain;
use super::{StackConfig, StackError};

/// First port for outgoing connections (RFC 6335 6).
const FIRST_PORT: u16 = 49_152;
/// Ping payload: when it was sent, in microseconds.
const STAMP: usize = 8;
/// Answers kept until they are fetched.
const PONGS: usize = 64;
/// Pings waiting to be sent.
const PINGS: usize = 16;

/// A connection of a [`ClientStack`].
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ConnectionId(u64);

/// How far a connection has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ConnectionState {
    /// The handshake is under way.
    Connecting,
    /// Data can flow, at least in one direction.
    Open,
    /// Closed by both ends, refused, reset or timed out.
    Closed,
}

/// What came out of reading a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Received {
    /// Bytes read.
    pub bytes: usize,
    /// The other end will send no more, or the connection is lost.
    pub ended: bool,
}

/// An answer to a ping.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Pong {
    /// Who answered.
    pub from: IpAddr,
    /// The ping's sequence number.
    pub sequence: u16,
    /// From the call of [`ClientStack::ping`] to the poll that saw the answer.
    pub round_trip: Duration,
    /// Bytes of payload behind the ICMP header.
    pub len: usize,
}

/// Pings, and opens TCP connections.
#[derive(Debug)]
pub struct ClientStack {
    core: Core,
    pinger: SocketHandle,
    ident: u16,
    next_sequence: u16,
    pongs: Vec<Pong>,
    connections: BTreeMap<ConnectionId, SocketHandle>,
    next_id: u64,
    next_port: u16,
    wants_poll: bool,
}

impl ClientStack {
    /// A stack without connections.
    ///
    /// # Errors
    /// [`StackError::Setting`] and [`StackError::BadAddress`].
    pub fn new(config: StackConfig) -> Result<Self, StackError> {
        let mut core = Core::new(config)?;
        let buffer = |packets| {
            icmp::PacketBuffer::new(
                vec![icmp::PacketMetadata::EMPTY; packets],
                vec![0; packets * core.config.mtu],
            )
        };
        let mut pinger = icmp::Socket::new(buffer(PONGS), buffer(PINGS));
        let ident = (core.config.seed >> 16) as u16;
        // Only fails for a socket that is bound already.
        let _ = pinger.bind(icmp::Endpoint::Ident(ident));
        let pinger = core.sockets.add(pinger);
        let next_port = FIRST_PORT | (core.config.seed as u16);
        Ok(Self {
            core,
            pinger,
            ident,
            next_sequence: 0,
            pongs: Vec::new(),
            connections: BTreeMap::new(),
            next_id: 0,
            next_port,
            wants_poll: false,
        })
    }

    /// Takes an IP packet from the tunnel. False if it is longer than the MTU or the queue is full; TCP
    /// sends it again. Call [`Self::poll`] after a batch.
    pub fn push(&mut self, packet: &[u8]) -> bool {
        self.core.push(packet)
    }

    /// Hands the next outgoing IP packet to `take`; `None` when there is none. Poll again once all are out:
    /// TCP may have waited for room.
    pub fn pop_with<R>(&mut self, take: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.core.pop_with(take)
    }

    /// Works on what was pushed, sent and asked for, and on what is due. `now` never goes back. Gives the
    /// time of the next call, which is `now` while packets wait to be popped; `None`: not before the next
    /// packet or call.
    pub fn poll(&mut self, now: Duration) -> Option<Duration> {
        self.wants_poll = false;
        self.core.exchange(now);
        self.read_pongs(now);
        self.core.deadline(now)
    }

    /// True if something was asked of the stack since the last [`Self::poll`] that may send packets.
    #[must_use]
    pub const fn wants_poll(&self) -> bool {
        self.wants_poll
    }

    /// Packets seen so far.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.core.counters
    }

    /// Sends an echo request with `len` bytes of payload (at least 8 are sent, at most what the MTU allows)
    /// and gives its sequence number.
    ///
    /// # Errors
    /// [`StackError::Unreachable`] without an address of that family, [`StackError::Busy`] with more than 16
    /// pings waiting for the next poll.
    pub fn ping(&mut self, now: Duration, address: IpAddr, len: usize) -> Result<u16, StackError> {
        let unreachable = StackError::Unreachable(SocketAddr::new(address, 0));
        if !self.core.reaches(address) {
            return Err(unreachable);
        }
        let header = if address.is_ipv4() { 28 } else { 48 };
        let len = len.clamp(STAMP, self.core.config.mtu.saturating_sub(header));
        let mut payload = vec![0xa5; len];
        let micros = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        if let Some(stamp) = payload.first_chunk_mut::<STAMP>() {
            *stamp = micros.to_be_bytes();
        }
        let (ident, seq_no) = (self.ident, self.next_sequence);
        let checksums = ChecksumCapabilities::ignored();
        let socket = self.core.sockets.get_mut::<icmp::Socket<'_>>(self.pinger);
        // smoltcp fills the checksum in when it sends.
        match address {
            IpAddr::V4(_) => {
                let echo = Icmpv4Repr::EchoRequest { ident, seq_no, data: &payload };
                let out = socket.send(echo.buffer_len(), address.into()).map_err(|_| StackError::Busy)?;
                echo.emit(&mut Icmpv4Packet::new_unchecked(out), &checksums);
            }
            IpAddr::V6(to) => {
                let echo = Icmpv6Repr::EchoRequest { ident, seq_no, data: &payload };
                let out = socket.send(echo.buffer_len(), address.into()).map_err(|_| StackError::Busy)?;
                let from = Ipv6Address::UNSPECIFIED;
                echo.emit(&from, &to, &mut Icmpv6Packet::new_unchecked(out), &checksums);
            }
        }
        self.next_sequence = self.next_sequence.wrapping_add(1);
        self.wants_poll = true;
        Ok(seq_no)
    }

    /// The next answer to a ping.
    pub fn next_pong(&mut self) -> Option<Pong> {
        if self.pongs.is_empty() { None } else { Some(self.pongs.remove(0)) }
    }

    /// Opens a TCP connection.
    ///
    /// # Errors
    /// [`StackError::Unreachable`] without an address of that family or with port 0, [`StackError::Busy`]
    /// with as many connections as configured.
    pub fn connect(&mut self, remote: SocketAddr) -> Result<ConnectionId, StackError> {
        if remote.port() == 0 || !self.core.reaches(remote.ip()) {
            return Err(StackError::Unreachable(remote));
        }
        if self.connections.len() >= self.core.config.connections {
            return Err(StackError::Busy);
        }
        let mut socket = self.core.tcp_socket();
        let endpoint = IpEndpoint::new(IpAddress::from(remote.ip()), remote.port());
        let port = self.free_port();
        socket
            .connect(self.core.interface.context(), endpoint, port)
            .map_err(|_| StackError::Unreachable(remote))?;
        let id = ConnectionId(self.next_id);
        self.next_id = self.next_id.saturating_add(1);
        self.connections.insert(id, self.core.sockets.add(socket));
        self.wants_poll = true;
        Ok(id)
    }

    /// How far the connection has come. A connection given back with [`Self::forget`] is closed.
    #[must_use]
    pub fn state(&self, connection: ConnectionId) -> ConnectionState {
        let Some(handle) = self.connections.get(&connection) else { return ConnectionState::Closed };
        match self.core.sockets.get::<tcp::Socket<'_>>(*handle).state() {
            tcp::State::SynSent | tcp::State::SynReceived => ConnectionState::Connecting,
            tcp::State::Closed | tcp::State::TimeWait | tcp::State::Listen => ConnectionState::Closed,
            _ => ConnectionState::Open,
        }
    }

    /// Gives `write` room in the send buffer, at most `max` bytes, all of which it fills. Gives the number
    /// of bytes: 0 if the buffer is full, the connection is not open, or we have closed it.
    pub fn send_with(&mut self, connection: ConnectionId, max: u64, write: impl FnOnce(&mut [u8])) -> usize {
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        let Some(socket) = self.socket(connection).filter(|socket| socket.can_send()) else { return 0 };
        let sent = socket.send(|room| {
            let len = room.len().min(max);
            if let Some(room) = room.get_mut(..len) {
                write(room);
            }
            (len, len)
        });
        self.wants_poll = true;
        sent.unwrap_or(0)
    }

    /// Sends a part of `data` as long as the buffer has room; gives how much was taken.
    pub fn send(&mut self, connection: ConnectionId, data: &[u8]) -> usize {
        let mut taken = 0;
        while let Some(rest) = data.get(taken..).filter(|rest| !rest.is_empty()) {
            let sent = self.send_with(connection, rest.len() as u64, |room| {
                room.copy_from_slice(rest.get(..room.len()).unwrap_or_default());
            });
            if sent == 0 {
                break;
            }
            taken = taken.saturating_add(sent);
        }
        taken
    }

    /// Hands everything received to `read`, in order, in one or more pieces.
    pub fn recv_with(&mut self, connection: ConnectionId, mut read: impl FnMut(&[u8])) -> Received {
        let Some(socket) = self.socket(connection) else { return Received { bytes: 0, ended: true } };
        let mut bytes: usize = 0;
        let any = drain(socket, |piece| {
            bytes = bytes.saturating_add(piece.len());
            read(piece);
        });
        let connecting = matches!(socket.state(), tcp::State::SynSent | tcp::State::SynReceived);
        let ended = !connecting && !socket.may_recv();
        // An empty buffer is a larger window to tell the peer.
        self.wants_poll |= any;
        Received { bytes, ended }
    }

    /// Sends no more after what is buffered; reading goes on.
    pub fn close(&mut self, connection: ConnectionId) {
        if let Some(socket) = self.socket(connection) {
            socket.close();
            self.wants_poll = true;
        }
    }

    /// Resets the connection.
    pub fn abort(&mut self, connection: ConnectionId) {
        if let Some(socket) = self.socket(connection) {
            socket.abort();
            self.wants_poll = true;
        }
    }

    /// Frees the connection's place and buffers. An open one is cut off without a word; reset it first and
    /// poll.
    pub fn forget(&mut self, connection: ConnectionId) {
        if let Some(handle) = self.connections.remove(&connection) {
            self.core.sockets.remove(handle);
        }
    }

    /// Bytes written that the other end has not acknowledged.
    #[must_use]
    pub fn unacknowledged(&self, connection: ConnectionId) -> usize {
        let Some(handle) = self.connections.get(&connection) else { return 0 };
        self.core.sockets.get::<tcp::Socket<'_>>(*handle).send_queue()
    }

    /// Our end's address and port, while the connection has one.
    #[must_use]
    pub fn local_addr(&self, connection: ConnectionId) -> Option<SocketAddr> {
        let handle = self.connections.get(&connection)?;
        self.core.sockets.get::<tcp::Socket<'_>>(*handle).local_endpoint().map(socket_addr)
    }

    fn socket(&mut self, connection: ConnectionId) -> Option<&mut tcp::Socket<'static>> {
        let handle = self.connections.get(&connection)?;
        Some(self.core.sockets.get_mut(*handle))
    }

    /// The next port no connection uses. There are more ports than connections.
    fn free_port(&mut self) -> u16 {
        loop {
            let port = self.next_port;
            self.next_port = port.checked_add(1).unwrap_or(FIRST_PORT);
            let taken = self.connections.values().any(|handle| {
                let socket = self.core.sockets.get::<tcp::Socket<'_>>(*handle);
                socket.local_endpoint().is_some_and(|local| local.port == port)
            });
            if !taken {
                return port;
            }
        }
    }

    fn read_pongs(&mut self, now: Duration) {
        let checksums = ChecksumCapabilities::ignored();
        let socket = self.core.sockets.get_mut::<icmp::Socket<'_>>(self.pinger);
        while let Ok((bytes, from)) = socket.recv() {
            let answer = match from {
                IpAddress::Ipv4(_) => Icmpv4Packet::new_checked(bytes).ok().and_then(|packet| {
                    match Icmpv4Repr::parse(&packet, &checksums) {
                        Ok(Icmpv4Repr::EchoReply { seq_no, data, .. }) => {
                            Some((seq_no, pong_stamp(data)?, data.len()))
                        }
                        _ => None,
                    }
                }),
                IpAddress::Ipv6(source) => Icmpv6Packet::new_checked(bytes).ok().and_then(|packet| {
                    match Icmpv6Repr::parse(&source, &Ipv6Address::UNSPECIFIED, &packet, &checksums) {
                        Ok(Icmpv6Repr::EchoReply { seq_no, data, .. }) => {
                            Some((seq_no, pong_stamp(data)?, data.len()))
                        }
                        _ => None,
                    }
                }),
            };
            let Some((sequence, sent, len)) = answer else { continue };
            if self.pongs.len() < PONGS {
                let round_trip = now.saturating_sub(sent);
                self.pongs.push(Pong { from: from.into(), sequence, round_trip, len });
            }
        }
    }
}

/// When the ping was sent, if the payload came back as it was sent.
fn pong_stamp(data: &[u8]) -> Option<Duration> {
    let (stamp, rest) = data.split_first_chunk::<STAMP>()?;
    let unchanged = rest.iter().all(|byte| *byte == 0xa5);
    unchanged.then(|| Duration::from_micros(u64::from_be_bytes(*stamp)))
}
