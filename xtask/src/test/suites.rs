//! The suites: what each one runs, what it needs, how long it may take.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::install::{self, Need};
use crate::kotlin;
use crate::package;
use crate::phones;
use crate::programs;
use crate::swift;
use crate::web;

/// Packages with a suite of their own, so not part of `unit`.
const OWN_SUITES: &[&str] = &["adit-testkit", "adit-fuzz-targets", "adit-interop"];

/// Seeds of the simulations when they run as unit tests.
const FEW_SEEDS: u32 = 20;

/// The fuzz programs are a workspace of their own.
const FUZZ_MANIFEST: &str = "fuzz/Cargo.toml";

/// What the interop rig runs beside our own program.
const RIG_PACKAGES: &[&str] = &[
    "charon-systemd",
    "iproute2",
    "iputils-ping",
    "libcharon-extauth-plugins",
    "libcharon-extra-plugins",
    "libstrongswan-extra-plugins",
    "libstrongswan-standard-plugins",
    "nftables",
    "openssl",
    "strongswan-pki",
    "strongswan-swanctl",
    "tshark",
];

/// What a suite runs.
enum What {
    Format,
    Schema,
    Generated,
    Clippy,
    Deny,
    /// Tests of the whole workspace but of [`OWN_SUITES`].
    Unit,
    Simulation,
    FuzzReplay,
    Interop,
    Docs,
    /// A type check, for a phone, of what an app links: each package under `core` that is not for tests only.
    Phone(&'static str),
    /// The library of apps: its sizes, and its memory.
    Sizes,
    /// A type check of what a browser gets.
    Web(&'static str),
    /// The npm package in Node, and the sizes of all that `cargo xtask web` builds.
    Package,
    /// The page in a browser.
    Page,
    /// The Kotlin library in a JVM, against the library.
    Kotlin,
    /// The Swift package on Linux, against the library.
    Swift,
}

/// One row of the table.
pub struct Suite {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it shows, in a few words.
    pub about: &'static str,
    /// What the machine must have.
    pub needs: &'static [Need],
    /// When a run is taken to hang.
    pub limit: Duration,
    what: What,
}

/// Every suite, in the order they run: the quick and the often failing first. Behind those that leave room stand those
/// that can run beside them, the one that also measures last. A limit is for a hang: a busy machine takes far longer than a
/// quiet one.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "format",
        about: "cargo fmt --check",
        needs: &[Need::Component("rustfmt")],
        limit: minutes(2),
        what: What::Format,
    },
    Suite {
        name: "schema",
        about: "the tables of Apple's keys are those of the fact files (cargo xtask regenerate schema --check)",
        needs: &[],
        limit: minutes(5),
        what: What::Schema,
    },
    Suite {
        name: "generated",
        about: "source files made from other source are up to date (cargo xtask regenerate names, bindings --check)",
        needs: &[],
        limit: minutes(20),
        what: What::Generated,
    },
    Suite {
        name: "clippy",
        about: "clippy on every target of every package, warnings refused",
        needs: &[Need::Component("clippy")],
        limit: minutes(20),
        what: What::Clippy,
    },
    Suite {
        name: "deny",
        about: "cargo-deny: bans, licences, sources",
        needs: &[Need::Deny],
        limit: minutes(5),
        what: What::Deny,
    },
    Suite {
        name: "unit",
        about: "unit, property, vector and documentation tests",
        needs: &[Need::Wanted(&["openssl", "python3-jsonschema"])],
        limit: minutes(40),
        what: What::Unit,
    },
    Suite {
        name: "simulation",
        about: "client and gateway over a simulated network, --seeds seeds",
        needs: &[],
        limit: minutes(20),
        what: What::Simulation,
    },
    Suite {
        name: "fuzz-replay",
        about: "checks the fuzz programs; replays their seeds and every crash found, on the stable toolchain",
        needs: &[],
        limit: minutes(15),
        what: What::FuzzReplay,
    },
    Suite {
        name: "interop",
        about: "strongSwan in network namespaces",
        needs: &[Need::Root, Need::Packages(RIG_PACKAGES)],
        limit: minutes(30),
        what: What::Interop,
    },
    Suite {
        name: "kotlin",
        about: "the Kotlin library on the JVM: the library by UniFFI and the C ABI, the Android service behind its seams",
        needs: kotlin::NEEDS,
        limit: minutes(15),
        what: What::Kotlin,
    },
    Suite {
        name: "swift",
        about: "the Swift package on Linux: the library by UniFFI and the C ABI, the adapter against stubs of Apple's modules",
        needs: swift::NEEDS,
        limit: minutes(15),
        what: What::Swift,
    },
    Suite {
        name: "web",
        about: "the npm package in Node: the corpus beside the command line, types, memory, traps, sizes",
        needs: web::NEEDS,
        limit: minutes(25),
        what: What::Package,
    },
    Suite {
        name: "docs",
        about: "cargo doc, warnings refused",
        needs: &[],
        limit: minutes(20),
        what: What::Docs,
    },
    Suite {
        name: "ios",
        about: "type check for aarch64-apple-ios, the crypto also without ring",
        needs: &[Need::Target("aarch64-apple-ios"), Need::Packages(&["clang", "llvm"])],
        limit: minutes(20),
        what: What::Phone("aarch64-apple-ios"),
    },
    Suite {
        name: "android",
        about: "type check for aarch64-linux-android, the crypto also without ring",
        needs: &[Need::Target("aarch64-linux-android"), Need::Packages(&["clang", "llvm"])],
        limit: minutes(20),
        what: What::Phone("aarch64-linux-android"),
    },
    Suite {
        name: "android-x86_64",
        about: "type check for x86_64-linux-android, the crypto also without ring",
        needs: &[Need::Target("x86_64-linux-android"), Need::Packages(&["clang", "llvm"])],
        limit: minutes(20),
        what: What::Phone("x86_64-linux-android"),
    },
    Suite {
        name: "wasm",
        about: "type check for wasm32-unknown-unknown",
        needs: &[Need::Target("wasm32-unknown-unknown")],
        limit: minutes(20),
        what: What::Web("wasm32-unknown-unknown"),
    },
    Suite {
        name: "sizes",
        about: "the library as apps have it: its size for iOS and for Android, and at most 12 MiB in use",
        needs: package::BUDGETED,
        limit: minutes(30),
        what: What::Sizes,
    },
    Suite {
        name: "page",
        about: "the page in Chromium: verdicts beside the command line's, fixes, forms, offline, requests, accessibility",
        needs: PAGE_NEEDS,
        limit: minutes(25),
        what: What::Page,
    },
];

