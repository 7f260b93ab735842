//! What a profile brings to a comparison.

use super::identity::Name;
use crate::explain::Proposals;
use crate::ikev2::Associations;
use crate::model::{Payload, Section};
use crate::schema::Platform;
use crate::secret::{Secret, SecretText};

/// The client's side of an IKEv2 payload. Tolerant: what is missing is unknown here and the rules' business elsewhere.
#[derive(Clone, Debug)]
pub struct Client {
    /// `RemoteAddress`.
    pub remote_address: Option<String>,
    /// `LocalIdentifier`, unless it is missing or empty.
    pub local_id: Option<String>,
    /// `RemoteIdentifier`.
    pub remote_id: Option<String>,
    /// How it proves itself.
    pub auth: ClientAuth,
    /// What it offers.
    pub proposals: Proposals,
    /// `EnablePFS`.
    pub pfs: bool,
    /// The profile has dictionaries of algorithms of its own for IKE and for Child SAs.
    pub dictionaries: (bool, bool),
    /// MOBIKE is not turned off.
    pub mobike: bool,
    /// It has a PPK, and whether it is mandatory.
    pub ppk: Option<bool>,
}

/// How a client proves itself.
#[derive(Clone, Debug)]
pub enum ClientAuth {
    /// By the shared secret, and so does the server.
    SharedSecret(Option<Secret>),
    /// By a certificate, and so does the server.
    Certificate,
    /// By EAP with name and password; the server by a certificate.
    Eap {
        /// `AuthName`.
        name: Option<String>,
        /// `AuthPassword`.
        password: Option<SecretText>,
    },
    /// By EAP-TLS; the server by a certificate too.
    EapTls,
}

impl ClientAuth {
    /// In words.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self {
            Self::SharedSecret(_) => "a shared secret",
            Self::Certificate => "a certificate",
            Self::Eap { .. } => "EAP with name and password (EAP-MSCHAPv2)",
            Self::EapTls => "EAP-TLS with a certificate",
        }
    }
}

impl Client {
    /// Reads an IKEv2 payload as `platform` does; `None` when it is none.
    #[must_use]
    pub fn of(payload: &Payload<'_>, platform: Option<Platform>) -> Option<Self> {
        let settings = payload.settings().filter(|_| payload.is_ikev2())?;
        let associations = Associations::of(&settings, platform);
        let text =
            |key: &str| settings.str(key).map(|found| found.value.to_owned()).filter(|text| !text.is_empty());
        Some(Self {
            remote_address: text("RemoteAddress"),
            local_id: text("LocalIdentifier"),
            remote_id: text("RemoteIdentifier"),
            auth: auth(&settings),
            proposals: Proposals::of(&associations),
            pfs: associations.perfect_forward_secrecy,
            dictionaries: (
                settings.has(crate::ikev2::associations::IKE),
                settings.has(crate::ikev2::associations::CHILD),
            ),
            mobike: !settings.is_on("DisableMOBIKE"),
            ppk: settings.has("PPK").then(|| settings.switch("PPKMandatory").is_none_or(|flag| flag.value)),
        })
    }

    /// IDi, if the profile says it.
    pub(super) fn local_name(&self) -> Option<Name> {
        self.local_id.as_deref().map(Name::of_profile)
    }

    /// IDr.
    pub(super) fn remote_name(&self) -> Option<Name> {
        self.remote_id.as_deref().map(Name::of_profile)
    }
}

fn auth(settings: &Section<'_>) -> ClientAuth {
    let text = |key: &str| settings.str(key).map(|found| found.value).filter(|text| !text.is_empty());
    if settings.is_on("ExtendedAuthEnabled") {
        let password = text("AuthPassword");
        if settings.has("PayloadCertificateUUID") && password.is_none() {
            return ClientAuth::EapTls;
        }
        let password = password.map(|password| SecretText::new(password.to_owned()));
        return ClientAuth::Eap { name: text("AuthName").map(str::to_owned), password };
    }
    if text("AuthenticationMethod") == Some("Certificate") {
        return ClientAuth::Certificate;
    }
    ClientAuth::SharedSecret(text("SharedSecret").map(|secret| Secret::new(secret.as_bytes().to_vec())))
}
