//! The two state machines, with each other and against hostile ones.

use adit_crypto::{CryptoProvider, Secret, default_provider, rustcrypto_provider};
use proptest::prelude::*;

use super::mschapv2::{self, Calculation, NtHash};
use super::*;
use crate::identity::testing::{field, shared_json};

const PASSWORD: &str = "p\u{e4}ssw\u{f6}rd";

fn secret(text: &str) -> Secret {
    Secret::from(text.as_bytes())
}

fn peer() -> Peer {
    Peer::new("DOM\\carol", &secret(PASSWORD)).expect("good credentials")
}

fn provider() -> CryptoProvider {
    default_provider()
}

fn request(id: u8, kind: EapType, data: &[u8]) -> Vec<u8> {
    Packet::Request { id, kind, data }.encode()
}

/// Whether the peer ended here; nothing may come after.
fn ends(peer: &mut Peer, packet: &[u8]) -> EapFailure {
    let Step::Failure(failure) = peer.handle(packet, &provider()) else { panic!("it went on") };
    let after = peer.handle(&Packet::Success { id: 1 }.encode(), &provider());
    assert!(matches!(after, Step::Failure(_)), "nothing works after the end");
    failure
}

fn reply(step: Step) -> Vec<u8> {
    match step {
        Step::Reply(packet) => packet,
        other => panic!("{other:?}"),
    }
}

fn server_reply(step: ServerStep) -> Vec<u8> {
    match step {
        ServerStep::Reply(packet) => packet,
        other => panic!("{other:?}"),
    }
}

/// The type and data of a response.
fn response_data(packet: &[u8]) -> (EapType, Vec<u8>) {
    match Packet::parse(packet) {
        Ok(Packet::Response { kind, data, .. }) => (kind, data.to_vec()),
        other => panic!("{other:?}"),
    }
}

const CHALLENGE: [u8; 16] = [0x5b; 16];

/// A peer that has answered the challenge with id 2; and its answer's data.
fn responded() -> (Peer, Vec<u8>) {
    let mut peer = peer();
    let challenge = request(2, EapType::MSCHAPV2, &mschapv2::challenge(2, &CHALLENGE, b"server"));
    let (kind, data) = response_data(&reply(peer.handle(&challenge, &provider())));
    assert_eq!(kind, EapType::MSCHAPV2);
    (peer, data)
}

/// What a server that knows the password computes from the peer's answer.
fn server_side(data: &[u8]) -> Calculation {
    let hash = NtHash::from_password(&secret(PASSWORD)).expect("a password");
    match mschapv2::Message::parse_response(data) {
        Ok(mschapv2::Message::Response { peer_challenge, nt_response, name, .. }) => {
            let run = Calculation::new(&provider(), &hash, &CHALLENGE, &peer_challenge, name).expect("SHA-1");
            assert_eq!(run.nt_response, nt_response);
            run
        }
        other => panic!("{other:?}"),
    }
}

fn success_request(run: &Calculation) -> Vec<u8> {
    request(3, EapType::MSCHAPV2, &mschapv2::success_request(2, &run.authenticator_response))
}

/// Runs a login; the server looks the user up in `users`.
fn login(
    provider: &CryptoProvider,
    peer: &mut Peer,
    user: Option<&UserSecret>,
) -> (Result<Secret, EapFailure>, Result<(Secret, UserName), EapFailure>) {
    let mut server = Authenticator::new("gateway").expect("a name");
    let mut to_peer = server.start(provider).expect("randomness");
    let mut server_result = None;
    for _ in 0..10 {
        let to_server = match peer.handle(&to_peer, provider) {
            Step::Reply(packet) => packet,
            Step::Success { msk } => return (Ok(msk), server_result.expect("the server ended")),
            Step::Failure(failure) | Step::Refused(failure) => {
                return (Err(failure), server_result.expect("the server ended"));
            }
        };
        let mut step = server.handle(&to_server, provider);
        if matches!(step, ServerStep::NeedUser) {
            assert_eq!(server.needs_user().map(UserName::account), Some(&b"carol"[..]));
            step = server.provide_user(user, provider);
        }
        to_peer = match step {
            ServerStep::Reply(packet) => packet,
            ServerStep::Success { packet, msk, user } => {
                server_result = Some(Ok((msk, user)));
                packet
            }
            ServerStep::Failure { packet, failure } => {
                server_result = Some(Err(failure));
                packet
            }
            ServerStep::NeedUser => panic!("asked twice"),
        };
    }
    panic!("no end");
}

