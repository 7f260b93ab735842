//! One attempt at one address of the server, and the tunnel it becomes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use adit_ike::Path;
use adit_ike::config::NattPorts;
use adit_tunnel::{Tunnel, TunnelConfig};

use super::stay::{Interrupt, Run};
use super::{ClientError, ClientEvent, ClientPorts, End, TunnelHost, life};
use crate::clock::Clock;
use crate::pump::Pump;

/// Runs one attempt and, if it succeeds, the tunnel until its end. `limit` bounds the time until it is up.
pub(super) async fn run<H: TunnelHost, F: FnMut(ClientEvent)>(
    run: &mut Run<'_, H, F>,
    server: SocketAddr,
    limit: Option<Duration>,
) -> Result<End, ClientError> {
    let options = run.options;
    let ports = match ClientPorts::bind(server, options.local_ports, options.mark) {
        Ok(ports) => ports,
        // No route in this family, for instance: another address may do.
        Err(error) => {
            tracing::debug!(%server, %error, "no socket");
            return Ok(End::NoWay(error));
        }
    };
    match run.told.meanwhile(run.host.protect(&ports.descriptors())).await {
        Ok(Ok(())) => {}
        Ok(Err(reason)) => return Err(ClientError::Unprotected { reason }),
        Err(Interrupt::Stop) => return Ok(End::Stopped),
        Err(Interrupt::Moved) => return Ok(End::Moved { was_up: false }),
    }
    let path = Path { local: ports.ike.local_addr(), remote: server, encapsulated: false };
    let mut ike = (*options.tunnel.ike).clone();
    ike.natt_ports = NattPorts { local: ports.natt.local_addr().port(), remote: options.server_ports.1 };
    ike.common.unix_epoch = unix_epoch(run.clock);
    let config = TunnelConfig { ike: Arc::new(ike), ..options.tunnel.clone() };

    let pump =
        Pump::new(run.clock, ports.into_ports()).map_err(ClientError::host("cannot start the event loop"))?;
    let started = pump.now();
    // What was slept before is no matter of this attempt's.
    run.told.take_woke();
    let tunnel = Tunnel::connect(&config, options.provider, started, path).map_err(ClientError::Failed)?;
    run.attempts = run.attempts.wrapping_add(1);
    let deadline = limit.map(|limit| (started + limit, limit));
    life::Life::new(pump, tunnel, server, deadline).live(run).await
}

/// Unix time at the clock's epoch, by which certificates are judged.
fn unix_epoch(clock: Clock) -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |unix| unix.as_secs().saturating_sub(clock.now().as_secs()))
}
