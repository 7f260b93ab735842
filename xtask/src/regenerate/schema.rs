//! The schema tables of adit-profile, from `vpn-profile-keys.tsv`, `payload-types.tsv` and `vpn-subtypes.tsv`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// A key with everything below it.
#[derive(Clone, Debug, Default)]
struct Node {
    /// kind, required, default, allowed, ios, macos, tvos, watchos, visionos, notes
    columns: Vec<String>,
    children: BTreeMap<String, Node>,
}

/// Dictionaries that hold the same keys as another one, which the fact file gives once.
const SAME_KEYS: &[(&str, &str)] = &[
    ("IPSec.OnDemandRules", "VPN.OnDemandRules"),
    ("IKEv2.OnDemandRules", "VPN.OnDemandRules"),
    ("TransparentProxy.OnDemandRules", "VPN.OnDemandRules"),
];

/// The text of `tables.rs`.
pub fn tables() -> Result<String, String> {
    let mut payloads = read_keys()?;
    share(&mut payloads)?;
    let mut text = String::from(
        "//! Made by `cargo xtask regenerate schema` from the project's fact files. Do not edit.\n\n\
         use super::{Allowed, Key, Kind, PayloadSchema, PayloadType, Subtype, Support, Version};\n\n\
         const fn v(major: u8, minor: u8, patch: u8) -> Version {\n    Version::with_patch(major, minor, patch)\n}\n\n\
         const fn s(introduced: Version) -> Support {\n    Support::Since { introduced, deprecated: None, removed: None }\n}\n\n\
         const N: Support = Support::Never;\nconst U: Support = Support::Unknown;\n\n\
         /// The keys of each payload type.\n#[rustfmt::skip]\npub(super) static PAYLOADS: &[PayloadSchema] = &[\n",
    );
    for (name, node) in &payloads {
        let _ =
            writeln!(text, "PayloadSchema {{ payload_type: {name:?}, keys: {} }},", keys(&node.children)?);
    }
    text.push_str("];\n\n/// Every payload type.\n#[rustfmt::skip]\npub(super) static PAYLOAD_TYPES: &[PayloadType] = &[\n");
    text.push_str(&payload_types()?);
    text.push_str("];\n\n/// The VPN apps.\n#[rustfmt::skip]\npub(super) static SUBTYPES: &[Subtype] = &[\n");
    text.push_str(&subtypes()?);
    text.push_str("];\n");
    Ok(text)
}

fn fact_file(name: &str) -> Result<Vec<Vec<String>>, String> {
    let shared = std::env::var_os("ADIT_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")), PathBuf::from);
    let path = shared.join("reference").join(name);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("{}: {error} (set ADIT_SHARED to the shared folder)", path.display()))?;
    Ok(text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

fn read_keys() -> Result<BTreeMap<String, Node>, String> {
    let mut payloads: BTreeMap<String, Node> = BTreeMap::new();
    for row in fact_file("vpn-profile-keys.tsv")? {
        let [payload, path, columns @ ..] = row.as_slice() else {
            return Err("a row without columns".into());
        };
        let mut node = payloads.entry(payload.clone()).or_default();
        for step in steps(path) {
            node = node.children.entry(step).or_default();
        }
        node.columns = columns.to_vec();
        node.columns.resize(10, String::new());
    }
    Ok(payloads)
}

/// `a.b[].c` as `a`, `b`, `[]`, `c`.
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, brackets) = part.split_at(part.find("[]").unwrap_or(part.len()));
        if !name.is_empty() {
            steps.push(name.to_owned());
        }
        steps.extend((0..brackets.len() / 2).map(|_| "[]".to_owned()));
    }
    steps
}

fn share(payloads: &mut BTreeMap<String, Node>) -> Result<(), String> {
    let managed = payloads.get_mut("com.apple.vpn.managed").ok_or("no com.apple.vpn.managed")?;
    for (to, from) in SAME_KEYS {
        let children = at(managed, from).ok_or(*from)?.children.clone();
        at(managed, to).ok_or(*to)?.children = children;
    }
    // The vendor's app gets whatever else stands here.
    let vendor = at(managed, "VendorConfig").ok_or("VendorConfig")?;
    vendor.children.insert("ANY".into(), Node { columns: vec!["any".into()], ..Node::default() });
    // The tunnels of Always On hold the IKEv2 settings beside their own two keys.
    let ikev2 = at(managed, "IKEv2").ok_or("IKEv2")?.children.clone();
    let tunnel = at(managed, "AlwaysOn.TunnelConfigurations[]").ok_or("TunnelConfigurations")?;
    for (name, node) in ikev2 {
        tunnel.children.entry(name).or_insert(node);
    }
    // A per-app payload has every key of the whole-device one beside its own.
    let shared = managed.children.clone();
    let applayer = payloads.get_mut("com.apple.vpn.managed.applayer").ok_or("no applayer")?;
    for (name, node) in shared {
        applayer.children.entry(name).or_insert(node);
    }
    Ok(())
}

fn at<'n>(node: &'n mut Node, path: &str) -> Option<&'n mut Node> {
    steps(path).iter().try_fold(node, |node, step| node.children.get_mut(step))
}

