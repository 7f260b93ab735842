//! A description from a tree of values, telling where a mistake stands.
//!
//! [`Spec`] reads itself through serde from TOML and JSON; a form needs the path of the field that is wrong. Here each type
//! reads itself from a tree, through a few functions for all: what serde makes for the same types is ten times the code,
//! which a web page has to load. No value of the tree stands in a message: it may be a secret.

use std::collections::BTreeMap;

use super::spec::{
    CellularSlice, Identity, Ikev2Authentication, IpsecAuthentication, PluginAuthentication, Vpn, VpnKind,
};
use super::{Material, Spec, Value};
use crate::model::Keyword;
use crate::syntax::decode_base64;
use crate::{Secret, SecretText};

/// What is wrong with a description, and where.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Misfit {
    /// The names on the way, the innermost first.
    steps: Vec<String>,
    /// What is wrong.
    pub message: String,
}

impl Misfit {
    /// Where, such as `vpn.ikev2.mtu`; empty for the description as a whole.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in self.steps.iter().rev() {
            if !path.is_empty() && !step.starts_with('[') {
                path.push('.');
            }
            path.push_str(step);
        }
        path
    }

    fn new(message: impl Into<String>) -> Self {
        Self { steps: Vec::new(), message: message.into() }
    }

    /// A value of another kind than what belongs there.
    fn kind(found: &Value, expected: &str) -> Self {
        let found = match found {
            Value::Dict(_) => "a table",
            Value::Array(_) => "a list",
            Value::String(_) => "a text",
            Value::Integer(_) => "a whole number",
            Value::Real(_) => "a number",
            Value::Boolean(_) => "true or false",
            Value::Date(_) => "a date",
            Value::Data(_) => "bytes",
        };
        Self::new(format!("{found} where {expected} belongs"))
    }

    /// Another word than those of a list.
    fn word(found: &str, known: &[&str]) -> Self {
        Self::new(format!("unknown variant `{found}`, expected one of `{}`", known.join("`, `")))
    }

    fn inside(mut self, step: impl Into<String>) -> Self {
        self.steps.push(step.into());
        self
    }
}

impl Spec {
    /// Reads a description from a tree, such as JSON gives.
    ///
    /// # Errors
    /// [`Misfit`], with the path of the field.
    pub fn of(tree: &Value) -> Result<Self, Misfit> {
        Self::from_tree(tree)
    }
}

/// What reads itself from a tree.
pub(crate) trait FromTree: Sized {
    fn from_tree(value: &Value) -> Result<Self, Misfit>;
}

/// A table whose names are known.
pub(crate) struct Table<'t> {
    entries: &'t [(String, Value)],
}

impl<'t> Table<'t> {
    /// A table without names beside these, which are given as Rust writes them.
    #[inline(never)]
    pub fn of(value: &'t Value, names: &[&str]) -> Result<Self, Misfit> {
        let Value::Dict(entries) = value else { return Err(Misfit::kind(value, "a table")) };
        match entries.iter().find(|(found, _)| !names.iter().any(|name| is_kebab(name, found))) {
            None => Ok(Self { entries }),
            Some((found, _)) => {
                let known: Vec<String> = names.iter().map(|name| kebab(name)).collect();
                let known = known.join("`, `");
                Err(Misfit::new(format!("unknown field `{found}`, expected one of `{known}`")).inside(found))
            }
        }
    }

    #[inline(never)]
    fn find(&self, name: &str) -> Option<&'t (String, Value)> {
        self.entries.iter().find(|(found, _)| is_kebab(name, found))
    }

    /// A field that has to be there.
    #[inline(never)]
    pub fn required<T: FromTree>(&self, name: &str) -> Result<T, Misfit> {
        match self.find(name) {
            Some((name, value)) => T::from_tree(value).map_err(|misfit| misfit.inside(name)),
            None => {
                let name = kebab(name);
                Err(Misfit::new(format!("missing field `{name}`")).inside(name))
            }
        }
    }

    /// A field that may be missing: put into its place, or into `mistake` what is wrong with it.
    #[inline(never)]
    pub fn optional<T: FromTree>(&self, name: &str, place: &mut T, mistake: &mut Option<Misfit>) {
        let Some((name, value)) = self.find(name).filter(|_| mistake.is_none()) else { return };
        match T::from_tree(value) {
            Ok(found) => *place = found,
            Err(misfit) => *mistake = Some(misfit.inside(name)),
        }
    }
}

