//! The classes and properties of the Personal VPN API that a profile has keys for.
//!
//! Source: `NEVPNManager.h`, `NEVPNProtocol*.h`, `NEOnDemandRule.h` and `NEProxySettings.h` of SDK 27. Key paths start at
//! the dictionary of the `VPNType`; with a dot in front, at the payload.

use crate::build::Value;
use crate::gather::{Gather as _, GatherOk as _};

use crate::convert::shape::{Carried, whole};
use crate::convert::tree::{describe, text};
use crate::number;

/// A class with the properties that a profile may set.
#[derive(Debug)]
pub(crate) struct Class {
    /// Its name.
    pub(crate) name: &'static str,
    /// For which `VPNType` it is, where that matters.
    pub(crate) only: Option<&'static str>,
    /// Its base classes, whose properties it has too.
    pub(crate) bases: &'static [&'static Class],
    /// Its own.
    pub(crate) properties: &'static [Property],
}

/// One property.
#[derive(Debug)]
pub(crate) struct Property {
    /// Its Swift name.
    pub(crate) name: &'static str,
    /// The key path.
    pub(crate) key: &'static str,
    /// How its value is made.
    pub(crate) kind: Kind,
    /// What a missing key means in a profile, where a property that was never set means something else.
    pub(crate) default: Option<&'static str>,
    /// The one `VPNType` that has it, where the class is for several.
    pub(crate) only: Option<&'static str>,
}

/// How a property's value is made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A text, or a URL as text.
    Text,
    /// Texts.
    Texts,
    /// A boolean.
    Flag,
    /// A number.
    Number,
    /// A case of an enumeration.
    Case(&'static Enumeration),
    /// Cases of an enumeration.
    Cases(&'static Enumeration),
    /// An object of its own.
    Object(&'static Class),
    /// An object of the class for the `VPNType`.
    Protocol(&'static [&'static Class]),
    /// The reference of a keychain item.
    Keychain {
        /// The item's class.
        class: &'static str,
        /// What it holds.
        holds: &'static str,
        /// What its name ends with.
        role: &'static str,
    },
    /// On-demand rules.
    Rules,
    /// True where the key is there.
    Present,
}

/// An enumeration: word in the profile, case, raw value.
#[derive(Debug)]
pub(crate) struct Enumeration {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its cases.
    pub(crate) cases: &'static [(&'static str, &'static str, i64)],
}

impl Enumeration {
    /// A case as it is written: its name and its raw value.
    pub(crate) fn case(&self, word: &str) -> Option<Value> {
        let (_, case, raw) = self.cases.iter().find(|(known, ..)| *known == word)?;
        Some(Value::dict([
            ("enum", Value::from(self.name)),
            ("case", Value::from(*case)),
            ("rawValue", Value::from(*raw)),
        ]))
    }

    fn words(&self) -> String {
        self.cases.iter().map(|(word, ..)| *word).gather().join(", ")
    }
}

/// A value as the property takes it.
pub(crate) fn convert(kind: Kind, value: &Value) -> Carried {
    let one = |enumeration: &'static Enumeration, value: &Value| -> Carried {
        let number = whole(value).map(|number| number.to_string());
        let word = text(value).or(number.as_deref());
        word.and_then(|word| enumeration.case(word)).ok_or_else(|| {
            format!("{} has no case for it, only for {}", enumeration.name, enumeration.words())
        })
    };
    match (kind, value) {
        (Kind::Text, Value::String(_)) => Ok(value.clone()),
        (Kind::Texts, Value::Array(items)) if items.iter().all(|item| text(item).is_some()) => {
            Ok(value.clone())
        }
        (Kind::Flag, Value::Boolean(_)) => Ok(value.clone()),
        (Kind::Flag, Value::Integer(number @ (0 | 1))) => Ok((*number == 1).into()),
        (Kind::Number, _) => whole(value)
            .map(Value::from)
            .ok_or_else(|| format!("it must be a number, it is {}", describe(value))),
        (Kind::Case(enumeration), _) => one(enumeration, value),
        (Kind::Cases(enumeration), Value::Array(items)) => {
            items.iter().map(|item| one(enumeration, item)).gather_ok().map(Value::Array)
        }
        (Kind::Present, _) => Ok(true.into()),
        _ => Err(format!("the property cannot take {}", describe(value))),
    }
}

