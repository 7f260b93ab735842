//! The traffic selectors of an SA, and the check each packet passes (RFC 4301 4.4.1, 5.1, 5.2).
//!
//! Owns [`Selectors`]: both lists, compiled so that "any" costs a flag test and a list without protocols
//! costs two comparisons per entry and no look behind the IP header. Leaves out a security policy
//! database: which SA a packet belongs to is decided above.

use std::net::IpAddr;

use crate::inner::{Addresses, Inner, NextLayer};
use crate::selector::PacketSide;
use crate::{SelectorError, TrafficSelector};

/// The most selectors on one side: the payload counts them in one octet (RFC 7296 3.13).
pub const MAX_SELECTORS: usize = 255;

/// What an SA may carry: packets between some local and some remote selector.
#[derive(Clone, Debug)]
pub struct Selectors {
    local: Vec<TrafficSelector>,
    remote: Vec<TrafficSelector>,
    local_rules: Rules,
    remote_rules: Rules,
    own_hosts: Vec<IpAddr>,
}

impl Selectors {
    /// Takes 1 to [`MAX_SELECTORS`] selectors for each side, as seen from this host.
    ///
    /// # Errors
    /// [`SelectorError::Count`].
    pub fn new(local: Vec<TrafficSelector>, remote: Vec<TrafficSelector>) -> Result<Self, SelectorError> {
        for side in [&local, &remote] {
            if side.is_empty() || side.len() > MAX_SELECTORS {
                return Err(SelectorError::Count(side.len()));
            }
        }
        let local_rules = Rules::compile(&local);
        let remote_rules = Rules::compile(&remote);
        // A local selector of one address is our own address in the tunnel: nobody else may use it.
        let own_hosts = local
            .iter()
            .filter(|ours| ours.start() == ours.end())
            .map(TrafficSelector::start)
            .filter(|host| remote.iter().any(|theirs| theirs.contains_address(*host)))
            .collect();
        Ok(Self { local, remote, local_rules, remote_rules, own_hosts })
    }

    /// Everything, both ways, IPv4 and IPv6.
    #[must_use]
    pub fn any() -> Self {
        let any = vec![TrafficSelector::any_v4(), TrafficSelector::any_v6()];
        let rules = Rules::compile(&any);
        Self {
            local: any.clone(),
            remote: any,
            local_rules: rules.clone(),
            remote_rules: rules,
            own_hosts: Vec::new(),
        }
    }

    /// This host's side.
    #[must_use]
    pub fn local(&self) -> &[TrafficSelector] {
        &self.local
    }

    /// The peer's side.
    #[must_use]
    pub fn remote(&self) -> &[TrafficSelector] {
        &self.remote
    }

    /// True if the IP packet in `packet` may be sent through the SA.
    #[must_use]
    pub fn permit_outbound(&self, packet: &[u8]) -> bool {
        Inner::parse(packet).is_some_and(|inner| self.permits_outbound(&inner))
    }

    /// True if the IP packet in `packet` may come out of the SA: inside the selectors, with addresses
    /// that are possible, and not from our own address.
    #[must_use]
    pub fn permit_inbound(&self, packet: &[u8]) -> bool {
        Inner::parse(packet).is_some_and(|inner| self.permits_inbound(&inner))
    }

    #[inline]
    pub(crate) fn permits_outbound(&self, inner: &Inner<'_>) -> bool {
        permits(&self.local_rules, &self.remote_rules, inner)
    }

    #[inline]
    pub(crate) fn permits_inbound(&self, inner: &Inner<'_>) -> bool {
        permits(&self.remote_rules, &self.local_rules, inner)
            && !inner.has_impossible_address()
            && (self.own_hosts.is_empty() || !self.comes_from_own_host(inner))
    }

    fn comes_from_own_host(&self, inner: &Inner<'_>) -> bool {
        self.own_hosts.iter().any(|host| match (host, inner.addresses()) {
            (IpAddr::V4(host), Addresses::V4 { source, .. }) => host.to_bits() == source,
            (IpAddr::V6(host), Addresses::V6 { source, .. }) => host.to_bits() == source,
            _ => false,
        })
    }
}

