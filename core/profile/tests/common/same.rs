//! Our tree beside a value of the `plist` crate.

use adit_profile::syntax::{Node, Value};

/// Whether the two say the same.
pub fn same(node: &Node, expected: &plist::Value) -> bool {
    match (&node.value, expected) {
        (Value::Dict(dict), plist::Value::Dictionary(expected)) => {
            dict.entries.len() == expected.len()
                && expected.iter().all(|(key, value)| dict.get(key).is_some_and(|node| same(node, value)))
        }
        (Value::Array(items), plist::Value::Array(expected)) => {
            items.len() == expected.len() && items.iter().zip(expected).all(|(node, value)| same(node, value))
        }
        (Value::String(text), plist::Value::String(expected)) => **text == *expected,
        (Value::Data(bytes), plist::Value::Data(expected)) => **bytes == *expected,
        (Value::Boolean(value), plist::Value::Boolean(expected)) => value == expected,
        (Value::Real(value), plist::Value::Real(expected)) => value.to_bits() == expected.to_bits(),
        (Value::Uid(number), plist::Value::Uid(expected)) => *number == expected.get(),
        (Value::Integer(value), plist::Value::Integer(expected)) => {
            expected.as_signed().map(i128::from).or(expected.as_unsigned().map(i128::from)) == Some(*value)
        }
        (Value::Date(date), plist::Value::Date(expected)) => date.to_string() == expected.to_xml_format(),
        _ => false,
    }
}
