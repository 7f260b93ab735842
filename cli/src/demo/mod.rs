//! `adit demo`: a tunnel from a sample profile, here and now, without root and without a server.
//!
//! Client and gateway are two threads that meet over UDP on loopback only; both run the code that `connect` and
//! `gateway` run. Everything the demo says was measured in this run.

mod report;
mod server;
mod traffic;

use std::cell::RefCell;
use std::io;
use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use adit_driver::client::{ClientEvent, ClientOptions, Control, TunnelHost, run as run_client};
use adit_driver::tun::{MemTun, Tun, mem_pair};
use adit_gateway::init::{InitSettings, init};
use adit_ike::{Established, Event as IkeEvent};
use adit_tunnel::plan::PlanInputs;
use adit_tunnel::{Event, IpPrefix, NetworkSettings, Stats};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::{mpsc, oneshot};

use crate::args::DemoArgs;
use crate::connect::tunnel_text;
use crate::outcome::Failed;
use crate::profile;
use crate::term;
use report::Report;

/// The name in the certificate; nobody resolves it.
const HOST: &str = "gateway.demo.test";
const USER: &str = "demo";

/// MTU of the tunnel: the most a profile may ask for.
const MTU: u16 = 1400;

/// Packets queued between tunnel and TCP stack, each way.
const QUEUE: usize = 512;

/// How long everything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the command. With `--json` the last line is an object, whether it went well or not.
pub fn run(args: &DemoArgs) -> Result<(), Failed> {
    let mut known = Known::default();
    let (object, result) = match measure(args, &mut known) {
        Ok(report) => {
            let result = if report.ok() { Ok(()) } else { Err(Failed::task(report.complaint())) };
            if !args.json {
                term::line(&report.text());
            }
            (report.json(), result)
        }
        Err(failed) => {
            let failed = failed.into_task();
            (report::unfinished(known.profile, &known.seen.borrow(), &failed.why()), Err(failed))
        }
    };
    if args.json {
        term::line(&object.to_string());
    }
    result
}

/// What is known already when something fails.
#[derive(Default)]
struct Known {
    /// The verdict on the profile.
    profile: Option<&'static str>,
    /// What the client's events showed.
    seen: RefCell<Seen>,
}

/// Brings everything up, moves the data, and says what came of it.
fn measure(args: &DemoArgs, known: &mut Known) -> Result<Report, Failed> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(Failed::task)?;
    let mut settings = InitSettings::new(HOST, USER, now);
    settings.remote_address = Some("127.0.0.1".into());
    settings.mtu = MTU;
    settings.listen = vec![IpAddr::from([127, 0, 0, 1])];
    (settings.port, settings.nat_port) = (0, 0);
    let files = init(settings, &adit_crypto::default_provider()).map_err(Failed::task)?;

    let bytes = files.profile.expose();
    let verdict = adit_profile::check(bytes);
    let warnings = verdict.diagnostics.len();
    let document = adit_profile::Document::read(bytes);
    let wanted = profile::settings("the sample profile", &document, adit_profile::ikev2::Choice::Only)?;
    let verdict = if verdict.has_errors() { "refused" } else { "accepted" };
    known.profile = Some(verdict);
    say(args, &format!("profile: {verdict}, {warnings} remarks; EAP-MSCHAPv2 as {USER}, CA in the profile"));

    let server = server::start(files.config(true), args.verbose)?;
    say(args, &format!("gateway: listening on {} and {}", server.ike, server.natt));
    let planned =
        profile::planned(wanted, PlanInputs { log_messages: args.verbose, ..PlanInputs::default() })?;
    let options = ClientOptions {
        server: planned.settings.remote_address.clone(),
        server_ports: (server.ike.port(), server.natt.port()),
        local_ports: (0, 0),
        mark: None,
        tunnel: planned.config,
        provider: adit_crypto::default_provider(),
        reconnect: false,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::task(format!("cannot start: {error}")))?;
    let shown = runtime.block_on(client(args, &options, &known.seen, server.inner, server.digest_port))?;
    let gateway = server.stop()?;
    Ok(Report::new(verdict, &known.seen.borrow(), &shown, &gateway))
}

fn say(args: &DemoArgs, text: &str) {
    if !args.json {
        term::line(text);
    }
}

/// What the client's events showed.
#[derive(Default)]
struct Seen {
    ike_suite: String,
    esp_suite: String,
    addresses: Vec<IpPrefix>,
    handshake: Duration,
    rekeys_child: u64,
    rekeys_ike: u64,
    stats: Stats,
}

