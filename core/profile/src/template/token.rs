//! The tokens of templates: `{{x}}`, `{% x %}`, `${x}`, `$(x)`, `<%= x %>`, `$X`, `$X$`, `%X%`, `@X@`, `__X__`, `{0}`.
//!
//! By itself only a value that is nothing but one token counts ([`is_placeholder`]), since `{{`, `$` and `%` may stand in
//! real values. Anywhere in a text they are looked for in template mode only ([`Finder`]).

use std::ops::Range;

/// How sure to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Strictness {
    /// Any known form.
    Plain,
    /// Only forms with brackets: `$secret` may well be a password.
    Secret,
}

/// Forms with an opening and a closing mark around anything.
const BRACKETS: [(&str, &str); 5] = [("{{", "}}"), ("{%", "%}"), ("${", "}"), ("$(", ")"), ("<%", "%>")];

/// Whether the whole of `text` is one placeholder.
pub(crate) fn is_placeholder(text: &str, strictness: Strictness) -> bool {
    let text = text.trim();
    // Almost every value ends the question here.
    if !matches!(text.as_bytes().first(), Some(b'{' | b'$' | b'<' | b'%' | b'@' | b'_')) {
        return false;
    }
    let enclosed = |(open, close): &(&str, &str)| {
        text.strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .is_some_and(|inside| !inside.is_empty() && !inside.contains(open) && !inside.contains(close))
    };
    BRACKETS.iter().any(enclosed)
        || strictness == Strictness::Plain && bare(text).is_some_and(|token| token.range.end == text.len())
}

/// A token found in a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Token<'t> {
    /// Where it stands.
    pub range: Range<usize>,
    /// What stands between its marks.
    pub inside: &'t str,
}

impl<'t> Token<'t> {
    /// The variable it stands for: a name, perhaps with dots, perhaps behind a filter that changes nothing but its
    /// quoting (`{{ name | e }}`). `None` for an expression or a block tag.
    pub fn name(&self) -> Option<&'t str> {
        let inside = self.inside.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '='));
        let (name, filter) = match inside.split_once('|') {
            Some((name, filter)) => (name.trim(), filter.trim()),
            None => (inside, "e"),
        };
        let plain = ["e", "escape", "xml", "string", "trim", "safe"].contains(&filter);
        let name = name.strip_prefix(['.', '$']).unwrap_or(name);
        let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
        (plain && is_name && !BLOCK_WORDS.contains(&name)).then_some(name)
    }
}

/// Names that steer Go's and Mustache's templates.
const BLOCK_WORDS: [&str; 6] = ["end", "else", "if", "range", "with", "endif"];

/// Looks for tokens in a text, in time linear in it.
pub(crate) struct Finder<'t> {
    text: &'t str,
    /// For each form with brackets, the place up to which its closing mark is known not to occur.
    searched: [usize; BRACKETS.len()],
}

impl<'t> Finder<'t> {
    /// A text to look in.
    pub fn new(text: &'t str) -> Self {
        Self { text, searched: [0; BRACKETS.len()] }
    }

    /// The first token at or after `from`, which lies on the border of a character.
    pub fn next(&mut self, from: usize) -> Option<Token<'t>> {
        let mut at = from;
        loop {
            let rest = self.text.get(at..)?;
            at += rest.find(['{', '$', '<', '%', '@', '_'])?;
            if let Some(token) = self.at(at) {
                return Some(token);
            }
            at += 1;
        }
    }

    fn at(&mut self, at: usize) -> Option<Token<'t>> {
        let rest = self.text.get(at..)?;
        for ((open, close), searched) in BRACKETS.into_iter().zip(&mut self.searched) {
            if !rest.starts_with(open) {
                continue;
            }
            let inside = at + open.len();
            let from = self.text.ceil_char_boundary(inside.max(*searched));
            let until = self.text.floor_char_boundary(inside + LONGEST_EXPRESSION);
            if let Some(ahead) = self.text.get(from..until).and_then(|near| near.find(close)) {
                let end = from + ahead;
                let inside = self.text.get(inside..end)?;
                if !inside.trim().is_empty() {
                    return Some(Token { range: at..end + close.len(), inside });
                }
            } else {
                // The last byte looked at may be the first of a closing mark.
                *searched = (*searched).max(until.saturating_sub(1));
            }
        }
        let token = bare(rest)?;
        Some(Token { range: at..at + token.range.end, ..token })
    }
}

/// The first token of a text.
pub(crate) fn first(text: &str) -> Option<Token<'_>> {
    Finder::new(text).next(0)
}

/// The token `text` begins with.
pub(super) fn starting(text: &str) -> Option<Token<'_>> {
    Finder::new(text).at(0)
}

/// An expression is not longer: so far its end is looked for.
const LONGEST_EXPRESSION: usize = 1024;

