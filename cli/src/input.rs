//! Reading the files that commands are given, no further than the library would.

use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use crate::outcome::Failed;

/// How a file is called in messages.
pub fn name(path: &Path) -> String {
    if path == Path::new("-") { "<stdin>".into() } else { path.display().to_string() }
}

/// Reads a file, or standard input for `-`. Wiped when dropped: profiles and keys are secret.
pub fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failed> {
    bytes(path).map_err(|error| Failed::usage(format!("cannot read {}: {error}", name(path))))
}

/// The same for a caller that goes on with other files.
pub fn bytes(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    // One byte more than is read at all, so that a file that is too large is told from one that just fits.
    let limit = adit_profile::Limits::default().file_size as u64 + 1;
    let mut bytes = Zeroizing::new(Vec::new());
    let result = if path == Path::new("-") {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| {
            // Room for all of it from the start: growing would leave copies that are not wiped.
            let size = file.metadata().map_or(0, |metadata| metadata.len()).min(limit);
            bytes.reserve(usize::try_from(size).unwrap_or(0) + 1);
            file.take(limit).read_to_end(&mut bytes)
        })
    };
    result.map(|_| bytes)
}
