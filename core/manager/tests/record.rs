//! Configurations of all kinds survive being stored.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod host;

use adit_manager::on_demand::{
    EvaluateConnectionRule, EvaluateConnectionRuleAction, OnDemandRule, OnDemandRuleInterfaceType,
};
use adit_manager::per_app::{AppRule, PerApp};
use adit_manager::protocol::{
    AuthenticationMethod, CertificateType, DeadPeerDetectionRate, DiffieHellmanGroup, EncryptionAlgorithm,
    Ikev2Protocol, IntegrityAlgorithm, PostQuantumKeyExchangeMethod, PpkConfiguration, Protocol,
    ProtocolConfiguration, ProxyServer, ProxySettings, SecurityAssociationParameters, TlsVersion,
};
use adit_manager::{Configuration, ManagedSettings, SecretReference};
use host::{Host, personal};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn reference() -> impl Strategy<Value = SecretReference> {
    prop::collection::vec(any::<u8>(), 0..20).prop_map(SecretReference)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z]{1,10}"]
}

fn texts() -> impl Strategy<Value = Option<Vec<String>>> {
    option::of(prop::collection::vec(text(), 0..3))
}

fn association() -> impl Strategy<Value = SecurityAssociationParameters> {
    let methods = [PostQuantumKeyExchangeMethod::Method36, PostQuantumKeyExchangeMethod::Method37];
    (
        select(EncryptionAlgorithm::ALL),
        select(IntegrityAlgorithm::ALL),
        select(&DiffieHellmanGroup::ALL[1..]),
        10_u32..=1440,
        prop::sample::subsequence(methods.to_vec(), 0..=2),
    )
        .prop_map(|(encryption, integrity, group, lifetime, methods)| SecurityAssociationParameters {
            encryption_algorithm: encryption,
            integrity_algorithm: integrity,
            diffie_hellman_group: group,
            lifetime_minutes: lifetime,
            post_quantum_key_exchange_methods: methods,
        })
}

fn proxy() -> impl Strategy<Value = ProxySettings> {
    let server = || {
        ("[a-z]{1,8}", 1_u16.., any::<bool>(), option::of(text()), option::of(reference())).prop_map(
            |(address, port, required, username, password)| ProxyServer {
                authentication_required: required,
                username,
                password_reference: password,
                ..ProxyServer::new(address, port)
            },
        )
    };
    (server(), option::of(server()), texts(), texts(), any::<[bool; 2]>(), text()).prop_map(
        |(http, https, exceptions, domains, [on, simple], script)| ProxySettings {
            auto_proxy_configuration_enabled: on,
            proxy_auto_configuration_javascript: Some(script),
            http_enabled: on,
            http_server: Some(http),
            https_enabled: https.is_some(),
            https_server: https,
            exclude_simple_hostnames: simple,
            exception_list: exceptions,
            match_domains: domains,
            proxy_auto_configuration_url: None,
        },
    )
}

fn base() -> impl Strategy<Value = Protocol> {
    (
        (option::of(text()), option::of(reference()), option::of(reference()), option::of("[a-z:]{1,9}")),
        option::of(proxy()),
        any::<[bool; 7]>(),
    )
        .prop_map(|((username, password, identity, slice), proxy, flags)| {
            let [sleep, all, local, cellular, apns, devices, enforce] = flags;
            Protocol {
                server_address: Some("vpn.example.com".into()),
                username,
                password_reference: password,
                identity_reference: identity,
                identity_data_reference: None,
                identity_data_password_reference: None,
                disconnect_on_sleep: sleep,
                proxy_settings: proxy,
                include_all_networks: all,
                exclude_local_networks: local,
                exclude_cellular_services: cellular,
                exclude_apns: apns,
                exclude_device_communication: devices,
                enforce_routes: enforce,
                slice_uuid: slice,
            }
        })
}

