//! The loop over loopback, with an engine that seals and opens for nobody.

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr};
use std::task::{Context, Waker};
use std::time::Duration;

use adit_crypto::{CipherSpec, Secret, default_provider};
use adit_esp::{OutboundSa, SaParams, SealError, SegmentBuf, Selectors};
use adit_ike::time::Instant;
use adit_ike::{Path, Transmit, Wake};
use adit_tunnel::{Engine, Input, NotSent};

use super::{BUNDLES, BURST, Port, Pump, SEGMENTS};
use crate::clock::Clock;
use crate::tun::{Tun, mem_pair};
use crate::udp::{RecvBatch, UdpOptions, UdpPort};

const PATIENCE: Duration = Duration::from_secs(5);

/// Seals what comes from the TUN, and takes every datagram for an inner packet.
struct Sealer {
    sa: OutboundSa,
    path: Path,
    opened: Cell<usize>,
}

impl Sealer {
    fn new(path: Path) -> Self {
        let cipher = default_provider().cipher(CipherSpec::aes_gcm(128)).unwrap();
        let params = SaParams {
            spi: 4_711,
            cipher,
            encr_key: Secret::new(vec![7; cipher.encr_key_len()]),
            integ_key: Secret::new(Vec::new()),
            esn: false,
            replay_window: 64,
            selectors: Selectors::any(),
        };
        Self { sa: OutboundSa::new(&params).unwrap(), path, opened: Cell::new(0) }
    }
}

impl Engine for &mut Sealer {
    fn handle_datagram(&mut self, _: Instant, _: Path, datagram: &mut [u8]) -> Input {
        self.opened.set(self.opened.get() + 1);
        Input::Packet(0..datagram.len())
    }

    fn encapsulate<F: FnOnce(&mut [u8]) -> bool>(
        &mut self,
        _: Instant,
        _: &[u8],
        len: usize,
        fill: F,
        out: &mut SegmentBuf,
    ) -> Result<Path, NotSent> {
        match self.sa.seal_filled_into(len, out, fill) {
            Ok(()) => Ok(self.path),
            Err(SealError::SegmentsFull) => Err(NotSent::Full),
            Err(error) => panic!("{error}"),
        }
    }

    fn handle_timeout(&mut self, _: Instant) {}

    fn poll_transmit(&mut self) -> Option<Transmit> {
        None
    }

    fn poll_timeout(&self) -> Option<(Instant, Wake)> {
        None
    }
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A pump with one socket, the other end of its path, and an engine that sends there.
fn pump() -> (Pump, UdpPort, Sealer) {
    let bind = || UdpPort::bind(&UdpOptions::new(SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0))).unwrap();
    let (ours, far) = (bind(), bind());
    let path = Path { local: ours.local_addr(), remote: far.local_addr(), encapsulated: true };
    let pump = Pump::new(Clock::new(), vec![Port { socket: ours, encapsulated: true }]).unwrap();
    (pump, far, Sealer::new(path))
}

/// An IPv4 packet of so many bytes.
fn packet(len: usize) -> Vec<u8> {
    let mut packet = vec![0; len];
    packet[0] = 0x45;
    packet[2..4].copy_from_slice(&(len as u16).to_be_bytes());
    packet
}

/// The next datagrams that arrive, by their lengths.
async fn arrive(port: &UdpPort, count: usize) -> Vec<usize> {
    let mut batch = RecvBatch::new(BUNDLES);
    let mut lengths = Vec::new();
    while lengths.len() < count {
        port.readable().await.unwrap();
        if port.try_recv(&mut batch).is_ok() {
            let bundles = batch.bundles().iter();
            lengths.extend(
                bundles.flat_map(|bundle| bundle.datagrams()).map(|span| span.of(batch.area()).len()),
            );
        }
    }
    lengths
}

#[test]
fn a_frame_that_was_read_behind_a_full_socket_is_sent_when_there_is_room() {
    run(async {
        let (mut pump, far, mut engine) = pump();
        let (near, host) = mem_pair(1_500, 4);
        pump.attach(Tun::memory(near));
        // The second is longer: no send takes both.
        assert!(host.try_send(&packet(60)).unwrap() && host.try_send(&packet(1_000)).unwrap());
        {
            // While room is waited for the socket takes nothing, as if it were full.
            let mut room = std::pin::pin!(pump.ports[0].socket.writable());
            assert!(room.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        let now = pump.now();
        assert!(pump.read_tun(&mut &mut engine, now).unwrap());
        assert!(pump.held.is_some(), "the first waits");
        let both = tokio::time::timeout(PATIENCE, async {
            tokio::select! {
                lengths = arrive(&far, 2) => lengths,
                () = async { loop { pump.turn(&mut &mut engine).await.unwrap() } } => Vec::new(),
            }
        });
        let wanted = [60, 1_000].map(engine_len);
        assert_eq!(both.await.expect("both arrive"), wanted);
        assert_eq!(pump.losses().unsent, 0);
    });
}

/// What an inner packet of so many bytes is sealed to.
fn engine_len(inner: usize) -> usize {
    let nowhere = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 1);
    Sealer::new(Path { local: nowhere, remote: nowhere, encapsulated: true }).sa.sealed_len(inner)
}

#[test]
fn other_tasks_run_within_a_flood() {
    const FLOOD: usize = 40 * SEGMENTS;
    run(async {
        let (mut pump, far, mut engine) = pump();
        let (near, _host) = mem_pair(100, 4);
        pump.attach(Tun::memory(near));
        let to = engine.path.local;
        for _ in 0..FLOOD / SEGMENTS {
            assert_eq!(far.try_send(to, None, &[1; 40 * SEGMENTS], 40).unwrap(), 40 * SEGMENTS);
        }
        let (opened, longest) = (Cell::new(0), Cell::new(0));
        let over = Cell::new(false);
        let work = async {
            let mut engine = &mut engine;
            while engine.opened.get() < FLOOD {
                pump.turn(&mut engine).await.unwrap();
                opened.set(engine.opened.get());
            }
            over.set(true);
        };
        let other = async {
            let mut before = 0;
            while !over.get() {
                longest.set(longest.get().max(opened.get() - before));
                before = opened.get();
                tokio::task::yield_now().await;
            }
            longest.set(longest.get().max(opened.get() - before));
        };
        tokio::time::timeout(PATIENCE, async { tokio::join!(work, other) }).await.expect("all of it arrives");
        let most = BURST + BUNDLES * SEGMENTS;
        assert!(longest.get() <= most, "{} packets without a turn for others", longest.get());
    });
}
