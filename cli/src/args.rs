//! The command line: what can be said, and its help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::choice::PayloadArgs;
use crate::template::TemplateArgs;

/// Try, check and run Apple IKEv2 profiles.
#[derive(Debug, Parser)]
#[command(name = "adit", version, about, after_help = EXAMPLES, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  adit demo                              a tunnel from a sample profile, here and now, without root
  adit validate office.mobileconfig      what is wrong with a profile, and where
  adit ondemand office.mobileconfig --ssid Cafe
                                         what its on-demand rules do on a network
  sudo adit connect office.mobileconfig  bring its tunnel up on this machine
  adit probe office.mobileconfig         what its server takes of it, without root
  adit show signed.mobileconfig          the profile inside a signed or binary file, and who signed it
  adit new --list                        which profiles it writes
  adit convert office.mobileconfig --to declarations
                                         the same VPN for declarative management (27.0)
  adit diff old.mobileconfig new.mobileconfig
                                         what changed, by meaning
  adit gateway init ./gw --host 192.0.2.1
                                         a CA, a server certificate, a configuration and a profile
  sudo adit gateway --config gw/gateway.toml

Exit codes: 0 done, 1 it failed (the message says why and what to do), 2 wrong usage or unreadable file.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a tunnel from a sample profile on loopback, move data through it and verify it.
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(DemoArgs),
    /// Bring up the IKEv2 tunnel of a profile (Linux, root).
    #[command(after_help = CONNECT_EXAMPLES)]
    Connect(Box<ConnectArgs>),
    /// Run an IKEv2 gateway, or make the files for one.
    #[command(after_help = GATEWAY_EXAMPLES, args_conflicts_with_subcommands = true)]
    Gateway(GatewayArgs),
    /// Write a profile: IKEv2, Always On, IPsec, or the connection of an app.
    New(crate::new::NewArgs),
    /// Check profiles: syntax, IKEv2 settings, certificates.
    #[command(after_help = VALIDATE_EXAMPLES)]
    Validate(ValidateArgs),
    /// Print a profile as XML, a signed or binary one too, and say who signed it.
    #[command(after_help = crate::show::EXAMPLES)]
    Show(crate::show::ShowArgs),
    /// Sign a profile.
    #[command(after_help = crate::sign::EXAMPLES)]
    Sign(Box<crate::sign::SignArgs>),
    /// What the on-demand rules of a profile make of a network, and why.
    #[command(after_help = crate::ondemand::EXAMPLES)]
    Ondemand(Box<crate::ondemand::OnDemandArgs>),
    /// Ask a server which of a profile's proposals it takes, and what it shows of itself.
    #[command(after_help = crate::probe::EXAMPLES)]
    Probe(Box<crate::probe::ProbeArgs>),
    /// Say in plain words what a profile does.
    #[command(after_help = crate::explain::EXAMPLES)]
    Explain(Box<crate::explain::ExplainArgs>),
    /// Turn a profile into the declarations of 27.0, or back, or into properties of Apple's API.
    #[command(after_help = crate::convert::EXAMPLES)]
    Convert(crate::convert::ConvertArgs),
    /// Compare two profiles by what they mean.
    #[command(after_help = crate::diff::EXAMPLES)]
    Diff(crate::diff::DiffArgs),
    /// List every rule that profiles are judged by.
    #[command(after_help = RULES_EXAMPLES)]
    Rules(RulesArgs),
    /// Print a completion script for a shell.
    #[command(
        after_help = "Examples:\n  adit completions bash > /etc/bash_completion.d/adit\n  adit completions zsh > ~/.zfunc/_adit"
    )]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

const DEMO_EXAMPLES: &str = "\
Starts a gateway in this process, connects to it over UDP on loopback with EAP-MSCHAPv2 and a certificate made for
this run, pings, sends data over TCP, rekeys both SAs in the middle and counts every packet.

Examples:
  adit demo
  adit demo --mib 64 --json | tail -n 1 | jq .gbit_per_s

Exit codes: 0 all of it was verified, 1 not.";

/// `adit demo`.
#[derive(Args, Debug)]
pub struct DemoArgs {
    /// MiB of TCP data to send.
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=65_536))]
    pub mib: u64,
    /// Print one JSON object as the last line.
    #[arg(long)]
    pub json: bool,
    /// Show every IKE message in readable form, secrets left out.
    #[arg(short, long)]
    pub verbose: bool,
}

const CONNECT_EXAMPLES: &str = "\
Brings the tunnel up, sets addresses, routes and DNS, and stays until Ctrl-C or SIGTERM; then everything is put back
as it was. After a crash the next start puts it back. A tunnel that is lost later is connected again. When this host's
address changes the tunnel moves with it (MOBIKE); where the server cannot follow it is connected again at once.

