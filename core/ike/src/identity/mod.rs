//! Identities: what the ID payloads carry and what a profile's LocalIdentifier and RemoteIdentifier mean.
//!
//! Owns the identification types of RFC 7296 3.5, their bounded parse and encoding (the body of an IDi or
//! IDr payload), the choice of a type from a profile's text, and the rule by which a received identity
//! equals the expected one. Leaves out the payload header (`wire`) and the comparison with a certificate's
//! names ([`crate::certificate`]).

mod dn;
mod error;
mod matching;
mod text;

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

pub(crate) use dn::{DistinguishedName, dotted};
pub use error::{IdentityError, IdentityMismatch};
pub(crate) use matching::{ascii_domains_equal, mailboxes_equal};

/// Longest identification data we take or send, in bytes. The longest honest ones are distinguished names of
/// a few hundred bytes.
pub const MAX_IDENTITY_LEN: usize = 2048;

/// Longest text an identity prints as, in characters, before it is cut.
const MAX_DISPLAY_CHARS: usize = 256;

/// Identification type (RFC 7296 3.5, IANA "IKEv2 Identification Payload ID Types").
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IdKind(pub u8);

impl IdKind {
    /// Four bytes of IPv4 address.
    pub const IPV4: Self = Self(1);
    /// A host name, without a terminator.
    pub const FQDN: Self = Self(2);
    /// A mail address, without a terminator.
    pub const RFC822: Self = Self(3);
    /// Sixteen bytes of IPv6 address.
    pub const IPV6: Self = Self(5);
    /// The DER encoding of an X.500 distinguished name.
    pub const DER_ASN1_DN: Self = Self(9);
    /// The DER encoding of an X.509 `GeneralName`.
    pub const DER_ASN1_GN: Self = Self(10);
    /// Opaque bytes.
    pub const KEY_ID: Self = Self(11);

    /// The registry's name, if this is a type we know.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::IPV4 => Some("IPv4 address"),
            Self::FQDN => Some("FQDN"),
            Self::RFC822 => Some("mail address"),
            Self::IPV6 => Some("IPv6 address"),
            Self::DER_ASN1_DN => Some("distinguished name"),
            Self::DER_ASN1_GN => Some("general name"),
            Self::KEY_ID => Some("key ID"),
            _ => None,
        }
    }
}

impl fmt::Display for IdKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "identification type {}", self.0),
        }
    }
}

impl fmt::Debug for IdKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Who a peer claims to be. Well-formed for its kind by construction.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Identity {
    kind: IdKind,
    data: Vec<u8>,
}

impl Identity {
    /// Takes identification data of a kind and checks that they fit together.
    ///
    /// # Errors
    /// [`IdentityError`] if `data` is empty, longer than [`MAX_IDENTITY_LEN`], or not what `kind` asks for,
    /// and if `kind` is not one of the types named in [`IdKind`].
    pub fn new(kind: IdKind, data: Vec<u8>) -> Result<Self, IdentityError> {
        if data.is_empty() {
            return Err(IdentityError::Empty { kind });
        }
        if data.len() > MAX_IDENTITY_LEN {
            return Err(IdentityError::TooLong { length: data.len() });
        }
        match kind {
            IdKind::IPV4 => require_length(kind, &data, 4)?,
            IdKind::IPV6 => require_length(kind, &data, 16)?,
            IdKind::FQDN | IdKind::RFC822 => require_text(kind, &data)?,
            IdKind::DER_ASN1_DN => {
                DistinguishedName::parse(&data)?;
            }
            IdKind::DER_ASN1_GN => dn::require_one_der_value(&data)?,
            IdKind::KEY_ID => {}
            _ => return Err(IdentityError::UnsupportedKind { kind }),
        }
        Ok(Self { kind, data })
    }

    /// Reads the body of an IDi or IDr payload: type, three reserved bytes (ignored, as RFC 7296 3.5 asks),
    /// identification data.
    ///
    /// # Errors
    /// As [`Self::new`], and [`IdentityError::Truncated`] if the four leading bytes are not there.
    pub fn parse_payload(body: &[u8]) -> Result<Self, IdentityError> {
        let ([kind, ..], data) = body.split_first_chunk::<4>().ok_or(IdentityError::Truncated)?;
        Self::new(IdKind(*kind), data.to_vec())
    }

    /// The body of an IDi or IDr payload. These bytes also enter the AUTH computation (RFC 7296 2.15).
    #[must_use]
    pub fn payload_body(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(4 + self.data.len());
        body.extend_from_slice(&[self.kind.0, 0, 0, 0]);
        body.extend_from_slice(&self.data);
        body
    }

