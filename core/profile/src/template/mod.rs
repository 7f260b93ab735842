//! Profiles that are templates: text with tokens that a tool fills in before a device sees it.
//!
//! Owns what counts as a token, the reading of a file that is a template (`mask`), and the filling in ([`render`]). Two
//! strengths of recognition:
//!
//! - In any file a value that is nothing but one token is a placeholder: rules about values say nothing of it, and
//!   `template.variable` tells of it.
//! - In template mode ([`crate::Document::read_template`], [`crate::rules::Options::template`]) tokens count anywhere in a
//!   value, numbers and data may be tokens, and what stands between the elements to steer a template engine (Jinja, Go,
//!   Mustache and ERB tags, a shell script around heredocs) is overlooked: it is replaced by white space of the same
//!   length, so every position stays that of the file.
//!
//! No engine's language is executed: of a condition's branches the first is read, a loop's body is read once.

mod mask;
mod render;
mod token;

/// What becomes of a template's value that has a token in it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Values {
    /// It is its first token, which every reader of the tree knows as a placeholder, so that nothing is said of it: for
    /// judging and explaining.
    #[default]
    AsPlaceholders,
    /// It stays as it stands in the file, a number or data as a string: for converting and comparing.
    AsWritten,
}

impl Values {
    /// What stands in the tree for text that holds a token somewhere; `None` for text without one.
    pub(crate) fn of(self, text: &str) -> Option<Zeroizing<String>> {
        match self {
            Self::AsPlaceholders => placeholder_for(text),
            Self::AsWritten => first(text).map(|_| Zeroizing::new(text.to_owned())),
        }
    }
}

pub(crate) use mask::mask;
pub use render::{Rendered, render};
use token::first;
pub(crate) use token::{Strictness, is_placeholder};

use zeroize::Zeroizing;

/// A placeholder that every reader of the tree knows as one, for text that holds a token somewhere; `None` for text
/// without one.
fn placeholder_for(text: &str) -> Option<Zeroizing<String>> {
    let token = first(text)?;
    let whole = text.get(token.range.clone())?;
    if is_placeholder(whole, Strictness::Secret) {
        return Some(Zeroizing::new(whole.to_owned()));
    }
    let inside: String = token.inside.chars().filter(|c| !matches!(c, '{' | '}')).collect();
    Some(Zeroizing::new(format!("{{{{{inside} }}}}")))
}
