//! Fixes as bytes: each kind of change in each encoding, with the rest of the file untouched, and in binary files.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use adit_profile::build::Value;
use adit_profile::fix::{self, FixError};
use adit_profile::model::Step;
use adit_profile::report::{Change, Fix, Safety};
use adit_profile::rules::Options;
use adit_profile::{Document, Limits, build};

const FILE: &str = "<?xml version=\"1.0\"?>\n<plist version=\"1.0\">\n<dict>\n  <!-- first -->\n  <key>A</key>\n  <string>ä</string>\n  <key>B</key> <integer>1</integer>\n  <key>C</key>\n  <array>\n    <string>x</string>\n    <string>y</string>\n  </array>\n  <key>D</key>\n  <dict/>\n</dict>\n</plist>\n";

fn path(steps: &[&str]) -> Vec<Step> {
    let step = |step: &&str| step.parse().map_or_else(|_| Step::Key((*step).to_owned()), Step::Index);
    steps.iter().map(step).collect()
}

fn mended(content: &[u8], change: Change) -> Result<Vec<u8>, FixError> {
    let document = Document::read(content);
    let edits = fix::byte_edits(content, document.root().unwrap(), &Fix::safe("test", change))?;
    fix::apply(content, &edits)
}

fn text(change: Change) -> String {
    String::from_utf8(mended(FILE.as_bytes(), change).unwrap()).unwrap()
}

fn expect(change: Change, old: &str, new: &str) {
    assert_eq!(FILE.matches(old).count(), 1, "{old}");
    let expected = FILE.replace(old, new);
    assert_eq!(text(change.clone()), expected);
    // The same in Windows line ends, in UTF-16 and in Latin-1.
    let crlf = FILE.replace('\n', "\r\n");
    let wanted = expected.replace('\n', "\r\n");
    assert_eq!(String::from_utf8(mended(crlf.as_bytes(), change.clone()).unwrap()).unwrap(), wanted);
    for big in [false, true] {
        let wide = |text: &str| -> Vec<u8> {
            let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
            units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        assert_eq!(mended(&wide(FILE), change.clone()).unwrap(), wide(&expected));
    }
    let latin = |text: &str| -> Vec<u8> {
        let text = text.replace("?xml version=\"1.0\"", "?xml version=\"1.0\" encoding=\"ISO-8859-1\"");
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
    };
    assert_eq!(mended(&latin(FILE), change).unwrap(), latin(&expected));
}

#[test]
fn a_value_is_replaced() {
    expect(
        Change::Replace { path: path(&["B"]), value: Value::from(true) },
        "<integer>1</integer>",
        "<true/>",
    );
    expect(
        Change::Replace { path: path(&["C", "1"]), value: "<z>".into() },
        "<string>y</string>",
        "<string>&lt;z&gt;</string>",
    );
    expect(
        Change::Replace { path: path(&["D"]), value: Value::dict([("k", Value::from(5))]) },
        "  <dict/>\n",
        "  <dict>\n  \t<key>k</key>\n  \t<integer>5</integer>\n  </dict>\n",
    );
}

#[test]
fn a_key_or_an_element_is_removed_with_its_lines() {
    expect(Change::Remove { path: path(&["A"]) }, "  <key>A</key>\n  <string>ä</string>\n", "");
    expect(Change::Remove { path: path(&["B"]) }, "  <key>B</key> <integer>1</integer>\n", "");
    expect(Change::Remove { path: path(&["C", "0"]) }, "    <string>x</string>\n", "");
}

#[test]
fn a_key_is_renamed_inserted_and_moved() {
    expect(Change::Rename { path: path(&["A"]), name: "A&B".into() }, "<key>A</key>", "<key>A&amp;B</key>");
    expect(
        Change::Insert { path: path(&[]), key: "E".into(), value: "new".into() },
        "  <dict/>\n",
        "  <dict/>\n  <key>E</key>\n  <string>new</string>\n",
    );
    expect(
        Change::Insert { path: path(&["D"]), key: "E".into(), value: 1.into() },
        "  <dict/>\n",
        "  <dict>\n  \t<key>E</key>\n  \t<integer>1</integer>\n  </dict>\n",
    );
    let moved = text(Change::Move { path: path(&["A"]), to: path(&["D"]) });
    let expected = FILE
        .replace("  <key>A</key>\n  <string>ä</string>\n", "")
        .replace("  <dict/>\n", "  <dict>\n  \t<key>A</key>\n  \t<string>ä</string>\n  </dict>\n");
    assert_eq!(moved, expected);
}

#[test]
fn a_value_is_wrapped() {
    expect(Change::Wrap { path: path(&["D"]) }, "<dict/>", "<array><dict/></array>");
}

#[test]
fn what_is_not_there_is_told() {
    let gone = mended(FILE.as_bytes(), Change::Remove { path: path(&["C", "7"]) });
    assert_eq!(gone, Err(FixError::Gone("C[7]".into())));
    let wrong =
        mended(FILE.as_bytes(), Change::Insert { path: path(&["A"]), key: "x".into(), value: 1.into() });
    assert!(matches!(wrong, Err(FixError::Gone(_))), "{wrong:?}");
    let document = Document::read(FILE.as_bytes());
    let both = Fix::safe("test", Change::Remove { path: path(&["C"]) })
        .and(Change::Replace { path: path(&["C", "0"]), value: "z".into() });
    assert_eq!(fix::byte_edits(FILE.as_bytes(), document.root().unwrap(), &both), Err(FixError::Overlap));
}

/// What the rules' own fixtures show of each fix is in `rules.rs`; here whole files.
#[test]
fn mending_a_sound_profile_only_ever_makes_it_better() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/bases");
    let mut tried = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let content = std::fs::read(entry.unwrap().path()).unwrap();
        let before = adit_profile::check(&content);
        let mended = fix::mend(&content, &Limits::default(), &Options::default(), Safety::Safe);
        let after = adit_profile::check(&mended.content);
        assert!(after.diagnostics.len() + mended.applied.len() <= before.diagnostics.len());
        if mended.applied.is_empty() {
            assert_eq!(mended.content, content, "a file without a fix stays as it is");
        }
        tried += 1;
    }
    assert!(tried > 0);
}

#[test]
fn a_binary_file_is_mended_by_writing_it_anew() {
    let profile = Value::dict([
        ("PayloadType", Value::from("Configuration")),
        (
            "PayloadContent",
            Value::Array(vec![Value::dict([
                ("PayloadType", Value::from("com.apple.vpn.managed")),
                ("VPNType", Value::from("ikev2")),
            ])]),
        ),
    ]);
    let content = build::to_binary(&profile).unwrap();
    let mended = fix::mend(&content, &Limits::default(), &Options::default(), Safety::Unsafe);
    let document = Document::read(&mended.content);
    assert!(document.root().is_some() && mended.content.starts_with(b"bplist00"));
}
