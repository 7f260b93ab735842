//! Test help shared by the authentication modules: the folder of vectors, and hexadecimal.

use std::fs;
use std::path::PathBuf;

/// The folder of vectors, or a printed line that names the suite left out.
pub(crate) fn shared(suite: &str) -> Option<PathBuf> {
    let folder = match std::env::var_os("ADIT_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
    };
    if folder.is_dir() {
        return Some(folder);
    }
    println!("left out: {suite}: no folder {} (set ADIT_SHARED)", folder.display());
    None
}

/// A JSON file of vectors.
pub(crate) fn shared_json(suite: &str, path: &str) -> Option<serde_json::Value> {
    let text = fs::read(shared(suite)?.join(path)).expect("the vector file is there");
    Some(serde_json::from_slice(&text).expect("the vector file is JSON"))
}

/// Every file of a folder of seeds, in a fixed order.
pub(crate) fn shared_files(suite: &str, path: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let mut files: Vec<_> = fs::read_dir(shared(suite)?.join(path))
        .expect("the seed folder is there")
        .map(|entry| {
            let entry = entry.expect("a readable entry");
            (
                entry.file_name().to_string_lossy().into_owned(),
                fs::read(entry.path()).expect("a readable seed"),
            )
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{path} holds no seeds");
    Some(files)
}

/// Decodes hexadecimal.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "odd hexadecimal");
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

/// A hexadecimal field of a JSON object.
pub(crate) fn field(object: &serde_json::Value, name: &str) -> Vec<u8> {
    hex(object[name].as_str().unwrap_or_else(|| panic!("no field {name}")))
}
