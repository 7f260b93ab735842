//! Writing `.mobileconfig` files for tests: one VPN payload of type IKEv2 and the certificate payloads it refers to.
//!
//! Keys are Apple's (`com.apple.vpn.managed`, dictionary `IKEv2`). Only what a test asks for is written, so that
//! defaults are tested too.

use std::path::{Path, PathBuf};

use adit_profile::build::{Value, to_xml};
use adit_profile::certificate::read_certificates;

use crate::net::{Rig, SERVER_NAME};
use crate::pki::{Authority, Identity};
use crate::strongswan::{PSK, PSK_ID};
use crate::{Error, Result};

const VPN_UUID: &str = "5D0F1A6E-62C4-4E3B-9F67-0D7C2B7B5A01";
const IDENTITY_UUID: &str = "5D0F1A6E-62C4-4E3B-9F67-0D7C2B7B5A02";
const IDENTITY_PASSWORD: &str = "rig-p12-secret";

/// A profile under construction.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The `IKEv2` dictionary, but for the two below.
    keys: Vec<(String, Value)>,
    ike: Vec<(String, Value)>,
    child: Vec<(String, Value)>,
    roots: Vec<String>,
    identity: Option<Vec<u8>>,
}

impl Profile {
    /// A profile for the rig's pre-shared key.
    pub fn psk(server: &str) -> Self {
        Self::new(server)
            .key("AuthenticationMethod", "SharedSecret")
            .key("SharedSecret", PSK)
            .key("LocalIdentifier", PSK_ID)
    }

    /// A profile for a client with a certificate; `kind` is `CertificateType`, left out when empty.
    ///
    /// # Errors
    /// The PKCS#12 file cannot be made.
    pub fn certificate(server: &str, identity: &Identity, kind: &str) -> Result<Self> {
        let mut profile = Self::new(server)
            .key("AuthenticationMethod", "Certificate")
            .key("LocalIdentifier", identity.subject_name())
            .key("PayloadCertificateUUID", IDENTITY_UUID);
        if !kind.is_empty() {
            profile = profile.key("CertificateType", kind);
        }
        profile.identity = Some(identity.pkcs12(IDENTITY_PASSWORD)?);
        Ok(profile)
    }

    /// A profile for a user with a password (EAP-MSCHAPv2); without one the host has to ask.
    pub fn eap(server: &str, user: &str, password: Option<&str>) -> Self {
        let profile = Self::new(server)
            .key("AuthenticationMethod", "None")
            .key("ExtendedAuthEnabled", 1)
            .key("LocalIdentifier", user)
            .key("AuthName", user);
        match password {
            Some(password) => profile.key("AuthPassword", password),
            None => profile,
        }
    }

    /// Adds the authority's certificate as a root payload.
    #[must_use]
    pub fn root(mut self, authority: &Authority) -> Self {
        self.roots.push(authority.certificate_pem());
        self
    }

    /// Sets a key of the `IKEv2` dictionary.
    #[must_use]
    pub fn key(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.keys.retain(|(key, _)| key != name);
        self.keys.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the algorithms of the IKE SA: `EncryptionAlgorithm`, `IntegrityAlgorithm`, `DiffieHellmanGroup`.
    #[must_use]
    pub fn ike(mut self, encryption: &str, integrity: &str, group: i64) -> Self {
        self.ike = parameters(encryption, integrity, group);
        self
    }

    /// Sets the algorithms of the Child SA.
    #[must_use]
    pub fn child(mut self, encryption: &str, integrity: &str, group: i64) -> Self {
        self.child = parameters(encryption, integrity, group);
        self
    }

    /// Writes the file `NAME.mobileconfig` into the rig's folder.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub fn write(&self, rig: &Rig, name: &str) -> Result<PathBuf> {
        let path = rig.folder().join(Path::new(name).with_extension("mobileconfig"));
        std::fs::write(&path, self.to_xml()?)?;
        Ok(path)
    }

