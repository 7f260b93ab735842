//! Window, encryption and fragments together.

use std::time::Duration;

use proptest::prelude::*;

use super::{ciphers, pair};
use crate::exchange::*;
use crate::time::Instant;
use crate::wire::*;

const SPI_I: IkeSpi = IkeSpi([1; 8]);
const SPI_R: IkeSpi = IkeSpi([2; 8]);

/// Both ends of an SA, with cipher number `which` of the list.
fn ends(which: usize) -> (Channel, Channel) {
    let (provider, cipher) = ciphers().remove(which);
    let (sealer_i, opener_r) = pair(cipher, 7);
    let (sealer_r, opener_i) = pair(cipher, 8);
    let window = |role| Window::new(role, RetransmitPolicy::default());
    (
        Channel::new(provider, SPI_I, SPI_R, window(Role::Initiator), sealer_i, opener_i),
        Channel::new(provider, SPI_I, SPI_R, window(Role::Responder), sealer_r, opener_r),
    )
}

fn now() -> Instant {
    Instant::from_epoch(Duration::from_secs(1))
}

fn vendor(octets: usize) -> Payload {
    Payload::VendorId(VendorId(vec![9; octets]))
}

fn ask(channel: &mut Channel, payloads: &[Payload]) -> Vec<Vec<u8>> {
    channel.request(now(), ExchangeType::INFORMATIONAL, payloads).unwrap().to_vec()
}

fn expect_request(received: Received<'_>) -> Vec<Payload> {
    let Received::Request(_, payloads) = received else { panic!("{received:?}") };
    payloads
}

fn expect_response(received: Received<'_>) -> Vec<Payload> {
    let Received::Response(_, payloads) = received else { panic!("{received:?}") };
    payloads
}

fn expect_dropped(received: Received<'_>) -> Dropped {
    let Received::Dropped(dropped) = received else { panic!("{received:?}") };
    dropped
}

#[test]
fn requests_and_responses_cross_both_ways() {
    for which in 0..4 {
        let (mut client, mut server) = ends(which);
        for round in 0..3_usize {
            let asked = ask(&mut client, &[vendor(round)]);
            let also = ask(&mut server, &[vendor(100 + round)]);
            assert_eq!(expect_request(server.receive(&asked[0])), [vendor(round)]);
            assert_eq!(expect_request(client.receive(&also[0])), [vendor(100 + round)]);
            let answered = server.respond(&[vendor(200)]).unwrap().to_vec();
            assert_eq!(expect_response(client.receive(&answered[0])), [vendor(200)]);
            let answered = client.respond(&[]).unwrap().to_vec();
            assert_eq!(expect_response(server.receive(&answered[0])), []);
            assert_eq!((client.next_deadline(), server.next_deadline()), (None, None));
        }
    }
}

#[test]
fn d01_a_lost_response_is_sent_again_octet_for_octet() {
    let (mut client, mut server) = ends(0);
    let asked = ask(&mut client, &[vendor(1)]);
    expect_request(server.receive(&asked[0]));
    let in_progress = expect_dropped(server.receive(&asked[0]));
    assert_eq!(in_progress, Dropped::Unexpected(Unexpected::InProgress));
    let lost = server.respond(&[vendor(2)]).unwrap().to_vec();

    let deadline = client.next_deadline().unwrap();
    let OnTimeout::Retransmit(again) = client.on_timeout(deadline) else { panic!() };
    assert_eq!(again, asked);
    let Received::Resend(resent) = server.receive(&asked[0]) else { panic!() };
    assert_eq!(resent, lost);
    assert_eq!(expect_response(client.receive(&lost[0])), [vendor(2)]);
    let duplicate = expect_dropped(client.receive(&lost[0]));
    assert_eq!(duplicate, Dropped::Unexpected(Unexpected::UnsolicitedResponse { received: 0 }));
}