/// A documented default as a value of the property.
pub(crate) fn written(kind: Kind, default: &str) -> Option<Value> {
    match kind {
        Kind::Number => number::signed(default).map(Value::from),
        Kind::Case(enumeration) => enumeration.case(default),
        _ => None,
    }
}

const fn property(name: &'static str, key: &'static str, kind: Kind) -> Property {
    Property { name, key, kind, default: None, only: None }
}

impl Property {
    const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn only(mut self, vpn_type: &'static str) -> Self {
        self.only = Some(vpn_type);
        self
    }
}

const fn secret(holds: &'static str, role: &'static str) -> Kind {
    Kind::Keychain { class: "kSecClassGenericPassword", holds, role }
}

const IDENTITY: Kind = Kind::Keychain {
    class: "kSecClassIdentity",
    holds: "the identity: certificate and private key",
    role: "identity",
};

const IKEV2: &str = "IKEv2";
const IPSEC: &str = "IPSec";

/// `NEVPNManager`, which holds all of it.
#[rustfmt::skip]
pub(crate) static MANAGER: Class = Class { name: "NEVPNManager", only: None, bases: &[], properties: &[
    property("localizedDescription", ".UserDefinedName", Kind::Text),
    property("isOnDemandEnabled", "OnDemandEnabled", Kind::Flag),
    property("onDemandRules", "OnDemandRules", Kind::Rules),
    property("protocolConfiguration", "", Kind::Protocol(&[&PROTOCOL_IKEV2, &PROTOCOL_IPSEC_ALONE])),
] };

/// `NEVPNProtocol`.
#[rustfmt::skip]
pub(crate) static PROTOCOL: Class = Class { name: "NEVPNProtocol", only: None, bases: &[], properties: &[
    property("serverAddress", "RemoteAddress", Kind::Text),
    property("username", "AuthName", Kind::Text).only(IKEV2),
    property("username", "XAuthName", Kind::Text).only(IPSEC),
    property("passwordReference", "AuthPassword", secret("the user's password for EAP", "password")).only(IKEV2),
    property("passwordReference", "XAuthPassword", secret("the user's password for XAuth", "password")).only(IPSEC),
    property("identityReference", "PayloadCertificateUUID", IDENTITY),
    property("proxySettings", "", Kind::Object(&PROXY_SETTINGS)),
    property("includeAllNetworks", "IncludeAllNetworks", Kind::Flag).only(IKEV2),
    property("excludeLocalNetworks", "ExcludeLocalNetworks", Kind::Flag).only(IKEV2),
    property("excludeCellularServices", "ExcludeCellularServices", Kind::Flag).only(IKEV2),
    property("excludeAPNs", "ExcludeAPNs", Kind::Flag).only(IKEV2),
    property("excludeDeviceCommunication", "ExcludeDeviceCommunication", Kind::Flag).only(IKEV2),
    property("enforceRoutes", "EnforceRoutes", Kind::Flag).only(IKEV2),
    property("sliceUUID", ".CellularSliceUUID", Kind::Text),
] };

/// `NEVPNProtocolIPSec`, also the base of IKEv2.
#[rustfmt::skip]
pub(crate) static PROTOCOL_IPSEC: Class = Class { name: "NEVPNProtocolIPSec", only: None, bases: &[], properties: &[
    property("authenticationMethod", "AuthenticationMethod", Kind::Case(&AUTHENTICATION)).only(IKEV2),
    property("authenticationMethod", "AuthenticationMethod", Kind::Case(&AUTHENTICATION)).or("SharedSecret").only(IPSEC),
    property("useExtendedAuthentication", "ExtendedAuthEnabled", Kind::Flag).only(IKEV2),
    property("useExtendedAuthentication", "XAuthEnabled", Kind::Flag).only(IPSEC),
    property("sharedSecretReference", "SharedSecret", secret("the shared secret", "shared-secret")),
    property("localIdentifier", "LocalIdentifier", Kind::Text),
    property("remoteIdentifier", "RemoteIdentifier", Kind::Text).only(IKEV2),
] };

