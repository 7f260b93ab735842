//! From files and flags to a description.
//!
//! Flags are put over the file, so that one file serves many profiles. What a flag says stands at its field's path.

use std::path::{Path, PathBuf};

use adit_profile::build::fields::{Field, Kind, fields};
use adit_profile::build::{Spec, VpnKind};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::arguments::{Given, MakeArgs};
use crate::input;
use crate::outcome::Failed;

/// A description, and the folder its files are relative to.
pub struct Source {
    pub spec: Spec,
    pub folder: PathBuf,
}

/// The description that the arguments ask for.
pub fn read(args: &MakeArgs) -> Result<Source, Failed> {
    let mut folder = PathBuf::new();
    let mut tree = json!({});
    if let Some(path) = &args.from {
        folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let bytes = input::read(path)?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|error| Failed::usage(format!("{}: {error}", input::name(path))))?;
        if args.given.is_empty() && args.kind.is_none() {
            // Read as it stands, so that a mistake is told with its line.
            let spec =
                parse(path, text).map_err(|error| match parse(path, text).map(|tree| single(&tree)) {
                    // Serde has no words for this.
                    Ok(Err(two)) => two,
                    _ => error,
                })?;
            return Ok(Source { spec, folder });
        }
        tree = parse(path, text)?;
    }
    if let Some(kind) = args.kind {
        suits(&tree, kind)?;
        flags(&mut tree, kind, &args.given)?;
        single(&tree)?;
        missing(&tree, kind)?;
    }
    let spec = Spec::deserialize(&tree).map_err(|error| Failed::usage(in_flags(&error.to_string(), args)))?;
    Ok(Source { spec, folder })
}

/// Reads TOML or JSON. A message never quotes the file: the line may hold a secret.
fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, Failed> {
    let name = path.display();
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) {
        return serde_json::from_str(text).map_err(|error| Failed::usage(format!("{name}: {error}")));
    }
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Failed::usage(format!("{name}:{line}:{column}: {}", error.message()))
    })
}

/// The type on the command line and that in the file are the same.
fn suits(tree: &Json, kind: VpnKind) -> Result<(), Failed> {
    let other = tree.get("vpn").and_then(Json::as_object).and_then(|table| table.keys().next());
    match other {
        Some(other) if other != kind.name() => {
            Err(Failed::usage(format!("the file describes {other}, the command line {}", kind.name())))
        }
        _ => Ok(()),
    }
}

fn flags(tree: &mut Json, kind: VpnKind, given: &[(Field, Given)]) -> Result<(), Failed> {
    for (field, value) in given {
        set(tree, &field.path, json_of(field, value))?;
    }
    ensure(tree, &format!("vpn.{}", kind.name()));
    let all = fields(kind);
    for auth in all.iter().filter(|field| field.path.ends_with("authentication.method")) {
        method(tree, auth, &all)?;
    }
    Ok(())
}

/// Fills in the authentication method where the other fields leave no choice, and refuses what does not go with it.
fn method(tree: &mut Json, auth: &Field, all: &[Field]) -> Result<(), Failed> {
    let table = auth.path.trim_end_matches("method");
    let said = all.iter().filter(|field| {
        field.path.starts_with(table) && !field.methods.is_empty() && get(tree, &field.path).is_some()
    });
    let said: Vec<&Field> = said.collect();
    if let Some(method) = get(tree, &auth.path).and_then(Json::as_str) {
        return match said.iter().find(|field| !field.methods.contains(&method)) {
            None => Ok(()),
            Some(field) => Err(Failed::usage(format!(
                "--{} does not go with --{} {method}, it goes with {}",
                flag_of(field),
                auth.flag,
                field.methods.join(" and ")
            ))),
        };
    }
    let has_identity = tree.get("identity").is_some();
    // Only a tunnel that is described needs a method.
    let wanted = get(tree, table.trim_end_matches("authentication.")).is_some();
    if !wanted || said.is_empty() && !has_identity {
        return Ok(());
    }
    let with_identity = |method: &str| method.contains("certificate") || method == "eap-tls";
    let words = auth.kind.words();
    let possible = words.iter().filter(|word| said.iter().all(|field| field.methods.contains(word)));
    let mut possible: Vec<&str> = possible.copied().collect();
    if possible.iter().any(|word| with_identity(word) == has_identity) {
        possible.retain(|word| with_identity(word) == has_identity);
    }
    match (possible.first(), said.as_slice()) {
        (Some(method), _) => set(tree, &auth.path, json!(method)),
        (None, said) => {
            let flags: Vec<String> = said
                .iter()
                .map(|field| format!("--{} ({})", flag_of(field), field.methods.join(", ")))
                .collect();
            Err(Failed::usage(format!("no authentication method takes all of these: {}", flags.join(", "))))
        }
    }
}

/// The name under which a field's flag is given.
pub fn flag_of(field: &Field) -> String {
    if field.kind == Kind::Secret { format!("{}-file", field.flag) } else { field.flag.clone() }
}

