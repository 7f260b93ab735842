//! Proposals as text: `aes256gcm16-prfsha384-ecp384`.
//!
//! Owns the keywords (strongSwan's, so that lines can be copied between the two) and the rules which
//! keywords go together (RFC 7296 3.3.2, 3.3.3; RFC 5282 8). Leaves out the wire format and the choice
//! between proposals (`adit-ike`), and whether a provider implements an algorithm.

use std::fmt;
use std::str::FromStr;

use adit_crypto::{DhGroup, EncrId, IntegId, PrfId};

/// Which SA a proposal is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SaKind {
    /// The IKE SA: needs a PRF and a key exchange.
    Ike,
    /// A Child SA protected by ESP: has no PRF; a key exchange means PFS.
    Esp,
}

/// An encryption algorithm with its key length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Encryption {
    /// Transform Type 1.
    pub id: EncrId,
    /// The Key Length attribute in bits; 0 if the algorithm takes none.
    pub key_bits: u16,
}

/// Alternatives of which one each is chosen. All ciphers are AEADs or none is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proposal {
    /// Encryption algorithms, best first; never empty.
    pub encryption: Vec<Encryption>,
    /// Integrity algorithms, best first; empty exactly when the ciphers are AEADs.
    pub integrity: Vec<IntegId>,
    /// Pseudorandom functions, best first; empty exactly for ESP.
    pub prfs: Vec<PrfId>,
    /// Key exchange methods, best first; never empty for IKE. Empty for ESP: no PFS.
    pub groups: Vec<DhGroup>,
    /// ESP only: offer extended sequence numbers (RFC 4304). Both can be set, then the peer chooses.
    pub esn: bool,
    /// ESP only: offer 32-bit sequence numbers.
    pub no_esn: bool,
}

/// Why a text is no proposal.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProposalError {
    /// A keyword that this build does not know.
    #[error("`{keyword}` is no algorithm this build knows; possible are {allowed}", allowed = allowed_words(*kind))]
    Unknown {
        /// The keyword.
        keyword: String,
        /// For which SA.
        kind: SaKind,
    },
    /// A keyword for an algorithm that is known and refused.
    #[error("`{0}` is too weak and not implemented (RFC 8247, RFC 8221)")]
    Weak(String),
    /// A PRF in an ESP proposal, or ESN in an IKE proposal.
    #[error("`{keyword}` does not belong into a proposal for {kind}")]
    Misplaced {
        /// The keyword.
        keyword: String,
        /// For which SA.
        kind: SaKind,
    },
    /// AEAD and other ciphers side by side.
    #[error("AEAD ciphers and ciphers with a separate integrity algorithm need proposals of their own")]
    MixedCiphers,
    /// A part is missing.
    #[error("{0}")]
    Missing(&'static str),
}

impl fmt::Display for SaKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ike => "IKE",
            Self::Esp => "ESP",
        })
    }
}

impl Proposal {
    /// Reads keywords joined by `-`, such as `aes256gcm16-prfsha384-ecp384` or
    /// `aes256-aes128-sha256-modp2048-curve25519`.
    ///
    /// A proposal for IKE without a PRF keyword uses the PRFs of the integrity keywords' hashes, which for
    /// AEADs then mean nothing else. One for ESP without `esn` or `noesn` takes 32-bit sequence numbers.
    ///
    /// # Errors
    /// [`ProposalError`] names the keyword at fault or the part that is missing.
    pub fn parse(kind: SaKind, text: &str) -> Result<Self, ProposalError> {
        let mut proposal = Self {
            encryption: Vec::new(),
            integrity: Vec::new(),
            prfs: Vec::new(),
            groups: Vec::new(),
            esn: false,
            no_esn: false,
        };
        for keyword in text.split('-').map(str::trim) {
            proposal.add(kind, keyword)?;
        }
        proposal.finish(kind)
    }

