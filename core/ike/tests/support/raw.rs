//! A peer that has the keys and keeps to no rule: it sends whatever payloads a test gives it, after a proper
//! handshake if the test wants one. Made of the crate's public codec only.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use adit_crypto::{ActiveKeyExchange, CryptoProvider, DhGroup, HashId, Prf, Secret};
use adit_ike::auth::{ANNOUNCED_HASHES, SignatureChoice, encode_hashes};
use adit_ike::config::{CertifiedKey, InitiatorConfig, ResponderConfig};
use adit_ike::exchange::{Channel, Fingerprint, Opener, Received, RetransmitPolicy, Sealer, Window};
use adit_ike::identity::Identity;
use adit_ike::keys::{IkeKeys, SignedOctets, shared_secret_auth, skeyseed_initial, skeyseed_rekeyed};
use adit_ike::proposal::{IkeSuite, accept_ike, offer_esp, offer_ike, select_esp, select_ike};
use adit_ike::time::Instant;
use adit_ike::wire::*;
use adit_ike::{Answer, CloseReason, Event, Path, Session};

use super::{config, lease};

pub const CLIENT: &str = "192.0.2.2";
pub const GATEWAY: &str = "192.0.2.1";

/// The peer, and the session it faces.
pub struct Raw {
    pub session: Session,
    pub now: Instant,
    /// As the session sees it.
    pub path: Path,
    pub provider: CryptoProvider,
    pub channel: Channel,
    /// IKE SAs before this one.
    pub former: Vec<Channel>,
    pub suite: IkeSuite,
    pub prf: &'static dyn Prf,
    pub keys: IkeKeys,
    pub role: Role,
    pub message_i: Vec<u8>,
    pub message_r: Vec<u8>,
    pub nonce_i: Vec<u8>,
    pub nonce_r: Vec<u8>,
    /// Everything the session told its host.
    pub events: Vec<Event>,
    /// Opened messages of the session, oldest first.
    pub inbox: VecDeque<(Header, Vec<Payload>)>,
    /// Datagrams of the session that were not for the channel in use.
    pub unread: Vec<Vec<u8>>,
    /// Where each datagram of the session went, oldest first.
    pub sent: Vec<Path>,
    /// The first Child SA: the SPI we receive on and the session's.
    pub child: (u32, u32),
}

pub fn start() -> Instant {
    Instant::from_epoch(Duration::from_secs(1000))
}

/// A path as seen by the side at `local`.
pub fn path(local: &str, remote: &str, port: u16) -> Path {
    let at = |ip: &str| SocketAddr::new(ip.parse().unwrap(), port);
    Path { local: at(local), remote: at(remote), encapsulated: port != 500 }
}

pub fn notify(notify_type: NotifyType) -> Payload {
    Payload::Notify(Notify::status(notify_type))
}

/// The first notify of this type.
pub fn find(payloads: &[Payload], notify_type: NotifyType) -> Option<&Notify> {
    payloads.iter().find_map(|payload| match payload {
        Payload::Notify(notify) if notify.notify_type == notify_type => Some(notify),
        _ => None,
    })
}

/// True if `payloads` is this notify and nothing else.
pub fn is_only(payloads: &[Payload], notify_type: NotifyType) -> bool {
    payloads.len() == 1 && find(payloads, notify_type).is_some()
}

/// What an honest peer puts beside its key exchange.
pub fn hello(provider: &CryptoProvider) -> Vec<Payload> {
    let mut random = vec![0; 40];
    provider.fill(&mut random).unwrap();
    let (source, destination) = random.split_at(20);
    vec![
        Payload::Notify(Notify::new(NotifyType::NAT_DETECTION_SOURCE_IP, source)),
        Payload::Notify(Notify::new(NotifyType::NAT_DETECTION_DESTINATION_IP, destination)),
        Payload::Notify(Notify::status(NotifyType::FRAGMENTATION_SUPPORTED)),
        Payload::Notify(Notify::new(NotifyType::SIGNATURE_HASH_ALGORITHMS, encode_hashes(&ANNOUNCED_HASHES))),
    ]
}

pub fn nonce(provider: &CryptoProvider) -> Vec<u8> {
    let mut nonce = vec![0; 32];
    provider.fill(&mut nonce).unwrap();
    nonce
}

pub fn generate(provider: &CryptoProvider, group: DhGroup) -> Box<dyn ActiveKeyExchange> {
    provider.key_exchange(group).unwrap().generate(provider.random).unwrap()
}

