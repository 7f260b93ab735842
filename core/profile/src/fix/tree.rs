//! Changes of the tree of a binary property list, which is written anew.

use crate::build::{self, Value};
use crate::model::Step;
use crate::report::{Change, Diagnostic, Fix};
use crate::syntax::Node;

use super::{Applied, FixError};

/// Applies every fix that can be, one after the other, and writes the result.
pub(super) fn apply<'a>(
    root: &Node,
    wanted: impl Iterator<Item = (&'a Diagnostic, &'a Fix)>,
) -> (Vec<u8>, Vec<Applied>) {
    let Some(mut tree) = Value::of(root) else { return (Vec::new(), Vec::new()) };
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
        Ok(content) => (content.to_vec(), applied),
        Err(_) => (Vec::new(), Vec::new()),
    }
}

/// The file with one fix applied.
pub(super) fn apply_one(root: &Node, fix: &Fix) -> Result<Vec<u8>, FixError> {
    let mut tree = Value::of(root).ok_or_else(|| FixError::Unwritable("a value cannot be read".into()))?;
    for change in &fix.changes {
        change_tree(&mut tree, change)?;
    }
    Ok(build::to_binary(&tree)?.to_vec())
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
            entries.iter_mut().rev().find(|(key, _)| key == old).ok_or_else(gone)?.0.clone_from(name);
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
            entries.iter_mut().rev().find(|(name, _)| name == key).map(|(_, value)| value)
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
            let place = entries.iter().rposition(|(name, _)| name == key)?;
            Some(entries.remove(place))
        }
        (Step::Index(index), Value::Array(items)) if *index < items.len() => {
            Some((String::new(), items.remove(*index)))
        }
        _ => None,
    }
}
