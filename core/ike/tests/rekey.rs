//! Rekeys and further Child SAs with a peer that answers badly, asks badly, or too often.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test: a broken expectation has to fail it"
)]

mod support;

use std::time::Duration;

use adit_crypto::DhGroup;
use adit_ike::wire::*;
use adit_ike::{ChildEvent, CloseReason, Command, Event, Failure};
use support::raw::{Raw, find, is_only, notify};
use support::{Pair, config, initiator, responder};

const CREATE: ExchangeType = ExchangeType::CREATE_CHILD_SA;
const INFO: ExchangeType = ExchangeType::INFORMATIONAL;

fn children(raw: &Raw) -> Vec<(u32, u32)> {
    Pair::children(&raw.events)
}

/// A session that has just asked to rekey its Child SA, and the request.
fn rekeying() -> (Raw, Vec<Payload>) {
    let mut raw = Raw::established_server(initiator());
    raw.session.request(raw.now, Command::RekeyChild);
    raw.pump();
    let (exchange, asked) = raw.request().expect("a request");
    assert_eq!(exchange, CREATE);
    assert_eq!(find(&asked, NotifyType::REKEY_SA).unwrap().esp_spi(), Some(raw.child.1));
    (raw, asked)
}

#[test]
fn child_rekey_works_with_and_without_pfs_from_both_sides() {
    for groups in
        [vec![], vec![DhGroup::NONE], vec![DhGroup::MODP_2048], vec![DhGroup::ECP_521, DhGroup::NONE]]
    {
        let (mut client, mut gateway) = (initiator(), responder());
        client.common.child.proposals[0].groups = groups.clone();
        gateway.common.child.proposals[0].groups = groups.clone();
        let mut pair = Pair::established(client, gateway);
        for round in 0..4 {
            let before = Pair::children(&pair.client_events);
            let now = pair.now;
            if round % 2 == 0 {
                pair.client.request(now, Command::RekeyChild);
            } else {
                pair.gateway().request(now, Command::RekeyChild);
            }
            pair.settle();
            pair.assert_one_child();
            assert_ne!(before, Pair::children(&pair.client_events));
        }
        let groups_used = pair.client_events.iter().filter_map(|event| match event {
            Event::Child(ChildEvent::Install { suite, replaces: Some(_), .. }) => Some(suite.group),
            _ => None,
        });
        let expected = groups.first().copied().unwrap_or(DhGroup::NONE);
        assert!(groups_used.into_iter().all(|group| group == expected));
    }
}

#[test]
fn invalid_ke_payload_is_followed_in_rekeys_of_both_kinds() {
    let (mut client, mut gateway) = (initiator(), responder());
    client.common.child.proposals[0].groups = vec![DhGroup::ECP_384, DhGroup::CURVE25519];
    gateway.common.child.proposals[0].groups = vec![DhGroup::CURVE25519];
    gateway.common.ike_proposals[0].groups = vec![DhGroup::CURVE25519];
    client.common.ike_proposals[0].groups = vec![DhGroup::ECP_384, DhGroup::CURVE25519];
    let mut pair = Pair::established(client, gateway);
    let before = Pair::children(&pair.client_events);
    pair.client.request(pair.now, Command::RekeyChild);
    pair.settle();
    pair.assert_one_child();
    assert_ne!(before, Pair::children(&pair.client_events));
}

