//! Every field of a description: its name, what it writes, an example.
//!
//! One table for all who ask: the command line makes its flags from it, and the page its forms. Tests hold it against
//! the description's types: each field is listed, and each example writes the key that its row names.

mod always_on;
mod app;
mod identity;
mod ikev2;
mod ipsec;
mod shared;

use serde::Serialize;

use super::VpnKind;
use crate::gather::Gather as _;
use crate::model::Keyword;

/// A field of a description.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// What belongs together, for headings.
    pub group: Group,
    /// The name of its flag on the command line, without the hyphens in front.
    pub flag: String,
    /// Where it stands in TOML and JSON, such as `vpn.ikev2.mtu`.
    pub path: String,
    /// The key it writes: in the VPN payload, or after `PayloadType:` in another one (`Configuration:` for the
    /// profile itself). Array elements are written `[]`.
    pub writes: String,
    /// What it holds.
    pub kind: Kind,
    /// A value, as it is written behind the flag.
    pub example: &'static str,
    /// What it is for.
    pub help: &'static str,
    /// Whether nothing can be made without it.
    pub required: bool,
    /// The authentication methods it goes with; empty if with all.
    pub methods: &'static [&'static str],
}

/// What a field holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// One word of [`Kind::words`].
    Word(Words),
    /// Words of [`Kind::words`], in order.
    WordList(Words),
    /// Texts.
    TextList,
    /// A password or key: [`super::Material`].
    Secret,
    /// The contents of a file: [`super::Material`].
    File,
    /// Files of certificates, each the `content` of a table.
    Files,
    /// Names and texts.
    Pairs,
    /// On-demand rules.
    Rules,
    /// Exceptions of Always On for services: name and action.
    Services,
    /// Bundle identifiers, each the `app` of a table.
    Apps,
    /// Apps of a Mac: bundle identifier and code requirement.
    MacApps,
    /// A table that says something by being there.
    Table,
}

/// The words of a list, made from the type that holds them.
#[derive(Clone, Copy)]
pub struct Words(fn() -> Vec<&'static str>);

impl Words {
    const fn of<K: Keyword>() -> Self {
        Self(|| K::ALL.iter().map(|value| value.word()).gather())
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        (self.0)() == (other.0)()
    }
}

impl Eq for Words {}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (self.0)().fmt(f)
    }
}

impl Serialize for Words {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0)().serialize(serializer)
    }
}

impl Kind {
    /// The words that are allowed, of a field that has a list of them.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        match self {
            Self::Word(words) | Self::WordList(words) => (words.0)(),
            _ => Vec::new(),
        }
    }
}

/// What belongs together.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// The profile itself.
    Profile,
    /// The connection.
    Connection,
    /// Who proves what to whom.
    Authentication,
    /// Certificates and keys in the profile.
    Certificates,
    /// Algorithms.
    Proposals,
    /// Which traffic takes the tunnel.
    Routing,
    /// What Always On lets past.
    Exceptions,
    /// When the tunnel comes up by itself.
    OnDemand,
    /// Chosen apps and domains.
    PerApp,
    /// Name servers.
    Dns,
    /// Proxies.
    Proxies,
    /// The app that makes the connection.
    App,
}

impl Group {
    /// A heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Profile => "Profile",
            Self::Connection => "Connection",
            Self::Authentication => "Authentication",
            Self::Certificates => "Certificates and keys",
            Self::Proposals => "Proposals",
            Self::Routing => "Routing",
            Self::Exceptions => "Exceptions",
            Self::OnDemand => "On demand",
            Self::PerApp => "Per app",
            Self::Dns => "DNS",
            Self::Proxies => "Proxies",
            Self::App => "App",
        }
    }
}

/// All fields of a connection type, in the order of lists.
#[must_use]
pub fn fields(kind: VpnKind) -> Vec<Field> {
    let dictionary = kind.vpn_type();
    let table = format!("vpn.{}.", kind.name());
    let inside = format!("{dictionary}.");
    let mut all = expand(shared::PROFILE, "", "", "");
    match kind {
        VpnKind::Ikev2 => {
            all.extend(expand(ikev2::ROWS, "", &table, &inside));
            all.extend(expand(shared::ROUTING, "", &table, &inside));
        }
        VpnKind::AlwaysOn => {
            for (flags, tunnel) in [("", "tunnel"), ("wifi-", "wifi"), ("cellular-", "cellular")] {
                let (table, inside) = (format!("{table}{tunnel}."), "AlwaysOn.TunnelConfigurations[].");
                let mut rows = expand(ikev2::ROWS, flags, &table, inside);
                rows.extend(expand(shared::ROUTING, flags, &table, inside));
                // Which of the three tunnels there is, is up to the user.
                rows.iter_mut().for_each(|row| row.required = false);
                all.extend(rows);
            }
            all.extend(expand(always_on::ROWS, "", &table, &inside));
        }
        VpnKind::Ipsec => all.extend(expand(ipsec::ROWS, "", &table, "")),
        _ => {
            all.extend(expand(app::own(kind), "", &table, ""));
            all.extend(expand(app::COMMON, "", &table, &inside));
            all.extend(expand(shared::ROUTING, "", &table, &inside));
        }
    }
    all.extend(expand(identity::ROWS, "", "", ""));
    if kind != VpnKind::AlwaysOn {
        all.extend(expand(shared::ON_DEMAND, "", "", &inside));
        all.extend(expand(shared::PER_APP, "", "", ""));
    }
    all.extend(expand(shared::DNS, "", "", ""));
    all.extend(expand(shared::PROXIES, "", "", ""));
    all
}

/// A row of a table: a field without its surroundings.
#[derive(Clone, Copy)]
struct Row {
    group: Group,
    flag: &'static str,
    path: &'static str,
    writes: &'static str,
    kind: Kind,
    example: &'static str,
    help: &'static str,
    required: bool,
    methods: &'static [&'static str],
}

const fn row(
    group: Group,
    flag: &'static str,
    path: &'static str,
    writes: &'static str,
    kind: Kind,
    example: &'static str,
    help: &'static str,
) -> Row {
    Row { group, flag, path, writes, kind, example, help, required: false, methods: &[] }
}

impl Row {
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn with(mut self, methods: &'static [&'static str]) -> Self {
        self.methods = methods;
        self
    }
}

fn expand(rows: &[Row], flags: &str, table: &str, inside: &str) -> Vec<Field> {
    rows.iter()
        .map(|row| {
            // What stands in another payload says so.
            let inside = if row.writes.contains(':') { "" } else { inside };
            let writes = format!("{inside}{}", row.writes);
            Field {
                group: row.group,
                flag: format!("{flags}{}", row.flag),
                path: format!("{table}{}", row.path),
                writes,
                kind: row.kind,
                example: row.example,
                help: row.help,
                required: row.required,
                methods: row.methods,
            }
        })
        .gather()
}
