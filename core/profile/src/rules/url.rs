//! Just enough of a URL (RFC 3986 sections 3.1 to 3.3) to judge those of a profile: scheme, host, path.

/// The parts that rules look at. What stands before an `@` may be a secret and is not kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Url<'t> {
    /// `https`, as written.
    pub scheme: &'t str,
    /// The host without its port, as written; brackets stay around an IPv6 address.
    pub host: &'t str,
    /// The path with its query, from the `/`; empty when there is none.
    pub path: &'t str,
}

impl<'t> Url<'t> {
    /// `None` when it is no URL with a host: no scheme, no `//`, no host, or a blank or control character in it.
    pub fn of(text: &'t str) -> Option<Self> {
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let mut letters = scheme.bytes();
        let first = letters.next()?;
        let rest_of_it = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        if !first.is_ascii_alphabetic() || !letters.all(rest_of_it) {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
        let (host, port) = match place.find(']') {
            Some(bracket) if place.starts_with('[') => place.split_at_checked(bracket.saturating_add(1))?,
            Some(_) => return None,
            None => place.split_at_checked(place.find(':').unwrap_or(place.len()))?,
        };
        let port_is_sound = port.is_empty()
            || port.strip_prefix(':').is_some_and(|port| port.is_empty() || port.parse::<u16>().is_ok());
        (!host.is_empty() && port_is_sound).then_some(Self { scheme, host, path })
    }

    /// Whether the scheme is this one, in whatever case.
    pub fn has_scheme(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let url = Url::of("https://user:secret@probe.example.com:8443/x?y#z").unwrap();
        assert_eq!((url.scheme, url.host, url.path), ("https", "probe.example.com", "/x?y#z"));
        let url = Url::of("HTTP://[2001:db8::1]:80").unwrap();
        assert_eq!((url.host, url.path), ("[2001:db8::1]", ""));
        assert!(url.has_scheme("http"));
        assert_eq!(Url::of("https://dns.example/dns-query{?dns}").unwrap().path, "/dns-query{?dns}");
        for wrong in [
            "",
            "example.com",
            "https://",
            "https:///x",
            "https:/x",
            "://x",
            "1http://x",
            "https://a b",
            "https://x:port/",
            "https://x:99999",
            "https://a]b",
            "https://user@",
            "ht tp://x",
        ] {
            assert_eq!(Url::of(wrong), None, "{wrong}");
        }
    }
}