/// `local_identifier` as `local-identifier`.
fn kebab(name: &str) -> String {
    name.replace('_', "-")
}

fn is_kebab(name: &str, found: &str) -> bool {
    name.len() == found.len()
        && name.bytes().zip(found.bytes()).all(|(one, other)| one == other || one == b'_' && other == b'-')
}

/// A table of one entry: a choice and what belongs to it.
#[inline(never)]
fn choice(value: &Value) -> Result<(&str, &Value), Misfit> {
    match value {
        Value::Dict(entries) => match entries.as_slice() {
            [(name, inside)] => Ok((name, inside)),
            [] => Err(Misfit::new("a choice has to be made here")),
            several => {
                let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).collect();
                Err(Misfit::new(format!("there can only be one of {}", names.join(", "))))
            }
        },
        other => Err(Misfit::kind(other, "a table")),
    }
}

/// What belongs to a choice.
fn chosen<T: FromTree>(name: &str, value: &Value) -> Result<T, Misfit> {
    T::from_tree(value).map_err(|misfit| misfit.inside(name))
}

/// The `method` of a table, and the table without it.
#[inline(never)]
fn method(value: &Value) -> Result<(&str, Value), Misfit> {
    let Value::Dict(entries) = value else { return Err(Misfit::kind(value, "a table")) };
    match value.get("method") {
        Some(Value::String(method)) => {
            let rest = entries.iter().filter(|(name, _)| name != "method").cloned().collect();
            Ok((method, Value::Dict(rest)))
        }
        Some(other) => Err(Misfit::kind(other, "a method").inside("method")),
        None => Err(Misfit::new("missing field `method`").inside("method")),
    }
}

fn no_method(found: &str, known: &[&str]) -> Misfit {
    Misfit::word(found, known).inside("method")
}

impl FromTree for Vpn {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        let (name, inside) = choice(value)?;
        let Some(kind) = VpnKind::of(name) else {
            return Err(Misfit::word(name, &VpnKind::ALL.map(VpnKind::name)));
        };
        Ok(match kind {
            VpnKind::Ikev2 => Self::Ikev2(chosen(name, inside)?),
            VpnKind::AlwaysOn => Self::AlwaysOn(chosen(name, inside)?),
            VpnKind::Ipsec => Self::Ipsec(chosen(name, inside)?),
            VpnKind::CiscoAnyconnect => Self::CiscoAnyconnect(chosen(name, inside)?),
            VpnKind::JuniperSsl => Self::JuniperSsl(chosen(name, inside)?),
            VpnKind::Netmotion => Self::Netmotion(chosen(name, inside)?),
            VpnKind::F5Ssl => Self::F5Ssl(chosen(name, inside)?),
            VpnKind::SonicwallMobileConnect => Self::SonicwallMobileConnect(chosen(name, inside)?),
            VpnKind::ArubaVia => Self::ArubaVia(chosen(name, inside)?),
            VpnKind::CustomSsl => Self::CustomSsl(chosen(name, inside)?),
            VpnKind::Globalprotect => Self::Globalprotect(chosen(name, inside)?),
        })
    }
}

impl FromTree for Identity {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        match choice(value)? {
            (name @ "pkcs12", inside) => chosen(name, inside).map(Self::Pkcs12),
            (name @ "scep", inside) => chosen(name, inside).map(Self::Scep),
            (name @ "acme", inside) => chosen(name, inside).map(Self::Acme),
            (other, _) => Err(Misfit::word(other, &["pkcs12", "scep", "acme"])),
        }
    }
}

