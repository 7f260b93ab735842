//! Sorting in little code.
//!
//! The standard library's sort is compiled anew for every type, some kilobytes each; in a web page's module that was a
//! twentieth of everything. Here it is compiled once, for places, and only the comparison and the swaps are the type's.
//! Stable, as it is.

use crate::gather::Gather as _;
use std::cmp::Ordering;

/// Sorting a list.
pub(crate) trait Arrange<T> {
    /// Sorts by a comparison; equal elements stay in their order.
    fn arrange_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);

    /// Sorts by a key.
    fn arrange_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        self.arrange_by(|one, other| key(one).cmp(&key(other)));
    }

    /// Sorts by the elements themselves.
    fn arrange(&mut self)
    where
        T: Ord,
    {
        self.arrange_by(T::cmp);
    }
}

impl<T> Arrange<T> for [T] {
    fn arrange_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let swaps = swaps(self.len(), &|one, other| match (self.get(one), self.get(other)) {
            (Some(one), Some(other)) => compare(one, other),
            _ => Ordering::Equal,
        });
        for (place, from) in swaps {
            self.swap(place, from);
        }
    }
}

/// What has to change places, one after the other, so that everything is in order.
fn swaps(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut places: Vec<usize> = (0..length).gather();
    places.sort_by(|one, other| compare(*one, *other));
    let mut swaps = Vec::new();
    // Element by element to its place: what stood there is found where it was swapped to.
    for place in 0..places.len() {
        let mut from = places.get(place).copied().unwrap_or(place);
        while from < place {
            from = places.get(from).copied().unwrap_or(place);
        }
        if let Some(known) = places.get_mut(place) {
            *known = from;
        }
        if from != place {
            swaps.push((place, from));
        }
    }
    swaps
}

#[cfg(test)]
mod tests {
    use super::Arrange;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(
            mut items in prop::collection::vec((0_u8..20, any::<u16>()), 0..200),
        ) {
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            items.arrange_by_key(|(key, _)| *key);
            prop_assert_eq!(&items, &expected);
            expected.sort();
            items.arrange();
            prop_assert_eq!(items, expected);
        }
    }
}
