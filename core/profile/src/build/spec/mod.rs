//! What a profile is to be: a typed description, the same for the command line, the page and the bindings.
//!
//! Owns the types; each file has one subject with its types and how they are written. Reads and writes as TOML or
//! JSON through serde, with names in kebab-case; unknown names are refused. [`fields`](super::fields) lists them all.
//!
//! A state that no profile can have is no value of these types where that was simple. What a profile can say and
//! should not is written as asked for, and [`crate::check`] says what is wrong with it.

mod always_on;
mod certificate;
mod dns;
mod identity;
mod ikev2;
mod ikev2_authentication;
mod ipsec;
mod keys;
mod on_demand;
mod per_app;
mod plugin;
mod profile;
mod proxies;
mod routing;
mod security_association;
mod subtype;
mod vendor;
mod write;

pub use always_on::{AlwaysOn, ApplicationException, ExceptionAction, ServiceException, ServiceName};
pub use certificate::{Certificate, CertificatePayload};
pub use dns::{Dns, DnsProtocol};
pub use identity::{Acme, AlternativeNames, Identity, Pkcs12, Scep};
pub use ikev2::Ikev2;
pub use ikev2_authentication::{
    Ikev2Authentication, Ikev2Certificate, Ikev2Eap, Ikev2EapTls, Ikev2SharedSecret,
};
pub use ipsec::{Ipsec, IpsecAuthentication, IpsecCertificate, IpsecSharedSecret};
pub use on_demand::{Action, DomainAction, EvaluationParameters, Interface, OnDemand, Rule};
pub use per_app::{CellularSlice, MacApp, PerApp};
pub use plugin::{
    PluginAuthentication, PluginCertificate, PluginPassword, PluginPasswordAndCertificate, ProviderType,
};
pub use profile::{ProfileSettings, Scope};
pub use proxies::{HttpProxy, HttpsProxy, Proxies};
pub use routing::Routing;
pub use security_association::{PostQuantumMethod, SecurityAssociation};
pub use subtype::{SubtypeChoice, subtypes};
pub use vendor::{
    ArubaVia, CiscoAnyconnect, CustomSsl, F5Ssl, Globalprotect, JuniperSsl, Netmotion, SonicwallMobileConnect,
};

use super::material::{Inventory, Material, Wanted};
use super::{Seed, Value};
use crate::Named;
use keys::{Keys, absent, spec};

spec! {
    /// A profile with one VPN.
    pub struct Spec {
        required {
            /// The profile's own keys.
            profile: ProfileSettings,
            /// The connection.
            vpn: Vpn,
        }
        optional {
            /// When the connection comes up by itself.
            on_demand: OnDemand,
            /// Makes it a VPN for chosen apps and domains (`com.apple.vpn.managed.applayer`), not for the device.
            per_app: Option<PerApp>,
            /// Proxies behind the tunnel.
            proxies: Option<Proxies>,
            /// Name servers behind the tunnel.
            dns: Option<Dns>,
            /// Keys with certificates, by names that only this description uses.
            identity: Named<Identity>,
            /// Certificates to trust.
            certificates: Vec<Certificate>,
        }
    }
}

/// The connection types, as consoles name them.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vpn {
    /// The system's IKEv2 client.
    Ikev2(Box<Ikev2>),
    /// IKEv2 for all traffic of a supervised iPhone or iPad.
    AlwaysOn(Box<AlwaysOn>),
    /// The system's IKEv1 client: IPsec (Cisco).
    Ipsec(Box<Ipsec>),
    /// Cisco AnyConnect, today Cisco Secure Client.
    CiscoAnyconnect(Box<CiscoAnyconnect>),
    /// Juniper SSL, later Pulse Secure, today Ivanti Secure Access.
    JuniperSsl(Box<JuniperSsl>),
    /// NetMotion Mobility, today Absolute Secure Access.
    Netmotion(Box<Netmotion>),
    /// F5 SSL: F5 Access, before BIG-IP Edge Client.
    F5Ssl(Box<F5Ssl>),
    /// SonicWALL Mobile Connect.
    SonicwallMobileConnect(Box<SonicwallMobileConnect>),
    /// Aruba VIA.
    ArubaVia(Box<ArubaVia>),
    /// Any other app with a packet tunnel or app proxy provider.
    CustomSsl(Box<CustomSsl>),
    /// Palo Alto Networks GlobalProtect.
    Globalprotect(Box<Globalprotect>),
}

