//! The functions that apps call. Everything else in the library is for the linker to drop.

use std::path::Path;

use super::at;

/// What C needs to know; in the Swift package, because Linux needs it there.
pub const HEADERS: [&str; 2] = ["AditFFI.h", "adit.h"];
pub const HEADER_FOLDER: &str = "swift-package/Sources/AditFFI";

/// How their names begin.
const PREFIXES: [&str; 3] = ["uniffi_adit_", "ffi_adit_", "adit_"];

/// The functions that the headers declare. Kotlin calls no others (a test compares).
pub fn functions(root: &Path) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for header in HEADERS {
        let path = root.join(HEADER_FOLDER).join(header);
        let text = std::fs::read_to_string(&path).map_err(|error| at(&path, &error))?;
        found.extend(called(&text).map(str::to_owned));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Words before an opening bracket that begin like a function of the library.
fn called(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.split('(')
        .filter_map(move |before| before.rsplit(|character| !is_word(character)).next())
        .filter(|name| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    #[test]
    fn what_headers_declare_is_found() {
        let header = "uint64_t ffi_adit_bindings_a(uint64_t adit_size);\nvoid (*other)(int);\n  int32_t *adit_packets_in (int);\nint adit_version(void);";
        assert_eq!(called(header).collect::<Vec<_>>(), ["ffi_adit_bindings_a", "adit_version"]);
        let found = functions(&root()).unwrap();
        for name in ["adit_packets_in", "uniffi_adit_bindings_fn_constructor_session_new"] {
            assert!(found.iter().any(|function| function == name), "{name}: {found:?}");
        }
    }

    #[test]
    fn kotlin_calls_nothing_that_is_not_exported() {
        let exported = functions(&root()).unwrap();
        let folder = root().join("kotlin/core/src/main/kotlin/adit/core");
        let mut folders = vec![folder];
        let mut calls = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for name in called(&text).filter(|name| !name.starts_with("adit_bindings")) {
                    calls += 1;
                    assert!(exported.iter().any(|one| one == name), "{} calls {name}", path.display());
                }
            }
        }
        assert!(calls > 150, "{calls}");
    }
}
