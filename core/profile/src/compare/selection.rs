//! strongSwan's proposals: how they are written, and which one a responder chooses.
//!
//! As strongSwan 5.9 and 6 do it: a responder goes through its own proposals in order (`prefer_configured_proposals`, on by
//! default), and for each through the initiator's; the first pair that has an algorithm in common for every transform type
//! of either is taken.

use serde::Serialize;

use super::keywords::{ADDKE1, Algorithm, ENCR, ESN, INTEG, KE, PRF};
use crate::arrange::Arrange;
use crate::explain::{Proposal, Transform};
use crate::gather::Gather as _;

/// Which SA a proposal is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The IKE SA.
    Ike,
    /// Child SAs (ESP).
    Child,
}

/// One proposal of a server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Offer {
    /// As it is written.
    pub text: String,
    /// Every algorithm in it.
    pub algorithms: Vec<Algorithm>,
}

/// Reads the value of `proposals` or `esp_proposals`; none (the key is missing) means `default`.
///
/// # Errors
/// The proposal that strongSwan does not take, and why: it then does not load the connection.
pub fn offers(value: Option<&str>, stage: Stage) -> Result<Vec<Offer>, String> {
    let mut all = Vec::new();
    for text in value.unwrap_or("default").split(',').map(str::trim).filter(|text| !text.is_empty()) {
        if text.eq_ignore_ascii_case("default") {
            all.extend(defaults(stage));
        } else {
            all.push(offer(text, stage)?);
        }
    }
    if all.is_empty() {
        all.extend(defaults(stage));
    }
    Ok(all)
}

/// Reads one proposal.
fn offer(text: &str, stage: Stage) -> Result<Offer, String> {
    let shown = crate::syntax::shorten(text);
    let mut algorithms = Vec::new();
    for word in text.split('-').map(str::trim) {
        let known = Algorithm::of(word).ok_or_else(|| {
            format!("strongSwan has no algorithm called `{}` (in `{shown}`)", crate::syntax::shorten(word))
        })?;
        algorithms.push(known);
    }
    completed(algorithms, stage)
        .map(|algorithms| Offer { text: text.to_owned(), algorithms })
        .map_err(|reason| format!("strongSwan does not take `{shown}`: {reason}"))
}

/// What strongSwan makes of the words of one proposal.
fn completed(mut all: Vec<Algorithm>, stage: Stage) -> Result<Vec<Algorithm>, &'static str> {
    let has = |all: &[Algorithm], kind| all.iter().any(|one| one.kind == kind);
    if stage == Stage::Ike {
        if !has(&all, PRF) {
            // The PRF follows the integrity algorithm, also where a cipher needs none.
            let prfs: Vec<u16> =
                all.iter().filter(|one| one.kind == INTEG).filter_map(|one| prf_of(one.id)).gather();
            all.extend(prfs.into_iter().map(|id| Algorithm { kind: PRF, id, bits: 0 }));
        }
        if !has(&all, PRF) {
            return Err("an IKE proposal needs a PRF (such as prfsha256)");
        }
        all.retain(|one| !(one.kind == KE && one.id == 0));
        if !has(&all, KE) {
            return Err("an IKE proposal needs a key exchange group (such as ecp256)");
        }
    } else {
        all.retain(|one| one.kind != PRF);
        if !has(&all, ESN) {
            all.push(Algorithm { kind: ESN, id: 0, bits: 0 });
        }
    }
    let ciphers: Vec<bool> = all.iter().filter(|one| one.kind == ENCR).map(|one| one.is_aead()).gather();
    match (ciphers.contains(&true), ciphers.contains(&false)) {
        (false, false) => return Err("an encryption algorithm is missing"),
        (true, true) => {
            return Err("ciphers that authenticate by themselves and others may not stand in one proposal");
        }
        (true, false) => all.retain(|one| one.kind != INTEG),
        (false, true) if stage == Stage::Ike && !has(&all, INTEG) => {
            return Err("an integrity algorithm is missing");
        }
        (false, true) => {}
    }
    Ok(all)
}

