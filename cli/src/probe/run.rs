//! The course of a probe: read the profile, ask for each proposal ([`super::init`]), log in ([`super::session`]), judge
//! ([`super::conclusion`]).

use std::net::SocketAddr;
use std::time::Duration;

use adit_crypto::{CryptoProvider, Secret};
use adit_ike::Failure;
use adit_ike::config::InitiatorConfig;
use adit_profile::explain::{Proposal, Proposals};
use adit_profile::ikev2::{
    Associations, Authentication as ProfileAuthentication, Choice, Which, requirements,
};
use adit_profile::model::Section;
use adit_profile::{Profile, Severity};
use adit_tunnel::plan::{PlanInputs, plan};

use super::ProbeArgs;
use super::report::{Asked, Authentication, Observation, Report, Verdict};
use super::wire::Wire;
use crate::outcome::Failed;
use crate::term::printable;

/// Addresses of a name that are tried until one answers.
const ADDRESSES: usize = 4;

/// Runs the probe.
pub fn probe(args: &ProbeArgs) -> Result<Report, Failed> {
    let name = crate::input::name(&args.profile);
    let (_bytes, document) = args.template.read(&name, crate::input::read(&args.profile)?)?;
    let profile = Profile::of(&document).ok_or_else(|| {
        Failed::usage(format!("{name} cannot be understood: `adit validate {name}` says why"))
    })?;
    let payload = args.payload.vpn(&name, &profile).map_err(|failed| match failed {
        // A profile without a VPN is none that a server can be compared with.
        Failed::Task { why, .. } => Failed::Usage(why),
        other => other,
    })?;
    if !payload.is_ikev2() {
        let title = crate::choice::title(payload);
        return Err(Failed::usage(format!("{title} is no IKEv2 VPN: only IKEv2 servers can be probed")));
    }
    let settings = payload
        .settings()
        .ok_or_else(|| Failed::usage(format!("{name} has no IKEv2 dictionary: `adit validate {name}`")))?;
    if settings.is_placeholder("RemoteAddress") {
        return Err(Failed::usage(format!(
            "RemoteAddress in {name} still holds the placeholder of a template: fill it in with --set NAME=VALUE"
        )));
    }
    let host = settings.str("RemoteAddress").map(|found| found.value).filter(|host| !host.is_empty());
    let host =
        host.ok_or_else(|| Failed::usage(format!("{name} names no server: RemoteAddress is missing")))?;
    let (login, no_login) = match login(args, &profile, payload.index) {
        Ok(login) => (Some(login), String::new()),
        Err(reason) => (None, reason),
    };
    let mut probe = Probe {
        provider: adit_crypto::default_provider(),
        patience: Duration::from_secs(args.timeout),
        report: begin(&name, payload.index, host, &settings),
        ppk: settings.has("PPK"),
        wire: None,
        half_open: 0,
        refusals: Vec::new(),
    };
    let proposals = Proposals::of(&Associations::of(&settings, None));
    probe.ask_all(&proposals, &addresses(host, args.port)?, args.natt_port)?;
    probe.report.child = proposals.child.iter().zip(1..).map(|(one, number)| waiting(one, number)).collect();
    match login {
        Some(login) => probe.log_in(&proposals, &login)?,
        None => probe.report.authentication.detail = no_login,
    }
    Ok(probe.judged())
}

fn begin(name: &str, payload: usize, host: &str, settings: &Section<'_>) -> Report {
    let mut post_quantum = Vec::new();
    if settings.has("PPK") {
        post_quantum.push(
            "the profile has a pre-shared post-quantum key (PPK): whether the server knows this one is not observed, \
             since this engine has no PPK"
                .to_owned(),
        );
    }
    Report {
        version: 1,
        file: name.to_owned(),
        payload,
        server: printable(host),
        address: None,
        agree: false,
        answered: false,
        ike: Vec::new(),
        child: Vec::new(),
        support: None,
        authentication: Authentication {
            result: Observation::NotObserved,
            detail: String::new(),
            server_identity: None,
            server_proof: None,
        },
        certificate: None,
        mobike: Observation::NotObserved,
        post_quantum,
        not_observed: Vec::new(),
        not_tested: Vec::new(),
        advice: Vec::new(),
        left_behind: Vec::new(),
    }
}

/// What to log in with, or why it cannot be.
fn login(args: &ProbeArgs, profile: &Profile<'_>, payload: usize) -> Result<InitiatorConfig, String> {
    if args.no_login {
        return Err("--no-login was given".into());
    }
    let which = Which { payload: Choice::Index(payload), ..Which::default() };
    let settings = requirements(profile, which).map_err(|diagnostics| {
        let errors = diagnostics.iter().filter(|found| found.severity == Severity::Error);
        let reasons: Vec<String> = errors.map(|found| found.message.clone()).collect();
        format!("this engine cannot log in with this profile: {}", reasons.join("; "))
    })?;
    if let ProfileAuthentication::Eap(eap) = &settings.authentication {
        if args.username.is_none() && eap.name.is_none() {
            return Err(
                "the profile gives no user name (AuthName): give --username and --password-file".into()
            );
        }
        if args.password_file.is_none() && eap.password.is_none() {
            return Err("the profile gives no password (AuthPassword): give --password-file".into());
        }
    }
    let password = match &args.password_file {
        Some(file) => {
            let text = adit_driver::terminal::read_password_file(file).map_err(|error| error.to_string())?;
            Some(Secret::from(text.as_bytes()))
        }
        None => None,
    };
    let system_anchors = if settings.server.anchors.is_empty() {
        adit_driver::trust::system_anchors().unwrap_or_default()
    } else {
        Vec::new()
    };
    let inputs =
        PlanInputs { username: args.username.clone(), password, system_anchors, ..PlanInputs::default() };
    let planned =
        plan(&settings, &inputs, &adit_crypto::default_provider()).map_err(|error| error.to_string())?;
    Ok((*planned.ike).clone())
}

fn addresses(host: &str, port: u16) -> Result<Vec<SocketAddr>, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::task(format!("cannot start: {error}")))?;
    let found = runtime.block_on(adit_driver::resolve::resolve(host, port, Duration::from_secs(10)));
    let mut found = found.map_err(|error| Failed::Task {
        why: error.to_string(),
        advice: "Check RemoteAddress in the profile, and the name servers of this network.".into(),
    })?;
    found.truncate(ADDRESSES);
    Ok(found)
}

/// A probe and what it has found so far.
pub(super) struct Probe {
    pub(super) provider: CryptoProvider,
    pub(super) patience: Duration,
    pub(super) report: Report,
    pub(super) ppk: bool,
    /// Towards the address that answered.
    pub(super) wire: Option<Wire>,
    pub(super) half_open: usize,
    pub(super) refusals: Vec<Failure>,
}

impl Probe {
    pub(super) fn advise(&mut self, text: &str) {
        if !text.is_empty() && !self.report.advice.iter().any(|said| said == text) {
            self.report.advice.push(text.to_owned());
        }
    }
}

/// A proposal that was not asked about yet.
pub(super) fn waiting(proposal: &Proposal, number: usize) -> Asked {
    Asked {
        number,
        transforms: proposal.transforms.clone(),
        text: proposal.describe(),
        verdict: Verdict::NotObserved,
        rekey: None,
        detail: None,
    }
}

/// The network does not even take what is sent.
pub(super) fn cannot(error: std::io::Error) -> Failed {
    Failed::Task {
        why: format!("cannot send to the server: {error}"),
        advice: "Check that this machine has a network, and a route to RemoteAddress.".into(),
    }
}
