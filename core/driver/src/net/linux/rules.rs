//! The routing rules of a tunnel.
//!
//! Owns [`plan`]: which rules make the tunnel's routes count without editing the main table.
//!
//! ```text
//! fwmark MARK goto END                        the tunnel's own packets pass by everything below
//! to P lookup main suppress_prefixlength L    the host's routes more specific than P/L win ...
//! to P lookup TABLE                           ... then the tunnel's
//! END: nop                                    from here on as if there were no tunnel
//! ```
//!
//! Longer prefixes come first, so that together they match the longest prefix over both tables. Jumping
//! over the block, rather than matching "not marked" in it, also keeps marked packets out of the tunnel
//! when the host has lost its default route, and lets them see all other rules of the host.

use serde::{Deserialize, Serialize};

use crate::net::IpPrefix;

/// Priority of the jump; below it lies room for an administrator's own rules.
const BYPASS: u32 = 19_900;
/// Where the block starts; it takes [`STRIDE`] priorities for each prefix length.
const BLOCK: u32 = 20_000;
/// Where the jump lands: before the rule for the main table (32,766).
const LANDING: u32 = 29_000;
/// Priorities for each prefix length: two for each of [`INSTANCES`].
const STRIDE: u32 = 2 * INSTANCES;
/// Tunnels on one host that get rules of their own: two tunnels must not share a rule, or the first to end
/// would take it from the other.
const INSTANCES: u32 = 32;

const _: () = assert!(BYPASS + INSTANCES <= BLOCK && BLOCK + 129 * STRIDE <= LANDING);

/// One routing rule.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Rule {
    pub(super) v6: bool,
    pub(super) priority: u32,
    pub(super) action: Action,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Action {
    /// The end of the block.
    Landing,
    /// Sends marked packets to the priority given.
    Bypass { target: u32 },
    /// Looks up the main table for routes longer than the prefix.
    Main { to: IpPrefix },
    /// Looks up the tunnel's table.
    Tunnel { to: IpPrefix },
}

/// The rules for `routes` of the interface numbered `index`, in the order to add them: at no moment may the
/// tunnel's own packets match one of its routes.
pub(super) fn plan(routes: &[IpPrefix], index: u32) -> Vec<Rule> {
    let instance = index % INSTANCES;
    let mut rules = Vec::new();
    for v6 in [false, true] {
        let of_family = || routes.iter().copied().filter(|route| route.is_ipv6() == v6);
        if of_family().next().is_none() {
            continue;
        }
        let target = LANDING + instance;
        rules.push(Rule { v6, priority: target, action: Action::Landing });
        rules.push(Rule { v6, priority: BYPASS + instance, action: Action::Bypass { target } });
        for to in of_family() {
            let priority = BLOCK + (128 - u32::from(to.len())) * STRIDE + instance * 2;
            rules.push(Rule { v6, priority, action: Action::Main { to } });
            rules.push(Rule { v6, priority: priority + 1, action: Action::Tunnel { to } });
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::{Action, plan};

    #[test]
    fn longer_prefixes_come_first_and_the_jump_before_all() {
        let routes: Vec<_> =
            ["0.0.0.0/0", "10.1.0.0/16", "10.0.0.0/8"].iter().map(|text| text.parse().unwrap()).collect();
        let mut rules = plan(&routes, 7);
        assert!(matches!(rules[0].action, Action::Landing));
        assert!(matches!(rules[1].action, Action::Bypass { target } if target == rules[0].priority));
        rules.sort_by_key(|rule| rule.priority);
        let order: Vec<String> = rules
            .iter()
            .map(|rule| match rule.action {
                Action::Landing => "landing".to_owned(),
                Action::Bypass { .. } => "bypass".to_owned(),
                Action::Main { to } => format!("main {to}"),
                Action::Tunnel { to } => format!("tunnel {to}"),
            })
            .collect();
        let expected = [
            "bypass",
            "main 10.1.0.0/16",
            "tunnel 10.1.0.0/16",
            "main 10.0.0.0/8",
            "tunnel 10.0.0.0/8",
            "main 0.0.0.0/0",
            "tunnel 0.0.0.0/0",
            "landing",
        ];
        assert_eq!(order, expected);
        assert!(rules.iter().all(|rule| rule.priority < 32_766));
    }

    #[test]
    fn tunnels_share_no_rule() {
        let routes = vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
        let (a, b) = (plan(&routes, 5), plan(&routes, 6));
        assert_eq!(a.len(), 8);
        assert!(a.iter().all(|rule| !b.contains(rule)));
        assert!(plan(&[], 5).is_empty());
    }
}