fn prf_of(integrity: u16) -> Option<u16> {
    Some(match integrity {
        1 | 6 => 1,
        2 | 7 => 2,
        5 => 4,
        8 => 8,
        12 => 5,
        13 => 6,
        14 => 7,
        1031 => 1025,
        _ => return None,
    })
}

/// The proposals of `default`, as a daemon with the usual plugins has them.
fn defaults(stage: Stage) -> Vec<Offer> {
    const IKE_GROUPS: &str = "ecp256-ecp384-ecp521-ecp256bp-ecp384bp-ecp512bp-x25519-x448-modp3072-modp4096-modp6144-modp8192-modp2048";
    const PRFS: &str = "prfsha256-prfsha384-prfsha512-prfaesxcbc-prfaescmac-prfsha1";
    let texts = match stage {
        Stage::Ike => [
            format!(
                "aes128-aes192-aes256-camellia128-camellia192-camellia256-3des-sha256-sha384-sha512-aesxcbc-aescmac-sha1-{PRFS}-{IKE_GROUPS}"
            ),
            format!(
                "aes128gcm16-aes192gcm16-aes256gcm16-aes128ccm16-aes192ccm16-aes256ccm16-chacha20poly1305-{PRFS}-{IKE_GROUPS}"
            ),
        ],
        Stage::Child => [
            "aes128gcm16-aes192gcm16-aes256gcm16".to_owned(),
            "aes128-aes192-aes256-sha256-sha384-sha512-sha1-aesxcbc".to_owned(),
        ],
    };
    let one = |text: &String| offer(text, stage).ok().map(|offer| Offer { text: "default".into(), ..offer });
    texts.iter().filter_map(one).gather()
}

/// What a responder chooses.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Chosen {
    /// The profile's proposal, counted from 1.
    pub number: usize,
    /// Its transforms; without the key exchange where none is run (the Child SA of IKE_AUTH).
    pub proposal: Proposal,
    /// The same in words.
    pub text: String,
    /// The server's proposal, as it is written.
    pub server: String,
}

/// The choice among `offered` by a responder with `configured`; `without_ke` as in IKE_AUTH (RFC 7296 section 1.2).
#[must_use]
pub fn select(configured: &[Offer], offered: &[Proposal], without_ke: bool) -> Option<Chosen> {
    let pairs = configured
        .iter()
        .flat_map(|ours| offered.iter().zip(1..).map(move |(theirs, number)| (ours, theirs, number)));
    for (ours, theirs, number) in pairs {
        if mismatched(ours, theirs, without_ke).is_empty() {
            let kept = theirs.transforms.iter().filter(|one| !(without_ke && is_ke(one.kind)));
            let proposal = Proposal { transforms: kept.cloned().gather() };
            let text = proposal.describe();
            return Some(Chosen { number, proposal, text, server: ours.text.clone() });
        }
    }
    None
}

/// The transform types for which the two have nothing in common.
#[must_use]
pub fn mismatched(ours: &Offer, theirs: &Proposal, without_ke: bool) -> Vec<u8> {
    let mut kinds: Vec<u8> = ours
        .algorithms
        .iter()
        .map(|one| one.kind)
        .chain(theirs.transforms.iter().map(|one| one.kind))
        .gather();
    kinds.arrange();
    kinds.dedup();
    let mut used = Vec::new();
    let mut wrong = Vec::new();
    let mut aead = false;
    for kind in kinds {
        if kind == INTEG && aead || without_ke && is_ke(kind) {
            continue;
        }
        let mine: Vec<Algorithm> = ours.algorithms.iter().copied().filter(|one| one.kind == kind).gather();
        let yours: Vec<Algorithm> =
            theirs.transforms.iter().filter(|one| one.kind == kind).map(algorithm).gather();
        // A key exchange may be missing on one side where the other says "none"; not the first of an IKE SA.
        let optional = is_ke(kind) && (kind != KE || ours.algorithms.iter().any(|one| one.kind == ESN));
        let none = |list: &[Algorithm]| list.iter().any(|one| one.id == 0);
        if mine.is_empty() || yours.is_empty() {
            if !(optional && (none(&mine) || none(&yours))) {
                wrong.push(kind);
            }
            continue;
        }
        // A method is used once among the additional ones (RFC 9370 section 2.2.1).
        let usable = |one: &&Algorithm| yours.contains(one) && !(is_ke(kind) && used.contains(&one.id));
        match mine.iter().find(usable) {
            Some(found) => {
                aead |= found.is_aead();
                if is_ke(kind) && found.id != 0 {
                    used.push(found.id);
                }
            }
            None => wrong.push(kind),
        }
    }
    wrong
}

