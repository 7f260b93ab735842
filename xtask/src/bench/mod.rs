//! `cargo xtask bench`: runs the benches, prints a table and writes it to `benches/RESULTS.md`.
//!
//! Owns: how long each bench may measure ([`Pace`]), reading what criterion wrote ([`estimates`]), the tables
//! ([`tables`]), folders of profiles ([`mod@profiles`]), the npm package's turns, the machine ([`machine`]) and the file ([`results`]). Leaves out: the benches, which are the package
//! adit-benches, and `--peers`'s tunnels, which are its program `peers`.

mod estimates;
mod machine;
mod profiles;
mod results;
mod tables;

use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use crate::install::{self, Need};
use crate::kotlin;

/// What the tunnels between namespaces are made of.
const PEER_NEEDS: &[Need] = &[
    Need::Root,
    Need::Packages(&[
        "charon-systemd",
        "iperf3",
        "iproute2",
        "iputils-ping",
        "libcharon-extra-plugins",
        "libstrongswan-extra-plugins",
        "libstrongswan-standard-plugins",
        "strongswan-swanctl",
    ]),
];

/// What runs a main function in Maven.
const EXEC_PLUGIN: &str = "org.codehaus.mojo:exec-maven-plugin:3.5.0:java";

/// Files of the corpus that checks are compared on, beside the project's own: a usual one, and the largest.
const CORPUS: [&str; 2] = ["30c66b9d78-vpn.mobileconfig", "944093cf41-my_vpn.mobileconfig"];

/// What to measure.
#[derive(clap::Args)]
pub struct Args {
    /// Measure each for a moment only: good for a first look, not for comparing.
    #[arg(long)]
    quick: bool,

    /// Instead: profiles, in process and through the command line over folders of many files.
    #[arg(long)]
    profiles: bool,

    /// Instead: the npm package, its first verdict and WebAssembly beside native code.
    #[arg(long)]
    web: bool,

    /// Instead: what a call costs between an app and the tunnel: the C ABI, a descriptor, and from Kotlin.
    #[arg(long)]
    paths: bool,

    /// Instead: TCP through TUN interfaces, Adit to Adit beside strongSwan to strongSwan. Needs root.
    #[arg(long)]
    peers: bool,

    /// The same as --profiles, --web, --paths or --peers.
    #[arg(value_parser = ["profiles", "web", "paths", "peers"], conflicts_with_all = ["profiles", "web", "paths", "peers"])]
    what: Option<String>,
}

/// How long each bench warms up and measures, in seconds, and how many samples it takes.
struct Pace {
    warm_up: &'static str,
    measure: &'static str,
    samples: &'static str,
}

const QUICK: Pace = Pace { warm_up: "0.1", measure: "0.2", samples: "10" };
const USUAL: Pace = Pace { warm_up: "0.3", measure: "1", samples: "30" };

