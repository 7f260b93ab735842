//! A running gateway: sockets, what stands behind it, and the loop that joins them.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use adit_driver::clock::Clock;
use adit_driver::net::{Applied, DEFAULT_MARK, HostPaths, IpPrefix, NetConfig, recover};
use adit_driver::pump::{Port, Pump};
use adit_driver::tun::{Tun, mem_pair};
use adit_driver::udp::{UdpOptions, UdpPort};
use adit_esp::{Ports, TrafficSelector};
use adit_gateway::config::{Config, Mode};
use adit_gateway::peers::Event;
use adit_gateway::stack::Stack;
use adit_gateway::{Gateway, GatewaySettings};
use adit_ike::time::Instant;
use tokio::task::JoinHandle;

use super::userspace;
use crate::outcome::Failed;

/// Packets queued between the gateway and its userspace stack, each way.
const STACK_QUEUE: usize = 512;

/// How long a stop may take: an exchange that is open goes before the Delete, and a session waits a second at most.
const FAREWELL: Duration = Duration::from_millis(1_200);

/// An address the gateway listens on, and whether it is the NAT traversal port.
pub type Listening = (SocketAddr, bool);

/// What stands behind the gateway.
enum Behind {
    /// A TUN, set up on this host.
    Tun(Box<Applied>),
    /// A stack in a task.
    Stack(JoinHandle<io::Result<()>>),
}

/// A gateway with its sockets.
pub struct Service {
    /// The protocol engine.
    pub gateway: Gateway,
    /// Where it listens: IKE, then NAT traversal, for each of its addresses.
    pub listening: Vec<Listening>,
    /// The TUN's name, or `None` with a userspace stack.
    pub interface: Option<String>,
    /// Kernel settings that were changed for the time, as `sysctl -w` takes them.
    pub settings: Vec<String>,
    /// What the operator should know: what an earlier run left behind, what could not be had.
    pub notes: Vec<String>,
    pump: Pump,
    behind: Option<Behind>,
    /// What was told while the gateway stopped.
    last: VecDeque<Event>,
}

impl Service {
    /// Opens sockets and what stands behind. The undo journal of a TUN is kept in `state_dir`. Call inside a tokio
    /// runtime.
    pub async fn start(settings: GatewaySettings, state_dir: &Path) -> Result<Self, Failed> {
        let config = &settings.config;
        let clock = Clock::new();
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_err(Failed::task)?;
        let epoch = unix.as_secs().saturating_sub(clock.now().as_secs());
        let now = Instant::from_epoch(clock.now());
        // First, because it judges certificates and keys: nothing is changed on the host before.
        let gateway =
            Gateway::new(&settings, adit_crypto::default_provider(), now, epoch).map_err(Failed::usage)?;
        let mut notes = Vec::new();
        let tun = device(config, &mut notes)?;
        let paths = HostPaths { state_dir: state_dir.to_owned(), ..HostPaths::default() };
        match recover(&paths).await {
            Ok(recovered) if !recovered.interfaces.is_empty() => notes.push(format!(
                "put back what an earlier run left behind: {}",
                recovered.interfaces.join(", ")
            )),
            // Without a TUN the folder may be root's, and nothing will be changed.
            Err(error) if tun.is_some() => return Err(Failed::task(error)),
            _ => {}
        }
        // Marked packets pass by the routes into the tunnel; only routes of a TUN could catch them.
        let mark = tun.as_ref().map(|_| DEFAULT_MARK);
        let (ports, listening) = listen(&config.listen, config.port, config.nat_port, mark)?;
        let mut pump = Pump::new(clock, ports).map_err(Failed::task)?;
        let (mut interface, mut changed) = (None, Vec::new());
        let behind = match tun {
            Some(tun) => {
                let name = tun.name().unwrap_or_default().to_owned();
                let applied = host(config, &name)?.apply(&paths).await.map_err(Failed::task)?;
                notes.extend(applied.notes().iter().cloned());
                changed = applied.settings();
                interface = Some(name);
                pump.attach(tun);
                Behind::Tun(Box::new(applied))
            }
            None => {
                let mut seed = [0; 8];
                adit_crypto::default_provider().fill(&mut seed).map_err(Failed::task)?;
                let (stack, services) = config.stack_config(u64::from_be_bytes(seed));
                let mtu = usize::from(config.mtu);
                let stack = Stack::new(stack, &services).map_err(Failed::task)?;
                let (ours, theirs) = mem_pair(mtu, STACK_QUEUE);
                pump.attach(Tun::memory(ours));
                Behind::Stack(tokio::spawn(userspace::serve(stack, theirs)))
            }
        };
        Ok(Self {
            gateway,
            listening,
            interface,
            settings: changed,
            notes,
            pump,
            behind: Some(behind),
            last: VecDeque::new(),
        })
    }