#[test]
fn invalid_ke_payload_is_not_followed_for_ever_or_elsewhere() {
    for (data, followed) in
        [(vec![0, 31], 0), (vec![0, 2], 0), (vec![0, 0], 0), (vec![], 0), (vec![0, 14, 1], 0)]
    {
        let (mut raw, _) = rekeying();
        raw.respond(&[Payload::Notify(Notify::new(NotifyType::INVALID_KE_PAYLOAD, data.clone()))]);
        assert_eq!(usize::from(raw.request().is_some()), followed, "{data:?}");
        assert!(raw.closed().is_none());
        assert_eq!(children(&raw).len(), 1);
        // It is tried again later.
        raw.wait(Duration::from_secs(25));
        assert_eq!(raw.request().unwrap().0, CREATE);
    }
    let mut config = initiator();
    config.common.child.proposals[0].groups = vec![DhGroup::CURVE25519, DhGroup::ECP_256];
    let mut raw = Raw::established_server(config);
    raw.session.request(raw.now, Command::RekeyChild);
    raw.pump();
    let mut requests = 0;
    while let Some((_, asked)) = raw.request() {
        requests += 1;
        let used = asked.iter().find_map(|payload| match payload {
            Payload::Ke(ke) => Some(ke.group),
            _ => None,
        });
        let other = if used == Some(DhGroup::ECP_256) { [0, 31] } else { [0, 19] };
        raw.respond(&[Payload::Notify(Notify::new(NotifyType::INVALID_KE_PAYLOAD, other))]);
    }
    assert_eq!(requests, 3, "the first and two more");
}

#[test]
fn d07_a_reply_that_is_not_what_was_asked_for_is_refused_and_deleted() {
    type Change = fn(&mut Vec<Payload>);
    fn sa(payloads: &mut [Payload]) -> &mut Proposal {
        let Some(Payload::Sa(sa)) = payloads.iter_mut().find(|payload| matches!(payload, Payload::Sa(_)))
        else {
            panic!()
        };
        &mut sa.proposals[0]
    }
    fn set(payloads: &mut [Payload], kind: TransformType, new: Transform) {
        let transforms = &mut sa(payloads).transforms;
        transforms.retain(|transform| transform.transform_type != kind);
        transforms.push(new);
    }
    let changes: [(&str, Change); 12] = [
        ("other mode", |payloads| payloads.push(notify(NotifyType::USE_TRANSPORT_MODE))),
        ("other protocol", |payloads| sa(payloads).protocol = ProtocolId::AH),
        ("IKE", |payloads| {
            sa(payloads).protocol = ProtocolId::IKE;
            sa(payloads).spi = vec![9; 8];
        }),
        ("weaker cipher", |payloads| {
            set(payloads, TransformType::ENCR, Transform::with_key_length(TransformType::ENCR, 12, 128));
        }),
        ("no encryption", |payloads| {
            set(payloads, TransformType::ENCR, Transform::new(TransformType::ENCR, 11));
        }),
        ("ESN", |payloads| set(payloads, TransformType::ESN, Transform::new(TransformType::ESN, 1))),
        ("no KE", |payloads| payloads.retain(|payload| payload.payload_type() != PayloadType::KE)),
        ("no PFS", |payloads| {
            payloads.retain(|payload| payload.payload_type() != PayloadType::KE);
            sa(payloads).transforms.retain(|transform| transform.transform_type != TransformType::KE);
        }),
        ("other group", |payloads| {
            set(payloads, TransformType::KE, Transform::new(TransformType::KE, 19));
        }),
        ("reserved SPI", |payloads| sa(payloads).spi = vec![0, 0, 0, 255]),
        ("bad public value", |payloads| {
            for payload in payloads {
                if let Payload::Ke(ke) = payload {
                    ke.data.fill(0);
                }
            }
        }),
        ("two proposals", |payloads| {
            let Some(Payload::Sa(sa)) = payloads.iter_mut().find(|payload| matches!(payload, Payload::Sa(_)))
            else {
                panic!()
            };
            let mut second = sa.proposals[0].clone();
            second.number = 2;
            sa.proposals.push(second);
        }),
    ];
    for (name, change) in changes {
        let (mut raw, asked) = rekeying();
        let before = children(&raw);
        let mut answer = raw.child_response(&asked, 0xc0de_0002);
        change(&mut answer);
        refused(&mut raw, &asked, &answer, &before, name);
    }
}

