//! `open` and `encode`: from a file to the XML that is shown and edited, and back.

use crate::build::{self, Value};
use crate::json::SignatureForm;
use crate::rules::Options;
use crate::show::{self, Secrets};
use crate::source::{ContentFormat, Format, SourceText};
use crate::{Document, Severity};
use serde::Serialize;
use zeroize::Zeroizing;

use super::failure::{Failure, json};
use super::input::{Input, of_text, utf8};
use super::options::Given;

/// A file that was opened.
#[derive(Debug, Serialize)]
struct Opened<'a> {
    format: Format,
    signature: Option<SignatureForm<'a>>,
    text: Option<&'a str>,
    exact: bool,
    problem: Option<String>,
}

/// Opens a file: `format`, `signature` (as in docs/show-json.md, or null), `text` (the profile as XML with its secrets, or
/// null), `exact` (the text is the file's own, not one written from a binary list), and `problem`: why there is no text.
///
/// The text has no byte order mark; its line breaks are the file's.
///
/// `answers`: what the platform says of signatures ([`crate::cms::Asked`]); `None`: this build checks them.
///
/// # Errors
/// [`Failure`]: the options are wrong. Or signatures have to be checked first.
pub fn open(input: Vec<u8>, options: &str, answers: Option<&str>) -> Result<String, Failure> {
    let mut given = Given::read(options)?;
    let mut rules = Options { template: given.flag("template")?, ..Options::default() };
    let input = Input::read_asking(input, &mut given, &mut rules, answers)?;
    given.finish()?;
    let document = &input.document;
    let (mut text, mut exact, mut problem) = (None, false, None);
    match document.format().content() {
        Some(ContentFormat::Xml { encoding }) => {
            let content = input.content();
            text = SourceText::new(content).map(|source| Zeroizing::new(source.text().to_owned()));
            let decoded = crate::source::encoding::decode(content, encoding);
            exact = text.as_ref().is_some_and(|text| text.as_bytes() == decoded.bytes());
        }
        Some(ContentFormat::Binary) => match show::to_xml(document, &input.file, Secrets::Show) {
            Ok(xml) => text = Some(xml),
            Err(error) => problem = Some(first_error(document).unwrap_or_else(|| error.to_string())),
        },
        None => {
            problem = Some(first_error(document).unwrap_or_else(|| "there is no profile in it".to_owned()))
        }
    }
    Ok(json(&Opened {
        format: document.format(),
        signature: document.signed().map(SignatureForm::from),
        text: text.as_ref().map(|text| text.as_str()),
        exact,
        problem,
    }))
}

/// A file that is shown.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    format: Format,
    malformed: bool,
    masked: bool,
    signature: Option<SignatureForm<'a>>,
    xml: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Shows a file as XML, as `adit show --json` does (docs/show-json.md), with its secrets masked unless `unmask`. Where it
/// cannot be shown `xml` is null, and `problem` says why. `options`: `unmask`; for a text also `text` and `encoding`.
///
/// `answers`: what the platform says of signatures ([`crate::cms::Asked`]); `None`: this build checks them.
///
/// # Errors
/// [`Failure`]: the options are wrong. Or signatures have to be checked first.
pub fn show(input: Vec<u8>, options: &str, answers: Option<&str>) -> Result<String, Failure> {
    let mut given = Given::read(options)?;
    let unmask = given.flag("unmask")?;
    let input = Input::read_asking(input, &mut given, &mut Options::default(), answers)?;
    given.finish()?;
    let document = &input.document;
    let shown = show::to_xml(document, &input.file, if unmask { Secrets::Show } else { Secrets::Mask });
    let (xml, problem) = match shown {
        Ok(xml) => (Some(xml), None),
        Err(error) => (None, Some(first_error(document).unwrap_or_else(|| error.to_string()))),
    };
    Ok(json(&Shown {
        format: document.format(),
        malformed: document.problems().has_errors(),
        masked: !unmask,
        signature: document.signed().map(SignatureForm::from),
        xml: xml.as_ref().map(|xml| xml.as_str()),
        problem,
    }))
}

fn first_error(document: &Document) -> Option<String> {
    let problems = document.problems().as_slice();
    let first = problems.iter().find(|problem| problem.severity == Severity::Error)?;
    Some(match &first.help {
        Some(help) => format!("{}: {help}", first.message),
        None => first.message.clone(),
    })
}

/// A text as a file: `xml` in the encoding it was read from (option `encoding`) or declares, `binary` as a binary property
/// list with the same values.
///
/// # Errors
/// [`Failure`]: another form, or a text that is no sound property list where `binary` was asked for.
pub fn encode(text: Vec<u8>, form: &str, options: &str) -> Result<Vec<u8>, Failure> {
    let text = Zeroizing::new(text);
    let mut given = Given::read(options)?;
    let encoding = given.encoding()?;
    given.finish()?;
    let file = of_text(utf8(&text)?, encoding);
    match form {
        "xml" => Ok(file.to_vec()),
        "binary" => Ok(to_binary(&file)?.to_vec()),
        _ => Err(Failure::at("form", "the form is `xml` or `binary`")),
    }
}

/// The same values as a binary property list.
pub(super) fn to_binary(file: &[u8]) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let document = Document::read(file);
    if document.problems().has_errors() {
        let why = first_error(&document).unwrap_or_default();
        return Err(Failure::usage(format!("only a sound property list can be written as binary: {why}")));
    }
    let value = document.root().and_then(Value::of);
    let value = value.ok_or_else(|| Failure::usage("there is no property list to write"))?;
    build::to_binary(&value).map_err(|error| Failure::usage(error.to_string()))
}