fn protocol() -> impl Strategy<Value = ProtocolConfiguration> {
    (
        (base(), association(), association(), reference(), option::of((text(), reference(), any::<bool>()))),
        (
            select(DeadPeerDetectionRate::ALL),
            select(CertificateType::ALL),
            option::of(text()),
            1280_u16..=1400,
        ),
        (any::<[bool; 9]>(), prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..3)),
        any::<bool>(),
    )
        .prop_map(
            |((base, ike, child, secret, ppk), (rate, kind, name, mtu), (flags, anchors), ikev1)| {
                let [subnets, mobike, redirect, pfs, fallback, revocation, second, strict, offload] = flags;
                let mut settings = Ikev2Protocol {
                    ike_security_association_parameters: ike,
                    child_security_association_parameters: child,
                    dead_peer_detection_rate: rate,
                    server_certificate_common_name: name,
                    certificate_type: kind,
                    use_configuration_attribute_internal_ip_subnet: subnets,
                    disable_mobike: mobike,
                    disable_redirect: redirect,
                    enable_pfs: pfs,
                    allow_post_quantum_key_exchange_fallback: fallback,
                    enable_revocation_check: revocation,
                    strict_revocation_check: strict,
                    enable_fallback: second,
                    mtu,
                    minimum_tls_version: TlsVersion::Version1_2,
                    maximum_tls_version: TlsVersion::Version1_3,
                    trusted_certificates: anchors,
                    ppk_configuration: ppk.map(|(identifier, reference, mandatory)| PpkConfiguration {
                        is_mandatory: mandatory,
                        ..PpkConfiguration::new(format!("id{identifier}"), reference)
                    }),
                    ..Ikev2Protocol::default()
                };
                settings.profile_only.nat_keepalive_offload_disabled = offload;
                settings.ipsec.base = base;
                settings.ipsec.remote_identifier = Some("vpn.example.com".into());
                settings.ipsec.authentication_method = AuthenticationMethod::SharedSecret;
                settings.ipsec.shared_secret_reference = Some(secret);
                if ikev1 {
                    ProtocolConfiguration::Ipsec(Box::new(settings.ipsec))
                } else {
                    ProtocolConfiguration::Ikev2(Box::new(settings))
                }
            },
        )
}

fn rule() -> impl Strategy<Value = OnDemandRule> {
    let connection = (prop::collection::vec(text(), 1..3), any::<bool>(), texts()).prop_map(
        |(domains, needed, servers)| EvaluateConnectionRule {
            use_dns_servers: servers,
            ..EvaluateConnectionRule::new(
                domains,
                if needed {
                    EvaluateConnectionRuleAction::ConnectIfNeeded
                } else {
                    EvaluateConnectionRuleAction::NeverConnect
                },
            )
        },
    );
    let rule = prop_oneof![
        Just(OnDemandRule::connect()),
        Just(OnDemandRule::disconnect()),
        Just(OnDemandRule::ignore()),
        prop::collection::vec(connection, 1..3).prop_map(OnDemandRule::evaluate_connection),
    ];
    (rule, texts(), texts(), texts(), select(OnDemandRuleInterfaceType::ALL)).prop_map(
        |(rule, domains, servers, ssids, interface)| OnDemandRule {
            dns_search_domain_match: domains,
            dns_server_address_match: servers,
            ssid_match: ssids,
            interface_type_match: interface,
            ..rule
        },
    )
}

fn configuration() -> impl Strategy<Value = Configuration> {
    let per_app = prop::collection::vec(text(), 0..3).prop_map(|apps| PerApp {
        vpn_uuid: "A".into(),
        apps: apps.into_iter().map(AppRule::new).collect(),
        ..PerApp::default()
    });
    (
        protocol(),
        any::<[bool; 4]>(),
        option::of(text()),
        option::of(prop::collection::vec(rule(), 0..4)),
        option::of(any::<u32>()),
        option::of(per_app),
    )
        .prop_map(|(protocol, [enabled, on_demand, matching, forbidden], name, rules, idle, per_app)| {
            Configuration {
                is_enabled: enabled,
                localized_description: name,
                is_on_demand_enabled: on_demand,
                on_demand_rules: rules,
                managed: ManagedSettings {
                    profile_matching: matching,
                    on_demand_user_override_disabled: forbidden,
                    disconnect_on_idle_seconds: idle,
                    per_app,
                },
                ..Configuration::new(protocol)
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stored_record_goes_round(configuration in configuration()) {
        let mut host = Host::new();
        let manager = host.system.shared();
        host.install(manager, configuration.clone());
        let mut again = Host::new();
        again.store.clone_from(&host.store);
        let manager = again.system.shared();
        again.load(manager).unwrap();
        prop_assert_eq!(again.system.configuration(manager), Some(&configuration));
    }

    #[test]
    fn a_damaged_record_never_panics_and_is_never_half_read(
        configuration in configuration(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut host = Host::new();
        let manager = host.system.shared();
        host.install(manager, configuration.clone());
        let key = personal("com.example.app");
        let mut record = host.store[&key].clone();
        let at = at.index(record.len());
        record[at] = byte;
        let mut again = Host::new();
        again.store.insert(key, record);
        let manager = again.system.shared();
        if again.load(manager).is_err() {
            prop_assert_eq!(again.system.configuration(manager), Some(&Configuration::default()));
        }
    }
}
