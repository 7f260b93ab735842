//! Against the `plist` crate: whatever it writes, in XML or binary, reads back as the same value.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;
#[path = "common/same.rs"]
mod same;

use std::fs;
use std::time::{Duration, SystemTime};

use adit_profile::Document;
use adit_profile::source::ContentFormat;
use proptest::prelude::*;
use same::same;

fn leaf() -> impl Strategy<Value = plist::Value> {
    prop_oneof![
        any::<bool>().prop_map(plist::Value::Boolean),
        any::<i64>().prop_map(|number| plist::Value::Integer(number.into())),
        any::<u64>().prop_map(|number| plist::Value::Integer(number.into())),
        (-1.0e12f64..1.0e12).prop_map(plist::Value::Real),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(plist::Value::Data),
        text().prop_map(plist::Value::String),
        (0u64..4_000_000_000).prop_map(|seconds| {
            plist::Value::Date((SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).into())
        }),
    ]
}

/// Characters that XML can hold. Carriage returns are left out: the `plist` crate writes them as they are.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![prop::char::range(' ', '~'), prop::char::range('\u{a0}', '\u{1f600}')],
        0..20,
    )
    .prop_map(|characters| characters.into_iter().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect())
}

fn any_value() -> impl Strategy<Value = plist::Value> {
    leaf().prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(plist::Value::Array),
            prop::collection::btree_map(text(), inner, 0..6)
                .prop_map(|entries| plist::Value::Dictionary(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_plist_writes_reads_back_the_same(value in any_value()) {
        let value = plist::Value::Dictionary([("root".to_owned(), value)].into_iter().collect());
        let mut xml = Vec::new();
        value.to_writer_xml(&mut xml).unwrap();
        let mut binary = Vec::new();
        value.to_writer_binary(&mut binary).unwrap();
        for file in [xml, binary] {
            let document = Document::read(&file);
            prop_assert_eq!(document.problems().as_slice(), &[]);
            prop_assert!(same(document.root().unwrap(), &value), "{:?}", String::from_utf8_lossy(&file));
        }
    }
}

#[test]
fn the_corpus_reads_as_plist_reads_it() {
    let Some(shared) = common::shared("corpus, values against the plist crate") else { return };
    let (mut compared, mut signed) = (0, 0);
    for entry in fs::read_dir(shared.join("corpus/profiles")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let document = Document::read(&bytes);
        let content = document.content(&bytes);
        let Ok(expected) = plist::Value::from_reader(std::io::Cursor::new(content)) else { continue };
        let is_xml = matches!(document.format().content(), Some(ContentFormat::Xml { .. }));
        if !is_xml || document.problems().has_errors() {
            continue;
        }
        assert!(same(document.root().unwrap(), &expected));
        let mut binary = Vec::new();
        expected.to_writer_binary(&mut binary).unwrap();
        assert!(same(Document::read(&binary).root().unwrap(), &expected));
        compared += 1;
        signed += usize::from(document.signed().is_some());
    }
    println!(
        "compared {compared} profiles with the plist crate, as XML and as binary, {signed} of them signed"
    );
    assert!(compared >= 74, "{compared}");
    assert_eq!(signed, 14);
}
