//! A client that changes its address when it is told to: the engine on plain sockets, without an interface of its own.
//! The rig runs it inside a namespace; see `adit_interop::mover` for the other half.
//!
//! ```text
//! adit-mover PROFILE LOCAL SERVER      connects to SERVER from LOCAL, then obeys standard input until it ends:
//!     echo ADDRESS                     one ICMP echo request through the tunnel, answered within 2 s or not
//!     move ADDRESS                     a new socket there; the engine is told
//!     gone                             no network; the sockets are closed
//!     rekey-ike, rekey-child           as they say, without waiting
//! ```
//!
//! Prints one JSON object a line for each event of the engine and each command.

use std::io::{self, BufRead as _, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use adit_crypto::default_provider;
use adit_esp::SegmentBuf;
use adit_ike::config::NattPorts;
use adit_ike::time::Instant;
use adit_ike::{Command, Event as IkeEvent, Path};
use adit_profile::ikev2::{Which, requirements};
use adit_profile::{Document, Profile};
use adit_tunnel::plan::{PlanInputs, plan};
use adit_tunnel::{Engine as _, Event, Input, Tunnel, TunnelConfig};
use serde_json::{Value, json};

/// How long an echo reply may take.
const REPLY: Duration = Duration::from_secs(2);
/// How long nothing is done when there is nothing to do.
const REST: Duration = Duration::from_millis(2);
/// The identifier of our echo requests.
const IDENTIFIER: u16 = 0x4d56;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match args.as_slice() {
        [profile, local, server] => run(profile, local, server),
        _ => Err(invalid("usage: adit-mover PROFILE LOCAL SERVER")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("adit-mover: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(profile: &str, local: &str, server: &str) -> io::Result<()> {
    let (local, server): (IpAddr, IpAddr) = (parse(local)?, parse(server)?);
    let config = planned(&std::fs::read(profile)?)?;
    let (ike, natt) = (bind(local)?, bind(local)?);
    let mut initiator = (*config.ike).clone();
    let started = std::time::Instant::now();
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |unix| unix.as_secs());
    initiator.natt_ports = NattPorts { local: natt.local_addr()?.port(), remote: 4500 };
    initiator.common.unix_epoch = unix;
    let config = TunnelConfig { ike: Arc::new(initiator), ..config };
    let path = Path { local: ike.local_addr()?, remote: SocketAddr::new(server, 500), encapsulated: false };
    let now = Instant::from_epoch(Duration::ZERO);
    let tunnel = Tunnel::connect(&config, default_provider(), now, path).map_err(invalid)?;
    let mut mover = Mover {
        tunnel,
        sockets: vec![(ike, false), (natt, true)],
        server,
        started,
        inner: None,
        echo: None,
        sequence: 0,
    };
    mover.live(&commands())
}

fn planned(bytes: &[u8]) -> io::Result<TunnelConfig> {
    let document = Document::read(bytes);
    let profile = Profile::of(&document).ok_or_else(|| invalid("no profile"))?;
    let settings = requirements(&profile, Which::default())
        .map_err(|found| invalid(format!("the profile makes no tunnel: {found:?}")))?;
    plan(&settings, &PlanInputs::default(), &default_provider()).map_err(invalid)
}

fn bind(local: IpAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(SocketAddr::new(local, 0))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// The lines of standard input.
fn commands() -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

struct Mover {
    tunnel: Tunnel,
    /// Each with whether it carries ESP.
    sockets: Vec<(UdpSocket, bool)>,
    server: IpAddr,
    started: std::time::Instant,
    /// Our inner address.
    inner: Option<Ipv4Addr>,
    /// The echo request that waits, and until when.
    echo: Option<(u16, Instant)>,
    sequence: u16,
}

impl Mover {
    fn live(&mut self, commands: &Receiver<String>) -> io::Result<()> {
        loop {
            while let Some(event) = self.tunnel.poll_event() {
                if let Event::Up { settings, established } = &event {
                    let v4 = settings.addresses.iter().find_map(|prefix| match prefix.address() {
                        IpAddr::V4(address) => Some(address),
                        IpAddr::V6(_) => None,
                    });
                    self.inner = v4;
                    say(&json!({"event": "up", "mobike": established.mobike, "address": v4}));
                }
                if let Some(said) = described(&event) {
                    say(&said);
                }
                if matches!(event, Event::Closed(_)) {
                    self.flush();
                    return Ok(());
                }
            }
            self.flush();
            let now = self.now();
            if let Some((_, until)) = self.echo
                && until <= now
            {
                self.echo = None;
                say(&json!({"event": "echo", "received": false}));
            }
            let busy = self.receive()?;
            let now = self.now();
            if self.tunnel.poll_timeout().is_some_and(|(at, _)| at <= now) {
                self.tunnel.handle_timeout(now);
            }
            match commands.try_recv() {
                Ok(command) => self.obey(&command)?,
                Err(TryRecvError::Disconnected) if !self.tunnel.is_closed() => {
                    self.tunnel.request(now, Command::Close);
                }
                Err(_) if !busy => std::thread::sleep(REST),
                Err(_) => {}
            }
        }
    }

    fn now(&self) -> Instant {
        Instant::from_epoch(self.started.elapsed())
    }

    fn obey(&mut self, command: &str) -> io::Result<()> {
        let now = self.now();
        match command.split_once(' ').unwrap_or((command, "")) {
            ("echo", address) => return self.send_echo(parse(address)?),
            ("move", address) => {
                let natt = bind(parse(address)?)?;
                let remote = SocketAddr::new(self.server, 4500);
                let path = Path { local: natt.local_addr()?, remote, encapsulated: true };
                self.sockets = vec![(natt, true)];
                let change = self.tunnel.network_changed(now, Some(path));
                say(&json!({"event": "told", "change": format!("{change:?}")}));
            }
            ("gone", _) => {
                self.sockets.clear();
                let change = self.tunnel.network_changed(now, None);
                say(&json!({"event": "told", "change": format!("{change:?}")}));
            }
            ("rekey-ike", _) => self.tunnel.request(now, Command::RekeyIke),
            ("rekey-child", _) => self.tunnel.request(now, Command::RekeyChild),
            _ => return Err(invalid(format!("no such command: {command}"))),
        }
        Ok(())
    }

    /// Sends what the engine has to say. What cannot be sent is lost, as on a network that is away.
    fn flush(&mut self) {
        while let Some(transmit) = self.tunnel.poll_transmit() {
            self.send(transmit.path, &transmit.payload);
        }
    }

    fn send(&self, path: Path, payload: &[u8]) {
        let from = |socket: &&(UdpSocket, bool)| socket.0.local_addr().is_ok_and(|local| local == path.local);
        if let Some((socket, _)) = self.sockets.iter().find(from) {
            let _ = socket.send_to(payload, path.remote);
        }
    }

    /// Takes what has arrived; false if there was nothing.
    fn receive(&mut self) -> io::Result<bool> {
        let mut buffer = vec![0; 65_536];
        let mut any = false;
        for index in 0..self.sockets.len() {
            while let Some((socket, encapsulated)) = self.sockets.get(index) {
                let (length, remote) = match socket.recv_from(&mut buffer) {
                    Ok(received) => received,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    // An ICMP message about something sent before.
                    Err(error) if error.kind() == ErrorKind::ConnectionRefused => continue,
                    Err(error) => return Err(error),
                };
                let path = Path { local: socket.local_addr()?, remote, encapsulated: *encapsulated };
                any = true;
                let now = self.now();
                let Some(datagram) = buffer.get_mut(..length) else { continue };
                if let Input::Packet(range) = self.tunnel.handle_datagram(now, path, datagram) {
                    let reply = datagram.get(range).is_some_and(|inner| self.is_reply(inner));
                    if reply {
                        self.echo = None;
                        say(&json!({"event": "echo", "received": true}));
                    }
                }
            }
        }
        Ok(any)
    }

    fn send_echo(&mut self, to: Ipv4Addr) -> io::Result<()> {
        let inner = self.inner.ok_or_else(|| invalid("there is no tunnel yet"))?;
        self.sequence = self.sequence.wrapping_add(1);
        let packet = echo_request(inner, to, self.sequence);
        let now = self.now();
        self.echo = Some((self.sequence, now + REPLY));
        let mut out = SegmentBuf::new(1, 2_048);
        let fill = |room: &mut [u8]| {
            room.copy_from_slice(&packet);
            true
        };
        // One that cannot be sealed is one that is not answered.
        if let Ok(path) = self.tunnel.encapsulate(now, &packet, packet.len(), fill, &mut out) {
            self.send(path, out.payload());
        }
        Ok(())
    }

    /// Whether an inner packet is the echo reply that is waited for.
    fn is_reply(&self, inner: &[u8]) -> bool {
        let Some((sequence, _)) = self.echo else { return false };
        let wanted = [IDENTIFIER.to_be_bytes(), sequence.to_be_bytes()].concat();
        inner.get(9) == Some(&1) && inner.get(20) == Some(&0) && inner.get(24..28) == Some(&wanted[..])
    }
}

/// An IPv4 packet with an ICMP echo request (RFC 792).
fn echo_request(from: Ipv4Addr, to: Ipv4Addr, sequence: u16) -> Vec<u8> {
    let kind = [8, 0];
    let body = [&IDENTIFIER.to_be_bytes()[..], &sequence.to_be_bytes(), &[0x61; 32]].concat();
    let sum = checksum(&[&kind[..], &body].concat()).to_be_bytes();
    let message = [&kind[..], &sum, &body].concat();
    let length = u16::try_from(20 + message.len()).unwrap_or(u16::MAX).to_be_bytes();
    let front = [&[0x45, 0][..], &length, &[0, 0, 0x40, 0, 64, 1]].concat();
    let ends = [from.octets(), to.octets()].concat();
    let sum = checksum(&[&front[..], &ends].concat()).to_be_bytes();
    [&front[..], &sum, &ends, &message].concat()
}

/// The Internet checksum (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let (pairs, _) = bytes.as_chunks::<2>();
    let sum: u32 = pairs.iter().map(|pair| u32::from(u16::from_be_bytes(*pair))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    !u16::try_from((folded & 0xffff) + (folded >> 16)).unwrap_or(u16::MAX)
}

fn described(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Closed(reason) => json!({"event": "closed", "reason": format!("{reason:?}")}),
        Event::Child { rekeyed: true, .. } => json!({"event": "child-rekeyed"}),
        Event::Ike(IkeEvent::IkeRekeyed { .. }) => json!({"event": "ike-rekeyed"}),
        Event::Ike(IkeEvent::Exchange(record)) => json!({"event": "exchange", "purpose": record.purpose}),
        Event::Ike(IkeEvent::Warning(text)) => json!({"event": "warning", "text": text}),
        _ => return None,
    })
}

fn say(event: &Value) {
    println!("{event}");
}

fn parse<T: std::str::FromStr>(text: &str) -> io::Result<T> {
    text.parse().map_err(|_| invalid(format!("not an address: {text}")))
}

fn invalid(error: impl ToString) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, error.to_string())
}
