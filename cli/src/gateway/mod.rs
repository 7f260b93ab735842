//! `adit gateway`: an IKEv2 gateway on this machine.

mod events;
mod init;
pub mod service;
pub mod userspace;

use std::path::Path;

use adit_gateway::GatewaySettings;
use adit_gateway::config::{Config, reference};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::{GatewayAction, GatewayArgs};
use crate::outcome::Failed;
use crate::term;

/// Runs the command.
pub fn run(args: &GatewayArgs) -> Result<(), Failed> {
    match &args.action {
        Some(GatewayAction::Init(init)) => init::run(init),
        Some(GatewayAction::Reference) => {
            term::line(&reference());
            Ok(())
        }
        None => {
            let path = args.config.as_deref().ok_or_else(|| Failed::usage("give --config FILE"))?;
            serve(path, args)
        }
    }
}

fn serve(path: &Path, args: &GatewayArgs) -> Result<(), Failed> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failed::usage(format!("cannot read {}: {error}", path.display())))?;
    let config = Config::parse(&path.display().to_string(), &text).map_err(Failed::usage)?;
    let base = path.parent().unwrap_or_else(|| Path::new("."));
    // Names of files are seen from the configuration file, wherever the command is run.
    let credentials = config
        .credentials(&mut |name| std::fs::read(base.join(name)).map_err(|error| error.to_string()))
        .map_err(Failed::usage)?;
    let mut settings = GatewaySettings::new(config, credentials);
    settings.log_messages = args.verbose;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::task(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        // Before anything is changed on the host: from here on no signal ends the process before it is put back.
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Failed::task)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(Failed::task)?;
        let mut hangup = signal(SignalKind::hangup()).map_err(Failed::task)?;
        let mut service = service::Service::start(settings, &args.state_dir).await?;
        let printer = events::Printer::new(args.json, args.verbose);
        printer.started(&service);
        let result = loop {
            while let Some(event) = service.poll_event() {
                printer.show(&event);
            }
            tokio::select! {
                result = service.turn() => if let Err(error) = result { break Err(Failed::task(error)) },
                _ = interrupt.recv() => break Ok(()),
                _ = terminate.recv() => break Ok(()),
                _ = hangup.recv() => break Ok(()),
            }
        };
        service.stop().await?;
        while let Some(event) = service.poll_event() {
            printer.show(&event);
        }
        printer.stopped();
        result
    })
}
