//! From a profile back to a description, so that it opens in a form.
//!
//! Goes by the table of [`fields`]: each row says which key it writes, and here that key is read. What the table cannot say
//! (authentication methods, references, rules) is read by name. What no field holds is found by building the
//! description again and comparing both profiles by what they mean ([`crate::diff`]).

use zeroize::Zeroizing;

use super::fields::{Field, Kind, fields};
use super::{Seed, Spec, Value, VpnKind, spec, to_xml};
use crate::Document;
use crate::convert::Lost;
use crate::diff::{self, ChangeKind};
use crate::gather::{Gather as _, GatherSome as _};
use crate::model::{Keyword, Payload, Profile, VPN_APPLAYER};
use crate::syntax::encode_base64;

/// A description of a profile.
#[derive(Debug)]
pub struct Opened {
    /// The description as a tree, which [`Spec::of`] reads; fields that every description needs may be missing. It holds
    /// the profile's secrets.
    pub spec: Value,
    /// What stands in the profile and in no field, or otherwise in a profile made from the description.
    pub lost: Vec<Lost>,
}

/// Why there is no description of a profile.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No connection type writes such a VPN.
    #[error("no description makes a VPN of the type {0}")]
    OtherType(String),
    /// The file holds what no property list that can be written has.
    #[error("the property list holds what cannot be written")]
    Unwritable,
}

/// The payloads that hold a key with its certificate.
const IDENTITIES: [&str; 3] =
    ["com.apple.security.pkcs12", "com.apple.security.scep", "com.apple.security.acme"];

/// The payloads that hold certificates, with the description's word for them.
const CERTIFICATES: [(&str, &str); 3] = [
    ("com.apple.security.root", "root"),
    ("com.apple.security.pkcs1", "intermediate"),
    ("com.apple.security.pem", "intermediate"),
];

/// Describes one VPN of a profile with all that belongs to it.
///
/// # Errors
/// [`OpenError`]: there is no connection type for it.
pub fn open(document: &Document, profile: &Profile<'_>, payload: &Payload<'_>) -> Result<Opened, OpenError> {
    let root = document.root().and_then(Value::of).ok_or(OpenError::Unwritable)?;
    let payloads = match root.get("PayloadContent") {
        Some(Value::Array(items)) => items.as_slice(),
        _ => &[],
    };
    let vpn = payloads.get(payload.index).ok_or(OpenError::Unwritable)?;
    let kind = kind_of(payload)
        .ok_or_else(|| OpenError::OtherType(payload.string("VPNType").unwrap_or("none").to_owned()))?;
    let mut reader = Reader { kind, root: &root, payloads, vpn, identities: Vec::new(), spec: empty() };
    reader.identities();
    reader.read();
    let spec = reader.spec;
    let lost = lost(document, profile, &spec);
    Ok(Opened { spec, lost })
}

/// The connection type that writes such a payload.
fn kind_of(payload: &Payload<'_>) -> Option<VpnKind> {
    match payload.vpn_type()? {
        "IKEv2" => Some(VpnKind::Ikev2),
        "AlwaysOn" => Some(VpnKind::AlwaysOn),
        "IPSec" => Some(VpnKind::Ipsec),
        "VPN" => {
            let app = payload.string("VPNSubType").unwrap_or_default();
            let of_app = |kind: &VpnKind| spec::subtypes(*kind).iter().any(|known| known.identifier == app);
            // Settings that the vendor's type has no field for make it the type that holds any.
            let settings = payload.section.sub("VendorConfig");
            let holds = |kind: &VpnKind| {
                let all = fields(*kind);
                let mut keys = settings.iter().flat_map(|settings| &settings.dict().entries);
                keys.all(|entry| {
                    let key = format!("VendorConfig.{}", entry.key.text);
                    all.iter().any(|field| field.writes == key || field.writes == "VendorConfig")
                })
            };
            Some(VpnKind::ALL.into_iter().find(of_app).filter(holds).unwrap_or(VpnKind::CustomSsl))
        }
        _ => None,
    }
}

struct Reader<'v> {
    kind: VpnKind,
    root: &'v Value,
    payloads: &'v [Value],
    vpn: &'v Value,
    /// `PayloadUUID`, the name in the description, the payload.
    identities: Vec<(&'v str, String, &'v Value)>,
    spec: Value,
}

