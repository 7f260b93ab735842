//! `cargo xtask programs`, for the suites: test programs, built and run one after another as `cargo test` does it.
//!
//! Cargo settles the features of every crate anew for each choice of packages: what `cargo test -p one` compiled,
//! `cargo test -p other` mostly compiles again, the ciphers with all optimisation among it. Suites that run together
//! therefore build one choice, the whole workspace (`--everything`), and each runs its own programs of it. That a
//! package also builds with nothing but its own features is shown elsewhere: by suite `sizes` for the library of apps,
//! by `interop` for the command line, by `web` for the wasm module, by the phones' type checks for the rest.
//!
//! Owns: building, finding what was built in what cargo prints, and running it. Leaves out: which suite runs what.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::web::Places;

/// The package whose shared library other languages load, and how they need it: with the generator of their sources and
/// with a server to test against.
const BINDINGS: &str = "adit-bindings";
const BINDINGS_FEATURES: &str = "adit-bindings/cli,adit-bindings/test-gateway";

/// A small test of that package: cargo builds the library and the generator for it.
const BINDINGS_TEST: &str = "surface";

/// Arguments of `cargo xtask programs`.
#[derive(clap::Args)]
pub struct Args {
    /// Build as part of the whole workspace; else only the packages named.
    #[arg(long)]
    everything: bool,

    /// Run the programs of these packages; without any, of all.
    #[arg(short, long = "package", value_name = "PACKAGE")]
    packages: Vec<String>,

    /// But not those of these.
    #[arg(long, value_name = "PACKAGE")]
    exclude: Vec<String>,

    /// Only the integration tests of this name.
    #[arg(long, value_name = "NAME")]
    test: Option<String>,

    /// Run nothing: put the library for other languages and the generator of their sources into `target/xtask/library`.
    #[arg(long, conflicts_with_all = ["packages", "exclude", "test"])]
    library: bool,

    /// Run nothing: the packages' own programs are wanted, which cargo builds for their tests.
    #[arg(long)]
    no_run: bool,

    /// What each program is given.
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// A test program.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Program {
    package: String,
    /// Not of a library's unit tests: cargo runs those first.
    separate: bool,
    source: PathBuf,
    manifest: PathBuf,
    executable: PathBuf,
}

/// Where the library for other languages and the generator are put.
#[must_use]
pub fn library_folder(target: &Path) -> PathBuf {
    target.join("xtask/library")
}

/// The command that puts them there.
///
/// # Errors
/// This program's own path is not known.
pub fn library(everything: bool) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["programs", "--library"]);
    if everything {
        command.arg("--everything");
    }
    Ok(command)
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    match build_and_run(&Places::of_workspace(), args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn build_and_run(places: &Places, args: &Args) -> io::Result<bool> {
    let mut build = cargo(args);
    build.args(["--no-run", "--message-format", "json-render-diagnostics"]);
    if let Some(test) = args.test.as_deref().or(args.library.then_some(BINDINGS_TEST)) {
        build.args(["--test", test]);
    }
    let built = build.current_dir(&places.root).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !built.status.success() {
        return Ok(false);
    }
    let said = String::from_utf8_lossy(&built.stdout);
    let artefacts: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    if args.library {
        copy_library(&artefacts, &library_folder(&places.target))?;
        return Ok(true);
    }
    if args.no_run {
        return Ok(true);
    }
    let mut programs: Vec<Program> = artefacts.iter().filter_map(program).collect();
    programs.retain(|program| is_chosen(args, &program.package));
    programs.sort();
    if programs.is_empty() {
        println!("error: there is no test program");
        return Ok(false);
    }
    let mut failed = Vec::new();
    for program in &programs {
        if !run_program(places, program, &args.arguments)? {
            failed.push(program.executable.display().to_string());
        }
    }
    if args.test.is_none() && !documentation(places, args)? {
        failed.push("documentation".to_owned());
    }
    if !failed.is_empty() {
        println!("error: {} of {} programs failed: {}", failed.len(), programs.len(), failed.join(", "));
    }
    Ok(failed.is_empty())
}

/// `cargo test` with the choice of packages, and so of features.
fn cargo(args: &Args) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--locked"]);
    if args.everything || args.packages.is_empty() && !args.library {
        cargo.args(["--workspace", "--features", BINDINGS_FEATURES]);
        return cargo;
    }
    for package in &args.packages {
        cargo.args(["-p", package]);
    }
    if args.library {
        cargo.args(["-p", BINDINGS]);
    }
    if args.library || args.packages.iter().any(|package| package == BINDINGS) {
        cargo.args(["--features", BINDINGS_FEATURES]);
    }
    cargo
}

fn is_chosen(args: &Args, package: &String) -> bool {
    (args.packages.is_empty() || args.packages.contains(package)) && !args.exclude.contains(package)
}

/// Runs one program in its package's folder, as cargo does.
fn run_program(places: &Places, program: &Program, arguments: &[String]) -> io::Result<bool> {
    let shown = program.source.strip_prefix(&places.root).unwrap_or(&program.source);
    println!("     Running {} ({})", shown.display(), program.executable.display());
    let started = Instant::now();
    let folder = program.manifest.parent().unwrap_or(&places.root);
    let mut command = Command::new(&program.executable);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command.env("CARGO_MANIFEST_DIR", folder).env("CARGO_MANIFEST_PATH", &program.manifest);
    command.env("CARGO_PKG_NAME", &program.package);
    let status = command.status()?;
    if !status.success() {
        println!("error: {} ended with {status}", shown.display());
    }
    println!("     took {:.1} s", started.elapsed().as_secs_f64());
    Ok(status.success())
}

