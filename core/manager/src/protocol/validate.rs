//! What is wrong with protocol settings, before anybody connects with them.
//!
//! Apple documents one error for all of it, `configurationInvalid`; here each reason is said. What a tunnel needs
//! besides is judged by the rules of `adit-profile` when a start turns the settings into a profile.

use std::ops::RangeInclusive;

use super::{
    AuthenticationMethod, DiffieHellmanGroup, EncryptionAlgorithm, Ikev2Protocol, IntegrityAlgorithm,
    IpsecProtocol, MAX_POST_QUANTUM_METHODS, PostQuantumKeyExchangeMethod, ProtocolConfiguration,
    ProxyServer, ProxySettings, SecurityAssociationParameters, TlsVersion,
};

/// The lifetimes that are taken, in minutes (`LifeTimeInMinutes`).
pub const LIFETIME_MINUTES: RangeInclusive<u32> = 10..=1440;

/// The MTUs that are taken, in bytes (`MTU`).
const MTU: RangeInclusive<u16> = 1280..=1400;

/// Something against a configuration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Objection {
    /// The property of Apple's API it is about.
    pub property: &'static str,
    /// What is wrong and what to do. Holds no value that could be a secret.
    pub message: String,
    /// The configuration is not saved because of it; else it is saved, and cannot be started or is not obeyed in full.
    pub refused: bool,
}

impl Objection {
    pub(crate) fn refused(property: &'static str, message: impl Into<String>) -> Self {
        Self { property, message: message.into(), refused: true }
    }

    pub(crate) fn noted(property: &'static str, message: impl Into<String>) -> Self {
        Self { property, message: message.into(), refused: false }
    }
}

impl ProtocolConfiguration {
    /// Everything against these settings. `pending` tells of secrets that are given and not stored yet: a slot that one
    /// of them fills counts as filled.
    #[must_use]
    pub fn objections(&self, pending: &[crate::SecretSlot]) -> Vec<Objection> {
        let mut found = Vec::new();
        base(self, &mut found);
        let check = Check { protocol: self, pending };
        match self {
            Self::Ikev2(settings) => ikev2(settings, &check, &mut found),
            Self::Ipsec(settings) => ikev1(settings, &check, &mut found),
        }
        if let Some(proxy) = &self.base().proxy_settings {
            proxies(proxy, &mut found);
        }
        found
    }
}

/// Which secrets there are.
struct Check<'a> {
    protocol: &'a ProtocolConfiguration,
    pending: &'a [crate::SecretSlot],
}

impl Check<'_> {
    fn has(&self, slot: crate::SecretSlot) -> bool {
        self.pending.contains(&slot) || self.protocol.reference(slot).is_some()
    }

    fn has_identity(&self) -> bool {
        self.protocol.base().identity_reference.is_some() || self.has(crate::SecretSlot::IdentityData)
    }
}

fn is_blank(text: Option<&String>) -> bool {
    text.is_none_or(|text| text.trim().is_empty())
}

fn base(protocol: &ProtocolConfiguration, found: &mut Vec<Objection>) {
    let base = protocol.base();
    if is_blank(base.server_address.as_ref()) {
        found.push(Objection::refused(
            "serverAddress",
            "there is no server address: set a host name or an IP address",
        ));
    }
    if base.slice_uuid.as_ref().is_some_and(|uuid| uuid.trim().is_empty()) {
        found.push(Objection::refused("sliceUUID", "the slice UUID is empty: set it, or none"));
    }
}

fn credentials(settings: &IpsecProtocol, check: &Check<'_>, found: &mut Vec<Objection>) {
    match settings.authentication_method {
        AuthenticationMethod::SharedSecret if !check.has(crate::SecretSlot::SharedSecret) => {
            found.push(Objection::refused(
                "sharedSecretReference",
                "the method is a shared secret, and there is no reference to one",
            ));
        }
        AuthenticationMethod::Certificate if !check.has_identity() => found.push(Objection::refused(
            "identityReference",
            "the method is a certificate, and there is neither identityReference nor identityData",
        )),
        _ => {}
    }
}

