//! The AEAD call of *ring* without ESP around it: same key, nonce and AAD lengths, same number of bytes.

use adit_crypto::{CipherSpec, EncrId};
use ring::aead::{
    AES_128_GCM, AES_256_GCM, Aad, Algorithm, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey,
};

use crate::esp::{HEADER_LEN, inner};

/// SPI and sequence number.
const AAD_LEN: usize = 8;

/// A key of *ring* and a buffer.
pub struct Bare {
    key: LessSafeKey,
    text: Vec<u8>,
    tag: [u8; 16],
    header: [u8; HEADER_LEN],
    counter: u64,
}

impl Bare {
    /// For `len` bytes of text; `None` if *ring* has no AEAD of this suite.
    #[must_use]
    pub fn new(suite: CipherSpec, len: usize) -> Option<Self> {
        let algorithm: &Algorithm = match (suite.encr, suite.key_bits) {
            (EncrId::AES_GCM_16, 128) => &AES_128_GCM,
            (EncrId::AES_GCM_16, 256) => &AES_256_GCM,
            (EncrId::CHACHA20_POLY1305, _) => &CHACHA20_POLY1305,
            _ => return None,
        };
        let key = UnboundKey::new(algorithm, &vec![7; algorithm.key_len()]).ok()?;
        let text = inner(len);
        let header = *text.first_chunk()?;
        Some(Self { key: LessSafeKey::new(key), text, tag: [0; 16], header, counter: 0 })
    }

    /// Seals the buffer in place, and writes the 20 bytes back that the ESP bench must write back.
    #[inline]
    pub fn seal(&mut self) {
        self.counter += 1;
        let (nonce, aad) = nonce_and_aad(self.counter);
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::from(aad), &mut self.text)
            .expect("a text of sane length");
        self.tag.copy_from_slice(tag.as_ref());
        if let Some(head) = self.text.first_chunk_mut() {
            *head = self.header;
        }
    }

    /// A sealed text with its tag behind it, and the counter it was sealed with.
    #[must_use]
    pub fn sealed(&mut self) -> (u64, Vec<u8>) {
        self.counter += 1;
        let (nonce, aad) = nonce_and_aad(self.counter);
        let mut text = self.text.clone();
        self.key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut text).expect("a text of sane length");
        (self.counter, text)
    }

    /// Opens in place what [`Self::sealed`] gave.
    #[inline]
    pub fn open(&self, counter: u64, sealed: &mut [u8]) {
        let (nonce, aad) = nonce_and_aad(counter);
        self.key.open_in_place(nonce, Aad::from(aad), sealed).expect("it was sealed with this key");
    }
}

#[inline]
fn nonce_and_aad(counter: u64) -> (Nonce, [u8; AAD_LEN]) {
    let mut nonce = [7; 12];
    if let Some(low) = nonce.last_chunk_mut() {
        *low = counter.to_be_bytes();
    }
    (Nonce::assume_unique_for_key(nonce), (0x6164_6974 << 32 | counter).to_be_bytes())
}
