//! The proposals: which one the server chooses for the IKE SA, for the Child SA and for its rekey; where there is none, why, and
//! what either side would have to write.

use super::{Judge, shorten};
use crate::compare::Weight;
use crate::compare::client::Client;
use crate::compare::connection::Child;
use crate::compare::keywords::{ENCR, ESN, INTEG, KE, PRF};
use crate::compare::selection::{self, Chosen, Offer, Stage, mismatched, select, written};
use crate::explain::{Proposal, Proposals};
use crate::gather::Gather as _;
use crate::ikev2::algorithms::Suite;
use crate::ikev2::associations::{CHILD, IKE};
use crate::model::{EncryptionAlgorithm as Encr, IntegrityAlgorithm as Integ, Keyword};

impl Judge<'_> {
    /// What is chosen for the IKE SA.
    pub(super) fn ike(&mut self) -> Option<Chosen> {
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

    /// The child that fits, what is chosen for it in IKE_AUTH, and what when it is rekeyed.
    pub(super) fn children(&mut self) -> (Option<String>, Option<Chosen>, Option<Chosen>) {
        let offered = &self.client.proposals.child;
        let connection = self.connection;
        if connection.children.is_empty() {
            let fix = format!("{} {{ local_ts = 0.0.0.0/0,::/0 }}", self.key("children.net"));
            let message = "the connection has no child".into();
            self.differ(Weight::Fails, message, None, connection.line, Some(fix));
            return (None, None, None);
        }
        // A child whose proposals cannot be read keeps the whole connection from being loaded.
        for child in &connection.children {
            if let Err(reason) = &child.proposals {
                let fix = format!("{} = {}", self.esp_proposals(child), all_written(offered));
                let message = format!("{reason}; it does not load the connection");
                self.differ(Weight::Fails, message, None, child.line, Some(fix));
                return (None, None, None);
            }
        }
        let usable: Vec<(&Child, &[Offer])> = connection.children.iter().filter_map(tunnel).gather();
        let Some((first, _)) = usable.first() else {
            let child = connection.children.first();
            let name = child.map(|child| shorten(&child.name)).unwrap_or_default();
            let fix = format!("{} = tunnel, with esp_proposals", self.key(&format!("children.{name}.mode")));
            let message = "no child is an ESP tunnel (mode tunnel), which is all that profiles know".into();
            let line = child.map_or(connection.line, |child| child.line);
            self.differ(Weight::Fails, message, None, line, Some(fix));
            return (None, None, None);
        };
        // strongSwan takes the child by traffic selectors; the first that fits the algorithms is the best that can be known.
        let fits = |offers: &[Offer], without_ke| select(offers, offered, without_ke);
        let found =
            usable.iter().find(|(_, offers)| fits(offers, true).is_some() && fits(offers, false).is_some());
        let found = found.or_else(|| usable.iter().find(|(_, offers)| fits(offers, true).is_some()));
        let Some((child, offers)) = found else {
            let offers = first.proposals.as_deref().unwrap_or_default();
            let message = format!("no proposal in common for the Child SA: {}", why(offers, offered, true));
            let profile =
                fix(offers, Stage::Child, self.client).map(|suite| (format!("IKEv2.{CHILD}"), suite));
            let server = format!("{} = {}", self.esp_proposals(first), all_written(offered));
            self.differ(Weight::Fails, message, profile, first.line, Some(server));
            return (Some(shorten(&first.name)), None, None);
        };
        let rekey = fits(offers, false);
        if rekey.is_none() {
            self.no_rekey(child, offers);
        }
        if !child.has_local_ts {
            let key = self.key(&format!("children.{}.local_ts", shorten(&child.name)));
            let message =
                "the child has no local_ts: clients reach the server itself and nothing behind it".into();
            self.differ(Weight::Note, message, None, child.line, Some(format!("{key} = 0.0.0.0/0,::/0")));
        }
        (Some(shorten(&child.name)), fits(offers, true), rekey)
    }

    /// The Child SA is made, since IKE_AUTH runs no key exchange for it, and a rekey of it fails.
    fn no_rekey(&mut self, child: &Child, offers: &[Offer]) {
        let offered = &self.client.proposals.child;
        let message = format!(
            "the Child SA comes up, since IKE_AUTH makes no key exchange for it, but cannot be rekeyed: {}",
            why(offers, offered, false)
        );
        let groups =
            offers.iter().any(|offer| offer.algorithms.iter().any(|one| one.kind == KE && one.id != 0));
        let pfs = |value: &str| Some(("IKEv2.EnablePFS".to_owned(), value.to_owned()));
        let profile = match (self.client.pfs, groups) {
            (true, false) => pfs("0"),
            (false, true) => pfs("1, with a group of the server's"),
            _ => fix(offers, Stage::Child, self.client).map(|suite| (format!("IKEv2.{CHILD}"), suite)),
        };
        let server = format!("{} = {}", self.esp_proposals(child), all_written(offered));
        self.differ(Weight::RekeyFails, message, profile, child.line, Some(server));
    }

    fn esp_proposals(&self, child: &Child) -> String {
        self.key(&format!("children.{}.esp_proposals", shorten(&child.name)))
    }

    /// The line of swanctl.conf with the profile's proposals behind its own.
    fn added(&self, key: &str, proposals: &[Proposal]) -> String {
        let now = self.connection.tree.get(key).map_or_else(|| "default".to_owned(), shorten);
        format!("{} = {now},{}", self.key(key), all_written(proposals))
    }
}

/// A child that is an ESP tunnel, with its proposals.
fn tunnel(child: &Child) -> Option<(&Child, &[Offer])> {
    const OTHERS: [&str; 5] = ["pass", "drop", "transport", "beet", "transport_proxy"];
    let offers = child.proposals.as_deref().ok().filter(|offers| !offers.is_empty())?;
    (!OTHERS.contains(&child.mode.as_str())).then_some((child, offers))
}

fn all_written(proposals: &[Proposal]) -> String {
    proposals.iter().map(written).gather().join(",")
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
            or_none(yours.gather()),
            or_none(mine.gather())
        )
    };
    kinds.iter().map(one).gather().join("; ")
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
