//! A VPN payload as a configuration.

use adit_profile::certificate::read_certificates;
use adit_profile::ikev2::Associations;
use adit_profile::model::{self, Ikev2Payload, Keyword, Payload, Profile, Section, VPN_APPLAYER};
use adit_profile::report::Problems;

use crate::configuration::{Configuration, ManagedSettings};
use crate::per_app::PerApp;
use crate::protocol::{
    AuthenticationMethod, CertificateType, DEFAULT_MTU, DeadPeerDetectionRate, DiffieHellmanGroup,
    EncryptionAlgorithm, Ikev2Protocol, IntegrityAlgorithm, IpsecProtocol, PostQuantumKeyExchangeMethod,
    PpkConfiguration, ProfileOnly, Protocol, ProtocolConfiguration, ProxyServer, ProxySettings,
    SecurityAssociationParameters, TlsVersion,
};
use crate::secret::{NewSecret, SecretSlot};

use super::rules;

/// What became of a payload.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The configuration, enabled, with the payload's secrets as `new_secrets`.
    pub configuration: Configuration,
    /// `PayloadUUID`, by which a managed configuration is known; empty when the payload has none.
    pub payload_uuid: String,
    /// What has no counterpart, or another meaning.
    pub notes: Vec<Note>,
}

/// What an import could not carry over as it was.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Note {
    /// The key path in the profile.
    pub path: String,
    /// What is different, and what follows.
    pub reason: String,
}

/// Why a payload makes no configuration.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ImportRefusal {
    /// Not a VPN payload.
    #[error("payload {index} is not a VPN: choose one of type com.apple.vpn.managed")]
    NotVpn {
        /// Its place.
        index: usize,
    },
    /// A type that no Personal VPN has: PPTP and L2TP, which no API of Apple's sets up and nobody should use; the others
    /// belong to apps of their own.
    #[error("VPNType {vpn_type} cannot be a Personal VPN: {reason}")]
    Type {
        /// `VPNType`, or "(missing)".
        vpn_type: String,
        /// Why, and what to do.
        reason: &'static str,
    },
    /// The dictionary of its type is missing.
    #[error("the payload has no {0} dictionary: add it")]
    NoSettings(&'static str),
    /// On-demand rules that cannot be read: any of them might be the one that decides.
    #[error("the on-demand rules cannot be read: {0}")]
    OnDemand(String),
}

/// Makes a configuration of a VPN payload.
///
/// # Errors
/// [`ImportRefusal`]; what the settings themselves lack is told by [`Configuration::objections`].
pub fn import(profile: &Profile<'_>, payload: &Payload<'_>) -> Result<Imported, ImportRefusal> {
    if !payload.is_vpn() {
        return Err(ImportRefusal::NotVpn { index: payload.index });
    }
    let mut work = Work { new_secrets: Vec::new(), notes: Vec::new(), profile };
    let kind = payload.vpn_type();
    let (protocol, section) = match kind {
        Some("IKEv2") => {
            let read = Ikev2Payload::read(payload).ok_or(ImportRefusal::NoSettings("IKEv2"))?;
            let section = read.section.clone();
            (ProtocolConfiguration::Ikev2(Box::new(work.ikev2(payload, &read))), section)
        }
        Some("IPSec") => {
            let section = payload.section.sub("IPSec").ok_or(ImportRefusal::NoSettings("IPSec"))?;
            (ProtocolConfiguration::Ipsec(Box::new(work.ikev1(payload, &section))), section)
        }
        _ => return Err(refused(kind)),
    };
    let mut problems = Problems::default();
    let found = adit_profile::ondemand::Rules::of_payload(payload, &mut problems);
    let Some(found) = found else {
        let messages: Vec<String> = problems
            .into_vec()
            .into_iter()
            .filter(|problem| problem.severity == adit_profile::Severity::Error)
            .map(|problem| format!("{}: {}", problem.path, problem.message))
            .collect();
        return Err(ImportRefusal::OnDemand(messages.join("; ")));
    };
    let base = section.path().to_string();
    let on_demand_rules = rules::of_profile(&found, &base, &mut work.notes);
    let idle = section.int("DisconnectOnIdleTimer").and_then(|timer| u32::try_from(timer.value).ok());
    let idle = idle.filter(|seconds| *seconds > 0);
    if section.is_on("DisconnectOnIdle") && idle.is_none() {
        work.note(
            &section,
            "DisconnectOnIdle",
            "without a timer above 0 the connection is not ended here: Apple's own default is not documented",
        );
    }
    let per_app = (payload.kind() == Some(VPN_APPLAYER)).then(|| PerApp::of_payload(profile, payload));
    let configuration = Configuration {
        is_enabled: true,
        protocol_configuration: Some(protocol),
        localized_description: payload.name().map(str::to_owned),
        is_on_demand_enabled: found.enabled,
        on_demand_rules,
        managed: ManagedSettings {
            profile_matching: true,
            on_demand_user_override_disabled: found.user_override_disabled,
            disconnect_on_idle_seconds: idle.filter(|_| section.is_on("DisconnectOnIdle")),
            per_app,
        },
        new_secrets: work.new_secrets,
    };
    let payload_uuid = payload.string("PayloadUUID").unwrap_or_default().to_owned();
    Ok(Imported { configuration, payload_uuid, notes: work.notes })
}

