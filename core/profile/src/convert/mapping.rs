//! The one table of what becomes what: a key of a VPN payload, and its place in a declaration of 27.0.
//!
//! Both directions read it. Source: Apple's device-management schema, 27.0 seed, declarations `network.vpn.ikev2`,
//! `network.vpn.ipsec`, `network.vpn.vpn-plugin` and `network.vpn.always-on`.

use crate::gather::Gather as _;
use serde::Serialize;

/// What every declaration's `Type` starts with.
const TYPE_PREFIX: &str = "com.apple.configuration.network.vpn.";

/// The VPN declarations.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeclarationKind {
    /// `com.apple.configuration.network.vpn.ikev2`.
    Ikev2,
    /// `com.apple.configuration.network.vpn.ipsec`.
    Ipsec,
    /// `com.apple.configuration.network.vpn.vpn-plugin`.
    VpnPlugin,
    /// `com.apple.configuration.network.vpn.always-on`.
    AlwaysOn,
}

impl DeclarationKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ikev2, Self::Ipsec, Self::VpnPlugin, Self::AlwaysOn];

    /// `Type`.
    #[must_use]
    pub fn declaration_type(self) -> String {
        format!("{TYPE_PREFIX}{}", self.suffix())
    }

    /// The kind of a `Type`.
    #[must_use]
    pub fn of_type(declaration_type: &str) -> Option<Self> {
        let suffix = declaration_type.strip_prefix(TYPE_PREFIX)?;
        Self::ALL.into_iter().find(|kind| kind.suffix() == suffix)
    }

    /// The declaration for a `VPNType` (see [`crate::model::Payload::vpn_type`]); `None` where there is none.
    #[must_use]
    pub fn of_vpn_type(vpn_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.vpn_type() == vpn_type)
    }

    /// The `VPNType` of the payload, which is also the name of its dictionary.
    #[must_use]
    pub fn vpn_type(self) -> &'static str {
        match self {
            Self::Ikev2 => "IKEv2",
            Self::Ipsec => "IPSec",
            Self::VpnPlugin => "VPN",
            Self::AlwaysOn => "AlwaysOn",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Ikev2 => "ikev2",
            Self::Ipsec => "ipsec",
            Self::VpnPlugin => "vpn-plugin",
            Self::AlwaysOn => "always-on",
        }
    }

    /// Every key that is carried: its path in the payload, and its path in the declaration's `Payload`. The keys of a
    /// tunnel of Always On start with `AlwaysOn.TunnelConfigurations[]` and `TunnelConfigurations[]`.
    #[must_use]
    pub fn keys(self) -> Vec<(String, String)> {
        let settings = format!("{}.", self.vpn_type());
        let rows = self.tables().iter().copied().flatten();
        let mut keys: Vec<_> = rows.map(|row| (row.profile_path(&settings), row.to.to_owned())).gather();
        if self == Self::AlwaysOn {
            let (inner, ikev2) = TUNNEL_IKEV2;
            let (profile, declaration) = ("AlwaysOn.TunnelConfigurations[].", "TunnelConfigurations[].");
            keys.extend(
                TUNNEL
                    .iter()
                    .map(|row| (format!("{profile}{}", row.key), format!("{declaration}{}", row.to))),
            );
            keys.extend(
                ikev2
                    .iter()
                    .map(|row| (format!("{profile}{}", row.key), format!("{declaration}{inner}.{}", row.to))),
            );
        }
        keys
    }

    /// The tables of its keys.
    pub(crate) fn tables(self) -> &'static [&'static [Row]] {
        match self {
            Self::Ikev2 => &[VISIBLE, IKEV2, ROUTING, DNS, PROXIES],
            Self::Ipsec => &[VISIBLE, IPSEC, DNS, PROXIES],
            Self::VpnPlugin => &[VISIBLE, PLUGIN, ROUTING, DNS, PROXIES],
            Self::AlwaysOn => &[VISIBLE, ALWAYS_ON, DNS, PROXIES],
        }
    }
}

/// Where the profile's key path starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum From {
    /// At the payload.
    Payload,
    /// At the dictionary of its `VPNType`, or at one tunnel of Always On.
    Settings,
}

