//! From what an app gives to what a client runs with.

use std::net::IpAddr;
use std::time::Duration;

use adit_crypto::Secret;
use adit_driver::client::ClientOptions;
use adit_manager::protocol::Protocol;
use adit_manager::routing::RoutingIntent;
use adit_profile::ikev2::{Authentication, Choice, Ikev2Settings, Which, requirements};
use adit_profile::model::{Payload, Profile, Section};
use adit_profile::{Diagnostic, Document, SecretText, Severity};
use adit_tunnel::plan::{HostIdentity, Overrides, PlanInputs, plan};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::asks::address;
use crate::{AditError, HostAbilities, ProxySettings, SessionOptions};

/// What stands in `overrides_json`; `docs/c-abi.md` says what each member means.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct Given {
    port: u16,
    nat_port: u16,
    ike_lifetime: Option<u64>,
    child_lifetime: Option<u64>,
    liveness: Option<u64>,
    idle: Option<u64>,
    fragment_size: Option<usize>,
    reconnect: bool,
    log_messages: bool,
    /// Only in a library with the test gateway: the session's task panics when it begins to connect.
    #[cfg(feature = "test-gateway")]
    panic_when_connecting: bool,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            port: 500,
            nat_port: 4500,
            ike_lifetime: None,
            child_lifetime: None,
            liveness: None,
            idle: None,
            fragment_size: None,
            reconnect: true,
            log_messages: false,
            #[cfg(feature = "test-gateway")]
            panic_when_connecting: false,
        }
    }
}

/// A profile that can be connected with.
pub(super) struct Plan {
    given: Given,
    settings: Ikev2Settings,
    inputs: PlanInputs,
    pub(super) host: HostAbilities,
    /// What the profile says of routes and proxies, which no tunnel needs and the system is told.
    pub(super) system: SystemSettings,
    /// The server's addresses that the app knows already.
    pub(super) server_addresses: Vec<IpAddr>,
    /// Texts that no log may hold.
    pub(super) secrets: Vec<Zeroizing<String>>,
}

/// What the profile says to the system alone.
#[derive(Clone, Debug, Default)]
pub(super) struct SystemSettings {
    pub(super) routing: RoutingIntent,
    pub(super) proxy: Option<ProxySettings>,
    pub(super) dns: ProfileDns,
}

/// The dictionary DNS.
#[derive(Clone, Debug, Default)]
pub(super) struct ProfileDns {
    /// Resolvers in the clear, in place of the server's; empty where they are over HTTPS or TLS.
    pub(super) servers: Vec<IpAddr>,
    /// SupplementalMatchDomains, where [`Self::servers`] has any.
    pub(super) match_domains: Vec<String>,
    /// SearchDomains, and those that are matched unless SupplementalMatchDomainsNoSearch.
    pub(super) search_domains: Vec<String>,
    /// DNSProtocol, where it is HTTPS or TLS.
    pub(super) encrypted: Option<String>,
}