/// The same as the class of an IKEv1 VPN.
static PROTOCOL_IPSEC_ALONE: Class = Class {
    name: "NEVPNProtocolIPSec",
    only: Some(IPSEC),
    bases: &[&PROTOCOL, &PROTOCOL_IPSEC],
    properties: &[],
};

/// `NEVPNProtocolIKEv2`.
#[rustfmt::skip]
pub(crate) static PROTOCOL_IKEV2: Class = Class {
    name: "NEVPNProtocolIKEv2", only: Some(IKEV2), bases: &[&PROTOCOL, &PROTOCOL_IPSEC], properties: &[
    property("ikeSecurityAssociationParameters", "", Kind::Object(&IKE_SA)),
    property("childSecurityAssociationParameters", "", Kind::Object(&CHILD_SA)),
    property("deadPeerDetectionRate", "DeadPeerDetectionRate", Kind::Case(&DEAD_PEER_DETECTION)),
    property("serverCertificateIssuerCommonName", "ServerCertificateIssuerCommonName", Kind::Text),
    property("serverCertificateCommonName", "ServerCertificateCommonName", Kind::Text),
    property("certificateType", "CertificateType", Kind::Case(&CERTIFICATE_TYPE)),
    property("useConfigurationAttributeInternalIPSubnet", "UseConfigurationAttributeInternalIPSubnet", Kind::Flag),
    property("disableMOBIKE", "DisableMOBIKE", Kind::Flag),
    property("disableRedirect", "DisableRedirect", Kind::Flag),
    property("enablePFS", "EnablePFS", Kind::Flag),
    property("allowPostQuantumKeyExchangeFallback", "AllowPostQuantumKeyExchangeFallback", Kind::Flag),
    property("enableRevocationCheck", "EnableCertificateRevocationCheck", Kind::Flag),
    property("minimumTLSVersion", "TLSMinimumVersion", Kind::Case(&TLS)),
    property("maximumTLSVersion", "TLSMaximumVersion", Kind::Case(&TLS)),
    property("enableFallback", "EnableFallback", Kind::Flag),
    property("mtu", "MTU", Kind::Number),
    property("ppkConfiguration", "", Kind::Object(&PPK)),
] };

macro_rules! association {
    ($name:ident, $key:literal) => {
        #[rustfmt::skip]
        static $name: Class = Class { name: "NEVPNIKEv2SecurityAssociationParameters", only: None, bases: &[], properties: &[
            property("encryptionAlgorithm", concat!($key, ".EncryptionAlgorithm"), Kind::Case(&ENCRYPTION)),
            property("integrityAlgorithm", concat!($key, ".IntegrityAlgorithm"), Kind::Case(&INTEGRITY)),
            property("diffieHellmanGroup", concat!($key, ".DiffieHellmanGroup"), Kind::Case(&GROUP)),
            property("lifetimeMinutes", concat!($key, ".LifeTimeInMinutes"), Kind::Number).or("1440"),
            property("postQuantumKeyExchangeMethods", concat!($key, ".PostQuantumKeyExchangeMethods"), Kind::Cases(&POST_QUANTUM)),
        ] };
    };
}

association!(IKE_SA, "IKESecurityAssociationParameters");
association!(CHILD_SA, "ChildSecurityAssociationParameters");