pub fn ke(open: &dyn ActiveKeyExchange) -> Payload {
    Payload::Ke(KeyExchange { group: open.group(), data: open.public_value().to_vec() })
}

/// An IKE_SA_INIT request with `payloads` under a random SPI.
pub fn init_request(provider: &CryptoProvider, payloads: Vec<Payload>) -> Vec<u8> {
    let mut spi = [0; 8];
    provider.fill(&mut spi).unwrap();
    init_request_from(IkeSpi(spi), payloads)
}

/// An IKE_SA_INIT request with `payloads`.
pub fn init_request_from(spi: IkeSpi, payloads: Vec<Payload>) -> Vec<u8> {
    let flags = Flags::request(Role::Initiator);
    let header = Header::new(spi, IkeSpi::ZERO, ExchangeType::IKE_SA_INIT, flags, 0);
    Message { header, payloads }.encode().unwrap()
}

/// SA, KE, nonce and the notifies of a client that takes what the tests offer.
pub fn init_payloads(provider: &CryptoProvider) -> (Vec<Payload>, Box<dyn ActiveKeyExchange>) {
    let open = generate(provider, DhGroup::CURVE25519);
    let mut payloads = vec![
        Payload::Sa(offer_ike(&config().ike_proposals, &[])),
        ke(&*open),
        Payload::Nonce(Nonce(nonce(provider))),
    ];
    payloads.extend(hello(provider));
    (payloads, open)
}

/// What `kind` makes of the first payload it knows.
fn first<T>(payloads: &[Payload], kind: impl Fn(&Payload) -> Option<T>) -> T {
    payloads.iter().find_map(kind).unwrap_or_else(|| panic!("a payload is missing: {payloads:?}"))
}

fn nonce_of(payloads: &[Payload]) -> Vec<u8> {
    first(payloads, |payload| if let Payload::Nonce(nonce) = payload { Some(nonce.0.clone()) } else { None })
}

fn sa_of(payloads: &[Payload]) -> SecurityAssociation {
    first(payloads, |payload| if let Payload::Sa(sa) = payload { Some(sa.clone()) } else { None })
}

fn ke_of(payloads: &[Payload]) -> KeyExchange {
    first(payloads, |payload| if let Payload::Ke(ke) = payload { Some(ke.clone()) } else { None })
}

struct Made<'a> {
    role: Role,
    suite: IkeSuite,
    spi_i: IkeSpi,
    spi_r: IkeSpi,
    keys: &'a IkeKeys,
}

fn channel(provider: CryptoProvider, window: Window, made: &Made<'_>) -> Channel {
    let cipher = provider.cipher(made.suite.cipher).unwrap();
    let sealer = Sealer::new(cipher, &made.keys.protection(made.role)).unwrap();
    let opener = Opener::new(cipher, &made.keys.protection(made.role.peer())).unwrap();
    Channel::new(provider, made.spi_i, made.spi_r, window, sealer, opener)
}

impl Raw {
    /// A client that has finished IKE_SA_INIT with a gateway. `change` has its say about the request.
    pub fn client(responder: ResponderConfig, change: impl FnOnce(&mut Vec<Payload>)) -> Self {
        let mut spi = [0; 8];
        adit_crypto::default_provider().fill(&mut spi).unwrap();
        Self::client_with_spi(responder, IkeSpi(spi), change)
    }

    /// The same under an SPI of the test's choice.
    pub fn client_with_spi(
        responder: ResponderConfig,
        spi: IkeSpi,
        change: impl FnOnce(&mut Vec<Payload>),
    ) -> Self {
        let provider = adit_crypto::default_provider();
        let (mut payloads, open) = init_payloads(&provider);
        change(&mut payloads);
        let message_i = init_request_from(spi, payloads);
        let at = path(GATEWAY, CLIENT, 500);
        let mut session =
            Session::respond(Arc::new(responder), provider, start(), at, 0, &message_i).expect("a session");
        let message_r = session.poll_transmit().expect("an answer").payload;
        let (request, answer) = (Message::parse(&message_i).unwrap(), Message::parse(&message_r).unwrap());
        let suite = accept_ike(&sa_of(&answer.payloads), &sa_of(&request.payloads)).unwrap().suite;
        let shared = open.complete(&ke_of(&answer.payloads).data).unwrap();
        let (nonce_i, nonce_r) = (nonce_of(&request.payloads), nonce_of(&answer.payloads));
        let mut window = Window::new(Role::Initiator, RetransmitPolicy::default());
        window.start_request(start(), vec![message_i.clone()]).unwrap();
        window.finish_request(0);
        let spis = (answer.header.initiator_spi, answer.header.responder_spi);
        Self::new(
            session,
            provider,
            Role::Initiator,
            suite,
            spis,
            window,
            &shared,
            message_i,
            message_r,
            nonce_i,
            nonce_r,
        )
    }

