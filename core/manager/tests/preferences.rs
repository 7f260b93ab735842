//! Load, save and remove with Apple's semantics, each test named after one.

mod host;

use adit_manager::preferences::{RECORD_VERSION, RecordError, generation_of};
use adit_manager::protocol::{IpsecProtocol, ProtocolConfiguration, ProxyServer, ProxySettings};
use adit_manager::{Configuration, Demand, Event, NewSecret, SecretSlot, StartOptions, Status, VpnErrorCode};
use host::{Host, SECRET, code, configuration, ikev2, managed, personal};

#[test]
fn the_shared_manager_is_always_the_same() {
    let mut host = Host::new();
    assert_eq!(host.system.shared(), host.system.shared());
    assert_ne!(host.system.shared(), host.system.manager(personal("com.example.app")));
}

#[test]
fn a_load_without_a_stored_record_gives_an_empty_configuration() {
    let mut host = Host::new();
    let manager = host.system.shared();
    host.system.set_configuration(manager, configuration());
    host.load(manager).unwrap();
    assert_eq!(host.system.configuration(manager), Some(&Configuration::default()));
    assert_eq!(host.system.status(manager), Status::Invalid);
}

#[test]
fn a_save_before_a_load_is_stale() {
    let mut host = Host::new();
    let manager = host.system.shared();
    host.system.set_configuration(manager, configuration());
    assert_eq!(code(host.save(manager)), VpnErrorCode::ConfigurationStale);
    assert_eq!(code(host.remove(manager)), VpnErrorCode::ConfigurationStale);
    assert!(host.asked.is_empty() && host.store.is_empty(), "the store was not touched");
}

#[test]
fn a_save_of_a_copy_that_is_older_than_the_store_is_stale() {
    let (mut host, manager) = Host::installed();
    let other = host.system.manager(personal("com.example.app"));
    host.load(other).unwrap();
    host.save(manager).unwrap();
    assert_eq!(code(host.save(other)), VpnErrorCode::ConfigurationStale);
    assert_eq!(code(host.remove(other)), VpnErrorCode::ConfigurationStale);
    host.load(other).unwrap();
    host.save(other).unwrap();
    assert_eq!(code(host.save(manager)), VpnErrorCode::ConfigurationStale);
}

#[test]
fn a_change_by_another_process_makes_the_copy_stale_and_is_told() {
    let (mut host, manager) = Host::installed();
    let key = personal("com.example.app");
    host.system.store_changed(&key);
    host.run();
    assert!(host.events.contains(&Event::ConfigurationChanged { key }));
    assert_eq!(code(host.save(manager)), VpnErrorCode::ConfigurationStale);
}

#[test]
fn a_store_that_was_changed_behind_our_back_is_stale_too() {
    let (mut host, manager) = Host::installed();
    host.store.clear();
    assert_eq!(code(host.save(manager)), VpnErrorCode::ConfigurationStale);
    host.load(manager).unwrap();
    assert_eq!(host.system.status(manager), Status::Invalid);
    host.system.set_configuration(manager, configuration());
    host.save(manager).unwrap();
}

#[test]
fn the_first_save_asks_consent_and_a_refusal_is_reported() {
    let mut host = Host::new();
    let manager = host.system.shared();
    host.user_consents = false;
    host.load(manager).unwrap();
    host.system.set_configuration(manager, configuration());
    let refused = host.save(manager).unwrap_err();
    assert_eq!(refused.code, VpnErrorCode::ConfigurationReadWriteFailed);
    assert!(refused.message.contains("permission denied"), "{refused}");
    assert!(host.store.is_empty() && host.secrets.is_empty());
    assert_eq!(host.system.status(manager), Status::Invalid);
    host.user_consents = true;
    host.save(manager).unwrap();
    host.asked.clear();
    host.save(manager).unwrap();
    assert!(!host.asked.iter().any(|demand| matches!(demand, Demand::Consent { .. })), "asked once");
}

#[test]
fn a_managed_configuration_needs_no_consent() {
    let mut host = Host::new();
    host.user_consents = false;
    let manager = host.system.manager(managed("A"));
    host.install(manager, configuration());
    assert_eq!(host.system.status(manager), Status::Disconnected);
}

