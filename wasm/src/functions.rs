//! The functions, exported.

use adit_profile::calls::{self, Made};
use wasm_bindgen::prelude::wasm_bindgen;

/// JSON and bytes in one: the length of the JSON as four bytes, the lowest first, the JSON, the bytes.
fn packed(made: &Made) -> Vec<u8> {
    let length = u32::try_from(made.json.len()).unwrap_or_default();
    let mut packed = Vec::with_capacity(4 + made.json.len() + made.file.len());
    packed.extend(length.to_le_bytes());
    packed.extend_from_slice(made.json.as_bytes());
    packed.extend_from_slice(&made.file);
    packed
}

/// What is wrong with a file: [`calls::check`].
///
/// # Errors
/// [`calls::Failure`] as JSON.
#[wasm_bindgen]
pub fn check(input: Vec<u8>, options: &str, answers: &str) -> Result<String, String> {
    calls::check(input, options, Some(answers)).map_err(String::from)
}

/// What the VPNs of a profile do: [`calls::explain`].
///
/// # Errors
/// [`calls::Failure`] as JSON.
#[wasm_bindgen]
pub fn explain(input: Vec<u8>, options: &str, answers: &str) -> Result<String, String> {
    calls::explain(input, options, Some(answers)).map_err(String::from)
}

/// What the on-demand rules make of a network: [`calls::evaluate_on_demand`].
///
/// # Errors
/// [`calls::Failure`] as JSON.
#[wasm_bindgen(js_name = evaluateOnDemand)]
pub fn evaluate_on_demand(input: Vec<u8>, question: &str) -> Result<String, String> {
    calls::evaluate_on_demand(input, question).map_err(String::from)
}

/// Whether a strongSwan server would agree: [`calls::compare_with_server`].
///
/// # Errors
/// [`calls::Failure`] as JSON.
#[wasm_bindgen(js_name = compareWithServer)]
pub fn compare_with_server(input: Vec<u8>, server: &str, options: &str) -> Result<String, String> {
    calls::compare_with_server(input, server, options).map_err(String::from)
}

/// A profile from a description: [`calls::build`], as JSON and the file in one: the length of the JSON as a 32-bit
/// little-endian number, the JSON, the file.
///
/// # Errors
/// [`calls::Failure`] as JSON.
#[wasm_bindgen]
pub fn build(spec: Vec<u8>, options: &str) -> Result<Vec<u8>, String> {
    calls::build(spec, options).map(|made| packed(&made)).map_err(String::from)
}

/// A description from a profile: [`calls::spec_of`].
///
/// # Errors
/// [`calls::Failure`] as JSON.
#[wasm_bindgen(js_name = specOf)]
pub fn spec_of(input: Vec<u8>, options: &str) -> Result<String, String> {
    calls::spec_of(input, options).map_err(String::from)
}

/// The file, mended: [`calls::fix`], in the form of [`build`].
///
/// # Errors
/// [`calls::Failure`] as JSON.
#[wasm_bindgen]
pub fn fix(input: Vec<u8>, options: &str) -> Result<Vec<u8>, String> {
    calls::fix(input, options).map(|made| packed(&made)).map_err(String::from)
}

/// A profile in other words: [`calls::convert`].
///
/// # Errors
/// [`calls::Failure`] as JSON.
#[wasm_bindgen]
pub fn convert(input: Vec<u8>, options: &str) -> Result<String, String> {
    calls::convert(input, options).map_err(String::from)
}

/// Two profiles compared: [`calls::diff`].
///
/// # Errors
/// [`calls::Failure`] as JSON.
#[wasm_bindgen]
pub fn diff(before: Vec<u8>, after: Vec<u8>, options: &str) -> Result<String, String> {
    calls::diff(before, after, options).map_err(String::from)
}

/// The XML that is shown and edited: [`calls::open`].
///
/// # Errors
/// [`calls::Failure`] as JSON.
#[wasm_bindgen]
pub fn open(input: Vec<u8>, options: &str, answers: &str) -> Result<String, String> {
    calls::open(input, options, Some(answers)).map_err(String::from)
}

/// A text as a file: [`calls::encode`].
///
/// # Errors
/// [`calls::Failure`] as JSON.
#[wasm_bindgen]
pub fn encode(text: Vec<u8>, form: &str, options: &str) -> Result<Vec<u8>, String> {
    calls::encode(text, form, options).map_err(String::from)
}

/// Every rule: [`calls::rules`].
#[wasm_bindgen]
#[must_use]
pub fn rules() -> String {
    calls::rules()
}

/// What can be built, and for which systems: [`calls::schema`].
#[wasm_bindgen]
#[must_use]
pub fn schema() -> String {
    calls::schema()
}
