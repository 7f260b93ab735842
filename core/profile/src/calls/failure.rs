//! Wrong usage, and questions.

use crate::cms::Question;
use serde::Serialize;

/// Why a call has no result yet, or never will.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Failure {
    /// `usage`: the caller has to change the call. `signatures`: it has to answer the questions and call again.
    pub kind: &'static str,
    /// What is wrong with it.
    pub message: String,
    /// The option or member it is about; empty for the call as a whole.
    pub path: String,
    /// The signatures that the platform has to check.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
}

impl Failure {
    /// Signatures that have to be checked first.
    pub(super) fn questions(questions: Vec<Question>) -> Self {
        Self { kind: "signatures", message: String::new(), path: String::new(), questions }
    }

    /// Wrong usage of the call as a whole.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::at("", message)
    }

    /// Wrong usage of an option.
    pub(super) fn at(path: &str, message: impl Into<String>) -> Self {
        Self { kind: "usage", message: message.into(), path: path.to_owned(), questions: Vec::new() }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// As JSON, which is how it is thrown in JavaScript.
impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        json(&failure)
    }
}

/// A result as JSON. Every form here serialises: none has a map whose keys are not texts.
pub(super) fn json(form: &impl Serialize) -> String {
    super::json::write(form).unwrap_or_default()
}

/// Why a result has nothing to say of a file that is no profile, or a broken one; `not_read` says the same to programs.
pub(super) const NOT_READ: &str = "the file cannot be read as a profile: `check` says why";

/// The same of a profile without a VPN.
pub(super) const NO_VPN: &str = "the profile holds no VPN";

/// What is wrong with the input, where a result has nothing else to say.
#[derive(Debug, Serialize)]
pub(super) struct Problem<'a> {
    error: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    not_read: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    side: Option<&'a str>,
}

impl Problem<'_> {
    /// As JSON: `error`, and `not_read` where that is [`NOT_READ`].
    pub(super) fn json(error: &str) -> String {
        json(&Problem { error, not_read: error == NOT_READ, side: None })
    }

    /// The same with the input it is about: `before` or `after`.
    pub(super) fn of_side(side: &str, error: &str) -> String {
        json(&Problem { error, not_read: false, side: Some(side) })
    }
}
