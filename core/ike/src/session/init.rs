//! IKE_SA_INIT: an initiator's request, and what both roles put into and take from it beside the key exchange: NAT
//! detection, fragmentation, hash algorithms.

use adit_crypto::{ActiveKeyExchange, CryptoError, DhGroup, HashId, PrfId};

use super::context::Context;
use super::parts::Parts;
use crate::auth::ANNOUNCED_HASHES;
use crate::event::Path;
use crate::failure::Failure;
use crate::wire::{
    ExchangeType, Flags, Header, IkeSpi, KeyExchange, Message, Nonce, Notify, NotifyType, Payload, Role,
    SecurityAssociation, nat_detection_hash,
};

/// What the peer's IKE_SA_INIT says beside the key exchange.
#[derive(Clone, Debug)]
pub(crate) struct PeerSupport {
    /// Hashes for method 14; `None` if it announced none and knows the classic methods only (RFC 7427 4).
    pub hashes: Option<Vec<HashId>>,
    /// It takes fragments (RFC 7383 2.3).
    pub fragmentation: bool,
    /// It sees us at another address than we see ourselves.
    pub local_nat: bool,
    /// We see it at another address than it sees itself, or it says so to force encapsulation.
    pub remote_nat: bool,
    /// It knows NAT detection, so port 4500 may be used (RFC 7296 2.23).
    pub nat_traversal: bool,
}

impl PeerSupport {
    /// Reads the notifies of the peer's message, which came by `path` under these SPIs.
    pub fn read(cx: &Context, parts: &Parts, path: Path, spi_i: IkeSpi, spi_r: IkeSpi) -> Self {
        let hash = |address: std::net::SocketAddr| {
            nat_detection_hash(&cx.provider, spi_i, spi_r, address.ip(), address.port())
        };
        let (local, remote) = (hash(path.local), hash(path.remote));
        // Computed once: a message with hundreds of these costs hundreds of comparisons only.
        let says = |notify_type, expected: Option<[u8; 20]>| {
            let mut seen = false;
            let matched =
                parts.notifies.iter().filter(|notify| notify.notify_type == notify_type).any(|notify| {
                    seen = true;
                    expected.is_some_and(|expected| notify.data == expected)
                });
            (seen, matched)
        };
        let (source_seen, source_matches) = says(NotifyType::NAT_DETECTION_SOURCE_IP, remote);
        let (destination_seen, destination_matches) = says(NotifyType::NAT_DETECTION_DESTINATION_IP, local);
        Self {
            hashes: parts
                .notify(NotifyType::SIGNATURE_HASH_ALGORITHMS)
                .map(|notify| notify.data_u16_list().map(HashId).collect()),
            fragmentation: parts.has(NotifyType::FRAGMENTATION_SUPPORTED),
            local_nat: destination_seen && !destination_matches,
            remote_nat: source_seen && !source_matches,
            nat_traversal: source_seen && destination_seen,
        }
    }
}

/// Refuses a nonce shorter than half the PRF's key (RFC 7296 2.10).
pub(crate) fn check_nonce(cx: &Context, prf: PrfId, nonce: &Nonce) -> Result<(), Failure> {
    let prf = cx.provider.prf(prf).ok_or(CryptoError::BadKey("no such PRF"))?;
    if nonce.0.len() >= prf.output_len().div_ceil(2) {
        return Ok(());
    }
    let detail = format!("a nonce of {} octets is too short for PRF {}", nonce.0.len(), prf.id());
    Err(Failure::Protocol { exchange: ExchangeType::IKE_SA_INIT, detail })
}

/// An initiator's request (RFC 7296 1.2); a cookie comes first (2.6).
pub(crate) fn request(
    cx: &Context,
    spi_i: IkeSpi,
    cookie: Option<&[u8]>,
    offer: SecurityAssociation,
    key_exchange: &dyn ActiveKeyExchange,
    nonce: &[u8],
) -> Result<Message, Failure> {
    let mut payloads = Vec::new();
    if let Some(cookie) = cookie {
        payloads.push(Payload::Notify(Notify::new(NotifyType::COOKIE, cookie.to_vec())));
    }
    payloads.push(Payload::Sa(offer));
    let (group, data) = (key_exchange.group(), key_exchange.public_value().to_vec());
    payloads.push(Payload::Ke(KeyExchange { group, data }));
    payloads.push(Payload::Nonce(Nonce(nonce.to_vec())));
    payloads.extend(notifies(cx, cx.path, spi_i, IkeSpi::ZERO)?);
    let flags = Flags::request(Role::Initiator);
    let header = Header::new(spi_i, IkeSpi::ZERO, ExchangeType::IKE_SA_INIT, flags, 0);
    Ok(Message { header, payloads })
}

/// The notifies of our message.
pub(crate) fn notifies(
    cx: &Context,
    path: Path,
    spi_i: IkeSpi,
    spi_r: IkeSpi,
) -> Result<Vec<Payload>, Failure> {
    let hashes: Vec<u8> = ANNOUNCED_HASHES.iter().flat_map(|hash| hash.0.to_be_bytes()).collect();
    let [source, destination] = nat_detection(cx, path, spi_i, spi_r)?;
    Ok(vec![
        source,
        destination,
        Payload::Notify(Notify::status(NotifyType::FRAGMENTATION_SUPPORTED)),
        Payload::Notify(Notify::new(NotifyType::SIGNATURE_HASH_ALGORITHMS, hashes)),
    ])
}

/// NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP for a message by `path`.
pub(crate) fn nat_detection(
    cx: &Context,
    path: Path,
    spi_i: IkeSpi,
    spi_r: IkeSpi,
) -> Result<[Payload; 2], CryptoError> {
    // A source hash that cannot match tells the peer that we are behind a NAT, so that it sends ESP in UDP:
    // we have no raw IP sockets for anything else (RFC 7296 2.23).
    let mut source = [0; 20];
    cx.provider.random.fill(&mut source)?;
    let destination = nat_detection_hash(&cx.provider, spi_i, spi_r, path.remote.ip(), path.remote.port())
        .ok_or(CryptoError::BadKey("no SHA-1 for NAT detection"))?;
    Ok([
        Payload::Notify(Notify::new(NotifyType::NAT_DETECTION_SOURCE_IP, source)),
        Payload::Notify(Notify::new(NotifyType::NAT_DETECTION_DESTINATION_IP, destination)),
    ])
}

/// A fresh key exchange of a group.
pub(crate) fn generate(cx: &Context, group: DhGroup) -> Result<Box<dyn ActiveKeyExchange>, Failure> {
    let method = cx.provider.key_exchange(group).ok_or(CryptoError::BadKey("no such key exchange group"))?;
    Ok(method.generate(cx.provider.random)?)
}
