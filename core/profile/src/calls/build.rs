//! `build` and `specOf`: from a description to a profile, and back.

use crate::build::{self, Seed, Spec, Value, open, to_binary, to_xml};
use crate::convert::{Json, Lost};
use crate::json::{FileReport, Judged};
use crate::report::Severity;
use crate::rules::Options;
use crate::{Document, Profile, check_document};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::Made;
use super::failure::{Failure, NO_VPN, NOT_READ, json};
use super::input::Input;
use super::options::Given;
use super::payload::Choice;

/// What never refuses a profile: its secrets have to stand somewhere, and consoles write `ProviderType` twice.
const EXPECTED: [&str; 2] = ["secret.plaintext", "key.misplaced"];

/// What was built.
#[derive(Debug, Serialize)]
struct BuildReport<'a> {
    errors: Vec<SpecProblem>,
    text: Option<&'a str>,
    report: Option<FileReport<'a>>,
    refused: Vec<&'static str>,
}

/// What is wrong with a description.
#[derive(Debug, Serialize)]
struct SpecProblem {
    path: String,
    message: String,
}

/// Builds a profile from a description in JSON (docs/new.md), and gives a report and the file.
///
/// The JSON: `errors` (`path`, `message`), `text` (the profile as XML), `report` (what `check` says of it), and `refused`:
/// the codes for which `adit new` would not write it. With errors the other members and the file are empty. `options`:
/// `format` (`xml`, `binary`), `seed` (what UUIDs are made from; without it they follow from the profile's name and type),
/// `allow` (codes), `targets`, `at`.
///
/// # Errors
/// [`Failure`]: the options are wrong, or the description is no JSON.
pub fn build(spec: Vec<u8>, options: &str) -> Result<Made, Failure> {
    let spec = Zeroizing::new(spec);
    let mut given = Given::read(options)?;
    let rules = given.rules()?;
    let binary = given.word("format", &[("xml", false), ("binary", true)])?.unwrap_or(false);
    let (seed, allow) = (given.text("seed")?, given.texts("allow")?);
    given.finish()?;
    let tree = super::json::read(&spec, false).map_err(|error| {
        // A message may quote the text, and that a secret.
        let place = format!("line {}, column {}", error.line, error.column);
        Failure::at("spec", format!("the description cannot be read at {place}: it is JSON without null"))
    })?;
    let made = Spec::of(&tree)
        .map_err(|misfit| SpecProblem { path: misfit.path(), message: misfit.message })
        .and_then(|spec| make(&spec, seed.as_deref()).map(|value| (spec, value)));
    let (_, value) = match made {
        Ok(made) => made,
        Err(problem) => {
            let report = BuildReport { errors: vec![problem], text: None, report: None, refused: Vec::new() };
            return Ok(Made { json: Zeroizing::new(json(&report)), file: Zeroizing::default() });
        }
    };
    let written = |error: build::WriteError| Failure::at("spec", error.to_string());
    let text = to_xml(&value).map_err(written)?;
    let document = Document::read(text.as_bytes());
    let report = check_document(&document, text.as_bytes(), &rules);
    let mut refused: Vec<&'static str> = Vec::new();
    for found in report.diagnostics.iter().filter(|found| found.severity >= Severity::Warning) {
        let code = found.code.as_str();
        let meant = EXPECTED.contains(&code) || allow.iter().any(|allowed| allowed == code);
        if !meant && !refused.contains(&code) {
            refused.push(code);
        }
    }
    let secrets = document.secret_spans();
    let judged = Judged { document: &document, content: text.as_bytes(), secrets: &secrets, report: &report };
    let form = BuildReport {
        errors: Vec::new(),
        text: Some(&text),
        report: Some(FileReport::of(judged, Some(0))),
        refused,
    };
    let json = Zeroizing::new(json(&form));
    let file = match binary {
        true => to_binary(&value).map_err(written)?,
        false => Zeroizing::new(text.as_bytes().to_vec()),
    };
    Ok(Made { json, file })
}

/// The property list of a description.
fn make(spec: &Spec, seed: Option<&str>) -> Result<Value, SpecProblem> {
    let seed = match seed {
        Some(text) => Seed::read(text),
        None => Seed::from_text(&format!("{} {}", spec.vpn.kind().name(), spec.profile.name)),
    };
    spec.build(&seed)
        .map_err(|error| SpecProblem { path: error.field().to_owned(), message: error.to_string() })
}

/// A profile as a description.
#[derive(Debug, Serialize)]
struct SpecReport {
    #[serde(serialize_with = "tree")]
    spec: Option<Value>,
    lost: Vec<Lost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    not_read: bool,
}

fn tree<S: Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
    value.as_ref().map(Json).serialize(serializer)
}

/// The description of an existing profile, so that it opens in a form: `spec` (secrets included: it is the user's own), and
/// `lost` (`path`, `reason`), what no field of a description holds. A file of which no description can be made gives
/// `spec` null and `problem`, and `not_read` where it is no profile or a broken one. `options`: `payload`, `password`.
///
/// # Errors
/// [`Failure`]: the options are wrong.
pub fn spec_of(input: Vec<u8>, options: &str) -> Result<String, Failure> {
    let mut given = Given::read(options)?;
    let choice = Choice::read(&mut given)?;
    // A description holds PKCS#12 files closed, as the profile does.
    given.text("password")?;
    let input = Input::read(input, &mut given, &mut Options::default())?;
    given.finish()?;
    let none = |problem: &str| {
        let not_read = problem == NOT_READ;
        Ok(json(&SpecReport { spec: None, lost: Vec::new(), problem: Some(problem.to_owned()), not_read }))
    };
    let document = &input.document;
    let Some(profile) = Profile::of(document).filter(|_| !document.problems().has_errors()) else {
        return none(NOT_READ);
    };
    let payload = match &choice {
        Some(choice) => Some(choice.find(&profile)?),
        None => profile.vpn_payloads().next(),
    };
    let Some(payload) = payload else { return none(NO_VPN) };
    match open::open(document, &profile, payload) {
        Ok(opened) => Ok(json(&SpecReport {
            spec: Some(opened.spec),
            lost: opened.lost,
            problem: None,
            not_read: false,
        })),
        Err(error) => none(&error.to_string()),
    }
}
