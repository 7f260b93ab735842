//! A host for tests: a store in memory, a user who says what is set, and tunnels that do nothing.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::time::Duration;

use adit_ike::time::Instant;
use adit_manager::protocol::{AuthenticationMethod, Ikev2Protocol, ProtocolConfiguration};
use adit_manager::routing::Platform;
use adit_manager::{
    Answer, Configuration, ConfigurationKey, Demand, Event, ManagerId, NewSecret, Operation, Request,
    SecretReference, SecretSlot, StartOptions, Status, System, SystemOptions, TunnelEvent, TunnelId,
    TunnelStart, Tunnels, VpnError, VpnErrorCode,
};
use adit_profile::Secret;

/// The secret of every configuration made here; it must turn up nowhere.
pub const SECRET: &str = "correct-horse-battery-staple";

pub fn at(seconds: u64) -> Instant {
    Instant::from_epoch(Duration::from_secs(seconds))
}

pub fn options(tunnels: Tunnels) -> SystemOptions {
    SystemOptions {
        app: "com.example.app".into(),
        platform: Platform::Ios { major: 26, minor: 0 },
        tunnels,
        accepts_traffic_outside: false,
        unix_epoch: 1_700_000_000,
    }
}

/// A configuration that connects with a shared secret, which is still to be stored.
pub fn configuration() -> Configuration {
    let mut ikev2 = Ikev2Protocol::default();
    ikev2.ipsec.base.server_address = Some("vpn.example.com".into());
    ikev2.ipsec.remote_identifier = Some("vpn.example.com".into());
    ikev2.ipsec.local_identifier = Some("phone.example.com".into());
    ikev2.ipsec.authentication_method = AuthenticationMethod::SharedSecret;
    Configuration {
        is_enabled: true,
        localized_description: Some("Example".into()),
        new_secrets: vec![NewSecret::new(SecretSlot::SharedSecret, SECRET.as_bytes().to_vec())],
        ..Configuration::new(ProtocolConfiguration::Ikev2(Box::new(ikev2)))
    }
}

pub fn ikev2(configuration: &mut Configuration) -> &mut Ikev2Protocol {
    match configuration.protocol_configuration.as_mut() {
        Some(ProtocolConfiguration::Ikev2(ikev2)) => ikev2,
        _ => panic!("not IKEv2"),
    }
}

pub fn managed(payload: &str) -> ConfigurationKey {
    ConfigurationKey::Managed { payload: payload.into() }
}

pub fn personal(app: &str) -> ConfigurationKey {
    ConfigurationKey::Personal { app: app.into() }
}

pub struct Host {
    pub system: System,
    pub now: Instant,
    pub store: BTreeMap<ConfigurationKey, Vec<u8>>,
    pub secrets: BTreeMap<SecretReference, Secret>,
    pub user_consents: bool,
    pub store_works: bool,
    pub addresses: Option<Vec<String>>,
    pub urls_answer: bool,
    pub dns_answers: bool,
    /// What was asked, in order.
    pub asked: Vec<Demand>,
    pub events: Vec<Event>,
    pub started: Vec<TunnelStart>,
    next_secret: u8,
}

impl Host {
    pub fn new() -> Self {
        Self::with(options(Tunnels::Several))
    }

    pub fn with(options: SystemOptions) -> Self {
        Self {
            system: System::new(options),
            now: at(0),
            store: BTreeMap::new(),
            secrets: BTreeMap::new(),
            user_consents: true,
            store_works: true,
            addresses: Some(vec!["192.0.2.1".into()]),
            urls_answer: true,
            dns_answers: true,
            asked: Vec::new(),
            events: Vec::new(),
            started: Vec::new(),
            next_secret: 0,
        }
    }

    /// Answers everything that is asked, until nothing is.
    pub fn run(&mut self) {
        while let Some(request) = self.system.poll_request() {
            self.asked.push(request.demand.clone());
            if let Some(answer) = self.reply(&request) {
                self.system.answer(self.now, request.token, answer).unwrap();
            }
        }
        while let Some(event) = self.system.poll_event() {
            self.events.push(event);
        }
    }

