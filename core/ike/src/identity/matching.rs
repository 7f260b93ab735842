//! When a received identity equals the expected one.

use super::{DistinguishedName, IdKind, Identity};

/// See [`Identity::matches`].
pub(super) fn equal(expected: &Identity, received: &Identity) -> bool {
    if expected.kind() != received.kind() {
        return false;
    }
    match expected.kind() {
        IdKind::FQDN => ascii_domains_equal(expected.data(), received.data()),
        IdKind::RFC822 => mailboxes_equal(expected.data(), received.data()),
        IdKind::DER_ASN1_DN => {
            match (DistinguishedName::parse(expected.data()), DistinguishedName::parse(received.data())) {
                (Ok(expected), Ok(received)) => expected.equals(&received),
                _ => false,
            }
        }
        _ => expected.data() == received.data(),
    }
}

/// Host names: equal but for ASCII case (RFC 4343). No wildcard, and a trailing dot is a difference.
pub(crate) fn ascii_domains_equal(left: &[u8], right: &[u8]) -> bool {
    left.eq_ignore_ascii_case(right)
}

/// Mail addresses: the part before the last `@` to the byte, the domain without ASCII case (RFC 5280 7.5).
pub(crate) fn mailboxes_equal(left: &[u8], right: &[u8]) -> bool {
    match (split_mailbox(left), split_mailbox(right)) {
        (Some((left_local, left_domain)), Some((right_local, right_domain))) => {
            left_local == right_local && ascii_domains_equal(left_domain, right_domain)
        }
        _ => left == right,
    }
}

fn split_mailbox(address: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = address.iter().rposition(|byte| *byte == b'@')?;
    let (local, rest) = address.split_at_checked(at)?;
    Some((local, rest.split_first()?.1))
}