#[test]
fn an_invalid_configuration_is_not_saved_and_every_reason_is_told() {
    let mut host = Host::new();
    let manager = host.system.shared();
    host.load(manager).unwrap();
    let mut broken = configuration();
    ikev2(&mut broken).ipsec.base.server_address = None;
    ikev2(&mut broken).mtu = 9000;
    host.system.set_configuration(manager, broken);
    let error = host.save(manager).unwrap_err();
    assert_eq!(error.code, VpnErrorCode::ConfigurationInvalid);
    assert!(error.message.contains("serverAddress") && error.message.contains("mtu"), "{error}");
    host.system.set_configuration(manager, Configuration::default());
    assert_eq!(code(host.save(manager)), VpnErrorCode::ConfigurationInvalid);
}

#[test]
fn a_store_that_fails_is_a_read_write_failure() {
    let mut host = Host::new();
    let manager = host.system.shared();
    host.store_works = false;
    assert_eq!(code(host.load(manager)), VpnErrorCode::ConfigurationReadWriteFailed);
    host.store_works = true;
    host.load(manager).unwrap();
    host.system.set_configuration(manager, configuration());
    host.store_works = false;
    assert_eq!(code(host.save(manager)), VpnErrorCode::ConfigurationReadWriteFailed);
    assert!(host.secrets.is_empty(), "what was stored for nothing is deleted");
    assert_eq!(host.system.configuration(manager).unwrap().new_secrets.len(), 1, "and can be saved again");
}

#[test]
fn a_managers_closed_handle_is_unknown() {
    let (mut host, manager) = Host::installed();
    host.system.close(manager);
    assert_eq!(host.system.save(host.now, manager).unwrap_err().code, VpnErrorCode::ConfigurationUnknown);
    let start = host.system.start(host.now, manager, StartOptions::default());
    assert_eq!(start.unwrap_err().code, VpnErrorCode::ConfigurationUnknown);
    assert_eq!(host.system.status(manager), Status::Invalid);
}

#[test]
fn f03_secrets_go_to_the_host_and_only_references_are_stored() {
    let (mut host, manager) = Host::installed();
    let stored = host.store.values().next().unwrap().clone();
    let text = String::from_utf8(stored).unwrap();
    assert!(!text.contains(SECRET), "{text}");
    assert!(!text.contains(&hex(SECRET.as_bytes())), "{text}");
    assert!(text.contains("f001"), "{text}");
    let copy = host.system.configuration(manager).unwrap();
    assert!(copy.new_secrets.is_empty(), "the copy has the reference now");
    assert_eq!(host.secrets.len(), 1);
    let shown = format!("{:?}", host.system);
    assert!(!shown.contains(SECRET), "{shown}");
    host.start(manager).unwrap();
    let shown = format!("{:?} {:?}", host.system, host.started);
    assert!(!shown.contains(SECRET), "{shown}");
}

#[test]
fn a_secret_that_is_replaced_is_deleted_and_one_of_the_apps_own_is_not() {
    let (mut host, manager) = Host::installed();
    let mut changed = host.system.configuration(manager).unwrap().clone();
    let own = adit_manager::SecretReference(vec![7]);
    host.secrets.insert(own.clone(), adit_profile::Secret::new(b"app".to_vec()));
    ikev2(&mut changed).ipsec.base.password_reference = Some(own.clone());
    changed.new_secrets.push(NewSecret::new(SecretSlot::SharedSecret, b"another".to_vec()));
    host.system.set_configuration(manager, changed);
    host.save(manager).unwrap();
    let kept: Vec<_> = host.secrets.values().map(|secret| secret.expose().to_vec()).collect();
    assert_eq!(kept, [b"app".to_vec(), b"another".to_vec()]);
    host.remove(manager).unwrap();
    assert_eq!(host.secrets.keys().collect::<Vec<_>>(), [&own]);
}

#[test]
fn a_proxy_password_is_stored_only_with_a_name_and_authentication_required() {
    for (name, required, stored) in [(None, true, 1), (Some("me"), false, 1), (Some("me"), true, 2)] {
        let mut host = Host::new();
        let manager = host.system.shared();
        let mut proxied = configuration();
        let mut server = ProxyServer::new("proxy.example.com", 8080);
        server.username = name.map(str::to_owned);
        server.authentication_required = required;
        ikev2(&mut proxied).ipsec.base.proxy_settings =
            Some(ProxySettings { http_enabled: true, http_server: Some(server), ..ProxySettings::default() });
        proxied.new_secrets.push(NewSecret::new(SecretSlot::HttpProxyPassword, b"proxy".to_vec()));
        host.install(manager, proxied);
        assert_eq!(host.secrets.len(), stored);
    }
}

