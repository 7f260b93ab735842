//! Cookies against floods of IKE_SA_INIT (RFC 7296 2.6).
//!
//! Owns the secret and the check. A cookie binds the initiator's address, SPI and nonce, so that no state
//! and no key exchange is spent on a sender who cannot receive. Leaves out when to ask for one (the
//! gateway counts its half-open SAs).

use std::net::IpAddr;
use std::time::Duration;

use adit_crypto::{CryptoError, CryptoProvider, PrfId, Secret};
use subtle::ConstantTimeEq;

use crate::time::Instant;

/// How long a secret makes new cookies; the one before it is accepted for as long again.
const SECRET_LIFETIME: Duration = Duration::from_secs(60);

/// Makes and checks cookies.
#[derive(Debug)]
pub struct CookieJar {
    current: Secret,
    previous: Option<Secret>,
    version: u8,
    changed: Instant,
}

impl CookieJar {
    /// A jar with a fresh secret.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn new(provider: &CryptoProvider, now: Instant) -> Result<Self, CryptoError> {
        Ok(Self { current: fresh(provider)?, previous: None, version: 0, changed: now })
    }

    /// The cookie for this initiator. Its first octet is the version of the secret, as the RFC suggests.
    ///
    /// # Errors
    /// [`CryptoError`] if the provider has neither randomness nor HMAC-SHA2-256.
    pub fn cookie(
        &mut self,
        provider: &CryptoProvider,
        now: Instant,
        from: IpAddr,
        spi_i: [u8; 8],
        nonce: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        self.rotate(provider, now)?;
        mac(provider, &self.current, self.version, from, spi_i, nonce)
    }

    /// True if `cookie` was made by this jar for this initiator, at most two secret lifetimes ago.
    pub fn check(
        &mut self,
        provider: &CryptoProvider,
        now: Instant,
        from: IpAddr,
        spi_i: [u8; 8],
        nonce: &[u8],
        cookie: &[u8],
    ) -> bool {
        if self.rotate(provider, now).is_err() {
            return false;
        }
        let Some(&version) = cookie.first() else { return false };
        let secret = if version == self.version {
            &self.current
        } else if version == self.version.wrapping_sub(1)
            && let Some(previous) = &self.previous
        {
            previous
        } else {
            return false;
        };
        mac(provider, secret, version, from, spi_i, nonce).is_ok_and(|expected| expected.ct_eq(cookie).into())
    }

    fn rotate(&mut self, provider: &CryptoProvider, now: Instant) -> Result<(), CryptoError> {
        let age = now.saturating_since(self.changed);
        if age < SECRET_LIFETIME {
            return Ok(());
        }
        let old = std::mem::replace(&mut self.current, fresh(provider)?);
        self.previous = (age < 2 * SECRET_LIFETIME).then_some(old);
        self.version = self.version.wrapping_add(1);
        self.changed = now;
        Ok(())
    }
}

fn fresh(provider: &CryptoProvider) -> Result<Secret, CryptoError> {
    let mut bytes = vec![0; 32];
    provider.random.fill(&mut bytes)?;
    Ok(Secret::new(bytes))
}

fn mac(
    provider: &CryptoProvider,
    secret: &Secret,
    version: u8,
    from: IpAddr,
    spi_i: [u8; 8],
    nonce: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    let prf = provider.prf(PrfId::HMAC_SHA2_256).ok_or(CryptoError::BadKey("no HMAC-SHA2-256"))?;
    let address = match from {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    };
    // The nonce goes last: it alone has a variable length.
    let mac = prf.key(secret.expose()).compute(&[&[version], &spi_i, &address, nonce]);
    Ok([&[version][..], mac.expose()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
    const SPI: [u8; 8] = [1, 2, 3, 4, 5, 6, 7, 8];

    fn at(seconds: u64) -> Instant {
        Instant::from_epoch(Duration::from_secs(seconds))
    }

    #[test]
    fn b04_cookie_is_bound_to_address_spi_nonce_and_secret() {
        let provider = adit_crypto::default_provider();
        let mut jar = CookieJar::new(&provider, at(0)).unwrap();
        let cookie = jar.cookie(&provider, at(1), FROM, SPI, b"nonce").unwrap();
        assert!(cookie.len() <= 64, "RFC 7296 2.6: at most 64 octets");
        assert!(jar.check(&provider, at(2), FROM, SPI, b"nonce", &cookie));

        let other_address = "192.0.2.8".parse().unwrap();
        assert!(!jar.check(&provider, at(2), other_address, SPI, b"nonce", &cookie));
        assert!(!jar.check(&provider, at(2), FROM, [9; 8], b"nonce", &cookie));
        assert!(!jar.check(&provider, at(2), FROM, SPI, b"other", &cookie));
        assert!(!jar.check(&provider, at(2), FROM, SPI, b"nonce", &cookie[..20]));
        assert!(!jar.check(&provider, at(2), FROM, SPI, b"nonce", &[]));

        assert!(jar.check(&provider, at(61), FROM, SPI, b"nonce", &cookie), "the previous secret counts");
        assert!(!jar.check(&provider, at(130), FROM, SPI, b"nonce", &cookie), "the one before it does not");
    }
}
