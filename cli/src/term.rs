//! The terminal: colours only where a person reads, and lines that others may pipe.

use std::io::{IsTerminal, Write, stderr, stdout};

/// A style of text.
#[derive(Clone, Copy)]
pub enum Style {
    /// Steps back.
    Dim,
    /// Good.
    Green,
    /// Bad.
    Red,
    /// Notable.
    Yellow,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Dim => "2",
            Self::Green => "32",
            Self::Red => "31",
            Self::Yellow => "33",
        }
    }
}

/// True if standard output is a terminal that wants colours (<https://no-color.org>).
pub fn colours() -> bool {
    stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// `text` in `style`, if standard output shows colours.
pub fn paint(style: Style, text: &str) -> String {
    if colours() { format!("\x1b[{}m{text}\x1b[0m", style.code()) } else { text.to_owned() }
}

/// Writes a JSON object to standard output, as one line.
pub fn json(object: &impl serde::Serialize) {
    // By way of a tree, so that members stand in the order of the alphabet, whatever made them.
    match serde_json::to_value(object) {
        Ok(value) => line(&value.to_string()),
        Err(why) => error(&why.to_string(), ""),
    }
}

/// Writes a line to standard output. A reader that has gone away is no error: `adit .. | head`.
pub fn line(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}

/// Says on standard error why a command failed, and what to do.
pub fn error(why: &str, advice: &str) {
    let colours = stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let (on, off) = if colours { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    let _ = writeln!(stderr(), "{on}error:{off} {why}");
    if !advice.is_empty() {
        let _ = writeln!(stderr(), "  {advice}");
    }
}

/// Says something notable on standard error.
pub fn warn(text: &str) {
    let _ = writeln!(stderr(), "warning: {text}");
}

/// Says something by the way on standard error.
pub fn note(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// Text from a file, fit to be shown: shortened, and without characters that move the cursor or hide others.
pub fn printable(text: &str) -> String {
    const LONGEST: usize = 100;
    let hides = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut shown: String =
        text.chars().take(LONGEST).map(|c| if hides(c) { char::REPLACEMENT_CHARACTER } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
