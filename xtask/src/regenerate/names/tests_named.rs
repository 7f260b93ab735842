//! Looks for the tests that a column file names.

use std::fs;
use std::path::Path;

use super::super::root;
use super::Language;
use super::columns::{Cell, Column};

/// What is wrong with the tests named: each that no source has.
pub(super) fn missing(language: &Language, column: &Column) -> Vec<String> {
    let mut sources = Vec::new();
    for folder in language.tests {
        read(&root().join(folder), &mut sources);
    }
    let mut wrong = Vec::new();
    for cell in column {
        let Cell::Use { tests, .. } = cell else { continue };
        for test in tests.iter().filter(|test| !is_there(test, &sources)) {
            let line = format!("{}: no test {test} in {}", language.file, language.tests.join(" or "));
            if !wrong.contains(&line) {
                wrong.push(line);
            }
        }
    }
    wrong
}

/// Whether a source declares both the class and the test, `func name(` in Swift, `fun name(` or ``fun `name`(`` in Kotlin.
fn is_there(test: &str, sources: &[String]) -> bool {
    let Some((class, name)) = test.split_once('/') else { return false };
    let class = format!("class {class}");
    let names = [format!("func {name}("), format!("fun {name}("), format!("fun `{name}`(")];
    sources.iter().any(|source| {
        let declared = source.match_indices(&class).any(|(at, found)| {
            source
                .get(at + found.len()..)
                .is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()))
        });
        declared && names.iter().any(|name| source.contains(name))
    })
}

fn read(folder: &Path, sources: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            read(&path, sources);
        } else if path.extension().is_some_and(|ending| ending == "swift" || ending == "kt") {
            sources.extend(fs::read_to_string(&path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_found_in_the_source_of_its_class_only() {
        let sources = [
            "final class ATests: XCTestCase { func testGo() {} }".to_owned(),
            "class BTest { @Test fun `it goes`() {} @Test fun stops() {} }".to_owned(),
        ];
        for there in ["ATests/testGo", "BTest/it goes", "BTest/stops"] {
            assert!(is_there(there, &sources), "{there}");
        }
        for absent in ["ATests/stops", "ATest/testGo", "BTests/stops", "BTest/it", "testGo"] {
            assert!(!is_there(absent, &sources), "{absent}");
        }
    }
}
