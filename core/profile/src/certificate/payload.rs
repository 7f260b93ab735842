//! The certificate payloads of a profile, opened: what the rules and the plan of a tunnel both look into, and the words
//! both have for what does not open.
//!
//! Nothing of a private key is kept, and no password.

use std::ops::Deref;

use crate::SecretText;
use crate::gather::{Gather as _, GatherOk as _};
use crate::model::{Payload, Profile, Section, template};
use crate::report::{Code, Diagnostic, Severity, Span, codes};

use super::pkcs12::{self, MAX_ITERATIONS, Pkcs12Error, Protection};
use super::{CertificateError, CertificateInfo, KeyKind, inspect, pem, read_certificates};

/// `com.apple.security.pkcs12`.
pub(crate) const PKCS12: &str = "com.apple.security.pkcs12";

/// `com.apple.security.root`.
pub(crate) const ROOT: &str = "com.apple.security.root";

/// `com.apple.security.pkcs1`.
pub(crate) const PKCS1: &str = "com.apple.security.pkcs1";

/// `com.apple.security.pem`.
pub(crate) const PEM: &str = "com.apple.security.pem";

/// The key that holds the file of all four.
pub(crate) const CONTENT: &str = "PayloadContent";

/// The key that holds a PKCS#12 file's password.
pub(crate) const PASSWORD: &str = "Password";

/// A certificate payload and what is in it.
#[derive(Clone, Copy, Debug)]
pub struct CertificatePayload<'c> {
    /// Its dictionary.
    pub section: &'c Section<'c>,
    /// What it is.
    pub inside: &'c Inside,
}

impl<'c> CertificatePayload<'c> {
    /// Puts both together.
    pub(crate) fn of(profile: &'c Profile<'c>, inside: &'c Inside) -> Option<Self> {
        let payload = profile.payloads().get(inside.place)?;
        Some(Self { section: &payload.section, inside })
    }
}

impl Deref for CertificatePayload<'_> {
    type Target = Inside;

    fn deref(&self) -> &Inside {
        self.inside
    }
}

/// What an opened certificate payload is.
#[derive(Clone, Debug)]
pub struct Inside {
    /// Its place in [`Profile::payloads`].
    pub(crate) place: usize,
    /// Its place in `PayloadContent`.
    pub index: usize,
    /// `PayloadType`.
    pub kind: &'static str,
    /// What is in it.
    pub contents: Contents,
}

/// What is in a certificate payload.
#[derive(Clone, Debug)]
pub enum Contents {
    /// No `PayloadContent`.
    Missing,
    /// `PayloadContent` is no data (a placeholder, or of another type), or broken Base64.
    Unknown,
    /// A `root`, `pkcs1` or `pem` payload.
    Certificates {
        /// The certificates, at least one, or why they cannot be read.
        found: Result<Vec<CertificateInfo>, CertificateError>,
        /// Whether they stand as PEM text.
        was_pem: bool,
        /// Whether a private key stands among them.
        private_key: bool,
    },
    /// A `pkcs12` payload.
    Pkcs12 {
        /// Its algorithms, or why it is no PKCS#12 file.
        protection: Result<Protection, Pkcs12Error>,
        /// What the profile says of its password.
        password: Password,
        /// What is inside; `None` when that cannot be known: its password is a template's placeholder.
        opened: Option<Result<Opened, Pkcs12Error>>,
    },
}

/// What a profile says of a PKCS#12 file's password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Password {
    /// Nothing, or an empty one: the user is asked.
    Missing,
    /// It is there.
    Given,
    /// A template's placeholder, or no string.
    Unknown,
}

/// An opened PKCS#12 file.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The kind of its private key.
    pub key_kind: KeyKind,
    /// The certificates, the key's own first.
    pub chain: Vec<CertificateInfo>,
}

impl Inside {
    /// The certificates that could be read, an identity's own first.
    #[must_use]
    pub fn certificates(&self) -> &[CertificateInfo] {
        match &self.contents {
            Contents::Certificates { found: Ok(found), .. } => found,
            Contents::Pkcs12 { opened: Some(Ok(opened)), .. } => &opened.chain,
            _ => &[],
        }
    }

