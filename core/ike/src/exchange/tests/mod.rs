//! Tests of exchanges.

mod channel;
mod protect;
mod reassembly;
mod vectors;
mod window;

use adit_crypto::{Cipher, CipherSpec, CryptoProvider, IntegId};

use super::{Opener, Sealer};
use crate::keys::CipherKeys;
use crate::test_support::providers;

/// The ciphers IKE may use, one of each kind.
const SPECS: [CipherSpec; 4] = [
    CipherSpec::aes_gcm(256),
    CipherSpec::chacha20_poly1305(),
    CipherSpec::aes_cbc(128, IntegId::HMAC_SHA2_256_128),
    CipherSpec::aes_cbc(256, IntegId::HMAC_SHA2_512_256),
];

/// Every pair of a provider and a cipher of [`SPECS`] that it has.
fn ciphers() -> Vec<(CryptoProvider, &'static dyn Cipher)> {
    let mut out = Vec::new();
    for provider in providers() {
        out.extend(SPECS.iter().filter_map(|spec| Some((provider, provider.cipher(*spec)?))));
    }
    for spec in SPECS {
        assert!(out.iter().any(|(_, cipher)| cipher.spec() == spec), "no provider has {spec}");
    }
    out
}

/// Keys made of one octet.
fn keys(cipher: &dyn Cipher, octet: u8) -> CipherKeys {
    CipherKeys {
        encr: vec![octet; cipher.encr_key_len()].into(),
        integ: vec![octet ^ 0xff; cipher.integ_key_len()].into(),
    }
}

/// Both ends of one direction.
fn pair(cipher: &'static dyn Cipher, octet: u8) -> (Sealer, Opener) {
    let keys = keys(cipher, octet);
    (Sealer::new(cipher, &keys).unwrap(), Opener::new(cipher, &keys).unwrap())
}