/// The examples in documentation: of the packages named, or of the whole workspace.
fn documentation(places: &Places, args: &Args) -> io::Result<bool> {
    // Those of one package are not told from those of the others: they run where all are run.
    if args.everything && !args.packages.is_empty() {
        return Ok(true);
    }
    let mut tests = cargo(args);
    tests.args(["--doc", "--no-fail-fast", "--"]).args(&args.arguments);
    Ok(tests.current_dir(&places.root).stdin(Stdio::null()).status()?.success())
}

/// The test program that a line of cargo's tells of.
fn program(artefact: &Value) -> Option<Program> {
    if !artefact.pointer("/profile/test")?.as_bool()? {
        return None;
    }
    let text = |pointer: &str| Some(artefact.pointer(pointer)?.as_str()?.to_owned());
    Some(Program {
        package: package(&text("/package_id")?)?.to_owned(),
        separate: !has_kind(artefact, "lib"),
        source: text("/target/src_path")?.into(),
        manifest: text("/manifest_path")?.into(),
        executable: text("/executable")?.into(),
    })
}

/// Whether the artefact's target is of a kind. Only a library has several.
fn has_kind(artefact: &Value, kind: &str) -> bool {
    let kinds = artefact.pointer("/target/kind").and_then(Value::as_array);
    kinds.is_some_and(|kinds| kinds.iter().any(|one| one.as_str() == Some(kind)))
}

/// `one` of `path+file:///where/ever#one@1.0.0` and of `path+file:///where/one#1.0.0`.
fn package(id: &str) -> Option<&str> {
    let (path, version) = id.rsplit_once('#')?;
    match version.split_once('@') {
        Some((name, _)) => Some(name),
        None => path.rsplit('/').next(),
    }
}

fn copy_library(artefacts: &[Value], to: &Path) -> io::Result<()> {
    let of_bindings = artefacts.iter().filter(|artefact| {
        let id = artefact.pointer("/package_id").and_then(Value::as_str);
        let is_test = artefact.pointer("/profile/test").and_then(Value::as_bool).unwrap_or(true);
        !is_test && id.and_then(package) == Some(BINDINGS)
    });
    let mut wanted = vec!["libadit_bindings.so", "adit-bindgen"];
    fs::create_dir_all(to)?;
    for artefact in of_bindings.filter(|one| has_kind(one, "cdylib") || has_kind(one, "bin")) {
        let files = artefact.pointer("/filenames").and_then(Value::as_array);
        for path in files.into_iter().flatten().filter_map(Value::as_str).map(Path::new) {
            let Some(at) = wanted.iter().position(|name| path.ends_with(name)) else { continue };
            let new = to.join("new");
            fs::copy(path, &new)?;
            // Under its name it is always whole, also for a program that has the old one open.
            fs::rename(&new, to.join(wanted.swap_remove(at)))?;
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    Err(io::Error::other(format!("cargo did not tell of {}", wanted.join(" and "))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_package_is_told_from_its_id() {
        assert_eq!(package("path+file:///a/core/ike#adit-ike@0.1.0"), Some("adit-ike"));
        assert_eq!(package("path+file:///a/xtask#0.1.0"), Some("xtask"));
        assert_eq!(package("nothing"), None);
    }

    fn artefact(test: bool, kind: &str) -> Value {
        json!({
            "reason": "compiler-artifact", "package_id": "path+file:///a/core/ike#adit-ike@0.1.0",
            "manifest_path": "/a/core/ike/Cargo.toml", "profile": { "test": test },
            "target": { "kind": [kind], "name": "x", "src_path": "/a/core/ike/x.rs" },
            "filenames": ["/a/target/debug/deps/x-1"], "executable": "/a/target/debug/deps/x-1",
        })
    }

    #[test]
    fn only_test_programs_are_run_and_a_library_s_own_first() {
        assert_eq!(program(&artefact(false, "bin")), None);
        assert_eq!(program(&json!({ "reason": "build-finished", "success": true })), None);
        let mut both = [program(&artefact(true, "test")).unwrap(), program(&artefact(true, "lib")).unwrap()];
        both.sort();
        assert!(!both[0].separate && both[1].separate);
        assert_eq!(both[0].package, "adit-ike");
    }

    #[test]
    fn a_library_that_cargo_does_not_tell_of_is_missed() {
        let folder = std::env::temp_dir().join(format!("adit-xtask-{}-library", std::process::id()));
        let error = copy_library(&[artefact(false, "bin")], &folder).unwrap_err().to_string();
        assert!(error.contains("libadit_bindings.so and adit-bindgen"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_choice_of_packages_decides_the_features() {
        let args = |everything, packages: &[&str], library| Args {
            everything,
            packages: packages.iter().map(|name| (*name).to_owned()).collect(),
            exclude: Vec::new(),
            test: None,
            library,
            no_run: false,
            arguments: Vec::new(),
        };
        let said = |args: &Args| {
            let words: Vec<_> =
                cargo(args).get_args().map(|word| word.to_string_lossy().into_owned()).collect();
            words.join(" ")
        };
        let all = format!("test --locked --workspace --features {BINDINGS_FEATURES}");
        assert_eq!(said(&args(true, &["adit-ike"], false)), all);
        assert_eq!(said(&args(true, &[], true)), all);
        assert_eq!(said(&args(false, &[], false)), all);
        assert_eq!(said(&args(false, &["adit-ike"], false)), "test --locked -p adit-ike");
        let library = format!("test --locked -p adit-bindings --features {BINDINGS_FEATURES}");
        assert_eq!(said(&args(false, &[], true)), library);
    }
}