    /// The identity inside, if it is one that could be opened.
    #[must_use]
    pub fn identity(&self) -> Option<&Opened> {
        match &self.contents {
            Contents::Pkcs12 { opened: Some(Ok(opened)), .. } => Some(opened),
            _ => None,
        }
    }
}

/// Opens every certificate payload. The work that iteration counts ask for is bounded for all of them together. `typed` is
/// for PKCS#12 files whose password is not in the profile.
pub(crate) fn open_all(profile: &Profile<'_>, typed: Option<&SecretText>) -> Vec<Inside> {
    let mut left = MAX_ITERATIONS;
    // Data that could not be read as Base64 was told of already; what is left of it is not what was meant.
    let mut broken = Vec::new();
    for found in profile.document().problems().as_slice() {
        if found.code == codes::BAD_BASE64 {
            broken.push(found.span);
        }
    }
    let payloads = profile.payloads().iter().enumerate();
    payloads.filter_map(|(place, payload)| open(place, payload, &broken, typed, &mut left)).gather()
}

/// The key paths of the PKCS#12 files whose password is not in the profile and that a typed one does not open, and of those
/// that give no identity for another reason, as far as it can be told: they ask for more work than is done (after the other
/// files of the profile), and without a MAC a wrong password may look like damage.
#[cfg(feature = "calls")]
pub(crate) fn shut(profile: &Profile<'_>, typed: &SecretText) -> (Vec<String>, Vec<String>) {
    let (mut locked, mut unopened) = (Vec::new(), Vec::new());
    for inside in &open_all(profile, Some(typed)) {
        let Contents::Pkcs12 { password: Password::Missing, opened: Some(Err(error)), .. } = &inside.contents
        else {
            continue;
        };
        let list = if *error == Pkcs12Error::WrongPassword { &mut locked } else { &mut unopened };
        list.extend(
            CertificatePayload::of(profile, inside).map(|found| found.section.path_of(CONTENT).to_string()),
        );
    }
    (locked, unopened)
}

/// The types of payloads that [`open_all`] opens.
const KINDS: [&str; 4] = [PKCS12, ROOT, PKCS1, PEM];

/// Whether a payload of this type is one that [`open_all`] opens.
pub(crate) fn is_certificate(kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| KINDS.contains(&kind))
}

fn open(
    place: usize,
    payload: &Payload<'_>,
    broken: &[Span],
    typed: Option<&SecretText>,
    left: &mut u64,
) -> Option<Inside> {
    let kind = KINDS.into_iter().find(|kind| payload.kind() == Some(kind))?;
    let section = &payload.section;
    let at = section.span_of(CONTENT);
    let is_broken = broken.iter().any(|span| at.start <= span.start && span.end <= at.end);
    let contents = match section.bytes(CONTENT) {
        _ if is_broken => Contents::Unknown,
        None if section.has(CONTENT) => Contents::Unknown,
        None => Contents::Missing,
        Some(content) if kind == PKCS12 => {
            let (password, text) = match (password(section), typed) {
                ((Password::Missing, _), Some(typed)) => (Password::Missing, typed.expose()),
                (in_profile, _) => in_profile,
            };
            let opened = (password != Password::Unknown).then(|| {
                let opened = pkcs12::open_sharing(content.value, text, left)?;
                let chain = opened.chain.iter().map(|der| inspect(der)).gather_ok();
                Ok(Opened { key_kind: opened.key_kind, chain: chain.map_err(Pkcs12Error::Contents)? })
            });
            Contents::Pkcs12 { protection: pkcs12::protection(content.value), password, opened }
        }
        Some(content) => Contents::Certificates {
            found: read_certificates(content.value)
                .and_then(|found| found.der.iter().map(|der| inspect(der)).gather_ok()),
            was_pem: pem::is_pem(content.value),
            private_key: crate::source::find(content.value, b"PRIVATE KEY-----").is_some(),
        },
    };
    Some(Inside { place, index: payload.index, kind, contents })
}

