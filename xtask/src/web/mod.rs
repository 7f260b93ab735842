//! `cargo xtask web`: the npm package `@adit/profile` and the page, built from a clean clone; `--serve` shows the page.
//!
//! Owns the order of the steps and their progress lines, the tools ([`tools`]), each step ([`steps`]) and the builds that
//! only the tests want ([`Traps`](Args::traps)). Leaves out: what the crate exports (wasm/src), the package's own code
//! (wasm/package) and how the page is bundled (wasm/www/build.mjs).

mod pages;
mod steps;
pub mod tools;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::install::{self, Need};

/// What building needs beyond the toolchain that builds this program.
pub const NEEDS: &[Need] = &[Need::Target(steps::TARGET), Need::Node, Need::WasmBindgen, Need::NpmPackages];

/// Arguments of `cargo xtask web`.
#[derive(clap::Args)]
pub struct Args {
    /// Serve the page on loopback when it is built, until interrupted.
    #[arg(long)]
    serve: bool,

    /// The port to serve at; 0 takes any that is free.
    #[arg(long, default_value_t = 8080, requires = "serve")]
    port: u16,

    /// Build the npm package only.
    #[arg(long, conflicts_with = "serve")]
    package: bool,

    /// Also build what the tests need: the package with an entry that traps, to target/web/traps.
    #[arg(long, hide = true)]
    traps: bool,

    /// Install nothing; fail when something is missing.
    #[arg(long)]
    no_install: bool,
}

/// Where things are.
pub struct Places {
    /// The workspace's folder.
    pub root: PathBuf,
    /// Where cargo builds.
    pub target: PathBuf,
}

impl Places {
    /// Those of this workspace.
    pub fn of_workspace() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().unwrap_or(manifest).to_owned();
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |folder| root.join(folder));
        Self { root, target }
    }

    /// The folder of the crate, the package and the page.
    pub fn wasm(&self) -> PathBuf {
        self.root.join("wasm")
    }

    /// What the page is built into.
    pub fn page(&self) -> PathBuf {
        self.wasm().join("www/dist")
    }
}

/// Runs the command.
pub fn run(args: &Args) -> ExitCode {
    let places = Places::of_workspace();
    if !args.no_install {
        install::install(NEEDS);
    }
    let missing: Vec<String> = NEEDS.iter().filter_map(install::missing).collect();
    if !missing.is_empty() {
        eprintln!("error: {}", missing.join("; "));
        return ExitCode::FAILURE;
    }
    if let Err(error) = build(&places, args) {
        eprintln!("\nerror: {error}");
        return ExitCode::FAILURE;
    }
    if args.serve { serve(&places, args.port) } else { ExitCode::SUCCESS }
}

fn build(places: &Places, args: &Args) -> Result<(), String> {
    if args.traps {
        step("package with traps (for tests)", || steps::package(places, steps::Which::Traps))?;
    }
    step("wasm and npm package", || steps::package(places, steps::Which::Product))?;
    step("pages of the rules", || steps::rule_pages(places))?;
    if args.package {
        return Ok(());
    }
    step("page", || steps::page(places))?;
    println!(
        "\nnpm package: wasm/package\npage:        wasm/www/dist (static files, for any web server and any path)"
    );
    Ok(())
}

/// Runs one step with a line that tells how long it took, or why it failed.
fn step(what: &str, work: impl FnOnce() -> Result<String, String>) -> Result<(), String> {
    print!("{what:<32} ");
    let _ = io::stdout().flush();
    let started = Instant::now();
    match work() {
        Ok(said) => {
            println!("{:>6.1} s  {said}", started.elapsed().as_secs_f64());
            Ok(())
        }
        Err(error) => {
            println!("FAILED");
            Err(format!("{what}: {error}"))
        }
    }
}

fn serve(places: &Places, port: u16) -> ExitCode {
    let mut node = Command::new("node");
    node.arg(places.wasm().join("serve.mjs")).arg(places.page()).arg(port.to_string()).stdin(Stdio::null());
    match node.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: node cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}
