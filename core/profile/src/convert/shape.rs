//! One value from one side to the other, by its shape.

use crate::build::Value;
use crate::gather::Gather as _;
use crate::model::template::{Strictness, is_placeholder};
use crate::number::Whole;
use crate::schema::{self, Allowed, Key, Kind};
use crate::syntax::{decode_base64, encode_base64};

use super::Lost;
use super::carry::Direction;
use super::mapping::Shape;
use super::tree::{describe, join, text};

/// What came of a value.
pub(super) type Carried = Result<Value, String>;

/// Carries a value of a shape that concerns one value alone. `path` is the value's in the input.
pub(super) fn carry(
    shape: Shape,
    value: &Value,
    direction: Direction,
    path: &str,
    lost: &mut Vec<Lost>,
) -> Carried {
    match shape {
        Shape::Text => word(value, &[]),
        Shape::Words(words) => word(value, words),
        Shape::Flag => flag(value, direction),
        Shape::Switch => flag(value, Direction::ToDeclaration),
        Shape::Range(least, most) => number(
            value,
            |number| (least..=most).contains(&number),
            || {
                if most == i64::MAX { format!("at least {least}") } else { format!("{least} to {most}") }
            },
        ),
        Shape::Numbers(numbers) => number(value, |number| numbers.contains(&number), || listed(numbers)),
        Shape::Texts => list(value, usize::MAX, path, lost, |item| word(item, &[])),
        Shape::WordList(words) => list(value, usize::MAX, path, lost, |item| word(item, words)),
        Shape::NumberList(most, numbers) => list(value, most, path, lost, |item| {
            number(item, |number| numbers.contains(&number), || listed(numbers))
        }),
        Shape::SecretData => data(value, direction),
        Shape::Tree(at) => {
            let key = schema::payload(crate::model::VPN_MANAGED).and_then(|schema| schema.at(at));
            match key {
                Some(key) => tree(value, key, path, lost),
                None => Err("the schema does not know it".to_owned()),
            }
        }
        Shape::Credentials(..) | Shape::Identity | Shape::Composed(_) | Shape::Tunnels => {
            Err("it is not carried by itself".to_owned())
        }
    }
}

fn listed(numbers: &[i64]) -> String {
    numbers.iter().map(ToString::to_string).gather().join(", ")
}

/// A text, of a list if there is one. A template's placeholder stands for any.
fn word(value: &Value, words: &[&str]) -> Carried {
    let Some(found) = text(value) else {
        return Err(format!("it must be a text, it is {}", describe(value)));
    };
    let known = words.is_empty() || words.contains(&found) || is_placeholder(found, Strictness::Secret);
    if known {
        return Ok(value.clone());
    }
    let documented = ["DES", "3DES", "SHA1-96", "SHA1-160", "L2TP"];
    let it = documented.into_iter().find(|word| *word == found).map(|word| format!("{word} is not among"));
    Err(format!(
        "{} what declarations take: {}",
        it.unwrap_or_else(|| "it is not among".into()),
        words.join(", ")
    ))
}

fn flag(value: &Value, direction: Direction) -> Carried {
    let on = match value {
        Value::Boolean(value) => *value,
        Value::Integer(0) => false,
        Value::Integer(1) => true,
        other => return Err(format!("it must be 0 or 1, or a boolean; it is {}", describe_number(other))),
    };
    Ok(match direction {
        Direction::ToDeclaration => on.into(),
        Direction::ToProfile => i64::from(on).into(),
    })
}

fn describe_number(value: &Value) -> String {
    match value {
        Value::Integer(number) => Whole(*number).to_string(),
        other => describe(other).to_owned(),
    }
}

/// The number, also where it is written as a whole real number.
pub(super) fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => i64::try_from(*number).ok(),
        Value::Real(number) => crate::model::whole_number(*number),
        _ => None,
    }
}

fn number(value: &Value, allowed: impl Fn(i64) -> bool, range: impl Fn() -> String) -> Carried {
    match whole(value) {
        Some(number) if allowed(number) => Ok(number.into()),
        Some(number) => Err(format!("{number} is not what declarations take: {}", range())),
        None => Err(format!("it must be a number, it is {}", describe(value))),
    }
}

/// An array; elements that cannot be carried are told and left out.
fn list(
    value: &Value,
    most: usize,
    path: &str,
    lost: &mut Vec<Lost>,
    item: impl Fn(&Value) -> Carried,
) -> Carried {
    let Value::Array(items) = value else {
        return Err(format!("it must be an array, it is {}", describe(value)));
    };
    let mut carried = Vec::new();
    for (at, element) in items.iter().enumerate() {
        let path = format!("{path}[{at}]");
        match item(element) {
            _ if carried.len() >= most => lost.push(Lost::new(path, format!("at most {most} are taken"))),
            Ok(value) => carried.push(value),
            Err(reason) => lost.push(Lost::new(path, reason)),
        }
    }
    Ok(Value::Array(carried))
}

fn data(value: &Value, direction: Direction) -> Carried {
    match (value, direction) {
        (Value::Data(bytes), Direction::ToDeclaration) => Ok(encode_base64(bytes).into()),
        (Value::String(found), _) if is_placeholder(found, Strictness::Secret) => Ok(value.clone()),
        (Value::String(found), Direction::ToProfile) => {
            let decoded = decode_base64(found.as_bytes());
            if decoded.not_ascii.is_some() || decoded.stray.is_some() || decoded.incomplete {
                return Err("it must be Base64".to_owned());
            }
            Ok(Value::Data(decoded.bytes))
        }
        (other, _) => Err(format!("it must be data, it is {}", describe(other))),
    }
}

/// The same dictionaries on both sides: known keys of the right type are carried, the rest is told.
fn tree(value: &Value, key: &'static Key, path: &str, lost: &mut Vec<Lost>) -> Carried {
    let wrong = || Err(format!("it must be {}, it is {}", key.kind.describe(), describe(value)));
    match (key.kind, value) {
        (Kind::Array, Value::Array(items)) => {
            let Some(element) = key.child("[]") else { return Ok(value.clone()) };
            let mut carried = Vec::with_capacity(items.len());
            for (at, item) in items.iter().enumerate() {
                let path = format!("{path}[{at}]");
                match tree(item, element, &path, lost) {
                    Ok(item) => carried.push(item),
                    Err(reason) => lost.push(Lost::new(path, reason)),
                }
            }
            Ok(Value::Array(carried))
        }
        (Kind::Dictionary, Value::Dict(entries)) => {
            let mut carried = Vec::with_capacity(entries.len());
            for (name, value) in entries {
                let path = join(path, name);
                match key.child(name).map(|key| tree(value, key, &path, lost)) {
                    Some(Ok(value)) => carried.push((name.clone(), value)),
                    Some(Err(reason)) => lost.push(Lost::new(path, reason)),
                    None => lost.push(Lost::new(path, "there is no such key on the other side")),
                }
            }
            Ok(Value::Dict(carried))
        }
        (Kind::String, _) => match key.allowed {
            Allowed::Words(words) => word(value, words),
            _ => word(value, &[]),
        },
        (Kind::Integer, _) => number(value, |_| true, String::new),
        (Kind::Boolean, _) => flag(value, Direction::ToDeclaration),
        _ => wrong(),
    }
}
