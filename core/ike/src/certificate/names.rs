//! Whether a certificate is for the wanted name.
//!
//! Implements RFC 6125 6 for host names: a dNSName decides if there is any, the common name only if there is
//! none; a wildcard is the whole leftmost label and stands for exactly one. Addresses are found in iPAddress
//! only, mail addresses in rfc822Name only, distinguished names in the subject or a directoryName.
//!
//! Beyond RFC 6125, a wanted text that cannot be a host name ("My VPN") is compared with the common name,
//! because Apple's ServerCertificateCommonName may be any common name.

use std::net::IpAddr;

use super::{AltName, Certificate, CertificateRefusal, Usage};
use crate::identity::{DistinguishedName, IdKind, Identity, ascii_domains_equal, mailboxes_equal, printable};

/// Compares a server's certificate with a profile's text: ServerCertificateCommonName, or RemoteIdentifier.
///
/// # Errors
/// [`CertificateRefusal::NameMismatch`], which lists the names it has; also if `wanted` is no name at all.
pub fn server_name_matches(certificate: &Certificate, wanted: &str) -> Result<(), CertificateRefusal> {
    match Identity::from_text(wanted) {
        Ok(identity) => name_matches(certificate, &identity, Usage::Server),
        Err(_) => Err(mismatch(certificate, printable(wanted.as_bytes()))),
    }
}

/// Compares a certificate with an identity: the received IDi or IDr, or what the profile wants.
///
/// For a client neither wildcards nor spare comparisons apply, except the common name for a host name.
///
/// # Errors
/// [`CertificateRefusal::NameMismatch`]; always for a key ID or general name, which certificates do not hold.
pub fn name_matches(
    certificate: &Certificate,
    wanted: &Identity,
    usage: Usage,
) -> Result<(), CertificateRefusal> {
    let names = certificate.alt_names();
    let found = match wanted.kind() {
        IdKind::FQDN => wanted.text().is_some_and(|text| host_matches(certificate, text, usage)),
        IdKind::RFC822 => names.iter().any(
            |name| matches!(name, AltName::Mail(name) if mailboxes_equal(wanted.data(), name.as_bytes())),
        ),
        IdKind::IPV4 | IdKind::IPV6 => names.iter().any(|name| match name {
            AltName::Ip(IpAddr::V4(address)) => *wanted == Identity::from_ipv4(*address),
            AltName::Ip(IpAddr::V6(address)) => *wanted == Identity::from_ipv6(*address),
            _ => false,
        }),
        IdKind::DER_ASN1_DN => {
            let equals = |name: &DistinguishedName| {
                DistinguishedName::parse(wanted.data()).is_ok_and(|wanted| wanted.equals(name))
            };
            equals(certificate.subject_name())
                || names.iter().any(|name| match name {
                    AltName::Directory(der) => DistinguishedName::parse(der).is_ok_and(|name| equals(&name)),
                    _ => false,
                })
        }
        _ => false,
    };
    if found { Ok(()) } else { Err(mismatch(certificate, wanted.to_string())) }
}

fn host_matches(certificate: &Certificate, wanted: &str, usage: Usage) -> bool {
    if !is_host_name(wanted, false) {
        // Not a host name, so no dNSName can say it; but never an address, which only iPAddress may hold.
        return !ends_in_number(wanted) && certificate.common_name().is_some_and(|name| name == wanted);
    }
    let equals = |pattern: &str| match usage {
        Usage::Server => host_pattern_matches(pattern, wanted),
        Usage::Client => ascii_domains_equal(pattern.as_bytes(), wanted.as_bytes()),
    };
    match dns_fallback(certificate) {
        Some(common_name) => is_host_name(common_name, true) && equals(common_name),
        None => certificate.alt_names().iter().any(|name| matches!(name, AltName::Dns(name) if equals(name))),
    }
}

/// The common name of a certificate that has no dNSName and is therefore compared by it.
pub(super) fn dns_fallback(certificate: &Certificate) -> Option<&str> {
    if certificate.alt_names().iter().any(|name| matches!(name, AltName::Dns(_))) {
        return None;
    }
    certificate.common_name()
}

/// True for labels of letters, digits, hyphens and underscores between dots, which are not an IPv4 address.
/// With `pattern`, the first label may be `*`.
pub(super) fn is_host_name(text: &str, pattern: bool) -> bool {
    let text = match text.strip_prefix("*.") {
        Some(rest) if pattern => rest,
        _ => text,
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    !text.is_empty() && text.len() <= 253 && text.split('.').all(label) && !ends_in_number(text)
}

/// RFC 1123 2.1: a host name never ends in an all-numeric label; such a text is an address.
fn ends_in_number(text: &str) -> bool {
    text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A name in a certificate against the wanted host.
fn host_pattern_matches(pattern: &str, wanted: &str) -> bool {
    let Some(parent) = pattern.strip_prefix("*.") else {
        return ascii_domains_equal(pattern.as_bytes(), wanted.as_bytes());
    };
    // At least two labels under the star: nobody owns everything below a top-level domain.
    if !parent.contains('.') || !is_host_name(parent, false) {
        return false;
    }
    match wanted.split_once('.') {
        Some((first, rest)) => !first.is_empty() && ascii_domains_equal(parent.as_bytes(), rest.as_bytes()),
        None => false,
    }
}

fn mismatch(certificate: &Certificate, wanted: String) -> CertificateRefusal {
    CertificateRefusal::NameMismatch { wanted, found: certificate.names() }
}
