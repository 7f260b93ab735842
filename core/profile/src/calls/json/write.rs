//! A text from a form.

use std::fmt::{self, Display, Write as _};

use serde::ser::{self, Serialize, Serializer};

use crate::number;

/// Writes a form as JSON without blanks, as serde_json does. Nothing where a map has a key that is no text: no form has.
pub(crate) fn write(form: &impl Serialize) -> Option<String> {
    let mut writer = Writer { text: Vec::with_capacity(USUAL_SIZE) };
    form.serialize(&mut writer).ok()?;
    String::from_utf8(writer.text).ok()
}

/// Room for a usual report, in bytes.
const USUAL_SIZE: usize = 8 * 1024;

/// A form that JSON cannot say.
#[derive(Debug)]
pub(crate) struct Unwritable;

impl Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON cannot say this")
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

type Done = Result<(), Unwritable>;

/// Bytes rather than a `String`: almost all that is added are single signs, and each would be encoded.
struct Writer {
    text: Vec<u8>,
}

impl Writer {
    fn sign(&mut self, sign: u8) {
        self.text.push(sign);
    }

    fn plain(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// A text in quotation marks.
    fn string(&mut self, text: &str) {
        self.sign(b'"');
        self.escape(text);
        self.sign(b'"');
    }

    /// What stands in quotation marks: RFC 8259 section 7, with the short forms.
    fn escape(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..=0x1f);
        while let Some((plain, [sign, behind @ ..])) =
            rest.iter().position(special).and_then(|place| rest.split_at_checked(place))
        {
            self.text.extend_from_slice(plain);
            let short = match sign {
                b'"' => "\\\"",
                b'\\' => "\\\\",
                b'\n' => "\\n",
                b'\r' => "\\r",
                b'\t' => "\\t",
                0x08 => "\\b",
                0x0c => "\\f",
                sign => {
                    let digit = |number: u8| if number < 10 { b'0' + number } else { b'a' - 10 + number };
                    self.plain("\\u00");
                    self.sign(digit(sign >> 4));
                    self.sign(digit(sign & 0xf));
                    ""
                }
            };
            self.plain(short);
            rest = behind;
        }
        self.text.extend_from_slice(rest);
    }

    fn whole(&mut self, negative: bool, mut number: u64) {
        let mut digits = [b'0'; 20];
        let mut length = 0;
        for digit in digits.iter_mut().rev() {
            *digit += (number % 10) as u8;
            number /= 10;
            length += 1;
            if number == 0 {
                break;
            }
        }
        if negative {
            self.sign(b'-');
        }
        self.text.extend_from_slice(digits.get(20 - length..).unwrap_or_default());
    }

    /// Opens an array or object.
    fn open(&mut self, sign: u8) -> List<'_> {
        self.sign(sign);
        List { close: if sign == b'{' { "}" } else { "]" }, writer: self, first: true }
    }

    /// Opens the array or object of an enum's variant.
    fn open_variant(&mut self, variant: &str, sign: u8) -> List<'_> {
        self.variant(variant);
        List { close: if sign == b'{' { "}}" } else { "]}" }, ..self.open(sign) }
    }

    fn variant(&mut self, variant: &str) {
        self.sign(b'{');
        self.string(variant);
        self.sign(b':');
    }
}

/// An array or object that is being written.
struct List<'a> {
    writer: &'a mut Writer,
    close: &'static str,
    first: bool,
}

