//! What stands in Swift, in Kotlin and in Rust for each name of the platforms' VPN APIs: documents, and sources that use it.
//!
//! Owns `docs/personal-vpn.md`, `docs/packet-tunnel.md` and `docs/android-vpn.md`, and the test sources that compile only
//! while each name exists. The facts (`personal-vpn-api.tsv`, `android-vpn-api.tsv`) say which names there are; the column
//! files say what we have for them (`columns`).

mod columns;
mod documents;
mod sources;
mod tests_named;

use super::Text;
use columns::Column;

/// A platform's API.
pub(super) struct Api {
    /// The document.
    document: &'static str,
    /// What it begins with.
    head: &'static str,
    facts: Facts,
    /// Where the Rust column is.
    symbols: Option<&'static str>,
    languages: &'static [Language],
}

/// Which facts.
struct Facts {
    file: &'static str,
    /// The first cell of the rows; none: all of them, and there is no such cell.
    section: Option<&'static str>,
    rows: usize,
}

/// A language's part of an API.
pub(super) struct Language {
    name: &'static str,
    /// The column file; beside it, named `.head` and the language's ending, is what the source begins with.
    file: &'static str,
    source: &'static str,
    /// The type that the head declares, whose members the uses may name.
    scope: &'static str,
    /// Where its tests are.
    tests: &'static [&'static str],
}

const SWIFT_TESTS: &[&str] = &["swift-package/Tests"];
const KOTLIN_TESTS: &[&str] = &["kotlin/core/src/test", "kotlin/android/src/test"];

const APIS: &[Api] = &[
    Api {
        document: "docs/personal-vpn.md",
        head: include_str!("personal-vpn.md"),
        facts: Facts { file: "personal-vpn-api.tsv", section: Some("personal-vpn"), rows: 221 },
        symbols: Some("core/manager/symbols.tsv"),
        languages: &[
            Language {
                name: "Swift",
                file: "swift-package/names/personal-vpn.tsv",
                source: "swift-package/Tests/NamesTests/Generated/PersonalVPNNames.swift",
                scope: "PersonalVPNNames",
                tests: SWIFT_TESTS,
            },
            Language {
                name: "Kotlin",
                file: "kotlin/names/personal-vpn.tsv",
                source: "kotlin/core/src/test/kotlin/adit/core/names/PersonalVpnNames.kt",
                scope: "PersonalVpnNames",
                tests: KOTLIN_TESTS,
            },
        ],
    },
    Api {
        document: "docs/packet-tunnel.md",
        head: include_str!("packet-tunnel.md"),
        facts: Facts { file: "personal-vpn-api.tsv", section: Some("packet-tunnel"), rows: 171 },
        symbols: None,
        languages: &[
            Language {
                name: "Swift",
                file: "swift-package/names/packet-tunnel.tsv",
                source: "swift-package/Tests/NamesTests/Generated/PacketTunnelNames.swift",
                scope: "PacketTunnelNames",
                tests: SWIFT_TESTS,
            },
            Language {
                name: "Kotlin",
                file: "kotlin/names/packet-tunnel.tsv",
                source: "kotlin/android/src/test/kotlin/adit/android/names/PacketTunnelNames.kt",
                scope: "PacketTunnelNames",
                tests: KOTLIN_TESTS,
            },
        ],
    },
    Api {
        document: "docs/android-vpn.md",
        head: include_str!("android-vpn.md"),
        facts: Facts { file: "android-vpn-api.tsv", section: None, rows: 210 },
        symbols: None,
        languages: &[Language {
            name: "Kotlin",
            file: "kotlin/names/android.tsv",
            source: "kotlin/android/src/test/kotlin/adit/android/names/AndroidNames.kt",
            scope: "AndroidNames",
            tests: KOTLIN_TESTS,
        }],
    },
];

/// A language's column of an API.
struct Joined<'a> {
    language: &'a Language,
    column: Column,
}

/// Everything that is made. With `unfinished` a column file may lack rows, which are then listed on the error stream.
///
/// # Errors
/// Each mistake in a column file, one a line.
pub(super) fn files(unfinished: bool) -> Result<Vec<Text>, String> {
    let mut files = Vec::new();
    let mut wrong = Vec::new();
    for api in APIS {
        match api.files(unfinished) {
            Ok(found) => files.extend(found),
            Err(errors) => wrong.extend(errors),
        }
    }
    if wrong.is_empty() { Ok(files) } else { Err(wrong.join("\n")) }
}

impl Api {
    fn files(&self, unfinished: bool) -> Result<Vec<Text>, Vec<String>> {
        let facts = columns::facts(&self.facts).map_err(|error| vec![error])?;
        let mut wrong = Vec::new();
        let mut joined = Vec::new();
        for language in self.languages {
            match columns::column(language.file, &facts, unfinished) {
                Ok(column) => {
                    wrong.extend(tests_named::missing(language, &column));
                    joined.push(Joined { language, column });
                }
                Err(errors) => wrong.extend(errors),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let mut files = Vec::new();
        for Joined { language, column } in &joined {
            let text = sources::text(language, &facts, column).map_err(|error| vec![error])?;
            files.push(Text { path: language.source, text });
        }
        if !joined.is_empty() {
            let text = documents::text(self, &facts, &joined).map_err(|error| vec![error])?;
            files.push(Text { path: self.document, text });
        }
        Ok(files)
    }
}