/// How a value is written on either side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// Any text.
    Text,
    /// One of these words in a declaration.
    Words(&'static [&'static str]),
    /// 0 or 1 in a profile, a boolean in a declaration.
    Flag,
    /// A boolean on both sides.
    Switch,
    /// A number of this range.
    Range(i64, i64),
    /// One of these numbers.
    Numbers(&'static [i64]),
    /// An array of texts.
    Texts,
    /// An array of these words.
    WordList(&'static [&'static str]),
    /// An array of at most so many of these numbers.
    NumberList(usize, &'static [i64]),
    /// Data in a profile, Base64 in a declaration; a secret.
    SecretData,
    /// The same dictionaries on both sides, as the schema of this key in `com.apple.vpn.managed` describes them.
    Tree(&'static str),
    /// A secret, and perhaps the key of its user name, in a profile; the name of an asset in a declaration.
    Credentials(&'static str, Option<&'static str>),
    /// The UUID of an identity's payload in a profile; the name of an asset in a declaration.
    Identity,
    /// A bundle identifier, and the key of its designated requirement; in a declaration both in one text.
    Composed(&'static str),
    /// The tunnels of Always On.
    Tunnels,
}

/// One key on both sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Where `key` starts.
    pub(crate) from: From,
    /// The key path in the profile.
    pub(crate) key: &'static str,
    /// The key path in the declaration's `Payload`.
    pub(crate) to: &'static str,
    /// How its value is written.
    pub(crate) shape: Shape,
    /// Whether a declaration needs it wherever it has the dictionary around it.
    pub(crate) required: bool,
    /// What a missing key means, in both.
    pub(crate) default: Option<&'static str>,
}

impl Row {
    /// The key path in the profile, given the path of the settings (with its dot at the end, or empty).
    pub(crate) fn profile_path(&self, settings: &str) -> String {
        match self.from {
            From::Payload => self.key.to_owned(),
            From::Settings => format!("{settings}{}", self.key),
        }
    }

    /// The other key that the row speaks for, as a path in the profile.
    pub(crate) fn companion(&self, settings: &str) -> Option<String> {
        let other = match self.shape {
            Shape::Credentials(_, user) => user?,
            Shape::Composed(requirement) => requirement,
            _ => return None,
        };
        let path = self.profile_path(settings);
        Some(match path.rfind('.') {
            Some(dot) => format!("{}.{other}", path.get(..dot).unwrap_or_default()),
            None => other.to_owned(),
        })
    }
}

const fn row(key: &'static str, to: &'static str, shape: Shape) -> Row {
    Row { from: From::Settings, key, to, shape, required: false, default: None }
}

const fn outer(key: &'static str, to: &'static str, shape: Shape) -> Row {
    Row { from: From::Payload, key, to, shape, required: false, default: None }
}

impl Row {
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
}

use Shape::{
    Composed, Credentials, Flag, Identity, NumberList, Numbers, Range, SecretData, Switch, Text, Texts, Tree,
    Tunnels, WordList, Words,
};

const TLS: Shape = Words(&["1.0", "1.1", "1.2", "1.3"]);
const CIPHERS: Shape = Words(&["AES-128", "AES-256", "AES-128-GCM", "AES-256-GCM", "ChaCha20Poly1305"]);
const INTEGRITY: Shape = Words(&["SHA2-256", "SHA2-384", "SHA2-512"]);
const GROUPS: Shape = Numbers(&[14, 15, 16, 17, 18, 19, 20, 21, 31, 32]);
const POST_QUANTUM: Shape = NumberList(7, &[0, 36, 37]);
const SECONDS: Shape = Range(0, i64::MAX);
const PORT: Shape = Range(0, 65_535);
const PROVIDERS: Shape = Words(&["packet-tunnel", "app-proxy"]);
const RULES: Shape = Tree("VPN.OnDemandRules");

const VISIBLE: &[Row] = &[outer("UserDefinedName", "VisibleName", Text).required()];

#[rustfmt::skip]
const IKEV2: &[Row] = &[
    row("RemoteAddress", "HostName", Text).required(),
    row("LocalIdentifier", "LocalIdentifier", Text).required(),
    row("RemoteIdentifier", "RemoteIdentifier", Text).required(),
    row("AuthenticationMethod", "Authentication.Method", Words(&["None", "SharedSecret", "Certificate"])).required(),
    row("SharedSecret", "Authentication.CredentialsAssetReference", Credentials("shared-secret", None)),
    row("CertificateType", "Authentication.IdentityCertificateType",
        Words(&["RSA", "ECDSA256", "ECDSA384", "ECDSA521", "RSA-PSS"])).or("RSA"),
    row("PayloadCertificateUUID", "Authentication.IdentityAssetReference", Identity),
    row("ExtendedAuthEnabled", "Authentication.ExtendedAuth.Enabled", Flag).or("0"),
    row("AuthPassword", "Authentication.ExtendedAuth.CredentialsAssetReference", Credentials("eap", Some("AuthName"))),
    row("ServerCertificateIssuerCommonName", "Authentication.ExtendedAuth.ServerCertificateIssuerCommonName", Text),
    row("ServerCertificateCommonName", "Authentication.ExtendedAuth.ServerCertificateCommonName", Text),
    row("TLSMinimumVersion", "Authentication.ExtendedAuth.TLSMinimumVersion", TLS).or("1.0"),
    row("TLSMaximumVersion", "Authentication.ExtendedAuth.TLSMaximumVersion", TLS).or("1.2"),
    row("ProviderType", "Provider.Type", PROVIDERS).or("packet-tunnel"),
    row("ProviderBundleIdentifier", "Provider.ComposedIdentifier", Composed("ProviderDesignatedRequirement")),
    row("DisconnectOnIdle", "Idle.Disconnect", Flag).or("0"),
    row("DisconnectOnIdleTimer", "Idle.Timer", SECONDS),
    row("DeadPeerDetectionRate", "Idle.DeadPeerDetectionRate", Words(&["None", "Low", "Medium", "High"])).or("Medium"),
    row("OnDemandEnabled", "OnDemand.Enabled", Flag).or("0"),
    row("OnDemandUserOverrideDisabled", "OnDemand.DisableUserOverride", Flag).or("0"),
    row("OnDemandRules", "OnDemand.Rules", RULES),
    row("UseConfigurationAttributeInternalIPSubnet", "UseConfigurationAttributeInternalIPSubnet", Flag).or("0"),
    row("DisableMOBIKE", "DisableMOBIKE", Flag).or("0"),
    row("DisableRedirect", "DisableRedirect", Flag).or("0"),
    row("EnablePFS", "EnablePFS", Flag).or("0"),
    row("EnableCertificateRevocationCheck", "EnableCertificateRevocationCheck", Flag).or("0"),
    row("EnableFallback", "EnableFallback", Flag).or("0"),
    row("EnforceStrictAlgorithmSelection", "EnforceStrictAlgorithmSelection", Flag).or("0"),
    row("NATKeepAliveOffloadEnable", "EnableNATKeepAliveOffload", Flag).or("1"),
    row("NATKeepAliveInterval", "NATKeepAliveInterval", Range(20, i64::MAX)).or("20"),
    row("MTU", "MTU", Range(1280, 1400)).or("1280"),
    row("PPK", "PostQuantumKeyExchange.PPK", SecretData),
    row("PPKIdentifier", "PostQuantumKeyExchange.PPKIdentifier", Text),
    row("PPKMandatory", "PostQuantumKeyExchange.PPKMandatory", Flag).or("1"),
    row("AllowPostQuantumKeyExchangeFallback", "PostQuantumKeyExchange.AllowFallback", Flag).or("0"),
    row("IKESecurityAssociationParameters.EncryptionAlgorithm",
        "IKESecurityAssociationParameters.EncryptionAlgorithm", CIPHERS).or("AES-256"),
    row("IKESecurityAssociationParameters.IntegrityAlgorithm",
        "IKESecurityAssociationParameters.IntegrityAlgorithm", INTEGRITY).or("SHA2-256"),
    row("IKESecurityAssociationParameters.DiffieHellmanGroup",
        "IKESecurityAssociationParameters.DiffieHellmanGroup", GROUPS).or("14"),
    row("IKESecurityAssociationParameters.PostQuantumKeyExchangeMethods",
        "IKESecurityAssociationParameters.PostQuantumKeyExchangeMethods", POST_QUANTUM),
    row("IKESecurityAssociationParameters.LifeTimeInMinutes",
        "IKESecurityAssociationParameters.LifeTimeInMinutes", Range(10, 1440)).or("1440"),
    row("ChildSecurityAssociationParameters.EncryptionAlgorithm",
        "ChildSecurityAssociationParameters.EncryptionAlgorithm", CIPHERS).or("AES-256"),
    row("ChildSecurityAssociationParameters.IntegrityAlgorithm",
        "ChildSecurityAssociationParameters.IntegrityAlgorithm", INTEGRITY).or("SHA2-256"),
    row("ChildSecurityAssociationParameters.DiffieHellmanGroup",
        "ChildSecurityAssociationParameters.DiffieHellmanGroup", GROUPS).or("14"),
    row("ChildSecurityAssociationParameters.PostQuantumKeyExchangeMethods",
        "ChildSecurityAssociationParameters.PostQuantumKeyExchangeMethods", POST_QUANTUM),
    row("ChildSecurityAssociationParameters.LifeTimeInMinutes",
        "ChildSecurityAssociationParameters.LifeTimeInMinutes", Range(10, 1440)).or("1440"),
];

/// Which traffic: of a whole-device IKEv2 or plug-in VPN.
#[rustfmt::skip]
const ROUTING: &[Row] = &[
    row("EnforceRoutes", "NetworkRouting.EnforceRoutes", Flag).or("0"),
    row("IncludeAllNetworks", "NetworkRouting.IncludeAllNetworks", Flag).or("0"),
    row("ExcludeLocalNetworks", "NetworkRouting.ExcludeLocalNetworks", Flag),
    row("ExcludeCellularServices", "NetworkRouting.ExcludeCellularServices", Flag).or("1"),
    row("ExcludeAPNs", "NetworkRouting.ExcludeAPNs", Flag).or("1"),
    row("ExcludeDeviceCommunication", "NetworkRouting.ExcludeDeviceCommunication", Flag).or("1"),
];

#[rustfmt::skip]
const IPSEC: &[Row] = &[
    row("RemoteAddress", "HostName", Text).required(),
    outer("IPv4.OverridePrimary", "OverridePrimary", Flag).or("0"),
    row("AuthenticationMethod", "Authentication.Method", Words(&["SharedSecret", "Certificate"])).required().or("SharedSecret"),
    row("LocalIdentifier", "Authentication.LocalIdentifier", Text),
    row("LocalIdentifierType", "Authentication.LocalIdentifierType", Words(&["KeyID"])).or("KeyID"),
    row("SharedSecret", "Authentication.CredentialsAssetReference", Credentials("shared-secret", None)),
    row("PayloadCertificateUUID", "Authentication.IdentityAssetReference", Identity),
    row("PromptForVPNPIN", "Authentication.PromptForVPNPIN", Switch).or("false"),
    row("XAuthEnabled", "Authentication.XAuth.Enabled", Flag).required(),
    row("XAuthPassword", "Authentication.XAuth.CredentialsAssetReference", Credentials("xauth", Some("XAuthName"))),
    row("XAuthPasswordEncryption", "Authentication.XAuth.PasswordEncryption", Words(&["Prompt"])),
    row("DisconnectOnIdle", "Idle.Disconnect", Flag).or("0"),
    row("DisconnectOnIdleTimer", "Idle.Timer", SECONDS),
    row("OnDemandEnabled", "OnDemand.Enabled", Flag).or("0"),
    row("OnDemandRules", "OnDemand.Rules", RULES),
];

#[rustfmt::skip]
const PLUGIN: &[Row] = &[
    row("RemoteAddress", "HostName", Text).required(),
    outer("VPNSubType", "SubType", Text).required(),
    outer("VendorConfig.Realm", "VendorConfig.Realm", Text),
    outer("VendorConfig.Role", "VendorConfig.Role", Text),
    outer("VendorConfig.Group", "VendorConfig.Group", Text),
    outer("VendorConfig.LoginGroupOrDomain", "VendorConfig.LoginGroupOrDomain", Text),
    row("AuthenticationMethod", "Authentication.Method",
        Words(&["Password", "Certificate", "Password+Certificate"])).required().or("Password"),
    row("AuthPassword", "Authentication.CredentialsAssetReference", Credentials("credentials", Some("AuthName"))),
    row("PayloadCertificateUUID", "Authentication.IdentityAssetReference", Identity),
    row("ProviderType", "Provider.Type", PROVIDERS).or("packet-tunnel"),
    row("ProviderBundleIdentifier", "Provider.ComposedIdentifier", Composed("ProviderDesignatedRequirement")),
    row("DisconnectOnIdle", "Idle.Disconnect", Flag).or("0"),
    row("DisconnectOnIdleTimer", "Idle.Timer", SECONDS),
    row("OnDemandEnabled", "OnDemand.Enabled", Flag).or("0"),
    row("OnDemandUserOverrideDisabled", "OnDemand.DisableUserOverride", Flag).or("0"),
    row("OnDemandRules", "OnDemand.Rules", RULES),
];

#[rustfmt::skip]
const ALWAYS_ON: &[Row] = &[
    row("UIToggleEnabled", "UIToggleEnabled", Flag).or("0"),
    row("TunnelConfigurations", "TunnelConfigurations", Tunnels).required(),
    row("ServiceExceptions", "ServiceExceptions", Tree("AlwaysOn.ServiceExceptions")),
    row("ApplicationExceptions", "ApplicationExceptions", Tree("AlwaysOn.ApplicationExceptions")),
    row("AllowCaptiveWebSheet", "AllowCaptiveWebSheet", Flag).or("0"),
    row("AllowAllCaptiveNetworkPlugins", "AllowAllCaptiveNetworkPlugins", Flag).or("0"),
    row("AllowedCaptiveNetworkPlugins", "AllowedCaptiveNetworkPlugins", Tree("AlwaysOn.AllowedCaptiveNetworkPlugins")),
];

/// One tunnel of Always On: its own keys.
pub(crate) const TUNNEL: &[Row] = &[
    row("ProtocolType", "ProtocolType", Words(&["IKEv2"])).required(),
    row("Interfaces", "Interfaces", WordList(&["Cellular", "WiFi"])),
];

/// What of a tunnel of Always On stands in a dictionary of its own in the declaration (with this name).
pub(crate) const TUNNEL_IKEV2: (&str, &[Row]) = ("IKEV2", IKEV2);

#[rustfmt::skip]
const DNS: &[Row] = &[
    outer("DNS.DNSProtocol", "DNS.Protocol", Words(&["Cleartext", "HTTPS", "TLS"])).required(),
    outer("DNS.ServerURL", "DNS.ServerURL", Text),
    outer("DNS.ServerName", "DNS.ServerName", Text),
    outer("DNS.ServerAddresses", "DNS.ServerAddresses", Texts).required(),
    outer("DNS.SearchDomains", "DNS.SearchDomains", Texts),
    outer("DNS.DomainName", "DNS.DomainName", Text),
    outer("DNS.SupplementalMatchDomains", "DNS.SupplementalMatchDomains", Texts),
    outer("DNS.SupplementalMatchDomainsNoSearch", "DNS.SupplementalMatchDomainsNoSearch", Flag).or("0"),
    outer("DNS.PayloadCertificateUUID", "DNS.IdentityAssetReference", Identity),
];

#[rustfmt::skip]
const PROXIES: &[Row] = &[
    outer("Proxies.ProxyAutoConfigEnable", "Proxies.AutoConfigEnable", Flag).or("0"),
    outer("Proxies.ProxyAutoDiscoveryEnable", "Proxies.AutoDiscoveryEnable", Flag).or("1"),
    outer("Proxies.ProxyAutoConfigURLString", "Proxies.AutoConfigURLString", Text),
    outer("Proxies.SupplementalMatchDomains", "Proxies.SupplementalMatchDomains", Texts),
    outer("Proxies.HTTPEnable", "Proxies.Protocol.HTTP.Enable", Flag).or("0"),
    outer("Proxies.HTTPProxy", "Proxies.Protocol.HTTP.HostName", Text),
    outer("Proxies.HTTPPort", "Proxies.Protocol.HTTP.Port", PORT),
    outer("Proxies.HTTPSEnable", "Proxies.Protocol.HTTPS.Enable", Flag).or("0"),
    outer("Proxies.HTTPSProxy", "Proxies.Protocol.HTTPS.HostName", Text),
    outer("Proxies.HTTPSPort", "Proxies.Protocol.HTTPS.Port", PORT),
    outer("Proxies.HTTPProxyPassword", "Proxies.Protocol.CredentialsAssetReference",
        Credentials("proxy", Some("HTTPProxyUsername"))),
];
