//! One VPN configuration: the properties of `NEVPNManager`, and what a profile can say besides.

use adit_profile::ondemand::{Mode, Rules};
use serde::{Deserialize, Serialize};

use crate::on_demand::OnDemandRule;
use crate::per_app::PerApp;
use crate::protocol::{Objection, ProtocolConfiguration};
use crate::secret::{NewSecret, SecretReference, SecretSlot};

/// A configuration as an app sees it: what is stored, and secrets that are to be stored with it. The default is what a
/// load gives where nothing is stored.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Configuration {
    /// `isEnabled`: this one is selected. Saving it so disables the others of its kind.
    pub is_enabled: bool,
    /// `protocolConfiguration`.
    pub protocol_configuration: Option<ProtocolConfiguration>,
    /// `localizedDescription`: the name in the system's settings (`UserDefinedName`).
    pub localized_description: Option<String>,
    /// `isOnDemandEnabled`.
    pub is_on_demand_enabled: bool,
    /// `onDemandRules`, in order; the first that matches decides.
    pub on_demand_rules: Option<Vec<OnDemandRule>>,
    /// What only a profile says.
    pub managed: ManagedSettings,
    /// Secrets to be stored at the next save, which replaces each by its reference. Never part of a record.
    #[serde(skip)]
    pub new_secrets: Vec<NewSecret>,
}

/// Keys of a profile that no property of Apple's API has.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ManagedSettings {
    /// On-demand rules are read as a profile's: one DNS server that matches is enough, search domains match by suffix.
    pub profile_matching: bool,
    /// `OnDemandUserOverrideDisabled`: the user cannot turn on demand off.
    pub on_demand_user_override_disabled: bool,
    /// `DisconnectOnIdleTimer` in seconds, when `DisconnectOnIdle` is 1.
    pub disconnect_on_idle_seconds: Option<u32>,
    /// For chosen apps only (`com.apple.vpn.managed.applayer`).
    pub per_app: Option<PerApp>,
}

/// Why a text is no configuration.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "this is no configuration (line {line}, column {column}): compare it with what Configuration::to_json writes"
)]
pub struct ConfigurationJsonError {
    /// Where, from 1.
    pub line: usize,
    /// Where, from 1.
    pub column: usize,
}

impl ConfigurationJsonError {
    fn new(error: &serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

impl Configuration {
    /// A configuration of a protocol, not enabled.
    #[must_use]
    pub fn new(protocol: ProtocolConfiguration) -> Self {
        Self { protocol_configuration: Some(protocol), ..Self::default() }
    }

    /// The configuration as JSON, for hosts of other languages: fields named as here, cases as Apple's raw values,
    /// references and certificates in hexadecimal. Without [`Self::new_secrets`], which travel apart.
    ///
    /// # Errors
    /// Never in practice: there is nothing in it that JSON cannot hold.
    pub fn to_json(&self) -> Result<String, ConfigurationJsonError> {
        serde_json::to_string(self).map_err(|error| ConfigurationJsonError::new(&error))
    }

    /// Reads what [`Self::to_json`] writes. What is missing has its default; security associations, rules and servers are written
    /// whole.
    ///
    /// # Errors
    /// [`ConfigurationJsonError`], which says where; it quotes nothing.
    pub fn from_json(text: &str) -> Result<Self, ConfigurationJsonError> {
        serde_json::from_str(text).map_err(|error| ConfigurationJsonError::new(&error))
    }

    /// Everything against saving or starting it.
    #[must_use]
    pub fn objections(&self) -> Vec<Objection> {
        let mut found = match &self.protocol_configuration {
            Some(protocol) => protocol.objections(&self.pending()),
            None => vec![Objection::refused("protocolConfiguration", "there are no protocol settings")],
        };
        for rule in self.on_demand_rules.iter().flatten() {
            rule.objections(&mut found);
        }
        for secret in &self.new_secrets {
            // A proxy's password without a name is dropped by a save, as Apple does.
            let ppk = secret.slot == SecretSlot::PostQuantumPresharedKey;
            if ppk
                && self
                    .protocol_configuration
                    .as_ref()
                    .is_some_and(|protocol| !protocol.has_place(secret.slot))
            {
                found.push(Objection::refused(
                    "ppkConfiguration",
                    "a PPK was given without its configuration",
                ));
            }
        }
        found
    }

    /// The slots that secrets not stored yet will fill.
    fn pending(&self) -> Vec<SecretSlot> {
        self.new_secrets.iter().map(|secret| secret.slot).collect()
    }

    /// Every reference in it, each once.
    #[must_use]
    pub fn references(&self) -> Vec<SecretReference> {
        let Some(protocol) = &self.protocol_configuration else { return Vec::new() };
        let mut found: Vec<SecretReference> = Vec::new();
        let slots = SecretSlot::ALL.iter().filter_map(|slot| protocol.reference(*slot));
        for reference in slots.chain(protocol.base().identity_reference.as_ref()) {
            if !found.contains(reference) {
                found.push(reference.clone());
            }
        }
        found
    }

    /// The on-demand rules with their switches, for `adit_profile::ondemand::decide`.
    #[must_use]
    pub fn on_demand(&self) -> Rules {
        Rules {
            enabled: self.is_on_demand_enabled,
            user_override_disabled: self.managed.on_demand_user_override_disabled,
            rules: self.on_demand_rules.iter().flatten().map(OnDemandRule::to_engine).collect(),
            ..Rules::default()
        }
    }

    /// Whose semantics the rules have.
    #[must_use]
    pub fn on_demand_mode(&self) -> Mode {
        if self.managed.profile_matching { Mode::Profile } else { Mode::PersonalVpn }
    }

    /// Whether it is for chosen apps only, so that it never wants the default route.
    #[must_use]
    pub fn is_per_app(&self) -> bool {
        self.managed.per_app.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Ikev2Protocol;

    #[test]
    fn f03_json_goes_round_without_new_secrets() {
        let protocol = ProtocolConfiguration::Ikev2(Box::<Ikev2Protocol>::default());
        let mut configuration = Configuration::new(protocol);
        configuration.new_secrets.push(NewSecret::new(SecretSlot::Password, b"hunter2".to_vec()));
        let text = configuration.to_json().unwrap();
        assert!(!text.contains("hunter2") && !text.contains("new_secrets"), "{text}");
        configuration.new_secrets.clear();
        assert_eq!(Configuration::from_json(&text), Ok(configuration));
        assert_eq!(Configuration::from_json("{}"), Ok(Configuration::default()));
    }

    #[test]
    fn json_that_is_none_is_refused_without_a_quote() {
        let error = Configuration::from_json("{\"password\": \"hunter2\"}").unwrap_err();
        assert!(!error.to_string().contains("hunter2") && error.line == 1, "{error}");
    }
}
