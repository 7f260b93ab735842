//! `fix`: the file, mended.

use crate::build::Value;
use crate::fix::{Applied, Choice, mend, mend_one};
use crate::report::Safety;
use crate::source::{Format, SourceText};
use crate::{Limits, check_document};
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
/// `safe` or `unsafe`; or `one`, the only fix to apply: the `code` and `path` of what it mends, the `number` of that among
/// those with the same code and path, and which `fix` of it, both from 0.
///
/// # Errors
/// [`Failure`]: the options are wrong, or there is no such fix.
pub fn fix(input: Vec<u8>, options: &str) -> Result<Made, Failure> {
    let mut given = Given::read(options)?;
    let mut options = given.rules()?;
    let safety = given.word("safety", &[("safe", Safety::Safe), ("unsafe", Safety::Unsafe)])?;
    let one = choice(&mut given)?;
    let input = Input::read(input, &mut given, &mut options)?;
    given.finish()?;
    let content = input.content();
    let mended = match one {
        None => mend(content, &Limits::default(), &options, safety.unwrap_or(Safety::Safe)),
        Some(one) => {
            let report = check_document(&input.document, &input.file, &options);
            mend_one(&input.document, content, &report, &one)
                .ok_or_else(|| Failure::at("one", "there is no such fix to apply"))?
        }
    };
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

/// `one`.
fn choice(given: &mut Given) -> Result<Option<Choice>, Failure> {
    let wrong =
        || Failure::at("one", "`one` has `code` and `path`, and perhaps the numbers `number` and `fix`");
    let Some(value) = given.value("one") else { return Ok(None) };
    let text = |name| match value.get(name) {
        Some(Value::String(text)) => Ok(text.to_string()),
        _ => Err(wrong()),
    };
    let number = |name| match value.get(name) {
        None => Ok(0),
        Some(Value::Integer(number)) => usize::try_from(*number).map_err(|_| wrong()),
        Some(_) => Err(wrong()),
    };
    Ok(Some(Choice {
        code: text("code")?,
        path: text("path")?,
        number: number("number")?,
        fix: number("fix")?,
    }))
}
