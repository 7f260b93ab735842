//! Secrets and files in a specification: given in place, or named and fetched by the caller.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

use super::SpecError;
use crate::syntax::{decode_base64, encode_base64};
use crate::{Named, Secret, SecretText};

/// A secret, or the contents of a file.
///
/// In TOML or JSON: plain text, `{ base64 = ".." }`, `{ file = "path" }` or `{ ask = true }`. The last two have to be
/// replaced by [`super::Spec::resolve`] before building. Serialising writes what is inside, secrets too: that is what
/// a specification is for. `Debug` shows none of it.
#[derive(Clone, Eq, PartialEq)]
pub enum Material {
    /// Text, such as a password or a PEM certificate.
    Text(SecretText),
    /// Bytes; Base64 in TOML and JSON.
    Bytes(Secret),
    /// The name of a file that holds it.
    File(String),
    /// Whoever runs the builder is to be asked for it.
    Ask,
}

/// Where [`Material`] is to come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source<'m> {
    /// A file by its name.
    File(&'m str),
    /// A person.
    Person,
}

/// A piece of material that is not there yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Wanted<'m> {
    /// The field, such as `identity.user.pkcs12.content`.
    pub field: &'m str,
    /// Whether it is text of one line (a password), not the bytes of a file.
    pub is_password: bool,
    /// Where it is to come from.
    pub source: Source<'m>,
}

impl Material {
    /// Text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(SecretText::new(text.to_owned()))
    }

    /// The text, for a key that is a string.
    pub(super) fn as_text(&self, field: &str) -> Result<&str, SpecError> {
        match self {
            Self::Text(text) => Ok(text.expose()),
            Self::Bytes(bytes) => std::str::from_utf8(bytes.expose())
                .map_err(|_| SpecError::NotText { field: field.to_owned() }),
            Self::File(_) | Self::Ask => Err(self.unresolved(field)),
        }
    }

    /// The bytes, for a key that is data.
    pub(super) fn as_bytes(&self, field: &str) -> Result<&[u8], SpecError> {
        match self {
            Self::Text(text) => Ok(text.expose().as_bytes()),
            Self::Bytes(bytes) => Ok(bytes.expose()),
            Self::File(_) | Self::Ask => Err(self.unresolved(field)),
        }
    }

    /// What is missing, if anything.
    pub(super) fn source(&self) -> Option<Source<'_>> {
        match self {
            Self::Text(_) | Self::Bytes(_) => None,
            Self::File(name) => Some(Source::File(name)),
            Self::Ask => Some(Source::Person),
        }
    }

    fn unresolved(&self, field: &str) -> SpecError {
        let file = match self {
            Self::File(name) => Some(name.clone()),
            _ => None,
        };
        SpecError::Unresolved { field: field.to_owned(), file }
    }
}

impl From<&str> for Material {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(…)"),
            Self::Bytes(_) => f.write_str("Bytes(…)"),
            Self::File(name) => write!(f, "File({name:?})"),
            Self::Ask => f.write_str("Ask"),
        }
    }
}

impl Serialize for Material {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text.expose()),
            Self::Bytes(bytes) => {
                entry(serializer, "base64", &*Zeroizing::new(encode_base64(bytes.expose())))
            }
            Self::File(name) => entry(serializer, "file", name),
            Self::Ask => entry(serializer, "ask", &true),
        }
    }
}

fn entry<S: Serializer, V: Serialize>(serializer: S, key: &str, value: &V) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

impl<'de> Deserialize<'de> for Material {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MaterialVisitor)
    }
}

struct MaterialVisitor;

