//! Typed access to the keys of one dictionary: the value with its span, or a diagnostic that says what it is instead.

use crate::gather::Gather as _;
use crate::report::{Code, Diagnostic, Problems, Span, codes};
use crate::syntax::{Dict, Entry, Node, Value};

use super::{Keyword, Path, template};

/// A value of a profile and the bytes it stands on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Another value at the same place.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: change(self.value), span: self.span }
    }
}

/// A dictionary and where it stands in the profile.
#[derive(Clone, Debug)]
pub struct Section<'d> {
    dict: &'d Dict,
    span: Span,
    head: Span,
    path: Path,
}

impl<'d> Section<'d> {
    /// `head` is what a message about the whole dictionary points at: its key, or its first bytes.
    pub(crate) fn new(dict: &'d Dict, span: Span, head: Span, path: Path) -> Self {
        Self { dict, span, head, path }
    }

    /// The dictionary itself.
    #[must_use]
    pub fn dict(&self) -> &'d Dict {
        self.dict
    }

    /// Where the whole dictionary stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// What a message about the whole dictionary points at: the key that names it, or its first bytes in an array.
    #[must_use]
    pub fn head(&self) -> Span {
        self.head
    }

    /// The key path of the dictionary; empty for the root.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key path of one of its keys.
    #[must_use]
    pub fn path_of(&self, key: &str) -> Path {
        self.path.key(key)
    }

    /// A value, whatever its type.
    #[must_use]
    pub fn node(&self, key: &str) -> Option<&'d Node> {
        self.dict.get(key)
    }

    /// Where the value of `key` stands, or the dictionary's head when the key is missing.
    #[must_use]
    pub fn span_of(&self, key: &str) -> Span {
        self.dict.get(key).map_or(self.head, |node| node.span)
    }

    /// Whether the key is there.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.dict.entry(key).is_some()
    }

    /// A string. An unfilled placeholder of a template is told and is no value.
    pub fn text(&self, key: &str, problems: &mut Problems) -> Option<Spanned<&'d str>> {
        let node = self.dict.get(key)?;
        match &node.value {
            Value::String(text) if template::is_placeholder(text, template::Strictness::Plain) => {
                let message = format!("{key} still holds the placeholder of a template");
                let diagnostic = Diagnostic::notice(codes::TEMPLATE_VARIABLE, node.span, message);
                let help = "fill in the value before the profile is used";
                problems.push(diagnostic.help(help).at(self.path_of(key)));
                None
            }
            Value::String(text) => Some(Spanned { value: text, span: node.span }),
            _ => self.mismatch(key, node, "a string", problems),
        }
    }

    /// An integer of at most 64 bits.
    pub fn integer(&self, key: &str, problems: &mut Problems) -> Option<Spanned<i64>> {
        let node = self.dict.get(key)?;
        let value = match &node.value {
            Value::Integer(value) => i64::try_from(*value).ok(),
            Value::Real(value) => {
                let whole = whole_number(*value);
                if whole.is_some() {
                    let message = format!("{key} is a real number where an integer is documented");
                    let diagnostic = Diagnostic::notice(codes::TYPE_MISMATCH, node.span, message);
                    problems.push(diagnostic.help("write <integer>").at(self.path_of(key)));
                }
                whole
            }
            _ => None,
        };
        match value {
            Some(value) => Some(Spanned { value, span: node.span }),
            None => self.mismatch(key, node, "an integer", problems),
        }
    }

    /// A flag: the integers 0 and 1; a boolean is taken too, as devices do.
    pub fn flag(&self, key: &str, problems: &mut Problems) -> Option<Spanned<bool>> {
        let node = self.dict.get(key)?;
        if let Value::Boolean(value) = node.value {
            let message = format!("{key} is a boolean where the integer 0 or 1 is documented");
            let diagnostic = Diagnostic::notice(codes::TYPE_BOOL_FOR_INT, node.span, message);
            let help =
                format!("devices take it; written by the book it is <integer>{}</integer>", u8::from(value));
            problems.push(diagnostic.help(help).at(self.path_of(key)));
            return Some(Spanned { value, span: node.span });
        }
        let number = self.integer(key, problems)?;
        match number.value {
            0 | 1 => Some(number.map(|value| value == 1)),
            other => {
                let message = format!("{key} is {other}, it must be 0 or 1");
                problems.push(self.diagnose(key, codes::VALUE_NOT_ALLOWED, message).help("write 0 or 1"));
                None
            }
        }
    }

    /// A dictionary.
    pub fn section(&self, key: &str, problems: &mut Problems) -> Option<Section<'d>> {
        let node = self.dict.get(key)?;
        match &node.value {
            Value::Dict(_) => self.sub(key),
            _ => self.mismatch(key, node, "a dictionary", problems),
        }
    }

    /// An array.
    pub fn array(&self, key: &str, problems: &mut Problems) -> Option<Spanned<&'d [Node]>> {
        let node = self.dict.get(key)?;
        match &node.value {
            Value::Array(items) => Some(Spanned { value: items, span: node.span }),
            _ => self.mismatch(key, node, "an array", problems),
        }
    }

    /// One word of a list.
    pub fn keyword<K: Keyword>(&self, key: &str, code: Code, problems: &mut Problems) -> Option<Spanned<K>> {
        let text = self.text(key, problems)?;
        if let Some(value) = K::of(text.value) {
            return Some(text.map(|_| value));
        }
        let words: Vec<&str> = K::ALL.iter().map(|value| value.word()).gather();
        let diagnostic = match K::of_any_case(text.value) {
            Some(value) => self
                .diagnose(key, codes::VALUE_CASE, format!("{key} is written in the wrong case"))
                .help(format!("write {}", value.word())),
            None => self
                .diagnose(key, code, format!("{key} has a value that does not exist"))
                .help(format!("one of {}", words.join(", "))),
        };
        problems.push(diagnostic);
        None
    }

    /// An error about the value of `key`, or about the dictionary when the key is missing.
    #[must_use]
    pub fn diagnose(&self, key: &str, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.span_of(key), message).at(self.path_of(key))
    }

    /// Warns about every key that is not in `known`.
    pub fn unknown_keys(&self, known: &[&str], problems: &mut Problems) {
        for Entry { key, .. } in &self.dict.entries {
            if !known.contains(&key.text.as_str()) {
                let message =
                    format!("`{}` is not a key of this dictionary", crate::syntax::shorten(&key.text));
                let diagnostic = Diagnostic::warning(codes::KEY_UNKNOWN, key.span, message);
                let path = self.path_of(&key.text);
                problems.push(diagnostic.help("it is ignored: check the spelling, or remove it").at(path));
            }
        }
    }

    /// Says that a value has the wrong type, or is still a template's placeholder; a value that could not be read was told
    /// already.
    fn mismatch<T>(&self, key: &str, node: &Node, wanted: &str, problems: &mut Problems) -> Option<T> {
        if node.as_str().is_some_and(|text| template::is_placeholder(text, template::Strictness::Plain)) {
            let message = format!("{key} still holds the placeholder of a template");
            let diagnostic = Diagnostic::notice(codes::TEMPLATE_VARIABLE, node.span, message);
            let help = "fill in the value before the profile is used";
            problems.push(diagnostic.help(help).at(self.path_of(key)));
            return None;
        }
        if !matches!(node.value, Value::Invalid) {
            let message = format!("{key} must be {wanted}, it is {}", node.value.describe());
            let help = format!("change the value to {wanted}");
            problems.push(self.diagnose(key, codes::TYPE_MISMATCH, message).help(help));
        }
        None
    }
}

/// The integer a real number equals, if it does.
pub(crate) fn whole_number(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9.0e15;
    // Inside the limit every whole double is exact.
    #[allow(clippy::cast_possible_truncation)]
    (value.fract() == 0.0 && value.abs() < LIMIT).then_some(value as i64)
}
