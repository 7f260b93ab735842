//! Apple's 221 symbols of Personal VPN, each with its counterpart in this crate: `symbols.tsv` beside the manifest, for
//! the documentation.
//!
//! A counterpart is named by code that compiles only while it exists; raw values and defaults are compared with the
//! table of facts. With `ADIT_REGENERATE` set the file is written anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use adit_manager::connection::{START_OPTION_PASSWORD, START_OPTION_USERNAME};
use adit_manager::error::{CONNECTION_ERROR_DOMAIN, VPN_ERROR_DOMAIN};
use adit_manager::on_demand::{
    EvaluateConnectionRule, EvaluateConnectionRuleAction, OnDemandRule, OnDemandRuleAction,
    OnDemandRuleInterfaceType, OnDemandRuleKind,
};
use adit_manager::protocol::{
    AuthenticationMethod, CertificateType, DeadPeerDetectionRate, DiffieHellmanGroup, EncryptionAlgorithm,
    Ikev2Protocol, IntegrityAlgorithm, IpsecProtocol, PostQuantumKeyExchangeMethod, PpkConfiguration,
    Protocol, ProxyServer, ProxySettings, SecurityAssociationParameters, TlsVersion,
};
use adit_manager::routing::Platform;
use adit_manager::{
    CONFIGURATION_CHANGE_NOTIFICATION, Configuration, ConnectionError, STATUS_DID_CHANGE_NOTIFICATION,
    SecretReference, SecretSlot, Status, System, SystemOptions, Tunnels, VpnErrorCode,
};

/// Why a symbol has no counterpart of its own. The list is closed.
#[derive(Clone, Copy)]
enum Reason {
    /// An old name of another symbol, which has one.
    OldName,
    /// It is about rights on the machine, which the host's store has; there is nothing to model.
    HostsRights,
}

impl Reason {
    fn word(self) -> &'static str {
        match self {
            Self::OldName => "old-name",
            Self::HostsRights => "hosts-rights",
        }
    }
}

/// What stands for a symbol.
enum Counterpart {
    Path { path: String, value: Option<String> },
    None(Reason),
}

/// A default, as the table of facts writes it.
trait Shown {
    fn shown(&self) -> String;
}

