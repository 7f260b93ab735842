//! Every value of a tree, whether or not a schema knows its key.

use crate::syntax::{Node, Value};

use super::Path;

/// The way from the root to a value; a [`Path`] is made of it only where one is needed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trail<'a> {
    parent: Option<&'a Trail<'a>>,
    step: Option<Place<'a>>,
}

#[derive(Clone, Copy, Debug)]
enum Place<'a> {
    Key(&'a str),
    Index(usize),
}

impl Trail<'_> {
    /// The path.
    pub fn path(&self) -> Path {
        let parent = self.parent.map(Trail::path).unwrap_or_default();
        match self.step {
            None => parent,
            Some(Place::Key(key)) => parent.key(key),
            Some(Place::Index(index)) => parent.index(index),
        }
    }

    /// The key the value stands under; for an element of an array, the array's.
    pub fn key(&self) -> Option<&str> {
        match self.step {
            Some(Place::Key(key)) => Some(key),
            _ => self.parent?.key(),
        }
    }
}

/// Calls `visit` for every value below and with `node`. Its depth is bounded by [`crate::Limits::depth`].
pub(crate) fn walk<'d>(node: &'d Node, visit: &mut dyn FnMut(&Trail<'_>, &'d Node)) {
    step(node, &Trail { parent: None, step: None }, visit);
}

fn step<'d>(node: &'d Node, trail: &Trail<'_>, visit: &mut dyn FnMut(&Trail<'_>, &'d Node)) {
    visit(trail, node);
    match &node.value {
        Value::Dict(dict) => {
            for entry in &dict.entries {
                let inner = Trail { parent: Some(trail), step: Some(Place::Key(&entry.key.text)) };
                step(&entry.value, &inner, visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                step(item, &Trail { parent: Some(trail), step: Some(Place::Index(index)) }, visit);
            }
        }
        _ => {}
    }
}
