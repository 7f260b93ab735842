//! What is written reads back equal, here and by the `plist` crate.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use adit_profile::Document;
use adit_profile::build::{Value, WriteError, to_xml};
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
        (syntax::Value::String(text), Value::String(expected)) => **text == *expected,
        (syntax::Value::Integer(number), Value::Integer(expected)) => *number == i128::from(*expected),
        (syntax::Value::Real(number), Value::Real(expected)) => {
            number == expected || number.is_nan() && expected.is_nan()
        }
        (syntax::Value::Boolean(value), Value::Boolean(expected)) => value == expected,
        (syntax::Value::Date(date), Value::Date(expected)) => date == expected,
        (syntax::Value::Data(bytes), Value::Data(expected)) => **bytes == *expected,
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
        text().prop_map(Value::String),
        any::<i64>().prop_map(Value::Integer),
        any::<f64>().prop_map(Value::Real),
        any::<bool>().prop_map(Value::Boolean),
        date.prop_map(Value::Date),
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Value::Data),
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
        prop_assert!(same(document.root().unwrap(), &root), "{}", xml);
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
    assert_eq!(to_xml(&root).unwrap(), expected);
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
}
