//! Keys with certificates: `com.apple.security.pkcs12`, `.scep` and `.acme`.

use super::{Keys, SpecError, spec};
use crate::build::Value;
use crate::build::material::{Inventory, Material};
use crate::certificate::{KeyKind, pkcs12};
use crate::gather::GatherOk as _;

/// Where a key with its certificate comes from.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// A file in the profile.
    Pkcs12(Pkcs12),
    /// A SCEP server.
    Scep(Box<Scep>),
    /// An ACME server.
    Acme(Box<Acme>),
}

spec! {
    /// A PKCS#12 file.
    pub struct Pkcs12 {
        required {
            /// `PayloadContent`.
            content: Material,
        }
        optional {
            /// `Password`; when left out, the user is asked when the profile is installed.
            password: Option<Material>,
            /// `PayloadCertificateFileName`.
            file_name: Option<String>,
            /// `AllowAllAppsAccess` (macOS).
            all_apps_access: Option<bool>,
            /// `KeyIsExtractable` (macOS).
            key_is_extractable: Option<bool>,
        }
    }
}

spec! {
    /// A certificate by SCEP.
    pub struct Scep {
        required {
            /// `URL`.
            url: String,
        }
        optional {
            /// `Name`: of the authority.
            name: Option<String>,
            /// `Subject`, as `CN=alice, O=Example`.
            subject: Option<String>,
            /// `Challenge`.
            challenge: Option<Material>,
            /// `Keysize`: 1024, 2048 or 4096.
            key_size: Option<i64>,
            /// `Key Usage`: 1 for signing, 4 for encryption, 5 for both.
            key_usage: Option<i64>,
            /// `CAFingerprint`, in hexadecimal.
            ca_fingerprint: Option<String>,
            /// `Retries`.
            retries: Option<i64>,
            /// `RetryDelay`: seconds.
            retry_delay: Option<i64>,
            /// `SubjectAltName`.
            alternative_names: Option<AlternativeNames>,
            /// `KeyIsExtractable`.
            key_is_extractable: Option<bool>,
            /// `AllowAllAppsAccess` (macOS).
            all_apps_access: Option<bool>,
        }
    }
}

spec! {
    /// A certificate by ACME, with a key that the device may attest.
    pub struct Acme {
        required {
            /// `DirectoryURL`.
            directory_url: String,
            /// `ClientIdentifier`.
            client_identifier: String,
            /// `KeyType`: `RSA` or `ECSECPrimeRandom`.
            key_type: String,
            /// `KeySize`: bits.
            key_size: i64,
            /// `HardwareBound`: the key lives in the Secure Enclave.
            hardware_bound: bool,
            /// `Subject`, as `CN=alice, O=Example`.
            subject: String,
        }
        optional {
            /// `SubjectAltName`.
            alternative_names: Option<AlternativeNames>,
            /// `UsageFlags`: 1 for signing, 4 for encryption, 5 for both.
            key_usage: Option<i64>,
            /// `ExtendedKeyUsage`: dotted object identifiers.
            extended_key_usage: Vec<String>,
            /// `Attest`: the device vouches for the key.
            attest: Option<bool>,
            /// `KeyIsExtractable` (macOS).
            key_is_extractable: Option<bool>,
            /// `AllowAllAppsAccess` (macOS).
            all_apps_access: Option<bool>,
        }
    }
}

spec! {
    /// `SubjectAltName`.
    #[derive(Default)]
    pub struct AlternativeNames {
        required {}
        optional {
            /// `rfc822Name`: an e-mail address.
            email: Option<String>,
            /// `dNSName`: a host name.
            dns: Option<String>,
            /// `uniformResourceIdentifier`.
            uri: Option<String>,
            /// `ntPrincipalName`.
            principal: Option<String>,
        }
    }
}

