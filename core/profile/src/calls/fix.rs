//! `fix`: the file, mended.

use crate::Limits;
use crate::fix::{Applied, mend};
use crate::report::Safety;
use crate::source::{Format, SourceText};
use serde::Serialize;
use zeroize::Zeroizing;

use super::Made;
use super::failure::{Failure, json};
use super::input::Input;
use super::options::Given;

/// What was mended.
#[derive(Debug, Serialize)]
struct FixReport<'a> {
    applied: &'a [Applied],
    changed: bool,
    signature_lost: bool,
    text: Option<&'a str>,
}

/// Mends a file, as `adit validate --fix` does, and gives a report and the mended file.
///
/// The JSON: `applied` (`code`, `path`, `title`), `changed`, `signature_lost` (what was signed is there without the
/// signature), and `text`, the mended file as text (null for a binary one). `options`: those of `check`, and `safety`:
/// `safe` or `unsafe`.
///
/// # Errors
/// [`Failure`]: the options are wrong.
pub fn fix(input: Vec<u8>, options: &str) -> Result<Made, Failure> {
    let mut given = Given::read(options)?;
    let mut options = given.rules()?;
    let safety = given.word("safety", &[("safe", Safety::Safe), ("unsafe", Safety::Unsafe)])?;
    let input = Input::read(input, &mut given, &mut options)?;
    given.finish()?;
    let content = input.content();
    let mended = mend(content, &Limits::default(), &options, safety.unwrap_or(Safety::Safe));
    let source = SourceText::new(&mended.content);
    let report = FixReport {
        applied: &mended.applied,
        changed: mended.content != content,
        signature_lost: matches!(input.document.format(), Format::Cms { .. }),
        text: source.as_ref().map(SourceText::text),
    };
    let json = Zeroizing::new(json(&report));
    Ok(Made { json, file: Zeroizing::new(mended.content) })
}