    /// What this host says; `None`: nothing yet.
    pub fn reply(&mut self, request: &Request) -> Option<Answer> {
        let failed = || Answer::Failed { reason: "the disk is full".into() };
        Some(match &request.demand {
            Demand::Load { .. } | Demand::Save { .. } | Demand::Remove { .. } if !self.store_works => {
                failed()
            }
            Demand::Load { key } => Answer::Record(self.store.get(key).cloned()),
            Demand::Save { key, record, replaces } => {
                let stored = self.store.get(key);
                let generation =
                    stored.map(|record| adit_manager::preferences::generation_of(record).unwrap());
                if generation != *replaces {
                    return Some(Answer::Stale);
                }
                self.store.insert(key.clone(), record.clone());
                Answer::Done
            }
            Demand::Remove { key } => {
                self.store.remove(key);
                Answer::Done
            }
            Demand::Consent { .. } if self.user_consents => Answer::Done,
            Demand::Consent { .. } => Answer::Refused { reason: "Don't Allow".into() },
            Demand::StoreSecret { secret, .. } => {
                self.next_secret += 1;
                let reference = SecretReference(vec![0xf0, self.next_secret]);
                self.secrets.insert(reference.clone(), secret.content.clone());
                Answer::Reference(reference)
            }
            Demand::DeleteSecrets { references } => {
                for reference in references {
                    self.secrets.remove(reference);
                }
                Answer::Done
            }
            Demand::ReadSecret { reference, .. } => Answer::Secret(self.secrets.get(reference).cloned()),
            Demand::ResolveName { .. } => match &self.addresses {
                Some(addresses) => Answer::Addresses(addresses.clone()),
                None => Answer::Failed { reason: "no such name".into() },
            },
            Demand::ProbeUrl { .. } => Answer::Reachable(self.urls_answer),
            Demand::ProbeDns { .. } | Demand::ProbeName { .. } => Answer::Reachable(self.dns_answers),
            Demand::StartTunnel(start) => {
                self.started.push((**start).clone());
                Answer::Done
            }
            Demand::StopTunnel { .. } => Answer::Done,
            Demand::Tunnel { .. } => return None,
        })
    }

    pub fn advance(&mut self, seconds: u64) {
        self.now = self.now + Duration::from_secs(seconds);
        self.system.handle_timeout(self.now);
        self.run();
    }

    fn completed(&mut self, manager: ManagerId, operation: Operation) -> Result<(), VpnError> {
        self.run();
        let at = self.events.iter().rposition(
            |event| matches!(event, Event::Completed { manager: of, operation: what, .. } if *of == manager && *what == operation),
        );
        match self.events.remove(at.expect("no completion")) {
            Event::Completed { result, .. } => result,
            _ => unreachable!(),
        }
    }

    pub fn load(&mut self, manager: ManagerId) -> Result<(), VpnError> {
        self.system.load(self.now, manager)?;
        self.completed(manager, Operation::Load)
    }

    pub fn save(&mut self, manager: ManagerId) -> Result<(), VpnError> {
        self.system.save(self.now, manager)?;
        self.completed(manager, Operation::Save)
    }

    pub fn remove(&mut self, manager: ManagerId) -> Result<(), VpnError> {
        self.system.remove(self.now, manager)?;
        self.completed(manager, Operation::Remove)
    }

    /// Loads, sets and saves.
    pub fn install(&mut self, manager: ManagerId, configuration: Configuration) {
        self.load(manager).unwrap();
        self.system.set_configuration(manager, configuration);
        self.save(manager).unwrap();
    }

    /// The app's own manager with the usual configuration.
    pub fn installed() -> (Self, ManagerId) {
        let mut host = Self::new();
        let manager = host.system.shared();
        host.install(manager, configuration());
        host.events.clear();
        host.asked.clear();
        (host, manager)
    }

    pub fn start(&mut self, manager: ManagerId) -> Result<(), VpnError> {
        let result = self.system.start(self.now, manager, StartOptions::default());
        self.run();
        result
    }

    /// Starts and answers everything but the question for the server's addresses, whose token is given.
    pub fn start_without_answers(&mut self, manager: ManagerId) -> adit_manager::Token {
        self.system.start(self.now, manager, StartOptions::default()).unwrap();
        loop {
            let request = self.system.poll_request().expect("no name is asked for");
            if matches!(request.demand, Demand::ResolveName { .. }) {
                while self.system.poll_event().is_some() {}
                return request.token;
            }
            let answer = self.reply(&request).unwrap();
            self.system.answer(self.now, request.token, answer).unwrap();
        }
    }

    pub fn stop(&mut self, manager: ManagerId) {
        self.system.stop(self.now, manager);
        self.run();
    }

    pub fn tunnel(&mut self, event: TunnelEvent) {
        let tunnel = self.last_tunnel();
        self.system.tunnel_event(self.now, tunnel, event);
        self.run();
    }

    pub fn last_tunnel(&self) -> TunnelId {
        self.started.last().expect("no tunnel was started").tunnel
    }

    pub fn connect(&mut self, manager: ManagerId) {
        self.start(manager).unwrap();
        self.tunnel(TunnelEvent::Up { default_route: true });
        assert_eq!(self.system.status(manager), Status::Connected);
    }

    pub fn statuses(&self) -> Vec<Status> {
        let status = |event: &Event| match event {
            Event::StatusChanged { status, .. } => Some(*status),
            _ => None,
        };
        self.events.iter().filter_map(status).collect()
    }
}

pub fn code(result: Result<(), VpnError>) -> VpnErrorCode {
    result.unwrap_err().code
}
