//! The keys of a dictionary read without a word: what rules use, since the type of a value is judged elsewhere.
//!
//! A value of another type, or a template's placeholder, is as good as missing here: [`Section::has`] tells the
//! difference.

use crate::gather::Gather as _;
use crate::report::Span;
use crate::syntax::{Node, Value};

use super::{Hidden, Keyword, Path, Section, Spanned, first_bytes, template};

impl<'d> Section<'d> {
    /// A string; an empty one counts.
    #[must_use]
    pub fn str(&self, key: &str) -> Option<Spanned<&'d str>> {
        let node = self.node(key)?;
        let text =
            node.as_str().filter(|text| !template::is_placeholder(text, template::Strictness::Plain))?;
        Some(Spanned { value: text, span: node.span })
    }

    /// A string that is a secret: `$secret` may well be one, so only placeholders with brackets are none.
    #[must_use]
    pub fn secret(&self, key: &str) -> Option<Spanned<Hidden<&'d str>>> {
        let node = self.node(key)?;
        let text =
            node.as_str().filter(|text| !template::is_placeholder(text, template::Strictness::Secret))?;
        Some(Spanned { value: Hidden(text), span: node.span })
    }

    /// One word of a list, in the case that the documentation writes.
    #[must_use]
    pub fn word<K: Keyword>(&self, key: &str) -> Option<Spanned<K>> {
        let text = self.str(key)?;
        K::of(text.value).map(|value| text.map(|_| value))
    }

    /// Whether the key is there with more than an empty string. A placeholder counts: it stands for something.
    #[must_use]
    pub fn is_filled(&self, key: &str) -> bool {
        self.node(key).is_some_and(|node| node.as_str().is_none_or(|text| !text.trim().is_empty()))
    }

    /// An integer, or a real number that is whole.
    #[must_use]
    pub fn int(&self, key: &str) -> Option<Spanned<i64>> {
        let node = self.node(key)?;
        integer(node).map(|value| Spanned { value, span: node.span })
    }

    /// A flag: 0, 1, false or true.
    #[must_use]
    pub fn switch(&self, key: &str) -> Option<Spanned<bool>> {
        let node = self.node(key)?;
        let value = match node.value {
            Value::Boolean(value) => value,
            Value::Integer(0) => false,
            Value::Integer(1) => true,
            _ => return None,
        };
        Some(Spanned { value, span: node.span })
    }

    /// Whether a flag is there and set.
    #[must_use]
    pub fn is_on(&self, key: &str) -> bool {
        self.switch(key).is_some_and(|flag| flag.value)
    }

    /// Whether a flag is 0 or missing, which means 0 too. A value that is no flag is neither on nor off.
    #[must_use]
    pub fn is_off(&self, key: &str) -> bool {
        self.switch(key).map_or(!self.has(key), |flag| !flag.value)
    }

    /// Data.
    #[must_use]
    pub fn bytes(&self, key: &str) -> Option<Spanned<&'d [u8]>> {
        let node = self.node(key)?;
        node.as_data().map(|value| Spanned { value, span: node.span })
    }

    /// An array as syntax; [`Self::list`] gives its elements with their paths.
    #[must_use]
    pub fn items(&self, key: &str) -> Option<Spanned<&'d [Node]>> {
        let node = self.node(key)?;
        node.as_array().map(|value| Spanned { value, span: node.span })
    }

    /// A dictionary inside this one.
    #[must_use]
    pub fn sub(&self, key: &str) -> Option<Section<'d>> {
        let entry = self.dict().entry(key)?;
        let dict = entry.value.as_dict()?;
        Some(Section::new(dict, entry.value.span, entry.key.span, self.path_of(key)))
    }

    /// An array with the path of each element; empty when it is missing or something else.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<Element<'d>> {
        let items = self.node(key).and_then(Node::as_array).unwrap_or_default();
        if items.is_empty() {
            return Vec::new();
        }
        let path = self.path_of(key);
        items
            .iter()
            .enumerate()
            .map(|(index, node)| Element { index, node, path: path.index(index) })
            .gather()
    }

    /// The dictionaries of an array.
    #[must_use]
    pub fn sections(&self, key: &str) -> Vec<Section<'d>> {
        self.list(key).into_iter().filter_map(|element| element.section()).gather()
    }

    /// The strings of an array, without placeholders.
    #[must_use]
    pub fn strings(&self, key: &str) -> Vec<Spanned<&'d str>> {
        self.list(key).into_iter().filter_map(|element| element.str()).gather()
    }

    /// Whether the value is a template's placeholder.
    #[must_use]
    pub fn is_placeholder(&self, key: &str) -> bool {
        let text = self.node(key).and_then(Node::as_str);
        text.is_some_and(|text| template::is_placeholder(text, template::Strictness::Plain))
    }

    /// Where the key itself stands, or the dictionary's head when it is missing.
    #[must_use]
    pub fn key_span(&self, key: &str) -> Span {
        self.dict().entry(key).map_or(self.head(), |entry| entry.key.span)
    }
}

/// An element of an array.
#[derive(Clone, Debug)]
pub struct Element<'d> {
    /// Its place, from 0.
    pub index: usize,
    /// The value.
    pub node: &'d Node,
    /// Its key path.
    pub path: Path,
}

impl<'d> Element<'d> {
    /// A string that is no placeholder.
    #[must_use]
    pub fn str(&self) -> Option<Spanned<&'d str>> {
        let text = self.node.as_str()?;
        (!template::is_placeholder(text, template::Strictness::Plain))
            .then_some(Spanned { value: text, span: self.node.span })
    }

    /// An integer.
    #[must_use]
    pub fn int(&self) -> Option<Spanned<i64>> {
        integer(self.node).map(|value| Spanned { value, span: self.node.span })
    }

    /// A dictionary.
    #[must_use]
    pub fn section(&self) -> Option<Section<'d>> {
        let dict = self.node.as_dict()?;
        Some(Section::new(dict, self.node.span, first_bytes(self.node.span), self.path.clone()))
    }
}

fn integer(node: &Node) -> Option<i64> {
    match &node.value {
        Value::Integer(value) => i64::try_from(*value).ok(),
        Value::Real(value) => super::whole_number(*value),
        _ => None,
    }
}
