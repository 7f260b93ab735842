//! What the tests of this crate share: the folder of vectors, hexadecimal, captures, providers.

pub(crate) mod capture;

use std::path::PathBuf;

use adit_crypto::{CryptoProvider, default_provider, ring_provider, rustcrypto_provider};

/// The folder of facts: `ADIT_SHARED`, else `shared` beside the workspace. Without it, prints which suite is
/// left out; the caller returns then.
pub(crate) fn vectors(suite: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("ADIT_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let folder = shared.join("vectors");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("LEFT OUT: {suite}: no vectors in {}", folder.display());
    None
}

/// A JSON file of the vectors.
pub(crate) fn json(path: &PathBuf) -> serde_json::Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The named hex constants of the files in `android-ike`, as (file, name, octets).
pub(crate) fn android(folder: &std::path::Path) -> Vec<(String, String, Vec<u8>)> {
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join("android-ike")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    let mut out = Vec::new();
    for path in files {
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        for (name, value) in json(&path)["hex"].as_object().unwrap() {
            if let Some(octets) = unhex(value.as_str().unwrap()) {
                out.push((file.clone(), name.clone(), octets));
            }
        }
    }
    out
}

/// One of them.
pub(crate) fn android_one(all: &[(String, String, Vec<u8>)], file: &str, name: &str) -> Vec<u8> {
    let found = all.iter().find(|(f, n, _)| f == file && n == name);
    found.unwrap_or_else(|| panic!("no {name} in {file}")).2.clone()
}

/// Octets from hexadecimal; `None` if it is none.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| char::from(c).to_digit(16).map(|d| u8::try_from(d).unwrap()))
        .collect::<Option<_>>()?;
    digits.len().is_multiple_of(2).then(|| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// Octets from hexadecimal written in a test.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    unhex(text).unwrap_or_else(|| panic!("not hexadecimal: {text}"))
}

/// Every provider the build has.
pub(crate) fn providers() -> Vec<CryptoProvider> {
    vec![default_provider(), ring_provider(), rustcrypto_provider()]
}