/// The password of a PKCS#12 payload.
fn password<'d>(section: &Section<'d>) -> (Password, &'d str) {
    match section.node(PASSWORD) {
        None => (Password::Missing, ""),
        Some(node) => match node.as_str() {
            Some("") => (Password::Missing, ""),
            Some(text) if template::is_placeholder(text, template::Strictness::Secret) => {
                (Password::Unknown, "")
            }
            Some(text) => (Password::Given, text),
            None => (Password::Unknown, ""),
        },
    }
}

/// What is said of a payload that does not open.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Complaint {
    /// The rule.
    pub code: Code,
    /// How much it matters to a device; a plan goes no further in any case.
    pub severity: Severity,
    /// The key it is about.
    pub key: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: &'static str,
}

impl Complaint {
    /// As a diagnostic of a plan, which cannot go on.
    pub fn error(&self, section: &Section<'_>) -> Diagnostic {
        section.diagnose(self.key, self.code, self.message.clone()).help(self.help)
    }
}

/// A certificate payload without its file.
pub(crate) fn missing(kind: &str) -> Complaint {
    let (code, message, help) = if kind == PKCS12 {
        let message = "the PKCS#12 payload has no PayloadContent";
        (codes::P12_UNREADABLE, message, "the file stands there as data")
    } else {
        let message = "the certificate payload has no PayloadContent";
        (codes::CERT_UNREADABLE, message, "the certificate stands there as data")
    };
    Complaint { code, severity: Severity::Error, key: CONTENT, message: message.to_owned(), help }
}

/// A PKCS#12 file that does not open.
pub(crate) fn about_pkcs12(error: &Pkcs12Error, password: Password) -> Complaint {
    let (code, severity, key, help) = match error {
        Pkcs12Error::WrongPassword if password == Password::Missing => (
            codes::P12_NO_PASSWORD,
            Severity::Notice,
            CONTENT,
            "the profile does not hold its password: give it",
        ),
        Pkcs12Error::WrongPassword => {
            (codes::P12_PASSWORD, Severity::Error, PASSWORD, "correct the password, or export the file again")
        }
        Pkcs12Error::NoPrivateKey => {
            (codes::P12_NO_KEY, Severity::Error, CONTENT, "export it together with its private key")
        }
        // A device may well open it.
        Pkcs12Error::Unsupported { .. } => (
            codes::P12_UNREADABLE,
            Severity::Notice,
            CONTENT,
            "export it again with AES-256-CBC, or with triple DES and SHA-1",
        ),
        Pkcs12Error::TooMuchWork { .. } => (
            codes::P12_UNREADABLE,
            Severity::Warning,
            CONTENT,
            "export it again with an ordinary iteration count, such as 2048",
        ),
        _ => (codes::P12_UNREADABLE, Severity::Error, CONTENT, "export it again"),
    };
    Complaint { code, severity, key, message: error.to_string(), help }
}

/// Certificates that cannot be read.
pub(crate) fn about_certificates(error: &CertificateError) -> Complaint {
    let help = match error {
        CertificateError::BrokenRsaKey(_) => "no system can use this certificate: issue it again",
        _ => "the payload must hold a certificate in DER or PEM: export it again",
    };
    let message = error.to_string();
    Complaint { code: codes::CERT_UNREADABLE, severity: Severity::Error, key: CONTENT, message, help }
}

/// DER where the payload's type says PEM, or the reverse.
pub(crate) fn mixup(kind: &str, was_pem: bool) -> Option<Complaint> {
    let (message, help) = match (was_pem, kind == PEM) {
        (true, false) => {
            ("the payload's type asks for DER, it holds PEM text", "use com.apple.security.pem, or DER")
        }
        (false, true) => (
            "the payload's type asks for PEM text, it holds DER",
            "use com.apple.security.root or .pkcs1, or PEM",
        ),
        _ => return None,
    };
    let (code, severity) = (codes::CERT_DER_PEM_MIXUP, Severity::Warning);
    Some(Complaint { code, severity, key: CONTENT, message: message.to_owned(), help })
}