/// Refuses two of what can only be one: the connection, where an identity comes from, the slice.
fn single(tree: &Json) -> Result<(), Failed> {
    let identities = get(tree, "identity").and_then(Json::as_object).into_iter().flat_map(Map::keys);
    let identities = identities.map(|name| format!("identity.{name}"));
    for table in ["vpn".to_owned(), "per-app.cellular-slice".to_owned()].into_iter().chain(identities) {
        let names = get(tree, &table).and_then(Json::as_object).into_iter().flat_map(Map::keys);
        let names: Vec<&str> = names.map(String::as_str).collect();
        if names.len() > 1 {
            return Err(Failed::usage(format!("{table} can only have one of {}", names.join(", "))));
        }
    }
    Ok(())
}

/// Names every needed field that is not there.
fn missing(tree: &Json, kind: VpnKind) -> Result<(), Failed> {
    let all = fields(kind);
    let mut missing: Vec<String> = Vec::new();
    for field in all.iter().filter(|field| field.required && get(tree, &field.path).is_none()) {
        missing.push(format!("  --{:<20} {}", flag_of(field), field.help));
    }
    // What a method cannot be without.
    for psk in all.iter().filter(|field| field.path.ends_with("authentication.secret")) {
        let method = get(tree, &psk.path.replace(".secret", ".method")).and_then(Json::as_str);
        if method == Some("shared-secret") && get(tree, &psk.path).is_none() {
            missing.push(format!("  --{:<20} {}", flag_of(psk), psk.help));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let name = kind.name();
    Err(Failed::usage(format!(
        "a profile of type {name} needs more:\n{}\n`adit new {name} --help` shows all flags",
        missing.join("\n")
    )))
}

/// A message about the tree, with the flag of the field it names where there is one.
fn in_flags(message: &str, args: &MakeArgs) -> String {
    let kind = args.kind.unwrap_or(VpnKind::Ikev2);
    let name = message.split('`').nth(1).unwrap_or_default();
    let flags: Vec<String> = fields(kind)
        .iter()
        .filter(|field| message.starts_with("missing field") && field.path.ends_with(&format!(".{name}")))
        .map(|field| format!("--{}", flag_of(field)))
        .collect();
    if flags.is_empty() { message.to_owned() } else { format!("{message} ({})", flags.join(" or ")) }
}

fn json_of(field: &Field, given: &Given) -> Json {
    match given {
        Given::Text(text) => json!(text),
        Given::Integer(number) => json!(number),
        Given::Number(number) => json!(number),
        Given::Boolean(value) => json!(value),
        Given::File(path) => file(path),
        Given::Files(paths) => paths.iter().map(|path| json!({"content": file(path)})).collect(),
        Given::Ask => json!({"ask": true}),
        Given::Rules(rules) => rules.iter().map(|rule| rule.0.clone()).collect(),
        Given::Table => json!({}),
        Given::Texts(texts) => match field.kind {
            Kind::Pairs => {
                let pairs = texts.iter().filter_map(|text| text.split_once('='));
                Json::Object(
                    pairs.map(|(name, value)| (name.to_owned(), json!(value))).collect::<Map<_, _>>(),
                )
            }
            Kind::Services => {
                let pairs = texts.iter().filter_map(|text| text.split_once('='));
                pairs.map(|(service, action)| json!({"service": service, "action": action})).collect()
            }
            Kind::MacApps => {
                let pairs = texts.iter().filter_map(|text| text.split_once('='));
                pairs
                    .map(|(app, requirement)| json!({"identifier": app, "requirement": requirement}))
                    .collect()
            }
            Kind::Apps => texts
                .iter()
                .map(|text| match text.strip_suffix("=udp") {
                    Some(app) => json!({"app": app, "udp-only": true}),
                    None => json!({"app": text}),
                })
                .collect(),
            _ => json!(texts),
        },
    }
}

/// A file named on the command line is relative to where the user stands, not to the description.
fn file(path: &Path) -> Json {
    let absolute = if path == Path::new("-") {
        path.to_owned()
    } else {
        std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
    };
    json!({"file": absolute.to_string_lossy()})
}

fn get<'t>(tree: &'t Json, path: &str) -> Option<&'t Json> {
    path.split('.').filter(|name| !name.is_empty()).try_fold(tree, |at, name| at.get(name))
}

/// Makes the tables on the way.
fn ensure<'t>(tree: &'t mut Json, path: &str) -> Option<&'t mut Json> {
    path.split('.')
        .try_fold(tree, |at, name| Some(at.as_object_mut()?.entry(name).or_insert_with(|| json!({}))))
}

fn set(tree: &mut Json, path: &str, value: Json) -> Result<(), Failed> {
    let place = ensure(tree, path)
        .ok_or_else(|| Failed::usage(format!("the file has no table where {path} belongs")))?;
    match (place, value) {
        // A table that is there already stays.
        (Json::Object(_), Json::Object(value)) if value.is_empty() => {}
        (place, value) => *place = value,
    }
    Ok(())
}
