//! Signatures that the platform checks: its answers are looked up, and what it was not asked yet is noted.
//!
//! A browser computes signatures itself, but answers later. So a file is read with the answers there are, [`Asked`] notes
//! what else had to be known, and the file is read again with more answers. That ends: reading the same file asks the same,
//! and each signer asks twice at most (RFC 5652 section 5.4: attributes as they stand, and in DER). An answer belongs to
//! the digest of its question, so that none is taken for another claim's.

use std::fmt;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::DigestAlgorithm;
use super::signatures::{Answer, Claim, PublicKey, RsaKey, Scheme, Signatures};
use crate::certificate::asn1::{BIT_STRING, INTEGER, Malformed, OBJECT_IDENTIFIER, Reader, SEQUENCE, tlv};
use crate::certificate::oid;
use crate::syntax::encode_base64;

/// The tag of NULL.
const NULL: u8 = 0x05;

/// A question in the words of the Web Cryptography API, `crypto.subtle.verify`. As JSON, bytes are in Base64.
#[derive(Clone, Eq, PartialEq, Serialize)]
pub struct Question {
    /// What [`Asked::new`] finds the answer by: a digest of the rest, in hexadecimal.
    pub id: String,
    /// `RSASSA-PKCS1-v1_5`, `RSA-PSS`, `ECDSA` or `Ed25519`.
    pub algorithm: &'static str,
    /// `SHA-1` and so on; none for Ed25519.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<&'static str>,
    /// `P-256` and so on, of ECDSA.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub curve: Option<&'static str>,
    /// The length of the salt in bytes, of RSA-PSS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt: Option<usize>,
    /// The key: of RSA as `SubjectPublicKeyInfo` (`spki`), else as it is (`raw`).
    #[serde(serialize_with = "base64")]
    pub key: Vec<u8>,
    /// What was signed.
    #[serde(serialize_with = "base64")]
    pub message: Zeroizing<Vec<u8>>,
    /// The signature; of ECDSA both numbers at their full length (IEEE P1363).
    #[serde(serialize_with = "base64")]
    pub signature: Vec<u8>,
}

impl fmt::Debug for Question {
    /// Without the message, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

fn base64<S: Serializer>(bytes: &impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&Zeroizing::new(encode_base64(bytes.as_ref())))
}

/// Answers by what was found out before; without an answer it is [`Answer::Unavailable`] for now.
#[derive(Debug)]
pub struct Asked<'a> {
    answers: &'a str,
    open: Vec<Question>,
}

impl<'a> Asked<'a> {
    /// `answers`: `ID:ANSWER` of each question, with blanks between. An answer is `holds`, `fails`, `bad-key` (the platform
    /// does not take the key) or `unavailable` (it does not know the algorithm); any other word is as the last.
    #[must_use]
    pub fn new(answers: &'a str) -> Self {
        Self { answers, open: Vec::new() }
    }

    /// The questions without an answer; with any, what was read is to be read again.
    #[must_use]
    pub fn into_open(self) -> Vec<Question> {
        self.open
    }

    fn answer_to(&self, id: &str) -> Option<&'a str> {
        let mut answers = self.answers.split(' ').filter_map(|one| one.split_once(':'));
        answers.find_map(|(of, answer)| (of == id).then_some(answer))
    }
}

impl Signatures for Asked<'_> {
    fn check(&mut self, claim: &Claim<'_>) -> Answer {
        let Some(question) = Question::of(claim) else { return Answer::Fails };
        match self.answer_to(&question.id) {
            Some("holds") => Answer::Holds,
            Some("fails") => Answer::Fails,
            Some("bad-key") => match claim.key {
                PublicKey::Ec(_, [4, ..]) | PublicKey::Ed25519(_) => Answer::BadKey,
                // A platform need not take compressed points; and the numbers of RSA were sound.
                PublicKey::Ec(..) | PublicKey::Rsa(..) => Answer::Unavailable,
            },
            Some(_) => Answer::Unavailable,
            None => {
                if !self.open.contains(&question) {
                    self.open.push(question);
                }
                Answer::Unavailable
            }
        }
    }
}

