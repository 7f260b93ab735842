//! Programs: short ones whose output is wanted, and long ones that are watched and ended by their id.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::{Error, Result, wait_for};

/// How long a daemon may take to end after SIGTERM before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// Runs `command` to its end and answers its standard output.
///
/// # Errors
/// It cannot be started or fails; the text holds the command and all it printed.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::new(format!("{command:?} cannot be started: {error}")))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(Error::new(format!("{command:?} failed ({}):\n{stdout}{stderr}", output.status)))
}

/// A signal the rig sends.
#[derive(Clone, Copy, Debug)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// An orderly end.
    Terminate,
    /// The terminal is gone.
    Hangup,
    /// The end without warning.
    Kill,
}

/// A running program of the rig. Dropping it ends it.
pub struct Process {
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Process {
    /// Starts `command` with its outputs in `folder/NAME.out` and `folder/NAME.err`, of a later start with the same
    /// name in `NAME-2.out` and so on: what an earlier one printed is no sign of this one.
    ///
    /// # Errors
    /// The files cannot be made or the program cannot be started.
    pub fn start(mut command: Command, folder: &Path, name: &str) -> Result<Self> {
        let (out, stdout, stderr) = outputs(folder, name)?;
        let child = command
            .stdin(Stdio::piped())
            .stdout(out)
            .stderr(File::create(&stderr)?)
            .spawn()
            .map_err(|error| Error::new(format!("{command:?} cannot be started: {error}")))?;
        Ok(Self { child, stdout, stderr })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it printed on standard output so far.
    pub fn stdout(&self) -> String {
        read(&self.stdout)
    }

    /// What it printed on standard error so far.
    pub fn stderr(&self) -> String {
        read(&self.stderr)
    }

    /// Its exit status, if it has ended.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Writes to its standard input.
    ///
    /// # Errors
    /// It has closed it, or [`Self::close_input`] has.
    pub fn type_in(&mut self, text: &str) -> Result<()> {
        let mut input = self.child.stdin.as_ref().ok_or_else(|| Error::new("the input is closed"))?;
        Ok(input.write_all(text.as_bytes())?)
    }

    /// Closes its standard input, which the rig's own helpers take as the word to finish.
    pub fn close_input(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits for it to end by itself.
    ///
    /// # Errors
    /// It is still running after `limit`.
    pub fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let what = format!("process {} to end", self.id());
        wait_for(&what, limit, || self.exited())
    }

    /// Sends `signal`, unless it has ended already.
    pub fn signal(&mut self, signal: Signal) {
        if self.exited().is_none() {
            send(self.id(), signal);
        }
    }

    /// Ends it: asks first, insists after some seconds.
    pub fn stop(&mut self) {
        self.signal(Signal::Terminate);
        if self.wait(GRACE).is_err() {
            self.kill();
        }
    }

    /// Ends it without warning, as a crash would.
    pub fn kill(&mut self) {
        self.signal(Signal::Kill);
        let _ = self.child.wait();
    }

    /// How often its threads have given up the processor of their own accord, all together: once for each time that one of
    /// them had been woken.
    ///
    /// # Errors
    /// It has ended.
    pub fn switches(&self) -> Result<u64> {
        let mut sum = 0;
        for task in fs::read_dir(format!("/proc/{}/task", self.id()))? {
            let status = fs::read_to_string(task?.path().join("status"))?;
            let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
            let count: Option<u64> = line.and_then(|count| count.trim().parse().ok());
            sum += count.ok_or_else(|| Error::new(format!("no context switches in:\n{status}")))?;
        }
        Ok(sum)
    }

    /// Resident memory in bytes, or `None` when it has ended.
    pub fn resident_bytes(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1024)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

/// New files for a program's outputs: the first of them, open, and the paths of both.
fn outputs(folder: &Path, name: &str) -> Result<(File, PathBuf, PathBuf)> {
    let mut start: u32 = 1;
    loop {
        let number = if start == 1 { String::new() } else { format!("-{start}") };
        let stdout = folder.join(format!("{name}{number}.out"));
        match File::create_new(&stdout) {
            Ok(out) => return Ok((out, stdout, folder.join(format!("{name}{number}.err")))),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => start = start.saturating_add(1),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Sends `signal` to the process `id`.
pub(crate) fn send(id: u32, signal: Signal) {
    let name = match signal {
        Signal::Interrupt => "INT",
        Signal::Terminate => "TERM",
        Signal::Hangup => "HUP",
        Signal::Kill => "KILL",
    };
    // The shell's own kill: a small system has no program of that name.
    let _ = Command::new("sh").arg("-c").arg(format!("kill -{name} {id}")).stderr(Stdio::null()).status();
}

fn read(path: &Path) -> String {
    let mut bytes = Vec::new();
    if let Ok(mut file) = File::open(path) {
        let _ = file.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn sh(script: &str, name: &str) -> Process {
        let folder = std::env::temp_dir().join(format!("adit-interop-test-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Process::start(command, &folder, name).unwrap()
    }

    #[test]
    fn output_and_exit_status_are_kept_apart() {
        let mut process = sh("echo out; echo err >&2; exit 4", "apart");
        assert_eq!(process.wait(Duration::from_secs(10)).unwrap().code(), Some(4));
        assert_eq!((process.stdout().as_str(), process.stderr().as_str()), ("out\n", "err\n"));
    }

    #[test]
    fn what_an_earlier_start_of_the_same_name_printed_is_not_taken_for_this_one_s() {
        let mut first = sh("echo serving", "again");
        first.wait(Duration::from_secs(10)).unwrap();
        assert_eq!(first.stdout(), "serving\n");
        let mut second = sh("cat; echo serving", "again");
        assert_eq!(second.stdout(), "");
        second.close_input();
        second.wait(Duration::from_secs(10)).unwrap();
        assert_eq!((first.stdout().as_str(), second.stdout().as_str()), ("serving\n", "serving\n"));
    }

    #[test]
    fn a_process_deaf_to_sigterm_is_killed_and_dropping_ends_it() {
        let mut deaf = sh("trap '' TERM; while :; do sleep 0.1; done", "deaf");
        deaf.kill();
        assert_eq!(deaf.exited().unwrap().signal(), Some(9));
        let sleeper = sh("exec sleep 600", "sleeper");
        let id = sleeper.id();
        assert!(sleeper.resident_bytes().is_some_and(|bytes| bytes > 0));
        drop(sleeper);
        assert!(!Path::new(&format!("/proc/{id}")).exists());
    }

    #[test]
    fn closing_the_input_is_seen_as_its_end() {
        let mut process = sh("cat; echo done", "input");
        process.close_input();
        assert!(process.wait(Duration::from_secs(10)).unwrap().success());
        assert_eq!(process.stdout(), "done\n");
    }

    #[test]
    fn a_failed_command_tells_what_it_printed() {
        let error = output(Command::new("sh").args(["-c", "echo why >&2; exit 1"])).unwrap_err();
        assert!(error.to_string().contains("why"), "{error}");
    }
}
