//! A VPN as properties of Apple's Personal VPN API, for developers of apps.
//!
//! Owns the objects and properties (`table`) and their making. Each object is written as its class with its properties;
//! a case of an enumeration as its Swift name with its raw value. What the API takes from the keychain is named, never
//! written: [`KeychainItem`] lists what is to be stored. IKEv2 and IPSec (IKEv1) only: the API has nothing else.
//!
//! Source: the NetworkExtension headers, SDK 27.

mod on_demand;
mod table;

use serde::Serialize;

use crate::Profile;
use crate::build::Value;
use crate::ikev2::associations::{CHILD, IKE};
use crate::model::{Payload, VPN_APPLAYER};
use crate::syntax::Node;

use super::forward::Refusal;
use super::tree::{join, lookup, plain, put};
use super::{Json, Lost};
use table::{Class, Kind, Property};

/// The settings for one VPN.
#[derive(Debug, Serialize)]
pub struct Export {
    /// Its place in `PayloadContent`.
    pub payload: usize,
    /// What the user calls it.
    pub name: Option<String>,
    /// The `NEVPNManager` with all that belongs to it.
    #[serde(serialize_with = "as_json")]
    pub settings: Value,
    /// What is to be stored in the keychain, or set by hand.
    pub keychain: Vec<KeychainItem>,
    /// What no property can carry, and what it carries with another meaning.
    pub lost: Vec<Lost>,
}

fn as_json<S: serde::Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    Json(value).serialize(serializer)
}

/// What the app stores in the keychain; the property takes the item's persistent reference.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct KeychainItem {
    /// A name for it; the property refers to it as `{"keychain": name}`.
    pub name: String,
    /// The class of the item.
    pub class: &'static str,
    /// What it holds, in words.
    pub holds: &'static str,
    /// Where the profile has it.
    pub path: String,
    /// The property that takes it.
    pub property: &'static str,
}

/// Exports one VPN payload.
///
/// # Errors
/// When the API has nothing for its `VPNType`, with the reason.
pub fn export(profile: &Profile<'_>, payload: &Payload<'_>) -> Result<Export, Refusal> {
    let kind = supported(payload).map_err(|reason| Refusal::new(payload, reason))?;
    let base = payload.section.path().to_string();
    let mut lost = Vec::new();
    let dict = crate::syntax::Value::Dict(payload.section.dict().clone());
    let input = plain(&Node { span: payload.section.span(), value: dict }, &base, &mut lost);
    let mut work = Work {
        input: input.unwrap_or_else(|| Value::Dict(Vec::new())),
        settings: kind,
        base,
        identifier: payload
            .string("PayloadIdentifier")
            .filter(|found| !found.trim().is_empty())
            .map_or_else(|| format!("vpn-{}", payload.index), str::to_owned),
        seen: ["PayloadType", "PayloadVersion", "PayloadUUID", "PayloadIdentifier", "VPNType"]
            .map(str::to_owned)
            .to_vec(),
        keychain: Vec::new(),
        lost,
    };
    work.inherit();
    let settings = work.object(&table::MANAGER);
    work.differences();
    work.leftovers(payload);
    work.identity(profile, payload);
    Ok(Export {
        payload: payload.index,
        name: payload.name().map(crate::syntax::shorten),
        settings: settings.unwrap_or_else(|| Value::Dict(Vec::new())),
        keychain: work.keychain,
        lost: work.lost,
    })
}