/// The tests of the page.
const PAGE_TESTS: &str = "wasm/www/tests";

/// Those of them that watch the pace of the browser: they have the machine to themselves. The others wait for the browser as
/// much as it waits for them, so two files run at a time.
const PACE: &str = "typing.test.mjs";

/// What the page's tests need: what building it needs ([`web::NEEDS`]), and Debian's browser with a font to draw with.
const PAGE_NEEDS: &[Need] = &[
    package::STD,
    Need::Node,
    Need::WasmBindgen,
    Need::NpmPackages,
    Need::Packages(&["chromium", "fonts-dejavu-core"]),
];

/// What all suites of one run share.
pub struct Context {
    /// The workspace's folder.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
    /// Where logs and generated headers go.
    pub work: PathBuf,
    /// The folder with vectors and corpus, when there is one.
    pub shared: Option<PathBuf>,
    /// Seeds for the simulation.
    pub seeds: u32,
    /// The run holds `unit`, which builds the whole workspace: the others take what they need of that.
    pub everything: bool,
}

impl Suite {
    /// Whether the log holds the test harness's result lines; else the suite counts as one.
    pub fn has_tests(&self) -> bool {
        matches!(
            self.what,
            What::Unit
                | What::Simulation
                | What::FuzzReplay
                | What::Interop
                | What::Sizes
                | What::Package
                | What::Page
                | What::Kotlin
                | What::Swift
        )
    }

