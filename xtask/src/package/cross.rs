//! Building the library for phones' systems on Linux.
//!
//! The standard library is compiled with it. As it is delivered it holds a reader of debugging information for the stack
//! that a panic prints, 220 KB of an app for a stack that nobody sees on a phone; compiled here it has none, and is as small
//! as the rest. Cargo takes that for unstable; so `RUSTC_BOOTSTRAP` stands in this one command, with the compiler that
//! rust-toolchain.toml pins. A stack that is asked for (`RUST_BACKTRACE`) has addresses and no names.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{LIBRARY, PACKAGE, PROFILE, Work, output};
use crate::phones;

/// The oldest systems an app with Adit runs on; also in swift-package/Package.swift.
pub const IOS_OLDEST: &str = "16.0";
pub const MACOS_OLDEST: &str = "13.0";

/// A target, and its own C compiler; clang without a system's headers if there is none.
pub type Target = (&'static str, Option<PathBuf>);

/// Builds the static libraries of all targets, at once: the slow last step of each has one thread and takes 1 GB. Cargo lets
/// two builds into one folder only one after the other, so each has its own. [`archive`] says where they are.
pub fn build(work: &Work, targets: &[Target]) -> Result<(), String> {
    let flags = flags(work)?.join("\u{1f}");
    let results: Vec<_> = std::thread::scope(|scope| {
        let flags = &flags;
        let builds: Vec<_> =
            targets.iter().map(|target| scope.spawn(move || build_one(work, target, flags))).collect();
        builds.into_iter().map(std::thread::ScopedJoinHandle::join).collect()
    });
    for result in results {
        result.map_err(|_| "the thread that waits for cargo ended".to_owned())??;
    }
    Ok(())
}

fn build_one(work: &Work, (target, compiler): &Target, flags: &str) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(&work.root).args(["rustc", "--locked", "--quiet", "-p", PACKAGE, "--lib"]);
    cargo.args(["--profile", PROFILE, "--crate-type", "staticlib", "--target", target]);
    cargo.arg("--target-dir").arg(folder(&work.target, target));
    cargo.env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=std,panic_unwind");
    cargo.arg("-Zbuild-std-features=panic-unwind,optimize_for_size,backtrace-trace-only");
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags);
    cargo.env("IPHONEOS_DEPLOYMENT_TARGET", IOS_OLDEST).env("MACOSX_DEPLOYMENT_TARGET", MACOS_OLDEST);
    match compiler {
        Some(compiler) => {
            cargo.env(format!("CC_{}", target.replace('-', "_")), compiler);
        }
        None => phones::set_compiler(&mut cargo, target, &work.target.join("xtask/cross").join(target))
            .map_err(|error| format!("the compiler's headers cannot be written: {error}"))?,
    }
    cargo.arg("--").args(code_size(target));
    output(&mut cargo).map(drop)
}

/// What the last step, which makes code of everything, does for size on a target.
fn code_size(target: &str) -> &'static [&'static str] {
    // Where registers are saved and restored the same way, functions share the instructions for it.
    const FRAMES: &str = "-Cllvm-args=-homogeneous-prolog-epilog";
    // Functions that differ in constants only become one, which takes these (on iOS the library grows by it).
    const MERGED: &str = "-Cllvm-args=-enable-global-merge-func";
    // Instructions that stand in several places become functions; then those of these functions do.
    const AGAIN: &str = "-Cllvm-args=-machine-outliner-reruns=2";
    const AGAIN_AND_AGAIN: &str = "-Cllvm-args=-machine-outliner-reruns=4";
    match target {
        "x86_64-linux-android" => {
            // Each costs 36 bytes in the tables for unwinding there, which the compiler does not count.
            &["-Cllvm-args=-outliner-benefit-threshold=36"]
        }
        // Only those that call others are in the tables ([`super::unwind`]).
        "aarch64-linux-android" => {
            &[FRAMES, MERGED, AGAIN_AND_AGAIN, "-Cllvm-args=-outliner-benefit-threshold=2"]
        }
        _ => &[FRAMES, AGAIN],
    }
}

fn folder(target_folder: &Path, target: &str) -> PathBuf {
    target_folder.join("apps").join(target)
}

/// Where the static library of a target is, below the folder where cargo builds everything else.
pub fn archive(target_folder: &Path, target: &str) -> PathBuf {
    folder(target_folder, target).join(target).join(PROFILE).join(format!("lib{LIBRARY}.a"))
}

fn flags(work: &Work) -> Result<Vec<String>, String> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let library = PathBuf::from(sysroot.trim()).join("lib/rustlib/src/rust");
    Ok(smaller(&work.root, cargo.as_deref(), &library))
}

/// What else makes the library smaller; `swift-package/finish-on-mac.sh` has the same.
fn smaller(root: &Path, cargo: Option<&Path>, library: &Path) -> Vec<String> {
    let mut flags = vec![
        // A panic names its file, and not its line: one place for each file instead of one for each call.
        "-Zlocation-detail=file".to_owned(),
        // Tables for unwinding from calls, not from every instruction: nothing else throws.
        "-Zuse-sync-unwind=yes".to_owned(),
        // And none for functions that no panic passes.
        "-Cforce-unwind-tables=no".to_owned(),
    ];
    // And the name is none of this machine's.
    for (from, to) in [(Some(root), "."), (cargo, "cargo"), (Some(library), "rust")] {
        if let Some(from) = from {
            flags.push(format!("--remap-path-prefix={}={to}", from.display()));
        }
    }
    flags
}

/// The linker that comes with Rust.
pub fn rust_lld() -> Result<PathBuf, String> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let host = output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let path = PathBuf::from(sysroot.trim()).join("lib/rustlib").join(host.trim()).join("bin/rust-lld");
    if path.is_file() { Ok(path) } else { Err(format!("{} is not there", path.display())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mac_builds_the_library_as_linux_does() {
        let script = include_str!("../../../swift-package/finish-on-mac.sh");
        // Each path by the script's word for it.
        let words = smaller(Path::new("$PWD"), Some(Path::new("$cargo_home")), Path::new("$rust_source"));
        for flag in words.iter().map(String::as_str).chain(code_size("aarch64-apple-ios").iter().copied()) {
            assert!(script.contains(flag), "{flag}");
        }
        for words in ["cargo_home=${CARGO_HOME:-$HOME/.cargo}", "/lib/rustlib/src/rust", "strip -S"] {
            assert!(script.contains(words), "{words}");
        }
    }
}