impl<'v> Reader<'v> {
    fn identities(&mut self) {
        for payload in self.payloads {
            if IDENTITIES.contains(&text(payload, "PayloadType")) {
                let number = self.identities.len() + 1;
                let plain = if number == 1 { "user".to_owned() } else { format!("user-{number}") };
                // The name in the description becomes the payload's; a dot would be a step of a path.
                let own = text(payload, "PayloadDisplayName").trim();
                let taken = self.identities.iter().any(|(_, known, _)| known == own);
                let usable = !own.is_empty() && !own.contains('.') && !taken;
                let name = if usable { own.to_owned() } else { plain };
                self.identities.push((text(payload, "PayloadUUID"), name, payload));
            }
        }
    }

    fn read(&mut self) {
        let table = format!("vpn.{}", self.kind.name());
        set(&mut self.spec, &table, empty());
        let name = [text(self.root, "PayloadDisplayName"), text(self.vpn, "UserDefinedName"), "Profile"];
        let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        set(&mut self.spec, "profile.name", name.into());
        let tunnels = tunnels(self.vpn);
        for field in fields(self.kind) {
            if field.path == "certificates" {
                self.certificates();
            } else if let Some(rest) = field.path.strip_prefix("identity.user.") {
                self.identity_field(&field, rest);
            } else if let Some((_, key)) = field.writes.split_once("TunnelConfigurations[].") {
                let table = format!("{table}.");
                let of_tunnel = |name: &&str| {
                    field.path.strip_prefix(&table).is_some_and(|path| path.starts_with(&format!("{name}.")))
                };
                let Some(name) = ["tunnel", "wifi", "cellular"].into_iter().find(|name| of_tunnel(name))
                else {
                    continue;
                };
                if let Some((_, settings)) = tunnels.iter().find(|(known, _)| *known == name) {
                    self.field(&field, settings, key);
                }
            } else {
                let (source, key) = match field.writes.split_once(':') {
                    Some(("Configuration", key)) => (Some(self.root), key),
                    Some((kind, key)) => {
                        (self.payloads.iter().find(|payload| text(payload, "PayloadType") == kind), key)
                    }
                    None => (Some(self.vpn), field.writes.as_str()),
                };
                if let Some(source) = source {
                    self.field(&field, source, key);
                }
            }
        }
        self.unsaid();
    }

    /// What the builder would say of itself, and the profile does not say.
    fn unsaid(&mut self) {
        let Some(settings) = self.vpn.get(self.kind.vpn_type()) else { return };
        let has = |key: &str| settings.get(key).is_some();
        if has("OnDemandRules") && !has("OnDemandEnabled") && self.spec.get("on-demand").is_some() {
            set(&mut self.spec, "on-demand.enabled", false.into());
        }
        let user = ["XAuthName", "XAuthPassword", "XAuthPasswordEncryption"].into_iter().any(has);
        if self.kind == VpnKind::Ipsec && user && !has("XAuthEnabled") {
            set(&mut self.spec, "vpn.ipsec.xauth", false.into());
        }
    }

    /// One field from the dictionary it is written to.
    fn field(&mut self, field: &Field, source: &'v Value, key: &str) {
        let path = field.path.as_str();
        let (table, last) = path.rsplit_once('.').unwrap_or(("", path));
        let value = at(source, key);
        let per_app = text(self.vpn, "PayloadType") == VPN_APPLAYER;
        if table.starts_with("per-app") && !per_app || last == "name" && table == "profile" {
            return;
        }
        if path == "per-app" {
            if per_app {
                ensure(&mut self.spec, path);
            }
            return;
        }
        if table.starts_with("proxies.") && !self.is_proxy_table(source, table) {
            return;
        }
        if table.ends_with(".authentication") {
            let settings = parent(source, key);
            let Some(method) = settings.and_then(|settings| method(self.kind, settings)) else { return };
            if last == "method" {
                set(&mut self.spec, path, method.into());
                return;
            }
            let meant = last != "authentication-method" || value.and_then(as_text) != Some("None");
            if !meant || !field.methods.is_empty() && !field.methods.contains(&method) {
                return;
            }
        }
        let Some(value) = value else { return };
        let read = match (last, field.kind) {
            ("identity", _) => self.identity_name(value),
            ("connection-name", _) => {
                let name = self.spec.get("profile").and_then(|profile| profile.get("name"));
                (name != Some(value)).then(|| value.clone())
            }
            ("subtype", _) => subtype(self.kind, value),
            ("provider-type-outside", _) => Some(true.into()),
            ("ask-each-time", _) => (as_text(value) == Some("Prompt")).then(|| true.into()),
            ("dnn", _) => as_text(value).and_then(|text| text.strip_prefix("DNN:")).map(Value::from),
            ("app-category", _) => {
                as_text(value).and_then(|text| text.strip_prefix("AppCategory:")).map(Value::from)
            }
            (_, kind) => plain(kind, value),
        };
        if let Some(read) = read {
            set(&mut self.spec, path, read);
        }
    }

