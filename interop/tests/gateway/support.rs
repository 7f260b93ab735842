//! What the cases share: a rig, the gateway's file, strongSwan connected to it, and the proof that packets get through.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use adit_interop::adit::Adit;
use adit_interop::net::{self, Between, Host, PRIVATE_V4, PRIVATE_V6, Rig, SERVER_NAME};
use adit_interop::pki::{Authority, Identity};
use adit_interop::strongswan::{Config, EAP_PASSWORD, EAP_USER, PSK, PSK_ID, StrongSwan};
use adit_interop::{traffic, wait_for};

/// A rig, or `None` after a line that says why there can be none.
pub fn rig(test: &str, between: Between) -> Option<Rig> {
    if let Some(reason) = net::unavailable() {
        println!("LEFT OUT: interop {test}: {reason}");
        return None;
    }
    Some(Rig::new(test, between).unwrap().undisturbed())
}

/// The gateway's file: a shared secret, and when there is a certificate, clients with one and users too.
pub fn settings(rig: &Rig, certificate: Option<(&Identity, &Authority)>, more: &str) -> PathBuf {
    let folder = rig.folder();
    let mut text = format!("[server]\nidentity = \"{SERVER_NAME}\"\n");
    if let Some((server, authority)) = certificate {
        fs::write(folder.join("server.pem"), server.certificate_pem()).unwrap();
        fs::write(folder.join("server.key"), server.key_pkcs8_pem().unwrap()).unwrap();
        fs::write(folder.join("ca.pem"), authority.certificate_pem()).unwrap();
        text.push_str("certificates = \"server.pem\"\nprivate-key = \"server.key\"\n");
        text.push_str("[clients]\nca = \"ca.pem\"\n");
        text.push_str(&format!("[[clients.user]]\nname = \"{EAP_USER}\"\npassword = \"{EAP_PASSWORD}\"\n"));
    }
    text.push_str(&format!("[[clients.psk]]\nidentity = \"{PSK_ID}\"\nsecret = \"{PSK}\"\n"));
    text.push_str("[network]\npools = [\"10.97.0.0/24\", \"fd97::/120\"]\ndns = [\"10.98.0.1\"]\n");
    if !more.contains("mode =") {
        text.push_str("mode = \"tun\"\n");
    }
    text.push_str(more);
    let path = folder.join("gateway.toml");
    fs::write(&path, text).unwrap();
    path
}

/// The client with the gateway's own inner addresses among those it reaches: the gateway pings from them.
pub fn reaching(client: &Config) -> Config {
    let remote = format!("{PRIVATE_V4}/32,fd98::/64,10.97.0.1/32,fd97::1/128");
    client.clone().set("connections.home.children.net.remote_ts", remote)
}

/// strongSwan as the client of our gateway.
pub struct Client<'r> {
    rig: &'r Rig,
    pub gateway: Adit,
    pub swan: StrongSwan<'r>,
    /// Its inner addresses.
    pub v4: String,
    pub v6: String,
}

impl<'r> Client<'r> {
    /// Starts the gateway and the client, and connects it.
    pub fn new(rig: &'r Rig, settings: &Path, client: &Config) -> Self {
        let gateway = Adit::gateway(rig.server(), settings, &["--json"]).unwrap();
        Self::of(rig, gateway, &reaching(client))
    }

    /// Connects a client to a gateway that runs already.
    pub fn of(rig: &'r Rig, gateway: Adit, client: &Config) -> Self {
        let swan = StrongSwan::start(rig.client(), client).unwrap();
        swan.initiate("net")
            .unwrap_or_else(|error| panic!("{error}\nthe gateway says:\n{}", gateway.stderr()));
        let sa = swan.sa().unwrap();
        let (v4, v6) = sa.get("local-vips").unwrap().split_once(',').unwrap();
        let (v4, v6) = (v4.to_owned(), v6.to_owned());
        Self { rig, gateway, swan, v4, v6 }
    }

    /// Echo in both families and both ways, 16 MiB each way, and a steady ping beside it that loses nothing, for at
    /// least `time`. `during` is done while the packets flow.
    pub fn prove(&self, time: Duration, during: impl FnOnce()) {
        let (client, server) = (self.rig.client(), self.rig.server());
        traffic::expect_echo(client, PRIVATE_V6).unwrap();
        traffic::expect_echo(server, &self.v6).unwrap();
        let during = || {
            during();
            Ok(())
        };
        traffic::prove_for(time, client, server, PRIVATE_V4, &self.v4, during).unwrap();
    }

    /// How often the gateway has told of a rekey of the IKE SA, and of Child SAs, begun `by_us`, the gateway.
    pub fn rekeys(&self, by_us: bool) -> (usize, usize) {
        let events = self.gateway.events();
        let begun = |name: &str, purpose: Option<&str>| {
            let named = events.iter().filter(|event| event["event"] == name && event["by_us"] == by_us);
            named.filter(|event| purpose.is_none_or(|purpose| event["purpose"] == purpose)).count()
        };
        (begun("ike_rekeyed", None), begun("exchange", Some("rekey Child SA")))
    }

    /// Rekeys of both SAs begun by strongSwan, then waits until each side has begun both, while packets flow and none
    /// is lost. The gateway's life times have to be shorter than a minute.
    pub fn prove_rekeys_from_both_sides(&self) {
        let children = || self.gateway.count("child");
        let before = children();
        self.prove(Duration::from_secs(12), || {
            self.swan.rekey_child("net").unwrap();
            self.swan.rekey_ike("home").unwrap();
        });
        let all = || {
            let (theirs, ours) = (self.rekeys(false), self.rekeys(true));
            let each = [theirs.0, theirs.1, ours.0, ours.1];
            // A rekey of a Child SA is one that gave another.
            (each.iter().all(|count| *count > 0) && children() >= before + 2).then_some(())
        };
        wait_for("rekeys of both SAs from both sides", Duration::from_secs(20), all).unwrap_or_else(
            |error| panic!("{error}: by strongSwan {:?}, by us {:?}", self.rekeys(false), self.rekeys(true)),
        );
        assert!(self.swan.logged("rekeyed between") >= 2, "{}", self.swan.log());
        assert_eq!(self.gateway.count("client_up"), 1, "it was one session all the time");
        assert_eq!(self.gateway.count("client_down"), 0);
        traffic::expect_echo(self.rig.client(), PRIVATE_V4).unwrap();
        traffic::expect_echo(self.rig.client(), PRIVATE_V6).unwrap();
    }
}

/// Life times with which the gateway begins rekeys within a test.
pub const SHORT_LIVES: &str = "[ike]\nlifetime = 7\n[esp]\nlifetime = 4\n";

/// All that a gateway may change on a host.
pub fn state(host: &Host) -> String {
    host.network_state().unwrap() + &host.kernel_settings().unwrap()
}

/// Expects a host's state to be what it was, and shows the lines that differ.
pub fn expect_state(host: &Host, before: &str, when: &str) {
    let now = state(host);
    let only = |a: &str, b: &str| {
        let there: Vec<String> = b.lines().map(str::to_owned).collect();
        a.lines().filter(|line| !there.iter().any(|other| other == line)).collect::<Vec<_>>().join("\n")
    };
    assert!(now == before, "{when}: new:\n{}\ngone:\n{}", only(&now, before), only(before, &now));
}
