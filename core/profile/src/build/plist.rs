//! A tree of property list values to be written.
//!
//! The counterpart of [`crate::syntax::Value`] without places: dictionaries keep the order given, and their keys are
//! not checked for duplicates. Text and data are wiped when dropped and left out of `Debug`, since any of them may be
//! a secret.

use std::fmt;

use zeroize::Zeroizing;

use crate::gather::{Gather as _, GatherSome as _};
use crate::number::Whole;
use crate::syntax::{self, Date, Node};

/// A value to be written.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// `<dict>`, in the order given.
    Dict(Vec<(String, Value)>),
    /// `<array>`.
    Array(Vec<Value>),
    /// `<string>`.
    String(Zeroizing<String>),
    /// `<integer>`; property lists hold -2^63 to 2^64-1.
    Integer(i128),
    /// `<real>`.
    Real(f64),
    /// `<true/>` or `<false/>`.
    Boolean(bool),
    /// `<date>`.
    Date(Date),
    /// `<data>`.
    Data(Zeroizing<Vec<u8>>),
}

impl Value {
    /// A dictionary of keys and values, in the order given.
    pub fn dict<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Dict(entries.into_iter().map(|(key, value)| (key.into(), value)).gather())
    }

    /// What was read, to be written again. `None` when something in it cannot be: a value that could not be read, or
    /// an archiver's reference. Takes time and memory linear in the tree, whose depth its reader has bounded.
    #[must_use]
    pub fn of(node: &Node) -> Option<Self> {
        Some(match &node.value {
            syntax::Value::Dict(dict) => {
                let entries = dict.entries.iter();
                let entries = entries.map(|entry| Some((entry.key.text.clone(), Self::of(&entry.value)?)));
                Self::Dict(entries.gather_some()?)
            }
            syntax::Value::Array(items) => Self::Array(items.iter().map(Self::of).gather_some()?),
            syntax::Value::String(text) => Self::String(text.clone()),
            syntax::Value::Integer(number) => Self::Integer(*number),
            syntax::Value::Real(number) => Self::Real(*number),
            syntax::Value::Boolean(value) => Self::Boolean(*value),
            syntax::Value::Date(date) => Self::Date(*date),
            syntax::Value::Data(bytes) => Self::Data(bytes.clone()),
            syntax::Value::Uid(_) | syntax::Value::Invalid => return None,
        })
    }

    /// The first value of `key`, if this is a dictionary that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Dict(entries) => entries.iter().find(|(known, _)| known == key).map(|(_, value)| value),
            _ => None,
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dict(entries) => {
                f.debug_map().entries(entries.iter().map(|(key, value)| (key, value))).finish()
            }
            Self::Array(items) => f.debug_list().entries(items).finish(),
            Self::String(text) => write!(f, "string of {} bytes", text.len()),
            Self::Integer(number) => Whole(*number).fmt(f),
            Self::Real(number) => f.write_str(&crate::number::text(*number)),
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Date(date) => write!(f, "{date}"),
            Self::Data(bytes) => write!(f, "data of {} bytes", bytes.len()),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(Zeroizing::new(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(Zeroizing::new(text))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(i128::from(number))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Data(Zeroizing::new(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f03_debug_shows_neither_text_nor_data() {
        let value = Value::dict([("a", Value::from("hunter2")), ("b", b"hunter2".to_vec().into())]);
        let shown = format!("{value:?}");
        assert_eq!(shown, "{\"a\": string of 7 bytes, \"b\": data of 7 bytes}");
    }
}
