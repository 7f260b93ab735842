//! Shared libraries for Android.
//!
//! With the NDK (`ANDROID_NDK_HOME` or `ANDROID_NDK_ROOT`) they are for apps. Without it they are linked against empty
//! libraries that have the names of Android's: right for sizes, symbols and alignment, and not to be shipped.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cross::{Target, archive, rust_lld};
use super::table::Row;
use super::{BUDGET, LIBRARY, Work, exports, output, size, step, unwind, write};

/// The oldest Android, as an API level (Android 8.0); also in kotlin/android.
const API_LEVEL: u32 = 26;

/// Android 15 has pages of 16 KiB on some phones, and its app shop refuses libraries that are not aligned to them.
const PAGE: u64 = 16_384;

/// What the library takes from the system.
const SYSTEM_LIBRARIES: [&str; 4] = ["c", "m", "dl", "log"];

/// Beside libraries that were linked without the NDK, and in the `.aar` with them. `kotlin/android/build.gradle.kts` looks for it.
pub const MARK: (&str, &str) = (
    "FOR-CHECKING-ONLY.txt",
    "The libraries in here were linked without the Android NDK, against empty libraries with the names of Android's.\n\
     They have the right sizes, symbols and alignment; Android cannot load them. Do not ship them.\n",
);

/// Says of the libraries below a folder whether they are for checking only.
pub fn mark(folder: &Path, for_apps: bool) -> Result<(), String> {
    let path = folder.join(MARK.0);
    if !for_apps {
        return write(&path, MARK.1);
    }
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(super::at(&path, &error)),
        _ => Ok(()),
    }
}

/// A processor.
pub struct Abi {
    /// As Android names it.
    pub name: &'static str,
    target: &'static str,
    architecture: &'static str,
    budgeted: bool,
}

/// Phones.
pub const ARM64: Abi =
    Abi { name: "arm64-v8a", target: "aarch64-linux-android", architecture: "aarch64", budgeted: true };

/// All: phones, and emulators with Chromebooks.
pub const ABIS: &[&Abi] = &[
    &ARM64,
    &Abi { name: "x86_64", target: "x86_64-linux-android", architecture: "x86_64", budgeted: false },
];

impl Abi {
    /// What is built for it.
    pub fn target(&self, work: &Work) -> Target {
        (self.target, self.compiler(work.ndk.as_deref()))
    }

    fn compiler(&self, ndk: Option<&Path>) -> Option<PathBuf> {
        Some(ndk?.join(self.compiler_name()))
    }

    fn compiler_name(&self) -> String {
        format!("{}{API_LEVEL}-clang", self.target)
    }
}

/// Links the library of one processor, whose static one is built, and strips it. Answers it and its row.
pub fn library(work: &Work, abi: &Abi) -> Result<(PathBuf, Row), String> {
    let kind = if work.ndk.is_some() { "" } else { ", without the NDK: for checking only" };
    let what = format!("shared library, Android {}{kind}", abi.name);
    step(&what, || {
        let compiler = abi.compiler(work.ndk.as_deref());
        let archive = with_less_tables(abi, archive(&work.target, abi.target))?;
        let linked = archive.with_extension("so");
        let mut linker = match &compiler {
            Some(compiler) => with_ndk(compiler),
            None => without_ndk(work, abi)?,
        };
        link(work, &mut linker, compiler.is_some(), &archive, &linked)?;
        let stripped = linked.with_extension("stripped.so");
        // .comment: which compilers made it.
        let mut strip = Command::new("llvm-strip");
        strip.args(["--strip-unneeded", "--remove-section=.comment"]);
        output(strip.arg(&linked).arg("-o").arg(&stripped))?;
        check_alignment(&stripped)?;
        let (file, linked) = (size(&linked)?, size(&stripped)?);
        let budget = abi.budgeted.then_some(BUDGET);
        Ok((stripped, Row { what: what.clone(), file, linked: Some(linked), budget }))
    })
}

