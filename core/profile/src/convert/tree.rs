//! Small steps in trees of values: looking up, putting in, reading from syntax.

use crate::build::Value;
use crate::gather::Gather as _;
use crate::syntax::{self, Node};

use super::Lost;

/// What was read, to be converted: of two equal keys the last counts, as for Apple's parser. What cannot be converted at
/// all is left out and told.
pub(super) fn plain(node: &Node, path: &str, lost: &mut Vec<Lost>) -> Option<Value> {
    match &node.value {
        syntax::Value::Dict(dict) => {
            let mut entries = Vec::with_capacity(dict.entries.len());
            for entry in &dict.entries {
                let key = &entry.key.text;
                // Linear time on a dictionary without duplicates matters less than the cap that the reader sets.
                if dict.entry(key).is_some_and(|last| !std::ptr::eq(last, entry)) {
                    continue;
                }
                if let Some(value) = plain(&entry.value, &join(path, key), lost) {
                    entries.push((key.clone(), value));
                }
            }
            Some(Value::Dict(entries))
        }
        syntax::Value::Array(items) => {
            let items = items.iter().enumerate();
            Some(Value::Array(
                items.filter_map(|(at, item)| plain(item, &format!("{path}[{at}]"), lost)).gather(),
            ))
        }
        _ => {
            let value = Value::of(node);
            if value.is_none() {
                lost.push(Lost::new(path, "the value cannot be read"));
            }
            value
        }
    }
}

/// A key path inside another; control characters of a key are not repeated.
pub(super) fn join(path: &str, key: &str) -> String {
    let key = syntax::shorten(key);
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

/// The value at a dotted path.
pub(super) fn lookup<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

/// Sets one key, in its place if it is there.
pub(super) fn set(entries: &mut Vec<(String, Value)>, key: &str, value: Value) {
    match entries.iter_mut().find(|(known, _)| known == key) {
        Some((_, old)) => *old = value,
        None => entries.push((key.to_owned(), value)),
    }
}

/// Sets the value at a dotted path, making the dictionaries on the way. What is no dictionary on the way is replaced.
pub(super) fn put(root: &mut Value, path: &str, value: Value) {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    if !matches!(root, Value::Dict(_)) {
        *root = Value::Dict(Vec::new());
    }
    let Value::Dict(entries) = root else { return };
    let Some(rest) = rest else { return set(entries, first, value) };
    if !entries.iter().any(|(known, _)| known == first) {
        entries.push((first.to_owned(), Value::Dict(Vec::new())));
    }
    if let Some((_, inner)) = entries.iter_mut().find(|(known, _)| known == first) {
        put(inner, rest, value);
    }
}

/// The text of a string.
pub(super) fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// What it is, in words for a message.
pub(super) fn describe(value: &Value) -> &'static str {
    match value {
        Value::Dict(_) => "a dictionary",
        Value::Array(_) => "an array",
        Value::String(_) => "a text",
        Value::Integer(_) => "an integer",
        Value::Real(_) => "a real number",
        Value::Boolean(_) => "a boolean",
        Value::Date(_) => "a date",
        Value::Data(_) => "data",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_make_their_dictionaries() {
        let mut root = Value::Dict(vec![]);
        put(&mut root, "a.b.c", 1.into());
        put(&mut root, "a.b.d", 2.into());
        put(&mut root, "a.b.c", 3.into());
        assert_eq!(lookup(&root, "a.b.c"), Some(&Value::from(3)));
        assert_eq!(lookup(&root, "a.b").map(describe), Some("a dictionary"));
        assert_eq!(lookup(&root, "a.x"), None);
        put(&mut root, "a.b.c.e", 4.into());
        assert_eq!(lookup(&root, "a.b.c.e"), Some(&Value::from(4)));
    }
}
