//! strongSwan in a namespace: each daemon has its own strongswan.conf, control socket, swanctl folder and log.
//!
//! The kernel needs no ESP: the daemon does it in userspace (`kernel-libipsec`), always encapsulated in UDP.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use crate::net::{Host, PRIVATE_V4, SERVER_NAME};
use crate::pki::{Authority, Identity};
use crate::process::{self, Process};
use crate::settings::Section;
use crate::{Error, Result, wait_for};

/// The shared secret of [`psk_gateway`].
pub const PSK: &str = "rig-psk-secret";
/// The identity a client with the shared secret has.
pub const PSK_ID: &str = "psk@rig.test";
/// The EAP user of [`eap_gateway`].
pub const EAP_USER: &str = "alice";
/// The EAP user's password.
pub const EAP_PASSWORD: &str = "rig-eap-secret";
/// The DNS server a gateway assigns.
pub const DNS: &str = PRIVATE_V4;

const LOAD: &str = "random nonce drbg openssl aesni aes sha1 sha2 md4 md5 mgf1 hmac kdf gcm ccm ctr xcbc cmac \
                    curve25519 chapoly gmp x509 revocation constraints pubkey pkcs1 pkcs7 pkcs8 pkcs12 pem sshkey \
                    kernel-libipsec kernel-netlink resolve socket-default vici updown eap-identity eap-md5 \
                    eap-mschapv2 eap-tls eap-ttls eap-gtc counters";
const LOAD_TOOLS: &str =
    "random openssl aes sha1 sha2 pem pkcs1 pkcs7 pkcs8 pkcs12 x509 pubkey gmp curve25519";
const READY: Duration = Duration::from_secs(20);
/// How long a rekey may take on a busy machine.
const SETTLE: Duration = Duration::from_secs(5);

/// What a daemon runs with.
#[derive(Clone, Default)]
pub struct Config {
    /// swanctl.conf: connections, pools, secrets.
    pub swanctl: Section,
    /// What goes into the daemon's own section of strongswan.conf, beside what the rig sets.
    pub daemon: Section,
    /// Files of the swanctl folder: path in it (`x509/server.pem`) and content.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Config {
    /// Changes one setting of swanctl.conf.
    #[must_use]
    pub fn set(mut self, path: &str, value: impl std::fmt::Display) -> Self {
        self.swanctl = self.swanctl.set(path, value);
        self
    }

    /// Changes one setting of the daemon's section of strongswan.conf.
    #[must_use]
    pub fn daemon(mut self, path: &str, value: impl std::fmt::Display) -> Self {
        self.daemon = self.daemon.set(path, value);
        self
    }

    /// Adds a certificate authority to trust.
    #[must_use]
    pub fn trust(mut self, authority: &Authority) -> Self {
        let name = format!("x509ca/{}.pem", authority.name());
        self.files.push((name, authority.certificate_pem().into_bytes()));
        self
    }

    /// Adds an own certificate and its private key; connections refer to it as `NAME.pem`.
    #[must_use]
    pub fn identity(mut self, identity: &Identity) -> Self {
        let name = identity.name();
        self.files.push((format!("x509/{name}.pem"), identity.certificate_pem().into_bytes()));
        self.files.push((format!("private/{name}.pem"), identity.key_pem().into_bytes()));
        self
    }
}

/// Proposals that take every suite and group this project names.
const ANY_IKE: &str = "aes128gcm16-aes256gcm16-chacha20poly1305-prfsha256-prfsha384-prfsha512-prfsha1-\
                       x25519-ecp256-ecp384-ecp521-modp2048-modp3072-modp4096,\
                       aes128-aes256-sha256-sha384-sha512-sha1-\
                       x25519-ecp256-ecp384-ecp521-modp2048-modp3072-modp4096";
