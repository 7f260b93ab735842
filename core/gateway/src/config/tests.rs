use adit_crypto::{DhGroup, EncrId};

use super::*;
use crate::stack::Service;

const SMALL: &str = r#"
[server]
identity = "vpn.example.com"

[[clients.psk]]
secret = "correct horse battery staple"

[network]
pools = ["10.99.0.0/24", "fd00:99::/64"]
"#;

const FULL: &str = r#"
[listen]
addresses = ["192.0.2.1", "2001:db8::1"]
port = 1500
nat-port = 14500

[server]
identity = "vpn.example.com"
certificates = "server.pem"
private-key = "keys/server.key"

[clients]
max = 3
ca = """
-----BEGIN CERTIFICATE-----
MAA=
-----END CERTIFICATE-----
"""

[[clients.user]]
name = "alice"
password = "pässword-of-alice"

[[clients.user]]
name = "bob"
password = "password-of-bob"

[[clients.psk]]
identity = "laptop@example.com"
secret = "secret-of-the-laptop"

[[clients.psk]]
secret = "secret-of-everybody"

[network]
mode = "stack"
tun-name = "gw0"
forwarding = "leave"
mtu = 1_280
pools = ["10.99.0.10-10.99.0.20"]
addresses = ["10.99.0.1"]
dns = ["10.99.0.1", "2001:db8::53"]
domains = ["corp.example.com", "example.org."]
subnets = ["10.0.0.0/8", "fd00::/8"]
traffic-selectors = ["10.0.0.0/8", "192.0.2.1-192.0.2.9"]

[ike]
proposals = ["aes256gcm16-prfsha384-ecp384"]
lifetime = 0
liveness = 0
fragment-size = 576
half-open-timeout = 5
half-open-max = 10
cookie-threshold = 0

[esp]
proposals = ["aes128gcm16-ecp256", "aes128-sha256-esn"]
lifetime = 20
replay-window = 64

[stack]
connections = 4
tcp-buffer = 65536
echo-port = 7007
discard-port = 0
digest-port = 5001
source-port = 19
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse("gateway.toml", text)
}