impl FromTree for CellularSlice {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        match choice(value)? {
            (name @ "dnn", inside) => chosen(name, inside).map(Self::Dnn),
            (name @ "app-category", inside) => chosen(name, inside).map(Self::AppCategory),
            (other, _) => Err(Misfit::word(other, &["dnn", "app-category"])),
        }
    }
}

impl FromTree for Ikev2Authentication {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        match method(value)? {
            ("shared-secret", rest) => FromTree::from_tree(&rest).map(Self::SharedSecret),
            ("certificate", rest) => FromTree::from_tree(&rest).map(Self::Certificate),
            ("eap", rest) => FromTree::from_tree(&rest).map(Self::Eap),
            ("eap-tls", rest) => FromTree::from_tree(&rest).map(Self::EapTls),
            (other, _) => Err(no_method(other, &["shared-secret", "certificate", "eap", "eap-tls"])),
        }
    }
}

impl FromTree for IpsecAuthentication {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        match method(value)? {
            ("shared-secret", rest) => FromTree::from_tree(&rest).map(Self::SharedSecret),
            ("certificate", rest) => FromTree::from_tree(&rest).map(Self::Certificate),
            (other, _) => Err(no_method(other, &["shared-secret", "certificate"])),
        }
    }
}

impl FromTree for PluginAuthentication {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        match method(value)? {
            ("password", rest) => FromTree::from_tree(&rest).map(Self::Password),
            ("certificate", rest) => FromTree::from_tree(&rest).map(Self::Certificate),
            ("password-and-certificate", rest) => {
                FromTree::from_tree(&rest).map(Self::PasswordAndCertificate)
            }
            (other, _) => Err(no_method(other, &["password", "certificate", "password-and-certificate"])),
        }
    }
}

impl FromTree for Material {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        const EXPECTED: &str = "text, { file = \"..\" }, { base64 = \"..\" } or { ask = true }";
        if let Value::String(text) = value {
            return Ok(Self::Text(SecretText::new(text.to_string())));
        }
        let Value::Dict(entries) = value else { return Err(Misfit::kind(value, EXPECTED)) };
        match entries.as_slice() {
            [(name, Value::String(file))] if name == "file" => Ok(Self::File(file.to_string())),
            [(name, Value::String(text))] if name == "base64" => {
                let decoded = decode_base64(text.as_bytes());
                if decoded.not_ascii.is_some() || decoded.stray.is_some() || decoded.incomplete {
                    return Err(Misfit::new("broken Base64"));
                }
                Ok(Self::Bytes(Secret::from(decoded.bytes)))
            }
            [(name, Value::Boolean(true))] if name == "ask" => Ok(Self::Ask),
            _ => Err(Misfit::kind(value, EXPECTED)),
        }
    }
}

impl FromTree for String {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        match value {
            Value::String(text) => Ok(text.to_string()),
            other => Err(Misfit::kind(other, "a text")),
        }
    }
}

impl FromTree for bool {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        match value {
            Value::Boolean(value) => Ok(*value),
            other => Err(Misfit::kind(other, "true or false")),
        }
    }
}

impl FromTree for i64 {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        match value {
            Value::Integer(number) => {
                Self::try_from(*number).map_err(|_| Misfit::new("a number beyond all bounds"))
            }
            other => Err(Misfit::kind(other, "a whole number")),
        }
    }
}

impl FromTree for f64 {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        match value {
            Value::Real(number) => Ok(*number),
            // Exact for whatever a description counts.
            #[allow(clippy::cast_precision_loss)]
            Value::Integer(number) => Ok(*number as Self),
            other => Err(Misfit::kind(other, "a number")),
        }
    }
}