    /// Chooses the type from a profile's text (LocalIdentifier, RemoteIdentifier): an IP literal is an
    /// address; `CN=..,O=..` a distinguished name; text with an `@` a mail address; everything else an FQDN.
    ///
    /// A distinguished name that starts with its most specific part (`CN=..,O=..,C=..`, RFC 4514) is turned
    /// round, because certificates start with the country; one that starts with the country, and the form
    /// with slashes, is encoded as written.
    ///
    /// # Errors
    /// [`IdentityError`] if the text is empty, too long, has control characters, or starts like a
    /// distinguished name and is none.
    pub fn from_text(text: &str) -> Result<Self, IdentityError> {
        text::parse(text)
    }

    /// An IPv4 address as an identity.
    #[must_use]
    pub fn from_ipv4(address: Ipv4Addr) -> Self {
        Self { kind: IdKind::IPV4, data: address.octets().to_vec() }
    }

    /// An IPv6 address as an identity.
    #[must_use]
    pub fn from_ipv6(address: Ipv6Addr) -> Self {
        Self { kind: IdKind::IPV6, data: address.octets().to_vec() }
    }

    /// The type.
    #[must_use]
    pub fn kind(&self) -> IdKind {
        self.kind
    }

    /// The identification data, without the type.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The data as text, for the two textual types.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self.kind {
            IdKind::FQDN | IdKind::RFC822 => std::str::from_utf8(&self.data).ok(),
            _ => None,
        }
    }

    /// Says whether `received` is who `self` expects.
    ///
    /// The types must be equal. Host names, and the domain of mail addresses, compare without regard to
    /// ASCII case; nothing is a wildcard, a trailing dot counts, an internationalised name equals only its
    /// own spelling; addresses, key IDs and general names compare as bytes (an IPv4 address never equals
    /// the IPv6 address it maps to); distinguished names as RFC 5280 7.1 says.
    ///
    /// # Errors
    /// [`IdentityMismatch`], which names both.
    pub fn matches(&self, received: &Self) -> Result<(), IdentityMismatch> {
        if matching::equal(self, received) {
            Ok(())
        } else {
            Err(IdentityMismatch { expected: self.clone(), received: received.clone() })
        }
    }
}

impl fmt::Display for Identity {
    /// The identity for people: escaped, and cut after 256 characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            IdKind::IPV4 => match <[u8; 4]>::try_from(self.data.as_slice()) {
                Ok(octets) => fmt::Display::fmt(&Ipv4Addr::from(octets), f),
                Err(_) => write_hex(f, &self.data),
            },
            IdKind::IPV6 => match <[u8; 16]>::try_from(self.data.as_slice()) {
                Ok(octets) => fmt::Display::fmt(&Ipv6Addr::from(octets), f),
                Err(_) => write_hex(f, &self.data),
            },
            IdKind::FQDN | IdKind::RFC822 => f.write_str(&printable(&self.data)),
            IdKind::DER_ASN1_DN => match DistinguishedName::parse(&self.data) {
                Ok(name) => fmt::Display::fmt(&name, f),
                Err(_) => write_hex(f, &self.data),
            },
            IdKind::KEY_ID if self.data.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') => {
                f.write_str(&printable(&self.data))
            }
            _ => write_hex(f, &self.data),
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self)
    }
}

/// Untrusted bytes as one line of text: control characters and anything that is not UTF-8 escaped, cut after
/// 256 characters.
pub(crate) fn printable(bytes: &[u8]) -> String {
    let mut out = String::new();
    let mut left = MAX_DISPLAY_CHARS;
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            let Some(rest) = left.checked_sub(1) else {
                out.push('…');
                return out;
            };
            left = rest;
            // Direction overrides and the like can disguise a name as another one.
            if character.is_control() || is_invisible(character) {
                out.extend(character.escape_unicode());
            } else {
                out.push(character);
            }
        }
        for byte in chunk.invalid() {
            let Some(rest) = left.checked_sub(1) else {
                out.push('…');
                return out;
            };
            left = rest;
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}

/// Format characters that show nothing and change how their neighbours look.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_str("0x")?;
    for byte in bytes.iter().take(MAX_DISPLAY_CHARS / 2) {
        write!(f, "{byte:02x}")?;
    }
    if bytes.len() > MAX_DISPLAY_CHARS / 2 {
        f.write_str("…")?;
    }
    Ok(())
}

fn require_length(kind: IdKind, data: &[u8], wanted: usize) -> Result<(), IdentityError> {
    if data.len() == wanted {
        Ok(())
    } else {
        Err(IdentityError::WrongLength { kind, wanted, length: data.len() })
    }
}

/// Refuses NUL and other control characters: a name with a NUL inside looks shorter to some software.
fn require_text(kind: IdKind, data: &[u8]) -> Result<(), IdentityError> {
    if data.iter().any(u8::is_ascii_control) {
        return Err(IdentityError::ControlCharacter { kind });
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
