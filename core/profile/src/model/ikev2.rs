//! The `IKEv2` dictionary of a VPN payload, every key typed and spanned.

use std::fmt;

use crate::syntax::Node;

use super::{Payload, Section, SecurityAssociation, Spanned, keywords};

keywords! {
    /// `AuthenticationMethod`.
    pub enum AuthenticationMethod {
        /// EAP alone; without `ExtendedAuthEnabled` it falls back to the shared secret.
        None = "None",
        /// A pre-shared key (RFC 7296 section 2.15).
        SharedSecret = "SharedSecret",
        /// A certificate.
        Certificate = "Certificate",
    }
}

keywords! {
    /// `CertificateType`: what kind of key authenticates, and so which AUTH method.
    pub enum CertificateType {
        /// RSA with PKCS#1 signatures; the default.
        Rsa = "RSA",
        /// ECDSA on P-256 (RFC 4754, method 9).
        Ecdsa256 = "ECDSA256",
        /// ECDSA on P-384 (method 10).
        Ecdsa384 = "ECDSA384",
        /// ECDSA on P-521 (method 11).
        Ecdsa521 = "ECDSA521",
        /// RSA with PSS signatures (RFC 7427, method 14).
        RsaPss = "RSA-PSS",
    }
}

keywords! {
    /// `DeadPeerDetectionRate`.
    pub enum DeadPeerDetectionRate {
        /// Never.
        None = "None",
        /// Every 30 minutes.
        Low = "Low",
        /// Every 10 minutes; the default.
        Medium = "Medium",
        /// Every minute.
        High = "High",
    }
}

/// A string or data that must not be shown.
#[derive(Clone, Copy)]
pub struct Hidden<T>(pub(crate) T);