impl PartialEq for Selectors {
    fn eq(&self, other: &Self) -> bool {
        self.local == other.local && self.remote == other.remote
    }
}

impl Eq for Selectors {}

#[inline]
fn permits(source_rules: &Rules, destination_rules: &Rules, inner: &Inner<'_>) -> bool {
    let plain = match inner.addresses() {
        Addresses::V4 { source, destination } => {
            source_rules.v4.contains_plainly(source) && destination_rules.v4.contains_plainly(destination)
        }
        Addresses::V6 { source, destination } => {
            source_rules.v6.contains_plainly(source) && destination_rules.v6.contains_plainly(destination)
        }
    };
    // Parsing again there keeps this packet's fields in registers here.
    plain || permits_by_any_rule(source_rules, destination_rules, inner.bytes())
}

#[inline(never)]
fn permits_by_any_rule(source_rules: &Rules, destination_rules: &Rules, packet: &[u8]) -> bool {
    let Some(inner) = Inner::parse(packet) else { return false };
    let mut next = LazyNextLayer { inner: &inner, found: None };
    match inner.addresses() {
        Addresses::V4 { source, destination } => {
            source_rules.v4.contains(source, PacketSide::Source, &mut next)
                && destination_rules.v4.contains(destination, PacketSide::Destination, &mut next)
        }
        Addresses::V6 { source, destination } => {
            source_rules.v6.contains(source, PacketSide::Source, &mut next)
                && destination_rules.v6.contains(destination, PacketSide::Destination, &mut next)
        }
    }
}

/// Looks behind the IP header once, and only if some rule asks.
struct LazyNextLayer<'a> {
    inner: &'a Inner<'a>,
    found: Option<NextLayer>,
}

impl LazyNextLayer<'_> {
    fn get(&mut self) -> NextLayer {
        *self.found.get_or_insert_with(|| self.inner.next_layer())
    }
}

#[derive(Clone, Debug)]
struct Rules {
    v4: Family<u32>,
    v6: Family<u128>,
}

impl Rules {
    fn compile(selectors: &[TrafficSelector]) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for selector in selectors {
            let narrowed = (!selector.is_any_protocol()).then_some(*selector);
            match (selector.start(), selector.end()) {
                (IpAddr::V4(start), IpAddr::V4(end)) => {
                    v4.push(Rule { start: start.to_bits(), end: end.to_bits(), narrowed });
                }
                (IpAddr::V6(start), IpAddr::V6(end)) => {
                    v6.push(Rule { start: start.to_bits(), end: end.to_bits(), narrowed });
                }
                // The constructor of a selector allows one family only.
                _ => {}
            }
        }
        Self { v4: Family::new(v4, 0, u32::MAX), v6: Family::new(v6, 0, u128::MAX) }
    }
}

/// The rules for addresses of one family.
#[derive(Clone, Debug)]
struct Family<A> {
    /// One range that protocol and ports do not restrict, kept outside the list: with a single selector,
    /// which is the rule, it decides alone. Empty (start above end) if there is none.
    plain: (A, A),
    rules: Vec<Rule<A>>,
}

#[derive(Clone, Debug)]
struct Rule<A> {
    start: A,
    end: A,
    /// Present if protocol or ports restrict it.
    narrowed: Option<TrafficSelector>,
}

impl<A: Copy + Ord> Family<A> {
    fn new(rules: Vec<Rule<A>>, lowest: A, highest: A) -> Self {
        let all = |rule: &&Rule<A>| rule.start == lowest && rule.end == highest;
        let mut unrestricted = rules.iter().filter(|rule| rule.narrowed.is_none());
        let first = unrestricted.clone().next();
        let plain = unrestricted.find(all).or(first).map_or((highest, lowest), |rule| (rule.start, rule.end));
        Self { plain, rules }
    }

    #[inline]
    fn contains_plainly(&self, address: A) -> bool {
        self.plain.0 <= address && address <= self.plain.1
    }

    fn contains(&self, address: A, side: PacketSide, next: &mut LazyNextLayer<'_>) -> bool {
        self.rules.iter().any(|rule| {
            rule.start <= address
                && address <= rule.end
                && match &rule.narrowed {
                    None => true,
                    Some(selector) => selector.contains_next_layer(&next.get(), side),
                }
        })
    }
}