impl List<'_> {
    fn next(&mut self) -> &mut Writer {
        if !std::mem::take(&mut self.first) {
            self.writer.sign(b',');
        }
        self.writer
    }

    /// The name of a member, as it stands in the source of a form: there is nothing to escape in it.
    fn name(&mut self, name: &'static str) -> &mut Writer {
        let writer = self.next();
        writer.sign(b'"');
        writer.plain(name);
        writer.plain("\":");
        writer
    }

    fn close(self) {
        self.writer.plain(self.close);
    }
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = List<'a>;
    type SerializeTuple = List<'a>;
    type SerializeTupleStruct = List<'a>;
    type SerializeTupleVariant = List<'a>;
    type SerializeMap = List<'a>;
    type SerializeStruct = List<'a>;
    type SerializeStructVariant = List<'a>;

    fn serialize_bool(self, value: bool) -> Done {
        self.plain(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Done {
        self.whole(value < 0, value.unsigned_abs());
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Done {
        match u64::try_from(value) {
            Ok(value) => self.whole(false, value),
            Err(_) => {
                let _ = write!(Escaped(self), "{}", number::Whole(value));
            }
        }
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Done {
        self.whole(false, value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Done {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Done {
        let text = if value.is_finite() { number::text(value) } else { "null".to_owned() };
        self.plain(&text);
        // A whole number of the kind real stays one.
        if value.is_finite() && !text.contains('.') {
            self.plain(".0");
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Done {
        self.string(value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Done {
        self.string(value);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Done {
        bytes.serialize(self)
    }

    fn serialize_none(self) -> Done {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.plain("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Done {
        self.variant(variant);
        value.serialize(&mut *self)?;
        self.sign(b'}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Unwritable> {
        Ok(self.open(b'['))
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'a>, Unwritable> {
        Ok(self.open(b'['))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Unwritable> {
        Ok(self.open(b'['))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>, Unwritable> {
        Ok(self.open_variant(variant, b'['))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<List<'a>, Unwritable> {
        Ok(self.open(b'{'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<List<'a>, Unwritable> {
        Ok(self.open(b'{'))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<List<'a>, Unwritable> {
        Ok(self.open_variant(variant, b'{'))
    }

    /// In one loop.
    fn collect_seq<I: IntoIterator<Item: Serialize>>(self, items: I) -> Done {
        let mut list = self.open(b'[');
        for item in items {
            item.serialize(list.next())?;
        }
        list.close();
        Ok(())
    }

    /// Without a text of its own in between.
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Done {
        self.sign(b'"');
        let _ = write!(Escaped(self), "{value}");
        self.sign(b'"');
        Ok(())
    }
}

/// Escapes what is written to it.
struct Escaped<'a>(&'a mut Writer);

impl fmt::Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.escape(text);
        Ok(())
    }
}

/// The parts of an array, and of an enum's variant with parts.
macro_rules! parts {
    ($($of:ident, $part:ident;)*) => {$(
        impl ser::$of for List<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn $part<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
                value.serialize(self.next())
            }

            fn end(self) -> Done {
                self.close();
                Ok(())
            }
        }
    )*};
}

parts! {
    SerializeSeq, serialize_element;
    SerializeTuple, serialize_element;
    SerializeTupleStruct, serialize_field;
    SerializeTupleVariant, serialize_field;
}

/// The members of an object whose names are known.
macro_rules! members {
    ($($of:ident)*) => {$(
        impl ser::$of for List<'_> {
            type Ok = ();
            type Error = Unwritable;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Done {
                value.serialize(self.name(name))
            }

            fn end(self) -> Done {
                self.close();
                Ok(())
            }
        }
    )*};
}

members! { SerializeStruct SerializeStructVariant }

impl ser::SerializeMap for List<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        let writer = self.next();
        let start = writer.text.len();
        key.serialize(&mut *writer)?;
        let is_text = writer.text.get(start) == Some(&b'"');
        writer.sign(b':');
        if is_text { Ok(()) } else { Err(Unwritable) }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Done {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Serialize;

    use super::write;

    #[derive(Serialize)]
    struct Form<'a> {
        text: &'a str,
        none: Option<u8>,
        some: Option<i8>,
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<u8>,
        numbers: (u64, i64, i128, u8, bool, ()),
        reals: Vec<f64>,
        map: BTreeMap<String, Vec<Kind<'a>>>,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind<'a> {
        Plain,
        One(&'a str),
        Two(u8, char),
        Named { first: u8, second: Empty },
    }

    #[derive(Serialize)]
    #[serde(tag = "kind")]
    enum Tagged<'a> {
        Empty,
        Inside(Inside<'a>),
        Fields { a: u8 },
    }

    #[derive(Serialize)]
    struct Inside<'a> {
        word: &'a str,
    }

    #[derive(Serialize)]
    struct Empty {}

    fn same(form: &impl Serialize) {
        assert_eq!(write(form), serde_json::to_string(form).ok());
    }

    #[test]
    fn forms_are_written_as_serde_json_writes_them() {
        let all: String = (0..0x180_u32).filter_map(char::from_u32).chain(['漢', '\u{2028}', '😀']).collect();
        let kinds = vec![
            Kind::Plain,
            Kind::One("\n"),
            Kind::Two(0, '"'),
            Kind::Named { first: 255, second: Empty {} },
        ];
        same(&Form {
            text: &all,
            none: None,
            some: Some(-128),
            left_out: None,
            numbers: (u64::MAX, i64::MIN, i128::MIN, 0, true, ()),
            reals: vec![1.5, 0.0, -0.0, -2.0, 1e15, f64::NAN, f64::INFINITY],
            map: [("x\"".to_owned(), kinds), (String::new(), Vec::new())].into(),
        });
        same(&[Tagged::Empty, Tagged::Inside(Inside { word: "x" }), Tagged::Fields { a: 1 }]);
        same(&BTreeMap::from([(crate::report::Code::new("a.b"), 1)]));
        same(&[format_args!("{}\"{}", 'a', "\r")]);
    }

    #[test]
    fn a_key_that_is_no_text_is_refused() {
        assert_eq!(write(&BTreeMap::from([(vec![1], 1)])), None);
    }

    proptest! {
        #[test]
        fn values_are_written_as_serde_json_writes_them(text in any::<String>(), number in any::<i64>(), big in any::<u64>()) {
            same(&(text, number, big));
        }

        #[test]
        fn real_numbers_are_read_back(bits in any::<u64>()) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite());
            let text = write(&number).unwrap();
            prop_assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(bits), "{}", text);
        }
    }
}
