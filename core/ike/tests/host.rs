//! What only the host can do: sign with a key that it keeps, judge a chain, give a password. Answered, refused, answered
//! wrongly, late and never.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test: a broken expectation has to fail it"
)]

mod support;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{EcdsaEncoding, KeyKind, Secret, SignatureScheme};
use adit_ike::auth::RsaPadding;
use adit_ike::certificate::{Anchors, CertificateRefusal, KeyType};
use adit_ike::config::{
    CertificatePolicy, CertifiedKey, HostKey, InitiatorConfig, LocalAuth, RemoteAuth, ResponderConfig,
};
use adit_ike::eap::EapFailure;
use adit_ike::identity::Identity;
use adit_ike::wire::{Eap, ExchangeType, NotifyType, Payload, Role};
use adit_ike::{
    Answer, AuthFailure, CloseReason, Command, Event, Failure, PasswordRequest, Question, SignRequest, Wake,
};
use support::certificates::{DAY, ED25519, Issuer, NOW, P256_A, P256_B, P384, P521, RSA_A, Template, load};
use support::credentials::{self, CLIENT, PASSWORD, SERVER, USER};
use support::raw::{Raw, id_payload};
use support::{Host, Pair, Side, established};

fn failure(reason: Option<&CloseReason>) -> &Failure {
    match reason {
        Some(CloseReason::Failed(failure)) => failure,
        other => panic!("{other:?}"),
    }
}