impl Seen {
    fn note(&mut self, event: &ClientEvent, up: &mut Option<oneshot::Sender<NetworkSettings>>) {
        match event {
            ClientEvent::Stats(stats, _) => self.stats = **stats,
            ClientEvent::Tunnel(Event::Up { settings, established }) => {
                self.ike_suite = established.suite.to_string();
                self.addresses.clone_from(&settings.addresses);
                if let Some(up) = up.take() {
                    // Nobody listens only if the demo is over.
                    let _ = up.send((**settings).clone());
                }
            }
            ClientEvent::Tunnel(Event::Child { suite, rekeyed, .. }) => {
                if *rekeyed {
                    self.rekeys_child += 1;
                } else {
                    self.esp_suite.clone_from(suite);
                }
            }
            ClientEvent::Tunnel(Event::Ike(IkeEvent::IkeRekeyed { .. })) => self.rekeys_ike += 1,
            ClientEvent::Tunnel(Event::Ike(IkeEvent::Exchange(record))) if self.addresses.is_empty() => {
                self.handshake += record.took;
            }
            _ => {}
        }
    }
}

/// A host that is a TCP stack in this process.
struct StackHost(Option<MemTun>);

impl TunnelHost for StackHost {
    async fn up(&mut self, _: &NetworkSettings, _: &Established) -> io::Result<(Tun, Vec<String>)> {
        let tun = self.0.take().ok_or_else(|| io::Error::other("the demo connects once"))?;
        Ok((Tun::memory(tun), Vec::new()))
    }

    fn keep(&mut self, _: Tun) {}

    async fn down(&mut self) -> io::Result<()> {
        Ok(())
    }
}

async fn client(
    args: &DemoArgs,
    options: &ClientOptions,
    seen: &RefCell<Seen>,
    gateway: IpAddr,
    port: u16,
) -> Result<traffic::Shown, Failed> {
    let (ours, theirs) = mem_pair(MTU.into(), QUEUE);
    let (control, mut controls) = mpsc::channel(8);
    let (up, is_up) = oneshot::channel();
    let bar = progress(args);
    let mut host = StackHost(Some(ours));
    let mut up = Some(up);
    let mut on_event = |event: ClientEvent| {
        seen.borrow_mut().note(&event, &mut up);
        if let ClientEvent::Tunnel(event) = &event
            && let Some(text) = tunnel_text(event, args.verbose).filter(|_| !args.json)
        {
            bar.suspend(|| term::line(&text));
        }
    };
    let tunnel = run_client(options, &mut host, &mut controls, &mut on_event);
    let work = async {
        let settings: NetworkSettings = is_up.await.map_err(|_| "the tunnel did not come up".to_owned())?;
        let inner = settings.addresses.iter().map(IpPrefix::address).collect();
        let bytes = args.mib << 20;
        let shown =
            traffic::run(&theirs, inner, gateway, port, bytes, &control, |sent| bar.set_position(sent))
                .await?;
        // Both stacks are silent now; what is still on its way arrives.
        traffic::drain(&theirs, Duration::from_millis(200)).await.map_err(|error| error.to_string())?;
        control.send(Control::Stats).await.map_err(|error| error.to_string())?;
        control.send(Control::Stop).await.map_err(|error| error.to_string())?;
        Ok::<_, String>(shown)
    };
    let both = async {
        tokio::pin!(tunnel);
        tokio::pin!(work);
        tokio::select! {
            result = &mut tunnel => match result {
                Ok(()) => Err(Failed::task("the tunnel ended before the work was done")),
                Err(error) => Err(Failed::Task { why: error.to_string(), advice: error.advice() }),
            },
            result = &mut work => match result {
                Ok(shown) => {
                    tunnel.await.map_err(|error| Failed::Task { why: error.to_string(), advice: error.advice() })?;
                    Ok(shown)
                }
                Err(why) => Err(Failed::task(why)),
            },
        }
    };
    let patience = PATIENCE.max(Duration::from_secs(args.mib / 16));
    let ended = tokio::time::timeout(patience, both).await;
    bar.finish_and_clear();
    ended.map_err(|_| Failed::task(format!("the demo did not end within {} s", patience.as_secs())))?
}

/// A progress bar on a terminal, nothing elsewhere.
fn progress(args: &DemoArgs) -> ProgressBar {
    if args.json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(args.mib << 20);
    if let Ok(style) =
        ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}")
    {
        bar.set_style(style);
    }
    bar
}
