//! Who proves what to whom: methods, identities, secrets.

use super::{Judge, shorten};
use crate::compare::Weight;
use crate::compare::client::ClientAuth;
use crate::compare::connection::Round;
use crate::compare::identity::Name;
use crate::compare::secrets::Found;

impl Judge<'_> {
    /// How each side proves itself, and whether the other expects it.
    pub(super) fn methods(&mut self) {
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

    /// Whether each side is called what the other wants.
    pub(super) fn identities(&mut self) {
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

    /// Whether both know the same secret.
    pub(super) fn secrets(&mut self) {
        let (what, key) = match &self.client.auth {
            ClientAuth::SharedSecret(_) => ("shared secret", "IKEv2.SharedSecret"),
            ClientAuth::Eap { name, .. } => {
                let local = self.connection.remote.first();
                // The users of a RADIUS server are elsewhere.
                if local.is_none_or(|round| round.auth != "eap-mschapv2") {
                    return;
                }
                let fixed = local
                    .and_then(|round| round.eap_id.as_deref())
                    .filter(|id| !matches!(*id, "%any" | "%identity"));
                if let (Some(fixed), Some(name)) = (fixed, name)
                    && !fixed.eq_ignore_ascii_case(name)
                {
                    let message =
                        format!("AuthName is {}, and the server asks for {}", shorten(name), shorten(fixed));
                    let line = local.map_or(self.connection.line, |round| round.line);
                    let profile = Some(("IKEv2.AuthName".to_owned(), shorten(fixed)));
                    self.differ(Weight::Note, message, profile, line, None);
                }
                ("password", "IKEv2.AuthPassword")
            }
            ClientAuth::Certificate | ClientAuth::EapTls => return,
        };
        match self.server.secret {
            Found::Same => self.words.push(format!("the {what} is the same on both sides")),
            Found::Unknown => self.unknown.push(format!("whether the {what} is the same on both sides")),
            Found::Different(line) => {
                let message = format!("the {what} in the profile is not the one in swanctl.conf");
                let profile = Some((key.to_owned(), "the server's".to_owned()));
                self.differ(Weight::Fails, message, profile, line, Some("secret = the profile's".into()));
            }
            Found::Missing => {
                let message = format!("swanctl.conf has no {what} for this client");
                let line = self.server.root.line("secrets").unwrap_or(1);
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
