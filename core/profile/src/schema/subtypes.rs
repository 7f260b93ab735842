//! The VPN apps whose `VPNSubType` is known.

/// One `VPNSubType`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Subtype {
    /// The connection type as MDM consoles name it; `—` where none does.
    pub connection: &'static str,
    /// The identifiers; several where one row of the facts holds several.
    pub identifiers: &'static [&'static str],
    /// The keys of `VendorConfig` it reads.
    pub vendor_keys: &'static [&'static str],
}
