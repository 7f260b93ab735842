//! What is written reads back equal, here and by the `plist` crate.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use adit_profile::Document;
use adit_profile::build::{Value, WriteError, to_binary, to_xml};
use adit_profile::syntax::{self, Date, Node};
use proptest::prelude::*;

fn same(node: &Node, value: &Value) -> bool {
    match (&node.value, value) {
        (syntax::Value::Dict(dict), Value::Dict(entries)) => {
            dict.entries.len() == entries.len()
                && dict
                    .entries
                    .iter()
                    .zip(entries)
                    .all(|(entry, (key, value))| entry.key.text == *key && same(&entry.value, value))
        }
        (syntax::Value::Array(items), Value::Array(values)) => {
            items.len() == values.len() && items.iter().zip(values).all(|(item, value)| same(item, value))
        }
        (syntax::Value::String(text), Value::String(expected)) => text == expected,
        (syntax::Value::Integer(number), Value::Integer(expected)) => number == expected,
        (syntax::Value::Real(number), Value::Real(expected)) => {
            number == expected || number.is_nan() && expected.is_nan()
        }
        (syntax::Value::Boolean(value), Value::Boolean(expected)) => value == expected,
        (syntax::Value::Date(date), Value::Date(expected)) => date == expected,
        (syntax::Value::Data(bytes), Value::Data(expected)) => bytes == expected,
        _ => false,
    }
}

/// Whether the `plist` crate read the same.
fn agrees(theirs: &plist::Value, value: &Value) -> bool {
    match (theirs, value) {
        (plist::Value::Dictionary(dict), Value::Dict(entries)) => {
            dict.len() == entries.len()
                && entries.iter().all(|(key, value)| dict.get(key).is_some_and(|found| agrees(found, value)))
        }
        (plist::Value::Array(items), Value::Array(values)) => {
            items.len() == values.len() && items.iter().zip(values).all(|(item, value)| agrees(item, value))
        }
        (plist::Value::String(text), Value::String(expected)) => *text == **expected,
        (plist::Value::Integer(number), Value::Integer(expected)) => {
            number.as_signed().map(i128::from).or(number.as_unsigned().map(i128::from)) == Some(*expected)
        }
        (plist::Value::Real(number), Value::Real(expected)) => number.to_bits() == expected.to_bits(),
        (plist::Value::Boolean(value), Value::Boolean(expected)) => value == expected,
        (plist::Value::Date(date), Value::Date(expected)) => date.to_xml_format() == expected.to_string(),
        (plist::Value::Data(bytes), Value::Data(expected)) => *bytes == **expected,
        _ => false,
    }
}

/// Every character that XML can hold, the awkward ones often.
fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        prop::sample::select(vec![
            '&', '<', '>', '"', '\'', ']', '\r', '\n', '\t', ' ', 'é', '\u{85}', '\u{feff}'
        ]),
        prop::char::range(' ', '\u{d7ff}'),
        prop::char::range('\u{10000}', '\u{10ffff}'),
    ];
    prop::collection::vec(character, 0..24).prop_map(|characters| characters.into_iter().collect())
}