/// A connection type without its settings.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum VpnKind {
    /// [`Vpn::Ikev2`].
    Ikev2,
    /// [`Vpn::AlwaysOn`].
    AlwaysOn,
    /// [`Vpn::Ipsec`].
    Ipsec,
    /// [`Vpn::CiscoAnyconnect`].
    CiscoAnyconnect,
    /// [`Vpn::JuniperSsl`].
    JuniperSsl,
    /// [`Vpn::Netmotion`].
    Netmotion,
    /// [`Vpn::F5Ssl`].
    F5Ssl,
    /// [`Vpn::SonicwallMobileConnect`].
    SonicwallMobileConnect,
    /// [`Vpn::ArubaVia`].
    ArubaVia,
    /// [`Vpn::CustomSsl`].
    CustomSsl,
    /// [`Vpn::Globalprotect`].
    Globalprotect,
}

impl VpnKind {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 11] = [
        Self::Ikev2,
        Self::AlwaysOn,
        Self::Ipsec,
        Self::CiscoAnyconnect,
        Self::JuniperSsl,
        Self::Netmotion,
        Self::F5Ssl,
        Self::SonicwallMobileConnect,
        Self::ArubaVia,
        Self::CustomSsl,
        Self::Globalprotect,
    ];

    /// Its name in TOML, in JSON and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ikev2 => "ikev2",
            Self::AlwaysOn => "always-on",
            Self::Ipsec => "ipsec",
            Self::CiscoAnyconnect => "cisco-anyconnect",
            Self::JuniperSsl => "juniper-ssl",
            Self::Netmotion => "netmotion",
            Self::F5Ssl => "f5-ssl",
            Self::SonicwallMobileConnect => "sonicwall-mobile-connect",
            Self::ArubaVia => "aruba-via",
            Self::CustomSsl => "custom-ssl",
            Self::Globalprotect => "globalprotect",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Its name for people, as management consoles have it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Ikev2 => "IKEv2",
            Self::AlwaysOn => "Always On (IKEv2)",
            Self::Ipsec => "IPsec (Cisco)",
            Self::CiscoAnyconnect => "Cisco AnyConnect",
            Self::JuniperSsl => "Juniper SSL",
            Self::Netmotion => "NetMotion",
            Self::F5Ssl => "F5 SSL",
            Self::SonicwallMobileConnect => "SonicWALL Mobile Connect",
            Self::ArubaVia => "Aruba VIA",
            Self::CustomSsl => "Custom SSL",
            Self::Globalprotect => "Palo Alto Networks GlobalProtect",
        }
    }

    /// `VPNType`.
    #[must_use]
    pub fn vpn_type(self) -> &'static str {
        match self {
            Self::Ikev2 => "IKEv2",
            Self::AlwaysOn => "AlwaysOn",
            Self::Ipsec => "IPSec",
            _ => "VPN",
        }
    }
}

impl Vpn {
    /// Which type it is.
    #[must_use]
    pub fn kind(&self) -> VpnKind {
        match self {
            Self::Ikev2(_) => VpnKind::Ikev2,
            Self::AlwaysOn(_) => VpnKind::AlwaysOn,
            Self::Ipsec(_) => VpnKind::Ipsec,
            Self::CiscoAnyconnect(_) => VpnKind::CiscoAnyconnect,
            Self::JuniperSsl(_) => VpnKind::JuniperSsl,
            Self::Netmotion(_) => VpnKind::Netmotion,
            Self::F5Ssl(_) => VpnKind::F5Ssl,
            Self::SonicwallMobileConnect(_) => VpnKind::SonicwallMobileConnect,
            Self::ArubaVia(_) => VpnKind::ArubaVia,
            Self::CustomSsl(_) => VpnKind::CustomSsl,
            Self::Globalprotect(_) => VpnKind::Globalprotect,
        }
    }
}

/// Why a description gives no profile. Each names the field.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// Material that was to be fetched is not there yet, see [`Spec::resolve`].
    #[error("{field}: {} first", match file { Some(file) => format!("read the file {file}"), None => "ask for it".into() })]
    Unresolved {
        /// The field.
        field: String,
        /// The file, if it is one.
        file: Option<String>,
    },
    /// Bytes where a profile has text.
    #[error("{field}: not UTF-8 text")]
    NotText {
        /// The field.
        field: String,
    },
    /// A reference to an identity that is not described.
    #[error("{field}: there is no identity called {name}; there is {}", listed(known))]
    UnknownIdentity {
        /// The field.
        field: String,
        /// The name it has.
        name: String,
        /// The names that are there.
        known: Vec<String>,
    },
    /// No reference, and several identities to choose from.
    #[error("{field}: say which identity: {}", listed(known))]
    WhichIdentity {
        /// The field.
        field: String,
        /// The names that are there.
        known: Vec<String>,
    },
    /// A certificate that cannot be read.
    #[error("{field}: {reason}")]
    Certificate {
        /// The field.
        field: String,
        /// Why.
        reason: crate::certificate::CertificateError,
    },
    /// A word that is neither the name of a subtype nor an app's identifier.
    #[error("{field}: `{word}` is neither an app's identifier nor one of {}", listed(known))]
    UnknownSubtype {
        /// The field.
        field: String,
        /// The word.
        word: String,
        /// The names that are there.
        known: Vec<String>,
    },
    /// A table that this connection type has no place for.
    #[error("{field}: not for {kind}, {reason}")]
    NotForType {
        /// The field.
        field: &'static str,
        /// The type.
        kind: &'static str,
        /// Why.
        reason: &'static str,
    },
    /// Not a date.
    #[error("{field}: `{text}` is no date; write it like 2027-01-31T12:00:00Z or 2027-01-31")]
    Date {
        /// The field.
        field: &'static str,
        /// What stands there.
        text: String,
    },
    /// Not a distinguished name.
    #[error("{field}: a subject is a list of TYPE=VALUE, with commas between, like CN=alice, O=Example")]
    Subject {
        /// The field.
        field: String,
    },
    /// Not hexadecimal digits.
    #[error("{field}: a fingerprint is written in pairs of hexadecimal digits")]
    Hexadecimal {
        /// The field.
        field: String,
    },
}