impl Identity {
    pub(super) fn payload_type(&self) -> &'static str {
        match self {
            Self::Pkcs12(_) => "com.apple.security.pkcs12",
            Self::Scep(_) => "com.apple.security.scep",
            Self::Acme(_) => "com.apple.security.acme",
        }
    }

    /// The kind of the key, if it can be told: of a file that opens, and of a key that is asked for.
    pub(super) fn key_kind(&self) -> Option<KeyKind> {
        let file = match self {
            Self::Pkcs12(file) => file,
            Self::Scep(_) => return None, // It is RSA always, and any size will do.
            Self::Acme(acme) => {
                return match (acme.key_type.as_str(), acme.key_size) {
                    ("ECSECPrimeRandom", 256) => Some(KeyKind::P256),
                    ("ECSECPrimeRandom", 384) => Some(KeyKind::P384),
                    ("ECSECPrimeRandom", 521) => Some(KeyKind::P521),
                    _ => None,
                };
            }
        };
        let bytes = file.content.as_bytes("").ok()?;
        let password = file.password.as_ref().map_or(Ok(""), |password| password.as_text("")).ok()?;
        pkcs12::open(bytes, password).ok().map(|identity| identity.key_kind)
    }

    pub(super) fn write(&self, field: &str) -> Result<Keys, SpecError> {
        let mut keys = Keys::default();
        match self {
            Self::Pkcs12(file) => {
                keys.text("PayloadCertificateFileName", file.file_name.as_ref());
                keys.data("PayloadContent", Some(file.content.as_bytes(&format!("{field}.pkcs12.content"))?));
                if let Some(password) = &file.password {
                    keys.put("Password", password.as_text(&format!("{field}.pkcs12.password"))?);
                }
                keys.boolean("AllowAllAppsAccess", file.all_apps_access);
                keys.boolean("KeyIsExtractable", file.key_is_extractable);
            }
            Self::Scep(scep) => keys.dict("PayloadContent", scep.write(&format!("{field}.scep"))?),
            Self::Acme(acme) => keys = acme.write(&format!("{field}.acme"))?,
        }
        Ok(keys)
    }

    pub(super) fn inventory<'s>(&'s mut self, field: &str, all: &mut Inventory<'s>) {
        match self {
            Self::Pkcs12(file) => {
                all.file(format!("{field}.pkcs12.content"), Some(&mut file.content));
                all.password(format!("{field}.pkcs12.password"), file.password.as_mut());
            }
            Self::Scep(scep) => all.password(format!("{field}.scep.challenge"), scep.challenge.as_mut()),
            Self::Acme(_) => {}
        }
    }
}

impl Scep {
    fn write(&self, field: &str) -> Result<Keys, SpecError> {
        let mut keys = Keys::default();
        keys.put("URL", self.url.as_str());
        keys.text("Name", self.name.as_ref());
        if let Some(subject) = &self.subject {
            keys.put("Subject", distinguished_name(&format!("{field}.subject"), subject)?);
        }
        if let Some(challenge) = &self.challenge {
            keys.put("Challenge", challenge.as_text(&format!("{field}.challenge"))?);
        }
        keys.integer("Keysize", self.key_size);
        keys.put("Key Type", "RSA");
        keys.integer("Key Usage", self.key_usage);
        if let Some(digits) = &self.ca_fingerprint {
            keys.put("CAFingerprint", hexadecimal(&format!("{field}.ca-fingerprint"), digits)?);
        }
        keys.integer("Retries", self.retries);
        keys.integer("RetryDelay", self.retry_delay);
        keys.dict(
            "SubjectAltName",
            self.alternative_names.as_ref().map(AlternativeNames::write).unwrap_or_default(),
        );
        keys.boolean("KeyIsExtractable", self.key_is_extractable);
        keys.boolean("AllowAllAppsAccess", self.all_apps_access);
        Ok(keys)
    }
}