    fn add(&mut self, kind: SaKind, keyword: &str) -> Result<(), ProposalError> {
        let lower = keyword.to_ascii_lowercase();
        let Some(word) = WORDS.iter().find(|word| word.text == lower || word.alias == Some(&lower)) else {
            return Err(if WEAK.contains(&lower.as_str()) {
                ProposalError::Weak(lower)
            } else {
                ProposalError::Unknown { keyword: keyword.to_owned(), kind }
            });
        };
        match word.means {
            Means::Encr(id, key_bits) => push_new(&mut self.encryption, Encryption { id, key_bits }),
            Means::Integ(id) => push_new(&mut self.integrity, id),
            Means::Group(id) => push_new(&mut self.groups, id),
            Means::Prf(id) if kind == SaKind::Ike => push_new(&mut self.prfs, id),
            Means::Esn(wide) if kind == SaKind::Esp => {
                if wide {
                    self.esn = true;
                } else {
                    self.no_esn = true;
                }
            }
            Means::Prf(_) | Means::Esn(_) => return Err(ProposalError::Misplaced { keyword: lower, kind }),
        }
        Ok(())
    }

    fn finish(mut self, kind: SaKind) -> Result<Self, ProposalError> {
        let aeads = self.encryption.iter().filter(|encryption| is_aead(encryption.id)).count();
        if self.encryption.is_empty() {
            return Err(ProposalError::Missing(
                "an encryption algorithm is missing, for example aes256gcm16",
            ));
        }
        if aeads != 0 && aeads != self.encryption.len() {
            return Err(ProposalError::MixedCiphers);
        }
        if kind == SaKind::Ike && self.prfs.is_empty() {
            self.prfs = self.integrity.iter().filter_map(|integ| prf_of(*integ)).collect();
        }
        if aeads != 0 && kind == SaKind::Ike {
            self.integrity.clear();
        } else if aeads != 0 && !self.integrity.is_empty() {
            return Err(ProposalError::Missing(
                "AES-GCM and ChaCha20-Poly1305 take no integrity algorithm in ESP; leave it out",
            ));
        } else if aeads == 0 && self.integrity.is_empty() {
            return Err(ProposalError::Missing(
                "AES-CBC needs an integrity algorithm, for example sha256 (RFC 8221 3)",
            ));
        }
        match kind {
            SaKind::Ike if self.prfs.is_empty() => Err(ProposalError::Missing(
                "a pseudorandom function is missing, for example prfsha256 (RFC 7296 3.3.3)",
            )),
            SaKind::Ike if self.groups.is_empty() => Err(ProposalError::Missing(
                "a key exchange group is missing, for example ecp256 (RFC 7296 3.3.3)",
            )),
            SaKind::Esp if !self.esn && !self.no_esn => Ok(Self { no_esn: true, ..self }),
            _ => Ok(self),
        }
    }
}

impl FromStr for Proposal {
    type Err = ProposalError;

    /// Reads a proposal for IKE.
    fn from_str(text: &str) -> Result<Self, ProposalError> {
        Self::parse(SaKind::Ike, text)
    }
}

