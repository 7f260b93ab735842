//! Whether an earlier rule matches wherever a later one does.
//!
//! Sound under every reading of what Apple's documents leave open: it says yes only where no network exists on which the
//! later rule matches and the earlier does not. So an empty list, a placeholder, a value of another type and an
//! unknown key make the answer no, and a search domain without a wildcard covers only itself in a VPN's rules (the
//! documents disagree whether it covers the names below it; for DNS settings they say that it does).

use crate::gather::GatherSome as _;
use crate::model::{Section, template};
use crate::syntax::Node;

use super::interface;
use super::lists::{Home, OnDemandRule};

/// The match keys of a rule.
#[derive(Clone, Debug)]
pub(super) struct Criteria<'d> {
    interface: Key<&'static str>,
    ssids: Key<Vec<&'d str>>,
    domains: Key<Vec<&'d str>>,
    servers: Key<Vec<&'d str>>,
    probe: Key<&'d str>,
    /// It has a key that is not documented, which may be a match key misspelled.
    foreign: bool,
    /// Its action is one that exists, so that every system takes it for a rule.
    acts: bool,
}

/// A match key.
#[derive(Clone, Debug)]
enum Key<T> {
    /// Not there: it holds everywhere.
    Absent,
    /// Its value.
    Is(T),
    /// There, but nobody can say what it matches.
    Unclear,
}

/// How many pairs of entries are compared for one list of rules; past that nothing is claimed.
const BUDGET: usize = 200_000;

/// What is left of the comparisons that one list of rules may cost.
#[derive(Debug)]
pub(super) struct Budget(usize);

impl Budget {
    pub fn new() -> Self {
        Self(BUDGET)
    }

    fn spend(&mut self, cost: usize) -> bool {
        match self.0.checked_sub(cost) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => {
                self.0 = 0;
                false
            }
        }
    }
}

const KEYS: [&str; 7] = [
    "Action",
    "ActionParameters",
    "InterfaceTypeMatch",
    "SSIDMatch",
    "DNSDomainMatch",
    "DNSServerAddressMatch",
    "URLStringProbe",
];

impl<'d> Criteria<'d> {
    pub fn of(rule: &OnDemandRule<'d>, home: Home) -> Self {
        let section = &rule.section;
        Self {
            interface: match interface::meant(section) {
                Some(word) => Key::Is(word),
                None if section.has("InterfaceTypeMatch") => Key::Unclear,
                None => Key::Absent,
            },
            ssids: Key::list(section, "SSIDMatch"),
            domains: Key::list(section, "DNSDomainMatch"),
            servers: Key::list(section, "DNSServerAddressMatch"),
            probe: match section.str("URLStringProbe") {
                Some(url) => Key::Is(url.value),
                None if section.has("URLStringProbe") => Key::Unclear,
                None => Key::Absent,
            },
            foreign: section.dict().entries.iter().any(|entry| !KEYS.contains(&entry.key.text.as_str())),
            acts: rule.meant(home).is_some(),
        }
    }

    /// Whether it has no match key, so that it matches on every network.
    pub fn is_catch_all(&self) -> bool {
        self.acts && self.only_interface().is_some_and(|word| word.is_none())
    }

    /// The interface when nothing else is asked for; `Some(None)`: nothing at all is.
    pub fn only_interface(&self) -> Option<Option<&'static str>> {
        let others = matches!(self.ssids, Key::Absent)
            && matches!(self.domains, Key::Absent)
            && matches!(self.servers, Key::Absent)
            && matches!(self.probe, Key::Absent);
        match self.interface {
            _ if self.foreign || !others => None,
            Key::Absent => Some(None),
            Key::Is(word) => Some(Some(word)),
            Key::Unclear => None,
        }
    }

    /// Whether it can be read in full: neither a key nor an action that may mean something else.
    pub fn is_clear(&self) -> bool {
        let list = |key: &Key<Vec<&str>>| !matches!(key, Key::Unclear);
        !self.foreign
            && self.acts
            && list(&self.ssids)
            && list(&self.domains)
            && list(&self.servers)
            && !matches!(self.interface, Key::Unclear)
            && !matches!(self.probe, Key::Unclear)
    }

    /// Whether it matches wherever `later` does.
    pub fn covers(&self, later: &Self, home: Home, budget: &mut Budget) -> bool {
        if !self.acts || self.foreign {
            return false;
        }
        let interface = match (&self.interface, &later.interface) {
            (Key::Absent, _) => true,
            (Key::Is(ours), Key::Is(theirs)) => ours == theirs,
            // A rule with SSIDs matches on Wi-Fi only.
            (Key::Is("WiFi"), Key::Absent) => matches!(&later.ssids, Key::Is(ssids) if !ssids.is_empty()),
            _ => false,
        };
        let probe = match (&self.probe, &later.probe) {
            (Key::Absent, _) => true,
            (Key::Is(ours), Key::Is(theirs)) => ours == theirs,
            _ => false,
        };
        interface
            && probe
            && each(&self.ssids, &later.ssids, budget, |ours, theirs| ours == theirs)
            && each(&self.servers, &later.servers, budget, server_covers)
            && each(&self.domains, &later.domains, budget, |ours, theirs| domain_covers(ours, theirs, home))
    }
}

