//! Options: an object in JSON, read member by member, so that every mistake has a name and a place.

use crate::build::Value;
use crate::gather::{Gather as _, GatherOk as _};
use crate::rules::{self, Options};
use crate::schema::Target;
use crate::source::encoding::Encoding;
use crate::syntax::Date;
use crate::{Named, SecretText};

use super::failure::Failure;
use super::json;

/// The options of a call; what was taken is gone, so that [`Self::finish`] can name what nobody knows.
#[derive(Debug)]
pub(super) struct Given {
    members: Vec<(String, Value)>,
}

impl Given {
    /// Reads an object; an empty text is an empty object.
    pub(super) fn read(text: &str) -> Result<Self, Failure> {
        if text.is_empty() {
            return Ok(Self { members: Vec::new() });
        }
        match json::read(text.as_bytes(), true) {
            Ok(Value::Dict(members)) => Ok(Self { members }),
            Ok(_) => Err(Failure::usage("the options must be an object")),
            // The text may hold a password: only the place is told.
            Err(error) => Err(Failure::usage(format!(
                "the options are no JSON: line {}, column {}",
                error.line, error.column
            ))),
        }
    }

    /// Refuses members that nobody took.
    pub(super) fn finish(&self) -> Result<(), Failure> {
        match self.members.first() {
            None => Ok(()),
            Some((name, _)) => Err(Failure::at(name, format!("there is no option `{name}`"))),
        }
    }

    /// A member.
    pub(super) fn value(&mut self, name: &str) -> Option<Value> {
        let place = self.members.iter().position(|(known, _)| known == name)?;
        Some(self.members.remove(place).1)
    }

    /// A text.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.to_string())),
            Some(_) => Err(Failure::at(name, format!("`{name}` must be a string"))),
        }
    }

    /// True or false; false where it is missing.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, Failure> {
        match self.value(name) {
            None => Ok(false),
            Some(Value::Boolean(value)) => Ok(value),
            Some(_) => Err(Failure::at(name, format!("`{name}` must be true or false"))),
        }
    }

    /// Texts.
    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, Failure> {
        let wrong = || Failure::at(name, format!("`{name}` must be an array of strings"));
        match self.value(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => items
                .into_iter()
                .map(|item| match item {
                    Value::String(text) => Ok(text.to_string()),
                    _ => Err(wrong()),
                })
                .gather_ok(),
            Some(_) => Err(wrong()),
        }
    }

    /// Texts by name.
    pub(super) fn pairs(&mut self, name: &str) -> Result<Named<String>, Failure> {
        let wrong = || Failure::at(name, format!("`{name}` must be an object of strings"));
        match self.value(name) {
            None => Ok(Named::new()),
            Some(Value::Dict(members)) => {
                let mut pairs = Named::new();
                for (name, value) in members {
                    let Value::String(text) = value else { return Err(wrong()) };
                    pairs.insert(name, text.to_string());
                }
                Ok(pairs)
            }
            Some(_) => Err(wrong()),
        }
    }

    /// One word of a list; the first where it is missing.
    pub(super) fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Failure> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).gather();
            Failure::at(name, format!("`{name}` is one of {}", known.join(", ")))
        })
    }

    /// `targets`.
    pub(super) fn targets(&mut self) -> Result<Vec<Target>, Failure> {
        self.texts("targets")?.iter().map(|text| target(text)).gather_ok()
    }

    /// `encoding`, in the form that reports have it.
    pub(super) fn encoding(&mut self) -> Result<Option<Encoding>, Failure> {
        let Some(value) = self.value("encoding") else { return Ok(None) };
        let on = |name: &str| value.get(name) == Some(&Value::Boolean(true));
        let (bom, big_endian) = (on("bom"), on("big_endian"));
        let name = match value.get("name") {
            Some(Value::String(name)) => name.as_str(),
            _ => "",
        };
        Ok(Some(match name {
            "utf8" => Encoding::Utf8 { bom },
            "utf16" => Encoding::Utf16 { big_endian, bom },
            "utf32" => Encoding::Utf32 { big_endian },
            "latin1" => Encoding::Latin1,
            "windows1252" => Encoding::Windows1252,
            "plain-ascii" => Encoding::PlainAscii,
            "unsupported" => Encoding::Unsupported,
            _ => {
                return Err(Failure::at(
                    "encoding",
                    "`encoding` is an encoding as a report's `format` has it",
                ));
            }
        }))
    }

    /// What the rules are told: `targets`, `at`, `select`, `ignore`, `template`, `password`.
    pub(super) fn rules(&mut self) -> Result<Options, Failure> {
        let targets = self.targets()?;
        let at = match self.text("at")? {
            None => None,
            Some(text) => Some(time(&text)?),
        };
        let (select, ignore) = (self.codes("select")?, self.codes("ignore")?);
        let template = self.flag("template")?;
        let password = self.text("password")?.filter(|text| !text.is_empty()).map(SecretText::new);
        Ok(Options { targets, at, select, ignore, template, password, ..Options::default() })
    }

    /// Codes or families that exist; a misspelt one would silently change nothing.
    fn codes(&mut self, name: &str) -> Result<Vec<String>, Failure> {
        let codes = self.texts(name)?;
        for code in &codes {
            if rules::named(code).is_none() {
                return Err(Failure::at(name, format!("there is no rule or family `{code}`")));
            }
        }
        Ok(codes)
    }
}

/// A time; of what `Date.prototype.toISOString` gives, the fraction of a second is left out.
fn time(text: &str) -> Result<Date, Failure> {
    let whole = match text.split_once('.') {
        Some((whole, fraction))
            if fraction.trim_end_matches('Z').bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            format!("{whole}Z")
        }
        _ => text.to_owned(),
    };
    whole
        .parse()
        .map_err(|_| Failure::at("at", format!("`{text}` is not a time such as 2026-11-21T08:00:00Z")))
}

/// A target such as `ios-26.1`, with `+supervised` and `+user-enrollment` behind it.
fn target(text: &str) -> Result<Target, Failure> {
    let wrong = |message: String| Failure::at("targets", message);
    let mut parts = text.split('+');
    let mut target: Target = parts.next().unwrap_or_default().parse().map_err(wrong)?;
    for part in parts {
        match part {
            "supervised" => target.supervised = true,
            "user-enrollment" => target.user_enrollment = true,
            _ => return Err(wrong(format!("`{text}`: after + comes supervised or user-enrollment"))),
        }
    }
    Ok(target)
}
