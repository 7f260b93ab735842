//! Reads the facts and the column files, and compares them row by row.
//!
//! A column file has one row for each row of the facts, in their order, and the cells [`HEADER`]. `use` is code that
//! compiles only while the counterpart exists: expressions or statements, several joined by `; `. `test` is the test that
//! shows its behaviour, `Class/testName`, several joined by `, `. `cannot` is a word of `cannot.tsv`, which has the reason.
//! Exactly one of `use` and `cannot` is `-`. What does something has a test; what is only a type or a value may have `-`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use super::super::root;
use super::Facts;

const HEADER: &str = "class_or_type\tkind\tname\tuse\ttest\tcannot\tnote";

/// Kinds of symbols that have no behaviour of their own.
const WITHOUT_BEHAVIOUR: &[&str] =
    &["class", "class group", "class pair", "constant", "enum", "enum case", "error case", "error enum"];

/// A row of the facts.
#[derive(Clone)]
pub(super) struct Fact {
    pub class: String,
    pub kind: String,
    pub name: String,
    pub meaning: String,
}

/// What a language has for a row.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Cell {
    Use {
        code: String,
        tests: Vec<String>,
        note: String,
    },
    Cannot {
        word: String,
        note: String,
    },
    /// Not written yet.
    None,
}

/// One cell for each row of the facts.
pub(super) type Column = Vec<Cell>;

/// The rows of the facts.
pub(super) fn facts(facts: &Facts) -> Result<Vec<Fact>, String> {
    let shared = std::env::var_os("ADIT_SHARED")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")), PathBuf::from);
    let path = shared.join("reference").join(facts.file);
    let text = fs::read_to_string(&path)
        .map_err(|error| format!("{}: {error} (set ADIT_SHARED to the shared folder)", path.display()))?;
    let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let header = lines.next().unwrap_or_default();
    let at = |names: &[&str]| header.iter().position(|cell| names.contains(cell));
    let (Some(class), Some(kind), Some(name), Some(meaning)) =
        (at(&["class_or_type", "class"]), at(&["kind"]), at(&["swift_name", "name"]), at(&["meaning"]))
    else {
        return Err(format!("{}: the header is another one", facts.file));
    };
    let found: Vec<Fact> = lines
        .filter(|cells| facts.section.is_none() || cells.first().copied() == facts.section)
        .map(|cells| {
            let cell = |at: usize| cells.get(at).copied().unwrap_or_default().to_owned();
            Fact { class: cell(class), kind: cell(kind), name: cell(name), meaning: cell(meaning) }
        })
        .collect();
    if found.len() == facts.rows {
        Ok(found)
    } else {
        Err(format!("{} has {} rows, not {}", facts.file, found.len(), facts.rows))
    }
}

/// A column file.
pub(super) fn column(file: &str, facts: &[Fact], unfinished: bool) -> Result<Column, Vec<String>> {
    let text = fs::read_to_string(root().join(file)).map_err(|error| vec![format!("{file}: {error}")])?;
    let (column, missing) = read(&text, facts, &reasons());
    let mut wrong: Vec<String> = column
        .iter()
        .filter_map(|cell| cell.as_ref().err())
        .map(|error| format!("{file}: {error}"))
        .collect();
    if unfinished {
        missing.iter().for_each(|error| eprintln!("{file}: {error}"));
    } else {
        wrong.extend(missing.iter().map(|error| format!("{file}: {error}")));
    }
    if wrong.is_empty() { Ok(column.into_iter().flatten().collect()) } else { Err(wrong) }
}

/// The closed list: each word that says why a platform cannot, and its reason.
pub(super) fn reasons() -> BTreeMap<String, String> {
    let rows = include_str!("cannot.tsv").lines().skip(1);
    rows.filter_map(|line| line.split_once('\t'))
        .map(|(word, why)| (word.to_owned(), why.to_owned()))
        .collect()
}

type Cells = Vec<Result<Cell, String>>;

/// A cell for each fact, and mistakes; and what rows are missing.
fn read(text: &str, facts: &[Fact], reasons: &BTreeMap<String, String>) -> (Cells, Vec<String>) {
    let mut lines =
        text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(_, line)| !line.is_empty());
    let mut cells: Cells = Vec::new();
    if lines.next().is_none_or(|(_, line)| line != HEADER) {
        cells.push(Err(format!("line 1: the header must be {}", HEADER.replace('\t', " | "))));
    }
    let mut rows = lines.map(|(at, line)| (at, line.split('\t').collect::<Vec<_>>())).peekable();
    let mut missing = Vec::new();
    for fact in facts {
        let is_it = |(_, cells): &(usize, Vec<&str>)| {
            cells.get(..3).is_some_and(|key| key == [fact.class.as_str(), &fact.kind, &fact.name])
        };
        match rows.next_if(is_it) {
            Some((at, row)) => {
                cells.push(cell(fact, &row, reasons).map_err(|error| format!("line {at}: {error}")))
            }
            None => {
                missing.push(format!(
                    "no row for {} {} {}, or it is not in the facts' order",
                    fact.class, fact.kind, fact.name
                ));
                cells.push(Ok(Cell::None));
            }
        }
    }
    let strange = rows.map(|(at, row)| {
        Err(format!(
            "line {at}: {} is not in the facts, or not in their order",
            row.iter().take(3).copied().collect::<Vec<_>>().join(" ")
        ))
    });
    cells.extend(strange);
    (cells, missing)
}

