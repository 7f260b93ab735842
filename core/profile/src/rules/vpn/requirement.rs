//! Apple's code signing requirement language, as far as it takes to tell whether a text is an expression of it.
//!
//! Owns the tokens and the grammar. What an expression means, and whether an application meets it, is not asked. Where the
//! published description is silent, more is taken rather than less. Source: Apple, Code Signing Requirement Language.

use std::fmt;

use crate::platform::is_letter_or_digit;

/// Longest text that is looked at, in bytes; a longer one is taken as it is.
const LONGEST: usize = 16 * 1024;

/// Deepest brackets.
const DEEPEST: usize = 64;

/// Why a text is no requirement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reason {
    /// A quoted text or a comment has no end.
    Open,
    /// A bracket has no partner.
    Bracket,
    /// Something is missing at the end.
    Short,
    /// A word or sign stands where it cannot.
    Unexpected,
    /// Brackets are nested too deep.
    Deep,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "a quote or comment does not end",
            Self::Bracket => "a bracket has no partner",
            Self::Short => "it ends too early",
            Self::Unexpected => "a word or sign stands where none can",
            Self::Deep => "too many brackets inside one another",
        })
    }
}

/// Whether a text is one requirement expression, or a `designated =>` with one.
pub(super) fn parse(text: &str) -> Result<(), Reason> {
    if text.len() > LONGEST {
        return Ok(());
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, depth: 0 };
    if let [Token::Word("designated"), Token::Sign('='), Token::Sign('>'), rest @ ..] = parser.tokens {
        parser.tokens = rest;
    }
    parser.expression()?;
    match parser.tokens.first() {
        None => Ok(()),
        Some(Token::Sign(')' | ']')) => Err(Reason::Bracket),
        Some(_) => Err(Reason::Unexpected),
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Token<'t> {
    /// Letters, digits and what may stand among them.
    Word(&'t str),
    /// Text in quotes; `H"..."` too.
    Quoted,
    /// One sign.
    Sign(char),
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, Reason> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        if first.is_whitespace() {
            rest = after;
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").ok_or(Reason::Open)?.1;
        } else if first == '#' || rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        } else if first == '"' {
            tokens.push(Token::Quoted);
            rest = after_quote(after)?;
        } else if let Some(hash) = rest.strip_prefix("H\"") {
            tokens.push(Token::Quoted);
            rest = after_quote(hash)?;
        } else if is_word(first) {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let (word, left) = rest.split_at_checked(length).ok_or(Reason::Unexpected)?;
            tokens.push(Token::Word(word));
            rest = left;
        } else if "()[]=<>*!,".contains(first) {
            tokens.push(Token::Sign(first));
            rest = after;
        } else {
            return Err(Reason::Unexpected);
        }
    }
    Ok(tokens)
}

fn is_word(c: char) -> bool {
    is_letter_or_digit(c) || matches!(c, '.' | '-' | '_' | '/' | '$' | ':' | '+')
}

/// What follows the closing quote; a backslash hides one.
fn after_quote(text: &str) -> Result<&str, Reason> {
    let mut hidden = false;
    for (place, c) in text.char_indices() {
        match c {
            '"' if !hidden => return text.get(place + 1..).ok_or(Reason::Open),
            '\\' => hidden = !hidden,
            _ => hidden = false,
        }
    }
    Err(Reason::Open)
}

struct Parser<'p, 't> {
    tokens: &'p [Token<'t>],
    depth: usize,
}

