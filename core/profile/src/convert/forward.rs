//! From a profile to declarations.

use serde::Serialize;

use crate::Profile;
use crate::build::Value;
use crate::by_name::ByName;
use crate::model::{Payload, VPN_APPLAYER};
use crate::show::Secrets;
use crate::syntax::{Node, shorten};

use super::asset::Asset;
use super::carry::{Carrier, Direction, Place};
use super::mapping::DeclarationKind;
use super::tree::{join, lookup, plain, put, text};
use super::{Declaration, Lost};

/// What a profile becomes.
#[derive(Debug, Serialize)]
pub struct ToDeclarations {
    /// One for each VPN that has a counterpart, in the order of the profile.
    pub declarations: Vec<Declaration>,
    /// The VPNs that have none.
    pub refused: Vec<Refusal>,
    /// The assets to be made.
    pub assets: Vec<Asset>,
    /// What cannot be carried.
    pub lost: Vec<Lost>,
}

/// A VPN that cannot be converted at all.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Refusal {
    /// Its place in `PayloadContent`.
    pub payload: usize,
    /// What the user calls it.
    pub name: Option<String>,
    /// Why.
    pub reason: String,
}

impl Refusal {
    pub(super) fn new(payload: &Payload<'_>, reason: String) -> Self {
        Self { payload: payload.index, name: payload.name().map(shorten), reason }
    }
}

/// Converts the VPNs of a profile, or the one at `only` in `PayloadContent`.
///
/// A secret for which declarations have no asset (the PPK) is written as a placeholder unless `secrets` lets it be shown.
#[must_use]
pub fn to_declarations(profile: &Profile<'_>, only: Option<usize>, secrets: Secrets) -> ToDeclarations {
    let mut made = ToDeclarations {
        declarations: Vec::new(),
        refused: Vec::new(),
        assets: Vec::new(),
        lost: Vec::new(),
    };
    top_level(profile, &mut made.lost);
    let mut identifiers = ByName::new();
    for payload in profile.vpn_payloads().filter(|payload| only.is_none_or(|only| only == payload.index)) {
        match counterpart(payload) {
            Err(reason) => made.refused.push(Refusal::new(payload, reason)),
            Ok(kind) => {
                let identifier = unique(identifier(payload), &mut identifiers);
                convert(profile, payload, kind, identifier, secrets, &mut made);
            }
        }
    }
    if only.is_none() {
        others(profile, &mut made);
    }
    made
}

/// The declaration for a payload.
///
/// # Errors
/// The reason why there is none, in words.
pub(crate) fn counterpart(payload: &Payload<'_>) -> Result<DeclarationKind, String> {
    if payload.kind() == Some(VPN_APPLAYER) {
        return Err(
            "there is no declaration for per-app VPNs: the 27.0 declarations are for the whole device"
                .to_owned(),
        );
    }
    let Some(kind) = payload.vpn_type() else {
        return Err("its VPNType is missing or no type that is known".to_owned());
    };
    DeclarationKind::of_vpn_type(kind).ok_or_else(|| {
        format!(
            "there is no declaration for VPNType {kind}: 27.0 has IKEv2, IPSec, VPN (plug-ins) and AlwaysOn"
        )
    })
}

fn identifier(payload: &Payload<'_>) -> String {
    let named = ["PayloadIdentifier", "PayloadUUID"].into_iter().filter_map(|key| payload.string(key));
    let named = named.map(str::trim).find(|name| !name.is_empty());
    named.map_or_else(|| format!("vpn-{}", payload.index), str::to_owned)
}

