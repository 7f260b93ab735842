//! Addresses, name servers, networks and traffic selectors: what is asked for, what is given, what is taken.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test: a broken expectation has to fail it"
)]

mod support;

use adit_esp::TrafficSelector;
use adit_ike::config::ConfigRequest;
use adit_ike::identity::Identity;
use adit_ike::wire::*;
use adit_ike::{AssignedConfig, ChildEvent, CloseReason, Event, Failure, LeaseRequest, Question};
use support::raw::{Raw, find, id_payload};
use support::{Pair, established, initiator, lease, responder};

fn with(request: ConfigRequest) -> Pair {
    let mut client = initiator();
    client.request = request;
    Pair::established(client, responder())
}

fn asked(pair: &Pair) -> &LeaseRequest {
    pair.gateway_events
        .iter()
        .find_map(|event| match event {
            Event::Ask { question: Question::Lease(request), .. } => Some(request),
            _ => None,
        })
        .unwrap()
}

fn selectors(events: &[Event]) -> (Vec<String>, Vec<String>) {
    let inbound = events.iter().find_map(|event| match event {
        Event::Child(ChildEvent::Install { inbound, .. }) => Some(inbound),
        _ => None,
    });
    let list = |selectors: &[TrafficSelector]| selectors.iter().map(ToString::to_string).collect();
    let selectors = &inbound.unwrap().selectors;
    (list(selectors.local()), list(selectors.remote()))
}

#[test]
fn only_the_families_asked_for_are_assigned_and_carried() {
    let v4 = with(ConfigRequest { ipv4: true, ..ConfigRequest::default() });
    let expected = AssignedConfig { ipv4: lease().ipv4, dns: lease().dns, ..AssignedConfig::default() };
    assert_eq!(established(&v4.client_events).assigned, expected);
    assert!(asked(&v4).ipv4.is_some() && asked(&v4).ipv6.is_none() && asked(&v4).initial_contact);
    assert_eq!(selectors(&v4.gateway_events).1, ["10.97.0.5/32"]);

    let v6 = with(ConfigRequest { ipv6: true, ..ConfigRequest::default() });
    let expected = AssignedConfig { ipv6: lease().ipv6, ..AssignedConfig::default() };
    assert_eq!(established(&v6.client_events).assigned, expected);
    assert!(asked(&v6).ipv4.is_none() && asked(&v6).ipv6.is_some());
    assert_eq!(selectors(&v6.gateway_events).1, ["fd00::5/128"]);

    let all = with(ConfigRequest { ipv4: true, ipv6: true, subnets: true, domains: true });
    assert_eq!(established(&all.client_events).assigned, lease());
    assert_eq!(asked(&all).identity.to_string(), "client@rig.test");
}

#[test]
fn one_family_of_two_is_enough() {
    let mut pair = Pair::new(initiator(), responder());
    pair.lease = Some(AssignedConfig { ipv6: None, ..lease() });
    pair.settle();
    let assigned = &established(&pair.client_events).assigned;
    assert!(assigned.ipv4.is_some() && assigned.ipv6.is_none());
    pair.assert_one_child();
}

#[test]
fn a_refused_lease_ends_both_sides_with_a_reason_and_leaves_nothing() {
    for lease in [None, Some(AssignedConfig::default())] {
        let mut pair = Pair::new(initiator(), responder());
        pair.lease = lease;
        pair.settle();
        for reason in [pair.client_closed(), pair.gateway_closed()] {
            let Some(CloseReason::Failed(failure)) = reason else { panic!("{reason:?}") };
            assert_eq!(failure, &Failure::NoAddress);
            assert!(!failure.is_permanent() && failure.advice().contains("pool"));
        }
        assert!(Pair::children(&pair.client_events).is_empty());
        assert!(pair.client.poll_timeout().is_none() && pair.gateway().poll_timeout().is_none());
    }
}