impl Plan {
    /// Judges the profile, and takes from it and from the app what a tunnel needs.
    ///
    /// # Errors
    /// [`AditError::Profile`] with every reason, [`AditError::Usage`] for what the app gave wrong.
    pub(super) fn of(options: SessionOptions) -> Result<Self, AditError> {
        let SessionOptions { profile, payload, credentials, host, overrides_json, server_addresses } =
            options;
        let server_addresses = server_addresses
            .iter()
            .map(|text| {
                address(text)
                    .ok_or_else(|| AditError::usage(format!("server_addresses: {text} is no address")))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let profile = Zeroizing::new(profile);
        let given: Given = match overrides_json.as_deref().filter(|text| !text.is_empty()) {
            None => Given::default(),
            Some(text) => serde_json::from_str(text)
                .map_err(|error| AditError::usage(format!("overrides_json: {error}")))?,
        };
        let document = Document::read(&profile);
        if let Some(signed) = document.signed()
            && let Some(signer) = signed.signers.iter().find(|signer| signer.verification.is_invalid())
        {
            return Err(AditError::profile(
                format!("the profile is signed, and {}", signer.verification),
                "Get it again from its source.",
            ));
        }
        let model = Profile::of(&document).filter(|_| !document.problems().has_errors());
        let model = model.ok_or_else(|| refused(document.problems().as_slice()))?;
        let host_identity =
            credentials.key_reference.map(|key| HostIdentity { key, chain: credentials.key_certificates });
        let identity_password = credentials.identity_password.map(SecretText::new);
        let which = Which {
            payload: match payload.as_deref() {
                None => Choice::Only,
                Some(text) => text.parse().map_or(Choice::Uuid(text), Choice::Index),
            },
            pkcs12_password: identity_password.as_ref(),
            identity_at_host: host_identity.is_some(),
            for_app: true,
        };
        let settings = requirements(&model, which).map_err(|found| refused(&found))?;
        let payload = model.payloads().iter().find(|payload| payload.index == settings.payload_index);
        let system = payload.map(SystemSettings::of).unwrap_or_default();
        let mut secrets: Vec<Zeroizing<String>> = Vec::new();
        secrets.extend(credentials.password.clone().map(Zeroizing::new));
        secrets.extend(identity_password.as_ref().map(|text| Zeroizing::new(text.expose().to_owned())));
        match &settings.authentication {
            Authentication::SharedSecret(secret) => {
                secrets.extend(String::from_utf8(secret.expose().to_vec()).ok().map(Zeroizing::new));
            }
            Authentication::Eap(eap) => {
                secrets.extend(eap.password.as_ref().map(|text| Zeroizing::new(text.expose().to_owned())));
            }
            Authentication::Certificate(_) | Authentication::CertificateAtHost => {}
        }
        let seconds = |seconds: Option<u64>| seconds.map(Duration::from_secs);
        let inputs = PlanInputs {
            username: credentials.username,
            password: credentials.password.map(|text| Secret::new(text.into_bytes())),
            overrides: Overrides {
                ike_lifetime: seconds(given.ike_lifetime),
                child_lifetime: seconds(given.child_lifetime),
                liveness: seconds(given.liveness),
                idle: seconds(given.idle),
                fragment_size: given.fragment_size,
            },
            log_messages: given.log_messages,
            asks_password: host.asks_password,
            judges_chains: host.judges_chains,
            host_identity,
            ..PlanInputs::default()
        };
        Ok(Self { given, settings, inputs, host, system, server_addresses, secrets })
    }

    /// Whether a test wants the session's task to panic when it begins to connect.
    #[cfg(feature = "test-gateway")]
    pub(super) fn panics_when_connecting(&self) -> bool {
        self.given.panic_when_connecting
    }

    /// What the profile's author should know.
    pub(super) fn warnings(&self) -> impl Iterator<Item = &str> {
        self.settings.warnings.iter().map(|warning| warning.message.as_str())
    }

    /// The client's options. The system's trust anchors are read where the profile brings none.
    ///
    /// # Errors
    /// [`AditError::Credentials`] or [`AditError::Profile`]: something is still missing.
    pub(super) fn options(mut self) -> Result<ClientOptions, AditError> {
        let by_certificate = !matches!(self.settings.authentication, Authentication::SharedSecret(_));
        if by_certificate && self.settings.server.anchors.is_empty() && !self.host.judges_chains {
            match adit_driver::trust::system_anchors() {
                Ok(anchors) => self.inputs.system_anchors = anchors,
                // The plan says what is missing.
                Err(error) => tracing::info!(%error, "no trust store"),
            }
        }
        let provider = adit_crypto::compact_provider();
        let mut tunnel = plan(&self.settings, &self.inputs, &provider)?;
        tunnel.routes.include_all_networks = self.system.routing.include_all_networks;
        tunnel.resolvers = self.system.dns.servers;
        Ok(ClientOptions {
            server: self.settings.remote_address,
            server_ports: (self.given.port, self.given.nat_port),
            local_ports: (0, 0),
            mark: None,
            tunnel,
            provider,
            reconnect: self.given.reconnect,
        })
    }
}

/// The reasons why a profile makes no tunnel, as one error.
fn refused(found: &[Diagnostic]) -> AditError {
    let errors = found.iter().filter(|found| found.severity == Severity::Error);
    let lines: Vec<String> = errors
        .map(|found| match &found.help {
            Some(help) => format!("{} ({help})", found.message),
            None => found.message.clone(),
        })
        .collect();
    AditError::profile(lines.join("; "), "validate() says where in the profile.")
}

impl SystemSettings {
    fn of(payload: &Payload<'_>) -> Self {
        let Some(settings) = payload.settings() else { return Self::default() };
        let proxies = payload.section.sub("Proxies");
        let proxy = proxies.and_then(|proxies| {
            let text = |key: &str| {
                proxies.str(key).map(|found| found.value.to_owned()).filter(|text| !text.is_empty())
            };
            let server = |on: &str, host: &str, port: &str| {
                let host = text(host).filter(|_| proxies.is_on(on))?;
                Some(match proxies.int(port) {
                    Some(port) => format!("{host}:{}", port.value),
                    None => host,
                })
            };
            let automatic = proxies.is_on("ProxyAutoConfigEnable");
            let proxy = ProxySettings {
                pac_url: text("ProxyAutoConfigURLString").filter(|_| automatic),
                http: server("HTTPEnable", "HTTPProxy", "HTTPPort"),
                https: server("HTTPSEnable", "HTTPSProxy", "HTTPSPort"),
                match_domains: proxies
                    .strings("SupplementalMatchDomains")
                    .iter()
                    .map(|domain| domain.value.to_owned())
                    .collect(),
            };
            (proxy != ProxySettings::default()).then_some(proxy)
        });
        // Apple's default: a phone leaves the local network outside, a Mac does not.
        let defaults = if cfg!(target_os = "macos") { Protocol::for_desktop() } else { Protocol::default() };
        let local = settings.switch("ExcludeLocalNetworks");
        let routing = RoutingIntent {
            include_all_networks: settings.is_on("IncludeAllNetworks"),
            enforce_routes: settings.is_on("EnforceRoutes"),
            exclude_local_networks: local.map_or(defaults.exclude_local_networks, |flag| flag.value),
            ..RoutingIntent::of(&defaults)
        };
        Self {
            routing,
            proxy,
            dns: payload.section.sub("DNS").map(|dns| ProfileDns::of(&dns)).unwrap_or_default(),
        }
    }
}

impl ProfileDns {
    fn of(dns: &Section<'_>) -> Self {
        let texts = |key: &str| -> Vec<String> {
            let found = dns.strings(key).into_iter().map(|text| text.value.trim().to_owned());
            found.filter(|text| !text.is_empty()).collect()
        };
        let protocol = dns.str("DNSProtocol").map(|protocol| protocol.value.to_owned());
        let encrypted = protocol.filter(|protocol| protocol != "Cleartext");
        let mut servers: Vec<IpAddr> = Vec::new();
        if encrypted.is_none() {
            for server in texts("ServerAddresses").iter().filter_map(|text| address(text)) {
                if !servers.contains(&server) {
                    servers.push(server);
                }
            }
        }
        let mut search_domains = texts("SearchDomains");
        let mut match_domains = Vec::new();
        if !servers.is_empty() {
            const MATCH: &str = "SupplementalMatchDomains";
            match_domains = texts(MATCH);
            if !dns.is_on("SupplementalMatchDomainsNoSearch") {
                search_domains.extend(match_domains.iter().cloned());
            }
            // An empty one matches every name, whatever stands beside it (`NEDNSSettings.matchDomains`).
            if dns.strings(MATCH).iter().any(|domain| domain.value.trim().is_empty()) {
                match_domains.clear();
            }
        }
        Self { servers, match_domains, search_domains, encrypted }
    }
}

#[cfg(test)]
mod tests {
    use super::Given;
    use crate::c_abi::reference::{defaults, takes};

    #[test]
    fn the_overrides_are_told_with_their_types_and_defaults() {
        takes::<Given>("Overrides");
        assert_eq!(serde_json::from_value::<Given>(defaults("Overrides")).unwrap(), Given::default());
    }
}
