//! A template as a property list: what steers the template engine becomes white space of the same length.
//!
//! Follows the elements only as far as needed to know whether a place is inside the text of a value: there tokens stay
//! (the reader makes placeholders of them), everywhere else nothing but elements may stand, so tokens go.

use std::ops::Range;

use zeroize::Zeroizing;

use super::token;

/// A template without what steers its engine.
pub(crate) struct Masked {
    /// The text, as long as it was; wiped when dropped.
    pub text: Zeroizing<Vec<u8>>,
    /// What was between the elements: block tags, included blocks, shell lines.
    pub blocks: Vec<Range<usize>>,
    /// Tokens where no text may stand for a value: in a number, a date, the name of a tag.
    pub scalars: Vec<Range<usize>>,
}

/// Elements that hold text.
const TEXT: [&[u8]; 6] = [b"string", b"key", b"data", b"integer", b"real", b"date"];

/// Block tags and expressions by their marks. A comment of Jinja is one too.
const MARKS: [(&[u8], &[u8]); 4] = [(b"{{", b"}}"), (b"{%", b"%}"), (b"{#", b"#}"), (b"<%", b"%>")];

/// Masks a template. Takes time linear in the text.
pub(crate) fn mask(text: &[u8]) -> Masked {
    let mut scan = Scan {
        out: Masked { text: Zeroizing::new(text.to_vec()), blocks: Vec::new(), scalars: Vec::new() },
        text,
        at: 0,
        inside: None,
        unclosed: [false; MARKS.len()],
        endless: false,
    };
    scan.comment_lines();
    while let Some(byte) = text.get(scan.at) {
        match byte {
            b'<' | b'{' if scan.marked() => {}
            b'<' => scan.tag(),
            b'$' | b'%' | b'@' | b'_' if scan.inside.is_none() => scan.bare(),
            b'A'..=b'Z' if scan.inside.is_none() => scan.word(),
            _ => scan.at += 1,
        }
    }
    scan.out
}

/// Whether what stands between `{{` and `}}` steers the engine of Go, Handlebars or Mustache rather than giving a value.
pub(super) fn is_block(inside: &str) -> bool {
    let inside = inside.trim_matches(|c: char| c.is_whitespace() || c == '-');
    let word = inside.split(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    inside.starts_with(['#', '/', '^', '!', '>', '%'])
        || inside.contains(":=")
        || ["if", "else", "end", "endif", "range", "with", "define", "block", "template"].contains(&word)
}

/// What a tag does to the nesting of conditions and loops.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Open,
    Else,
    Close,
    Other,
}

/// Reads the first word of a tag: `{% if x %}`, `{{range .X}}`, `{{#each}}`, `{{/each}}`, `<% end %>`.
fn step(tag: &[u8]) -> Step {
    let inside = tag.get(2..tag.len().saturating_sub(2)).unwrap_or_default();
    let inside = inside.trim_ascii().strip_prefix(b"-").unwrap_or(inside).trim_ascii();
    let length = inside
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'#' | b'/' | b'^'))
        .count();
    match inside.get(..length).unwrap_or_default() {
        b"if" | b"for" | b"range" | b"with" | b"unless" | b"block" | b"macro" | b"call" | b"filter"
        | b"while" => Step::Open,
        [b'#' | b'^', ..] => Step::Open,
        b"else" | b"elif" | b"elsif" | b"elseif" => Step::Else,
        [b'/', ..] => Step::Close,
        word if word.starts_with(b"end") => Step::Close,
        _ => Step::Other,
    }
}

struct Scan<'t> {
    out: Masked,
    text: &'t [u8],
    at: usize,
    /// The element whose text is being passed.
    inside: Option<&'static [u8]>,
    /// Closing marks that do not occur any more.
    unclosed: [bool; MARKS.len()],
    /// A condition was found that nothing ends; no other is looked at, so that each costs no search to the end.
    endless: bool,
}

