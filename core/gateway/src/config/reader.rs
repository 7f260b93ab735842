//! Reads typed values out of TOML, with the place of each for error messages.
//!
//! Owns the walk over the parsed document, the refusal of unknown keys and the check of forms against the
//! table in `super::keys`. Leaves out which keys depend on each other (`super`).

use std::fmt::Display;
use std::ops::Range;
use std::str::FromStr;

use adit_crypto::Secret;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::keys::{self, Form};

/// Entries in any list.
const LIST_MAX: usize = 4_096;

/// The file, for error messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub file: &'a str,
    pub text: &'a str,
}

impl<'a> Source<'a> {
    /// Reads the file as TOML. The error repeats nothing of the file's text.
    pub fn parse(self) -> Result<Spanned<DeTable<'a>>, ConfigError> {
        DeTable::parse(self.text)
            .map_err(|error| self.error(error.span().unwrap_or_default(), "", error.message().to_owned()))
    }

    fn error(self, span: Range<usize>, key: &str, message: String) -> ConfigError {
        ConfigError::at(self.file, self.text, span, key, message)
    }
}

/// A table, all of whose keys are known.
#[derive(Clone, Debug)]
pub(super) struct Section<'a> {
    source: Source<'a>,
    path: String,
    /// `None` if the file leaves the section out.
    table: Option<&'a DeTable<'a>>,
    span: Range<usize>,
}

impl<'a> Section<'a> {
    /// The whole document.
    pub fn root(source: Source<'a>, table: &'a Spanned<DeTable<'a>>) -> Result<Self, ConfigError> {
        Self::checked(source, String::new(), table.get_ref(), 0..0)
    }

    fn checked(
        source: Source<'a>,
        path: String,
        table: &'a DeTable<'a>,
        span: Range<usize>,
    ) -> Result<Self, ConfigError> {
        let known = keys::names_under(&path);
        for (name, _) in table {
            if !known.contains(&name.get_ref().as_ref()) {
                let what = if path.is_empty() { "section" } else { "key" };
                let message = format!("there is no such {what}; possible are {}", known.join(", "));
                return Err(source.error(name.span(), &join(&path, name.get_ref()), message));
            }
        }
        Ok(Self { source, path, table: Some(table), span })
    }

    /// The section `name`; empty if it is left out.
    pub fn section(&self, name: &str) -> Result<Self, ConfigError> {
        let path = join(&self.path, name);
        let Some(value) = self.table.and_then(|table| table.get(name)) else {
            return Ok(Self { source: self.source, path, table: None, span: self.span.clone() });
        };
        match value.get_ref() {
            DeValue::Table(table) => Self::checked(self.source, path, table, value.span()),
            _ => Err(self.source.error(value.span(), &path, format!("this is a section: write [{path}]"))),
        }
    }

    /// The sections written `[[name]]`, in order.
    pub fn sections(&self, name: &str) -> Result<Vec<Self>, ConfigError> {
        let path = join(&self.path, name);
        let Some(value) = self.table.and_then(|table| table.get(name)) else { return Ok(Vec::new()) };
        let wrong = || self.source.error(value.span(), &path, format!("write [[{path}]] for each entry"));
        let DeValue::Array(array) = value.get_ref() else { return Err(wrong()) };
        let mut sections = Vec::new();
        for entry in array.iter() {
            let DeValue::Table(table) = entry.get_ref() else { return Err(wrong()) };
            sections.push(Self::checked(self.source, path.clone(), table, entry.span())?);
        }
        Ok(sections)
    }