const ANY_ESP: &str = "aes128gcm16-aes256gcm16-chacha20poly1305,aes128-aes256-sha256-sha384-sha512-sha1,\
                       aes128gcm16-aes256gcm16-chacha20poly1305-\
                       x25519-ecp256-ecp384-ecp521-modp2048-modp3072-modp4096,\
                       aes128-aes256-sha256-sha384-sha512-sha1-\
                       x25519-ecp256-ecp384-ecp521-modp2048-modp3072-modp4096";

/// What every gateway of the rig has: the name `gw` for the connection and `net` for its child, pools for both
/// families, every suite this project names, and UDP encapsulation.
fn gateway() -> Config {
    let swanctl = Section::new()
        .set("connections.gw.version", 2)
        .set("connections.gw.proposals", ANY_IKE)
        .set("connections.gw.pools", "v4, v6")
        .set("connections.gw.encap", "yes")
        .set("connections.gw.local.id", SERVER_NAME)
        .set("connections.gw.children.net.local_ts", "0.0.0.0/0,::/0")
        .set("connections.gw.children.net.esp_proposals", ANY_ESP)
        .set("pools.v4.addrs", "10.97.0.0/24")
        .set("pools.v4.dns", DNS)
        .set("pools.v6.addrs", "fd97::/120");
    Config { swanctl, ..Config::default() }
}

/// A gateway for clients with the shared secret [`PSK`] and the identity [`PSK_ID`].
pub fn psk_gateway() -> Config {
    gateway()
        .set("connections.gw.local.auth", "psk")
        .set("connections.gw.remote.auth", "psk")
        .set("connections.gw.remote.id", PSK_ID)
        .set("secrets.ike-1.id", PSK_ID)
        .set("secrets.ike-1.secret", format!("\"{PSK}\""))
}

/// A gateway that shows `server` and takes clients with a certificate of `authority`.
pub fn certificate_gateway(server: &Identity, authority: &Authority) -> Config {
    gateway()
        .trust(authority)
        .identity(server)
        .set("connections.gw.local.auth", "pubkey")
        .set("connections.gw.local.certs", format!("{}.pem", server.name()))
        .set("connections.gw.remote.auth", "pubkey")
        .set("connections.gw.remote.id", "%any")
        .set("connections.gw.remote.cacerts", format!("{}.pem", authority.name()))
}

/// A gateway that shows `server` and asks clients for user and password with EAP-MSCHAPv2: [`EAP_USER`] and
/// [`EAP_PASSWORD`].
pub fn eap_gateway(server: &Identity, authority: &Authority) -> Config {
    gateway()
        .trust(authority)
        .identity(server)
        .set("connections.gw.send_certreq", "no")
        .set("connections.gw.local.auth", "pubkey")
        .set("connections.gw.local.certs", format!("{}.pem", server.name()))
        .set("connections.gw.remote.auth", "eap-mschapv2")
        .set("connections.gw.remote.eap_id", "%any")
        .set("connections.gw.remote.id", "%any")
        .set("secrets.eap-1.id", EAP_USER)
        .set("secrets.eap-1.secret", format!("\"{EAP_PASSWORD}\""))
}

/// What every client of the rig has: the name `home` for the connection and `net` for its child.
fn client(server: &str) -> Config {
    let swanctl = Section::new()
        .set("connections.home.version", 2)
        .set("connections.home.proposals", "aes256gcm16-prfsha384-ecp384,aes256-sha256-modp2048")
        .set("connections.home.remote_addrs", server)
        .set("connections.home.vips", "0.0.0.0,::")
        .set("connections.home.encap", "yes")
        .set("connections.home.remote.id", SERVER_NAME)
        .set("connections.home.children.net.remote_ts", format!("{PRIVATE_V4}/32,fd98::/64"))
        .set("connections.home.children.net.esp_proposals", "aes128gcm16-ecp256,aes128gcm16");
    Config { swanctl, ..Config::default() }
}

/// A client of [`psk_gateway`], or of ours with the same secret.
pub fn psk_client(server: &str) -> Config {
    client(server)
        .set("connections.home.local.auth", "psk")
        .set("connections.home.local.id", PSK_ID)
        .set("connections.home.remote.auth", "psk")
        .set("secrets.ike-1.secret", format!("\"{PSK}\""))
}