    /// The file's text.
    ///
    /// # Errors
    /// A certificate cannot be read.
    pub fn to_xml(&self) -> Result<String> {
        let mut ikev2 = self.keys.clone();
        for (name, keys) in [
            ("IKESecurityAssociationParameters", &self.ike),
            ("ChildSecurityAssociationParameters", &self.child),
        ] {
            if !keys.is_empty() {
                ikev2.push((name.to_owned(), Value::Dict(keys.clone())));
            }
        }
        let vpn =
            [("VPNType", "IKEv2".into()), ("UserDefinedName", "Rig".into()), ("IKEv2", Value::Dict(ikev2))];
        let mut payloads = vec![payload("com.apple.vpn.managed", VPN_UUID, vpn)];
        if let Some(pkcs12) = &self.identity {
            let keys =
                [("Password", IDENTITY_PASSWORD.into()), ("PayloadContent", Value::from(pkcs12.clone()))];
            payloads.push(payload("com.apple.security.pkcs12", IDENTITY_UUID, keys));
        }
        for (number, pem) in self.roots.iter().enumerate() {
            let uuid = format!("5D0F1A6E-62C4-4E3B-9F67-0D7C2B7B5B{number:02}");
            for der in read_certificates(pem.as_bytes()).map_err(wrong)?.der {
                payloads.push(payload("com.apple.security.root", &uuid, [("PayloadContent", der.into())]));
            }
        }
        let outer = [("PayloadContent", Value::Array(payloads))];
        let profile = payload("Configuration", "5D0F1A6E-62C4-4E3B-9F67-0D7C2B7B5A00", outer);
        Ok(to_xml(&profile).map_err(wrong)?.to_string())
    }

    fn new(server: &str) -> Self {
        let keys = Vec::new();
        let profile = Self { keys, ike: Vec::new(), child: Vec::new(), roots: Vec::new(), identity: None };
        profile.key("RemoteAddress", server).key("RemoteIdentifier", SERVER_NAME)
    }
}

fn parameters(encryption: &str, integrity: &str, group: i64) -> Vec<(String, Value)> {
    vec![
        ("EncryptionAlgorithm".to_owned(), encryption.into()),
        ("IntegrityAlgorithm".to_owned(), integrity.into()),
        ("DiffieHellmanGroup".to_owned(), group.into()),
    ]
}

fn wrong(error: impl std::fmt::Display) -> Error {
    Error::new(error.to_string())
}

/// What every payload has, and `more`.
fn payload<const N: usize>(kind: &str, uuid: &str, more: [(&str, Value); N]) -> Value {
    let identifier = format!("test.rig.{}", uuid.to_lowercase());
    let common = [
        ("PayloadType", kind.into()),
        ("PayloadVersion", 1.into()),
        ("PayloadIdentifier", identifier.into()),
        ("PayloadUUID", uuid.into()),
    ];
    Value::dict(common.into_iter().chain(more))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_reader_finds_what_was_set() {
        let profile =
            Profile::eap("192.0.2.1", "a<b&c", None).ike("AES-256-GCM", "SHA2-384", 20).key("MTU", 1400);
        let read: plist::Value =
            plist::Value::from_reader(std::io::Cursor::new(profile.to_xml().unwrap())).unwrap();
        let payloads = read.as_dictionary().unwrap()["PayloadContent"].as_array().unwrap();
        let vpn = payloads[0].as_dictionary().unwrap();
        assert_eq!(vpn["VPNType"].as_string(), Some("IKEv2"));
        let ikev2 = vpn["IKEv2"].as_dictionary().unwrap();
        assert_eq!(ikev2["AuthName"].as_string(), Some("a<b&c"));
        assert_eq!(ikev2["MTU"].as_signed_integer(), Some(1400));
        assert!(
            !ikev2.contains_key("AuthPassword") && !ikev2.contains_key("ChildSecurityAssociationParameters")
        );
        let ike = ikev2["IKESecurityAssociationParameters"].as_dictionary().unwrap();
        assert_eq!(ike["DiffieHellmanGroup"].as_signed_integer(), Some(20));
    }
}
