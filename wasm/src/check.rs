//! `check`: what is wrong with a file.

use adit_profile::check_document;
use adit_profile::json::{FileReport, Judged};
use adit_profile::rules::Options;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::failure::json;
use crate::input::Input;
use crate::options::Given;

/// Judges a file, as `adit validate` does: the object of one file in docs/validate-json.md, and `per_target` where
/// there are targets.
///
/// `options`: `targets`, `at`, `select`, `ignore`, `template`, `set`, `password`; for a text also `text` and `encoding`.
///
/// `answers`: what the platform says of signatures ([`adit_profile::cms::Asked`]).
///
/// # Errors
/// [`Failure`](crate::Failure) as JSON: the options are wrong. Or signatures have to be checked first.
#[wasm_bindgen]
pub fn check(input: Vec<u8>, options: &str, answers: &str) -> Result<String, String> {
    let mut given = Given::read(options)?;
    let mut options = given.rules()?;
    let input = Input::read_asking(input, &mut given, &mut options, answers)?;
    given.finish()?;
    Ok(report(&input, &options))
}

/// The report of a file that was read.
pub(crate) fn report(input: &Input, options: &Options) -> String {
    let report = check_document(&input.document, &input.file, options);
    let secrets = input.secrets();
    let judged =
        Judged { document: &input.document, content: input.content(), secrets: &secrets, report: &report };
    let variables = input.variables.as_ref();
    let per_target = (!options.targets.is_empty())
        .then(|| adit_profile::verdict::per_target(&input.document, &input.file, options));
    json(&FileReport { variables, per_target, ..FileReport::of(judged, Some(input.utf16_base)) })
}
