//! Peers by the tag that all their SPIs begin with, and their deadlines.
//!
//! Owns the numbering: the 16 bits at the head of each SPI we choose for a peer are its place in the table plus
//! one, so that finding the peer of a datagram is one look. Leaves out what a peer is.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;

use adit_ike::Wake;
use adit_ike::time::Instant;
use adit_ike::wire::IkeSpi;

/// Names a peer's place while it lives; never zero.
pub(super) type Tag = u16;

/// Most peers: one less than there are tags that are not zero, so that none needs a seventeenth bit.
pub(super) const PEERS_MAX: usize = 65_535;

/// What tells one IKE_SA_INIT request from another: sender and its SPI.
pub(super) type InitKey = (SocketAddr, IkeSpi);

/// The table.
#[derive(Debug)]
pub(super) struct Table<P> {
    places: Vec<Option<Place<P>>>,
    /// Places that were left, the one that is empty longest first: late datagrams for a peer that is gone shall
    /// meet no other.
    free: VecDeque<Tag>,
    by_init: BTreeMap<InitKey, Tag>,
    deadlines: BTreeSet<(Instant, Tag)>,
    max: usize,
}

#[derive(Debug)]
struct Place<P> {
    peer: Box<P>,
    init: InitKey,
    deadline: Option<(Instant, Wake)>,
}

impl<P> Table<P> {
    /// A table for up to `max` peers ([`PEERS_MAX`] at most).
    pub fn new(max: usize) -> Self {
        Self {
            places: Vec::new(),
            free: VecDeque::new(),
            by_init: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            max: max.min(PEERS_MAX),
        }
    }

    /// The tag the next peer gets, if there is room.
    pub fn vacant(&self) -> Option<Tag> {
        if let Some(tag) = self.free.front() {
            return Some(*tag);
        }
        if self.places.len() >= self.max {
            return None;
        }
        Tag::try_from(self.places.len().saturating_add(1)).ok()
    }

    /// Puts a peer where [`Self::vacant`] said. False, and the peer is dropped, if that place is taken.
    pub fn insert(&mut self, tag: Tag, init: InitKey, peer: P) -> bool {
        if self.vacant() != Some(tag) {
            return false;
        }
        let place = Some(Place { peer: Box::new(peer), init, deadline: None });
        if self.free.pop_front().is_some() {
            if let Some(empty) = index(tag).and_then(|index| self.places.get_mut(index)) {
                *empty = place;
            }
        } else {
            self.places.push(place);
        }
        self.by_init.insert(init, tag);
        true
    }

    /// The peer with this tag.
    #[inline]
    pub fn get(&self, tag: Tag) -> Option<&P> {
        self.places.get(index(tag)?)?.as_ref().map(|place| &*place.peer)
    }

    /// The peer with this tag.
    #[inline]
    pub fn get_mut(&mut self, tag: Tag) -> Option<&mut P> {
        self.places.get_mut(index(tag)?)?.as_mut().map(|place| &mut *place.peer)
    }

    /// The peer that this IKE_SA_INIT request made.
    pub fn find_init(&self, init: &InitKey) -> Option<Tag> {
        self.by_init.get(init).copied()
    }

    /// Takes a peer out.
    pub fn remove(&mut self, tag: Tag) -> Option<P> {
        let place = self.places.get_mut(index(tag)?)?.take()?;
        if let Some((at, _)) = place.deadline {
            self.deadlines.remove(&(at, tag));
        }
        if self.by_init.get(&place.init) == Some(&tag) {
            self.by_init.remove(&place.init);
        }
        self.free.push_back(tag);
        Some(*place.peer)
    }

    /// All peers, by tag.
    pub fn iter(&self) -> impl Iterator<Item = (Tag, &P)> {
        (1..=Tag::MAX)
            .zip(&self.places)
            .filter_map(|(tag, place)| place.as_ref().map(|place| (tag, &*place.peer)))
    }

