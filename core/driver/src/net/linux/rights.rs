//! Whether this process may change the host's network at all (capabilities(7)).

use std::fs;

/// CAP_NET_ADMIN, as a bit of the set that `/proc` shows.
const NET_ADMIN: u64 = 1 << 12;

/// Whether this thread may make interfaces, routes and marked sockets in its network namespace (CAP_NET_ADMIN). True if
/// the system does not tell: the kernel decides then.
#[must_use]
pub fn may_configure() -> bool {
    fs::read_to_string("/proc/thread-self/status").ok().and_then(|status| effective(&status)) != Some(false)
}

fn effective(status: &str) -> Option<bool> {
    let set = status.lines().find_map(|line| line.strip_prefix("CapEff:"))?;
    Some(u64::from_str_radix(set.trim(), 16).ok()? & NET_ADMIN != 0)
}

#[cfg(test)]
mod tests {
    use super::effective;

    #[test]
    fn the_bit_of_net_admin_decides() {
        assert_eq!(effective("Name:\tadit\nCapEff:\t000001ffffffffff\n"), Some(true));
        assert_eq!(effective("CapPrm:\t0000000000001000\nCapEff:\t0000000000000000\n"), Some(false));
        assert_eq!(effective("CapEff:\t0000000000001000\n"), Some(true));
        assert_eq!(effective("CapEff:\tffffffffffffefff\n"), Some(false));
        assert_eq!(effective("Name:\tadit\n"), None);
        assert_eq!(effective("CapEff:\tnonsense\n"), None);
    }
}
