//! How to mend what a diagnostic tells of, as changes to the tree. What the changes are in bytes is found at the edge.

use serde::Serialize;

use crate::build::Value;
use crate::model::{Section, Step};

/// How safe a fix is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// The meaning stays what every device already made of it; `adit validate --fix` applies it.
    Safe,
    /// Most likely what was meant, but it changes what the profile does: applied one by one by a person.
    Unsafe,
    /// Only shown: something in it is for a person to fill in.
    DisplayOnly,
}

/// One way to mend something.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fix {
    /// What it does, as an order: "write <integer>1</integer>".
    pub title: String,
    /// How safe it is.
    pub safety: Safety,
    /// The changes, applied together; their paths are those of the file as it is.
    pub changes: Vec<Change>,
}

/// One change to the tree of a profile. Never holds the value of a secret: a moved or renamed key keeps its bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// Another value at a path.
    Replace {
        /// Where.
        path: Vec<Step>,
        /// The new value.
        #[serde(skip)]
        value: Value,
    },
    /// A key with its value, or an element of an array, goes.
    Remove {
        /// Which.
        path: Vec<Step>,
    },
    /// A key gets another name; its value stays.
    Rename {
        /// Which.
        path: Vec<Step>,
        /// Its new name.
        name: String,
    },
    /// A key is added at the end of a dictionary.
    Insert {
        /// The dictionary.
        path: Vec<Step>,
        /// The key.
        key: String,
        /// Its value.
        #[serde(skip)]
        value: Value,
    },
    /// A key with its value moves into another dictionary, which exists.
    Move {
        /// Which.
        path: Vec<Step>,
        /// The dictionary it moves to.
        to: Vec<Step>,
    },
    /// A value is put into an array of its own: `<dict>` becomes `<array><dict>`.
    Wrap {
        /// Which.
        path: Vec<Step>,
    },
}

impl Change {
    /// A key gets a value, whether it is there or not.
    #[must_use]
    pub fn set(section: &Section<'_>, key: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if section.has(key) {
            Self::Replace { path: section.path_of(key).steps(), value }
        } else {
            Self::Insert { path: section.path().steps(), key: key.to_owned(), value }
        }
    }
}

impl Fix {
    /// A safe fix of one change.
    #[must_use]
    pub fn safe(title: impl Into<String>, change: Change) -> Self {
        Self { title: super::printable(title.into()), safety: Safety::Safe, changes: vec![change] }
    }

    /// An unsafe fix of one change.
    #[must_use]
    pub fn not_safe(title: impl Into<String>, change: Change) -> Self {
        Self { title: super::printable(title.into()), safety: Safety::Unsafe, changes: vec![change] }
    }

    /// A fix that is only shown.
    #[must_use]
    pub fn display_only(title: impl Into<String>, change: Change) -> Self {
        Self { title: super::printable(title.into()), safety: Safety::DisplayOnly, changes: vec![change] }
    }

    /// The same with one more change.
    #[must_use]
    pub fn and(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }
}