impl SpecError {
    /// The field it is about.
    #[must_use]
    pub fn field(&self) -> &str {
        match self {
            Self::Unresolved { field, .. }
            | Self::NotText { field }
            | Self::UnknownIdentity { field, .. }
            | Self::WhichIdentity { field, .. }
            | Self::Certificate { field, .. }
            | Self::UnknownSubtype { field, .. }
            | Self::Subject { field }
            | Self::Hexadecimal { field } => field,
            Self::NotForType { field, .. } | Self::Date { field, .. } => field,
        }
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl Spec {
    /// Fetches what is only named: calls `fetch` for each file and each secret to be asked for, in a fixed order, and
    /// puts what it gives into the place. A password is text; of anything else the bytes are kept as they are.
    ///
    /// # Errors
    /// The first error of `fetch`.
    pub fn resolve<E>(
        &mut self,
        mut fetch: impl FnMut(Wanted<'_>) -> Result<crate::Secret, E>,
    ) -> Result<(), E> {
        for piece in self.inventory().pieces {
            if let Some(source) = piece.material.source() {
                let wanted = Wanted { field: &piece.field, is_password: piece.is_password, source };
                *piece.material = Material::Bytes(fetch(wanted)?);
            }
        }
        Ok(())
    }

    /// Makes the property list. UUIDs that the description leaves out come from `seed`.
    ///
    /// # Errors
    /// [`SpecError`]: what cannot be written at all. Whether a device takes what was written is [`crate::check`]'s.
    pub fn build(&self, seed: &Seed) -> Result<Value, SpecError> {
        write::profile(self, seed)
    }

    fn inventory(&mut self) -> Inventory<'_> {
        let mut all = Inventory::default();
        all.password("profile.removal-password".to_owned(), self.profile.removal_password.as_mut());
        let field = format!("vpn.{}", self.vpn.kind().name());
        match &mut self.vpn {
            Vpn::Ikev2(vpn) => vpn.inventory(&field, &mut all),
            Vpn::AlwaysOn(vpn) => vpn.inventory(&field, &mut all),
            Vpn::Ipsec(vpn) => vpn.inventory(&field, &mut all),
            Vpn::CiscoAnyconnect(vpn) => vpn.inventory(&field, &mut all),
            Vpn::JuniperSsl(vpn) => vpn.inventory(&field, &mut all),
            Vpn::Netmotion(vpn) => vpn.inventory(&field, &mut all),
            Vpn::F5Ssl(vpn) => vpn.inventory(&field, &mut all),
            Vpn::SonicwallMobileConnect(vpn) => vpn.inventory(&field, &mut all),
            Vpn::ArubaVia(vpn) => vpn.inventory(&field, &mut all),
            Vpn::CustomSsl(vpn) => {
                if let Some(authentication) = &mut vpn.authentication {
                    authentication.inventory(&format!("{field}.authentication"), &mut all);
                }
                all.table(&format!("{field}.custom-data"), &mut vpn.custom_data);
            }
            Vpn::Globalprotect(vpn) => {
                if let Some(authentication) = &mut vpn.authentication {
                    authentication.inventory(&format!("{field}.authentication"), &mut all);
                }
                all.table(&format!("{field}.custom-data"), &mut vpn.custom_data);
            }
        }
        if let Some(proxies) = &mut self.proxies {
            proxies.inventory(&mut all);
        }
        for (name, identity) in self.identity.iter_mut() {
            identity.inventory(&format!("identity.{name}"), &mut all);
        }
        for (index, certificate) in self.certificates.iter_mut().enumerate() {
            all.file(format!("certificates[{index}].content"), Some(&mut certificate.content));
        }
        all
    }
}
