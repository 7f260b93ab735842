//! One attempt at one address of the server, and the tunnel it becomes.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use adit_ike::config::NattPorts;
use adit_ike::time::Instant;
use adit_ike::{CloseReason, Command, Failure, Path};
use adit_tunnel::{Event, Tunnel, TunnelConfig};
use tokio::sync::mpsc;

use super::{ClientError, ClientEvent, ClientOptions, Control, End, TunnelHost, stats};
use crate::clock::Clock;
use crate::pump::{Port, Pump};
use crate::udp::{UdpOptions, UdpPort};

/// The two sockets of a client.
pub struct ClientPorts {
    /// For IKE_SA_INIT.
    pub ike: UdpPort,
    /// For everything after it.
    pub natt: UdpPort,
}

impl ClientPorts {
    /// Binds both sockets to the local address from which `server` is reached.
    ///
    /// # Errors
    /// If there is no route to the server, or a port is taken.
    pub fn bind(server: SocketAddr, local_ports: (u16, u16), mark: Option<u32>) -> std::io::Result<Self> {
        let address = source_address(server, mark)?;
        let bind = |port| {
            let options = UdpOptions { mark, ..UdpOptions::new(SocketAddr::new(address, port)) };
            UdpPort::bind(&options)
        };
        Ok(Self { ike: bind(local_ports.0)?, natt: bind(local_ports.1)? })
    }
}

/// The address the system sends from to reach `server`. A connected UDP socket sends nothing by itself.
fn source_address(server: SocketAddr, mark: Option<u32>) -> std::io::Result<IpAddr> {
    let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any)?;
    #[cfg(target_os = "linux")]
    if let Some(mark) = mark {
        socket2::SockRef::from(&socket).set_mark(mark)?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = mark;
    socket.connect(server)?;
    Ok(socket.local_addr()?.ip())
}

/// Runs one attempt and, if it succeeds, the tunnel until its end. `limit` bounds the time until it is up.
pub(super) async fn run<H: TunnelHost>(
    options: &ClientOptions,
    server: SocketAddr,
    limit: Option<Duration>,
    clock: Clock,
    host: &mut H,
    control: &mut mpsc::Receiver<Control>,
    on_event: &mut impl FnMut(ClientEvent),
) -> Result<End, ClientError> {
    let ports = match ClientPorts::bind(server, options.local_ports, options.mark) {
        Ok(ports) => ports,
        // No route in this family, for instance: another address may do.
        Err(error) => {
            tracing::debug!(%server, %error, "no socket");
            return Ok(End::NoWay(error));
        }
    };
    let path = Path { local: ports.ike.local_addr(), remote: server, encapsulated: false };
    let mut ike = (*options.tunnel.ike).clone();
    ike.natt_ports = NattPorts { local: ports.natt.local_addr().port(), remote: options.server_ports.1 };
    ike.common.unix_epoch = unix_epoch(clock);
    let config = TunnelConfig { ike: Arc::new(ike), ..options.tunnel.clone() };

    let sockets = vec![
        Port { socket: ports.ike, encapsulated: false },
        Port { socket: ports.natt, encapsulated: true },
    ];
    let mut pump = Pump::new(clock, sockets).map_err(ClientError::host("cannot start the event loop"))?;
    let started = pump.now();
    let mut tunnel =
        Tunnel::connect(&config, options.provider, started, path).map_err(ClientError::Failed)?;
    let deadline = limit.map(|limit| (started + limit, limit));
    drive(clock, &mut pump, &mut tunnel, deadline, host, control, on_event).await
}

async fn drive<H: TunnelHost>(
    clock: Clock,
    pump: &mut Pump,
    tunnel: &mut Tunnel,
    deadline: Option<(Instant, Duration)>,
    host: &mut H,
    control: &mut mpsc::Receiver<Control>,
    on_event: &mut impl FnMut(ClientEvent),
) -> Result<End, ClientError> {
    let mut was_up = false;
    let mut stopping = false;
    loop {
        while let Some(event) = tunnel.poll_event() {
            match event {
                Event::Closed(reason) => {
                    // What IKE still has to say goes out before the sockets close.
                    pump.flush(tunnel);
                    on_event(stats(tunnel, pump));
                    if let Some(tun) = pump.detach() {
                        host.keep(tun);
                    }
                    return Ok(match reason {
                        CloseReason::Requested => End::Stopped,
                        _ if stopping => End::Stopped,
                        reason => End::Closed { reason, was_up },
                    });
                }
                Event::Up { settings, established } => {
                    was_up = true;
                    let (tun, notes) = host
                        .up(&settings)
                        .await
                        .map_err(ClientError::host("cannot set up the tunnel device"))?;
                    let interface = tun.name().map(str::to_owned);
                    pump.attach(tun);
                    on_event(ClientEvent::Tunnel(Event::Up { settings, established }));
                    on_event(ClientEvent::HostReady { interface, notes });
                }
                event => on_event(ClientEvent::Tunnel(event)),
            }
        }
        if let Some((at, limit)) = deadline
            && !was_up
            && pump.now() >= at
        {
            let failure = Failure::NoAnswer { tries: 0, waited: limit };
            return Ok(End::Closed { reason: CloseReason::Failed(failure), was_up });
        }
        tokio::select! {
            () = patience(clock, deadline.filter(|_| !was_up)) => {}
            result = pump.turn(tunnel) => result.map_err(ClientError::host("the tunnel device failed"))?,
            told = control.recv(), if !stopping => match told {
                None | Some(Control::Stop) => {
                    stopping = true;
                    tunnel.request(pump.now(), Command::Close);
                }
                Some(Control::Tunnel(command)) => tunnel.request(pump.now(), command),
                Some(Control::Stats) => on_event(stats(tunnel, pump)),
            },
        }
    }
}

/// Waits for the end of an attempt's time, if it has one.
async fn patience(clock: Clock, deadline: Option<(Instant, Duration)>) {
    match deadline {
        // Without a timer the session's own patience ends the attempt.
        Some((at, _)) => drop(clock.sleep_until(at.since_epoch()).await),
        None => std::future::pending().await,
    }
}

/// Unix time at the clock's epoch, by which certificates are judged.
fn unix_epoch(clock: Clock) -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |unix| unix.as_secs().saturating_sub(clock.now().as_secs()))
}
