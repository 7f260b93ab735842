//! A client: a tunnel that is made again when it ends, and a host that sends packets and counts answers.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use adit_crypto::CryptoProvider;
use adit_esp::SegmentBuf;
use adit_ike::config::InitiatorConfig;
use adit_ike::{Command, Event as IkeEvent, Path};
use adit_testkit::{Datagram, Endpoint};
use adit_tunnel::{Engine, Event, Input, IpPrefix, NetworkSettings, NotSent, Tunnel, TunnelConfig};

use super::packets::{SHORTEST, SharedBooks, addresses, head};
use super::{INNER_V4, INNER_V6, at, tunnel};

pub struct ClientNode {
    pub config: TunnelConfig,
    provider: CryptoProvider,
    /// Where it is; changed by a test that moves it.
    pub address: IpAddr,
    server: SocketAddr,
    pub tunnel: Option<Tunnel>,
    pub settings: Option<NetworkSettings>,
    /// How each tunnel ended.
    pub endings: Vec<String>,
    /// Connects again so long after an ending; `None`: stays down.
    pub reconnect: Option<Duration>,
    connect_at: Option<Duration>,
    interval: Option<Duration>,
    send_at: Option<Duration>,
    /// Length of the next packet; grows and starts over.
    len: usize,
    /// Packets that came from the gateway's host.
    pub answers: u64,
    /// Rekeys of the IKE SA and of Child SAs seen.
    pub rekeys: (u64, u64),
    /// All events in words, if wanted.
    pub log: Option<Vec<String>>,
    outbox: VecDeque<Datagram>,
    out: SegmentBuf,
    books: SharedBooks,
    now: Duration,
}

impl ClientNode {
    pub fn new(
        config: InitiatorConfig,
        provider: CryptoProvider,
        address: IpAddr,
        server: SocketAddr,
        books: SharedBooks,
    ) -> Self {
        Self {
            config: tunnel(config),
            provider,
            address,
            server,
            tunnel: None,
            settings: None,
            endings: Vec::new(),
            reconnect: None,
            connect_at: Some(Duration::ZERO),
            interval: None,
            send_at: None,
            len: SHORTEST,
            answers: 0,
            rekeys: (0, 0),
            log: None,
            outbox: VecDeque::new(),
            out: SegmentBuf::new(1, 2_048),
            books,
            now: Duration::ZERO,
        }
    }

    pub fn is_up(&self) -> bool {
        self.settings.is_some() && self.tunnel.as_ref().is_some_and(Tunnel::is_up)
    }

    /// Sends a packet that often while up; `None`: stops.
    pub fn send_every(&mut self, interval: Option<Duration>) {
        self.interval = interval;
        self.send_at = interval.map(|_| self.now);
    }

    /// Connects at `when`, in place of any tunnel there is: as after a crash, nobody is told.
    pub fn restart(&mut self, when: Duration) {
        self.tunnel = None;
        self.settings = None;
        self.connect_at = Some(when);
    }

    /// Connects at `when` at the earliest, if it is to be connected at all.
    pub fn stay_down(&mut self) {
        self.connect_at = None;
        self.reconnect = None;
    }

    pub fn request(&mut self, command: Command) {
        if let Some(tunnel) = &mut self.tunnel {
            tunnel.request(at(self.now), command);
        }
        self.drain();
    }

    /// The inner address of this family.
    pub fn inner(&self, v4: bool) -> Option<IpAddr> {
        let settings = self.settings.as_ref()?;
        settings.addresses.iter().map(IpPrefix::address).find(|address| address.is_ipv4() == v4)
    }

    /// Seals a packet and sends it.
    pub fn send(&mut self, packet: &[u8]) -> Result<(), NotSent> {
        let tunnel = self.tunnel.as_mut().ok_or(NotSent::NoTunnel)?;
        let fill = |room: &mut [u8]| {
            room.copy_from_slice(packet);
            true
        };
        let path = tunnel.encapsulate(at(self.now), head(packet), packet.len(), fill, &mut self.out)?;
        let bytes = self.out.payload().to_vec();
        self.out.clear();
        self.outbox.push_back(Datagram { from: path.local, to: path.remote, bytes });
        self.drain();
        Ok(())
    }

    /// Seals and sends the next packet, booked as sent, and gives the datagram.
    pub fn seal_next(&mut self) -> Vec<u8> {
        self.send_next();
        self.outbox.back().unwrap().bytes.clone()
    }