fn cell(fact: &Fact, row: &[&str], reasons: &BTreeMap<String, String>) -> Result<Cell, String> {
    let [_, _, _, code, test, cannot, note @ ..] = row else {
        return Err(format!("{} cells, not 7", row.len()));
    };
    let note = match note {
        [] => String::new(),
        [note] => (*note).to_owned(),
        _ => return Err(format!("{} cells, not 7", row.len())),
    };
    match (*code, *cannot) {
        ("-", "-") => Err("neither `use` nor `cannot`".into()),
        ("", _) | (_, "") => Err("an empty cell is written `-`".into()),
        ("-", word) if !reasons.contains_key(word) => Err(format!("`{word}` is not in cannot.tsv")),
        ("-", _) if *test != "-" => Err("a test of what cannot be".into()),
        ("-", word) => Ok(Cell::Cannot { word: word.into(), note }),
        (code, "-") => {
            let tests = if *test == "-" { Vec::new() } else { tests_of(test) };
            if tests.is_empty() && !WITHOUT_BEHAVIOUR.contains(&fact.kind.as_str()) {
                return Err(format!("a {} does something: which test shows it?", fact.kind));
            }
            if let Some(name) = tests.iter().find(|name| name.split_once('/').is_none()) {
                return Err(format!("`{name}` is not Class/testName"));
            }
            Ok(Cell::Use { code: code.into(), tests, note })
        }
        _ => Err("both `use` and `cannot`".into()),
    }
}

/// The tests of a cell. A name of Kotlin's may hold `, ` itself: what has no class belongs to the name before it.
fn tests_of(cell: &str) -> Vec<String> {
    let mut tests: Vec<String> = Vec::new();
    for part in cell.split(", ") {
        match tests.last_mut() {
            Some(last) if !part.contains('/') => {
                last.push_str(", ");
                last.push_str(part);
            }
            _ => tests.push(part.to_owned()),
        }
    }
    tests
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(kind: &str, name: &str) -> Fact {
        Fact { class: "C".into(), kind: kind.into(), name: name.into(), meaning: String::new() }
    }

    fn errors(rows: &str) -> Vec<String> {
        let facts = [fact("method", "go()"), fact("enum case", "on")];
        let reasons = BTreeMap::from([("old-name".to_owned(), "why".to_owned())]);
        let (cells, missing) = read(&format!("{HEADER}\n{rows}"), &facts, &reasons);
        cells.into_iter().filter_map(Result::err).chain(missing).collect()
    }

    #[test]
    fn a_whole_file_is_read() {
        let none: Vec<String> = Vec::new();
        assert_eq!(
            errors("C\tmethod\tgo()\tgo()\tT/testGo\t-\t\nC\tenum case\ton\t-\t-\told-name\tnote\n"),
            none
        );
    }

    #[test]
    fn a_comma_in_a_name_divides_nothing() {
        assert_eq!(tests_of("ATest/one, and more, BTest/two"), ["ATest/one, and more", "BTest/two"]);
        assert_eq!(tests_of("testGo"), ["testGo"]);
    }

    #[test]
    fn each_mistake_is_told_with_its_line() {
        let good = "C\tenum case\ton\tC.on\t-\t-\t\n";
        for (row, said) in [
            ("C\tmethod\tgo()\tgo()\t-\t-\t\n", "line 2: a method does something"),
            ("C\tmethod\tgo()\t-\t-\t-\t\n", "line 2: neither"),
            ("C\tmethod\tgo()\tgo()\tT/t\told-name\t\n", "line 2: both"),
            ("C\tmethod\tgo()\t-\t-\tlater\t\n", "line 2: `later` is not in cannot.tsv"),
            ("C\tmethod\tgo()\t-\tT/t\told-name\t\n", "line 2: a test of what cannot be"),
            ("C\tmethod\tgo()\tgo()\ttestGo\t-\t\n", "line 2: `testGo` is not Class/testName"),
            ("C\tmethod\tgo()\tgo()\n", "line 2: 4 cells"),
            ("", "no row for C method go()"),
        ] {
            let found = errors(&format!("{row}{good}"));
            assert!(found.len() == 1 && found[0].starts_with(said), "{found:?}");
        }
        let twice = errors(&format!("C\tmethod\tgo()\tgo()\tT/t\t-\t\n{good}{good}"));
        assert_eq!(twice, ["line 4: C enum case on is not in the facts, or not in their order"]);
        assert!(
            errors("x")
                .iter()
                .any(|error| error.starts_with("line 2: ") && error.ends_with("in their order"))
        );
    }

    #[test]
    fn every_reason_is_a_sentence() {
        let reasons = reasons();
        assert!(reasons.len() > 1);
        for (word, why) in reasons {
            assert!(why.ends_with('.') && !word.contains(' '), "{word}: {why}");
        }
    }
}
