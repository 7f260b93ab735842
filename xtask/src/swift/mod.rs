//! Swift on Linux: a Debian with a Swift compiler in a folder, and what the suite `swift` runs in it.
//!
//! Owns the folder (`target/swift/debian`, made once by debootstrap, about two minutes and 2.6 GB) and the commands of the
//! suite: `swift build` and `swift test` of `swift-package`,
//! and its documentation. Leaves out the tests themselves (`swift-package/Tests`). A library built on the host asks for an
//! older C library than the folder has, so it loads there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::install::Need;
use crate::package::release_text;
use crate::web::Places;

/// What the suite needs.
pub const NEEDS: &[Need] = &[Need::Root, Need::Packages(&["debootstrap"]), Need::Swift];

/// The release of Debian whose Swift is used: the first that has one.
const SUITE: &str = "trixie";

/// What is installed there.
const PACKAGES: &[&str] = &["git", "libc6-dev", "libstdc++-14-dev", "swiftlang", "zlib1g-dev"];

/// The file that says that the folder is complete, and what is in it.
const MARK: &str = ".adit-complete";

/// Address and checksum of a release that never was: `tests.sh` looks for both in what SwiftPM makes of the manifest.
const RELEASED: (&str, &str) = (
    "https://example.com/Adit.xcframework.zip",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
);

const SYSTEM: &str = include_str!("system.sh");

/// What is run in the folder, in the package's place.
const TESTS: &str = include_str!("tests.sh");

/// Why Swift cannot be used here; `None` when it can.
pub fn missing() -> Option<String> {
    let folder = folder(&Places::of_workspace().target);
    let there = fs::read_to_string(folder.join(MARK)).unwrap_or_default();
    (there.trim_end() != contents()).then(|| format!("Debian {SUITE} with Swift is missing"))
}

/// What [`install`] makes, for the list of what will be installed.
pub fn what() -> String {
    let folder = folder(&Places::of_workspace().target);
    format!("Debian {SUITE} with Swift, to {} (2.6 GB, about two minutes)", folder.display())
}

/// The command that makes the folder, or makes it anew when a run before did not come to its end.
pub fn install() -> Command {
    let mut command = system("make", &folder(&Places::of_workspace().target));
    command.args([SUITE, MARK]).args(PACKAGES);
    command
}

/// Everything that Swift does in the suite; in the folder `library` is what the package calls, built on the host with a
/// server to test against in it ([`crate::programs`]).
pub fn tests(root: &Path, target: &Path, library: &Path, shared: Option<&Path>) -> Command {
    let mut command = system("run", &folder(target));
    command.arg(root).arg(target.join("swift/build")).arg(library);
    command.arg(shared.unwrap_or(Path::new(""))).args(["sh", "-c", TESTS, "tests.sh"]);
    // What a release says, for the manifest to read.
    command.arg(release_text(RELEASED.0, RELEASED.1).unwrap_or_default());
    command
}

/// The script that makes and enters the folder, in a mount namespace of its own.
fn system(verb: &str, folder: &Path) -> Command {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", SYSTEM, "system.sh", verb]);
    command.arg(folder);
    command
}

fn folder(target: &Path) -> PathBuf {
    target.join("swift/debian")
}

/// What [`MARK`] holds.
fn contents() -> String {
    format!("{SUITE} {}", PACKAGES.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_refuses_to_mount_for_everybody() {
        let folder = std::env::temp_dir().join(format!("adit-xtask-{}-swift", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", SYSTEM, "system.sh", "run"]).arg(&folder).args(["", "", "", "", "true"]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("unshare"));
        assert!(!folder.exists());
    }
}
