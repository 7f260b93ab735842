//! A tree from a text.

use std::ops::RangeInclusive;

use crate::build::Value;
use crate::by_name::Members;
use crate::number;

/// How deep arrays and objects may stand in each other.
const DEPTH: usize = 127;

/// Why a text is not read. No part of the text is in it: that may be a secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// The byte of the line, from 1.
    pub column: usize,
    /// It is JSON, but a `null` stands where no value may be missing.
    pub null: bool,
}

/// Reads a text. With `null_is_nothing` a member of an object that is `null` is one that is left out; elsewhere, and without
/// it everywhere, `null` is refused: no property list and no declaration has it. Of two equal keys the last counts.
///
/// # Errors
/// [`Fault`]: it is no JSON, is nested deeper than 127, has a number beyond all bounds, or a `null`.
pub(crate) fn read(text: &[u8], null_is_nothing: bool) -> Result<Value, Fault> {
    let (checked, valid) = match std::str::from_utf8(text) {
        Ok(checked) => (checked, true),
        Err(error) => {
            let sound = text.get(..error.valid_up_to()).unwrap_or_default();
            (std::str::from_utf8(sound).unwrap_or_default(), false)
        }
    };
    let mut reader = Reader { rest: checked, null_is_nothing, null: false };
    let read = reader.value(DEPTH).filter(|_| {
        reader.blanks();
        reader.rest.is_empty() && valid
    });
    match read {
        Some(Some(value)) => Ok(value),
        found => {
            let before = checked.get(..checked.len() - reader.rest.len()).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            Err(Fault {
                line: before.split('\n').count(),
                column: line.len() + 1,
                null: reader.null || found.is_some(),
            })
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    null_is_nothing: bool,
    /// Whether a `null` was refused.
    null: bool,
}

impl<'a> Reader<'a> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Takes a word or sign where it stands.
    fn take(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// The same behind blanks.
    fn sign(&mut self, sign: &str) -> bool {
        self.blanks();
        self.take(sign)
    }

    /// A value: nothing inside for a `null`, nothing at all for what is no JSON.
    fn value(&mut self, depth: usize) -> Option<Option<Value>> {
        self.blanks();
        Some(Some(match self.rest.as_bytes().first()? {
            b'{' => self.object(depth.checked_sub(1)?)?,
            b'[' => self.array(depth.checked_sub(1)?)?,
            b'"' => self.string()?.into(),
            b'-' | b'0'..=b'9' => self.number()?,
            _ if self.take("true") => true.into(),
            _ if self.take("false") => false.into(),
            _ if self.take("null") => return Some(None),
            _ => return None,
        }))
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut members = Members::default();
        self.take("{");
        if self.sign("}") {
            return Some(Value::Dict(members.all));
        }
        loop {
            self.blanks();
            let name = self.string()?;
            if !self.sign(":") {
                return None;
            }
            match self.value(depth)? {
                Some(value) => members.set(name, value),
                None if self.null_is_nothing => {}
                None => return self.refuse_null(),
            }
            if self.sign("}") {
                return Some(Value::Dict(members.all));
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        self.take("[");
        if self.sign("]") {
            return Some(Value::Array(items));
        }
        loop {
            match self.value(depth)? {
                Some(value) => items.push(value),
                None => return self.refuse_null(),
            }
            if self.sign("]") {
                return Some(Value::Array(items));
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    fn refuse_null(&mut self) -> Option<Value> {
        self.null = true;
        None
    }

    fn string(&mut self) -> Option<String> {
        if !self.take("\"") {
            return None;
        }
        let mut text = String::new();
        loop {
            let end = self.rest.find(|sign: char| matches!(sign, '"' | '\\' | '\0'..='\x1f'))?;
            let (plain, rest) = self.rest.split_at_checked(end)?;
            text.push_str(plain);
            self.rest = rest;
            if self.take("\"") {
                return Some(text);
            }
            if !self.take("\\") {
                return None;
            }
            let mut signs = self.rest.chars();
            let sign = signs.next()?;
            self.rest = signs.as_str();
            text.push(match sign {
                '"' | '\\' | '/' => sign,
                'b' => '\x08',
                'f' => '\x0c',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => self.escaped()?,
                _ => return None,
            });
        }
    }

    /// The character of `\u`, which may be written as two halves.
    fn escaped(&mut self) -> Option<char> {
        let unit = self.unit()?;
        if !(0xd800..=0xdbff).contains(&unit) {
            return char::from_u32(unit);
        }
        if !self.take("\\u") {
            return None;
        }
        let low = self.unit().filter(|low| (0xdc00..=0xdfff).contains(low))?;
        char::from_u32(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00))
    }

    fn unit(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        // A sign is a digit of no number here.
        let value = digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(digits)?;
        self.rest = rest;
        u32::from_str_radix(value, 16).ok()
    }

    /// How many bytes of a kind stand at a place of the rest.
    fn run(&self, from: usize, kind: RangeInclusive<u8>) -> usize {
        let bytes = self.rest.as_bytes().get(from..).unwrap_or_default();
        bytes.iter().take_while(|byte| kind.contains(byte)).count()
    }

    fn number(&mut self) -> Option<Value> {
        let at = |place: usize| self.rest.as_bytes().get(place).copied();
        let mut end = usize::from(at(0) == Some(b'-'));
        let whole = self.run(end, b'0'..=b'9');
        if whole == 0 || whole > 1 && at(end) == Some(b'0') {
            return None;
        }
        end += whole;
        let mut is_whole = true;
        if at(end) == Some(b'.') {
            let digits = self.run(end + 1, b'0'..=b'9');
            is_whole = false;
            end += 1 + Some(digits).filter(|digits| *digits > 0)?;
        }
        if matches!(at(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(at(end + 1), Some(b'+' | b'-')));
            let digits = self.run(end + 1 + sign, b'0'..=b'9');
            is_whole = false;
            end += 1 + sign + Some(digits).filter(|digits| *digits > 0)?;
        }
        let (text, rest) = self.rest.split_at_checked(end)?;
        let digits = text.strip_prefix('-');
        let value = match number::whole(digits.is_some(), digits.unwrap_or(text).as_bytes(), 10) {
            // A zero with a sign is a real number.
            Ok(number) if is_whole && text != "-0" => Value::Integer(number),
            _ => Value::Real(number::read(text).filter(|number| number.is_finite())?),
        };
        self.rest = rest;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::FromJson;
    use proptest::prelude::*;

    /// Both read the same, or neither does.
    fn compare(text: &[u8]) {
        let theirs = serde_json::from_slice::<FromJson>(text).map(|read| read.0);
        match (read(text, false), theirs) {
            (Ok(ours), Ok(theirs)) => same(&ours, &theirs),
            (Err(ours), Err(theirs)) => assert_eq!(ours.null, theirs.is_data(), "{theirs}"),
            (ours, theirs) => panic!("{:?}: {ours:?}, {theirs:?}", String::from_utf8_lossy(text)),
        }
    }

    /// serde_json reads real numbers with an error in the last place.
    fn same(ours: &Value, theirs: &Value) {
        match (ours, theirs) {
            (Value::Real(one), Value::Real(other)) => {
                assert!((one - other).abs() <= one.abs() * 1e-15, "{one} {other}");
                assert_eq!(one.is_sign_negative(), other.is_sign_negative());
            }
            (Value::Dict(one), Value::Dict(other)) => {
                assert_eq!(one.len(), other.len());
                for ((name, value), (other_name, other)) in one.iter().zip(other) {
                    assert_eq!(name, other_name);
                    same(value, other);
                }
            }
            (Value::Array(one), Value::Array(other)) => {
                assert_eq!(one.len(), other.len());
                one.iter().zip(other).for_each(|(one, other)| same(one, other));
            }
            _ => assert_eq!(ours, theirs),
        }
    }

    #[test]
    fn texts_are_read_as_serde_json_reads_them() {
        let texts = r#"
            0|-0|-1|01|-01|+1|1.|.5|1.5|1.e5|1e5|1E+5|1e-5|1e|1e+|-|18446744073709551615|18446744073709551616
            -9223372036854775808|-9223372036854775809|1e308|1e309|0.1|123456789012345678901234567890
            ""|"a"|"é漢😀"|"\u00e9\ud83d\ude00"|"\ud83d"|"\ud83d\u0041"|"\ude00"|"\u12"|"\u+123"|"\u12é"|"\b\f\n\r\t\/\\\""|"\x"|"a|"a\
            {}|[]|[1,]|[,1]|[1 2]|{"a"}|{"a":}|{"a":1,}|{a:1}|{"a":1 "b":2}|{"a":1,"b":[true,false,{"c":"d"}]}|{"a":1,"a":2}
            true|false|null|nul|True|[null]|{"a":null}|[null|{"a":null|{"a":null,}|1 1|{}{}||  |[[[]]]|]|}|:|,|"a":1
            { "a" : [ 1 , 2 ] , "b" : { } }"#;
        for text in texts.split(['|', '\n']) {
            compare(text.as_bytes());
            compare(format!("[{text}]").as_bytes());
        }
        for control in 0..0x20_u8 {
            compare(&[b'"', control, b'"']);
            compare(&[control, b'1', control]);
        }
        for bytes in [
            &b"\"\xff\""[..],
            b"\xff",
            b"1\xff",
            b"\xef\xbb\xbf1",
            b"\"\xed\xa0\x80\"",
            b"\"\xc3\"",
            b"[null]\xff",
        ] {
            compare(bytes);
        }
        for depth in [126, 127, 128, 100_000] {
            compare(format!("{}{}", "[".repeat(depth), "]".repeat(depth)).as_bytes());
            compare(format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)).as_bytes());
        }
    }

    #[test]
    fn null_leaves_out_an_option_and_nothing_else() {
        let expected = Value::dict([("b", Value::dict([("c", Value::from(1))]))]);
        assert_eq!(read(br#"{"a":null,"b":{"c":1,"d":null}}"#, true), Ok(expected));
        assert!(read(b"[null]", true).unwrap_err().null);
        assert!(read(b"null", true).unwrap_err().null);
    }

    #[test]
    #[allow(clippy::disallowed_methods, reason = "how long it takes is what is tested")]
    fn an_object_of_a_megabyte_of_members_is_read_in_no_more_time_than_others() {
        let members: Vec<String> = (0..90_000).map(|number| format!("\"k{number}\":{number}")).collect();
        let text = format!("{{{},\"k7\":0}}", members.join(","));
        let start = std::time::Instant::now();
        let value = read(text.as_bytes(), false).unwrap();
        let theirs = serde_json::from_str::<FromJson>(&text).unwrap().0;
        // Each member beside each other one is two minutes in a test build.
        assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
        let Value::Dict(entries) = &value else { panic!("an object") };
        assert_eq!((entries.len(), &entries[7].1, &entries[8].1), (90_000, &0.into(), &8.into()));
        assert_eq!(value, theirs);
    }

    #[test]
    fn faults_have_their_place() {
        for (text, line, column) in
            [("", 1, 1), ("{\n \"a\": x}", 2, 7), ("[1,\n2,\n3", 3, 2), ("{} {}", 1, 4), ("\"é\" x", 1, 6)]
        {
            assert_eq!(read(text.as_bytes(), false), Err(Fault { line, column, null: false }), "{text}");
        }
    }

    proptest! {
        #[test]
        fn mangled_texts_are_read_as_serde_json_reads_them(
            place in any::<prop::sample::Index>(),
            byte in prop::sample::select(&b"{}[]\",:0123456789.eE+-\\untrfalse \x00\xc3\xa9"[..]),
            cut in any::<bool>(),
        ) {
            let mut text = r#"{"a":[1,-2.5e3,true,false,"x\n\u00e9\ud83d\ude00"],"b":{"c":null,"d":0}, "e" : "漢" }"#.to_owned().into_bytes();
            let place = place.index(text.len());
            if cut { text.truncate(place) } else { text[place] = byte }
            compare(&text);
        }
    }
}
