//! What the cases share: a server, our client and the proof that packets get through.

use std::path::Path;
use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::net::{self, Between, PRIVATE_V4, PRIVATE_V6, Rig, SERVER_NAME};
use adit_interop::pki::{Authority, Identity, KeyKind, Validity};
use adit_interop::strongswan::{Config, StrongSwan};
use adit_interop::traffic::{self, PingReport};

/// How long a tunnel may take to come up: RSA keys and a busy machine included.
pub const UP: Duration = Duration::from_secs(20);

/// A rig, or `None` after a line that says why there can be none.
pub fn rig(test: &str, between: Between) -> Option<Rig> {
    if let Some(reason) = net::unavailable() {
        println!("LEFT OUT: interop {test}: {reason}");
        return None;
    }
    Some(Rig::new(test, between).unwrap().undisturbed())
}

/// An authority and a server certificate of it for [`SERVER_NAME`].
pub fn server_identity(rig: &Rig, key: KeyKind) -> (Authority, Identity) {
    let authority = Authority::new(rig, "ca").unwrap();
    let server = authority.server("server", key, &[SERVER_NAME], Validity::Now).unwrap();
    (authority, server)
}

/// strongSwan as the server and our client connected to it.
pub struct Tunnel<'r> {
    pub rig: &'r Rig,
    pub server: StrongSwan<'r>,
    pub client: Adit,
}

impl<'r> Tunnel<'r> {
    pub fn new(rig: &'r Rig, gateway: &Config, profile: &Path, more: &[&str]) -> Self {
        let server = StrongSwan::start(rig.server(), gateway).unwrap();
        let mut client = Adit::connect(rig.client(), profile, more).unwrap();
        client.wait_event("ready", 1, UP).unwrap_or_else(|error| {
            let log = server.log();
            let tail: Vec<&str> = log.lines().rev().take(40).collect();
            panic!("{error}\nstrongSwan says:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"))
        });
        Self { rig, server, client }
    }

    /// The client's inner addresses, as the server assigned them: IPv4, then IPv6.
    pub fn inner(&self) -> (String, String) {
        let sa = self.server.sa().unwrap();
        let vips = sa.get("remote-vips").unwrap();
        let (v4, v6) =
            vips.split_once(',').unwrap_or_else(|| panic!("not an address of each family: {vips}"));
        (v4.to_owned(), v6.to_owned())
    }

    /// Echo in both families and both ways, 16 MiB each way, and a steady ping beside it that loses nothing.
    pub fn prove(&self) -> PingReport {
        self.prove_while(|| ())
    }

    /// The same with `during` done while the packets flow.
    pub fn prove_while(&self, during: impl FnOnce()) -> PingReport {
        self.prove_long(Duration::ZERO, during)
    }

    /// The same, with transfers for at least `time`.
    pub fn prove_for(&self, time: Duration) -> PingReport {
        self.prove_long(time, || ())
    }

    fn prove_long(&self, time: Duration, during: impl FnOnce()) -> PingReport {
        let (v4, v6) = self.inner();
        traffic::expect_echo(self.rig.client(), PRIVATE_V6).unwrap();
        traffic::expect_echo(self.rig.server(), &v6).unwrap();
        let during = || {
            during();
            Ok(())
        };
        let (client, server) = (self.rig.client(), self.rig.server());
        traffic::prove_for(time, client, server, PRIVATE_V4, &v4, during).unwrap()
    }

    /// Expects the word in the server's line about how `who` authenticated.
    pub fn authenticated(&self, who: &str, how: &str) {
        let line = format!("authentication of '{who}' with {how} successful");
        let mine = format!("authentication of '{who}' (myself) with {how} successful");
        let logged = self.server.logged(&line) + self.server.logged(&mine);
        assert!(logged > 0, "the server's log has no line {line:?}:\n{}", self.server.log());
    }
}