impl<'de> Visitor<'de> for MaterialVisitor {
    type Value = Material;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, { file = \"..\" }, { base64 = \"..\" } or { ask = true }")
    }

    fn visit_str<E>(self, text: &str) -> Result<Material, E> {
        Ok(Material::text(text))
    }

    fn visit_string<E>(self, text: String) -> Result<Material, E> {
        Ok(Material::Text(SecretText::new(text)))
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Material, E> {
        Err(no_text("true or false", &self))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Material, E> {
        Err(no_text("a number", &self))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Material, E> {
        Err(no_text("a number", &self))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Material, E> {
        Err(no_text("a number", &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Material, A::Error> {
        const KEYS: &[&str] = &["file", "base64", "ask"];
        let Some(key) = map.next_key::<String>()? else {
            return Err(A::Error::custom("expected one of file, base64, ask"));
        };
        let material = match key.as_str() {
            "file" => Material::File(map.next_value()?),
            "base64" => {
                let text = Zeroizing::new(map.next_value::<String>()?);
                let decoded = decode_base64(text.as_bytes());
                if decoded.not_ascii.is_some() || decoded.stray.is_some() || decoded.incomplete {
                    return Err(A::Error::custom("broken Base64"));
                }
                Material::Bytes(Secret::from(decoded.bytes))
            }
            "ask" if map.next_value::<bool>()? => Material::Ask,
            "ask" => return Err(A::Error::custom("ask can only be true")),
            other => return Err(A::Error::unknown_field(other, KEYS)),
        };
        match map.next_key::<String>()? {
            None => Ok(material),
            Some(_) => Err(A::Error::custom("only one of file, base64, ask")),
        }
    }
}

/// The value itself stays out of the message: it may be a secret without its quotation marks.
fn no_text<E: serde::de::Error>(found: &str, expected: &MaterialVisitor) -> E {
    E::invalid_type(serde::de::Unexpected::Other(found), expected)
}

/// A collection of all the material of a specification, with the name of each field.
#[derive(Default)]
pub(super) struct Inventory<'s> {
    pub pieces: Vec<Piece<'s>>,
}

/// One piece of material.
pub(super) struct Piece<'s> {
    pub field: String,
    pub is_password: bool,
    pub material: &'s mut Material,
}

impl<'s> Inventory<'s> {
    /// Adds a password, if it is there.
    pub fn password(&mut self, field: String, material: Option<&'s mut Material>) {
        self.pieces.extend(material.map(|material| Piece { field, is_password: true, material }));
    }

    /// Adds the contents of a file, if they are there.
    pub fn file(&mut self, field: String, material: Option<&'s mut Material>) {
        self.pieces.extend(material.map(|material| Piece { field, is_password: false, material }));
    }

    /// Adds every value of a table.
    pub fn table(&mut self, field: &str, table: &'s mut Named<Material>) {
        for (key, material) in table.iter_mut() {
            self.password(format!("{field}.{key}"), Some(material));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Material, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn each_form_is_read_and_written_back() {
        for json in ["\"secret\"", "{\"file\":\"a.p12\"}", "{\"base64\":\"AAEC/w==\"}", "{\"ask\":true}"] {
            let material = read(json).unwrap();
            assert_eq!(serde_json::to_string(&material).unwrap(), json);
        }
        assert_eq!(
            read("{\"base64\":\"AAEC/w==\"}").unwrap(),
            Material::Bytes(Secret::new(vec![0, 1, 2, 255]))
        );
    }

    #[test]
    fn other_forms_are_refused_with_the_reason() {
        for (json, reason) in [
            ("{}", "expected one of file, base64, ask"),
            ("{\"ask\":false}", "ask can only be true"),
            ("{\"path\":\"x\"}", "unknown field `path`"),
            ("{\"file\":\"x\",\"ask\":true}", "only one of file, base64, ask"),
            ("{\"base64\":\"A*\"}", "broken Base64"),
            ("98765", "expected text, { file"),
            ("-98765.5", "expected text, { file"),
            ("true", "expected text, { file"),
        ] {
            let error = read(json).unwrap_err().to_string();
            assert!(!error.contains("98765"), "{error}");
            assert!(error.contains(reason), "{json}: {error}");
        }
    }

    #[test]
    fn f03_debug_shows_no_secret() {
        assert_eq!(format!("{:?}", Material::text("hunter2")), "Text(…)");
        assert_eq!(format!("{:?}", Material::Bytes(Secret::new(b"hunter2".to_vec()))), "Bytes(…)");
    }
}