impl<T: Copy> Hidden<T> {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Hidden<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The IKEv2 settings of one VPN payload as the profile has them: `None` is a missing (or unusable) key.
///
/// Fields are named for their keys; what a key does is in Apple's documentation of the VPN payload. Every `bool` is an
/// integer 0 or 1 in the profile, and a boolean is taken too.
#[derive(Clone, Debug)]
pub struct Ikev2Payload<'d> {
    /// The dictionary.
    pub section: Section<'d>,
    /// `RemoteAddress`: host name or IP address of the server.
    pub remote_address: Option<Spanned<&'d str>>,
    /// `LocalIdentifier`: IDi as text.
    pub local_identifier: Option<Spanned<&'d str>>,
    /// `RemoteIdentifier`: IDr as text.
    pub remote_identifier: Option<Spanned<&'d str>>,
    /// `AuthenticationMethod`.
    pub authentication_method: Option<Spanned<AuthenticationMethod>>,
    /// `SharedSecret`.
    pub shared_secret: Option<Spanned<Hidden<&'d str>>>,
    /// `ExtendedAuthEnabled`: EAP.
    pub extended_auth_enabled: Option<Spanned<bool>>,
    /// `AuthName`.
    pub auth_name: Option<Spanned<&'d str>>,
    /// `AuthPassword`.
    pub auth_password: Option<Spanned<Hidden<&'d str>>>,
    /// `PayloadCertificateUUID`: the identity's payload.
    pub payload_certificate_uuid: Option<Spanned<&'d str>>,
    /// `CertificateType`.
    pub certificate_type: Option<Spanned<CertificateType>>,
    /// `ServerCertificateIssuerCommonName`.
    pub server_certificate_issuer_common_name: Option<Spanned<&'d str>>,
    /// `ServerCertificateCommonName`.
    pub server_certificate_common_name: Option<Spanned<&'d str>>,
    /// `EnableCertificateRevocationCheck`.
    pub enable_certificate_revocation_check: Option<Spanned<bool>>,
    /// `TLSMinimumVersion`, for EAP-TLS.
    pub tls_minimum_version: Option<Spanned<&'d str>>,
    /// `TLSMaximumVersion`, for EAP-TLS.
    pub tls_maximum_version: Option<Spanned<&'d str>>,
    /// `DeadPeerDetectionRate`.
    pub dead_peer_detection_rate: Option<Spanned<DeadPeerDetectionRate>>,
    /// `DisableMOBIKE`.
    pub disable_mobike: Option<Spanned<bool>>,
    /// `DisableRedirect`.
    pub disable_redirect: Option<Spanned<bool>>,
    /// `DisconnectOnIdle`.
    pub disconnect_on_idle: Option<Spanned<bool>>,
    /// `DisconnectOnIdleTimer`, seconds.
    pub disconnect_on_idle_timer: Option<Spanned<i64>>,
    /// `EnablePFS`.
    pub enable_pfs: Option<Spanned<bool>>,
    /// `EnableFallback`.
    pub enable_fallback: Option<Spanned<bool>>,
    /// `NATKeepAliveInterval`, seconds, at least 20.
    pub nat_keepalive_interval: Option<Spanned<i64>>,
    /// `NATKeepAliveOffloadEnable`.
    pub nat_keepalive_offload_enable: Option<Spanned<bool>>,
    /// `UseConfigurationAttributeInternalIPSubnet`.
    pub use_internal_ip_subnet: Option<Spanned<bool>>,
    /// `MTU`, 1280 to 1400.
    pub mtu: Option<Spanned<i64>>,
    /// `IncludeAllNetworks`.
    pub include_all_networks: Option<Spanned<bool>>,
    /// `EnforceRoutes`.
    pub enforce_routes: Option<Spanned<bool>>,
    /// `ExcludeLocalNetworks`.
    pub exclude_local_networks: Option<Spanned<bool>>,
    /// `ExcludeCellularServices`.
    pub exclude_cellular_services: Option<Spanned<bool>>,
    /// `ExcludeAPNs`.
    pub exclude_apns: Option<Spanned<bool>>,
    /// `ExcludeDeviceCommunication`.
    pub exclude_device_communication: Option<Spanned<bool>>,
    /// `PPK` (RFC 8784).
    pub ppk: Option<Spanned<Hidden<&'d [u8]>>>,
    /// `PPKIdentifier`.
    pub ppk_identifier: Option<Spanned<&'d str>>,
    /// `PPKMandatory`.
    pub ppk_mandatory: Option<Spanned<bool>>,
    /// `AllowPostQuantumKeyExchangeFallback`.
    pub allow_post_quantum_fallback: Option<Spanned<bool>>,
    /// `EnforceStrictAlgorithmSelection`.
    pub enforce_strict_algorithm_selection: Option<Spanned<bool>>,
    /// `IKESecurityAssociationParameters`.
    pub ike: Option<SecurityAssociation<'d>>,
    /// `ChildSecurityAssociationParameters`.
    pub child: Option<SecurityAssociation<'d>>,
    /// `OnDemandEnabled`.
    pub on_demand_enabled: Option<Spanned<bool>>,
    /// `OnDemandUserOverrideDisabled`.
    pub on_demand_user_override_disabled: Option<Spanned<bool>>,
    /// `OnDemandRules`, as syntax.
    pub on_demand_rules: Option<Spanned<&'d [Node]>>,
    /// `ProviderType`.
    pub provider_type: Option<Spanned<&'d str>>,
    /// `ProviderBundleIdentifier`.
    pub provider_bundle_identifier: Option<Spanned<&'d str>>,
    /// `ProviderDesignatedRequirement`.
    pub provider_designated_requirement: Option<Spanned<&'d str>>,
}

/// Every key of the dictionary.
pub const IKEV2_KEYS: [&str; 46] = [
    "RemoteAddress",
    "LocalIdentifier",
    "RemoteIdentifier",
    "AuthenticationMethod",
    "SharedSecret",
    "ExtendedAuthEnabled",
    "AuthName",
    "AuthPassword",
    "Password",
    "PayloadCertificateUUID",
    "CertificateType",
    "ServerCertificateIssuerCommonName",
    "ServerCertificateCommonName",
    "EnableCertificateRevocationCheck",
    "TLSMinimumVersion",
    "TLSMaximumVersion",
    "DeadPeerDetectionRate",
    "DisableMOBIKE",
    "DisableRedirect",
    "DisconnectOnIdle",
    "DisconnectOnIdleTimer",
    "EnablePFS",
    "EnableFallback",
    "NATKeepAliveInterval",
    "NATKeepAliveOffloadEnable",
    "UseConfigurationAttributeInternalIPSubnet",
    "MTU",
    "IncludeAllNetworks",
    "EnforceRoutes",
    "ExcludeLocalNetworks",
    "ExcludeCellularServices",
    "ExcludeAPNs",
    "ExcludeDeviceCommunication",
    "PPK",
    "PPKIdentifier",
    "PPKMandatory",
    "AllowPostQuantumKeyExchangeFallback",
    "EnforceStrictAlgorithmSelection",
    "IKESecurityAssociationParameters",
    "ChildSecurityAssociationParameters",
    "OnDemandEnabled",
    "OnDemandUserOverrideDisabled",
    "OnDemandRules",
    "ProviderType",
    "ProviderBundleIdentifier",
    "ProviderDesignatedRequirement",
];

