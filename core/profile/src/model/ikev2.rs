//! The `IKEv2` dictionary of a VPN payload, every key typed and spanned.

use std::fmt;

use crate::report::{Problems, codes};
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
    /// Reads the `IKEv2` dictionary of a VPN payload, and says which values have a wrong type, do not exist, or lie
    /// outside their range. `None` when there is no such dictionary.
    #[must_use]
    pub fn read(payload: &Payload<'d>, problems: &mut Problems) -> Option<Self> {
        let section = payload.section.section("IKEv2", problems)?;
        let s = &section;
        let p = problems;
        let association = |key: &str, p: &mut Problems| {
            s.section(key, p).map(|section| SecurityAssociation::read_judging(section, p))
        };
        Some(Self {
            remote_address: s.text("RemoteAddress", p),
            local_identifier: s.text("LocalIdentifier", p),
            remote_identifier: s.text("RemoteIdentifier", p),
            authentication_method: s.keyword("AuthenticationMethod", codes::VALUE_NOT_ALLOWED, p),
            shared_secret: s.secret_text("SharedSecret", p).map(|secret| secret.map(Hidden)),
            extended_auth_enabled: s.flag("ExtendedAuthEnabled", p),
            auth_name: s.text("AuthName", p),
            auth_password: s.secret_text("AuthPassword", p).map(|secret| secret.map(Hidden)),
            payload_certificate_uuid: s.text("PayloadCertificateUUID", p),
            certificate_type: read_certificate_type(s, p),
            server_certificate_issuer_common_name: s.text("ServerCertificateIssuerCommonName", p),
            server_certificate_common_name: s.text("ServerCertificateCommonName", p),
            enable_certificate_revocation_check: s.flag("EnableCertificateRevocationCheck", p),
            tls_minimum_version: s.text("TLSMinimumVersion", p),
            tls_maximum_version: s.text("TLSMaximumVersion", p),
            dead_peer_detection_rate: s.keyword("DeadPeerDetectionRate", codes::DPD_VALUE, p),
            disable_mobike: s.flag("DisableMOBIKE", p),
            disable_redirect: s.flag("DisableRedirect", p),
            disconnect_on_idle: s.flag("DisconnectOnIdle", p),
            disconnect_on_idle_timer: s.ranged(
                "DisconnectOnIdleTimer",
                0,
                i64::MAX,
                codes::VPN_IDLE_NEGATIVE,
                p,
            ),
            enable_pfs: s.flag("EnablePFS", p),
            enable_fallback: s.flag("EnableFallback", p),
            nat_keepalive_interval: s.ranged("NATKeepAliveInterval", 20, i64::MAX, codes::NAT_INTERVAL, p),
            nat_keepalive_offload_enable: s.flag("NATKeepAliveOffloadEnable", p),
            use_internal_ip_subnet: s.flag("UseConfigurationAttributeInternalIPSubnet", p),
            mtu: s.ranged("MTU", 1280, 1400, codes::MTU_RANGE, p),
            include_all_networks: s.flag("IncludeAllNetworks", p),
            enforce_routes: s.flag("EnforceRoutes", p),
            exclude_local_networks: s.flag("ExcludeLocalNetworks", p),
            exclude_cellular_services: s.flag("ExcludeCellularServices", p),
            exclude_apns: s.flag("ExcludeAPNs", p),
            exclude_device_communication: s.flag("ExcludeDeviceCommunication", p),
            ppk: s.data("PPK", p).map(|secret| secret.map(Hidden)),
            ppk_identifier: s.text("PPKIdentifier", p),
            ppk_mandatory: s.flag("PPKMandatory", p),
            allow_post_quantum_fallback: s.flag("AllowPostQuantumKeyExchangeFallback", p),
            enforce_strict_algorithm_selection: s.flag("EnforceStrictAlgorithmSelection", p),
            ike: association("IKESecurityAssociationParameters", p),
            child: association("ChildSecurityAssociationParameters", p),
            on_demand_enabled: s.flag("OnDemandEnabled", p),
            on_demand_user_override_disabled: s.flag("OnDemandUserOverrideDisabled", p),
            on_demand_rules: s.array("OnDemandRules", p),
            provider_type: s.text("ProviderType", p),
            provider_bundle_identifier: s.text("ProviderBundleIdentifier", p),
            provider_designated_requirement: s.text("ProviderDesignatedRequirement", p),
            section,
        })
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

fn read_certificate_type(section: &Section<'_>, problems: &mut Problems) -> Option<Spanned<CertificateType>> {
    const KEY: &str = "CertificateType";
    if section.node(KEY).and_then(Node::as_str) == Some("Ed25519") {
        let message = "CertificateType Ed25519 was documented once and never worked";
        let help = "use an ECDSA or RSA certificate";
        problems.push(section.diagnose(KEY, codes::CERTTYPE_ED25519, message).help(help));
        return None;
    }
    section.keyword(KEY, codes::VALUE_NOT_ALLOWED, problems)
}
