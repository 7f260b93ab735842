//! The tools of the web build: Node with npm, the npm packages of the lock file, and wasm-bindgen's command line.
//!
//! The version of wasm-bindgen is that of the crate in Cargo.lock: the two speak a format that changes with every release.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Places;
use crate::command::output_of;
use crate::install;

/// The oldest line of Node that the package and its tests are for.
const NODE_LINE: u32 = 20;

/// A copy of the lock file beside what was installed from it.
const STAMP: &str = "node_modules/.adit-package-lock.json";

/// Why Node or npm cannot be used; `None` when both can.
pub fn missing_node() -> Option<String> {
    let Some(version) = output_of("node", &["--version"]) else {
        return Some(format!("Node {NODE_LINE} or later is missing (Debian package nodejs)"));
    };
    if major(&version).is_none_or(|major| major < NODE_LINE) {
        return Some(format!("Node is {}, {NODE_LINE} or later is needed", version.trim()));
    }
    output_of("npm", &["--version"]).is_none().then(|| "npm is missing (Debian package npm)".to_owned())
}

/// 20 of `v20.1.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Why the npm packages cannot be used as they are.
pub fn missing_npm_packages() -> Option<String> {
    let folder = Places::of_workspace().wasm();
    let lock = fs::read(folder.join("package-lock.json")).ok();
    let installed = fs::read(folder.join(STAMP)).ok();
    (lock.is_none() || lock != installed)
        .then(|| "the npm packages of wasm/package-lock.json are not installed".to_owned())
}

/// The commands that install them; no package's own script is run.
pub fn install_npm_packages() -> Command {
    let folder = Places::of_workspace().wasm();
    let mut sh = Command::new("sh");
    let script = format!("npm ci --ignore-scripts --no-progress && cp package-lock.json {STAMP}");
    sh.current_dir(folder).args(["-c", &script]);
    sh
}

/// The version of wasm-bindgen that Cargo.lock has.
///
/// # Errors
/// The file cannot be read or does not name it.
pub fn bindgen_version() -> Result<String, String> {
    let path = Places::of_workspace().root.join("Cargo.lock");
    let lock = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    locked(&lock, "wasm-bindgen").ok_or_else(|| "Cargo.lock does not name wasm-bindgen".to_owned())
}

fn locked(lock: &str, package: &str) -> Option<String> {
    let (_, behind) = lock.split_once(&format!("\nname = \"{package}\"\n"))?;
    let version = behind.lines().next()?.strip_prefix("version = \"")?;
    version.strip_suffix('"').map(str::to_owned)
}

/// wasm-bindgen of exactly that version: the user's own, else the one that was installed for this project.
pub fn bindgen() -> Option<PathBuf> {
    let version = bindgen_version().ok()?;
    let own = bindgen_root(&version).join("bin/wasm-bindgen");
    [PathBuf::from("wasm-bindgen"), own].into_iter().find(|program| {
        let found = program.to_str().and_then(|program| output_of(program, &["--version"]));
        found.is_some_and(|found| found.split_whitespace().nth(1) == Some(version.as_str()))
    })
}

/// The folder of one version, so that another branch with another version does not install over it.
fn bindgen_root(version: &str) -> PathBuf {
    install::tools().join(format!("wasm-bindgen-{version}"))
}

/// The command that installs it. With its own lock file first; without, when a mirror lags behind that file.
pub fn install_bindgen() -> Command {
    let version = bindgen_version().unwrap_or_default();
    let root = bindgen_root(&version);
    let mut sh = Command::new("sh");
    let install = "cargo install --quiet wasm-bindgen-cli --version \"$0\" --root \"$1\" --bin wasm-bindgen";
    let install = format!("{install} {}", install::QUICKLY_BUILT);
    sh.args(["-c", &format!("{install} --locked || {install}"), &version]).arg(root);
    sh.envs(install::WITHOUT_DEBUGGING);
    sh
}

/// A program of an npm package in `wasm/node_modules`.
pub fn npm_program(wasm: &Path, name: &str) -> Command {
    Command::new(wasm.join("node_modules/.bin").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_package_itself() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(locked(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked(lock, "other"), None);
    }

    #[test]
    fn node_versions_are_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("20.1.0"), None);
    }

    #[test]
    fn this_workspace_names_wasm_bindgen() {
        assert!(bindgen_version().unwrap().starts_with("0.2."));
    }
}
