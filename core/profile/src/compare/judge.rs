//! The comparison of a client with one connection, subject by subject.

use super::client::{Client, ClientAuth};
use super::connection::{Connection, Round};
use super::identity::Name;
use super::keywords::{ENCR, ESN, INTEG, KE, PRF};
use super::secrets::{self, Found};
use super::selection::{self, Offer, Stage, mismatched, select, written};
use super::swanctl::Tree;
use super::{Difference, Verdict, Weight};
use crate::explain::{Proposal, Proposals};
use crate::ikev2::algorithms::Suite;
use crate::ikev2::associations::{CHILD, IKE};
use crate::model::{EncryptionAlgorithm as Encr, IntegrityAlgorithm as Integ, Keyword};
use crate::syntax::shorten;

/// Compares.
pub(super) fn judge(client: &Client, root: &Tree, connection: &Connection) -> Verdict {
    let mut judge =
        Judge { client, root, connection, differences: Vec::new(), unknown: Vec::new(), words: Vec::new() };
    judge.version();
    let ike = judge.ike();
    let (child_name, child, rekey) = judge.children();
    judge.methods();
    judge.identities();
    judge.secrets();
    judge.addresses();
    judge.options();
    let Judge { mut differences, unknown, words, .. } = judge;
    differences.sort_by_key(|found| found.weight);
    let worst = differences.first().map(|found| found.weight);
    Verdict {
        connection: shorten(&connection.name),
        line: connection.line,
        agree: worst.is_none_or(|worst| worst == Weight::Note),
        connects: worst != Some(Weight::Fails),
        ike,
        child,
        rekey,
        child_name,
        authentication: words,
        differences,
        unknown,
    }
}

struct Judge<'a> {
    client: &'a Client,
    root: &'a Tree,
    connection: &'a Connection,
    differences: Vec<Difference>,
    unknown: Vec<String>,
    words: Vec<String>,
}

/// What to write on one side: where, and what.
type Fix = Option<(String, String)>;