impl<'d> Key<Vec<&'d str>> {
    fn list(section: &Section<'d>, key: &str) -> Self {
        if !section.has(key) {
            return Self::Absent;
        }
        let entries = section.node(key).and_then(Node::as_array).unwrap_or_default();
        let text = |entry: &'d Node| {
            entry.as_str().filter(|text| !template::is_placeholder(text, template::Strictness::Plain))
        };
        let texts: Option<Vec<&str>> = entries.iter().map(text).gather_some();
        texts.filter(|texts| !texts.is_empty()).map_or(Self::Unclear, Self::Is)
    }
}

/// Whether each entry of the later list is covered by one of the earlier.
fn each(
    ours: &Key<Vec<&str>>,
    theirs: &Key<Vec<&str>>,
    budget: &mut Budget,
    covers: impl Fn(&str, &str) -> bool,
) -> bool {
    match (ours, theirs) {
        (Key::Absent, _) => true,
        (Key::Is(ours), Key::Is(theirs)) => {
            budget.spend(ours.len().saturating_mul(theirs.len()))
                && theirs.iter().all(|theirs| ours.iter().any(|ours| covers(ours, theirs)))
        }
        _ => false,
    }
}

/// Whether every DNS server that `theirs` matches is matched by `ours`.
fn server_covers(ours: &str, theirs: &str) -> bool {
    if ours == theirs {
        return true;
    }
    // `17.*`: whole numbers of an IPv4 address, so that it does not matter how a `*` is read.
    let Some(front) = ours.strip_suffix("*") else { return false };
    let whole = front.ends_with('.')
        && front.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && !front.starts_with('.')
        && !front.contains("..");
    let theirs_is_four = theirs.parse::<std::net::Ipv4Addr>().is_ok()
        || theirs.strip_suffix(".*").is_some_and(|theirs| {
            theirs.split('.').count() <= 3 && theirs.split('.').all(|octet| octet.parse::<u8>().is_ok())
        });
    whole && theirs_is_four && theirs.starts_with(front)
}

/// Whether every search domain that `theirs` matches is matched by `ours`.
fn domain_covers(ours: &str, theirs: &str, home: Home) -> bool {
    if ours.eq_ignore_ascii_case(theirs) {
        return true;
    }
    let (our_wildcard, our_name) = wildcard(ours);
    let (_, their_name) = wildcard(theirs);
    if our_name.is_empty() || our_name.contains('*') || their_name.contains('*') || our_name.starts_with('.')
    {
        return false;
    }
    // Names below ours, on the boundary of a label.
    let below = their_name.len() > our_name.len()
        && their_name
            .len()
            .checked_sub(our_name.len())
            .and_then(|place| their_name.split_at_checked(place))
            .is_some_and(|(front, back)| {
                back.eq_ignore_ascii_case(our_name)
                    && front.ends_with('.')
                    && !front.starts_with('.')
                    && !front.contains("..")
            });
    below && (our_wildcard || home == Home::DnsSettings)
}

/// A name without `*.` in front, and whether it had that.
fn wildcard(name: &str) -> (bool, &str) {
    name.strip_prefix("*.").map_or((false, name), |name| (true, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VPN: Home = Home::Vpn { kind: "IKEv2", per_app: false };

    #[test]
    fn domains_cover_what_is_below_them() {
        for (ours, theirs) in [
            ("example.com", "EXAMPLE.com"),
            ("*.example.com", "a.example.com"),
            ("*.example.com", "*.b.example.com"),
            ("*.example.com", "a.b.Example.com"),
        ] {
            assert!(domain_covers(ours, theirs, VPN), "{ours} {theirs}");
            assert!(domain_covers(ours, theirs, Home::DnsSettings), "{ours} {theirs}");
        }
        for (ours, theirs) in [
            ("*.example.com", "example.com"),
            ("*.example.com", "badexample.com"),
            ("*", "example.com"),
            ("*.", "example.com"),
            ("a.example.com", "*.example.com"),
            ("*.example.com", "*"),
            ("*.example.com", "..example.com"),
            ("ex*.com", "example.com"),
        ] {
            assert!(!domain_covers(ours, theirs, VPN), "{ours} {theirs}");
            assert!(!domain_covers(ours, theirs, Home::DnsSettings), "{ours} {theirs}");
        }
        assert!(!domain_covers("example.com", "a.example.com", VPN));
        assert!(domain_covers("example.com", "a.example.com", Home::DnsSettings));
        assert!(!domain_covers("example.com", "*.example.com", VPN));
    }

    #[test]
    fn servers_cover_whole_octets() {
        for (ours, theirs) in
            [("17.*", "17.0.0.1"), ("10.1.*", "10.1.2.*"), ("10.*", "10.1.2.3"), ("::1", "::1")]
        {
            assert!(server_covers(ours, theirs), "{ours} {theirs}");
        }
        for (ours, theirs) in [
            ("17.*", "170.0.0.1"),
            ("1*", "17.0.0.1"),
            ("10.1.*", "10.*"),
            ("*", "10.0.0.1"),
            ("2001:db8:*", "2001:db8::1"),
            ("10.*", "10.x"),
            ("10.*", "10.*.*"),
        ] {
            assert!(!server_covers(ours, theirs), "{ours} {theirs}");
        }
    }
}
