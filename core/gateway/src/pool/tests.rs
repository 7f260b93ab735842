use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

fn pool(ranges: &[&str], reserved: &[&str]) -> Result<AddressPool, PoolError> {
    let ranges: Vec<AddressRange> = ranges.iter().map(|text| text.parse().unwrap()).collect();
    let reserved: Vec<IpAddr> = reserved.iter().map(|text| text.parse().unwrap()).collect();
    AddressPool::new(&ranges, &reserved)
}

fn lease(pool: &mut AddressPool, family: Family, identity: &str) -> String {
    pool.lease(family, identity.as_bytes(), None).unwrap().to_string()
}

#[test]
fn addresses_ascend_and_skip_network_broadcast_and_gateway() {
    let mut pool = pool(&["10.0.0.0/29", "fd00::/64"], &["10.0.0.1", "fd00::1"]).unwrap();
    assert_eq!(pool.capacity(Family::V4), 5);
    for expected in ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"] {
        assert_eq!(lease(&mut pool, Family::V4, expected), expected);
    }
    assert_eq!(
        pool.lease(Family::V4, b"one too many", None),
        Err(PoolError::Exhausted { family: Family::V4, leased: 5 })
    );
    assert_eq!(lease(&mut pool, Family::V6, "a"), "fd00::2");
    assert_eq!(lease(&mut pool, Family::V6, "b"), "fd00::3");
    assert_eq!(pool.holder("10.0.0.4".parse().unwrap()), Some(b"10.0.0.4".as_slice()));
}

#[test]
fn a_client_that_comes_back_gets_the_address_it_had() {
    let mut pool = pool(&["10.0.0.0/24"], &[]).unwrap();
    let alice = lease(&mut pool, Family::V4, "alice");
    let bob = lease(&mut pool, Family::V4, "bob");
    assert!(pool.release(alice.parse().unwrap()));
    assert!(pool.release(bob.parse().unwrap()));
    assert_ne!(lease(&mut pool, Family::V4, "carol"), alice);
    assert_eq!(lease(&mut pool, Family::V4, "bob"), bob);
    assert_eq!(lease(&mut pool, Family::V4, "alice"), alice);
    assert!(!pool.release("10.0.0.200".parse().unwrap()), "never leased");
    assert!(!pool.release("fd00::1".parse().unwrap()), "no such family");
}

#[test]
fn two_devices_of_one_user_get_two_addresses_and_both_back() {
    let mut pool = pool(&["10.0.0.0/24"], &[]).unwrap();
    let phone = lease(&mut pool, Family::V4, "alice");
    let laptop = lease(&mut pool, Family::V4, "alice");
    assert_ne!(phone, laptop);
    pool.release(phone.parse().unwrap());
    pool.release(laptop.parse().unwrap());
    let back: BTreeSet<String> = (0..2).map(|_| lease(&mut pool, Family::V4, "alice")).collect();
    assert_eq!(back, BTreeSet::from([phone, laptop]));
}

#[test]
fn when_nothing_fresh_is_left_the_longest_free_address_goes_first() {
    let mut pool = pool(&["10.0.0.1-10.0.0.3"], &[]).unwrap();
    for name in ["a", "b", "c"] {
        lease(&mut pool, Family::V4, name);
    }
    for address in ["10.0.0.2", "10.0.0.3", "10.0.0.1"] {
        assert!(pool.release(address.parse().unwrap()));
    }
    assert_eq!(lease(&mut pool, Family::V4, "d"), "10.0.0.2");
    assert_eq!(lease(&mut pool, Family::V4, "b"), "10.0.0.3", "b's address is gone, the next oldest is free");
    assert_eq!(lease(&mut pool, Family::V4, "e"), "10.0.0.1");
}

#[test]
fn a_hint_is_honoured_only_where_it_harms_nobody() {
    let mut pool = pool(&["10.0.0.0/24"], &["10.0.0.1"]).unwrap();
    let hint = |text: &str| Some(text.parse().unwrap());
    let wanted = pool.lease(Family::V4, b"alice", hint("10.0.0.77")).unwrap();
    assert_eq!(wanted.to_string(), "10.0.0.77");
    for refused in ["10.0.0.77", "10.0.0.1", "10.0.0.0", "10.0.0.255", "192.0.2.1", "fd00::5"] {
        let got = pool.lease(Family::V4, b"bob", hint(refused)).unwrap();
        assert_ne!(got.to_string(), refused);
    }
    pool.release(wanted);
    let mallory = pool.lease(Family::V4, b"mallory", hint("10.0.0.77")).unwrap();
    assert_ne!(mallory, wanted, "alice's last address is kept for her while others are free");
    assert_eq!(pool.lease(Family::V4, b"alice", hint("10.0.0.77")), Ok(wanted));
}

#[test]
fn memory_of_released_addresses_is_bounded_and_loses_no_address() {
    let mut pool = pool(&["fd00::/64"], &[]).unwrap();
    for client in 0..3 * REMEMBERED_PER_FAMILY {
        let address = pool.lease(Family::V6, format!("client {client}").as_bytes(), None).unwrap();
        assert!(pool.release(address));
    }
    let v6 = pool.v6.as_ref().unwrap();
    assert_eq!(v6.released.len(), REMEMBERED_PER_FAMILY);
    assert_eq!(v6.by_age.len(), REMEMBERED_PER_FAMILY);
    assert_eq!(v6.by_identity.len(), REMEMBERED_PER_FAMILY);

    let long = vec![b'x'; REMEMBERED_IDENTITY_LEN + 1];
    let address = pool.lease(Family::V6, &long, None).unwrap();
    assert!(pool.release(address));
    let v6 = pool.v6.as_ref().unwrap();
    assert!(v6.by_identity.iter().all(|(identity, _, _)| identity.len() <= REMEMBERED_IDENTITY_LEN));
}