    /// A server that has answered a client's IKE_SA_INIT, and has its first IKE_AUTH in the inbox. `change` has
    /// its say about the answer.
    pub fn server(initiator: InitiatorConfig, change: impl FnOnce(&mut Vec<Payload>)) -> Self {
        Self::server_with(initiator, change, None)
    }

    /// The same; the client's host gives this answer to the first question.
    pub fn server_with(
        initiator: InitiatorConfig,
        change: impl FnOnce(&mut Vec<Payload>),
        given: Option<&Answer>,
    ) -> Self {
        let provider = adit_crypto::default_provider();
        let at = path(CLIENT, GATEWAY, 500);
        let proposals = initiator.common.ike_proposals.clone();
        let mut session = Session::connect(Arc::new(initiator), provider, start(), at).unwrap();
        if let (Some(Event::Ask { token, .. }), Some(given)) = (session.poll_event(), given) {
            session.answer(start(), token, given.clone());
        }
        let message_i = session.poll_transmit().expect("a request").payload;
        let request = Message::parse(&message_i).unwrap();
        let sent = ke_of(&request.payloads);
        let selected =
            select_ike(&sa_of(&request.payloads), &proposals, &provider, Some(sent.group)).unwrap();
        let open = generate(&provider, sent.group);
        let mut payloads =
            vec![Payload::Sa(selected.answer(&[])), ke(&*open), Payload::Nonce(Nonce(nonce(&provider)))];
        payloads.extend(hello(&provider));
        change(&mut payloads);
        let mut spi = [0; 8];
        provider.fill(&mut spi).unwrap();
        let flags = Flags::response(Role::Responder);
        let header =
            Header::new(request.header.initiator_spi, IkeSpi(spi), ExchangeType::IKE_SA_INIT, flags, 0);
        let message_r = Message { header, payloads }.encode().unwrap();
        let answer = Message::parse(&message_r).unwrap();
        let shared = open.complete(&sent.data).unwrap();
        let (nonce_i, nonce_r) = (nonce_of(&request.payloads), nonce_of(&answer.payloads));
        let mut window = Window::new(Role::Responder, RetransmitPolicy::default());
        let fingerprint = Fingerprint::of(&provider, &message_i).unwrap();
        assert!(window.begin_request(0));
        window.store_reply(0, fingerprint, vec![message_r.clone()]);
        session.handle_message(start(), at, &mut message_r.clone()).expect("the answer is taken");
        let spis = (answer.header.initiator_spi, answer.header.responder_spi);
        let suite = selected.suite;
        let mut raw = Self::new(
            session,
            provider,
            Role::Responder,
            suite,
            spis,
            window,
            &shared,
            message_i,
            message_r,
            nonce_i,
            nonce_r,
        );
        raw.pump();
        raw
    }

    #[allow(clippy::too_many_arguments)]
    fn new(
        session: Session,
        provider: CryptoProvider,
        role: Role,
        suite: IkeSuite,
        (spi_i, spi_r): (IkeSpi, IkeSpi),
        window: Window,
        shared: &Secret,
        message_i: Vec<u8>,
        message_r: Vec<u8>,
        nonce_i: Vec<u8>,
        nonce_r: Vec<u8>,
    ) -> Self {
        let prf = provider.prf(suite.prf).unwrap();
        let cipher = provider.cipher(suite.cipher).unwrap();
        let skeyseed = skeyseed_initial(prf, &nonce_i, &nonce_r, shared);
        let keys = IkeKeys::derive(prf, cipher, &skeyseed, &nonce_i, &nonce_r, spi_i, spi_r).unwrap();
        let channel = channel(provider, window, &Made { role, suite, spi_i, spi_r, keys: &keys });
        let (local, remote) = if role == Role::Initiator { (GATEWAY, CLIENT) } else { (CLIENT, GATEWAY) };
        Self {
            session,
            now: start(),
            path: path(local, remote, 4500),
            provider,
            channel,
            former: Vec::new(),
            suite,
            prf,
            keys,
            role,
            message_i,
            message_r,
            nonce_i,
            nonce_r,
            events: Vec::new(),
            inbox: VecDeque::new(),
            unread: Vec::new(),
            sent: Vec::new(),
            child: (0xc0de_0001, 0),
        }
    }

