//! `cargo xtask test`: installs what is missing, runs the suites one after another, prints a table of counts.
//!
//! Quiet while green: a line a suite; what the suites print goes to `target/xtask/SUITE.log`. Loud when red: the
//! part of the log that tells why. A suite that cannot run here is named with the reason, and counts as failed
//! when `CI` is set, where nothing may be missed unseen.

mod libtest;
mod report;
mod suites;

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use crate::command::Finished;
use crate::{command, install};
use libtest::Counts;
use suites::{Context, SUITES, Suite};

/// How much of a failed suite's log is shown.
const EXCERPT_LINES: usize = 150;

/// Arguments of `cargo xtask test`.
#[derive(clap::Args)]
pub struct Args {
    /// Run only these suites (see --list).
    #[arg(value_name = "SUITE", value_parser = suite_names())]
    suites: Vec<String>,

    /// Seeds the simulation runs with.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    seeds: u32,

    /// Install nothing; what is missing leaves its suites out.
    #[arg(long)]
    no_install: bool,

    /// Name the suites and stop.
    #[arg(long)]
    list: bool,
}

/// One suite's row in the table.
pub struct Row {
    /// The suite's name.
    pub name: &'static str,
    /// What it counted.
    pub counts: Counts,
    /// How long it took.
    pub took: Duration,
    /// What it took of the processors, all of them together; `None` where the system does not tell.
    pub processor: Option<Duration>,
}

/// Runs the command; success only when nothing failed, and, with `CI` set, nothing was left out.
pub fn run(args: &Args) -> ExitCode {
    if args.list {
        report::list(SUITES);
        return ExitCode::SUCCESS;
    }
    let Some(root) = Path::new(env!("CARGO_MANIFEST_DIR")).parent() else { return ExitCode::FAILURE };
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    let work = target.join("xtask");
    if let Err(error) = fs::create_dir_all(&work) {
        eprintln!("{} cannot be made: {error}", work.display());
        return ExitCode::FAILURE;
    }
    let chosen: Vec<&Suite> = SUITES
        .iter()
        .filter(|suite| args.suites.is_empty() || args.suites.iter().any(|name| name == suite.name))
        .collect();
    let cx = Context {
        root: root.to_owned(),
        target,
        work,
        shared: suites::shared(root),
        seeds: args.seeds,
        everything: chosen.iter().any(|suite| suite.builds_everything()),
    };
    if cx.shared.is_none() {
        println!("no vectors and corpus at ADIT_SHARED or ../shared: what needs them is left out");
    }
    if !args.no_install {
        let mut needs = Vec::new();
        for need in chosen.iter().flat_map(|suite| suite.needs) {
            if !needs.contains(need) {
                needs.push(*need);
            }
        }
        install::install(&needs);
    }
    let started = Instant::now();
    let rows: Vec<Row> = chosen.into_iter().map(|suite| run_suite(suite, &cx)).collect();
    let strict = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    if report::table(&rows, started.elapsed(), strict) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one suite, printing its line and, when it failed, why.
fn run_suite(suite: &Suite, cx: &Context) -> Row {
    print!("{:<14} ", suite.name);
    let _ = io::stdout().flush();
    let started = Instant::now();
    let mut missing: Vec<String> = suite.needs.iter().filter_map(install::missing).collect();
    if suite.needs_shared() && cx.shared.is_none() {
        missing.push("the shared folder is not there (ADIT_SHARED, else ../shared)".to_owned());
    }
    if !missing.is_empty() {
        let reason = format!("{}: {}", suite.name, missing.join("; "));
        println!("left out: {}", missing.join("; "));
        let counts = Counts { left_out: vec![reason], ..Counts::default() };
        return Row { name: suite.name, counts, took: started.elapsed(), processor: Some(Duration::ZERO) };
    }
    let path = cx.work.join(format!("{}.log", suite.name));
    let _ = fs::remove_file(&path);
    let finished = suite.commands(cx).and_then(|commands| run_all(commands, &path, suite.limit));
    let took = started.elapsed();
    let processor = finished.as_ref().ok().and_then(|finished| finished.processor);
    let (counts, trouble) = match finished {
        Ok(finished) => {
            let mut counts =
                if suite.has_tests() { libtest::counts(&finished.log) } else { Counts::default() };
            if finished.success && !suite.has_tests() {
                counts.passed = 1;
            }
            let ran_none = counts.passed + counts.failed == 0 && counts.left_out.is_empty();
            // A suite that does not compile, hangs or holds no test has failed whatever it counted.
            let broken = !finished.success || ran_none;
            if broken && counts.failed == 0 {
                counts.failed = 1;
            }
            let mut trouble = String::new();
            if finished.timed_out {
                trouble.push_str(&format!("ended after {} s: it hangs\n", suite.limit.as_secs()));
            }
            if broken {
                trouble.push_str(&libtest::excerpt(&finished.log, EXCERPT_LINES));
            }
            (counts, trouble)
        }
        Err(error) => (Counts { failed: 1, ..Counts::default() }, error.to_string()),
    };
    println!("{}  {:.1} s", if counts.failed == 0 { "ok" } else { "FAILED" }, took.as_secs_f64());
    if counts.failed > 0 {
        println!("{trouble}\n(all of it: {})", path.display());
    }
    Row { name: suite.name, counts, took, processor }
}

/// Runs the commands until one fails; answers what became of the last one run, and what all took of the processors.
fn run_all(commands: Vec<Command>, log: &Path, limit: Duration) -> io::Result<Finished> {
    let mut processor = Some(Duration::ZERO);
    let mut last = Finished { success: true, log: String::new(), timed_out: false, processor };
    for command in commands {
        last = command::capture(command, log, limit)?;
        processor = processor.zip(last.processor).map(|(one, other)| one + other);
        last.processor = processor;
        if !last.success {
            break;
        }
    }
    Ok(last)
}

fn suite_names() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(SUITES.iter().map(|suite| suite.name))
}