/// No variable has a longer name.
const LONGEST_NAME: usize = 64;

/// The forms without brackets, at the start of `text`.
fn bare(text: &str) -> Option<Token<'_>> {
    let name_length = |rest: &str, more: fn(u8) -> bool| {
        rest.bytes().take(LONGEST_NAME).take_while(|byte| more(*byte) || byte.is_ascii_digit()).count()
    };
    let word = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let between = |open: &str, close: &str| {
        let rest = text.strip_prefix(open)?;
        let length = name_length(rest, word);
        let inside = rest.get(..length)?;
        let named = inside.starts_with(|c: char| !c.is_ascii_digit());
        (named && rest.get(length..)?.starts_with(close))
            .then(|| Token { range: 0..open.len() + length + close.len(), inside })
    };
    // `%20` and its like in addresses are no tokens.
    let encoded = |token: &Token<'_>| {
        token.inside.len() == 2 && token.inside.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let capitals = || {
        let rest = text.strip_prefix("__")?;
        let length = name_length(rest, |byte| byte.is_ascii_uppercase() || byte == b'_');
        let inside = rest.get(..length)?.strip_suffix("__")?;
        let named = inside.starts_with(|c: char| c.is_ascii_uppercase());
        named.then(|| Token { range: 0..2 + length, inside })
    };
    let number = || {
        let rest = text.strip_prefix('{')?;
        let length = name_length(rest, |_| false);
        let inside = rest.get(..length).filter(|inside| !inside.is_empty())?;
        rest.get(length..)?.starts_with('}').then(|| Token { range: 0..length + 2, inside })
    };
    between("$", "$")
        .or_else(|| between("$", ""))
        .or_else(|| between("%", "%").filter(|token| !encoded(token)))
        .or_else(|| between("@", "@"))
        .or_else(capitals)
        .or_else(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_whole_values() {
        for text in ["{{ name }}", "${NAME}", "$(uuidgen)", "<%= name %>", "{% x %}", " {{.Name}}\n"] {
            assert!(is_placeholder(text, Strictness::Secret), "{text}");
        }
        for text in [
            "$NAME",
            "%NAME%",
            "{0}",
            "$username$",
            "__SERVER__",
            "__VPN_HOST__",
            "@uuid@",
            "$FLEET_VAR_HOST",
        ] {
            assert!(is_placeholder(text, Strictness::Plain), "{text}");
            assert!(!is_placeholder(text, Strictness::Secret), "{text}");
        }
        for text in [
            "",
            "vpn.example.com",
            "a{{b}}",
            "{{}}",
            "$5",
            "%",
            "100%",
            "$",
            "{a}",
            "p$ss",
            "{{a}} {{b}}",
            "__",
            "____",
            "__init__",
            "user@host",
            "@",
            "%20",
            "%41%",
        ] {
            assert!(!is_placeholder(text, Strictness::Plain), "{text}");
        }
    }

    #[test]
    fn tokens_are_found_anywhere_with_their_names() {
        let found = |text: &'static str| first(text).map(|token| (token.range.clone(), token.name()));
        assert_eq!(found("Algo {{ server | e }} VPN"), Some((5..21, Some("server"))));
        assert_eq!(found("com.example.{{.Id}}"), Some((12..19, Some("Id"))));
        assert_eq!(found("{{ item.0 }}"), Some((0..12, Some("item.0"))));
        assert_eq!(found("{{ a + b }}"), Some((0..11, None)));
        assert_eq!(found("{{ x | b64encode }}"), Some((0..19, None)));
        assert_eq!(found("{% if x %}"), Some((0..10, None)));
        assert_eq!(found("{{end}}"), Some((0..7, None)));
        assert_eq!(found("<%= host %>:500"), Some((0..11, Some("host"))));
        assert_eq!(found("a ${HOST}"), Some((2..9, Some("HOST"))));
        assert_eq!(found("x$FLEET_VAR_HOST!"), Some((1..16, Some("FLEET_VAR_HOST"))));
        assert_eq!(found("%ComputerName%"), Some((0..14, Some("ComputerName"))));
        assert_eq!(found("https://a/%20b%20c"), None);
        assert_eq!(found("costs $5, 100% {a}"), None);
        assert_eq!(Finder::new("{{a}}{{b}}").next(1).map(|token| token.range), Some(5..10));
    }

    #[test]
    fn text_full_of_opening_marks_is_no_burden() {
        for unit in ["{{", "<%", "${", "$(", "__A", "%a", "@a", "$", "{0"] {
            let text = unit.repeat(100_000) + "}}";
            let mut finder = Finder::new(&text);
            let mut at = 0;
            while let Some(token) = finder.next(at) {
                at = token.range.end;
            }
        }
    }
}