    /// Takes the session's output: opens its messages, answers its questions.
    pub fn pump(&mut self) {
        loop {
            if let Some(event) = self.session.poll_event() {
                if let Event::Ask { token, .. } = &event {
                    self.session.answer(self.now, *token, Answer::Lease(lease()));
                }
                self.events.push(event);
            } else if let Some(transmit) = self.session.poll_transmit() {
                if transmit.payload == [0xff] {
                    continue;
                }
                self.sent.push(transmit.path);
                let skip = if transmit.path.encapsulated { 4 } else { 0 };
                let datagram = transmit.payload[skip..].to_vec();
                match self.channel.receive(&datagram) {
                    Received::Request(header, payloads) | Received::Response(header, payloads) => {
                        self.inbox.push_back((header, payloads));
                    }
                    Received::BadRequest(_, error) | Received::BadResponse(_, error) => panic!("{error}"),
                    Received::Incomplete => {}
                    Received::Resend(_) | Received::Dropped(_) => self.unread.push(datagram),
                }
            } else {
                return;
            }
        }
    }

    /// Sends a request, without waiting for the answer to the one before.
    pub fn send(&mut self, exchange: ExchangeType, payloads: &[Payload]) {
        if let Some(open) = self.channel.window().outstanding() {
            self.channel.window_mut().finish_request(open);
        }
        let datagrams = self.channel.request(self.now, exchange, payloads).unwrap().to_vec();
        for mut datagram in datagrams {
            let _ = self.session.handle_message(self.now, self.path, &mut datagram);
        }
        self.pump();
    }

    /// Sends a request and takes the answer.
    pub fn ask(&mut self, exchange: ExchangeType, payloads: &[Payload]) -> Vec<Payload> {
        self.inbox.clear();
        self.send(exchange, payloads);
        let position = self.inbox.iter().position(|(header, _)| header.flags.response);
        let position = position.unwrap_or_else(|| panic!("no answer; events: {:#?}", self.events));
        self.inbox.remove(position).unwrap().1
    }

    /// The request of the session that is open.
    pub fn request(&mut self) -> Option<(ExchangeType, Vec<Payload>)> {
        let position = self.inbox.iter().position(|(header, _)| !header.flags.response)?;
        self.inbox.remove(position).map(|(header, payloads)| (header.exchange, payloads))
    }

    /// Answers the request of the session that is open.
    pub fn respond(&mut self, payloads: &[Payload]) {
        let datagrams = self.channel.respond(payloads).unwrap().to_vec();
        for mut datagram in datagrams {
            let _ = self.session.handle_message(self.now, self.path, &mut datagram);
        }
        self.pump();
    }

    /// Gives the session a datagram as it is.
    pub fn inject(&mut self, datagram: &[u8]) -> Result<(), adit_ike::Discard> {
        let result = self.session.handle_message(self.now, self.path, &mut datagram.to_vec());
        self.pump();
        result
    }

    /// An unprotected message under the SPIs of the IKE SA.
    pub fn in_clear(&self, exchange: ExchangeType, flags: Flags, id: u32, payloads: Vec<Payload>) -> Vec<u8> {
        let header =
            Header::new(self.channel.initiator_spi(), self.channel.responder_spi(), exchange, flags, id);
        Message { header, payloads }.encode().unwrap()
    }

