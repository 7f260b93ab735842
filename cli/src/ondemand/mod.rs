//! `adit ondemand`: what the on-demand rules of a profile make of a network.

mod args;
mod text;

pub use args::{EXAMPLES, OnDemandArgs};

use adit_profile::json::{OnDemandRefusal, OnDemandReport};
use adit_profile::model::Payload;
use adit_profile::ondemand::{Decision, Interface, Mode, Network, Rules, decide};
use adit_profile::report::Problems;
use adit_profile::{Diagnostic, Named, Profile, Severity};

use crate::input;
use crate::outcome::Failed;
use crate::term;

use args::{InterfaceKind, YesNo};

/// How many errors are listed.
const LISTED: usize = 10;

/// An answer and what it was given for.
struct Answered<'a, 'd> {
    payload: &'a Payload<'d>,
    rules: &'a Rules,
    network: &'a Network,
    mode: Mode,
    decision: Decision,
    warnings: Vec<Diagnostic>,
}

/// Runs the command.
pub fn run(args: &OnDemandArgs) -> Result<(), Failed> {
    let network = network(args)?;
    let name = input::name(&args.profile);
    let (_bytes, document) = args.template.read(&name, input::read(&args.profile)?)?;
    if document.problems().has_errors() {
        return Err(refuse(args, &name, document.problems()));
    }
    let Some(profile) = Profile::of(&document) else {
        return Err(refuse(args, &name, document.problems()));
    };
    let payload = args.payload.vpn(&name, &profile)?;

    let mut problems = Problems::default();
    let Some(rules) = Rules::of_payload(payload, &mut problems) else {
        return Err(refuse(args, &name, &problems));
    };
    let mode = if args.api { Mode::PersonalVpn } else { Mode::Profile };
    let decision = decide(&rules, &network, mode);
    unknown_probes(args, &rules);
    let warned = |found: &Diagnostic| found.severity == Severity::Warning;
    let warnings = problems.into_vec().into_iter().filter(warned).collect();
    let answered = Answered { payload, rules: &rules, network: &network, mode, decision, warnings };
    if args.json {
        let asked = (&rules, &network, mode);
        term::json(&OnDemandReport::new(Some(&name), payload, asked, &answered.decision, &answered.warnings));
    } else {
        term::line(&text::render(&answered));
    }
    Ok(())
}

/// The network that the options describe.
fn network(args: &OnDemandArgs) -> Result<Network, Failed> {
    let interface = match (args.interface, &args.ssid) {
        (Some(kind), Some(_)) if kind != InterfaceKind::WiFi => {
            return Err(Failed::usage("--ssid goes with --interface wifi: no other interface has one"));
        }
        (Some(kind), _) => kind.into(),
        // Clap takes neither only with the other.
        (None, _) => Interface::WiFi,
    };
    let mut probes = Named::new();
    for probe in &args.probes {
        if probes.insert(probe.url.clone(), probe.result).is_some_and(|earlier| earlier != probe.result) {
            return Err(Failed::usage("--probe gives two answers for one URL"));
        }
    }
    Ok(Network {
        interface,
        ssid: args.ssid.clone(),
        search_domains: args.dns_domains.clone(),
        dns_servers: args.dns_servers.clone(),
        probes,
        host: args.host.clone(),
        host_resolves: args.resolves.map(|answer| answer == YesNo::Yes),
        required_dns: args.required_dns.map(Into::into),
        tunnel: args.tunnel.into(),
        user_override: args.user_override,
    })
}

/// A URL that no rule asks for is most likely misspelt.
fn unknown_probes(args: &OnDemandArgs, rules: &Rules) {
    let known = rules.probe_urls();
    for probe in args.probes.iter().filter(|probe| !known.contains(&probe.url.as_str())) {
        term::warn(&format!(
            "no rule probes {}; it must be spelled as in the profile",
            term::printable(&probe.url)
        ));
    }
}

/// The profile keeps the question from being answered: says why, each in a line.
fn refuse(args: &OnDemandArgs, name: &str, problems: &Problems) -> Failed {
    let errors = problems.as_slice().iter().filter(|found| found.severity == Severity::Error);
    if args.json {
        term::json(&OnDemandRefusal::new(Some(name), problems.as_slice()));
        return Failed::Said;
    }
    let more = errors.clone().count().saturating_sub(LISTED);
    let mut lines: Vec<String> = errors
        .take(LISTED)
        .map(|found| {
            let help = found.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
            let place = if found.path.is_empty() { String::new() } else { format!("{}: ", found.path) };
            format!("  {place}{}{help} [{}]", found.message, found.code)
        })
        .collect();
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    let why = format!("errors in {name} keep it from being decided:\n{}", lines.join("\n"));
    Failed::Task { why, advice: format!("`adit validate {name}` shows where they stand") }
}
