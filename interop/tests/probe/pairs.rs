//! `adit explain --server` agrees with handshakes: for each pair of a profile and a swanctl.conf it says beforehand whether
//! they come together and on what, and `adit probe` against strongSwan with that file shows whether it was right.

use adit_interop::net::{Between, Rig, SERVER_NAME, SERVER_V4};
use adit_interop::pki::{Authority, Identity, KeyKind, Validity};
use adit_interop::profile::Profile;
use adit_interop::strongswan::{self, Config, EAP_PASSWORD, EAP_USER, StrongSwan};
use serde_json::Value;

use crate::{adit, rig};

/// A profile and a server.
struct Pair {
    name: &'static str,
    agree: bool,
    profile: Profile,
    server: Config,
}

fn pair(name: &'static str, agree: bool, profile: Profile, server: Config) -> Pair {
    Pair { name, agree, profile, server }
}

const IKE: &str = "connections.gw.proposals";
const ESP: &str = "connections.gw.children.net.esp_proposals";

/// A client with a suite of each kind: AES-256-GCM, SHA2-256, group 19.
fn gcm() -> Profile {
    Profile::psk(SERVER_V4).ike("AES-256-GCM", "SHA2-256", 19).child("AES-256-GCM", "SHA2-256", 19)
}

fn psk(ike: &str, esp: &str) -> Config {
    strongswan::psk_gateway().set(IKE, ike).set(ESP, esp)
}

/// A gateway that takes what [`gcm`] offers.
fn fitting() -> Config {
    psk("aes256gcm16-prfsha256-ecp256", "aes256gcm16")
}

fn agreeing(authority: &Authority, server: &Identity, client: &Identity) -> Vec<Pair> {
    let eap = || {
        strongswan::eap_gateway(server, authority)
            .set(IKE, "aes256gcm16-prfsha256-ecp256")
            .set(ESP, "aes256gcm16")
    };
    let gcm_eap = Profile::eap(SERVER_V4, EAP_USER, Some(EAP_PASSWORD)).root(authority);
    let certificate = Profile::certificate(SERVER_V4, client, "RSA").unwrap().root(authority);
    let two = fitting()
        .set("connections.gw.remote.id", "other@rig.test")
        .set("connections.second.version", 2)
        .set("connections.second.proposals", "aes256gcm16-prfsha256-ecp256")
        .set("connections.second.pools", "v4, v6")
        .set("connections.second.local.auth", "psk")
        .set("connections.second.local.id", SERVER_NAME)
        .set("connections.second.remote.auth", "psk")
        .set("connections.second.remote.id", "psk@rig.test")
        .set("connections.second.children.net2.local_ts", "0.0.0.0/0,::/0")
        .set("connections.second.children.net2.esp_proposals", "aes256gcm16");
    vec![
        pair("default on both sides", true, Profile::psk(SERVER_V4), psk("default", "default")),
        pair("one suite", true, gcm(), fitting()),
        pair(
            "a PRF from the integrity word",
            true,
            Profile::psk(SERVER_V4).ike("AES-256-GCM", "SHA2-384", 20),
            psk("aes256gcm16-sha384-ecp384", "aes256gcm16"),
        ),
        pair(
            "the server's order",
            true,
            Profile::psk(SERVER_V4),
            psk("aes256-sha256-modp2048,aes256gcm16-prfsha256-ecp256", "aes256-sha256,aes256gcm16"),
        ),
        pair(
            "several words of a kind",
            true,
            Profile::psk(SERVER_V4).ike("AES-128", "SHA2-512", 31).child("AES-256", "SHA2-384", 31),
            psk("aes256-aes128-sha256-sha512-ecp256-x25519", "aes256-aes128-sha256-sha384"),
        ),
        pair(
            "PFS",
            true,
            gcm().key("EnablePFS", 1),
            psk("aes256gcm16-prfsha256-ecp256", "aes256gcm16-ecp256"),
        ),
        pair(
            "PFS that may be left out",
            true,
            gcm(),
            psk("aes256gcm16-prfsha256-ecp256", "aes256gcm16-ecp256-none"),
        ),
        pair(
            "a wildcard for the client",
            true,
            gcm(),
            fitting().set("connections.gw.remote.id", "*@rig.test").without_id(),
        ),
        pair("any server identity", true, gcm(), fitting().set("connections.gw.local.id", "%any")),
        pair(
            "EAP",
            true,
            gcm_eap.ike("AES-256-GCM", "SHA2-256", 19).child("AES-256-GCM", "SHA2-256", 19),
            eap(),
        ),
        pair("certificates", true, certificate, strongswan::certificate_gateway(server, authority)),
        pair("the second connection", true, gcm(), two),
    ]
}

