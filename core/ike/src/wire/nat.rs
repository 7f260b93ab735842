//! NAT detection (RFC 7296 2.23).

use std::net::IpAddr;

use adit_crypto::{CryptoProvider, HashId};

use super::header::IkeSpi;

/// The data of NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP: SHA-1 over the SPIs as they are in
/// the header, the address and the port. `None` if the provider has no SHA-1.
#[must_use]
pub fn nat_detection_hash(
    provider: &CryptoProvider,
    initiator_spi: IkeSpi,
    responder_spi: IkeSpi,
    address: IpAddr,
    port: u16,
) -> Option<[u8; 20]> {
    let port = port.to_be_bytes();
    let hash = provider.hash(HashId::SHA1)?;
    let digest = match address {
        IpAddr::V4(v4) => hash.digest(&[&initiator_spi.0, &responder_spi.0, &v4.octets(), &port]),
        IpAddr::V6(v6) => hash.digest(&[&initiator_spi.0, &responder_spi.0, &v6.octets(), &port]),
    };
    digest.try_into().ok()
}
