//! Fields of the connection types of apps.

use super::Group::{App, Authentication, Connection};
use super::{Kind, Row, Words, row};
use crate::build::VpnKind;
use crate::build::spec::ProviderType;
use crate::model::keywords;

keywords! {
    /// How the user authenticates, as the description has it.
    pub enum Method {
        /// A password.
        Password = "password",
        /// A certificate.
        Certificate = "certificate",
        /// Both.
        Both = "password-and-certificate",
    }
}

const METHOD: Kind = Kind::Word(Words::of::<Method>());
const PROVIDER: Kind = Kind::Word(Words::of::<ProviderType>());

const PROVIDER_TYPE: Row = row(
    App,
    "provider-type",
    "provider-type",
    "VPN.ProviderType",
    PROVIDER,
    "packet-tunnel",
    "What the app's extension takes: packets or flows",
);

const fn subtype(example: &'static str, help: &'static str) -> Row {
    row(App, "subtype", "subtype", "VPNSubType", Kind::Text, example, help)
}

const fn custom_data(example: &'static str) -> Row {
    row(
        App,
        "custom-data",
        "custom-data",
        "VendorConfig",
        Kind::Pairs,
        example,
        "A key and its value that the app knows",
    )
}

/// What only one type has.
pub(super) fn own(kind: VpnKind) -> &'static [Row] {
    match kind {
        VpnKind::CiscoAnyconnect => {
            const {
                &[
                    row(App, "group", "group", "VendorConfig.Group", Kind::Text, "staff", "The group"),
                    subtype("legacy", "Which app: current or legacy, or an app's identifier"),
                    PROVIDER_TYPE,
                ]
            }
        }
        VpnKind::JuniperSsl => {
            const {
                &[
                    row(App, "realm", "realm", "VendorConfig.Realm", Kind::Text, "Users", "The realm"),
                    row(App, "role", "role", "VendorConfig.Role", Kind::Text, "Staff", "The role"),
                    subtype("juniper", "Which app: pulse or juniper, or an app's identifier"),
                    PROVIDER_TYPE,
                ]
            }
        }
        VpnKind::Netmotion => {
            const {
                &[subtype(
                    "com.example.mobility",
                    "Which app: macos, or an app's identifier; that of the iOS app is not public, its maker names it",
                )]
            }
        }
        VpnKind::F5Ssl => {
            const { &[subtype("macos", "Which app: ios, macos or legacy, or an app's identifier"), PROVIDER_TYPE] }
        }
        VpnKind::SonicwallMobileConnect => {
            const {
                &[
                    row(
                        App,
                        "login-group-or-domain",
                        "login-group-or-domain",
                        "VendorConfig.LoginGroupOrDomain",
                        Kind::Text,
                        "LocalDomain",
                        "Login group or domain",
                    ),
                    subtype("current", "Which app: current, or an app's identifier"),
                    PROVIDER_TYPE,
                ]
            }
        }
        VpnKind::ArubaVia => {
            const { &[subtype("current", "Which app: current, or an app's identifier"), PROVIDER_TYPE] }
        }
        VpnKind::CustomSsl => {
            const {
                &[
                    row(
                        App,
                        "app-identifier",
                        "identifier",
                        "VPNSubType",
                        Kind::Text,
                        "com.example.vpn",
                        "The app's identifier, in reverse DNS",
                    )
                    .required(),
                    custom_data("region=eu"),
                    PROVIDER_TYPE,
                    row(
                        App,
                        "provider-type-outside",
                        "provider-type-outside",
                        "ProviderType",
                        Kind::Boolean,
                        "true",
                        "ProviderType also at the payload's own level, as consoles write it; Apple documents the inner one",
                    ),
                ]
            }
        }
        VpnKind::Globalprotect => {
            const {
                &[
                    subtype("china", "Which app: current, legacy or china, or an app's identifier"),
                    custom_data("region=eu"),
                    PROVIDER_TYPE,
                ]
            }
        }
        VpnKind::Ikev2 | VpnKind::AlwaysOn | VpnKind::Ipsec => &[],
    }
}

/// What all have, in the `VPN` dictionary.
pub(super) const COMMON: &[Row] = &[
    row(
        Connection,
        "server",
        "server",
        "RemoteAddress",
        Kind::Text,
        "vpn.example.com",
        "Host name or IP address of the server; a URL where the app takes one",
    )
    .required(),
    row(Authentication, "account", "account", "AuthName", Kind::Text, "alice", "The user's account"),
    row(
        Authentication,
        "auth",
        "authentication.method",
        "AuthenticationMethod",
        METHOD,
        "password",
        "How the user authenticates; follows from the other flags where they leave no choice",
    ),
    row(
        Authentication,
        "password",
        "authentication.password",
        "AuthPassword",
        Kind::Secret,
        "correct horse battery",
        "The user's password; if there is none, the user is asked",
    )
    .with(&["password", "password-and-certificate"]),
    row(
        Authentication,
        "use-identity",
        "authentication.identity",
        "PayloadCertificateUUID",
        Kind::Text,
        "user",
        "Name of the identity, if there are several",
    )
    .with(&["certificate", "password-and-certificate"]),
    row(
        App,
        "provider-bundle-identifier",
        "provider-bundle-identifier",
        "ProviderBundleIdentifier",
        Kind::Text,
        "com.example.vpn.provider",
        "Which of the app's providers",
    ),
    row(
        App,
        "provider-requirement",
        "provider-requirement",
        "ProviderDesignatedRequirement",
        Kind::Text,
        "identifier \"com.example.vpn\" and anchor apple generic",
        "Code requirement of a system extension (macOS)",
    ),
    row(
        Connection,
        "disconnect-on-idle",
        "disconnect-on-idle",
        "DisconnectOnIdle",
        Kind::Boolean,
        "true",
        "Goes down without traffic",
    ),
    row(
        Connection,
        "idle-timer",
        "idle-timer",
        "DisconnectOnIdleTimer",
        Kind::Integer,
        "600",
        "Seconds of it",
    ),
];
