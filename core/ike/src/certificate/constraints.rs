//! Name constraints (RFC 5280 4.2.1.10) on a common name that stands in for a host name.
//!
//! rustls-webpki holds the subject alternative names against the constraints. A certificate without any
//! dNSName is compared by its common name here, so that one must keep to the constraints on host names too;
//! otherwise leaving out the extension would lift them.

use der::Tag;

use super::asn1::{self, BadDer, Elements};
use super::names::{dns_fallback, is_host_name};
use super::{Certificate, CertificateRefusal};

/// Holds the common name of `end_entity` against the contents of a CA's `NameConstraints`.
///
/// # Errors
/// [`CertificateRefusal::NameConstraint`] if the name is outside, or the constraints cannot be read.
pub(super) fn check_common_name(end_entity: &Certificate, contents: &[u8]) -> Result<(), CertificateRefusal> {
    let Some(name) = dns_fallback(end_entity).filter(|name| is_host_name(name, true)) else {
        return Ok(());
    };
    match allows(contents, name) {
        Ok(true) => Ok(()),
        Ok(false) | Err(BadDer) => Err(CertificateRefusal::NameConstraint { subject: end_entity.subject() }),
    }
}

fn allows(contents: &[u8], name: &str) -> Result<bool, BadDer> {
    let mut parts = Elements::new(contents)?;
    let permitted = parts.optional(asn1::context(0, true))?;
    let excluded = parts.optional(asn1::context(1, true))?;
    parts.finish()?;
    if let Some(permitted) = permitted {
        let bases = dns_bases(permitted.value)?;
        if !bases.is_empty() && !bases.iter().any(|base| is_within(name, base)) {
            return Ok(false);
        }
    }
    if let Some(excluded) = excluded {
        let touched = |base: &&str| is_within(name, base) || wildcard_reaches(name, base);
        if dns_bases(excluded.value)?.iter().any(touched) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The dNSName bases of `GeneralSubtrees`.
fn dns_bases(contents: &[u8]) -> Result<Vec<&str>, BadDer> {
    let mut subtrees = Elements::new(contents)?;
    let mut bases = Vec::new();
    while !subtrees.is_empty() {
        let subtree = subtrees.expect(Tag::Sequence)?;
        let base = Elements::new(subtree.value)?.next()?;
        if base.tag == asn1::context(2, false) {
            bases.push(std::str::from_utf8(base.value).map_err(|_| BadDer)?);
        }
    }
    Ok(bases)
}

/// True if `name` is `base` or has more labels in front of it.
fn is_within(name: &str, base: &str) -> bool {
    let base = base.strip_prefix('.').unwrap_or(base);
    if base.is_empty() {
        return true;
    }
    let Some(split) = name.len().checked_sub(base.len()) else { return false };
    match name.split_at_checked(split) {
        Some((front, back)) => back.eq_ignore_ascii_case(base) && (front.is_empty() || front.ends_with('.')),
        None => false,
    }
}

/// True if the wildcard `name` covers the host `base`.
fn wildcard_reaches(name: &str, base: &str) -> bool {
    match (name.strip_prefix("*."), base.split_once('.')) {
        (Some(parent), Some((_, base_parent))) => parent.eq_ignore_ascii_case(base_parent),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_within, wildcard_reaches};

    #[test]
    fn c24_a_subtree_ends_at_a_label() {
        for (name, base, wanted) in [
            ("vpn.example.com", "example.com", true),
            ("example.com", "example.com", true),
            ("VPN.Example.com", ".example.COM", true),
            ("badexample.com", "example.com", false),
            ("example.com.evil.org", "example.com", false),
            ("com", "example.com", false),
            ("anything.org", "", true),
            ("*.example.com", "example.com", true),
        ] {
            assert_eq!(is_within(name, base), wanted, "{name} in {base}");
        }
        assert!(wildcard_reaches("*.example.com", "secret.example.com"));
        assert!(!wildcard_reaches("*.example.com", "secret.example.org"));
    }
}
