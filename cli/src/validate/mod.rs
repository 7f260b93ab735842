//! `adit validate`: what is wrong with profiles, where and why.

mod json;
mod text;

use std::io::Read;
use std::path::{Path, PathBuf};

use adit_profile::{Document, Report, Span, Verdict, check};
use serde_json::json;
use zeroize::Zeroizing;

use crate::args::{Format, ValidateArgs};
use crate::outcome::Failed;
use crate::term;

/// A file and what is to be said of it.
struct Judged {
    name: String,
    /// What the report's spans count in: the file, or the profile inside a signed one.
    content: Zeroizing<Vec<u8>>,
    /// Where secrets stand in it, so that no excerpt shows them.
    secrets: Vec<Span>,
    report: Report,
}

impl Judged {
    fn new(name: String, file: &[u8]) -> Self {
        let document = Document::read(file);
        let content = Zeroizing::new(document.content(file).to_vec());
        Self { name, content, secrets: document.secret_spans(), report: check(file) }
    }
}

/// Runs the command.
pub fn run(args: &ValidateArgs) -> Result<(), Failed> {
    let mut files = Vec::new();
    let (mut unreadable, mut refused) = (0_usize, 0_usize);
    for path in &args.files {
        match read(path) {
            Ok(bytes) => {
                let judged = Judged::new(name(path), &bytes);
                match judged.report.verdict() {
                    Verdict::Accepted => {}
                    Verdict::Refused => refused += 1,
                    Verdict::NotRead => unreadable += 1,
                }
                match args.format {
                    Format::Text => term::line(&text::render(&judged)),
                    Format::Json => files.push(json::file(&judged)),
                }
            }
            Err(error) => {
                unreadable += 1;
                match args.format {
                    Format::Text => term::error(&format!("cannot read {}: {error}", name(path)), ""),
                    Format::Json => {
                        files.push(json!({"file": name(path), "verdict": "unreadable", "error": error}))
                    }
                }
            }
        }
    }
    if args.format == Format::Json {
        term::line(&json!({"version": 1, "files": files}).to_string());
    }
    if unreadable > 0 {
        Err(Failed::SaidUnreadable)
    } else if refused > 0 {
        Err(Failed::Said)
    } else {
        Ok(())
    }
}

fn name(path: &Path) -> String {
    if path == Path::new("-") { "<stdin>".into() } else { path.display().to_string() }
}

fn read(path: &PathBuf) -> Result<Zeroizing<Vec<u8>>, String> {
    // One byte more than is read at all, so that a file that is too large is told from one that just fits.
    let limit = adit_profile::Limits::default().file_size as u64 + 1;
    let mut bytes = Zeroizing::new(Vec::new());
    let result = if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes))
    };
    result.map(|_| bytes).map_err(|error| error.to_string())
}
