//! The documents: a head written by hand, the reasons why something cannot be, and a table for each class.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use super::super::root;
use super::columns::{Cell, Fact, reasons};
use super::{Api, Joined};

/// The document.
pub(super) fn text(api: &Api, facts: &[Fact], joined: &[Joined<'_>]) -> Result<String, String> {
    let rust = api.symbols.map(|file| symbols(file, facts)).transpose()?;
    let mut text = format!(
        "<!-- Made by `cargo xtask regenerate names`: the head is in xtask/src/regenerate/names, the tables come from the files\n\
         that it names. Do not edit here. -->\n\n{}\n",
        api.head.trim_end()
    );
    let mut words = BTreeSet::new();
    for cell in joined.iter().flat_map(|one| &one.column) {
        if let Cell::Cannot { word, .. } = cell {
            words.insert(word.as_str());
        }
    }
    words.extend(rust.iter().flatten().filter_map(|cell| cell.as_ref().err()).map(String::as_str));
    if !words.is_empty() {
        text.push_str(
            "\n## What cannot be, and why\n\nThe tables name these words; there are no others.\n\n",
        );
        let reasons = reasons();
        for word in words {
            let why = reasons.get(word).ok_or(format!("`{word}` is not in cannot.tsv"))?;
            let _ = writeln!(text, "- **{word}**: {why}");
        }
    }
    let mut classes: Vec<&str> = Vec::new();
    for fact in facts {
        if !classes.contains(&fact.class.as_str()) {
            classes.push(&fact.class);
        }
    }
    for class in classes {
        let _ = write!(text, "\n## {class}\n\n| Name | What it is |");
        let mut rule = String::from("| --- | --- |");
        let languages = rust.iter().map(|_| "Rust").chain(joined.iter().map(|one| one.language.name));
        for name in languages.chain(["Shown by"]) {
            let _ = write!(text, " {name} |");
            rule.push_str(" --- |");
        }
        let _ = writeln!(text, "\n{rule}");
        for (at, fact) in facts.iter().enumerate().filter(|(_, fact)| fact.class == class) {
            let _ = write!(text, "| `{}` | {} |", escaped(&fact.name), escaped(&fact.meaning));
            if let Some(cell) = rust.as_ref().and_then(|rust| rust.get(at)) {
                let _ = match cell {
                    Ok(path) => write!(text, " {} |", code(path)),
                    Err(word) => write!(text, " cannot: {word} |"),
                };
            }
            let mut tests: Vec<String> = Vec::new();
            for Joined { language, column } in joined {
                let cell = column.get(at).unwrap_or(&Cell::None);
                let _ = write!(text, " {} |", shown(cell));
                if let Cell::Use { tests: named, .. } = cell {
                    let several = joined.len() > 1;
                    tests.extend(named.iter().map(|test| {
                        if several { format!("{}: `{test}`", language.name) } else { format!("`{test}`") }
                    }));
                }
            }
            let _ =
                writeln!(text, " {} |", if tests.is_empty() { "-".to_owned() } else { tests.join("<br>") });
        }
    }
    Ok(text)
}

/// The Rust column: a path, or why there is none.
fn symbols(file: &str, facts: &[Fact]) -> Result<Vec<Result<String, String>>, String> {
    let text = fs::read_to_string(root().join(file)).map_err(|error| format!("{file}: {error}"))?;
    let mut found = BTreeMap::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let [class, kind, name, _, rust, reason] = cells.as_slice() else {
            return Err(format!("{file}: `{line}` has not 6 cells"));
        };
        let cell = if *rust == "-" { Err((*reason).to_owned()) } else { Ok((*rust).to_owned()) };
        found.insert(((*class).to_owned(), (*kind).to_owned(), (*name).to_owned()), cell);
    }
    facts
        .iter()
        .map(|fact| {
            let key = (fact.class.clone(), fact.kind.clone(), fact.name.clone());
            found.remove(&key).ok_or_else(|| format!("{file}: no row for {} {}", fact.class, fact.name))
        })
        .collect()
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Use { code: parts, note, .. } => {
            let parts: Vec<String> = parts.split("; ").map(code).collect();
            with_note(parts.join("<br>"), note)
        }
        Cell::Cannot { word, note } => with_note(format!("cannot: {word}"), note),
        Cell::None => "-".into(),
    }
}

fn with_note(text: String, note: &str) -> String {
    if note.is_empty() { text } else { format!("{text}<br>{}", escaped(note)) }
}

/// Code in a cell of a table.
fn code(text: &str) -> String {
    format!("`{}`", escaped(text))
}

/// A vertical bar would end the cell.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_show_what_is_there_or_why_not() {
        let code = Cell::Use { code: "a; b || c".into(), tests: Vec::new(), note: "note".into() };
        assert_eq!(shown(&code), "`a`<br>`b \\|\\| c`<br>note");
        let cannot = Cell::Cannot { word: "old-name".into(), note: String::new() };
        assert_eq!(shown(&cannot), "cannot: old-name");
    }
}
