//! Algorithms in words, for errors and logs.

use std::fmt::{Display, Write};

use adit_crypto::{DhGroup, EncrId, IntegId, PrfId};

use super::configured::{EspProposal, IkeProposal};
use crate::wire::{Proposal, Transform, TransformType};

/// `a, b, c`.
pub(crate) fn join<T: Display>(items: &[T]) -> String {
    let mut out = String::new();
    for (index, item) in items.iter().enumerate() {
        // Writing to a String does not fail.
        let _ = write!(out, "{}{item}", if index == 0 { "" } else { ", " });
    }
    if out.is_empty() { "nothing".to_owned() } else { out }
}

/// Configured proposals for an IKE SA on one line.
#[must_use]
pub fn describe_ike(proposals: &[IkeProposal]) -> String {
    alternatives(proposals)
}

/// Configured proposals for a Child SA on one line.
#[must_use]
pub fn describe_esp(proposals: &[EspProposal]) -> String {
    alternatives(proposals)
}

fn alternatives<T: Display>(proposals: &[T]) -> String {
    let lines: Vec<String> = proposals.iter().map(ToString::to_string).collect();
    if lines.is_empty() { "nothing".to_owned() } else { lines.join(" | ") }
}

/// The algorithm a transform names: `AES-GCM-16-256`, `ECP-256`, `no ESN`.
#[must_use]
pub fn describe_transform(transform: &Transform) -> String {
    let id = transform.id;
    let mut name = match transform.transform_type {
        TransformType::ENCR => EncrId(id).name().map_or_else(|| format!("encryption {id}"), str::to_owned),
        TransformType::PRF => {
            PrfId(id).name().map_or_else(|| format!("PRF {id}"), |name| format!("PRF {name}"))
        }
        TransformType::INTEG => IntegId(id).name().map_or_else(
            || format!("integrity {id}"),
            |name| if id == 0 { "no integrity".to_owned() } else { name.to_owned() },
        ),
        TransformType::KE => DhGroup(id).name().map_or_else(
            || format!("group {id}"),
            |name| if id == 0 { "no key exchange".to_owned() } else { name.to_owned() },
        ),
        TransformType::ESN => match id {
            0 => "no ESN".to_owned(),
            1 => "ESN".to_owned(),
            _ => format!("sequence numbers {id}"),
        },
        other => match other.name() {
            Some(name) => format!("{name} {}", DhGroup(id)),
            None => format!("transform type {} ID {id}", other.0),
        },
    };
    match transform.key_length() {
        Ok(None) => {}
        Ok(Some(bits)) => {
            let _ = write!(name, "-{bits}");
        }
        Err(_) => name.push_str(" (with attributes not understood)"),
    }
    name
}

/// A proposal of a peer on one line: `AES-CBC-256 / HMAC-SHA2-256-128 / PRF HMAC-SHA2-256 / ECP-256, ECP-384`.
#[must_use]
pub fn describe_proposal(proposal: &Proposal) -> String {
    const MOST: usize = 12;
    let mut types: Vec<TransformType> = Vec::new();
    for transform in &proposal.transforms {
        if !types.contains(&transform.transform_type) {
            types.push(transform.transform_type);
        }
    }
    types.sort_by_key(|transform_type| match *transform_type {
        // As people write suites: cipher, integrity, PRF, group.
        TransformType::ENCR => 0,
        TransformType::INTEG => 1,
        TransformType::PRF => 2,
        other => u16::from(other.0),
    });
    let mut parts = Vec::new();
    for transform_type in types.iter().take(MOST) {
        let all: Vec<String> = proposal.transforms_of(*transform_type).map(describe_transform).collect();
        let shown = all.get(..MOST.min(all.len())).unwrap_or_default();
        let more = all.len() - shown.len();
        let rest = if more == 0 { String::new() } else { format!(" and {more} more") };
        parts.push(format!("{}{rest}", join(shown)));
    }
    if parts.is_empty() { "no transforms".to_owned() } else { parts.join(" / ") }
}