    /// Any datagram, from our NAT traversal port to the gateway's.
    pub fn send_raw(&mut self, bytes: Vec<u8>) {
        let (from, to) = (SocketAddr::new(self.address, 4500), SocketAddr::new(self.server.ip(), 4500));
        self.outbox.push_back(Datagram { from, to, bytes });
    }

    /// Bounds.
    pub fn check(&self) -> Result<(), String> {
        if self.outbox.len() > 64 {
            return Err(format!("{} datagrams of a client wait", self.outbox.len()));
        }
        Ok(())
    }

    fn send_next(&mut self) {
        let v4 = self.len.is_multiple_of(2);
        let Some(from) = self.inner(v4).or_else(|| self.inner(!v4)) else { return };
        let to = if from.is_ipv4() { INNER_V4 } else { INNER_V6 };
        let packet = self.books.borrow().write(true, from, to.parse().unwrap(), self.len);
        self.len = if self.len + 97 > usize::from(self.config.mtu) { SHORTEST } else { self.len + 97 };
        if self.send(&packet).is_ok() {
            self.books.borrow_mut().sent(true, &packet);
        }
    }

    fn connect(&mut self) {
        let path =
            Path { local: SocketAddr::new(self.address, 500), remote: self.server, encapsulated: false };
        let tunnel = Tunnel::connect(&self.config, self.provider, at(self.now), path).unwrap();
        self.settings = None;
        self.tunnel = Some(tunnel);
        self.drain();
    }

    /// Takes all that the tunnel has.
    fn drain(&mut self) {
        while let Some(event) = self.tunnel.as_mut().and_then(Tunnel::poll_event) {
            if let Some(log) = &mut self.log {
                log.push(format!("{event:?}"));
            }
            match event {
                Event::Up { settings, .. } => self.settings = Some(*settings),
                Event::Child { rekeyed: true, .. } => self.rekeys.1 += 1,
                Event::Ike(IkeEvent::IkeRekeyed { .. }) => self.rekeys.0 += 1,
                Event::Closed(reason) => {
                    self.endings.push(match &reason {
                        adit_ike::CloseReason::Failed(failure) => failure.to_string(),
                        reason => format!("{reason:?}"),
                    });
                    self.settings = None;
                    self.connect_at = self.reconnect.map(|pause| self.now + pause);
                }
                _ => {}
            }
        }
        let Some(tunnel) = &mut self.tunnel else { return };
        while let Some(transmit) = tunnel.poll_transmit() {
            let (from, to) = (transmit.path.local, transmit.path.remote);
            self.outbox.push_back(Datagram { from, to, bytes: transmit.payload });
        }
        if tunnel.is_closed() {
            self.tunnel = None;
        }
    }
}

impl Endpoint for ClientNode {
    fn handle(&mut self, now: Duration, from: SocketAddr, to: SocketAddr, bytes: &mut [u8]) {
        self.now = now;
        let path = Path { local: to, remote: from, encapsulated: to.port() == 4500 };
        let Some(tunnel) = &mut self.tunnel else { return };
        if let Input::Packet(range) = tunnel.handle_datagram(at(now), path, bytes) {
            let packet = &bytes[range];
            let mut books = self.books.borrow_mut();
            books.arrived(false, packet);
            let (_, to) = addresses(packet);
            if ![self.inner(true), self.inner(false)].contains(&Some(to)) {
                books.broken.get_or_insert(format!("a packet for {to} came to another client"));
            }
            self.answers += 1;
        }
        self.drain();
    }

    fn poll_transmit(&mut self, now: Duration) -> Option<Datagram> {
        self.now = now;
        self.outbox.pop_front()
    }

    fn poll_timeout(&mut self) -> Option<Duration> {
        let tunnel = self.tunnel.as_ref().and_then(Tunnel::poll_timeout).map(|(at, _)| at.since_epoch());
        [tunnel, self.connect_at, self.send_at].into_iter().flatten().min()
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.now = now;
        if self.connect_at.is_some_and(|at| at <= now) {
            self.connect_at = None;
            self.connect();
        }
        if let Some(tunnel) = &mut self.tunnel
            && tunnel.poll_timeout().is_some_and(|(due, _)| due <= at(now))
        {
            tunnel.handle_timeout(at(now));
        }
        if self.send_at.is_some_and(|at| at <= now) {
            self.send_at = self.interval.map(|interval| now + interval);
            self.send_next();
        }
        self.drain();
    }
}
