//! Collecting in little code.
//!
//! What the standard library's `collect` makes of an iterator into a list is several functions for each iterator, each of
//! which looks ahead for how much room is wanted; in a web page's module that was a twentieth of everything. A loop is
//! one, and as fast for lists as short as those of profiles.

/// Collecting into a list.
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