#[test]
fn d01_another_request_with_an_answered_message_id_is_dropped() {
    let (mut client, mut server) = ends(0);
    let (mut twin, _) = ends(0);
    let asked = ask(&mut client, &[vendor(1)]);
    let other = ask(&mut twin, &[vendor(2)]);
    expect_request(server.receive(&asked[0]));
    server.respond(&[]).unwrap();
    let dropped = expect_dropped(server.receive(&other[0]));
    assert_eq!(dropped, Dropped::Unexpected(Unexpected::ReusedMessageId { message_id: 0 }));
}

#[test]
fn d03_forged_messages_take_no_message_id() {
    let (mut client, mut server) = ends(0);
    let asked = ask(&mut client, &[vendor(1)]);
    let mut forged = asked[0].clone();
    *forged.last_mut().unwrap() ^= 1;
    let dropped = expect_dropped(server.receive(&forged));
    assert_eq!(dropped, Dropped::NotOpened(OpenError::BadIntegrity));
    assert_eq!(server.window().expected(), 0);
    assert_eq!(expect_request(server.receive(&asked[0])), [vendor(1)]);
    let answered = server.respond(&[]).unwrap().to_vec();
    let mut forged = answered[0].clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(expect_dropped(client.receive(&forged)), Dropped::NotOpened(OpenError::BadIntegrity));
    assert_eq!(client.window().outstanding(), Some(0));
    expect_response(client.receive(&answered[0]));
}

#[test]
fn b16_messages_for_other_spis_are_dropped() {
    let (mut client, mut server) = ends(0);
    let asked = ask(&mut client, &[]).remove(0);
    for at in [0, 7, 8, 15] {
        let mut other = asked.clone();
        other[at] ^= 1;
        assert_eq!(expect_dropped(server.receive(&other)), Dropped::WrongSpi);
    }
    let mut zero = asked.clone();
    zero[8..16].fill(0);
    assert_eq!(expect_dropped(server.receive(&zero)), Dropped::WrongSpi);
    // As the first exchange it may have no responder SPI, but it is not encrypted under our keys.
    zero[18] = ExchangeType::IKE_SA_INIT.0;
    assert!(matches!(expect_dropped(server.receive(&zero)), Dropped::NotOpened(_)));
    expect_request(server.receive(&asked));
}

#[test]
fn the_first_request_again_gets_the_first_response_again() {
    let (provider, cipher) = ciphers().remove(0);
    let (sealer, opener) = pair(cipher, 7);
    let flags = Flags::request(Role::Initiator);
    let header = Header::new(SPI_I, IkeSpi::ZERO, ExchangeType::IKE_SA_INIT, flags, 0);
    let first = Message { header, payloads: vec![vendor(50)] }.encode().unwrap();
    let mut window = Window::new(Role::Responder, RetransmitPolicy::default());
    assert!(window.begin_request(0));
    let fingerprint = Fingerprint::of(&provider, &first).unwrap();
    assert!(window.store_reply(0, fingerprint, vec![b"first response".to_vec()]));
    let mut server = Channel::new(provider, SPI_I, SPI_R, window, sealer, opener);
    let Received::Resend(reply) = server.receive(&first) else { panic!() };
    assert_eq!(reply, [b"first response".to_vec()]);
    let other = Message { header, payloads: vec![vendor(51)] }.encode().unwrap();
    assert!(matches!(expect_dropped(server.receive(&other)), Dropped::Unexpected(_)));
}

