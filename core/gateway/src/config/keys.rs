//! Each key of the configuration file: its form, default and meaning.
//!
//! The reader refuses keys that are not in this table and checks numbers against its ranges, so the table,
//! the reference text made from it and what is accepted cannot drift apart.

/// What a value must look like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// A whole number with its unit, least and greatest value.
    Number {
        /// The unit, such as `seconds`.
        unit: &'static str,
        /// The least value allowed.
        min: u64,
        /// The greatest value allowed.
        max: u64,
    },
    /// A text; says which.
    Text(&'static str),
    /// A text that is kept out of every message and debug output; says which.
    Secret(&'static str),
    /// A list of texts; says which.
    List(&'static str),
    /// One of these words.
    Word(&'static [&'static str]),
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Section and name, such as `ike.lifetime`. In `clients.user` and `clients.psk`, which may be repeated
    /// and are written `[[clients.user]]`, each entry has its own.
    pub path: &'static str,
    /// What the value must look like.
    pub form: Form,
    /// The value in effect if the key is left out; `None` if it must be given.
    pub default: Option<&'static str>,
    /// What it does.
    pub text: &'static str,
}

const fn key(path: &'static str, form: Form, default: Option<&'static str>, text: &'static str) -> Key {
    Key { path, form, default, text }
}

const fn number(unit: &'static str, min: u64, max: u64) -> Form {
    Form::Number { unit, min, max }
}

/// All keys, in the order of the reference text.
pub const KEYS: &[Key] = &[
    key(
        "listen.addresses",
        Form::List("IP addresses of this machine, 2 at most"),
        Some("[\"0.0.0.0\", \"::\"]"),
        "Addresses to listen on. 0.0.0.0 and :: stand for all addresses of their family.",
    ),
    key(
        "listen.port",
        number("UDP port", 0, 65_535),
        Some("500"),
        "Port for IKE (RFC 7296 2). 0 takes any free port. Below 1024 needs root.",
    ),
    key(
        "listen.nat-port",
        number("UDP port", 0, 65_535),
        Some("4500"),
        "Port for IKE and ESP behind a NAT (RFC 3948), which is where clients soon move. 0 takes any free port.",
    ),
    key(
        "server.identity",
        Form::Text("a host name, an e-mail address or an IP address"),
        None,
        "Who the gateway says it is (IDr). Clients compare it with their RemoteIdentifier, and it must be a \
         subjectAltName of the certificate.",
    ),
    key(
        "server.certificates",
        Form::Text("a PEM file, or PEM text"),
        Some("none: only clients with a pre-shared key can connect"),
        "The gateway's certificate, followed by the intermediate CAs' certificates.",
    ),
    key(
        "server.private-key",
        Form::Secret("a PEM file, or PEM text"),
        Some("none"),
        "The private key of the first certificate: PKCS#8, PKCS#1 or SEC1, not encrypted.",
    ),
    key(
        "clients.max",
        number("clients", 1, 65_536),
        Some("64"),
        "Clients connected at the same time; one more is refused.",
    ),
    key(
        "clients.ca",
        Form::Text("a PEM file, or PEM text"),
        Some("none: clients cannot authenticate with certificates"),
        "CA certificates that clients' certificates must lead to.",
    ),
    key(
        "clients.user.name",
        Form::Text("1 to 256 bytes"),
        None,
        "User name for EAP-MSCHAPv2, the AuthName of a profile. Compared exactly.",
    ),
    key("clients.user.password", Form::Secret("1 to 256 characters"), None, "The user's password."),
    key(
        "clients.psk.identity",
        Form::Text("the client's identity as its LocalIdentifier has it"),
        Some("any: the secret holds for each identity without an entry of its own"),
        "Who the secret belongs to.",
    ),
    key(
        "clients.psk.secret",
        Form::Secret("8 bytes or more"),
        None,
        "The pre-shared key. Use 20 random characters or more: whoever poses as the gateway can guess offline \
         (RFC 7296 2.15).",
    ),
    key(
        "network.mode",
        Form::Word(&["auto", "tun", "stack"]),
        Some("\"auto\""),
        "What stands behind the gateway: a TUN device (needs root), or a userspace stack that answers ping \
         and serves TCP. auto takes the TUN device if it may.",
    ),
    key(
        "network.tun-name",
        Form::Text("1 to 15 bytes without / and white space"),
        Some("\"adit-gateway\""),
        "Name of the TUN device.",
    ),
    key(
        "network.forwarding",
        Form::Word(&["on", "leave"]),
        Some("\"on\""),
        "Whether clients reach the networks behind this host. on: where the TUN device needs it, IP forwarding is \
         switched on for the families of the pools, on every interface, and put back at the end. leave: the \
         host's settings stay as they are. Hosts behind the gateway need a route to the pools, or a NAT rule on \
         this host; its firewall has to let the packets pass.",
    ),
    key("network.mtu", number("bytes", 1_280, 9_000), Some("1400"), "Greatest inner packet."),
    key(
        "network.pools",
        Form::List("networks or ranges, such as 10.99.0.0/24 or 10.99.0.10-10.99.0.20"),
        None,
        "Addresses for clients, IPv4 and IPv6. A client gets one of each family it asks for.",
    ),
    key(
        "network.addresses",
        Form::List("IP addresses"),
        Some("the first usable address of each pool that is a network"),
        "The gateway's own inner addresses; no client gets them.",
    ),
    key(
        "network.dns",
        Form::List("IP addresses, 8 at most"),
        Some("[]"),
        "DNS servers that clients are told (INTERNAL_IP4_DNS, INTERNAL_IP6_DNS).",
    ),
    key(
        "network.domains",
        Form::List("domain names, 16 at most"),
        Some("[]"),
        "Domains that clients resolve through these servers (INTERNAL_DNS_DOMAIN, RFC 8598).",
    ),
    key(
        "network.subnets",
        Form::List("networks, 64 at most"),
        Some("[]"),
        "Networks behind the gateway that clients are told (INTERNAL_IP4_SUBNET, INTERNAL_IP6_SUBNET).",
    ),
    key(
        "network.traffic-selectors",
        Form::List("networks or ranges, 64 at most"),
        Some("everything, in the families of the pools"),
        "Destinations that clients may reach; what a client asks for is narrowed to them (RFC 7296 2.9).",
    ),
    key(
        "ike.proposals",
        Form::List("keywords such as aes256gcm16-prfsha384-ecp384, best first"),
        Some("AES-GCM, ChaCha20-Poly1305 and AES-CBC with the groups 31, 19, 20, 21, 14, 15, 16"),
        "What is accepted for the IKE SA.",
    ),
    key(
        "ike.lifetime",
        number("seconds", 0, 604_800),
        Some("14400"),
        "The gateway replaces an IKE SA of this age. 0 leaves that to the clients.",
    ),
    key(
        "ike.liveness",
        number("seconds", 0, 86_400),
        Some("60"),
        "After so long without a sign of life the gateway asks (RFC 7296 2.4); a client that does not answer \
         is dropped and its address freed. 0 never asks.",
    ),
    key(
        "ike.fragment-size",
        number("bytes", 576, 65_535),
        Some("1280"),
        "Greatest IP packet with an IKE message; longer messages are fragmented (RFC 7383).",
    ),
    key(
        "ike.half-open-timeout",
        number("seconds", 1, 300),
        Some("30"),
        "A handshake that takes longer is given up.",
    ),
    key(
        "ike.half-open-max",
        number("handshakes", 1, 65_536),
        Some("256"),
        "Unfinished handshakes at the same time; one more is dropped.",
    ),
    key(
        "ike.cookie-threshold",
        number("handshakes", 0, 65_536),
        Some("32"),
        "With so many unfinished handshakes a client must return a cookie before the gateway computes \
         anything (RFC 7296 2.6). 0 asks always.",
    ),
    key(
        "esp.proposals",
        Form::List("keywords such as aes256gcm16, or aes128-sha256-ecp256 for PFS, best first"),
        Some("AES-GCM, ChaCha20-Poly1305 and AES-CBC, with PFS if the client asks for it"),
        "What is accepted for Child SAs.",
    ),
    key(
        "esp.lifetime",
        number("seconds", 0, 604_800),
        Some("3600"),
        "The gateway replaces a Child SA of this age. 0 leaves that to the clients.",
    ),
    key(
        "esp.replay-window",
        number("packets", 32, 65_536),
        Some("4096"),
        "How far a packet may lag behind the newest one (RFC 4303 3.4.3).",
    ),
    key(
        "stack.connections",
        number("connections", 1, 1_024),
        Some("32"),
        "TCP connections served at the same time by each service.",
    ),
    key(
        "stack.tcp-buffer",
        number("bytes", 2_048, 8_388_608),
        Some("262144"),
        "Send and receive buffer of each TCP connection, which bounds what is in flight.",
    ),
    key(
        "stack.echo-port",
        number("TCP port", 0, 65_535),
        Some("7"),
        "Returns what it receives (RFC 862). 0 turns it off.",
    ),
    key(
        "stack.discard-port",
        number("TCP port", 0, 65_535),
        Some("9"),
        "Reads and drops (RFC 863). 0 turns it off.",
    ),
    key(
        "stack.digest-port",
        number("TCP port", 0, 65_535),
        Some("1009"),
        "Reads to the end and answers with the SHA-256 of it, which proves a measurement's data. 0 turns it \
         off.",
    ),
    key(
        "stack.source-port",
        number("TCP port", 0, 65_535),
        Some("19"),
        "Sends without end, for measurements (in the manner of RFC 864). 0 turns it off.",
    ),
];

/// The key with this path.
pub(super) fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// Names directly under `section` (empty: the sections), in order, without repetition.
pub(super) fn names_under(section: &str) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for key in KEYS {
        let rest = if section.is_empty() {
            Some(key.path)
        } else {
            key.path.strip_prefix(section).and_then(|rest| rest.strip_prefix('.'))
        };
        if let Some(name) = rest.and_then(|rest| rest.split('.').next())
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

impl Form {
    /// What is allowed, as part of a sentence: `seconds, 0 to 604800`.
    #[must_use]
    pub fn allowed(self) -> String {
        match self {
            Self::Number { unit, min, max } => format!("{unit}, {min} to {max}"),
            Self::Text(text) | Self::Secret(text) => format!("text in quotes: {text}"),
            Self::List(text) => format!("a list: {text}"),
            Self::Word(words) => {
                words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" or ")
            }
        }
    }
}

/// The reference of all keys as plain text, wrapped at 100 columns, for `--help` and the documentation.
#[must_use]
pub fn reference() -> String {
    let mut out = String::new();
    let mut current = "";
    for key in KEYS {
        let (section, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        if section != current {
            let repeated = section.contains('.');
            let (open, close) = if repeated { ("[[", "]]") } else { ("[", "]") };
            if !current.is_empty() {
                out.push('\n');
            }
            out.push_str(&format!("{open}{section}{close}\n"));
            current = section;
        }
        let default = key.default.map_or_else(|| "must be given".to_owned(), |d| format!("default {d}"));
        out.push_str(&format!("  {name}\n"));
        wrap(&mut out, &format!("{}; {default}.", key.form.allowed()));
        wrap(&mut out, key.text);
    }
    out
}

fn wrap(out: &mut String, text: &str) {
    let mut column = 0;
    for word in text.split_whitespace() {
        let len = word.chars().count();
        if column == 0 {
            out.push_str("      ");
            column = 6;
        } else if column + 1 + len > 100 {
            out.push_str("\n      ");
            column = 6;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += len;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_names_each_key_with_its_range_and_default() {
        let text = reference();
        for key in KEYS {
            let name = key.path.rsplit('.').next().unwrap();
            assert!(text.contains(&format!("  {name}\n")), "{}", key.path);
        }
        assert!(text.contains("seconds, 0 to 604800; default 14400."));
        assert!(text.contains("[[clients.user]]"));
        assert!(text.lines().all(|line| line.chars().count() <= 100));
    }

    #[test]
    fn no_key_stands_in_the_table_twice() {
        let mut paths: Vec<_> = KEYS.iter().map(|key| key.path).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), KEYS.len());
    }
}