fn failing(authority: &Authority, server: &Identity) -> Vec<Pair> {
    let eap = strongswan::eap_gateway(server, authority);
    let user = |password: &str| Profile::eap(SERVER_V4, EAP_USER, Some(password)).root(authority);
    vec![
        pair("another cipher", false, gcm(), psk("aes128gcm16-prfsha256-ecp256", "aes256gcm16")),
        pair("another group", false, gcm(), psk("aes256gcm16-prfsha256-modp3072-x25519", "aes256gcm16")),
        pair("another PRF", false, gcm(), psk("aes256gcm16-prfsha512-ecp256", "aes256gcm16")),
        pair("another cipher for ESP", false, gcm(), psk("aes256gcm16-prfsha256-ecp256", "aes256-sha256")),
        pair("ESN wanted", false, gcm(), psk("aes256gcm16-prfsha256-ecp256", "aes256gcm16-esn")),
        pair("PFS at the client only", false, gcm().key("EnablePFS", 1), fitting()),
        pair(
            "PFS at the server only",
            false,
            gcm(),
            psk("aes256gcm16-prfsha256-ecp256", "aes256gcm16-ecp256"),
        ),
        pair("another client", false, gcm().key("LocalIdentifier", "other@rig.test"), fitting()),
        pair("another server", false, gcm().key("RemoteIdentifier", "other.rig.test"), fitting()),
        pair("another secret", false, gcm().key("SharedSecret", "another-secret"), fitting()),
        pair(
            "a word that does not exist",
            false,
            gcm(),
            psk("aes256gcm16-prfsha256-ecp256-ecp257", "aes256gcm16"),
        ),
        pair("no PRF", false, gcm(), psk("aes256gcm16-ecp256", "aes256gcm16")),
        pair("IKEv1 only", false, gcm(), fitting().set("connections.gw.version", 1)),
        pair("no pool", false, gcm(), fitting().set("connections.gw.pools", "")),
        pair("EAP against a shared secret", false, user(EAP_PASSWORD), strongswan::psk_gateway()),
        pair("another password", false, user("another-secret"), eap),
    ]
}

/// For readability of the table.
trait WithoutId {
    fn without_id(self) -> Self;
}

impl WithoutId for Config {
    /// The secret for whoever asks.
    fn without_id(mut self) -> Self {
        self.swanctl = self.swanctl.without("secrets.ike-1.id");
        self
    }
}

/// A chosen proposal in the words of strongSwan's log.
fn logged(protocol: &str, chosen: &Value) -> String {
    let mut words: Vec<(u64, String)> = Vec::new();
    for transform in chosen["proposal"]["transforms"].as_array().unwrap() {
        let number = |key: &str| transform[key].as_u64().unwrap_or(0);
        let word = match (number("type"), number("id")) {
            (1, 12) => format!("AES_CBC_{}", number("key_bits")),
            (1, 20) => format!("AES_GCM_16_{}", number("key_bits")),
            (2, 5) => "PRF_HMAC_SHA2_256".into(),
            (2, 6) => "PRF_HMAC_SHA2_384".into(),
            (2, 7) => "PRF_HMAC_SHA2_512".into(),
            (3, 12) => "HMAC_SHA2_256_128".into(),
            (3, 13) => "HMAC_SHA2_384_192".into(),
            (3, 14) => "HMAC_SHA2_512_256".into(),
            (4, 14) => "MODP_2048".into(),
            (4, 19) => "ECP_256".into(),
            (4, 20) => "ECP_384".into(),
            (4, 31) => "CURVE_25519".into(),
            (5, 0) => "NO_EXT_SEQ".into(),
            other => panic!("no word for {other:?}"),
        };
        // The log has integrity before the PRF.
        let order = match number("type") {
            2 => 3,
            3 => 2,
            other => other,
        };
        words.push((order, word));
    }
    words.sort();
    let words: Vec<String> = words.into_iter().map(|(_, word)| word).collect();
    format!("{protocol}:{}", words.join("/"))
}

