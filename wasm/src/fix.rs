//! `fix`: the file, mended.

use adit_profile::Limits;
use adit_profile::fix::{Applied, mend};
use adit_profile::report::Safety;
use adit_profile::source::{Format, SourceText};
use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::failure::json;
use crate::input::Input;
use crate::options::Given;

/// What was mended.
#[derive(Debug, Serialize)]
struct FixReport<'a> {
    applied: &'a [Applied],
    changed: bool,
    signature_lost: bool,
    text: Option<&'a str>,
}

/// Mends a file, as `adit validate --fix` does, and gives JSON and the mended file in one: the length of the
/// JSON as a 32-bit little-endian number, the JSON, the file.
///
/// The JSON: `applied` (`code`, `path`, `title`), `changed`, `signature_lost` (what was signed is there without the
/// signature), and `text`, the mended file as text (null for a binary one). `options`: those of `check`, and `safety`:
/// `safe` or `unsafe`.
///
/// # Errors
/// [`crate::Failure`] as JSON: the options are wrong.
#[wasm_bindgen]
pub fn fix(input: Vec<u8>, options: &str) -> Result<Vec<u8>, String> {
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
    Ok(packed(&json(&report), &mended.content))
}

/// JSON and bytes in one: the length of the JSON as four bytes, the lowest first, the JSON, the bytes.
pub(crate) fn packed(json: &str, bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(json.len()).unwrap_or_default();
    let mut packed = Vec::with_capacity(4 + json.len() + bytes.len());
    packed.extend(length.to_le_bytes());
    packed.extend_from_slice(json.as_bytes());
    packed.extend_from_slice(bytes);
    packed
}
