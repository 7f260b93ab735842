//! From a configuration file to a gateway, or to what is wrong with it.

#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::time::Duration;

use adit_crypto::{CryptoProvider, DhGroup, EncrId, Secret, default_provider};
use adit_gateway::config::{Config, Credentials};
use adit_gateway::init::{InitOutput, InitSettings, init};
use adit_gateway::peers::{GatewayError, responder_config};
use adit_gateway::{Gateway, GatewaySettings};
use adit_ike::time::Instant;

const EPOCH: u64 = 1_800_000_000;

fn parse(more: &str) -> Config {
    let text = format!(
        "[server]\nidentity = \"vpn.rig.test\"\n[[clients.psk]]\nsecret = \"some long secret\"\n\
         [network]\npools = [\"10.99.0.0/24\"]\n{more}"
    );
    Config::parse("gateway.toml", &text).unwrap()
}

fn with_certificate(host: &str) -> (GatewaySettings, InitOutput) {
    let made =
        init(InitSettings::new(host, "alice", Duration::from_secs(EPOCH)), &default_provider()).unwrap();
    let text = "[server]\nidentity = \"vpn.rig.test\"\ncertificates = \"a\"\nprivate-key = \"b\"\n\
                [clients]\nca = \"c\"\n[[clients.user]]\nname = \"alice\"\npassword = \"rig-password\"\n\
                [network]\npools = [\"10.99.0.0/24\"]\n";
    let credentials = Credentials {
        certificates: vec![made.server.certificate.clone()],
        private_key: Some(made.server.private_key.clone()),
        client_anchors: vec![made.ca.certificate.clone()],
    };
    (GatewaySettings::new(Config::parse("gateway.toml", text).unwrap(), credentials), made)
}

fn error(settings: &GatewaySettings) -> GatewayError {
    Gateway::new(settings, default_provider(), Instant::EPOCH, EPOCH).map(|_| ()).unwrap_err()
}

#[test]
fn a_whole_configuration_becomes_what_sessions_need() {
    let (mut settings, made) = with_certificate("vpn.rig.test");
    settings.config.psks = parse("").psks;
    let responder = responder_config(&settings, &default_provider(), EPOCH).unwrap();
    assert!(responder.id.to_string().contains("vpn.rig.test"));
    assert_eq!(responder.certificate.as_ref().unwrap().chain, [made.server.certificate]);
    assert_eq!(responder.clients.as_ref().unwrap().anchors.certificates().len(), 1);
    assert_eq!(responder.users.keys().collect::<Vec<_>>(), ["alice"]);
    assert_eq!(responder.default_shared_key, Some(Secret::from(b"some long secret".as_slice())));
    let common = &responder.common;
    assert_eq!((common.unix_epoch, common.spi_tag, common.fragment_size), (EPOCH, 0, 1_280 - 48 - 4));
    assert_eq!((common.liveness, common.nat_keepalive), (Some(Duration::from_secs(60)), None));
    assert_eq!(common.child.local.len(), 1, "everything of the one family that has a pool");
    let debug = format!("{responder:?}");
    assert!(!debug.contains("rig-password") && !debug.contains("some long"), "{debug}");
}

#[test]
fn defaults_leave_perfect_forward_secrecy_to_the_client_and_a_list_may_demand_it() {
    let groups = |more: &str| -> Vec<bool> {
        let settings = GatewaySettings::new(parse(more), Credentials::default());
        let responder = responder_config(&settings, &default_provider(), EPOCH).unwrap();
        responder.common.child.proposals.iter().map(|proposal| !proposal.groups.is_empty()).collect()
    };
    let defaults = groups("");
    assert!(defaults.contains(&true) && defaults.contains(&false));
    assert_eq!(groups("[esp]\nproposals = [\"aes256gcm16-ecp256\"]\n"), [true]);
    assert_eq!(groups("[esp]\nproposals = [\"aes256gcm16\"]\n"), [false]);
}

#[test]
fn every_cipher_goes_with_every_integrity_algorithm() {
    let more = "[ike]\nproposals = [\"aes256-aes128-sha256-sha512-prfsha256-curve25519\"]\n";
    let settings = GatewaySettings::new(parse(more), Credentials::default());
    let responder = responder_config(&settings, &default_provider(), EPOCH).unwrap();
    let [proposal] = &responder.common.ike_proposals[..] else { panic!() };
    let bits: Vec<u16> = proposal.ciphers.iter().map(|cipher| cipher.key_bits).collect();
    assert_eq!(bits, [256, 256, 128, 128], "best cipher first");
    assert_eq!(proposal.groups, [DhGroup::CURVE25519]);
    assert!(proposal.ciphers.iter().all(|cipher| cipher.encr == EncrId::AES_CBC));
}

