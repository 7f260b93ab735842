//! `VPNType` VPN: what all connections of apps have in common (the `VPN` dictionary).

use super::write::Context;
use super::{Keys, Routing, SpecError, spec};
use crate::build::material::{Inventory, Material};
use crate::model::{Keyword, keywords};

keywords! {
    /// `ProviderType`: what the app's extension takes.
    pub enum ProviderType {
        /// Packets; the system's default.
        PacketTunnel = "packet-tunnel",
        /// Flows of TCP and UDP.
        AppProxy = "app-proxy",
    }
}

/// The `method` and what goes with it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum PluginAuthentication {
    /// `AuthenticationMethod` Password.
    Password(PluginPassword),
    /// `AuthenticationMethod` Certificate.
    Certificate(PluginCertificate),
    /// `AuthenticationMethod` Password+Certificate.
    PasswordAndCertificate(PluginPasswordAndCertificate),
}

spec! {
    /// A password for the account.
    #[derive(Default)]
    pub struct PluginPassword {
        required {}
        optional {
            /// `AuthPassword`; when left out, the user is asked.
            password: Option<Material>,
        }
    }
}

spec! {
    /// A certificate.
    #[derive(Default)]
    pub struct PluginCertificate {
        required {}
        optional {
            /// `PayloadCertificateUUID`: the name of an identity; may be left out if there is only one.
            identity: Option<String>,
        }
    }
}

spec! {
    /// A password and a certificate.
    #[derive(Default)]
    pub struct PluginPasswordAndCertificate {
        required {}
        optional {
            /// `AuthPassword`; when left out, the user is asked.
            password: Option<Material>,
            /// `PayloadCertificateUUID`: the name of an identity; may be left out if there is only one.
            identity: Option<String>,
        }
    }
}

impl PluginAuthentication {
    fn write(&self, field: &str, context: &Context<'_>, keys: &mut Keys) -> Result<(), SpecError> {
        let (method, password, reference) = match self {
            Self::Password(with) => ("Password", &with.password, None),
            Self::Certificate(with) => ("Certificate", &None, Some(with.identity.as_deref())),
            Self::PasswordAndCertificate(with) => {
                ("Password+Certificate", &with.password, Some(with.identity.as_deref()))
            }
        };
        keys.put("AuthenticationMethod", method);
        if let Some(password) = password {
            keys.put("AuthPassword", password.as_text(&format!("{field}.password"))?);
        }
        if let Some(reference) = reference {
            keys.text("PayloadCertificateUUID", context.identity(reference, || format!("{field}.identity"))?);
        }
        Ok(())
    }

    pub(super) fn inventory<'s>(&'s mut self, field: &str, all: &mut Inventory<'s>) {
        let password = match self {
            Self::Password(with) => with.password.as_mut(),
            Self::PasswordAndCertificate(with) => with.password.as_mut(),
            Self::Certificate(_) => None,
        };
        all.password(format!("{field}.password"), password);
    }
}

/// The fields that every vendor's struct has.
pub(super) struct Common<'s> {
    pub server: &'s str,
    pub account: Option<&'s str>,
    pub authentication: Option<&'s PluginAuthentication>,
    pub provider_type: Option<ProviderType>,
    pub provider_bundle_identifier: Option<&'s str>,
    pub provider_requirement: Option<&'s str>,
    pub disconnect_on_idle: Option<bool>,
    pub idle_timer: Option<i64>,
    pub routing: Routing,
}

impl Common<'_> {
    pub fn write(&self, field: &str, context: &Context<'_>) -> Result<Keys, SpecError> {
        let mut keys = Keys::default();
        keys.put("RemoteAddress", self.server);
        keys.text("AuthName", self.account);
        if let Some(authentication) = self.authentication {
            authentication.write(&format!("{field}.authentication"), context, &mut keys)?;
        }
        keys.text("ProviderType", self.provider_type.map(Keyword::word));
        keys.text("ProviderBundleIdentifier", self.provider_bundle_identifier);
        keys.text("ProviderDesignatedRequirement", self.provider_requirement);
        keys.flag("DisconnectOnIdle", self.disconnect_on_idle);
        keys.integer("DisconnectOnIdleTimer", self.idle_timer);
        self.routing.write(&mut keys);
        Ok(keys)
    }
}

/// Declares a vendor's struct: its own fields beside those that all have.
macro_rules! vendor {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            required { $($(#[$required_doc:meta])* $required:ident: $required_type:ty,)* }
            optional { $($(#[$optional_doc:meta])* $optional:ident: $optional_type:ty,)* }
        }
        provider_type: |$this:ident| $provider_type:expr
    ) => {
        spec! {
            $(#[$doc])*
            pub struct $name {
                required {
                    /// `RemoteAddress`: host name, IP address or, where the app takes one, URL of the server.
                    server: String,
                    $($(#[$required_doc])* $required: $required_type,)*
                }
                optional {
                    $($(#[$optional_doc])* $optional: $optional_type,)*
                    /// `AuthName`: the user's account.
                    account: Option<String>,
                    /// How the user authenticates.
                    authentication: Option<PluginAuthentication>,
                    /// `ProviderBundleIdentifier`: which of an app's providers.
                    provider_bundle_identifier: Option<String>,
                    /// `ProviderDesignatedRequirement`: of a system extension (macOS).
                    provider_requirement: Option<String>,
                    /// `DisconnectOnIdle`.
                    disconnect_on_idle: Option<bool>,
                    /// `DisconnectOnIdleTimer`: seconds.
                    idle_timer: Option<i64>,
                    /// The routing flags.
                    routing: Routing,
                }
            }
        }

        impl $name {
            pub(super) fn common(&self) -> Common<'_> {
                let $this = self;
                Common {
                    server: &self.server,
                    account: self.account.as_deref(),
                    authentication: self.authentication.as_ref(),
                    provider_type: $provider_type,
                    provider_bundle_identifier: self.provider_bundle_identifier.as_deref(),
                    provider_requirement: self.provider_requirement.as_deref(),
                    disconnect_on_idle: self.disconnect_on_idle,
                    idle_timer: self.idle_timer,
                    routing: self.routing,
                }
            }

            #[allow(dead_code, reason = "types with further secrets list theirs themselves")]
            pub(super) fn inventory<'s>(&'s mut self, field: &str, all: &mut Inventory<'s>) {
                if let Some(authentication) = &mut self.authentication {
                    authentication.inventory(&format!("{field}.authentication"), all);
                }
            }
        }
    };
}

pub(super) use vendor;