/// The static library, on arm64 without what its tables for unwinding say of functions that no panic passes.
fn with_less_tables(abi: &Abi, archive: PathBuf) -> Result<PathBuf, String> {
    if abi.architecture != "aarch64" {
        return Ok(archive);
    }
    let mut bytes = std::fs::read(&archive).map_err(|error| super::at(&archive, &error))?;
    unwind::leave_out_empty_entries(&mut bytes).map_err(|error| format!("{}: {error}", archive.display()))?;
    let smaller = archive.with_extension("tables.a");
    std::fs::write(&smaller, bytes).map_err(|error| super::at(&smaller, &error))?;
    Ok(smaller)
}

/// Links the static library into a shared one that exports what apps call and holds nothing else. Rust's own shared library
/// would also export what only the generator of the bindings reads.
fn link(
    work: &Work,
    linker: &mut Command,
    by_compiler: bool,
    archive: &Path,
    to: &Path,
) -> Result<(), String> {
    let functions = exports::functions(&work.root)?;
    let script = to.with_extension("exports");
    let exported: String = functions.iter().map(|name| format!("{name};\n")).collect();
    write(&script, &format!("{{\nglobal:\n{exported}local: *;\n}};\n"))?;
    let mut arguments: Vec<String> = [
        "--gc-sections",
        "--icf=all",
        "-O2",
        "--eh-frame-hdr",
        // The other form is for Androids before 6.0.
        "--hash-style=gnu",
        "--no-undefined-version",
        "-znow",
        "-zrelro",
        "-znoexecstack",
        // Addresses inside of the library take a tenth of the room: Android reads this form since 6.0.
        "--pack-dyn-relocs=android",
    ]
    .map(str::to_owned)
    .into();
    arguments.push(format!("-zmax-page-size={PAGE}"));
    arguments.push(format!("-soname=lib{LIBRARY}.so"));
    arguments.push(format!("--version-script={}", script.display()));
    arguments.extend(functions.iter().map(|name| format!("--undefined={name}")));
    for argument in &arguments {
        // The compiler hands on what stands behind each comma.
        linker.arg(if by_compiler { format!("-Wl,{argument}") } else { argument.clone() });
    }
    linker.arg(archive).args(SYSTEM_LIBRARIES.map(|name| format!("-l{name}")));
    output(linker.arg("-o").arg(to)).map(drop)
}

/// The NDK's folder of tools, if the environment names an NDK.
///
/// # Errors
/// What it names is none: without this the libraries would quietly be for checking only.
pub fn ndk() -> Result<Option<PathBuf>, String> {
    let named = ["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT"]
        .into_iter()
        .find_map(|name| Some((name, env::var_os(name).filter(|folder| !folder.is_empty())?)));
    let Some((name, folder)) = named else { return Ok(None) };
    tools_of(name, Path::new(&folder)).map(Some)
}

fn tools_of(variable: &str, folder: &Path) -> Result<PathBuf, String> {
    let tools = folder.join("toolchains/llvm/prebuilt/linux-x86_64/bin");
    match ABIS.iter().map(|abi| tools.join(abi.compiler_name())).find(|compiler| !compiler.is_file()) {
        Some(compiler) => Err(format!(
            "{variable} names no Android NDK for Linux with API level {API_LEVEL}: {} is not there; name the NDK's \
             own folder, or unset {variable} to build libraries for checking only",
            compiler.display()
        )),
        None => Ok(tools),
    }
}

fn with_ndk(compiler: &Path) -> Command {
    let mut linker = Command::new(compiler);
    // The unwinder comes with the compiler; nobody else is to find it here.
    linker.args(["-shared", "-fuse-ld=lld", "-Wl,--exclude-libs,libunwind.a"]);
    linker
}

fn without_ndk(work: &Work, abi: &Abi) -> Result<Command, String> {
    let mut linker = Command::new(rust_lld()?);
    linker.args(["-flavor", "gnu", "-shared", "-L"]).arg(empty_libraries(work, abi)?);
    // What Android's own libraries and the unwinder define.
    linker.arg("--unresolved-symbols=ignore-all");
    Ok(linker)
}