#[test]
fn a_user_with_the_right_password_logs_in_and_both_have_the_same_key() {
    for provider in [default_provider(), rustcrypto_provider()] {
        let hash = Secret::new(crate_nt_hash());
        for user in [UserSecret::Password(secret(PASSWORD)), UserSecret::NtHash(hash.clone())] {
            let (ours, theirs) = login(&provider, &mut peer(), Some(&user));
            let (ours, (theirs, name)) = (ours.expect("logged in"), theirs.expect("logged in"));
            assert_eq!(ours, theirs);
            assert_eq!(ours.len(), 64);
            assert_eq!(name.as_bytes(), b"DOM\\carol");
        }
    }
}

fn crate_nt_hash() -> Vec<u8> {
    let utf16: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    adit_crypto::legacy::md4(&utf16).to_vec()
}

#[test]
fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let wrong = UserSecret::Password(secret("other"));
    let (first, second) =
        (login(&provider(), &mut peer(), Some(&wrong)), login(&provider(), &mut peer(), None));
    for (ours, theirs) in [first, second] {
        let wanted = EapFailure::Rejected {
            reason: RejectReason::WrongCredentials,
            code: Some(691),
            message: "Authentication failed".to_owned(),
            retry_allowed: false,
        };
        assert_eq!(ours.expect_err("refused"), wanted);
        assert!(
            wanted.to_string().contains("AuthPassword") && wanted.to_string().contains("691"),
            "{wanted}"
        );
        assert!(matches!(theirs, Err(EapFailure::Rejected { .. })));
    }
    // The hash of all zeros, which stands in for unknown users, opens nothing.
    let (ours, _) = login(&provider(), &mut peer(), Some(&UserSecret::NtHash(Secret::new(vec![0; 16]))));
    assert!(ours.is_err());
}

#[test]
fn android_nak_for_another_method() {
    let path = "vectors/android-ike/EapMsChapV2Test.json";
    let Some(file) = shared_json("Android EAP Nak", path) else { return };
    let wanted = field(&file["hex"], "EAP_RESPONSE_NAK_PACKET");
    let mut peer = peer();
    let nak = reply(peer.handle(&request(0x10, EapType::TLS, &[0x20]), &provider()));
    assert_eq!(nak, wanted);
    let failure = ends(&mut peer, &Packet::Failure { id: 0x10 }.encode());
    assert_eq!(failure, EapFailure::NoCommonMethod { offered: vec![EapType::TLS] });
    assert!(failure.to_string().contains("EAP-TLS"));
}

#[test]
fn identity_and_notification_are_answered() {
    let mut peer = peer();
    let answer = response_data(&reply(peer.handle(&request(7, EapType::IDENTITY, b"who?"), &provider())));
    assert_eq!(answer, (EapType::IDENTITY, b"DOM\\carol".to_vec()));
    let notice = request(8, EapType::NOTIFICATION, b"Password expires \x1b[31msoon");
    assert_eq!(response_data(&reply(peer.handle(&notice, &provider()))), (EapType::NOTIFICATION, vec![]));
    assert_eq!(peer.notices(), ["Password expires \\u{1b}[31msoon"]);
    // Repeated, it is answered the same and not noted twice.
    reply(peer.handle(&notice, &provider()));
    assert_eq!(peer.notices().len(), 1);
}