    /// The commands to run one after another, until one fails.
    ///
    /// # Errors
    /// Something that must be written for them cannot be.
    pub fn commands(&self, cx: &Context) -> io::Result<Vec<Command>> {
        let mut commands = Vec::new();
        match self.what {
            What::Format => {
                commands.push(cargo(&[
                    "fmt",
                    "--manifest-path",
                    FUZZ_MANIFEST,
                    "--check",
                    "--",
                    "--color",
                    "never",
                ]));
            }
            // Checked, not built: what they call is built and run below, and a build of their own workspace costs a minute.
            // Not --locked: a new dependency of a core crate must not wait for this workspace's own lock file.
            What::FuzzReplay => {
                let mut check = cargo(&["check", "--manifest-path", FUZZ_MANIFEST, "--target-dir"]);
                check.arg(cx.target.join("fuzz"));
                // A check links nothing: libFuzzer itself, 40 s of compiling C++, may as well be an empty library.
                let library = cx.work.join("libfuzzer.a");
                std::fs::write(&library, "!<arch>\n")?;
                check.env("CUSTOM_LIBFUZZER_PATH", library).env("CUSTOM_LIBFUZZER_STD_CXX", "none");
                commands.push(check);
            }
            What::Simulation => {
                commands.push(show_left_out(programs(cx, &["-p", "adit-testkit"])?));
            }
            What::Generated => {
                let mut names = Command::new(std::env::current_exe()?);
                names.args(["regenerate", "names", "--check"]);
                commands.push(names);
                commands.push(programs::library(cx.everything)?);
            }
            // What users run is what the peers meet.
            What::Interop => commands.push(cargo(&["build", "--locked", "--release", "-p", "adit-cli"])),
            // The command line is what the package and the page are compared with.
            What::Package | What::Page => {
                commands.push(programs(cx, &["-p", "adit-cli", "--test", "completions", "--no-run"])?);
                let mut build = Command::new(std::env::current_exe()?);
                build.args(["web", "--no-install"]);
                if matches!(self.what, What::Package) {
                    build.arg("--traps");
                }
                commands.push(build);
                if matches!(self.what, What::Page) {
                    commands.push(node_tests(cx, PAGE_TESTS, 2, |name| name != PACE)?);
                }
            }
            // Each provider must do for a phone: ring with RustCrypto, and RustCrypto alone.
            What::Phone(target) => {
                let mut alone = cargo(&["check", "--locked", "--target", target]);
                alone.args(["-p", "adit-crypto", "--no-default-features"]);
                phones::set_compiler(&mut alone, target, &cx.work.join(target))?;
                commands.push(alone);
            }
            What::Sizes => {
                let mut measure = Command::new(std::env::current_exe()?);
                measure.args(["package", "--sizes", "--no-install"]);
                commands.push(measure);
            }
            What::Kotlin | What::Swift => commands.push(programs::library(cx.everything)?),
            _ => {}
        }
        commands.push(self.command(cx)?);
        for command in &mut commands {
            command
                .current_dir(&cx.root)
                .env("CARGO_TERM_COLOR", "never")
                .env("ADIT_SEEDS", self.seeds(cx).to_string());
            // A failed assertion says where it stands; the stack above it is the harness.
            command.env("RUST_BACKTRACE", "0");
            // Absolute, because each test program runs in its package's folder. Without the folder nothing is set:
            // the tests find out in the same way and say what they leave out.
            if let Some(folder) = &cx.shared {
                command.env("ADIT_SHARED", folder);
            }
        }
        Ok(commands)
    }