impl<'d> Ikev2Payload<'d> {
    /// Reads the settings of a VPN payload of type IKEv2; `None` when it has no such dictionary.
    #[must_use]
    pub fn read(payload: &Payload<'d>) -> Option<Self> {
        payload.section.sub("IKEv2").map(Self::of)
    }

    /// Reads a dictionary of IKEv2 settings: `IKEv2`, or an element of `AlwaysOn.TunnelConfigurations`. A value of another
    /// type, outside its list or its range, or a template's placeholder is as good as missing; what is wrong with it is
    /// told by [`crate::rules`].
    #[must_use]
    pub fn of(section: Section<'d>) -> Self {
        let s = &section;
        let within =
            |key, least: i64, most: i64| s.int(key).filter(|number| (least..=most).contains(&number.value));
        let association = |key| s.sub(key).map(SecurityAssociation::read);
        Self {
            remote_address: s.str("RemoteAddress"),
            local_identifier: s.str("LocalIdentifier"),
            remote_identifier: s.str("RemoteIdentifier"),
            authentication_method: s.word("AuthenticationMethod"),
            shared_secret: s.secret("SharedSecret"),
            extended_auth_enabled: s.switch("ExtendedAuthEnabled"),
            auth_name: s.str("AuthName"),
            auth_password: s.secret("AuthPassword"),
            payload_certificate_uuid: s.str("PayloadCertificateUUID"),
            certificate_type: s.word("CertificateType"),
            server_certificate_issuer_common_name: s.str("ServerCertificateIssuerCommonName"),
            server_certificate_common_name: s.str("ServerCertificateCommonName"),
            enable_certificate_revocation_check: s.switch("EnableCertificateRevocationCheck"),
            tls_minimum_version: s.str("TLSMinimumVersion"),
            tls_maximum_version: s.str("TLSMaximumVersion"),
            dead_peer_detection_rate: s.word("DeadPeerDetectionRate"),
            disable_mobike: s.switch("DisableMOBIKE"),
            disable_redirect: s.switch("DisableRedirect"),
            disconnect_on_idle: s.switch("DisconnectOnIdle"),
            disconnect_on_idle_timer: within("DisconnectOnIdleTimer", 0, i64::MAX),
            enable_pfs: s.switch("EnablePFS"),
            enable_fallback: s.switch("EnableFallback"),
            nat_keepalive_interval: within("NATKeepAliveInterval", 20, i64::MAX),
            nat_keepalive_offload_enable: s.switch("NATKeepAliveOffloadEnable"),
            use_internal_ip_subnet: s.switch("UseConfigurationAttributeInternalIPSubnet"),
            mtu: within("MTU", 1280, 1400),
            include_all_networks: s.switch("IncludeAllNetworks"),
            enforce_routes: s.switch("EnforceRoutes"),
            exclude_local_networks: s.switch("ExcludeLocalNetworks"),
            exclude_cellular_services: s.switch("ExcludeCellularServices"),
            exclude_apns: s.switch("ExcludeAPNs"),
            exclude_device_communication: s.switch("ExcludeDeviceCommunication"),
            ppk: s.bytes("PPK").map(|secret| secret.map(Hidden)),
            ppk_identifier: s.str("PPKIdentifier"),
            ppk_mandatory: s.switch("PPKMandatory"),
            allow_post_quantum_fallback: s.switch("AllowPostQuantumKeyExchangeFallback"),
            enforce_strict_algorithm_selection: s.switch("EnforceStrictAlgorithmSelection"),
            ike: association("IKESecurityAssociationParameters"),
            child: association("ChildSecurityAssociationParameters"),
            on_demand_enabled: s.switch("OnDemandEnabled"),
            on_demand_user_override_disabled: s.switch("OnDemandUserOverrideDisabled"),
            on_demand_rules: s.items("OnDemandRules"),
            provider_type: s.str("ProviderType"),
            provider_bundle_identifier: s.str("ProviderBundleIdentifier"),
            provider_designated_requirement: s.str("ProviderDesignatedRequirement"),
            section,
        }
    }

    /// Whether EAP is asked for.
    #[must_use]
    pub fn uses_eap(&self) -> bool {
        is_set(self.extended_auth_enabled)
    }
}

/// Whether a flag is there and 1.
pub(crate) fn is_set(flag: Option<Spanned<bool>>) -> bool {
    flag.is_some_and(|flag| flag.value)
}
