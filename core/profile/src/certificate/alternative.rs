//! The subject's alternative names (RFC 5280 section 4.2.1.6), as far as VPNs compare them.

use std::fmt;
use std::net::IpAddr;

use super::asn1::Reader;

/// One of the subject's other names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AlternativeName {
    /// `dNSName`.
    Dns(String),
    /// `rfc822Name`: a mail address.
    Email(String),
    /// `uniformResourceIdentifier`.
    Uri(String),
    /// `iPAddress`.
    Ip(IpAddr),
}

impl AlternativeName {
    /// Whether an identity as profiles write it is this name: an address by its value, text without regard to case.
    #[must_use]
    pub fn is(&self, identity: &str) -> bool {
        match self {
            Self::Dns(name) | Self::Email(name) | Self::Uri(name) => name.eq_ignore_ascii_case(identity),
            Self::Ip(address) => identity.parse() == Ok(*address),
        }
    }
}

impl fmt::Display for AlternativeName {
    /// Without control characters and cut: names come out of the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) | Self::Email(name) | Self::Uri(name) => {
                f.write_str(&name.chars().filter(|c| !c.is_control()).take(100).collect::<String>())
            }
            Self::Ip(address) => address.fmt(f),
        }
    }
}

/// Reads the value of the extension; names of other kinds, and everything behind a broken one, are left out.
pub(super) fn read(mut value: Reader<'_>, most: usize) -> Vec<AlternativeName> {
    let mut names = Vec::new();
    let Ok(mut list) = value.sequence("alternative names") else { return names };
    while let Ok(name) = list.any("an alternative name") {
        if names.len() >= most {
            break;
        }
        let text = || std::str::from_utf8(name.content).ok().map(str::to_owned);
        let found = match name.tag {
            0x81 => text().map(AlternativeName::Email),
            0x82 => text().map(AlternativeName::Dns),
            0x86 => text().map(AlternativeName::Uri),
            0x87 => address(name.content).map(AlternativeName::Ip),
            _ => None,
        };
        names.extend(found);
    }
    names
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_each_kind_are_read_and_compared() {
        let mut list = vec![0x82, 5];
        list.extend(b"a.b.c");
        list.extend([0x81, 3]);
        list.extend(b"u@h");
        list.extend([0x87, 4, 192, 0, 2, 1]);
        list.extend([0x87, 3, 1, 2, 3]);
        list.extend([0xa0, 0]);
        list.extend([0x86, 3]);
        list.extend(b"x:y");
        let mut bytes = vec![0x30, u8::try_from(list.len()).unwrap()];
        bytes.extend(&list);
        let names = read(Reader::new(&bytes), 10);
        assert_eq!(names.len(), 4);
        assert!(names[0].is("A.b.C") && !names[0].is("a.b"));
        assert!(names[1].is("u@h") && names[3].is("x:y"));
        assert!(names[2].is("192.0.2.1") && !names[2].is("192.0.2.2"));
        assert_eq!(read(Reader::new(&bytes), 1).len(), 1);
        for cut in 0..bytes.len() {
            assert!(read(Reader::new(&bytes[..cut]), 10).is_empty(), "{cut}");
        }
    }
}