impl Judge<'_> {
    fn differ(&mut self, weight: Weight, message: String, profile: Fix, line: usize, server: Option<String>) {
        let (profile_key, profile_fix) = profile.unzip();
        self.differences.push(Difference {
            weight,
            message,
            profile_key,
            profile_fix,
            server_line: Some(line),
            server_fix: server,
        });
    }

    fn key(&self, rest: &str) -> String {
        format!("connections.{}.{rest}", shorten(&self.connection.name))
    }

    fn version(&mut self) {
        if self.connection.version == 1 {
            let fix = format!("{} = 2", self.key("version"));
            let message = "the connection is for IKEv1 only, and the profile speaks IKEv2".into();
            self.differ(Weight::Fails, message, None, self.connection.line_of("version"), Some(fix));
        }
    }

    fn ike(&mut self) -> Option<selection::Chosen> {
        let line = self.connection.line_of("proposals");
        let offers = match &self.connection.proposals {
            Ok(offers) => offers,
            Err(reason) => {
                let fix = format!("{} = {}", self.key("proposals"), all_written(&self.client.proposals.ike));
                self.differ(
                    Weight::Fails,
                    format!("{reason}; it does not load the connection"),
                    None,
                    line,
                    Some(fix),
                );
                return None;
            }
        };
        let chosen = select(offers, &self.client.proposals.ike, false);
        if chosen.is_none() {
            let message = format!(
                "no proposal in common for the IKE SA: {}",
                why(offers, &self.client.proposals.ike, false)
            );
            let profile = fix(offers, Stage::Ike, self.client).map(|suite| (format!("IKEv2.{IKE}"), suite));
            let server = self.added("proposals", &self.client.proposals.ike);
            self.differ(Weight::Fails, message, profile, line, Some(server));
        } else if self.client.proposals.observed {
            self.unknown.push(
                "the profile names no algorithms for IKE: the choice rests on what Apple's client was observed to offer"
                    .into(),
            );
        }
        if offers.iter().any(|offer| offer.text == "default") {
            self.unknown.push(
                "what `default` holds depends on the daemon's plugins; the usual ones are assumed".into(),
            );
        }
        chosen
    }

    /// The line of swanctl.conf with the profile's proposals behind its own.
    fn added(&self, key: &str, proposals: &[Proposal]) -> String {
        let now = self.connection.tree.get(key).map_or_else(|| "default".to_owned(), shorten);
        format!("{} = {now},{}", self.key(key), all_written(proposals))
    }

    fn children(&mut self) -> (Option<String>, Option<selection::Chosen>, Option<selection::Chosen>) {
        let offered = &self.client.proposals.child;
        let connection = self.connection;
        if connection.children.is_empty() {
            let fix = format!("{} {{ local_ts = 0.0.0.0/0,::/0 }}", self.key("children.net"));
            self.differ(
                Weight::Fails,
                "the connection has no child".into(),
                None,
                connection.line,
                Some(fix),
            );
            return (None, None, None);
        }
        // A child whose proposals cannot be read keeps the whole connection from being loaded.
        for child in &connection.children {
            if let Err(reason) = &child.proposals {
                let fix = format!(
                    "{} = {}",
                    self.key(&format!("children.{}.esp_proposals", shorten(&child.name))),
                    all_written(offered)
                );
                self.differ(
                    Weight::Fails,
                    format!("{reason}; it does not load the connection"),
                    None,
                    child.line,
                    Some(fix),
                );
                return (None, None, None);
            }
        }
        let usable: Vec<_> = connection
            .children
            .iter()
            .filter(|child| {
                !matches!(child.mode.as_str(), "pass" | "drop" | "transport" | "beet" | "transport_proxy")
            })
            .filter_map(|child| {
                Some((child, child.proposals.as_ref().ok().filter(|offers| !offers.is_empty())?))
            })
            .collect();
        let Some((first, _)) = usable.first() else {
            let child = connection.children.first();
            let name = child.map(|child| shorten(&child.name)).unwrap_or_default();
            let fix = format!("{} = tunnel, with esp_proposals", self.key(&format!("children.{name}.mode")));
            let message = "no child is an ESP tunnel (mode tunnel), which is all that profiles know".into();
            self.differ(
                Weight::Fails,
                message,
                None,
                child.map_or(connection.line, |child| child.line),
                Some(fix),
            );
            return (None, None, None);
        };
        // strongSwan takes the child by traffic selectors; the first that fits the algorithms is the best that can be known.
        let fits = |offers: &[Offer], without_ke| select(offers, offered, without_ke);
        let found =
            usable.iter().find(|(_, offers)| fits(offers, true).is_some() && fits(offers, false).is_some());
        let found = found.or_else(|| usable.iter().find(|(_, offers)| fits(offers, true).is_some()));
        let key = |name: &str| format!("children.{}.esp_proposals", shorten(name));
        let Some((child, offers)) = found else {
            let offers = first.proposals.as_deref().unwrap_or_default();
            let message = format!("no proposal in common for the Child SA: {}", why(offers, offered, true));
            let profile =
                fix(offers, Stage::Child, self.client).map(|suite| (format!("IKEv2.{CHILD}"), suite));
            let server = format!("{} = {}", self.key(&key(&first.name)), all_written(offered));
            self.differ(Weight::Fails, message, profile, first.line, Some(server));
            return (Some(shorten(&first.name)), None, None);
        };
        let rekey = fits(offers, false);
        if rekey.is_none() {
            let message = format!(
                "the Child SA comes up, since IKE_AUTH makes no key exchange for it, but cannot be rekeyed: {}",
                why(offers, offered, false)
            );
            let groups =
                offers.iter().any(|offer| offer.algorithms.iter().any(|one| one.kind == KE && one.id != 0));
            let profile = match (self.client.pfs, groups) {
                (true, false) => Some(("IKEv2.EnablePFS".to_owned(), "0".to_owned())),
                (false, true) => {
                    Some(("IKEv2.EnablePFS".to_owned(), "1, with a group of the server's".to_owned()))
                }
                _ => fix(offers, Stage::Child, self.client).map(|suite| (format!("IKEv2.{CHILD}"), suite)),
            };
            let server = format!("{} = {}", self.key(&key(&child.name)), all_written(offered));
            self.differ(Weight::RekeyFails, message, profile, child.line, Some(server));
        }
        if !child.has_local_ts {
            let fix = format!(
                "{} = 0.0.0.0/0,::/0",
                self.key(&format!("children.{}.local_ts", shorten(&child.name)))
            );
            let message =
                "the child has no local_ts: clients reach the server itself and nothing behind it".into();
            self.differ(Weight::Note, message, None, child.line, Some(fix));
        }
        (Some(shorten(&child.name)), fits(offers, true), rekey)
    }

    fn methods(&mut self) {
        let connection = self.connection;
        let (Some(local), Some(remote)) = (connection.local.first(), connection.remote.first()) else {
            return;
        };
        for (rounds, side) in [(&connection.local, "local"), (&connection.remote, "remote")] {
            if let Some(second) = rounds.get(1) {
                let message = format!(
                    "the connection asks for several rounds of authentication ({side}), which profiles do not know"
                );
                let fix = format!("leave out {}", self.key(&shorten(&second.section)));
                self.differ(Weight::Fails, message, None, second.line, Some(fix));
            }
        }
        let auth = &self.client.auth;
        self.words.push(format!(
            "the client proves itself by {}, the server asks for {}",
            auth.describe(),
            method(remote)
        ));
        let fits = match auth {
            ClientAuth::SharedSecret(_) => remote.auth == "psk",
            ClientAuth::Certificate => is_signature(&remote.auth) || remote.auth == "any",
            ClientAuth::Eap { .. } => match remote.auth.as_str() {
                "eap" | "eap-dynamic" | "eap-radius" | "eap-identity" => {
                    self.unknown
                        .push(format!("which EAP methods the server offers (auth = {})", remote.auth));
                    true
                }
                other => other == "eap-mschapv2" || other.starts_with("eap-peap"),
            },
            ClientAuth::EapTls => {
                matches!(remote.auth.as_str(), "eap" | "eap-dynamic" | "eap-radius" | "eap-tls")
            }
        };
        if !fits {
            let (word, profile) = match auth {
                ClientAuth::SharedSecret(_) => ("psk", "SharedSecret"),
                ClientAuth::Certificate => ("pubkey", "Certificate"),
                ClientAuth::Eap { .. } => ("eap-mschapv2", "None, with ExtendedAuthEnabled 1"),
                ClientAuth::EapTls => ("eap-tls", "None, with ExtendedAuthEnabled 1 and a certificate"),
            };
            let wanted = match remote.auth.as_str() {
                "psk" => Some("SharedSecret"),
                "eap-tls" => Some("None, with ExtendedAuthEnabled 1 and PayloadCertificateUUID"),
                eap if eap.starts_with("eap") => Some("None, with ExtendedAuthEnabled 1"),
                other if is_signature(other) => Some("Certificate"),
                _ => None,
            };
            let message = format!(
                "the client proves itself by {}, and the server asks for {}",
                auth.describe(),
                method(remote)
            );
            let fix = wanted
                .filter(|wanted| *wanted != profile)
                .map(|wanted| ("IKEv2.AuthenticationMethod".to_owned(), wanted.to_owned()));
            let server = format!("{} = {word}", self.key(&format!("{}.auth", shorten(&remote.section))));
            self.differ(Weight::Fails, message, fix, remote.line, Some(server));
        }
        let by_secret = matches!(auth, ClientAuth::SharedSecret(_));
        self.words.push(format!("the server proves itself by {}", method(local)));
        let server_fits = if by_secret { local.auth == "psk" } else { is_signature(&local.auth) };
        if !server_fits {
            let wanted = if by_secret { "a shared secret" } else { "a certificate" };
            let word = if by_secret { "psk" } else { "pubkey" };
            let message =
                format!("the server proves itself by {}, and the profile expects {wanted}", method(local));
            let server = format!("{} = {word}", self.key(&format!("{}.auth", shorten(&local.section))));
            self.differ(Weight::Fails, message, None, local.line, Some(server));
        }
        if !by_secret {
            self.unknown.push(
                "what the certificates say: names, chain, expiry (`adit probe` sees the server's)".into(),
            );
            if connection.send_cert == "never" {
                let fix = format!("{} = always", self.key("send_cert"));
                let message =
                    "the server never sends its certificate, without which the client cannot check it".into();
                self.differ(Weight::Fails, message, None, connection.line_of("send_cert"), Some(fix));
            }
        }
    }

    fn identities(&mut self) {
        let connection = self.connection;
        let (Some(local), Some(remote)) = (connection.local.first(), connection.remote.first()) else {
            return;
        };
        if let Some(wanted) = self.client.remote_name() {
            let text = shorten(self.client.remote_id.as_deref().unwrap_or_default());
            match &local.id {
                // Without an id the server answers as it is called, unless a certificate's subject is its id.
                None if local.has_certificates => {
                    self.unknown.push(format!(
                        "whether the server calls itself {text}: without {} it takes its certificate's subject",
                        self.key("local.id")
                    ));
                }
                None => self.words.push(format!("the server calls itself {text} when asked for it")),
                Some(id) => {
                    let own = Name::of_strongswan(id);
                    let same = if own == Name::Any { Some(true) } else { wanted.equals(&own) };
                    self.identity(
                        same,
                        "RemoteIdentifier",
                        &text,
                        id,
                        local,
                        "the server calls itself",
                        (&wanted, &own),
                    );
                }
            }
        }
        let id = remote.id.clone().unwrap_or_else(|| "%any".to_owned());
        let pattern = Name::of_strongswan(&id);
        match self.client.local_name() {
            Some(name) => {
                let text = shorten(self.client.local_id.as_deref().unwrap_or_default());
                self.identity(
                    pattern.takes(&name),
                    "LocalIdentifier",
                    &text,
                    &id,
                    remote,
                    "the server wants",
                    (&name, &pattern),
                );
            }
            None if pattern == Name::Any => {}
            None => {
                let message = format!(
                    "the profile gives no LocalIdentifier, so that the client sends its address, and the server wants {}",
                    shorten(&id)
                );
                let server = format!("{} = %any", self.key(&format!("{}.id", shorten(&remote.section))));
                let profile = Some(("IKEv2.LocalIdentifier".to_owned(), shorten(&id)));
                self.differ(Weight::Fails, message, profile, remote.line, Some(server));
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one sentence, of two sides")]
    fn identity(
        &mut self,
        same: Option<bool>,
        key: &str,
        ours: &str,
        theirs: &str,
        round: &Round,
        verb: &str,
        (one, two): (&Name, &Name),
    ) {
        match same {
            Some(true) => self.words.push(format!("{key} {ours} fits `id = {}`", shorten(theirs))),
            None => self.unknown.push(format!("whether {key} {ours} fits `id = {}`", shorten(theirs))),
            Some(false) => {
                let kinds = if one.kind() == two.kind() {
                    String::new()
                } else {
                    format!(" (a {} here, a {} there)", one.kind(), two.kind())
                };
                let message = format!("{key} is {ours}, and {verb} {}{kinds}", shorten(theirs));
                let profile = (!theirs.contains('*')).then(|| (format!("IKEv2.{key}"), shorten(theirs)));
                let server = format!("{} = {ours}", self.key(&format!("{}.id", shorten(&round.section))));
                self.differ(Weight::Fails, message, profile, round.line, Some(server));
            }
        }
    }

    fn secrets(&mut self) {
        let server = self.client.remote_name().unwrap_or(Name::Unknown);
        let (found, what, key) = match &self.client.auth {
            ClientAuth::SharedSecret(secret) => {
                let secret = secret.as_ref().map(crate::Secret::expose);
                let found = secrets::shared(self.root, &server, self.client.local_name().as_ref(), secret);
                (found, "shared secret", "IKEv2.SharedSecret")
            }
            ClientAuth::Eap { name, password } => {
                let local = self.connection.remote.first();
                // The users of a RADIUS server are elsewhere.
                if local.is_none_or(|round| round.auth != "eap-mschapv2") {
                    return;
                }
                let fixed = local
                    .and_then(|round| round.eap_id.as_deref())
                    .filter(|id| !matches!(*id, "%any" | "%identity"));
                let password = password.as_ref().map(|password| password.expose().as_bytes());
                if let (Some(fixed), Some(name)) = (fixed, name)
                    && !fixed.eq_ignore_ascii_case(name)
                {
                    let message =
                        format!("AuthName is {}, and the server asks for {}", shorten(name), shorten(fixed));
                    let line = local.map_or(self.connection.line, |round| round.line);
                    let profile = Some(("IKEv2.AuthName".to_owned(), shorten(fixed)));
                    self.differ(Weight::Note, message, profile, line, None);
                }
                (secrets::eap(self.root, name.as_deref(), password), "password", "IKEv2.AuthPassword")
            }
            ClientAuth::Certificate | ClientAuth::EapTls => return,
        };
        match found {
            Found::Same => self.words.push(format!("the {what} is the same on both sides")),
            Found::Unknown => self.unknown.push(format!("whether the {what} is the same on both sides")),
            Found::Different(line) => {
                let message = format!("the {what} in the profile is not the one in swanctl.conf");
                let profile = Some((key.to_owned(), "the server's".to_owned()));
                self.differ(Weight::Fails, message, profile, line, Some("secret = the profile's".into()));
            }
            Found::Missing => {
                let message = format!("swanctl.conf has no {what} for this client");
                let line = self.root.line("secrets").unwrap_or(1);
                self.differ(
                    Weight::Fails,
                    message,
                    None,
                    line,
                    Some("secrets { … }: add one with this client's id".into()),
                );
            }
        }
    }

    fn addresses(&mut self) {
        let connection = self.connection;
        let fix = format!("{} = NAME, and pools {{ NAME {{ addrs = 10.10.0.0/24 }} }}", self.key("pools"));
        if connection.pools.is_empty() {
            let message =
                "the connection has no pools: a client gets no address, and profiles always ask for one"
                    .into();
            self.differ(Weight::Fails, message, None, connection.line, Some(fix));
            return;
        }
        let pools = self.root.section("pools");
        let known = |name: &String| {
            matches!(name.as_str(), "dhcp" | "radius")
                || pools.and_then(|pools| pools.section(name)).is_some()
        };
        if !connection.pools.iter().any(known) {
            let names: Vec<String> = connection.pools.iter().map(|name| shorten(name)).collect();
            let message =
                format!("no pool of this file is called {}: a client gets no address", names.join(" or "));
            self.differ(Weight::Fails, message, None, connection.line_of("pools"), Some(fix));
        }
    }

    fn options(&mut self) {
        let connection = self.connection;
        if connection.childless == "force" {
            let fix = format!("{} = allow", self.key("childless"));
            let message =
                "the server wants IKE SAs without a Child SA (RFC 6023), which profiles do not know".into();
            self.differ(Weight::Fails, message, None, connection.line_of("childless"), Some(fix));
        }
        match (self.client.ppk, connection.has_ppk) {
            (None, _) if connection.ppk_required => {
                let message = "the server requires a PPK (RFC 8784), and the profile has none".into();
                let profile = Some(("IKEv2.PPK".to_owned(), "the server's, with PPKIdentifier".to_owned()));
                let fix = format!("{} = no", self.key("ppk_required"));
                self.differ(Weight::Fails, message, profile, connection.line_of("ppk_required"), Some(fix));
            }
            (Some(true), false) => {
                let message = "the profile requires a PPK (PPKMandatory), and the connection has none".into();
                let profile = Some(("IKEv2.PPKMandatory".to_owned(), "0".to_owned()));
                let fix = format!("{} = the profile's PPKIdentifier", self.key("ppk_id"));
                self.differ(Weight::Fails, message, profile, connection.line, Some(fix));
            }
            (Some(_), true) => self.unknown.push("whether the PPK is the same on both sides".into()),
            _ => {}
        }
        let large = !matches!(self.client.auth, ClientAuth::SharedSecret(_))
            || self
                .client
                .proposals
                .ike
                .iter()
                .any(|one| one.transforms.iter().any(|one| one.kind > ESN && one.id != 0));
        if connection.fragmentation == "no" && large {
            let fix = format!("{} = yes", self.key("fragmentation"));
            let message = "fragmentation of IKE messages is off: large messages (certificates, ML-KEM) are lost where IP \
                           fragments are"
                .into();
            self.differ(Weight::Note, message, None, connection.line_of("fragmentation"), Some(fix));
        }
        if self.client.mobike && !connection.mobike {
            let message = "MOBIKE is off at the server: a change of network makes a new connection".into();
            let fix = format!("{} = yes", self.key("mobike"));
            self.differ(Weight::Note, message, None, connection.line_of("mobike"), Some(fix));
        }
        for key in ["local_addrs", "remote_addrs"] {
            if let Some(addresses) =
                connection.tree.get(key).filter(|text| !text.contains("%any") && !text.contains("/0"))
            {
                self.unknown.push(format!("whether the addresses fit `{key} = {}`", shorten(addresses)));
            }
        }
    }
}

fn is_signature(auth: &str) -> bool {
    ["pubkey", "rsa", "ecdsa", "ed25519", "ed448"].iter().any(|kind| {
        auth.strip_prefix(kind).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', ':', '/']))
    })
}

fn method(round: &Round) -> String {
    match round.auth.as_str() {
        "psk" => "a shared secret".into(),
        other if is_signature(other) => "a certificate".into(),
        other => format!("`auth = {}`", shorten(other)),
    }
}

fn all_written(proposals: &[Proposal]) -> String {
    proposals.iter().map(written).collect::<Vec<_>>().join(",")
}

/// Where the nearest two proposals have nothing in common.
fn why(offers: &[Offer], offered: &[Proposal], without_ke: bool) -> String {
    let pairs = offers.iter().flat_map(|ours| offered.iter().map(move |theirs| (ours, theirs)));
    let nearest = pairs.map(|(ours, theirs)| (mismatched(ours, theirs, without_ke), ours, theirs));
    let Some((kinds, ours, theirs)) = nearest.min_by_key(|(kinds, ..)| kinds.len()) else {
        return "one side offers nothing".into();
    };
    let one = |kind: &u8| {
        let mine = ours.algorithms.iter().filter(|one| one.kind == *kind).map(|one| one.word());
        let yours = theirs
            .transforms
            .iter()
            .filter(|one| one.kind == *kind)
            .map(|one| selection::algorithm(one).word());
        format!(
            "{}: the profile has {}, the server {}",
            title(*kind),
            or_none(yours.collect()),
            or_none(mine.collect())
        )
    };
    kinds.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn or_none(words: Vec<String>) -> String {
    match words.len() {
        0 => "none".into(),
        1..=8 => words.join(" or "),
        _ => format!("{} and more", words.get(..8).unwrap_or_default().join(" or ")),
    }
}

fn title(kind: u8) -> String {
    match kind {
        ENCR => "encryption".into(),
        PRF => "PRF".into(),
        INTEG => "integrity".into(),
        KE => "key exchange group".into(),
        ESN => "extended sequence numbers".into(),
        more => format!("additional key exchange {}", more.saturating_sub(ESN)),
    }
}

/// Values of a dictionary of the profile that the server takes, best first; `None` where no profile can ask for what it
/// wants.
fn fix(offers: &[Offer], stage: Stage, client: &Client) -> Option<String> {
    const CIPHERS: [Encr; 7] = [
        Encr::Aes256Gcm,
        Encr::Aes128Gcm,
        Encr::ChaCha20Poly1305,
        Encr::Aes256,
        Encr::Aes128,
        Encr::TripleDes,
        Encr::Des,
    ];
    const HASHES: [Integ; 4] = [Integ::Sha2_256, Integ::Sha2_384, Integ::Sha2_512, Integ::Sha1_96];
    const GROUPS: [u16; 13] = [19, 20, 31, 21, 14, 15, 16, 17, 18, 32, 5, 2, 1];
    for encryption in CIPHERS {
        for integrity in HASHES {
            for group in GROUPS {
                let suite = Suite { encryption, integrity, group };
                let proposal = Proposals::of_suite(suite, stage == Stage::Child, client.pfs);
                // What a rekey needs is needed, but where only the switch of PFS can give it.
                let without_ke = stage == Stage::Child && !client.pfs;
                if select(offers, std::slice::from_ref(&proposal), without_ke).is_some() {
                    let group = if stage == Stage::Ike || client.pfs {
                        format!(", DiffieHellmanGroup {group}")
                    } else {
                        String::new()
                    };
                    let integrity = format!(", IntegrityAlgorithm {}", integrity.word());
                    return Some(format!("EncryptionAlgorithm {}{integrity}{group}", encryption.word()));
                }
            }
        }
    }
    None
}