    /// Waits for something to do, and does it; then events may be waiting.
    pub async fn turn(&mut self) -> io::Result<()> {
        self.pump.turn(&mut self.gateway).await
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.last.pop_front().or_else(|| self.gateway.poll_event())
    }

    /// Deletes every client's tunnel and puts the host back as it was. Then the last events wait.
    pub async fn stop(&mut self) -> Result<(), Failed> {
        self.gateway.close_all(self.pump.now());
        let until = tokio::time::Instant::now() + FAREWELL;
        loop {
            // While there are events to take, a turn waits for nothing: no answer would be read.
            self.last.extend(std::iter::from_fn(|| self.gateway.poll_event()));
            if self.gateway.is_idle() {
                break;
            }
            tokio::select! {
                // Its sockets or the TUN are gone; the host is put back nonetheless.
                result = self.pump.turn(&mut self.gateway) => if result.is_err() { break },
                () = tokio::time::sleep_until(until) => break,
            }
        }
        self.pump.flush(&mut self.gateway);
        match self.behind.take() {
            Some(Behind::Tun(applied)) => applied.restore().await.map_err(Failed::task),
            Some(Behind::Stack(task)) => {
                task.abort();
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// The TUN, if the configuration wants one and the process may make it.
fn device(config: &Config, notes: &mut Vec<String>) -> Result<Option<Tun>, Failed> {
    if config.mode == Mode::Stack {
        return Ok(None);
    }
    match Tun::create(&config.tun_name) {
        Ok(tun) => Ok(Some(tun)),
        Err(error) if error.kind() == io::ErrorKind::ResourceBusy => Err(Failed::task(format!(
            "{error}; another gateway may run on this machine: stop it, or set network.tun-name"
        ))),
        Err(error) if config.mode == Mode::Auto && error.kind() != io::ErrorKind::InvalidInput => {
            notes.push(format!("{error}: clients reach a TCP/IP stack in this process, not this host"));
            Ok(None)
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
            Err(Failed::task(format!("{error}; is there an interface of this name? Set network.tun-name")))
        }
        Err(error) => Err(Failed::task(format!(
            "{error}; network.mode = \"stack\" does without, with a TCP/IP stack in this process"
        ))),
    }
}

/// What a gateway with the TUN `name` wants of the host.
fn host(config: &Config, name: &str) -> Result<NetConfig, Failed> {
    let pools = config.pools.iter();
    let ranges = pools.filter_map(|pool| TrafficSelector::new(0, Ports::ANY, pool.first(), pool.last()).ok());
    let routes = ranges
        .flat_map(|range| range.prefixes())
        .map(|(address, len)| IpPrefix::new(address, len))
        .collect::<Result<_, _>>()
        .map_err(Failed::task)?;
    Ok(NetConfig {
        addresses: config.addresses.iter().map(|address| IpPrefix::host(*address)).collect(),
        routes,
        forward: config.forwarding,
        ..NetConfig::new(name, config.mtu.into())
    })
}

fn listen(
    addresses: &[IpAddr],
    port: u16,
    nat_port: u16,
    mark: Option<u32>,
) -> Result<(Vec<Port>, Vec<Listening>), Failed> {
    let mut ports = Vec::new();
    let mut listening = Vec::new();
    for address in addresses {
        for (port, encapsulated) in [(port, false), (nat_port, true)] {
            let options = UdpOptions { mark, ..UdpOptions::new(SocketAddr::new(*address, port)) };
            let socket = UdpPort::bind(&options).map_err(|error| {
                let hint = match error.kind() {
                    io::ErrorKind::PermissionDenied => "; ports below 1024 need root, or set listen.port",
                    io::ErrorKind::AddrInUse => "; another IKE daemon may run on this machine",
                    _ => "",
                };
                Failed::task(format!("{error}{hint}"))
            })?;
            listening.push((socket.local_addr(), encapsulated));
            ports.push(Port { socket, encapsulated });
        }
    }
    Ok((ports, listening))
}