    /// Whether it can only run with the shared folder.
    pub fn needs_shared(&self) -> bool {
        matches!(self.what, What::Schema)
    }

    /// Whether its tests wait much, or run one after another, and stand that the processors are busy with a compiler of
    /// low priority.
    pub fn leaves_room(&self) -> bool {
        self.has_tests() && !matches!(self.what, What::Sizes | What::Page)
    }

    /// Whether nothing but a compiler runs, except for its last command if it [has tests](Self::has_tests). Cargo
    /// keeps one of its folders to one build at a time, and lets it go before what it built runs.
    pub fn only_compiles(&self) -> bool {
        matches!(self.what, What::Docs | What::Phone(_) | What::Web(_) | What::Sizes)
    }

    /// Whether it builds the test programs of the whole workspace.
    pub fn builds_everything(&self) -> bool {
        matches!(self.what, What::Unit)
    }

    /// Seeds for simulations: the full number in their own suite, a few where they run among other tests.
    fn seeds(&self, cx: &Context) -> u32 {
        if matches!(self.what, What::Unit) { cx.seeds.min(FEW_SEEDS) } else { cx.seeds }
    }

    fn command(&self, cx: &Context) -> io::Result<Command> {
        Ok(match self.what {
            What::Format => cargo(&["fmt", "--all", "--check", "--", "--color", "never"]),
            What::Schema => {
                let mut schema = Command::new(std::env::current_exe()?);
                schema.args(["regenerate", "schema", "--check"]);
                schema
            }
            What::Generated => {
                let mut bindings = Command::new(std::env::current_exe()?);
                bindings.args(["regenerate", "bindings", "--check", "--library"]);
                bindings.arg(programs::library_folder(&cx.target));
                bindings
            }
            What::Clippy => {
                cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"])
            }
            What::Deny => {
                let mut deny = Command::new(install::deny().unwrap_or_else(|| "cargo-deny".into()));
                deny.args(["--locked", "check", "bans", "licenses", "sources"]);
                deny
            }
            What::Unit => {
                let mut tests = programs(cx, &[])?;
                for package in OWN_SUITES {
                    tests.args(["--exclude", package]);
                }
                let mut tests = show_left_out(tests);
                // It needs the library as apps have it: suite `sizes` builds that and runs it.
                tests.args(["--skip", "the_library_of_an_app"]);
                tests
            }
            What::Simulation => show_left_out(programs(
                cx,
                &["-p", "adit-ike", "-p", "adit-gateway", "--test", "simulation"],
            )?),
            What::FuzzReplay => show_left_out(programs(cx, &["-p", "adit-fuzz-targets"])?),
            What::Interop => {
                let mut tests = programs(cx, &["-p", "adit-interop"])?;
                // Tests wait more than they work (for timers of IKE, for a minute of idleness): four at once wait together. Those
                // that move data take turns (`interop::traffic`).
                tests.args(["--", "--show-output", "--test-threads=4"]);
                tests.env("ADIT_BIN", cx.target.join("release/adit"));
                tests
            }
            What::Docs => {
                let mut docs = cargo(&["doc", "--locked", "--workspace", "--no-deps"]);
                docs.env("RUSTDOCFLAGS", "-D warnings");
                docs
            }
            What::Phone(target) => {
                let mut check = cargo(&["check", "--locked", "--target", target]);
                for package in engine_crates(&cx.root)? {
                    check.args(["-p", &package]);
                }
                phones::set_compiler(&mut check, target, &cx.work.join(target))?;
                check
            }
            What::Sizes => {
                let mut test = programs(cx, &["-p", "adit-bindings", "--test", "c_abi"])?;
                test.args(["--", "the_library_of_an_app", "--show-output"]);
                test.env("ADIT_PHONE_LIBRARY", package::library_for_this_machine(&cx.target));
                test
            }
            What::Web(target) => {
                cargo(&["check", "--locked", "--target", target, "-p", "adit-profile", "-p", "adit-wasm"])
            }
            What::Package => node_tests(cx, "wasm/tests", 1, |_| true)?,
            What::Page => node_tests(cx, PAGE_TESTS, 1, |name| name == PACE)?,
            What::Kotlin => {
                let mut tests = Command::new(std::env::current_exe()?);
                tests.args(["kotlin", "--library"]).arg(programs::library_folder(&cx.target));
                tests
            }
            What::Swift => swift::tests(
                &cx.root,
                &cx.target,
                &programs::library_folder(&cx.target),
                cx.shared.as_deref(),
            ),
        })
    }
}

