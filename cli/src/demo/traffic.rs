//! The demo's traffic: pings, then TCP data with both SAs rekeyed in the middle.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use adit_driver::client::Control;
use adit_driver::clock::{Clock, Timer};
use adit_driver::tun::MemTun;
use adit_gateway::stack::{ClientStack, StackConfig, Transfer, pattern_digest};
use adit_ike::Command;
use tokio::sync::mpsc;

use crate::gateway::userspace;

/// Bytes TCP may have in flight. A socket's default buffer holds few datagrams, and the demo counts every loss.
const TCP_WINDOW: usize = 64 * 1024;

/// How long each part may stand still.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the traffic showed.
pub struct Shown {
    /// Round trips of the pings.
    pub pings: Vec<Duration>,
    /// Bytes sent over TCP.
    pub bytes: u64,
    /// They arrived as they were sent.
    pub digest_match: bool,
    /// From the first byte to the answer.
    pub took: Duration,
}

/// Why it did not come to an end.
pub type Why = String;

/// Pings `gateway`, then sends `bytes` to its digest service at `port`.
pub async fn run(
    tun: &MemTun,
    inner: Vec<IpAddr>,
    gateway: IpAddr,
    port: u16,
    bytes: u64,
    control: &mpsc::Sender<Control>,
    mut progress: impl FnMut(u64),
) -> Result<Shown, Why> {
    let clock = Clock::new();
    let mut timer = Timer::new(clock).map_err(text)?;
    let config =
        StackConfig { tcp_buffer: TCP_WINDOW, verify_checksums: false, ..StackConfig::new(inner, 1) };
    let mut stack = ClientStack::new(config).map_err(|error| error.to_string())?;

    let mut pings = Vec::new();
    for _ in 0..5 {
        let until = clock.now() + PATIENCE;
        stack.ping(clock.now(), gateway, 56).map_err(|error| error.to_string())?;
        loop {
            if let Some(pong) = stack.next_pong() {
                pings.push(pong.round_trip);
                break;
            }
            step(&mut stack, tun, clock, &mut timer, until, "a ping got no answer", |_| false).await?;
        }
    }

    let started = clock.now();
    let remote = SocketAddr::new(gateway, port);
    let mut transfer = Transfer::upload(&mut stack, remote, bytes).map_err(|error| error.to_string())?;
    let mut asked = 0;
    let mut last = (0, started);
    loop {
        let mut done = Ok(None);
        let until = last.1 + PATIENCE;
        step(&mut stack, tun, clock, &mut timer, until, "the TCP transfer stands still", |stack| {
            if matches!(done, Ok(None)) {
                done = transfer.step(stack);
            }
            matches!(done, Ok(None)) && stack.wants_poll()
        })
        .await?;
        let sent = transfer.bytes();
        progress(sent);
        if sent > last.0 {
            last = (sent, clock.now());
        }
        // A third of the way the Child SA, two thirds of the way the IKE SA.
        for (index, command) in [Command::RekeyChild, Command::RekeyIke].into_iter().enumerate() {
            if asked == index && sent > bytes / 3 * (index as u64 + 1) {
                asked += 1;
                control.send(Control::Tunnel(command)).await.map_err(text)?;
            }
        }
        match done {
            Ok(None) => {}
            Ok(Some(digest)) => {
                let took = clock.now().saturating_sub(started);
                return Ok(Shown { pings, bytes, digest_match: digest == pattern_digest(bytes), took });
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// Moves packets once, and gives up after `until`.
async fn step(
    stack: &mut ClientStack,
    tun: &MemTun,
    clock: Clock,
    timer: &mut Timer,
    until: Duration,
    silence: &str,
    work: impl FnMut(&mut ClientStack) -> bool,
) -> Result<(), Why> {
    tokio::select! {
        result = userspace::turn(stack, tun, clock, timer, work) => result.map_err(text),
        _ = clock.sleep_until(until) => Err(silence.to_owned()),
    }
}

fn text(error: impl std::fmt::Display) -> Why {
    error.to_string()
}

/// Waits until nothing has moved for a moment: every packet on its way has arrived.
pub async fn drain(tun: &MemTun, quiet: Duration) -> io::Result<u64> {
    let clock = Clock::new();
    let mut buffer = [0; 2048];
    let mut passed = 0;
    let mut until = clock.now() + quiet;
    loop {
        tokio::select! {
            () = tun.readable() => {
                while tun.try_recv(&mut buffer).is_ok() {
                    passed += 1;
                    until = clock.now() + quiet;
                }
            }
            result = clock.sleep_until(until) => {
                result?;
                return Ok(passed);
            }
        }
    }
}
