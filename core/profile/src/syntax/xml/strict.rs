//! What XML 1.0 forbids and Apple's parser takes: the first such place of a file that it reads without a fault.
//!
//! CoreFoundation passes over the XML declaration, the document type, comments and attributes, and copies any character; other
//! readers, such as those of management servers and of other systems, refuse the whole file for a fault there. This walks
//! over the text once more by the grammar of XML (fifth edition; the numbers are its productions) and says nothing else. It
//! leaves out what the reader tells by itself: elements that do not fit one another, an internal subset, what stands before
//! the declaration and after the root.

/// A place that is not well-formed: offsets of the text, and what is wrong there. Text of the file is never quoted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Fault {
    pub start: usize,
    pub end: usize,
    pub message: &'static str,
}

/// Attributes of one tag that are compared with one another; no property list has more than one.
const MAX_ATTRIBUTES: usize = 16;

/// The first fault of `text`, which is UTF-8 or nearly. Takes time linear in it.
pub(super) fn first_fault(text: &[u8]) -> Option<Fault> {
    let character = bad_character(text);
    let markup = Walk { text, at: 0, seen_root: false, seen_type: false }.run().err();
    match (markup, character) {
        // A bad character inside bad markup is what is wrong with it.
        (Some(markup), Some(character)) if character.start < markup.end => Some(character),
        (markup, character) => markup.or(character),
    }
}

/// The first character that no XML file may hold (production 2), or bytes that are none.
fn bad_character(text: &[u8]) -> Option<Fault> {
    let invalid = std::str::from_utf8(text).err().map(|error| error.valid_up_to());
    let sound = text.get(..invalid.unwrap_or(text.len())).unwrap_or_default();
    let control = sound.iter().position(|byte| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'));
    let fault = |start, end, message| Some(Fault { start, end, message });
    // U+FFFE and U+FFFF.
    let no_character = match sound.is_ascii() {
        true => None,
        false => crate::source::find(sound, b"\xef\xbf\xbe").or(crate::source::find(sound, b"\xef\xbf\xbf")),
    };
    match (control, no_character, invalid) {
        (Some(at), other, _) if other.is_none_or(|other| at < other) => {
            fault(at, at + 1, "a control character, which XML has no place for")
        }
        (_, Some(at), _) => fault(at, at + 3, "U+FFFE or U+FFFF, which are no characters"),
        (_, None, Some(at)) => fault(at, at + 1, "a byte that is not UTF-8"),
        _ => None,
    }
}

struct Walk<'t> {
    text: &'t [u8],
    at: usize,
    seen_root: bool,
    seen_type: bool,
}

type Checked = Result<(), Fault>;

impl<'t> Walk<'t> {
    fn run(&mut self) -> Checked {
        if self.rest().starts_with(b"<?xml") && self.rest().get(5).is_some_and(|byte| is_blank(*byte)) {
            self.declaration()?;
        }
        while let Some(ahead) = self.rest().iter().position(|byte| matches!(byte, b'<' | b'&' | b']')) {
            self.at += ahead;
            match self.rest() {
                [b'&', ..] => self.reference()?,
                [b']', b']', b'>', ..] => return Err(self.fault(3, "`]]>` in text must be written ]]&gt;")),
                [b']', ..] => self.at += 1,
                [b'<', b'!', b'-', b'-', ..] => self.comment()?,
                [b'<', b'!', b'[', ..] => self.past(b"]]>"),
                [b'<', b'!', ..] => self.document_type()?,
                [b'<', b'?', ..] => self.instruction()?,
                [b'<', b'/', ..] => self.close_tag()?,
                _ => self.open_tag()?,
            }
        }
        Ok(())
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn fault(&self, length: usize, message: &'static str) -> Fault {
        Fault { start: self.at, end: (self.at + length.max(1)).min(self.text.len()), message }
    }

    /// Moves behind `end`, or to the end of the text.
    fn past(&mut self, end: &[u8]) {
        self.at = crate::source::find(self.rest(), end)
            .map_or(self.text.len(), |ahead| self.at + ahead + end.len());
    }

    /// White space (3); whether there was any.
    fn blank(&mut self) -> bool {
        let length = self.rest().iter().take_while(|byte| is_blank(**byte)).count();
        self.at += length;
        length > 0
    }

    fn take(&mut self, word: &[u8]) -> bool {
        let is_next = self.rest().starts_with(word);
        self.at += if is_next { word.len() } else { 0 };
        is_next
    }

    /// A name (5); empty where none stands. Characters beyond ASCII all count as letters.
    fn name(&mut self) -> &'t [u8] {
        let letter = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':') || byte >= 0x80;
        let more = |byte: u8| letter(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        let rest = self.rest();
        let length = match rest.first() {
            Some(first) if letter(*first) => rest.iter().take_while(|byte| more(**byte)).count(),
            _ => 0,
        };
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// A text in quotes, for which `fits` holds; `None` where none stands.
    fn quoted(&mut self, fits: impl Fn(&[u8]) -> bool) -> Option<&'t [u8]> {
        let (quote, rest) = self.rest().split_first().filter(|(quote, _)| matches!(quote, b'"' | b'\''))?;
        let length = rest.iter().position(|byte| byte == quote)?;
        let inside = rest.get(..length).filter(|inside| fits(inside))?;
        self.at += length + 2;
        Some(inside)
    }

