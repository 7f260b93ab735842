//! What was changed on the host, written down before it is changed.
//!
//! Owns [`Journal`], its file, and the lock that tells a live owner from a dead one: the lock goes with the
//! process, however it ends. The file lies on disk, not in `/run`: a replaced resolv.conf outlives a power
//! failure, so its backup must.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::resolv::Backup;
use super::rules::Rule;
use super::sysctl::Setting;
use crate::net::IpPrefix;

/// Bytes of a journal at most; more is not ours.
const MAX_JOURNAL: u64 = 1 << 20;

/// Everything needed to undo.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Journal {
    /// The kernel's boot: after another one only files are left to undo.
    pub(super) boot: String,
    /// The network namespace: rules and settings exist in this one only.
    pub(super) namespace: u64,
    pub(super) interface: String,
    pub(super) index: u32,
    pub(super) mark: u32,
    pub(super) table: u32,
    pub(super) addresses: Vec<IpPrefix>,
    pub(super) routes: Vec<IpPrefix>,
    pub(super) rules: Vec<Rule>,
    /// Shared with other tunnels; in the order they were made.
    pub(super) settings: Vec<Setting>,
    /// systemd-resolved was told about the interface.
    pub(super) resolved: bool,
    pub(super) resolv: Option<Backup>,
}

/// A journal's place, locked for as long as this lives.
#[derive(Debug)]
pub(super) struct Slot {
    path: PathBuf,
    lock_path: PathBuf,
    _lock: File,
}

impl Journal {
    /// True if its kernel settings, rules and addresses are those of the kernel and the network namespace this
    /// thread sees.
    pub(super) fn is_of_here(&self) -> bool {
        boot().is_ok_and(|boot| boot == self.boot)
            && namespace().is_ok_and(|namespace| namespace == self.namespace)
    }
}

impl Slot {
    /// The slot of `interface` in this network namespace. Makes `folder` if need be. `None` if a live
    /// process holds it.
    pub(super) fn open(folder: &Path, interface: &str) -> io::Result<Option<Self>> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        Self::lock(folder.join(format!("{interface}@{}.json", namespace()?)))
    }

    /// Slots in `folder` that hold a journal nobody alive owns. A folder that does not exist has none.
    pub(super) fn abandoned(folder: &Path) -> io::Result<Vec<Self>> {
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        let mut slots = Vec::new();
        for path in paths {
            slots.extend(Self::lock(path)?);
        }
        Ok(slots)
    }

    fn lock(path: PathBuf) -> io::Result<Option<Self>> {
        let lock_path = path.with_extension("lock");
        loop {
            let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&lock_path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // Its last owner may have removed the file between our opening and locking it: then the lock
            // is on a file nobody else will find.
            let found = fs::metadata(&lock_path).map(|found| found.ino());
            if found.is_ok_and(|found| file.metadata().is_ok_and(|ours| ours.ino() == found)) {
                return Ok(Some(Self { path, lock_path, _lock: file }));
            }
        }
    }

    /// The journal in the slot, if there is one. One that cannot be read is an error.
    pub(super) fn read(&self) -> io::Result<Option<Journal>> {
        let metadata = match fs::metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            metadata => metadata?,
        };
        if metadata.len() > MAX_JOURNAL {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "too large to be a journal"));
        }
        let bytes = fs::read(&self.path)?;
        serde_json::from_slice(&bytes).map(Some).map_err(io::Error::from)
    }

    /// Writes the journal so that a crash at any moment leaves the old one or the new one.
    pub(super) fn write(&self, journal: &Journal) -> io::Result<()> {
        let temporary = self.path.with_extension("new");
        let mut file =
            OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&temporary)?;
        file.write_all(&serde_json::to_vec(journal)?)?;
        file.sync_all()?;
        fs::rename(&temporary, &self.path)?;
        if let Some(folder) = self.path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Held while kernel settings are changed or put back: tunnels share those.
    pub(super) fn lock_folder(&self) -> io::Result<File> {
        let folder = File::open(self.path.parent().unwrap_or(Path::new(".")))?;
        folder.lock()?;
        Ok(folder)
    }

    /// Removes the journal: there is nothing left to undo.
    pub(super) fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // While still locked: a waiting opener then notices and opens a new one.
        let _ = fs::remove_file(&self.lock_path);
        Ok(())
    }

    /// The readable journals beside this one, of live processes and of dead ones.
    pub(super) fn others(&self) -> Vec<Journal> {
        let entries = self.path.parent().and_then(|folder| fs::read_dir(folder).ok());
        let paths = entries.into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
        let others = paths.filter(|path| {
            *path != self.path && path.extension().is_some_and(|extension| extension == "json")
        });
        others.filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok()).collect()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// A number for this boot of the kernel.
pub(super) fn boot() -> io::Result<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned())
}

/// A number for the network namespace of this thread.
pub(super) fn namespace() -> io::Result<u64> {
    fs::metadata("/proc/thread-self/ns/net").map(|metadata| metadata.ino())
}