fn refused(raw: &mut Raw, asked: &[Payload], answer: &[Payload], before: &[(u32, u32)], name: &str) {
    raw.respond(answer);
    assert_eq!(children(raw), before, "{name}: the old one stays alone");
    let (exchange, delete) = raw.request().unwrap_or_else(|| panic!("{name}: {:#?}", raw.events));
    let Payload::Delete(delete) = &delete[0] else { panic!("{name}: {delete:?}") };
    let Some(Payload::Sa(sa)) = asked.iter().find(|payload| matches!(payload, Payload::Sa(_))) else {
        panic!()
    };
    assert_eq!((exchange, delete.spis.clone()), (INFO, vec![sa.proposals[0].esp_spi().unwrap()]), "{name}");
    assert!(raw.closed().is_none());
    raw.respond(&[]);
    assert_eq!(children(raw), before);
}

#[test]
fn d07_a_reply_with_wider_selectors_is_refused_and_deleted() {
    let mut config = initiator();
    config.common.child.remote = vec![adit_esp::TrafficSelector::host("10.98.0.1".parse().unwrap())];
    let mut raw = Raw::server(config, |_| {});
    let (_, asked) = raw.request().unwrap();
    let id = adit_ike::identity::Identity::from_text("vpn.rig.test").unwrap();
    let auth = raw.secret_auth(Role::Responder, &id, b"rig secret");
    let mut answer = raw.auth_response(&asked, vec![Payload::IdR(support::raw::id_payload(&id)), auth]);
    let ts = |asked: &[Payload], kind| {
        asked.iter().find(|payload| payload.payload_type() == kind).unwrap().clone()
    };
    let narrow = [ts(&asked, PayloadType::TSI), ts(&asked, PayloadType::TSR)];
    // In IKE_AUTH it ends the session.
    {
        let mut raw = Raw::server(
            {
                let mut config = initiator();
                config.common.child.remote =
                    vec![adit_esp::TrafficSelector::host("10.98.0.1".parse().unwrap())];
                config
            },
            |_| {},
        );
        let (_, asked) = raw.request().unwrap();
        let auth = raw.secret_auth(Role::Responder, &id, b"rig secret");
        let wide = raw.auth_response(&asked, vec![Payload::IdR(support::raw::id_payload(&id)), auth]);
        raw.respond(&wide);
        assert!(matches!(raw.closed(), Some(CloseReason::Failed(Failure::TrafficSelectors { .. }))));
    }
    answer.retain(|payload| !matches!(payload, Payload::TsI(_) | Payload::TsR(_)));
    answer.extend(narrow);
    raw.respond(&answer);
    support::established(&raw.events);
    raw.session.request(raw.now, Command::RekeyChild);
    raw.pump();
    let (_, asked) = raw.request().unwrap();
    let before = children(&raw);
    let wide = raw.child_response(&asked, 0xc0de_0002);
    refused(&mut raw, &asked, &wide, &before, "wide selectors");
}

#[test]
fn temporary_failure_is_tried_again_and_child_sa_not_found_replaced() {
    let (mut raw, _) = rekeying();
    raw.respond(&[notify(NotifyType::TEMPORARY_FAILURE)]);
    assert!(raw.request().is_none());
    raw.wait(Duration::from_secs(25));
    let (_, asked) = raw.request().expect("again");
    assert!(find(&asked, NotifyType::REKEY_SA).is_some());
    raw.respond(&[Payload::Notify(Notify::about_esp(NotifyType::CHILD_SA_NOT_FOUND, raw.child.1))]);
    assert!(children(&raw).is_empty(), "the peer has it no longer");
    let (exchange, asked) = raw.request().expect("a new one");
    assert!(exchange == CREATE && find(&asked, NotifyType::REKEY_SA).is_none());
    let answer = raw.child_response(&asked, 0xc0de_0002);
    raw.respond(&answer);
    assert_eq!(children(&raw).len(), 1);
    assert_eq!(Pair::sealing(&raw.events), Some(0xc0de_0002));
}

