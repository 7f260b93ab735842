//! `planSummary`: what a connection would be made from, before there is one.

use serde::Serialize;
use zeroize::Zeroizing;

use crate::gather::Gather as _;
use crate::ikev2::{Authentication, Choice, Flags, Which, requirements};
use crate::report::{Diagnostic, Severity};
use crate::{Document, Profile, SecretText};

use super::failure::{Failure, json};
use super::options::Given;
use super::payload;

/// What a connection would be made from; without `problems` the profile can be connected with.
#[derive(Debug, Default, Serialize)]
struct PlanForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<Plan>,
    problems: Vec<Said>,
    warnings: Vec<Said>,
}

#[derive(Debug, Serialize)]
struct Plan {
    name: Option<String>,
    payload: usize,
    server: String,
    local_identifier: Option<String>,
    remote_identifier: String,
    authentication: &'static str,
    username: Option<String>,
    needs: Needs,
    mtu: u16,
    dead_peer_detection_seconds: Option<u32>,
    nat_keepalive_seconds: u32,
    ike_lifetime_minutes: u32,
    child_lifetime_minutes: u32,
    flags: Flags,
}

/// What the profile leaves to the user and the system.
#[derive(Debug, Serialize)]
struct Needs {
    username: bool,
    password: bool,
    anchors: bool,
}

#[derive(Debug, Serialize)]
struct Said {
    code: &'static str,
    path: String,
    message: String,
    help: Option<String>,
}

impl From<&Diagnostic> for Said {
    fn from(found: &Diagnostic) -> Self {
        Self {
            code: found.code.as_str(),
            path: found.path.to_string(),
            message: found.message.clone(),
            help: found.help.as_ref().map(ToString::to_string),
        }
    }
}

/// Says what an app's connection with the profile would be made from, and what it would still ask for: `plan` (without where there
/// can be none), `problems` and `warnings` (`code`, `path`, `message`, `help`). `options`: `payload`, `password` (of the
/// PKCS#12 file).
///
/// # Errors
/// [`Failure`]: the options are wrong.
pub fn plan_summary(input: Vec<u8>, options: &str) -> Result<String, Failure> {
    let input = Zeroizing::new(input);
    let mut given = Given::read(options)?;
    let choice = payload::Choice::read(&mut given)?;
    let password = given.text("password")?.filter(|text| !text.is_empty()).map(SecretText::new);
    given.finish()?;
    let document = Document::read(&input);
    let said = |found: &[Diagnostic], severity| {
        found.iter().filter(|found| found.severity == severity).map(Said::from).gather()
    };
    let refused = |found: &[Diagnostic]| {
        json(&PlanForm {
            problems: said(found, Severity::Error),
            warnings: said(found, Severity::Warning),
            ..PlanForm::default()
        })
    };
    let problems = document.problems();
    let Some(profile) = Profile::of(&document).filter(|_| !problems.has_errors()) else {
        return Ok(refused(problems.as_slice()));
    };
    let payload = match &choice {
        Some(payload::Choice::Place(place)) => Choice::Index(usize::try_from(*place).unwrap_or(usize::MAX)),
        Some(payload::Choice::Uuid(uuid)) => Choice::Uuid(uuid),
        None => Choice::Only,
    };
    let for_app = true;
    let which = Which { payload, pkcs12_password: password.as_ref(), for_app, ..Which::default() };
    let settings = match requirements(&profile, which) {
        Ok(settings) => settings,
        Err(found) => return Ok(refused(&found)),
    };
    let shared = matches!(settings.authentication, Authentication::SharedSecret(_));
    let (authentication, username, no_password) = match &settings.authentication {
        Authentication::SharedSecret(_) => ("shared-secret", None, false),
        Authentication::Certificate(_) | Authentication::CertificateAtHost => ("certificate", None, false),
        Authentication::Eap(eap) => ("eap", eap.name.clone(), eap.password.is_none()),
    };
    let needs = Needs {
        username: authentication == "eap" && username.is_none(),
        password: no_password,
        anchors: !shared && settings.server.anchors.is_empty(),
    };
    let plan = Plan {
        name: settings.name,
        payload: settings.payload_index,
        server: settings.remote_address,
        local_identifier: settings.local_identifier,
        remote_identifier: settings.remote_identifier,
        authentication,
        username,
        needs,
        mtu: settings.mtu,
        dead_peer_detection_seconds: settings.dead_peer_detection_seconds,
        nat_keepalive_seconds: settings.nat_keepalive_seconds,
        ike_lifetime_minutes: settings.ike_lifetime_minutes,
        child_lifetime_minutes: settings.child_lifetime_minutes,
        flags: settings.flags,
    };
    let warnings = settings.warnings.iter().map(Said::from).gather();
    Ok(json(&PlanForm { plan: Some(plan), warnings, ..PlanForm::default() }))
}