#[test]
fn c01_success_before_the_end_of_the_method_is_refused() {
    let success = |id| Packet::Success { id }.encode();
    // At once.
    assert_eq!(ends(&mut peer(), &success(1)), EapFailure::UnexpectedSuccess);
    // In answer to Identity.
    let mut asked = peer();
    reply(asked.handle(&request(1, EapType::IDENTITY, &[]), &provider()));
    assert_eq!(ends(&mut asked, &success(1)), EapFailure::UnexpectedSuccess);
    // After Nak.
    let mut refused = peer();
    reply(refused.handle(&request(1, EapType::MD5_CHALLENGE, &[1, 0]), &provider()));
    assert_eq!(ends(&mut refused, &success(1)), EapFailure::UnexpectedSuccess);
    // After our response, before the server's proof.
    let (mut early, _) = responded();
    assert_eq!(ends(&mut early, &success(2)), EapFailure::UnexpectedSuccess);
    // After a Failure request.
    let (mut rejected, _) = responded();
    let no = request(3, EapType::MSCHAPV2, &mschapv2::failure_request(2, &CHALLENGE));
    reply(rejected.handle(&no, &provider()));
    assert!(matches!(rejected.rejection(), Some(EapFailure::Rejected { .. })));
    assert_eq!(ends(&mut rejected, &success(3)), EapFailure::UnexpectedSuccess);
}

#[test]
fn the_whole_exchange_by_hand_gives_the_key() {
    let (mut peer, data) = responded();
    let run = server_side(&data);
    let answer = reply(peer.handle(&success_request(&run), &provider()));
    assert_eq!(response_data(&answer), (EapType::MSCHAPV2, vec![3]));
    let Step::Success { msk } = peer.handle(&Packet::Success { id: 3 }.encode(), &provider()) else {
        panic!("no success")
    };
    assert_eq!(msk, run.msk);
    assert!(matches!(peer.handle(&Packet::Success { id: 3 }.encode(), &provider()), Step::Failure(_)));
}

