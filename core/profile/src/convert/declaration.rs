//! The envelope of a declaration.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::build::Value;

use super::tree::{describe, text};
use super::{DeclarationKind, Json, Lost};

/// A VPN declaration. Serialised it is `Type`, `Identifier` and `Payload`; `ServerToken` is the management server's to
/// set, anew whenever it changes the declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// `Type`.
    pub kind: DeclarationKind,
    /// `Identifier`.
    pub identifier: String,
    /// `Payload`, a dictionary.
    pub payload: Value,
}

impl Serialize for Declaration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("Type", &self.kind.declaration_type())?;
        map.serialize_entry("Identifier", &self.identifier)?;
        map.serialize_entry("Payload", &Json(&self.payload))?;
        map.end()
    }
}

/// Why something is no VPN declaration.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Not an object.
    #[error("a declaration is an object with Type, Identifier and Payload; this is {0}")]
    NotAnObject(&'static str),
    /// A key of the envelope is missing or of another type.
    #[error("a declaration needs {key}, {expected}")]
    Envelope {
        /// The key.
        key: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// Another declaration.
    #[error("the declaration is no VPN: its Type must be one of {}", known())]
    OtherType,
    /// Nothing to convert.
    #[error("there is no declaration")]
    Nothing,
}

fn known() -> String {
    DeclarationKind::ALL.map(DeclarationKind::declaration_type).join(", ")
}

impl Declaration {
    /// Reads the envelope, and tells of the keys that have no place in a profile.
    ///
    /// # Errors
    /// When it is no VPN declaration. Keys are looked at by the conversion, not here.
    pub fn read(value: &Value) -> Result<(Self, Vec<Lost>), ReadError> {
        let Value::Dict(entries) = value else { return Err(ReadError::NotAnObject(describe(value))) };
        let needed = |key: &'static str| {
            let found = value.get(key).and_then(text).filter(|found| !found.is_empty());
            found.ok_or(ReadError::Envelope { key, expected: "a text" })
        };
        let kind = DeclarationKind::of_type(needed("Type")?).ok_or(ReadError::OtherType)?;
        let identifier = needed("Identifier")?.to_owned();
        let payload = match value.get("Payload") {
            Some(payload @ Value::Dict(_)) => payload.clone(),
            _ => return Err(ReadError::Envelope { key: "Payload", expected: "an object" }),
        };
        let mut lost = Vec::new();
        for (key, _) in entries {
            match key.as_str() {
                "Type" | "Identifier" | "Payload" => {}
                "ServerToken" => lost.push(Lost::new(
                    "ServerToken",
                    "the management server's own mark of this state of the declaration; profiles have none",
                )),
                other => lost.push(Lost::new(
                    super::tree::join("", other),
                    "declarations have no such key beside Type, Identifier, ServerToken and Payload",
                )),
            }
        }
        Ok((Self { kind, identifier, payload }, lost))
    }
}