/// A profile's transform as strongSwan writes it.
#[must_use]
pub fn algorithm(transform: &Transform) -> Algorithm {
    Algorithm { kind: transform.kind, id: transform.id, bits: transform.key_bits.unwrap_or(0) }
}

/// A profile's proposal as it would stand in swanctl.conf.
#[must_use]
pub fn written(proposal: &Proposal) -> String {
    let mut words: Vec<Algorithm> = proposal.transforms.iter().map(algorithm).gather();
    // As people write it: cipher, integrity, PRF, groups; no ESN goes without saying, and so does a PRF beside integrity.
    let integrity: Vec<u16> =
        words.iter().filter(|one| one.kind == INTEG).filter_map(|one| prf_of(one.id)).gather();
    words.retain(|one| !(one.kind == ESN && one.id == 0 || one.kind == PRF && integrity.contains(&one.id)));
    words.arrange_by_key(|one| if one.kind == PRF { INTEG } else { one.kind });
    words.iter().map(|one| one.word()).gather().join("-")
}

fn is_ke(kind: u8) -> bool {
    kind == KE || (ADDKE1..ADDKE1 + 7).contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(words: &str) -> Proposal {
        let one = |word: &str| {
            let found = Algorithm::of(word).unwrap();
            Transform {
                kind: found.kind,
                id: found.id,
                key_bits: (found.bits > 0).then_some(found.bits),
                name: "it",
            }
        };
        Proposal { transforms: words.split('-').map(one).gather() }
    }

    #[test]
    fn what_is_chosen() {
        use Stage::{Child, Ike};
        /// Server's, profile's (one proposal each), stage, whether IKE_AUTH: the profile's number and the server's text.
        type Case<'a> = (&'a str, &'a [&'a str], Stage, bool, Option<(usize, &'a str)>);
        let cases: [Case<'_>; 19] = [
            (
                "aes256-sha256-ecp256",
                &["aes256-prfsha256-sha256-ecp256"],
                Ike,
                false,
                Some((1, "aes256-sha256-ecp256")),
            ),
            ("aes256-sha256-modp2048", &["aes256-prfsha256-sha256-ecp256"], Ike, false, None),
            (
                "aes256gcm16-sha256-ecp256",
                &["aes256gcm16-prfsha256-ecp256"],
                Ike,
                false,
                Some((1, "aes256gcm16-sha256-ecp256")),
            ),
            ("aes256gcm16-prfsha384-ecp256", &["aes256gcm16-prfsha256-ecp256"], Ike, false, None),
            (
                "aes128-sha1-modp1024,aes256-sha512-x25519",
                &["aes256-prfsha512-sha512-x25519"],
                Ike,
                false,
                Some((1, "aes256-sha512-x25519")),
            ),
            // The server's order wins.
            (
                "aes256-sha256-modp2048,aes256gcm16-prfsha256-ecp256",
                &["aes256gcm16-prfsha256-ecp256", "aes256-prfsha256-sha256-modp2048"],
                Ike,
                false,
                Some((2, "aes256-sha256-modp2048")),
            ),
            (
                "aes256-aes128-sha256-ecp256",
                &["aes128-prfsha256-sha256-ecp256"],
                Ike,
                false,
                Some((1, "aes256-aes128-sha256-ecp256")),
            ),
            ("default", &["aes256-prfsha256-sha256-modp2048"], Ike, false, Some((1, "default"))),
            ("default", &["aes256-prfsha1-sha1-modp1024"], Ike, false, None),
            (
                "aes256gcm16-prfsha384-x25519-ke1_mlkem768",
                &["aes256gcm16-prfsha384-x25519-ke1_mlkem768"],
                Ike,
                false,
                Some((1, "aes256gcm16-prfsha384-x25519-ke1_mlkem768")),
            ),
            (
                "aes256gcm16-prfsha384-x25519",
                &["aes256gcm16-prfsha384-x25519-ke1_mlkem768"],
                Ike,
                false,
                None,
            ),
            (
                "aes256gcm16-prfsha384-x25519-ke1_mlkem768",
                &["aes256gcm16-prfsha384-x25519"],
                Ike,
                false,
                None,
            ),
            (
                "aes256gcm16-prfsha384-x25519-ke1_mlkem768-ke1_none",
                &["aes256gcm16-prfsha384-x25519"],
                Ike,
                false,
                Some((1, "aes256gcm16-prfsha384-x25519-ke1_mlkem768-ke1_none")),
            ),
            ("aes256gcm16-ecp256", &["aes256gcm16-noesn"], Child, true, Some((1, "aes256gcm16-ecp256"))),
            ("aes256gcm16-ecp256", &["aes256gcm16-noesn"], Child, false, None),
            (
                "aes256gcm16-ecp256-none",
                &["aes256gcm16-noesn"],
                Child,
                false,
                Some((1, "aes256gcm16-ecp256-none")),
            ),
            ("aes256gcm16", &["aes256gcm16-ecp256-noesn"], Child, false, None),
            ("aes256gcm16-esn", &["aes256gcm16-noesn"], Child, true, None),
            ("default", &["aes256-sha256-noesn"], Child, true, Some((1, "default"))),
        ];
        for (server, client, stage, auth, expected) in cases {
            let configured = offers(Some(server), stage).unwrap();
            let offered: Vec<Proposal> = client.iter().map(|words| profile(words)).collect();
            let chosen = select(&configured, &offered, auth);
            let got = chosen.as_ref().map(|chosen| (chosen.number, chosen.server.as_str()));
            assert_eq!(got, expected, "{server} for {client:?}");
        }
        assert_eq!(offers(None, Ike).unwrap(), offers(Some("default"), Ike).unwrap());
        assert_eq!(offers(Some(" , "), Child).unwrap(), offers(None, Child).unwrap());
    }

    #[test]
    fn what_strongswan_does_not_load() {
        let cases = [
            ("aes256gcm16-ecp256", "PRF"),
            ("aes256-sha256", "group"),
            ("aes256-ecp256-prfsha256", "integrity"),
            ("sha256-ecp256", "encryption"),
            ("aes256-aes256gcm16-sha256-ecp256", "one proposal"),
            ("aes256-sha256-modp2047", "`modp2047`"),
            ("aes256--sha256", "no algorithm"),
        ];
        for (text, word) in cases {
            let said = offers(Some(text), Stage::Ike).unwrap_err();
            assert!(said.contains(word), "{text}: {said}");
        }
        assert!(offers(Some("aes256gcm16-ecp256"), Stage::Child).is_ok());
        assert!(offers(Some("aes256"), Stage::Child).is_ok(), "ESP may go without integrity");
    }

    #[test]
    fn a_profile_is_written_as_people_do() {
        assert_eq!(written(&profile("aes256-prfsha256-sha256-ecp256")), "aes256-sha256-ecp256");
        assert_eq!(
            written(&profile("aes256gcm16-prfsha384-x25519-ke1_mlkem768")),
            "aes256gcm16-prfsha384-x25519-ke1_mlkem768"
        );
        assert_eq!(written(&profile("aes256gcm16-ecp256-noesn")), "aes256gcm16-ecp256");
    }
}
