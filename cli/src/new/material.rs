//! Fetching what a description only names: files, and secrets that a person types.

use std::io::Read;
use std::path::Path;

use adit_driver::terminal;
use adit_profile::Secret;
use adit_profile::build::{Source, Spec, Wanted};
use zeroize::Zeroizing;

use crate::outcome::Failed;

/// Bytes of a file at most.
const LARGEST: u64 = 16 * 1024 * 1024;

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
    let field = wanted.field;
    let refuse = |error: &dyn std::fmt::Display| Failed::usage(format!("{field}: {error}"));
    if name == "-" {
        let mut bytes = bounded(&mut std::io::stdin().lock()).map_err(|error| refuse(&error))?;
        if wanted.is_password {
            cut_line_break(&mut bytes);
        }
        return Ok(Secret::from(bytes));
    }
    let path = folder.join(name);
    if wanted.is_password {
        let text = terminal::read_password_file(&path).map_err(|error| refuse(&error))?;
        return Ok(Secret::new(text.as_bytes().to_vec()));
    }
    let file = std::fs::File::open(&path).and_then(|mut file| bounded(&mut file));
    file.map(Secret::from).map_err(|error| refuse(&format!("cannot read {}: {error}", path.display())))
}

fn bounded(from: &mut impl Read) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::other("larger than 16 MiB"));
    }
    Ok(bytes)
}

fn cut_line_break(bytes: &mut Vec<u8>) {
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
    }
}
