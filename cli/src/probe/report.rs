//! What a probe found, as data: the JSON of `docs/probe.md`.

use adit_ike::certificate::Certificate;
use adit_ike::probe::ServerSupport;
use adit_ike::{AuthFailure, Failure, Stage};
use adit_profile::explain::Transform;
use adit_profile::syntax::Date;
use serde::Serialize;

use super::wire::Seen;

/// The whole report.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Of this format.
    pub version: u32,
    /// The profile's file.
    pub file: String,
    /// The payload's place in `PayloadContent`.
    pub payload: usize,
    /// `RemoteAddress`.
    pub server: String,
    /// The address that was asked, with its port.
    pub address: Option<String>,
    /// The profile and the server agree as far as seen.
    pub agree: bool,
    /// The server answered something.
    pub answered: bool,
    /// The proposals for the IKE SA, in the profile's order.
    pub ike: Vec<Asked>,
    /// The proposals for the Child SA, in the profile's order.
    pub child: Vec<Asked>,
    /// What the server announces in IKE_SA_INIT; not authenticated.
    pub support: Option<Support>,
    /// IKE_AUTH.
    pub authentication: Authentication,
    /// The server's certificate.
    pub certificate: Option<CertificateVerdict>,
    /// MOBIKE_SUPPORTED, which only IKE_AUTH shows.
    pub mobike: Observation,
    /// Post-quantum key exchanges: see also the proposals with transforms 6 to 12.
    pub post_quantum: Vec<String>,
    /// What did not show, and why.
    pub not_observed: Vec<String>,
    /// What this engine cannot ask about.
    pub not_tested: Vec<String>,
    /// What to do, most urgent first.
    pub advice: Vec<String>,
    /// What the probe left behind at the server.
    pub left_behind: Vec<String>,
}

/// One proposal and what the server made of it.
#[derive(Debug, Serialize)]
pub struct Asked {
    /// From 1.
    pub number: usize,
    /// The transforms, by their numbers.
    pub transforms: Vec<Transform>,
    /// The same in words.
    pub text: String,
    /// What came of it.
    pub verdict: Verdict,
    /// A rekey of the Child SA with it: shows the group, which IKE_AUTH does not negotiate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rekey: Option<Verdict>,
    /// Why, or what was chosen.
    pub detail: Option<String>,
}

/// What came of a proposal.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The server chose it.
    Taken,
    /// The server refused it.
    Refused,
    /// Nothing came back.
    NoAnswer,
    /// The engine lacks an algorithm of it.
    NotTested,
    /// The probe did not get so far.
    NotObserved,
}

/// Yes, no, or not seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observation {
    /// It was seen.
    Yes,
    /// It was asked for and is not there.
    No,
    /// The probe did not get so far.
    NotObserved,
}

impl From<Option<bool>> for Observation {
    fn from(seen: Option<bool>) -> Self {
        seen.map_or(Self::NotObserved, |yes| if yes { Self::Yes } else { Self::No })
    }
}

/// What IKE_SA_INIT announces.
#[derive(Debug, Serialize)]
pub struct Support {
    /// NAT detection, so that ESP can go in UDP.
    pub nat_traversal: bool,
    /// A NAT in front of this machine.
    pub nat_here: bool,
    /// A NAT in front of the server, or it forces ESP into UDP.
    pub nat_there: bool,
    /// IKEV2_FRAGMENTATION_SUPPORTED.
    pub fragmentation: bool,
    /// SIGNATURE_HASH_ALGORITHMS; none: classic signatures only.
    pub signature_hashes: Option<Vec<String>>,
    /// INTERMEDIATE_EXCHANGE_SUPPORTED.
    pub intermediate: Observation,
    /// USE_PPK.
    pub ppk: Observation,
}

