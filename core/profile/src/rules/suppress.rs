//! Comments in a profile that silence rules: `<!-- adit:ignore ikev2.psk-weak, secret: a lab -->`.
//!
//! A comment silences the codes or families it names for the next key with its value (or the next element of an array),
//! everything below included; behind a value on the same line for that value; before the root value for the whole file.
//! Text after a colon or ` -- ` is a reason for the reader (a colon is better: XML forbids `--` in comments). XML only.
//! Errors of syntax are never silenced. A comment that names what is no rule says so (`comment.unknown-rule`).

use super::container::comments;
use super::{Options, closest};
use crate::gather::Gather as _;
use crate::platform::is_letter_or_digit;
use crate::report::{Diagnostic, Span};
use crate::source::{Format, encoding};
use crate::syntax::{Node, Value, shorten};

/// Codes silenced on a range of bytes.
#[derive(Debug)]
struct Ignore {
    range: Span,
    names: Vec<&'static str>,
}

/// What comments say: what they silence, and what is wrong with them.
#[derive(Debug, Default)]
struct Said {
    ignores: Vec<Ignore>,
    wrong: Vec<Diagnostic>,
}

/// `found` without what comments of the file silence, and how many that were; and what is wrong with such comments.
pub(crate) fn silence(
    content: &[u8],
    root: Option<&Node>,
    mut found: Vec<Diagnostic>,
    options: &Options,
) -> (Vec<Diagnostic>, usize) {
    let Some(root) = root else { return (found, 0) };
    // In UTF-16 every other byte is zero; in other texts none is.
    let wide = || content.contains(&0) && crate::source::find(content, b"a\0d\0i\0t").is_some();
    if crate::source::find(content, b"adit").is_none() && !wide() {
        return (found, 0);
    }
    let Said { ignores, wrong } = said(content, root);
    if options.wants(comments::UNKNOWN_RULE.code) {
        found.extend(wrong);
    }
    let before = found.len();
    let silenced = |one: &Diagnostic| {
        one.code.family() != NEVER_SILENCED
            && ignores.iter().any(|ignore| {
                ignore.range.start <= one.span.start
                    && one.span.start < ignore.range.end.max(1)
                    && ignore
                        .names
                        .iter()
                        .any(|name| *name == one.code.as_str() || *name == one.code.family())
            })
    };
    let kept: Vec<Diagnostic> = found.into_iter().filter(|one| !silenced(one)).gather();
    let count = before - kept.len();
    (kept, count)
}

/// The family that no comment silences: of a file that is malformed it is not sure what is a comment.
const NEVER_SILENCED: &str = "container";

/// How many comments are looked at.
const MAX_COMMENTS: usize = 1000;

/// How many words of one comment are looked at.
const MAX_WORDS: usize = 500;

/// How many faults of comments are told.
const MAX_TOLD: usize = 100;

fn said(content: &[u8], root: &Node) -> Said {
    let Format::Xml { encoding } = crate::source::detect(content) else { return Said::default() };
    let decoded = encoding::decode(content, encoding);
    let text = decoded.text();
    let mut said = Said::default();
    let mut comments = 0;
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|rest| rest.find("<!")).map(|ahead| at + ahead) {
        if comments >= MAX_COMMENTS {
            break;
        }
        let rest = text.get(start..).unwrap_or_default();
        let (open, close) = if rest.starts_with("<!--") { ("<!--", "-->") } else { ("<![CDATA[", "]]>") };
        if !rest.starts_with(open) {
            at = start + 2;
            continue;
        }
        let Some(end) = rest.find(close) else { break };
        let inside = rest.get(open.len()..end).unwrap_or_default();
        at = start + end + close.len();
        let Some(directive) = Directive::of(inside).filter(|_| open == "<!--") else { continue };
        comments += 1;
        let span = |word: (usize, &str)| {
            let from = start + open.len() + word.0;
            Span::new(decoded.file_offset(from), decoded.file_offset(from + word.1.len()))
        };
        said.wrong.extend(directive.faults(&span));
        said.wrong.truncate(MAX_TOLD);
        let names = directive.names();
        if !names.is_empty() {
            let comment = Span::new(decoded.file_offset(start), decoded.file_offset(at));
            let same_line = |span: Span| {
                let between = decoded.text_offset(span.end as usize)..start;
                text.get(between).is_some_and(|text| !text.contains(['\n', '\r']))
            };
            said.ignores.push(Ignore { range: range(root, comment, &same_line, content.len()), names });
        }
    }
    said
}

