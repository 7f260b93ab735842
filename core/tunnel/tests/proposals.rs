//! What `adit explain` says is proposed is what the engine sends: for many dictionaries of algorithms, the proposals of
//! the explanation equal the SA payload in the IKE_SA_INIT datagram, and that of IKE_AUTH as the responder decodes it.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{Secret, default_provider};
use adit_ike::config::{InitiatorConfig, ResponderConfig};
use adit_ike::identity::Identity;
use adit_ike::proposal::describe_proposal;
use adit_ike::time::Instant;
use adit_ike::wire::{Message, Payload, Proposal as WireProposal, ProtocolId, Transform, TransformType};
use adit_ike::{Event, Path, Session};
use adit_profile::build::{Value, to_xml};
use adit_profile::explain::{self, Proposals};
use adit_profile::ikev2::{Associations, Which, requirements};
use adit_profile::{Document, Profile};
use adit_tunnel::plan::{PlanInputs, plan};

const SECRET: &str = "kT9-vRz4QmLw2XyPs7bN";

/// The dictionaries of a profile.
#[derive(Clone, Copy, Debug)]
struct Case {
    ike: Option<(&'static str, &'static str, i64)>,
    child: Option<(&'static str, &'static str, i64)>,
    pfs: bool,
}

fn dictionary((encryption, integrity, group): (&str, &str, i64)) -> Value {
    Value::dict([
        ("EncryptionAlgorithm", Value::from(encryption)),
        ("IntegrityAlgorithm", integrity.into()),
        ("DiffieHellmanGroup", group.into()),
    ])
}

fn profile(case: Case) -> String {
    let mut keys = vec![
        ("RemoteAddress", Value::from("192.0.2.1")),
        ("RemoteIdentifier", "vpn.example.com".into()),
        ("LocalIdentifier", "alice@example.com".into()),
        ("AuthenticationMethod", "SharedSecret".into()),
        ("SharedSecret", SECRET.into()),
        ("EnablePFS", i64::from(case.pfs).into()),
    ];
    keys.extend(case.ike.map(|ike| ("IKESecurityAssociationParameters", dictionary(ike))));
    keys.extend(case.child.map(|child| ("ChildSecurityAssociationParameters", dictionary(child))));
    let ids = |number: u8| {
        [
            ("PayloadIdentifier", Value::from(format!("com.example.{number}").as_str())),
            ("PayloadUUID", Value::from(format!("9A3C1E50-0000-4000-8000-00000000000{number}").as_str())),
            ("PayloadVersion", 1.into()),
        ]
    };
    let mut vpn = vec![
        ("PayloadType", Value::from("com.apple.vpn.managed")),
        ("UserDefinedName", "Office".into()),
        ("VPNType", "IKEv2".into()),
        ("IKEv2", Value::dict(keys)),
    ];
    vpn.extend(ids(1));
    let mut root = vec![
        ("PayloadType", Value::from("Configuration")),
        ("PayloadContent", Value::Array(vec![Value::dict(vpn)])),
    ];
    root.extend(ids(2));
    to_xml(&Value::dict(root)).unwrap().to_string()
}

/// What is explained, and what the engine is told.
fn read(case: Case) -> (Proposals, InitiatorConfig) {
    let text = profile(case);
    let document = Document::read(text.as_bytes());
    let profile = Profile::of(&document).unwrap();
    let settings =
        requirements(&profile, Which::default()).unwrap_or_else(|why| panic!("{case:?}: {why:#?}"));
    let inputs = PlanInputs { log_messages: true, ..PlanInputs::default() };
    let planned = plan(&settings, &inputs, &default_provider()).unwrap();
    let section = profile.vpn_payloads().next().unwrap().settings().unwrap();
    let by_parts = Proposals::of(&Associations::of(&section, None));
    let explained = explain::explain_all(&document, text.as_bytes(), &Default::default()).remove(0);
    assert_eq!(explained.proposals, std::slice::from_ref(&by_parts), "one way to the proposals");
    (by_parts, (*planned.ike).clone())
}

/// An explained proposal as it stands on the wire; without the key exchange in IKE_AUTH (RFC 7296 1.2).
fn on_wire(proposal: &explain::Proposal, without_ke: bool) -> Vec<Transform> {
    let kept = proposal.transforms.iter().filter(|one| !(without_ke && one.kind == 4));
    let mut transforms: Vec<Transform> = kept
        .map(|one| match one.key_bits {
            Some(bits) => Transform::with_key_length(TransformType(one.kind), one.id, bits),
            None => Transform::new(TransformType(one.kind), one.id),
        })
        .collect();
    transforms.sort_by_key(|one| one.transform_type.0);
    transforms
}

fn sorted(proposal: &WireProposal) -> Vec<Transform> {
    let mut transforms = proposal.transforms.clone();
    transforms.sort_by_key(|one| one.transform_type.0);
    transforms
}

fn path(local: &str, remote: &str, port: u16) -> Path {
    Path {
        local: format!("{local}:{port}").parse().unwrap(),
        remote: format!("{remote}:{port}").parse().unwrap(),
        encapsulated: port == 4500,
    }
}

