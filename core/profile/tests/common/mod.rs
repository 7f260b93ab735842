//! What the test suites share: where the corpus is, and how a missing one is told.

use std::path::PathBuf;

/// The shared folder of facts and vectors, from `ADIT_SHARED` or beside the workspace; `None`, and a line that names
/// the suite left out, when it is not there.
pub fn shared(suite: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let folder = std::env::var_os("ADIT_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    if folder.join("corpus/oracle.tsv").is_file() {
        return Some(folder);
    }
    println!("left out: {suite} (no shared folder at {}; set ADIT_SHARED)", folder.display());
    None
}
