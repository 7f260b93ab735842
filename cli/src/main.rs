//! `adit`: try, check and run Apple IKEv2 profiles.
//!
//! Owns the command line: arguments, what is printed, exit codes. Each command has a folder. Leaves out everything
//! that could be used without a terminal: that is in the crates under `core/`.

mod args;
mod choice;
mod connect;
mod convert;
mod demo;
mod diff;
mod explain;
mod gateway;
mod input;
mod new;
mod ondemand;
mod outcome;
mod output;
mod probe;
mod profile;
mod rules;
mod show;
mod sign;
mod signature;
mod template;
mod term;
mod validate;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use args::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Only the driver logs, and only what goes wrong on this host.
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(if std::env::var_os("ADIT_LOG").is_some() {
            tracing_subscriber::filter::LevelFilter::DEBUG
        } else {
            tracing_subscriber::filter::LevelFilter::WARN
        })
        .init();
    let result = match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Connect(args) => connect::run(&args),
        Command::Gateway(args) => gateway::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Rules(args) => rules::run(&args),
        Command::New(args) => new::run(&args),
        Command::Validate(args) => validate::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Convert(args) => convert::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Sign(args) => sign::run(&args),
        Command::Ondemand(args) => ondemand::run(&args),
        Command::Probe(args) => probe::run(&args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "adit", &mut std::io::stdout());
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => failed.exit(),
    }
}
