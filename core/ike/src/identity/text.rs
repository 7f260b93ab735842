//! From a profile's text to an identity.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{DistinguishedName, IdKind, Identity, IdentityError, dn};

/// See [`Identity::from_text`].
pub(super) fn parse(text: &str) -> Result<Identity, IdentityError> {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Ok(Identity::from_ipv4(address));
    }
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Ok(Identity::from_ipv6(address));
    }
    // Before the mail address: a distinguished name may hold one (E=..).
    if dn::looks_like_name(text) {
        let name = DistinguishedName::from_text(text)?;
        return Identity::new(IdKind::DER_ASN1_DN, name.to_der());
    }
    let kind = if text.contains('@') { IdKind::RFC822 } else { IdKind::FQDN };
    Identity::new(kind, text.as_bytes().to_vec())
}