impl Question {
    /// `None` when the signature is none: then nobody need be asked.
    fn of(claim: &Claim<'_>) -> Option<Self> {
        let hash = match claim.hash {
            DigestAlgorithm::Sha1 => Some("SHA-1"),
            DigestAlgorithm::Sha256 => Some("SHA-256"),
            DigestAlgorithm::Sha384 => Some("SHA-384"),
            DigestAlgorithm::Sha512 => Some("SHA-512"),
            DigestAlgorithm::Md5 | DigestAlgorithm::Other(_) => None,
        };
        let mut asked = Self {
            id: String::new(),
            algorithm: "",
            hash,
            curve: None,
            salt: None,
            key: Vec::new(),
            message: Zeroizing::new(claim.message.to_vec()),
            signature: claim.signature.to_vec(),
        };
        match claim.key {
            PublicKey::Rsa(key, scheme) => {
                asked.key = rsa_info(key);
                asked.algorithm = match scheme {
                    Scheme::Pkcs1 => "RSASSA-PKCS1-v1_5",
                    Scheme::Pss { salt } => {
                        asked.salt = Some(salt);
                        "RSA-PSS"
                    }
                };
            }
            PublicKey::Ec(curve, point) => {
                asked.algorithm = "ECDSA";
                asked.curve = Some(curve.name());
                asked.key = point.to_vec();
                asked.signature = at_full_length(claim.signature, curve.size())?;
            }
            PublicKey::Ed25519(key) => {
                asked.algorithm = "Ed25519";
                asked.hash = None;
                asked.key = key.to_vec();
            }
        }
        asked.id = asked.digest();
        Some(asked)
    }

