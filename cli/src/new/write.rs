//! Where the profile goes. It may hold secrets: a new file is for its owner alone.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::arguments::MakeArgs;
use crate::outcome::Failed;
use crate::term;

/// Writes to the output file, else to standard output.
pub fn write(bytes: &[u8], args: &MakeArgs) -> Result<(), Failed> {
    let Some(path) = &args.output else {
        let mut out = std::io::stdout().lock();
        return match out.write_all(bytes).and_then(|()| out.flush()) {
            // A reader that has gone away is no error: `adit new .. | head`.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failed::task(error)),
            _ => Ok(()),
        };
    };
    if args.force { replace(path, bytes) } else { create(path, bytes) }.map_err(|error| {
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            Failed::usage(format!("{} exists already; --force replaces it", path.display()))
        } else {
            Failed::task(format!("cannot write {}: {error}", path.display()))
        }
    })?;
    term::note(&format!("wrote {}", path.display()));
    Ok(())
}

fn create(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}

/// The old file stays whole until the new one is.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let name = path.file_name().ok_or(std::io::ErrorKind::InvalidFilename)?;
    let mut beside = std::ffi::OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(beside);
    let result = create(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    if result.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    result
}