#[test]
fn fragments_both_ways_out_of_order_with_loss_and_duplicates() {
    for which in 0..4 {
        let (mut client, mut server) = ends(which);
        client.set_max_datagram(Some(400));
        server.set_max_datagram(Some(300));
        let mut asked = ask(&mut client, &[vendor(3_000)]);
        assert!(asked.len() > 3);
        let first = asked[0].clone();
        asked.reverse();
        let lost = asked.remove(1);
        for datagram in asked.iter().chain(&asked) {
            match server.receive(datagram) {
                Received::Incomplete => {}
                Received::Dropped(Dropped::Fragment(FragmentRefusal::Duplicate)) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(expect_request(server.receive(&lost)), [vendor(3_000)]);
        let late = expect_dropped(server.receive(&asked[1]));
        assert_eq!(late, Dropped::Unexpected(Unexpected::InProgress));
        let answered = server.respond(&[vendor(2_000)]).unwrap().to_vec();
        // The whole request comes again: one reply, on fragment 1.
        let mut resent = 0;
        for datagram in asked.iter().chain([&lost]) {
            match server.receive(datagram) {
                Received::Resend(reply) => {
                    assert_eq!((reply, datagram), (answered.as_slice(), &first));
                    resent += 1;
                }
                Received::Dropped(Dropped::Unexpected(Unexpected::AnsweredFragment)) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(resent, 1);
        let (last, before) = answered.split_last().unwrap();
        for datagram in before {
            assert!(matches!(client.receive(datagram), Received::Incomplete));
        }
        assert_eq!(expect_response(client.receive(last)), [vendor(2_000)]);
    }
}

#[test]
fn an_answered_request_cut_smaller_is_answered_again_if_it_is_authentic() {
    let (mut client, mut server) = ends(0);
    client.set_max_datagram(Some(500));
    let (mut twin, _) = ends(0);
    twin.set_max_datagram(Some(250));
    for datagram in ask(&mut client, &[vendor(1_000)]) {
        server.receive(&datagram);
    }
    let answered = server.respond(&[vendor(3)]).unwrap().to_vec();
    let smaller = ask(&mut twin, &[vendor(1_000)]);
    let mut forged = smaller[0].clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(expect_dropped(server.receive(&forged)), Dropped::NotOpened(OpenError::BadIntegrity));
    let Received::Resend(reply) = server.receive(&smaller[0]) else { panic!() };
    assert_eq!(reply, answered);
    let later = expect_dropped(server.receive(&smaller[1]));
    assert_eq!(later, Dropped::Unexpected(Unexpected::AnsweredFragment));
}

#[test]
fn b12_forged_fragments_are_not_stored() {
    let (mut client, mut server) = ends(0);
    client.set_max_datagram(Some(300));
    let asked = ask(&mut client, &[vendor(1_000)]);
    for datagram in &asked {
        let mut forged = datagram.clone();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(expect_dropped(server.receive(&forged)), Dropped::NotOpened(OpenError::BadIntegrity));
        // A larger total would replace the set, but the numbers are authenticated.
        let mut forged = datagram.clone();
        forged[35] += 1;
        assert_eq!(expect_dropped(server.receive(&forged)), Dropped::NotOpened(OpenError::BadIntegrity));
    }
    let (last, before) = asked.split_last().unwrap();
    for datagram in before {
        assert!(matches!(server.receive(datagram), Received::Incomplete));
    }
    expect_request(server.receive(last));
}

#[test]
fn an_authentic_request_that_is_malformed_is_handed_up_to_be_answered() {
    let (mut client, mut server) = ends(0);
    let asked = ask(&mut client, &[vendor(2), Payload::Nonce(Nonce(vec![1; 3]))]);
    let Received::BadRequest(header, error) = server.receive(&asked[0]) else { panic!() };
    assert_eq!(header.message_id, 0);
    assert_eq!(error.within, Some(PayloadType::NONCE));
    let answered = server.respond(&[Payload::Nonce(Nonce(vec![1; 3]))]).unwrap().to_vec();
    let Received::BadResponse(..) = client.receive(&answered[0]) else { panic!() };
    assert_eq!(client.window().outstanding(), None);
}

#[test]
fn d19_a_response_of_another_exchange_type_is_no_answer() {
    let (mut client, mut server) = ends(0);
    let asked = client.request(now(), ExchangeType::CREATE_CHILD_SA, &[]).unwrap()[0].clone();
    expect_request(server.receive(&asked));
    let mut answered = server.respond(&[]).unwrap().to_vec().remove(0);
    answered[18] = ExchangeType::INFORMATIONAL.0;
    let unsolicited = Dropped::Unexpected(Unexpected::UnsolicitedResponse { received: 0 });
    assert_eq!(expect_dropped(client.receive(&answered)), unsolicited);
    answered[18] = ExchangeType::CREATE_CHILD_SA.0;
    expect_response(client.receive(&answered));
}

#[test]
fn a_request_waits_for_the_one_before_and_a_response_for_its_request() {
    let (mut client, mut server) = ends(0);
    ask(&mut client, &[]);
    let busy = client.request(now(), ExchangeType::INFORMATIONAL, &[]);
    assert_eq!(busy, Err(SendError::Window(WindowError::Busy)));
    assert_eq!(server.respond(&[]), Err(SendError::NothingToAnswer));
}

#[test]
fn a_response_that_cannot_be_sealed_can_be_tried_again() {
    let (mut client, mut server) = ends(0);
    let asked = ask(&mut client, &[]);
    expect_request(server.receive(&asked[0]));
    assert!(matches!(server.respond(&[vendor(65_532)]), Err(SendError::Seal(_))));
    assert!(server.answering().is_some());
    let answered = server.respond(&[]).unwrap().to_vec();
    expect_response(client.receive(&answered[0]));
}

/// What one octet of a test case does to the datagrams under way.
fn disturb(under_way: &mut Vec<Vec<u8>>, what: u8) -> Option<Vec<u8>> {
    if under_way.is_empty() {
        return None;
    }
    let index = usize::from(what >> 2) % under_way.len();
    match what & 3 {
        0 => {
            under_way.remove(index);
            None
        }
        1 => Some(under_way[index].clone()),
        _ => Some(under_way.remove(index)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn over_a_bad_network_every_request_is_handled_once_and_in_order(
        network in prop::collection::vec(any::<u8>(), 0..400),
        limits in (prop::option::of(150_usize..600), prop::option::of(150_usize..600)),
        sizes in prop::collection::vec((0_usize..1_500, 0_usize..1_500), 1..5),
    ) {
        let (mut client, mut server) = ends(0);
        client.set_max_datagram(limits.0);
        server.set_max_datagram(limits.1);
        let mut network = network.into_iter();
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        let (mut handled, mut answered, mut clock) = (Vec::new(), Vec::new(), now());
        for (ask_size, _) in &sizes {
            to_server.extend_from_slice(
                client.request(clock, ExchangeType::INFORMATIONAL, &[vendor(*ask_size)]).unwrap(),
            );
            while client.window().outstanding().is_some() {
                // Once the disturbances run out everything arrives, in order.
                let (up, down) = (network.next().unwrap_or(2), network.next().unwrap_or(2));
                if let Some(datagram) = disturb(&mut to_server, up) {
                    match server.receive(&datagram) {
                        Received::Request(_, payloads) => {
                            let reply = vendor(sizes[handled.len()].1);
                            handled.push(payloads);
                            to_client.extend_from_slice(server.respond(&[reply]).unwrap());
                        }
                        Received::Resend(reply) => to_client.extend_from_slice(reply),
                        Received::Incomplete | Received::Dropped(_) => {}
                        other => prop_assert!(false, "{other:?}"),
                    }
                }
                if let Some(datagram) = disturb(&mut to_client, down)
                    && let Received::Response(_, payloads) = client.receive(&datagram)
                {
                    answered.push(payloads);
                }
                if to_server.is_empty() && to_client.is_empty()
                    && let Some(deadline) = client.next_deadline()
                {
                    clock = deadline;
                    match client.on_timeout(clock) {
                        OnTimeout::Retransmit(again) => to_server.extend_from_slice(again),
                        // Too much was lost; that is what giving up is for.
                        OnTimeout::GiveUp { .. } => return Ok(()),
                        OnTimeout::Nothing => prop_assert!(false, "the deadline had passed"),
                    }
                }
            }
        }
        let expected = |which: fn(&(usize, usize)) -> usize| -> Vec<Vec<Payload>> {
            sizes.iter().map(|size| vec![vendor(which(size))]).collect()
        };
        prop_assert_eq!(handled, expected(|size| size.0));
        prop_assert_eq!(answered, expected(|size| size.1));
    }
}