/// `NEVPNIKEv2PPKConfiguration`, made with its identifier and the keychain reference.
#[rustfmt::skip]
static PPK: Class = Class { name: "NEVPNIKEv2PPKConfiguration", only: None, bases: &[], properties: &[
    property("identifier", "PPKIdentifier", Kind::Text),
    property("keychainReference", "PPK", secret("the post-quantum pre-shared key (RFC 8784)", "ppk")),
    property("isMandatory", "PPKMandatory", Kind::Flag),
] };

/// `NEProxySettings`.
#[rustfmt::skip]
static PROXY_SETTINGS: Class = Class { name: "NEProxySettings", only: None, bases: &[], properties: &[
    property("autoProxyConfigurationEnabled", ".Proxies.ProxyAutoConfigEnable", Kind::Flag),
    property("proxyAutoConfigurationURL", ".Proxies.ProxyAutoConfigURLString", Kind::Text),
    property("httpEnabled", ".Proxies.HTTPEnable", Kind::Flag),
    property("httpServer", "", Kind::Object(&HTTP_SERVER)),
    property("httpsEnabled", ".Proxies.HTTPSEnable", Kind::Flag),
    property("httpsServer", "", Kind::Object(&HTTPS_SERVER)),
    property("matchDomains", ".Proxies.SupplementalMatchDomains", Kind::Texts),
] };

/// `NEProxyServer`, made with its address and port.
#[rustfmt::skip]
static HTTP_SERVER: Class = Class { name: "NEProxyServer", only: None, bases: &[], properties: &[
    property("address", ".Proxies.HTTPProxy", Kind::Text),
    property("port", ".Proxies.HTTPPort", Kind::Number),
    property("authenticationRequired", ".Proxies.HTTPProxyUsername", Kind::Present),
    property("username", ".Proxies.HTTPProxyUsername", Kind::Text),
    property("password", ".Proxies.HTTPProxyPassword", secret("the proxy's password: the property takes the text itself", "proxy-password")),
] };

#[rustfmt::skip]
static HTTPS_SERVER: Class = Class { name: "NEProxyServer", only: None, bases: &[], properties: &[
    property("address", ".Proxies.HTTPSProxy", Kind::Text),
    property("port", ".Proxies.HTTPSPort", Kind::Number),
] };

/// `NEVPNIKEAuthenticationMethod`.
pub(crate) static AUTHENTICATION: Enumeration = Enumeration {
    name: "NEVPNIKEAuthenticationMethod",
    cases: &[("None", "none", 0), ("Certificate", "certificate", 1), ("SharedSecret", "sharedSecret", 2)],
};

/// `NEVPNIKEv2EncryptionAlgorithm`.
pub(crate) static ENCRYPTION: Enumeration = Enumeration {
    name: "NEVPNIKEv2EncryptionAlgorithm",
    cases: &[
        ("DES", "algorithmDES", 1),
        ("3DES", "algorithm3DES", 2),
        ("AES-128", "algorithmAES128", 3),
        ("AES-256", "algorithmAES256", 4),
        ("AES-128-GCM", "algorithmAES128GCM", 5),
        ("AES-256-GCM", "algorithmAES256GCM", 6),
        ("ChaCha20Poly1305", "algorithmChaCha20Poly1305", 7),
    ],
};

/// `NEVPNIKEv2IntegrityAlgorithm`.
pub(crate) static INTEGRITY: Enumeration = Enumeration {
    name: "NEVPNIKEv2IntegrityAlgorithm",
    cases: &[
        ("SHA1-96", "SHA96", 1),
        ("SHA1-160", "SHA160", 2),
        ("SHA2-256", "SHA256", 3),
        ("SHA2-384", "SHA384", 4),
        ("SHA2-512", "SHA512", 5),
    ],
};

/// `NEVPNIKEv2DiffieHellmanGroup`.
pub(crate) static GROUP: Enumeration = Enumeration {
    name: "NEVPNIKEv2DiffieHellmanGroup",
    cases: &[
        ("1", "group1", 1),
        ("2", "group2", 2),
        ("5", "group5", 5),
        ("14", "group14", 14),
        ("15", "group15", 15),
        ("16", "group16", 16),
        ("17", "group17", 17),
        ("18", "group18", 18),
        ("19", "group19", 19),
        ("20", "group20", 20),
        ("21", "group21", 21),
        ("31", "group31", 31),
        ("32", "group32", 32),
    ],
};

