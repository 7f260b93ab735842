//! `adit connect`: a profile's tunnel on this machine.

mod events;
#[cfg(feature = "keylog")]
mod keylog;
mod live;

pub use events::{Printer, stats_json, tunnel_json, tunnel_text};

use std::net::SocketAddr;

use adit_driver::client::{
    ClientEvent, ClientOptions, Control, follow_network, linux::LinuxHost, run as run_client,
};
use adit_driver::net::{DEFAULT_MARK, HostPaths, NetworkWatch, may_configure, recover};
use adit_tunnel::plan::PlanInputs;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use crate::args::ConnectArgs;
use crate::input;
use crate::outcome::Failed;
use crate::profile;
use crate::term;

/// Runs the command.
pub fn run(args: &ConnectArgs) -> Result<(), Failed> {
    let name = input::name(&args.profile);
    let settings = {
        let (_bytes, document) = args.template.read(&name, input::read(&args.profile)?)?;
        profile::settings(&name, &document, args.payload.ikev2())?
    };
    for warning in &settings.warnings {
        term::warn(&warning.message);
    }
    if !may_configure() {
        return Err(Failed::Task {
            why: "a tunnel needs an interface, routes and DNS of this host, which this user may not set \
                  (CAP_NET_ADMIN)"
                .into(),
            advice: "Run the same command as root: sudo adit connect ... Nothing was changed, and no server asked."
                .into(),
        });
    }
    let password = profile::password(&settings, args.password_file.as_deref(), args.username.as_deref())?;
    let inputs = PlanInputs {
        username: args.username.clone(),
        password,
        overrides: profile::overrides(&args.overrides),
        log_messages: args.verbose,
        #[cfg(feature = "keylog")]
        key_log: args.keylog.is_some(),
        ..PlanInputs::default()
    };
    let planned = profile::planned(settings, inputs)?;
    let mut printer = Printer::new(args.json, args.verbose);
    #[cfg(feature = "keylog")]
    if let Some(dir) = &args.keylog {
        printer.log_keys(keylog::KeyLog::create(dir)?);
    }
    let options = ClientOptions {
        server: planned.settings.remote_address.clone(),
        server_ports: (args.port, args.natt_port),
        local_ports: (0, 0),
        mark: Some(DEFAULT_MARK),
        tunnel: planned.config,
        provider: adit_crypto::default_provider(),
        reconnect: !args.no_reconnect,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::task(format!("cannot start: {error}")))?;
    runtime.block_on(connect(args, &options, &mut printer))
}

/// Keeps the server's addresses, the one in use first.
fn note_servers(servers: &watch::Sender<Vec<SocketAddr>>, event: &ClientEvent) {
    match event {
        ClientEvent::Resolved(addresses) => {
            servers.send_replace(addresses.clone());
        }
        ClientEvent::Connecting(server) => servers.send_modify(|known| {
            known.retain(|other| other != server);
            known.insert(0, *server);
        }),
        _ => {}
    }
}

async fn connect(args: &ConnectArgs, options: &ClientOptions, printer: &mut Printer) -> Result<(), Failed> {
    let paths = HostPaths {
        state_dir: args.state_dir.clone(),
        resolv_conf: args.resolv_conf.clone(),
        ..HostPaths::default()
    };
    // What an earlier run left behind when it was killed.
    let recovered = recover(&paths).await.map_err(Failed::task)?;
    if !recovered.interfaces.is_empty() {
        term::warn(&format!("put back what an earlier run left behind: {}", recovered.interfaces.join(", ")));
    }
    let (control, mut controls) = mpsc::channel(8);
    let stop = control.clone();
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failed::task)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failed::task)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(Failed::task)?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        // The run has ended already if nobody listens.
        let _ = stop.send(Control::Stop).await;
    });
    let servers = watch::Sender::new(Vec::new());
    match NetworkWatch::new() {
        Ok(changes) => {
            let following = follow_network(changes, servers.subscribe(), options.mark, control.clone());
            tokio::spawn(async {
                if let Err(error) = following.await {
                    term::warn(&format!("changes of this host's network are not noticed any more: {error}"));
                }
            });
        }
        Err(error) => term::warn(&format!("changes of this host's network are not noticed: {error}")),
    }
    if printer.wants_stats() {
        tokio::spawn(live::ask_for_stats(control));
    }
    let mut host = LinuxHost::new(&args.interface, DEFAULT_MARK, paths);
    let mut on_event = |event| {
        note_servers(&servers, &event);
        printer.show(&event);
    };
    let result = run_client(options, &mut host, &mut controls, &mut on_event).await;
    printer.finish(result.as_ref().err());
    result.map_err(|error| {
        if args.json { Failed::Said } else { Failed::Task { why: error.to_string(), advice: error.advice() } }
    })
}
