//! The steps of the web build: cargo, wasm-bindgen, wasm-opt, the package's files, the rules' pages, the page.
//!
//! Everything is made below `target/web` first and put in its place when it is whole, so that a failed build leaves the
//! last good one standing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Places, order, pages, tools};
use crate::command::output_of;

/// What the crate is built for.
const TARGET: &str = "wasm32-unknown-unknown";

/// What rustc's `wasm32-unknown-unknown` emits today: wasm-opt refuses a module with a feature it was not told of, and
/// optimises with those it was.
const FEATURES: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// How rustc compiles the module: with the ciphers and hashes that are written for size.
///
/// A panic ends the call at once. Its message goes nowhere in a browser, where what the caller is told is made of the trap
/// (wasm/package/engine.js), so neither the messages nor their places are compiled, nor what writes values for them: no
/// text that a user sees is made by `Debug` (the tests compare every report with the command line's). With a stack of
/// 768 KiB all data stands below 2^20, where an address takes one byte less in the code.
///
/// A function with one caller goes into it up to 150 instructions and no further: LLVM takes 15,000 off the cost of such a call,
/// which at its own price of 5 for an instruction made functions of 20 KB, that Brotli packs worse than their parts. The price
/// is 20 times as high here, and what a call is taken to cost with it.
const RUST_FLAGS: &[&str] = &[
    "--cfg=aes_backend_soft=\"compact\"",
    "--cfg=sha2_backend_soft=\"compact\"",
    "-Zunstable-options",
    "-Cpanic=immediate-abort",
    "-Zlocation-detail=none",
    "-Zfmt-debug=none",
    "-Clink-arg=-zstack-size=786432",
    // Such as that a function is called in another way than it is built: the linker would make a trap of it.
    "-Clink-arg=--fatal-warnings",
    "-Cllvm-args=-inline-instr-cost=100",
    "-Cllvm-args=-inline-call-penalty=500",
];

/// The standard library is compiled along, for size and with the flags above. Cargo takes that for unstable, so
/// `RUSTC_BOOTSTRAP` stands in the one command, with the compiler that rust-toolchain.toml pins.
const STD: [&str; 2] = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];

/// How the crates are put together. A small function goes into its callers where that makes them larger by one operator at
/// most, at the price of [`RUST_FLAGS`]: for three operators it is 3 KiB more of Brotli. Loops count as they are written:
/// rewritten to step pointers in place of numbers they have more local variables, another 3 KiB. A check takes 1.5 % longer
/// than with three operators and rewritten loops.
const LINK_FLAGS: &[&str] = &["-Cllvm-args=-inline-threshold=100", "-Cllvm-args=-disable-lsr"];

/// What wasm-opt does: for size, and without the sections that only tools read. Functions that differ in a number only become
/// one. Only small functions go into their one caller: large ones make a function of hundreds of local variables, which is
/// 1 % smaller and 6 % more of Brotli. No load and no store says how its address is aligned, which engines make nothing of
/// (1 KiB of Brotli), and data stands in one piece: cut into pieces it is 10 KiB smaller, and 5 KiB more of Brotli. Addresses
/// below 1024 are the far end of the stack, which no sum of an address and an offset means. The order of the functions is
/// [`order`]'s.
const OPTIMISE: &[&str] = &[
    "--merge-similar-functions",
    "-Oz",
    "--low-memory-unused",
    "--skip-pass=memory-packing",
    "--one-caller-inline-max-function-size=20",
    "--dealign",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// The files of the package that are written by hand.
const PACKAGE_FILES: &[&str] = &[
    "package.json",
    "README.md",
    "index.js",
    "index.d.ts",
    "node.js",
    "node.d.ts",
    "engine.js",
    "signatures.js",
];

/// The name of what wasm-bindgen writes, without endings.
const NAME: &str = "adit_profile";

/// Which package is built.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Which {
    /// The one for users, to wasm/package/dist.
    Product,
    /// The same with an entry that traps, to target/web/traps.
    Traps,
}

/// Builds the crate and puts wasm and glue into the package. Answers its size.
pub fn package(places: &Places, which: Which) -> Result<String, String> {
    let work = places.target.join("web").join(if which == Which::Product { "product" } else { "trap-build" });
    make_folder(&work)?;
    let built = compile(places, which)?;
    let bound = work.join("bindgen");
    bind(&built, &bound)?;
    let optimised = optimise(places, &bound.join(format!("{NAME}_bg.wasm")), &work)?;
    let package = match which {
        Which::Product => places.wasm().join("package"),
        Which::Traps => {
            let package = places.target.join("web/traps");
            make_folder(&package)?;
            for name in PACKAGE_FILES {
                copy(&places.wasm().join("package").join(name), &package.join(name))?;
            }
            package
        }
    };
    let dist = package.join("dist");
    make_folder(&dist)?;
    copy(&optimised, &dist.join(format!("{NAME}_bg.wasm")))?;
    copy(&bound.join(format!("{NAME}.js")), &dist.join(format!("{NAME}.js")))?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&places.root.join(licence), &package.join(licence))?;
    }
    let size = fs::metadata(&optimised).map_err(|error| at(&optimised, &error))?.len();
    Ok(format!("{} KiB of wasm", size.div_ceil(1024)))
}