/// `NEVPNIKEv2PostQuantumKeyExchangeMethod`.
pub(crate) static POST_QUANTUM: Enumeration = Enumeration {
    name: "NEVPNIKEv2PostQuantumKeyExchangeMethod",
    cases: &[("0", "methodNone", 0), ("36", "method36", 36), ("37", "method37", 37)],
};

/// `NEVPNIKEv2DeadPeerDetectionRate`.
pub(crate) static DEAD_PEER_DETECTION: Enumeration = Enumeration {
    name: "NEVPNIKEv2DeadPeerDetectionRate",
    cases: &[("None", "none", 0), ("Low", "low", 1), ("Medium", "medium", 2), ("High", "high", 3)],
};

/// `NEVPNIKEv2CertificateType`; Ed25519 (5) has no word in a profile.
pub(crate) static CERTIFICATE_TYPE: Enumeration = Enumeration {
    name: "NEVPNIKEv2CertificateType",
    cases: &[
        ("RSA", "RSA", 1),
        ("ECDSA256", "ECDSA256", 2),
        ("ECDSA384", "ECDSA384", 3),
        ("ECDSA521", "ECDSA521", 4),
        ("RSA-PSS", "RSAPSS", 6),
    ],
};

/// `NEVPNIKEv2TLSVersion`.
pub(crate) static TLS: Enumeration = Enumeration {
    name: "NEVPNIKEv2TLSVersion",
    cases: &[
        ("1.0", "version1_0", 1),
        ("1.1", "version1_1", 2),
        ("1.2", "version1_2", 3),
        ("1.3", "version1_3", 4),
    ],
};

/// `NEOnDemandRuleInterfaceType`.
pub(crate) static INTERFACE: Enumeration = Enumeration {
    name: "NEOnDemandRuleInterfaceType",
    cases: &[("Ethernet", "ethernet", 1), ("WiFi", "wiFi", 2), ("Cellular", "cellular", 3)],
};

/// `NEEvaluateConnectionRuleAction`.
pub(crate) static DOMAIN_ACTION: Enumeration = Enumeration {
    name: "NEEvaluateConnectionRuleAction",
    cases: &[("ConnectIfNeeded", "connectIfNeeded", 1), ("NeverConnect", "neverConnect", 2)],
};

/// The class of a rule, for its `Action`. `Allow` has none.
pub(crate) const RULE_CLASSES: [(&str, &str); 4] = [
    ("Connect", "NEOnDemandRuleConnect"),
    ("Disconnect", "NEOnDemandRuleDisconnect"),
    ("Ignore", "NEOnDemandRuleIgnore"),
    ("EvaluateConnection", "NEOnDemandRuleEvaluateConnection"),
];

/// The match properties of `NEOnDemandRule`.
#[rustfmt::skip]
pub(crate) static RULE: &[Property] = &[
    property("interfaceTypeMatch", "InterfaceTypeMatch", Kind::Case(&INTERFACE)),
    property("ssidMatch", "SSIDMatch", Kind::Texts),
    property("dnsSearchDomainMatch", "DNSDomainMatch", Kind::Texts),
    property("dnsServerAddressMatch", "DNSServerAddressMatch", Kind::Texts),
    property("probeURL", "URLStringProbe", Kind::Text),
];

/// The properties of `NEEvaluateConnectionRule`.
#[rustfmt::skip]
pub(crate) static CONNECTION_RULE: &[Property] = &[
    property("matchDomains", "Domains", Kind::Texts),
    property("action", "DomainAction", Kind::Case(&DOMAIN_ACTION)),
    property("useDNSServers", "RequiredDNSServers", Kind::Texts),
    property("probeURL", "RequiredURLStringProbe", Kind::Text),
];