impl fmt::Display for Proposal {
    /// The keywords, as [`Proposal::parse`] reads them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let means = (self.encryption.iter().map(|e| Means::Encr(e.id, e.key_bits)))
            .chain(self.integrity.iter().map(|id| Means::Integ(*id)))
            .chain(self.prfs.iter().map(|id| Means::Prf(*id)))
            .chain(self.groups.iter().map(|id| Means::Group(*id)))
            .chain(self.esn.then_some(Means::Esn(true)))
            .chain((self.esn && self.no_esn).then_some(Means::Esn(false)));
        let mut separator = "";
        for means in means {
            let text = WORDS.iter().find(|word| word.means == means).map_or("?", |word| word.text);
            write!(f, "{separator}{text}")?;
            separator = "-";
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Means {
    Encr(EncrId, u16),
    Integ(IntegId),
    Prf(PrfId),
    Group(DhGroup),
    /// Extended sequence numbers: yes or no.
    Esn(bool),
}

struct Word {
    text: &'static str,
    /// Another spelling, if there is one.
    alias: Option<&'static str>,
    means: Means,
}

const fn word(text: &'static str, alias: &'static str, means: Means) -> Word {
    Word { text, alias: if alias.is_empty() { None } else { Some(alias) }, means }
}

const WORDS: &[Word] = &[
    word("aes128gcm16", "aes128gcm128", Means::Encr(EncrId::AES_GCM_16, 128)),
    word("aes256gcm16", "aes256gcm128", Means::Encr(EncrId::AES_GCM_16, 256)),
    word("chacha20poly1305", "", Means::Encr(EncrId::CHACHA20_POLY1305, 0)),
    word("aes128", "aes128cbc", Means::Encr(EncrId::AES_CBC, 128)),
    word("aes256", "aes256cbc", Means::Encr(EncrId::AES_CBC, 256)),
    word("sha1", "sha", Means::Integ(IntegId::HMAC_SHA1_96)),
    word("sha256", "sha2_256", Means::Integ(IntegId::HMAC_SHA2_256_128)),
    word("sha384", "sha2_384", Means::Integ(IntegId::HMAC_SHA2_384_192)),
    word("sha512", "sha2_512", Means::Integ(IntegId::HMAC_SHA2_512_256)),
    word("prfsha1", "", Means::Prf(PrfId::HMAC_SHA1)),
    word("prfsha256", "", Means::Prf(PrfId::HMAC_SHA2_256)),
    word("prfsha384", "", Means::Prf(PrfId::HMAC_SHA2_384)),
    word("prfsha512", "", Means::Prf(PrfId::HMAC_SHA2_512)),
    word("modp2048", "dh14", Means::Group(DhGroup::MODP_2048)),
    word("modp3072", "dh15", Means::Group(DhGroup::MODP_3072)),
    word("modp4096", "dh16", Means::Group(DhGroup::MODP_4096)),
    word("ecp256", "dh19", Means::Group(DhGroup::ECP_256)),
    word("ecp384", "dh20", Means::Group(DhGroup::ECP_384)),
    word("ecp521", "dh21", Means::Group(DhGroup::ECP_521)),
    word("curve25519", "x25519", Means::Group(DhGroup::CURVE25519)),
    word("esn", "", Means::Esn(true)),
    word("noesn", "", Means::Esn(false)),
];

/// Keywords of other implementations for algorithms that RFC 8247 and RFC 8221 forbid.
const WEAK: &[&str] =
    &["des", "3des", "md5", "prfmd5", "modp768", "modp1024", "modp1536", "null", "blowfish"];

fn is_aead(id: EncrId) -> bool {
    matches!(id, EncrId::AES_GCM_16 | EncrId::CHACHA20_POLY1305)
}

/// The PRF over the same hash.
fn prf_of(integ: IntegId) -> Option<PrfId> {
    match integ {
        IntegId::HMAC_SHA1_96 => Some(PrfId::HMAC_SHA1),
        IntegId::HMAC_SHA2_256_128 => Some(PrfId::HMAC_SHA2_256),
        IntegId::HMAC_SHA2_384_192 => Some(PrfId::HMAC_SHA2_384),
        IntegId::HMAC_SHA2_512_256 => Some(PrfId::HMAC_SHA2_512),
        _ => None,
    }
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, item: T) {
    if !list.contains(&item) {
        list.push(item);
    }
}

fn allowed_words(kind: SaKind) -> String {
    let fits = |word: &&Word| match word.means {
        Means::Prf(_) => kind == SaKind::Ike,
        Means::Esn(_) => kind == SaKind::Esp,
        _ => true,
    };
    WORDS.iter().filter(fits).map(|word| word.text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ike(text: &str) -> Result<Proposal, ProposalError> {
        Proposal::parse(SaKind::Ike, text)
    }

    fn esp(text: &str) -> Result<Proposal, ProposalError> {
        Proposal::parse(SaKind::Esp, text)
    }

    #[test]
    fn each_keyword_gives_its_registry_number() {
        let proposal = ike("aes256gcm16-prfsha384-ecp384").unwrap();
        assert_eq!(proposal.encryption, [Encryption { id: EncrId(20), key_bits: 256 }]);
        assert_eq!(proposal.prfs, [PrfId(6)]);
        assert_eq!(proposal.groups, [DhGroup(20)]);
        assert!(proposal.integrity.is_empty());

        let proposal = esp("aes256-aes128-sha512-sha256-curve25519-esn-noesn").unwrap();
        assert_eq!(
            proposal.encryption.iter().map(|e| (e.id.0, e.key_bits)).collect::<Vec<_>>(),
            [(12, 256), (12, 128)]
        );
        assert_eq!(proposal.integrity, [IntegId(14), IntegId(12)]);
        assert_eq!(proposal.groups, [DhGroup(31)]);
        assert!(proposal.esn && proposal.no_esn && proposal.prfs.is_empty());
    }

    #[test]
    fn the_prf_follows_the_integrity_algorithm_unless_named() {
        assert_eq!(ike("aes128-sha1-modp2048").unwrap().prfs, [PrfId::HMAC_SHA1]);
        assert_eq!(ike("aes128-sha1-prfsha512-modp2048").unwrap().prfs, [PrfId::HMAC_SHA2_512]);
        let aead = ike("aes128gcm16-sha256-ecp256").unwrap();
        assert_eq!((aead.prfs, aead.integrity), (vec![PrfId::HMAC_SHA2_256], vec![]));
    }

    #[test]
    fn display_is_read_back_as_the_same_proposal() {
        for text in
            ["aes256gcm16-chacha20poly1305-prfsha256-ecp256-curve25519", "aes128-sha1-prfsha1-modp2048"]
        {
            let proposal = ike(text).unwrap();
            assert_eq!(proposal.to_string(), text);
        }
        for text in ["aes256gcm16", "aes128-sha256-ecp256-esn", "chacha20poly1305-esn-noesn"] {
            let proposal = esp(text).unwrap();
            assert_eq!(proposal.to_string(), text);
            assert_eq!(esp(&proposal.to_string()), Ok(proposal));
        }
    }

    #[test]
    fn wrong_combinations_are_refused_with_what_to_do() {
        for (kind, text, expected) in [
            (SaKind::Ike, "", "`` is no algorithm"),
            (SaKind::Ike, "aes256gcm16-prfsha384", "group is missing"),
            (SaKind::Ike, "aes256gcm16-ecp384", "pseudorandom function is missing"),
            (SaKind::Ike, "prfsha384-ecp384", "encryption algorithm is missing"),
            (SaKind::Ike, "aes256-prfsha256-ecp256", "needs an integrity algorithm"),
            (SaKind::Ike, "aes256-aes256gcm16-sha256-ecp256", "proposals of their own"),
            (SaKind::Ike, "3des-sha1-modp2048", "`3des` is too weak"),
            (SaKind::Ike, "aes256-sha256-modp1024", "`modp1024` is too weak"),
            (SaKind::Ike, "aes256-sha256-modp1025", "possible are aes128gcm16, "),
            (SaKind::Ike, "aes256-sha256-ecp256-esn", "does not belong into a proposal for IKE"),
            (SaKind::Esp, "aes256-sha256-prfsha256", "does not belong into a proposal for ESP"),
            (SaKind::Esp, "aes256gcm16-sha256", "take no integrity algorithm"),
            (SaKind::Esp, "aes256", "needs an integrity algorithm"),
        ] {
            let message = Proposal::parse(kind, text).unwrap_err().to_string();
            assert!(message.contains(expected), "{text}: {message}");
        }
    }
}
