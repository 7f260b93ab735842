//! Whether a profile and a strongSwan server would agree, from the profile and the server's `swanctl.conf` alone.
//!
//! Owns the reader of the file ([`swanctl`]), strongSwan's words, its choice of a proposal ([`selection`]), and the
//! comparison ([`compare`]). What neither file says (certificates' content, a RADIUS server's users, what a device trusts,
//! networks between the two) is told as unknown: `adit probe` asks the server itself. Sources: RFC 7296, RFC 9370,
//! strongSwan's documentation of swanctl.conf and its behaviour, versions 5.9 and 6.

mod client;
mod connection;
mod identity;
mod judge;
pub mod keywords;
mod secrets;
pub mod selection;
pub mod swanctl;

pub use client::{Client, ClientAuth};
pub use connection::{Child, Connection, Round};
pub use identity::Name;
pub use selection::{Chosen, Stage};

use crate::arrange::Arrange;
use crate::gather::Gather as _;
use serde::Serialize;

use swanctl::{ReadError, Tree};

/// A comparison with every connection of a file, or with the one that was named.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// At least one connection agrees with the profile.
    pub agree: bool,
    /// The connections, the one that fits best first. Which one strongSwan takes also depends on addresses.
    pub connections: Vec<Verdict>,
}

/// The comparison with one connection.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// Its name.
    pub connection: String,
    /// Where it begins in the file.
    pub line: usize,
    /// The tunnel comes up, and a rekey of the Child SA succeeds.
    pub agree: bool,
    /// The tunnel comes up.
    pub connects: bool,
    /// The proposal for the IKE SA that the server chooses.
    pub ike: Option<Chosen>,
    /// The proposal for the Child SA that it chooses in IKE_AUTH, without a key exchange.
    pub child: Option<Chosen>,
    /// The one it chooses when the Child SA is rekeyed.
    pub rekey: Option<Chosen>,
    /// The name of the child that fits.
    pub child_name: Option<String>,
    /// How each side proves itself, in words.
    pub authentication: Vec<String>,
    /// What differs, most severe first.
    pub differences: Vec<Difference>,
    /// What neither file says.
    pub unknown: Vec<String>,
}

/// Something that differs, and how to mend it on either side.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Difference {
    /// What it does.
    pub weight: Weight,
    /// What differs.
    pub message: String,
    /// The profile's key, as in `IKEv2.IKESecurityAssociationParameters`.
    pub profile_key: Option<String>,
    /// What to write there.
    pub profile_fix: Option<String>,
    /// The line of swanctl.conf.
    pub server_line: Option<usize>,
    /// What to write there.
    pub server_fix: Option<String>,
}

/// What a difference does.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// The tunnel does not come up.
    Fails,
    /// The tunnel comes up and ends when its Child SA has to be rekeyed.
    RekeyFails,
    /// Worth knowing.
    Note,
}

/// Why there is nothing to compare.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CompareError {
    /// The file cannot be used.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It has no connection.
    #[error("it has no connection (`connections {{ NAME {{ … }} }}`)")]
    NoConnection,
    /// It has more than are compared at once.
    #[error("it has {count} {what}, and no more than {limit} are compared at once: name one connection")]
    TooMuch {
        /// What of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many are compared.
        limit: usize,
    },
    /// It has none of that name.
    #[error("it has no connection `{name}`; it has {}", known.join(", "))]
    NoSuchConnection {
        /// What was asked for.
        name: String,
        /// The connections there are.
        known: Vec<String>,
    },
}

/// Connections that are compared at once. Of a proposal that is not taken the nearest that a profile can make is looked for,
/// among some hundred: a file of nothing but such must cost no more than a moment.
pub const MAX_CONNECTIONS: usize = 1000;

/// Proposals that are compared at once, of all connections and their children.
pub const MAX_PROPOSALS: usize = 4000;

/// Compares a client with the connections of a `swanctl.conf`, or with the one called `name`.
///
/// # Errors
/// [`CompareError`], with the line where the file cannot be understood.
pub fn compare(client: &Client, file: &str, name: Option<&str>) -> Result<Comparison, CompareError> {
    let root = Tree::read(file)?;
    let all = Connection::all(&root);
    if all.is_empty() {
        return Err(CompareError::NoConnection);
    }
    let known = all.iter().take(20).map(|one| format!("`{}`", crate::syntax::shorten(&one.name))).gather();
    let wanted: Vec<&Connection> = all.iter().filter(|one| name.is_none_or(|name| one.name == name)).gather();
    if wanted.is_empty() {
        let name = crate::syntax::shorten(name.unwrap_or_default());
        return Err(CompareError::NoSuchConnection { name, known });
    }
    let proposals = wanted.iter().map(|one| one.count_of_proposals()).sum();
    for (what, count, limit) in
        [("connections", wanted.len(), MAX_CONNECTIONS), ("proposals", proposals, MAX_PROPOSALS)]
    {
        if count > limit {
            return Err(CompareError::TooMuch { what, count, limit });
        }
    }
    let server = judge::Server { root: &root, secret: secrets::of(&root, client) };
    let mut connections: Vec<Verdict> =
        wanted.into_iter().map(|one| judge::judge(client, &server, one)).gather();
    let fatal = |one: &Verdict| one.differences.iter().filter(|found| found.weight == Weight::Fails).count();
    connections.arrange_by_key(|one| (!one.agree, !one.connects, fatal(one)));
    Ok(Comparison { agree: connections.iter().any(|one| one.agree), connections })
}