impl Acme {
    fn write(&self, field: &str) -> Result<Keys, SpecError> {
        let mut keys = Keys::default();
        keys.put("DirectoryURL", self.directory_url.as_str());
        keys.put("ClientIdentifier", self.client_identifier.as_str());
        keys.put("KeyType", self.key_type.as_str());
        keys.integer("KeySize", Some(self.key_size));
        keys.put("HardwareBound", self.hardware_bound);
        keys.put("Subject", distinguished_name(&format!("{field}.subject"), &self.subject)?);
        keys.dict(
            "SubjectAltName",
            self.alternative_names.as_ref().map(AlternativeNames::write).unwrap_or_default(),
        );
        keys.integer("UsageFlags", self.key_usage);
        keys.list("ExtendedKeyUsage", &self.extended_key_usage);
        keys.boolean("Attest", self.attest);
        keys.boolean("KeyIsExtractable", self.key_is_extractable);
        keys.boolean("AllowAllAppsAccess", self.all_apps_access);
        Ok(keys)
    }
}

impl AlternativeNames {
    fn write(&self) -> Keys {
        let mut keys = Keys::default();
        keys.text("rfc822Name", self.email.as_ref());
        keys.text("dNSName", self.dns.as_ref());
        keys.text("uniformResourceIdentifier", self.uri.as_ref());
        keys.text("ntPrincipalName", self.principal.as_ref());
        keys
    }
}

/// `CN=alice, O=Example` as lists of lists of pairs, one pair a list. A backslash keeps a comma or equals sign.
fn distinguished_name(field: &str, text: &str) -> Result<Value, SpecError> {
    let refuse = || SpecError::Subject { field: field.to_owned() };
    let mut names = Vec::new();
    let (mut kind, mut value): (Option<String>, String) = (None, String::new());
    let mut characters = text.chars();
    loop {
        match characters.next() {
            Some('\\') => value.push(characters.next().ok_or_else(refuse)?),
            Some('=') if kind.is_none() => kind = Some(std::mem::take(&mut value)),
            end @ (Some(',') | None) => {
                let kind = kind.take().map(|kind| kind.trim().to_owned()).filter(|kind| !kind.is_empty());
                let pair = vec![kind.ok_or_else(refuse)?.into(), std::mem::take(&mut value).trim().into()];
                names.push(Value::Array(vec![Value::Array(pair)]));
                if end.is_none() {
                    return Ok(Value::Array(names));
                }
            }
            Some(character) => value.push(character),
        }
    }
}

/// Bytes from digits; colons and spaces between them are passed over.
fn hexadecimal(field: &str, digits: &str) -> Result<Value, SpecError> {
    let refuse = || SpecError::Hexadecimal { field: field.to_owned() };
    let digits: Vec<u32> = digits
        .chars()
        .filter(|character| !matches!(character, ':' | ' '))
        .map(|character| character.to_digit(16).ok_or_else(refuse))
        .gather_ok()?;
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high * 16 + low).map_err(|_| refuse()),
        _ => Err(refuse()),
    });
    Ok(bytes.gather_ok()?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_lists_of_pairs() {
        let pair =
            |kind: &str, value: &str| Value::Array(vec![Value::Array(vec![kind.into(), value.into()])]);
        let expected = Value::Array(vec![pair("CN", "Smith, J=ohn"), pair("1.2.5.3", "x=y")]);
        assert_eq!(distinguished_name("f", "CN = Smith\\, J=ohn,1.2.5.3=x=y"), Ok(expected));
        for text in ["", "CN", "=x", "CN=x,", "CN=x\\"] {
            assert!(matches!(distinguished_name("f", text), Err(SpecError::Subject { .. })), "{text}");
        }
    }

    #[test]
    fn fingerprints_are_pairs_of_digits() {
        assert_eq!(hexadecimal("f", "0a:FF 00"), Ok(vec![10, 255, 0].into()));
        assert!(matches!(hexadecimal("f", "abc"), Err(SpecError::Hexadecimal { .. })));
        assert!(matches!(hexadecimal("f", "xy"), Err(SpecError::Hexadecimal { .. })));
    }
}
