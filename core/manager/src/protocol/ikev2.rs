//! `NEVPNProtocolIKEv2`.

use serde::{Deserialize, Serialize};

use crate::hex;

use super::{
    CertificateType, DeadPeerDetectionRate, IpsecProtocol, PpkConfiguration, SecurityAssociationParameters,
    TlsVersion,
};

/// The MTU of the tunnel unless set.
pub const DEFAULT_MTU: u16 = 1280;

/// The settings of an IKEv2 tunnel.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ikev2Protocol {
    /// Who proves what, and what all protocols have.
    pub ipsec: IpsecProtocol,
    /// The IKE SA (`IKESecurityAssociationParameters`).
    pub ike_security_association_parameters: SecurityAssociationParameters,
    /// Child SAs (`ChildSecurityAssociationParameters`).
    pub child_security_association_parameters: SecurityAssociationParameters,
    /// How often the server is asked for a sign of life.
    pub dead_peer_detection_rate: DeadPeerDetectionRate,
    /// The common name of the CA that issued the server's certificate.
    pub server_certificate_issuer_common_name: Option<String>,
    /// The name the server's certificate must have; the remote identifier unless set.
    pub server_certificate_common_name: Option<String>,
    /// The kind of the client certificate's key.
    pub certificate_type: CertificateType,
    /// The networks the server announces (INTERNAL_IP4_SUBNET, INTERNAL_IP6_SUBNET) are the routes.
    pub use_configuration_attribute_internal_ip_subnet: bool,
    /// No MOBIKE (RFC 4555).
    pub disable_mobike: bool,
    /// The server's REDIRECT (RFC 5685) is not followed.
    pub disable_redirect: bool,
    /// A key exchange in each rekey of a Child SA.
    pub enable_pfs: bool,
    /// The server may leave out the post-quantum key exchanges.
    pub allow_post_quantum_key_exchange_fallback: bool,
    /// Whether the server's certificate is revoked is asked, best effort.
    pub enable_revocation_check: bool,
    /// No answer to that is a refusal. A profile has no key for it.
    pub strict_revocation_check: bool,
    /// The lowest TLS version of EAP-TLS.
    pub minimum_tls_version: TlsVersion,
    /// The highest TLS version of EAP-TLS.
    pub maximum_tls_version: TlsVersion,
    /// A second tunnel by cellular for Wi-Fi Assist.
    pub enable_fallback: bool,
    /// The MTU of the tunnel's interface, 1280 to 1400 bytes.
    pub mtu: u16,
    /// A post-quantum pre-shared key.
    pub ppk_configuration: Option<PpkConfiguration>,
    /// Certificates of CAs that the server is judged by, DER; empty: the system's trust store. Apple's class has no
    /// property for it, since there they are in the system's store; a profile brings them in payloads of their own.
    #[serde(with = "hex::list")]
    pub trusted_certificates: Vec<Vec<u8>>,
    /// What only a profile can say.
    pub profile_only: ProfileOnly,
}

impl Default for Ikev2Protocol {
    fn default() -> Self {
        Self {
            ipsec: IpsecProtocol::default(),
            ike_security_association_parameters: SecurityAssociationParameters::ike(),
            child_security_association_parameters: SecurityAssociationParameters::child(),
            dead_peer_detection_rate: DeadPeerDetectionRate::Medium,
            server_certificate_issuer_common_name: None,
            server_certificate_common_name: None,
            certificate_type: CertificateType::Rsa,
            use_configuration_attribute_internal_ip_subnet: false,
            disable_mobike: false,
            disable_redirect: false,
            enable_pfs: false,
            allow_post_quantum_key_exchange_fallback: false,
            enable_revocation_check: false,
            strict_revocation_check: false,
            minimum_tls_version: TlsVersion::Default,
            maximum_tls_version: TlsVersion::Default,
            enable_fallback: false,
            mtu: DEFAULT_MTU,
            ppk_configuration: None,
            trusted_certificates: Vec::new(),
            profile_only: ProfileOnly::default(),
        }
    }
}

/// Keys of a profile for which Apple's API has no property. All off unless a profile sets them.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileOnly {
    /// There is no dictionary for the IKE SA: what Apple's client was observed to offer is offered. Both dictionaries
    /// here then hold its first choice and count for nothing but their lifetimes.
    pub offers_observed_list: bool,
    /// `EnforceStrictAlgorithmSelection`.
    pub enforce_strict_algorithm_selection: bool,
    /// `NATKeepAliveInterval` in seconds, at least 20.
    pub nat_keepalive_interval: Option<u32>,
    /// `NATKeepAliveOffloadEnable` is 0.
    pub nat_keepalive_offload_disabled: bool,
}
