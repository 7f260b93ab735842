//! The gateway's thread.

use std::net::SocketAddr;
use std::sync::mpsc;

use adit_crypto::Secret;
use adit_driver::clock::Clock;
use adit_driver::pump::{Port, Pump};
use adit_driver::tun::{Tun, mem_pair};
use adit_driver::udp::{UdpOptions, UdpPort};
use adit_gateway::config::{Config, Mode};
use adit_gateway::{Gateway, GatewaySettings};
use adit_ike::time::Instant;
use tokio::sync::mpsc as orders;

use crate::{Order, mirror};

/// Packets queued between gateway and mirror, each way.
const QUEUE: usize = 512;

/// The ports that IKE and NAT traversal are answered on, or why there are none.
pub(crate) type Started = Result<(SocketAddr, SocketAddr), String>;

/// Serves until it is told to stop.
pub(crate) fn serve(
    config: &Secret,
    silent: bool,
    started: &mpsc::Sender<Started>,
    queue: orders::UnboundedReceiver<Order>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(started.send(Err(error.to_string()))),
    };
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        if let Err(reason) = run(config, silent, started, queue).await {
            // Nobody listens any more where it had started.
            let _ = started.send(Err(reason));
        }
    });
}

async fn run(
    config: &Secret,
    silent: bool,
    started: &mpsc::Sender<Started>,
    mut queue: orders::UnboundedReceiver<Order>,
) -> Result<(), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let bind = || {
        UdpPort::bind(&UdpOptions::new(SocketAddr::from(([127, 0, 0, 1], 0)))).map_err(|error| text(&error))
    };
    let (ike, natt) = (bind()?, bind()?);
    let ports = (ike.local_addr(), natt.local_addr());
    if silent {
        let _ = started.send(Ok(ports));
        while let Some(order) = queue.recv().await {
            match order {
                Order::Stop => break,
                Order::Count(to) => drop(to.send(0)),
                Order::Drop => {}
            }
        }
        return Ok(());
    }
    let config = std::str::from_utf8(config.expose()).map_err(|error| text(&error))?;
    let mut config = Config::parse("test", config).map_err(|error| text(&error))?;
    config.mode = Mode::Stack;
    let mtu = usize::from(config.mtu);
    let credentials = config
        .credentials(&mut |name| Err(format!("{}: the configuration stands alone", name.display())))
        .map_err(|error| text(&error))?;
    let settings = GatewaySettings::new(config, credentials);
    let clock = Clock::new();
    let unix =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_err(|error| text(&error))?;
    let epoch = unix.as_secs().saturating_sub(clock.now().as_secs());
    let now = Instant::from_epoch(clock.now());
    let mut gateway =
        Gateway::new(&settings, adit_crypto::default_provider(), now, epoch).map_err(|error| text(&error))?;
    let sockets = vec![Port { socket: ike, encapsulated: false }, Port { socket: natt, encapsulated: true }];
    let mut pump = Pump::new(clock, sockets).map_err(|error| text(&error))?;
    let (ours, theirs) = mem_pair(mtu, QUEUE);
    pump.attach(Tun::memory(ours));
    let mirror = tokio::task::spawn_local(mirror::serve(theirs));
    let _ = started.send(Ok(ports));
    loop {
        while gateway.poll_event().is_some() {}
        tokio::select! {
            result = pump.turn(&mut gateway) => result.map_err(|error| text(&error))?,
            order = queue.recv() => match order {
                None | Some(Order::Stop) => break,
                Some(Order::Count(to)) => {
                    let count = gateway.clients().count();
                    let _ = to.send(u64::try_from(count).unwrap_or(u64::MAX));
                }
                Some(Order::Drop) => gateway.close_all(pump.now()),
            },
        }
    }
    mirror.abort();
    Ok(())
}
