//! The course of a probe: read the profile, ask for each proposal, log in, judge.

use std::net::SocketAddr;
use std::time::Duration;

use adit_crypto::{CryptoProvider, Secret};
use adit_ike::Failure;
use adit_ike::config::{InitiatorConfig, LocalAuth, RemoteAuth};
use adit_ike::probe::{Question, SaInitAnswer};
use adit_profile::explain::{Proposal, Proposals};
use adit_profile::ikev2::{
    Associations, Authentication as ProfileAuthentication, Choice, Which, requirements,
};
use adit_profile::model::Section;
use adit_profile::{Document, Profile, Severity};
use adit_tunnel::plan::{PlanInputs, plan};

use super::ProbeArgs;
use super::offers;
use super::report::{
    Asked, Authentication, CertificateVerdict, Observation, Report, Support, Verdict, is_about_child,
};
use super::wire::{Seen, Server, Wire};
use crate::outcome::Failed;
use crate::term::printable;

/// Addresses of a name that are tried until one answers.
const ADDRESSES: usize = 4;

/// Runs the probe.
pub fn probe(args: &ProbeArgs) -> Result<Report, Failed> {
    let name = crate::input::name(&args.profile);
    let input = crate::input::read(&args.profile)?;
    let document = Document::read(&input);
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

struct Probe {
    provider: CryptoProvider,
    patience: Duration,
    report: Report,
    ppk: bool,
    /// Towards the address that answered.
    wire: Option<Wire>,
    half_open: usize,
    refusals: Vec<Failure>,
}

impl Probe {
    /// One IKE_SA_INIT for each proposal.
    fn ask_all(
        &mut self,
        proposals: &Proposals,
        addresses: &[SocketAddr],
        natt_port: u16,
    ) -> Result<(), Failed> {
        let mut silent = false;
        for (proposal, number) in proposals.ike.iter().zip(1..) {
            let mut asked = waiting(proposal, number);
            match offers::ike(proposal, &self.provider) {
                Err(missing) => {
                    asked.verdict = Verdict::NotTested;
                    asked.detail = Some(format!("this engine lacks {missing}"));
                    self.report
                        .not_tested
                        .push(format!("IKE SA, proposal {number}: this engine lacks {missing}"));
                }
                Ok(_) if silent => asked.detail = Some("not asked, since nothing answered before".into()),
                Ok(offer) => {
                    let question = Question {
                        proposal: offer.proposal,
                        additional: offer.additional,
                        ppk: self.ppk,
                        patience: self.patience,
                    };
                    silent = !self.ask(&question, &mut asked, addresses, natt_port)? && !self.report.answered;
                }
            }
            self.report.ike.push(asked);
        }
        Ok(())
    }

    /// Asks one question of the address that answered before, else of each in turn; false if none answers.
    fn ask(
        &mut self,
        question: &Question,
        asked: &mut Asked,
        addresses: &[SocketAddr],
        natt_port: u16,
    ) -> Result<bool, Failed> {
        if let Some(wire) = self.wire.take() {
            let answer = wire.ask(question.clone()).map_err(cannot)?;
            self.wire = Some(wire);
            return Ok(self.note(question, asked, answer.result));
        }
        let mut last = None;
        for address in addresses {
            let wire = Wire::new(Server { ike: *address, natt_port }, self.patience);
            match wire.ask(question.clone()) {
                Ok(answer) if matches!(answer.result, Err(Failure::NoAnswer { .. })) => {
                    if answer.port_closed {
                        self.advise(&format!(
                            "{address} says that nothing listens on this UDP port: start the IKE service there, or give \
                             the right --port."
                        ));
                    }
                    last = Some(answer.result);
                }
                Ok(answer) => {
                    self.wire = Some(wire);
                    self.report.address = Some(address.to_string());
                    self.report.answered = true;
                    return Ok(self.note(question, asked, answer.result));
                }
                // No route in this family, for instance: another address may do.
                Err(error) if addresses.len() > 1 => self.advise(&format!("{address}: {error}")),
                Err(error) => return Err(cannot(error)),
            }
        }
        self.report.address = addresses.first().map(ToString::to_string);
        let silent = Failure::NoAnswer { tries: 0, waited: Duration::ZERO };
        Ok(self.note(question, asked, last.unwrap_or(Err(silent))))
    }

    /// Writes an answer down; false if it is none.
    fn note(
        &mut self,
        question: &Question,
        asked: &mut Asked,
        result: Result<SaInitAnswer, Failure>,
    ) -> bool {
        match result {
            Ok(answer) => {
                self.half_open += 1;
                asked.verdict = Verdict::Taken;
                let wants = question.additional.iter().any(|method| *method != 0);
                if self.report.support.is_none() || wants {
                    self.report.support = Some(Support::of(&answer.support, (wants, self.ppk)));
                }
                if wants {
                    self.note_additional(asked, &answer);
                }
                if !answer.support.nat_traversal {
                    self.advise("The server takes no part in NAT detection: turn NAT traversal on there.");
                }
                true
            }
            Err(failure) => {
                let silent = matches!(failure, Failure::NoAnswer { .. });
                asked.verdict = if silent { Verdict::NoAnswer } else { Verdict::Refused };
                asked.detail = Some(if silent && self.report.answered {
                    "no answer, though the server answered before: it may limit how many handshakes one address begins"
                        .into()
                } else {
                    failure.to_string()
                });
                self.refusals.push(failure);
                !silent
            }
        }
    }

    fn note_additional(&mut self, asked: &mut Asked, answer: &SaInitAnswer) {
        let chosen: Vec<String> = answer
            .additional
            .iter()
            .map(|one| format!("additional key exchange {}: {}", one.place, adit_crypto::DhGroup(one.method)))
            .collect();
        let detail = if answer.support.intermediate {
            format!("the server chose {}; the exchange itself was not run", chosen.join(", "))
        } else {
            format!(
                "the server chose {}, but announces no IKE_INTERMEDIATE to run it in (RFC 9242)",
                chosen.join(", ")
            )
        };
        if !answer.support.intermediate {
            asked.verdict = Verdict::Refused;
        }
        self.report.post_quantum.push(format!("proposal {}: {detail}", asked.number));
        asked.detail = Some(detail);
    }

    /// One session for each proposal of the Child SA, until one shows that more are of no use.
    fn log_in(&mut self, proposals: &Proposals, login: &InitiatorConfig) -> Result<(), Failed> {
        let taken =
            proposals.ike.iter().zip(&self.report.ike).filter(|(_, asked)| asked.verdict == Verdict::Taken);
        let plain = taken.filter_map(|(proposal, _)| offers::ike(proposal, &self.provider).ok());
        let usable: Vec<_> = plain
            .filter(|offer| offer.additional.iter().all(|method| *method == 0))
            .map(|offer| offer.proposal)
            .collect();
        let Some(wire) = self.wire.take() else {
            self.report.authentication.detail = "the server did not answer".into();
            return Ok(());
        };
        if usable.is_empty() {
            self.report.authentication.detail = if self
                .report
                .ike
                .iter()
                .any(|one| one.verdict == Verdict::Taken)
            {
                "the server takes only proposals with additional key exchanges, which this engine cannot run"
                    .into()
            } else {
                "the server takes no proposal for the IKE SA that this engine can go on with".into()
            };
            return Ok(());
        }
        for (place, proposal) in proposals.child.iter().enumerate() {
            let offer = match offers::child(proposal, &self.provider) {
                Ok(offer) => offer,
                Err(missing) => {
                    let number = place + 1;
                    let text = format!("this engine lacks {missing}");
                    self.report.not_tested.push(format!("Child SA, proposal {number}: {text}"));
                    self.child(place, Verdict::NotTested, None, Some(text));
                    continue;
                }
            };
            let mut config = login.clone();
            config.common.ike_proposals = usable.clone();
            config.common.child.proposals = vec![offer];
            let seen = wire.authenticate(config).map_err(cannot)?;
            if !self.note_session(place, &seen, login) {
                break;
            }
        }
        Ok(())
    }

    fn child(&mut self, place: usize, verdict: Verdict, rekey: Option<Verdict>, detail: Option<String>) {
        if let Some(asked) = self.report.child.get_mut(place) {
            (asked.verdict, asked.rekey, asked.detail) = (verdict, rekey, detail);
        }
    }

    /// Writes down what a session showed; false if others would show no more.
    fn note_session(&mut self, place: usize, seen: &Seen, login: &InitiatorConfig) -> bool {
        let method = match &login.local_auth {
            LocalAuth::SharedKey(_) => "the pre-shared key",
            LocalAuth::Certificate(_) => "the profile's certificate",
            LocalAuth::Eap { .. } => "EAP with user name and password",
        };
        let by_certificate = matches!(login.remote_auth, RemoteAuth::Certificate(_));
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let now = now.map_or(0, |unix| unix.as_secs());
        if self.report.certificate.is_none() {
            self.report.certificate = CertificateVerdict::of(seen, by_certificate, now);
        }
        // Only a server that proved itself, and took our proof, answers as far as this.
        let believed = seen.mobike.is_some();
        if let Some((identity, _)) = &seen.server {
            self.report.authentication.server_identity = Some(identity.clone());
        }
        if self.report.authentication.result != Observation::Yes {
            self.report.authentication.result = Some(believed).into();
            self.report.authentication.detail = format!("IKE_AUTH with {method}, as {}", login.local_id);
        }
        if let Some(known) = seen.mobike {
            self.report.mobike = Some(known).into();
        }
        if let Some(established) = &seen.established {
            self.report.authentication.server_proof = Some(established.peer_authentication.clone());
            if !seen.deleted {
                let text =
                    "a deletion that the server did not confirm: it ends the connection by itself later";
                self.report.left_behind.push(text.into());
            }
        }
        match (&seen.child, &seen.failure) {
            (Some(suite), failure) => {
                let (rekey, said) = match &seen.rekeyed {
                    Some(Ok(_)) => (Verdict::Taken, None),
                    Some(Err(refusal)) => (Verdict::Refused, Some(refusal.clone())),
                    None => (Verdict::NotObserved, failure.as_ref().map(ToString::to_string)),
                };
                if rekey == Verdict::Refused {
                    self.advise(
                        "The tunnel comes up, but the Child SA cannot be rekeyed, so that it ends with its lifetime: make \
                         EnablePFS and DiffieHellmanGroup of ChildSecurityAssociationParameters agree with the server's \
                         groups for ESP (strongSwan: esp_proposals).",
                    );
                }
                let detail = said.map_or_else(|| suite.clone(), |said| format!("{suite}; its rekey: {said}"));
                self.child(place, Verdict::Taken, Some(rekey), Some(detail));
                true
            }
            (None, Some(failure)) => {
                let about_child = is_about_child(failure);
                self.refusals.push(failure.clone());
                if about_child || believed {
                    self.child(place, Verdict::Refused, None, Some(failure.to_string()));
                } else {
                    let detail = format!("{}: {failure}", self.report.authentication.detail);
                    self.report.authentication.detail = detail;
                }
                about_child
            }
            (None, None) => {
                self.child(
                    place,
                    Verdict::NotObserved,
                    None,
                    Some("the handshake did not end in time".into()),
                );
                false
            }
        }
    }

    fn advise(&mut self, text: &str) {
        if !text.is_empty() && !self.report.advice.iter().any(|said| said == text) {
            self.report.advice.push(text.to_owned());
        }
    }

    /// Draws the conclusions.
    fn judged(mut self) -> Report {
        let any = |asked: &[Asked], verdict| asked.iter().any(|one| one.verdict == verdict);
        let ike = any(&self.report.ike, Verdict::Taken);
        let child = self
            .report
            .child
            .iter()
            .any(|one| one.verdict == Verdict::Taken && one.rekey != Some(Verdict::Refused));
        self.report.agree = match self.report.authentication.result {
            Observation::Yes => ike && child,
            Observation::No => false,
            Observation::NotObserved => ike,
        };
        if !self.report.agree {
            for failure in std::mem::take(&mut self.refusals) {
                let known = matches!(failure, Failure::NoProposalChosen { .. }) && ike && child;
                if !known {
                    self.advise(&failure.advice());
                }
            }
            if !ike && self.report.ike.iter().all(|one| one.verdict == Verdict::NotTested) {
                self.advise("Nothing could be asked: this engine has none of the profile's proposals. Ask another client.");
            }
        }
        self.not_observed();
        if self.half_open > 0 {
            self.report.left_behind.push(format!(
                "{} half-open IKE SA{} at the server, which forgets {} by itself (strongSwan: after 30 s)",
                self.half_open,
                if self.half_open == 1 { "" } else { "s" },
                if self.half_open == 1 { "it" } else { "them" },
            ));
        }
        self.report
    }

    fn not_observed(&mut self) {
        let mut list = Vec::new();
        let report = &self.report;
        if report.authentication.result == Observation::NotObserved {
            let why = &report.authentication.detail;
            list.push(format!("who the server is, its certificate, the Child SA and MOBIKE: {why}"));
        } else {
            if report.mobike == Observation::NotObserved {
                list.push("MOBIKE: IKE_AUTH did not end well".into());
            }
            if report.child.iter().any(|one| one.verdict == Verdict::NotObserved) {
                list.push("some or all proposals of the Child SA: IKE_AUTH did not get so far".into());
            }
        }
        if report.support.is_none() {
            list.push("NAT, fragmentation and signature hashes: the server took no proposal".into());
        }
        if report.support.as_ref().is_some_and(|support| support.intermediate == Observation::NotObserved) {
            list.push("additional key exchanges (post-quantum): the profile offers none".into());
        }
        self.report.not_observed = list;
    }
}

fn waiting(proposal: &Proposal, number: usize) -> Asked {
    Asked {
        number,
        transforms: proposal.transforms.clone(),
        text: proposal.describe(),
        verdict: Verdict::NotObserved,
        rekey: None,
        detail: None,
    }
}

fn cannot(error: std::io::Error) -> Failed {
    Failed::Task {
        why: format!("cannot send to the server: {error}"),
        advice: "Check that this machine has a network, and a route to RemoteAddress.".into(),
    }
}