impl Support {
    /// From an answer to a request that asked for IKE_INTERMEDIATE and PPK or not.
    pub fn of(support: &ServerSupport, asked: (bool, bool)) -> Self {
        let hashes = support.signature_hashes.as_ref();
        Self {
            nat_traversal: support.nat_traversal,
            nat_here: support.local_nat,
            nat_there: support.remote_nat,
            fragmentation: support.fragmentation,
            signature_hashes: hashes.map(|all| all.iter().take(32).map(ToString::to_string).collect()),
            intermediate: asked.0.then_some(support.intermediate).into(),
            ppk: asked.1.then_some(support.ppk).into(),
        }
    }
}

/// IKE_AUTH.
#[derive(Debug, Serialize)]
pub struct Authentication {
    /// Whether both sides believed each other.
    pub result: Observation,
    /// How it was tried, or why it was not.
    pub detail: String,
    /// The server's identity (IDr), as it says; authenticated only if `result` is `yes`.
    pub server_identity: Option<String>,
    /// How the server proved it.
    pub server_proof: Option<String>,
}

/// The server's certificate.
#[derive(Debug, Serialize)]
pub struct CertificateVerdict {
    /// Good for this profile: chain, names, time and proof.
    pub accepted: bool,
    /// Why not.
    pub reason: Option<String>,
    /// Subject.
    pub subject: Option<String>,
    /// Issuer.
    pub issuer: Option<String>,
    /// Subject alternative names, or the common name.
    pub names: Vec<String>,
    /// Kind of its key.
    pub key: Option<String>,
    /// Its first moment, UTC.
    pub not_before: Option<String>,
    /// Its last moment, UTC.
    pub not_after: Option<String>,
    /// Days until it expires; negative: since.
    pub days_left: Option<i64>,
    /// How many certificates the server sent.
    pub sent: usize,
}

impl CertificateVerdict {
    /// What is known of the certificate that a session saw; `None` when the server showed none and was not refused for that.
    pub fn of(seen: &Seen, by_certificate: bool, now: u64) -> Option<Self> {
        let reason = match &seen.failure {
            Some(Failure::Authentication(
                failure @ (AuthFailure::Certificate(_) | AuthFailure::NoCertificate | AuthFailure::Proof(_)),
            )) => Some(failure.to_string()),
            _ => None,
        };
        let certificates =
            seen.server.as_ref().map(|(_, certificates)| certificates.as_slice()).unwrap_or_default();
        if !by_certificate || certificates.is_empty() && reason.is_none() {
            return None;
        }
        let identity = matches!(&seen.failure, Some(Failure::Authentication(AuthFailure::Identity(_))));
        let first = certificates.first().and_then(|der| Certificate::parse(der).ok());
        let date =
            |seconds: u64| Date::from_unix_seconds(i64::try_from(seconds).ok()?).map(|date| date.to_string());
        let left = |end: u64| {
            let seconds = i64::try_from(end).ok()?.checked_sub(i64::try_from(now).ok()?)?;
            Some(seconds.div_euclid(86_400))
        };
        Some(Self {
            // The identity is compared before the certificate is looked at.
            accepted: reason.is_none() && !identity,
            reason: reason.or_else(|| {
                identity.then(|| "the identity was refused before the certificate was looked at".into())
            }),
            subject: first.as_ref().map(Certificate::subject),
            issuer: first.as_ref().map(Certificate::issuer),
            names: first.as_ref().map(Certificate::names).unwrap_or_default(),
            key: first.as_ref().and_then(|one| Some(one.public_key().ok()?.kind().to_string())),
            not_before: first.as_ref().and_then(|one| date(one.not_before())),
            not_after: first.as_ref().and_then(|one| date(one.not_after())),
            days_left: first.as_ref().and_then(|one| left(one.not_after())),
            sent: certificates.len(),
        })
    }
}

/// Whether a failure is about the algorithms of the Child SA, so that another proposal may do better.
pub fn is_about_child(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::NoProposalChosen { stage: Stage::Child, .. }
            | Failure::ProposalNotOffered { stage: Stage::Child, .. }
    )
}
