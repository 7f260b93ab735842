//! Why a certificate is not accepted, and who has to do what about it.

use std::fmt;

use adit_crypto::KeyKind;

use super::KeyType;

/// Why a certificate is refused. Each text says what is wrong and what to do.
///
/// Names in here are printable: escaped and cut.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CertificateRefusal {
    /// No anchor issued the chain.
    #[error(
        "'{subject}' was issued by '{issuer}', which is not trusted here; trust that CA's certificate on this side \
         (in a profile: com.apple.security.root), or have the peer send its intermediate certificates"
    )]
    UntrustedIssuer {
        /// Issuer of the last certificate that could be reached.
        issuer: String,
        /// Subject of that certificate.
        subject: String,
    },
    /// A certificate was not signed by the CA it names.
    #[error(
        "the signature on '{subject}' was not made by '{issuer}'; either a CA of the same name with another key \
         is trusted here, or the certificate was altered"
    )]
    BadSignature {
        /// Subject of the certificate.
        subject: String,
        /// The issuer it names.
        issuer: String,
    },
    /// Past its end.
    #[error(
        "'{subject}' expired on {}, and it is {} now; renew it, or correct this device's clock",
        Utc(*not_after),
        Utc(*now)
    )]
    Expired {
        /// Subject of the certificate.
        subject: String,
        /// Its last valid second, Unix time.
        not_after: u64,
        /// The time it was checked for, Unix time.
        now: u64,
    },
    /// Before its beginning.
    #[error(
        "'{subject}' is valid from {}, and it is {} now; correct this device's clock",
        Utc(*not_before),
        Utc(*now)
    )]
    NotYetValid {
        /// Subject of the certificate.
        subject: String,
        /// Its first valid second, Unix time.
        not_before: u64,
        /// The time it was checked for, Unix time.
        now: u64,
    },
    /// The certificate is for other names.
    #[error(
        "the certificate is for {}, not for '{wanted}'; correct ServerCertificateCommonName or RemoteIdentifier, \
         or issue a certificate with that subject alternative name",
        List(found)
    )]
    NameMismatch {
        /// The name asked for.
        wanted: String,
        /// Names the certificate has of any kind, at most sixteen.
        found: Vec<String>,
    },
    /// A CA above it may not issue certificates for this name.
    #[error("a CA above '{subject}' may not issue certificates for its names (name constraints)")]
    NameConstraint {
        /// Subject of the end entity.
        subject: String,
    },
    /// ServerCertificateIssuerCommonName names a CA that is not in the path.
    #[error(
        "no CA above the certificate is called '{wanted}' (found {}); correct ServerCertificateIssuerCommonName",
        List(found)
    )]
    WrongIssuer {
        /// The common name asked for.
        wanted: String,
        /// Common names of the CAs in the path.
        found: Vec<String>,
    },
    /// The key is of another type than configured.
    #[error("the certificate's key is {found}, but {} is configured (CertificateType)", AnyOf(wanted))]
    WrongKeyType {
        /// Types allowed.
        wanted: Vec<KeyType>,
        /// The key's kind.
        found: KeyKind,
    },
    /// A key nobody here can use.
    #[error("the key of '{subject}' cannot be used: {reason}; issue a certificate with another key")]
    UnsupportedKey {
        /// Subject of the certificate.
        subject: String,
        /// What is wrong with the key.
        reason: String,
    },
    /// Its extended key usage leaves out what is needed.
    #[error(
        "'{subject}' is not meant for {wanted}: its extended key usage lists only {}; issue a certificate with {fix}",
        List(found)
    )]
    WrongUsage {
        /// Subject of the certificate.
        subject: String,
        /// What it would be used for.
        wanted: &'static str,
        /// The purpose that a new one should list.
        fix: &'static str,
        /// Purposes it lists.
        found: Vec<String>,
    },
    /// Its key usage forbids what is needed.
    #[error("the key usage of '{subject}' does not allow {needed}; issue a certificate with that bit")]
    WrongKeyUsage {
        /// Subject of the certificate.
        subject: String,
        /// The bit that is missing.
        needed: &'static str,
    },
    /// Signed with a broken hash.
    #[error(
        "a certificate in the path is signed with {algorithm}, which is broken; issue it anew with SHA-256"
    )]
    WeakSignature {
        /// The algorithm.
        algorithm: &'static str,
    },
    /// Signed with an algorithm we do not have.
    #[error("a certificate in the path is signed with an algorithm that is not supported ({algorithm})")]
    UnsupportedSignature {
        /// Its name or object identifier.
        algorithm: String,
    },
    /// A certificate issued others without being a CA.
    #[error("'{subject}' is not a CA certificate (basic constraints), so nothing it issued is trusted")]
    NotACa {
        /// Subject of that certificate.
        subject: String,
    },
    /// A CA certificate presented as somebody's own.
    #[error(
        "'{subject}' is a CA certificate; the peer needs one of its own, issued by that CA (or put this very \
         certificate into the profile to accept it as it is)"
    )]
    CaAsEndEntity {
        /// Its subject.
        subject: String,
    },
    /// More certificates between the end entity and the anchor than allowed.
    #[error(
        "the chain of certificates is longer than allowed (path length, or more than {max} certificates)"
    )]
    PathTooLong {
        /// Most intermediate certificates we take.
        max: usize,
    },
    /// A critical extension nobody here understands.
    #[error("'{subject}' has a critical extension that is not supported ({oid})")]
    UnknownCriticalExtension {
        /// Subject of the certificate.
        subject: String,
        /// The extension.
        oid: String,
    },
    /// Not a certificate, or not one by the rules of RFC 5280.
    #[error("the certificate is malformed: {what}")]
    Malformed {
        /// What is wrong.
        what: &'static str,
    },
    /// Too many bytes.
    #[error("the certificate has {length} bytes; at most {max} are taken")]
    TooLarge {
        /// Its length.
        length: usize,
        /// Most we take.
        max: usize,
    },
    /// There is nothing to trust.
    #[error("no CA certificate is trusted here; put one into the profile or use the system's trust store")]
    NoAnchors,
    /// More anchors than we hold.
    #[error("more than {max} trusted certificates")]
    TooManyAnchors {
        /// Most we hold.
        max: usize,
    },
}

/// A Unix time for people.
struct Utc(u64);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match der::DateTime::from_unix_duration(std::time::Duration::from_secs(self.0)) {
            Ok(at) => write!(
                f,
                "{:04}-{:02}-{:02} {:02}:{:02} UTC",
                at.year(),
                at.month(),
                at.day(),
                at.hour(),
                at.minutes()
            ),
            Err(_) => write!(f, "second {} of Unix time", self.0),
        }
    }
}

/// Names in quotation marks, with commas.
struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("nothing");
        }
        for (index, name) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            write!(f, "'{name}'")?;
        }
        Ok(())
    }
}

/// Alternatives.
struct AnyOf<'a>(&'a [KeyType]);

impl fmt::Display for AnyOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no type at all");
        }
        for (index, wanted) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" or ")?;
            }
            write!(f, "{wanted}")?;
        }
        Ok(())
    }
}