fn unique(identifier: String, taken: &mut ByName<'_>) -> String {
    let numbered = (2_u32..).map(|number| format!("{identifier}-{number}"));
    let free = std::iter::once(identifier.clone()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.unwrap_or(identifier);
    taken.insert(free.clone().into(), 0);
    free
}

fn convert(
    profile: &Profile<'_>,
    payload: &Payload<'_>,
    kind: DeclarationKind,
    identifier: String,
    secrets: Secrets,
    made: &mut ToDeclarations,
) {
    let base = payload.section.path().to_string();
    let input = read(payload, kind, &base, &mut made.lost);
    let identity = |uuid: &str| {
        let found = profile.payload_with_uuid(uuid)?;
        found.kind().map(shorten)
    };
    let place = Place {
        from: base.clone(),
        to: join(&identifier, "Payload"),
        settings: format!("{}.", kind.vpn_type()),
        inner: String::new(),
    };
    let mut carrier = Carrier {
        direction: Direction::ToDeclaration,
        identifier: identifier.clone(),
        secrets,
        identity: &identity,
        assets: std::mem::take(&mut made.assets),
        lost: std::mem::take(&mut made.lost),
    };
    let mut output = Value::Dict(Vec::new());
    let mut seen = ByName::new();
    for frame in ["PayloadType", "PayloadVersion", "PayloadUUID", "PayloadIdentifier", "VPNType"] {
        seen.insert(frame.into(), 0);
    }
    for rows in kind.tables() {
        carrier.carry(rows, &input, &mut output, &place, &mut seen);
    }
    let display = input.get("PayloadDisplayName").and_then(text).filter(|name| !name.is_empty());
    if output.get("VisibleName").is_none()
        && let Some(display) = display
    {
        put(&mut output, "VisibleName", display.into());
    }
    if output.get("VisibleName").and_then(text) == display {
        seen.insert("PayloadDisplayName".into(), 0);
    }
    for rows in kind.tables() {
        carrier.complete(rows, &mut output, &place);
    }
    carrier.leftovers(&input, "", &seen, &base, &|path| reason(path, kind));
    carrier.lost.extend(conditions(kind, &output, &base));
    made.assets = carrier.assets;
    made.lost = carrier.lost;
    made.declarations.push(Declaration { kind, identifier, payload: output });
}

/// The payload's dictionary, with the settings under the documented spelling of the type.
fn read(payload: &Payload<'_>, kind: DeclarationKind, base: &str, lost: &mut Vec<Lost>) -> Value {
    let dict = payload.section.dict();
    let node = Node { span: payload.section.span(), value: crate::syntax::Value::Dict(dict.clone()) };
    let value = plain(&node, base, lost).unwrap_or_else(|| Value::Dict(Vec::new()));
    if !matches!(value.get(kind.vpn_type()), None | Some(Value::Dict(_))) {
        lost.push(Lost::new(join(base, kind.vpn_type()), "it must be a dictionary"));
    }
    value
}

/// Why a key of a payload has no counterpart.
fn reason(path: &str, kind: DeclarationKind) -> String {
    let last = path.rsplit_once('.').map_or(path, |(_, last)| last);
    match (path, last) {
        ("VPN" | "IPSec" | "IKEv2" | "AlwaysOn" | "TransparentProxy" | "PPP" | "VendorConfig" | "IPv4", _) => {
            format!("VPNType {} does not use it", kind.vpn_type())
        }
        ("VPNSubType", _) => format!("only plug-ins have a subtype, VPNType {} has none", kind.vpn_type()),
        (path, _) if path.starts_with("VendorConfig.") => {
            "declarations know Realm, Role, Group and LoginGroupOrDomain of VendorConfig only".to_owned()
        }
        (_, last) if last.starts_with("OnDemandMatchDomains") => {
            "declarations have OnDemandRules only: write it as a rule with EvaluateConnection first".to_owned()
        }
        (_, "HTTPSProxyUsername" | "HTTPSProxyPassword") => {
            "declarations have one name and password for all proxies, which profiles write as HTTPProxyUsername and \
             HTTPProxyPassword"
                .to_owned()
        }
        ("PayloadDisplayName", _) => "a declaration has one name only, VisibleName".to_owned(),
        (path, _) if path.starts_with("Payload") => "a declaration has no such label".to_owned(),
        _ => "declarations have no such key".to_owned(),
    }
}

/// What a declaration needs under a condition.
fn conditions(kind: DeclarationKind, output: &Value, base: &str) -> Vec<Lost> {
    match kind {
        DeclarationKind::Ikev2 => conditions_ikev2(output, base, "IKEv2."),
        DeclarationKind::Ipsec => {
            let mut needs = Vec::new();
            let on = lookup(output, "Authentication.XAuth.Enabled") == Some(&Value::Boolean(true));
            if on && lookup(output, "Authentication.XAuth.CredentialsAssetReference").is_none() {
                needs.push(Lost::new(
                    join(base, "IPSec.XAuthName"),
                    "missing: with XAuth a declaration needs an asset with a user name and a password; the profile asks \
                     the user",
                ));
            }
            needs
        }
        DeclarationKind::VpnPlugin => {
            let method = lookup(output, "Authentication.Method").and_then(text).unwrap_or_default();
            let mut needs = Vec::new();
            let missing = |reference: &str| lookup(output, &format!("Authentication.{reference}")).is_none();
            if method.contains("Password") && missing("CredentialsAssetReference") {
                needs.push(Lost::new(
                    join(base, "VPN.AuthName"),
                    "missing: a declaration needs an asset with a user name and a password; the profile asks the user",
                ));
            }
            if method.contains("Certificate") && missing("IdentityAssetReference") {
                needs.push(Lost::new(
                    join(base, "VPN.PayloadCertificateUUID"),
                    "missing: a declaration needs an identity",
                ));
            }
            needs
        }
        DeclarationKind::AlwaysOn => Vec::new(),
    }
}

/// The same for the IKEv2 keys, which an Always On tunnel has too.
pub(super) fn conditions_ikev2(output: &Value, base: &str, settings: &str) -> Vec<Lost> {
    let mut needs = Vec::new();
    let has = |path: &str| lookup(output, path).is_some();
    let mut missing =
        |key: &str, reason: &str| needs.push(Lost::new(format!("{base}.{settings}{key}"), reason));
    let method = lookup(output, "Authentication.Method").and_then(text);
    if method == Some("SharedSecret") && !has("Authentication.CredentialsAssetReference") {
        missing("SharedSecret", "missing: a declaration needs an asset with the shared secret");
    }
    if method == Some("Certificate") && !has("Authentication.IdentityAssetReference") {
        missing("PayloadCertificateUUID", "missing: a declaration needs an identity");
    }
    let eap = lookup(output, "Authentication.ExtendedAuth.Enabled") == Some(&Value::Boolean(true));
    if eap
        && !has("Authentication.ExtendedAuth.CredentialsAssetReference")
        && !has("Authentication.IdentityAssetReference")
    {
        missing(
            "AuthName",
            "missing: with EAP a declaration needs an asset with a user name and a password; the profile asks the user",
        );
    }
    if has("Authentication.IdentityCertificateType")
        && !has("Authentication.ExtendedAuth.ServerCertificateIssuerCommonName")
    {
        missing(
            "ServerCertificateIssuerCommonName",
            "missing: where a declaration names the type of the certificate, it needs the server's issuer too",
        );
    }
    needs
}

/// What stands at the top of the profile.
fn top_level(profile: &Profile<'_>, lost: &mut Vec<Lost>) {
    const SILENT: [&str; 5] =
        ["PayloadType", "PayloadVersion", "PayloadUUID", "PayloadIdentifier", "PayloadContent"];
    for entry in &profile.root().dict().entries {
        let key = entry.key.text.as_str();
        if SILENT.contains(&key) || lost.iter().any(|known| known.path == key) {
            continue;
        }
        let reason = match key {
            "PayloadRemovalDisallowed" | "HasRemovalPasscode" | "RemovalDate" | "DurationUntilRemoval" => {
                "declarations stay as long as the management server says: there is no such setting"
            }
            "PayloadScope" => "the scope of declarations is the channel that they are sent by",
            _ => "a declaration has no such label",
        };
        lost.push(Lost::new(shorten(key), reason));
    }
}

/// The payloads that are no VPN: identities that an asset stands for are carried, others are not.
fn others(profile: &Profile<'_>, made: &mut ToDeclarations) {
    for payload in profile.payloads().iter().filter(|payload| !payload.is_vpn()) {
        let uuid = payload.string("PayloadUUID").unwrap_or_default();
        if made.assets.iter().any(|asset| asset.reference.eq_ignore_ascii_case(uuid)) {
            continue;
        }
        let kind = payload.kind().map_or_else(|| "a payload without a type".to_owned(), shorten);
        let reason = format!("{kind} is no VPN, and no VPN here refers to it as its identity");
        made.lost.push(Lost::new(payload.section.path().to_string(), reason));
    }
}