fn keys(children: &BTreeMap<String, Node>) -> Result<String, String> {
    let mut text = String::from("&[");
    for (name, node) in children {
        text.push_str(&key(name, node).map_err(|error| format!("{name}: {error}"))?);
    }
    text.push(']');
    Ok(text)
}

fn key(name: &str, node: &Node) -> Result<String, String> {
    let column = |place: usize| node.columns.get(place).map_or("", String::as_str);
    let kind = match column(0) {
        "any" => "Any",
        "array" => "Array",
        "boolean" => "Boolean",
        "data" => "Data",
        "date" => "Date",
        "dictionary" => "Dictionary",
        "integer" => "Integer",
        "real" => "Real",
        "string" => "String",
        other => return Err(format!("type `{other}`")),
    };
    let default = if column(2).is_empty() { "None".to_owned() } else { format!("Some({:?})", column(2)) };
    let support: Result<Vec<String>, String> = (4..9).map(|place| support(column(place))).collect();
    Ok(format!(
        "Key {{ name: {name:?}, kind: Kind::{kind}, required: {}, default: {default}, allowed: {}, support: &[{}], dead: {}, children: {} }},\n",
        column(1) == "yes",
        allowed(column(3), kind)?,
        support?.join(", "),
        column(9).ends_with("dead key"),
        keys(&node.children)?,
    ))
}

fn allowed(text: &str, kind: &str) -> Result<String, String> {
    if text.is_empty() || text == "allowed" {
        return Ok("Allowed::Any".to_owned());
    }
    if text.starts_with("regex ") {
        return Ok("Allowed::Uuid".to_owned());
    }
    if let Some((least, most)) = text.split_once("..") {
        let number = |text: &str| text.parse::<i32>().map_err(|_| format!("range `{text}`"));
        return Ok(format!("Allowed::Range({}, {})", number(least)?, number(most)?));
    }
    // `1.3 (27.0)`: the version of the value is a rule's business.
    let words: Vec<&str> = text.split('|').map(|word| word.split(" (").next().unwrap_or(word)).collect();
    if kind == "Integer" {
        let numbers: Result<Vec<i64>, String> =
            words.iter().map(|word| word.parse().map_err(|_| format!("number `{word}`"))).collect();
        return Ok(format!("Allowed::Numbers(&{:?})", numbers?));
    }
    Ok(format!("Allowed::Words(&{words:?})"))
}

/// `4.0 dep 7.0`, `10.7 dep:10.13 rem:10.14`, `26.0 (schema: 16.0)`, `n/a` or nothing.
fn support(text: &str) -> Result<String, String> {
    let text = text.split(" (").next().unwrap_or_default().replace(':', " ");
    let mut words = text.split_whitespace();
    let Some(first) = words.next() else { return Ok("U".to_owned()) };
    if first == "n/a" {
        return Ok("N".to_owned());
    }
    let introduced = version(first)?;
    let (mut deprecated, mut removed) = ("None".to_owned(), "None".to_owned());
    while let Some(word) = words.next() {
        let value = format!("Some({})", version(words.next().ok_or("a version is missing")?)?);
        match word {
            "dep" => deprecated = value,
            "rem" => removed = value,
            other => return Err(format!("`{other}`")),
        }
    }
    if deprecated == "None" && removed == "None" {
        return Ok(format!("s({introduced})"));
    }
    Ok(format!("Support::Since {{ introduced: {introduced}, deprecated: {deprecated}, removed: {removed} }}"))
}

fn version(text: &str) -> Result<String, String> {
    let mut parts = text.split('.').map(|part| part.parse::<u8>().map_err(|_| format!("version `{text}`")));
    let mut next = || parts.next().unwrap_or(Ok(0));
    Ok(format!("v({}, {}, {})", next()?, next()?, next()?))
}

fn payload_types() -> Result<String, String> {
    let mut text = String::new();
    let mut seen = BTreeMap::new();
    for row in fact_file("payload-types.tsv")? {
        let column = |place: usize| row.get(place).map_or("", String::as_str);
        seen.entry(column(1).to_owned()).or_insert(row.clone());
    }
    for (name, row) in &seen {
        let column = |place: usize| row.get(place).map_or("", String::as_str);
        let support: Result<Vec<String>, String> = (2..7).map(|place| support(column(place))).collect();
        let _ = writeln!(
            text,
            "PayloadType {{ name: {name:?}, support: &[{}], multiple: {} }},",
            support?.join(", "),
            column(7) == "True",
        );
    }
    Ok(text)
}

fn subtypes() -> Result<String, String> {
    let mut text = String::new();
    for row in fact_file("vpn-subtypes.tsv")? {
        let column = |place: usize| row.get(place).map_or("", String::as_str);
        if column(2).starts_with('(') {
            continue;
        }
        let identifiers: Vec<&str> = column(2).split(" / ").collect();
        let vendor_keys: Vec<&str> = column(6)
            .split(", ")
            .filter(|key| key.chars().all(char::is_alphanumeric) && !key.is_empty())
            .collect();
        let _ = writeln!(
            text,
            "Subtype {{ connection: {:?}, identifiers: &{identifiers:?}, vendor_keys: &{vendor_keys:?} }},",
            column(0),
        );
    }
    Ok(text)
}