#[test]
fn d06_a_child_sa_that_the_peer_deletes_while_we_rekey_it_is_made_again() {
    for error in
        [NotifyType::TEMPORARY_FAILURE, NotifyType::CHILD_SA_NOT_FOUND, NotifyType::NO_PROPOSAL_CHOSEN]
    {
        let (mut raw, _) = rekeying();
        raw.ask(INFO, &[Payload::Delete(Delete::esp([raw.child.0]))]);
        assert!(children(&raw).is_empty());
        raw.respond(&[notify(error)]);
        let (exchange, asked) = raw.request().unwrap_or_else(|| panic!("{error}"));
        assert!(exchange == CREATE && find(&asked, NotifyType::REKEY_SA).is_none());
    }
}

#[test]
fn a_peer_that_refuses_every_child_sa_is_left() {
    let mut raw = Raw::established_server(initiator());
    raw.ask(INFO, &[Payload::Delete(Delete::esp([raw.child.0]))]);
    for _ in 0..3 {
        assert!(raw.closed().is_none());
        raw.wait(Duration::from_secs(11));
        let (exchange, _) = raw.request().expect("a request");
        assert_eq!(exchange, CREATE);
        raw.respond(&[notify(NotifyType::NO_ADDITIONAL_SAS)]);
    }
    let Some(CloseReason::Failed(failure)) = raw.closed() else { panic!("{:#?}", raw.events) };
    assert!(!failure.is_permanent(), "a new session may be better");
}

#[test]
fn d06_requests_about_unknown_child_sas_and_in_a_closing_session() {
    let mut raw = Raw::established_client(responder());
    let request = raw.child_request(Some(0x1234_5678), 0xc0de_0002);
    let answer = raw.ask(CREATE, &request);
    let notify = find(&answer, NotifyType::CHILD_SA_NOT_FOUND).expect("CHILD_SA_NOT_FOUND");
    assert_eq!((notify.esp_spi(), answer.len()), (Some(0x1234_5678), 1));
    // The session's own SPI is not what REKEY_SA names.
    let request = raw.child_request(Some(raw.child.1), 0xc0de_0002);
    assert!(find(&raw.ask(CREATE, &request), NotifyType::CHILD_SA_NOT_FOUND).is_some());
    assert_eq!(children(&raw).len(), 1);

    // A second rekey of one that has its successor.
    let request = raw.child_request(Some(raw.child.0), 0xc0de_0002);
    assert!(raw.ask(CREATE, &request).len() > 1);
    let request = raw.child_request(Some(raw.child.0), 0xc0de_0003);
    assert!(is_only(&raw.ask(CREATE, &request), NotifyType::TEMPORARY_FAILURE));

    raw.session.request(raw.now, Command::Close);
    raw.pump();
    raw.inbox.clear();
    let request = raw.child_request(None, 0xc0de_0004);
    assert!(is_only(&raw.ask(CREATE, &request), NotifyType::TEMPORARY_FAILURE));
    assert!(children(&raw).is_empty());
}

#[test]
fn a16_rekey_notifies_of_any_protocol_and_spi_size_get_a_valid_answer() {
    for protocol in [0, 1, 2, 255] {
        for size in [0, 3, 4, 8, 255] {
            let mut raw = Raw::established_client(responder());
            let mut request = raw.child_request(Some(1), 0xc0de_0002);
            let Payload::Notify(notify) = &mut request[0] else { panic!() };
            notify.protocol = ProtocolId(protocol);
            notify.spi = vec![7; size];
            let answer = raw.ask(CREATE, &request);
            let valid = [NotifyType::CHILD_SA_NOT_FOUND, NotifyType::INVALID_SYNTAX];
            assert!(valid.iter().any(|kind| is_only(&answer, *kind)), "{protocol} {size}: {answer:?}");
            assert!(children(&raw).len() <= 1);
        }
    }
}

