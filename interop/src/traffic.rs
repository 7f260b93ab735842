//! What proves a tunnel: echo both ways, bulk data whose hash is checked, and a steady stream of small packets
//! beside it of which none may be lost.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::net::Host;
use crate::process::Process;
use crate::{Error, Result, wait_for};

/// Bytes of a transfer, each way.
pub const TRANSFER_BYTES: u64 = 16 << 20;
/// Packets a second of the steady ping.
pub const PING_RATE: u32 = 500;

/// The port the partner serves on.
const PORT: u16 = 4711;
const TRANSFER_LIMIT: Duration = Duration::from_secs(120);

/// Tests of this process that may move data at the same time. Each keeps two daemons and two ends of the transfer busy: more
/// at once than cores makes them slow, not the run fast, and the steady ping would lose packets to it. What tests wait for
/// beside it, they wait for together.
const AT_ONCE: usize = 2;

/// How many do.
static MOVING: Mutex<usize> = Mutex::new(0);
static MOVED: Condvar = Condvar::new();

/// The right to move data, until it is dropped.
struct Turn;

impl Turn {
    fn wait() -> Self {
        let moving = MOVING.lock().unwrap_or_else(PoisonError::into_inner);
        let mut moving =
            MOVED.wait_while(moving, |moving| *moving >= AT_ONCE).unwrap_or_else(PoisonError::into_inner);
        *moving += 1;
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *MOVING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        MOVED.notify_one();
    }
}

/// Which way the bytes of a transfer go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    /// From the host that asks to the partner.
    Up,
    /// From the partner to the host that asks.
    Down,
}

/// Sends `count` ICMP echo requests from `host` to `address`, one after another, and answers how many came back.
///
/// # Errors
/// `ping` cannot be run.
pub fn echo(host: &Host, address: &str, count: u32) -> Result<u32> {
    let mut received = 0;
    for _ in 0..count {
        received += u32::from(echo_once(host, address)?);
    }
    Ok(received)
}

/// Whether an echo request is answered within 2 s. One a run: after a first reply `ping` waits for the others hardly
/// longer than that one took, which a busy machine exceeds.
fn echo_once(host: &Host, address: &str) -> Result<bool> {
    let mut command = host.command("ping");
    command.args(["-n", "-q", "-W", "2", "-c", "1", address]);
    let output = command.output().map_err(|error| Error::new(format!("ping: {error}")))?;
    let text = String::from_utf8_lossy(&output.stdout);
    // "1 packets transmitted, 1 received, 0% packet loss"
    let received = text.split(',').find_map(|part| part.trim().strip_suffix(" received"));
    received.map(|number| number == "1").ok_or_else(|| {
        Error::new(format!("ping to {address} says: {text}{}", String::from_utf8_lossy(&output.stderr)))
    })
}

/// Expects echo from `address` to `host`.
///
/// # Errors
/// A reply is missing.
pub fn expect_echo(host: &Host, address: &str) -> Result<()> {
    match echo(host, address, 5)? {
        5 => Ok(()),
        received => Err(Error::new(format!("{received} of 5 echo replies from {address}"))),
    }
}

/// A partner for transfers and pings, on one address of a host. Dropping it ends it.
pub struct Partner {
    address: IpAddr,
    _process: Process,
}

impl Partner {
    /// Starts it on `address` of `host`.
    ///
    /// # Errors
    /// It does not start: the host has no such address, or a partner is on it already.
    pub fn start(host: &Host, address: &str) -> Result<Self> {
        let address: IpAddr =
            address.parse().map_err(|_| Error::new(format!("{address} is no IP address")))?;
        let mut command = host.steady_command(helper("adit-traffic")?);
        command.args(["serve", &socket(address)]);
        let name = format!("partner-{address}").replace(':', "-");
        let mut process = Process::start(command, host.folder(), &name)?;
        wait_for("the traffic partner", Duration::from_secs(10), || {
            (process.stdout().contains("serving") || process.exited().is_some()).then_some(())
        })?;
        if process.exited().is_some() {
            return Err(Error::new(format!("the traffic partner on {address} ended: {}", process.stderr())));
        }
        Ok(Self { address, _process: process })
    }

    /// Moves `bytes` between `host` and the partner; answers the seconds it took.
    ///
    /// # Errors
    /// It stalls, or what arrived is not what was sent.
    pub fn transfer(&self, host: &Host, direction: Direction, bytes: u64) -> Result<f64> {
        let word = match direction {
            Direction::Up => "up",
            Direction::Down => "down",
        };
        let mut command = host.steady_command(helper("adit-traffic")?);
        command.args(["transfer", word, &socket(self.address), &bytes.to_string()]);
        let mut process = Process::start(command, host.folder(), &format!("transfer-{word}"))?;
        let status = process.wait(TRANSFER_LIMIT)?;
        if !status.success() {
            return Err(Error::new(format!("transfer {word} failed: {}", process.stderr())));
        }
        let report = last_json(&process.stdout())?;
        if report.get("sha256_match").and_then(Value::as_bool) != Some(true) {
            return Err(Error::new(format!(
                "transfer {word}: what arrived differs from what was sent: {report}"
            )));
        }
        report
            .get("seconds")
            .and_then(Value::as_f64)
            .ok_or_else(|| Error::new(format!("no seconds in {report}")))
    }

