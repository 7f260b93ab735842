//! The datagrams of a probe: ordinary UDP sockets, one exchange after another.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{CryptoProvider, DhGroup};
use adit_driver::clock::Clock;
use adit_ike::config::{InitiatorConfig, NattPorts};
use adit_ike::exchange::RetransmitPolicy;
use adit_ike::probe::{Question, SaInitAnswer, SaInitProbe};
use adit_ike::time::Instant;
use adit_ike::{
    ChildEvent, CloseReason, Command, Established, Event, Failure, Observed, Path, Session, Transmit,
};

/// How long a deletion may take: the report does not wait longer for it.
const DELETE_PATIENCE: Duration = Duration::from_secs(4);

/// How long a rekey may take.
const REKEY_PATIENCE: Duration = Duration::from_secs(8);

/// Where the server is asked.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    /// Address and IKE port.
    pub ike: SocketAddr,
    /// Its NAT traversal port.
    pub natt_port: u16,
}

/// A network towards one server.
pub struct Wire {
    clock: Clock,
    provider: CryptoProvider,
    server: Server,
    patience: Duration,
}

/// The end of an IKE_SA_INIT exchange.
pub struct Asked {
    /// What the server answered.
    pub result: Result<SaInitAnswer, Failure>,
    /// The host said that nothing listens on the port (ICMP).
    pub port_closed: bool,
}

/// What a session up to its deletion showed.
#[derive(Default)]
pub struct Seen {
    /// IDr, and the certificates in DER.
    pub server: Option<(String, Vec<Vec<u8>>)>,
    /// Whether the server answered MOBIKE_SUPPORTED.
    pub mobike: Option<bool>,
    /// It came up.
    pub established: Option<Box<Established>>,
    /// The suite of the first Child SA, in words.
    pub child: Option<String>,
    /// The rekeyed Child SA: the group of its key exchange, or why there was none.
    pub rekeyed: Option<Result<DhGroup, String>>,
    /// Why it did not come up, or ended by itself.
    pub failure: Option<Failure>,
    /// The server confirmed the deletion.
    pub deleted: bool,
}

impl Wire {
    /// Asks `server`; each question waits for `patience`.
    pub fn new(server: Server, patience: Duration) -> Self {
        Self { clock: Clock::new(), provider: adit_crypto::default_provider(), server, patience }
    }

    fn now(&self) -> Instant {
        Instant::from_epoch(self.clock.now())
    }

    /// A socket on the address from which the server is reached, and that address.
    fn socket(&self) -> std::io::Result<(UdpSocket, SocketAddr)> {
        let any = if self.server.ike.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let route = UdpSocket::bind(any)?;
        // A connected UDP socket sends nothing by itself.
        route.connect(self.server.ike)?;
        let mut local = route.local_addr()?;
        local.set_port(0);
        let socket = UdpSocket::bind(local)?;
        let local = socket.local_addr()?;
        Ok((socket, local))
    }

    /// One IKE_SA_INIT.
    pub fn ask(&self, mut question: Question) -> std::io::Result<Asked> {
        question.patience = self.patience;
        let (socket, local) = self.socket()?;
        socket.connect(self.server.ike)?;
        let path = Path {
            local,
            remote: self.server.ike,
            encapsulated: self.server.ike.port() == self.server.natt_port,
        };
        let mut probe = match SaInitProbe::new(question, self.provider, self.now(), path) {
            Ok(probe) => probe,
            Err(failure) => return Ok(Asked { result: Err(failure), port_closed: false }),
        };
        let mut buffer = vec![0; 65_536];
        let mut port_closed = false;
        loop {
            while let Some(transmit) = probe.poll_transmit() {
                port_closed |= is_closed(socket.send(&transmit.payload).err());
            }
            if let Some(result) = probe.result() {
                return Ok(Asked { result: result.clone(), port_closed });
            }
            let Some(at) = probe.poll_timeout() else { continue };
            set_wait(&socket, at.saturating_since(self.now()))?;
            match socket.recv(&mut buffer) {
                Ok(length) => {
                    let message = strip(buffer.get(..length).unwrap_or_default(), path.encapsulated);
                    // Noise is passed over: the right answer may still come.
                    let _ = probe.handle_message(self.now(), path, message);
                }
                Err(error) => port_closed |= is_closed(Some(error)),
            }
            if probe.poll_timeout().is_some_and(|at| at <= self.now()) {
                probe.handle_timeout(self.now());
            }
        }
    }

