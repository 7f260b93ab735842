//! Collecting in little code.
//!
//! What the standard library's `collect` makes of an iterator into a list is several functions for each iterator, each of
//! which looks ahead for how much room is wanted; in a web page's module that was a twentieth of everything. A loop is
//! one, and as fast for lists as short as those of profiles.

/// Collecting into a list. Not for secrets: the list grows, and leaves what it held in memory that is not wiped.
pub(crate) trait Gather: Iterator {
    /// The items in their order.
    fn gather(self) -> Vec<Self::Item>;
}

impl<I: Iterator> Gather for I {
    fn gather(self) -> Vec<I::Item> {
        let mut items = Vec::new();
        for item in self {
            items.push(item);
        }
        items
    }
}

/// Collecting into a list, unless one is missing.
pub(crate) trait GatherSome<T>: Iterator<Item = Option<T>> {
    /// The items in their order; nothing when one is none.
    fn gather_some(self) -> Option<Vec<T>>;
}

impl<T, I: Iterator<Item = Option<T>>> GatherSome<T> for I {
    fn gather_some(self) -> Option<Vec<T>> {
        let mut items = Vec::new();
        for item in self {
            items.push(item?);
        }
        Some(items)
    }
}

/// Collecting into a list, unless one fails.
pub(crate) trait GatherOk<T, E>: Iterator<Item = Result<T, E>> {
    /// The items in their order, or the first error.
    fn gather_ok(self) -> Result<Vec<T>, E>;
}

impl<T, E, I: Iterator<Item = Result<T, E>>> GatherOk<T, E> for I {
    fn gather_ok(self) -> Result<Vec<T>, E> {
        let mut items = Vec::new();
        for item in self {
            items.push(item?);
        }
        Ok(items)
    }
}