#[test]
fn enabling_one_configuration_disables_the_others() {
    let (mut host, manager) = Host::installed();
    let other = host.system.manager(personal("com.example.other"));
    host.connect(manager);
    host.install(other, configuration());
    assert!(!host.system.stored(&personal("com.example.app")).unwrap().is_enabled);
    assert!(host.system.stored(&personal("com.example.other")).unwrap().is_enabled);
    assert_eq!(host.system.status(manager), Status::Disconnected, "its tunnel ended");
    assert!(host.events.contains(&Event::ConfigurationChanged { key: personal("com.example.app") }));
    host.load(manager).unwrap();
    assert!(!host.system.configuration(manager).unwrap().is_enabled);
    assert_eq!(code(host.start(manager)), VpnErrorCode::ConfigurationDisabled);
}

#[test]
fn enabling_one_disables_one_that_was_never_loaded_here() {
    let (mut first, _) = Host::installed();
    let store = std::mem::take(&mut first.store);
    let mut host = Host::with(adit_manager::SystemOptions {
        app: "com.example.other".into(),
        ..host::options(adit_manager::Tunnels::Several)
    });
    host.store = store;
    host.system.declare(personal("com.example.app"));
    let manager = host.system.shared();
    host.install(manager, configuration());
    let theirs = host.system.stored(&personal("com.example.app")).unwrap();
    assert!(!theirs.is_enabled);
    assert_eq!(generation_of(&host.store[&personal("com.example.app")]), Ok(2));
}

#[test]
fn a_configuration_that_is_not_enabled_leaves_the_others_alone() {
    let (mut host, _) = Host::installed();
    let other = host.system.manager(personal("com.example.other"));
    host.install(other, Configuration { is_enabled: false, ..configuration() });
    assert!(host.system.stored(&personal("com.example.app")).unwrap().is_enabled);
}

#[test]
fn a_managed_and_an_apps_own_configuration_may_both_be_enabled() {
    let (mut host, _) = Host::installed();
    let first = host.system.manager(managed("A"));
    host.install(first, configuration());
    let second = host.system.manager(managed("B"));
    host.install(second, configuration());
    assert!(host.system.stored(&personal("com.example.app")).unwrap().is_enabled);
    assert!(!host.system.stored(&managed("A")).unwrap().is_enabled);
    assert!(host.system.stored(&managed("B")).unwrap().is_enabled);
}

#[test]
fn a_remove_ends_the_tunnel_and_makes_the_connection_invalid() {
    let (mut host, manager) = Host::installed();
    host.connect(manager);
    host.events.clear();
    host.remove(manager).unwrap();
    assert_eq!(host.statuses(), [Status::Disconnecting, Status::Disconnected, Status::Invalid]);
    assert!(host.store.is_empty() && host.secrets.is_empty());
    assert_eq!(host.system.configuration(manager), Some(&Configuration::default()));
    assert_eq!(code(host.remove(manager)), VpnErrorCode::ConfigurationInvalid, "there is nothing more");
    host.system.set_configuration(manager, configuration());
    host.asked.clear();
    host.save(manager).unwrap();
    assert!(host.asked.iter().any(|demand| matches!(demand, Demand::Consent { .. })), "a first save again");
}

#[test]
fn a_copy_of_a_removed_configuration_stays_stale_when_there_is_a_new_one() {
    let (mut host, manager) = Host::installed();
    let other = host.system.manager(personal("com.example.app"));
    host.load(other).unwrap();
    host.remove(manager).unwrap();
    host.system.set_configuration(manager, configuration());
    host.save(manager).unwrap();
    assert_eq!(code(host.save(other)), VpnErrorCode::ConfigurationStale);
}

#[test]
fn operations_run_one_after_the_other() {
    let mut host = Host::new();
    let manager = host.system.shared();
    host.system.load(host.now, manager).unwrap();
    host.system.set_configuration(manager, configuration());
    host.system.save(host.now, manager).unwrap();
    let first = host.system.poll_request().unwrap();
    assert!(matches!(first.demand, Demand::Load { .. }));
    assert_eq!(host.system.poll_request(), None, "the save waits for the load");
    let answer = host.reply(&first).unwrap();
    host.system.answer(host.now, first.token, answer).unwrap();
    host.run();
    // The load replaced the copy, so the save found nothing to save.
    let results: Vec<bool> = host
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Completed { result, .. } => Some(result.is_ok()),
            _ => None,
        })
        .collect();
    assert_eq!(results, [true, false]);
    for _ in 0..100 {
        let _ = host.system.load(host.now, manager);
    }
    assert_eq!(host.system.load(host.now, manager).unwrap_err().code, VpnErrorCode::ConfigurationUnknown);
}