    /// Lets time pass, deadline by deadline.
    pub fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..100_000 {
            self.pump();
            match self.session.poll_timeout().filter(|(at, _)| *at <= end) {
                Some((at, _)) => {
                    self.now = self.now.max(at);
                    self.session.handle_timeout(self.now);
                }
                None => {
                    self.now = end;
                    return;
                }
            }
        }
        panic!("deadlines never end");
    }

    pub fn closed(&self) -> Option<&CloseReason> {
        self.events.iter().find_map(|event| match event {
            Event::Closed(reason) => Some(reason),
            _ => None,
        })
    }

    /// What `signer` signs.
    pub fn octets(&self, signer: Role, id: &Identity) -> SignedOctets<'_> {
        let (message, peer_nonce) = match signer {
            Role::Initiator => (&self.message_i, &self.nonce_r),
            Role::Responder => (&self.message_r, &self.nonce_i),
        };
        SignedOctets::new(self.prf, message, peer_nonce, self.keys.auth_key(signer), &id.payload_body())
    }

    /// AUTH by method 2.
    pub fn secret_auth(&self, signer: Role, id: &Identity, secret: &[u8]) -> Payload {
        let auth = shared_secret_auth(self.prf, &Secret::from(secret), &self.octets(signer, id));
        Payload::Auth(Authentication { method: AuthMethod::SHARED_KEY, data: auth.expose().to_vec() })
    }

    /// CERT and AUTH by a key; `hashes` are those the session announced, `None` for the classic methods.
    pub fn key_auth(
        &self,
        signer: Role,
        id: &Identity,
        certified: &CertifiedKey,
        hashes: Option<&[HashId]>,
    ) -> Vec<Payload> {
        let choice = SignatureChoice::new(certified.key.kind(), certified.padding, hashes).unwrap();
        let octets = self.octets(signer, id).concat();
        let data = choice.sign(&*certified.key, &octets, self.provider.random).unwrap();
        let certs = certified.chain.iter().map(|der| {
            Payload::Cert(Certificate { encoding: CertEncoding::X509_SIGNATURE, data: der.clone() })
        });
        let auth = Payload::Auth(Authentication { method: choice.method, data });
        certs.chain([auth]).collect()
    }

    /// The first IKE_AUTH request of a client, with these payloads where AUTH stands.
    pub fn auth_request(&self, id: &Identity, auth: Vec<Payload>) -> Vec<Payload> {
        let mut payloads = vec![Payload::IdI(id_payload(id))];
        payloads.extend(auth);
        payloads.push(Payload::Cp(Configuration::request(&[
            ConfigAttributeType::INTERNAL_IP4_ADDRESS,
            ConfigAttributeType::INTERNAL_IP6_ADDRESS,
        ])));
        let proposals: Vec<_> =
            config().child.proposals.iter().map(|proposal| proposal.without_key_exchange()).collect();
        payloads.push(Payload::Sa(offer_esp(&proposals, self.child.0)));
        payloads.extend(any_selectors());
        payloads
    }

    /// The last IKE_AUTH response of a server to the request with `asked`, with these payloads in front.
    pub fn auth_response(&self, asked: &[Payload], front: Vec<Payload>) -> Vec<Payload> {
        let mut payloads = front;
        payloads.push(Payload::Cp(Configuration {
            config_type: ConfigType::REPLY,
            attributes: vec![ConfigAttribute::ip4(
                ConfigAttributeType::INTERNAL_IP4_ADDRESS,
                "10.97.0.5".parse().unwrap(),
            )],
        }));
        let proposals: Vec<_> =
            config().child.proposals.iter().map(|proposal| proposal.without_key_exchange()).collect();
        let selected = select_esp(&sa_of(asked), &proposals, &self.provider, None, true).unwrap();
        payloads.push(Payload::Sa(selected.answer(&self.child.0.to_be_bytes())));
        payloads.extend(any_selectors());
        payloads
    }

    /// A client with a pre-shared key, established.
    pub fn established_client(responder: ResponderConfig) -> Self {
        let mut raw = Self::client(responder, |_| {});
        raw.authenticate_client();
        raw
    }

    /// The same, with MOBIKE.
    pub fn mobike_client(responder: ResponderConfig) -> Self {
        let mut raw = Self::client(responder, |_| {});
        let answer = raw.authenticate_client_with(vec![notify(NotifyType::MOBIKE_SUPPORTED)]);
        assert!(find(&answer, NotifyType::MOBIKE_SUPPORTED).is_some());
        raw
    }

    /// IKE_AUTH with a pre-shared key.
    pub fn authenticate_client(&mut self) {
        self.authenticate_client_with(Vec::new());
    }

    /// The same with these payloads behind it; gives the answer.
    pub fn authenticate_client_with(&mut self, more: Vec<Payload>) -> Vec<Payload> {
        let id = Identity::from_text("client@rig.test").unwrap();
        let auth = self.secret_auth(Role::Initiator, &id, b"rig secret");
        let mut request = self.auth_request(&id, vec![auth]);
        request.extend(more);
        let answer = self.ask(ExchangeType::IKE_AUTH, &request);
        self.child.1 = sa_of(&answer).proposals[0].esp_spi().unwrap();
        assert!(self.events.iter().any(|event| matches!(event, Event::Established(_))));
        answer
    }

    /// A server with a pre-shared key, established.
    pub fn established_server(initiator: InitiatorConfig) -> Self {
        Self::established_server_with(initiator, Vec::new())
    }

    /// The same, with these payloads behind its IKE_AUTH response.
    pub fn established_server_with(initiator: InitiatorConfig, more: Vec<Payload>) -> Self {
        let mut raw = Self::server(initiator, |_| {});
        let id = Identity::from_text("vpn.rig.test").unwrap();
        let (_, asked) = raw.request().expect("IKE_AUTH");
        raw.child.1 = sa_of(&asked).proposals[0].esp_spi().unwrap();
        let auth = raw.secret_auth(Role::Responder, &id, b"rig secret");
        let mut answer = raw.auth_response(&asked, vec![Payload::IdR(id_payload(&id)), auth]);
        answer.extend(more);
        raw.respond(&answer);
        assert!(raw.events.iter().any(|event| matches!(event, Event::Established(_))), "{:#?}", raw.events);
        raw
    }

    /// A request for a Child SA that is received on `spi`, with a key exchange of its own.
    pub fn child_request(&self, rekeyed: Option<u32>, spi: u32) -> Vec<Payload> {
        let open = generate(&self.provider, DhGroup::CURVE25519);
        let rekey = rekeyed.map(|spi| Payload::Notify(Notify::about_esp(NotifyType::REKEY_SA, spi)));
        let mut payloads: Vec<_> = rekey.into_iter().collect();
        payloads.push(Payload::Sa(offer_esp(&config().child.proposals, spi)));
        payloads.push(Payload::Nonce(Nonce(nonce(&self.provider))));
        payloads.push(ke(&*open));
        payloads.extend(any_selectors());
        payloads
    }

    /// An agreeable response to the session's request for a Child SA, received on `spi`.
    pub fn child_response(&self, asked: &[Payload], spi: u32) -> Vec<Payload> {
        let sent = ke_of(asked).group;
        let selected =
            select_esp(&sa_of(asked), &config().child.proposals, &self.provider, Some(sent), false).unwrap();
        let mut payloads = vec![
            Payload::Sa(selected.answer(&spi.to_be_bytes())),
            Payload::Nonce(Nonce(nonce(&self.provider))),
            ke(&*generate(&self.provider, sent)),
        ];
        payloads.extend(any_selectors());
        payloads
    }

    /// Rekeys the IKE SA: the channel in use is the new one afterwards.
    pub fn rekey_ike(&mut self) -> Result<(), Vec<Payload>> {
        let open = generate(&self.provider, self.suite.group);
        let nonce_i = nonce(&self.provider);
        let mut spi = [0; 8];
        self.provider.fill(&mut spi).unwrap();
        let offer = offer_ike(&config().ike_proposals, &spi);
        let request = [Payload::Sa(offer.clone()), Payload::Nonce(Nonce(nonce_i.clone())), ke(&*open)];
        let answer = self.ask(ExchangeType::CREATE_CHILD_SA, &request);
        if !answer.iter().any(|payload| matches!(payload, Payload::Sa(_))) {
            return Err(answer);
        }
        let selected = accept_ike(&sa_of(&answer), &offer).unwrap();
        let spi_r = selected.proposal.ike_spi().unwrap();
        let shared = open.complete(&ke_of(&answer).data).unwrap();
        let nonce_r = nonce_of(&answer);
        let skeyseed = skeyseed_rekeyed(self.prf, &self.keys.d, &shared, &nonce_i, &nonce_r);
        let cipher = self.provider.cipher(selected.suite.cipher).unwrap();
        let spi_i = IkeSpi(spi);
        self.keys = IkeKeys::derive(self.prf, cipher, &skeyseed, &nonce_i, &nonce_r, spi_i, spi_r).unwrap();
        self.role = Role::Initiator;
        let window = Window::new(self.role, RetransmitPolicy::default());
        let made = Made { role: self.role, suite: selected.suite, spi_i, spi_r, keys: &self.keys };
        let new = channel(self.provider, window, &made);
        self.former.push(std::mem::replace(&mut self.channel, new));
        Ok(())
    }
}

pub fn id_payload(id: &Identity) -> Identification {
    Identification::new(IdType(id.kind().0), id.data())
}

/// TSi and TSr for everything.
pub fn any_selectors() -> Vec<Payload> {
    let any = |range: (&str, &str)| {
        Selector::Ip(IpSelector {
            protocol: 0,
            start_port: 0,
            end_port: 65_535,
            start: range.0.parse().unwrap(),
            end: range.1.parse().unwrap(),
        })
    };
    let v6 = ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    let all = || TrafficSelectors { selectors: vec![any(("0.0.0.0", "255.255.255.255")), any(v6)] };
    vec![Payload::TsI(all()), Payload::TsR(all())]
}
