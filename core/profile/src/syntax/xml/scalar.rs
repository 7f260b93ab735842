//! The contents of elements that hold text: strings, data, dates and numbers.
//!
//! Each reader begins right after the open tag and ends right after the close tag, or where reading can best go on.

use zeroize::Zeroizing;

use crate::number::{self, NotWhole};
use crate::report::{Diagnostic, codes};
use crate::syntax::{Date, Value, decode_base64};

use super::Reader;
use super::cursor::Tag;

/// Open tags that show that a string before them was never closed.
const KNOWN_TAGS: [&[u8]; 12] = [
    b"<key",
    b"<string",
    b"<dict",
    b"<array",
    b"<data",
    b"<date",
    b"<integer",
    b"<real",
    b"<true",
    b"<false",
    b"</dict",
    b"</array",
];

impl Reader<'_> {
    /// The text of `<string>` or `<key>`: characters, CDATA, the five entities and character references.
    ///
    /// `None` when there is none that can be trusted; a problem says why.
    pub(super) fn string_content(&mut self, tag: Tag, name: &'static str) -> Option<Zeroizing<String>> {
        if tag.empty {
            return Some(Zeroizing::new(String::new()));
        }
        let mut sound = true;
        let mut mark = self.cursor.at();
        let mut bytes: Zeroizing<Vec<u8>> = Zeroizing::default();
        let mut stray_until = 0;
        loop {
            let rest = self.cursor.rest();
            let Some(ahead) = rest.iter().position(|byte| matches!(byte, b'<' | b'&')) else {
                self.cursor.go(self.cursor.end());
                break;
            };
            self.cursor.skip(ahead);
            match self.cursor.rest() {
                [b'&', ..] => {
                    self.copy(&mut bytes, mark);
                    sound &= self.reference(&mut bytes);
                    mark = self.cursor.at();
                }
                [b'<', b'!', ..] => {
                    self.copy(&mut bytes, mark);
                    sound &= self.character_data(&mut bytes);
                    mark = self.cursor.at();
                }
                [b'<', b'/', ..] => break,
                _ => {
                    let at = self.cursor.at();
                    if at >= stray_until {
                        let Some(end) = self.end_of_unquoted(name) else { break };
                        stray_until = end;
                    }
                    let message = format!("`<` inside <{name}> must be written &lt;");
                    self.error(codes::XML_MALFORMED, at, at + 1, message, "write &lt; instead");
                    sound = false;
                    self.cursor.skip(1);
                }
            }
        }
        self.copy(&mut bytes, mark);
        self.expect_close_tag(tag, name);
        let text = match String::from_utf8(std::mem::take(&mut *bytes)) {
            Ok(text) => Some(Zeroizing::new(text)),
            Err(error) => {
                let wiped = Zeroizing::new(error.into_bytes());
                let end = self.cursor.at();
                if let Some(text) = with_copyright_signs(&wiped) {
                    let message = format!("<{name}> holds a copyright sign that is not UTF-8");
                    let help = "Apple's parser takes this one byte, others refuse it: save the file as UTF-8";
                    self.warning(codes::XML_MALFORMED, tag.start, end, message, help);
                    return Some(text).filter(|_| sound);
                }
                let message = format!("<{name}> holds bytes that are not UTF-8");
                self.error(codes::XML_MALFORMED, tag.start, end, message, "save the file as UTF-8");
                None
            }
        };
        text.filter(|_| sound)
    }

    /// Appends the text from `mark` to the cursor.
    fn copy(&self, bytes: &mut Zeroizing<Vec<u8>>, mark: usize) {
        let text = self.cursor.slice(mark, self.cursor.at());
        // One allocation of the right size first, so that fewer copies of a secret are left behind.
        if bytes.capacity() == 0 {
            bytes.reserve_exact(text.len());
        }
        bytes.extend_from_slice(text);
    }

    /// When the `<` at the cursor is text that lost its quoting (the element's own close tag comes before any other
    /// tag of a property list): where that close tag stands.
    fn end_of_unquoted(&self, name: &str) -> Option<usize> {
        let mut probe = self.cursor.clone();
        loop {
            probe.go(probe.find_byte(b'<')?);
            if probe.clone().take_close_tag(name.as_bytes()) {
                return Some(probe.at());
            }
            if KNOWN_TAGS.iter().any(|known| probe.looking_at(known)) {
                return None;
            }
            probe.skip(1);
        }
    }

    /// The close tag of an element with text. When something else stands there, it is taken as missing.
    pub(super) fn expect_close_tag(&mut self, tag: Tag, name: &'static str) {
        if self.cursor.take_close_tag(name.as_bytes()) {
            return;
        }
        // What follows may be part of the text, so it is not quoted.
        self.names_may_be_text = true;
        self.missing_close_tag(tag, name);
        // A wrong close tag stands in for the right one, unless it closes the element around this one.
        let closes_outer = self.tree.innermost().is_some_and(|outer| {
            let mut probe = self.cursor.clone();
            probe.take_close_tag(outer.as_bytes())
        });
        if self.cursor.looking_at(b"</") && !closes_outer {
            let past = self.cursor.find_byte(b'>').map_or(self.cursor.end(), |at| at + 1);
            self.cursor.go(past);
        }
    }

    fn missing_close_tag(&mut self, tag: Tag, name: &'static str) {
        if self.problems.is_full() {
            return self.problems.count_one();
        }
        let at = self.cursor.at();
        let shown = self.cursor.slice(at, self.cursor.end().min(at + 64));
        let end = shown.iter().position(|byte| *byte == b'>').map_or(shown.len().min(1), |length| length + 1);
        let message = if shown.is_empty() {
            format!("the file ends before </{name}>")
        } else {
            format!("</{name}> is missing before this tag")
        };
        let diagnostic = Diagnostic::error(codes::XML_MALFORMED, self.span(at, at + end), message)
            .help(format!("end the element with </{name}>"))
            .related(self.span(tag.start, tag.end), format!("<{name}> opened here"));
        self.report(diagnostic);
    }

    /// `<![CDATA[…]]>` inside a string; nothing else may begin with `<!` there, not even a comment.
    fn character_data(&mut self, bytes: &mut Zeroizing<Vec<u8>>) -> bool {
        let start = self.cursor.at();
        if !self.cursor.looking_at(b"<![CDATA[") {
            let comment = self.cursor.looking_at(b"<!--");
            let message = if comment {
                "a comment inside the text of an element"
            } else {
                "`<!` inside the text of an element"
            };
            self.error(
                codes::XML_MALFORMED,
                start,
                start + 2,
                message,
                "Apple's parser refuses it: move it outside",
            );
            self.cursor.skip(2);
            return false;
        }
        let Some(end) = self.cursor.find_from(start + 9, b"]]>") else {
            self.error(codes::XML_MALFORMED, start, start + 9, "CDATA that never ends", "end it with ]]>");
            self.cursor.go(self.cursor.end());
            return false;
        };
        bytes.extend_from_slice(self.cursor.slice(start + 9, end));
        self.cursor.go(end + 3);
        true
    }

    /// `&…;`. The text behind `&` is never shown: it may be part of a password.
    fn reference(&mut self, bytes: &mut Zeroizing<Vec<u8>>) -> bool {
        const NAMED: [(&[u8], u8); 5] =
            [(b"&lt;", b'<'), (b"&gt;", b'>'), (b"&amp;", b'&'), (b"&apos;", b'\''), (b"&quot;", b'"')];
        let start = self.cursor.at();
        for (name, byte) in NAMED {
            if self.cursor.looking_at(name) {
                bytes.push(byte);
                self.cursor.skip(name.len());
                return true;
            }
        }
        if let Some((character, length)) = numeric_reference(self.cursor.rest()) {
            self.cursor.skip(length);
            match character {
                Some(character) => {
                    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                    return true;
                }
                None => {
                    let message = "a character reference that names no character";
                    self.error(
                        codes::XML_MALFORMED,
                        start,
                        start + length,
                        message,
                        "write the character itself",
                    );
                    return false;
                }
            }
        }
        let message = "`&` that begins no entity Apple's parser knows";
        let help = "write &amp; for a plain &; only lt, gt, amp, apos, quot and numbers are known";
        self.error(codes::XML_MALFORMED, start, start + 1, message, help);
        self.cursor.skip(1);
        false
    }

    /// `<data>`: CoreFoundation's decoder skips every ASCII character that is not Base64 and drops an incomplete
    /// last group, so only other bytes are an error.
    pub(super) fn data(&mut self, tag: Tag) -> Value {
        let start = self.cursor.at();
        let end = self.cursor.find_byte(b'<').unwrap_or(self.cursor.end());
        let text = self.cursor.slice(start, end);
        let decoded = decode_base64(text);
        if let Some(at) = decoded.not_ascii {
            let message = "<data> holds a character that is not ASCII";
            self.error(codes::BAD_BASE64, start + at, start + at + 1, message, "<data> is Base64 text");
        } else if let Some(at) = decoded.stray {
            let message = "<data> holds a character that is not Base64";
            let help =
                "Apple's parser skips it, others refuse the file: the data is probably not what was meant";
            self.warning(codes::BAD_BASE64, start + at, start + at + 1, message, help);
        } else if decoded.incomplete {
            let help = "Apple's parser drops the last characters: pad with = to a multiple of four";
            self.warning(codes::BAD_BASE64, start, end, "<data> is cut short or padded wrongly", help);
        }
        self.cursor.go(end);
        self.expect_close_tag(tag, "data");
        if decoded.not_ascii.is_some() { Value::Invalid } else { Value::Data(decoded.bytes) }
    }

    /// `<date>`: exactly `YYYY-MM-DDThh:mm:ssZ`, with any number of digits in the year.
    pub(super) fn date(&mut self, tag: Tag) -> Value {
        let start = self.cursor.at();
        let end = self.cursor.find_byte(b'<').unwrap_or(self.cursor.end());
        let date = parse_date(self.cursor.slice(start, end));
        self.cursor.go(end);
        match date {
            None => {
                let help = "write it as 2026-01-31T12:00:00Z, in UTC";
                self.error(codes::BAD_DATE, start, end, "<date> is not a date", help);
            }
            Some(date) if !date.is_valid() => {
                let help = "Apple's parser takes it for some other day";
                self.warning(codes::BAD_DATE, start, end, "<date> names no day of the calendar", help);
            }
            Some(_) => {}
        }
        self.expect_close_tag(tag, "date");
        date.map_or(Value::Invalid, Value::Date)
    }

    /// `<real>`: text as in a string, then what C's `strtod` takes.
    pub(super) fn real(&mut self, tag: Tag) -> Value {
        let start = self.cursor.at();
        let Some(text) = self.string_content(tag, "real") else { return Value::Invalid };
        if let Some(number) = parse_real(&text) {
            return Value::Real(number);
        }
        let end = start + text.len();
        self.error(codes::BAD_REAL, start, end, "<real> is not a number", "write digits, such as 1.5");
        Value::Invalid
    }

    /// `<integer>`: white space, a sign, decimal or `0x` digits, and nothing after them.
    pub(super) fn integer(&mut self, tag: Tag) -> Value {
        let start = self.cursor.at();
        let end = self.cursor.find_byte(b'<').unwrap_or(self.cursor.end());
        let number = parse_integer(self.cursor.slice(start, end));
        self.cursor.go(end);
        let value = match number {
            Ok(number) => Value::Integer(number),
            Err(reason) => {
                let help = "write decimal digits only, without white space behind them";
                self.error(codes::BAD_INTEGER, start, end.max(start + 1), reason, help);
                Value::Invalid
            }
        };
        self.expect_close_tag(tag, "integer");
        value
    }
}

