//! Our own program as a peer: `adit connect` on the client, `adit gateway` on the server.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::Value;

use crate::net::Host;
use crate::process::{Process, Signal};
use crate::{Error, Result, wait_for};

/// Where `adit connect` keeps what it has to undo after a crash.
const STATE_FOLDER: &str = "/var/lib/adit";

/// The program under test: what `ADIT_BIN` names, else the release build, else the debug build.
///
/// # Errors
/// It has not been built.
pub fn program() -> Result<PathBuf> {
    let target = crate::work_folder();
    let built = ["../release/adit", "../debug/adit"].map(|path| target.join(path));
    let named = std::env::var_os("ADIT_BIN").map(PathBuf::from);
    named.into_iter().chain(built).find(|path| path.is_file()).ok_or_else(|| {
        Error::new("adit has not been built: cargo build --release -p adit-cli, or name it with ADIT_BIN")
    })
}

/// A program of ours that prints one JSON object a line. Dropping it ends it.
pub struct Adit {
    process: Process,
}

impl Adit {
    /// Starts `adit connect PROFILE --json` with `more` arguments on `host`.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn connect(host: &Host, profile: &Path, more: &[&str]) -> Result<Self> {
        Self::connect_in(host, profile, more, &[])
    }

    /// The same with variables in its environment.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn connect_in(
        host: &Host,
        profile: &Path,
        more: &[&str],
        environment: &[(&str, &OsStr)],
    ) -> Result<Self> {
        let args = [OsStr::new("connect"), profile.as_os_str(), OsStr::new("--json")];
        Self::start(host, &[program()?.as_os_str()], &args, more, environment)
    }

    /// Starts `adit connect PROFILE` with `more` arguments on `host` for a person: on a terminal, without JSON.
    /// [`Self::process`] takes what is typed and has what is shown.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn connect_on_terminal(host: &Host, profile: &Path, more: &[&str]) -> Result<Self> {
        let mut line = format!("exec '{}' connect '{}'", program()?.display(), profile.display());
        for word in more {
            line.push_str(&format!(" '{word}'"));
        }
        // script(1): what is written to it is typed on the terminal, its exit code is the program's.
        let script = ["script", "--quiet", "--return", "--flush", "--command", &line, "/dev/null"];
        Self::start(host, &script.map(OsStr::new), &[], &[], &[])
    }

    /// Starts `adit gateway --config FILE` with `more` arguments on `host`, and waits until it listens.
    ///
    /// # Errors
    /// It cannot be started, or ends at once.
    pub fn gateway(host: &Host, config: &Path, more: &[&str]) -> Result<Self> {
        let args = [OsStr::new("gateway"), OsStr::new("--config"), config.as_os_str()];
        let adit = Self::start(host, &[program()?.as_os_str()], &args, more, &[])?;
        adit.listening(host, 4500)
    }

    /// Starts `adit gateway --config FILE` with `more` arguments on `host` as the user nobody, who can read neither
    /// the program's place nor that of `config`: it runs copies of both.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn gateway_as_nobody(host: &Host, config: &Path, more: &[&str]) -> Result<Self> {
        let (program, config) = (host.copy_for_nobody(&program()?)?, host.copy_for_nobody(config)?);
        let args = ["--reuid=65534", "--regid=65534", "--clear-groups"].map(OsStr::new);
        let gateway =
            [program.as_os_str(), OsStr::new("gateway"), OsStr::new("--config"), config.as_os_str()];
        Self::start(host, &[OsStr::new("setpriv")], &[&args[..], &gateway].concat(), more, &[])
    }

    /// Waits until the gateway listens on `port`.
    ///
    /// # Errors
    /// It ends at once, or does not listen within 20 s.
    pub fn listening(mut self, host: &Host, port: u16) -> Result<Self> {
        wait_for("adit gateway to listen", Duration::from_secs(20), || {
            let sockets = host.run("ss", &["-Huln", &format!("sport = :{port}")]).unwrap_or_default();
            (!sockets.is_empty() || self.process.exited().is_some()).then_some(())
        })?;
        match self.process.exited() {
            Some(status) => Err(Error::new(format!("adit gateway ended ({status}):\n{}", self.stderr()))),
            None => Ok(self),
        }
    }

    fn start(
        host: &Host,
        program: &[&OsStr],
        args: &[&OsStr],
        more: &[&str],
        environment: &[(&str, &OsStr)],
    ) -> Result<Self> {
        // `ip netns exec` gives the program mounts of its own: what it remembers about one host's network must not
        // meet what it remembers about another's.
        let state = host.folder().join("state");
        std::fs::create_dir_all(&state)?;
        let mut command = host.steady_command("sh");
        let script = r#"mkdir -p "$2" && mount --bind "$1" "$2" && shift 2 && exec "$@""#;
        command.args(["-c", script, "adit"]).arg(state).arg(STATE_FOLDER).args(program).args(args).args(more);
        command.envs(environment.iter().copied());
        Ok(Self { process: Process::start(command, host.folder(), "adit")? })
    }

    /// The events printed so far. A line that is not JSON is given as a string.
    pub fn events(&self) -> Vec<Value> {
        let text = self.process.stdout();
        // The last line may still be being written.
        let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or_default());
        whole.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| Value::from(line))).collect()
    }

    /// How many events are called `name` so far.
    pub fn count(&self, name: &str) -> usize {
        self.events().iter().filter(|event| is_called(event, name)).count()
    }

    /// Waits for the event called `name` number `nth`, counted from 1.
    ///
    /// # Errors
    /// It does not come within `limit`, or the program ends before; the text holds all it printed.
    pub fn wait_event(&mut self, name: &str, nth: usize, limit: Duration) -> Result<Value> {
        let mut ended = false;
        let found = wait_for(&format!("event {name:?} number {nth}"), limit, || {
            // Looked at before the events: what it printed just before its end counts.
            ended = self.process.exited().is_some();
            let events = self.events();
            let event = events.into_iter().filter(|event| is_called(event, name)).nth(nth.saturating_sub(1));
            if event.is_none() && ended { Some(None) } else { event.map(Some) }
        });
        match found {
            Ok(Some(event)) => Ok(event),
            Ok(None) => {
                Err(Error::new(format!("adit ended without event {name:?} number {nth}\n{}", self.printed())))
            }
            Err(error) => Err(Error::new(format!("{error}\n{}", self.printed()))),
        }
    }

    /// Waits for the program to end by itself.
    ///
    /// # Errors
    /// It still runs after `limit`.
    pub fn wait_exit(&mut self, limit: Duration) -> Result<ExitStatus> {
        let status = self.process.wait(limit);
        status.map_err(|error| Error::new(format!("{error}\n{}", self.printed())))
    }

    /// Stops it as Ctrl-C does and answers its exit code.
    ///
    /// # Errors
    /// It does not end within 15 s, or not by itself: the text names the signal and all that was printed.
    pub fn interrupt(&mut self) -> Result<i32> {
        self.process.signal(Signal::Interrupt);
        let status = self.wait_exit(Duration::from_secs(15))?;
        status.code().ok_or_else(|| Error::new(format!("adit ended by {status}\n{}", self.printed())))
    }

    /// The process, to signal, kill or measure it.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// What it printed on standard error.
    pub fn stderr(&self) -> String {
        self.process.stderr()
    }

    fn printed(&self) -> String {
        format!("standard output:\n{}standard error:\n{}", self.process.stdout(), self.process.stderr())
    }
}