#[test]
fn more_simultaneous_leases_than_remembered_addresses_are_possible() {
    let mut pool = pool(&["10.0.0.0/16"], &[]).unwrap();
    for client in 0..65_534_u32 {
        pool.lease(Family::V4, &client.to_be_bytes(), None).unwrap();
    }
    assert!(matches!(
        pool.lease(Family::V4, b"late", None),
        Err(PoolError::Exhausted { leased: 65_534, .. })
    ));
}

#[test]
fn the_ends_of_the_number_space_do_not_overflow() {
    let mut all = pool(&["255.255.255.254-255.255.255.255"], &[]).unwrap();
    assert_eq!(lease(&mut all, Family::V4, "a"), "255.255.255.254");
    assert_eq!(lease(&mut all, Family::V4, "b"), "255.255.255.255");
    assert!(all.lease(Family::V4, b"c", None).is_err());
    let v6 = pool(&["::/0"], &[]).unwrap();
    assert_eq!(v6.capacity(Family::V6), u128::MAX);
}

#[test]
fn overlapping_and_empty_pools_are_refused_by_name() {
    let overlap = pool(&["10.0.0.0/24", "fd00::/64", "10.0.0.128-10.0.1.3"], &[]).unwrap_err();
    assert_eq!(overlap.to_string(), "address pools 10.0.0.0/24 and 10.0.0.128-10.0.1.3 overlap");
    let empty = pool(&["10.0.0.1/32"], &["10.0.0.1"]).unwrap_err();
    assert!(matches!(empty, PoolError::Empty(_)));
    let none = pool(&["10.0.0.0/24"], &[]).unwrap().lease(Family::V6, b"a", None).unwrap_err();
    assert_eq!(none, PoolError::NoPool(Family::V6));
}

/// A step of the property test: `client` of a few names leases, or the `index`-th lease is released.
#[derive(Clone, Debug)]
enum Step {
    Lease { client: u8, hint: Option<u8> },
    Release { index: usize },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..12_u8, proptest::option::of(0..40_u8)).prop_map(|(client, hint)| Step::Lease { client, hint }),
        (0..64_usize).prop_map(|index| Step::Release { index }),
    ]
}

proptest! {
    /// Against a model of plain sets: nobody shares an address, none outside the pool is given, none is
    /// lost, and a client whose last address is free gets it.
    #[test]
    fn a_model_of_plain_sets_agrees(steps in proptest::collection::vec(step(), 1..300)) {
        let mut pool = pool(&["10.0.0.0/28", "10.0.0.32-10.0.0.35"], &["10.0.0.1", "10.0.0.33"]).unwrap();
        let all: BTreeSet<IpAddr> = (2..=14_u8).chain([32, 34, 35]).map(|n| IpAddr::from([10, 0, 0, n])).collect();
        prop_assert_eq!(pool.capacity(Family::V4), all.len() as u128);
        let mut held: BTreeMap<IpAddr, u8> = BTreeMap::new();
        let mut order: Vec<IpAddr> = Vec::new();
        // Address to last holder, for free addresses; and each client's releases, latest last.
        let mut last: BTreeMap<IpAddr, u8> = BTreeMap::new();
        let mut releases: Vec<(u8, IpAddr)> = Vec::new();
        for step in steps {
            match step {
                Step::Lease { client, hint } => {
                    let hint = hint.map(|n| IpAddr::from([10, 0, 0, n]));
                    match pool.lease(Family::V4, &[client], hint) {
                        Ok(address) => {
                            prop_assert!(all.contains(&address), "{address} is not in the pool");
                            prop_assert!(!held.contains_key(&address), "{address} is held twice");
                            let own = releases.iter().rev().find(|(c, a)| *c == client && last.get(a) == Some(c));
                            let hint_ok = hint.is_some_and(|h| {
                                all.contains(&h) && !held.contains_key(&h)
                                    && last.get(&h).is_none_or(|holder| *holder == client)
                            });
                            if hint_ok {
                                prop_assert_eq!(Some(address), hint);
                            } else if let Some((_, own)) = own {
                                prop_assert_eq!(address, *own);
                            }
                            last.remove(&address);
                            releases.retain(|(_, released)| *released != address);
                            held.insert(address, client);
                            order.push(address);
                        }
                        Err(error) => {
                            let exhausted = matches!(error, PoolError::Exhausted { .. });
                            prop_assert!(exhausted);
                            prop_assert_eq!(held.len(), all.len());
                        }
                    }
                }
                Step::Release { index } => {
                    if order.is_empty() {
                        continue;
                    }
                    let address = order.remove(index % order.len());
                    let client = held.remove(&address).unwrap();
                    prop_assert_eq!(pool.holder(address).map(<[u8]>::to_vec), Some(vec![client]));
                    prop_assert!(pool.release(address));
                    prop_assert!(!pool.release(address));
                    last.insert(address, client);
                    releases.push((client, address));
                }
            }
            prop_assert_eq!(pool.leased(Family::V4), held.len());
        }
    }
}
