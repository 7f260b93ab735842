//! Running other programs: captured into a log, bounded in time, and ended with everything they started.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often a running program is looked at.
const POLL: Duration = Duration::from_millis(50);

/// How long a program that is asked to end may take.
const GRACE: Duration = Duration::from_secs(5);

/// Clock ticks in a second as Linux tells them in `/proc` (USER_HZ), the same on all of Debian's processors.
const TICKS: u64 = 100;

/// What became of a captured program.
pub struct Finished {
    /// It exited with status 0.
    pub success: bool,
    /// What it printed on standard output and standard error, in the order it printed it.
    pub log: String,
    /// Set when it ran longer than allowed and was ended.
    pub timed_out: bool,
    /// What it and every program that it waited for took of the processors; `None` where the system does not tell.
    pub processor: Option<Duration>,
}

/// Runs `command` with both outputs appended to `log`, for at most `limit`.
///
/// # Errors
/// The log cannot be written or the program cannot be started.
pub fn capture(mut command: Command, log: &Path, limit: Duration) -> io::Result<Finished> {
    let file = File::options().create(true).append(true).open(log)?;
    // What cargo says of this program's package to this program: ring's build script asks for the same names, and cargo would
    // compile it, and all that needs it, anew whenever a call of cargo from here follows one from a shell.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
    }
    let mut child = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).spawn()?;
    let started = Instant::now();
    let mut timed_out = false;
    let mut processor = None;
    let status = loop {
        // The times are whole once it has ended, and gone once it was waited for.
        let used = ended(child.id());
        processor = used.or(processor);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > limit {
            timed_out = true;
            break end_with_descendants(&mut child)?;
        }
        std::thread::sleep(POLL);
    };
    let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    Ok(Finished { success: status.success() && !timed_out, log: text, timed_out, processor })
}

/// The same command, with a priority that leaves the processors to others that want them.
pub fn yielding(command: &Command) -> Command {
    let mut nice = Command::new("nice");
    nice.args(["-n", "10"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => nice.env(name, value),
            None => nice.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        nice.current_dir(folder);
    }
    nice
}

/// Standard output of a short command when it succeeds.
pub fn output_of(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a short command can be run and succeeds.
pub fn succeeds(program: &str, args: &[&str]) -> bool {
    output_of(program, args).is_some()
}

/// Ends `child` and what it started: cargo does not pass a signal on to the test programs it runs. They are asked first,
/// because what installs something puts back what it set aside.
fn end_with_descendants(child: &mut Child) -> io::Result<ExitStatus> {
    let mut tree = vec![child.id()];
    let parents = processes();
    let mut at = 0;
    while let Some(&parent) = tree.get(at) {
        tree.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(pid, _)| *pid));
        at += 1;
    }
    let tell = |signal: &str| {
        for pid in tree.iter().filter(|pid| stat(**pid).is_some()) {
            // The shell's own kill: a small system has no program of that name.
            let kill = format!("kill -{signal} {pid}");
            let _ = Command::new("sh").arg("-c").arg(kill).stderr(Stdio::null()).status();
        }
    };
    tell("TERM");
    let asked = Instant::now();
    while child.try_wait()?.is_none() && asked.elapsed() < GRACE {
        std::thread::sleep(POLL);
    }
    tell("KILL");
    child.wait()
}

/// Every process as (its id, its parent's id).
fn processes() -> Vec<(u32, u32)> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            Some((pid, stat(pid)?.split_whitespace().nth(1)?.parse().ok()?))
        })
        .collect()
}

/// The fields of `/proc/PID/stat` behind the name: the state, the parent's id and so on (proc(5) counts these from 3).
fn stat(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold spaces and brackets itself, so what follows the last one counts.
    Some(stat.rsplit_once(')')?.1.to_owned())
}

/// What a child took of the processors, with all that it waited for, when it has ended and was not waited for yet.
fn ended(pid: u32) -> Option<Duration> {
    let stat = stat(pid)?;
    let mut fields = stat.split_whitespace();
    if fields.next()? != "Z" {
        return None;
    }
    // utime, stime, cutime, cstime.
    let ticks: Vec<u64> = fields.skip(10).take(4).filter_map(|field| field.parse().ok()).collect();
    (ticks.len() == 4).then(|| Duration::from_millis(1000 / TICKS * ticks.iter().sum::<u64>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("adit-xtask-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder.join(name)
    }

    #[test]
    fn both_outputs_and_the_exit_status_are_captured() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let finished = capture(command, &log("both"), Duration::from_secs(10)).unwrap();
        assert!(!finished.success && !finished.timed_out);
        assert_eq!(finished.log, "out\nerr\n");
    }

    #[test]
    fn what_children_took_of_the_processor_is_counted() {
        let mut command = Command::new("sh");
        command.args(["-c", "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done'; sleep 0.2"]);
        let finished = capture(command, &log("busy"), Duration::from_secs(60)).unwrap();
        let took = finished.processor.unwrap();
        assert!(took > Duration::from_millis(30) && took < Duration::from_secs(30), "{took:?}");
    }

    #[test]
    fn what_cargo_says_of_this_package_is_not_passed_on() {
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some(), "cargo runs this test");
        let mut command = Command::new("sh");
        command.args(["-c", "echo ${CARGO_MANIFEST_DIR-no} ${CARGO_PKG_NAME-no} ${PATH:+yes}"]);
        let finished = capture(command, &log("passed-on"), Duration::from_secs(10)).unwrap();
        assert_eq!(finished.log, "no no yes\n");
    }

    #[test]
    fn a_yielding_command_is_the_same_with_a_lower_priority() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo $ADIT_X in $PWD; nice"]).env("ADIT_X", "x y").current_dir("/");
        let before: i32 = output_of("nice", &[]).unwrap().trim().parse().unwrap();
        let said = String::from_utf8(yielding(&command).output().unwrap().stdout).unwrap();
        assert_eq!(said, format!("x y in /\n{}\n", (before + 10).min(19)));
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_its_children() {
        let mut command = Command::new("sh");
        command.args(["-c", "trap 'echo asked' TERM; sleep 987 & echo $!; wait; sleep 988"]);
        let finished = capture(command, &log("hang"), Duration::from_millis(500)).unwrap();
        assert!(finished.timed_out && !finished.success);
        let (child, rest) = finished.log.split_once('\n').unwrap();
        assert_eq!(rest, "asked\n");
        let child: u32 = child.parse().unwrap();
        let gone = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
            stat.is_empty() || stat.contains(") Z ")
        });
        assert!(gone, "process {child} survived");
    }
}