const CLIENT: &str = "192.0.2.2";
const SERVER: &str = "192.0.2.1";

/// The session that sent IKE_SA_INIT, and the datagram.
fn first(config: &InitiatorConfig) -> (Session, Vec<u8>) {
    let now = Instant::from_epoch(Duration::from_secs(1_000));
    let config = Arc::new(config.clone());
    let mut session = Session::connect(config, default_provider(), now, path(CLIENT, SERVER, 500)).unwrap();
    let datagram = session.poll_transmit().unwrap().payload;
    (session, datagram)
}

fn assert_sa_init(case: Case) {
    let (explained, config) = read(case);
    let (_, datagram) = first(&config);
    let message = Message::parse(&datagram).unwrap();
    let found = message.payloads.iter().find_map(|payload| match payload {
        Payload::Sa(sa) => Some(sa),
        _ => None,
    });
    let sent: Vec<_> = found.unwrap().proposals.iter().map(sorted).collect();
    let told: Vec<_> = explained.ike.iter().map(|proposal| on_wire(proposal, false)).collect();
    assert_eq!(sent, told, "{case:?}");
}

/// The SA payload of the IKE_AUTH request, as a responder that knows the secret decodes it.
fn assert_auth(case: Case) {
    let (explained, config) = read(case);
    let responder = ResponderConfig {
        common: config.common.clone(),
        id: Identity::from_text("vpn.example.com").unwrap(),
        certificate: None,
        shared_keys: Vec::new(),
        default_shared_key: Some(Secret::from(SECRET.as_bytes())),
        clients: None,
        users: BTreeMap::new(),
        half_open_timeout: Duration::from_secs(30),
    };
    let now = Instant::from_epoch(Duration::from_secs(1_000));
    let (mut client, datagram) = first(&config);
    let at_server = path(SERVER, CLIENT, 500);
    let mut server =
        Session::respond(Arc::new(responder), default_provider(), now, at_server, 0, &datagram).unwrap();
    let mut answer = server.poll_transmit().unwrap().payload;
    client.handle_message(now, path(CLIENT, SERVER, 500), &mut answer).unwrap();
    let mut request = client.poll_transmit().unwrap().payload.split_off(4);
    server.handle_message(now, path(SERVER, CLIENT, 4500), &mut request).unwrap();
    let texts = std::iter::from_fn(|| server.poll_event()).filter_map(|event| match event {
        Event::Message(record) if !record.sent && record.text.contains("IKE_AUTH") => Some(record.text),
        _ => None,
    });
    let text = texts.last().unwrap_or_else(|| panic!("{case:?}: the responder decodes no IKE_AUTH"));
    // `1. ESP SPI 0x…: AES-GCM-16-256 / no ESN`
    let lines = text.lines().map(str::trim).filter(|line| line.contains(". ESP SPI "));
    let sent: Vec<&str> = lines.filter_map(|line| line.split_once(": ").map(|(_, rest)| rest)).collect();
    let told: Vec<String> = explained
        .child
        .iter()
        .map(|proposal| {
            let transforms = on_wire(proposal, true);
            describe_proposal(&WireProposal {
                number: 1,
                protocol: ProtocolId::ESP,
                spi: Vec::new(),
                transforms,
            })
        })
        .collect();
    assert_eq!(sent, told, "{case:?}: {text}");
}

const CIPHERS: [&str; 5] = ["AES-128", "AES-256", "AES-128-GCM", "AES-256-GCM", "ChaCha20Poly1305"];
const HASHES: [&str; 4] = ["SHA1-96", "SHA2-256", "SHA2-384", "SHA2-512"];

#[test]
fn each_cipher_and_hash_is_sent_as_explained() {
    for (place, encryption) in CIPHERS.into_iter().enumerate() {
        for (other, integrity) in HASHES.into_iter().enumerate() {
            // Groups whose keys are made quickly: the others have a test of their own.
            let group = [19, 20, 31][(place + other) % 3];
            let own = (encryption, integrity, group);
            let child = (CIPHERS[(place + 1) % 5], HASHES[(other + 1) % 4], 19);
            for case in [
                Case { ike: Some(own), child: None, pfs: false },
                Case { ike: Some(own), child: Some(child), pfs: true },
                Case { ike: None, child: Some(own), pfs: place % 2 == 0 },
            ] {
                assert_sa_init(case);
                assert_auth(case);
            }
        }
    }
}

#[test]
fn each_group_is_sent_as_explained() {
    for group in adit_profile::ikev2::algorithms::SUPPORTED_GROUPS {
        let own = ("AES-256-GCM", "SHA2-256", i64::from(group));
        assert_sa_init(Case { ike: Some(own), child: None, pfs: true });
    }
}

#[test]
fn the_observed_list_is_sent_as_explained() {
    for pfs in [false, true] {
        let case = Case { ike: None, child: None, pfs };
        assert_sa_init(case);
        assert_auth(case);
    }
}
