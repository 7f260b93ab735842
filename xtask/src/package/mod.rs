//! `cargo xtask package`: what an app developer adds to an app: an XCFramework for the Swift package, shared libraries, a jar
//! and an `.aar` for Android, the npm package; and a table of their sizes.
//!
//! Owns the order of the steps, the budget ([`BUDGET`]) and the table. Each kind of package has its file: [`apple`],
//! [`android`], [`kotlin`], [`npm`]. Leaves out what needs Apple's tools: the simulator's slice and signing are done by
//! `swift-package/finish-on-mac.sh`, where Xcode is.

mod android;
mod apple;
mod cross;
mod exports;
mod kotlin;
mod maven;
mod npm;
mod table;
mod unwind;

pub use apple::release_text;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::install::{self, Need};
use crate::web::Places;
use table::{Row, Table};

/// The package whose library apps link, and the library's name.
pub const PACKAGE: &str = "adit-bindings";
const LIBRARY: &str = "adit_bindings";

/// How it is built for phones (Cargo.toml).
const PROFILE: &str = "phone";

/// What every kind needs beside the targets.
pub const TOOLS: Need = Need::Packages(&["clang", "llvm", "zip"]);

/// The standard library's source, which is compiled anew.
pub const STD: Need = Need::Component("rust-src");

/// The two whose sizes have a budget.
pub const BUDGETED: &[Need] =
    &[TOOLS, STD, Need::Target("aarch64-apple-ios"), Need::Target("aarch64-linux-android")];

/// Arguments of `cargo xtask package`.
#[derive(clap::Args)]
pub struct Args {
    /// What to package; everything if none is named.
    #[arg(value_enum)]
    kinds: Vec<Kind>,

    /// Where the packages go: a folder, counted from the workspace's.
    #[arg(long, default_value = "target/package", value_name = "FOLDER")]
    out: PathBuf,

    /// The address where Adit.xcframework.zip will be: written with its checksum to swift-package/XCFramework.release.
    #[arg(long, value_name = "ADDRESS")]
    url: Option<String>,

    /// Only build and measure what has a size budget, one library for iOS and one for Android, and build one for this
    /// machine, whose memory a test measures. Nothing is laid out.
    #[arg(long, conflicts_with_all = ["kinds", "url"])]
    sizes: bool,

    /// Install nothing; fail when something is missing.
    #[arg(long)]
    no_install: bool,
}

/// A kind of package.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    /// Adit.xcframework with static libraries for iOS and macOS, and its zip.
    Apple,
    /// Shared libraries for Android, arm64 and x86_64.
    Android,
    /// The Kotlin jars, and the .aar with the shared libraries.
    Kotlin,
    /// The npm package of the profile library.
    Npm,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Apple, Self::Android, Self::Kotlin, Self::Npm];

    fn needs(self) -> &'static [Need] {
        match self {
            Self::Apple => {
                &[TOOLS, STD, Need::Target("aarch64-apple-ios"), Need::Target("aarch64-apple-darwin")]
            }
            Self::Android => {
                &[TOOLS, STD, Need::Target("aarch64-linux-android"), Need::Target("x86_64-linux-android")]
            }
            Self::Kotlin => &[TOOLS, Need::Packages(&["openjdk-17-jdk-headless", "maven"])],
            Self::Npm => crate::web::NEEDS,
        }
    }
}

/// The most that the library for iOS, or for Android, may take in an app, linked and stripped: 3 MB.
const BUDGET: u64 = 3_000_000;

/// Where tests run.
const THIS_MACHINE: &str = "x86_64-unknown-linux-gnu";

/// The static library that `package --sizes` builds for this machine.
#[must_use]
pub fn library_for_this_machine(target: &Path) -> PathBuf {
    cross::archive(target, THIS_MACHINE)
}

