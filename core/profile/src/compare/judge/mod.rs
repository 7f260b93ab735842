//! The comparison of a client with one connection, subject by subject: [`algorithms`], [`authentication`], [`settings`].

mod algorithms;
mod authentication;
mod settings;

use super::client::Client;
use super::connection::Connection;
use super::secrets::Found;
use super::swanctl::Tree;
use super::{Difference, Verdict, Weight};
use crate::arrange::Arrange;
use crate::syntax::shorten;

/// What is the same for every connection of a file.
pub(super) struct Server<'a> {
    pub root: &'a Tree,
    /// What its `secrets` hold for the client.
    pub secret: Found,
}

/// Compares.
pub(super) fn judge(client: &Client, server: &Server<'_>, connection: &Connection) -> Verdict {
    let mut judge =
        Judge { client, server, connection, differences: Vec::new(), unknown: Vec::new(), words: Vec::new() };
    judge.version();
    let ike = judge.ike();
    let (child_name, child, rekey) = judge.children();
    judge.methods();
    judge.identities();
    judge.secrets();
    judge.addresses();
    judge.options();
    let Judge { mut differences, unknown, words, .. } = judge;
    differences.arrange_by_key(|found| found.weight);
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
    server: &'a Server<'a>,
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
}
