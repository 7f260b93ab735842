//! A description from a tree of values, telling where a mistake stands.
//!
//! [`Spec`] reads itself through serde from TOML and JSON; a form needs the path of the field that is wrong. Here each type
//! reads itself from a tree, through a few functions for all: what serde makes for the same types is ten times the code,
//! which a web page has to load. No value of the tree stands in a message: it may be a secret.

use std::borrow::Borrow;

use super::spec::{
    CellularSlice, Identity, Ikev2Authentication, IpsecAuthentication, PluginAuthentication, Vpn,
};
use super::{Material, Spec, Value};
use crate::gather::Gather as _;
use crate::model::Keyword;
use crate::syntax::decode_base64;
use crate::{Named, Secret, SecretText};

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
        let mut spec = Self::blank();
        spec.fill(tree)?;
        Ok(spec)
    }
}

/// What reads itself from a tree. It is made blank and then filled where it stands: a result that has to be handed up
/// field by field is several times the code. What was filled in part only is never handed out.
pub(crate) trait FromTree {
    /// One that says nothing yet, and is to be filled.
    fn blank() -> Self
    where
        Self: Sized;

    /// Takes what a value says.
    fn fill(&mut self, value: &Value) -> Result<(), Misfit>;
}

/// Fills the fields of a table, given beside their names as Rust writes them, of which the first `required` have to be
/// there. Other names are refused.
pub(crate) fn fill(
    value: &Value,
    names: &[&str],
    required: usize,
    fields: &mut [&mut dyn FromTree],
) -> Result<(), Misfit> {
    let Value::Dict(entries) = value else { return Err(Misfit::kind(value, "a table")) };
    if let Some((found, _)) =
        entries.iter().find(|(found, _)| !names.iter().any(|name| is_kebab(name, found)))
    {
        let known: Vec<String> = names.iter().map(|name| kebab(name)).gather();
        let known = known.join("`, `");
        return Err(Misfit::new(format!("unknown field `{found}`, expected one of `{known}`")).inside(found));
    }
    for (place, (name, field)) in names.iter().zip(fields).enumerate() {
        match entries.iter().find(|(found, _)| is_kebab(name, found)) {
            Some((name, value)) => field.fill(value).map_err(|misfit| misfit.inside(name))?,
            None if place < required => {
                let name = kebab(name);
                return Err(Misfit::new(format!("missing field `{name}`")).inside(name));
            }
            None => {}
        }
    }
    Ok(())
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
                let names: Vec<&str> = several.iter().map(|(name, _)| name.as_str()).gather();
                Err(Misfit::new(format!("there can only be one of {}", names.join(", "))))
            }
        },
        other => Err(Misfit::kind(other, "a table")),
    }
}

/// The `method` of a table, and the table without it.
#[inline(never)]
fn method(value: &Value) -> Result<(&str, Value), Misfit> {
    let Value::Dict(entries) = value else { return Err(Misfit::kind(value, "a table")) };
    match value.get("method") {
        Some(Value::String(method)) => {
            let rest = entries.iter().filter(|(name, _)| name != "method").cloned().gather();
            Ok((method, Value::Dict(rest)))
        }
        Some(other) => Err(Misfit::kind(other, "a method").inside("method")),
        None => Err(Misfit::new("missing field `method`").inside("method")),
    }
}

fn no_method(found: &str, known: &[&str]) -> Misfit {
    Misfit::word(found, known).inside("method")
}

/// Makes a type of several forms read itself: `$find` gives the word of the form and what belongs to it, `$inside` puts the
/// word into the path of a mistake where it is a step of it, `$unknown` refuses another word.
macro_rules! forms {
    (
        $name:ident: $find:ident, $inside:expr, $unknown:expr;
        $first_word:literal => $first:ident $(, $word:literal => $form:ident)*
    ) => {
        impl FromTree for $name {
            fn blank() -> Self {
                Self::$first(FromTree::blank())
            }

            fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
                let (word, inside) = $find(value)?;
                *self = match word {
                    $first_word => Self::$first(FromTree::blank()),
                    $($word => Self::$form(FromTree::blank()),)*
                    other => return Err($unknown(other, &[$first_word, $($word),*])),
                };
                let form: &mut dyn FromTree = match self {
                    Self::$first(form) => form,
                    $(Self::$form(form) => form,)*
                };
                form.fill(inside.borrow()).map_err(|misfit| $inside(misfit, word))
            }
        }
    };
}

forms! {
    Vpn: choice, Misfit::inside, Misfit::word;
    "ikev2" => Ikev2,
    "always-on" => AlwaysOn,
    "ipsec" => Ipsec,
    "cisco-anyconnect" => CiscoAnyconnect,
    "juniper-ssl" => JuniperSsl,
    "netmotion" => Netmotion,
    "f5-ssl" => F5Ssl,
    "sonicwall-mobile-connect" => SonicwallMobileConnect,
    "aruba-via" => ArubaVia,
    "custom-ssl" => CustomSsl,
    "globalprotect" => Globalprotect
}