/// The dictionary with the settings, if the API has a class for them.
fn supported(payload: &Payload<'_>) -> Result<&'static str, String> {
    let kind = payload.vpn_type();
    Err(match kind {
        Some("IKEv2") => return Ok("IKEv2"),
        Some("IPSec") => return Ok("IPSec"),
        Some("VPN") => "the settings of an app's own VPN are that app's: NETunnelProviderManager takes whatever the app defines",
        Some("AlwaysOn") => "Always On is for management servers only: no API sets it up",
        Some("TransparentProxy") => {
            "a transparent proxy is an app's own extension, set up with NETransparentProxyManager as the app defines it"
        }
        Some("L2TP" | "PPTP") => "the API has no class for it: NEVPNProtocolIKEv2 and NEVPNProtocolIPSec are all there is",
        _ => "its VPNType is missing or no type that is known",
    })
    .map_err(|reason: &str| match kind {
        Some(kind) => format!("VPNType {kind}: {reason}"),
        None => reason.to_owned(),
    })
}

/// One export under way.
struct Work {
    input: Value,
    settings: &'static str,
    base: String,
    identifier: String,
    /// Paths inside the payload that were looked at.
    seen: Vec<String>,
    keychain: Vec<KeychainItem>,
    lost: Vec<Lost>,
}

impl Work {
    /// An object with the properties that the profile sets; `None` when it sets none of them.
    fn object(&mut self, class: &'static Class) -> Option<Value> {
        let properties = self.properties(class);
        (!properties.is_empty()).then(|| object(class.name, properties))
    }

    fn properties(&mut self, class: &'static Class) -> Vec<(String, Value)> {
        let mut properties = Vec::new();
        for property in class.properties {
            if let Some(value) = self.property(property) {
                properties.push((property.name.to_owned(), value));
            }
        }
        properties
    }

    fn path(&self, key: &str) -> String {
        match key.strip_prefix('.') {
            Some(key) => key.to_owned(),
            None => format!("{}.{key}", self.settings),
        }
    }

    fn property(&mut self, property: &'static Property) -> Option<Value> {
        if property.only.is_some_and(|only| only != self.settings) {
            return None;
        }
        if let Kind::Object(class) = property.kind {
            let found = self.object(class)?;
            return Some(found);
        }
        if let Kind::Protocol(classes) = property.kind {
            let class = classes.iter().find(|class| class.only == Some(self.settings))?;
            let mut properties = Vec::new();
            for base in class.bases {
                properties.extend(self.properties(base));
            }
            properties.extend(self.properties(class));
            return Some(object(class.name, properties));
        }
        let key = self.path(property.key);
        self.seen.push(key.clone());
        let whole = format!("{}.{key}", self.base);
        let Some(found) = lookup(&self.input, &key).cloned() else {
            // What a missing key means in a profile is not what a property that was never set means.
            let around = key.rsplit_once('.').map(|(around, _)| around.to_owned());
            let applies = around.is_none_or(|around| lookup(&self.input, &around).is_some());
            let default = property.default.filter(|_| applies)?;
            return table::written(property.kind, default);
        };
        match property.kind {
            Kind::Keychain { class, holds, role } => {
                let name = format!("{}.{role}", self.identifier);
                self.keychain.push(KeychainItem {
                    name: name.clone(),
                    class,
                    holds,
                    path: whole,
                    property: property.name,
                });
                Some(Value::dict([("keychain", Value::from(name))]))
            }
            Kind::Rules => Some(self.rules(&found, &whole)),
            kind => match table::convert(kind, &found) {
                Ok(value) => Some(value),
                Err(reason) => {
                    self.lost.push(Lost::new(whole, reason));
                    None
                }
            },
        }
    }

    /// In a profile the Child SA takes the IKE SA's values when it has no dictionary; the API's object has its own defaults.
    fn inherit(&mut self) {
        let child = format!("IKEv2.{CHILD}");
        let ike = lookup(&self.input, &format!("IKEv2.{IKE}")).cloned();
        if let Some(ike @ Value::Dict(_)) = ike.filter(|_| lookup(&self.input, &child).is_none()) {
            put(&mut self.input, &child, ike);
        }
    }

    /// What the API means otherwise than the profile.
    fn differences(&mut self) {
        if self.settings != "IKEv2" {
            return;
        }
        for key in [IKE, CHILD] {
            let path = format!("IKEv2.{key}");
            if lookup(&self.input, &path).is_none() {
                let reason = "not in the profile: the system then sends its own list of proposals; the API's object has one \
                              proposal always, AES-256, SHA2-256 and group 14 unless set, for 60 minutes (IKE SA) or 30 \
                              (Child SA)";
                self.lost.push(Lost::new(format!("{}.{path}", self.base), reason));
            }
        }
    }

    /// The identity: the app imports it, and gives the reference.
    fn identity(&mut self, profile: &Profile<'_>, payload: &Payload<'_>) {
        let uuid = payload.settings().and_then(|settings| settings.str("PayloadCertificateUUID"));
        let Some(uuid) = uuid else { return };
        let found = profile.payload_with_uuid(uuid.value);
        let holds = match found.and_then(Payload::kind) {
            Some("com.apple.security.pkcs12") => {
                "the identity: import the PKCS#12 payload's content with SecPKCS12Import"
            }
            Some("com.apple.security.acme" | "com.apple.security.scep") => {
                "the identity, which the profile's payload requests from a CA: the app must get one itself"
            }
            _ => return,
        };
        for item in self.keychain.iter_mut().filter(|item| item.property == "identityReference") {
            item.holds = holds;
        }
    }

    fn leftovers(&mut self, payload: &Payload<'_>) {
        let per_app = payload.kind() == Some(VPN_APPLAYER);
        let mut found = Vec::new();
        leave(&self.input, "", &self.seen, &mut found);
        for path in found {
            let last = path.rsplit_once('.').map_or(path.as_str(), |(_, last)| last);
            let reason = match (path.as_str(), last) {
                (
                    "VPN" | "IPSec" | "IKEv2" | "AlwaysOn" | "TransparentProxy" | "PPP" | "VendorConfig"
                    | "VPNSubType",
                    _,
                ) => {
                    format!("VPNType {} does not use it", self.settings)
                }
                ("DNS", _) => {
                    "Personal VPN takes its DNS servers from the VPN server: the API has no property"
                        .to_owned()
                }
                ("PayloadDisplayName", _) => "the API has one name, localizedDescription".to_owned(),
                (path, _) if path.starts_with("Payload") => "the API has no such label".to_owned(),
                (_, last) if last.starts_with("OnDemandMatchDomains") => {
                    "the API has rules only: write it as a rule with EvaluateConnection first".to_owned()
                }
                (_, "ProviderType" | "ProviderBundleIdentifier" | "ProviderDesignatedRequirement") => {
                    "Personal VPN is run by the system: it has no provider".to_owned()
                }
                _ if per_app => {
                    "per-app VPN is for management servers only: the API has no property".to_owned()
                }
                _ => "the API has no property for it".to_owned(),
            };
            let shown = path.split('.').fold(self.base.clone(), |base, key| join(&base, key));
            self.lost.push(Lost::new(shown, reason));
        }
    }
}

/// The paths that nothing looked at.
fn leave(input: &Value, inside: &str, seen: &[String], found: &mut Vec<String>) {
    let Value::Dict(entries) = input else { return };
    for (key, value) in entries {
        let path = if inside.is_empty() { key.clone() } else { format!("{inside}.{key}") };
        let opening = format!("{path}.");
        if seen.contains(&path) {
            continue;
        }
        if matches!(value, Value::Dict(_)) && seen.iter().any(|known| known.starts_with(&opening)) {
            leave(value, &path, seen, found);
        } else {
            found.push(path);
        }
    }
}

/// An object: its class and its properties.
fn object(class: &str, properties: Vec<(String, Value)>) -> Value {
    Value::dict([("class", Value::from(class)), ("properties", Value::Dict(properties))])
}
