//! PKCS#12 files and the certificates of certificate payloads.
//!
//! Input: a PKCS#12 file, tried with no password and with that of the seeds; also read as certificates in DER or PEM.
//!
//! Invariants: an identity has a certificate that can be read and a key of the kind it says; `Debug` shows neither key
//! nor password; more iterations than allowed are refused before they are run; certificates survive a second reading.

use adit_profile::certificate::pkcs12::{open_within, protection};
use adit_profile::certificate::{inspect, read_certificates};

/// What the seeds are encrypted with.
const PASSWORD: &str = "secret";

/// Few, to be quick; files in use ask for 1 to 600,000.
const ITERATIONS: u64 = 5_000;

/// Opens a PKCS#12 file.
pub fn pkcs12(data: &[u8]) {
    for password in ["", PASSWORD] {
        match open_within(data, password, ITERATIONS) {
            Ok(identity) => {
                let own = identity.chain.first().expect("an identity has a certificate");
                let info = inspect(own).expect("it was read before");
                assert_eq!(info.key_kind, identity.key_kind);
                assert!(!identity.private_key.expose().is_empty());
                let shown = format!("{identity:?}");
                assert!(shown.starts_with("Identity(") && shown.len() < 100, "{shown}");
            }
            Err(error) => {
                let text = error.to_string();
                assert!(!text.contains(PASSWORD) && !text.chars().any(char::is_control), "{text:?}");
            }
        }
    }
    if let Ok(protection) = protection(data) {
        let text = format!("{protection:?}");
        assert!(protection.encryption.len() <= 300 && !text.chars().any(char::is_control), "{text:?}");
    }
    if let Ok(certificates) = read_certificates(data) {
        assert!(!certificates.der.is_empty());
        for der in &certificates.der {
            let again = read_certificates(der).expect("it was read before");
            assert_eq!(again.der, std::slice::from_ref(der));
            assert!(!again.was_pem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_open() {
        let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../seeds/pkcs12");
        for name in ["aes", "aes-no-mac", "plain-no-mac", "legacy", "3des-no-mac"] {
            let file = std::fs::read(format!("{seeds}/{name}")).expect(name);
            assert!(open_within(&file, PASSWORD, ITERATIONS).is_ok(), "{name}");
        }
    }
}
