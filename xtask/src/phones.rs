//! Type-checking the phone targets on Linux, without Apple's SDK and without the Android NDK.
//!
//! Only ring holds C. clang compiles it for each target freestanding: ring brings the few declarations it needs,
//! and the one Apple header it includes is written here.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

/// What ring asks of Apple's `TargetConditionals.h`.
fn target_conditionals(target: &str) -> String {
    let phone = u8::from(target.ends_with("-ios"));
    format!(
        "#pragma once\n#define TARGET_OS_MAC 1\n#define TARGET_OS_OSX {}\n#define TARGET_OS_IPHONE {phone}\n\
         #define TARGET_OS_IOS {phone}\n#define TARGET_OS_SIMULATOR 0\n",
        1 - phone
    )
}

/// Sets on `command` what the C compiler needs for `target`; the headers go to `folder`.
///
/// # Errors
/// The folder cannot be written.
pub fn set_compiler(command: &mut Command, target: &str, folder: &Path) -> io::Result<()> {
    let triple = match target {
        "aarch64-apple-ios" => "arm64-apple-ios16.0",
        "aarch64-apple-darwin" => "arm64-apple-macos13.0",
        "aarch64-linux-android" => "aarch64-linux-android26",
        "x86_64-linux-android" => "x86_64-linux-android26",
        _ => return Ok(()),
    };
    fs::create_dir_all(folder)?;
    fs::write(folder.join("TargetConditionals.h"), target_conditionals(target))?;
    // Intel's intrinsics bring an allocator, and so the C library, unless there is none.
    let hosted = if target.starts_with("x86_64") { " -ffreestanding" } else { "" };
    let flags =
        format!("--target={triple}{hosted} -nostdlibinc -DRING_CORE_NOSTDLIBINC=1 -I{}", folder.display());
    let name = target.replace('-', "_");
    command.env(format!("CC_{name}"), "clang").env(format!("CFLAGS_{name}"), flags);
    command.env(format!("AR_{name}"), "llvm-ar");
    // Any folder does: the cc crate only wants to be spared the call of xcrun.
    command.env("SDKROOT", folder);
    Ok(())
}
