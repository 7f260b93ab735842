//! A test source in Swift or Kotlin that uses each name of an API.
//!
//! It begins with the head that stands beside the column file: imports, a type whose members are what the uses name, and a
//! function `used` that takes anything. Each class of the API is one function of that type. An expression is handed to
//! `used`; a statement stands as it is.

use std::fmt::Write as _;
use std::fs;

use super::super::root;
use super::Language;
use super::columns::{Cell, Column, Fact};

/// The source.
pub(super) fn text(language: &Language, facts: &[Fact], column: &Column) -> Result<String, String> {
    let swift = language.name == "Swift";
    let head = language.file.replace(".tsv", if swift { ".head.swift" } else { ".head.kt" });
    let head_text = fs::read_to_string(root().join(&head)).map_err(|error| format!("{head}: {error}"))?;
    let mut text = format!(
        "// Made by `cargo xtask regenerate names` from {} and its head. Do not edit.\n\n{}\n",
        language.file,
        head_text.trim_end()
    );
    let scope = language.scope;
    if swift {
        let _ = writeln!(text, "\nextension {scope} {{");
    }
    let mut class = "";
    let (indent, close) = if swift { ("    ", "    }\n") } else { ("", "}\n") };
    for (fact, cell) in facts.iter().zip(column) {
        let Cell::Use { code, .. } = cell else { continue };
        if class != fact.class {
            if !class.is_empty() {
                text.push_str(close);
            }
            class = &fact.class;
            let name: String = class.chars().filter(char::is_ascii_alphanumeric).collect();
            if swift {
                let _ = writeln!(text, "    func use{name}() async throws {{");
            } else {
                let _ = writeln!(text, "\nsuspend fun {scope}.use{name}() {{");
            }
        }
        for part in code.split("; ") {
            if is_statement(part) {
                let _ = writeln!(text, "{indent}    {part}");
            } else {
                let _ = writeln!(text, "{indent}    used({part})");
            }
        }
    }
    if !class.is_empty() {
        text.push_str(close);
    }
    if swift {
        text.push_str("}\n");
    }
    Ok(text)
}

/// Whether code stands by itself: it declares, it assigns, or it is a block.
fn is_statement(code: &str) -> bool {
    let word = code.split(' ').next().unwrap_or_default();
    if ["for", "if", "let", "val", "var", "while"].contains(&word) {
        return true;
    }
    let (mut depth, mut quoted) = (0_i32, false);
    let mut before = ' ';
    for (at, byte) in code.char_indices() {
        match byte {
            '"' if before != '\\' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            '=' if !quoted
                && depth == 0
                && before == ' '
                && code.get(at + 1..).is_some_and(|rest| rest.starts_with(' ')) =>
            {
                return true;
            }
            _ => {}
        }
        before = byte;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_told_from_expressions() {
        for statement in ["let rule = Rule()", "a.b = c", "if x { y() }", "val a = f(b = 1)"] {
            assert!(is_statement(statement), "{statement}");
        }
        for expression in ["a.b", "f(b = 1)", "Class.self", "a == b", "try await f(\"a = b\")", "f { x = 1 }"]
        {
            assert!(!is_statement(expression), "{expression}");
        }
    }
}