forms! { Identity: choice, Misfit::inside, Misfit::word; "pkcs12" => Pkcs12, "scep" => Scep, "acme" => Acme }

forms! { CellularSlice: choice, Misfit::inside, Misfit::word; "dnn" => Dnn, "app-category" => AppCategory }

forms! {
    Ikev2Authentication: method, no_step, no_method;
    "shared-secret" => SharedSecret,
    "certificate" => Certificate,
    "eap" => Eap,
    "eap-tls" => EapTls
}

forms! {
    IpsecAuthentication: method, no_step, no_method;
    "shared-secret" => SharedSecret,
    "certificate" => Certificate
}

forms! {
    PluginAuthentication: method, no_step, no_method;
    "password" => Password,
    "certificate" => Certificate,
    "password-and-certificate" => PasswordAndCertificate
}

/// A method is no step of a path.
fn no_step(misfit: Misfit, _: &str) -> Misfit {
    misfit
}

impl FromTree for Material {
    fn blank() -> Self {
        Self::Ask
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        const EXPECTED: &str = "text, { file = \"..\" }, { base64 = \"..\" } or { ask = true }";
        let entries = match value {
            Value::String(text) => {
                *self = Self::Text(SecretText::new(text.to_string()));
                return Ok(());
            }
            Value::Dict(entries) => entries.as_slice(),
            other => return Err(Misfit::kind(other, EXPECTED)),
        };
        *self = match entries {
            [(name, Value::String(file))] if name == "file" => Self::File(file.to_string()),
            [(name, Value::String(text))] if name == "base64" => {
                let decoded = decode_base64(text.as_bytes());
                if decoded.not_ascii.is_some() || decoded.stray.is_some() || decoded.incomplete {
                    return Err(Misfit::new("broken Base64"));
                }
                Self::Bytes(Secret::from(decoded.bytes))
            }
            [(name, Value::Boolean(true))] if name == "ask" => Self::Ask,
            _ => return Err(Misfit::kind(value, EXPECTED)),
        };
        Ok(())
    }
}

impl FromTree for String {
    fn blank() -> Self {
        Self::new()
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        let Value::String(text) = value else { return Err(Misfit::kind(value, "a text")) };
        *self = text.to_string();
        Ok(())
    }
}

impl FromTree for bool {
    fn blank() -> Self {
        false
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        let Value::Boolean(value) = value else { return Err(Misfit::kind(value, "true or false")) };
        *self = *value;
        Ok(())
    }
}

impl FromTree for i64 {
    fn blank() -> Self {
        0
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        let Value::Integer(number) = value else { return Err(Misfit::kind(value, "a whole number")) };
        *self = Self::try_from(*number).map_err(|_| Misfit::new("a number beyond all bounds"))?;
        Ok(())
    }
}

impl FromTree for f64 {
    fn blank() -> Self {
        0.0
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        *self = match value {
            Value::Real(number) => *number,
            Value::Integer(number) => crate::number::real(*number),
            other => return Err(Misfit::kind(other, "a number")),
        };
        Ok(())
    }
}

/// A word of a list. `keywords!` makes its types read themselves by it.
pub(crate) fn word<K: Keyword>(value: &Value) -> Result<K, Misfit> {
    let Value::String(text) = value else { return Err(Misfit::kind(value, "a text")) };
    let found = K::ALL.iter().find(|word| word.word() == text.as_str());
    found.copied().ok_or_else(|| {
        let known: Vec<&str> = K::ALL.iter().map(|word| word.word()).gather();
        Misfit::word(text, &known)
    })
}

impl<T: FromTree> FromTree for Option<T> {
    fn blank() -> Self {
        None
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        self.insert(T::blank()).fill(value)
    }
}

impl<T: FromTree> FromTree for Box<T> {
    fn blank() -> Self {
        Self::new(T::blank())
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        T::fill(self, value)
    }
}

impl<T: FromTree> FromTree for Vec<T> {
    fn blank() -> Self {
        Self::new()
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        let Value::Array(items) = value else { return Err(Misfit::kind(value, "a list")) };
        for (place, item) in items.iter().enumerate() {
            let mut one = T::blank();
            one.fill(item).map_err(|misfit| misfit.inside(format!("[{place}]")))?;
            self.push(one);
        }
        Ok(())
    }
}

impl<T: FromTree> FromTree for Named<T> {
    fn blank() -> Self {
        Self::new()
    }

    fn fill(&mut self, value: &Value) -> Result<(), Misfit> {
        let Value::Dict(entries) = value else { return Err(Misfit::kind(value, "a table")) };
        for (name, inside) in entries {
            let mut one = T::blank();
            one.fill(inside).map_err(|misfit| misfit.inside(name))?;
            self.insert(name.clone(), one);
        }
        Ok(())
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