/// Shared libraries without content that have the names of Android's.
fn empty_libraries(work: &Work, abi: &Abi) -> Result<PathBuf, String> {
    let folder = work.target.join("xtask/cross").join(abi.target).join("empty");
    std::fs::create_dir_all(&folder).map_err(|error| super::at(&folder, &error))?;
    let object = folder.join("empty.o");
    let target = format!("--target={}-linux-android{API_LEVEL}", abi.architecture);
    output(Command::new("clang").args([&target, "-c", "-x", "c", "/dev/null", "-o"]).arg(&object))?;
    for name in SYSTEM_LIBRARIES {
        let mut lld = Command::new(rust_lld()?);
        lld.args(["-flavor", "gnu", "-shared", "-soname", &format!("lib{name}.so")]);
        output(lld.arg(&object).arg("-o").arg(folder.join(format!("lib{name}.so"))))?;
    }
    Ok(folder)
}

/// Every segment that is loaded must be aligned to [`PAGE`].
fn check_alignment(library: &Path) -> Result<(), String> {
    let said = output(Command::new("llvm-readelf").args(["--program-headers", "--wide"]).arg(library))?;
    let aligned = alignments(&said);
    if aligned.is_empty() {
        return Err(format!("{} has no segment to load", library.display()));
    }
    match aligned.iter().find(|alignment| **alignment % PAGE != 0 || **alignment == 0) {
        Some(alignment) => {
            Err(format!("{}: a segment is aligned to {alignment}, not {PAGE} bytes", library.display()))
        }
        None => Ok(()),
    }
}

/// The last column of the lines that begin with LOAD.
fn alignments(program_headers: &str) -> Vec<u64> {
    let lines = program_headers.lines().map(str::trim).filter(|line| line.starts_with("LOAD "));
    lines
        .filter_map(|line| line.split_whitespace().last()?.strip_prefix("0x"))
        .map(|digits| u64::from_str_radix(digits, 16).unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_for_checking_only_are_marked_where_gradle_looks() {
        let folder = env::temp_dir().join(format!("adit-mark-{}", std::process::id()));
        let path = folder.join(MARK.0);
        for (for_apps, is_there) in [(true, false), (false, true), (false, true), (true, false)] {
            mark(&folder, for_apps).unwrap();
            assert_eq!(path.exists(), is_there);
        }
        let gradle = include_str!("../../../kotlin/android/build.gradle.kts");
        assert!(gradle.contains(&format!("nativeLibraries.resolveSibling(\"{}\")", MARK.0)));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_that_is_no_ndk_is_told_with_the_variable_and_what_is_not_there() {
        let scratch = env::temp_dir().join(format!("adit-ndk-{}", std::process::id()));
        let said = tools_of("ANDROID_NDK_ROOT", &scratch).unwrap_err();
        assert!(
            said.contains("ANDROID_NDK_ROOT") && said.contains("aarch64-linux-android26-clang"),
            "{said}"
        );
        let tools = scratch.join("toolchains/llvm/prebuilt/linux-x86_64/bin");
        for abi in ABIS {
            assert!(tools_of("ANDROID_NDK_HOME", &scratch).is_err());
            write(&tools.join(abi.compiler_name()), "").unwrap();
        }
        assert_eq!(tools_of("ANDROID_NDK_HOME", &scratch).unwrap(), tools);
        std::fs::remove_dir_all(&scratch).unwrap();
    }

    #[test]
    fn the_alignment_of_loaded_segments_is_read() {
        let said = "Program Headers:\n  Type Offset\n  PHDR 0x000040 0x8\n  LOAD           0x000000 0x0000 0x0000 0x1000 0x1000 R   0x4000\n  LOAD 0x1 0x2 0x3 0x4 0x5 R E 0x1000\n";
        assert_eq!(alignments(said), [0x4000, 0x1000]);
    }
}
