//! The connection types of apps, each with what only it has: `VPNSubType`, `VendorConfig` and the provider.

use super::plugin::{Common, vendor};
use super::{Keys, PluginAuthentication, ProviderType, Routing, SpecError, Vpn, spec, subtype};
use crate::Named;
use crate::build::material::{Inventory, Material};

vendor! {
    /// Cisco AnyConnect, today Cisco Secure Client.
    pub struct CiscoAnyconnect {
        required {}
        optional {
            /// `VendorConfig.Group`.
            group: Option<String>,
            /// `VPNSubType`: `current`, `legacy` or an app's identifier.
            subtype: Option<String>,
            /// `ProviderType`.
            provider_type: Option<ProviderType>,
        }
    }
    provider_type: |this| this.provider_type
}

vendor! {
    /// Juniper SSL, later Pulse Secure, today Ivanti Secure Access.
    pub struct JuniperSsl {
        required {}
        optional {
            /// `VendorConfig.Realm`.
            realm: Option<String>,
            /// `VendorConfig.Role`.
            role: Option<String>,
            /// `VPNSubType`: `pulse`, `juniper` or an app's identifier.
            subtype: Option<String>,
            /// `ProviderType`.
            provider_type: Option<ProviderType>,
        }
    }
    provider_type: |this| this.provider_type
}

vendor! {
    /// NetMotion Mobility, today Absolute Secure Access. Its provider is a packet tunnel.
    pub struct Netmotion {
        required {}
        optional {
            /// `VPNSubType`: `macos` or an app's identifier. That of the iOS app is not public: its maker names it.
            subtype: Option<String>,
        }
    }
    provider_type: |_this| Some(ProviderType::PacketTunnel)
}

vendor! {
    /// F5 SSL: F5 Access, before BIG-IP Edge Client.
    pub struct F5Ssl {
        required {}
        optional {
            /// `VPNSubType`: `ios`, `macos`, `legacy` or an app's identifier.
            subtype: Option<String>,
            /// `ProviderType`.
            provider_type: Option<ProviderType>,
        }
    }
    provider_type: |this| this.provider_type
}

vendor! {
    /// SonicWALL Mobile Connect.
    pub struct SonicwallMobileConnect {
        required {}
        optional {
            /// `VendorConfig.LoginGroupOrDomain`.
            login_group_or_domain: Option<String>,
            /// `VPNSubType`: `current` or an app's identifier.
            subtype: Option<String>,
            /// `ProviderType`.
            provider_type: Option<ProviderType>,
        }
    }
    provider_type: |this| this.provider_type
}

vendor! {
    /// Aruba VIA.
    pub struct ArubaVia {
        required {}
        optional {
            /// `VPNSubType`: `current` or an app's identifier.
            subtype: Option<String>,
            /// `ProviderType`.
            provider_type: Option<ProviderType>,
        }
    }
    provider_type: |this| this.provider_type
}

vendor! {
    /// Any other app with a packet tunnel or app proxy provider.
    pub struct CustomSsl {
        required {
            /// `VPNSubType`: the app's identifier, in reverse DNS.
            identifier: String,
        }
        optional {
            /// `VendorConfig`: keys and values that the app knows.
            custom_data: Named<Material>,
            /// `ProviderType`.
            provider_type: Option<ProviderType>,
            /// `ProviderType` at the payload's own level too, as some management consoles write it. Apple documents
            /// the inner one alone.
            provider_type_outside: Option<bool>,
        }
    }
    provider_type: |this| this.provider_type
}

vendor! {
    /// Palo Alto Networks GlobalProtect.
    pub struct Globalprotect {
        required {}
        optional {
            /// `VPNSubType`: `current`, `legacy`, `china` or an app's identifier.
            subtype: Option<String>,
            /// `VendorConfig`: keys and values that the app knows.
            custom_data: Named<Material>,
            /// `ProviderType`.
            provider_type: Option<ProviderType>,
        }
    }
    provider_type: |this| this.provider_type
}

/// What an app's connection writes outside of the `VPN` dictionary, and what inside.
pub(super) struct Plugin<'s> {
    pub subtype: String,
    pub common: Common<'s>,
    pub vendor_config: Keys,
    /// `ProviderType` at the payload's level.
    pub outer_provider_type: Option<ProviderType>,
}

impl Vpn {
    /// This connection as an app's, if it is one.
    pub(super) fn plugin(&self, field: &str) -> Result<Option<Plugin<'_>>, SpecError> {
        let mut vendor_config = Keys::default();
        let kind = self.kind();
        let choose = |word: Option<&str>| subtype::choose(kind, word, field);
        let (subtype, common) = match self {
            Self::Ikev2(_) | Self::AlwaysOn(_) | Self::Ipsec(_) => return Ok(None),
            Self::CiscoAnyconnect(vpn) => {
                vendor_config.text("Group", vpn.group.as_ref());
                (choose(vpn.subtype.as_deref())?, vpn.common())
            }
            Self::JuniperSsl(vpn) => {
                vendor_config.text("Realm", vpn.realm.as_ref());
                vendor_config.text("Role", vpn.role.as_ref());
                (choose(vpn.subtype.as_deref())?, vpn.common())
            }
            Self::Netmotion(vpn) => (choose(vpn.subtype.as_deref())?, vpn.common()),
            Self::F5Ssl(vpn) => (choose(vpn.subtype.as_deref())?, vpn.common()),
            Self::SonicwallMobileConnect(vpn) => {
                vendor_config.text("LoginGroupOrDomain", vpn.login_group_or_domain.as_ref());
                (choose(vpn.subtype.as_deref())?, vpn.common())
            }
            Self::ArubaVia(vpn) => (choose(vpn.subtype.as_deref())?, vpn.common()),
            Self::CustomSsl(vpn) => {
                custom_data(&vpn.custom_data, field, &mut vendor_config)?;
                (vpn.identifier.clone(), vpn.common())
            }
            Self::Globalprotect(vpn) => {
                custom_data(&vpn.custom_data, field, &mut vendor_config)?;
                (choose(vpn.subtype.as_deref())?, vpn.common())
            }
        };
        let outer_provider_type = match self {
            Self::CustomSsl(vpn) if vpn.provider_type_outside == Some(true) => vpn.provider_type,
            _ => None,
        };
        Ok(Some(Plugin { subtype, common, vendor_config, outer_provider_type }))
    }
}

fn custom_data(table: &Named<Material>, field: &str, vendor_config: &mut Keys) -> Result<(), SpecError> {
    for (key, value) in table {
        vendor_config.put(key, value.as_text(&format!("{field}.custom-data.{key}"))?);
    }
    Ok(())
}
