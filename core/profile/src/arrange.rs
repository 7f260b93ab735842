//! Sorting in little code.
//!
//! The standard library's sort is fast and compiled anew for every type, some kilobytes each; in a web page's module that
//! was a twentieth of everything. Here one merge sort works on places, and only the comparison and the swaps are the
//! type's. Stable, `n log n` comparisons at most.

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
        let mut places = order(self.len(), &|one, other| match (self.get(one), self.get(other)) {
            (Some(one), Some(other)) => compare(one, other),
            _ => Ordering::Equal,
        });
        // Element by element to its place: what stood there is found where it was swapped to.
        for place in 0..places.len() {
            let mut from = places.get(place).copied().unwrap_or(place);
            while from < place {
                from = places.get(from).copied().unwrap_or(place);
            }
            if let Some(known) = places.get_mut(place) {
                *known = from;
            }
            self.swap(place, from);
        }
    }
}

/// The places of sorted elements, in order.
fn order(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..length).collect();
    let mut width = 1;
    while width < length {
        let mut merged = Vec::with_capacity(length);
        for pair in places.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let (Some((one, rest_left)), Some((other, rest_right))) =
                (left.split_first(), right.split_first())
            {
                if compare(*one, *other) == Ordering::Greater {
                    merged.push(*other);
                    right = rest_right;
                } else {
                    merged.push(*one);
                    left = rest_left;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        places = merged;
        width = width.saturating_mul(2);
    }
    places
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
