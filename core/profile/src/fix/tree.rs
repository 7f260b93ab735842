//! Changes of the tree of a binary property list, which is written anew.

use crate::build::{self, Value};
use crate::model::Step;
use crate::report::{Change, Diagnostic, Fix};
use crate::syntax::{Node, Value as Read};

use super::{Applied, FixError};

/// The tree as the writer takes it; `None` for what a written property list cannot hold (an archiver's reference, a
/// number beyond 64 bits, a value that could not be read). Of equal keys the last one counts.
#[must_use]
pub fn value_of(node: &Node) -> Option<Value> {
    Some(match &node.value {
        Read::Dict(dict) => {
            let mut entries: Vec<(String, Value)> = Vec::with_capacity(dict.entries.len());
            for entry in &dict.entries {
                let value = value_of(&entry.value)?;
                match entries.iter_mut().find(|(key, _)| *key == entry.key.text) {
                    Some(earlier) => earlier.1 = value,
                    None => entries.push((entry.key.text.clone(), value)),
                }
            }
            Value::Dict(entries)
        }
        Read::Array(items) => Value::Array(items.iter().map(value_of).collect::<Option<_>>()?),
        Read::String(text) => Value::String(text.to_string()),
        Read::Integer(number) => Value::Integer(i64::try_from(*number).ok()?),
        Read::Real(number) => Value::Real(*number),
        Read::Boolean(value) => Value::Boolean(*value),
        Read::Date(date) => Value::Date(*date),
        Read::Data(bytes) => Value::Data(bytes.to_vec()),
        Read::Uid(_) | Read::Invalid => return None,
    })
}

/// Applies every fix that can be, one after the other, and writes the result.
pub(super) fn apply<'a>(
    root: &Node,
    wanted: impl Iterator<Item = (&'a Diagnostic, &'a Fix)>,
) -> (Vec<u8>, Vec<Applied>) {
    let Some(mut tree) = value_of(root) else { return (Vec::new(), Vec::new()) };
    let mut applied = Vec::new();
    for (found, fix) in wanted {
        let mut trial = tree.clone();
        if fix.changes.iter().all(|change| change_tree(&mut trial, change).is_ok()) {
            tree = trial;
            applied.push(Applied::of(found, fix));
            // Places in arrays move: the rest waits for the next round.
            if fix.changes.iter().any(|change| matches!(change, Change::Remove { .. })) {
                break;
            }
        }
    }
    match build::to_binary(&tree) {
        Ok(content) => (content, applied),
        Err(_) => (Vec::new(), Vec::new()),
    }
}

fn change_tree(root: &mut Value, change: &Change) -> Result<(), FixError> {
    let gone = || FixError::Gone(String::new());
    match change {
        Change::Replace { path, value } => *find(root, path).ok_or_else(gone)? = value.clone(),
        Change::Remove { path } => {
            take(root, path).ok_or_else(gone)?;
        }
        Change::Rename { path, name } => {
            let (last, parent) = path.split_last().ok_or_else(gone)?;
            let Value::Dict(entries) = find(root, parent).ok_or_else(gone)? else { return Err(gone()) };
            let Step::Key(old) = last else { return Err(gone()) };
            entries.iter_mut().find(|(key, _)| key == old).ok_or_else(gone)?.0.clone_from(name);
        }
        Change::Insert { path, key, value } => {
            let Value::Dict(entries) = find(root, path).ok_or_else(gone)? else { return Err(gone()) };
            entries.push((key.clone(), value.clone()));
        }
        Change::Move { path, to } => {
            let moved = take(root, path).ok_or_else(gone)?;
            let Value::Dict(entries) = find(root, to).ok_or_else(gone)? else { return Err(gone()) };
            entries.push(moved);
        }
        Change::Wrap { path } => {
            let node = find(root, path).ok_or_else(gone)?;
            let inner = std::mem::replace(node, Value::Boolean(false));
            *node = Value::Array(vec![inner]);
        }
    }
    Ok(())
}

fn find<'v>(root: &'v mut Value, path: &[Step]) -> Option<&'v mut Value> {
    path.iter().try_fold(root, |value, step| match (step, value) {
        (Step::Key(key), Value::Dict(entries)) => {
            entries.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
        }
        (Step::Index(index), Value::Array(items)) => items.get_mut(*index),
        (Step::Index(0), value @ Value::Dict(_)) => Some(value),
        _ => None,
    })
}

/// Takes a key with its value, or an element (with an empty name), out of the tree.
fn take(root: &mut Value, path: &[Step]) -> Option<(String, Value)> {
    let (last, parent) = path.split_last()?;
    match (last, find(root, parent)?) {
        (Step::Key(key), Value::Dict(entries)) => {
            let place = entries.iter().position(|(name, _)| name == key)?;
            Some(entries.remove(place))
        }
        (Step::Index(index), Value::Array(items)) if *index < items.len() => {
            Some((String::new(), items.remove(*index)))
        }
        _ => None,
    }
}
