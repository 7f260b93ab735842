//! `convert` and `diff`: a profile in other words, and two compared.

use crate::Profile;
use crate::build::{Value, to_xml};
use crate::convert::api::export;
use crate::convert::{to_declarations, to_profile};
use crate::diff::{self, Side};
use crate::json::{ConvertReport, DiffReport};
use crate::rules::Options;
use crate::show::Secrets;
use crate::template::Values;

use super::failure::{Failure, NO_VPN, NOT_READ, Problem, json};
use super::input::Input;
use super::options::Given;
use super::payload::Choice;

/// What to make.
#[derive(Clone, Copy, Eq, PartialEq)]
enum To {
    Declarations,
    Profile,
    Api,
}

/// Converts a profile to declarations of 27.0 or to properties of the API, or declarations to a profile, as
/// `adit convert --json`. `options`: `to` (`declarations`, `profile`, `api`), `payload`, `unmask`, `template`, `set`.
///
/// An input that cannot be converted gives `error`, and `not_read` where it is no profile or a broken one.
///
/// # Errors
/// [`Failure`]: the options are wrong.
pub fn convert(input: Vec<u8>, options: &str) -> Result<String, Failure> {
    let mut given = Given::read(options)?;
    let words = [("declarations", To::Declarations), ("profile", To::Profile), ("api", To::Api)];
    let to = given.word("to", &words)?;
    let to = to.ok_or_else(|| Failure::at("to", "`to` is one of declarations, profile, api"))?;
    let secrets = if given.flag("unmask")? { Secrets::Show } else { Secrets::Mask };
    let choice = Choice::read(&mut given)?;
    let mut options = Options { template: given.flag("template")?, ..Options::default() };
    let input = Input::read_template(input, &mut given, &mut options, Values::AsWritten)?;
    given.finish()?;
    if to == To::Profile {
        return match choice {
            Some(_) => Err(Failure::at("payload", "declarations are converted all")),
            None => Ok(from_declarations(&input.file).unwrap_or_else(|error| Problem::json(&error))),
        };
    }
    let Some(profile) = Profile::of(&input.document).filter(|_| !input.document.problems().has_errors())
    else {
        return Ok(Problem::json(NOT_READ));
    };
    if profile.vpn_payloads().next().is_none() {
        return Ok(Problem::json(NO_VPN));
    }
    let only = choice.map(|choice| choice.find(&profile)).transpose()?.map(|payload| payload.index);
    if to == To::Declarations {
        let made = to_declarations(&profile, only, secrets);
        return Ok(json(&ConvertReport {
            declarations: Some(&made.declarations),
            assets: Some(&made.assets),
            lost: Some(&made.lost),
            ..ConvertReport::new(None, &made.refused)
        }));
    }
    let (mut exports, mut refused) = (Vec::new(), Vec::new());
    for payload in profile.vpn_payloads().filter(|payload| only.is_none_or(|only| only == payload.index)) {
        match export(&profile, payload) {
            Ok(one) => exports.push(one),
            Err(refusal) => refused.push(refusal),
        }
    }
    Ok(json(&ConvertReport { vpns: Some(&exports), ..ConvertReport::new(None, &refused) }))
}

/// Declarations as a profile; what is wrong with them is the error.
fn from_declarations(file: &[u8]) -> Result<String, String> {
    let value = super::json::read(file, false).map_err(|fault| {
        let what =
            if fault.null { "this is no declaration, null has no meaning here" } else { "this is no JSON" };
        format!("{what}: line {}, column {}", fault.line, fault.column)
    })?;
    let (declarations, in_array) = match value {
        Value::Array(items) => (items, true),
        one => (vec![one], false),
    };
    let made = to_profile(&declarations)
        .map_err(|(at, error)| if in_array { format!("[{at}]: {error}") } else { error.to_string() })?;
    let xml = to_xml(&made.profile).map_err(|error| error.to_string())?;
    Ok(json(&ConvertReport {
        profile: Some(&xml),
        assets: Some(&made.assets),
        lost: Some(&made.lost),
        ..ConvertReport::new(None, &[])
    }))
}

/// Compares two profiles by what they mean, as `adit diff --json`. `options`: `ignore_identity`; `before_text` and
/// `after_text` say which of the two is a text.
///
/// Where one of them cannot be compared, the result is `error` and `side` (`before` or `after`).
///
/// # Errors
/// [`Failure`]: the options are wrong.
pub fn diff(before: Vec<u8>, after: Vec<u8>, options: &str) -> Result<String, Failure> {
    let mut given = Given::read(options)?;
    let ignore_identity = given.flag("ignore_identity")?;
    let before = Input::plain(before, given.flag("before_text")?)?;
    let after = Input::plain(after, given.flag("after_text")?)?;
    given.finish()?;
    match diff::diff(&before.document, &after.document) {
        Ok(found) => Ok(json(&DiffReport::new(&found, ignore_identity))),
        Err((side, error)) => {
            let side = if side == Side::Before { "before" } else { "after" };
            Ok(Problem::of_side(side, &error.to_string()))
        }
    }
}