fn ikev1(settings: &IpsecProtocol, check: &Check<'_>, found: &mut Vec<Objection>) {
    credentials(settings, check, found);
    if settings.authentication_method == AuthenticationMethod::None {
        found.push(Objection::refused(
            "authenticationMethod",
            "IKEv1 needs a shared secret or a certificate: set authenticationMethod",
        ));
    }
    found.push(Objection::noted(
        "protocolConfiguration",
        "IKEv1 is stored and explained here, not connected with: use IKEv2 to start a tunnel",
    ));
}

fn ikev2(settings: &Ikev2Protocol, check: &Check<'_>, found: &mut Vec<Objection>) {
    credentials(&settings.ipsec, check, found);
    if is_blank(settings.ipsec.remote_identifier.as_ref()) {
        found.push(Objection::refused(
            "remoteIdentifier",
            "there is no remote identifier: set the server's IKE identity, often its host name",
        ));
    }
    if settings.ipsec.authentication_method == AuthenticationMethod::None
        && !settings.ipsec.use_extended_authentication
    {
        found.push(Objection::refused(
            "authenticationMethod",
            "nothing proves who the device is: set an authenticationMethod, or useExtendedAuthentication",
        ));
    }
    association(
        "ikeSecurityAssociationParameters",
        &settings.ike_security_association_parameters,
        settings,
        found,
    );
    association(
        "childSecurityAssociationParameters",
        &settings.child_security_association_parameters,
        settings,
        found,
    );
    if !MTU.contains(&settings.mtu) {
        found.push(Objection::refused("mtu", "the MTU must be 1280 to 1400"));
    }
    let (least, most) = (settings.minimum_tls_version, settings.maximum_tls_version);
    if least > most && most != TlsVersion::Default {
        found.push(Objection::refused(
            "minimumTLSVersion",
            "the minimum TLS version is above the maximum: no version is left",
        ));
    }
    if let Some(ppk) = &settings.ppk_configuration {
        if ppk.identifier.trim().is_empty() {
            found.push(Objection::refused("ppkConfiguration", "the PPK identifier is empty"));
        }
        if !check.has(crate::SecretSlot::PostQuantumPresharedKey) {
            found.push(Objection::refused("ppkConfiguration", "there is no reference to the PPK"));
        }
    }
    if settings.strict_revocation_check {
        let message = if settings.enable_revocation_check {
            "revocation is not checked by this build: a strict check cannot be promised, and a start is refused"
        } else {
            "strictRevocationCheck counts with enableRevocationCheck only"
        };
        found.push(Objection::noted("strictRevocationCheck", message));
    }
    if settings.profile_only.nat_keepalive_interval.is_some_and(|seconds| seconds < 20) {
        found.push(Objection::refused("NATKeepAliveInterval", "at least 20 seconds"));
    }
}

fn association(
    property: &'static str,
    parameters: &SecurityAssociationParameters,
    settings: &Ikev2Protocol,
    found: &mut Vec<Objection>,
) {
    // What stands there counts for nothing while the system's own list is offered.
    if settings.profile_only.offers_observed_list {
        return;
    }
    if parameters.diffie_hellman_group == DiffieHellmanGroup::Invalid {
        found.push(Objection::refused(property, "the Diffie-Hellman group is 0, which is none"));
    }
    if !LIFETIME_MINUTES.contains(&parameters.lifetime_minutes) {
        found.push(Objection::refused(property, "lifetimeMinutes must be 10 to 1440"));
    }
    if parameters.post_quantum_key_exchange_methods.len() > MAX_POST_QUANTUM_METHODS {
        found.push(Objection::refused(property, "at most seven post-quantum methods (ADDKE1 to ADDKE7)"));
    }
    let methods = &parameters.post_quantum_key_exchange_methods;
    let rounds: Vec<_> =
        methods.iter().filter(|method| **method != PostQuantumKeyExchangeMethod::None).collect();
    if rounds.iter().enumerate().any(|(at, method)| rounds.iter().take(at).any(|other| other == method)) {
        found.push(Objection::refused(property, "a post-quantum method stands twice"));
    }
    let weak_cipher =
        matches!(parameters.encryption_algorithm, EncryptionAlgorithm::Des | EncryptionAlgorithm::TripleDes);
    let weak_hash =
        matches!(parameters.integrity_algorithm, IntegrityAlgorithm::Sha96 | IntegrityAlgorithm::Sha160);
    let weak_group = matches!(
        parameters.diffie_hellman_group,
        DiffieHellmanGroup::Group1 | DiffieHellmanGroup::Group2 | DiffieHellmanGroup::Group5
    );
    if weak_cipher || weak_hash || weak_group {
        found.push(Objection::noted(
            property,
            "DES, 3DES, SHA-1 and groups 1, 2 and 5 are no longer supported by Apple's systems of 2025; use \
             AES-256-GCM, SHA2-256 and group 19",
        ));
    }
}