fn refused(kind: Option<&str>) -> ImportRefusal {
    let reason = match kind {
        Some("PPTP") => "PPTP is broken and no system of today has it; use IKEv2",
        Some("L2TP") => "L2TP has no class in Apple's API and is not built here; use IKEv2",
        Some("AlwaysOn") => "Always On is for management servers; use the platform's own always-on switch",
        Some("VPN") => "it belongs to an app of its own, named by VPNSubType",
        Some("TransparentProxy") => "a transparent proxy belongs to an app of its own",
        _ => "only IKEv2 and IPSec can; correct VPNType",
    };
    ImportRefusal::Type {
        vpn_type: kind.map_or_else(|| "(missing)".to_owned(), |kind| kind.chars().take(40).collect()),
        reason,
    }
}

struct Work<'p, 'd> {
    profile: &'p Profile<'d>,
    new_secrets: Vec<NewSecret>,
    notes: Vec<Note>,
}

impl Work<'_, '_> {
    fn note(&mut self, section: &Section<'_>, key: &str, reason: &str) {
        self.notes.push(Note { path: section.path_of(key).into(), reason: reason.to_owned() });
    }

    fn secret(&mut self, slot: SecretSlot, content: Option<&[u8]>) {
        if let Some(content) = content.filter(|content| !content.is_empty()) {
            self.new_secrets.push(NewSecret::new(slot, content.to_vec()));
        }
    }

    /// The secret of a key that holds text.
    fn text_secret(&mut self, slot: SecretSlot, section: &Section<'_>, key: &str) {
        let found = section.secret(key).map(|text| text.value.expose().as_bytes());
        self.secret(slot, found);
    }

