//! A server's name into the addresses to try, in the order to try them.
//!
//! Owns [`resolve`]. The system's resolver sorts by RFC 6724; this interleaves the families as RFC 8305 4
//! asks, so that a dead IPv6 path costs one attempt and not as many as there are AAAA records. Leaves out
//! the attempts themselves, and DNS over the tunnel.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Addresses kept of one name at most.
const MAX_ADDRESSES: usize = 32;

/// Why a name gave no address. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The name is empty or holds characters no host name has.
    #[error("{name:?} is not a host name or an IP address: correct the server address in the profile")]
    NotAName {
        /// What was asked for.
        name: String,
    },
    /// The resolver answered that there is no such name, or could not ask.
    #[error("cannot resolve {name:?}: {cause}. Check the spelling, and that DNS works on this network")]
    Failed {
        /// What was asked for.
        name: String,
        /// The system's explanation.
        cause: io::Error,
    },
    /// The name exists but has no address.
    #[error("{name:?} has neither an A nor an AAAA record: ask whoever runs the server for its address")]
    NoAddress {
        /// What was asked for.
        name: String,
    },
    /// No answer within the time allowed.
    #[error("no answer for {name:?} after {} s: DNS does not work on this network", after.as_secs())]
    TimedOut {
        /// What was asked for.
        name: String,
        /// How long was waited.
        after: Duration,
    },
}

/// Addresses of `host`, a name or a literal (`192.0.2.1`, `2001:db8::1`, also in brackets), each with
/// `port`, in the order to try them: the resolver's first choice first, then the families in turn. At most
/// 32, without duplicates, at least one.
///
/// # Errors
/// [`ResolveError`]; `TimedOut` after `patience`.
pub async fn resolve(host: &str, port: u16, patience: Duration) -> Result<Vec<SocketAddr>, ResolveError> {
    if let Some(address) = literal(host, port) {
        return Ok(vec![address]);
    }
    let name = host.trim();
    if !is_name(name) {
        return Err(ResolveError::NotAName { name: host.to_owned() });
    }
    let lookup = tokio::time::timeout(patience, tokio::net::lookup_host((name, port))).await;
    let name = || host.to_owned();
    let found = lookup
        .map_err(|_| ResolveError::TimedOut { name: name(), after: patience })?
        .map_err(|cause| ResolveError::Failed { name: name(), cause })?;
    let addresses = interleave(found);
    if addresses.is_empty() { Err(ResolveError::NoAddress { name: name() }) } else { Ok(addresses) }
}

/// An address in words, which needs no resolver.
pub(crate) fn literal(host: &str, port: u16) -> Option<SocketAddr> {
    let name = host.trim();
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    bare.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, port))
}

/// What the host's resolver answered for `host`, in the order to try it.
pub(crate) fn by_host(
    host: &str,
    port: u16,
    answer: Result<Vec<IpAddr>, String>,
) -> Result<Vec<SocketAddr>, ResolveError> {
    let name = || host.to_owned();
    if !is_name(host.trim()) {
        return Err(ResolveError::NotAName { name: name() });
    }
    let found = answer.map_err(|why| ResolveError::Failed { name: name(), cause: io::Error::other(why) })?;
    let addresses = interleave(found.into_iter().map(|address| SocketAddr::new(address, port)));
    if addresses.is_empty() { Err(ResolveError::NoAddress { name: name() }) } else { Ok(addresses) }
}

/// Letters of any script (the resolver decides), digits, hyphen, dot, underscore, within RFC 1035's lengths,
/// and a link-local literal's zone.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '%');
    !name.is_empty() && name.len() <= 255 && name.chars().all(allowed)
}

