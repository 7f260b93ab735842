//! Message IDs, retransmission, stored replies.

use std::time::Duration;

use adit_crypto::default_provider;

use crate::exchange::*;
use crate::time::Instant;
use crate::wire::*;

fn at(millis: u64) -> Instant {
    Instant::from_epoch(Duration::from_millis(millis))
}

fn window(role: Role) -> Window {
    Window::new(role, RetransmitPolicy::default())
}

/// A datagram from the other end, and its judgement.
fn message(role: Role, flags: fn(Role) -> Flags, message_id: u32, content: u8) -> Vec<u8> {
    let header =
        Header::new(IkeSpi([1; 8]), IkeSpi([2; 8]), ExchangeType::INFORMATIONAL, flags(role), message_id);
    Message { header, payloads: vec![Payload::VendorId(VendorId(vec![content]))] }.encode().unwrap()
}

fn request(message_id: u32, content: u8) -> Vec<u8> {
    message(Role::Responder, Flags::request, message_id, content)
}

fn response(message_id: u32) -> Vec<u8> {
    message(Role::Responder, Flags::response, message_id, 0)
}

/// A fragment of a request.
fn fragment(message_id: u32, number: u16, total: u16) -> Vec<u8> {
    let flags = Flags::request(Role::Responder);
    let header = Header::new(IkeSpi([1; 8]), IkeSpi([2; 8]), ExchangeType::IKE_AUTH, flags, message_id);
    let first = if number == 1 { PayloadType::IDI } else { PayloadType::NONE };
    let payload = EncryptedFragment { first, number, total, body: vec![total as u8; 40] };
    Message { header, payloads: vec![Payload::Skf(payload)] }.encode().unwrap()
}

fn print_of(datagram: &[u8]) -> Fingerprint {
    Fingerprint::of(&default_provider(), datagram).unwrap()
}

fn classify<'a>(window: &'a Window, datagram: &[u8]) -> Incoming<'a> {
    window.classify(&Header::parse(datagram).unwrap(), datagram, print_of(datagram))
}

/// Works through the request with this Message ID.
fn answer(window: &mut Window, datagram: &[u8], reply: &[u8]) {
    assert_eq!(classify(window, datagram), Incoming::NewRequest);
    let id = Header::parse(datagram).unwrap().message_id;
    assert!(window.begin_request(id));
    assert!(window.store_reply(id, print_of(datagram), vec![reply.to_vec()]));
}

#[test]
fn requests_are_numbered_one_after_the_other() {
    let mut window = window(Role::Initiator);
    for id in 0..5 {
        assert_eq!(window.next_request_id(), Ok(id));
        window.start_request(at(0), vec![vec![id as u8]]).unwrap();
        assert_eq!(window.next_request_id(), Err(WindowError::Busy));
        assert_eq!(window.start_request(at(0), vec![]), Err(WindowError::Busy));
        assert_eq!(classify(&window, &response(id)), Incoming::Response);
        assert!(!window.finish_request(id + 1));
        assert!(window.finish_request(id));
        assert!(!window.finish_request(id));
    }
}

#[test]
fn d01_the_same_request_gets_the_stored_reply_and_other_octets_get_nothing() {
    let mut window = window(Role::Initiator);
    let first = request(0, 1);
    answer(&mut window, &first, b"reply 0");
    assert_eq!(classify(&window, &first), Incoming::Retransmitted(&[b"reply 0".to_vec()]));
    let reused = Incoming::Unexpected(Unexpected::ReusedMessageId { message_id: 0 });
    assert_eq!(classify(&window, &request(0, 2)), reused);
    answer(&mut window, &request(1, 1), b"reply 1");
    // Only the last reply is stored.
    let stale = Unexpected::StaleRequest { expected: 2, received: 0 };
    assert_eq!(classify(&window, &first), Incoming::Unexpected(stale));
}

#[test]
fn a_request_being_answered_is_not_taken_twice() {
    let mut window = window(Role::Initiator);
    assert!(!window.begin_request(1));
    assert!(!window.store_reply(0, print_of(b""), vec![]), "nothing was begun");
    assert!(window.begin_request(0));
    assert!(window.is_answering());
    assert_eq!(classify(&window, &request(0, 1)), Incoming::Unexpected(Unexpected::InProgress));
    assert!(!window.begin_request(0));
    assert!(!window.store_reply(1, print_of(b""), vec![]));
    assert!(window.store_reply(0, print_of(b""), vec![]));
    assert!(!window.is_answering());
}