With --json each event is one line: {\"event\":\"...\", ...}. Events: resolved, connecting, exchange, up, ready, child,
child_lost, ike_rekeyed, path, moving, offline, online, warning, message, attempt_failed, lost, stats, closed, error;
docs/connect-json.md has their members.

Examples:
  sudo adit connect office.mobileconfig
  sudo adit connect office.mobileconfig --username alice --password-file secret.txt
  sudo adit connect office.mobileconfig --payload 1
  sudo adit connect profile.mobileconfig.j2 --set SERVER=vpn.example.com
  sudo adit connect office.mobileconfig -v --json

Exit codes: 0 stopped by the user, 1 the tunnel failed (the message says why and what to do), 2 usage or an
unreadable profile.";

/// `adit connect`.
#[derive(Args, Debug)]
pub struct ConnectArgs {
    /// The profile (.mobileconfig).
    pub profile: PathBuf,
    /// Which payload.
    #[command(flatten)]
    pub payload: PayloadArgs,
    /// A profile that is a template.
    #[command(flatten)]
    pub template: TemplateArgs,
    /// User name for EAP; replaces AuthName.
    #[arg(long)]
    pub username: Option<String>,
    /// File with the password for EAP in its first line; replaces AuthPassword. Without it a missing password is
    /// asked for.
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Print events as JSON, one a line.
    #[arg(long)]
    pub json: bool,
    /// Show every IKE message in readable form, secrets left out.
    #[arg(short, long)]
    pub verbose: bool,
    /// Changes to the profile's timers and sizes.
    #[command(flatten)]
    pub overrides: OverrideArgs,
    /// The server's IKE port.
    #[arg(long, default_value_t = 500, value_name = "PORT", help_heading = "Network")]
    pub port: u16,
    /// The server's NAT traversal port.
    #[arg(long, default_value_t = 4500, value_name = "PORT", help_heading = "Network")]
    pub natt_port: u16,
    /// Name of the interface; one %d stands for the first free number.
    #[arg(long, default_value = "adit%d", value_name = "NAME", help_heading = "Network")]
    pub interface: String,
    /// Where the undo journal is kept.
    #[arg(long, default_value = "/var/lib/adit", value_name = "DIR", help_heading = "Network")]
    pub state_dir: PathBuf,
    /// The file that lists name servers.
    #[arg(long, default_value = "/etc/resolv.conf", value_name = "FILE", help_heading = "Network")]
    pub resolv_conf: PathBuf,
    /// End when the tunnel is lost instead of connecting again.
    #[arg(long, help_heading = "Network")]
    pub no_reconnect: bool,
    /// Write the session's keys into this directory as Wireshark's tables ikev2_decryption_table and esp_sa. Whoever
    /// reads them can read the tunnel's traffic.
    #[cfg(feature = "keylog")]
    #[arg(long, value_name = "DIR")]
    pub keylog: Option<PathBuf>,
}

/// Values that replace the profile's.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Instead of the profile's values")]
pub struct OverrideArgs {
    /// Lifetime of the IKE SA.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub ike_lifetime: Option<u64>,
    /// Lifetime of Child SAs.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub child_lifetime: Option<u64>,
    /// Silence after which the server is asked for a sign of life; 0: never.
    #[arg(long, value_name = "SECONDS")]
    pub liveness: Option<u64>,
    /// Time without a packet through the tunnel after which it ends; 0: it does not.
    #[arg(long, value_name = "SECONDS")]
    pub idle: Option<u64>,
    /// Largest UDP payload of an IKE message before it is fragmented, in bytes.
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(296..))]
    pub fragment_size: Option<u16>,
}

const GATEWAY_EXAMPLES: &str = "\
As root the gateway opens a TUN and forwards between its clients and the networks of this host, until Ctrl-C, SIGTERM or
SIGHUP; then clients are told and addresses, routes and settings are as they were. After a crash the next start puts
them back. Without root (or with network.mode = \"stack\") a TCP/IP stack of its own answers ping and serves TCP echo;
ports below 1024 need root, so set listen.port. docs/gateway.md is the manual.

Examples:
  adit gateway init ./gw --host 192.0.2.1 --user alice
  sudo adit gateway --config gw/gateway.toml
  adit gateway reference                 every key of the configuration file

Exit codes: 0 stopped by the user, 1 it failed, 2 usage or an unreadable configuration.";

/// `adit gateway`.
#[derive(Args, Debug)]
pub struct GatewayArgs {
    /// What else to do.
    #[command(subcommand)]
    pub action: Option<GatewayAction>,
    /// The configuration file.
    #[arg(long, value_name = "FILE", required = true)]
    pub config: Option<PathBuf>,
    /// Where the undo journal of a TUN is kept.
    #[arg(long, default_value = "/var/lib/adit", value_name = "DIR")]
    pub state_dir: PathBuf,
    /// Print events as JSON, one a line.
    #[arg(long)]
    pub json: bool,
    /// Show every IKE message in readable form, secrets left out.
    #[arg(short, long)]
    pub verbose: bool,
}

/// `adit gateway ACTION`.
#[derive(Debug, Subcommand)]
pub enum GatewayAction {
    /// Write a CA, a server certificate, a configuration and a matching profile into a directory.
    #[command(
        after_help = "Examples:\n  adit gateway init ./gw\n  adit gateway init ./gw --host vpn.example.com --user alice --key rsa"
    )]
    Init(InitArgs),
    /// Print every key of the configuration file with its meaning and default.
    #[command(after_help = "Examples:\n  adit gateway reference\n  adit gateway reference | grep -A 3 pools")]
    Reference,
}