    /// The value of key `name`.
    pub fn get(&self, name: &str) -> Option<Item<'a>> {
        let value = self.table?.get(name)?;
        let path = join(&self.path, name);
        Some(Item { source: self.source, value, path })
    }

    /// The value of key `name`, which must be there.
    pub fn need(&self, name: &str) -> Result<Item<'a>, ConfigError> {
        self.get(name).ok_or_else(|| {
            let path = join(&self.path, name);
            let allowed = keys::find(&path).map_or_else(String::new, |key| key.form.allowed());
            self.source.error(self.span.clone(), &path, format!("must be given ({allowed})"))
        })
    }

    /// The number at key `name`, checked against its range, or `default`.
    pub fn number(&self, name: &str, default: u64) -> Result<u64, ConfigError> {
        self.get(name).map_or(Ok(default), |item| item.number())
    }

    /// The list at key `name` with each entry read by `FromStr`; empty if it is left out.
    pub fn list<T>(&self, name: &str, max: usize) -> Result<Vec<T>, ConfigError>
    where
        T: FromStr,
        T::Err: Display,
    {
        self.get(name).map_or(Ok(Vec::new()), |item| item.list(max, |text| text.parse::<T>()))
    }

    /// An error about key `name`, or about the section if the key is left out.
    pub fn error(&self, name: &str, message: String) -> ConfigError {
        match self.get(name) {
            Some(item) => item.error(message),
            None => self.source.error(self.span.clone(), &join(&self.path, name), message),
        }
    }
}

/// The value of a key.
#[derive(Clone, Debug)]
pub(super) struct Item<'a> {
    source: Source<'a>,
    value: &'a Spanned<DeValue<'a>>,
    path: String,
}

impl<'a> Item<'a> {
    /// An error at this value.
    pub fn error(&self, message: String) -> ConfigError {
        self.source.error(self.value.span(), &self.path, message)
    }

    /// A number within the range of the key's form.
    pub fn number(&self) -> Result<u64, ConfigError> {
        let Some(Form::Number { min, max, .. }) = keys::find(&self.path).map(|key| key.form) else {
            return Err(self.mismatch());
        };
        let DeValue::Integer(integer) = self.value.get_ref() else { return Err(self.mismatch()) };
        let digits = integer.as_str().replace('_', "");
        u64::from_str_radix(&digits, integer.radix())
            .ok()
            .filter(|number| (min..=max).contains(number))
            .ok_or_else(|| self.mismatch())
    }

    /// A text.
    pub fn text(&self) -> Result<&'a str, ConfigError> {
        match self.value.get_ref() {
            DeValue::String(text) => Ok(text.as_ref()),
            _ => Err(self.mismatch()),
        }
    }

    /// One of the words of the key's form.
    pub fn word(&self) -> Result<&'a str, ConfigError> {
        let text = self.text()?;
        match keys::find(&self.path).map(|key| key.form) {
            Some(Form::Word(words)) if words.contains(&text) => Ok(text),
            _ => Err(self.mismatch()),
        }
    }

    /// A text of `min` to `max` bytes that is kept secret.
    pub fn secret(&self, min: usize, max: usize) -> Result<Secret, ConfigError> {
        let text = self.text()?;
        if (min..=max).contains(&text.len()) {
            Ok(Secret::from(text.as_bytes()))
        } else {
            Err(self.error(format!("has to be {min} to {max} bytes long")))
        }
    }

    /// A list of at most `max` texts, each read by `read`.
    pub fn list<T, E: Display>(
        &self,
        max: usize,
        read: impl Fn(&'a str) -> Result<T, E>,
    ) -> Result<Vec<T>, ConfigError> {
        let DeValue::Array(array) = self.value.get_ref() else { return Err(self.mismatch()) };
        if array.len() > max.min(LIST_MAX) {
            return Err(self.error(format!("has {} entries; {max} at most", array.len())));
        }
        let mut entries = Vec::new();
        for entry in array.iter() {
            let item = Item { source: self.source, value: entry, path: self.path.clone() };
            let read = read(item.text()?).map_err(|error| item.error(error.to_string()))?;
            entries.push(read);
        }
        Ok(entries)
    }

    /// The value has not the form of its key. Says what is allowed, and what was found only where that
    /// cannot be a secret.
    fn mismatch(&self) -> ConfigError {
        let Some(key) = keys::find(&self.path) else { return self.error("is not understood".to_owned()) };
        let found = match (key.form, self.value.get_ref()) {
            (Form::Secret(_), _) => String::new(),
            (_, DeValue::Integer(integer)) => format!("{integer} is not allowed; "),
            (_, DeValue::Boolean(boolean)) => format!("{boolean} is not allowed; "),
            (_, DeValue::String(text)) => format!("{text:?} is not allowed; "),
            _ => String::new(),
        };
        self.error(format!("{found}give {}", key.form.allowed()))
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
