//! `cargo xtask test`: installs what is missing, runs the suites, prints a table of counts.
//!
//! One suite after another, so that none disturbs what another measures; but those that leave room have those beside them
//! that only compile, with a lower priority ([`in_order`]).
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
use std::thread::{self, ScopedJoinHandle};
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
    let rows = in_order(&chosen, |suite, beside| run_suite(suite, &cx, beside));
    let strict = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    if report::table(&rows, started.elapsed(), strict) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Suites that run in the background, if there are some: their places in the table, and the thread that gives their rows.
type Background<'scope> = Option<(std::ops::Range<usize>, ScopedJoinHandle<'scope, Vec<Row>>)>;

/// How a suite runs.
enum Beside<'a> {
    /// With the machine to itself.
    Nothing,
    /// In the background.
    Others,
    /// In front of those in the background, which leave it the processors that it does not need itself. Before anything
    /// that is measured the function is called: it waits for their end.
    Waiting(&'a mut dyn FnMut()),
}

/// Runs the suites in their order, by `run`, and answers their rows in that order. Those that leave room run, one after
/// another, in the background of those that follow and only compile.
fn in_order(chosen: &[&Suite], run: impl Fn(&Suite, Beside) -> Row + Sync) -> Vec<Row> {
    let mut rows = Vec::new();
    let ended = |places: std::ops::Range<usize>, thread: ScopedJoinHandle<Vec<Row>>| -> Vec<(usize, Row)> {
        let died = |suite: &&Suite| Row {
            name: suite.name,
            counts: Counts { failed: 1, ..Counts::default() },
            took: Duration::ZERO,
            processor: None,
        };
        let rows = thread
            .join()
            .unwrap_or_else(|_| chosen.get(places.clone()).unwrap_or_default().iter().map(died).collect());
        places.zip(rows).collect()
    };
    thread::scope(|scope| {
        let mut background: Background = None;
        let run = &run;
        let mut at = 0;
        while let Some(suite) = chosen.get(at) {
            if !suite.only_compiles() {
                rows.extend(background.take().into_iter().flat_map(|(places, thread)| ended(places, thread)));
            }
            let rest = chosen.get(at..).unwrap_or_default();
            let (group, others) = rest.split_at(rest.iter().take_while(|suite| suite.leaves_room()).count());
            if !group.is_empty() && others.first().is_some_and(|next| next.only_compiles()) {
                let all = move || group.iter().map(|suite| run(suite, Beside::Others)).collect();
                background = Some((at..at + group.len(), scope.spawn(all)));
                at += group.len();
                continue;
            }
            let row = if background.is_some() {
                let mut wait = || {
                    rows.extend(
                        background.take().into_iter().flat_map(|(places, thread)| ended(places, thread)),
                    );
                };
                run(suite, Beside::Waiting(&mut wait))
            } else {
                run(suite, Beside::Nothing)
            };
            rows.push((at, row));
            at += 1;
        }
        rows.extend(background.take().into_iter().flat_map(|(places, thread)| ended(places, thread)));
    });
    rows.sort_by_key(|(at, _)| *at);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Runs one suite, printing its line and, when it failed, why.
fn run_suite(suite: &Suite, cx: &Context, mut beside: Beside) -> Row {
    // A line that is begun is another's to end when two suites run: then each is printed whole, at its end.
    let name = match beside {
        Beside::Nothing => {
            print!("{:<14} ", suite.name);
            let _ = io::stdout().flush();
            String::new()
        }
        Beside::Others => {
            println!("{:<14} begins", suite.name);
            format!("{:<14} ", suite.name)
        }
        Beside::Waiting(_) => format!("{:<14} ", suite.name),
    };
    let started = Instant::now();
    let mut missing: Vec<String> = suite.needs.iter().filter_map(install::missing).collect();
    if suite.needs_shared() && cx.shared.is_none() {
        missing.push("the shared folder is not there (ADIT_SHARED, else ../shared)".to_owned());
    }
    if !missing.is_empty() {
        let reason = format!("{}: {}", suite.name, missing.join("; "));
        println!("{name}left out: {}", missing.join("; "));
        let counts = Counts { left_out: vec![reason], ..Counts::default() };
        return Row { name: suite.name, counts, took: started.elapsed(), processor: Some(Duration::ZERO) };
    }
    let path = cx.work.join(format!("{}.log", suite.name));
    let _ = fs::remove_file(&path);
    let finished = suite.commands(cx).and_then(|commands| run_all(commands, &path, suite, &mut beside));
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
    let outcome = if counts.failed == 0 { "ok" } else { "FAILED" };
    let mut said = format!("{name}{outcome}  {:.1} s", took.as_secs_f64());
    if counts.failed > 0 {
        said.push_str(&format!("\n{trouble}\n(all of it: {})", path.display()));
    }
    println!("{said}");
    Row { name: suite.name, counts, took, processor }
}

/// Runs the commands until one fails; answers what became of the last one run, and what all took of the processors.
fn run_all(commands: Vec<Command>, log: &Path, suite: &Suite, beside: &mut Beside) -> io::Result<Finished> {
    let mut processor = Some(Duration::ZERO);
    let mut last = Finished { success: true, log: String::new(), timed_out: false, processor };
    let count = commands.len();
    for (at, mut command) in commands.into_iter().enumerate() {
        if let Beside::Waiting(wait) = beside {
            // Only the last command of a suite runs tests.
            if suite.has_tests() && at + 1 == count {
                wait();
            } else {
                command = command::yielding(&command);
            }
        }
        last = command::capture(command, log, suite.limit)?;
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

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// What happened, in its order, when the named suites run.
    fn happened(names: &[&str]) -> (Vec<String>, Vec<&'static str>) {
        let chosen: Vec<&Suite> = SUITES.iter().filter(|suite| names.contains(&suite.name)).collect();
        let events = Mutex::new(Vec::new());
        let say = |what: String| events.lock().unwrap().push(what);
        let rows = in_order(&chosen, |suite, beside| {
            match beside {
                Beside::Nothing => say(format!("{} alone", suite.name)),
                Beside::Others => {
                    thread::sleep(Duration::from_millis(200));
                    say(format!("{} ended", suite.name));
                }
                Beside::Waiting(wait) => {
                    say(format!("{} beside", suite.name));
                    if suite.has_tests() {
                        wait();
                        say(format!("{} measures", suite.name));
                    }
                }
            }
            Row { name: suite.name, counts: Counts::default(), took: Duration::ZERO, processor: None }
        });
        (events.into_inner().unwrap(), rows.iter().map(|row| row.name).collect())
    }

    #[test]
    fn what_only_compiles_runs_beside_those_that_leave_room_and_nothing_measures_then() {
        let (events, rows) = happened(&["clippy", "unit", "interop", "docs", "sizes", "wasm", "page"]);
        let expected = [
            "clippy alone",
            "docs beside",
            "wasm beside",
            "sizes beside",
            "unit ended",
            "interop ended",
            "sizes measures",
            "page alone",
        ];
        assert_eq!(events, expected);
        assert_eq!(rows, ["clippy", "unit", "interop", "docs", "wasm", "sizes", "page"]);
    }

    #[test]
    fn suites_that_leave_room_are_waited_for() {
        assert_eq!(happened(&["unit", "interop", "page"]).0, ["unit alone", "interop alone", "page alone"]);
        assert_eq!(happened(&["interop", "docs", "page"]).0, ["docs beside", "interop ended", "page alone"]);
        assert_eq!(happened(&["interop", "docs"]).0, ["docs beside", "interop ended"]);
        assert_eq!(happened(&["docs", "wasm"]).0, ["docs alone", "wasm alone"]);
    }
}
