//! Fetching what a description only names: files, and secrets that a person types.

use std::path::{Path, PathBuf};

use crate::input;
use crate::outcome::Failed;
use adit_driver::terminal;
use adit_profile::Secret;
use adit_profile::build::{Source, Spec, Wanted};

/// Fetches all of it; files are relative to `folder`.
pub fn fetch(spec: &mut Spec, folder: &Path) -> Result<(), Failed> {
    spec.resolve(|wanted| match wanted.source {
        Source::Person => {
            let prompt = format!("{}: ", wanted.field);
            terminal::read_password(&prompt)
                .map(|text| Secret::new(text.as_bytes().to_vec()))
                .map_err(Failed::usage)
        }
        Source::File(name) => read(&wanted, name, folder),
    })
}

fn read(wanted: &Wanted<'_>, name: &str, folder: &Path) -> Result<Secret, Failed> {
    let path = if name == "-" { PathBuf::from("-") } else { folder.join(name) };
    if wanted.is_password && name != "-" {
        let text = terminal::read_password_file(&path);
        let text = text.map_err(|error| Failed::usage(format!("{}: {error}", wanted.field)))?;
        return Ok(Secret::new(text.as_bytes().to_vec()));
    }
    let mut bytes = input::read(&path)?;
    if wanted.is_password {
        cut_line_break(&mut bytes);
        if bytes.is_empty() {
            return Err(Failed::usage(format!("{}: nothing came from standard input", wanted.field)));
        }
    }
    Ok(Secret::from(bytes))
}

fn cut_line_break(bytes: &mut Vec<u8>) {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
}
