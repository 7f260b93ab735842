//! For this crate's tests: inner packets, SA parameters, and a toy cipher that remembers its nonces and
//! fails on request. The toy protects nothing; tests of real ciphers take them from `adit-crypto`.

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use adit_crypto::{Aad, Cipher, CipherSpec, CryptoError, IntegId, OpeningKey, SealingKey, Secret};

use crate::{DEFAULT_REPLAY_WINDOW, InboundSa, OutboundSa, SaParams, Selectors};

/// A cipher for tests. `block` 1 makes it look like an AEAD, 16 like AES-CBC with a MAC.
#[derive(Clone, Debug)]
pub(crate) struct Toy {
    block: usize,
    /// Nonces that went into an encryption.
    pub(crate) nonces: Arc<Mutex<Vec<Vec<u8>>>>,
    /// Every so-manieth encryption fails half-way; 0 for none.
    fail_every: usize,
}

impl Toy {
    pub(crate) fn leak(block: usize, fail_every: usize) -> &'static Self {
        Box::leak(Box::new(Self { block, nonces: Arc::default(), fail_every }))
    }
}

struct ToyKey {
    toy: Toy,
    seed: u64,
}

fn mix(state: &mut u64, bytes: &[u8]) {
    for byte in bytes {
        *state = (*state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
    }
    *state = (*state ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
}

impl ToyKey {
    /// IV, text and ICV.
    fn split<'b>(&self, aad: Aad<'_>, body: &'b mut [u8]) -> Result<[&'b mut [u8]; 3], CryptoError> {
        let bad_tail = self.toy.spec().is_aead() && !aad.tail.is_empty();
        if bad_tail || body.len() < self.toy.iv_len() + 16 {
            return Err(CryptoError::BadLength);
        }
        let (iv, rest) = body.split_at_mut(self.toy.iv_len());
        let (text, icv) = rest.split_at_mut(rest.len() - 16);
        if text.len() % self.toy.block != 0 {
            return Err(CryptoError::BadLength);
        }
        Ok([iv, text, icv])
    }

    fn icv(&self, aad: Aad<'_>, iv: &[u8], text: &[u8]) -> [u8; 16] {
        let mut state = self.seed;
        for part in [aad.head, iv, text, aad.tail] {
            mix(&mut state, part);
        }
        (u128::from(state) << 64 | u128::from(state.swap_bytes())).to_be_bytes()
    }

    fn stream(&self, iv: &[u8], text: &mut [u8]) {
        let mut state = self.seed;
        mix(&mut state, iv);
        for byte in text {
            mix(&mut state, &[1]);
            *byte ^= state.to_be_bytes()[0];
        }
    }
}

impl Cipher for Toy {
    fn spec(&self) -> CipherSpec {
        if self.block == 1 {
            CipherSpec::aes_gcm(128)
        } else {
            CipherSpec::aes_cbc(128, IntegId::HMAC_SHA2_256_128)
        }
    }
    fn encr_key_len(&self) -> usize {
        8
    }
    fn integ_key_len(&self) -> usize {
        0
    }
    fn iv_len(&self) -> usize {
        self.block.max(8)
    }
    fn icv_len(&self) -> usize {
        16
    }
    fn block_len(&self) -> usize {
        self.block
    }
    fn sealing_key(&self, encr: &[u8], _: &[u8]) -> Result<Box<dyn SealingKey>, CryptoError> {
        Ok(Box::new(self.key(encr)?))
    }
    fn opening_key(&self, encr: &[u8], _: &[u8]) -> Result<Box<dyn OpeningKey>, CryptoError> {
        Ok(Box::new(self.key(encr)?))
    }
}

impl Toy {
    fn key(&self, encr: &[u8]) -> Result<ToyKey, CryptoError> {
        let seed = encr.try_into().map_err(|_| CryptoError::BadKey("toy keys have 8 bytes"))?;
        Ok(ToyKey { toy: self.clone(), seed: u64::from_be_bytes(seed) })
    }
}

impl SealingKey for ToyKey {
    fn write_iv(&self, counter: u64, iv: &mut [u8]) {
        iv.fill(0);
        iv[..8].copy_from_slice(&counter.to_be_bytes());
    }
    fn seal(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError> {
        let [iv, text, icv] = self.split(aad, body)?;
        let mut nonces = self.toy.nonces.lock().unwrap();
        nonces.push(iv.to_vec());
        self.stream(iv, text);
        if self.toy.fail_every != 0 && nonces.len().is_multiple_of(self.toy.fail_every) {
            return Err(CryptoError::Random);
        }
        icv.copy_from_slice(&self.icv(aad, iv, text));
        Ok(())
    }
}

impl OpeningKey for ToyKey {
    fn open(&self, aad: Aad<'_>, body: &mut [u8]) -> Result<(), CryptoError> {
        let [iv, text, icv] = self.split(aad, body)?;
        if *icv != self.icv(aad, iv, text) {
            return Err(CryptoError::BadIntegrity);
        }
        self.stream(iv, text);
        Ok(())
    }
}

/// Parameters with a fixed SPI and key, and selectors for everything.
pub(crate) fn params(cipher: &'static dyn Cipher, esn: bool) -> SaParams {
    let bytes = |len: usize| Secret::new((0..len).map(|i| u8::try_from(i * 7 % 251).unwrap()).collect());
    SaParams {
        spi: 0xc001_cafe,
        cipher,
        encr_key: bytes(cipher.encr_key_len()),
        integ_key: bytes(cipher.integ_key_len()),
        esn,
        replay_window: DEFAULT_REPLAY_WINDOW,
        selectors: Selectors::any(),
    }
}

/// Both halves of an SA over the same keys, as if one end sent and the other received.
pub(crate) fn pair(params: &SaParams) -> (OutboundSa, InboundSa) {
    (OutboundSa::new(params).unwrap(), InboundSa::new(params).unwrap())
}

/// A UDP packet of `len` bytes in all, IPv4 or IPv6 as the addresses are. At least 28 or 48 bytes.
pub(crate) fn udp(source: &str, destination: &str, len: usize) -> Vec<u8> {
    packet(source, destination, 17, &{
        let header = if source.contains(':') { 40 } else { 20 };
        let mut udp = vec![0x30, 0x39, 0x01, 0xbb, 0, 0, 0, 0];
        udp.resize(len - header, 0x5a);
        udp
    })
}

/// An IP packet with `payload` behind the plain header.
pub(crate) fn packet(source: &str, destination: &str, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = |len: usize| u16::try_from(len).unwrap().to_be_bytes();
    match (source.parse().unwrap(), destination.parse().unwrap()) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            let mut bytes = vec![0x45, 0];
            bytes.extend(length(20 + payload.len()));
            bytes.extend([0, 1, 0, 0, 64, protocol, 0, 0]);
            bytes.extend(source.octets());
            bytes.extend(destination.octets());
            bytes.extend(payload);
            bytes
        }
        (IpAddr::V6(source), IpAddr::V6(destination)) => {
            let mut bytes = vec![0x60, 0, 0, 0];
            bytes.extend(length(payload.len()));
            bytes.extend([protocol, 64]);
            bytes.extend(source.octets());
            bytes.extend(destination.octets());
            bytes.extend(payload);
            bytes
        }
        _ => panic!("addresses of two families"),
    }
}
