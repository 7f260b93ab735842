//! `check`: what is wrong with a file.

use crate::certificate::payload;
use crate::check_document;
use crate::json::{FileReport, Judged};
use crate::model::Profile;
use crate::rules::Options;

use super::failure::{Failure, json};
use super::input::Input;
use super::options::Given;

/// Judges a file, as `adit validate` does: the object of one file in docs/validate-json.md, `per_target` where there are
/// targets, and where a password was given `locked` and `unopened`: the key paths of the PKCS#12 files that do not say theirs
/// and that it does not open, and of those that give no identity for another reason, as far as it can be told.
///
/// `options`: `targets`, `at`, `select`, `ignore`, `template`, `set`, `password`; for a text also `text` and `encoding`.
///
/// `answers`: what the platform says of signatures ([`crate::cms::Asked`]); `None`: this build checks them.
///
/// # Errors
/// [`Failure`]: the options are wrong. Or signatures have to be checked first.
pub fn check(input: Vec<u8>, options: &str, answers: Option<&str>) -> Result<String, Failure> {
    let mut given = Given::read(options)?;
    let mut options = given.rules()?;
    let input = Input::read_asking(input, &mut given, &mut options, answers)?;
    given.finish()?;
    Ok(report(&input, &options))
}

/// The report of a file that was read.
pub(super) fn report(input: &Input, options: &Options) -> String {
    let report = check_document(&input.document, &input.file, options);
    let secrets = input.secrets();
    let judged =
        Judged { document: &input.document, content: input.content(), secrets: &secrets, report: &report };
    let variables = input.variables.as_ref();
    let per_target = (!options.targets.is_empty())
        .then(|| crate::verdict::per_target(&input.document, &input.file, options, &report));
    let shut = options.password.as_ref().map(|typed| {
        Profile::of(&input.document).map_or_else(Default::default, |profile| payload::shut(&profile, typed))
    });
    let (locked, unopened) = shut.unzip();
    let of_all = FileReport::of(judged, Some(input.utf16_base));
    json(&FileReport { variables, per_target, locked, unopened, ..of_all })
}