/// A client of [`certificate_gateway`] that shows `identity`.
pub fn certificate_client(server: &str, identity: &Identity, authority: &Authority) -> Config {
    client(server)
        .trust(authority)
        .identity(identity)
        .set("connections.home.local.auth", "pubkey")
        .set("connections.home.local.id", identity.subject_name())
        .set("connections.home.local.certs", format!("{}.pem", identity.name()))
        .set("connections.home.remote.auth", "pubkey")
}

/// A client of [`eap_gateway`].
pub fn eap_client(server: &str, authority: &Authority) -> Config {
    client(server)
        .trust(authority)
        .set("connections.home.local.auth", "eap-mschapv2")
        .set("connections.home.local.eap_id", EAP_USER)
        .set("connections.home.remote.auth", "pubkey")
        .set("secrets.eap-1.id", EAP_USER)
        .set("secrets.eap-1.secret", format!("\"{EAP_PASSWORD}\""))
}

/// A running daemon. Dropping it ends it.
pub struct StrongSwan<'r> {
    host: &'r Host,
    folder: PathBuf,
    process: Process,
}

impl<'r> StrongSwan<'r> {
    /// Starts a daemon on `host` and loads `config`.
    ///
    /// # Errors
    /// Its files cannot be written, it does not start, or it refuses the configuration.
    pub fn start(host: &'r Host, config: &Config) -> Result<Self> {
        let folder = host.folder().join("strongswan");
        write_swanctl(&folder, config)?;
        let daemon = Section::new()
            .set("load", LOAD)
            .set("plugins.vici.socket", format!("unix://{}", host.socket().display()))
            .set("plugins.kernel-libipsec.allow_peer_ts", "yes")
            .set("plugins.resolve.file", folder.join("resolv.conf").display())
            .set("filelog.file.path", folder.join("charon.log").display())
            .set("filelog.file.default", 1)
            .set("filelog.file.ike", 2)
            .set("filelog.file.cfg", 2)
            .set("filelog.file.flush_line", "yes")
            .set("journal.default", -1)
            .merge(config.daemon.clone());
        let tools = Section::new().set("load", LOAD_TOOLS);
        let text = format!("charon-systemd {{\n{daemon}}}\nswanctl {{\n{tools}}}\n");
        fs::write(folder.join("strongswan.conf"), text)?;
        let process = spawn(host, &folder)?;
        let mut swan = Self { host, folder, process };
        swan.wait_ready()?;
        Ok(swan)
    }

    /// Ends the daemon without warning, as a crash would: its peers are not told.
    pub fn kill(&mut self) {
        self.process.kill();
        // What the daemon would have removed itself.
        let _ = self.host.ip(&["link", "del", "ipsec0"]);
    }

    /// Starts the daemon again, with the configuration it had.
    ///
    /// # Errors
    /// It does not start.
    pub fn restart(&mut self) -> Result<()> {
        self.process.stop();
        let _ = fs::remove_file(self.host.socket());
        self.process = spawn(self.host, &self.folder)?;
        self.wait_ready()
    }

    /// Gives the daemon other connections, pools and secrets: a running one takes them with [`Self::reload`], one
    /// that was killed with [`Self::restart`].
    ///
    /// # Errors
    /// The files cannot be written.
    pub fn configure(&self, config: &Config) -> Result<()> {
        write_swanctl(&self.folder, config)
    }

    /// Has the running daemon take what [`Self::configure`] wrote: connections, for SAs from now on, and pools.
    ///
    /// # Errors
    /// It refuses the configuration.
    pub fn reload(&self) -> Result<()> {
        self.swanctl(&["--load-pools"])?;
        self.swanctl(&["--load-conns"]).map(drop)
    }

