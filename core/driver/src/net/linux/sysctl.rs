//! Kernel settings a tunnel needs.
//!
//! Owns two: the reverse path filter, which when strict drops what comes from the server, because the route
//! back to it leads into the tunnel; and IPv6 on the interface, without the link-local address the kernel
//! would make up (nobody at the far end knows it).

use std::fs;
use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

const CONF4: &str = "/proc/sys/net/ipv4/conf";
const CONF6: &str = "/proc/sys/net/ipv6/conf";

/// A setting to be changed, and what it was.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Setting {
    path: PathBuf,
    before: String,
    after: String,
}

impl Setting {
    pub(super) fn set(&self) -> io::Result<()> {
        fs::write(&self.path, &self.after)
    }

    /// Sets it back, unless someone else has changed it since.
    pub(super) fn restore(&self) -> io::Result<()> {
        match fs::read_to_string(&self.path) {
            Ok(now) if now.trim() == self.after => fs::write(&self.path, &self.before),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// `all.rp_filter = 2` (loose) if any interface is filtered strictly (RFC 3704 2.4): what counts for an
/// interface is the larger of its own value and that of `all`.
pub(super) fn loose_reverse_path() -> Option<Setting> {
    let value = |path: PathBuf| fs::read_to_string(path).ok()?.trim().parse::<u8>().ok();
    let all = PathBuf::from(CONF4).join("all/rp_filter");
    let before = value(all.clone())?;
    let interfaces = fs::read_dir(CONF4).ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let strict = interfaces.filter_map(|path| value(path.join("rp_filter"))).any(|own| own.max(before) == 1);
    strict.then(|| Setting { path: all, before: before.to_string(), after: "2".to_owned() })
}

/// Turns IPv6 on for the interface if the tunnel has an IPv6 address, else off. Not undone: it goes with
/// the interface. False if this kernel has no IPv6.
pub(super) fn prepare_ipv6(interface: &str, wanted: bool) -> io::Result<bool> {
    let folder = PathBuf::from(CONF6).join(interface);
    if !folder.exists() {
        return Ok(false);
    }
    // 1: no address of the kernel's own making.
    let _ = fs::write(folder.join("addr_gen_mode"), "1");
    fs::write(folder.join("disable_ipv6"), if wanted { "0" } else { "1" })?;
    Ok(true)
}
