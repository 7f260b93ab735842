//! ESP SAs of every suite, and packets for them.

use adit_crypto::{CipherSpec, IntegId, Secret, default_provider};
use adit_esp::{DEFAULT_REPLAY_WINDOW, InboundSa, OutboundSa, PacketBuf, SaParams, Selectors};

/// The header of [`inner`]'s packets: what a seal overwrites and a repetition must put back.
pub const HEADER_LEN: usize = 20;

/// Every ESP suite of the default provider that IKE negotiates.
pub const SUITES: [CipherSpec; 11] = [
    CipherSpec::aes_gcm(128),
    CipherSpec::aes_gcm(256),
    CipherSpec::chacha20_poly1305(),
    CipherSpec::aes_cbc(128, IntegId::HMAC_SHA1_96),
    CipherSpec::aes_cbc(128, IntegId::HMAC_SHA2_256_128),
    CipherSpec::aes_cbc(128, IntegId::HMAC_SHA2_384_192),
    CipherSpec::aes_cbc(128, IntegId::HMAC_SHA2_512_256),
    CipherSpec::aes_cbc(256, IntegId::HMAC_SHA1_96),
    CipherSpec::aes_cbc(256, IntegId::HMAC_SHA2_256_128),
    CipherSpec::aes_cbc(256, IntegId::HMAC_SHA2_384_192),
    CipherSpec::aes_cbc(256, IntegId::HMAC_SHA2_512_256),
];

/// Both halves of an SA over the same keys, selectors for everything, no extended sequence numbers.
#[must_use]
pub fn pair(suite: CipherSpec) -> (OutboundSa, InboundSa) {
    let cipher = default_provider().cipher(suite).expect("the default provider has every suite");
    let params = SaParams {
        spi: 0x6164_6974,
        cipher,
        encr_key: Secret::new(vec![7; cipher.encr_key_len()]),
        integ_key: Secret::new(vec![9; cipher.integ_key_len()]),
        esn: false,
        replay_window: DEFAULT_REPLAY_WINDOW,
        selectors: Selectors::any(),
    };
    (OutboundSa::new(&params).expect("sound parameters"), InboundSa::new(&params).expect("sound parameters"))
}

/// An IPv4 packet with UDP inside, `len` bytes in all, at least 28.
#[must_use]
pub fn inner(len: usize) -> Vec<u8> {
    let length = |len: usize| u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes();
    let mut packet = vec![0x45, 0];
    packet.extend(length(len));
    packet.extend([0, 1, 0, 0, 64, 17, 0, 0, 10, 97, 0, 2, 10, 97, 0, 1]);
    packet.extend([0x30, 0x39, 0x01, 0xbb]);
    packet.extend(length(len.saturating_sub(HEADER_LEN)));
    packet.extend([0, 0]);
    packet.resize(len, 0x5a);
    packet
}

/// A packet that is sealed again and again in one buffer.
pub struct Resealed {
    packet: PacketBuf,
    header: [u8; HEADER_LEN],
    front: usize,
    len: usize,
}

impl Resealed {
    /// A packet of `len` bytes for SAs of `suite`.
    #[must_use]
    pub fn new(suite: CipherSpec, len: usize) -> Self {
        let bytes = inner(len);
        let iv = default_provider().cipher(suite).map_or(8, adit_crypto::Cipher::iv_len);
        let header = *bytes.first_chunk().expect("a packet has a header");
        Self { packet: PacketBuf::from_payload(&bytes), header, front: 8 + iv, len }
    }

    /// Seals it once, then makes it an IP packet again: 20 bytes are written back, the rest stays ciphertext.
    #[inline]
    pub fn seal(&mut self, sa: &mut OutboundSa) {
        sa.seal(&mut self.packet).expect("a packet the SA carries");
        self.packet.advance(self.front);
        self.packet.truncate(self.len);
        if let Some(head) = self.packet.payload_mut().first_chunk_mut() {
            *head = self.header;
        }
    }
}