#[test]
fn c02_a_proof_before_our_answer_or_a_wrong_one_is_refused() {
    let (_, data) = responded();
    let run = server_side(&data);
    let early = ends(&mut peer(), &success_request(&run));
    assert!(matches!(early, EapFailure::Protocol { .. }));
    // Another run's proof; each bit of the right one; none.
    let (mut other, _) = responded();
    assert_eq!(ends(&mut other, &success_request(&run)), EapFailure::ServerNotAuthenticated);
    for bit in 0..160 {
        let (mut peer, data) = responded();
        let mut run = server_side(&data);
        run.authenticator_response[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(ends(&mut peer, &success_request(&run)), EapFailure::ServerNotAuthenticated);
    }
    for body in [&b"M=OK"[..], b"", b"S=", b"S=00"] {
        let (mut peer, _) = responded();
        let length = u8::try_from(4 + body.len()).expect("short");
        let data = [&[3, 2, 0, length], body].concat();
        let failure = ends(&mut peer, &request(3, EapType::MSCHAPV2, &data));
        assert!(matches!(failure, EapFailure::Protocol { .. }), "{failure}");
    }
}

#[test]
fn c03_failure_requests_of_every_shape_fail_without_harm() {
    // EAP lengths 4 and 5: no type, no code. 9: no text.
    let (mut peer, _) = responded();
    assert_eq!(ends(&mut peer, &[1, 3, 0, 4]), EapFailure::Packet(PacketError::Truncated));
    let (mut peer, _) = responded();
    assert!(matches!(ends(&mut peer, &[1, 3, 0, 5, 26]), EapFailure::Protocol { .. }));
    let (mut peer, _) = responded();
    reply(peer.handle(&[1, 3, 0, 9, 26, 4, 2, 0, 4], &provider()));
    let failure = ends(&mut peer, &Packet::Failure { id: 3 }.encode());
    let silent = EapFailure::Rejected {
        reason: RejectReason::Unspecified,
        code: None,
        message: String::new(),
        retry_allowed: false,
    };
    assert_eq!(failure, silent);
    // A length that underflows or overflows.
    for length in [0, 1, 3, 5, 0xffff_u16] {
        let (mut peer, _) = responded();
        let [high, low] = length.to_be_bytes();
        assert!(matches!(ends(&mut peer, &[1, 3, 0, 9, 26, 4, 2, high, low]), EapFailure::Protocol { .. }));
    }
    // 64 KiB of text.
    let (mut peer, _) = responded();
    let mut huge = vec![1, 3, 0xff, 0xff, 26, 4, 2, 0xff, 0xfa];
    huge.resize(0xffff, b'M');
    assert_eq!(ends(&mut peer, &huge), EapFailure::Packet(PacketError::TooLong { length: 0xffff }));
}

#[test]
fn each_reason_of_the_server_says_what_to_do() {
    for (code, word) in [
        (646, "time"),
        (647, "disabled"),
        (648, "expired"),
        (649, "VPN"),
        (691, "AuthPassword"),
        (709, "change"),
        (1, "refused"),
    ] {
        let (mut peer, _) = responded();
        let text = format!("E={code} R=1 C=00 V=3 M=go\x07away");
        let length = u8::try_from(4 + text.len()).expect("short");
        let data = [&[4, 2, 0, length], text.as_bytes()].concat();
        let answer = response_data(&reply(peer.handle(&request(3, EapType::MSCHAPV2, &data), &provider())));
        assert_eq!(answer, (EapType::MSCHAPV2, vec![4]));
        let failure = ends(&mut peer, &Packet::Failure { id: 3 }.encode());
        assert!(matches!(&failure, EapFailure::Rejected { retry_allowed: true, .. }));
        let shown = failure.to_string();
        assert!(shown.contains(word) && shown.contains(&code.to_string()), "{shown}");
        assert!(shown.contains("go\\u{7}away") && !shown.contains('\x07'), "{shown}");
    }
}

#[test]
fn c04_bad_challenges_and_reused_identifiers_fail() {
    for data in [
        [&[1, 1, 0, 25, 15][..], &[0; 15], b"serve"].concat(),
        [&[1, 1, 0, 21, 16][..], &[0; 16]].concat(),
        [&[1, 1, 0, 5, 0][..]].concat(),
    ] {
        let failure = ends(&mut peer(), &request(1, EapType::MSCHAPV2, &data));
        assert!(matches!(failure, EapFailure::Protocol { .. }), "{failure}");
    }
    let (mut peer, _) = responded();
    let again = request(2, EapType::MSCHAPV2, &mschapv2::challenge(2, &[7; 16], b"server"));
    assert!(
        matches!(ends(&mut peer, &again), EapFailure::Protocol { .. }),
        "another request, same identifier"
    );
    let (mut peer, _) = responded();
    let second = request(3, EapType::MSCHAPV2, &mschapv2::challenge(3, &[7; 16], b"server"));
    assert!(matches!(ends(&mut peer, &second), EapFailure::Protocol { .. }), "a second challenge");
    // The very same request again is a retransmission and gets the very same answer.
    let (mut peer, data) = responded();
    let same = request(2, EapType::MSCHAPV2, &mschapv2::challenge(2, &CHALLENGE, b"server"));
    assert_eq!(response_data(&reply(peer.handle(&same, &provider()))).1, data);
}

#[test]
fn c14_the_proved_name_counts_not_the_claimed_one() {
    let mut server = Authenticator::new("gateway").expect("a name");
    let asked = server.start(&provider()).expect("randomness");
    let Ok(Packet::Request { id, .. }) = Packet::parse(&asked) else { panic!("no request") };
    let claimed = Packet::Response { id, kind: EapType::IDENTITY, data: b"admin" }.encode();
    let challenge = server_reply(server.handle(&claimed, &provider()));
    let mut peer = peer();
    let answer = reply(peer.handle(&challenge, &provider()));
    assert!(matches!(server.handle(&answer, &provider()), ServerStep::NeedUser));
    assert_eq!(server.claimed_identity(), Some(&b"admin"[..]));
    assert_eq!(server.needs_user().map(UserName::as_bytes), Some(&b"DOM\\carol"[..]));
    let user = UserSecret::Password(secret(PASSWORD));
    let proof = server_reply(server.provide_user(Some(&user), &provider()));
    let last = reply(peer.handle(&proof, &provider()));
    match server.handle(&last, &provider()) {
        ServerStep::Success { user, .. } => assert_eq!(user.as_bytes(), b"DOM\\carol"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a15_an_identity_that_looks_like_pem_or_der_is_bytes() {
    for name in [&b"-----BEGIN CERTIFICATE-----"[..], &[0x30, 0x82, 0xff, 0xff], &[0xff, 0, 0x1b]] {
        let mut server = Authenticator::new("gateway").expect("a name");
        let asked = server.start(&provider()).expect("randomness");
        let id = asked[1];
        let step = server
            .handle(&Packet::Response { id, kind: EapType::IDENTITY, data: name }.encode(), &provider());
        server_reply(step);
        assert_eq!(server.claimed_identity(), Some(name));
    }
    let mut peer = Peer::new("-----BEGIN", &secret("x")).expect("a name");
    let answer = response_data(&reply(peer.handle(&request(1, EapType::IDENTITY, &[]), &provider())));
    assert_eq!(answer.1, b"-----BEGIN");
}

#[test]
fn c16_packets_with_wrong_lengths_codes_and_directions_fail() {
    for (packet, wanted) in [
        (vec![], PacketError::Truncated),
        (vec![1, 1, 0], PacketError::Truncated),
        (vec![1, 1, 0, 4], PacketError::Truncated),
        (vec![1, 1, 0, 6, 1], PacketError::Length { declared: 6, actual: 5 }),
        (vec![1, 1, 0, 5, 1, 1], PacketError::Length { declared: 5, actual: 6 }),
        (vec![1, 1, 0, 0, 1], PacketError::Length { declared: 0, actual: 5 }),
        (vec![1, 1, 0xff, 0xff, 1], PacketError::Length { declared: 0xffff, actual: 5 }),
        (vec![0, 1, 0, 5, 1], PacketError::Code(0)),
        (vec![5, 1, 0, 5, 1], PacketError::Code(5)),
        (vec![255, 1, 0, 4], PacketError::Code(255)),
        (vec![3, 1, 0, 5, 1], PacketError::TrailingData),
        (vec![4, 1, 0, 5, 1], PacketError::TrailingData),
    ] {
        assert_eq!(ends(&mut peer(), &packet), EapFailure::Packet(wanted), "{packet:?}");
    }
    let response = Packet::Response { id: 1, kind: EapType::IDENTITY, data: &[] }.encode();
    assert!(matches!(ends(&mut peer(), &response), EapFailure::Protocol { .. }));
    // A Nak is never a request; a second method, or Identity again, does not begin in the middle.
    assert!(matches!(ends(&mut peer(), &request(1, EapType::NAK, &[26])), EapFailure::Protocol { .. }));
    for kind in [EapType::IDENTITY, EapType::TLS] {
        let (mut peer, _) = responded();
        assert!(matches!(ends(&mut peer, &request(3, kind, &[])), EapFailure::Protocol { .. }), "{kind}");
    }
    // A Request inside a Response is data.
    let inner = request(2, EapType::IDENTITY, &[]);
    let mut peer = peer();
    let step = peer.handle(&request(1, EapType::NOTIFICATION, &inner), &provider());
    assert_eq!(response_data(&reply(step)), (EapType::NOTIFICATION, vec![]));
}

#[test]
fn c16_an_endless_server_is_given_up() {
    let mut peer = peer();
    for id in 0..32 {
        reply(peer.handle(&request(id, EapType::IDENTITY, &[]), &provider()));
    }
    assert!(matches!(ends(&mut peer, &request(32, EapType::IDENTITY, &[])), EapFailure::Protocol { .. }));
}

#[test]
fn a_success_with_a_foreign_identifier_is_refused() {
    for (id, wanted) in [(3, true), (4, true), (5, false), (2, false)] {
        let (mut peer, data) = responded();
        reply(peer.handle(&success_request(&server_side(&data)), &provider()));
        let step = peer.handle(&Packet::Success { id }.encode(), &provider());
        assert_eq!(matches!(step, Step::Success { .. }), wanted, "{id}");
    }
}

#[test]
fn failure_without_a_reason_is_still_explained() {
    let (mut peer, _) = responded();
    assert_eq!(ends(&mut peer, &Packet::Failure { id: 2 }.encode()), EapFailure::Refused);
    // After the proof too.
    let (mut peer, data) = responded();
    reply(peer.handle(&success_request(&server_side(&data)), &provider()));
    assert_eq!(ends(&mut peer, &Packet::Failure { id: 3 }.encode()), EapFailure::Refused);
}

/// A server that awaits the answer to its challenge; and that challenge.
fn challenged() -> (Authenticator, Vec<u8>) {
    let mut server = Authenticator::new("gateway").expect("a name");
    let asked = server.start(&provider()).expect("randomness");
    let answer = reply(peer().handle(&asked, &provider()));
    let challenge = server_reply(server.handle(&answer, &provider()));
    (server, challenge)
}

fn server_ends(server: &mut Authenticator, packet: &[u8]) -> EapFailure {
    match server.handle(packet, &provider()) {
        ServerStep::Failure { packet, failure } => {
            assert!(matches!(Packet::parse(&packet), Ok(Packet::Failure { .. })));
            failure
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_server_refuses_what_is_out_of_turn() {
    let user = UserSecret::Password(secret(PASSWORD));
    let mut new = Authenticator::new("gateway").expect("a name");
    let response = Packet::Response { id: 0, kind: EapType::IDENTITY, data: b"x" }.encode();
    assert!(matches!(server_ends(&mut new, &response), EapFailure::Protocol { .. }));

    let (mut server, challenge) = challenged();
    let id = challenge[1];
    let nak = Packet::Response { id, kind: EapType::NAK, data: &[13, 21] }.encode();
    let failure = server_ends(&mut server, &nak);
    assert_eq!(failure, EapFailure::NoCommonMethod { offered: vec![EapType::TLS, EapType::TTLS] });

    for packet in [
        Packet::Success { id }.encode(),
        request(id, EapType::MSCHAPV2, &[3]),
        Packet::Response { id: id.wrapping_add(1), kind: EapType::MSCHAPV2, data: &[3] }.encode(),
        Packet::Response { id, kind: EapType::MSCHAPV2, data: &[3] }.encode(),
        Packet::Response { id, kind: EapType::IDENTITY, data: b"x" }.encode(),
        vec![2, id, 0, 5],
        challenge.clone(),
    ] {
        let (mut server, other) = challenged();
        let mut packet = packet;
        if packet.len() > 1 && packet[1] == id {
            packet[1] = other[1];
        }
        server_ends(&mut server, &packet);
        // The end is the end, and nobody is asked for.
        assert!(server.needs_user().is_none());
        assert!(matches!(server.provide_user(Some(&user), &provider()), ServerStep::Failure { .. }));
    }

    // A user is given before one is asked for.
    let (mut server, _) = challenged();
    assert!(matches!(server.provide_user(Some(&user), &provider()), ServerStep::Failure { .. }));

    // The user does not acknowledge the proof.
    let (mut server, challenge) = challenged();
    let answer = reply(peer().handle(&challenge, &provider()));
    assert!(matches!(server.handle(&answer, &provider()), ServerStep::NeedUser));
    let proof = server_reply(server.provide_user(Some(&user), &provider()));
    let refusal = Packet::Response { id: proof[1], kind: EapType::MSCHAPV2, data: &[4] }.encode();
    assert!(matches!(server_ends(&mut server, &refusal), EapFailure::Protocol { .. }));
}

#[test]
fn a_response_replayed_to_another_challenge_proves_nothing() {
    let (_, challenge) = challenged();
    let recorded = response_data(&reply(peer().handle(&challenge, &provider()))).1;
    let (mut server, other) = challenged();
    let id = other[1];
    let mut data = recorded;
    data[1] = id;
    let packet = Packet::Response { id, kind: EapType::MSCHAPV2, data: &data }.encode();
    assert!(matches!(server.handle(&packet, &provider()), ServerStep::NeedUser));
    let user = UserSecret::Password(secret(PASSWORD));
    let step = server.provide_user(Some(&user), &provider());
    let failed = server_reply(step);
    assert!(matches!(Packet::parse(&failed), Ok(Packet::Request { data: [4, ..], .. })), "a Failure request");
}

#[test]
fn bad_credentials_are_refused_when_given() {
    assert!(matches!(Peer::new("", &secret("x")), Err(EapFailure::Credentials { .. })));
    assert!(Peer::new(&"u".repeat(MAX_NAME_LEN + 1), &secret("x")).is_err());
    assert!(Peer::new("u", &Secret::new(vec![0xff])).is_err());
    assert!(Authenticator::new("").is_err());
}

#[test]
fn nothing_printed_holds_a_secret() {
    let mut peer = Peer::new("carol", &secret("hunter2")).expect("good credentials");
    let challenge = request(2, EapType::MSCHAPV2, &mschapv2::challenge(2, &CHALLENGE, b"server"));
    let step = peer.handle(&challenge, &provider());
    let mut shown = format!("{peer:?} {step:?} {:?}", UserSecret::Password(secret("hunter2")));
    let packet = reply(step);
    shown.push_str(&format!("{:?}", Packet::parse(&packet)));
    let (server, _) = challenged();
    shown.push_str(&format!("{server:?}"));
    assert!(!shown.contains("hunter2"), "{shown}");
    // Neither the response (which can be searched for the password) nor any bytes at all.
    for window in response_data(&packet).1.windows(4).skip(24) {
        let listed = window.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        assert!(!shown.contains(&listed), "{shown}");
    }
    assert!(shown.contains("carol") && shown.contains("Secret(redacted)"));
}

#[test]
fn a_server_that_repeats_one_request_is_left() {
    let mut peer = peer();
    let identity = request(7, EapType::IDENTITY, b"");
    for _ in 0..32 {
        reply(peer.handle(&identity, &provider()));
    }
    assert!(matches!(ends(&mut peer, &identity), EapFailure::Protocol { what: "it never comes to an end" }));
}

proptest! {
    #[test]
    fn packets_round_trip(code in 1_u8..5, id: u8, kind: u8, data in proptest::collection::vec(any::<u8>(), 0..64)) {
        let kind = EapType(kind);
        let packet = match code {
            1 => Packet::Request { id, kind, data: &data },
            2 => Packet::Response { id, kind, data: &data },
            3 => Packet::Success { id },
            _ => Packet::Failure { id },
        };
        let bytes = packet.encode();
        prop_assert_eq!(Packet::parse(&bytes), Ok(packet));
        for length in 0..bytes.len() {
            prop_assert!(Packet::parse(&bytes[..length]).is_err());
        }
    }

    #[test]
    fn no_sequence_of_packets_without_the_password_logs_in(
        packets in proptest::collection::vec((1_u8..6, 0_u8..4, prop_oneof![Just(1_u8), Just(2), Just(3), Just(26), any::<u8>()],
            proptest::collection::vec(any::<u8>(), 0..40), 1_u8..5), 1..8)
    ) {
        let mut peer = peer();
        let (mut server, _) = challenged();
        for (code, id, kind, data, op) in packets {
            let mut body = vec![kind, op, id, 0, u8::try_from(4 + data.len()).expect("short")];
            body.extend(data);
            if code > 2 { body.clear(); }
            let length = u8::try_from(4 + body.len()).expect("short");
            let packet = [&[code, id, 0, length], body.as_slice()].concat();
            let step = peer.handle(&packet, &provider());
            prop_assert!(!matches!(step, Step::Success { .. }), "logged in");
            let step = server.handle(&packet, &provider());
            prop_assert!(!matches!(step, ServerStep::Success { .. }), "logged in");
        }
    }
}