fn auth_failure(reason: Option<&CloseReason>) -> &AuthFailure {
    match failure(reason) {
        Failure::Authentication(failure) => failure,
        other => panic!("{other:?}"),
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

// ---- Sign ----------------------------------------------------------------------------------------------------------

const REFERENCE: &str = "keychain:0123";

fn host_key(key: &[u8], padding: RsaPadding) -> LocalAuth {
    let CertifiedKey { chain, .. } = credentials::client(key);
    LocalAuth::HostKey(Arc::new(HostKey::new(REFERENCE, chain, padding).unwrap()))
}

fn gateway() -> ResponderConfig {
    credentials::responder(credentials::server(P256_A))
}

fn sign(key: &[u8], request: &SignRequest) -> Vec<u8> {
    load(key).sign(request.scheme, &request.message, adit_crypto::default_provider().random).unwrap()
}

/// A host that signs with `key`.
fn signer(key: &'static [u8]) -> Host {
    Box::new(move |question| match question {
        Question::Sign(request) => Some(Answer::Signature(Ok(sign(key, request)))),
        _ => None,
    })
}

fn sign_pair(host: Host) -> Pair {
    let mut pair = Pair::new(credentials::initiator(host_key(RSA_A, RsaPadding::Pkcs1)), gateway());
    pair.host = host;
    pair.settle();
    pair
}

fn sign_request(pair: &Pair) -> SignRequest {
    match &pair.asked()[..] {
        [(_, _, Question::Sign(request))] => request.clone(),
        other => panic!("{other:?}"),
    }
}

/// IKE_AUTH requests that left the client.
fn auth_requests(pair: &Pair) -> usize {
    let sent = pair.log.iter().filter(|(to, transmit)| {
        *to == Side::Responder
            && transmit.payload != [0xff]
            && support::header(transmit).exchange == ExchangeType::IKE_AUTH
    });
    sent.count()
}

#[test]
fn a_key_that_the_host_keeps_authenticates_by_method_14() {
    for (key, padding) in [
        (RSA_A, RsaPadding::Pkcs1),
        (RSA_A, RsaPadding::Pss),
        (P256_A, RsaPadding::Pkcs1),
        (P384, RsaPadding::Pkcs1),
        (P521, RsaPadding::Pkcs1),
        (ED25519, RsaPadding::Pkcs1),
    ] {
        let mut pair = Pair::new(credentials::initiator(host_key(key, padding)), gateway());
        pair.host = signer(key);
        pair.settle();
        assert!(pair.client_is_up() && pair.gateway_is_up(), "{:#?}", pair.client_events);
        pair.assert_one_child();
        assert_eq!(established(&pair.gateway_events).peer.to_string(), CLIENT);
        let request = sign_request(&pair);
        assert_eq!(request.key, REFERENCE);
        let pss = matches!(request.scheme, SignatureScheme::RsaPss(_));
        assert_eq!(pss, padding == RsaPadding::Pss);
    }
}

#[test]
fn classic_methods_take_the_ecdsa_signature_of_a_key_store_too() {
    let classic = |payloads: &mut Vec<Payload>| {
        payloads.retain(|payload| {
            !matches!(payload, Payload::Notify(notify)
                if notify.notify_type == NotifyType::SIGNATURE_HASH_ALGORITHMS)
        });
    };
    for (key, method) in [(RSA_A, 1), (P256_A, 9), (P384, 10), (P521, 11)] {
        // Often, so that a number with a leading zero is among them.
        for _ in 0..if method == 1 { 1 } else { 12 } {
            let config = credentials::initiator(host_key(key, RsaPadding::Pkcs1));
            let mut raw = Raw::server(config, classic);
            assert!(raw.request().is_none(), "nothing before the signature");
            let (token, request) = raw
                .events
                .iter()
                .find_map(|event| match event {
                    Event::Ask { token, question: Question::Sign(request), .. } => {
                        Some((*token, request.clone()))
                    }
                    _ => None,
                })
                .unwrap();
            if let SignatureScheme::Ecdsa(_, encoding) = request.scheme {
                assert_eq!(encoding, EcdsaEncoding::Der, "what key stores make");
            }
            raw.session.answer(raw.now, token, Answer::Signature(Ok(sign(key, &request))));
            raw.pump();
            let (_, asked) = raw.request().unwrap();
            let auth = asked
                .iter()
                .find_map(|payload| match payload {
                    Payload::Auth(auth) => Some(auth.clone()),
                    _ => None,
                })
                .unwrap();
            assert_eq!(auth.method.0, method);
            let width = match load(key).kind() {
                KeyKind::EcdsaP256 => Some(64),
                KeyKind::EcdsaP384 => Some(96),
                KeyKind::EcdsaP521 => Some(132),
                _ => None,
            };
            assert!(width.is_none_or(|width| auth.data.len() == width), "{} octets", auth.data.len());
            let fixed = match request.scheme {
                SignatureScheme::Ecdsa(hash, _) => SignatureScheme::Ecdsa(hash, EcdsaEncoding::Fixed),
                scheme => scheme,
            };
            raw.provider.verify(load(key).public_key(), fixed, &request.message, &auth.data).unwrap();
        }
    }
}

/// What a host gives for a signature.
type Mistake = fn(&SignRequest) -> Vec<u8>;

#[test]
fn a_wrong_signature_is_the_hosts_mistake_and_never_reaches_the_server() {
    let mistakes: [(&str, Mistake); 5] = [
        ("another key", |request| sign(support::certificates::RSA_B, request)),
        ("hashed before", |request| {
            let hash = adit_crypto::default_provider().hash(adit_crypto::HashId::SHA2_256).unwrap();
            let message = hash.digest(&[&request.message]);
            sign(RSA_A, &SignRequest { message, ..request.clone() })
        }),
        ("another padding", |request| {
            let scheme = SignatureScheme::RsaPss(adit_crypto::HashId::SHA2_256);
            sign(RSA_A, &SignRequest { scheme, ..request.clone() })
        }),
        ("nothing", |_| Vec::new()),
        ("too much", |request| [sign(RSA_A, request), vec![0]].concat()),
    ];
    for (what, mistake) in mistakes {
        let pair = sign_pair(Box::new(move |question| match question {
            Question::Sign(request) => Some(Answer::Signature(Ok(mistake(request)))),
            _ => None,
        }));
        let failure = failure(pair.client_closed());
        assert!(matches!(failure, Failure::WrongSignatureByHost { .. }), "{what}: {failure:?}");
        assert!(failure.to_string().contains(REFERENCE) && failure.is_permanent(), "{failure}");
        assert!(failure.advice().contains("application"), "{}", failure.advice());
        assert_eq!(auth_requests(&pair), 0, "{what}");
    }
    // ECDSA in the encoding that classic methods have on the wire.
    let mut pair = Pair::new(credentials::initiator(host_key(P256_A, RsaPadding::Pkcs1)), gateway());
    pair.host = Box::new(|question| {
        let Question::Sign(request) = question else { return None };
        let scheme = SignatureScheme::Ecdsa(adit_crypto::HashId::SHA2_256, EcdsaEncoding::Fixed);
        Some(Answer::Signature(Ok(sign(P256_A, &SignRequest { scheme, ..request.clone() }))))
    });
    pair.settle();
    assert!(matches!(failure(pair.client_closed()), Failure::WrongSignatureByHost { .. }));
}

#[test]
fn a_host_that_will_not_sign_is_quoted() {
    let pair = sign_pair(Box::new(|_| Some(Answer::Signature(Err("errSecInteractionNotAllowed\n".into())))));
    let failure = failure(pair.client_closed());
    let text = failure.to_string();
    assert!(text.contains("errSecInteractionNotAllowed") && text.contains(REFERENCE), "{text}");
    assert!(!text.contains('\n') && failure.advice().contains("key"));
    assert_eq!(auth_requests(&pair), 0);
    let pair = sign_pair(Box::new(|_| Some(Answer::Signature(Err(String::new())))));
    assert!(support::closed(&pair.client_events).is_some());
}

#[test]
fn a_signature_may_come_late_but_not_never() {
    let mut pair = sign_pair(Box::new(|_| None));
    let (token, deadline, _) = pair.asked()[0].clone();
    assert_eq!(pair.client.poll_timeout(), Some((deadline, Wake::Patience)));
    pair.run_for(seconds(24));
    let answer = Answer::Signature(Ok(sign(RSA_A, &sign_request(&pair))));
    pair.client.answer(pair.now, token, answer.clone());
    pair.settle();
    assert!(pair.client_is_up() && pair.gateway_is_up());
    // A second answer finds nobody.
    pair.client.answer(pair.now, token, answer);
    pair.settle();
    pair.assert_one_child();

    let mut pair = sign_pair(Box::new(|_| None));
    let (token, deadline, _) = pair.asked()[0].clone();
    pair.run_for(seconds(60));
    assert_eq!(failure(pair.client_closed()), &Failure::HostSilent);
    assert!(!failure(pair.client_closed()).is_permanent());
    let answer = Answer::Signature(Ok(sign(RSA_A, &sign_request(&pair))));
    pair.client.answer(deadline, token, answer);
    assert!(pair.client.poll_transmit().is_none() && pair.client.poll_event().is_none());
    assert_eq!(auth_requests(&pair), 0);
}

#[test]
fn answers_of_another_kind_or_token_are_no_answers() {
    let mut pair = sign_pair(Box::new(|_| None));
    let (token, deadline, _) = pair.asked()[0].clone();
    let good = Answer::Signature(Ok(sign(RSA_A, &sign_request(&pair))));
    pair.client.answer(pair.now, adit_ike::Token(token.0 + 1), good.clone());
    for answer in [
        Answer::NoLease,
        Answer::Lease(support::lease()),
        Answer::Chain(Ok(())),
        Answer::Credentials(Some((USER.into(), Secret::from(PASSWORD.as_bytes())))),
        Answer::Credentials(None),
    ] {
        pair.client.answer(pair.now, token, answer);
    }
    pair.settle();
    assert!(pair.client_closed().is_none() && auth_requests(&pair) == 0);
    assert_eq!(pair.client.poll_timeout(), Some((deadline, Wake::Patience)));
    pair.client.answer(pair.now, token, good);
    pair.settle();
    pair.assert_one_child();
}

#[test]
fn a_close_ends_each_wait_at_once() {
    let waits: [fn() -> Pair; 3] = [
        || sign_pair(Box::new(|_| None)),
        || judged_pair(LocalAuth::Certificate(Arc::new(credentials::client(RSA_A))), Box::new(|_| None)),
        || password_pair(Some(USER), Box::new(|_| None)),
    ];
    for wait in waits {
        let mut pair = wait();
        assert_eq!(pair.asked().len(), 1);
        pair.client.request(pair.now, Command::Close);
        pair.collect();
        assert_eq!(pair.client_closed(), Some(&CloseReason::Requested));
        assert_eq!(pair.client.poll_timeout(), None);
        let token = pair.asked()[0].0;
        for answer in
            [Answer::Signature(Err(String::new())), Answer::Chain(Ok(())), Answer::Credentials(None)]
        {
            pair.client.answer(pair.now, token, answer);
        }
        assert!(pair.client.poll_event().is_none() && pair.client.poll_transmit().is_none());
        pair.settle();
        // A gateway that had let us in already is told.
        assert!(pair.gateway.is_none() || pair.gateway_closed().is_some() || !pair.gateway_is_up());
    }
}

#[test]
fn a_close_in_the_middle_of_eap_takes_the_ike_sa_from_the_gateway() {
    // The third message to the gateway is the first of EAP. With the last one the gateway has an IKE SA; before, it listens to
    // nobody it does not know and forgets them.
    let mut deleted = 0;
    for messages in 3.. {
        let responder = credentials::responder(credentials::server(P256_A));
        let mut pair = Pair::new(credentials::eap(USER, PASSWORD), responder);
        let sent = |pair: &Pair| pair.log.iter().filter(|(to, _)| *to == Side::Responder).count();
        loop {
            pair.collect();
            if sent(&pair) >= messages || pair.client_is_up() {
                break;
            }
            let (side, transmit) = pair.queue.pop_front().unwrap();
            pair.deliver(side, &transmit);
        }
        if pair.client_is_up() {
            break;
        }
        pair.client.request(pair.now, Command::Close);
        pair.settle();
        assert_eq!(pair.client_closed(), Some(&CloseReason::Requested), "after {messages}");
        if pair.gateway_is_up() {
            assert_eq!(pair.gateway_closed(), Some(&CloseReason::DeletedByPeer), "after {messages}");
            deleted += 1;
        }
    }
    assert!(deleted >= 1, "no close fell between the last message and its answer");
}

#[test]
fn what_comes_while_the_host_thinks_is_noise() {
    let mut pair = sign_pair(Box::new(|_| None));
    let copies: Vec<_> = pair.log.iter().filter(|(to, _)| *to == Side::Initiator).cloned().collect();
    assert!(!copies.is_empty());
    for (side, transmit) in &copies {
        pair.deliver(*side, transmit);
    }
    let mut rubbish = vec![7; 60];
    assert!(pair.client.handle_message(pair.now, pair.client.path(), &mut rubbish).is_err());
    pair.settle();
    assert_eq!((auth_requests(&pair), pair.asked().len()), (0, 1));
    assert!(pair.client_closed().is_none());
}

// ---- JudgeChain ----------------------------------------------------------------------------------------------------

fn judged(local_auth: LocalAuth) -> InitiatorConfig {
    let policy = CertificatePolicy { anchors: Anchors::new(), ..credentials::policy(Some(SERVER)) };
    InitiatorConfig { remote_auth: RemoteAuth::HostJudged(policy), ..credentials::initiator(local_auth) }
}

fn judged_pair(local_auth: LocalAuth, host: Host) -> Pair {
    let mut pair = Pair::new(judged(local_auth), gateway());
    pair.host = host;
    pair.settle();
    pair
}

fn user() -> LocalAuth {
    LocalAuth::Eap { username: USER.into(), password: Secret::from(PASSWORD.as_bytes()) }
}

fn trusting() -> Host {
    Box::new(|question| matches!(question, Question::JudgeChain(_)).then_some(Answer::Chain(Ok(()))))
}

#[test]
fn a_chain_that_the_host_trusts_is_trusted() {
    for local_auth in [user(), LocalAuth::Certificate(Arc::new(credentials::client(RSA_A)))] {
        let pair = judged_pair(local_auth, trusting());
        assert!(pair.client_is_up() && pair.gateway_is_up(), "{:#?}", pair.client_events);
        pair.assert_one_child();
        let asked = pair.asked();
        let [(_, _, Question::JudgeChain(request))] = &asked[..] else { panic!("{asked:?}") };
        assert_eq!(request.identity.to_string(), SERVER);
        assert_eq!(request.certificates.len(), 1);
        let own = adit_ike::certificate::Certificate::parse(&request.certificates[0]).unwrap();
        assert!(adit_ike::certificate::server_name_matches(&own, SERVER).is_ok());
    }
}

#[test]
fn a_chain_that_the_host_does_not_trust_is_refused_in_its_words_and_nothing_is_told() {
    let pair =
        judged_pair(user(), Box::new(|_| Some(Answer::Chain(Err("the root is not in the store".into())))));
    let refused = auth_failure(pair.client_closed());
    assert!(matches!(refused, AuthFailure::ChainRefused { .. }), "{refused:?}");
    let failure = failure(pair.client_closed());
    let text = failure.to_string();
    assert!(text.contains("the root is not in the store") && text.contains("CN=server"), "{text}");
    assert!(failure.advice().contains("CA") && failure.is_permanent());
    for event in &pair.client_events {
        if let Event::Message(message) = event
            && message.sent
        {
            assert!(!message.text.contains("EAP"), "{}", message.text);
        }
    }
    assert!(!pair.gateway_is_up());
}

#[test]
fn a_verdict_may_come_late_but_not_never() {
    let mut pair = judged_pair(user(), Box::new(|_| None));
    let (token, deadline, _) = pair.asked()[0].clone();
    assert_eq!(pair.client.poll_timeout(), Some((deadline, Wake::Patience)));
    pair.run_for(seconds(20));
    pair.client.answer(pair.now, token, Answer::Chain(Ok(())));
    pair.settle();
    assert!(pair.client_is_up() && pair.gateway_is_up());

    let certificate = || LocalAuth::Certificate(Arc::new(credentials::client(RSA_A)));
    let mut pair = judged_pair(certificate(), Box::new(|_| None));
    assert!(pair.gateway_is_up(), "the gateway has let us in");
    pair.run_for(seconds(40));
    assert_eq!(failure(pair.client_closed()), &Failure::HostSilent);
    assert_eq!(pair.gateway_closed(), Some(&CloseReason::DeletedByPeer), "it is told");
}

#[test]
fn the_gateways_requests_before_the_verdict_are_answered_after_it() {
    let certificate = LocalAuth::Certificate(Arc::new(credentials::client(RSA_A)));
    let mut pair = judged_pair(certificate, Box::new(|_| None));
    let now = pair.now;
    pair.gateway().request(now, Command::RekeyChild);
    pair.run_for(seconds(3));
    assert!(pair.client_closed().is_none() && !pair.client_is_up());
    let token = pair.asked()[0].0;
    pair.client.answer(pair.now, token, Answer::Chain(Ok(())));
    pair.run_for(seconds(20));
    assert!(pair.client_is_up() && pair.client_closed().is_none());
    pair.assert_one_child();
    let rekeyed = pair.client_events.iter().filter(|event| {
        matches!(event, Event::Child(adit_ike::ChildEvent::Install { replaces: Some(_), .. }))
    });
    assert_eq!(rekeyed.count(), 1);
}

#[test]
fn c05_the_host_is_asked_only_about_what_is_good_but_for_its_issuers() {
    let root = credentials::root();
    let with = |template: Template| credentials::certified(&template, P256_A, &root);
    let unasked = |responder: ResponderConfig, change: &dyn Fn(&mut CertificatePolicy)| {
        let mut config = judged(user());
        if let RemoteAuth::HostJudged(policy) = &mut config.remote_auth {
            change(policy);
        }
        let mut pair = Pair::new(config, responder);
        pair.host = trusting();
        pair.settle();
        assert_eq!(pair.asked(), [], "the host was asked");
        auth_failure(pair.client_closed()).clone()
    };
    let refusal = |failure: AuthFailure| match failure {
        AuthFailure::Certificate(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    let elsewhere = with(Template::server("www.rig.test", P256_A));
    let found = refusal(unasked(credentials::responder(elsewhere), &|_| {}));
    assert!(matches!(found, CertificateRefusal::NameMismatch { .. }), "{found:?}");
    let old = with(Template::server(SERVER, P256_A).valid(NOW - 20 * DAY, NOW - DAY));
    let found = refusal(unasked(credentials::responder(old), &|_| {}));
    assert!(matches!(found, CertificateRefusal::Expired { .. }), "{found:?}");
    let found = refusal(unasked(gateway(), &|policy| policy.key_types = vec![KeyType::Rsa]));
    assert!(matches!(found, CertificateRefusal::WrongKeyType { .. }), "{found:?}");
    let found = refusal(unasked(gateway(), &|policy| policy.issuer = Some("another CA".into())));
    assert!(matches!(found, CertificateRefusal::WrongIssuer { .. }), "{found:?}");
    // Somebody else's certificate, without its key.
    let stolen = CertifiedKey { key: load(P256_B), ..credentials::server(P256_A) };
    let found = unasked(credentials::responder(stolen), &|_| {});
    assert!(matches!(found, AuthFailure::Proof(_)), "{found:?}");
}

#[test]
fn the_wanted_issuer_must_be_the_one_that_issued_it() {
    let mut config = judged(user());
    if let RemoteAuth::HostJudged(policy) = &mut config.remote_auth {
        policy.issuer = Some("root".into());
    }
    let mut pair = Pair::new(config.clone(), gateway());
    pair.host = trusting();
    pair.settle();
    assert!(pair.client_is_up());
    // A server's certificate from a CA that the host trusts, beside one that claims the wanted issuer above it.
    let other = Issuer::new("C=CH, O=Adit, CN=other", P256_B);
    let claim = Issuer::new("C=CH, O=Adit, CN=root", P521);
    let mut certified = credentials::certified(&Template::server(SERVER, P256_A), P256_A, &other);
    certified.chain.push(other.root().issue(&claim));
    let mut pair = Pair::new(config, credentials::responder(certified));
    pair.host = trusting();
    pair.settle();
    let refused = auth_failure(pair.client_closed());
    assert!(
        matches!(refused, AuthFailure::Certificate(CertificateRefusal::WrongIssuer { .. })),
        "{refused:?}"
    );
}

// ---- Password ------------------------------------------------------------------------------------------------------

fn asked_eap(username: Option<&str>) -> InitiatorConfig {
    credentials::initiator(LocalAuth::EapAsked { username: username.map(str::to_owned), names_us: true })
}

fn password_pair(username: Option<&str>, host: Host) -> Pair {
    let mut pair = Pair::new(asked_eap(username), gateway());
    pair.host = host;
    pair.settle();
    pair
}

fn given(username: &str, password: &str) -> Answer {
    Answer::Credentials(Some((username.into(), Secret::from(password.as_bytes()))))
}

fn password_requests(pair: &Pair) -> Vec<PasswordRequest> {
    let asked = pair.asked().into_iter().map(|(_, _, question)| match question {
        Question::Password(request) => request,
        other => panic!("{other:?}"),
    });
    asked.collect()
}

#[test]
fn user_name_and_password_are_asked_before_anything_is_sent() {
    for known in [None, Some("old name"), Some(USER)] {
        let mut pair = password_pair(known, Box::new(|_| None));
        assert!(pair.log.is_empty() && pair.gateway.is_none(), "nothing is sent");
        let request = PasswordRequest { username: known.map(str::to_owned), attempt: 0, refusal: None };
        assert_eq!(password_requests(&pair), [request]);
        // Longer than any server would keep us.
        pair.run_for(seconds(110));
        let token = pair.asked()[0].0;
        pair.client.answer(pair.now, token, given(USER, PASSWORD));
        pair.settle();
        pair.assert_one_child();
        assert_eq!(established(&pair.gateway_events).peer.to_string(), USER);
    }
}

#[test]
fn the_user_name_is_idi_only_where_the_profile_names_no_other() {
    for (names_us, idi) in [(true, USER), (false, "client@rig.test")] {
        let config = InitiatorConfig {
            local_auth: LocalAuth::EapAsked { username: None, names_us },
            local_id: Identity::from_text("client@rig.test").unwrap(),
            ..asked_eap(None)
        };
        let filled = config.with_credentials(USER.into(), Secret::from(PASSWORD.as_bytes())).unwrap();
        assert_eq!(filled.local_id.to_string(), idi);
        assert!(matches!(&filled.local_auth, LocalAuth::Eap { username, .. } if username == USER));
    }
}

#[test]
fn a_user_who_gives_nothing_or_nothing_in_time_ends_it() {
    let pair = password_pair(None, Box::new(|_| Some(Answer::Credentials(None))));
    assert_eq!(failure(pair.client_closed()), &Failure::CredentialsRefused);
    assert!(failure(pair.client_closed()).is_permanent(), "asking again at once would be a nuisance");
    let mut pair = password_pair(None, Box::new(|_| None));
    pair.run_for(seconds(119));
    assert!(pair.client_closed().is_none());
    pair.run_for(seconds(2));
    assert_eq!(failure(pair.client_closed()), &Failure::HostSilent);
    let pair = password_pair(None, Box::new(|_| Some(given("", PASSWORD))));
    assert!(matches!(failure(pair.client_closed()), Failure::CredentialsUnusable { .. }));
    assert!(pair.log.is_empty());
}

#[test]
fn a_wrong_password_is_not_asked_again_where_the_server_allows_no_other_try() {
    let mut pair = password_pair(None, Box::new(|_| Some(given(USER, "mistyped"))));
    pair.settle();
    assert_eq!(pair.asked().len(), 1);
    let failure = auth_failure(pair.client_closed());
    assert!(matches!(failure, AuthFailure::Eap(EapFailure::Rejected { retry_allowed: false, .. })));
}

/// A server that has proved itself and refused the password of `config` with the text `verdict`.
fn refused_by_server(config: InitiatorConfig, verdict: &str, password: &str) -> Raw {
    refused_by(config, eap(3, &framed(4, 9, verdict.as_bytes())), password)
}

fn refused_by(config: InitiatorConfig, verdict: Payload, password: &str) -> Raw {
    let server_id = Identity::from_text(SERVER).unwrap();
    let mut raw = Raw::server_with(config, |_| {}, Some(&given(USER, password)));
    let hashes = &adit_ike::auth::ANNOUNCED_HASHES;
    raw.request().expect("IKE_AUTH");
    let mut front = vec![Payload::IdR(id_payload(&server_id))];
    front.extend(raw.key_auth(Role::Responder, &server_id, &credentials::server(P256_A), Some(hashes)));
    front.push(Payload::Eap(Eap(vec![1, 1, 0, 5, 1])));
    raw.respond(&front);
    raw.request().expect("the identity");
    raw.respond(&[eap(2, &challenge(9, &[7; 16]))]);
    raw.request().expect("the response");
    raw.respond(&[verdict]);
    raw
}

fn framed(code: u8, ms_id: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 4).unwrap().to_be_bytes();
    [&[code, ms_id], &length[..], body].concat()
}

fn challenge(ms_id: u8, challenge: &[u8; 16]) -> Vec<u8> {
    framed(1, ms_id, &[&[16], &challenge[..], b"server"].concat())
}

/// An EAP-MSCHAPv2 request.
fn eap(id: u8, data: &[u8]) -> Payload {
    let length = u16::try_from(data.len() + 5).unwrap().to_be_bytes();
    Payload::Eap(Eap([&[1, id], &length[..], &[26], data].concat()))
}

fn eap_of(payloads: &[Payload]) -> Vec<u8> {
    match payloads {
        [Payload::Eap(eap)] => eap.0.clone(),
        other => panic!("{other:?}"),
    }
}

fn open_question(raw: &Raw) -> (adit_ike::Token, PasswordRequest) {
    let last = raw.events.iter().rev().find_map(|event| match event {
        Event::Ask { token, question: Question::Password(request), .. } => Some((*token, request.clone())),
        _ => None,
    });
    last.expect("a question")
}

const TRY_AGAIN: &str = "E=691 R=1 C=00112233445566778899AABBCCDDEEFF V=3 M=Wrong, once more";

#[test]
fn a_refused_password_is_asked_again_where_the_server_allows_it() {
    let mut raw = refused_by_server(asked_eap(None), TRY_AGAIN, "mistyped");
    assert!(raw.request().is_none(), "the refusal is not acknowledged yet");
    for attempt in 1..=3 {
        let (token, request) = open_question(&raw);
        let last = if attempt == 1 { USER } else { "frieda2" };
        assert_eq!((request.attempt, request.username.as_deref()), (attempt, Some(last)));
        assert!(request.refusal.unwrap().contains("once more"));
        raw.session.answer(raw.now, token, given("frieda2", PASSWORD));
        raw.pump();
        let response = eap_of(&raw.request().expect("another response").1);
        let id = 2 + u8::try_from(attempt).unwrap();
        assert_eq!(response[..2], [2, id], "EAP response to the refusal");
        assert_eq!(response[5..7], [2, 10], "MSCHAPv2 response under the next identifier");
        assert!(response.ends_with(b"frieda2"));
        raw.respond(&[eap(id + 1, &framed(4, 9, TRY_AGAIN.as_bytes()))]);
    }
    // After that we acknowledge, and the server ends it.
    let last = eap_of(&raw.request().expect("an acknowledgement").1);
    assert_eq!(last[5..], [4], "{last:?}");
    raw.respond(&[Payload::Eap(Eap(vec![4, 6, 0, 4]))]);
    let failure = auth_failure(raw.closed());
    assert!(matches!(failure, AuthFailure::Eap(EapFailure::Rejected { .. })), "{failure:?}");
}

#[test]
fn a_second_password_gets_in() {
    use adit_ike::eap::{Authenticator, ServerStep, UserSecret};
    // A server of ours up to its challenge, which the refusal is made to carry: it stands for one that allows tries.
    let provider = adit_crypto::default_provider();
    let (mut server, id, again) = loop {
        let mut server = Authenticator::new("gateway").unwrap();
        let asked = server.start(&provider).unwrap();
        let identity = [&[2, asked[1], 0, 11, 1], USER.as_bytes()].concat();
        let ServerStep::Reply(asked) = server.handle(&identity, &provider) else { panic!("a challenge") };
        // The identifiers before it are taken.
        if asked[1] > 2 {
            break (server, asked[1], asked[10..26].to_vec());
        }
    };
    let digits: String = again.iter().map(|octet| format!("{octet:02X}")).collect();
    let verdict = eap(id, &framed(4, id - 1, format!("E=691 R=1 C={digits} V=3 M=Again").as_bytes()));
    let mut raw = refused_by(asked_eap(None), verdict, "mistyped");
    let (token, _) = open_question(&raw);
    raw.session.answer(raw.now, token, given(USER, PASSWORD));
    raw.pump();
    let response = eap_of(&raw.request().unwrap().1);
    let password = UserSecret::Password(Secret::from(PASSWORD.as_bytes()));
    assert!(matches!(server.handle(&response, &raw.provider), ServerStep::NeedUser));
    let ServerStep::Reply(reply) = server.provide_user(Some(&password), &raw.provider) else {
        panic!("the second password is right");
    };
    raw.respond(&[Payload::Eap(Eap(reply))]);
    let acknowledged = eap_of(&raw.request().unwrap().1);
    let ServerStep::Success { packet, msk, .. } = server.handle(&acknowledged, &raw.provider) else {
        panic!("success");
    };
    raw.respond(&[Payload::Eap(Eap(packet))]);
    let (_, last) = raw.request().expect("AUTH by the key that EAP made");
    let id = Identity::from_text(USER).unwrap();
    let Payload::Auth(wanted) = raw.secret_auth(Role::Initiator, &id, msk.expose()) else { unreachable!() };
    assert!(last.iter().any(|payload| matches!(payload, Payload::Auth(auth) if *auth == wanted)));
}

#[test]
fn no_further_try_or_none_in_time_ends_with_the_servers_reason() {
    let mut raw = refused_by_server(asked_eap(None), TRY_AGAIN, "mistyped");
    let (token, _) = open_question(&raw);
    raw.session.answer(raw.now, token, Answer::Credentials(None));
    raw.pump();
    assert_eq!(eap_of(&raw.request().expect("an acknowledgement").1)[5..], [4]);
    assert!(auth_failure(raw.closed()).to_string().contains("once more"));

    let mut raw = refused_by_server(asked_eap(None), TRY_AGAIN, "mistyped");
    raw.wait(seconds(30));
    assert_eq!(failure(raw.closed()), &Failure::HostSilent);

    // A profile's password is not asked again, nor where there is no challenge to try with.
    let mut raw = refused_by_server(credentials::eap(USER, "mistyped"), TRY_AGAIN, "");
    assert_eq!(eap_of(&raw.request().expect("an acknowledgement").1)[5..], [4]);
    let mut raw = refused_by_server(asked_eap(None), "E=691 R=1 M=no challenge", "mistyped");
    assert_eq!(eap_of(&raw.request().expect("an acknowledgement").1)[5..], [4]);
}

// ---- Secrets -------------------------------------------------------------------------------------------------------

#[test]
fn f03_questions_and_answers_print_no_secret() {
    let log = Rc::new(RefCell::new(String::new()));
    let seen = Rc::clone(&log);
    let mut pair = password_pair(
        None,
        Box::new(move |question| {
            let answer = given(USER, PASSWORD);
            *seen.borrow_mut() += &format!("{question:?} {question:#?} {answer:?} {answer:#?}");
            Some(answer)
        }),
    );
    pair.settle();
    assert!(pair.client_is_up());
    let text =
        log.borrow().clone() + &format!("{:?} {:#?} {:?}", pair.client, pair.client, pair.client_events);
    assert!(!text.contains(PASSWORD) && text.contains(USER));
    assert!(!text.contains(&format!("{:?}", PASSWORD.as_bytes())));
    let config = asked_eap(None).with_credentials(USER.into(), Secret::from(PASSWORD.as_bytes())).unwrap();
    assert!(!format!("{config:?} {config:#?}").contains(PASSWORD));
    // A refusal in the middle: the peer holds the password's hash.
    let raw = refused_by_server(asked_eap(None), TRY_AGAIN, "mistyped!");
    let text = format!("{:?} {:#?} {:?}", raw.session, raw.session, raw.events);
    assert!(!text.contains("mistyped!"));
    // What is signed shows its length only.
    let pair = sign_pair(Box::new(|_| None));
    let shown = format!("{:?}", sign_request(&pair));
    assert!(shown.len() < 250 && shown.contains("octets"), "{shown}");
}