    /// A whole session with `config`: up, one rekey of the Child SA, deleted.
    pub fn authenticate(&self, mut config: InitiatorConfig) -> std::io::Result<Seen> {
        let (socket, local) = self.socket()?;
        config.natt_ports = NattPorts { local: local.port(), remote: self.server.natt_port };
        // A probe must not end the user's other connections (RFC 7296 2.4).
        config.initial_contact = false;
        config.common.retransmit = RetransmitPolicy {
            initial: Duration::from_secs(1),
            factor_tenths: 18,
            max_interval: Duration::from_secs(5),
            transmissions: transmissions(self.patience),
        };
        config.common.unix_epoch = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |unix| unix.as_secs().saturating_sub(self.clock.now().as_secs()));
        let encapsulated = self.server.ike.port() == self.server.natt_port;
        let path = Path { local, remote: self.server.ike, encapsulated };
        let mut seen = Seen::default();
        let mut session = match Session::connect(Arc::new(config), self.provider, self.now(), path) {
            Ok(session) => session,
            Err(failure) => return Ok(Seen { failure: Some(failure), ..seen }),
        };
        session.observe();
        self.drive(&socket, local, &mut session, &mut seen)?;
        Ok(seen)
    }

    fn drive(
        &self,
        socket: &UdpSocket,
        local: SocketAddr,
        session: &mut Session,
        seen: &mut Seen,
    ) -> std::io::Result<()> {
        let mut buffer = vec![0; 65_536];
        // A server may send for ever: nothing here goes on longer than what a handshake, a rekey and a deletion may take.
        let mut end = self.now() + self.patience.saturating_mul(4);
        let mut closing = false;
        loop {
            while let Some(event) = session.poll_event() {
                if let Event::Closed(reason) = event {
                    while let Some(transmit) = session.poll_transmit() {
                        send(socket, &transmit);
                    }
                    match reason {
                        CloseReason::Failed(failure) => seen.failure = Some(failure),
                        CloseReason::Requested => seen.deleted = true,
                        CloseReason::DeletedByPeer => {}
                    }
                    return Ok(());
                }
                if seen.note(event) {
                    end = self.now() + REKEY_PATIENCE;
                    session.request(self.now(), Command::RekeyChild);
                }
            }
            let now = self.now();
            if seen.rekeyed.is_some() && !closing || now >= end {
                if closing {
                    return Ok(());
                }
                if seen.child.is_some() && seen.rekeyed.is_none() {
                    seen.rekeyed = Some(Err("the server did not answer the rekey in time".into()));
                }
                closing = true;
                end = now + DELETE_PATIENCE;
                session.request(now, Command::Close);
                continue;
            }
            while let Some(transmit) = session.poll_transmit() {
                send(socket, &transmit);
            }
            let wake = session.poll_timeout().map_or(end, |(at, _)| at.min(end));
            set_wait(socket, wake.saturating_since(now))?;
            if let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let encapsulated = from.port() == self.server.natt_port;
                let path = Path { local, remote: from, encapsulated };
                let mut message = strip(buffer.get(..length).unwrap_or_default(), encapsulated).to_vec();
                let ours = from.ip() == self.server.ike.ip() && !message.is_empty();
                if ours {
                    // Noise is passed over: the right answer may still come.
                    let _ = session.handle_message(self.now(), path, &mut message);
                }
            }
            if session.poll_timeout().is_some_and(|(at, _)| at <= self.now()) {
                session.handle_timeout(self.now());
            }
        }
    }
}

impl Seen {
    /// Remembers what an event shows; true when the first Child SA stands and may be rekeyed.
    fn note(&mut self, event: Event) -> bool {
        match event {
            Event::Observed(Observed::Server { identity, certificates }) => {
                self.server = Some((identity, certificates));
            }
            Event::Observed(Observed::Mobike(known)) => self.mobike = Some(known),
            Event::Established(established) => self.established = Some(established),
            Event::Child(ChildEvent::Install { suite, replaces: None, .. }) if self.child.is_none() => {
                self.child = Some(suite.to_string());
                return true;
            }
            Event::Child(ChildEvent::Install { suite, .. }) if self.rekeyed.is_none() => {
                self.rekeyed = Some(Ok(suite.group));
            }
            Event::Warning(text) if self.child.is_some() && self.rekeyed.is_none() => {
                self.rekeyed = Some(Err(text));
            }
            _ => {}
        }
        false
    }
}

/// So many that the last one is waited for past `patience`.
fn transmissions(patience: Duration) -> u32 {
    let (mut waited, mut interval, mut count) = (Duration::ZERO, Duration::from_secs(1), 1);
    while waited + interval < patience && count < 1_000 {
        waited += interval;
        interval = (interval * 18 / 10).min(Duration::from_secs(5));
        count += 1;
    }
    count
}

fn send(socket: &UdpSocket, transmit: &Transmit) {
    // What could not be sent is sent again, or missed in the report.
    let _ = socket.send_to(&transmit.payload, transmit.path.remote);
}

/// The IKE message in a datagram: behind four zero octets on the NAT traversal port (RFC 3948 2.2). Empty for ESP.
fn strip(datagram: &[u8], encapsulated: bool) -> &[u8] {
    if encapsulated { datagram.strip_prefix(&[0; 4]).unwrap_or_default() } else { datagram }
}

fn is_closed(error: Option<std::io::Error>) -> bool {
    error.is_some_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

/// A read time-out of zero would mean none.
fn set_wait(socket: &UdpSocket, wait: Duration) -> std::io::Result<()> {
    socket.set_read_timeout(Some(wait.max(Duration::from_millis(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_transmission_is_waited_for_past_the_patience() {
        for seconds in [1, 2, 5, 10, 60] {
            let policy = RetransmitPolicy {
                initial: Duration::from_secs(1),
                factor_tenths: 18,
                max_interval: Duration::from_secs(5),
                transmissions: transmissions(Duration::from_secs(seconds)),
            };
            let total = policy.total();
            assert!(
                total >= Duration::from_secs(seconds) && total < Duration::from_secs(seconds + 6),
                "{seconds}: {total:?}"
            );
        }
    }

    #[test]
    fn esp_on_the_shared_port_is_no_message() {
        assert_eq!(strip(&[0, 0, 0, 0, 7], true), [7]);
        assert!(strip(&[1, 0, 0, 0, 7], true).is_empty());
        assert_eq!(strip(&[1, 0, 0], false), [1, 0, 0]);
    }
}