/// The proposals in the log, in order.
fn selected(log: &str, protocol: &str) -> Vec<String> {
    let start = format!("selected proposal: {protocol}:");
    log.lines()
        .filter_map(|line| line.split_once(&start).map(|(_, rest)| format!("{protocol}:{}", rest.trim())))
        .collect()
}

/// What is wrong with a prediction, if anything.
fn wrong(rig: &Rig, pair: &Pair) -> Option<String> {
    let profile = pair.profile.write(rig, "pair").unwrap();
    let file = rig.folder().join("pair-swanctl.conf");
    std::fs::write(&file, pair.server.swanctl.to_string()).unwrap();
    let said = adit(rig.client(), "explain", &profile, &["--server", file.to_str().unwrap()]);
    let server = StrongSwan::start(rig.server(), &pair.server);
    // A file that strongSwan does not load serves nobody.
    let (code, seen, log) = match &server {
        Ok(server) => {
            let ran = adit(rig.client(), "probe", &profile, &["--timeout", "5"]);
            (ran.code, ran.text, server.log())
        }
        Err(error) => (Some(1), error.to_string(), String::new()),
    };
    let expected = if pair.agree { Some(0) } else { Some(1) };
    if code != expected {
        return Some(format!("the server does otherwise ({code:?}): {seen}\n{log}"));
    }
    if said.code != expected || said.json["agree"] != pair.agree {
        return Some(format!("explain says ({:?}): {}\nthe probe: {seen}", said.code, said.text));
    }
    let best = &said.json["connections"][0];
    if !pair.agree {
        let differences = best["differences"].as_array().unwrap();
        let weighty: Vec<_> = differences.iter().filter(|one| one["weight"] != "note").collect();
        let told = weighty.iter().all(|one| one["server_fix"].is_string() || one["profile_fix"].is_string());
        return (weighty.is_empty() || !told).then(|| format!("no fix is told: {}", said.text));
    }
    // The last handshake was the one with all of the profile's proposals for the IKE SA; those for the Child SA are tried
    // one by one.
    let (ike, esp) = (selected(&log, "IKE"), selected(&log, "ESP"));
    let (our_ike, our_esp) = (logged("IKE", &best["ike"]), logged("ESP", &best["rekey"]));
    let right = ike.last() == Some(&our_ike) && esp.contains(&our_esp);
    (!right).then(|| format!("predicted {our_ike}, {our_esp}; logged {ike:?}, {esp:?}\n{}", said.text))
}

#[test]
fn explain_agrees_with_handshakes() {
    let Some(rig) = rig("probe-pairs", Between::Cable) else { return };
    let authority = Authority::new(&rig, "ca").unwrap();
    let server = authority.server("server", KeyKind::Rsa(2048), &[SERVER_NAME], Validity::Now).unwrap();
    let client = authority.client("client", KeyKind::Rsa(2048), "client@rig.test").unwrap();
    let pairs: Vec<Pair> =
        agreeing(&authority, &server, &client).into_iter().chain(failing(&authority, &server)).collect();
    let failures = pairs.iter().filter(|pair| !pair.agree).count();
    assert!(pairs.len() >= 20 && failures * 2 >= pairs.len(), "{failures} of {} fail", pairs.len());
    let mut mistakes = Vec::new();
    for pair in &pairs {
        if let Some(text) = wrong(&rig, pair) {
            mistakes.push(format!("{}: {text}", pair.name));
        }
    }
    assert!(mistakes.is_empty(), "{} of {}:\n{}", mistakes.len(), pairs.len(), mistakes.join("\n\n"));
}