    /// Runs swanctl on this daemon; answers what it printed.
    ///
    /// # Errors
    /// It fails: the text ends with the daemon's last log lines.
    pub fn swanctl(&self, args: &[&str]) -> Result<String> {
        let mut command = self.host.command(copy_of("/usr/sbin/swanctl")?);
        command.env("SWANCTL_DIR", self.folder.join("swanctl"));
        command.env("STRONGSWAN_CONF", self.folder.join("strongswan.conf"));
        command.args(args).arg("--uri").arg(format!("unix://{}", self.host.socket().display()));
        process::output(&mut command).map_err(|error| Error::new(format!("{error}\n{}", self.log_tail(60))))
    }

    /// Brings up a child and its IKE SA if there is none: blocks until it is up or refused.
    ///
    /// # Errors
    /// It was refused, or is not up within 20 s.
    pub fn initiate(&self, child: &str) -> Result<()> {
        self.swanctl(&["--initiate", "--child", child, "--timeout", "20"]).map(drop)
    }

    /// Starts the rekeying of every Child SA called `child`.
    ///
    /// # Errors
    /// There is none.
    pub fn rekey_child(&self, child: &str) -> Result<()> {
        self.swanctl(&["--rekey", "--child", child]).map(drop)
    }

    /// Starts the rekeying of every IKE SA of `connection`.
    ///
    /// # Errors
    /// There is none.
    pub fn rekey_ike(&self, connection: &str) -> Result<()> {
        self.swanctl(&["--rekey", "--ike", connection]).map(drop)
    }

    /// Deletes every IKE SA of `connection`.
    ///
    /// # Errors
    /// There is none, or the peer does not answer.
    pub fn terminate_ike(&self, connection: &str) -> Result<()> {
        self.swanctl(&["--terminate", "--ike", connection, "--timeout", "10"]).map(drop)
    }

    /// Deletes every Child SA called `child`, keeping its IKE SA.
    ///
    /// # Errors
    /// There is none, or the peer does not answer.
    pub fn terminate_child(&self, child: &str) -> Result<()> {
        self.swanctl(&["--terminate", "--child", child, "--timeout", "10"]).map(drop)
    }

    /// The IKE SAs, in the words of `swanctl --list-sas`.
    ///
    /// # Errors
    /// swanctl fails.
    pub fn sas(&self) -> Result<Vec<Section>> {
        let text = self.swanctl(&["--list-sas", "--pretty"])?;
        let root = Section::parse_pretty(&text)?;
        let events = root.sections().filter(|(name, _)| name.starts_with("list-sa event"));
        Ok(events.flat_map(|(_, event)| event.sections().map(|(_, sa)| sa.clone())).collect())
    }

    /// The one IKE SA that is established; while one is rekeyed there may be none or two for a moment.
    ///
    /// # Errors
    /// After some seconds there is none or there are more.
    pub fn sa(&self) -> Result<Section> {
        self.settled(Self::sa_now)
    }

    /// The one Child SA that is installed; while one is rekeyed there may be none or two for a moment.
    ///
    /// # Errors
    /// After some seconds there is none or there are more.
    pub fn child_sa(&self) -> Result<Section> {
        self.settled(Self::child_sa_now)
    }

    fn settled(&self, look: impl Fn(&Self) -> Result<Section>) -> Result<Section> {
        let found = wait_for("SAs to settle", SETTLE, || look(self).ok());
        found.or_else(|_| look(self))
    }

    /// As [`Self::sa`], without waiting.
    ///
    /// # Errors
    /// There is none or there are more.
    pub fn sa_now(&self) -> Result<Section> {
        let mut sas = self.sas()?;
        sas.retain(|sa| sa.get("state") == Some("ESTABLISHED"));
        match (sas.pop(), sas.is_empty()) {
            (Some(sa), true) => Ok(sa),
            (last, _) => {
                let count = sas.len() + usize::from(last.is_some());
                Err(Error::new(format!("{count} established IKE SAs instead of one\n{}", self.log_tail(40))))
            }
        }
    }

