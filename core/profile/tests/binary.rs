//! The binary reader: what CoreFoundation refuses, spans, cycles, blow-ups, damage.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use adit_profile::report::codes;
use adit_profile::syntax::{Node, Value};
use adit_profile::{Document, Limits, Span, Verdict};
use proptest::prelude::*;

/// A binary property list of raw objects, with references of two bytes and offsets of four; the first is the top.
fn bplist(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.push(u32::try_from(file.len()).unwrap());
        file.extend(object);
    }
    let table = file.len() as u64;
    for offset in offsets {
        file.extend(offset.to_be_bytes());
    }
    file.extend([0, 0, 0, 0, 0, 0, 4, 2]);
    file.extend((objects.len() as u64).to_be_bytes());
    file.extend(0u64.to_be_bytes());
    file.extend(table.to_be_bytes());
    file
}

/// A marker of `kind` with a length and what follows.
fn sized(kind: u8, count: usize, content: &[u8]) -> Vec<u8> {
    let mut object = match u8::try_from(count) {
        Ok(count @ 0..=14) => vec![kind << 4 | count],
        _ => {
            let mut object = vec![kind << 4 | 0x0f, 0x12];
            object.extend(u32::try_from(count).unwrap().to_be_bytes());
            object
        }
    };
    object.extend(content);
    object
}