    fn identity_field(&mut self, field: &Field, rest: &str) {
        let Some((kind, key)) = field.writes.split_once(':') else { return };
        let of_kind = |payload: &Value| text(payload, "PayloadType") == kind;
        let found: Vec<(String, Value)> = self
            .identities
            .iter()
            .filter(|(_, _, payload)| of_kind(payload))
            .filter_map(|(_, name, payload)| {
                let value = at(payload, key)?;
                let read = if rest.ends_with(".subject") { subject(value) } else { plain(field.kind, value) };
                Some((format!("identity.{name}.{rest}"), read?))
            })
            .gather();
        found.into_iter().for_each(|(path, value)| set(&mut self.spec, &path, value));
    }

    fn certificates(&mut self) {
        let mut all = Vec::new();
        for payload in self.payloads {
            let kind = text(payload, "PayloadType");
            let Some((_, word)) = CERTIFICATES.iter().find(|(known, _)| *known == kind) else { continue };
            let Some(content) = payload.get("PayloadContent").and_then(material) else { continue };
            let mut entries = vec![("content", content), ("payload", Value::from(*word))];
            if let Some(name) = payload.get("PayloadDisplayName") {
                entries.push(("name", name.clone()));
            }
            all.push(Value::dict(entries));
        }
        if !all.is_empty() {
            set(&mut self.spec, "certificates", Value::Array(all));
        }
    }

    /// The name of the identity with a UUID.
    fn identity_name(&self, uuid: &Value) -> Option<Value> {
        let uuid = as_text(uuid)?;
        let found = self.identities.iter().find(|(known, _, _)| known.eq_ignore_ascii_case(uuid));
        found.map(|(_, name, _)| name.as_str().into())
    }

    /// Whether proxies belong into a table: `manual` serves HTTP and HTTPS alike.
    fn is_proxy_table(&self, source: &Value, table: &str) -> bool {
        let Some(proxies) = source.get("Proxies") else { return false };
        let of = |server: &str, port: &str| (proxies.get(server).cloned(), proxies.get(port).cloned());
        let alike = of("HTTPProxy", "HTTPPort") == of("HTTPSProxy", "HTTPSPort");
        alike == (table == "proxies.manual")
    }
}

/// The Always On tunnels by the name of their table.
fn tunnels(vpn: &Value) -> Vec<(&'static str, &Value)> {
    let Some(Value::Array(all)) = at(vpn, "AlwaysOn.TunnelConfigurations") else { return Vec::new() };
    all.iter()
        .map(|one| {
            let has = |name: &str| match one.get("Interfaces") {
                Some(Value::Array(items)) => items.iter().any(|item| as_text(item) == Some(name)),
                _ => true,
            };
            let name = match (has("WiFi"), has("Cellular")) {
                (true, false) => "wifi",
                (false, true) => "cellular",
                _ => "tunnel",
            };
            (name, one)
        })
        .gather()
}

/// The description's word for how a dictionary authenticates.
fn method(kind: VpnKind, settings: &Value) -> Option<&'static str> {
    let written = text(settings, "AuthenticationMethod");
    let on = |key: &str| matches!(settings.get(key), Some(Value::Integer(1) | Value::Boolean(true)));
    match kind {
        VpnKind::Ikev2 | VpnKind::AlwaysOn => match written {
            _ if on("ExtendedAuthEnabled") => {
                Some(if settings.get("PayloadCertificateUUID").is_some() { "eap-tls" } else { "eap" })
            }
            "Certificate" => Some("certificate"),
            "SharedSecret" => Some("shared-secret"),
            _ => settings.get("SharedSecret").map(|_| "shared-secret"),
        },
        VpnKind::Ipsec => match written {
            "Certificate" => Some("certificate"),
            _ => Some("shared-secret"),
        },
        _ => match written {
            "Password" => Some("password"),
            "Certificate" => Some("certificate"),
            "Password+Certificate" => Some("password-and-certificate"),
            _ => None,
        },
    }
}