/// Runs the benches. Status 1 if one fails, or if ESP, a profile or WebAssembly costs more than it may.
pub fn run(args: &Args) -> ExitCode {
    let Some(root) = Path::new(env!("CARGO_MANIFEST_DIR")).parent() else { return ExitCode::FAILURE };
    let is = |flag: bool, name: &str| flag || args.what.as_deref() == Some(name);
    let run = if is(args.peers, "peers") {
        peers(root, args.quick)
    } else if is(args.web, "web") {
        web(root, args.quick)
    } else if is(args.paths, "paths") {
        paths(root, args.quick)
    } else if is(args.profiles, "profiles") {
        self::profiles(root, args.quick)
    } else {
        benches(root, args.quick)
    };
    match run {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn benches(root: &Path, quick: bool) -> io::Result<bool> {
    let machine = machine::describe(root);
    println!("{machine}\n");
    let Some(estimates) = criterion(root, quick, &["esp", "replay_window", "message", "handshake"])? else {
        return Ok(false);
    };
    let mut interleaved = cargo(root, &["bench", "--locked", "--quiet", "-p", "adit-benches"]);
    interleaved.args(["--bench", "interleaved", "--", "--check"]);
    let (within, pairs) = stream(&mut interleaved, |_| ())?;

    let report = format!("{}\n{}", tables::pairs(&pairs), tables::all(&estimates));
    println!("\n{report}");
    let how = if quick { "cargo xtask bench --quick" } else { "cargo xtask bench" };
    results::write(root, results::Part::Benches, how, &machine, &report)?;
    Ok(within)
}

/// Runs benches and reads what they measured; `None` when one failed, which is shown.
fn criterion(root: &Path, quick: bool, benches: &[&str]) -> io::Result<Option<Vec<estimates::Estimate>>> {
    let pace = if quick { QUICK } else { USUAL };
    let home = emptied(root)?;
    let mut criterion = cargo(root, &["bench", "--locked", "--quiet", "-p", "adit-benches"]);
    for bench in benches {
        criterion.args(["--bench", bench]);
    }
    criterion.args(["--", "--noplot", "--warm-up-time", pace.warm_up, "--measurement-time", pace.measure]);
    criterion.args(["--sample-size", pace.samples]).env("CRITERION_HOME", &home);
    // Criterion's own report has several lines a bench; one is enough to see that it goes on.
    let measured = stream(&mut criterion, |line| match line.strip_prefix("Benchmarking ") {
        Some(rest) if rest.ends_with(": Analyzing") => println!("  {}", rest.trim_end_matches(": Analyzing")),
        _ => {}
    })?;
    if !measured.0 {
        eprintln!("{}", measured.1);
        return Ok(None);
    }
    estimates::read(&home).map(Some)
}

/// A folder of its own, emptied: only what this run measured is read.
fn emptied(root: &Path) -> io::Result<PathBuf> {
    let home = target(root).join("xtask-bench");
    match std::fs::remove_dir_all(&home) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(home),
    }
}

fn profiles(root: &Path, quick: bool) -> io::Result<bool> {
    let machine = machine::describe(root);
    println!("{machine}\n");
    let mut build = cargo(root, &["build", "--locked", "--quiet", "--release", "-p", "adit-cli", "--bins"]);
    if !build.status()?.success() {
        return Ok(false);
    }
    let Some(estimates) = criterion(root, quick, &["profile"])? else { return Ok(false) };
    let (limits, kept) = profiles::limits(&estimates);
    let folders = profiles::folders(root, &target(root).join("release/adit"), &emptied(root)?)?;
    let report = format!("{}\n{limits}\n{folders}", tables::all(&estimates));
    println!("\n{report}");
    let how = if quick { "cargo xtask bench --profiles --quick" } else { "cargo xtask bench --profiles" };
    results::write(root, results::Part::Profiles, how, &machine, &report)?;
    Ok(kept)
}

/// The npm package in Node and the same functions natively, in turns.
fn web(root: &Path, quick: bool) -> io::Result<bool> {
    let machine = machine::describe(root);
    println!("{machine}\n");
    let mut build = Command::new(std::env::current_exe()?);
    if !build.args(["web", "--package"]).status()?.success() {
        return Ok(false);
    }
    let mut build = cargo(root, &["build", "--locked", "--quiet", "--release", "-p", "adit-benches"]);
    if !build.args(["--bin", "web-native"]).status()?.success() {
        return Ok(false);
    }
    let mut node = Command::new("node");
    node.arg("benches/web/bench.mjs").arg(target(root).join("release/web-native")).current_dir(root);
    if quick {
        node.arg("--quick");
    }
    let shared =
        std::env::var_os("ADIT_SHARED").map_or_else(|| root.join("../shared"), |folder| root.join(folder));
    let corpus = shared.join("corpus/profiles");
    node.args(CORPUS.map(|name| corpus.join(name)).iter().filter(|path| path.is_file()));
    println!();
    let (kept, report) = stream(&mut node, |line| println!("{line}"))?;
    let how = if quick { "cargo xtask bench --web --quick" } else { "cargo xtask bench --web" };
    results::write(root, results::Part::Web, how, &machine, &report)?;
    Ok(kept)
}

/// Calls between an app and the tunnel: those of packets, and those of everything else from Kotlin.
fn paths(root: &Path, quick: bool) -> io::Result<bool> {
    install::install(kotlin::NEEDS);
    let missing: Vec<String> = kotlin::NEEDS.iter().filter_map(install::missing).collect();
    if !missing.is_empty() {
        eprintln!("--paths cannot run: {}", missing.join("; "));
        return Ok(false);
    }
    let machine = machine::describe(root);
    println!("{machine}\n");
    let mut build = cargo(root, &["build", "--locked", "--quiet", "--release"]);
    if !build
        .args(["-p", "adit-benches", "-p", "adit-bindings", "--lib", "--bin", "paths"])
        .status()?
        .success()
    {
        return Ok(false);
    }
    let library = target(root).join("release");
    let mut packets = Command::new(library.join("paths"));
    packets.arg(if quick { "2" } else { "10" });
    let (done, mut report) = stream(&mut packets, |line| println!("{line}"))?;
    let mut maven = Command::new("mvn");
    maven.current_dir(root.join("kotlin")).args(["-B", "-q", "--color", "never"]);
    maven.args(["-pl", "core", "test-compile"]);
    maven.args([EXEC_PLUGIN, "-Dexec.mainClass=adit.core.CallBench", "-Dexec.classpathScope=test"]);
    maven.env("MAVEN_OPTS", format!("-Djna.library.path={}", library.display()));
    println!();
    let (called, calls) = stream(&mut maven, |line| println!("{line}"))?;
    if !(done && called) {
        return Ok(false);
    }
    report.push('\n');
    report.push_str(&calls);
    let how = if quick { "cargo xtask bench --paths --quick" } else { "cargo xtask bench --paths" };
    results::write(root, results::Part::Paths, how, &machine, &report)?;
    Ok(true)
}

fn peers(root: &Path, quick: bool) -> io::Result<bool> {
    install::install(PEER_NEEDS);
    let missing: Vec<String> = PEER_NEEDS.iter().filter_map(install::missing).collect();
    if !missing.is_empty() {
        eprintln!("--peers cannot run: {}", missing.join("; "));
        return Ok(false);
    }
    let machine = machine::describe(root);
    println!("{machine}\n");
    let target = target(root);
    for package in ["adit-cli", "adit-benches"] {
        let mut build = cargo(root, &["build", "--locked", "--quiet", "--release", "-p", package]);
        if !build.args(["--bins"]).status()?.success() {
            return Ok(false);
        }
    }
    let mut peers = Command::new(target.join("release/peers"));
    peers.args(if quick { ["5", "2"] } else { ["9", "8"] }).env("ADIT_BIN", target.join("release/adit"));
    let is_ratio = |line: &str| line.starts_with("ratio ");
    let (success, report) = stream(peers.current_dir(root), |line| {
        if !is_ratio(line) {
            println!("{line}");
        }
    })?;
    if success {
        let how = if quick { "cargo xtask bench --peers --quick" } else { "cargo xtask bench --peers" };
        results::write(root, results::Part::Peers, how, &machine, &format!("```text\n{report}```\n"))?;
        // Held back until now: it is the last line of this command too.
        report.lines().filter(|line| is_ratio(line)).for_each(|line| println!("{line}"));
    }
    Ok(success)
}

/// A line without what only a terminal understands: colours and the like (ECMA-48 5.4), which some programs write anywhere.
fn plain(line: &str) -> String {
    let mut rest = line.chars();
    let mut plain = String::with_capacity(line.len());
    while let Some(next) = rest.next() {
        match next {
            // A control sequence: parameters, then a final character.
            '\x1b' if rest.as_str().starts_with('[') => {
                rest.next();
                rest.find(|end| matches!(end, '@'..='~'));
            }
            other if other.is_control() && other != '\t' => {}
            other => plain.push(other),
        }
    }
    plain
}

/// Runs a program to its end; each line of its standard output is shown to `each` as it comes. Answers whether it
/// succeeded, and all of the output.
fn stream(command: &mut Command, mut each: impl FnMut(&str)) -> io::Result<(bool, String)> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let mut all = String::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = plain(&line?);
            each(&line);
            all.push_str(&line);
            all.push('\n');
        }
    }
    Ok((child.wait()?.success(), all))
}

fn cargo(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(args).current_dir(root);
    command
}

/// Where cargo builds.
fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn what_is_for_a_terminal_is_left_out() {
        assert_eq!(
            plain("\u{1b}[0m| `version()` | \u{1b}[1;34m20.91\u{1b}[m µs |\u{1b}[0m"),
            "| `version()` | 20.91 µs |"
        );
        assert_eq!(plain("a [b] \tc"), "a [b] \tc");
        assert_eq!(plain("cut off \u{1b}[0"), "cut off ");
    }
}
