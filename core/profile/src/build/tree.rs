//! A description from a tree of values, telling where a mistake stands.
//!
//! [`Spec`] reads itself through serde from TOML and JSON; a form needs the path of the field that is wrong, so this reader
//! of a tree keeps it. No value of the tree stands in a message: it may be a secret.

use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::{Spec, Value};

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

    fn inside(mut self, step: impl Into<String>) -> Self {
        self.steps.push(step.into());
        self
    }
}

impl Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { steps: Vec::new(), message: message.to_string() }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom(format_args!("missing field `{field}`")).inside(field)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let known = expected.join("`, `");
        Self::custom(format_args!("unknown field `{field}`, expected one of `{known}`")).inside(field)
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("{} where {expected} belongs", kind(&found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!("{} that is not {expected}", kind(&found)))
    }
}

/// The kind of a value, without the value.
fn kind(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a number",
        Unexpected::Str(_) | Unexpected::Char(_) => "a text",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Map => "a table",
        Unexpected::Seq => "a list",
        _ => "a value",
    }
}

impl Spec {
    /// Reads a description from a tree, such as JSON gives.
    ///
    /// # Errors
    /// [`Misfit`], with the path of the field.
    pub fn of(tree: &Value) -> Result<Self, Misfit> {
        // Serde has no words for this.
        let several = |table: &str, found: Option<&Value>| match found {
            Some(Value::Dict(entries)) if entries.len() > 1 => {
                let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
                let message = format_args!("there can only be one of {}", names.join(", "));
                Err(Misfit::custom(message).inside(table))
            }
            _ => Ok(()),
        };
        several("vpn", tree.get("vpn"))?;
        Self::deserialize(Tree(tree))
    }
}

/// A value as serde reads it.
struct Tree<'de>(&'de Value);

impl<'de> Tree<'de> {
    fn unexpected(&self) -> Unexpected<'de> {
        match self.0 {
            Value::Dict(_) => Unexpected::Map,
            Value::Array(_) => Unexpected::Seq,
            Value::String(text) => Unexpected::Str(text),
            Value::Integer(_) => Unexpected::Signed(0),
            Value::Real(number) => Unexpected::Float(*number),
            Value::Boolean(value) => Unexpected::Bool(*value),
            Value::Date(_) => Unexpected::Other("a date"),
            Value::Data(bytes) => Unexpected::Bytes(bytes),
        }
    }
}

impl<'de> Deserializer<'de> for Tree<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Dict(entries) => visitor.visit_map(Entries { entries: entries.iter(), value: None }),
            Value::Array(items) => visitor.visit_seq(Items { items: items.iter(), next: 0 }),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => match (i64::try_from(*number), u64::try_from(*number)) {
                (Ok(number), _) => visitor.visit_i64(number),
                (_, Ok(number)) => visitor.visit_u64(number),
                _ => Err(Misfit::custom("a number beyond all bounds")),
            },
            Value::Real(number) => visitor.visit_f64(*number),
            Value::Boolean(value) => visitor.visit_bool(*value),
            Value::Date(_) | Value::Data(_) => Err(Misfit::invalid_type(self.unexpected(), &visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(Variant { name: text, inside: None }),
            Value::Dict(entries) => match entries.as_slice() {
                [(name, inside)] => visitor.visit_enum(Variant { name, inside: Some(inside) }),
                [] => Err(Misfit::custom("a choice has to be made here")),
                _ => Err(Misfit::custom("there can only be one choice here")),
            },
            _ => Err(Misfit::invalid_type(self.unexpected(), &visitor)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

struct Entries<'de> {
    entries: std::slice::Iter<'de, (String, Value)>,
    value: Option<(&'de str, &'de Value)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((name, value)) = self.entries.next() else { return Ok(None) };
        self.value = Some((name, value));
        seed.deserialize(Name(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        let (name, value) = self.value.take().ok_or_else(|| Misfit::custom("a value without a name"))?;
        seed.deserialize(Tree(value)).map_err(|error| error.inside(name))
    }
}

/// The name of a member.
struct Name<'de>(&'de str);

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_borrowed_str(self.0)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Items<'de> {
    items: std::slice::Iter<'de, Value>,
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let place = self.next;
        self.next += 1;
        seed.deserialize(Tree(item)).map(Some).map_err(|error| error.inside(format!("[{place}]")))
    }
}

struct Variant<'de> {
    name: &'de str,
    inside: Option<&'de Value>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Misfit> {
        let found = seed.deserialize(Name(self.name)).map_err(|error| error.inside(self.name))?;
        Ok((found, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        match self.inside {
            None => Ok(()),
            Some(_) => Err(Misfit::custom("a word alone belongs here").inside(self.name)),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Misfit> {
        let inside = self.inside.ok_or_else(|| Misfit::custom("a table belongs here").inside(self.name))?;
        seed.deserialize(Tree(inside)).map_err(|error| error.inside(self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        Err(Misfit::invalid_type(Unexpected::TupleVariant, &visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        Err(Misfit::invalid_type(Unexpected::StructVariant, &visitor))
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
            ("\"ikev2\"", "\"ikev3\"", "vpn.ikev3", "unknown variant"),
            ("{\"name\":\"Office\"}", "[]", "profile", "a list where"),
            ("aHVudGVyMg==", "*", "vpn.ikev2.authentication", "broken Base64"),
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
