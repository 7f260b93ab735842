//! `--keylog DIR`: the session's keys as Wireshark's tables.

use std::collections::BTreeSet;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use adit_ike::keylog::KeyLogLine;

use crate::outcome::Failed;
use crate::term;

/// Tables in a directory that only its owner reads.
pub struct KeyLog {
    dir: PathBuf,
    /// Tables written to so far: they are begun anew in each run.
    begun: BTreeSet<&'static str>,
}

impl KeyLog {
    /// Makes the directory and warns.
    pub fn create(dir: &Path) -> Result<Self, Failed> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)
            .map_err(|error| Failed::usage(format!("cannot make {}: {error}", dir.display())))?;
        term::warn(&format!(
            "the tunnel's keys go to {}: whoever reads them can read its traffic",
            dir.display()
        ));
        Ok(Self { dir: dir.to_owned(), begun: BTreeSet::new() })
    }

    /// Appends a line to its table.
    pub fn write(&mut self, line: &KeyLogLine) {
        let name = line.table.file_name();
        let anew = self.begun.insert(name);
        let result = self.open(name, anew).and_then(|mut file| writeln!(file, "{}", line.line.as_str()));
        if let Err(error) = result {
            term::warn(&format!("cannot write keys to {}: {error}", self.dir.join(name).display()));
        }
    }

    fn open(&self, name: &str, anew: bool) -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        options.create(true).mode(0o600);
        if anew {
            options.write(true).truncate(true)
        } else {
            options.append(true)
        };
        options.open(self.dir.join(name))
    }
}
