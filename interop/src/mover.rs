//! A client of ours that changes its address at a word (`adit-mover`): the engine without an interface of its own, for
//! what `adit connect` cannot be made to do from outside.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::net::Host;
use crate::process::Process;
use crate::{Error, Result, traffic, wait_for};

/// The running client. Dropping it ends it.
pub struct Mover {
    process: Process,
    echoes: usize,
}

impl Mover {
    /// Connects with `profile` from the address `local` of `host` to `server`, and waits until the tunnel is up.
    ///
    /// # Errors
    /// It does not come up within 20 s; the text holds all it printed.
    pub fn connect(host: &Host, profile: &Path, local: &str, server: &str) -> Result<Self> {
        let mut command = host.steady_command(traffic::helper("adit-mover")?);
        command.arg(profile).args([local, server]);
        let mut mover = Self { process: Process::start(command, host.folder(), "mover")?, echoes: 0 };
        mover.wait_event("up", 1, Duration::from_secs(20))?;
        Ok(mover)
    }

    /// The events printed so far.
    pub fn events(&self) -> Vec<Value> {
        let text = self.process.stdout();
        // The last line may still be being written.
        let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or_default());
        whole.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| Value::from(line))).collect()
    }

    /// The events of this name so far.
    pub fn called(&self, name: &str) -> Vec<Value> {
        self.events().into_iter().filter(|event| event.get("event").is_some_and(|is| is == name)).collect()
    }

    /// How many exchanges for `purpose` are complete.
    pub fn exchanges(&self, purpose: &str) -> usize {
        self.called("exchange")
            .iter()
            .filter(|event| event.get("purpose").is_some_and(|is| is == purpose))
            .count()
    }

    /// Waits for the event called `name` number `nth`, counted from 1.
    ///
    /// # Errors
    /// It does not come within `limit`; the text holds all that was printed.
    pub fn wait_event(&mut self, name: &str, nth: usize, limit: Duration) -> Result<Value> {
        let what = format!("event {name:?} number {nth}");
        let found = wait_for(&what, limit, || {
            let ended = self.process.exited().is_some();
            let event = self.called(name).into_iter().nth(nth.saturating_sub(1));
            if event.is_none() && ended { Some(None) } else { event.map(Some) }
        });
        found.ok().flatten().ok_or_else(|| {
            let (out, err) = (self.process.stdout(), self.process.stderr());
            Error::new(format!("{what} did not come\n{out}{err}"))
        })
    }

    /// Gives it a command.
    ///
    /// # Errors
    /// It has ended.
    pub fn tell(&mut self, command: &str) -> Result<()> {
        self.process.type_in(&format!("{command}\n"))
    }

    /// Moves it to the address `to` of its host; what the engine says to that.
    ///
    /// # Errors
    /// It does not say anything.
    pub fn go(&mut self, to: &str) -> Result<String> {
        let nth = self.called("told").len() + 1;
        self.tell(&format!("move {to}"))?;
        let told = self.wait_event("told", nth, Duration::from_secs(5))?;
        Ok(told.get("change").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    /// Whether one echo request to `address` through the tunnel is answered.
    ///
    /// # Errors
    /// It has ended.
    pub fn echo(&mut self, address: &str) -> Result<bool> {
        self.echoes += 1;
        self.tell(&format!("echo {address}"))?;
        let event = self.wait_event("echo", self.echoes, Duration::from_secs(10))?;
        Ok(event.get("received").and_then(Value::as_bool).unwrap_or_default())
    }
}