fn references(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

fn array(items: &[u16]) -> Vec<u8> {
    sized(0xa, items.len(), &references(items))
}

fn dict(entries: &[(u16, u16)]) -> Vec<u8> {
    let mut content: Vec<u16> = entries.iter().map(|entry| entry.0).collect();
    content.extend(entries.iter().map(|entry| entry.1));
    sized(0xd, entries.len(), &references(&content))
}

fn ascii(text: &str) -> Vec<u8> {
    sized(5, text.len(), text.as_bytes())
}

fn root_of(objects: &[Vec<u8>]) -> Node {
    let document = Document::read(&bplist(objects));
    document.root().unwrap().clone()
}

fn first_error(file: &[u8]) -> String {
    let report = Document::read(file).syntax_report();
    assert_eq!(report.verdict(), Verdict::Refused);
    report.diagnostics[0].message.clone()
}

#[test]
fn every_kind_of_object_is_read_with_its_span() {
    let keys =
        ["data", "text", "wide", "int", "big", "negative", "real", "float", "date", "yes", "no", "list"];
    let values = [
        sized(4, 3, &[1, 2, 3]),
        ascii("a text of more than fourteen bytes"),
        sized(6, 2, &[0x00, 0xe9, 0x6f, 0x22]),
        vec![0x10, 0xff],
        vec![0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        vec![0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe],
        [vec![0x23], 1.5f64.to_be_bytes().to_vec()].concat(),
        [vec![0x22], (-2.5f32).to_be_bytes().to_vec()].concat(),
        [vec![0x33], 86_400f64.to_be_bytes().to_vec()].concat(),
        vec![0x09],
        vec![0x08],
        array(&[]),
    ];
    let entries: Vec<(u16, u16)> = (0..12).map(|at| (at + 1, at + 13)).collect();
    let mut objects = vec![dict(&entries)];
    objects.extend(keys.iter().map(|key| ascii(key)));
    objects.extend(values.iter().cloned());
    let file = bplist(&objects);
    let document = Document::read(&file);
    assert_eq!(document.syntax_report().diagnostics, []);
    let root = document.root_dict().unwrap();
    let expected = [
        Value::Data(vec![1, 2, 3].into()),
        Value::String("a text of more than fourteen bytes".to_owned().into()),
        Value::String("é漢".to_owned().into()),
        Value::Integer(255),
        Value::Integer(i128::from(u64::MAX)),
        Value::Integer(-2),
        Value::Real(1.5),
        Value::Real(-2.5),
    ];
    for (key, value) in keys.iter().zip(expected) {
        assert_eq!(root.get(key).unwrap().value, value, "{key}");
    }
    for ((key, object), entry) in keys.iter().zip(&values).zip(&root.entries) {
        assert_eq!(&file[entry.value.span.range()], object, "{key}");
        assert_eq!(file[entry.key.span.range()], ascii(key), "{key}");
    }
    let Value::Date(date) = &root.get("date").unwrap().value else { panic!() };
    assert_eq!(date.to_string(), "2001-01-02T00:00:00Z");
    assert_eq!(document.root().unwrap().span, Span::new(8, 8 + 1 + 48));
}

#[test]
fn damage_is_refused_with_the_byte_offset() {
    let good = bplist(&[dict(&[(1, 2)]), ascii("k"), ascii("v")]);
    assert_eq!(Document::read(&good).syntax_report().diagnostics, []);
    for cut in 7..good.len() {
        let message = first_error(&good[..cut]);
        assert!(message.contains("at byte"), "{cut}: {message}");
    }
    let end = good.len();
    let with = |at: usize, byte: u8| {
        let mut file = good.clone();
        file[at] = byte;
        first_error(&file)
    };
    // Trailer: sizes, number of objects, top object, table.
    for at in [end - 26, end - 25, end - 24, end - 17, end - 9, end - 8, end - 1] {
        let message = with(at, 0xee);
        assert!(message.contains("at byte"), "{at}: {message}");
    }
    for at in [end - 26, end - 25] {
        assert!(with(at, 0).contains("no bytes"));
    }
    // A table entry, the marker of the top object, a reference.
    assert!(with(end - 33, 0xee).contains("outside of the object area"));
    assert!(with(8, 0x77).contains("unknown kind"));
    assert!(with(10, 0x09).contains("not there"));
    assert!(with(12, 0x09).contains("not there"));
    assert!(with(13, 0x7f).contains("(at byte 13)"));
    assert!(with(8, 0xdf).contains("broken length"));
    assert!(with(8, 0xd9).contains("runs past"));
}

#[test]
fn keys_must_be_strings_and_differ() {
    let file = bplist(&[dict(&[(1, 2), (1, 2)]), ascii("k"), ascii("v")]);
    assert_eq!(Document::read(&file).syntax_report().codes(), [codes::DUPLICATE_KEY]);
    assert!(first_error(&bplist(&[dict(&[(1, 2)]), array(&[]), ascii("v")])).contains("a container"));
}

#[test]
fn what_corefoundation_takes_is_at_most_a_warning() {
    // A key that is a number, a string marked as ASCII with other bytes, a null object.
    for objects in [
        vec![dict(&[(1, 2)]), vec![0x10, 1], ascii("v")],
        vec![dict(&[(1, 2)]), ascii("k"), sized(5, 1, &[0xe9])],
        vec![dict(&[(1, 2)]), ascii("k"), vec![0x00]],
    ] {
        let report = Document::read(&bplist(&objects)).syntax_report();
        assert!(!report.has_errors(), "{:?}", report.diagnostics);
        assert_eq!(report.codes(), [codes::BINARY_MALFORMED]);
    }
    let latin = root_of(&[dict(&[(1, 2)]), ascii("k"), sized(5, 1, &[0xe9])]);
    assert_eq!(latin.as_dict().unwrap().get("k").and_then(Node::as_str), Some("é"));
    // And one that it refuses though it looks harmless.
    assert!(first_error(&bplist(&[dict(&[(1, 2)]), ascii("k"), vec![0x60]])).contains("empty string"));
}

#[test]
fn containers_that_hold_themselves_are_refused() {
    assert!(first_error(&bplist(&[array(&[0])])).contains("holds itself"));
    assert!(first_error(&bplist(&[array(&[1]), array(&[2]), array(&[1])])).contains("holds itself"));
    assert!(first_error(&bplist(&[dict(&[(1, 0)]), ascii("k")])).contains("holds itself"));
    // The same object twice is no cycle.
    let root = root_of(&[array(&[1, 1]), array(&[])]);
    assert_eq!(root.as_array().map(<[Node]>::len), Some(2));
}

#[test]
fn shared_objects_unfold_within_bounds() {
    // Thirty levels of ten references each would be 10^30 values.
    let mut objects: Vec<Vec<u8>> = (1..=30).map(|next| array(&[next; 10])).collect();
    objects.push(ascii("x"));
    assert_eq!(Document::read(&bplist(&objects)).syntax_report().codes(), [codes::TOO_LARGE]);
    // References to nothing count too.
    let nowhere = sized(0xa, 60_000, &[0xff; 120_000]);
    let file = bplist(&[array(&[1; 60_000]), nowhere]);
    assert!(Document::read(&file).syntax_report().codes().contains(&codes::TOO_LARGE));
    // One long string, referred to ten thousand times.
    let file = bplist(&[array(&[1; 10_000]), ascii(&"x".repeat(1 << 20))]);
    assert_eq!(Document::read(&file).syntax_report().codes(), [codes::TOO_LARGE]);
}

#[test]
fn ten_thousand_nested_arrays_are_refused_on_a_small_stack() {
    let objects: Vec<Vec<u8>> = (1..=10_000).map(|next| array(&[next])).chain([array(&[])]).collect();
    let file = bplist(&objects);
    let small = std::thread::Builder::new().stack_size(128 * 1024);
    let report = small.spawn(move || Document::read(&file).syntax_report()).unwrap().join().unwrap();
    assert_eq!(report.codes(), [codes::TOO_DEEP]);
    let depth = u16::try_from(Limits::default().depth).unwrap();
    let nested =
        |depth: u16| -> Vec<Vec<u8>> { (1..depth).map(|next| array(&[next])).chain([array(&[])]).collect() };
    let deep =
        |depth| Document::read(&bplist(&nested(depth))).syntax_report().codes().contains(&codes::TOO_DEEP);
    assert!(!deep(depth));
    assert!(deep(depth + 1));
}

#[test]
fn archiver_references_are_kept() {
    assert_eq!(root_of(&[array(&[1]), vec![0x80, 7]]).as_array().unwrap()[0].value, Value::Uid(7));
    assert!(first_error(&bplist(&[array(&[1]), vec![0x84, 1, 0, 0, 0, 0]])).contains("32 bits"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Document::read(&[b"bplist00".as_slice(), &bytes].concat());
    }

    #[test]
    fn arbitrary_objects_never_panic(
        objects in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..20), 1..20),
        top in any::<u8>(),
    ) {
        let mut file = bplist(&objects);
        let at = file.len() - 9;
        file[at] = top % u8::try_from(objects.len()).unwrap();
        let document = Document::read(&file);
        for found in document.problems().as_slice() {
            prop_assert!(found.span.end as usize <= file.len());
        }
    }

    #[test]
    fn one_changed_byte_never_panics(at in 0usize..200, byte in any::<u8>()) {
        let mut file = bplist(&[
            dict(&[(1, 2), (3, 4), (5, 6)]), ascii("a"), array(&[4, 6, 7]), ascii("b"), sized(4, 3, b"abc"),
            ascii("c"), vec![0x13, 0, 0, 0, 0, 0, 0, 0, 1], vec![0x33, 0, 0, 0, 0, 0, 0, 0, 0],
        ]);
        let at = at % file.len();
        file[at] = byte;
        let _ = Document::read(&file);
    }
}
