//! What a gateway needs for its first start: keys, certificates, a user, a configuration, and a profile.
//!
//! Owns the making of them out of a host name, a time and a random source. Leaves out writing files (the
//! command line does) and the signing of the profile. [`init`] gives everything in memory, so that the demo
//! can start a gateway that never touches the disk.
//!
//! The certificates follow what phones ask of servers: subjectAltName, serverAuth among the extended key
//! usages, not valid for longer than 398 days (RFC 5280, RFC 4945 5.1.3; Apple, "Requirements for trusted
//! certificates").

mod files;
mod pki;
mod profile;

use std::net::IpAddr;
use std::time::Duration;

use adit_crypto::{CryptoError, CryptoProvider, Secret, SecureRandom};

use crate::pool::{AddressRange, Prefix, RangeError};

pub use files::InitFile;
pub use pki::{Issued, KeyType};

/// What to make.
#[derive(Clone, Debug)]
pub struct InitSettings {
    /// Host name or IP address by which clients know the gateway: its identity, the certificate's subject
    /// and first subjectAltName, the profile's RemoteIdentifier.
    pub host: String,
    /// The profile's RemoteAddress, if clients reach the gateway by another name or address than `host`.
    pub remote_address: Option<String>,
    /// Further subjectAltNames: host names and IP addresses.
    pub more_names: Vec<String>,
    /// The user's name for EAP-MSCHAPv2: 1 to 256 bytes.
    pub user: String,
    /// The kind of keys for CA and gateway.
    pub key: KeyType,
    /// Now, since the beginning of 1970 UTC.
    pub now: Duration,
    /// Addresses to listen on; empty: all.
    pub listen: Vec<IpAddr>,
    /// UDP port for IKE. A profile cannot name another one than 500: with others it is good for this
    /// project's client only, which takes them as options.
    pub port: u16,
    /// UDP port for IKE and ESP behind a NAT; see `port`.
    pub nat_port: u16,
    /// Addresses for clients; empty: 10.99.0.0/24 and a random IPv6 /64 (RFC 4193 3.2).
    pub pools: Vec<AddressRange>,
    /// DNS servers for clients.
    pub dns: Vec<IpAddr>,
    /// Greatest inner packet in bytes, 1,280 to 1,400 (what the profile's key allows).
    pub mtu: u16,
}

impl InitSettings {
    /// Settings for a gateway called `host` with one `user`, ECDSA keys, and the ports that phones use.
    #[must_use]
    pub fn new(host: &str, user: &str, now: Duration) -> Self {
        Self {
            host: host.to_owned(),
            remote_address: None,
            more_names: Vec::new(),
            user: user.to_owned(),
            key: KeyType::EcdsaP256,
            now,
            listen: Vec::new(),
            port: 500,
            nat_port: 4_500,
            pools: Vec::new(),
            dns: Vec::new(),
            mtu: 1_280,
        }
    }
}

/// Why nothing was made.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InitError {
    /// A host name that no certificate or profile could carry.
    #[error("{0:?} is neither a host name nor an IP address")]
    BadHost(String),
    /// A user name that no profile could carry.
    #[error("the user name has to be 1 to 256 bytes long, without control characters")]
    BadUser,
    /// An MTU that profiles do not allow.
    #[error("an MTU of {0} is not possible; a profile allows 1280 to 1400")]
    BadMtu(u16),
    /// A time before 1970 or after 9999.
    #[error("the clock says a time that no certificate can carry; set it")]
    BadTime,
    /// The random source or a key operation failed.
    #[error("keys could not be made: {0}")]
    Crypto(#[from] CryptoError),
    /// A certificate could not be encoded.
    #[error("a certificate could not be encoded: {0}")]
    Certificate(String),
    /// The profile could not be written.
    #[error("the profile could not be written: {0}")]
    Profile(String),
    /// An address range could not be made.
    #[error(transparent)]
    Range(#[from] RangeError),
}

/// Everything made, each piece by itself. Secrets do not show in `Debug`.
#[derive(Clone, Debug)]
pub struct InitOutput {
    /// What it was made from, with the pools filled in.
    pub settings: InitSettings,
    /// The CA: its certificate is the profile's anchor, its key signs the certificates of a later day.
    pub ca: Issued,
    /// The gateway's certificate and key.
    pub server: Issued,
    /// The user's password.
    pub password: Secret,
    /// The profile: an unsigned `.mobileconfig`, with the password inside.
    pub profile: Secret,
}

impl InitOutput {
    /// The configuration with certificates and keys as file names beside it ([`Self::files`]) or, `inline`,
    /// as text, so that it stands alone.
    #[must_use]
    pub fn config(&self, inline: bool) -> Secret {
        files::config(self, inline)
    }

    /// The files to write, none of which may exist before.
    #[must_use]
    pub fn files(&self) -> Vec<InitFile> {
        files::files(self)
    }
}

/// Makes keys, certificates, a password and a profile. Randomness comes from the provider's source.
///
/// # Errors
/// [`InitError`]: a setting is impossible, or keys could not be made.
pub fn init(mut settings: InitSettings, provider: &CryptoProvider) -> Result<InitOutput, InitError> {
    let names = std::iter::once(&settings.host).chain(&settings.remote_address).chain(&settings.more_names);
    if let Some(bad) = names.into_iter().find(|name| !is_host(name)) {
        return Err(InitError::BadHost(bad.clone()));
    }
    if !(1..=256).contains(&settings.user.len()) || settings.user.chars().any(char::is_control) {
        return Err(InitError::BadUser);
    }
    if !(1_280..=1_400).contains(&settings.mtu) {
        return Err(InitError::BadMtu(settings.mtu));
    }
    if settings.pools.is_empty() {
        settings.pools = default_pools(provider.random)?;
    }
    let (ca, server) = pki::issue(&settings, provider)?;
    let password = password(provider.random)?;
    let profile = profile::mobileconfig(&settings, &ca, &password, provider.random)?;
    Ok(InitOutput { settings, ca, server, password, profile })
}

/// An IP address, or a host name of letters, digits, hyphens and dots.
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.parse::<IpAddr>().is_ok() || (text.len() <= 253 && text.split('.').all(label))
}

fn default_pools(random: &dyn SecureRandom) -> Result<Vec<AddressRange>, InitError> {
    let mut global_id = [0; 5];
    random.fill(&mut global_id)?;
    let mut octets = [0; 16];
    let [first, rest @ ..] = &mut octets;
    *first = 0xfd;
    for (octet, byte) in rest.iter_mut().zip(global_id) {
        *octet = byte;
    }
    Ok(vec![
        Prefix::new(IpAddr::from([10, 99, 0, 0]), 24)?.range(),
        Prefix::new(IpAddr::from(octets), 64)?.range(),
    ])
}

/// Letters and digits that nobody takes for another one; 32, so that a byte's low bits choose evenly.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// 100 bits of randomness as five groups of four characters.
fn password(random: &dyn SecureRandom) -> Result<Secret, InitError> {
    let mut bytes = zeroize::Zeroizing::new([0_u8; 20]);
    random.fill(bytes.as_mut_slice())?;
    let mut text = Vec::with_capacity(24);
    for (index, byte) in bytes.iter().enumerate() {
        if index != 0 && index.is_multiple_of(4) {
            text.push(b'-');
        }
        text.extend(ALPHABET.get(usize::from(byte % 32)));
    }
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests;
