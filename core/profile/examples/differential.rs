//! Compares the readers with CoreFoundation's on mutated profiles: no file that Apple's parser takes may be called malformed,
//! none that it refuses may pass without an error.
//!
//! ```text
//! cargo run --release -p adit-profile --example differential -- ORACLE FOLDER [COUNT] [SEED]
//! ```
//!
//! `ORACLE` is the program made from the shared folder's `scripts/cf-oracle/main.swift` (`swiftc -O main.swift -o cfplist`), or
//! a script that runs it elsewhere; it is given file names and prints `NAME<tab>accepted|refused<tab>...`. `FOLDER` holds
//! the profiles to begin from. Disagreements are kept in `target/differential`; what was learnt of them stands in
//! `tests/differential` as fixtures.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a tool for developers"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use adit_profile::{Diagnostic, Document, Severity, build};

/// Files in one call of the oracle.
const BATCH: usize = 500;

/// A small generator of numbers (SplitMix64): the same seed gives the same files.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or(0)
    }
}

/// Pieces that readers disagree on.
const PIECES: &[&str] = &[
    "<key>",
    "</key>",
    "<string>",
    "</string>",
    "<integer>",
    "</integer>",
    "<real>",
    "</real>",
    "<date>",
    "</date>",
    "<data>",
    "</data>",
    "<true/>",
    "<false/>",
    "<true></true>",
    "<true>x</true>",
    "<dict>",
    "</dict>",
    "<dict/>",
    "<array>",
    "</array>",
    "<array/>",
    "<plist>",
    "</plist>",
    "<key/>",
    "<string/>",
    "<integer/>",
    "<data/>",
    "<!-- c -->",
    "<!--",
    "-->",
    "<![CDATA[x]]>",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&",
    "&lt;",
    "&#65;",
    "&#x41;",
    "&#0;",
    "&foo;",
    "<?pi?>",
    "<?",
    "<!DOCTYPE plist>",
    "<!DOCTYPE plist [<!ENTITY a \"b\">]>",
    "<integer>0x1F</integer>",
    "<integer>-1</integer>",
    "<integer>+1</integer>",
    "<integer> 1 </integer>",
    "<integer>1.5</integer>",
    "<integer>99999999999999999999</integer>",
    "<real>nan</real>",
    "<real>1e5</real>",
    "<real>+inf</real>",
    "<date>2020-01-01T00:00:00Z</date>",
    "<date>2020-13-45T99:99:99Z</date>",
    "<date>2020-01-01</date>",
    "<data>AAAA</data>",
    "<data>A</data>",
    "<data>=</data>",
    "<data>!!</data>",
    "<foo/>",
    "<STRING>x</STRING>",
    "<string a=\"b\">x</string>",
    "<string >x</string >",
    "\u{feff}",
    "\0",
    "\u{1}",
    "\r",
    "ä",
    "]",
    " ",
    "\n",
    "x",
];

fn mutate(base: &[u8], random: &mut Random) -> Vec<u8> {
    let mut file = base.to_vec();
    // Mostly one change: what is broken twice is refused by everybody.
    for _ in 0..1 + random.below(8) / 6 {
        let at = random.below(file.len() + 1);
        match random.below(9) {
            0 if !file.is_empty() => {
                let at = at.min(file.len() - 1);
                file[at] ^= 1 << random.below(8);
            }
            1 if !file.is_empty() => {
                let at = at.min(file.len() - 1);
                file[at] = u8::try_from(random.below(256)).unwrap();
            }
            2 => {
                let end = (at + random.below(40)).min(file.len());
                file.drain(at..end);
            }
            3 | 4 => {
                let piece = PIECES[random.below(PIECES.len())].as_bytes();
                file.splice(at..at, piece.iter().copied());
            }
            5 => {
                // An element goes, or another stands in its place.
                let tags: Vec<usize> = (0..file.len()).filter(|at| file[*at] == b'<').collect();
                if !tags.is_empty() {
                    let start = tags[random.below(tags.len())];
                    let end = file[start..]
                        .iter()
                        .position(|byte| *byte == b'>')
                        .map_or(file.len(), |end| start + end + 1);
                    let piece = if random.below(2) == 0 { "" } else { PIECES[random.below(PIECES.len())] };
                    file.splice(start..end, piece.bytes());
                }
            }
            6 => {
                let end = (at + random.below(200)).min(file.len());
                let copy = file[at..end].to_vec();
                let to = random.below(file.len() + 1);
                file.splice(to..to, copy);
            }
            7 => file.truncate(at),
            _ => {
                // The text of an element.
                let ends: Vec<usize> = (0..file.len()).filter(|at| file[*at] == b'>').collect();
                if !ends.is_empty() {
                    let at = ends[random.below(ends.len())] + 1;
                    let piece = PIECES[random.below(PIECES.len())].as_bytes();
                    file.splice(at..at, piece.iter().copied());
                }
            }
        }
    }
    file
}

/// The profiles of a folder, each as it is and in binary.
fn bases(folder: &Path) -> Vec<Vec<u8>> {
    let mut bases = Vec::new();
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let Ok(file) = fs::read(&path) else { continue };
        let document = Document::read(&file);
        let content = document.content(&file).to_vec();
        if content.len() > 20_000 || document.root().is_none() {
            continue;
        }
        if let Some(binary) =
            document.root().and_then(build::Value::of).and_then(|tree| build::to_binary(&tree).ok())
        {
            bases.push(binary.to_vec());
        }
        bases.push(content);
    }
    bases
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [oracle, folder, rest @ ..] = args.as_slice() else {
        panic!("usage: differential ORACLE FOLDER [COUNT] [SEED]");
    };
    let count: usize = rest.first().map_or(20_000, |count| count.parse().unwrap());
    let seed: u64 = rest.get(1).map_or(1, |seed| seed.parse().unwrap());
    let bases = bases(Path::new(folder));
    assert!(!bases.is_empty(), "no profiles in {folder}");
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
            let file = mutate(base, &mut random);
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
