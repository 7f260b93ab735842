//! Compares the readers with CoreFoundation's on mutated profiles: no file that Apple's parser takes may be called malformed,
//! none that it refuses may pass without an error.
//!
//! ```text
//! cargo run --release -p adit-profile --example differential -- ORACLE FOLDER [COUNT] [SEED]
//! ```
//!
//! `ORACLE` is the program made from the shared folder's `scripts/cf-oracle/main.swift` (`swiftc -O main.swift -o cfplist`), or
//! a script that runs it elsewhere; it is given file names and prints `NAME<tab>accepted|refused<tab>...`. `FOLDER` holds
//! the profiles to begin from. What the `plist` crate and `openssl cms` say of such files is asked in
//! `tests/plist_differential.rs` and `tests/cms_differential.rs`. Disagreements are kept in `target/differential`; what was learnt of them stands in
//! `tests/differential` as fixtures.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a tool for developers"
)]

#[path = "../tests/common/mutation.rs"]
mod mutation;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use adit_profile::{Diagnostic, Document, Severity};
use mutation::Random;

/// Files in one call of the oracle.
const BATCH: usize = 500;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [oracle, folder, rest @ ..] = args.as_slice() else {
        panic!("usage: differential ORACLE FOLDER [COUNT] [SEED]");
    };
    let count: usize = rest.first().map_or(20_000, |count| count.parse().unwrap());
    let seed: u64 = rest.get(1).map_or(1, |seed| seed.parse().unwrap());
    let bases = mutation::bases(Path::new(folder));
    let work = PathBuf::from("target/differential");
    let _ = fs::remove_dir_all(&work);
    let (current, kept) = (work.join("current"), work.join("disagreements"));
    fs::create_dir_all(&kept).unwrap();
    let mut random = Random(seed);
    let mut tally: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut disagreements = 0;
    let mut done = 0;
    while done < count {
        let _ = fs::remove_dir_all(&current);
        fs::create_dir_all(&current).unwrap();
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for _ in 0..BATCH.min(count - done) {
            let base = &bases[random.below(bases.len())];
            let file = mutation::list(base, &mut random);
            let name = format!("{done:06}");
            fs::write(current.join(&name), &file).unwrap();
            files.insert(name, file);
            done += 1;
        }
        let paths: Vec<PathBuf> = files.keys().map(|name| current.join(name)).collect();
        let ask = |paths: &[PathBuf]| {
            let output = Command::new(oracle).args(paths).output().unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned()
        };
        let mut said = ask(&paths);
        // CoreFoundation itself falls over some files: the rest are asked for one by one.
        let rest = said.lines().count().min(paths.len());
        for path in &paths[rest..] {
            let one = ask(std::slice::from_ref(path));
            if one.is_empty() {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                fs::copy(path, kept.join(format!("crashed-{name}"))).unwrap();
                said.push_str(&format!("{name}\tcrashed\t\t\n"));
            }
            said.push_str(&one);
        }
        let mut answers = 0;
        for line in said.lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            let Some(file) = columns.first().and_then(|name| files.get(*name)) else { continue };
            answers += 1;
            let openstep = columns.get(2) == Some(&"openstep");
            let theirs = match columns[1] {
                // A device takes no old-style lists as profiles, and a lone string is none.
                "accepted" if openstep => "other",
                "accepted" => "accepted",
                "crashed" => "crashed",
                _ => "refused",
            };
            let document = Document::read(file);
            // That a key stands twice is our own judgement, not one of syntax.
            let is_syntax = |one: &Diagnostic| {
                one.severity == Severity::Error && one.code.as_str() != "container.duplicate-key"
            };
            let errors = document.problems().as_slice().iter().any(is_syntax);
            // That the root is no dictionary is about profiles, not about property lists.
            let only_root = errors
                && document.root().is_some_and(|root| root.as_dict().is_none())
                && document.problems().as_slice().iter().filter(|one| is_syntax(one)).all(|one| {
                    one.code.as_str() == "container.plist-structure"
                        && one.message.contains("a profile is a dictionary")
                });
            let ours = if errors && !only_root { "refused" } else { "accepted" };
            *tally.entry((theirs, ours)).or_default() += 1;
            if matches!(theirs, "accepted" | "refused") && theirs != ours {
                disagreements += 1;
                let name = columns[0];
                fs::write(kept.join(format!("{theirs}-{name}")), file).unwrap();
                if disagreements <= 20 {
                    let first = document.problems().as_slice().iter().find(|one| is_syntax(one));
                    println!(
                        "{name}: CoreFoundation {theirs}, here {ours} {first:?}\n  {}",
                        columns[2..].join(" ")
                    );
                }
            }
        }
        assert_eq!(answers, files.len(), "the oracle answered {answers} of {} files:\n{said}", files.len());
    }
    for ((theirs, ours), count) in &tally {
        println!("CoreFoundation {theirs}, here {ours}: {count}");
    }
    println!("{done} files, {disagreements} disagreements, seed {seed}");
    if disagreements > 0 {
        std::process::exit(1);
    }
}