/// The word for an app, or its identifier; none for the one that is meant without a word.
fn subtype(kind: VpnKind, value: &Value) -> Option<Value> {
    let identifier = as_text(value)?;
    let choices = spec::subtypes(kind);
    match choices.iter().position(|choice| choice.identifier == identifier) {
        Some(0) => None,
        Some(place) => choices.get(place).map(|choice| choice.name.into()),
        None => Some(identifier.into()),
    }
}

/// A value as a field of its kind holds it.
fn plain(kind: Kind, value: &Value) -> Option<Value> {
    let texts = |value: &Value| match value {
        Value::Array(items) => {
            let text = |item: &Value| {
                let named = item.get("BundleIdentifier");
                as_text(named.unwrap_or(item)).map(Value::from)
            };
            items.iter().map(text).gather_some().map(Value::Array)
        }
        Value::String(_) => Some(Value::Array(vec![value.clone()])),
        _ => None,
    };
    match kind {
        Kind::Text => match value {
            Value::String(_) => Some(value.clone()),
            Value::Date(date) => Some(date.to_string().into()),
            Value::Data(bytes) => {
                Some(bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>().into())
            }
            // Alternative names may stand as a list.
            Value::Array(items) => items.first().filter(|item| as_text(item).is_some()).cloned(),
            _ => None,
        },
        Kind::Word(_) => {
            let found = as_text(value)?;
            kind.words().into_iter().find(|word| *word == found).map(Value::from)
        }
        Kind::Integer => matches!(value, Value::Integer(_)).then(|| value.clone()),
        Kind::Number => matches!(value, Value::Integer(_) | Value::Real(_)).then(|| value.clone()),
        Kind::Boolean => match value {
            Value::Boolean(_) => Some(value.clone()),
            Value::Integer(0) => Some(false.into()),
            Value::Integer(1) => Some(true.into()),
            _ => None,
        },
        Kind::WordList(_) => post_quantum(value),
        Kind::TextList => texts(value),
        Kind::Secret | Kind::File => material(value),
        Kind::Pairs => match value {
            Value::Dict(entries) if entries.iter().all(|(_, value)| as_text(value).is_some()) => {
                Some(value.clone())
            }
            _ => None,
        },
        Kind::Rules => each(value, rule),
        Kind::Services => each(value, |one| keys(one, &[("service", "ServiceName"), ("action", "Action")])),
        Kind::Apps => each(value, |one| {
            let mut app = keys(one, &[("app", "BundleIdentifier")])?;
            if one.get("LimitToProtocols").is_some() {
                set(&mut app, "udp-only", true.into());
            }
            Some(app)
        }),
        Kind::MacApps => each(value, |one| {
            let mut app =
                keys(one, &[("identifier", "Identifier"), ("requirement", "DesignatedRequirement")])?;
            if one.get("SigningIdentifier") != one.get("Identifier") {
                copy(one, "SigningIdentifier", &mut app, "signing-identifier");
            }
            copy(one, "Path", &mut app, "path");
            Some(app)
        }),
        Kind::Files | Kind::Table => None,
    }
}

/// Further key exchanges by their numbers, as words.
fn post_quantum(value: &Value) -> Option<Value> {
    each(value, |one| {
        let Value::Integer(number) = one else { return None };
        let method =
            spec::PostQuantumMethod::ALL.iter().find(|known| i128::from(known.number()) == *number)?;
        Some(method.word().into())
    })
}

/// An on-demand rule.
fn rule(written: &Value) -> Option<Value> {
    let mut rule = empty();
    set(&mut rule, "action", known::<spec::Action>(&kebab(text(written, "Action")))?);
    if written.get("InterfaceTypeMatch").is_some() {
        set(&mut rule, "interface", known::<spec::Interface>(text(written, "InterfaceTypeMatch"))?);
    }
    for (name, key) in
        [("ssid", "SSIDMatch"), ("dns-domain", "DNSDomainMatch"), ("dns-server", "DNSServerAddressMatch")]
    {
        copy(written, key, &mut rule, name);
    }
    copy(written, "URLStringProbe", &mut rule, "url-probe");
    if let Some(connections) = written.get("ActionParameters") {
        let connections = each(connections, |one| {
            let mut connection = keys(one, &[("domains", "Domains")])?;
            set(&mut connection, "action", known::<spec::DomainAction>(&kebab(text(one, "DomainAction")))?);
            copy(one, "RequiredDNSServers", &mut connection, "dns-servers");
            copy(one, "RequiredURLStringProbe", &mut connection, "url-probe");
            Some(connection)
        })?;
        set(&mut rule, "connections", connections);
    }
    Some(rule)
}