/// `adit gateway init`.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// The directory; made if it is not there. No file in it is overwritten.
    pub dir: PathBuf,
    /// Host name or address under which clients reach the gateway [default: this machine's address on its default route].
    #[arg(long)]
    pub host: Option<String>,
    /// Name of the first user.
    #[arg(long, default_value = "user")]
    pub user: String,
    /// Kind of the keys.
    #[arg(long, value_enum, default_value_t = KeyKind::Ecdsa)]
    pub key: KeyKind,
}

/// Kinds of keys.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum KeyKind {
    /// ECDSA on P-256.
    Ecdsa,
    /// RSA with 2,048 bits.
    Rsa,
}

const RULES_EXAMPLES: &str = "\
Examples:
  adit rules
  adit rules ikev2
  adit rules --format json | jq '.[] | select(.level == \"error\") | .code'

`adit explain --rule CODE` prints a rule's page.";

/// `adit rules`.
#[derive(Args, Debug)]
pub struct RulesArgs {
    /// Only these codes or families.
    #[arg(value_name = "CODE")]
    pub names: Vec<String>,
    /// How to list.
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// Formats of a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

const VALIDATE_EXAMPLES: &str = "\
Examples:
  adit validate office.mobileconfig
  adit validate --target ios-26.1 --target macos-15 --supervised profiles/
  adit validate --fix office.mobileconfig            mend what can safely be mended; --diff shows it only
  adit validate --format sarif profiles/ > adit.sarif
  adit validate --ignore secret.plaintext --fail-on warning office.mobileconfig
  adit validate --template --set SERVER=vpn.example.com profile.mobileconfig.j2
  cat office.mobileconfig | adit validate -

A folder is walked; files in it that are no profiles are counted, not judged. A signed profile is opened; lines and
columns are those of the profile inside. `<!-- adit:ignore CODE: reason -->` in a profile silences a rule for the key
that follows. A file adit.toml, looked for upwards, may hold [validate] with target, supervised, user-enrollment, template, select,
ignore, fail-on and baseline. `adit explain --rule CODE` tells more of a rule.

Exit codes: 0 nothing at or above --fail-on, 1 problems found (a malformed file too), 2 a file cannot be read from
disk, or wrong usage.";

/// `adit validate`.
#[derive(Args, Debug)]
pub struct ValidateArgs {
    /// The profiles, or folders of them; - is standard input.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// A system the profile is meant for, such as ios-26.1, macos-15, tvos-18, watchos-11, visionos-26; repeatable.
    #[arg(long, value_name = "SYSTEM")]
    pub target: Vec<adit_profile::schema::Target>,
    /// The targets are supervised.
    #[arg(long)]
    pub supervised: bool,
    /// The targets are under user enrollment.
    #[arg(long)]
    pub user_enrollment: bool,
    /// Look for these codes or families only, such as ikev2 or sa.weak-dh.
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Leave these codes or families out.
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Fail from this severity on [default: error].
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub fail_on: Option<FailOn>,
    /// The time of checking, for certificates and dates, such as 2026-11-21T08:00:00Z [default: now].
    #[arg(long, value_name = "TIME")]
    pub at: Option<adit_profile::syntax::Date>,
    /// The configuration file [default: adit.toml, looked for upwards].
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read no configuration file.
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// Files that are templates.
    #[command(flatten)]
    pub template: TemplateArgs,
    /// Findings that are known and not told again.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what is found to the baseline instead of telling it.
    #[arg(long)]
    pub write_baseline: bool,
    /// Apply the safe fixes and show what changed.
    #[arg(long, conflicts_with = "write_baseline")]
    pub fix: bool,
    /// Show what --fix would change, and change nothing.
    #[arg(long, conflicts_with = "write_baseline")]
    pub diff: bool,
    /// Apply fixes too that are likely meant, but change what the profile does.
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// With --fix, write a signed profile without its signature.
    #[arg(long)]
    pub unsigned_output: bool,
}

/// From which severity on `adit validate` fails.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum FailOn {
    /// Errors.
    Error,
    /// Warnings and errors.
    Warning,
    /// Anything.
    Notice,
    /// Nothing that is found.
    Never,
}

impl FailOn {
    /// The least severity; none for never.
    pub fn severity(self) -> Option<adit_profile::Severity> {
        match self {
            Self::Error => Some(adit_profile::Severity::Error),
            Self::Warning => Some(adit_profile::Severity::Warning),
            Self::Notice => Some(adit_profile::Severity::Notice),
            Self::Never => None,
        }
    }
}

/// Report formats.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub enum Format {
    /// For people, with the lines concerned.
    Text,
    /// For programs: one object (docs/validate-json.md).
    Json,
    /// SARIF 2.1.0, for code hosts.
    Sarif,
    /// One line a problem, for editors.
    Short,
    /// JUnit XML, for CI systems.
    Junit,
}
