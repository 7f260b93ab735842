//! Protocol settings with Apple's names, defaults and raw values.
//!
//! Owns `NEVPNProtocol` ([`Protocol`]), `NEVPNProtocolIPSec` ([`IpsecProtocol`]), `NEVPNProtocolIKEv2`
//! ([`Ikev2Protocol`]) with everything they hold, and what makes them invalid (`validate`). Apple's classes inherit;
//! here the inner one is a field. Leaves out the way from and to a profile ([`crate::profile`]).
//!
//! Sources: the NetworkExtension headers up to SDK 27.

mod algorithms;
mod association;
mod base;
mod ikev2;
mod ipsec;
mod proxy;
mod validate;

pub use algorithms::{
    AuthenticationMethod, CertificateType, DeadPeerDetectionRate, DiffieHellmanGroup, EncryptionAlgorithm,
    IntegrityAlgorithm, PostQuantumKeyExchangeMethod, TlsVersion,
};
pub use association::{
    DEFAULT_CHILD_LIFETIME_MINUTES, DEFAULT_IKE_LIFETIME_MINUTES, MAX_POST_QUANTUM_METHODS, PpkConfiguration,
    SecurityAssociationParameters,
};
pub use base::Protocol;
pub use ikev2::{DEFAULT_MTU, Ikev2Protocol, ProfileOnly};
pub use ipsec::IpsecProtocol;
pub use proxy::{ProxyServer, ProxySettings};
pub(crate) use validate::is_probe_url;
pub use validate::{LIFETIME_MINUTES, Objection};

use serde::{Deserialize, Serialize};

use crate::SecretReference;
use crate::secret::SecretSlot;

/// The protocol of a configuration (`protocolConfiguration`). PPTP and L2TP have no class in Apple's API and none here.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProtocolConfiguration {
    /// IKEv2.
    Ikev2(Box<Ikev2Protocol>),
    /// IKEv1: stored and explained, not connected with.
    Ipsec(Box<IpsecProtocol>),
}

impl ProtocolConfiguration {
    /// The word of a profile (`VPNType`).
    #[must_use]
    pub fn vpn_type(&self) -> &'static str {
        match self {
            Self::Ikev2(_) => "IKEv2",
            Self::Ipsec(_) => "IPSec",
        }
    }

    /// What all protocols have.
    #[must_use]
    pub fn base(&self) -> &Protocol {
        &self.ipsec().base
    }

    /// What all protocols have, to change.
    pub fn base_mut(&mut self) -> &mut Protocol {
        &mut self.ipsec_mut().base
    }

    /// What IKEv1 and IKEv2 have.
    #[must_use]
    pub fn ipsec(&self) -> &IpsecProtocol {
        match self {
            Self::Ikev2(ikev2) => &ikev2.ipsec,
            Self::Ipsec(ipsec) => ipsec,
        }
    }

    /// What IKEv1 and IKEv2 have, to change.
    pub fn ipsec_mut(&mut self) -> &mut IpsecProtocol {
        match self {
            Self::Ikev2(ikev2) => &mut ikev2.ipsec,
            Self::Ipsec(ipsec) => ipsec,
        }
    }

    /// The settings of IKEv2, if it is that.
    #[must_use]
    pub fn ikev2(&self) -> Option<&Ikev2Protocol> {
        match self {
            Self::Ikev2(ikev2) => Some(ikev2),
            Self::Ipsec(_) => None,
        }
    }

    /// The reference in a slot; `None` when it is empty or this protocol has no such slot.
    #[must_use]
    pub fn reference(&self, slot: SecretSlot) -> Option<&SecretReference> {
        let base = self.base();
        let proxy = base.proxy_settings.as_ref();
        match slot {
            SecretSlot::Password => base.password_reference.as_ref(),
            SecretSlot::SharedSecret => self.ipsec().shared_secret_reference.as_ref(),
            SecretSlot::IdentityData => base.identity_data_reference.as_ref(),
            SecretSlot::IdentityDataPassword => base.identity_data_password_reference.as_ref(),
            SecretSlot::PostQuantumPresharedKey => {
                self.ikev2()?.ppk_configuration.as_ref()?.keychain_reference.as_ref()
            }
            SecretSlot::HttpProxyPassword => proxy?.http_server.as_ref()?.password_reference.as_ref(),
            SecretSlot::HttpsProxyPassword => proxy?.https_server.as_ref()?.password_reference.as_ref(),
        }
    }

    /// Puts a reference into a slot; false if there is no such slot here (no PPK configuration, no proxy that stores a
    /// password).
    pub fn set_reference(&mut self, slot: SecretSlot, reference: SecretReference) -> bool {
        let Some(place) = self.place(slot) else { return false };
        *place = Some(reference);
        true
    }

    /// Whether a secret may be put into a slot.
    #[must_use]
    pub fn has_place(&self, slot: SecretSlot) -> bool {
        // The same walk as when it is written; configurations are small.
        self.clone().place(slot).is_some()
    }

    fn place(&mut self, slot: SecretSlot) -> Option<&mut Option<SecretReference>> {
        fn proxy(server: &mut Option<ProxyServer>) -> Option<&mut Option<SecretReference>> {
            let server = server.as_mut().filter(|server| server.stores_password())?;
            Some(&mut server.password_reference)
        }
        match slot {
            SecretSlot::Password => Some(&mut self.base_mut().password_reference),
            SecretSlot::SharedSecret => Some(&mut self.ipsec_mut().shared_secret_reference),
            SecretSlot::IdentityData => Some(&mut self.base_mut().identity_data_reference),
            SecretSlot::IdentityDataPassword => Some(&mut self.base_mut().identity_data_password_reference),
            SecretSlot::PostQuantumPresharedKey => match self {
                Self::Ikev2(ikev2) => Some(&mut ikev2.ppk_configuration.as_mut()?.keychain_reference),
                Self::Ipsec(_) => None,
            },
            SecretSlot::HttpProxyPassword => proxy(&mut self.base_mut().proxy_settings.as_mut()?.http_server),
            SecretSlot::HttpsProxyPassword => {
                proxy(&mut self.base_mut().proxy_settings.as_mut()?.https_server)
            }
        }
    }
}