#[test]
fn d02_message_ids_outside_the_window_change_nothing() {
    let mut window = window(Role::Initiator);
    answer(&mut window, &request(0, 1), b"r");
    answer(&mut window, &request(1, 1), b"r");
    let before = format!("{window:?}");
    for received in [3, 4, 0x8000_0000, u32::MAX - 1, u32::MAX] {
        let future = Unexpected::FutureRequest { expected: 2, received };
        assert_eq!(classify(&window, &request(received, 1)), Incoming::Unexpected(future));
        assert!(!window.begin_request(received));
    }
    let stale = Unexpected::StaleRequest { expected: 2, received: 0 };
    assert_eq!(classify(&window, &request(0, 1)), Incoming::Unexpected(stale));
    assert_eq!(format!("{window:?}"), before);
}

#[test]
fn d02_message_ids_end_before_they_wrap() {
    let mut window = window(Role::Initiator);
    assert!(!window.is_nearly_exhausted());
    window.set_ids(LAST_MESSAGE_ID, LAST_MESSAGE_ID);
    assert!(window.is_nearly_exhausted());
    assert_eq!(window.next_request_id(), Ok(LAST_MESSAGE_ID));
    window.start_request(at(0), vec![]).unwrap();
    assert!(window.finish_request(LAST_MESSAGE_ID));
    assert_eq!(window.next_request_id(), Err(WindowError::Exhausted));
    assert_eq!(window.start_request(at(0), vec![]), Err(WindowError::Exhausted));

    answer(&mut window, &request(LAST_MESSAGE_ID, 1), b"last");
    assert_eq!(classify(&window, &request(u32::MAX, 1)), Incoming::Unexpected(Unexpected::Exhausted));
    assert!(!window.begin_request(u32::MAX));
    assert_eq!(classify(&window, &request(LAST_MESSAGE_ID, 1)), Incoming::Retransmitted(&[b"last".to_vec()]));
}

#[test]
fn d19_responses_nobody_waits_for_are_dropped() {
    let mut window = window(Role::Initiator);
    let unsolicited = |received| Incoming::Unexpected(Unexpected::UnsolicitedResponse { received });
    assert_eq!(classify(&window, &response(0)), unsolicited(0));
    window.start_request(at(0), vec![]).unwrap();
    assert_eq!(classify(&window, &response(1)), unsolicited(1));
    assert_eq!(classify(&window, &response(0)), Incoming::Response);
    window.finish_request(0);
    assert_eq!(classify(&window, &response(0)), unsolicited(0));
}

#[test]
fn d19_c30_messages_with_our_own_initiator_flag_are_dropped() {
    for role in [Role::Initiator, Role::Responder] {
        let mut window = window(role);
        window.start_request(at(0), vec![]).unwrap();
        for flags in [Flags::request as fn(Role) -> Flags, Flags::response] {
            let reflected = message(role, flags, 0, 0);
            let wrong = Incoming::Unexpected(Unexpected::WrongInitiatorFlag);
            assert_eq!(classify(&window, &reflected), wrong);
            assert_ne!(classify(&window, &message(role.peer(), flags, 0, 0)), wrong);
        }
    }
}

#[test]
fn a_fragmented_request_is_answered_again_on_its_first_fragment_only() {
    let mut window = window(Role::Initiator);
    let first = fragment(0, 1, 3);
    answer(&mut window, &first, b"reply");
    assert_eq!(classify(&window, &first), Incoming::Retransmitted(&[b"reply".to_vec()]));
    for number in [2, 3] {
        let dropped = Incoming::Unexpected(Unexpected::AnsweredFragment);
        assert_eq!(classify(&window, &fragment(0, number, 3)), dropped);
    }
    // Cut into more pieces: only its first fragment may, once authentic.
    assert_eq!(classify(&window, &fragment(0, 1, 9)), Incoming::Refragmented);
    assert_eq!(classify(&window, &fragment(0, 2, 9)), Incoming::Unexpected(Unexpected::AnsweredFragment));
    assert_eq!(window.stored_reply(), [b"reply".to_vec()]);
}

#[test]
fn retransmission_backs_off_and_gives_up() {
    let policy = RetransmitPolicy {
        initial: Duration::from_secs(1),
        factor_tenths: 20,
        max_interval: Duration::from_secs(5),
        transmissions: 5,
    };
    let seconds = |n: u32| policy.interval(n).as_secs();
    assert_eq!([1, 2, 3, 4, 5, 6].map(seconds), [1, 2, 4, 5, 5, 5]);
    assert_eq!(policy.total(), Duration::from_secs(17));

    let mut window = Window::new(Role::Initiator, policy);
    assert_eq!(window.next_deadline(), None);
    assert_eq!(window.on_timeout(at(99_999)), OnTimeout::Nothing);
    let datagrams = vec![vec![1], vec![2]];
    window.start_request(at(0), datagrams.clone()).unwrap();
    let mut sent = vec![0];
    loop {
        let deadline = window.next_deadline().unwrap();
        assert_eq!(window.on_timeout(deadline - Duration::from_nanos(1)), OnTimeout::Nothing);
        match window.on_timeout(deadline) {
            OnTimeout::Retransmit(again) => {
                assert_eq!(again, datagrams);
                sent.push(deadline.since_epoch().as_secs());
            }
            OnTimeout::GiveUp { after } => {
                assert_eq!(after, policy.total());
                break;
            }
            OnTimeout::Nothing => panic!(),
        }
        assert!(window.next_deadline().unwrap() > deadline);
    }
    assert_eq!(sent, [0, 1, 3, 7, 12]);
    assert_eq!((window.next_deadline(), window.outstanding()), (None, None));
    assert_eq!(window.next_request_id(), Ok(1));
}

