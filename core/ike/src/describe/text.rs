//! Octets from a peer as text that cannot harm a log or a terminal.

use std::fmt::{self, Write};

/// Most octets of a peer's text that are shown.
const MOST: usize = 96;

/// Shows octets as text: printable ASCII and letters of other scripts as they are, everything else escaped
/// (control octets, quotes, bidirectional marks, what is not UTF-8), and cut after 96 octets.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.get(..MOST).unwrap_or(self.0);
        for chunk in shown.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '"' | '\\' => write!(f, "\\{c}")?,
                    ' '..='~' => f.write_char(c)?,
                    '\0'..='\x7f' => write!(f, "\\x{:02x}", u32::from(c))?,
                    _ if c.is_alphanumeric() => f.write_char(c)?,
                    _ => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                }
            }
            for octet in chunk.invalid() {
                write!(f, "\\x{octet:02x}")?;
            }
        }
        if shown.len() < self.0.len() {
            write!(f, "... ({} octets)", self.0.len())?;
        }
        Ok(())
    }
}

/// Shows octets in hexadecimal, at most 32 of them. Only for what is no secret.
#[derive(Clone, Copy, Debug)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for octet in self.0.iter().take(32) {
            write!(f, "{octet:02x}")?;
        }
        if self.0.len() > 32 {
            write!(f, "... ({} octets)", self.0.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a21_control_octets_nul_and_bad_utf8_are_escaped() {
        let text = Escaped(b"a\x00b\x1b[31m\n\xff%s \"q\"").to_string();
        assert_eq!(text, "a\\x00b\\x1b[31m\\x0a\\xff%s \\\"q\\\"");
    }

    #[test]
    fn a21_bidirectional_marks_are_escaped_and_letters_are_not() {
        assert_eq!(
            Escaped("Gr\u{fc}\u{df}e \u{202e}txt".as_bytes()).to_string(),
            "Gr\u{fc}\u{df}e \\u{202e}txt"
        );
    }

    #[test]
    fn a21_long_text_is_cut_even_within_a_character() {
        let text = Escaped("\u{e4}".repeat(40_000).as_bytes()).to_string();
        assert!(text.ends_with("... (80000 octets)"), "{text}");
        assert!(text.len() < 200);
        let odd = [b"a".as_slice(), "\u{e4}".repeat(100).as_bytes()].concat();
        assert!(Escaped(&odd).to_string().contains("\\xc3... (201 octets)"));
    }
}
