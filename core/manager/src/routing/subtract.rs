//! Networks without other networks.

use super::IpPrefix;

/// What is left of some networks without others, as few networks as that takes, in order and without overlap. At most
/// 128 networks come of each pair.
#[must_use]
pub fn subtract(from: &[IpPrefix], minus: &[IpPrefix]) -> Vec<IpPrefix> {
    let mut left = Vec::new();
    for network in from {
        keep(network.network(), minus, &mut left);
    }
    left.sort_unstable();
    left.dedup();
    // What lies in another of them is taken already.
    let all = left.clone();
    left.retain(|inner| !all.iter().any(|outer| outer != inner && outer.covers(inner)));
    left
}

/// Adds what is left of one network. The depth is the address's bits at most.
fn keep(network: IpPrefix, minus: &[IpPrefix], left: &mut Vec<IpPrefix>) {
    if minus.iter().any(|removed| removed.covers(&network)) {
        return;
    }
    let touching: Vec<IpPrefix> = minus.iter().copied().filter(|removed| network.covers(removed)).collect();
    match network.halves() {
        Some(halves) if !touching.is_empty() => {
            halves.into_iter().for_each(|half| keep(half, &touching, left))
        }
        _ => left.push(network),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use proptest::prelude::*;

    use super::*;

    fn prefix(text: &str) -> IpPrefix {
        text.parse().unwrap()
    }

    fn texts(found: &[IpPrefix]) -> Vec<String> {
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_network_is_cut_out_of_a_larger_one() {
        let left = subtract(&[prefix("10.0.0.0/8")], &[prefix("10.128.0.0/9"), prefix("10.0.0.0/10")]);
        assert_eq!(texts(&left), ["10.64.0.0/10"]);
        assert_eq!(subtract(&[IpPrefix::ALL_IPV4], &[prefix("192.168.1.0/24")]).len(), 24);
        assert_eq!(subtract(&[prefix("10.0.0.0/8")], &[IpPrefix::ALL_IPV4]), []);
        assert_eq!(texts(&subtract(&[IpPrefix::ALL_IPV6], &[prefix("192.168.1.0/24")])), ["::/0"]);
    }

    proptest! {
        #[test]
        fn what_is_left_is_what_was_there_without_what_was_cut(
            from in prop::collection::vec((any::<u32>(), 0_u8..=32), 1..4),
            minus in prop::collection::vec((any::<u32>(), 0_u8..=32), 0..6),
            probes in prop::collection::vec(any::<u32>(), 32),
        ) {
            let of = |(address, length): &(u32, u8)| {
                IpPrefix::new(Ipv4Addr::from(*address).into(), *length).unwrap().network()
            };
            let from: Vec<_> = from.iter().map(of).collect();
            let minus: Vec<_> = minus.iter().map(of).collect();
            let left = subtract(&from, &minus);
            // The edges of what was cut are the interesting addresses.
            let edges = minus.iter().chain(&from).flat_map(|network| {
                let IpAddr::V4(first) = network.address() else { panic!("{network}") };
                let hosts = u32::MAX.checked_shr(network.len().into()).unwrap_or(0);
                [first.to_bits(), first.to_bits() | hosts]
            });
            for address in probes.iter().copied().chain(edges) {
                let single = IpAddr::V4(Ipv4Addr::from(address));
                let within = |list: &[IpPrefix]| list.iter().any(|network| network.contains(single));
                prop_assert_eq!(within(&left), within(&from) && !within(&minus), "{}", single);
            }
            for (at, one) in left.iter().enumerate() {
                prop_assert!(left.iter().skip(at + 1).all(|other| !one.covers(other) && !other.covers(one)));
            }
        }
    }
}
