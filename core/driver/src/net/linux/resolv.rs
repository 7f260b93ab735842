//! `/etc/resolv.conf`, for hosts without systemd-resolved.
//!
//! Owns replacing it and putting it back, byte for byte, link for link (resolv.conf(5)). Replaced by
//! renaming, so that no program ever reads half a file; where it is a mount point of its own (containers,
//! `ip netns exec`) by writing into it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// Bytes of a resolv.conf at most; a larger one is left alone.
const MAX_FILE: u64 = 256 << 10;

/// glibc reads this many name servers (resolv.h, MAXNS).
const MAX_SERVERS: usize = 3;

/// The file as it was and as we made it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Backup {
    path: PathBuf,
    original: Original,
    written: Vec<u8>,
    /// What we had written before: a crash may leave it in place of `written`.
    #[serde(default)]
    earlier: Option<Vec<u8>>,
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
enum Original {
    Absent,
    Link { target: PathBuf },
    File { bytes: Vec<u8>, mode: u32, owner: u32, group: u32, modified: Option<Duration> },
}

/// The text of a resolv.conf. Domains have been checked to hold no line break.
pub(super) fn text(interface: &str, servers: &[std::net::IpAddr], search: &[String]) -> Vec<u8> {
    let mut text =
        format!("# Written by adit while {interface} is up; the old file comes back afterwards.\n");
    for server in servers.iter().take(MAX_SERVERS) {
        text.push_str(&format!("nameserver {server}\n"));
    }
    if !search.is_empty() {
        text.push_str(&format!("search {}\n", search.join(" ")));
    }
    text.into_bytes()
}

impl Backup {
    /// Notes what is at `path`, to be replaced by `written`.
    pub(super) fn take(path: &Path, written: Vec<u8>) -> io::Result<Self> {
        let mut path = path.to_owned();
        let metadata = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path, original: Original::Absent, written, earlier: None });
            }
            metadata => metadata?,
        };
        if metadata.is_symlink() {
            // A mount over the link's target is what this process should change, not the link, which
            // processes outside its mount namespace see too.
            match fs::canonicalize(&path) {
                Ok(target) if is_mount_point(&target) => path = target,
                _ => {
                    let target = fs::read_link(&path)?;
                    return Ok(Self { path, original: Original::Link { target }, written, earlier: None });
                }
            }
        }
        let metadata = fs::metadata(&path)?;
        if !metadata.is_file() || metadata.len() > MAX_FILE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not an ordinary small file"));
        }
        let original = Original::File {
            bytes: fs::read(&path)?,
            mode: metadata.mode() & 0o7777,
            owner: metadata.uid(),
            group: metadata.gid(),
            modified: metadata.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok()),
        };
        Ok(Self { path, original, written, earlier: None })
    }

    /// The same original, to be replaced by other text than so far.
    pub(super) fn rewritten(&self, written: Vec<u8>) -> Self {
        Self { written, earlier: Some(self.written.clone()), ..self.clone() }
    }

    /// Puts our file in place.
    pub(super) fn replace(&self) -> io::Result<()> {
        if is_mount_point(&self.path) {
            return write_into(&self.path, &self.written);
        }
        let temporary = self.temporary();
        let file = create(&temporary, &self.written)?;
        if let Original::File { mode, owner, group, .. } = self.original {
            dress(&file, mode, owner, group);
        }
        fs::rename(&temporary, &self.path).inspect_err(|_| {
            let _ = fs::remove_file(&temporary);
        })
    }

    /// Puts the original back. `Ok(false)` if the file is no longer ours: someone else (a DHCP client) has
    /// written it since, and knows better than our backup.
    pub(super) fn restore(&self) -> io::Result<bool> {
        let _ = fs::remove_file(self.temporary());
        if !self.is_ours() {
            return Ok(false);
        }
        match &self.original {
            Original::Absent => match fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            },
            Original::Link { target } => {
                let temporary = self.temporary();
                symlink(target, &temporary)?;
                fs::rename(&temporary, &self.path)?;
            }
            Original::File { bytes, mode, owner, group, modified } => {
                if is_mount_point(&self.path) {
                    write_into(&self.path, bytes)?;
                } else {
                    let temporary = self.temporary();
                    let file = create(&temporary, bytes)?;
                    dress(&file, *mode, *owner, *group);
                    if let Some(modified) = modified {
                        let _ = file.set_modified(SystemTime::UNIX_EPOCH + *modified);
                    }
                    fs::rename(&temporary, &self.path)?;
                }
            }
        }
        Ok(true)
    }

    /// True if `text` is what this backup's owner wrote.
    pub(super) fn wrote(&self, text: &[u8]) -> bool {
        self.written == text
    }

    /// True if `path` holds what this backup's owner wrote.
    pub(super) fn is_in_place(&self, path: &Path) -> bool {
        fs::read(path).is_ok_and(|now| now == self.written)
    }

    /// True if the file holds what we wrote, or the part of it, or of the original, that a crash in the
    /// middle of writing into a mount leaves.
    fn is_ours(&self) -> bool {
        match fs::symlink_metadata(&self.path) {
            Err(_) => return false,
            Ok(metadata) if metadata.is_symlink() => return false,
            Ok(_) => {}
        }
        let Ok(now) = fs::read(&self.path) else { return false };
        let started = |whole: &[u8]| whole.starts_with(&now);
        now == self.written
            || self.earlier.as_ref() == Some(&now)
            || is_mount_point(&self.path)
                && (started(&self.written)
                    || matches!(&self.original, Original::File { bytes, .. } if started(bytes)))
    }

    /// Beside the file, so that renaming stays within one file system.
    fn temporary(&self) -> PathBuf {
        let mut name = std::ffi::OsString::from(".");
        name.push(self.path.file_name().unwrap_or_default());
        name.push(".adit");
        self.path.with_file_name(name)
    }
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let _ = fs::remove_file(path);
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o644).open(path)?;
    file.write_all(bytes)?;
    // The mode given at creation is cut by the umask; every program must be able to read this file.
    file.set_permissions(fs::Permissions::from_mode(0o644))?;
    file.sync_all()?;
    Ok(file)
}