fn is_called(event: &Value, name: &str) -> bool {
    event.get("event").and_then(Value::as_str) == Some(name)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::net::{self, Between, Rig};

    /// The contract with the program, tried on a stand-in that speaks as it does.
    #[test]
    fn events_are_read_a_line_each_and_ctrl_c_ends_the_program_with_its_own_exit_code() {
        if let Some(reason) = net::unavailable() {
            println!("LEFT OUT: interop adit-events: {reason}");
            return;
        }
        let rig = Rig::new("adit-events", Between::Cable).unwrap();
        let stand_in = rig.folder().join("stand-in");
        // A shell cannot trap a signal that was ignored when it began, as it is in a background job.
        let script = "#!/usr/bin/env -S --default-signal=INT sh\ntouch /var/lib/adit/remembered\ntrap 'exit 7' INT\necho '{\"event\":\"up\",\"mtu\":1400}'\n\
                      echo '{\"event\":\"rekeyed\"}'\necho '{\"event\":\"rekeyed\",\"n\":2}'\necho no json\n\
                      while :; do sleep 0.05; done\n";
        std::fs::write(&stand_in, script).unwrap();
        std::fs::set_permissions(&stand_in, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut adit =
            Adit::start(rig.client(), &[stand_in.as_os_str()], &[OsStr::new("connect")], &["--json"], &[])
                .unwrap();
        let limit = Duration::from_secs(10);
        assert_eq!(adit.wait_event("up", 1, limit).unwrap()["mtu"], 1400);
        assert_eq!(adit.wait_event("rekeyed", 2, limit).unwrap()["n"], 2);
        assert!(adit.wait_event("down", 1, Duration::from_millis(100)).is_err());
        assert_eq!(adit.count("rekeyed"), 2);
        assert_eq!(adit.interrupt().unwrap(), 7);
        assert!(rig.client().folder().join("state/remembered").exists());
        assert!(!Path::new("/var/lib/adit/remembered").exists());
        assert!(adit.wait_event("down", 1, limit).unwrap_err().to_string().contains("ended"));
    }
}
