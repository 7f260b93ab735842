//! `cargo xtask web`: the npm package `@adit/profile` and the page, built from a clean clone; `--serve` shows the page.
//!
//! Owns the order of the steps and their progress lines, the tools ([`tools`]), each step ([`steps`]) and the builds that
//! only the tests want ([`Traps`](Args::traps)). Leaves out: what the crate exports (wasm/src), the package's own code
//! (wasm/package) and how the page is bundled (wasm/www/build.mjs).

mod order;
mod pages;
mod steps;
pub mod tools;

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::install::{self, Need};

/// What building needs beyond the toolchain that builds this program.
pub const NEEDS: &[Need] = &[crate::package::STD, Need::Node, Need::WasmBindgen, Need::NpmPackages];

/// Arguments of `cargo xtask web`.
#[derive(clap::Args)]
pub struct Args {
    /// Serve the page on loopback when it is built, until interrupted.
    #[arg(long)]
    serve: bool,

    /// The port to serve at; 0 takes any that is free.
    #[arg(long, default_value_t = 8080, requires = "serve")]
    port: u16,

    /// Serve the page below this path, such as /some/where/, as a web server with other things on it does.
    #[arg(long, default_value = "/", requires = "serve", value_parser = base)]
    path: String,

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
    if let Some(error) = args.serve.then(|| port_is_taken(args.port)).flatten() {
        eprintln!("error: {error}");
        return ExitCode::FAILURE;
    }
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
    if args.serve { serve(&places, args) } else { ExitCode::SUCCESS }
}

/// A path as the server takes it, with a slash at both ends.
fn base(text: &str) -> Result<String, String> {
    let steps: Vec<&str> = text.split('/').filter(|step| !step.is_empty()).collect();
    let is_plain =
        |step: &&str| step.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    if !steps.iter().all(is_plain) || steps.iter().any(|step| matches!(*step, "." | "..")) {
        return Err("a path of letters, digits, -, ., _ and ~ between slashes".to_owned());
    }
    Ok(steps.iter().fold("/".to_owned(), |path, step| path + step + "/"))
}

/// Why the page cannot be served at a port. Asked before the build, which takes minutes.
fn port_is_taken(port: u16) -> Option<String> {
    let error = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).err()?;
    Some(match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("port {port} is taken; choose another with --port (0 takes any that is free)")
        }
        _ => format!("port {port} cannot be used: {error}; choose another with --port"),
    })
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

fn serve(places: &Places, args: &Args) -> ExitCode {
    let mut node = Command::new("node");
    node.arg(places.wasm().join("serve.mjs")).arg(places.page());
    node.args([&args.port.to_string(), &args.path]).stdin(Stdio::null());
    match node.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: node cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_gets_its_slashes_and_leads_nowhere_else() {
        for (given, path) in
            [("/", "/"), ("", "/"), ("adit", "/adit/"), ("/some/where", "/some/where/"), ("//a//", "/a/")]
        {
            assert_eq!(base(given).unwrap(), path);
        }
        for wrong in ["/a b/", "/../", "a?b", "/ä/"] {
            assert!(base(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_port_that_is_taken_is_told_with_the_way_out() {
        let held = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = held.local_addr().unwrap().port();
        let said = port_is_taken(port).unwrap();
        assert!(said.contains(&port.to_string()) && said.contains("--port"), "{said}");
        assert_eq!(port_is_taken(0), None);
    }
}