#[test]
fn d18_a_clock_that_jumps_sends_once() {
    let mut window = window(Role::Initiator);
    window.start_request(at(0), vec![vec![1]]).unwrap();
    let day = at(86_400_000);
    assert!(matches!(window.on_timeout(day), OnTimeout::Retransmit(_)));
    assert_eq!(window.on_timeout(day), OnTimeout::Nothing);
    assert_eq!(window.on_timeout(at(5)), OnTimeout::Nothing);
    assert!(window.next_deadline().unwrap() > day);
}

#[test]
fn d18_after_a_sleep_all_tries_are_left_and_none_comes_early() {
    let policy = RetransmitPolicy::default();
    assert!(!window(Role::Initiator).renew_request(at(0)), "nothing is outstanding");
    // On the last try, told of the sleep long before its deadline, shortly before it, and after it.
    let last = at(0) + policy.total();
    let moments = [(at(60_000), at(62_000)), (at(74_000), last), (last + Duration::from_secs(3_600), last)];
    for (woken, due) in moments {
        let mut window = window(Role::Initiator);
        window.start_request(at(0), vec![b"request".to_vec()]).unwrap();
        for _ in 1..policy.transmissions {
            let deadline = window.next_deadline().unwrap();
            assert!(matches!(window.on_timeout(deadline), OnTimeout::Retransmit(_)));
        }
        assert_eq!(window.next_deadline(), Some(last));
        assert!(window.renew_request(woken));
        assert_eq!((window.next_deadline(), window.transmissions()), (Some(due), 0));
        let mut now = woken.max(due);
        if due > woken {
            assert_eq!(window.on_timeout(woken), OnTimeout::Nothing);
        }
        for _ in 0..policy.transmissions {
            assert_eq!(window.on_timeout(now), OnTimeout::Retransmit(&[b"request".to_vec()]));
            now = window.next_deadline().unwrap();
        }
        assert_eq!(window.on_timeout(now), OnTimeout::GiveUp { after: now.saturating_since(woken) });
    }
}

#[test]
fn d18_a_deadline_missed_by_ten_seconds_gives_nothing_up() {
    let policy = RetransmitPolicy { transmissions: 1, ..RetransmitPolicy::default() };
    for (late, gives_up) in [(0, true), (9_999, true), (10_000, false), (3_600_000, false)] {
        let mut window = Window::new(Role::Initiator, policy);
        window.start_request(at(0), vec![b"request".to_vec()]).unwrap();
        let outcome = window.on_timeout(at(2_000 + late));
        assert_eq!(matches!(outcome, OnTimeout::GiveUp { .. }), gives_up, "{late} ms: {outcome:?}");
        assert_eq!(matches!(outcome, OnTimeout::Retransmit(_)), !gives_up, "{late} ms");
    }
}

#[test]
fn strange_policies_still_end() {
    let policy = RetransmitPolicy {
        initial: Duration::ZERO,
        factor_tenths: 0,
        max_interval: Duration::MAX,
        transmissions: 0,
    };
    let mut window = Window::new(Role::Initiator, policy);
    window.start_request(at(0), vec![]).unwrap();
    assert_eq!(window.on_timeout(at(0)), OnTimeout::GiveUp { after: Duration::ZERO });
    let long =
        RetransmitPolicy { initial: Duration::MAX, transmissions: 50, factor_tenths: u32::MAX, ..policy };
    assert_eq!(long.total(), Duration::MAX);
}

#[test]
fn the_first_request_can_be_made_anew_with_the_same_message_id() {
    let mut window = window(Role::Initiator);
    assert!(!window.restart_request(at(0), vec![]));
    assert!(!window.recut_request(vec![]));
    window.start_request(at(0), vec![vec![1]]).unwrap();
    assert!(matches!(window.on_timeout(window.next_deadline().unwrap()), OnTimeout::Retransmit(_)));
    assert_eq!(window.transmissions(), 2);
    assert!(window.restart_request(at(5_000), vec![vec![2]]));
    assert_eq!((window.outstanding(), window.transmissions()), (Some(0), 1));
    assert_eq!(window.next_deadline(), Some(at(7_000)));
    assert!(window.recut_request(vec![vec![3], vec![4]]));
    assert_eq!(window.next_deadline(), Some(at(7_000)));
    assert_eq!(window.outstanding_datagrams(), [vec![3], vec![4]]);
}