    /// As [`Self::child_sa`], without waiting.
    ///
    /// # Errors
    /// There is none or there are more.
    pub fn child_sa_now(&self) -> Result<Section> {
        let sa = self.sa_now()?;
        let children = sa.section("child-sas");
        let mut installed: Vec<Section> = children
            .iter()
            .flat_map(|children| children.sections())
            .filter(|(_, child)| child.get("state") == Some("INSTALLED"))
            .map(|(_, child)| child.clone())
            .collect();
        match (installed.pop(), installed.is_empty()) {
            (Some(child), true) => Ok(child),
            _ => Err(Error::new(format!("not one installed Child SA:\n{sa}"))),
        }
    }

    /// The daemon's log so far.
    pub fn log(&self) -> String {
        let bytes = fs::read(self.folder.join("charon.log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How often `text` is in the log.
    pub fn logged(&self, text: &str) -> usize {
        self.log().matches(text).count()
    }

    /// Waits until `text` is in the log.
    ///
    /// # Errors
    /// It is not within `limit`.
    pub fn wait_logged(&self, text: &str, limit: Duration) -> Result<()> {
        wait_for(&format!("{text:?} in strongSwan's log"), limit, || (self.logged(text) > 0).then_some(()))
            .map_err(|error| Error::new(format!("{error}\n{}", self.log_tail(40))))
    }

    fn log_tail(&self, lines: usize) -> String {
        let log = self.log();
        let all: Vec<&str> = log.lines().collect();
        all.get(all.len().saturating_sub(lines)..).unwrap_or_default().join("\n")
    }

    fn wait_ready(&mut self) -> Result<()> {
        let socket = self.host.socket().to_owned();
        wait_for("strongSwan to start", READY, || {
            (socket.exists() || self.process.exited().is_some()).then_some(())
        })?;
        if let Some(status) = self.process.exited() {
            return Err(Error::new(format!("strongSwan ended ({status}):\n{}", self.process.stderr())));
        }
        // The socket is bound a moment before it is listened on.
        let mut last = None;
        wait_for("strongSwan to take its configuration", READY, || match self.swanctl(&["--load-all"]) {
            Ok(text) => Some(text),
            Err(error) => {
                let refused = error.to_string().contains("loading");
                last = Some(error);
                refused.then(String::new)
            }
        })
        .and_then(|text| match last.take() {
            Some(error) if text.is_empty() => Err(error),
            _ => Ok(()),
        })
    }
}

fn write_swanctl(folder: &Path, config: &Config) -> Result<()> {
    for sub in ["x509", "x509ca", "private"] {
        fs::create_dir_all(folder.join("swanctl").join(sub))?;
    }
    for (name, content) in &config.files {
        fs::write(folder.join("swanctl").join(name), content)?;
    }
    Ok(fs::write(folder.join("swanctl/swanctl.conf"), config.swanctl.to_string())?)
}

fn spawn(host: &Host, folder: &Path) -> Result<Process> {
    let mut command = host.steady_command(copy_of("/usr/sbin/charon-systemd")?);
    command.env("STRONGSWAN_CONF", folder.join("strongswan.conf"));
    Process::start(command, folder, "charon")
}

/// A copy of a program outside the reach of its AppArmor profile, which would keep it from reading the rig's files.
fn copy_of(program: &str) -> Result<PathBuf> {
    static COPYING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = COPYING.lock();
    let name = Path::new(program).file_name().unwrap_or_default();
    let folder = crate::work_folder().join("bin");
    let copy = folder.join(name);
    let newer =
        |a: &Path, b: &Path| Some(a.metadata().ok()?.modified().ok()? >= b.metadata().ok()?.modified().ok()?);
    if newer(&copy, Path::new(program)) != Some(true) {
        fs::create_dir_all(&folder)?;
        // Another test process may be running the old copy: the new one takes its place in one step.
        let fresh = folder.join(format!("{}-{}", name.display(), std::process::id()));
        fs::copy(program, &fresh)
            .map_err(|error| Error::new(format!("{program} cannot be copied: {error}")))?;
        fs::rename(&fresh, &copy)?;
    }
    Ok(copy)
}
