//! The two pairs: each a client and a server with a tunnel between them, and iperf3 through it.

use std::fs;
use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::net::{Between, Host, PRIVATE_V4, Rig, SERVER_NAME, SERVER_V4};
use adit_interop::process::{self, Process};
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, PSK, PSK_ID, StrongSwan};
use adit_interop::{Error, Result, traffic, wait_for};
use serde_json::Value;

use crate::samples::Direction;

/// Our pair's name in tables.
pub const ADIT: &str = "Adit";
/// The other pair's.
pub const STRONGSWAN: &str = "strongSwan";

/// The greatest inner packet, on both ends of both tunnels.
const MTU: u16 = 1400;

/// How long a tunnel may take to come up on a busy machine.
const UP: Duration = Duration::from_secs(20);

/// A tunnel that is up, with iperf3 waiting on its far side. Dropping it takes it down.
pub struct Tunnel<'r> {
    name: &'static str,
    suite: String,
    client: &'r Host,
    // Dropped in this order: the client says goodbye to a server that is still there.
    _iperf: Process,
    _ends: Ends<'r>,
}

/// The programs of a pair, client first. Kept to be ended.
enum Ends<'r> {
    Adit { _client: Adit, _gateway: Adit },
    StrongSwan { _client: StrongSwan<'r>, _gateway: StrongSwan<'r> },
}

/// Brings both tunnels up and hands them over, ours first.
///
/// # Errors
/// A tunnel does not come up as it should, or what `measure` says.
pub fn with_both(measure: impl FnOnce(&Tunnel<'_>, &Tunnel<'_>) -> Result<()>) -> Result<()> {
    let ours = Rig::new("peers-adit", Between::Cable)?;
    let theirs = Rig::new("peers-strongswan", Between::Cable)?;
    let (adit, swan) = (Tunnel::adit(&ours)?, Tunnel::strongswan(&theirs)?);
    measure(&adit, &swan)
}

impl<'r> Tunnel<'r> {
    fn adit(rig: &'r Rig) -> Result<Self> {
        let config = rig.folder().join("gateway.toml");
        let text = format!(
            "[server]\nidentity = \"{SERVER_NAME}\"\n\
             [[clients.psk]]\nidentity = \"{PSK_ID}\"\nsecret = \"{PSK}\"\n\
             [network]\nmode = \"tun\"\npools = [\"10.97.0.0/24\"]\nmtu = {MTU}\n"
        );
        fs::write(&config, text)?;
        let gateway = Adit::gateway(rig.server(), &config, &[])?;
        let profile = Profile::psk(SERVER_V4)
            .ike("AES-256-GCM", "SHA2-384", 20)
            .child("AES-128-GCM", "SHA2-256", 19)
            .key("MTU", i64::from(MTU))
            .write(rig, "client")?;
        let mut client = Adit::connect(rig.client(), &profile, &[])?;
        client.wait_event("ready", 1, UP)?;
        let child = client.wait_event("child", 1, UP)?;
        let suite = child.get("esp_suite").and_then(Value::as_str).unwrap_or_default().to_owned();
        if !suite.contains("AES-GCM-16-128") {
            return Err(Error::new(format!("Adit agreed on {suite:?}, not on AES-128-GCM")));
        }
        Self::up(ADIT, suite, rig, Ends::Adit { _client: client, _gateway: gateway })
    }

    fn strongswan(rig: &'r Rig) -> Result<Self> {
        let quiet = |config: strongswan::Config| {
            ["default", "ike", "cfg"]
                .iter()
                .fold(config, |config, group| config.daemon(&format!("filelog.file.{group}"), -1))
        };
        let gateway = StrongSwan::start(rig.server(), &quiet(strongswan::psk_gateway()))?;
        let client = strongswan::psk_client(SERVER_V4)
            .set("connections.home.children.net.remote_ts", format!("{PRIVATE_V4}/32"))
            .set("connections.home.children.net.esp_proposals", "aes128gcm16");
        let client = StrongSwan::start(rig.client(), &quiet(client))?;
        client.initiate("net")?;
        let child = client.child_sa()?;
        let (cipher, bits) = (child.get("encr-alg"), child.get("encr-keysize"));
        if (cipher, bits) != (Some("AES_GCM_16"), Some("128")) {
            return Err(Error::new(format!("strongSwan agreed on {cipher:?} {bits:?}, not on AES-128-GCM")));
        }
        let suite = "AES_GCM_16-128, kernel-libipsec, openssl first, logging off".to_owned();
        Self::up(STRONGSWAN, suite, rig, Ends::StrongSwan { _client: client, _gateway: gateway })
    }

    /// Checks the tunnel and starts iperf3 behind it.
    fn up(name: &'static str, suite: String, rig: &'r Rig, ends: Ends<'r>) -> Result<Self> {
        for host in [rig.client(), rig.server()] {
            let links = host.ip(&["-o", "link", "show", "type", "tun"])?;
            if links.lines().count() != 1 || !links.contains(&format!(" mtu {MTU} ")) {
                return Err(Error::new(format!("{name} should have one TUN with an MTU of {MTU}:\n{links}")));
            }
        }
        let mut command = rig.server().command("iperf3");
        command.args(["--server", "--bind", PRIVATE_V4]);
        let mut iperf = Process::start(command, rig.server().folder(), "iperf3")?;
        wait_for("the iperf3 server", Duration::from_secs(10), || {
            let listening = rig.server().run("ss", &["-Hltn", "sport = :5201"]).unwrap_or_default();
            (!listening.is_empty() || iperf.exited().is_some()).then_some(())
        })?;
        if iperf.exited().is_some() {
            return Err(Error::new(format!("iperf3 ended: {}{}", iperf.stdout(), iperf.stderr())));
        }
        traffic::expect_echo(rig.client(), PRIVATE_V4)?;
        Ok(Self { name, suite, client: rig.client(), _iperf: iperf, _ends: ends })
    }

    /// The pair's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What was agreed.
    pub fn describe(&self) -> String {
        format!("{} to {}: {}, MTU {MTU}", self.name, self.name, self.suite)
    }

    /// One TCP connection for `seconds`; answers the Gbit/s that arrived.
    ///
    /// # Errors
    /// iperf3 fails.
    pub fn transfer(&self, direction: Direction, seconds: u32) -> Result<f64> {
        let mut command = self.client.command("iperf3");
        command.args(["--client", PRIVATE_V4, "-C", "cubic", "--json", "--connect-timeout", "5000"]);
        command.args(["--time", &seconds.to_string()]);
        if direction == Direction::Down {
            command.arg("--reverse");
        }
        let report = process::output(&mut command)?;
        let report: Value =
            serde_json::from_str(&report).map_err(|error| Error::new(format!("iperf3's report: {error}")))?;
        match report.pointer("/end/sum_received/bits_per_second").and_then(Value::as_f64) {
            Some(bits) if bits > 0.0 => Ok(bits / 1e9),
            _ => Err(Error::new(format!("{}, {direction}: nothing arrived:\n{report}", self.name))),
        }
    }
}