#[test]
fn a_stored_record_goes_round_and_its_generation_counts() {
    let (mut host, manager) = Host::installed();
    let saved = host.system.configuration(manager).unwrap().clone();
    let key = personal("com.example.app");
    assert_eq!(generation_of(&host.store[&key]), Ok(1));
    let mut again = Host::new();
    again.store = std::mem::take(&mut host.store);
    let manager = again.system.shared();
    again.load(manager).unwrap();
    assert_eq!(again.system.configuration(manager), Some(&saved));
    again.save(manager).unwrap();
    assert_eq!(generation_of(&again.store[&key]), Ok(2));
}

#[test]
fn an_ikev1_configuration_is_stored() {
    let mut host = Host::new();
    let manager = host.system.shared();
    let mut ipsec = IpsecProtocol::default();
    ipsec.base.server_address = Some("vpn.example.com".into());
    ipsec.authentication_method = adit_manager::protocol::AuthenticationMethod::SharedSecret;
    let configuration = Configuration {
        is_enabled: true,
        new_secrets: configuration().new_secrets,
        ..Configuration::new(ProtocolConfiguration::Ipsec(Box::new(ipsec)))
    };
    host.install(manager, configuration);
    let refused = host.start(manager).unwrap_err();
    assert_eq!(refused.code, VpnErrorCode::ConfigurationInvalid);
    assert!(refused.message.contains("IKEv1"), "{refused}");
}

#[test]
fn a_record_of_a_newer_version_is_refused_clearly_and_left_alone() {
    let (host, _) = Host::installed();
    let key = personal("com.example.app");
    let text = String::from_utf8(host.store[&key].clone()).unwrap();
    let newer = text.replacen("\"version\":1", "\"version\":2", 1);
    assert_ne!(newer, text);
    assert_eq!(generation_of(newer.as_bytes()), Err(RecordError::Newer { found: RECORD_VERSION + 1 }));
    let mut host = Host::new();
    host.store.insert(key.clone(), newer.clone().into_bytes());
    let manager = host.system.shared();
    let error = host.load(manager).unwrap_err();
    assert_eq!(error.code, VpnErrorCode::ConfigurationReadWriteFailed);
    assert!(error.message.contains("version 2"), "{error}");
    assert_eq!(code(host.save(manager)), VpnErrorCode::ConfigurationStale);
    assert_eq!(host.store[&key], newer.into_bytes());
}

#[test]
fn a_damaged_record_is_refused_without_quoting_it() {
    let (mut host, _) = Host::installed();
    let key = personal("com.example.app");
    let record = host.store.remove(&key).unwrap();
    for length in 0..record.len() {
        assert!(generation_of(&record[..length]).is_err());
    }
    for broken in
        ["", "{}", "[]", "{\"version\":1,\"generation\":1,\"configuration\":{\"secret\":\"hunter2\"}}"]
    {
        let mut host = Host::new();
        host.store.insert(key.clone(), broken.as_bytes().to_vec());
        let manager = host.system.shared();
        let error = host.load(manager).unwrap_err();
        assert_eq!(error.code, VpnErrorCode::ConfigurationReadWriteFailed);
        assert!(!error.message.contains("hunter2"), "{error}");
    }
    let huge = vec![b' '; adit_manager::preferences::MAX_RECORD_BYTES + 1];
    assert!(matches!(generation_of(&huge), Err(RecordError::TooLarge { .. })));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_record_of_another_process_with_an_older_number_can_be_loaded_and_saved() {
    let (mut host, manager) = Host::installed();
    let (mut other, theirs) = Host::installed();
    host.save(manager).unwrap();
    host.remove(manager).unwrap();
    other.save(theirs).unwrap();
    host.store.clone_from(&other.store);
    host.secrets.clone_from(&other.secrets);
    host.load(manager).unwrap();
    assert!(host.system.configuration(manager).unwrap().is_enabled);
    host.save(manager).unwrap();
    let key = personal("com.example.app");
    assert!(generation_of(&host.store[&key]).unwrap() > 2, "numbers never go back");
}

#[test]
fn a_copy_stays_fresh_when_nothing_changed_after_all() {
    let (mut host, manager) = Host::installed();
    host.system.store_changed(&personal("com.example.app"));
    let other = host.system.manager(personal("com.example.app"));
    host.load(other).unwrap();
    host.save(manager).unwrap();
}
