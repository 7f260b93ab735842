//! The connections of a `swanctl.conf`, typed, with strongSwan's defaults.

use super::selection::{Offer, Stage, offers};
use super::swanctl::Tree;
use crate::arrange::Arrange;
use crate::gather::Gather as _;

/// One connection.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its name.
    pub name: String,
    /// Where it begins.
    pub line: usize,
    /// `version`: 1, 2, or 0 for both.
    pub version: u8,
    /// `proposals`; or why strongSwan does not take them.
    pub proposals: Result<Vec<Offer>, String>,
    /// `local*`: how the server proves itself, in order.
    pub local: Vec<Round>,
    /// `remote*`: how clients must, in order.
    pub remote: Vec<Round>,
    /// The children.
    pub children: Vec<Child>,
    /// `pools`.
    pub pools: Vec<String>,
    /// `fragmentation`, unless it is `yes`.
    pub fragmentation: String,
    /// `mobike`.
    pub mobike: bool,
    /// `send_cert`.
    pub send_cert: String,
    /// `childless`.
    pub childless: String,
    /// `ppk_id` is given.
    pub has_ppk: bool,
    /// `ppk_required`.
    pub ppk_required: bool,
    /// Where each key stands that was looked at.
    pub tree: Tree,
}

/// One round of authentication.
#[derive(Clone, Debug)]
pub struct Round {
    /// The section's name.
    pub section: String,
    /// Its line.
    pub line: usize,
    /// `auth`; `pubkey` by default.
    pub auth: String,
    /// `id`.
    pub id: Option<String>,
    /// `eap_id`.
    pub eap_id: Option<String>,
    /// `certs`, `cert*` or `pubkeys` are given.
    pub has_certificates: bool,
}

/// One child.
#[derive(Clone, Debug)]
pub struct Child {
    /// Its name.
    pub name: String,
    /// Its line.
    pub line: usize,
    /// `esp_proposals`; empty where `ah_proposals` stand instead; or why strongSwan does not take them.
    pub proposals: Result<Vec<Offer>, String>,
    /// `mode`; `tunnel` by default.
    pub mode: String,
    /// `local_ts` is given: what clients reach, beside the server itself.
    pub has_local_ts: bool,
}

impl Connection {
    /// Every connection of a file, in order.
    #[must_use]
    pub fn all(root: &Tree) -> Vec<Self> {
        let connections = root.section("connections").into_iter().flat_map(Tree::sections);
        connections.map(|(name, tree, line)| Self::of(name, tree, line)).gather()
    }

    fn of(name: &str, tree: &Tree, line: usize) -> Self {
        let text = |key: &str, default: &str| tree.get(key).unwrap_or(default).to_ascii_lowercase();
        let children = tree.section("children").into_iter().flat_map(Tree::sections);
        Self {
            name: name.to_owned(),
            line,
            version: tree.get("version").and_then(|version| version.parse().ok()).unwrap_or(0),
            proposals: offers(tree.get("proposals"), Stage::Ike),
            local: rounds(tree, "local"),
            remote: rounds(tree, "remote"),
            children: children.map(|(name, tree, line)| child(name, tree, line)).gather(),
            pools: list(tree.get("pools").unwrap_or_default()),
            fragmentation: text("fragmentation", "yes"),
            mobike: is_yes(tree.get("mobike"), true),
            send_cert: text("send_cert", "ifasked"),
            childless: text("childless", "allow"),
            has_ppk: tree.get("ppk_id").is_some(),
            ppk_required: is_yes(tree.get("ppk_required"), false),
            tree: tree.clone(),
        }
    }

    /// How many proposals it and its children have.
    #[must_use]
    pub fn count_of_proposals(&self) -> usize {
        let of = |proposals: &Result<Vec<Offer>, String>| proposals.as_ref().map_or(0, Vec::len);
        of(&self.proposals) + self.children.iter().map(|child| of(&child.proposals)).sum::<usize>()
    }

    /// Where a key stands, or the connection itself.
    #[must_use]
    pub fn line_of(&self, key: &str) -> usize {
        self.tree.line(key).unwrap_or(self.line)
    }
}

fn child(name: &str, tree: &Tree, line: usize) -> Child {
    let only_ah = tree.get("ah_proposals").is_some() && tree.get("esp_proposals").is_none();
    let proposals = if only_ah { Ok(Vec::new()) } else { offers(tree.get("esp_proposals"), Stage::Child) };
    Child {
        name: name.to_owned(),
        line: tree.line("esp_proposals").unwrap_or(line),
        proposals,
        mode: tree.get("mode").unwrap_or("tunnel").to_ascii_lowercase(),
        has_local_ts: tree.get("local_ts").is_some(),
    }
}

/// Rounds in the order of their `round` key, else as they stand; one with strongSwan's defaults if there is none.
fn rounds(tree: &Tree, prefix: &str) -> Vec<Round> {
    let mut found: Vec<(u32, Round)> = tree
        .sections()
        .filter(|(name, ..)| {
            name.strip_prefix(prefix).is_some_and(|rest| {
                rest.is_empty() || rest.starts_with('-') || rest.starts_with(|c: char| c.is_ascii_digit())
            })
        })
        .map(|(name, section, line)| {
            let order = section.get("round").and_then(|round| round.parse().ok()).unwrap_or(0);
            let certificates = section.get("certs").is_some()
                || section.get("pubkeys").is_some()
                || section.sections().any(|(name, ..)| name.starts_with("cert"));
            let round = Round {
                section: name.to_owned(),
                line,
                auth: section.get("auth").unwrap_or("pubkey").to_ascii_lowercase(),
                id: section.get("id").map(str::to_owned),
                eap_id: section.get("eap_id").map(str::to_owned),
                has_certificates: certificates,
            };
            (order, round)
        })
        .gather();
    found.arrange_by_key(|(order, _)| *order);
    let mut rounds: Vec<Round> = found.into_iter().map(|(_, round)| round).gather();
    if rounds.is_empty() {
        rounds.push(Round {
            section: prefix.to_owned(),
            line: tree.line(prefix).unwrap_or(1),
            auth: "pubkey".into(),
            id: None,
            eap_id: None,
            has_certificates: false,
        });
    }
    rounds
}

/// strongSwan's words for a switch.
fn is_yes(value: Option<&str>, default: bool) -> bool {
    match value.map(str::to_ascii_lowercase).as_deref() {
        Some("yes" | "true" | "1" | "enabled") => true,
        Some("no" | "false" | "0" | "disabled") => false,
        _ => default,
    }
}

/// A list with commas.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).gather()
}