    /// When the peer's `handle_timeout` is due, and why.
    pub fn set_deadline(&mut self, tag: Tag, deadline: Option<(Instant, Wake)>) {
        let Some(place) = index(tag).and_then(|index| self.places.get_mut(index)?.as_mut()) else { return };
        if place.deadline == deadline {
            return;
        }
        if let Some((at, _)) = place.deadline {
            self.deadlines.remove(&(at, tag));
        }
        if let Some((at, _)) = deadline {
            self.deadlines.insert((at, tag));
        }
        place.deadline = deadline;
    }

    /// The soonest deadline of all.
    pub fn next_deadline(&self) -> Option<(Instant, Wake)> {
        let (_, tag) = self.deadlines.first()?;
        self.places.get(index(*tag)?)?.as_ref()?.deadline
    }

    /// The peers that are due at `now`, soonest first.
    pub fn due(&self, now: Instant) -> Vec<Tag> {
        self.deadlines.range(..=(now, Tag::MAX)).map(|(_, tag)| *tag).collect()
    }

    /// How many peers there are.
    pub fn len(&self) -> usize {
        self.places.len().saturating_sub(self.free.len())
    }
}

fn index(tag: Tag) -> Option<usize> {
    usize::from(tag).checked_sub(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn init(number: u8) -> InitKey {
        (SocketAddr::from(([192, 0, 2, number], 500)), IkeSpi([number; 8]))
    }

    fn at(seconds: u64) -> Option<(Instant, Wake)> {
        Some((Instant::from_epoch(Duration::from_secs(seconds)), Wake::Liveness))
    }

    fn add(table: &mut Table<u8>, number: u8) -> Tag {
        let tag = table.vacant().unwrap();
        assert!(table.insert(tag, init(number), number));
        tag
    }

    #[test]
    fn tags_start_at_one_and_a_left_place_is_taken_last() {
        let mut table = Table::new(3);
        assert_eq!((0..3).map(|number| add(&mut table, number)).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(table.vacant(), None);
        assert!(!table.insert(4, init(9), 9));
        assert_eq!((table.remove(3), table.remove(1), table.remove(1)), (Some(2), Some(0), None));
        assert_eq!(table.len(), 1);
        assert_eq!((add(&mut table, 7), add(&mut table, 8)), (3, 1));
        assert_eq!(
            table.iter().map(|(tag, peer)| (tag, *peer)).collect::<Vec<_>>(),
            [(1, 8), (2, 1), (3, 7)]
        );
        assert_eq!((table.get(0), table.get(4)), (None, None));
        assert_eq!(table.get_mut(3), Some(&mut 7));
    }

    #[test]
    fn first_requests_find_their_peer_until_it_is_gone() {
        let mut table = Table::new(9);
        let tag = add(&mut table, 5);
        assert_eq!(table.find_init(&init(5)), Some(tag));
        table.remove(tag);
        assert_eq!(table.find_init(&init(5)), None);
    }

    #[test]
    fn the_soonest_deadline_comes_first_and_leaves_with_its_peer() {
        let mut table = Table::new(9);
        let tags: Vec<Tag> = (0..3).map(|number| add(&mut table, number)).collect();
        for (tag, seconds) in tags.iter().zip([30, 10, 20]) {
            table.set_deadline(*tag, at(seconds));
        }
        assert_eq!(table.next_deadline(), at(10));
        assert_eq!(table.due(at(20).unwrap().0), [tags[1], tags[2]]);
        table.set_deadline(tags[1], at(40));
        assert_eq!(table.next_deadline(), at(20));
        table.remove(tags[2]);
        table.set_deadline(tags[0], None);
        assert_eq!(table.next_deadline(), at(40));
        table.remove(tags[1]);
        assert_eq!(table.next_deadline(), None);
        table.set_deadline(tags[1], at(1));
        assert_eq!(table.next_deadline(), None, "nobody is there");
    }
}