/// RFC 8305 4 with a first-address-family count of one.
fn interleave(found: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut unique: Vec<SocketAddr> = Vec::new();
    for address in found {
        if unique.len() < MAX_ADDRESSES && !unique.contains(&address) {
            unique.push(address);
        }
    }
    let first_is_v6 = unique.first().is_some_and(SocketAddr::is_ipv6);
    let (preferred, other): (Vec<_>, Vec<_>) =
        unique.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut ordered = Vec::with_capacity(preferred.len() + other.len());
    let (mut preferred, mut other) = (preferred.into_iter(), other.into_iter());
    loop {
        let pair = (preferred.next(), other.next());
        if pair == (None, None) {
            return ordered;
        }
        ordered.extend(pair.0);
        ordered.extend(pair.1);
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use super::{ResolveError, by_host, interleave, resolve};

    fn run<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
    }

    fn list(text: &str) -> Vec<SocketAddr> {
        text.split(' ').filter(|part| !part.is_empty()).map(|part| part.parse().unwrap()).collect()
    }

    #[test]
    fn literals_need_no_resolver() {
        for (host, expected) in [
            ("192.0.2.7", "192.0.2.7:500"),
            (" 192.0.2.7 ", "192.0.2.7:500"),
            ("2001:db8::7", "[2001:db8::7]:500"),
            ("[2001:db8::7]", "[2001:db8::7]:500"),
        ] {
            assert_eq!(run(resolve(host, 500, Duration::ZERO)).unwrap(), list(expected), "{host}");
        }
    }

    #[test]
    fn localhost_resolves_through_the_system() {
        let found = run(resolve("localhost", 4500, Duration::from_secs(10))).unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 4500));
    }

    #[test]
    fn what_is_no_name_is_said_to_be_none() {
        for host in ["", "  ", "vpn example.com", "https://vpn.example.com/", "a\0b", &"a".repeat(256)] {
            let error = run(resolve(host, 500, Duration::from_secs(1))).unwrap_err();
            assert!(matches!(error, ResolveError::NotAName { .. }), "{host}: {error}");
        }
    }

    #[test]
    fn unknown_name_is_an_error_that_names_it() {
        let error = run(resolve("does-not-exist.invalid", 500, Duration::from_secs(30))).unwrap_err();
        assert!(matches!(error, ResolveError::Failed { .. } | ResolveError::TimedOut { .. }), "{error}");
        assert!(error.to_string().contains("does-not-exist.invalid"));
    }

    #[test]
    fn the_hosts_answer_is_ordered_and_its_refusal_keeps_its_words() {
        let answer = |text: &str| Ok(text.split(' ').map(|part| part.parse().unwrap()).collect());
        let found = by_host("vpn.example.com", 500, answer("::1 ::2 192.0.2.1")).unwrap();
        assert_eq!(found, list("[::1]:500 192.0.2.1:500 [::2]:500"));
        let refused = by_host("vpn.example.com", 500, Err("no answer on wlan0".into())).unwrap_err();
        assert!(refused.to_string().contains("no answer on wlan0"), "{refused}");
        let none = by_host("vpn.example.com", 500, Ok(Vec::new())).unwrap_err();
        assert!(matches!(none, ResolveError::NoAddress { .. }));
    }

    #[test]
    fn families_take_turns_and_the_resolvers_first_stays_first() {
        let mixed = "[::1]:1 [::2]:1 [::3]:1 1.1.1.1:1 [::1]:1 2.2.2.2:1";
        let expected = "[::1]:1 1.1.1.1:1 [::2]:1 2.2.2.2:1 [::3]:1";
        assert_eq!(interleave(list(mixed).into_iter()), list(expected));
        let v4_first = interleave(list("1.1.1.1:1 2.2.2.2:1 [::1]:1").into_iter());
        assert_eq!(v4_first, list("1.1.1.1:1 [::1]:1 2.2.2.2:1"));
        assert_eq!(interleave(std::iter::empty()), []);
        let many = (1..=60).map(|n| SocketAddr::from(([10, 0, 0, n], 1)));
        assert_eq!(interleave(many).len(), 32);
    }
}