/// Node with those tests of a folder whose file names are `wanted`, so many files at once.
fn node_tests(
    cx: &Context,
    folder: &str,
    at_once: usize,
    wanted: impl Fn(&str) -> bool,
) -> io::Result<Command> {
    let mut files = test_files(&cx.root.join(folder))?;
    files.retain(|path| path.file_name().and_then(OsStr::to_str).is_some_and(&wanted));
    // Without a file Node would look for some itself.
    if files.is_empty() {
        return Err(io::Error::other(format!("{folder} does not have the tests that are looked for")));
    }
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=./wasm/test-reporter.mjs", "--test-reporter-destination=stdout"]);
    node.arg(format!("--test-concurrency={at_once}")).args(files);
    node.env("ADIT_BIN", cx.target.join("debug/adit")).env("ADIT_TARGET", &cx.target);
    Ok(node)
}

/// The test files in a folder. Named one by one: Node 20 takes no patterns.
fn test_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    files.retain(|path| path.to_str().is_some_and(|path| path.ends_with(".test.mjs")));
    files.sort();
    Ok(files)
}

/// The folder with vectors and corpus: what `ADIT_SHARED` says, else `../shared`; `None` when there is none.
pub fn shared(root: &Path) -> Option<PathBuf> {
    let folder = std::env::var_os("ADIT_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    folder.join("vectors").is_dir().then(|| folder.canonicalize().unwrap_or(folder))
}

/// What runs on phones: the packages under `core` but the one that only tests use, and the bindings. Each folder's package
/// is named after it.
fn engine_crates(root: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join("core"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() && entry.file_name() != "testkit" {
            names.push(format!("adit-{}", entry.file_name().to_string_lossy()));
        }
    }
    names.push("adit-bindings".to_owned());
    names.sort();
    Ok(names)
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(args);
    command
}

/// Test programs; see [`crate::programs`].
fn programs(cx: &Context, args: &[&str]) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("programs").args(args);
    if cx.everything {
        command.arg("--everything");
    }
    Ok(command)
}

/// The harness keeps what a passing test prints to itself unless told otherwise.
fn show_left_out(mut tests: Command) -> Command {
    tests.args(["--", "--show-output"]);
    tests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_is_checked_for_phones_and_the_testkit_is_not() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let names = engine_crates(root).unwrap();
        assert!(names.contains(&"adit-driver".to_owned()) && names.contains(&"adit-ike".to_owned()));
        assert!(!names.contains(&"adit-testkit".to_owned()));
    }

    #[test]
    fn the_pages_suite_installs_what_building_the_page_needs() {
        for need in web::NEEDS {
            assert!(PAGE_NEEDS.contains(need));
        }
    }

    #[test]
    fn drift_of_the_bindings_is_found_without_the_shared_folder() {
        let needs_shared: Vec<&str> =
            SUITES.iter().filter(|suite| suite.needs_shared()).map(|suite| suite.name).collect();
        assert_eq!(needs_shared, ["schema"]);
    }

    #[test]
    fn suites_have_names_of_their_own() {
        for (at, suite) in SUITES.iter().enumerate() {
            assert!(SUITES.iter().skip(at + 1).all(|other| other.name != suite.name), "{}", suite.name);
        }
    }
}