    /// Over all members, each behind its length so that none runs into the next.
    fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let salt = self.salt.map(usize::to_be_bytes);
        let words = [self.algorithm, self.hash.unwrap_or_default(), self.curve.unwrap_or_default()];
        let bytes = [salt.as_ref().map_or(&[][..], |salt| salt), &self.key, &self.message, &self.signature];
        for part in words.iter().map(|word| word.as_bytes()).chain(bytes) {
            hash.update(part.len().to_be_bytes());
            hash.update(part);
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// `SubjectPublicKeyInfo` with `rsaEncryption`, whatever the certificate restricts the key to: platforms take no other.
fn rsa_info(key: RsaKey<'_>) -> Vec<u8> {
    let number = |number: &[u8]| match number.first() {
        // A number is not negative.
        Some(0x80..) => tlv(INTEGER, &[&[0], number]),
        _ => tlv(INTEGER, &[number]),
    };
    let algorithm = tlv(SEQUENCE, &[tlv(OBJECT_IDENTIFIER, &[oid::RSA]), tlv::<&[u8]>(NULL, &[])]);
    let numbers = tlv(SEQUENCE, &[number(key.modulus), number(key.exponent)]);
    tlv(SEQUENCE, &[algorithm, tlv(BIT_STRING, &[&[0], numbers.as_slice()])])
}

/// Both numbers of an ECDSA signature with `size` bytes each; `None` unless it is DER, to the byte.
fn at_full_length(signature: &[u8], size: usize) -> Option<Vec<u8>> {
    let numbers = || -> Result<[&[u8]; 2], Malformed> {
        let mut pair = Reader::new(signature).sequence("a signature")?;
        Ok([pair.take(INTEGER, "a number")?.content, pair.take(INTEGER, "a number")?.content])
    };
    let numbers = numbers().ok()?;
    if tlv(SEQUENCE, &numbers.map(|number| tlv(INTEGER, &[number]))) != signature {
        return None;
    }
    let mut both = Vec::with_capacity(2 * size);
    for number in numbers {
        let number = match number {
            [0, rest @ ..] if rest.first().is_none_or(|first| *first >= 0x80) => rest,
            [1..0x80, ..] => number,
            _ => return None,
        };
        both.resize(both.len() + size.checked_sub(number.len())?, 0);
        both.extend_from_slice(number);
    }
    Some(both)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cms::{Curve, Signed, Verification, read_with};

    const SIGNED: [&[u8]; 4] = [
        include_bytes!("../../tests/cms/rsa-sha256.cms"),
        include_bytes!("../../tests/cms/pss-key.cms"),
        include_bytes!("../../tests/cms/p521-sha256.cms"),
        include_bytes!("../../tests/cms/ed25519.cms"),
    ];

    fn ask(file: &[u8], answers: &str) -> (Signed, Vec<Question>) {
        let mut asked = Asked::new(answers);
        let signed = read_with(file, &mut asked).unwrap();
        (signed, asked.into_open())
    }

    fn verdict(file: &[u8], answer: &str) -> Verification {
        let (_, open) = ask(file, "");
        let [question] = &open[..] else { panic!("{open:?}") };
        let (signed, open) = ask(file, &format!("other:holds {}:{answer} more", question.id));
        assert_eq!(open, [], "an answered question is asked again");
        signed.signers[0].verification.clone()
    }

    #[test]
    fn what_is_asked_is_answered_once_and_for_that_question_only() {
        for file in SIGNED {
            let (signed, open) = ask(file, "");
            assert!(matches!(signed.signers[0].verification, Verification::NotVerified { .. }));
            assert_eq!(ask(file, "").1, open, "the same file asks the same");
            assert_eq!(verdict(file, "holds"), Verification::Verified);
            assert_eq!(verdict(file, "fails"), Verification::SignatureMismatch);
            for other in ["unavailable", "", "verified", "bad-key:holds"] {
                assert!(matches!(verdict(file, other), Verification::NotVerified { .. }), "{other}");
            }
            // The answer of one file is none for another.
            for another in SIGNED.iter().filter(|another| **another != file) {
                let answers = format!("{}:holds", open[0].id);
                assert_eq!(ask(another, &answers).1.len(), 1);
            }
        }
    }

    #[test]
    fn a_key_that_the_platform_does_not_take_is_named() {
        let why = |file| match verdict(file, "bad-key") {
            Verification::NotVerified { why } => why,
            other => panic!("{other:?}"),
        };
        assert_eq!(why(SIGNED[0]), "RSA PKCS#1 v1.5 cannot be checked here");
        assert_eq!(why(SIGNED[1]), "RSA-PSS cannot be checked here");
        assert_eq!(why(SIGNED[2]), "the signer's key is no point of its curve");
        assert_eq!(why(SIGNED[3]), "the signer's Ed25519 key is unsound");
    }

    #[test]
    fn questions_are_in_the_words_of_web_cryptography() {
        let words = |file| {
            let question = ask(file, "").1.remove(0);
            (question.algorithm, question.hash, question.curve, question.salt, question.key.len())
        };
        let (pkcs1, sha256) = ("RSASSA-PKCS1-v1_5", Some("SHA-256"));
        assert_eq!(words(SIGNED[0]), (pkcs1, sha256, None, None, 294));
        assert_eq!(words(SIGNED[1]), ("RSA-PSS", sha256, None, Some(32), 294));
        assert_eq!(words(SIGNED[2]), ("ECDSA", sha256, Some("P-521"), None, 133));
        assert_eq!(words(SIGNED[3]), ("Ed25519", None, None, None, 32));
        let question = ask(SIGNED[2], "").1.remove(0);
        assert_eq!(question.signature.len(), 132);
        let json = serde_json::to_value(&question).unwrap();
        assert_eq!((json["curve"].as_str(), json.get("salt")), (Some("P-521"), None));
        assert_eq!(json["key"].as_str().unwrap().len(), 180);
    }

    #[test]
    fn a_question_is_not_printed_with_its_message() {
        let (_, open) = ask(include_bytes!("../../tests/cms/rsa-noattr.cms"), "");
        assert!(open[0].message.windows(13).any(|window| window == b"correct horse"));
        assert!(!format!("{open:?}").contains("99, 111, 114, 114"), "{open:?}");
    }

    #[test]
    fn an_ecdsa_signature_is_taken_in_der_only() {
        let pair = |numbers: &[&[u8]]| {
            tlv(SEQUENCE, &numbers.iter().map(|number| tlv(INTEGER, &[number])).collect::<Vec<_>>())
        };
        assert_eq!(at_full_length(&pair(&[&[1], &[0, 0x80]]), 2), Some(vec![0, 1, 0, 0x80]));
        assert_eq!(at_full_length(&pair(&[&[0], &[0x7f, 1]]), 2), Some(vec![0, 0, 0x7f, 1]));
        for wrong in [
            pair(&[&[1]]),
            pair(&[&[1], &[2], &[3]]),
            pair(&[&[], &[1]]),
            // Negative, with a zero too many, longer than the curve's numbers.
            pair(&[&[0x80], &[1]]),
            pair(&[&[0, 1], &[1]]),
            pair(&[&[1, 2, 3], &[1]]),
            // Another form of the length, and more behind.
            vec![0x30, 0x81, 6, 2, 1, 1, 2, 1, 1],
            [pair(&[&[1], &[1]]), vec![0]].concat(),
        ] {
            assert_eq!(at_full_length(&wrong, 2), None, "{wrong:x?}");
        }
        let whole = pair(&[&[1], &[2]]);
        for cut in 0..whole.len() {
            assert_eq!(at_full_length(&whole[..cut], 2), None, "{cut}");
        }
        assert_eq!(Curve::P521.size(), 66);
    }
}
