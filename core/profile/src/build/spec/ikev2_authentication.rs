//! Who proves what to whom in IKEv2.
//!
//! Apple's keys allow more than makes sense; these are the combinations that do. `AuthenticationMethod` None is
//! written as `None` with `ExtendedAuthEnabled`, since alone it means a shared secret.

use super::write::Context;
use super::{Keys, SpecError, spec};
use crate::build::material::{Inventory, Material};
use crate::model::{AuthenticationMethod, Keyword};

/// The `method` and what goes with it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum Ikev2Authentication {
    /// A pre-shared key (RFC 7296 section 2.15).
    SharedSecret(Ikev2SharedSecret),
    /// A certificate of the client's.
    Certificate(Ikev2Certificate),
    /// EAP with name and password (EAP-MSCHAPv2).
    Eap(Ikev2Eap),
    /// EAP with a certificate (EAP-TLS).
    EapTls(Ikev2EapTls),
}

spec! {
    /// `AuthenticationMethod` SharedSecret.
    pub struct Ikev2SharedSecret {
        required {
            /// `SharedSecret`.
            secret: Material,
        }
        optional {}
    }
}

spec! {
    /// `AuthenticationMethod` Certificate.
    #[derive(Default)]
    pub struct Ikev2Certificate {
        required {}
        optional {
            /// `PayloadCertificateUUID`: the name of an identity; may be left out if there is only one.
            identity: Option<String>,
        }
    }
}

spec! {
    /// `ExtendedAuthEnabled` with a password.
    #[derive(Default)]
    pub struct Ikev2Eap {
        required {}
        optional {
            /// `AuthName`: the EAP identity. Also the `LocalIdentifier` if there is no other.
            name: Option<String>,
            /// `AuthPassword`; when left out, the user is asked.
            password: Option<Material>,
            /// `AuthenticationMethod`: None when left out.
            authentication_method: Option<AuthenticationMethod>,
        }
    }
}

spec! {
    /// `ExtendedAuthEnabled` with a certificate.
    #[derive(Default)]
    pub struct Ikev2EapTls {
        required {}
        optional {
            /// `AuthName`: the EAP identity. Also the `LocalIdentifier` if there is no other.
            name: Option<String>,
            /// `PayloadCertificateUUID`: the name of an identity; may be left out if there is only one.
            identity: Option<String>,
            /// `TLSMinimumVersion`: 1.0, 1.1, 1.2 or (systems 27.0) 1.3.
            tls_minimum: Option<String>,
            /// `TLSMaximumVersion`: the same.
            tls_maximum: Option<String>,
            /// `AuthenticationMethod`: None when left out.
            authentication_method: Option<AuthenticationMethod>,
        }
    }
}

impl Ikev2Authentication {
    /// The user's name, where there is one.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Eap(eap) => eap.name.as_deref(),
            Self::EapTls(eap) => eap.name.as_deref(),
            Self::SharedSecret(_) | Self::Certificate(_) => None,
        }
    }

    /// The reference to an identity, where one is used.
    pub(super) fn identity(&self) -> Option<Option<&str>> {
        match self {
            Self::Certificate(certificate) => Some(certificate.identity.as_deref()),
            Self::EapTls(eap) => Some(eap.identity.as_deref()),
            Self::SharedSecret(_) | Self::Eap(_) => None,
        }
    }

    pub(super) fn write(&self, field: &str, context: &Context<'_>, keys: &mut Keys) -> Result<(), SpecError> {
        let method =
            |method: Option<AuthenticationMethod>| method.unwrap_or(AuthenticationMethod::None).word();
        match self {
            Self::SharedSecret(shared) => {
                keys.put("AuthenticationMethod", AuthenticationMethod::SharedSecret.word());
                keys.put("SharedSecret", shared.secret.as_text(&format!("{field}.secret"))?);
            }
            Self::Certificate(_) => {
                keys.put("AuthenticationMethod", AuthenticationMethod::Certificate.word())
            }
            Self::Eap(eap) => {
                keys.put("AuthenticationMethod", method(eap.authentication_method));
                keys.flag("ExtendedAuthEnabled", Some(true));
                keys.text("AuthName", eap.name.as_ref());
                if let Some(password) = &eap.password {
                    keys.put("AuthPassword", password.as_text(&format!("{field}.password"))?);
                }
            }
            Self::EapTls(eap) => {
                keys.put("AuthenticationMethod", method(eap.authentication_method));
                keys.flag("ExtendedAuthEnabled", Some(true));
                keys.text("AuthName", eap.name.as_ref());
                keys.text("TLSMinimumVersion", eap.tls_minimum.as_ref());
                keys.text("TLSMaximumVersion", eap.tls_maximum.as_ref());
            }
        }
        if let Some(reference) = self.identity() {
            let uuid = context.identity(reference, || format!("{field}.identity"))?;
            keys.text("PayloadCertificateUUID", uuid);
        }
        Ok(())
    }

    pub(super) fn inventory<'s>(&'s mut self, field: &str, all: &mut Inventory<'s>) {
        match self {
            Self::SharedSecret(shared) => all.password(format!("{field}.secret"), Some(&mut shared.secret)),
            Self::Eap(eap) => all.password(format!("{field}.password"), eap.password.as_mut()),
            Self::Certificate(_) | Self::EapTls(_) => {}
        }
    }
}
