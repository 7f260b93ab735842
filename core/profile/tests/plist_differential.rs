//! Changed property lists, read here and by the `plist` crate.
//!
//! Where the two differ, CoreFoundation decides (`examples/differential.rs` asks it): what only `plist` refuses is told as a
//! warning here, what only we refuse is a fault for which CoreFoundation refuses the file, too, and what both take has the
//! same values. `ADIT_PLIST_MUTATIONS=60000 cargo test -p adit-profile --test plist_differential -- --nocapture` runs more of
//! them; the files on which the two differ are then written to `target/plist-differential`, for CoreFoundation to be asked.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;
#[path = "common/mutation.rs"]
mod mutation;
#[path = "common/same.rs"]
mod same;

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use adit_profile::syntax::{Node, Value};
use adit_profile::{Diagnostic, Document, Severity, check};
use mutation::Random;

/// What CoreFoundation refuses and `plist` takes: the beginnings of our messages. All were confirmed with CoreFoundation of
/// Swift 6.0.3 (Debian 13) on 60,000 changed files.
const REFUSED_BY_COREFOUNDATION: &[&str] = &[
    // `plist` steps over what XML allows between elements and property lists do not.
    "CDATA outside <string> or <key>",
    "a comment inside the text of an element",
    "`<!` inside the text of an element",
    "a declaration inside the property list",
    "a declaration that is no comment and no document type",
    "a document type with declarations of its own",
    "text before the first tag",
    "text inside <",
    "not a configuration profile",
    "a tag that is no property list element",
    "a second value inside <plist>",
    "a value without a key inside <dict>",
    // It closes elements by its own lights.
    "</",
    "`<` inside <",
    "the file ends before </plist>",
    "<true> that is not empty",
    "<false> that is not empty",
    // It takes other values.
    "`&` that begins no entity Apple's parser knows",
    "the XML declaration names an encoding that is not read",
    "<integer> without digits",
    "<data/> without a value",
    "<integer> holds",
    "<real>",
    "<date>",
    "<key> holds bytes that are not UTF-8",
    "a comment that never ends",
    "a tag that never ends",
    // In binary lists it looks at less.
    "an archiver reference of more than 32 bits",
    "an empty string marked as UTF-16",
    "an object that runs past the object area",
    "an object with a broken length",
    "an object outside of the object area",
    "an object of an unknown kind",
    "the number of objects does not fit the offset table",
    "the offset table is not inside the file",
    "the top object",
    "references or offsets too small",
    "a real number of a wrong length",
    // It finds the profile in a template by chance.
    "the file is a template",
];

/// What is our own judgement of a list that CoreFoundation takes.
fn is_our_own(found: &Diagnostic) -> bool {
    found.code.as_str() == "container.duplicate-key" || found.message.contains("a profile is a dictionary")
}

/// The first place at which the values differ, but for what `plist` is known to read otherwise: it leaves CDATA out, keeps
/// parts of a second, reads a length of more bytes than a number has, and lets entities vanish from Base64,
/// and takes a document type up to the end of its quotes.
fn difference(node: &Node, theirs: &plist::Value, known: &Known) -> Option<String> {
    match (&node.value, theirs) {
        _ if known.document_type => None,
        (Value::Dict(dict), plist::Value::Dictionary(expected)) if dict.entries.len() == expected.len() => {
            expected.iter().find_map(|(key, value)| match dict.get(key) {
                Some(node) => difference(node, value, known),
                // A key whose text CDATA is a part of, or with such a length, has another name there.
                None => {
                    (!known.cdata && !known.length).then(|| format!("no key like one at {:?}", node.span))
                }
            })
        }
        (Value::Array(items), plist::Value::Array(expected)) if items.len() == expected.len() => {
            items.iter().zip(expected).find_map(|(node, value)| difference(node, value, known))
        }
        (Value::String(_), plist::Value::String(_)) if known.cdata || known.length => None,
        (Value::Date(date), plist::Value::Date(expected))
            if expected.to_xml_format().get(..19) == date.to_string().get(..19) =>
        {
            None
        }
        (Value::Data(_), plist::Value::Data(_)) if known.base64 => None,
        // One that names no date.
        (Value::Invalid, plist::Value::Date(_)) => None,
        _ => (!same::same(node, theirs))
            .then(|| format!("{:?} {:?} and {theirs:?}", node.span, node.value.describe())),
    }
}

/// What of a file explains other values.
struct Known {
    cdata: bool,
    length: bool,
    base64: bool,
    document_type: bool,
}

#[test]
fn changed_lists_are_read_as_plist_reads_them_or_the_difference_is_known() {
    let Some(shared) = common::shared("changed property lists against the plist crate") else { return };
    let bases = mutation::bases(&shared.join("corpus/profiles"));
    let wanted = mutation::count("ADIT_PLIST_MUTATIONS", 1500);
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../plist-differential");
    let keep = std::env::var_os("ADIT_PLIST_MUTATIONS").is_some();
    if keep {
        let _ = fs::remove_dir_all(&kept);
        fs::create_dir_all(&kept).unwrap();
    }
    let mut random = Random(20_261_121);
    let mut tally: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for number in 0..wanted {
        let file = mutation::list(&bases[random.below(bases.len())], &mut random);
        let theirs = plist::Value::from_reader(Cursor::new(&file));
        let document = Document::read(&file);
        let problems = document.problems().as_slice();
        let error = problems.iter().find(|one| one.severity == Severity::Error);
        let (class, fault) = match (&theirs, error) {
            (Ok(value), None) => {
                let told = |code: &str, message: &str| {
                    problems.iter().any(|one| one.code.as_str() == code && one.message.starts_with(message))
                };
                let known = Known {
                    document_type: ["the document type is not", "something stands after the end"]
                        .iter()
                        .any(|message| told("container.xml-malformed", message)),
                    base64: told("container.bad-base64", ""),
                    cdata: file.windows(9).any(|window| window == b"<![CDATA["),
                    length: told("container.binary-malformed", "a length of more than"),
                };
                ("both", difference(document.root().unwrap(), value, &known))
            }
            (Err(_), Some(_)) => ("neither", None),
            (Ok(_), Some(error)) if is_our_own(error) => ("only plist: our own judgement", None),
            (Ok(_), Some(error)) => {
                let known = REFUSED_BY_COREFOUNDATION.iter().any(|known| error.message.starts_with(known));
                ("only plist", (!known).then(|| error.message.clone()))
            }
            (Err(theirs), None) => {
                let told = !problems.is_empty()
                    || check(&file).diagnostics.iter().any(|one| one.code.as_str() == "template.variable");
                // XML's white space around a number; ours is CoreFoundation's.
                let told = told || theirs.to_string().contains("InvalidIntegerString");
                ("only here", (!told).then(|| format!("nothing is said of what plist refuses: {theirs}")))
            }
        };
        *tally.entry(class).or_default() += 1;
        if keep && class.starts_with("only") && !class.ends_with("judgement") {
            fs::write(kept.join(format!("{}-{number:06}", class.replace(' ', "-"))), &file).unwrap();
        }
        if let Some(fault) = fault {
            wrong.push(format!("{number} ({class}): {fault}"));
        }
    }
    println!("{wanted} changed lists: {tally:?}");
    assert!(wrong.is_empty(), "{} of {wanted}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tally["both"] > wanted / 20, "{tally:?}");
}
