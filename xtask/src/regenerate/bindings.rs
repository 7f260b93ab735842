//! The Swift and Kotlin sources of the bindings, from the library itself.
//!
//! Owns where each file goes. The library is built with the test gateway, whose sources go beside the tests of the two
//! packages; the app's are the same with it and without. `adit.h` is copied to where SwiftPM looks for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Text, root};
use crate::programs;
use crate::web::Places;

/// Everything that is generated: path in the repository, and text. `library`: the folder with the library and the
/// generator, where they are built already.
///
/// # Errors
/// A program that failed, with what it said.
pub fn files(library: Option<&Path>) -> Result<Vec<Text>, String> {
    let target = Places::of_workspace().target;
    let folder = match library {
        Some(folder) => folder.to_owned(),
        None => {
            run(&mut programs::library(false).map_err(|error| error.to_string())?)?;
            programs::library_folder(&target)
        }
    };
    let library = folder.join("libadit_bindings.so");
    let out = target.join("xtask/bindings");
    // What an older generator left must not be taken for this one's.
    let _ = fs::remove_dir_all(&out);
    for language in ["swift", "kotlin"] {
        let mut generate = Command::new(folder.join("adit-bindgen"));
        generate.args(["generate", "--no-format", "--language", language, "--out-dir"]);
        generate.arg(out.join(language)).arg("--library").arg(&library);
        run(&mut generate)?;
    }
    let swift = |name: &str| read(&out.join("swift").join(name));
    let mut files = vec![
        ("swift-package/Sources/Adit/Generated/Adit.swift", swift("Adit.swift")?),
        ("swift-package/Sources/AditFFI/AditFFI.h", swift("AditFFI.h")?),
        ("swift-package/Sources/AditFFI/adit.h", read(&root().join("bindings/include/adit.h"))?),
        ("swift-package/Sources/AditFFI/module.modulemap", modulemap(&swift("AditFFI.modulemap")?, true)),
        ("swift-package/Tests/TestGateway/AditTestGateway.swift", swift("AditTestGateway.swift")?),
        ("swift-package/Tests/TestGatewayFFI/AditTestGatewayFFI.h", swift("AditTestGatewayFFI.h")?),
        (
            "swift-package/Tests/TestGatewayFFI/module.modulemap",
            modulemap(&swift("AditTestGatewayFFI.modulemap")?, false),
        ),
    ];
    for (found, place) in [
        ("adit/core", "kotlin/core/src/main/kotlin/adit/core/generated/adit.kt"),
        ("adit/testgateway", "kotlin/core/src/test/kotlin/adit/testgateway/generated/adit_test_gateway.kt"),
    ] {
        files.push((place, only(&out.join("kotlin").join(found))?));
    }
    Ok(files.into_iter().map(|(path, text)| Text { path, text: tidy(&text) }).collect())
}

/// The module map without what ties it to Apple's SDK, and with our own header.
fn modulemap(text: &str, with_abi: bool) -> String {
    let mut out = String::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("use \"")) {
        out.push_str(line);
        out.push('\n');
        if with_abi && line.contains("header \"AditFFI.h\"") {
            out.push_str("    header \"adit.h\"\n");
        }
    }
    out
}

/// Without spaces at the ends of lines, which the generator leaves.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        out.push_str(line.trim_end());
        out.push('\n');
    }
    format!("{}\n", out.trim_end())
}

/// The only file in a folder.
fn only(folder: &Path) -> Result<String, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    match files.as_slice() {
        [file] => read(file),
        _ => Err(format!("{} holds {} files, not one", folder.display(), files.len())),
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.current_dir(root()).output();
    let output = output.map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} failed:\n{said}", command.get_program().to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_map_loses_the_sdk_and_gains_our_header() {
        let text = "module AditFFI {\n    header \"AditFFI.h\"\n    export *\n    use \"Darwin\"\n    use \"_Builtin_stdint\"\n}\n";
        let expected = "module AditFFI {\n    header \"AditFFI.h\"\n    header \"adit.h\"\n    export *\n}\n";
        assert_eq!(modulemap(text, true), expected);
        assert!(!modulemap(text, false).contains("adit.h"));
    }
}
