//! The functions on profiles.
//!
//! Owns nothing but their export: what each takes and gives stands in [`adit_profile::calls`], whose JSON forms
//! (docs/*-json.md) are the command line's and the web page's too. Options are an object in JSON; an empty text is an empty
//! object. What is wrong with a profile is never an error here, but stands in the result.

use adit_profile::calls;

use crate::AditError;

/// A report and the file it is about.
#[derive(Clone, Debug, uniffi::Record)]
pub struct MadeProfile {
    /// The report, in JSON.
    pub report: String,
    /// The file; empty if none was made.
    pub file: Vec<u8>,
}

/// What is wrong with a file: docs/validate-json.md. Options: `targets`, `at`, `select`, `ignore`, `template`, `set`,
/// `password`.
///
/// # Errors
/// [`AditError::Usage`]: the options are wrong.
#[uniffi::export]
pub fn validate(profile: Vec<u8>, options_json: String) -> Result<String, AditError> {
    Ok(calls::check(profile, &options_json, None)?)
}

/// What the VPNs of a profile do, in words: the form of `adit explain --json`. Options: those of `validate`, and `payload`.
///
/// # Errors
/// [`AditError::Usage`]: the options are wrong.
#[uniffi::export]
pub fn explain(profile: Vec<u8>, options_json: String) -> Result<String, AditError> {
    Ok(calls::explain(profile, &options_json, None)?)
}

/// A profile as XML, with its secrets masked unless `unmask`, and who signed it: docs/show-json.md.
///
/// # Errors
/// [`AditError::Usage`]: the options are wrong.
#[uniffi::export]
pub fn show(profile: Vec<u8>, options_json: String) -> Result<String, AditError> {
    Ok(calls::show(profile, &options_json, None)?)
}

/// A profile from a description in JSON (docs/new.md). Options: `format`, `seed`, `allow`, `targets`, `at`.
///
/// # Errors
/// [`AditError::Usage`]: the options are wrong, or the description is no JSON.
#[uniffi::export]
pub fn build(spec_json: String, options_json: String) -> Result<MadeProfile, AditError> {
    made(calls::build(spec_json.into_bytes(), &options_json)?)
}

/// A profile with its mistakes mended. Options: those of `validate`, and `safety`.
///
/// # Errors
/// [`AditError::Usage`]: the options are wrong.
#[uniffi::export]
pub fn fix(profile: Vec<u8>, options_json: String) -> Result<MadeProfile, AditError> {
    made(calls::fix(profile, &options_json)?)
}

/// A profile as declarations or as properties of Apple's API, and declarations as a profile: docs/convert.md. Options:
/// `to` (`declarations`, `profile`, `api`), `payload`, `unmask`.
///
/// # Errors
/// [`AditError::Usage`]: the options are wrong.
#[uniffi::export]
pub fn convert(profile: Vec<u8>, options_json: String) -> Result<String, AditError> {
    Ok(calls::convert(profile, &options_json)?)
}

/// Two profiles, compared by what they mean: the form of
/// `adit diff --json`. Options: `ignore_identity`.
///
/// # Errors
/// [`AditError::Usage`]: the options are wrong.
#[uniffi::export]
pub fn diff(before: Vec<u8>, after: Vec<u8>, options_json: String) -> Result<String, AditError> {
    Ok(calls::diff(before, after, &options_json)?)
}

/// What the on-demand rules of a VPN make of a network: docs/ondemand.md. The question: `network`, `payload`, `mode`.
///
/// # Errors
/// [`AditError::Usage`]: the question is wrong, or there is no VPN to ask.
#[uniffi::export]
pub fn evaluate_on_demand(profile: Vec<u8>, question_json: String) -> Result<String, AditError> {
    Ok(calls::evaluate_on_demand(profile, &question_json)?)
}

/// What a tunnel would be made from, and what the app would have to ask its user for: `plan`, `problems`, `warnings`.
/// Options: `payload`, `password`.
///
/// # Errors
/// [`AditError::Usage`]: the options are wrong.
#[uniffi::export]
pub fn plan_summary(profile: Vec<u8>, options_json: String) -> Result<String, AditError> {
    Ok(calls::plan_summary(profile, &options_json)?)
}

/// The version of Adit, such as `0.1.0`.
///
/// # Errors
/// Never.
#[uniffi::export]
pub fn version() -> Result<String, AditError> {
    Ok(env!("CARGO_PKG_VERSION").to_owned())
}

/// UniFFI takes the bytes as they are: the app wipes its own copy.
fn made(made: calls::Made) -> Result<MadeProfile, AditError> {
    Ok(MadeProfile { report: made.json.to_string(), file: made.file.to_vec() })
}
