//! Through both trees at once.

use crate::arrange::Arrange;
use crate::gather::{Gather as _, GatherSome as _};
use crate::model::{Path, Payload, Profile};
use crate::schema::{self, Allowed, Key};
use crate::show::is_secret;
use crate::syntax::{Dict, Entry, Node, Value, shorten};

use super::pairs::Pairs;
use super::values::{UNORDERED, digest, is_default, same, shown};
use super::{Change, ChangeKind, Diff};

/// Which profile or payload it is, not what it does. Everything else with a UUID is a reference.
const IDENTITY: [&str; 3] = ["PayloadUUID", "PayloadIdentifier", "VPNUUID"];

/// How many comparisons of elements the alignment of two arrays may take.
const ALIGNMENT: usize = 40_000;

/// One comparison under way.
pub(super) struct Walk {
    changes: Vec<Change>,
    notes: Vec<String>,
    /// The UUIDs of payloads that are each other's counterpart, in lower case, sorted.
    paired: Vec<(String, String)>,
    pairs: Pairs,
}

/// Where both values stand.
#[derive(Clone, Default)]
struct At {
    before: Path,
    after: Path,
}

impl At {
    fn key(&self, key: &str) -> Self {
        Self { before: self.before.key(key), after: self.after.key(key) }
    }

    fn index(&self, before: usize, after: usize) -> Self {
        Self { before: self.before.index(before), after: self.after.index(after) }
    }
}

/// Whether a difference counts as one of identity or of a secret.
#[derive(Clone, Copy, Default)]
struct Nature {
    identity: bool,
    secret: bool,
}

