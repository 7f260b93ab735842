//! A configuration as the profile that a tunnel is made of.

use std::fmt;

use adit_profile::build::{Seed, Value, to_xml};
use adit_profile::ikev2::{Ikev2Settings, Which, requirements};
use adit_profile::{Diagnostic, Document, Profile, Secret};

use crate::configuration::Configuration;
use crate::protocol::{
    AuthenticationMethod, Ikev2Protocol, ProtocolConfiguration, ProxySettings, SecurityAssociationParameters,
    TlsVersion,
};
use crate::secret::{NewSecret, SecretReference, SecretSlot};

use super::{Note, rules};

/// A profile for one start. It holds secrets: wiped when dropped, silent in `Debug`.
#[derive(Clone, PartialEq)]
pub struct TunnelProfile {
    /// A configuration profile in XML, with one VPN payload and the certificates it needs.
    pub bytes: Secret,
    /// The identity that only the host can use: the profile names none, and the tunnel asks for signatures.
    pub identity_reference: Option<SecretReference>,
    /// What the profile cannot say, so that the tunnel does not obey it.
    pub notes: Vec<Note>,
}

impl fmt::Debug for TunnelProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TunnelProfile")
            .field("identity_reference", &self.identity_reference)
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}

impl TunnelProfile {
    /// The settings that the engine takes, judged by the same rules as any file. With an
    /// [`Self::identity_reference`] the host has the identity, which `adit_tunnel::plan::PlanInputs` takes.
    ///
    /// # Errors
    /// What the rules find, at least one error among it.
    pub fn settings(&self) -> Result<Ikev2Settings, Vec<Diagnostic>> {
        let document = Document::read(self.bytes.expose());
        match Profile::of(&document) {
            Some(profile) => {
                let identity_at_host = self.identity_reference.is_some();
                requirements(&profile, Which { identity_at_host, for_app: true, ..Which::default() })
            }
            None => Err(document.problems().as_slice().to_vec()),
        }
    }
}

/// Why a configuration makes no profile.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoProfile {
    /// No protocol settings.
    #[error("there are no protocol settings")]
    NoProtocol,
    /// IKEv1.
    #[error("IKEv1 is stored and explained here, not connected with: use IKEv2")]
    Ikev1,
    /// A text that no property list can hold.
    #[error("a text of the configuration cannot be written: {0}")]
    Text(String),
    /// A promise that this build cannot keep.
    #[error("{0}")]
    Promise(&'static str),
}

/// Makes the profile for a start. `secrets` are those that the host gave for the references; `seed` names the
/// configuration, so that the payloads' UUIDs stay the same.
///
/// # Errors
/// [`NoProfile`]; whether a tunnel can be made of it is told by [`TunnelProfile::settings`].
pub fn tunnel_profile(
    configuration: &Configuration,
    secrets: &[NewSecret],
    seed: &str,
) -> Result<TunnelProfile, NoProfile> {
    let ikev2 = match &configuration.protocol_configuration {
        None => return Err(NoProfile::NoProtocol),
        Some(ProtocolConfiguration::Ipsec(_)) => return Err(NoProfile::Ikev1),
        Some(ProtocolConfiguration::Ikev2(ikev2)) => ikev2,
    };
    if ikev2.strict_revocation_check && ikev2.enable_revocation_check {
        return Err(NoProfile::Promise(
            "strictRevocationCheck promises that no revoked certificate is accepted, which this build does not check: \
             set it to false to connect without",
        ));
    }
    let mut work = Work { secrets, seed: Seed::from_text(seed), payloads: Vec::new(), notes: Vec::new() };
    let settings = work.ikev2(configuration, ikev2);
    let name = configuration.localized_description.as_deref().unwrap_or("VPN");
    let mut vpn = work.frame("com.apple.vpn.managed", "vpn");
    vpn.push(("UserDefinedName".into(), name.into()));
    vpn.push(("VPNType".into(), "IKEv2".into()));
    vpn.push(("IKEv2".into(), settings));
    if let Some(proxies) = ikev2.ipsec.base.proxy_settings.as_ref() {
        vpn.push(("Proxies".into(), work.proxies(proxies)));
    }
    let mut content = vec![Value::Dict(vpn)];
    content.append(&mut work.payloads);
    let mut root = work.frame("Configuration", "profile");
    root.push(("PayloadDisplayName".into(), name.into()));
    root.push(("PayloadContent".into(), Value::Array(content)));
    let text = to_xml(&Value::Dict(root)).map_err(|error| NoProfile::Text(error.to_string()))?;
    let own = ikev2.ipsec.authentication_method == AuthenticationMethod::Certificate;
    Ok(TunnelProfile {
        bytes: Secret::new(text.as_bytes().to_vec()),
        identity_reference: ikev2.ipsec.base.identity_reference.clone().filter(|_| own),
        notes: work.notes,
    })
}

struct Work<'a> {
    secrets: &'a [NewSecret],
    seed: Seed,
    payloads: Vec<Value>,
    notes: Vec<Note>,
}

