//! Places by name: what was met before, and where it stands in its list.
//!
//! The standard library's map is compiled anew, some kilobytes each, for every type of key and value, and a web page loads
//! them all. This one is compiled once, and in little code: a sorted list in blocks of bounded length. A name is looked for
//! among the blocks, then in its block, both by halves; a file of nothing but names moves few of them for each that it adds.

use std::borrow::Cow;

use crate::build::Value;
use crate::gather::Gather as _;

/// A block of this many names is parted in two.
const LONGEST: usize = 64;

/// A name and its place.
type Entry<'t> = (Cow<'t, str>, usize);

/// Places by name, each name once, sorted by it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ByName<'t> {
    /// None is empty.
    blocks: Vec<Vec<Entry<'t>>>,
}

impl<'t> ByName<'t> {
    /// Without any.
    pub const fn new() -> Self {
        Self { blocks: Vec::new() }
    }

    /// Gives a name a place, and gives back the one it had.
    pub fn insert(&mut self, name: Cow<'t, str>, place: usize) -> Option<usize> {
        let (at, inside) = self.find(&name);
        let Some(block) = self.blocks.get_mut(at) else {
            self.blocks.push(vec![(name, place)]);
            return None;
        };
        if let Some((known, old)) = block.get_mut(inside)
            && *known == name
        {
            return Some(std::mem::replace(old, place));
        }
        block.insert(inside, (name, place));
        if block.len() > LONGEST {
            let rest = block.split_off(LONGEST / 2);
            self.blocks.insert(at + 1, rest);
        }
        None
    }

    /// The place of a name.
    pub fn get(&self, name: &str) -> Option<usize> {
        let (known, place) = self.next_from(name)?;
        (known == name).then_some(*place)
    }

    /// Whether a name is known.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Takes a name out.
    pub fn remove(&mut self, name: &str) {
        let (at, inside) = self.find(name);
        let Some(block) = self.blocks.get_mut(at) else { return };
        if block.get(inside).is_some_and(|(known, _)| known == name) {
            block.remove(inside);
            if block.is_empty() {
                self.blocks.remove(at);
            }
        }
    }

    /// The first entry whose name is `name` or stands behind it.
    pub fn next_from(&self, name: &str) -> Option<&Entry<'t>> {
        let (at, inside) = self.find(name);
        let next = || self.blocks.get(at + 1).and_then(|block| block.first());
        self.blocks.get(at).and_then(|block| block.get(inside)).or_else(next)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The places, sorted by their names.
    pub fn places(&self) -> Vec<usize> {
        self.blocks.iter().flatten().map(|(_, place)| *place).gather()
    }

    /// The names, sorted.
    pub fn into_names(self) -> Vec<String> {
        self.blocks.into_iter().flatten().map(|(name, _)| name.into_owned()).gather()
    }

    /// The block that a name stands in or would, and the place in it.
    fn find(&self, name: &str) -> (usize, usize) {
        let starts_before =
            |block: &Vec<Entry<'_>>| block.first().is_some_and(|(first, _)| first.as_ref() <= name);
        let at = self.blocks.partition_point(starts_before).saturating_sub(1);
        let block = self.blocks.get(at).map(Vec::as_slice).unwrap_or_default();
        (at, block.partition_point(|(known, _)| known.as_ref() < name))
    }
}

/// The members of an object in their order: of two with one name the last counts, in the place of the first.
#[derive(Default)]
pub(crate) struct Members {
    /// All of them.
    pub all: Vec<(String, Value)>,
    places: ByName<'static>,
}

impl Members {
    /// Gives a member its value.
    pub fn set(&mut self, name: String, value: Value) {
        if let Some((_, old)) = self.places.get(&name).and_then(|place| self.all.get_mut(place)) {
            *old = value;
            return;
        }
        self.places.insert(name.clone().into(), self.all.len());
        self.all.push((name, value));
    }
}

#[cfg(test)]
mod tests {
    use super::ByName;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn it_holds_what_the_standard_library_s_map_does(
            steps in prop::collection::vec((0_u16..300, any::<bool>()), 0..1_000),
        ) {
            let (mut ours, mut theirs) = (ByName::new(), BTreeMap::<String, usize>::new());
            for (place, (number, adds)) in steps.into_iter().enumerate() {
                let name = format!("name {number}");
                prop_assert_eq!(ours.get(&name), theirs.get(&name).copied());
                let next = theirs.range(name.clone()..).next().map(|(name, _)| name.as_str());
                prop_assert_eq!(ours.next_from(&name).map(|(name, _)| name.as_ref()), next);
                if adds {
                    prop_assert_eq!(ours.insert(name.clone().into(), place), theirs.insert(name, place));
                } else {
                    ours.remove(&name);
                    theirs.remove(&name);
                }
                prop_assert_eq!(ours.is_empty(), theirs.is_empty());
            }
            prop_assert_eq!(ours.places(), theirs.values().copied().collect::<Vec<_>>());
            prop_assert_eq!(ours.into_names(), theirs.into_keys().collect::<Vec<_>>());
        }
    }
}
