//! What a platform cannot do of what a configuration asks for.

use serde::{Deserialize, Serialize};

/// One thing that a platform cannot do.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Limitation {
    /// The property of Apple's API, or the key of a profile.
    pub subject: String,
    /// What follows from it.
    pub consequence: Consequence,
    /// The platform's reason, and what can be done instead.
    pub reason: String,
}

/// What follows when something is not done.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// Nothing leaks: it counts for nothing there.
    NoEffect,
    /// More goes through the tunnel than was asked for; some service may not work.
    MoreInTunnel,
    /// Only while no tunnel is set up traffic may go past it.
    OutsideWhileDown,
    /// Some traffic may go past the tunnel that should not: a start is refused unless the host accepts it.
    TrafficOutside,
}

impl Limitation {
    pub(crate) fn new(subject: &str, consequence: Consequence, reason: &str) -> Self {
        Self { subject: subject.to_owned(), consequence, reason: reason.to_owned() }
    }
}