impl<'p, 't> Parser<'p, 't> {
    fn next(&mut self) -> Result<Token<'t>, Reason> {
        let (first, rest) = self.tokens.split_first().ok_or(Reason::Short)?;
        self.tokens = rest;
        Ok(*first)
    }

    fn takes(&mut self, token: Token<'_>) -> bool {
        match self.tokens.split_first() {
            Some((first, rest)) if *first == token => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.takes(Token::Word(word))
    }

    fn sign(&mut self, sign: char) -> bool {
        self.takes(Token::Sign(sign))
    }

    fn expression(&mut self) -> Result<(), Reason> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Reason::Deep);
        }
        loop {
            while self.sign('!') {}
            self.primary()?;
            if !self.word("and") && !self.word("or") {
                break;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn primary(&mut self) -> Result<(), Reason> {
        match self.next()? {
            Token::Sign('(') => {
                self.expression()?;
                self.closing(')')
            }
            Token::Word("identifier" | "cdhash" | "platform") => {
                self.sign('=');
                self.operand()
            }
            Token::Word("anchor") => self.anchor(),
            Token::Word("certificate" | "cert") => {
                // The place of the certificate: `leaf`, `root`, a number.
                match self.next()? {
                    Token::Word(_) => self.certificate(),
                    _ => Err(Reason::Unexpected),
                }
            }
            Token::Word("info" | "entitlement") => self.field(),
            Token::Word("always" | "true" | "never" | "false" | "notarized" | "legacy") => Ok(()),
            Token::Sign(')' | ']') => Err(Reason::Bracket),
            _ => Err(Reason::Unexpected),
        }
    }

    /// After `anchor`: Apple's own, a hash, a file, or a condition on its certificate.
    fn anchor(&mut self) -> Result<(), Reason> {
        if self.word("apple") {
            self.word("generic");
            return Ok(());
        }
        if self.word("generic") {
            return if self.word("apple") { Ok(()) } else { Err(Reason::Unexpected) };
        }
        self.certificate()
    }

    fn certificate(&mut self) -> Result<(), Reason> {
        if self.word("trusted") {
            return Ok(());
        }
        if self.tokens.first() == Some(&Token::Sign('[')) {
            return self.field();
        }
        self.sign('=');
        self.operand()
    }

    /// `[name]` and what is asked of its value; nothing asked means that it exists.
    fn field(&mut self) -> Result<(), Reason> {
        match self.next()? {
            Token::Sign('[') => {}
            _ => return Err(Reason::Unexpected),
        }
        match self.next()? {
            Token::Word(_) | Token::Quoted => {}
            _ => return Err(Reason::Unexpected),
        }
        self.closing(']')?;
        if self.word("exists") || self.word("absent") {
            return Ok(());
        }
        let mut compared = false;
        while self.sign('<') || self.sign('>') || self.sign('=') {
            compared = true;
        }
        if !compared {
            return Ok(());
        }
        self.sign('*');
        self.word("timestamp");
        self.operand()?;
        self.sign('*');
        Ok(())
    }

    fn operand(&mut self) -> Result<(), Reason> {
        match self.next()? {
            Token::Quoted => Ok(()),
            Token::Word("and" | "or") => Err(Reason::Short),
            Token::Word(_) => Ok(()),
            Token::Sign(_) => Err(Reason::Unexpected),
        }
    }

    fn closing(&mut self, sign: char) -> Result<(), Reason> {
        if self.sign(sign) {
            return Ok(());
        }
        Err(if self.tokens.is_empty() { Reason::Bracket } else { Reason::Unexpected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_as_codesign_prints_them_are_read() {
        for text in [
            "anchor apple",
            "anchor apple generic",
            "identifier com.example.app and anchor trusted",
            r#"identifier "com.example.app" and anchor apple generic and certificate leaf[subject.OU] = ABCDE12345"#,
            r#"anchor apple generic and identifier "com.example" and (certificate leaf[field.1.2.840.113635.100.6.1.9] /* exists */ or certificate 1[field.1.2.840.113635.100.6.2.6] /* exists */ and certificate leaf[field.1.2.840.113635.100.6.1.13] /* exists */ and certificate leaf[subject.OU] = "ABCDE12345")"#,
            r#"designated => identifier "a" and certificate root = H"0123456789abcdef0123456789abcdef01234567""#,
            r#"!(identifier "a") or cdhash H"01""#,
            r#"certificate leaf[subject.CN] = "Apple*" and info[CFBundleShortVersionString] >= "17.4""#,
            r#"entitlement["com.apple.security.app-sandbox"] exists"#,
            r#"info [MySpecialMarker] = *"x"* # a comment"#,
            "certificate -1 trusted and notarized",
            r#"certificate leaf[timestamp.1.2.840.113635.100.6.1.33] >= timestamp "20260101000000Z""#,
        ] {
            assert_eq!(parse(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_no_requirement_is_told() {
        for (text, reason) in [
            ("", Reason::Short),
            ("com.example.app", Reason::Unexpected),
            ("identifier \"com.example.app", Reason::Open),
            ("anchor apple /* exists", Reason::Open),
            ("anchor apple and", Reason::Short),
            ("anchor apple and or anchor trusted", Reason::Unexpected),
            ("(anchor apple", Reason::Bracket),
            ("anchor apple)", Reason::Bracket),
            ("anchor apple anchor apple", Reason::Unexpected),
            ("identifier and anchor apple", Reason::Short),
            ("certificate leaf[subject.OU = X", Reason::Unexpected),
            ("certificate leaf[subject.OU", Reason::Bracket),
            ("anchor apple & identifier x", Reason::Unexpected),
            ("identifier “com.example”", Reason::Unexpected),
        ] {
            assert_eq!(parse(text), Err(reason), "{text}");
        }
        assert_eq!(parse(&"(".repeat(10_000)), Err(Reason::Deep));
    }

    #[test]
    fn each_truncation_ends_without_a_panic() {
        let text = r#"identifier "é" and (certificate leaf[field.1.2] /* exists */ or cdhash H"01")"#;
        for (end, _) in text.char_indices() {
            let _ = parse(&text[..end]);
        }
    }
}
