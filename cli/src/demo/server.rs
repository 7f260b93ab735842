//! The demo's gateway, in a thread of its own.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use adit_crypto::Secret;
use adit_gateway::GatewaySettings;
use adit_gateway::config::{Config, Mode};
use adit_gateway::peers::Event;
use adit_tunnel::Stats;
use tokio::sync::oneshot;

use crate::gateway::service::Service;
use crate::outcome::Failed;

/// A running gateway.
pub struct Server {
    /// Its IKE port.
    pub ike: SocketAddr,
    /// Its NAT traversal port.
    pub natt: SocketAddr,
    /// Its inner address.
    pub inner: IpAddr,
    /// Where its stack counts what it receives.
    pub digest_port: u16,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<Result<Stats, Failed>>,
}

struct Started {
    listening: Vec<(SocketAddr, bool)>,
    inner: IpAddr,
    digest_port: u16,
}

/// Starts the gateway of a configuration with its certificates inside.
pub fn start(config: Secret, verbose: bool) -> Result<Server, Failed> {
    let (started, when_started) = mpsc::channel();
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::Builder::new()
        .name("gateway".into())
        .spawn(move || serve(&config, verbose, &started, stopped))
        .map_err(Failed::task)?;
    let Ok(started) = when_started.recv() else {
        return Err(match thread.join() {
            Ok(Err(failed)) => failed,
            _ => Failed::task("the gateway did not start"),
        });
    };
    let find = |encapsulated| {
        let port =
            started.listening.iter().find(|(_, natt)| *natt == encapsulated).map(|(address, _)| *address);
        port.ok_or_else(|| Failed::task("the gateway listens on no such port"))
    };
    Ok(Server {
        ike: find(false)?,
        natt: find(true)?,
        inner: started.inner,
        digest_port: started.digest_port,
        stop,
        thread,
    })
}

impl Server {
    /// Ends the gateway; gives what passed through its client's tunnel.
    pub fn stop(self) -> Result<Stats, Failed> {
        // It may have ended by itself; its result says so.
        let _ = self.stop.send(());
        self.thread.join().map_err(|_| Failed::task("the gateway's thread broke"))?
    }
}

fn serve(
    config: &Secret,
    verbose: bool,
    started: &mpsc::Sender<Started>,
    mut stopped: oneshot::Receiver<()>,
) -> Result<Stats, Failed> {
    let text = std::str::from_utf8(config.expose()).map_err(Failed::task)?;
    let mut config = Config::parse("demo", text).map_err(Failed::task)?;
    config.mode = Mode::Stack;
    // What is in flight stays below what the sockets' buffers hold: the demo counts every loss.
    config.stack.tcp_buffer = 64 * 1024;
    let digest_port = config.stack.digest_port.ok_or_else(|| Failed::task("no digest service"))?;
    let inner = *config.addresses.first().ok_or_else(|| Failed::task("no inner address"))?;
    let credentials = config
        .credentials(&mut |name| Err(format!("{}: the demo's configuration stands alone", name.display())))
        .map_err(Failed::task)?;
    let settings = GatewaySettings { log_messages: verbose, ..GatewaySettings::new(config, credentials) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failed::task)?;
    runtime.block_on(async {
        let mut service = Service::start(settings, Path::new("/nonexistent")).await?;
        let listening = service.listening.clone();
        // The other thread waits for this.
        let _ = started.send(Started { listening, inner, digest_port });
        let mut stats = Stats::default();
        loop {
            note(&mut service, &mut stats);
            tokio::select! {
                result = service.turn() => result.map_err(Failed::task)?,
                _ = &mut stopped => break,
            }
        }
        service.stop().await?;
        note(&mut service, &mut stats);
        Ok(stats)
    })
}

/// Keeps the counters of the client that left.
fn note(service: &mut Service, stats: &mut Stats) {
    while let Some(event) = service.poll_event() {
        if let Event::ClientDown { stats: last, .. } = event {
            *stats = *last;
        }
    }
}