/// cargo; answers the module. As a `cdylib` alone: beside the `rlib` that tests take, which holds no machine code to optimise,
/// cargo would leave the profile's `lto` out, without a word.
fn compile(places: &Places, which: Which) -> Result<PathBuf, String> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(&places.root).args(["rustc", "--locked", "--quiet", "-p", "adit-wasm", "--lib"]);
    cargo.args(["--crate-type", "cdylib", "--target", TARGET, "--profile", "wasm"]);
    cargo.env("RUSTC_BOOTSTRAP", "1").args(STD);
    let flags: Vec<String> = RUST_FLAGS.iter().map(|flag| (*flag).to_owned()).chain(short_paths()).collect();
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    if which == Which::Traps {
        cargo.args(["--features", "trap-tests"]);
    }
    cargo.arg("--").args(LINK_FLAGS);
    run(&mut cargo, "cargo build")?;
    Ok(places.target.join(TARGET).join("wasm/adit_wasm.wasm"))
}

/// Flags for short names of source files in the texts of panics: the same on every machine, and nothing of this one.
fn short_paths() -> impl Iterator<Item = String> {
    let cargo = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let rust = output_of("rustc", &["--print", "sysroot"]).map(|folder| PathBuf::from(folder.trim()));
    let crates = cargo.map(|folder| (folder.join("registry/src"), "crates"));
    let library = rust.map(|folder| (folder.join("lib/rustlib/src/rust/library"), "std"));
    [crates, library]
        .into_iter()
        .flatten()
        .map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display()))
}

/// wasm-bindgen: the module without its custom sections, and the glue.
fn bind(module: &Path, to: &Path) -> Result<(), String> {
    let program = tools::bindgen().ok_or("wasm-bindgen is missing")?;
    let mut bindgen = Command::new(program);
    bindgen.args(["--target", "web", "--no-typescript", "--omit-default-module-path", "--out-name", NAME]);
    // A trapped instance is replaced by a fresh one of the same module (wasm/package/engine.js).
    bindgen.args(["--experimental-reset-state-function", "--out-dir"]).arg(to).arg(module);
    run(&mut bindgen, "wasm-bindgen")
}

/// wasm-opt, and its functions by likeness, unless it was done with the same module in the same way; answers the smaller
/// module.
fn optimise(places: &Places, module: &Path, work: &Path) -> Result<PathBuf, String> {
    let (optimised, input, recipe_file) =
        (work.join("optimised.wasm"), work.join("input.wasm"), work.join("recipe.txt"));
    let lock = places.wasm().join("package-lock.json");
    let lock = fs::read_to_string(&lock).map_err(|error| at(&lock, &error))?;
    let recipe = format!("{OPTIMISE:?} {FEATURES:?}\n{}\n{lock}", include_str!("order.rs"));
    let same = |path: &Path, bytes: &[u8]| fs::read(path).is_ok_and(|found| found == bytes);
    let bytes = fs::read(module).map_err(|error| at(module, &error))?;
    if optimised.is_file() && same(&input, &bytes) && same(&recipe_file, recipe.as_bytes()) {
        return Ok(optimised);
    }
    let fresh = work.join("fresh.wasm");
    let mut opt = tools::npm_program(&places.wasm(), "wasm-opt");
    opt.args(OPTIMISE).args(FEATURES).arg(module).arg("-o").arg(&fresh);
    run(&mut opt, "wasm-opt")?;
    let smaller = fs::read(&fresh).map_err(|error| at(&fresh, &error))?;
    write(&optimised, &order::by_likeness(&smaller)?)?;
    write(&input, &bytes)?;
    write(&recipe_file, recipe.as_bytes())?;
    Ok(optimised)
}

/// `rule-pages.json` of the package, from docs/rules. Answers how many pages there are.
pub fn rule_pages(places: &Places) -> Result<String, String> {
    let pages = pages::read(&places.root.join("docs/rules"))?;
    let count = pages.len();
    let text = serde_json::Value::Object(pages).to_string();
    write(&places.wasm().join("package/dist/rule-pages.json"), text.as_bytes())?;
    Ok(format!("{count} rules"))
}

/// The page: its own build program, which finds the package beside it.
pub fn page(places: &Places) -> Result<String, String> {
    let program = places.wasm().join("www/build.mjs");
    if !program.is_file() {
        return Err(format!("{} is not there", program.display()));
    }
    let mut node = Command::new("node");
    node.arg(&program).current_dir(places.wasm().join("www"));
    run(&mut node, "build.mjs")?;
    let (mut files, mut bytes) = (0_u64, 0_u64);
    measure(&places.page(), &mut files, &mut bytes)?;
    Ok(format!("{files} files, {} KiB", bytes.div_ceil(1024)))
}

fn measure(folder: &Path, files: &mut u64, bytes: &mut u64) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| at(folder, &error))? {
        let entry = entry.map_err(|error| at(folder, &error))?;
        let about = entry.metadata().map_err(|error| at(&entry.path(), &error))?;
        if about.is_dir() {
            measure(&entry.path(), files, bytes)?;
        } else {
            *files += 1;
            *bytes += about.len();
        }
    }
    Ok(())
}

/// Runs a program quietly; what it printed is the error when it fails.
fn run(command: &mut Command, name: &str) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("{name} failed ({})\n{}{}", output.status, out, err))
}

fn make_folder(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| at(folder, &error))
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(|_| ()).map_err(|error| at(from, &error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|error| at(path, &error))
}

fn at(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
