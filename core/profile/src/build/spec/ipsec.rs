//! IPsec (Cisco): the `IPSec` dictionary, IKEv1 with XAuth.

use super::write::Context;
use super::{Keys, SpecError, spec};
use crate::build::material::{Inventory, Material};

spec! {
    /// The system's IKEv1 client.
    pub struct Ipsec {
        required {
            /// `RemoteAddress`: host name or IP address of the server.
            server: String,
            /// How the machine authenticates.
            authentication: IpsecAuthentication,
        }
        optional {
            /// `XAuthName`: the user's account; with it `XAuthEnabled` is 1.
            account: Option<String>,
            /// `XAuthPassword`; when left out, the user is asked.
            password: Option<Material>,
            /// `XAuthEnabled`, if it is not to follow from account and password.
            xauth: Option<bool>,
            /// `XAuthPasswordEncryption` Prompt: the password is asked for each time.
            ask_each_time: Option<bool>,
            /// `IPv4.OverridePrimary`: all traffic goes through the tunnel.
            override_primary: Option<bool>,
            /// `DisconnectOnIdle`.
            disconnect_on_idle: Option<bool>,
            /// `DisconnectOnIdleTimer`: seconds.
            idle_timer: Option<i64>,
        }
    }
}

/// The `method` and what goes with it.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub enum IpsecAuthentication {
    /// `AuthenticationMethod` SharedSecret.
    SharedSecret(IpsecSharedSecret),
    /// `AuthenticationMethod` Certificate.
    Certificate(IpsecCertificate),
}

spec! {
    /// A pre-shared key, perhaps of a group.
    pub struct IpsecSharedSecret {
        required {
            /// `SharedSecret`.
            secret: Material,
        }
        optional {
            /// `LocalIdentifier`, with `LocalIdentifierType` KeyID: the group's name. One that ends in `hybrid` means
            /// hybrid authentication.
            group: Option<String>,
        }
    }
}

spec! {
    /// A certificate of the machine's.
    #[derive(Default)]
    pub struct IpsecCertificate {
        required {}
        optional {
            /// `PayloadCertificateUUID`: the name of an identity; may be left out if there is only one.
            identity: Option<String>,
            /// `PromptForVPNPIN`: asks for a PIN when connecting.
            ask_pin: Option<bool>,
        }
    }
}

impl Ipsec {
    pub(super) fn write(&self, field: &str, context: &Context<'_>) -> Result<Keys, SpecError> {
        let mut keys = Keys::default();
        keys.put("RemoteAddress", self.server.as_str());
        match &self.authentication {
            IpsecAuthentication::SharedSecret(shared) => {
                keys.put("AuthenticationMethod", "SharedSecret");
                let secret = shared.secret.as_bytes(&format!("{field}.authentication.secret"))?;
                keys.data("SharedSecret", Some(secret));
                keys.text("LocalIdentifier", shared.group.as_ref());
                keys.text("LocalIdentifierType", shared.group.is_some().then_some("KeyID"));
            }
            IpsecAuthentication::Certificate(certificate) => {
                keys.put("AuthenticationMethod", "Certificate");
                let reference = certificate.identity.as_deref();
                let uuid = context.identity(reference, || format!("{field}.authentication.identity"))?;
                keys.text("PayloadCertificateUUID", uuid);
                keys.boolean("PromptForVPNPIN", certificate.ask_pin);
            }
        }
        let has_user = self.account.is_some() || self.password.is_some() || self.ask_each_time == Some(true);
        keys.flag("XAuthEnabled", self.xauth.or(has_user.then_some(true)));
        keys.text("XAuthName", self.account.as_ref());
        if let Some(password) = &self.password {
            keys.put("XAuthPassword", password.as_text(&format!("{field}.password"))?);
        }
        keys.text("XAuthPasswordEncryption", self.ask_each_time.filter(|ask| *ask).map(|_| "Prompt"));
        keys.flag("DisconnectOnIdle", self.disconnect_on_idle);
        keys.integer("DisconnectOnIdleTimer", self.idle_timer);
        Ok(keys)
    }

    /// `IPv4`, which stands beside the dictionary.
    pub(super) fn ipv4(&self) -> Keys {
        let mut keys = Keys::default();
        keys.flag("OverridePrimary", self.override_primary);
        keys
    }

    pub(super) fn inventory<'s>(&'s mut self, field: &str, all: &mut Inventory<'s>) {
        if let IpsecAuthentication::SharedSecret(shared) = &mut self.authentication {
            all.password(format!("{field}.authentication.secret"), Some(&mut shared.secret));
        }
        all.password(format!("{field}.password"), self.password.as_mut());
    }
}