#[test]
fn a_host_that_does_not_answer_is_not_waited_for() {
    let mut raw = Raw::client(responder(), |_| {});
    let id = Identity::from_text("client@rig.test").unwrap();
    let auth = raw.secret_auth(Role::Initiator, &id, b"rig secret");
    let request = raw.auth_request(&id, vec![auth]);
    let mut datagrams = raw.channel.request(raw.now, ExchangeType::IKE_AUTH, &request).unwrap().to_vec();
    for datagram in &mut datagrams {
        raw.session.handle_message(raw.now, raw.path, datagram).unwrap();
    }
    // The question is there; the client asks again meanwhile.
    let asked =
        std::iter::from_fn(|| raw.session.poll_event()).any(|event| matches!(event, Event::Ask { .. }));
    assert!(asked && raw.session.is_half_open() && raw.session.spis().is_some());
    assert!(raw.session.handle_message(raw.now, raw.path, &mut datagrams[0]).is_err());
    let (at, _) = raw.session.poll_timeout().unwrap();
    raw.session.handle_timeout(at);
    raw.pump();
    assert_eq!(raw.closed(), Some(&CloseReason::Failed(Failure::HostSilent)));
    let answer = raw.inbox.iter().find(|(header, _)| header.flags.response).unwrap();
    assert!(find(&answer.1, NotifyType::INTERNAL_ADDRESS_FAILURE).is_some());
}

#[test]
fn a_client_that_wants_no_address_is_told_that_it_must() {
    let mut raw = Raw::client(responder(), |_| {});
    let id = Identity::from_text("client@rig.test").unwrap();
    let auth = raw.secret_auth(Role::Initiator, &id, b"rig secret");
    let mut request = raw.auth_request(&id, vec![auth]);
    request.retain(|payload| !matches!(payload, Payload::Cp(_)));
    let answer = raw.ask(ExchangeType::IKE_AUTH, &request);
    assert!(find(&answer, NotifyType::FAILED_CP_REQUIRED).is_some());
    // We prove ourselves all the same, and delete what is of no use.
    assert!(answer.iter().any(|payload| matches!(payload, Payload::Auth(_))));
    let (_, delete) = raw.request().expect("a Delete");
    assert!(matches!(&delete[0], Payload::Delete(delete) if delete.protocol == ProtocolId::IKE));
}

#[test]
fn traffic_selectors_are_narrowed_to_what_both_sides_allow() {
    let mut client = initiator();
    let mut gateway = responder();
    let net = |text: &str, prefix| TrafficSelector::from_prefix(text.parse().unwrap(), prefix).unwrap();
    gateway.common.child.local = vec![net("10.98.0.0", 16), net("192.168.7.0", 24)];
    let mut pair = Pair::established(client.clone(), support::responder_from(&gateway));
    pair.assert_one_child();
    assert_eq!(selectors(&pair.client_events).1, ["10.98.0.0/16", "192.168.7.0/24"]);
    assert_eq!(selectors(&pair.client_events).0, selectors(&pair.gateway_events).1);
    // A rekey asks for the same and gets it.
    pair.client.request(pair.now, adit_ike::Command::RekeyChild);
    pair.settle();
    pair.assert_one_child();

    client.common.child.remote = vec![net("10.98.3.0", 24)];
    let pair = Pair::established(client.clone(), support::responder_from(&gateway));
    assert_eq!(selectors(&pair.gateway_events).0, ["10.98.3.0/24"]);

    client.common.child.remote = vec![net("172.16.0.0", 12)];
    let mut pair = Pair::new(client, gateway);
    pair.settle();
    for reason in [pair.client_closed(), pair.gateway_closed()] {
        assert!(matches!(reason, Some(CloseReason::Failed(Failure::TrafficSelectors { .. }))), "{reason:?}");
    }
}