    fn ikev2(&mut self, payload: &Payload<'_>, read: &Ikev2Payload<'_>) -> Ikev2Protocol {
        let section = &read.section;
        let on = |key| section.is_on(key);
        let text = |key| section.str(key).map(|text| text.value.to_owned()).filter(|text| !text.is_empty());
        self.text_secret(SecretSlot::SharedSecret, section, "SharedSecret");
        self.text_secret(SecretSlot::Password, section, "AuthPassword");
        self.identity(section);
        if let Some(proxies) = payload.section.sub("Proxies") {
            self.text_secret(SecretSlot::HttpProxyPassword, &proxies, "HTTPProxyPassword");
        }
        let ppk = text("PPKIdentifier").map(|identifier| PpkConfiguration {
            identifier,
            keychain_reference: None,
            is_mandatory: section.switch("PPKMandatory").is_none_or(|mandatory| mandatory.value),
        });
        if ppk.is_some() {
            self.secret(SecretSlot::PostQuantumPresharedKey, section.bytes("PPK").map(|key| key.value));
        }
        let associations = Associations::of(section, None);
        let tls = |key| {
            section
                .str(key)
                .and_then(|word| TlsVersion::of_profile(word.value))
                .unwrap_or(TlsVersion::Default)
        };
        let base = Protocol {
            server_address: text("RemoteAddress"),
            username: text("AuthName"),
            proxy_settings: proxies(payload),
            include_all_networks: on("IncludeAllNetworks"),
            exclude_local_networks: excluded(section, "ExcludeLocalNetworks"),
            exclude_cellular_services: excluded(section, "ExcludeCellularServices"),
            exclude_apns: excluded(section, "ExcludeAPNs"),
            exclude_device_communication: excluded(section, "ExcludeDeviceCommunication"),
            enforce_routes: on("EnforceRoutes"),
            slice_uuid: payload.string("CellularSliceUUID").map(str::to_owned),
            ..Protocol::default()
        };
        let method = word(section, "AuthenticationMethod", AuthenticationMethod::of_profile);
        Ikev2Protocol {
            ipsec: IpsecProtocol {
                base,
                authentication_method: method.unwrap_or(AuthenticationMethod::None),
                use_extended_authentication: on("ExtendedAuthEnabled"),
                shared_secret_reference: None,
                local_identifier: text("LocalIdentifier"),
                remote_identifier: text("RemoteIdentifier"),
            },
            ike_security_association_parameters: association(&associations.ike),
            child_security_association_parameters: association(&associations.child),
            dead_peer_detection_rate: word(
                section,
                "DeadPeerDetectionRate",
                DeadPeerDetectionRate::of_profile,
            )
            .unwrap_or(DeadPeerDetectionRate::Medium),
            server_certificate_issuer_common_name: text("ServerCertificateIssuerCommonName"),
            server_certificate_common_name: text("ServerCertificateCommonName"),
            certificate_type: word(section, "CertificateType", CertificateType::of_profile)
                .unwrap_or(CertificateType::Rsa),
            use_configuration_attribute_internal_ip_subnet: on("UseConfigurationAttributeInternalIPSubnet"),
            disable_mobike: on("DisableMOBIKE"),
            disable_redirect: on("DisableRedirect"),
            enable_pfs: on("EnablePFS"),
            allow_post_quantum_key_exchange_fallback: on("AllowPostQuantumKeyExchangeFallback"),
            enable_revocation_check: on("EnableCertificateRevocationCheck"),
            strict_revocation_check: false,
            minimum_tls_version: tls("TLSMinimumVersion"),
            maximum_tls_version: tls("TLSMaximumVersion"),
            enable_fallback: on("EnableFallback"),
            mtu: read.mtu.and_then(|mtu| u16::try_from(mtu.value).ok()).unwrap_or(DEFAULT_MTU),
            ppk_configuration: ppk,
            trusted_certificates: self.anchors(),
            profile_only: ProfileOnly {
                offers_observed_list: associations.ike.is_observed(),
                enforce_strict_algorithm_selection: on("EnforceStrictAlgorithmSelection"),
                nat_keepalive_interval: read
                    .nat_keepalive_interval
                    .map(|interval| u32::try_from(interval.value).unwrap_or(u32::MAX)),
                nat_keepalive_offload_disabled: section
                    .switch("NATKeepAliveOffloadEnable")
                    .is_some_and(|offload| !offload.value),
            },
        }
    }

    fn ikev1(&mut self, payload: &Payload<'_>, section: &Section<'_>) -> IpsecProtocol {
        let text = |key| section.str(key).map(|text| text.value.to_owned()).filter(|text| !text.is_empty());
        // IKEv1 has it as data; text is taken too.
        match section.bytes("SharedSecret") {
            Some(key) => self.secret(SecretSlot::SharedSecret, Some(key.value)),
            None => self.text_secret(SecretSlot::SharedSecret, section, "SharedSecret"),
        }
        self.text_secret(SecretSlot::Password, section, "XAuthPassword");
        self.identity(section);
        IpsecProtocol {
            base: Protocol {
                server_address: text("RemoteAddress"),
                username: text("XAuthName"),
                proxy_settings: proxies(payload),
                ..Protocol::default()
            },
            // The schema's default.
            authentication_method: word(section, "AuthenticationMethod", AuthenticationMethod::of_profile)
                .unwrap_or(AuthenticationMethod::SharedSecret),
            use_extended_authentication: section.is_on("XAuthEnabled"),
            shared_secret_reference: None,
            local_identifier: text("LocalIdentifier"),
            remote_identifier: None,
        }
    }