    /// Starts a steady ping from `host` to the partner, [`PING_RATE`] packets a second, and waits until it runs: on a
    /// busy machine what it is to run beside could be over before.
    ///
    /// # Errors
    /// It does not start.
    pub fn ping(&self, host: &Host) -> Result<SteadyPing> {
        let mut command = host.steady_command(helper("adit-traffic")?);
        command.args(["ping", &socket(self.address), &PING_RATE.to_string()]);
        let mut process = Process::start(command, host.folder(), "steady-ping")?;
        wait_for("the steady ping", Duration::from_secs(20), || {
            (process.stdout().contains("pinging") || process.exited().is_some()).then_some(())
        })?;
        Ok(SteadyPing { process })
    }
}

/// A steady ping under way. Dropping it ends it.
pub struct SteadyPing {
    process: Process,
}

/// What a steady ping counted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PingReport {
    /// Requests sent.
    pub sent: u64,
    /// Different replies received.
    pub received: u64,
    /// Requests without a reply.
    pub lost: u64,
    /// Replies received more than once.
    pub duplicates: u64,
    /// The whole report, with the numbers of the first lost ones.
    pub text: String,
}

impl SteadyPing {
    /// Stops sending, waits for the last replies and counts.
    ///
    /// # Errors
    /// The helper failed.
    pub fn finish(mut self) -> Result<PingReport> {
        self.process.close_input();
        let status = self.process.wait(Duration::from_secs(20))?;
        if !status.success() {
            return Err(Error::new(format!("the steady ping failed: {}", self.process.stderr())));
        }
        let report = last_json(&self.process.stdout())?;
        let number = |key: &str| {
            let missing = || Error::new(format!("no {key} in {report}"));
            report.get(key).and_then(Value::as_u64).ok_or_else(missing)
        };
        Ok(PingReport {
            sent: number("sent")?,
            received: number("received")?,
            lost: number("lost")?,
            duplicates: number("duplicates")?,
            text: report.to_string(),
        })
    }
}

/// The whole proof: echo from the client to the private host and from the server to the client's inner address,
/// [`TRANSFER_BYTES`] each way with the hash checked, and beside them a steady ping that loses nothing.
/// `during` is called while the traffic flows, before the transfers.
///
/// # Errors
/// Any part of it does not hold.
pub fn prove(
    client: &Host,
    server: &Host,
    private_address: &str,
    inner_address: &str,
    during: impl FnOnce() -> Result<()>,
) -> Result<PingReport> {
    prove_for(Duration::ZERO, client, server, private_address, inner_address, during)
}

/// The same, with the transfers repeated until `at_least` so much time has passed.
///
/// # Errors
/// Any part of it does not hold.
pub fn prove_for(
    at_least: Duration,
    client: &Host,
    server: &Host,
    private_address: &str,
    inner_address: &str,
    during: impl FnOnce() -> Result<()>,
) -> Result<PingReport> {
    expect_echo(client, private_address)?;
    expect_echo(server, inner_address)?;
    let _turn = Turn::wait();
    let partner = Partner::start(server, private_address)?;
    let before = [overflows(client), overflows(server)];
    let ping = partner.ping(client)?;
    during()?;
    let started = Instant::now();
    loop {
        partner.transfer(client, Direction::Up, TRANSFER_BYTES)?;
        partner.transfer(client, Direction::Down, TRANSFER_BYTES)?;
        if started.elapsed() >= at_least {
            break;
        }
    }
    let report = ping.finish()?;
    // Fewer than a tenth of a second's worth would prove nothing.
    if report.lost > 0 || report.duplicates > 0 || report.sent < u64::from(PING_RATE / 10) {
        let [at_client, at_server] = [(client, before[0]), (server, before[1])]
            .map(|(host, before)| overflows(host).saturating_sub(before));
        return Err(Error::new(format!(
            "the steady ping beside the transfer: {}; datagrams that found a daemon's buffer full, because the \
             machine is too busy: {at_client} at the client, {at_server} at the server",
            report.text
        )));
    }
    Ok(report)
}

/// Datagrams that a host dropped because the receiving program did not take them in time, both families.
fn overflows(host: &Host) -> u64 {
    let v4 = host.run("cat", &["/proc/net/snmp"]).unwrap_or_default();
    // Names in one line, numbers in the next.
    let mut udp = v4.lines().filter_map(|line| line.strip_prefix("Udp: ")).map(str::split_whitespace);
    let named = udp.next().into_iter().flatten().zip(udp.next().into_iter().flatten());
    let v4 = named.filter(|(name, _)| *name == "RcvbufErrors").map(|(_, number)| number.to_owned());
    let v6 = host.run("cat", &["/proc/net/snmp6"]).unwrap_or_default();
    let v6 =
        v6.lines().filter_map(|line| line.strip_prefix("Udp6RcvbufErrors")).map(|it| it.trim().to_owned());
    v4.chain(v6).filter_map(|number| number.parse::<u64>().ok()).sum()
}

/// The helper program: cargo builds it beside the test programs of this package.
pub(crate) fn helper(name: &str) -> Result<PathBuf> {
    let here = std::env::current_exe()?;
    let folders = here.ancestors().skip(1).take(2);
    folders.map(|folder| folder.join(name)).find(|path| path.is_file()).ok_or_else(|| {
        Error::new(format!("{name} is not beside {}: cargo build -p adit-interop", here.display()))
    })
}

fn socket(address: IpAddr) -> String {
    std::net::SocketAddr::new(address, PORT).to_string()
}

fn last_json(text: &str) -> Result<Value> {
    let line = text.lines().last().unwrap_or_default();
    serde_json::from_str(line).map_err(|error| Error::new(format!("the helper printed {line:?}: {error}")))
}