impl Walk {
    pub(super) fn new(before: &Profile<'_>, after: &Profile<'_>) -> Self {
        let pairs = Pairs::of(before, after);
        let uuid = |profile: &Profile<'_>, at: usize| {
            let payload = profile.payloads().get(at)?;
            payload.string("PayloadUUID").map(str::to_ascii_lowercase)
        };
        let paired = pairs
            .both
            .iter()
            .filter_map(|(first, second)| Some((uuid(before, *first)?, uuid(after, *second)?)));
        let mut paired: Vec<_> = paired.gather();
        paired.arrange();
        Self { changes: Vec::new(), notes: Vec::new(), paired, pairs }
    }

    pub(super) fn finish(self) -> Diff {
        Diff { changes: self.changes, notes: self.notes }
    }

    pub(super) fn profiles(&mut self, before: &Profile<'_>, after: &Profile<'_>) {
        let lookup = |name: &str| schema::top_level().and_then(|schema| schema.key(name));
        let skipped = ["PayloadContent"];
        self.dictionaries(before.root().dict(), after.root().dict(), &lookup, &At::default(), &skipped);
        let pairs = std::mem::take(&mut self.pairs);
        let content = Path::default().key("PayloadContent");
        for (first, second) in &pairs.both {
            let (Some(first), Some(second)) = (before.payloads().get(*first), after.payloads().get(*second))
            else {
                continue;
            };
            let schema =
                first.kind().and_then(schema::payload).or_else(|| schema::payload("CommonPayloadKeys"));
            let lookup = |name: &str| schema.and_then(|schema| schema.key(name));
            let at = At { before: content.index(first.index), after: content.index(second.index) };
            self.dictionaries(first.section.dict(), second.section.dict(), &lookup, &at, &[]);
        }
        let whole = |profile: &Profile<'_>, at: &usize| {
            let payload = profile.payloads().get(*at)?;
            Some((content.index(payload.index).to_string(), summary(payload)))
        };
        for (path, summary) in pairs.removed.iter().filter_map(|at| whole(before, at)) {
            self.changes.push(Change {
                kind: ChangeKind::Removed,
                identity: false,
                secret: false,
                before_path: Some(path),
                after_path: None,
                before: Some(summary.into()),
                after: None,
            });
        }
        for (path, summary) in pairs.added.iter().filter_map(|at| whole(after, at)) {
            self.changes.push(Change {
                kind: ChangeKind::Added,
                identity: false,
                secret: false,
                before_path: None,
                after_path: Some(path),
                before: None,
                after: Some(summary.into()),
            });
        }
    }

    fn dictionaries(
        &mut self,
        before: &Dict,
        after: &Dict,
        lookup: &dyn Fn(&str) -> Option<&'static Key>,
        at: &At,
        skipped: &[&str],
    ) {
        let (first, second) = (Sorted::of(before), Sorted::of(after));
        for entry in first.in_order() {
            let key = entry.key.text.as_str();
            if skipped.contains(&key) {
                continue;
            }
            let schema = lookup(key);
            let other = second.get(key);
            let hidden = is_secret(before, entry) || other.is_some_and(|other| is_secret(after, other));
            let nature = Nature { identity: IDENTITY.contains(&key), secret: hidden };
            match other {
                Some(other) => self.values(&entry.value, &other.value, schema, key, &at.key(key), nature),
                None => {
                    self.one_sided(ChangeKind::Removed, &entry.value, schema, &at.before.key(key), nature)
                }
            }
        }
        for entry in second.in_order() {
            let key = entry.key.text.as_str();
            if first.get(key).is_none() && !skipped.contains(&key) {
                let nature = Nature { identity: IDENTITY.contains(&key), secret: is_secret(after, entry) };
                self.one_sided(ChangeKind::Added, &entry.value, lookup(key), &at.after.key(key), nature);
            }
        }
    }

    /// A value that only one profile has: perhaps it is what the other means without it.
    fn one_sided(
        &mut self,
        kind: ChangeKind,
        node: &Node,
        schema: Option<&'static Key>,
        path: &Path,
        nature: Nature,
    ) {
        if let Some(elsewhere) = schema.and_then(|schema| is_default(&node.value, schema)) {
            let (which, other) =
                if kind == ChangeKind::Removed { ("first", "second") } else { ("second", "first") };
            let mut note = format!(
                "{path}: the {which} writes the default out, the {other} leaves the key out: the same"
            );
            if !elsewhere.is_empty() {
                note.push_str(&format!(
                    " (not on {}, where the default is another)",
                    elsewhere.join(" and ")
                ));
            }
            self.notes.push(note);
            return;
        }
        let value = if nature.secret { None } else { shown(node) };
        let path = Some(path.to_string());
        let (before_path, after_path, before, after) = match kind {
            ChangeKind::Removed => (path, None, value, None),
            _ => (None, path, None, value),
        };
        self.changes.push(Change {
            kind,
            identity: nature.identity,
            secret: nature.secret,
            before_path,
            after_path,
            before,
            after,
        });
    }

    fn values(
        &mut self,
        before: &Node,
        after: &Node,
        schema: Option<&'static Key>,
        key: &str,
        at: &At,
        nature: Nature,
    ) {
        match (&before.value, &after.value) {
            _ if nature.secret => {
                if !same(&before.value, &after.value, schema) && !deep_equal(before, after) {
                    self.changed(before, after, at, nature);
                }
            }
            (Value::Dict(before), Value::Dict(after)) => {
                let lookup = |name: &str| schema.and_then(|schema| schema.child(name));
                self.dictionaries(before, after, &lookup, at, &[]);
            }
            (Value::Array(first), Value::Array(second)) => {
                let element = schema.and_then(|schema| schema.child("[]"));
                self.arrays(first, second, element, key, at, nature);
            }
            (Value::String(first), Value::String(second)) if first != second => {
                let is_reference =
                    schema.is_some_and(|schema| schema.allowed == Allowed::Uuid) || key.ends_with("UUID");
                let pair = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
                if is_reference && pair.0 == pair.1 {
                    return;
                }
                let identity = nature.identity || is_reference && self.paired.binary_search(&pair).is_ok();
                self.changed(before, after, at, Nature { identity, ..nature });
            }
            (first, second) => {
                if !same(first, second, schema) {
                    self.changed(before, after, at, nature);
                }
            }
        }
    }

    fn changed(&mut self, before: &Node, after: &Node, at: &At, nature: Nature) {
        let value = |node| if nature.secret { None } else { shown(node) };
        self.changes.push(Change {
            kind: ChangeKind::Changed,
            identity: nature.identity,
            secret: nature.secret,
            before_path: Some(at.before.to_string()),
            after_path: Some(at.after.to_string()),
            before: value(before),
            after: value(after),
        });
    }

    fn arrays(
        &mut self,
        before: &[Node],
        after: &[Node],
        element: Option<&'static Key>,
        key: &str,
        at: &At,
        nature: Nature,
    ) {
        if UNORDERED.contains(&key)
            && let (Some(first), Some(second)) = (texts(before), texts(after))
        {
            return self.sets(&first, &second, before, after, at, nature);
        }
        let anchors = Self::aligned(before, after, element, key);
        let (mut first, mut second) = (0, 0);
        for (next_first, next_second) in anchors.into_iter().chain([(before.len(), after.len())]) {
            // Between two elements that are the same: what stands at the same place changed, the rest came or went.
            while first < next_first || second < next_second {
                let left = before.get(first).filter(|_| first < next_first);
                let right = after.get(second).filter(|_| second < next_second);
                match (left, right) {
                    (Some(left), Some(right)) => {
                        self.values(left, right, element, key, &at.index(first, second), nature);
                    }
                    (Some(left), None) => {
                        self.one_sided(ChangeKind::Removed, left, None, &at.before.index(first), nature);
                    }
                    (None, Some(right)) => {
                        self.one_sided(ChangeKind::Added, right, None, &at.after.index(second), nature);
                    }
                    (None, None) => break,
                }
                first = next_first.min(first.saturating_add(1));
                second = next_second.min(second.saturating_add(1));
            }
            // They mean the same, but may be written differently.
            if let (Some(left), Some(right)) = (before.get(next_first), after.get(next_second)) {
                self.values(left, right, element, key, &at.index(next_first, next_second), nature);
            }
            (first, second) = (next_first.saturating_add(1), next_second.saturating_add(1));
        }
    }

    /// The longest list of elements that are the same in both, in order. Where that would take too long, those at the
    /// beginning and the end.
    fn aligned(
        before: &[Node],
        after: &[Node],
        element: Option<&'static Key>,
        key: &str,
    ) -> Vec<(usize, usize)> {
        let digests =
            |nodes: &[Node]| -> Vec<_> { nodes.iter().map(|node| digest(node, element, key)).gather() };
        let (first, second) = (digests(before), digests(after));
        let equal = |at: usize, other: usize| first.get(at).is_some_and(|one| second.get(other) == Some(one));
        let shorter = before.len().min(after.len());
        let start = (0..shorter).take_while(|at| equal(*at, *at)).count();
        let rest = shorter - start;
        let end = (1..=rest).take_while(|back| equal(before.len() - back, after.len() - back)).count();
        let (rows, columns) = (before.len() - start - end, after.len() - start - end);
        let mut anchors: Vec<_> = (0..start).map(|at| (at, at)).gather();
        if rows.saturating_mul(columns) <= ALIGNMENT {
            // Lengths of the longest common lists of what follows each pair of places.
            let width = columns + 1;
            let mut lengths = vec![0_u32; (rows + 1) * width];
            let mut equals = vec![false; rows * columns];
            let get = |lengths: &[u32], row: usize, column: usize| {
                lengths.get(row * width + column).copied().unwrap_or_default()
            };
            for row in (0..rows).rev() {
                for column in (0..columns).rev() {
                    let is_equal = equal(start + row, start + column);
                    let best = if is_equal {
                        get(&lengths, row + 1, column + 1) + 1
                    } else {
                        get(&lengths, row + 1, column).max(get(&lengths, row, column + 1))
                    };
                    if let Some(cell) = lengths.get_mut(row * width + column) {
                        *cell = best;
                    }
                    if let Some(cell) = equals.get_mut(row * columns + column) {
                        *cell = is_equal;
                    }
                }
            }
            let (mut row, mut column) = (0, 0);
            while row < rows && column < columns {
                if equals.get(row * columns + column) == Some(&true) {
                    anchors.push((start + row, start + column));
                    (row, column) = (row + 1, column + 1);
                } else if get(&lengths, row + 1, column) >= get(&lengths, row, column + 1) {
                    row += 1;
                } else {
                    column += 1;
                }
            }
        }
        anchors.extend((1..=end).rev().map(|back| (before.len() - back, after.len() - back)));
        anchors
    }

    fn sets(
        &mut self,
        first: &[&str],
        second: &[&str],
        before: &[Node],
        after: &[Node],
        at: &At,
        nature: Nature,
    ) {
        let sorted = |texts: &[&str]| {
            let mut sorted: Vec<String> = texts.iter().map(|text| (*text).to_owned()).gather();
            sorted.arrange();
            sorted.dedup();
            sorted
        };
        let (all_first, all_second) = (sorted(first), sorted(second));
        if all_first == all_second {
            if first != second {
                self.notes.push(format!("{}: another order, which means nothing here", at.before));
            }
            return;
        }
        let missing =
            |text: &str, from: &[String]| from.binary_search_by(|known| known.as_str().cmp(text)).is_err();
        for (place, (text, node)) in first.iter().zip(before).enumerate() {
            if missing(text, &all_second) {
                self.one_sided(ChangeKind::Removed, node, None, &at.before.index(place), nature);
            }
        }
        for (place, (text, node)) in second.iter().zip(after).enumerate() {
            if missing(text, &all_first) {
                self.one_sided(ChangeKind::Added, node, None, &at.after.index(place), nature);
            }
        }
    }
}

