//! Fragments.

use zeroize::Zeroizing;

use crate::exchange::*;
use crate::wire::{PayloadType, limits};

fn fragment(number: u16, total: u16, octets: &[u8]) -> Opened {
    Opened {
        first: if number == 1 { PayloadType::IDI } else { PayloadType::NONE },
        payloads: Zeroizing::new(octets.to_vec()),
        fragment: Some(FragmentNumber { number, total }),
    }
}

fn complete(progress: Progress) -> Vec<u8> {
    let Progress::Complete(message) = progress else { panic!("{progress:?}") };
    assert_eq!(message.first, PayloadType::IDI);
    assert_eq!(message.fragment, None);
    message.payloads.to_vec()
}

#[test]
fn a_message_that_is_no_fragment_is_complete_and_clears_the_store() {
    let mut store = Reassembly::new();
    store.insert(1, fragment(1, 2, b"a"));
    let whole = Opened { fragment: None, ..fragment(1, 1, b"whole") };
    assert_eq!(complete(store.insert(1, whole)), b"whole");
    assert_eq!(store.octets(), 0);
}

#[test]
fn a_set_of_one_is_complete() {
    assert_eq!(complete(Reassembly::new().insert(1, fragment(1, 1, b"one"))), b"one");
}

#[test]
fn b12_a_duplicate_with_other_octets_changes_nothing() {
    let mut store = Reassembly::new();
    assert_eq!(store.insert(1, fragment(2, 3, b"b")), Progress::Kept);
    assert_eq!(store.insert(1, fragment(2, 3, b"X")), Progress::Ignored(FragmentRefusal::Duplicate));
    store.insert(1, fragment(1, 3, b"a"));
    assert_eq!(complete(store.insert(1, fragment(3, 3, b"c"))), b"abc");
}

#[test]
fn b12_a_larger_total_replaces_the_set_and_a_smaller_one_is_ignored() {
    let mut store = Reassembly::new();
    store.insert(1, fragment(1, 2, b"old"));
    assert_eq!(store.insert(1, fragment(1, 3, b"a")), Progress::Kept);
    assert_eq!(store.octets(), 1);
    assert_eq!(store.insert(1, fragment(2, 2, b"old")), Progress::Ignored(FragmentRefusal::FewerFragments));
    store.insert(1, fragment(2, 3, b"b"));
    assert_eq!(complete(store.insert(1, fragment(3, 3, b"c"))), b"abc");
}

#[test]
fn b12_fragments_of_another_message_replace_the_set() {
    let mut store = Reassembly::new();
    store.insert(1, fragment(1, 2, b"one"));
    store.insert(2, fragment(2, 2, b"b"));
    assert_eq!(complete(store.insert(2, fragment(1, 2, b"a"))), b"ab");
}

#[test]
fn b12_totals_and_octets_are_bounded_and_gaps_kept_open_stay_small() {
    let mut store = Reassembly::new();
    assert_eq!(store.insert(1, fragment(1, 65_535, b"a")), Progress::Ignored(FragmentRefusal::TooMany));
    assert_eq!(store.insert(1, fragment(1, 256, b"a")), Progress::Ignored(FragmentRefusal::TooMany));
    let most = u16::try_from(MAX_FRAGMENTS).unwrap();
    // All but one, each as large as possible, over and over.
    let large = vec![0; 60_000];
    let mut kept = 0;
    for _ in 0..3 {
        for number in 1..most {
            match store.insert(1, fragment(number, most, &large)) {
                Progress::Kept => kept += 1,
                Progress::Ignored(_) => {}
                Progress::Complete(_) => panic!(),
            }
            assert!(store.octets() <= limits::MAX_MESSAGE);
        }
    }
    assert_eq!(kept, 1);
    store.clear();
    assert_eq!(store.octets(), 0);
}

#[test]
fn b14_many_tiny_fragments_are_taken() {
    for total in [25, 64, 255] {
        let mut store = Reassembly::new();
        for number in (2..=total).rev() {
            assert_eq!(store.insert(1, fragment(number, total, &[number as u8])), Progress::Kept);
        }
        let expected: Vec<u8> = (1..=total).map(|number| number as u8).collect();
        assert_eq!(complete(store.insert(1, fragment(1, total, &[1]))), expected);
    }
}