#[test]
fn a05_a_request_that_lacks_a_payload_ends_the_session_on_both_sides() {
    let kinds = [PayloadType::SA, PayloadType::NONCE, PayloadType::TSI, PayloadType::TSR];
    for kind in kinds {
        let mut raw = Raw::established_client(responder());
        let mut request = raw.child_request(Some(raw.child.0), 0xc0de_0002);
        request.retain(|payload| payload.payload_type() != kind);
        assert!(is_only(&raw.ask(CREATE, &request), NotifyType::INVALID_SYNTAX), "{kind}");
        assert!(matches!(raw.closed(), Some(CloseReason::Failed(Failure::Protocol { .. }))));
        assert!(children(&raw).is_empty());
    }
    // Without KE another group is asked for: PFS is what this side wants.
    let mut raw = Raw::established_client(responder());
    let mut request = raw.child_request(Some(raw.child.0), 0xc0de_0002);
    request.retain(|payload| payload.payload_type() != PayloadType::KE);
    assert!(is_only(&raw.ask(CREATE, &request), NotifyType::INVALID_KE_PAYLOAD));
    assert!(raw.closed().is_none());
    // And an answer of INVALID_SYNTAX ends it too.
    let (mut raw, _) = rekeying();
    raw.respond(&[notify(NotifyType::INVALID_SYNTAX)]);
    assert!(matches!(raw.closed(), Some(CloseReason::Failed(Failure::PeerError { .. }))));
}

#[test]
fn d08_child_rekeys_in_a_tight_loop_are_bounded() {
    let mut raw = Raw::established_client(responder());
    let mut agreed = 0;
    let mut old = raw.child.0;
    for n in 0..200 {
        let spi = 0xc0de_1000 + n;
        let request = raw.child_request(Some(old), spi);
        let answer = raw.ask(CREATE, &request);
        if answer.len() > 1 {
            agreed += 1;
            raw.ask(INFO, &[Payload::Delete(Delete::esp([old]))]);
            old = spi;
        } else {
            assert!(is_only(&answer, NotifyType::TEMPORARY_FAILURE));
        }
    }
    assert!(agreed <= 16, "{agreed}");
    assert_eq!(children(&raw).len(), 1);
    // Without deleting: a bounded number stays.
    let mut raw = Raw::established_client(responder());
    for n in 0..400 {
        let request = raw.child_request(None, 0xc0de_2000 + n);
        raw.ask(CREATE, &request);
        raw.now = raw.now + Duration::from_secs(1);
    }
    assert!(children(&raw).len() <= 17, "{}", children(&raw).len());
    assert!(raw.closed().is_none());
}

#[test]
fn d08_ike_rekeys_in_a_tight_loop_are_bounded() {
    let mut raw = Raw::established_client(responder());
    let mut agreed = 0;
    for _ in 0..100 {
        match raw.rekey_ike() {
            Ok(()) => agreed += 1,
            Err(answer) => assert!(is_only(&answer, NotifyType::TEMPORARY_FAILURE)),
        }
    }
    assert!(agreed > 0 && agreed <= 16, "{agreed}");
    assert_eq!(children(&raw).len(), 1, "the Child SA came along");
    // And the session still works.
    raw.wait(Duration::from_secs(5));
    raw.rekey_ike().unwrap();
    let request = raw.child_request(Some(raw.child.0), 0xc0de_0002);
    assert!(raw.ask(CREATE, &request).len() > 1);
}