/// A comment that is meant for us. Words come with their offsets in the comment.
#[derive(Debug)]
struct Directive<'c> {
    /// What stands before the words: `adit:ignore`, or something like it.
    verb: (usize, &'c str),
    words: Vec<(usize, &'c str)>,
}

impl<'c> Directive<'c> {
    /// Reads `adit:ignore a.b, c: reason`; `None` for a comment that is for people.
    fn of(comment: &'c str) -> Option<Self> {
        let trimmed = comment.trim_start();
        let verb_at = comment.len() - trimmed.len();
        let behind = trimmed.strip_prefix("adit:")?;
        // `adit: ignore` is as good; `adit: hello` is for people.
        let spaced = behind.trim_start();
        let after = match spaced.strip_prefix("ignore") {
            Some(after) if !after.starts_with(|next: char| is_letter_or_digit(next) || next == '-') => after,
            _ if spaced.len() < behind.len() || behind.is_empty() => return None,
            _ => spaced.trim_start_matches(|letter: char| is_letter_or_digit(letter) || letter == '-'),
        };
        let offset = |rest: &str| comment.len() - rest.len();
        let verb = comment.get(verb_at..offset(after)).unwrap_or_default();
        let list = after.strip_prefix(':').unwrap_or(after);
        let mut at = offset(list);
        let list = list.split(" --").next().unwrap_or_default();
        let list = list.split(':').next().unwrap_or_default();
        let mut words = Vec::new();
        for word in list.split(|letter: char| letter == ',' || letter.is_ascii_whitespace()) {
            if !word.is_empty() && words.len() < MAX_WORDS {
                words.push((at, word));
            }
            at += word.len() + 1;
        }
        Some(Self { verb: (verb_at, verb), words })
    }

    fn is_ignore(&self) -> bool {
        self.verb.1.ends_with("ignore")
    }

    /// The rules and families that it names.
    fn names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for name in self.words.iter().filter_map(|(_, word)| super::named(word)).filter(|_| self.is_ignore())
        {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// What is wrong with it.
    fn faults(&self, span: &dyn Fn((usize, &str)) -> Span) -> Vec<Diagnostic> {
        let warning =
            |word, message: String| Diagnostic::warning(comments::UNKNOWN_RULE.code, span(word), message);
        if !self.is_ignore() {
            let message = format!("`{}` is no comment that is understood here", shorten(self.verb.1));
            return vec![warning(self.verb, message).help("write adit:ignore and the codes to silence")];
        }
        if self.words.is_empty() {
            let fault = warning(self.verb, "`adit:ignore` names no rule: it silences nothing".to_owned());
            return vec![fault.help("name codes or families, as in adit:ignore secret.plaintext")];
        }
        let mut faults = Vec::new();
        let mut plain_words = 0;
        for word in self.words.iter().copied() {
            match super::named(word.1) {
                Some(name) if name.split('.').next() == Some(NEVER_SILENCED) => {
                    let message = format!("no comment silences `{name}`: it is about the form of the file");
                    faults.push(warning(word, message).help("leave it out by --ignore, or mend the file"));
                }
                Some(_) => {}
                None => {
                    let near = closest(word.1);
                    // A word that is nothing like a rule may be of a reason without its colon, and hold anything.
                    let is_code = near.is_some() || word.1.contains('.');
                    if !is_code {
                        plain_words += 1;
                        if plain_words > 1 {
                            continue;
                        }
                    }
                    let name =
                        if is_code { format!("`{}`", shorten(word.1)) } else { "this word".to_owned() };
                    let message =
                        format!("{name} is no rule and no family: `adit:ignore` silences nothing by it");
                    let help = match near {
                        Some(near) => format!("did you mean {near}?"),
                        None => "`adit rules` lists them; a reason stands behind a colon".to_owned(),
                    };
                    faults.push(warning(word, message).help(help));
                }
            }
            if faults.len() >= MAX_TOLD {
                break;
            }
        }
        faults
    }
}

/// What a comment speaks of.
fn range(root: &Node, comment: Span, same_line: &dyn Fn(Span) -> bool, length: usize) -> Span {
    if comment.start < root.span.start || comment.start >= root.span.end {
        return Span::new(0, length);
    }
    let mut node = root;
    loop {
        let parts = parts(node);
        if let Some((_, inner)) = parts
            .iter()
            .find(|(_, value)| value.span.start <= comment.start && comment.start < value.span.end)
        {
            node = inner;
            continue;
        }
        let before = parts.iter().rev().find(|(span, _)| span.end <= comment.start);
        if let Some((span, _)) = before.filter(|(span, _)| same_line(*span)) {
            return *span;
        }
        let next = parts.iter().find(|(span, _)| span.start >= comment.end);
        return next.map_or(node.span, |(span, _)| *span);
    }
}

/// The entries of a dictionary (key and value) or the elements of an array, with what they span.
fn parts(node: &Node) -> Vec<(Span, &Node)> {
    match &node.value {
        Value::Dict(dict) => {
            dict.entries.iter().map(|entry| (entry.key.span.to(entry.value.span), &entry.value)).gather()
        }
        Value::Array(items) => items.iter().map(|item| (item.span, item)).gather(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Code;
    use crate::{Document, Severity};

    fn left(content: &str, at: &str) -> Vec<&'static str> {
        let document = Document::read(content.as_bytes());
        let start = content.find(at).unwrap();
        let found = ["ikev2.psk-weak", "vpn.name-missing"]
            .map(|code| Diagnostic::warning(Code::new(code), Span::new(start, start + at.len()), "x"));
        let (kept, silenced) =
            silence(content.as_bytes(), document.root(), found.to_vec(), &Options::default());
        assert_eq!(kept.len() + silenced, 2);
        assert!(kept.iter().all(|one| one.severity == Severity::Warning));
        kept.iter().map(|one| one.code.as_str()).collect()
    }

    #[test]
    fn a_comment_silences_what_follows_it() {
        let file = "<plist><dict>\n<!-- adit:ignore ikev2.psk-weak -- a lab -->\n<key>A</key>\n<string>x</string>\n\
                    <key>B</key>\n<string>y</string>\n</dict></plist>";
        assert_eq!(left(file, "<string>x"), ["vpn.name-missing"]);
        assert_eq!(left(file, "<string>y"), ["ikev2.psk-weak", "vpn.name-missing"]);
    }

    #[test]
    fn a_comment_behind_a_value_silences_that_value() {
        let file = "<plist><dict>\n<key>A</key>\n<string>x</string> <!-- adit:ignore ikev2, vpn -->\n\
                    <key>B</key>\n<string>y</string>\n</dict></plist>";
        assert_eq!(left(file, "<string>x"), [""; 0]);
        assert_eq!(left(file, "<string>y").len(), 2);
    }

    #[test]
    fn a_comment_before_the_root_silences_the_file_and_one_in_text_nothing() {
        let file =
            "<!-- adit:ignore vpn.name-missing --><plist><dict><key>A</key><string>x</string></dict></plist>";
        assert_eq!(left(file, "<string>x"), ["ikev2.psk-weak"]);
        let text =
            "<plist><dict><key>A</key><string><![CDATA[<!-- adit:ignore vpn -->]]>x</string></dict></plist>";
        assert_eq!(left(text, "<string>").len(), 2);
        let other = "<!-- adit: hello --><plist><dict><key>A</key><string>x</string></dict></plist>";
        assert_eq!(left(other, "<string>x").len(), 2);
    }

    /// What is wrong with a comment: the words and what is said of them.
    fn faults(comment: &str) -> Vec<(String, String, Option<String>)> {
        let file =
            format!("<plist><dict>\n<!--{comment}-->\n<key>A</key>\n<string>x</string></dict></plist>");
        let document = Document::read(file.as_bytes());
        let (told, silenced) = silence(file.as_bytes(), document.root(), Vec::new(), &Options::default());
        assert_eq!(silenced, 0);
        let one = |found: Diagnostic| (file[found.span.range()].to_owned(), found.message, found.help);
        told.into_iter().map(one).collect()
    }

    #[test]
    fn a_misspelt_code_is_told_where_it_stands_and_the_others_count() {
        let comment = " adit:ignore ikev2.psk-weka, vpn: a lab ";
        let [(word, message, help)] = &faults(comment)[..] else { panic!("{:?}", faults(comment)) };
        assert_eq!(word, "ikev2.psk-weka");
        assert_eq!(
            message,
            "`ikev2.psk-weka` is no rule and no family: `adit:ignore` silences nothing by it"
        );
        assert_eq!(help.as_deref(), Some("did you mean ikev2.psk-weak?"));
        let file =
            format!("<plist><dict>\n<!--{comment}-->\n<key>A</key>\n<string>x</string></dict></plist>");
        let document = Document::read(file.as_bytes());
        let start = file.find("<string>").unwrap();
        let found = Diagnostic::warning(Code::new("vpn.name-missing"), Span::new(start, start + 5), "x");
        let (told, silenced) = silence(file.as_bytes(), document.root(), vec![found], &Options::default());
        assert_eq!((told.len(), silenced), (1, 1));
        // It can be left out as any rule, and be silenced as any.
        let options = Options { ignore: vec!["comment".to_owned()], ..Options::default() };
        assert_eq!(silence(file.as_bytes(), document.root(), Vec::new(), &options), (vec![], 0));
        let whole = format!("<!-- adit:ignore comment.unknown-rule -->{file}");
        let document = Document::read(whole.as_bytes());
        assert_eq!(silence(whole.as_bytes(), document.root(), vec![], &Options::default()), (vec![], 1));
    }

    #[test]
    fn what_a_comment_may_say_is_told_from_what_it_may_not() {
        for right in [
            "adit:ignore vpn",
            " adit:ignore vpn ",
            " adit: ignore vpn ",
            "adit:ignore: vpn",
            "adit:ignore vpn: the test server's name",
            "adit:ignore vpn : the test server's name",
            "adit:ignore vpn -- why: because",
            "adit:ignore\n  vpn,\n  ikev2.psk-weak,secret",
            "adit: hello",
            "made with adit:",
            "adit:",
            " adit is good ",
        ] {
            assert_eq!(faults(right), [], "{right}");
        }
        for (wrong, word, says) in [
            ("adit:ignore", "adit:ignore", "names no rule"),
            ("adit:ignore -- why", "adit:ignore", "names no rule"),
            ("adit:ignore vnp", "vnp", "this word is no rule"),
            ("adit:ignore seckret", "seckret", "`seckret` is no rule"),
            ("adit:ignore nope", "nope", "this word is no rule"),
            ("adit:ignore VPN", "VPN", "`VPN` is no rule"),
            ("adit:ignore vpn.no.such", "vpn.no.such", "`vpn.no.such` is no rule"),
            ("adit:ignore vpn the password is hunter2", "the", "this word is no rule"),
            ("adit:ignore container.duplicate-key", "container.duplicate-key", "no comment silences"),
            ("adit:ignore-line vpn", "adit:ignore-line", "`adit:ignore-line` is no comment that"),
            ("adit:ignored vpn", "adit:ignored", "`adit:ignored` is no comment that"),
            ("adit:disable vpn", "adit:disable", "`adit:disable` is no comment that"),
        ] {
            let [(found, message, help)] = &faults(wrong)[..] else { panic!("{wrong}: {:?}", faults(wrong)) };
            assert_eq!(found, word, "{wrong}");
            assert!(message.contains(says), "{wrong}: {message}");
            assert!(help.is_some(), "{wrong}");
        }
    }

    #[test]
    fn hostile_comments_cost_bounded_time_and_memory() {
        let words = "no.such vpn ".repeat(100_000);
        let comment = format!("<!-- adit:ignore {words}-->");
        let small = "<!-- adit:ignore no.such -->".repeat(5000);
        for comments in [comment, small] {
            let file = format!("<plist><dict>{comments}<key>A</key><string>x</string></dict></plist>");
            let document = Document::read(file.as_bytes());
            let (told, _) = silence(file.as_bytes(), document.root(), Vec::new(), &Options::default());
            assert_eq!(told.len(), MAX_TOLD);
        }
    }
}