fn error(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn every_key_reaches_its_field() {
    let config = parse(FULL).unwrap();
    let ips = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<IpAddr>>();
    assert_eq!(config.listen, ips(&["192.0.2.1", "2001:db8::1"]));
    assert_eq!((config.port, config.nat_port), (1500, 14500));
    assert_eq!(config.certificates, Some(PemSource::File("server.pem".into())));
    assert_eq!(config.private_key, Some(PemSource::File("keys/server.key".into())));
    assert_eq!(config.max_clients, 3);
    assert!(matches!(config.client_ca, Some(PemSource::Text(_))));
    assert_eq!(config.users[0].name, "alice");
    assert_eq!(config.users[0].password.expose(), "pässword-of-alice".as_bytes());
    assert_eq!(config.users[1].password.expose(), b"password-of-bob");
    assert_eq!(config.psks[0].identity.as_deref(), Some("laptop@example.com"));
    assert_eq!(config.psks[1].identity, None);
    assert_eq!(config.psks[1].secret.expose(), b"secret-of-everybody");
    assert_eq!((config.mode, config.tun_name.as_str(), config.mtu), (Mode::Stack, "gw0", 1280));
    assert!(!config.forwarding);
    assert_eq!(config.pools[0].to_string(), "10.99.0.10-10.99.0.20");
    assert_eq!(config.addresses, ips(&["10.99.0.1"]));
    assert_eq!(config.dns, ips(&["10.99.0.1", "2001:db8::53"]));
    assert_eq!(config.domains, ["corp.example.com", "example.org"]);
    assert_eq!(config.subnets[1].to_string(), "fd00::/8");
    assert_eq!(config.traffic_selectors[1].to_string(), "192.0.2.1-192.0.2.9");
    assert_eq!(config.ike_proposals[0].groups, [DhGroup::ECP_384]);
    assert_eq!((config.ike_lifetime, config.liveness), (None, None));
    assert_eq!(config.fragment_size, 576);
    assert_eq!(config.half_open_timeout, Duration::from_secs(5));
    assert_eq!((config.half_open_max, config.cookie_threshold), (10, 0));
    assert_eq!(config.esp_proposals[0].groups, [DhGroup::ECP_256]);
    assert!(config.esp_proposals[1].esn && !config.esp_proposals[1].no_esn);
    assert_eq!(config.child_lifetime, Some(Duration::from_secs(20)));
    assert_eq!(config.replay_window, 64);
    let stack = StackSettings {
        connections: 4,
        tcp_buffer: 65_536,
        echo_port: Some(7007),
        discard_port: None,
        digest_port: Some(5001),
        source_port: Some(19),
    };
    assert_eq!(config.stack, stack);
    let (settings, services) = config.stack_config(9);
    assert_eq!(
        (settings.mtu, settings.tcp_buffer, settings.connections, settings.seed),
        (1_280, 65_536, 4, 9)
    );
    assert_eq!(settings.addresses, config.addresses);
    let services: Vec<_> = services.iter().map(|service| (service.port, service.service)).collect();
    assert_eq!(services, [(7007, Service::Echo), (5001, Service::Digest), (19, Service::Source)]);
    assert!(crate::stack::Stack::new(settings, &[]).is_ok());
}

#[test]
fn every_documented_key_is_read_and_every_number_range_is_enforced() {
    for key in KEYS {
        let (section, name) = key.path.rsplit_once('.').unwrap();
        let header = if section.contains('.') { format!("[[{section}]]") } else { format!("[{section}]") };
        assert!(FULL.contains(&header), "{header} is missing in the test's file");
        assert!(FULL.lines().any(|line| line.starts_with(&format!("{name} ="))), "{}", key.path);
        if let Form::Number { min, max, .. } = key.form {
            let line = FULL.lines().find(|line| line.starts_with(&format!("{name} ="))).unwrap();
            // Some names stand in two sections (lifetime): replace within the right one.
            let (before, rest) = FULL.split_at(FULL.find(&header).unwrap());
            let line = rest.lines().find(|l| l.starts_with(&format!("{name} ="))).unwrap_or(line);
            for bad in [min.checked_sub(1), max.checked_add(1)].into_iter().flatten() {
                let text = format!("{before}{}", rest.replacen(line, &format!("{name} = {bad}"), 1));
                let message = error(&text);
                assert!(message.contains(&format!("`{}`", key.path)), "{message}");
                assert!(message.contains(&format!("{bad} is not allowed")), "{message}");
                assert!(message.contains(&format!("{min} to {max}")), "{message}");
            }
            let minus = format!("{before}{}", rest.replacen(line, &format!("{name} = -1"), 1));
            assert!(error(&minus).contains("-1 is not allowed"));
        }
    }
}

#[test]
fn defaults_are_those_of_the_reference() {
    let config = parse(SMALL).unwrap();
    assert_eq!(config.listen, [IpAddr::from(Ipv4Addr::UNSPECIFIED), Ipv6Addr::UNSPECIFIED.into()]);
    assert_eq!(
        config.addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>(),
        ["10.99.0.1", "fd00:99::1"]
    );
    assert_eq!(
        config.traffic_selectors.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["0.0.0.0/0", "::/0"]
    );
    let numbers: &[(&str, u64)] = &[
        ("listen.port", config.port.into()),
        ("listen.nat-port", config.nat_port.into()),
        ("clients.max", config.max_clients as u64),
        ("network.mtu", config.mtu.into()),
        ("ike.lifetime", config.ike_lifetime.unwrap().as_secs()),
        ("ike.liveness", config.liveness.unwrap().as_secs()),
        ("ike.fragment-size", config.fragment_size.into()),
        ("ike.half-open-timeout", config.half_open_timeout.as_secs()),
        ("ike.half-open-max", config.half_open_max as u64),
        ("ike.cookie-threshold", config.cookie_threshold as u64),
        ("esp.lifetime", config.child_lifetime.unwrap().as_secs()),
        ("esp.replay-window", config.replay_window.into()),
        ("stack.connections", config.stack.connections as u64),
        ("stack.tcp-buffer", config.stack.tcp_buffer as u64),
        ("stack.echo-port", config.stack.echo_port.unwrap().into()),
        ("stack.discard-port", config.stack.discard_port.unwrap().into()),
        ("stack.digest-port", config.stack.digest_port.unwrap().into()),
        ("stack.source-port", config.stack.source_port.unwrap().into()),
    ];
    let documented = KEYS.iter().filter(|key| matches!(key.form, Form::Number { .. })).count();
    assert_eq!(numbers.len(), documented);
    for (path, value) in numbers {
        let key = KEYS.iter().find(|key| key.path == *path).unwrap();
        assert_eq!(key.default, Some(value.to_string().as_str()), "{path}");
    }
    assert!(
        config.ike_proposals[0].encryption.iter().any(|e| e.id == EncrId::AES_GCM_16 && e.key_bits == 256)
    );
    assert_eq!(config.esp_proposals.iter().filter(|proposal| proposal.groups.is_empty()).count(), 2);
    assert_eq!(config.tun_name, "adit-gateway");
    assert_eq!(config.mode, Mode::Auto);
    assert!(config.forwarding);
    assert_eq!(config.address_pool().unwrap().capacity(Family::V4), 253);
}

#[test]
fn errors_give_file_line_column_key_and_what_is_allowed() {
    let at = |replace: &str, with: &str| error(&SMALL.replacen(replace, with, 1));
    for (replace, with, expected) in [
        (
            "[network]",
            "[netwrok]",
            "gateway.toml:8:2: `netwrok`: there is no such section; possible are listen, server, ",
        ),
        (
            "identity =",
            "identiy =",
            "gateway.toml:3:1: `server.identiy`: there is no such key; possible are identity, certificates",
        ),
        ("identity = \"vpn.example.com\"", "", "gateway.toml:2:1: `server.identity`: must be given (text"),
        ("\"vpn.example.com\"", "7", "gateway.toml:3:12: `server.identity`: 7 is not allowed; give text"),
        ("\"vpn.example.com\"", "\"a b\"", "`server.identity`: has to be a host name"),
        ("[[clients.psk]]", "[clients.psk]", "`clients.psk`: write [[clients.psk]] for each entry"),
        ("[[clients.psk]]\nsecret", "[clients]\n#", "nobody can connect"),
        ("\"10.99.0.0/24\"", "\"10.99.0.1/24\"", "gateway.toml:9:10: `network.pools`: 10.99.0.1/24 has bits"),
        (
            "\"10.99.0.0/24\", ",
            "\"10.99.0.0/24\", \"10.99.0.9\", ",
            "pools 10.99.0.0/24 and 10.99.0.9/32 overlap",
        ),
        ("[\"10.99.0.0/24\", \"fd00:99::/64\"]", "[]", "has to name a network"),
        ("[\"10.99.0.0/24\", \"fd00:99::/64\"]", "\"10.99.0.0/24\"", "give a list"),
        (
            "[network]",
            "[network]\nmode = \"bridge\"",
            "\"bridge\" is not allowed; give \"auto\" or \"tun\" or \"stack\"",
        ),
        (
            "[network]",
            "[network]\nmtu = 1279",
            "gateway.toml:9:7: `network.mtu`: 1279 is not allowed; give bytes, 1280 to",
        ),
        ("[network]", "[network]\nmtu = 99999999999999999999", "is not allowed; give bytes"),
        ("[network]", "[network]\nmtu = \"1400\"", "\"1400\" is not allowed; give bytes"),
        ("[network]", "[network]\ntun-name = \"a/b\"", "without / and white space"),
        ("[network]", "[network]\ndomains = [\"bücher.example\"]", "is no domain name"),
        ("[network]", "[network]\ndns = [\"one.one.one.one\"]", "\"one.one.one.one\" is no IP address"),
        (
            "[network]",
            "[ike]\nproposals = [\"aes256-sha256\"]\n[network]",
            "gateway.toml:9:14: `ike.proposals`: a key exchange group is missing",
        ),
        ("[network]", "[listen]\nport = 4500\n[network]", "`listen.nat-port`: has to differ"),
        (
            "[network]",
            "[listen]\naddresses = [\"::1\", \"::2\", \"::3\"]\n[network]",
            "gateway.toml:9:13: `listen.addresses`: has 3 entries; 2 at most",
        ),
        ("[network]", "[network]\nforwarding = true", "true is not allowed; give \"on\" or \"leave\""),
        ("[network]", "[stack]\nsource-port = 7\n[network]", "two services share a port"),
        (
            "[server]",
            "[server]\ncertificates = \"a.pem\"",
            "`server.private-key`: certificate and private key go together",
        ),
        (
            "[network]",
            "[[clients.user]]\nname = \"a\"\npassword = \"b\"\n[network]",
            "`server.certificates`: users and clients",
        ),
    ] {
        assert!(SMALL.contains(replace), "{replace}");
        let message = at(replace, with);
        assert!(message.contains(expected), "{with}\n  got  {message}\n  want {expected}");
    }
    let twice = format!("{SMALL}\n[[clients.psk]]\nsecret = \"another long secret\"\n");
    assert!(error(&twice).contains("two keys without an identity"));
    assert!(error(&FULL.replace("\"bob\"", "\"alice\"")).contains("user \"alice\" stands here twice"));
    assert!(error("a = ").starts_with("gateway.toml:1:"));
}

#[test]
fn no_message_and_no_debug_output_carries_a_secret() {
    let canary = "0123456789canary";
    for password in [
        format!("\"{canary}"),
        format!("'{canary}\""),
        format!("\"{canary}\\q\""),
        canary.to_owned(),
        "0123456789".to_owned(),
        format!("[\"{canary}\"]"),
        format!("{{ \"{canary}\" = 1 }}"),
        format!("\"{}\"", canary.repeat(100)),
    ] {
        for key in ["password", "private-key"] {
            let text = match key {
                "password" => FULL.replace("\"password-of-bob\"", &password),
                _ => FULL.replace("\"keys/server.key\"", &password),
            };
            let Err(error) = parse(&text) else {
                assert_eq!(key, "private-key", "a long file name is taken");
                continue;
            };
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("0123456789"), "{password}: {shown}");
        }
    }
    let shown = format!("{:?}", parse(FULL).unwrap());
    for secret in ["password-of", "secret-of", "MAA="] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn each_truncation_of_a_valid_file_gives_a_value_or_an_error() {
    for end in (0..FULL.len()).filter(|end| FULL.is_char_boundary(*end)) {
        if let Err(error) = parse(&FULL[..end]) {
            assert!(error.line >= 1 && error.line <= FULL.lines().count() + 1);
        }
    }
}

proptest::proptest! {
    #[test]
    fn arbitrary_text_does_not_panic(text in "[a-z0-9\\[\\]=\"\\n .,{}#'-]{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn a_mangled_file_does_not_panic(at in 0..FULL.len(), with in "\\PC{0,3}") {
        if FULL.is_char_boundary(at) {
            let _ = parse(&format!("{}{with}{}", &FULL[..at], &FULL[at..]));
        }
    }
}
