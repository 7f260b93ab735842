//! Which networks go into a tunnel, so that no family of addresses stays outside by oversight.
//!
//! Owns the rule ([`Inclusion`]) for all hosts: the settings of a tunnel that comes up, and the routing plans of
//! `adit-manager`. Leaves out what stays outside of what goes in.

use std::collections::BTreeSet;

use crate::IpPrefix;

/// What goes into a tunnel.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Inclusion {
    /// Networks of families in which the tunnel has an address. Where they together are everything of a family its default
    /// route stands for them.
    pub networks: Vec<IpPrefix>,
    /// IPv4 is to go in, and the tunnel has no address for it: whatever leaves outside leaves in clear. A host that can
    /// takes it in to be dropped.
    pub block_ipv4: bool,
    /// The same for IPv6.
    pub block_ipv6: bool,
}

impl Inclusion {
    /// Of the networks that the server lets through the tunnel; `everything`: of all there is (IncludeAllNetworks).
    ///
    /// Where one family goes in whole the rest of the other does not stay outside: it goes in as well, and the engine drops
    /// what the server does not take. Without an address nothing of a family can be sent: its routes are left out, as they
    /// would only swallow it, unless everything of it is to go in; then it is blocked.
    #[must_use]
    pub fn new(routes: &[IpPrefix], everything: bool, has_ipv4: bool, has_ipv6: bool) -> Self {
        let has = |ipv6: bool| if ipv6 { has_ipv6 } else { has_ipv4 };
        let wanted = |ipv6: bool| {
            let mut family = family(routes, ipv6);
            if everything && !family.iter().any(IpPrefix::is_default) {
                family.insert(0, IpPrefix::all(ipv6));
            }
            family
        };
        let all: Vec<IpPrefix> = [false, true].into_iter().flat_map(wanted).collect();
        let some_is_whole = all.iter().any(IpPrefix::is_default);
        let mut networks: Vec<IpPrefix> = all.into_iter().filter(|network| has(network.is_ipv6())).collect();
        let one_goes_in_whole = networks.iter().any(IpPrefix::is_default);
        for ipv6 in [false, true] {
            let default = IpPrefix::all(ipv6);
            if one_goes_in_whole && has(ipv6) && !networks.contains(&default) {
                networks.push(default);
            }
        }
        let (block_ipv4, block_ipv6) = (some_is_whole && !has_ipv4, some_is_whole && !has_ipv6);
        Self { networks, block_ipv4, block_ipv6 }
    }
}

/// The networks of one family; of those that together are everything the default route. What lies in it and is named beside
/// it stays named: it is the tunnel's, whatever a local network is said to be.
fn family(routes: &[IpPrefix], ipv6: bool) -> Vec<IpPrefix> {
    let mut family: Vec<IpPrefix> =
        routes.iter().filter(|network| network.is_ipv6() == ipv6).map(IpPrefix::network).collect();
    family.dedup();
    if family.iter().any(IpPrefix::is_default) {
        return family;
    }
    // Two halves become what they are halves of, which may be half of something in turn.
    let mut merged: BTreeSet<IpPrefix> = family.iter().copied().collect();
    for len in (1..=128).rev() {
        let halves: Vec<IpPrefix> = merged.iter().copied().filter(|network| network.len() == len).collect();
        for half in halves {
            let whole = IpPrefix::new(half.address(), len - 1).map(|whole| whole.network()).ok();
            if let Some((whole, halves)) = whole.and_then(|whole| Some((whole, whole.halves()?)))
                && halves.iter().all(|half| merged.contains(half))
            {
                for half in &halves {
                    merged.remove(half);
                }
                merged.insert(whole);
            }
        }
    }
    let default = IpPrefix::all(ipv6);
    if merged.contains(&default) {
        family.retain(|network| merged.contains(network));
        family.insert(0, default);
    }
    family
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(routes: &[&str], everything: bool, has_ipv4: bool, has_ipv6: bool) -> (Vec<String>, bool, bool) {
        let routes: Vec<IpPrefix> = routes.iter().map(|text| text.parse().unwrap()).collect();
        let Inclusion { networks, block_ipv4, block_ipv6 } =
            Inclusion::new(&routes, everything, has_ipv4, has_ipv6);
        (networks.iter().map(ToString::to_string).collect(), block_ipv4, block_ipv6)
    }

    #[test]
    fn where_one_family_goes_in_whole_the_rest_of_the_other_does_too() {
        let both = |routes: &[&str]| made(routes, false, true, true);
        let plain =
            |networks: &[&str]| (networks.iter().map(|text| (*text).to_owned()).collect(), false, false);
        assert_eq!(both(&["0.0.0.0/0", "fd00::/64"]), plain(&["0.0.0.0/0", "fd00::/64", "::/0"]));
        assert_eq!(both(&["10.0.0.0/8", "::/0"]), plain(&["10.0.0.0/8", "::/0", "0.0.0.0/0"]));
        assert_eq!(both(&["10.0.0.0/8", "fd00::/64"]), plain(&["10.0.0.0/8", "fd00::/64"]));
        assert_eq!(both(&["0.0.0.0/0", "::/0"]), plain(&["0.0.0.0/0", "::/0"]));
        assert_eq!(
            made(&["10.0.0.0/8"], true, true, true),
            plain(&["0.0.0.0/0", "10.0.0.0/8", "::/0"]),
            "what the server names stays named where everything is to go in, too"
        );
        assert_eq!(both(&[]), plain(&[]));
    }

    #[test]
    fn a_family_without_an_address_is_blocked_when_all_of_it_is_to_go_in_and_left_alone_otherwise() {
        let v4 = |text: &str| vec![text.to_owned()];
        assert_eq!(made(&["0.0.0.0/0"], false, true, false), (v4("0.0.0.0/0"), false, true));
        assert_eq!(made(&["0.0.0.0/0", "::/0"], false, true, false), (v4("0.0.0.0/0"), false, true));
        assert_eq!(made(&["10.0.0.0/8", "fd00::/64"], false, true, false), (v4("10.0.0.0/8"), false, false));
        assert_eq!(made(&["fd00::/64"], true, true, false), (v4("0.0.0.0/0"), false, true));
        assert_eq!(made(&["::/0"], false, false, true), (v4("::/0"), true, false));
        // The server wants all of IPv6 and gives no address for it; that is no reason to take in all of IPv4.
        assert_eq!(made(&["10.0.0.0/8", "::/0"], false, true, false), (v4("10.0.0.0/8"), false, true));
    }

    #[test]
    fn networks_that_together_are_everything_are_the_default_route() {
        let networks = |routes: &[&str]| made(routes, false, true, true).0;
        assert_eq!(networks(&["0.0.0.0/1", "128.0.0.0/1", "::/0"]), ["0.0.0.0/0", "::/0"]);
        assert_eq!(
            networks(&["128.0.0.0/1", "10.0.0.0/8", "0.0.0.0/2", "64.0.0.0/2", "::/1", "8000::/1"]),
            ["0.0.0.0/0", "10.0.0.0/8", "::/0"],
            "what is named beside them stays named"
        );
        assert_eq!(
            networks(&["0.0.0.0/0", "10.0.0.0/8", "0.0.0.0/1"]),
            ["0.0.0.0/0", "10.0.0.0/8", "0.0.0.0/1", "::/0"]
        );
        let holes = ["0.0.0.0/1", "128.0.0.0/2"];
        assert_eq!(networks(&holes), holes, "192.0.0.0/2 is missing");
    }
}