impl Scan<'_> {
    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The text shortly behind the cursor, for a token to be looked for.
    fn near(&self, skip: usize) -> &str {
        let rest = self.rest().get(skip..).unwrap_or_default();
        let near = rest.get(..LONGEST_TAG).unwrap_or(rest);
        near.utf8_chunks().next().map_or("", |chunk| chunk.valid())
    }

    /// The end of what begins at the cursor and ends with `close`.
    fn end_of(&self, open: usize, close: &[u8]) -> Option<usize> {
        let from = self.at + open;
        crate::source::find(self.text.get(from..)?, close).map(|ahead| from + ahead + close.len())
    }

    /// `{{ … }}`, `{% … %}`, `{# … #}`, `<% … %>`; `false` when none of them stands here.
    fn marked(&mut self) -> bool {
        let found = MARKS.iter().position(|(open, _)| self.rest().starts_with(open));
        let Some((mark, (open, close))) = found.and_then(|mark| Some((mark, MARKS.get(mark)?))) else {
            return false;
        };
        if self.unclosed.get(mark) == Some(&true) {
            return false;
        }
        let Some(end) = self.end_of(open.len(), close) else {
            if let Some(unclosed) = self.unclosed.get_mut(mark) {
                *unclosed = true;
            }
            return false;
        };
        let range = self.at..end;
        self.at = end;
        match self.inside {
            None => {
                let tag = self.text.get(range.clone()).unwrap_or_default();
                let end = if step(tag) == Step::Else { self.end_of_branch() } else { range.end };
                self.at = end;
                self.blank(range.start..end);
            }
            Some(name) => {
                self.soften(range.clone());
                if !matches!(name, b"string" | b"key" | b"data") {
                    self.out.scalars.push(range);
                }
            }
        }
        true
    }

    /// Lines before the first tag that begin with `#`: what Ansible or a shell reads there.
    fn comment_lines(&mut self) {
        while self.rest().starts_with(b"#") {
            let end = self.end_of(0, b"\n").unwrap_or(self.text.len());
            self.blank(self.at..end);
            self.at = end;
        }
        // Not enough to make a template of a file.
        self.out.blocks.clear();
    }

    /// Where the branches behind the first one of a condition end: before the tag that ends the condition. The cursor
    /// stands behind `{% else %}`. Without such a tag nothing is left out.
    fn end_of_branch(&mut self) -> usize {
        let behind = self.at;
        if self.endless {
            return behind;
        }
        let mut at = behind;
        let mut depth = 0_usize;
        while let Some(ahead) =
            self.text.get(at..).unwrap_or_default().iter().position(|byte| matches!(byte, b'{' | b'<'))
        {
            at += ahead;
            let rest = self.text.get(at..).unwrap_or_default();
            let mark = MARKS.iter().find(|(open, _)| rest.starts_with(open));
            let end = mark.and_then(|(open, close)| {
                let from = rest.get(open.len()..)?;
                let near = from.get(..LONGEST_TAG).unwrap_or(from);
                crate::source::find(near, close).map(|length| open.len() + length + close.len())
            });
            let Some(tag) = end.and_then(|end| rest.get(..end)) else {
                at += 1;
                continue;
            };
            match step(tag) {
                Step::Open => depth += 1,
                Step::Close if depth == 0 => return at,
                Step::Close => depth -= 1,
                Step::Else | Step::Other => {}
            }
            at += tag.len();
        }
        self.endless = true;
        behind
    }

    /// Replaces everything but line breaks by blanks.
    fn blank(&mut self, range: Range<usize>) {
        let bytes = self.out.text.get_mut(range.clone()).unwrap_or_default();
        bytes.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
        self.out.blocks.push(range);
    }

    /// Takes the meaning from markup inside an expression; ERB's marks become those of other engines.
    fn soften(&mut self, range: Range<usize>) {
        let bytes = self.out.text.get_mut(range).unwrap_or_default();
        if let [open @ b'<', percent @ b'%', .., close_percent @ b'%', close @ b'>'] = bytes {
            (*open, *percent, *close_percent, *close) = (b'{', b'{', b'}', b'}');
        }
        bytes.iter_mut().filter(|byte| matches!(byte, b'<' | b'>' | b'&')).for_each(|byte| *byte = b'_');
    }

    /// A tag, a comment, a declaration; the cursor stands on `<`.
    fn tag(&mut self) {
        let skipped: [(&[u8], &[u8]); 2] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>")];
        for (open, close) in skipped {
            if self.rest().starts_with(open) {
                // One that never ends takes the rest of the text, as it does for the reader.
                self.at = self.end_of(open.len(), close).unwrap_or(self.text.len());
                return;
            }
        }
        let Some(end) = self.end_of(1, b">") else {
            self.at = self.text.len();
            return;
        };
        let inside = self.text.get(self.at + 1..end - 1).unwrap_or_default();
        if let [b'{' | b'$', ..] = inside {
            // `<{{ flag }}/>`: an expression may hold `>`, which ends no tag there.
            let token = token::starting(self.near(1)).map(|token| token.range.end);
            if let Some(length) = token {
                let range = self.at..self.at + 1 + length;
                self.soften(range.start + 1..range.end);
                self.at = range.end;
                self.out.scalars.push(range);
                return;
            }
        }
        let closing = inside.first() == Some(&b'/');
        let name = inside.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
        self.inside = match TEXT.into_iter().find(|known| *known == name) {
            Some(known) if !closing && inside.last() != Some(&b'/') => Some(known),
            _ => None,
        };
        self.at = end;
    }

    /// A token without brackets, or of a shell, between elements.
    fn bare(&mut self) {
        match token::starting(self.near(0)).map(|token| self.at..self.at + token.range.end) {
            Some(range) => {
                self.at = range.end;
                self.blank(range);
            }
            None => self.at += 1,
        }
    }

    /// A word between elements: alone on its line it may end a shell's heredoc, and the script goes on to the line that
    /// begins the next one.
    fn word(&mut self) {
        let length =
            self.rest().iter().take_while(|byte| byte.is_ascii_uppercase() || **byte == b'_').count();
        let word = self.text.get(self.at..self.at + length).unwrap_or_default();
        let before = self.text.get(..self.at).unwrap_or_default();
        let alone = matches!(before.last(), None | Some(b'\n'))
            && matches!(self.text.get(self.at + length), None | Some(b'\n' | b'\r'));
        if length < 2 || !alone {
            self.at += length.max(1);
            return;
        }
        let mut end = self.text.len();
        let mut from = self.at + length;
        while let Some(ahead) = crate::source::find(self.text.get(from..).unwrap_or_default(), b"<<") {
            from += ahead + 2;
            let rest = self.text.get(from..).unwrap_or_default();
            let rest = rest.trim_ascii_start();
            let rest = rest.strip_prefix(b"-").unwrap_or(rest);
            let rest = rest.strip_prefix(b"\\").unwrap_or(rest);
            let rest = rest.strip_prefix(b"'").or_else(|| rest.strip_prefix(b"\"")).unwrap_or(rest);
            if rest.starts_with(word) {
                let line = self.text.get(from..).unwrap_or_default();
                end =
                    line.iter().position(|byte| *byte == b'\n').map_or(self.text.len(), |ahead| from + ahead);
                break;
            }
        }
        let range = self.at..end;
        self.at = end;
        self.blank(range);
    }
}

