//! Fields of IPsec (Cisco).

use super::Group::{Authentication, Connection, Routing};
use super::{Kind, Row, Words, row};
use crate::model::keywords;

keywords! {
    /// How the machine authenticates, as the description has it.
    pub enum Method {
        /// A pre-shared key.
        SharedSecret = "shared-secret",
        /// A certificate.
        Certificate = "certificate",
    }
}

const METHOD: Kind = Kind::Word(Words::of::<Method>());

pub(super) const ROWS: &[Row] = &[
    row(
        Connection,
        "server",
        "server",
        "IPSec.RemoteAddress",
        Kind::Text,
        "vpn.example.com",
        "Host name or IP address of the server",
    )
    .required(),
    row(
        Authentication,
        "auth",
        "authentication.method",
        "IPSec.AuthenticationMethod",
        METHOD,
        "certificate",
        "How the machine authenticates; follows from the other flags where they leave no choice",
    )
    .required(),
    row(
        Authentication,
        "psk",
        "authentication.secret",
        "IPSec.SharedSecret",
        Kind::Secret,
        "k7Qm2vX9tR4wZ8pL3nB6",
        "The pre-shared key",
    )
    .with(&["shared-secret"]),
    row(
        Authentication,
        "group",
        "authentication.group",
        "IPSec.LocalIdentifier",
        Kind::Text,
        "staff",
        "The group's name (with LocalIdentifierType KeyID); ends in hybrid for hybrid authentication",
    )
    .with(&["shared-secret"]),
    row(
        Authentication,
        "use-identity",
        "authentication.identity",
        "IPSec.PayloadCertificateUUID",
        Kind::Text,
        "user",
        "Name of the identity, if there are several",
    )
    .with(&["certificate"]),
    row(
        Authentication,
        "ask-pin",
        "authentication.ask-pin",
        "IPSec.PromptForVPNPIN",
        Kind::Boolean,
        "true",
        "Asks for a PIN when connecting",
    )
    .with(&["certificate"]),
    row(
        Authentication,
        "account",
        "account",
        "IPSec.XAuthName",
        Kind::Text,
        "alice",
        "The user's account (with XAuthEnabled)",
    ),
    row(
        Authentication,
        "password",
        "password",
        "IPSec.XAuthPassword",
        Kind::Secret,
        "correct horse battery",
        "The user's password; if there is none, the user is asked",
    ),
    row(
        Authentication,
        "xauth",
        "xauth",
        "IPSec.XAuthEnabled",
        Kind::Boolean,
        "false",
        "Whether the user authenticates too, if it is not to follow from account and password",
    ),
    row(
        Authentication,
        "ask-each-time",
        "ask-each-time",
        "IPSec.XAuthPasswordEncryption",
        Kind::Boolean,
        "true",
        "Asks for the password each time",
    ),
    row(
        Connection,
        "disconnect-on-idle",
        "disconnect-on-idle",
        "IPSec.DisconnectOnIdle",
        Kind::Boolean,
        "true",
        "Goes down without traffic",
    ),
    row(
        Connection,
        "idle-timer",
        "idle-timer",
        "IPSec.DisconnectOnIdleTimer",
        Kind::Integer,
        "600",
        "Seconds of it",
    ),
    row(
        Routing,
        "override-primary",
        "override-primary",
        "IPv4.OverridePrimary",
        Kind::Boolean,
        "true",
        "All traffic goes through the tunnel",
    ),
];
