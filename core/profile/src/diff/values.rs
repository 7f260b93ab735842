//! Single values: whether they mean the same, and how they are shown.

use sha2::{Digest, Sha256};

use crate::arrange::Arrange;
use crate::build;
use crate::certificate::read_certificates;
use crate::gather::Gather as _;
use crate::schema::{Key, Kind, Platform};
use crate::show::{Secrets, rewritten};
use crate::syntax::{Node, Value};

/// Lists of which any element may match: their order means nothing.
pub(super) const UNORDERED: [&str; 14] = [
    "AssociatedDomains",
    "CalendarDomains",
    "ContactsDomains",
    "DNSDomainMatch",
    "DNSServerAddressMatch",
    "Domains",
    "ExcludedDomains",
    "Interfaces",
    "LimitToProtocols",
    "MailDomains",
    "SMBDomains",
    "SSIDMatch",
    "SafariDomains",
    "SupplementalMatchDomains",
];

/// Whether two values that are no containers mean the same.
pub(super) fn same(before: &Value, after: &Value, schema: Option<&Key>) -> bool {
    if before == after {
        return true;
    }
    let kind = schema.map(|key| key.kind);
    match kind {
        Some(Kind::Integer | Kind::Boolean | Kind::Real) => match (number(before), number(after)) {
            (Some(before), Some(after)) => before.total_cmp(&after).is_eq(),
            _ => false,
        },
        _ => match (before, after) {
            (Value::Data(before), Value::Data(after)) => {
                // One certificate may be written as DER or as PEM.
                match (read_certificates(before), read_certificates(after)) {
                    (Ok(before), Ok(after)) => !before.der.is_empty() && before.der == after.der,
                    _ => false,
                }
            }
            _ => false,
        },
    }
}

/// A flag or a number, as a device takes either for either.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Boolean(value) => Some(f64::from(u8::from(*value))),
        // Beyond 2^53 nothing in a profile is a flag or an amount: these are compared exactly before.
        Value::Integer(value) => i32::try_from(*value).ok().map(f64::from),
        Value::Real(value) => Some(*value),
        _ => None,
    }
}

/// Whether a value is what a missing key means, and on which systems it is not.
pub(super) fn is_default(value: &Value, schema: &Key) -> Option<Vec<&'static str>> {
    let default = schema.default?;
    let is = |default: &str| match value {
        Value::String(text) => text.as_str() == default,
        Value::Boolean(_) | Value::Integer(_) | Value::Real(_) => {
            let wanted = match default {
                "True" | "true" => Some(1.0),
                "False" | "false" => Some(0.0),
                number => crate::number::read(number),
            };
            wanted.is_some() && number(value) == wanted
        }
        _ => false,
    };
    is(default).then(|| {
        let others = Platform::ALL.into_iter();
        others
            .filter(|platform| schema.default_on(*platform).is_some_and(|default| !is(default)))
            .map(Platform::name)
            .gather()
    })
}

/// A value fit to be shown: secrets inside masked, data by size and hash.
pub(super) fn shown(node: &Node) -> Option<build::Value> {
    rewritten(node, Secrets::Mask).map(without_data)
}

fn without_data(value: build::Value) -> build::Value {
    match value {
        build::Value::Data(bytes) => {
            let digest = Sha256::digest(&*bytes);
            let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            format!("{} bytes of data, SHA-256 {hash}…", bytes.len()).into()
        }
        build::Value::Array(items) => build::Value::Array(items.into_iter().map(without_data).gather()),
        build::Value::Dict(entries) => {
            build::Value::Dict(entries.into_iter().map(|(key, value)| (key, without_data(value))).gather())
        }
        other => other,
    }
}

/// A digest of what a value means: values with equal digests mean the same. (Two that mean the same may have different
/// ones, where references to payloads differ in their UUIDs or certificates in their encoding.)
pub(super) fn digest(node: &Node, schema: Option<&Key>, key: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    meaning(node, schema, key, &mut hash);
    hash.finalize().into()
}

/// Feeds the meaning of a value to a hash, each part with its kind and length before it. The depth of the recursion is
/// bounded by the reader's limits.
fn meaning(node: &Node, schema: Option<&Key>, key: &str, hash: &mut Sha256) {
    let mut part = |kind: u8, bytes: &[u8]| {
        hash.update([kind]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    let numeric = matches!(schema.map(|key| key.kind), Some(Kind::Integer | Kind::Boolean | Kind::Real));
    match &node.value {
        value if numeric && number(value).is_some() => {
            part(b'n', &number(value).unwrap_or_default().to_bits().to_be_bytes());
        }
        Value::String(text) => part(b's', text.as_bytes()),
        Value::Data(bytes) => part(b'b', bytes),
        Value::Integer(value) => part(b'i', &value.to_be_bytes()),
        Value::Real(value) => part(b'r', &value.to_bits().to_be_bytes()),
        Value::Boolean(value) => part(b't', &[u8::from(*value)]),
        Value::Date(date) => part(b'd', date.to_string().as_bytes()),
        Value::Uid(value) => part(b'u', &value.to_be_bytes()),
        Value::Invalid => part(b'x', &[]),
        Value::Array(items) => {
            part(b'a', &(items.len() as u64).to_be_bytes());
            let element = schema.and_then(|schema| schema.child("[]"));
            let mut digests: Vec<_> = items.iter().map(|item| digest(item, element, key)).gather();
            if UNORDERED.contains(&key) {
                digests.arrange();
            }
            digests.iter().for_each(|digest| hash.update(digest));
        }
        Value::Dict(dict) => {
            // Of two equal keys the last counts; a stable sort keeps it behind the others.
            let mut entries: Vec<_> = dict.entries.iter().gather();
            entries.arrange_by(|one, other| one.key.text.cmp(&other.key.text));
            let next = entries.iter().skip(1).map(|entry| Some(entry.key.text.as_str())).chain([None]);
            let last: Vec<_> = entries
                .iter()
                .zip(next)
                .filter(|(entry, next)| *next != Some(entry.key.text.as_str()))
                .map(|(entry, _)| *entry)
                .gather();
            part(b'D', &[]);
            for entry in last {
                let name = entry.key.text.as_str();
                let schema = schema.and_then(|schema| schema.child(name));
                if schema.is_some_and(|schema| is_default(&entry.value.value, schema).is_some()) {
                    continue;
                }
                hash.update([b'k']);
                hash.update((name.len() as u64).to_be_bytes());
                hash.update(name.as_bytes());
                meaning(&entry.value, schema, name, hash);
            }
            hash.update([b'e']);
        }
    }
}
