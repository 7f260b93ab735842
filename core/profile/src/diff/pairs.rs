//! Which payload of one profile is which of the other.

use crate::arrange::Arrange;
use crate::gather::Gather as _;
use crate::model::{Payload, Profile};

/// What payloads are recognised by.
type Mark<'m> = &'m dyn Fn(&Payload<'_>) -> Option<String>;

/// For each payload of the first profile (by its place among its payloads) the place of its counterpart.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    /// Places in both lists of payloads, in the order of the first.
    pub(super) both: Vec<(usize, usize)>,
    /// Only in the first.
    pub(super) removed: Vec<usize>,
    /// Only in the second.
    pub(super) added: Vec<usize>,
}

impl Pairs {
    /// Pairs payloads of one type by `PayloadUUID`, then by `PayloadIdentifier`, then by name; at last what is alone of
    /// its type on both sides.
    pub(super) fn of(before: &Profile<'_>, after: &Profile<'_>) -> Self {
        let (first, second) = (before.payloads(), after.payloads());
        let mut matched: Vec<Option<usize>> = vec![None; first.len()];
        let mut taken = vec![false; second.len()];
        let uuid = |payload: &Payload<'_>| payload.string("PayloadUUID").map(str::to_ascii_lowercase);
        let identifier = |payload: &Payload<'_>| payload.string("PayloadIdentifier").map(str::to_owned);
        let name = |payload: &Payload<'_>| payload.name().map(str::to_owned);
        let rounds: [Mark<'_>; 3] = [&uuid, &identifier, &name];
        for key in rounds {
            // Sorted, so that the whole takes no more than the sorting.
            let mut known: Vec<((Option<&str>, String), usize)> = second
                .iter()
                .enumerate()
                .filter(|(at, _)| taken.get(*at) == Some(&false))
                .filter_map(|(at, payload)| Some(((payload.kind(), key(payload)?), at)))
                .gather();
            known.arrange();
            for (at, payload) in first.iter().enumerate() {
                if matched.get(at) != Some(&None) {
                    continue;
                }
                let Some(found) = key(payload) else { continue };
                let wanted = (payload.kind(), found);
                let start = known.partition_point(|(known, _)| *known < wanted);
                let same =
                    known.get(start..).unwrap_or_default().iter().take_while(|(known, _)| *known == wanted);
                let free = same.map(|(_, at)| *at).find(|at| taken.get(*at) == Some(&false));
                if let Some(free) = free {
                    assign(at, free, &mut matched, &mut taken);
                }
            }
        }
        let left = |taken: &[bool], kind: Option<&str>| -> Vec<usize> {
            let all = second.iter().enumerate();
            all.filter(|(at, payload)| taken.get(*at) == Some(&false) && payload.kind() == kind)
                .map(|(at, _)| at)
                .take(2)
                .gather()
        };
        let alone: Vec<usize> = (0..first.len())
            .filter(|at| matched.get(*at) == Some(&None))
            .filter(|at| {
                let kind = first.get(*at).and_then(Payload::kind);
                let unmatched = first
                    .iter()
                    .enumerate()
                    .filter(|(other, payload)| matched.get(*other) == Some(&None) && payload.kind() == kind);
                unmatched.take(2).count() == 1
            })
            .gather();
        for at in alone {
            if let [only] = left(&taken, first.get(at).and_then(Payload::kind)).as_slice() {
                assign(at, *only, &mut matched, &mut taken);
            }
        }
        let mut pairs = Self::default();
        for (at, found) in matched.iter().enumerate() {
            match found {
                Some(other) => pairs.both.push((at, *other)),
                None => pairs.removed.push(at),
            }
        }
        pairs.added = taken.iter().enumerate().filter(|(_, taken)| !**taken).map(|(at, _)| at).gather();
        pairs
    }
}

fn assign(first: usize, second: usize, matched: &mut [Option<usize>], taken: &mut [bool]) {
    if let (Some(matched), Some(taken)) = (matched.get_mut(first), taken.get_mut(second)) {
        *matched = Some(second);
        *taken = true;
    }
}