    /// `name = "value"` behind white space (25), when the name is this one.
    fn pseudo_attribute(&mut self, name: &[u8], fits: impl Fn(&[u8]) -> bool) -> Option<bool> {
        let start = self.at;
        if !self.blank() || !self.take(name) {
            self.at = start;
            return Some(false);
        }
        self.blank();
        let equals = self.take(b"=");
        self.blank();
        (equals && self.quoted(fits).is_some()).then_some(true)
    }

    /// `<?xml version="1.0" encoding="UTF-8" standalone="no"?>` (23).
    fn declaration(&mut self) -> Checked {
        let begin = Self { text: self.text, ..*self };
        self.at += 5;
        let number = |text: &[u8]| {
            text.strip_prefix(b"1.")
                .is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_digit))
        };
        let encoding = |text: &[u8]| {
            text.first().is_some_and(u8::is_ascii_alphabetic)
                && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
        };
        let switch = |text: &[u8]| matches!(text, b"yes" | b"no");
        let sound = self.pseudo_attribute(b"version", number) == Some(true)
            && self.pseudo_attribute(b"encoding", encoding).is_some()
            && self.pseudo_attribute(b"standalone", switch).is_some();
        self.blank();
        if sound && self.take(b"?>") {
            return Ok(());
        }
        let length = crate::source::find(begin.rest(), b">").map_or(5, |ahead| ahead.min(200) + 1);
        Err(begin.fault(
            length,
            "the XML declaration is not of the form <?xml version=\"1.0\" encoding=\"UTF-8\"?>",
        ))
    }

    /// `<!DOCTYPE plist PUBLIC "…" "…">` without declarations of its own (28).
    fn document_type(&mut self) -> Checked {
        let begin = Self { text: self.text, ..*self };
        let public_id = |text: &[u8]| {
            let marks = b" \r\n-'()+,./:=?;!*#@$_%";
            text.iter().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(byte))
        };
        let mut sound = self.take(b"<!DOCTYPE") && self.blank() && !self.name().is_empty();
        let blank = self.blank();
        if self.take(b"PUBLIC") {
            sound &= blank && self.blank() && self.quoted(public_id).is_some() && self.blank();
            sound &= self.quoted(|_| true).is_some();
        } else if self.take(b"SYSTEM") {
            sound &= blank && self.blank() && self.quoted(|_| true).is_some();
        }
        self.blank();
        sound &= self.take(b">");
        let length = crate::source::find(begin.rest(), b">").map_or(9, |ahead| ahead.min(200) + 1);
        if !sound {
            return Err(begin
                .fault(length, "the document type is not of the form <!DOCTYPE plist PUBLIC \"…\" \"…\">"));
        }
        if self.seen_type || self.seen_root {
            return Err(begin.fault(length, "a document type stands once, before the first element"));
        }
        self.seen_type = true;
        Ok(())
    }

    /// `<!--…-->` (15).
    fn comment(&mut self) -> Checked {
        let inside = self.rest().get(4..).unwrap_or_default();
        let Some(dashes) = crate::source::find(inside, b"--") else {
            self.at = self.text.len();
            return Ok(());
        };
        self.at += 4 + dashes;
        if self.take(b"-->") { Ok(()) } else { Err(self.fault(2, "`--` inside a comment is not XML")) }
    }

    /// `<?target …?>` (16).
    fn instruction(&mut self) -> Checked {
        let begin = Self { text: self.text, ..*self };
        self.at += 2;
        let target = self.name();
        let sound = !target.is_empty()
            && !target.eq_ignore_ascii_case(b"xml")
            && (self.rest().starts_with(b"?>") || self.blank());
        if !sound {
            return Err(begin.fault(2, "a processing instruction begins with a name other than xml"));
        }
        self.past(b"?>");
        Ok(())
    }

    /// `</name>` (42).
    fn close_tag(&mut self) -> Checked {
        let begin = Self { text: self.text, ..*self };
        self.at += 2;
        let named = !self.name().is_empty();
        self.blank();
        if named && self.take(b">") {
            Ok(())
        } else {
            Err(begin.fault(2, "a close tag with more than a name"))
        }
    }

    /// `<name attribute="value">` or `<name/>` (40, 44).
    fn open_tag(&mut self) -> Checked {
        let begin = Self { text: self.text, ..*self };
        self.seen_root = true;
        self.at += 1;
        if self.name().is_empty() {
            return Err(begin.fault(1, "a tag that begins with no name"));
        }
        let mut names: Vec<&[u8]> = Vec::new();
        loop {
            let blank = self.blank();
            if self.take(b">") || self.take(b"/>") {
                return Ok(());
            }
            let start = self.at;
            let name = self.name();
            self.blank();
            let equals = self.take(b"=");
            self.blank();
            let value = self.quoted(|text| !text.contains(&b'<'));
            let Some(value) = value.filter(|_| blank && equals && !name.is_empty()) else {
                self.at = start;
                return Err(self.fault(1, "an attribute is not of the form name=\"value\""));
            };
            if names.contains(&name) {
                self.at = start;
                return Err(self.fault(name.len(), "an attribute stands twice in one tag"));
            }
            if names.len() < MAX_ATTRIBUTES {
                names.push(name);
            }
            let end = self.at;
            self.at = end - 1 - value.len();
            while let Some(ahead) =
                self.text.get(self.at..end).and_then(|rest| rest.iter().position(|byte| *byte == b'&'))
            {
                self.at += ahead;
                self.reference()?;
            }
            self.at = end;
        }
    }

    /// `&name;`, `&#10;`, `&#xA;` (66, 68) of a character that XML has.
    fn reference(&mut self) -> Checked {
        let inside = self.rest().get(1..).unwrap_or_default();
        let length = inside.iter().take(12).position(|byte| *byte == b';');
        let word =
            length.and_then(|length| std::str::from_utf8(inside.get(..length)?).ok()).unwrap_or_default();
        let sound = match word.strip_prefix('#') {
            Some(number) => {
                let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |digits| (digits, 16));
                let plain = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
                plain && u32::from_str_radix(digits, radix).is_ok_and(is_character)
            }
            None => matches!(word, "lt" | "gt" | "amp" | "apos" | "quot"),
        };
        if !sound {
            return Err(self.fault(word.len() + 2, "a reference to no character that XML has"));
        }
        self.at += word.len() + 2;
        Ok(())
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Production 2.
fn is_character(number: u32) -> bool {
    matches!(number, 0x9 | 0xa | 0xd | 0x20..=0xd7ff | 0xe000..=0xfffd | 0x1_0000..=0x10_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &[u8]) -> Option<(usize, &'static str)> {
        first_fault(text).map(|fault| (fault.start, fault.message))
    }

    #[test]
    fn what_xml_allows_has_no_fault() {
        for text in [
            "<?xml version=\"1.0\" encoding='UTF-8' standalone = \"yes\" ?>\n<!DOCTYPE plist>\n<plist version=\"1.0\"><dict/></plist>\n",
            "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\" ><plist/>",
            "<!-- a - b -->\n<?pi?><?pi x?y ?><a b='&amp;>' c = \"\"><d /></a ><!-- ]]> & < -->",
            "<string>] ]] ]> &lt;&#65;&#x1F600;<![CDATA[<&]]></string>",
            "<s>ä\u{1f600}\t\r\n\u{fffd}</s>",
            "<!DOCTYPE a SYSTEM 'b'><a.b-c_d:e/>",
        ] {
            assert_eq!(fault(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn each_fault_is_found_at_its_place() {
        let cases: [(&[u8], usize, &str); 30] = [
            (b"<s>a\x01</s>", 4, "control"),
            (b"<s>a\xffb</s>", 4, "UTF-8"),
            (b"<plist version=\"\x001\"/>", 16, "control"),
            (b"<s>a</s b>\x01", 4, "close tag"),
            (b"<s>\xef\xbf\xbf</s>", 3, "U+FFFF"),
            (b"<s>]]></s>", 3, "]]&gt;"),
            (b"<s>&#0;</s>", 3, "reference"),
            (b"<s>&#xD800;</s>", 3, "reference"),
            (b"<s>&foo;</s>", 3, "reference"),
            (b"<s>&</s>", 3, "reference"),
            (b"<s>&#+1;</s>", 3, "reference"),
            (b"<?xml version=\"1.0\" enkoding=\"UTF-8\"?><a/>", 0, "declaration"),
            (b"<?xml encoding=\"UTF-8\"?><a/>", 0, "declaration"),
            (b"<?xml version=\"2.0\"?><a/>", 0, "declaration"),
            (b"<?xml version=\"1.0\"encoding=\"UTF-8\"?><a/>", 0, "declaration"),
            (b"<?xml version=\"1.0\" encoding=\"U TF\"?><a/>", 0, "declaration"),
            (b"<!DOCTYPEe><a/>", 0, "document type is"),
            (b"<!DOCTYPE plist TUBLIC \"\" \"\"><a/>", 0, "document type is"),
            (b"<!DOCTYPE plist PUBLIC \"a&b\" \"\"><a/>", 0, "document type is"),
            (b"<!DOCTYPE plist PUBLIC \"ab\"><a/>", 0, "document type is"),
            (b"<!DOCTYPE a><!DOCTYPE a><a/>", 12, "once"),
            (b"<!-- a -- b --><a/>", 7, "comment"),
            (b"<!-- a ---><a/>", 7, "comment"),
            (b"<a/><?XML ?>", 4, "instruction"),
            (b"<? ?><a/>", 0, "instruction"),
            (b"<a></a b>", 3, "close tag"),
            (b"<a b></a>", 3, "attribute"),
            (b"<a b=\"<\"></a>", 3, "attribute"),
            (b"<a b=\"\" b=\"\"></a>", 8, "twice"),
            (b"<a b=\"&x;\"></a>", 6, "reference"),
        ];
        for (text, start, message) in cases {
            let (at, said) = fault(text).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(text)));
            assert!(at == start && said.contains(message), "{}: {at} {said}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn any_cut_and_any_byte_is_walked_over() {
        let text =
            b"<?xml version=\"1.0\"?><!DOCTYPE p PUBLIC \"a\" \"b\"><p v='&#1;'><!-- - --><![CDATA[]]></p>";
        for cut in 0..text.len() {
            let _ = first_fault(&text[..cut]);
            for byte in [0, b'<', b'>', b'"', b'&', b'-', 0xc3] {
                let mut changed = text.to_vec();
                changed[cut] = byte;
                if let Some(fault) = first_fault(&changed) {
                    assert!(fault.start < fault.end && fault.end <= changed.len(), "{fault:?}");
                }
            }
        }
    }
}
