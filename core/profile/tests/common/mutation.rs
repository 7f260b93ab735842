//! Changed files for the tests that ask another reader: the same seed gives the same files.

#![allow(dead_code, reason = "each suite uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use adit_profile::{Document, build};

/// A small generator of numbers (SplitMix64).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or(0)
    }
}

/// How often something is done: the number in an environment variable, or the one given.
pub fn count(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |count| count.parse().unwrap())
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

/// A property list with a change or two, such as readers disagree on.
pub fn list(base: &[u8], random: &mut Random) -> Vec<u8> {
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

/// Any file with a byte or two changed, put in, taken out or moved.
pub fn bytes(base: &[u8], random: &mut Random) -> Vec<u8> {
    let mut file = base.to_vec();
    for _ in 0..=random.below(2) {
        let at = random.below(file.len());
        match random.below(6) {
            0 | 1 => file[at] ^= 1 << random.below(8),
            2 => file[at] = random.next().to_le_bytes()[0],
            3 => {
                file.remove(at);
            }
            4 => file.insert(at, random.next().to_le_bytes()[0]),
            _ => {
                let other = random.below(file.len());
                file.swap(at, other);
            }
        }
    }
    file
}

/// The profiles of a folder, each as it is and in binary.
pub fn bases(folder: &Path) -> Vec<Vec<u8>> {
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
    assert!(!bases.is_empty(), "no profiles in {}", folder.display());
    bases
}
