//! `explain`, `evaluateOnDemand` and `compareWithServer`: what the VPNs of a profile do.

use crate::Profile;
use crate::compare::{self, Client};
use crate::explain;
use crate::json::{ComparisonReport, ExplainReport, OnDemandRefusal, OnDemandReport};
use crate::ondemand::{Mode, Network, Rules, decide};
use crate::report::Problems;
use crate::rules::Options;

use super::failure::{Failure, NO_VPN, NOT_READ, Problem, json};
use super::input::Input;
use super::options::Given;
use super::payload::{self, Choice};

/// Says what the VPNs of a profile do, as `adit explain --json`. `options`: those of `check`, and `payload`.
///
/// A file that is no profile gives no `vpns`, and `problem` and `not_read`.
///
/// `answers`: what the platform says of signatures ([`crate::cms::Asked`]); `None`: this build checks them.
///
/// # Errors
/// [`Failure`]: the options are wrong. Or signatures have to be checked first.
pub fn explain(input: Vec<u8>, options: &str, answers: Option<&str>) -> Result<String, Failure> {
    let mut given = Given::read(options)?;
    let mut options = given.rules()?;
    let choice = Choice::read(&mut given)?;
    let input = Input::read_asking(input, &mut given, &mut options, answers)?;
    given.finish()?;
    let (mut vpns, mut problem) = (Vec::new(), None);
    match Profile::of(&input.document) {
        None => problem = Some(NOT_READ),
        Some(profile) if profile.vpn_payloads().next().is_none() => problem = Some(NO_VPN),
        Some(profile) => {
            let chosen = choice.map(|choice| choice.find(&profile)).transpose()?;
            for payload in profile.vpn_payloads() {
                if chosen.is_none_or(|chosen| chosen.index == payload.index) {
                    vpns.extend(explain::explain(&input.document, &input.file, &profile, payload, &options));
                }
            }
        }
    }
    let not_read = problem == Some(NOT_READ);
    Ok(json(&ExplainReport { problem, not_read, ..ExplainReport::new(None, &options.targets, vpns) }))
}

/// Says what the on-demand rules of a VPN make of a network, as `adit ondemand --json`. `question`: `network` (as in the
/// answer; what is left out or null is not known), `payload`, `mode` (`profile` or `personal-vpn`), `template`, `set`.
///
/// # Errors
/// [`Failure`]: the question is wrong, or there is no VPN to ask.
pub fn evaluate_on_demand(input: Vec<u8>, question: &str) -> Result<String, Failure> {
    let mut given = Given::read(question)?;
    let choice = Choice::read(&mut given)?;
    let words = [("profile", Mode::Profile), ("personal-vpn", Mode::PersonalVpn)];
    let mode = given.word("mode", &words)?.unwrap_or(Mode::Profile);
    let network =
        given.value("network").ok_or_else(|| Failure::at("network", "say what `network` it is about"))?;
    let network = Network::of(&network).map_err(|misfit| {
        let place = misfit.path();
        Failure::at("network", if place.is_empty() { misfit.message } else { format!("{place}: {misfit}") })
    })?;
    let mut options = Options { template: given.flag("template")?, ..Options::default() };
    let input = Input::read(input, &mut given, &mut options)?;
    given.finish()?;
    let problems = input.document.problems();
    let refused = |problems: &Problems| Ok(json(&OnDemandRefusal::new(None, problems.as_slice())));
    let Some(profile) = Profile::of(&input.document).filter(|_| !problems.has_errors()) else {
        return refused(problems);
    };
    let payload = payload::one(choice.as_ref(), &profile)?;
    let payload = payload.ok_or_else(|| Failure::at("payload", NO_VPN))?;
    let mut problems = Problems::default();
    let Some(rules) = Rules::of_payload(payload, &mut problems) else { return refused(&problems) };
    let decision = decide(&rules, &network, mode);
    let asked = (&rules, &network, mode);
    Ok(json(&OnDemandReport::new(None, payload, asked, &decision, problems.as_slice())))
}

/// Says whether a VPN and a strongSwan server would agree, as `adit explain --server --json`; `server` is the text of its
/// `swanctl.conf`. `options`: `payload`, `connection`, `targets`, `template`, `set`.
///
/// Where there is nothing to compare, the result is `error`, and `not_read` where that is the file's fault.
///
/// # Errors
/// [`Failure`]: the options are wrong.
pub fn compare_with_server(input: Vec<u8>, server: &str, options: &str) -> Result<String, Failure> {
    let mut given = Given::read(options)?;
    let choice = Choice::read(&mut given)?;
    let connection = given.text("connection")?;
    let platform = given.targets()?.first().map(|target| target.platform);
    let mut options = Options { template: given.flag("template")?, ..Options::default() };
    let input = Input::read(input, &mut given, &mut options)?;
    given.finish()?;
    let Some(profile) = Profile::of(&input.document) else { return Ok(Problem::json(NOT_READ)) };
    let Some(payload) = payload::one(choice.as_ref(), &profile)? else { return Ok(Problem::json(NO_VPN)) };
    let Some(client) = Client::of(payload, platform) else {
        return Ok(Problem::json("the VPN is no IKEv2: only those can be compared with swanctl.conf"));
    };
    match compare::compare(&client, server, connection.as_deref()) {
        Ok(found) => Ok(json(&ComparisonReport::new(None, payload.index, None, &found))),
        Err(error) => Ok(Problem::json(&format!("swanctl.conf: {error}"))),
    }
}