/// No tag that is a token, and none that steers an engine, is longer: so far its end is looked for.
const LONGEST_TAG: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        let masked = mask(text.as_bytes());
        assert_eq!(masked.text.len(), text.len());
        String::from_utf8(masked.text.to_vec()).unwrap()
    }

    #[test]
    fn block_tags_between_elements_go_and_values_stay() {
        assert_eq!(
            masked("<dict>{% if a < b %}\n<key>K</key>{# x #}"),
            "<dict>              \n<key>K</key>       "
        );
        assert_eq!(
            masked("<array>{{range .P}}<string>{{.A}}</string>{{end}}"),
            "<array>            <string>{{.A}}</string>       "
        );
        assert_eq!(masked("<string>{{ a < b & c }}</string>"), "<string>{{ a _ b _ c }}</string>");
        assert_eq!(masked("<string><%= a %></string><% end %>"), "<string>{{= a }}</string>         ");
        assert_eq!(
            masked("{% if a %}<true/>{% else %}<false/>{% endif %}"),
            format!("          <true/>{}", " ".repeat(29))
        );
        assert_eq!(
            masked("{{if .A}}<a/>{{else}}{{range .B}}<b/>{{end}}<c/>{{end}}<d/>"),
            format!("         <a/>{}<d/>", " ".repeat(42))
        );
        assert_eq!(masked("#jinja2: x\n# y\n<dict>"), "          \n   \n<dict>");
        assert_eq!(masked("<array>$rules ${more} $(all)</array>"), "<array>                     </array>");
        assert_eq!(
            masked("<string>$a {% b %}</string><!-- {% c %} -->"),
            "<string>$a {% b %}</string><!-- {% c %} -->"
        );
    }

    #[test]
    fn a_shell_script_between_heredocs_goes() {
        let text = "<array>\nEOF\nfor a in b; do\ncat >> x <<EOF\n<dict/>\nEOF\ndone && cat <<-'EOF' >> x\n</array>\nEOF\n";
        let expected: String = text
            .lines()
            .map(|line| if line.starts_with('<') { line.to_owned() } else { " ".repeat(line.len()) } + "\n")
            .collect();
        assert_eq!(masked(text), expected);
    }

    #[test]
    fn tokens_where_no_text_may_stand_are_told_apart() {
        let found = mask(b"<integer>{{ n }}</integer><{{ b }}/><data>{{ d }}</data><string>{{ s }}</string>");
        assert!(found.blocks.is_empty());
        assert_eq!(found.scalars, [9..16, 26..34]);
        assert!(mask(b"<dict><key>A</key><string>100% {x}</string></dict>").blocks.is_empty());
    }

    #[test]
    fn unclosed_marks_change_nothing() {
        for text in ["<dict>{{ a", "<dict>{% b", "<% c", "<", "<{{", "$", "E"] {
            assert_eq!(masked(text), text);
        }
        for unit in [
            "{{",
            "<%",
            "{%",
            "${",
            "__A",
            "<${",
            "%a",
            "$a",
            "<{{",
            "EOF\n",
            "$(",
            "<!--",
            "{% else %}",
            "{% else %}{% if %}",
        ] {
            let _ = mask(unit.repeat(10_000).as_bytes());
        }
    }
}