impl Shown for bool {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for u16 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for u32 {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl<T> Shown for Option<T> {
    fn shown(&self) -> String {
        if self.is_none() { "nil" } else { "set" }.to_owned()
    }
}

impl<T> Shown for Vec<T> {
    fn shown(&self) -> String {
        if self.is_empty() { "empty" } else { "filled" }.to_owned()
    }
}

/// What an enumeration gives to the table: its Rust name, and each case with its Rust name and raw value.
type Cases = (String, Vec<(&'static str, String, i64)>);

macro_rules! enumerations {
    ($found:ident: $($name:ident),* $(,)?) => {
        $(
            impl Shown for $name {
                fn shown(&self) -> String {
                    self.swift_name().to_owned()
                }
            }
        )*

        fn $found() -> BTreeMap<&'static str, Cases> {
            let mut found = BTreeMap::new();
            $(
                let cases = $name::ALL.iter().map(|case| (case.swift_name(), format!("{case:?}"), case.raw()));
                found.insert($name::APPLE_NAME, (stringify!($name).to_owned(), cases.collect()));
            )*
            found
        }
    };
}

enumerations!(enumerations: AuthenticationMethod, CertificateType, ConnectionError, DeadPeerDetectionRate, DiffieHellmanGroup,
    EncryptionAlgorithm, EvaluateConnectionRuleAction, IntegrityAlgorithm, OnDemandRuleAction, OnDemandRuleInterfaceType,
    PostQuantumKeyExchangeMethod, Status, TlsVersion, VpnErrorCode);

/// A list of symbols of one class, each with what stands for it.
macro_rules! class {
    ($all:ident, $class:literal = $type:ident {
        $(fields of ($of:expr) { $($property:literal = $field:ident,)* })?
        $(methods { $($method_symbol:literal = $method:path,)* })?
        $(plain { $($plain_symbol:literal = $plain:path,)* })?
    }) => {
        let _ = std::mem::size_of::<$type>();
        $all.insert(($class, $class), path(stringify!($type)));
        $(
            let object: $type = $of;
            $(
                let value = Some(object.$field.shown());
                let at = format!("{}.{}", stringify!($type), stringify!($field));
                $all.insert(($class, $property), Counterpart::Path { path: at, value });
            )*
        )?
        $($(
            let _ = $method;
            $all.insert(($class, $method_symbol), path(stringify!($method)));
        )*)?
        $($(
            let _ = $plain;
            $all.insert(($class, $plain_symbol), path(stringify!($plain)));
        )*)?
    };
}

fn path(text: &str) -> Counterpart {
    Counterpart::Path { path: text.replace(' ', ""), value: None }
}

/// Fields without a documented default: shown, never compared.
impl Shown for String {
    fn shown(&self) -> String {
        self.clone()
    }
}

impl Shown for SecurityAssociationParameters {
    fn shown(&self) -> String {
        String::new()
    }
}

impl Shown for OnDemandRuleKind {
    fn shown(&self) -> String {
        String::new()
    }
}

fn counterparts() -> BTreeMap<(&'static str, &'static str), Counterpart> {
    let mut all = BTreeMap::new();
    class!(all, "NEVPNManager" = Configuration {
        fields of (Configuration::default()) {
            "isEnabled" = is_enabled,
            "protocolConfiguration" = protocol_configuration,
            "localizedDescription" = localized_description,
            "isOnDemandEnabled" = is_on_demand_enabled,
            "onDemandRules" = on_demand_rules,
        }
        methods {
            "shared()" = System::shared,
            "loadFromPreferences(completionHandler:)" = System::load,
            "saveToPreferences(completionHandler:)" = System::save,
            "removeFromPreferences(completionHandler:)" = System::remove,
            "connection" = System::status,
        }
        plain {
            "NEVPNErrorDomain" = VPN_ERROR_DOMAIN,
            "NSNotification.Name.NEVPNConfigurationChange" = CONFIGURATION_CHANGE_NOTIFICATION,
        }
    });
    all.insert(("NEVPNManager", "protocol"), Counterpart::None(Reason::OldName));
    all.insert(("NEVPNManager", "setAuthorization(_:)"), Counterpart::None(Reason::HostsRights));
    class!(all, "NEVPNProtocol" = Protocol {
        fields of (Protocol::default()) {
            "serverAddress" = server_address,
            "username" = username,
            "passwordReference" = password_reference,
            "identityReference" = identity_reference,
            "disconnectOnSleep" = disconnect_on_sleep,
            "proxySettings" = proxy_settings,
            "includeAllNetworks" = include_all_networks,
            "excludeLocalNetworks" = exclude_local_networks,
            "excludeCellularServices" = exclude_cellular_services,
            "excludeAPNs" = exclude_apns,
            "excludeDeviceCommunication" = exclude_device_communication,
            "enforceRoutes" = enforce_routes,
            "sliceUUID" = slice_uuid,
        }
        plain {
            "identityData" = SecretSlot::IdentityData,
            "identityDataPassword" = SecretSlot::IdentityDataPassword,
        }
    });
    class!(all, "NEVPNProtocolIPSec" = IpsecProtocol {
        fields of (IpsecProtocol::default()) {
            "authenticationMethod" = authentication_method,
            "useExtendedAuthentication" = use_extended_authentication,
            "sharedSecretReference" = shared_secret_reference,
            "localIdentifier" = local_identifier,
            "remoteIdentifier" = remote_identifier,
        }
    });
    class!(all, "NEVPNProtocolIKEv2" = Ikev2Protocol {
        fields of (Ikev2Protocol::default()) {
            "ikeSecurityAssociationParameters" = ike_security_association_parameters,
            "childSecurityAssociationParameters" = child_security_association_parameters,
            "deadPeerDetectionRate" = dead_peer_detection_rate,
            "serverCertificateIssuerCommonName" = server_certificate_issuer_common_name,
            "serverCertificateCommonName" = server_certificate_common_name,
            "certificateType" = certificate_type,
            "useConfigurationAttributeInternalIPSubnet" = use_configuration_attribute_internal_ip_subnet,
            "disableMOBIKE" = disable_mobike,
            "disableRedirect" = disable_redirect,
            "enablePFS" = enable_pfs,
            "allowPostQuantumKeyExchangeFallback" = allow_post_quantum_key_exchange_fallback,
            "enableRevocationCheck" = enable_revocation_check,
            "strictRevocationCheck" = strict_revocation_check,
            "minimumTLSVersion" = minimum_tls_version,
            "maximumTLSVersion" = maximum_tls_version,
            "enableFallback" = enable_fallback,
            "mtu" = mtu,
            "ppkConfiguration" = ppk_configuration,
        }
    });
    class!(all, "NEVPNIKEv2SecurityAssociationParameters" = SecurityAssociationParameters {
        fields of (SecurityAssociationParameters::ike()) {
            "encryptionAlgorithm" = encryption_algorithm,
            "integrityAlgorithm" = integrity_algorithm,
            "diffieHellmanGroup" = diffie_hellman_group,
            "lifetimeMinutes" = lifetime_minutes,
            "postQuantumKeyExchangeMethods" = post_quantum_key_exchange_methods,
        }
    });
    class!(all, "NEVPNIKEv2PPKConfiguration" = PpkConfiguration {
        fields of (PpkConfiguration::new("id", SecretReference(vec![1]))) {
            "identifier" = identifier,
            "keychainReference" = keychain_reference,
            "isMandatory" = is_mandatory,
        }
    });
    // Called above; functions with a generic argument cannot be named without one.
    all.insert(
        ("NEVPNIKEv2PPKConfiguration", "init(identifier:keychainReference:)"),
        path("PpkConfiguration::new"),
    );
    all.insert(("NEProxyServer", "init(address:port:)"), path("ProxyServer::new"));
    class!(all, "NEVPNConnection" = System {
        methods {
            "startVPNTunnel()" = System::start,
            "startVPNTunnel(options:)" = System::start,
            "stopVPNTunnel()" = System::stop,
            "fetchLastDisconnectError(completionHandler:)" = System::last_disconnect,
            "status" = System::status,
            "connectedDate" = System::connected_date,
            "manager" = System::key,
        }
        plain {
            "NEVPNConnectionStartOptionUsername" = START_OPTION_USERNAME,
            "NEVPNConnectionStartOptionPassword" = START_OPTION_PASSWORD,
            "NEVPNConnectionErrorDomain" = CONNECTION_ERROR_DOMAIN,
            "NSNotification.Name.NEVPNStatusDidChange" = STATUS_DID_CHANGE_NOTIFICATION,
        }
    });
    class!(all, "NEOnDemandRule" = OnDemandRule {
        fields of (OnDemandRule::connect()) {
            "dnsSearchDomainMatch" = dns_search_domain_match,
            "dnsServerAddressMatch" = dns_server_address_match,
            "interfaceTypeMatch" = interface_type_match,
            "ssidMatch" = ssid_match,
            "probeURL" = probe_url,
        }
        methods { "action" = OnDemandRule::action, }
    });
    for (class, kind, _) in [
        ("NEOnDemandRuleConnect", "OnDemandRuleKind::Connect", OnDemandRuleKind::Connect),
        ("NEOnDemandRuleDisconnect", "OnDemandRuleKind::Disconnect", OnDemandRuleKind::Disconnect),
        ("NEOnDemandRuleIgnore", "OnDemandRuleKind::Ignore", OnDemandRuleKind::Ignore),
        (
            "NEOnDemandRuleEvaluateConnection",
            "OnDemandRuleKind::EvaluateConnection",
            OnDemandRuleKind::EvaluateConnection(Vec::new()),
        ),
    ] {
        all.insert((class, class), path(kind));
    }
    let _ = (
        OnDemandRule::connect,
        OnDemandRule::disconnect,
        OnDemandRule::ignore,
        OnDemandRule::evaluate_connection,
    );
    all.insert(("NEOnDemandRuleConnect", "init()"), path("OnDemandRule::connect"));
    all.insert(("NEOnDemandRuleDisconnect", "init()"), path("OnDemandRule::disconnect"));
    all.insert(("NEOnDemandRuleIgnore", "init()"), path("OnDemandRule::ignore"));
    all.insert(("NEOnDemandRuleEvaluateConnection", "init()"), path("OnDemandRule::evaluate_connection"));
    let value = Some(OnDemandRule::connect().connection_rules().shown());
    let connection_rules = Counterpart::Path { path: "OnDemandRule::connection_rules".into(), value };
    all.insert(("NEOnDemandRuleEvaluateConnection", "connectionRules"), connection_rules);
    class!(all, "NEEvaluateConnectionRule" = EvaluateConnectionRule {
        fields of (EvaluateConnectionRule::new(vec!["a".into()], EvaluateConnectionRuleAction::NeverConnect)) {
            "action" = action,
            "matchDomains" = match_domains,
            "useDNSServers" = use_dns_servers,
            "probeURL" = probe_url,
        }
        methods { "init(matchDomains:andAction:)" = EvaluateConnectionRule::new, }
    });
    class!(all, "NEProxySettings" = ProxySettings {
        fields of (ProxySettings::default()) {
            "autoProxyConfigurationEnabled" = auto_proxy_configuration_enabled,
            "proxyAutoConfigurationURL" = proxy_auto_configuration_url,
            "proxyAutoConfigurationJavaScript" = proxy_auto_configuration_javascript,
            "httpEnabled" = http_enabled,
            "httpServer" = http_server,
            "httpsEnabled" = https_enabled,
            "httpsServer" = https_server,
            "excludeSimpleHostnames" = exclude_simple_hostnames,
            "exceptionList" = exception_list,
            "matchDomains" = match_domains,
        }
    });
    class!(all, "NEProxyServer" = ProxyServer {
        fields of (ProxyServer::new("a", 1)) {
            "address" = address,
            "port" = port,
            "authenticationRequired" = authentication_required,
            "username" = username,
            "password" = password_reference,
        }
    });
    all
}

/// A row of the table of facts.
struct Row {
    class: String,
    kind: String,
    swift: String,
    objc: String,
    raw: String,
    default: String,
}

fn shared() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let folder = std::env::var_os("ADIT_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("left out: Apple's symbols (no shared folder at {}; set ADIT_SHARED)", folder.display());
    None
}

fn rows(shared: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(shared.join("reference/personal-vpn-api.tsv")).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("personal-vpn\t"));
    let row = |line: &str| {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        Row {
            class: cells[1].clone(),
            kind: cells[2].clone(),
            swift: cells[3].clone(),
            objc: cells[4].clone(),
            raw: cells[5].clone(),
            default: cells[6].clone(),
        }
    };
    lines.map(row).collect()
}

/// Whether a default is the one that the table documents; its cells say more than the value.
fn agrees(documented: &str, ours: &str) -> bool {
    let starts = documented.strip_prefix(ours).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    starts || (documented == "(profile default 1280)" && ours == "1280")
}

/// The counterpart of a row, checked: path or `-`, reason or `-`.
fn judge(
    row: &Row,
    all: &mut BTreeMap<(&'static str, &'static str), Counterpart>,
    enumerations: &BTreeMap<&'static str, Cases>,
) -> Result<(String, &'static str), String> {
    if row.kind.ends_with("enum") || row.kind.ends_with("case") {
        let (name, cases) =
            enumerations.get(row.class.as_str()).ok_or(format!("no enumeration {}", row.class))?;
        if row.kind.ends_with("enum") {
            return Ok((name.clone(), "-"));
        }
        let (_, case, raw) = cases
            .iter()
            .find(|(swift, ..)| *swift == row.swift)
            .ok_or(format!("no case {} {}", row.class, row.swift))?;
        if raw.to_string() != row.raw {
            return Err(format!("{} {}: {raw}, documented {}", row.class, row.swift, row.raw));
        }
        return Ok((format!("{name}::{case}"), "-"));
    }
    let key = all.keys().find(|(class, swift)| *class == row.class && *swift == row.swift).copied();
    match key.and_then(|key| all.remove(&key)) {
        None => Err(format!("{} {} has no counterpart", row.class, row.swift)),
        Some(Counterpart::None(reason)) => Ok(("-".into(), reason.word())),
        Some(Counterpart::Path { path, value }) => match value {
            Some(ours) if !row.default.is_empty() && !agrees(&row.default, &ours) => {
                Err(format!("{} {}: {ours}, documented {}", row.class, row.swift, row.default))
            }
            _ => Ok((path, "-")),
        },
    }
}

#[test]
fn every_symbol_of_personal_vpn_has_a_counterpart_with_its_raw_value_and_default() {
    let Some(shared) = shared() else { return };
    let rows = rows(&shared);
    assert_eq!(rows.len(), 221);
    let mut all = counterparts();
    let enumerations = enumerations();
    let cases: usize = enumerations.values().map(|(_, cases)| cases.len()).sum();
    let mut table = String::from("class_or_type\tkind\tswift_name\tobjc_name\trust\treason\n");
    let mut wrong = Vec::new();
    for row in &rows {
        match judge(row, &mut all, &enumerations) {
            Ok((path, reason)) => {
                let Row { class, kind, swift, objc, .. } = row;
                writeln!(table, "{class}\t{kind}\t{swift}\t{objc}\t{path}\t{reason}").unwrap();
            }
            Err(error) => wrong.push(error),
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(all.keys().collect::<Vec<_>>(), Vec::<&(&str, &str)>::new(), "Apple has no such symbol");
    let rows_of_cases = rows.iter().filter(|row| row.kind.ends_with("case")).count();
    assert_eq!(cases, rows_of_cases, "no case is here that Apple does not have");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("symbols.tsv");
    if std::env::var_os("ADIT_REGENERATE").is_some() {
        std::fs::write(&file, &table).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written, table, "symbols.tsv is old: run this test with ADIT_REGENERATE=1");
}

#[test]
fn defaults_that_differ_by_platform_or_by_object_are_there_too() {
    assert!(!Protocol::for_desktop().exclude_local_networks, "macOS");
    assert_eq!(SecurityAssociationParameters::child().lifetime_minutes, 30);
    assert_eq!(Ikev2Protocol::default().child_security_association_parameters.lifetime_minutes, 30);
    assert_eq!(Ikev2Protocol::default().ike_security_association_parameters.lifetime_minutes, 60);
}

#[test]
fn a_new_system_has_what_a_new_manager_has() {
    let mut system = System::new(SystemOptions {
        app: "com.example.app".into(),
        platform: Platform::Linux,
        tunnels: Tunnels::One,
        accepts_traffic_outside: false,
        unix_epoch: 0,
    });
    let manager = system.shared();
    assert_eq!(system.status(manager), Status::Invalid);
    assert_eq!(system.connected_date(manager), None);
    assert_eq!(system.last_disconnect(manager), None);
    assert_eq!(system.configuration(manager), Some(&Configuration::default()));
    assert_eq!(system.poll_event(), None);
}

#[test]
fn names_are_those_of_the_headers() {
    assert_eq!(VPN_ERROR_DOMAIN, "NEVPNErrorDomain");
    assert_eq!(CONNECTION_ERROR_DOMAIN, "NEVPNConnectionErrorDomain");
    assert_eq!(START_OPTION_USERNAME, "NEVPNConnectionStartOptionUsername");
    assert_eq!(START_OPTION_PASSWORD, "NEVPNConnectionStartOptionPassword");
    assert_eq!(CONFIGURATION_CHANGE_NOTIFICATION, "NEVPNConfigurationChangeNotification");
    assert_eq!(STATUS_DID_CHANGE_NOTIFICATION, "NEVPNStatusDidChangeNotification");
}