fn proxies(proxy: &ProxySettings, found: &mut Vec<Objection>) {
    let automatic =
        proxy.proxy_auto_configuration_javascript.is_some() || proxy.proxy_auto_configuration_url.is_some();
    if proxy.auto_proxy_configuration_enabled && !automatic {
        found.push(Objection::refused(
            "proxySettings",
            "automatic configuration is on, and there is neither a URL nor JavaScript",
        ));
    }
    for (name, enabled, server) in [
        ("HTTP", proxy.http_enabled, &proxy.http_server),
        ("HTTPS", proxy.https_enabled, &proxy.https_server),
    ] {
        if enabled && server.is_none() {
            found.push(Objection::refused(
                "proxySettings",
                format!("the {name} proxy is on, and no server is set"),
            ));
        }
        if server.as_ref().is_some_and(is_no_server) {
            found.push(Objection::refused(
                "proxySettings",
                format!("the {name} proxy needs an address and a port of 1 to 65535"),
            ));
        }
    }
}

fn is_no_server(server: &ProxyServer) -> bool {
    server.address.trim().is_empty() || server.port == 0
}

/// Whether a text is a URL that can be probed: HTTP or HTTPS with a host, and no spaces.
pub(crate) fn is_probe_url(text: &str) -> bool {
    let scheme = |scheme: &str| text.get(..scheme.len()).filter(|head| head.eq_ignore_ascii_case(scheme));
    let rest = scheme("https://")
        .or_else(|| scheme("http://"))
        .and_then(|head| text.get(head.len()..))
        .unwrap_or("");
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    !host.is_empty() && !text.chars().any(|character| character.is_whitespace() || character.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SecretReference, SecretSlot};

    fn valid() -> Ikev2Protocol {
        let mut settings = Ikev2Protocol::default();
        settings.ipsec.base.server_address = Some("vpn.example.com".into());
        settings.ipsec.remote_identifier = Some("vpn.example.com".into());
        settings.ipsec.authentication_method = AuthenticationMethod::SharedSecret;
        settings.ipsec.shared_secret_reference = Some(SecretReference(vec![1]));
        settings
    }

    fn refused(change: impl FnOnce(&mut Ikev2Protocol)) -> Vec<&'static str> {
        let mut settings = valid();
        change(&mut settings);
        let protocol = ProtocolConfiguration::Ikev2(Box::new(settings));
        protocol.objections(&[]).iter().filter(|found| found.refused).map(|found| found.property).collect()
    }

    #[test]
    fn a_complete_configuration_has_nothing_against_it() {
        assert_eq!(ProtocolConfiguration::Ikev2(Box::new(valid())).objections(&[]), []);
    }

    #[test]
    fn what_is_missing_is_refused_by_its_property() {
        assert_eq!(refused(|found| found.ipsec.base.server_address = None), ["serverAddress"]);
        assert_eq!(refused(|found| found.ipsec.base.server_address = Some(" ".into())), ["serverAddress"]);
        assert_eq!(refused(|found| found.ipsec.remote_identifier = None), ["remoteIdentifier"]);
        assert_eq!(refused(|found| found.ipsec.shared_secret_reference = None), ["sharedSecretReference"]);
        let certificate = |found: &mut Ikev2Protocol| {
            found.ipsec.authentication_method = AuthenticationMethod::Certificate;
        };
        assert_eq!(refused(certificate), ["identityReference"]);
        let none = |found: &mut Ikev2Protocol| found.ipsec.authentication_method = AuthenticationMethod::None;
        assert_eq!(refused(none), ["authenticationMethod"]);
    }

    #[test]
    fn a_secret_on_its_way_counts_as_there() {
        let mut settings = valid();
        settings.ipsec.shared_secret_reference = None;
        let protocol = ProtocolConfiguration::Ikev2(Box::new(settings));
        assert_eq!(protocol.objections(&[SecretSlot::SharedSecret]), []);
    }

    #[test]
    fn values_outside_their_range_are_refused() {
        assert_eq!(refused(|found| found.mtu = 1500), ["mtu"]);
        let group = |found: &mut Ikev2Protocol| {
            found.ike_security_association_parameters.diffie_hellman_group = DiffieHellmanGroup::Invalid;
        };
        assert_eq!(refused(group), ["ikeSecurityAssociationParameters"]);
        for minutes in [0, 9, 1441] {
            let lifetime = |found: &mut Ikev2Protocol| {
                found.child_security_association_parameters.lifetime_minutes = minutes;
            };
            assert_eq!(refused(lifetime), ["childSecurityAssociationParameters"]);
        }
        let twice = |found: &mut Ikev2Protocol| {
            found.ike_security_association_parameters.post_quantum_key_exchange_methods =
                vec![PostQuantumKeyExchangeMethod::Method36; 2];
        };
        assert_eq!(refused(twice), ["ikeSecurityAssociationParameters"]);
        let tls = |found: &mut Ikev2Protocol| {
            found.minimum_tls_version = TlsVersion::Version1_3;
            found.maximum_tls_version = TlsVersion::Version1_2;
        };
        assert_eq!(refused(tls), ["minimumTLSVersion"]);
    }

    #[test]
    fn proxies_that_are_on_need_a_server() {
        let proxy =
            |settings: ProxySettings| refused(|found| found.ipsec.base.proxy_settings = Some(settings));
        assert_eq!(proxy(ProxySettings { http_enabled: true, ..ProxySettings::default() }).len(), 1);
        let port = ProxyServer::new("proxy.example.com", 0);
        assert_eq!(proxy(ProxySettings { https_server: Some(port), ..ProxySettings::default() }).len(), 1);
        let pac = ProxySettings { auto_proxy_configuration_enabled: true, ..ProxySettings::default() };
        assert_eq!(proxy(pac.clone()).len(), 1);
        let script = Some("function FindProxyForURL() {}".to_owned());
        assert_eq!(
            proxy(ProxySettings { proxy_auto_configuration_javascript: script, ..pac }),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn old_algorithms_and_ikev1_are_noted_not_refused() {
        let mut settings = valid();
        settings.ike_security_association_parameters.encryption_algorithm = EncryptionAlgorithm::TripleDes;
        let found = ProtocolConfiguration::Ikev2(Box::new(settings.clone())).objections(&[]);
        assert!(matches!(found.as_slice(), [Objection { refused: false, .. }]), "{found:?}");
        let ipsec = ProtocolConfiguration::Ipsec(Box::new(settings.ipsec));
        assert!(ipsec.objections(&[]).iter().all(|found| !found.refused));
    }

    #[test]
    fn only_http_urls_can_be_probed() {
        for good in ["https://a.example/x", "http://a", "HTTPS://a?b"] {
            assert!(is_probe_url(good), "{good}");
        }
        for bad in ["", "ftp://a", "https://", "https:///x", "http://a b", "häääätp://x", "https"] {
            assert!(!is_probe_url(bad), "{bad}");
        }
    }
}