/// A word of a list. `keywords!` makes its types read themselves by it.
#[inline(never)]
pub(crate) fn word<K: Keyword>(value: &Value) -> Result<K, Misfit> {
    let Value::String(text) = value else { return Err(Misfit::kind(value, "a text")) };
    let found = K::ALL.iter().find(|word| word.word() == text.as_str());
    found.copied().ok_or_else(|| {
        let known: Vec<&str> = K::ALL.iter().map(|word| word.word()).collect();
        Misfit::word(text, &known)
    })
}

impl<T: FromTree> FromTree for Option<T> {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        T::from_tree(value).map(Some)
    }
}

impl<T: FromTree> FromTree for Box<T> {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        T::from_tree(value).map(Self::new)
    }
}

impl<T: FromTree> FromTree for Vec<T> {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        let Value::Array(items) = value else { return Err(Misfit::kind(value, "a list")) };
        let mut all = Self::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            all.push(T::from_tree(item).map_err(|misfit| misfit.inside(format!("[{place}]")))?);
        }
        Ok(all)
    }
}

impl<T: FromTree> FromTree for BTreeMap<String, T> {
    fn from_tree(value: &Value) -> Result<Self, Misfit> {
        let Value::Dict(entries) = value else { return Err(Misfit::kind(value, "a table")) };
        let mut all = Self::new();
        for (name, inside) in entries {
            all.insert(name.clone(), chosen(name, inside)?);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::FromJson;

    fn read(json: &str) -> Result<Spec, (String, String)> {
        let FromJson(tree) = serde_json::from_str(json).unwrap();
        Spec::of(&tree).map_err(|misfit| (misfit.path(), misfit.message))
    }

    const GOOD: &str = r#"{"profile":{"name":"Office"},"vpn":{"ikev2":{"server":"vpn.example.com","mtu":1400,
        "authentication":{"method":"shared-secret","secret":{"base64":"aHVudGVyMg=="}},
        "ike":{"encryption":"AES-256-GCM","post-quantum":["ML-KEM-768"]}}},
        "on-demand":{"rules":[{"action":"evaluate-connection","connections":[{"domains":["a.example"],"action":"never-connect"}]}]}}"#;

    #[test]
    fn a_description_is_read_as_serde_json_reads_it() {
        let expected: Spec = serde_json::from_str(GOOD).unwrap();
        assert_eq!(read(GOOD).unwrap(), expected);
    }

    #[test]
    fn mistakes_have_their_path_and_never_the_value() {
        for (from, to, path, words) in [
            ("\"mtu\":1400", "\"mtu\":\"hunter2\"", "vpn.ikev2.mtu", "a text where"),
            ("\"server\":\"vpn.example.com\",", "", "vpn.ikev2.server", "missing field `server`"),
            ("\"mtu\":1400", "\"mut\":1400", "vpn.ikev2.mut", "unknown field `mut`"),
            ("AES-256-GCM", "AES-9", "vpn.ikev2.ike.encryption", "AES-256-GCM"),
            ("ML-KEM-768", "x", "vpn.ikev2.ike.post-quantum[0]", "ML-KEM-768"),
            ("\"never-connect\"", "7", "on-demand.rules[0].connections[0].action", "a whole number where"),
            ("\"ikev2\"", "\"ikev3\"", "vpn", "unknown variant"),
            ("{\"name\":\"Office\"}", "[]", "profile", "a list where"),
            ("aHVudGVyMg==", "*", "vpn.ikev2.authentication.secret", "broken Base64"),
        ] {
            let wrong = GOOD.replace(from, to);
            assert_ne!(wrong, GOOD);
            let (found, message) = read(&wrong).unwrap_err();
            assert_eq!(found, path, "{message}");
            assert!(message.contains(words) && !message.contains("hunter2"), "{message}");
        }
        let two = GOOD.replace("\"vpn\":{", "\"vpn\":{\"ipsec\":{},");
        assert_eq!(read(&two).unwrap_err(), ("vpn".into(), "there can only be one of ipsec, ikev2".into()));
    }
}
