//! Building the library for a phone's system on Linux.

use std::path::PathBuf;
use std::process::Command;

use super::{LIBRARY, PACKAGE, PROFILE, Work, output};
use crate::phones;

/// The oldest systems an app with Adit runs on; also in swift-package/Package.swift.
pub const IOS_OLDEST: &str = "16.0";
pub const MACOS_OLDEST: &str = "13.0";

/// Builds the library as `crate_type` for `target`, linked as `link` says. Answers the file.
pub fn build(work: &Work, target: &str, crate_type: &str, link: &Link) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(&work.root).args(["rustc", "--locked", "--quiet", "-p", PACKAGE, "--lib"]);
    cargo.args(["--profile", PROFILE, "--target", target, "--crate-type", crate_type]);
    cargo.env("IPHONEOS_DEPLOYMENT_TARGET", IOS_OLDEST).env("MACOSX_DEPLOYMENT_TARGET", MACOS_OLDEST);
    match &link.compiler {
        Some(compiler) => {
            cargo.env(format!("CC_{}", target.replace('-', "_")), compiler);
        }
        None => phones::set_compiler(&mut cargo, target, &work.target.join("xtask/cross").join(target))
            .map_err(|error| format!("the compiler's headers cannot be written: {error}"))?,
    }
    cargo.arg("--").args(&link.arguments);
    output(&mut cargo)?;
    let name = if crate_type == "staticlib" { format!("lib{LIBRARY}.a") } else { format!("lib{LIBRARY}.so") };
    Ok(work.target.join(target).join(PROFILE).join(name))
}

/// How the library is linked.
#[derive(Default)]
pub struct Link {
    /// The target's own C compiler; clang without a system's headers if there is none.
    pub compiler: Option<PathBuf>,
    /// Arguments for rustc.
    pub arguments: Vec<String>,
}

/// The linker that comes with Rust.
pub fn rust_lld() -> Result<PathBuf, String> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let host = output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let path = PathBuf::from(sysroot.trim()).join("lib/rustlib").join(host.trim()).join("bin/rust-lld");
    if path.is_file() { Ok(path) } else { Err(format!("{} is not there", path.display())) }
}