fn value() -> impl Strategy<Value = Value> {
    let date = (1i32..4000, 1u8..=12, 1u8..=28, 0u8..24, 0u8..60, 0u8..60)
        .prop_map(|(year, month, day, hour, minute, second)| Date { year, month, day, hour, minute, second });
    let leaf = prop_oneof![
        text().prop_map(Value::from),
        prop_oneof![any::<i64>().prop_map(i128::from), any::<u64>().prop_map(i128::from), (-300i128..300)]
            .prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Real),
        any::<bool>().prop_map(Value::Boolean),
        date.prop_map(Value::Date),
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(text(), inner, 0..6).prop_map(Value::dict),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_is_written_reads_back_equal(value in value()) {
        let root = Value::dict([("root", value)]);
        let xml = to_xml(&root).unwrap();
        let document = Document::read(xml.as_bytes());
        prop_assert_eq!(document.problems().as_slice(), &[]);
        prop_assert!(same(document.root().unwrap(), &root), "{}", *xml);
        prop_assert!(same(document.root().unwrap(), &Value::of(document.root().unwrap()).unwrap()));
    }

    #[test]
    fn what_is_written_in_binary_reads_back_equal(value in value()) {
        let root = Value::dict([("root", value)]);
        let bytes = to_binary(&root).unwrap();
        let document = Document::read(&bytes);
        prop_assert_eq!(document.problems().as_slice(), &[]);
        prop_assert!(same(document.root().unwrap(), &root), "{:?}", bytes);
        let theirs = plist::Value::from_reader(std::io::Cursor::new(bytes.as_slice())).unwrap();
        prop_assert!(agrees(&theirs, &root), "{:?}", bytes);
    }

    #[test]
    fn plist_reads_what_is_written(text in text(), number in any::<i64>(), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let root = Value::dict([
            ("text", Value::from(text.clone())), ("number", number.into()), ("bytes", bytes.clone().into()),
        ]);
        let read = plist::Value::from_reader_xml(to_xml(&root).unwrap().as_bytes()).unwrap();
        let read = read.as_dictionary().unwrap();
        prop_assert_eq!(read.get("text").and_then(plist::Value::as_string), Some(text.as_str()));
        prop_assert_eq!(read.get("number").and_then(plist::Value::as_signed_integer), Some(number));
        prop_assert_eq!(read.get("bytes").and_then(plist::Value::as_data), Some(bytes.as_slice()));
    }
}

#[test]
fn the_layout_is_apples() {
    let root = Value::dict([
        ("A & B", Value::from("<x>")),
        ("list", Value::Array(vec![1.into(), true.into(), Value::dict::<&str>([])])),
        ("bytes", vec![0u8; 60].into()),
    ]);
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">
<plist version=\"1.0\">
<dict>
\t<key>A &amp; B</key>
\t<string>&lt;x&gt;</string>
\t<key>list</key>
\t<array>
\t\t<integer>1</integer>
\t\t<true/>
\t\t<dict/>
\t</array>
\t<key>bytes</key>
\t<data>
\tAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
\tAAAAAAAAAAAA
\t</data>
</dict>
</plist>
";
    assert_eq!(to_xml(&root).unwrap().as_str(), expected);
}

#[test]
fn what_xml_cannot_hold_is_refused() {
    let root = Value::dict([("a", Value::Array(vec![Value::dict([("b", Value::from("x\0"))])]))]);
    assert_eq!(
        to_xml(&root),
        Err(WriteError::ForbiddenCharacter { character: 0, path: "a[0].b".to_owned() })
    );
    let mut deep = Value::from(1);
    for _ in 0..200 {
        deep = Value::Array(vec![deep]);
    }
    assert!(matches!(to_xml(&deep), Err(WriteError::TooDeep(_))));
    assert!(matches!(to_binary(&deep), Err(WriteError::TooDeep(_))));
    let huge = Value::Integer(1 << 64);
    assert_eq!(to_xml(&huge), Err(WriteError::IntegerRange(1 << 64)));
    assert_eq!(to_binary(&huge), Err(WriteError::IntegerRange(1 << 64)));
    let never = Date { year: 2023, month: 2, day: 30, hour: 0, minute: 0, second: 0 };
    assert_eq!(to_binary(&Value::Date(never)), Err(WriteError::ImpossibleDate(never)));
}

#[test]
fn lengths_around_each_marker_and_width_read_back() {
    for length in [0, 1, 14, 15, 16, 255, 256, 65_535, 65_536] {
        let items = (0..length).map(|number| Value::Integer(number as i128)).collect();
        let root = Value::dict([
            ("ascii", Value::from("x".repeat(length))),
            ("wide", "é".repeat(length).into()),
            ("data", vec![7; length].into()),
            ("array", Value::Array(items)),
        ]);
        let document = Document::read(&to_binary(&root).unwrap());
        assert_eq!(document.problems().as_slice(), &[], "{length}");
        assert!(same(document.root().unwrap(), &root), "{length}");
    }
}

#[test]
fn equal_strings_stand_once_in_a_binary_list() {
    let root = Value::Array(vec!["twice".into(), "twice".into()]);
    let bytes = to_binary(&root).unwrap();
    assert_eq!(bytes.windows(5).filter(|window| window == b"twice").count(), 1);
    // Header, the array with two references, the string, two offsets, the trailer.
    assert_eq!(bytes.len(), 8 + 3 + 6 + 2 + 32);
}
