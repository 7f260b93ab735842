//! Writing result files: nothing is overwritten unasked, and nobody sees half a file.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::outcome::Failed;

/// Writes `bytes` to `path`, or to standard output for `-`. A new file is readable for its owner only: profiles hold
/// passwords. An existing one is replaced in one step, and only with `force`.
pub fn write(path: &Path, bytes: &[u8], force: bool) -> Result<(), Failed> {
    if path == Path::new("-") {
        let mut out = std::io::stdout();
        return match out.write_all(bytes).and_then(|()| out.flush()) {
            // A reader that has gone away is no error: `adit show .. | head`.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(cannot(path, &error)),
            _ => Ok(()),
        };
    }
    if !force {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let written = file.and_then(|mut file| file.write_all(bytes));
        return written.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Failed::usage(format!("{} exists; --force replaces it", path.display()))
            }
            _ => cannot(path, &error),
        });
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = Path::new(&temporary);
    let result = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(temporary)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(temporary, path));
    result.map_err(|error| {
        let _ = fs::remove_file(temporary);
        cannot(path, &error)
    })
}

fn cannot(path: &Path, error: &std::io::Error) -> Failed {
    Failed::task(format!("cannot write {}: {error}", path.display()))
}