impl Work<'_> {
    fn secret(&self, slot: SecretSlot) -> Option<&[u8]> {
        self.secrets.iter().find(|secret| secret.slot == slot).map(|secret| secret.content.expose())
    }

    /// A secret that is text. One that is not cannot be written, and is as good as missing.
    fn text(&self, slot: SecretSlot) -> Option<&str> {
        std::str::from_utf8(self.secret(slot)?).ok()
    }

    fn note(&mut self, property: &str, reason: &str) {
        self.notes.push(Note { path: property.to_owned(), reason: reason.to_owned() });
    }

    /// The keys that every payload has.
    fn frame(&self, kind: &str, role: &str) -> Vec<(String, Value)> {
        let uuid = self.seed.uuid(role);
        vec![
            ("PayloadType".into(), kind.into()),
            ("PayloadVersion".into(), 1.into()),
            ("PayloadIdentifier".into(), format!("adit.manager.{role}").into()),
            ("PayloadUUID".into(), uuid.into()),
        ]
    }

    fn ikev2(&mut self, configuration: &Configuration, ikev2: &Ikev2Protocol) -> Value {
        let mut out: Vec<(String, Value)> = Vec::new();
        let base = &ikev2.ipsec.base;
        {
            let mut put = |key: &str, value: Option<&String>| {
                out.extend(value.map(|text| (key.to_owned(), text.as_str().into())));
            };
            put("RemoteAddress", base.server_address.as_deref().map(bare).as_ref());
            put("LocalIdentifier", ikev2.ipsec.local_identifier.as_ref());
            put("RemoteIdentifier", ikev2.ipsec.remote_identifier.as_ref());
            put("ServerCertificateIssuerCommonName", ikev2.server_certificate_issuer_common_name.as_ref());
            put("ServerCertificateCommonName", ikev2.server_certificate_common_name.as_ref());
            put("AuthName", base.username.as_ref());
        }
        out.extend(word("AuthenticationMethod", ikev2.ipsec.authentication_method.profile_word()));
        out.extend(word("DeadPeerDetectionRate", ikev2.dead_peer_detection_rate.profile_word()));
        self.credentials(ikev2, &mut out);
        for (key, on) in [
            ("ExtendedAuthEnabled", ikev2.ipsec.use_extended_authentication),
            (
                "UseConfigurationAttributeInternalIPSubnet",
                ikev2.use_configuration_attribute_internal_ip_subnet,
            ),
            ("DisableMOBIKE", ikev2.disable_mobike),
            ("DisableRedirect", ikev2.disable_redirect),
            ("EnablePFS", ikev2.enable_pfs),
            ("AllowPostQuantumKeyExchangeFallback", ikev2.allow_post_quantum_key_exchange_fallback),
            ("EnableCertificateRevocationCheck", ikev2.enable_revocation_check),
            ("EnableFallback", ikev2.enable_fallback),
            ("EnforceStrictAlgorithmSelection", ikev2.profile_only.enforce_strict_algorithm_selection),
            ("IncludeAllNetworks", base.include_all_networks),
            ("EnforceRoutes", base.enforce_routes && !base.include_all_networks),
            ("OnDemandEnabled", configuration.is_on_demand_enabled),
            ("OnDemandUserOverrideDisabled", configuration.managed.on_demand_user_override_disabled),
        ] {
            if on {
                out.push((key.into(), 1.into()));
            }
        }
        // The exclusions count with one of these only, and stand in a profile for nothing else.
        if base.include_all_networks || base.enforce_routes {
            out.push(("ExcludeLocalNetworks".into(), i64::from(base.exclude_local_networks).into()));
        }
        if let Some(seconds) = configuration.managed.disconnect_on_idle_seconds {
            out.push(("DisconnectOnIdle".into(), 1.into()));
            out.push(("DisconnectOnIdleTimer".into(), i64::from(seconds).into()));
        }
        if let Some(seconds) = ikev2.profile_only.nat_keepalive_interval {
            out.push(("NATKeepAliveInterval".into(), i64::from(seconds).into()));
        }
        if ikev2.profile_only.nat_keepalive_offload_disabled {
            out.push(("NATKeepAliveOffloadEnable".into(), 0.into()));
        }
        for (key, version) in [
            ("TLSMinimumVersion", ikev2.minimum_tls_version),
            ("TLSMaximumVersion", ikev2.maximum_tls_version),
        ] {
            if version != TlsVersion::Default {
                out.extend(word(key, version.profile_word()));
            }
        }
        out.push(("MTU".into(), i64::from(ikev2.mtu).into()));
        if !ikev2.profile_only.offers_observed_list {
            let ike = &ikev2.ike_security_association_parameters;
            let child = &ikev2.child_security_association_parameters;
            out.push(("IKESecurityAssociationParameters".into(), association(ike)));
            out.push(("ChildSecurityAssociationParameters".into(), association(child)));
        }
        if let Some(rules) = configuration.on_demand_rules.as_ref().filter(|rules| !rules.is_empty()) {
            out.push(("OnDemandRules".into(), rules::to_profile(rules)));
        }
        self.anchors(ikev2);
        Value::Dict(out)
    }

    fn credentials(&mut self, ikev2: &Ikev2Protocol, out: &mut Vec<(String, Value)>) {
        let method = ikev2.ipsec.authentication_method;
        if method == AuthenticationMethod::SharedSecret {
            out.extend(word("SharedSecret", self.text(SecretSlot::SharedSecret)));
        }
        if ikev2.ipsec.use_extended_authentication {
            out.extend(word("AuthPassword", self.text(SecretSlot::Password)));
        }
        if method == AuthenticationMethod::Certificate {
            match ikev2.certificate_type.profile_word() {
                Some(kind) => out.push(("CertificateType".into(), kind.into())),
                None => self.note(
                    "certificateType",
                    "a profile has no word for Ed25519: the key itself says what it is",
                ),
            }
            if ikev2.ipsec.base.identity_reference.is_none()
                && let Some(file) = self.secret(SecretSlot::IdentityData).map(<[u8]>::to_vec)
            {
                let mut payload = self.frame("com.apple.security.pkcs12", "identity");
                payload.push(("PayloadContent".into(), Value::Data(file.into())));
                payload.extend(word("Password", self.text(SecretSlot::IdentityDataPassword)));
                self.payloads.push(Value::Dict(payload));
                out.push(("PayloadCertificateUUID".into(), self.seed.uuid("identity").into()));
            }
        }
        if let Some(ppk) = &ikev2.ppk_configuration
            && let Some(key) = self.secret(SecretSlot::PostQuantumPresharedKey)
        {
            out.push(("PPK".into(), Value::Data(key.to_vec().into())));
            out.push(("PPKIdentifier".into(), ppk.identifier.as_str().into()));
            out.push(("PPKMandatory".into(), i64::from(ppk.is_mandatory).into()));
        }
    }

    fn anchors(&mut self, ikev2: &Ikev2Protocol) {
        for (at, certificate) in ikev2.trusted_certificates.iter().enumerate() {
            let mut payload = self.frame("com.apple.security.root", &format!("ca-{at}"));
            payload.push(("PayloadContent".into(), Value::Data(certificate.clone().into())));
            self.payloads.push(Value::Dict(payload));
        }
    }

    fn proxies(&mut self, proxies: &ProxySettings) -> Value {
        let mut out: Vec<(String, Value)> = Vec::new();
        if proxies.auto_proxy_configuration_enabled {
            out.push(("ProxyAutoConfigEnable".into(), 1.into()));
        }
        out.extend(word("ProxyAutoConfigURLString", proxies.proxy_auto_configuration_url.as_deref()));
        for (name, enabled, server) in [
            ("HTTP", proxies.http_enabled, &proxies.http_server),
            ("HTTPS", proxies.https_enabled, &proxies.https_server),
        ] {
            if enabled {
                out.push((format!("{name}Enable"), 1.into()));
            }
            if let Some(server) = server {
                out.push((format!("{name}Proxy"), server.address.as_str().into()));
                out.push((format!("{name}Port"), i64::from(server.port).into()));
            }
        }
        if let Some(server) = &proxies.http_server {
            out.extend(word("HTTPProxyUsername", server.username.as_deref()));
            out.extend(word("HTTPProxyPassword", self.text(SecretSlot::HttpProxyPassword)));
        }
        if let Some(domains) = &proxies.match_domains {
            out.push(("SupplementalMatchDomains".into(), rules::texts(domains)));
        }
        let lost = proxies.proxy_auto_configuration_javascript.is_some()
            || proxies.exclude_simple_hostnames
            || proxies.exception_list.is_some();
        if lost {
            self.note(
                "proxySettings",
                "a profile has no keys for JavaScript, simple host names and exceptions: the host reads them from the \
                 configuration",
            );
        }
        Value::Dict(out)
    }
}

/// A server address without the brackets that an IPv6 address may stand in: the profile's key takes none.
fn bare(address: &str) -> String {
    let address = address.trim();
    address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address).to_owned()
}

fn word(key: &str, word: Option<&str>) -> Option<(String, Value)> {
    word.map(|word| (key.to_owned(), word.into()))
}

fn association(parameters: &SecurityAssociationParameters) -> Value {
    let mut out: Vec<(String, Value)> = Vec::new();
    out.extend(word("EncryptionAlgorithm", parameters.encryption_algorithm.profile_word()));
    out.extend(word("IntegrityAlgorithm", parameters.integrity_algorithm.profile_word()));
    out.push(("DiffieHellmanGroup".into(), parameters.diffie_hellman_group.raw().into()));
    out.push(("LifeTimeInMinutes".into(), i64::from(parameters.lifetime_minutes).into()));
    if !parameters.post_quantum_key_exchange_methods.is_empty() {
        let methods = parameters.post_quantum_key_exchange_methods.iter();
        let methods = methods.map(|method| method.raw().into()).collect();
        out.push(("PostQuantumKeyExchangeMethods".into(), Value::Array(methods)));
    }
    Value::Dict(out)
}