/// Where things are, and where they go.
pub struct Work {
    /// The workspace.
    root: PathBuf,
    /// Where cargo builds.
    target: PathBuf,
    /// Where packages go.
    out: PathBuf,
    /// The Android NDK's folder of tools, if there is an NDK.
    ndk: Option<PathBuf>,
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let Places { root, target } = Places::of_workspace();
    let kinds = wanted(&args.kinds);
    // What a build of minutes would end with is said before it.
    let checked = check(args, &kinds).and_then(|()| android::ndk());
    let ndk = match checked {
        Ok(ndk) => ndk,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let work = Work { out: root.join(&args.out), root, target, ndk };
    let needs: Vec<Need> = if args.sizes {
        BUDGETED.to_vec()
    } else {
        kinds.iter().flat_map(|kind| kind.needs()).copied().collect()
    };
    if !args.no_install {
        install::install(&needs);
    }
    let missing: Vec<String> = needs.iter().filter_map(install::missing).collect();
    if !missing.is_empty() {
        eprintln!("error: {}", missing.join("; "));
        return ExitCode::FAILURE;
    }
    let mut table = Table::default();
    let done = if args.sizes {
        measure(&work, &mut table)
    } else {
        make(&work, &kinds, args.url.as_deref(), &mut table)
    };
    if let Err(error) = done {
        eprintln!("\nerror: {error}");
        return ExitCode::FAILURE;
    }
    println!("\n{table}");
    if table.is_kept() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The kinds to package, in their order.
fn wanted(named: &[Kind]) -> Vec<Kind> {
    let is_wanted = |kind: &Kind| {
        // The .aar holds Android's libraries.
        let with_kotlin = *kind == Kind::Android && named.contains(&Kind::Kotlin);
        named.is_empty() || named.contains(kind) || with_kotlin
    };
    Kind::ALL.into_iter().filter(is_wanted).collect()
}

/// What the arguments ask for can be done.
fn check(args: &Args, kinds: &[Kind]) -> Result<(), String> {
    let Some(url) = args.url.as_deref() else { return Ok(()) };
    if !kinds.contains(&Kind::Apple) {
        return Err(
            "--url is the address of the XCFramework, which is not among what you name: add `apple`".into()
        );
    }
    release_text(url, "").map(drop)
}

/// Builds and measures what has a budget.
fn measure(work: &Work, table: &mut Table) -> Result<(), String> {
    let targets = [apple::IOS.target(), android::ARM64.target(work), (THIS_MACHINE, None)];
    step("static libraries", || cross::build(work, &targets))?;
    table.add(apple::measure(work, apple::IOS)?);
    table.add(android::library(work, &android::ARM64)?.1);
    Ok(())
}

fn make(work: &Work, kinds: &[Kind], url: Option<&str>, table: &mut Table) -> Result<(), String> {
    let wanted = |kind| kinds.contains(&kind);
    let mut targets = Vec::new();
    if wanted(Kind::Apple) {
        targets.extend(apple::SLICES.iter().map(apple::Slice::target));
    }
    if wanted(Kind::Android) {
        targets.extend(android::ABIS.iter().map(|abi| abi.target(work)));
    }
    if !targets.is_empty() {
        step("static libraries", || cross::build(work, &targets))?;
    }
    if wanted(Kind::Apple) {
        let zip = apple::framework(work, table)?;
        if let Some(url) = url {
            apple::release(work, &zip, url)?;
        }
    }
    if wanted(Kind::Android) {
        android::mark(&work.out.join("android"), work.ndk.is_some())?;
        for abi in android::ABIS {
            let (library, row) = android::library(work, abi)?;
            copy(&library, &work.out.join("android/jni").join(abi.name).join(format!("lib{LIBRARY}.so")))?;
            table.add(row);
        }
    }
    if wanted(Kind::Kotlin) {
        kotlin::archives(work, table)?;
    }
    if wanted(Kind::Npm) {
        npm::archive(work, table)?;
    }
    println!("\npackages: {}", work.out.display());
    Ok(())
}

/// Runs one step with a line that tells how long it took.
fn step<T>(what: &str, work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    print!("{what:<44} ");
    let _ = io::stdout().flush();
    let started = Instant::now();
    let result = work();
    match &result {
        Ok(_) => println!("{:>6.1} s", started.elapsed().as_secs_f64()),
        Err(_) => println!("FAILED"),
    }
    result.map_err(|error| format!("{what}: {error}"))
}

/// Runs a program; what it printed is shown if it fails. Answers its standard output.
fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name} cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    Err(format!("{name} ended with {}\n{}\n{}", output.status, said(&output.stdout), said(&output.stderr)))
}

/// Puts files into a fresh zip; `names` are looked up in `folder` and kept as they are.
fn zip(folder: &Path, archive: &Path, names: &[&str]) -> Result<(), String> {
    let _ = std::fs::remove_file(archive);
    // -X and -D: nothing of this machine's, no entries for folders; -y: links as links.
    output(
        Command::new("zip").current_dir(folder).args(["-q", "-r", "-X", "-D", "-y"]).arg(archive).args(names),
    )?;
    Ok(())
}

fn size(path: &Path) -> Result<u64, String> {
    std::fs::metadata(path).map(|about| about.len()).map_err(|error| at(path, &error))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
    }
    std::fs::write(path, text).map_err(|error| at(path, &error))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
    }
    std::fs::copy(from, to).map(drop).map_err(|error| format!("{}: {error}", from.display()))
}

/// An empty folder.
fn fresh(folder: &Path) -> Result<(), String> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(folder, &error)),
        _ => {}
    }
    std::fs::create_dir_all(folder).map_err(|error| at(folder, &error))
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// The row of a file that has no budget.
fn row(what: impl Into<String>, path: &Path) -> Result<Row, String> {
    Ok(Row { what: what.into(), file: size(path)?, linked: None, budget: None })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    fn judged(words: &str) -> Result<Vec<Kind>, String> {
        let args = Command::try_parse_from(format!("package {words}").split_whitespace());
        let args = args.map_err(|error| error.to_string())?.args;
        let kinds = wanted(&args.kinds);
        check(&args, &kinds).map(|()| kinds)
    }

    #[test]
    fn everything_is_packaged_or_what_is_named_with_what_it_holds() {
        assert_eq!(judged("").unwrap(), Kind::ALL);
        assert_eq!(judged("npm apple npm").unwrap(), [Kind::Apple, Kind::Npm]);
        assert_eq!(judged("kotlin").unwrap(), [Kind::Android, Kind::Kotlin]);
        assert_eq!(judged("android").unwrap(), [Kind::Android]);
    }

    #[test]
    fn wrong_arguments_are_refused_before_anything_is_built() {
        for (words, said) in [
            ("windows", "windows"),
            ("--url https://example.com/Adit.xcframework.zip kotlin", "add `apple`"),
            ("--url http://example.com/Adit.xcframework.zip", "https"),
            ("apple --url https://example.com/Adit.xcframework", ".zip"),
            ("--sizes apple", "cannot be used with"),
            ("--url", "a value is required"),
        ] {
            let error = judged(words).unwrap_err();
            assert!(error.contains(said), "{words}: {error}");
        }
        assert!(judged("--url https://example.com/Adit.xcframework.zip").is_ok());
    }
}
