//! Where a value stands in a profile: keys and places in arrays, from the root.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::syntax::{is_plain, shorten};

/// One step of a [`Path`].
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// A key of a dictionary.
    Key(String),
    /// A place in an array, from 0.
    Index(usize),
}

/// A key path such as `PayloadContent[1].IKEv2.RemoteAddress`; cheap to clone and to extend.
#[derive(Clone, Default)]
pub struct Path(Option<Arc<Link>>);

struct Link {
    parent: Path,
    step: Step,
}

impl Path {
    /// The path of a key of this dictionary.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self(Some(Arc::new(Link { parent: self.clone(), step: Step::Key(key.to_owned()) })))
    }

    /// The path of an element of this array.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(Some(Arc::new(Link { parent: self.clone(), step: Step::Index(index) })))
    }

    /// The steps from the root.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut path = self;
        while let Some(link) = &path.0 {
            steps.push(link.step.clone());
            path = &link.parent;
        }
        steps.reverse();
        steps
    }
}

impl Path {
    /// How many steps it has.
    #[must_use]
    pub fn length(&self) -> usize {
        let (mut length, mut path) = (0, self);
        while let Some(link) = &path.0 {
            length += 1;
            path = &link.parent;
        }
        length
    }

    /// The place in `PayloadContent` of the payload it leads into; `None` for what stands at the top level.
    #[must_use]
    pub fn payload(&self) -> Option<usize> {
        // The two steps nearest to the root.
        let (mut first, mut second): (Option<&Step>, Option<&Step>) = (None, None);
        let mut path = self;
        while let Some(link) = &path.0 {
            second = first;
            first = Some(&link.step);
            path = &link.parent;
        }
        match (first, second) {
            (Some(Step::Key(key)), Some(Step::Index(index))) if key == "PayloadContent" => Some(*index),
            _ => None,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut links = Vec::new();
        let mut path = self;
        while let Some(link) = &path.0 {
            links.push(&link.step);
            path = &link.parent;
        }
        for (place, step) in links.iter().rev().enumerate() {
            match step {
                Step::Key(key) => {
                    if place > 0 {
                        f.write_str(".")?;
                    }
                    if is_plain(key) { f.write_str(key)? } else { f.write_str(&shorten(key))? }
                }
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_with_dots_and_brackets() {
        let path = Path::default().key("PayloadContent").index(1).key("IKEv2").key("Key Type");
        assert_eq!(path.to_string(), "PayloadContent[1].IKEv2.Key Type");
        assert_eq!(path.steps().get(1), Some(&Step::Index(1)));
        assert_eq!(Path::default().to_string(), "");
        assert_eq!(path.payload(), Some(1));
        assert_eq!(Path::default().key("PayloadContent").payload(), None);
        assert_eq!(Path::default().key("ConsentText").index(1).payload(), None);
    }
}