/// A word that a description has; `None` for any other.
fn known<K: Keyword>(word: &str) -> Option<Value> {
    K::ALL.iter().any(|known| known.word() == word).then(|| word.into())
}

/// `EvaluateConnection` as `evaluate-connection`.
fn kebab(word: &str) -> String {
    let mut kebab = String::with_capacity(word.len() + 4);
    for letter in word.chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}

/// `[[["CN", "alice"]], [["O", "Example"]]]` as `CN=alice, O=Example`.
fn subject(value: &Value) -> Option<Value> {
    let Value::Array(sets) = value else { return plain(Kind::Text, value) };
    let mut parts = Vec::new();
    for set in sets {
        let Value::Array(pairs) = set else { return None };
        for pair in pairs {
            let Value::Array(pair) = pair else { return None };
            let [kind, name] = pair.as_slice() else { return None };
            let name = as_text(name)?.replace('\\', "\\\\").replace(',', "\\,");
            parts.push(format!("{}={name}", as_text(kind)?));
        }
    }
    Some(parts.join(", ").into())
}

/// A secret or a file.
fn material(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Data(bytes) => {
            let text = Value::String(Zeroizing::new(encode_base64(bytes)));
            Some(Value::dict([("base64", text)]))
        }
        _ => None,
    }
}

/// Each element of an array.
fn each(value: &Value, one: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    let Value::Array(items) = value else { return None };
    items.iter().map(one).gather_some().map(Value::Array)
}

/// A table of keys under other names, all of them needed.
fn keys(source: &Value, names: &[(&str, &str)]) -> Option<Value> {
    let entries = names.iter().map(|(name, key)| Some((*name, source.get(key)?.clone())));
    Some(Value::dict(entries.gather_some()?))
}

fn copy(source: &Value, key: &str, target: &mut Value, name: &str) {
    if let Some(value) = source.get(key) {
        set(target, name, value.clone());
    }
}

fn empty() -> Value {
    Value::Dict(Vec::new())
}

fn as_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(as_text).unwrap_or_default()
}

/// The value at a path of keys with dots between.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

/// The dictionary that holds the last key of a path.
fn parent<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.rsplit_once('.').map_or(Some(value), |(table, _)| at(value, table))
}

/// Makes the tables on the way.
fn ensure<'v>(tree: &'v mut Value, path: &str) -> Option<&'v mut Value> {
    let mut at = tree;
    for name in path.split('.') {
        let Value::Dict(entries) = at else { return None };
        let place = match entries.iter().position(|(known, _)| known == name) {
            Some(place) => place,
            None => {
                entries.push((name.to_owned(), empty()));
                entries.len() - 1
            }
        };
        at = entries.get_mut(place).map(|(_, value)| value)?;
    }
    Some(at)
}

fn set(tree: &mut Value, path: &str, value: Value) {
    if let Some(place) = ensure(tree, path) {
        *place = value;
    }
}

/// What a profile made from the description does not have, or has otherwise.
fn lost(document: &Document, profile: &Profile<'_>, tree: &Value) -> Vec<Lost> {
    let made = Spec::of(tree).map_err(|misfit| Lost::new(misfit.path(), misfit.message)).and_then(|spec| {
        let value =
            spec.build(&Seed([0; 16])).map_err(|error| Lost::new(error.field(), error.to_string()))?;
        to_xml(&value).map_err(|error| Lost::new("", error.to_string()))
    });
    let text = match made {
        Ok(text) => text,
        Err(lost) => return vec![lost],
    };
    let again = Document::read(text.as_bytes());
    let Ok(found) = diff::diff(document, &again) else { return Vec::new() };
    let several = profile.vpn_payloads().count() > 1;
    let changes = found.changes.into_iter().filter(|change| !change.identity);
    changes
        .map(|change| {
            let path = change.before_path.or(change.after_path).unwrap_or_default();
            let of_payload = path.starts_with("PayloadContent[") && path.ends_with(']');
            Lost::new(
                path,
                match change.kind {
                    ChangeKind::Removed if several && of_payload => {
                        "a description holds one VPN and what belongs to it"
                    }
                    ChangeKind::Removed => "no field of a description holds it, or holds such a value",
                    ChangeKind::Changed => "a profile made from the description has another value",
                    ChangeKind::Added => "a profile made from the description has it in addition",
                },
            )
        })
        .gather()
}