#[test]
fn d16_children_come_along_and_the_old_sa_answers_until_it_is_deleted() {
    let mut raw = Raw::established_client(responder());
    raw.rekey_ike().unwrap();
    let mut new = std::mem::replace(&mut raw.channel, raw.former.pop().unwrap());
    // Under the old keys: liveness is answered, new work refused, a Delete of a Child SA counts.
    assert!(raw.ask(INFO, &[]).is_empty());
    let request = raw.child_request(Some(raw.child.0), 0xc0de_0002);
    assert!(is_only(&raw.ask(CREATE, &request), NotifyType::TEMPORARY_FAILURE));
    let answer = raw.ask(INFO, &[Payload::Delete(Delete::esp([raw.child.0]))]);
    let Payload::Delete(delete) = &answer[0] else { panic!("{answer:?}") };
    assert_eq!(delete.spis, [raw.child.1]);
    assert!(children(&raw).is_empty());
    assert!(raw.ask(INFO, &[Payload::Delete(Delete::ike_sa())]).is_empty());
    assert!(raw.closed().is_none(), "only the old SA is gone");
    // Its answer is repeated for a while.
    raw.wait(Duration::from_secs(20));
    std::mem::swap(&mut raw.channel, &mut new);
    assert!(raw.ask(INFO, &[]).is_empty());
    let request = raw.child_request(None, 0xc0de_0003);
    assert!(raw.ask(CREATE, &request).len() > 1);
}

#[test]
fn an_ike_rekey_reply_that_does_not_fit_ends_the_session() {
    let mut raw = Raw::established_server(initiator());
    raw.session.request(raw.now, Command::RekeyIke);
    raw.pump();
    let (_, asked) = raw.request().unwrap();
    let Some(Payload::Sa(offer)) = asked.iter().find(|payload| matches!(payload, Payload::Sa(_))) else {
        panic!()
    };
    let selected =
        adit_ike::proposal::select_ike(offer, &config().ike_proposals, &raw.provider, None).unwrap();
    let mut answer = selected.answer(&[9; 8]);
    answer.proposals[0].transforms.retain(|transform| transform.transform_type != TransformType::KE);
    answer.proposals[0].transforms.push(Transform::new(TransformType::KE, 2));
    let nonce = Payload::Nonce(Nonce(vec![7; 32]));
    let ke = Payload::Ke(KeyExchange { group: DhGroup::MODP_1024, data: vec![7; 128] });
    raw.respond(&[Payload::Sa(answer), nonce, ke]);
    assert!(matches!(raw.closed(), Some(CloseReason::Failed(Failure::Protocol { .. }))));
}

#[test]
fn an_ike_rekey_that_is_refused_is_tried_again_until_the_lifetime_ends() {
    let mut client = initiator();
    client.common.ike_lifetime = Duration::from_secs(100);
    client.common.liveness = None;
    let mut raw = Raw::established_server(client);
    let mut requests = 0;
    while raw.closed().is_none() {
        raw.wait(Duration::from_secs(1));
        if raw.request().is_some() {
            requests += 1;
            raw.respond(&[notify(NotifyType::NO_PROPOSAL_CHOSEN)]);
        }
        assert!(raw.now < support::raw::start() + Duration::from_secs(200));
    }
    assert!((3..=20).contains(&requests), "{requests}");
    assert!(matches!(raw.closed(), Some(CloseReason::Failed(Failure::LifetimeOver(adit_ike::Stage::Ike)))));
}

#[test]
fn a_close_waits_for_the_ike_sa_that_is_being_made() {
    let mut pair = Pair::established(initiator(), responder());
    pair.client.request(pair.now, Command::RekeyIke);
    pair.client.request(pair.now, Command::Close);
    pair.settle();
    assert_eq!(pair.client_closed(), Some(&CloseReason::Requested));
    assert_eq!(pair.gateway_closed(), Some(&CloseReason::DeletedByPeer), "not left with a new IKE SA");
    // But not for ever.
    let mut pair = Pair::established(initiator(), responder());
    pair.client.request(pair.now, Command::RekeyIke);
    pair.client.request(pair.now, Command::Close);
    let start = pair.now;
    while pair.client_closed().is_none() {
        pair.drop_queue();
        let Some((at, _)) = pair.client.poll_timeout() else { break };
        pair.now = pair.now.max(at);
        pair.client.handle_timeout(pair.now);
    }
    assert!(pair.now <= start + Duration::from_secs(3));
    assert_eq!(pair.client_closed(), Some(&CloseReason::Requested));
}