#[test]
fn any_replay_window_of_the_configuration_makes_an_sa() {
    for (given, used) in [(32, 64), (64, 64), (65, 128), (4_096, 4_096), (65_530, 65_536), (65_536, 65_536)] {
        let settings =
            GatewaySettings::new(parse(&format!("[esp]\nreplay-window = {given}\n")), Credentials::default());
        let responder = responder_config(&settings, &default_provider(), EPOCH).unwrap();
        assert_eq!(responder.common.child.replay_window, used);
    }
}

#[test]
fn lifetimes_of_zero_never_rekey_and_sums_do_not_overflow() {
    let settings = GatewaySettings::new(
        parse("[ike]\nlifetime = 0\nliveness = 0\n[esp]\nlifetime = 0\n"),
        Credentials::default(),
    );
    let common = responder_config(&settings, &default_provider(), EPOCH).unwrap().common;
    assert!(common.ike_lifetime > Duration::from_secs(1 << 31) && common.liveness.is_none());
    let late = Instant::from_epoch(Duration::from_secs(1 << 40));
    assert!(late + common.ike_lifetime * 2 > late);
}

#[test]
fn certificate_errors_name_the_key_to_change() {
    let (settings, made) = with_certificate("vpn.rig.test");
    assert!(Gateway::new(&settings, default_provider(), Instant::EPOCH, EPOCH).is_ok());

    let (other, _) = with_certificate("another.rig.test");
    let refused = error(&other);
    assert!(matches!(refused, GatewayError::CertificateName(_)), "{refused}");
    assert!(refused.to_string().contains("vpn.rig.test") && refused.to_string().contains("another.rig.test"));

    let mut wrong = settings.clone();
    wrong.credentials.private_key = Some(made.ca.private_key);
    assert!(matches!(error(&wrong), GatewayError::KeyMismatch { .. }));
    wrong.credentials.private_key = Some(Secret::from(b"no key".as_slice()));
    assert!(error(&wrong).to_string().starts_with("`server.private-key`: "));
    wrong.credentials.private_key = None;
    assert_eq!(error(&wrong), GatewayError::CredentialMissing("server.private-key"));

    let mut wrong = settings.clone();
    wrong.credentials.certificates[0].truncate(20);
    assert!(error(&wrong).to_string().starts_with("`server.certificates`: certificate 1 cannot be used: "));
    let mut wrong = settings.clone();
    wrong.credentials.client_anchors.push(vec![0x30]);
    assert!(error(&wrong).to_string().starts_with("`clients.ca`: certificate 2 cannot be used: "));
    let mut wrong = settings;
    wrong.credentials.client_anchors.clear();
    assert_eq!(error(&wrong), GatewayError::CredentialMissing("clients.ca"));
}

#[test]
fn algorithms_this_build_lacks_are_left_out_and_nothing_left_is_an_error() {
    // A provider without the MODP groups and AES-CBC.
    let poor = CryptoProvider {
        key_exchanges: Box::leak(
            default_provider()
                .key_exchanges
                .iter()
                .copied()
                .filter(|method| method.group() == DhGroup::CURVE25519)
                .collect(),
        ),
        ..default_provider()
    };
    let some = "[ike]\nproposals = [\"aes256gcm16-prfsha256-modp2048-curve25519\"]\n\
                [esp]\nproposals = [\"aes256gcm16-modp2048\", \"aes128gcm16\"]\n";
    let settings = GatewaySettings::new(parse(some), Credentials::default());
    let common = responder_config(&settings, &poor, EPOCH).unwrap().common;
    assert_eq!(common.ike_proposals[0].groups, [DhGroup::CURVE25519]);
    assert_eq!(common.child.proposals.len(), 1, "the one with PFS did not become one without");
    assert_eq!(common.child.proposals[0].ciphers[0].key_bits, 128);
    let none = "[ike]\nproposals = [\"aes256gcm16-prfsha256-modp2048\"]\n";
    let settings = GatewaySettings::new(parse(none), Credentials::default());
    let refused = responder_config(&settings, &poor, EPOCH).unwrap_err().to_string();
    assert!(refused.contains("`ike.proposals`") && refused.contains("modp2048"), "{refused}");
}

#[test]
fn an_address_we_listen_on_is_no_clients() {
    let mut config = parse("");
    config.pools = vec!["192.0.2.1-192.0.2.1".parse().unwrap()];
    config.listen = vec!["192.0.2.1".parse().unwrap()];
    let refused = error(&GatewaySettings::new(config, Credentials::default()));
    assert!(matches!(refused, GatewayError::Pool(_)), "{refused}");
    let mut config = parse("");
    config.psks[0].identity = Some("\u{1}".into());
    let refused = error(&GatewaySettings::new(config, Credentials::default()));
    assert!(refused.to_string().starts_with("`clients.psk.identity`: "), "{refused}");
}
