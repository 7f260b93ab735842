//! `adit probe`: asks a server which of a profile's proposals it takes, and what it shows of itself.

mod conclusion;
mod init;
mod offers;
mod report;
mod run;
mod session;
mod text;
mod wire;

use std::path::PathBuf;

use clap::Args;

use crate::choice::PayloadArgs;
use crate::outcome::Failed;
use crate::template::TemplateArgs;
use crate::term;

/// The examples of `--help`.
pub const EXAMPLES: &str = "\
Sends one IKE_SA_INIT for each proposal of the profile (with its additional key exchanges, which are offered and not
run), follows cookies and requests for another group, and, where the profile or the options give what it takes, logs
in once for each proposal of the Child SA, rekeys it once and deletes it. Needs no root and changes nothing on this
machine; other connections of the same user stay. What could not be seen is \"not observed\"; what this engine lacks
is \"not tested\". The JSON is described in docs/probe.md.

Examples:
  adit probe office.mobileconfig
  adit probe office.mobileconfig --username alice --password-file secret.txt
  adit probe office.mobileconfig --payload 1 --timeout 3
  adit probe profile.mobileconfig.j2 --set SERVER=vpn.example.com
  adit probe office.mobileconfig --no-login --json | jq '.ike[] | {text, verdict}'

Exit codes: 0 the profile and the server agree as far as seen, 1 they do not, or nothing answered (the report says what
to do), 2 wrong usage, or a profile that cannot be read.";

/// `adit probe`.
#[derive(Args, Debug)]
pub struct ProbeArgs {
    /// The profile (.mobileconfig); - is standard input.
    pub profile: PathBuf,
    #[command(flatten)]
    payload: PayloadArgs,
    #[command(flatten)]
    template: TemplateArgs,
    /// User name for EAP; replaces AuthName.
    #[arg(long)]
    username: Option<String>,
    /// File with the password for EAP in its first line; replaces AuthPassword. Nothing is asked for.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Send IKE_SA_INIT only, also where there are credentials.
    #[arg(long, conflicts_with_all = ["username", "password_file"])]
    no_login: bool,
    /// The server's IKE port.
    #[arg(long, default_value_t = 500, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// The server's NAT traversal port.
    #[arg(long, default_value_t = 4500, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    natt_port: u16,
    /// How long to wait for the answer to a question.
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=120))]
    timeout: u64,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &ProbeArgs) -> Result<(), Failed> {
    let report = run::probe(args)?;
    if args.json {
        term::line(&serde_json::to_string(&report).map_err(Failed::task)?);
    } else {
        term::line(text::text(&report).trim_end());
    }
    if report.agree { Ok(()) } else { Err(Failed::Said) }
}