/// The entries of a dictionary by key; of two equal keys the last counts.
struct Sorted<'d> {
    dict: &'d Dict,
    by_key: Vec<(&'d str, usize)>,
}

impl<'d> Sorted<'d> {
    fn of(dict: &'d Dict) -> Self {
        let mut by_key: Vec<_> =
            dict.entries.iter().enumerate().map(|(at, entry)| (entry.key.text.as_str(), at)).gather();
        by_key.arrange();
        Self { dict, by_key }
    }

    fn get(&self, key: &str) -> Option<&'d Entry> {
        let end = self.by_key.partition_point(|(known, _)| *known <= key);
        let (found, at) = self.by_key.get(end.checked_sub(1)?)?;
        self.dict.entries.get(*at).filter(|_| *found == key)
    }

    fn in_order(&self) -> impl Iterator<Item = &'d Entry> {
        self.dict
            .entries
            .iter()
            .filter(|entry| self.get(&entry.key.text).is_some_and(|last| std::ptr::eq(last, *entry)))
    }
}

fn texts(nodes: &[Node]) -> Option<Vec<&str>> {
    nodes.iter().map(Node::as_str).gather_some()
}

/// Whether two secret values are equal, wherever they stand in their files.
fn deep_equal(before: &Node, after: &Node) -> bool {
    match (&before.value, &after.value) {
        (Value::Dict(first), Value::Dict(second)) => {
            let (first, second) = (Sorted::of(first), Sorted::of(second));
            first.in_order().count() == second.in_order().count()
                && first.in_order().all(|entry| {
                    second.get(&entry.key.text).is_some_and(|other| deep_equal(&entry.value, &other.value))
                })
        }
        (Value::Array(first), Value::Array(second)) => {
            first.len() == second.len()
                && first.iter().zip(second).all(|(first, second)| deep_equal(first, second))
        }
        (first, second) => first == second,
    }
}

/// A payload in a few words.
fn summary(payload: &Payload<'_>) -> String {
    let kind = payload.kind().map_or_else(|| "without a PayloadType".to_owned(), shorten);
    let of = payload.string("VPNType").map(|kind| format!(" ({})", shorten(kind))).unwrap_or_default();
    let name = payload.name().map(|name| format!(" \"{}\"", shorten(name))).unwrap_or_default();
    format!("{kind}{of}{name}")
}