fn answer_with(cp: Configuration) -> Raw {
    let server_id = Identity::from_text("vpn.rig.test").unwrap();
    let mut raw = Raw::server(initiator(), |_| {});
    let (_, asked) = raw.request().unwrap();
    let auth = raw.secret_auth(Role::Responder, &server_id, b"rig secret");
    let mut answer = raw.auth_response(&asked, vec![Payload::IdR(id_payload(&server_id)), auth]);
    for payload in &mut answer {
        if matches!(payload, Payload::Cp(_)) {
            *payload = Payload::Cp(cp.clone());
        }
    }
    raw.respond(&answer);
    raw
}

#[test]
fn a18_malformed_and_many_attributes_are_passed_over_with_one_warning_each() {
    use ConfigAttributeType as T;
    let raw_attribute =
        |attribute_type, value: &[u8]| ConfigAttribute { attribute_type, data: value.to_vec() };
    let mut attributes = vec![
        ConfigAttribute::ip4(T::INTERNAL_IP4_ADDRESS, "10.97.0.5".parse().unwrap()),
        // IPv6 address cut short, prefix 129, netmask with a hole, broken domain.
        raw_attribute(T::INTERNAL_IP6_ADDRESS, &[7; 15]),
        raw_attribute(T::INTERNAL_IP6_ADDRESS, &[129; 17]),
        raw_attribute(T::INTERNAL_IP4_NETMASK, &[255, 0, 255, 0]),
        raw_attribute(T::INTERNAL_IP4_DNS, &[1, 2, 3]),
        raw_attribute(T::INTERNAL_DNS_DOMAIN, &[0xff, 0xfe]),
        raw_attribute(T(30_000), &[1; 200]),
    ];
    for n in 0..1000_u32 {
        attributes.push(ConfigAttribute::ip4(T::INTERNAL_IP4_DNS, (0x0a00_0000 + n).into()));
        attributes.push(raw_attribute(T::INTERNAL_IP4_DNS, &[9]));
    }
    let raw = answer_with(Configuration { config_type: ConfigType::REPLY, attributes: attributes.clone() });
    if raw.closed().is_some() {
        // So many that the message is refused as a whole.
        attributes.truncate(7 + 150);
    }
    let raw = answer_with(Configuration { config_type: ConfigType::REPLY, attributes });
    let assigned = &established(&raw.events).assigned;
    assert_eq!(assigned.ipv4, Some(("10.97.0.5".parse().unwrap(), 32)));
    assert_eq!((assigned.ipv6, assigned.domains.len()), (None, 0));
    assert!(assigned.dns.len() <= 64);
    let warnings = raw.events.iter().filter(|event| matches!(event, Event::Warning(_))).count();
    assert!((1..=2).contains(&warnings), "{warnings}");
}

#[test]
fn a13_selector_payloads_of_any_shape_are_refused_or_read() {
    let any = support::raw::any_selectors();
    let Payload::TsI(all) = &any[0] else { panic!() };
    let cases: Vec<(Vec<Selector>, bool)> = vec![
        (vec![all.selectors[0].clone(); 2], true),
        (vec![all.selectors[0].clone(); 255], false),
        (
            vec![Selector::Ip(IpSelector {
                protocol: 0,
                start_port: 0,
                end_port: 65_535,
                start: "10.0.0.9".parse().unwrap(),
                end: "10.0.0.1".parse().unwrap(),
            })],
            false,
        ),
    ];
    for (selectors, good) in cases {
        let mut raw = Raw::client(responder(), |_| {});
        let id = Identity::from_text("client@rig.test").unwrap();
        let auth = raw.secret_auth(Role::Initiator, &id, b"rig secret");
        let mut request = raw.auth_request(&id, vec![auth]);
        request.retain(|payload| !matches!(payload, Payload::TsR(_)));
        request.push(Payload::TsR(TrafficSelectors { selectors }));
        let answer = raw.ask(ExchangeType::IKE_AUTH, &request);
        assert_eq!(raw.events.iter().any(|event| matches!(event, Event::Established(_))), good);
        let refused = [NotifyType::TS_UNACCEPTABLE, NotifyType::INVALID_SYNTAX];
        assert_eq!(refused.iter().any(|kind| find(&answer, *kind).is_some()), !good);
    }
}
