//! Where scenarios lie, and what goes into them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::pretty::pretty;

const FOLDERS: [&str; 4] = ["profiles", "apps", "manager", "sessions"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(super) fn regenerates() -> bool {
    std::env::var_os("ADIT_REGENERATE").is_some_and(|value| value == "1")
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of a folder's files, which are those of the list.
pub(super) fn names(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join("scenarios").join(folder)).unwrap();
    let there: BTreeSet<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    if regenerates() {
        return there.into_iter().collect();
    }
    let list: Value = serde_json::from_slice(&read(&root().join("scenarios/list.json"))).unwrap();
    let listed: BTreeSet<String> =
        list[folder].as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    assert_eq!(there, listed, "scenarios/list.json and scenarios/{folder} differ");
    there.into_iter().collect()
}

pub(super) fn scenario(folder: &str, name: &str) -> Value {
    let path = root().join("scenarios").join(folder).join(format!("{name}.json"));
    serde_json::from_slice(&read(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Writes a scenario, and the list.
pub(super) fn write(folder: &str, name: &str, scenario: &Value) {
    let scenarios = root().join("scenarios");
    std::fs::write(scenarios.join(folder).join(format!("{name}.json")), pretty(scenario)).unwrap();
    let list: serde_json::Map<String, Value> =
        FOLDERS.iter().map(|folder| ((*folder).to_owned(), json!(names(folder)))).collect();
    std::fs::write(scenarios.join("list.json"), pretty(&Value::Object(list))).unwrap();
}

/// The bytes of an input; `None` where it is of the corpus and that is not here.
pub(super) fn input(input: &Value) -> Option<Vec<u8>> {
    let members = input.as_object().unwrap();
    for name in members.keys() {
        let known = ["text", "base64", "file", "corpus", "replace", "cut"].contains(&name.as_str());
        assert!(known, "there is no input `{name}`");
    }
    let text = |name: &str| members.get(name).map(|value| value.as_str().unwrap());
    let mut bytes = if let Some(text) = text("text") {
        text.as_bytes().to_vec()
    } else if let Some(text) = text("base64") {
        base64(text).unwrap_or_else(|| panic!("this is no base64: {text}"))
    } else if let Some(path) = text("file") {
        read(&root().join(path))
    } else {
        let name = text("corpus").unwrap_or_else(|| panic!("no input: {input}"));
        let shared = std::env::var_os("ADIT_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
        if !shared.is_dir() {
            static ONCE: std::sync::Once = std::sync::Once::new();
            ONCE.call_once(|| println!("LEFT OUT: scenarios of the corpus: no folder {}", shared.display()));
            return None;
        }
        read(&shared.join("corpus/profiles").join(name))
    };
    for pair in members.get("replace").and_then(Value::as_array).into_iter().flatten() {
        let (from, to) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
        let before = String::from_utf8(bytes).unwrap();
        assert!(before.contains(from), "{from} is not in the input");
        bytes = before.replace(from, to).into_bytes();
    }
    if let Some(length) = members.get("cut") {
        bytes.truncate(usize::try_from(length.as_u64().unwrap()).unwrap());
    }
    Some(bytes)
}

/// A file as it stands in a scenario.
pub(super) fn file_form(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => json!({"text": text}),
        Err(_) => json!({"base64": to_base64(bytes)}),
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for group in text.as_bytes().chunks(4) {
        let digits = group.iter().take_while(|byte| **byte != b'=').count();
        let mut bits = 0_u32;
        for byte in &group[..digits] {
            let digit = ALPHABET.iter().position(|known| known == byte)?;
            bits = bits << 6 | u32::try_from(digit).ok()?;
        }
        if group.len() != 4 || digits < 2 {
            return None;
        }
        let bytes = (bits << (6 * (4 - digits))).to_be_bytes();
        out.extend_from_slice(&bytes[1..digits]);
    }
    Some(out)
}

fn to_base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for group in bytes.chunks(3) {
        let mut padded = [0; 4];
        padded[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(padded);
        for at in 0..4 {
            let digit = (bits >> (18 - 6 * at)) & 63;
            out.push(if at <= group.len() { ALPHABET[digit as usize] as char } else { '=' });
        }
    }
    out
}

/// Where two values begin to differ.
pub(super) fn difference(wanted: &Value, found: &Value) -> String {
    fn walk(path: &str, wanted: &Value, found: &Value) -> Option<String> {
        match (wanted, found) {
            (Value::Object(one), Value::Object(other)) => {
                one.keys().chain(other.keys()).collect::<BTreeSet<_>>().into_iter().find_map(|key| {
                    walk(&format!("{path}.{key}"), one.get(key)?, other.get(key)?).or_else(|| {
                        (one.contains_key(key) != other.contains_key(key)).then(|| format!("{path}.{key}"))
                    })
                })
            }
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => one
                .iter()
                .zip(other)
                .enumerate()
                .find_map(|(at, (one, other))| walk(&format!("{path}[{at}]"), one, other)),
            _ if wanted == found => None,
            _ => Some(format!("{path}: wanted {wanted}, found {found}")),
        }
    }
    walk("", wanted, found).unwrap_or_else(|| format!("wanted {wanted}, found {found}"))
}

#[test]
fn base64_goes_round_and_wrong_text_is_refused() {
    for bytes in [&b""[..], b"f", b"fo", b"foo", b"foob", &[255, 254, 0]] {
        assert_eq!(base64(&to_base64(bytes)).as_deref(), Some(bytes));
    }
    assert_eq!(to_base64(b"foob"), "Zm9vYg==");
    assert!(base64("Zm9").is_none() && base64("Zm9$").is_none());
}
