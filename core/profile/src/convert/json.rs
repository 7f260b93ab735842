//! Property list values as JSON, through serde.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::build::Value;
use crate::by_name::Members;
use crate::syntax::encode_base64;

/// A value to be written as JSON: data as Base64, dates as text, dictionaries in their order.
///
/// Everything is written, secrets too: what must not be shown is not in a value that goes here.
#[derive(Clone, Copy, Debug)]
pub struct Json<'a>(pub &'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Dict(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, &Json(value))?;
                }
                map.end()
            }
            Value::Array(items) => {
                let mut array = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    array.serialize_element(&Json(item))?;
                }
                array.end()
            }
            Value::String(text) => serializer.serialize_str(text),
            Value::Integer(number) => match i64::try_from(*number) {
                Ok(number) => serializer.serialize_i64(number),
                Err(_) => serializer.serialize_i128(*number),
            },
            Value::Real(number) => serializer.serialize_f64(*number),
            Value::Boolean(value) => serializer.serialize_bool(*value),
            Value::Date(date) => serializer.collect_str(date),
            Value::Data(bytes) => serializer.serialize_str(&zeroize::Zeroizing::new(encode_base64(bytes))),
        }
    }
}

/// A value read from JSON. `null` is refused: no property list and no declaration has it. Of two equal keys the last
/// counts.
#[derive(Clone, Debug)]
pub struct FromJson(pub Value);

impl<'de> Deserialize<'de> for FromJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader.deserialize(deserializer).map(Self)
    }
}

/// Reads a value.
#[derive(Clone, Copy)]
struct Reader;

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, an array, a text, a number or a boolean (null has no meaning here)")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Err(E::invalid_type(Unexpected::Unit, &self))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Integer(i128::from(value)))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Real(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Members::default();
        while let Some(key) = map.next_key::<String>()? {
            members.set(key, map.next_value_seed(self)?);
        }
        Ok(Value::Dict(members.all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Value, String> {
        serde_json::from_str::<FromJson>(text).map(|value| value.0).map_err(|error| error.to_string())
    }

    #[test]
    fn json_is_read_and_written_alike() {
        let text = r#"{"b":[1,-2,true,"x",1.5,18446744073709551615],"a":{"c":""}}"#;
        let value = read(text).unwrap();
        assert_eq!(serde_json::to_string(&Json(&value)).unwrap(), text);
        assert_eq!(read(r#"{"a":1,"a":2}"#).unwrap(), Value::dict([("a", Value::from(2))]));
        let data = Value::dict([("d", Value::from(b"hi".to_vec()))]);
        assert_eq!(serde_json::to_string(&Json(&data)).unwrap(), r#"{"d":"aGk="}"#);
    }

    #[test]
    fn null_is_refused_with_a_reason() {
        let error = read(r#"{"a":null}"#).unwrap_err();
        assert!(error.contains("null has no meaning here"), "{error}");
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
