//! From declarations to a profile.

use crate::build::{Seed, Value};
use crate::by_name::ByName;
use crate::model::VPN_MANAGED;
use crate::show::Secrets;

use super::asset::{Asset, is_uuid};
use super::carry::{Carrier, Direction, Place};
use super::tree::{lookup, put, set, text};
use super::{Declaration, Lost, ReadError};

/// What declarations become.
#[derive(Debug)]
pub struct ToProfile {
    /// The profile, to be written with [`crate::build::to_xml`].
    pub profile: Value,
    /// What the assets hold and the profile only has placeholders for.
    pub assets: Vec<Asset>,
    /// What cannot be carried.
    pub lost: Vec<Lost>,
}

/// Converts declarations to one profile with a payload for each.
///
/// What an asset holds becomes a template's variable: `{{asset.IDENTIFIER.password}}`, `{{asset.IDENTIFIER.user-name}}`,
/// and `{{asset.IDENTIFIER}}` for an identity whose name is no UUID. Converting such a profile again gives the same
/// references. UUIDs come from the declarations' identifiers: the same declarations give the same profile.
///
/// # Errors
/// When one of them is no VPN declaration; its place comes with the reason.
pub fn to_profile(declarations: &[Value]) -> Result<ToProfile, (usize, ReadError)> {
    let mut made = ToProfile { profile: Value::Dict(Vec::new()), assets: Vec::new(), lost: Vec::new() };
    let mut payloads = Vec::new();
    let mut names = Vec::new();
    let mut identifiers = Vec::new();
    for (at, value) in declarations.iter().enumerate() {
        let (declaration, envelope) = Declaration::read(value).map_err(|error| (at, error))?;
        // With one declaration paths are the keys as its author knows them.
        let base = if declarations.len() == 1 { String::new() } else { format!("[{at}]") };
        let under = |path: &str| if base.is_empty() { path.to_owned() } else { format!("{base}.{path}") };
        made.lost.extend(envelope.into_iter().map(|lost| Lost::new(under(&lost.path), lost.reason)));
        let payload = convert(&declaration, under("Payload"), payloads.len(), &mut made);
        names.extend(payload.get("UserDefinedName").and_then(text).map(str::to_owned));
        identifiers.push(declaration.identifier);
        payloads.push(payload);
    }
    let first = identifiers.first().ok_or((0, ReadError::Nothing))?;
    let name = match names.as_slice() {
        [] => "VPN".to_owned(),
        [name] => name.clone(),
        [first, ..] => format!("{first} and {} more", names.len().saturating_sub(1)),
    };
    made.profile = Value::dict([
        ("PayloadContent", Value::Array(payloads)),
        ("PayloadDisplayName", name.into()),
        ("PayloadIdentifier", format!("{first}.profile").into()),
        ("PayloadType", "Configuration".into()),
        ("PayloadUUID", Seed::from_text(&identifiers.join("\n")).uuid("profile").into()),
        ("PayloadVersion", 1.into()),
    ]);
    Ok(made)
}

fn convert(declaration: &Declaration, base: String, at: usize, made: &mut ToProfile) -> Value {
    let kind = declaration.kind;
    let place = Place {
        from: base.clone(),
        to: format!("PayloadContent[{at}]"),
        settings: format!("{}.", kind.vpn_type()),
        inner: String::new(),
    };
    let mut carrier = Carrier {
        direction: Direction::ToProfile,
        identifier: declaration.identifier.clone(),
        secrets: Secrets::Show,
        identity: &|_| None,
        assets: std::mem::take(&mut made.assets),
        lost: std::mem::take(&mut made.lost),
    };
    let mut payload = Value::Dict(Vec::new());
    // The payload's own name before its settings, as profiles are commonly written.
    put(&mut payload, "VPNType", kind.vpn_type().into());
    let mut seen = ByName::new();
    for rows in kind.tables() {
        carrier.carry(rows, &declaration.payload, &mut payload, &place, &mut seen);
    }
    carrier.leftovers(&declaration.payload, "", &seen, &base, &|_| "profiles have no such key".to_owned());
    made.assets = carrier.assets;
    made.lost = carrier.lost;
    let identifier = declaration.identifier.as_str();
    let uuid =
        if is_uuid(identifier) { identifier.to_owned() } else { Seed::from_text(identifier).uuid("vpn") };
    let name = lookup(&payload, "UserDefinedName").and_then(text).map(str::to_owned);
    if let Value::Dict(entries) = &mut payload {
        set(entries, "PayloadDisplayName", name.unwrap_or_else(|| "VPN".to_owned()).into());
        set(entries, "PayloadIdentifier", identifier.into());
        set(entries, "PayloadType", VPN_MANAGED.into());
        set(entries, "PayloadUUID", uuid.into());
        set(entries, "PayloadVersion", 1.into());
    }
    payload
}