fn write_into(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).truncate(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a file its owner and mode; file systems that know neither are no reason to fail.
fn dress(file: &File, mode: u32, owner: u32, group: u32) {
    let _ = fchown(file, Some(owner), Some(group));
    let _ = file.set_permissions(fs::Permissions::from_mode(mode));
}

/// True if something is mounted at `path` itself. `/proc/self/mountinfo` writes blanks in octal.
fn is_mount_point(path: &Path) -> bool {
    let Ok(mounts) = fs::read("/proc/thread-self/mountinfo") else { return false };
    let escaped: Vec<u8> = path
        .as_os_str()
        .as_bytes()
        .iter()
        .flat_map(|byte| match byte {
            b' ' | b'\t' | b'\n' | b'\\' => format!("\\{byte:03o}").into_bytes(),
            byte => vec![*byte],
        })
        .collect();
    mounts
        .split(|byte| *byte == b'\n')
        .any(|line| line.split(|byte| *byte == b' ').nth(4).is_some_and(|mount| mount == escaped.as_slice()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::path::PathBuf;

    use super::{Backup, is_mount_point, text};

    fn folder(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("adit-resolv-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    #[test]
    fn file_comes_back_with_bytes_mode_and_time() {
        let folder = folder("file");
        let path = folder.join("resolv.conf");
        fs::write(&path, b"nameserver 192.0.2.1\n# \xff not UTF-8\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let before = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap());
        let backup = Backup::take(&path, b"ours\n".to_vec()).unwrap();
        backup.replace().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"ours\n");
        assert!(backup.is_in_place(&path));
        let stored = serde_json::to_vec(&backup).unwrap();
        let backup: Backup = serde_json::from_slice(&stored).unwrap();
        assert!(backup.restore().unwrap());
        let after = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap());
        assert_eq!(after.0, before.0);
        assert_eq!((after.1.mode(), after.1.mtime()), (before.1.mode(), before.1.mtime()));
        // Again, as recovery after a crash during recovery would.
        assert!(!backup.restore().unwrap());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn link_comes_back_as_a_link_and_its_target_is_not_touched() {
        let folder = folder("link");
        let (path, target) = (folder.join("resolv.conf"), folder.join("stub.conf"));
        fs::write(&target, "stub").unwrap();
        symlink("stub.conf", &path).unwrap();
        let backup = Backup::take(&path, b"ours".to_vec()).unwrap();
        backup.replace().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"ours");
        assert_eq!(fs::read(&target).unwrap(), b"stub");
        assert!(backup.restore().unwrap());
        assert_eq!(fs::read_link(&path).unwrap(), PathBuf::from("stub.conf"));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn missing_file_is_missing_again_and_a_dangling_link_dangles() {
        let folder = folder("missing");
        let path = folder.join("resolv.conf");
        let backup = Backup::take(&path, b"ours".to_vec()).unwrap();
        backup.replace().unwrap();
        assert!(backup.restore().unwrap());
        assert!(!path.exists());
        symlink("nowhere", &path).unwrap();
        let backup = Backup::take(&path, b"ours".to_vec()).unwrap();
        backup.replace().unwrap();
        assert!(backup.restore().unwrap());
        assert_eq!(fs::read_link(&path).unwrap(), PathBuf::from("nowhere"));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_another_program_wrote_meanwhile_stays() {
        let folder = folder("other");
        let path = folder.join("resolv.conf");
        fs::write(&path, "old").unwrap();
        let backup = Backup::take(&path, b"ours".to_vec()).unwrap();
        // A crash between the journal and the change: nothing to undo.
        assert!(!backup.restore().unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        backup.replace().unwrap();
        fs::write(&path, "from DHCP").unwrap();
        assert!(!backup.restore().unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"from DHCP");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn rewritten_it_brings_back_the_first_original_also_from_before_the_rewriting() {
        let folder = folder("rewritten");
        let path = folder.join("resolv.conf");
        fs::write(&path, "old").unwrap();
        let first = Backup::take(&path, b"ours".to_vec()).unwrap();
        first.replace().unwrap();
        let second = first.rewritten(b"ours, too".to_vec());
        // A crash between the journal and the change.
        assert!(second.restore().unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        first.replace().unwrap();
        second.replace().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"ours, too");
        assert!(second.restore().unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn text_has_three_servers_at_most() {
        let servers: Vec<std::net::IpAddr> = ["10.0.0.1", "fd00::1", "10.0.0.3", "10.0.0.4"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let text = String::from_utf8(text("tun0", &servers, &["a.test".into(), "b.test".into()])).unwrap();
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            ["nameserver 10.0.0.1", "nameserver fd00::1", "nameserver 10.0.0.3", "search a.test b.test"]
        );
    }

    #[test]
    fn mount_points_are_recognised() {
        assert!(is_mount_point("/proc".as_ref()));
        assert!(!is_mount_point("/proc/self".as_ref()));
    }
}
