//! Files on which our readers and CoreFoundation's once disagreed, with CoreFoundation's verdict in the name: what
//! `examples/differential.rs` found on mutated profiles and compared with Swift 6.0.3 on Debian 13.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::Path;

use adit_profile::{Document, Severity};

#[test]
fn what_corefoundation_says_is_said_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let document = Document::read(&fs::read(&path).unwrap());
        let errors: Vec<_> =
            document.problems().as_slice().iter().filter(|one| one.severity == Severity::Error).collect();
        match name.split('-').next().unwrap() {
            "accepted" => {
                assert!(errors.is_empty() && document.root_dict().is_some(), "{name}: {errors:?}");
                // What others refuse is told.
                let told = !document.problems().as_slice().is_empty();
                assert!(told, "{name}: nothing is said of what other readers refuse");
            }
            "refused" => assert!(!errors.is_empty(), "{name} passes"),
            other => panic!("{other}"),
        }
        seen += 1;
    }
    assert!(seen >= 13, "{seen}");
}