    /// The identity that the payload names: its PKCS#12 file and passphrase.
    fn identity(&mut self, section: &Section<'_>) {
        const KEY: &str = "PayloadCertificateUUID";
        let Some(uuid) = section.str(KEY) else { return };
        let found = self.profile.payload_with_uuid(uuid.value);
        let Some(found) = found.filter(|found| found.kind() == Some("com.apple.security.pkcs12")) else {
            self.note(
                section,
                KEY,
                "it names no PKCS#12 payload of this profile: the host must have the identity, set identityReference",
            );
            return;
        };
        self.secret(SecretSlot::IdentityData, found.section.bytes("PayloadContent").map(|data| data.value));
        self.text_secret(SecretSlot::IdentityDataPassword, &found.section, "Password");
    }

    /// The certificates of all root, PKCS#1 and PEM payloads, by which the server is judged.
    fn anchors(&mut self) -> Vec<Vec<u8>> {
        const KINDS: [&str; 3] =
            ["com.apple.security.root", "com.apple.security.pkcs1", "com.apple.security.pem"];
        let mut found = Vec::new();
        for payload in self.profile.payloads() {
            if !payload.kind().is_some_and(|kind| KINDS.contains(&kind)) {
                continue;
            }
            let content = payload.section.bytes("PayloadContent").map(|data| data.value);
            match content.map(read_certificates) {
                Some(Ok(certificates)) => found.extend(certificates.der),
                _ => {
                    let path = payload.section.path_of("PayloadContent").into();
                    let reason =
                        "no certificate can be read from it: the server is not judged by it".to_owned();
                    self.notes.push(Note { path, reason });
                }
            }
        }
        found
    }
}

/// An exclusion: on unless the profile says otherwise.
fn excluded(section: &Section<'_>, key: &str) -> bool {
    section.switch(key).is_none_or(|flag| flag.value)
}

fn word<T>(section: &Section<'_>, key: &str, of: impl Fn(&str) -> Option<T>) -> Option<T> {
    section.str(key).and_then(|word| of(word.value))
}

fn association(found: &adit_profile::ikev2::Association) -> SecurityAssociationParameters {
    let suite = found.suite;
    SecurityAssociationParameters {
        encryption_algorithm: encryption(suite.encryption),
        integrity_algorithm: IntegrityAlgorithm::of_profile(suite.integrity.word())
            .unwrap_or(IntegrityAlgorithm::Sha256),
        diffie_hellman_group: DiffieHellmanGroup::from_raw(suite.group.into())
            .unwrap_or(DiffieHellmanGroup::Invalid),
        lifetime_minutes: found.lifetime_minutes,
        post_quantum_key_exchange_methods: found
            .post_quantum
            .iter()
            .filter_map(|method| PostQuantumKeyExchangeMethod::from_raw((*method).into()))
            .collect(),
    }
}

fn encryption(found: model::EncryptionAlgorithm) -> EncryptionAlgorithm {
    EncryptionAlgorithm::of_profile(found.word()).unwrap_or(EncryptionAlgorithm::Aes256)
}

/// `Proxies` of the payload; `None` when it sets none.
fn proxies(payload: &Payload<'_>) -> Option<ProxySettings> {
    let section = payload.section.sub("Proxies")?;
    let text = |key| section.str(key).map(|text| text.value.to_owned()).filter(|text| !text.is_empty());
    let server = |address: Option<String>, port: &str| {
        let port = section.int(port).and_then(|port| u16::try_from(port.value).ok()).unwrap_or(0);
        Some(ProxyServer::new(address?, port))
    };
    let mut http_server = server(text("HTTPProxy"), "HTTPPort");
    let username = text("HTTPProxyUsername");
    if let (Some(server), Some(_)) = (&mut http_server, &username) {
        server.username = username;
        server.authentication_required = true;
    }
    let domains: Vec<String> =
        section.strings("SupplementalMatchDomains").iter().map(|text| text.value.to_owned()).collect();
    Some(ProxySettings {
        auto_proxy_configuration_enabled: section.is_on("ProxyAutoConfigEnable"),
        proxy_auto_configuration_url: text("ProxyAutoConfigURLString"),
        http_enabled: section.is_on("HTTPEnable"),
        http_server,
        https_enabled: section.is_on("HTTPSEnable"),
        https_server: server(text("HTTPSProxy"), "HTTPSPort"),
        match_domains: section.has("SupplementalMatchDomains").then_some(domains),
        ..ProxySettings::default()
    })
}