/// Reads `&#…;` or `&#x…;` of at most eight digits: the character (`None` when the number names none) and the
/// length. `None` when it is no such reference.
fn numeric_reference(text: &[u8]) -> Option<(Option<char>, usize)> {
    let digits = text.strip_prefix(b"&#")?;
    let (digits, radix, begin) = match digits.strip_prefix(b"x") {
        Some(digits) => (digits, 16, 3),
        None => (digits, 10, 2),
    };
    let length = digits.iter().take(9).position(|byte| *byte == b';')?;
    let mut number: u32 = 0;
    for digit in digits.get(..length)? {
        let digit = char::from(*digit).to_digit(radix)?;
        number = number.wrapping_mul(radix).wrapping_add(digit);
    }
    Some((char::from_u32(number), begin + length + 1))
}

/// Text whose only bytes that are not UTF-8 are lone 0xA9, the copyright sign of ISO 8859-1, which CoreFoundation takes.
fn with_copyright_signs(bytes: &[u8]) -> Option<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len().saturating_mul(2)));
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        match chunk.invalid() {
            [] => {}
            [0xa9] => text.push('©'),
            _ => return None,
        }
    }
    Some(text)
}

fn parse_date(text: &[u8]) -> Option<Date> {
    let (negative, text) = match text.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (year, rest) = text.split_at_checked(digits)?;
    let year =
        year.iter().fold(0i32, |year, digit| year.saturating_mul(10).saturating_add(i32::from(digit - b'0')));
    let [b'-', rest @ ..] = rest else { return None };
    let [m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z'] = rest else { return None };
    let two = |tens: &u8, ones: &u8| -> Option<u8> {
        (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| (tens - b'0') * 10 + (ones - b'0'))
    };
    Some(Date {
        year: if negative { -year } else { year },
        month: two(m1, m2)?,
        day: two(d1, d2)?,
        hour: two(h1, h2)?,
        minute: two(n1, n2)?,
        second: two(s1, s2)?,
    })
}

fn parse_real(text: &str) -> Option<f64> {
    match text.to_ascii_lowercase().as_str() {
        "nan" => return Some(f64::NAN),
        "infinity" | "+infinity" | "inf" | "+inf" => return Some(f64::INFINITY),
        "-infinity" | "-inf" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let text = text.trim_start_matches(|c: char| c <= ' ' || ('\u{7f}'..='\u{a0}').contains(&c));
    crate::number::read(text)
}

/// Follows CoreFoundation's integer scanner, including its idea of white space, which is wider than XML's.
fn parse_integer(text: &[u8]) -> Result<i128, &'static str> {
    let text = skip_wide_space(text);
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, skip_wide_space(rest)),
        [b'+', rest @ ..] => (false, skip_wide_space(rest)),
        _ => (false, text),
    };
    let (radix, digits) = match text {
        [] => return Err("<integer> without digits"),
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        _ => (10, text),
    };
    if digits.is_empty() {
        return Err("<integer> without digits");
    }
    number::whole(negative, digits, radix).map_err(|reason| match reason {
        NotWhole::NoDigit => "<integer> holds something that is no digit",
        NotWhole::TooLarge => "<integer> is too large for 64 bits",
    })
}

/// Skips what CoreFoundation takes for white space before a number: controls, blanks and the Unicode spaces.
fn skip_wide_space(mut text: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = text {
        let wide = match text {
            [0xe2, 0x80, 0x80..=0x8b | 0xaf, ..] | [0xe2, 0x81, 0x9f, ..] | [0xe3, 0x80, 0x80, ..] => true,
            _ => matches!(first, 0..=0x20 | 0x7f..=0xa0),
        };
        if !wide {
            break;
        }
        text = rest;
    }
    text
}
