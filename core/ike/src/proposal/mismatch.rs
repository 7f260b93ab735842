//! Why no proposal was chosen, in words.

use std::fmt;

use super::names::describe_proposal;
use crate::wire::{SecurityAssociation, TransformType};

/// No common proposal, or an answer that is none of what was offered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mismatch {
    /// What is wrong.
    pub reason: MismatchReason,
    /// What the peer sent, one line for each proposal.
    pub received: Vec<String>,
    /// What we would have taken, one line for each proposal.
    pub wanted: Vec<String>,
}

/// What is wrong with the peer's proposals.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum MismatchReason {
    /// No proposal has an algorithm of ours of every kind. These kinds are missing in the proposal that
    /// comes closest; empty if there was none that could be looked at.
    NothingInCommon(Vec<TransformType>),
    /// The proposals of an offer do not begin with number 1.
    Numbering,
    /// An answer with more or fewer than one proposal.
    NotOneProposal(usize),
    /// An answer with a proposal number, protocol or SPI size that answers none of ours.
    NotAnAnswer,
    /// An answer with an algorithm that the proposal it names did not offer.
    NotOffered(TransformType),
    /// An answer with no or several algorithms of a kind.
    NotOneAlgorithm(TransformType),
}

impl Mismatch {
    pub(super) fn new(reason: MismatchReason, received: &SecurityAssociation, wanted: Vec<String>) -> Self {
        const MOST: usize = 16;
        let mut lines: Vec<String> = received.proposals.iter().take(MOST).map(describe_proposal).collect();
        let more = received.proposals.len().saturating_sub(MOST);
        if more > 0 {
            lines.push(format!("and {more} proposals more"));
        }
        Self { reason, received: lines, wanted }
    }

    /// What the peer sent, on one line.
    #[must_use]
    pub fn peer_offer(&self) -> String {
        self.received.join(" | ")
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            MismatchReason::NothingInCommon(kinds) => {
                f.write_str("no proposal in common")?;
                for (index, kind) in kinds.iter().enumerate() {
                    write!(f, "{} {kind}", if index == 0 { "; what differs:" } else { "," })?;
                }
            }
            MismatchReason::Numbering => f.write_str("the peer's proposals are misnumbered")?,
            MismatchReason::NotOneProposal(count) => {
                write!(f, "the peer answered with {count} proposals, not with one")?;
            }
            MismatchReason::NotAnAnswer => f.write_str("the peer chose a proposal that was not offered")?,
            MismatchReason::NotOffered(kind) => {
                write!(f, "the peer chose an algorithm that was not offered: {kind}")?;
            }
            MismatchReason::NotOneAlgorithm(kind) => {
                write!(f, "the peer did not choose exactly one algorithm: {kind}")?;
            }
        }
        write!(f, ". From the peer: {}. Here: {}.", self.peer_offer(), self.wanted.join(" | "))
    }
}

impl std::error::Error for Mismatch {}
