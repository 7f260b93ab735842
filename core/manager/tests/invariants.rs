//! Random sequences of everything that can happen keep what must always hold.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod host;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use adit_ike::time::Instant;
use adit_ike::wire::ExchangeType;
use adit_ike::{CloseReason, Failure};
use adit_manager::on_demand::OnDemandRule;
use adit_manager::per_app::PerApp;
use adit_manager::{
    Answer, AnswerError, Ask, Configuration, ConfigurationKey, Demand, EndReason, Event, ManagerId, Request,
    StartOptions, Status, System, Token, TunnelEvent, TunnelId, Tunnels,
};
use adit_profile::SecretText;
use adit_profile::ondemand::{Interface, Network};
use host::{Host, SECRET, configuration, ikev2, managed, options, personal};
use proptest::prelude::*;

/// Something that happens. Small numbers choose among what there is.
#[derive(Clone, Debug)]
enum Happening {
    Load(u8),
    Set {
        who: u8,
        enabled: bool,
        on_demand: bool,
        secret: bool,
        valid: bool,
        per_app: bool,
        sleepy: bool,
    },
    Save(u8),
    Remove(u8),
    Start {
        who: u8,
        password: bool,
    },
    Stop(u8),
    Override {
        who: u8,
        off: bool,
    },
    StoreChanged(u8),
    Answer {
        which: u8,
        good: bool,
    },
    AnswerWrongly(u8),
    /// Everything that is asked is answered well.
    Settle,
    /// A start that is answered well, and a tunnel that comes up.
    Connect(u8),
    /// A load that is answered, a change and the beginning of a save.
    Edit {
        who: u8,
        enabled: bool,
        on_demand: bool,
    },
    Tunnel {
        which: u8,
        what: u8,
    },
    Network(u8),
    Opened(u8),
    Sleep,
    Wake,
    Later(u16),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening as H;
    let who = || 0_u8..6;
    prop_oneof![
        2 => who().prop_map(H::Load),
        3 => (who(), any::<[bool; 6]>()).prop_map(|(who, [enabled, on_demand, secret, odd, per_app, sleepy])| H::Set {
            who,
            enabled,
            on_demand,
            secret,
            valid: !odd || enabled,
            per_app: per_app && odd,
            sleepy,
        }),
        3 => who().prop_map(H::Save),
        1 => who().prop_map(H::Remove),
        4 => (who(), any::<bool>()).prop_map(|(who, password)| H::Start { who, password }),
        1 => who().prop_map(H::Stop),
        1 => (who(), any::<bool>()).prop_map(|(who, off)| H::Override { who, off }),
        1 => who().prop_map(H::StoreChanged),
        16 => (any::<u8>(), prop::bool::weighted(0.9)).prop_map(|(which, good)| H::Answer { which, good }),
        1 => any::<u8>().prop_map(H::AnswerWrongly),
        5 => Just(H::Settle),
        5 => who().prop_map(H::Connect),
        5 => (who(), prop::bool::weighted(0.8), any::<bool>())
            .prop_map(|(who, enabled, on_demand)| H::Edit { who, enabled, on_demand }),
        6 => (any::<u8>(), 0_u8..7).prop_map(|(which, what)| H::Tunnel { which, what }),
        2 => (0_u8..4).prop_map(H::Network),
        1 => any::<u8>().prop_map(H::Opened),
        1 => Just(H::Sleep),
        1 => Just(H::Wake),
        3 => (0_u16..4000).prop_map(H::Later),
    ]
}

/// A host that answers when it pleases, and watches.
struct Watch {
    host: Host,
    managers: Vec<ManagerId>,
    open: Vec<Request>,
    seen: BTreeSet<Token>,
    tunnels: Vec<TunnelId>,
    statuses: BTreeMap<ConfigurationKey, Status>,
    begun: usize,
    completed: usize,
    connected: usize,
}

impl Watch {
    fn new(tunnels: Tunnels) -> Self {
        let mut host = Host::with(options(tunnels));
        let keys = [
            personal("com.example.app"),
            personal("com.example.app"),
            personal("com.example.other"),
            managed("A"),
            managed("B"),
        ];
        let mut managers = vec![host.system.shared()];
        managers.extend(keys.map(|key| host.system.manager(key)));
        Self {
            host,
            managers,
            open: Vec::new(),
            seen: BTreeSet::new(),
            tunnels: Vec::new(),
            statuses: BTreeMap::new(),
            begun: 0,
            completed: 0,
            connected: 0,
        }
    }

    fn who(&self, who: u8) -> ManagerId {
        self.managers[usize::from(who) % self.managers.len()]
    }

    fn key(&self, who: u8) -> ConfigurationKey {
        self.host.system.key(self.who(who)).unwrap().clone()
    }

    fn now(&self) -> Instant {
        self.host.now
    }

    fn system(&mut self) -> &mut System {
        &mut self.host.system
    }

    fn happen(&mut self, happening: Happening) {
        use Happening as H;
        let now = self.now();
        match happening {
            H::Load(who) => self.begun += usize::from(self.host.system.load(now, self.who(who)).is_ok()),
            H::Save(who) => self.begun += usize::from(self.host.system.save(now, self.who(who)).is_ok()),
            H::Remove(who) => self.begun += usize::from(self.host.system.remove(now, self.who(who)).is_ok()),
            H::Set { who, enabled, on_demand, secret, valid, per_app, sleepy } => {
                let who = self.who(who);
                let mut new = Configuration {
                    is_enabled: enabled,
                    is_on_demand_enabled: on_demand,
                    on_demand_rules: Some(vec![
                        OnDemandRule { ssid_match: Some(vec!["Home".into()]), ..OnDemandRule::disconnect() },
                        OnDemandRule {
                            probe_url: Some("https://a.example/".into()),
                            ..OnDemandRule::ignore()
                        },
                        OnDemandRule::connect(),
                    ]),
                    ..configuration()
                };
                new.managed.disconnect_on_idle_seconds = on_demand.then_some(600);
                new.managed.per_app = per_app.then(PerApp::default);
                ikev2(&mut new).ipsec.base.disconnect_on_sleep = sleepy;
                if !secret && let Some(old) = self.host.system.configuration(who) {
                    let old = old.protocol_configuration.as_ref();
                    let old = old.and_then(|old| old.ipsec().shared_secret_reference.clone());
                    ikev2(&mut new).ipsec.shared_secret_reference = old;
                    new.new_secrets.clear();
                }
                if !valid {
                    new.protocol_configuration = None;
                }
                self.system().set_configuration(who, new);
            }
            H::Start { who, password } => {
                let password = password.then(|| SecretText::new(SECRET.to_owned()));
                let who = self.who(who);
                let _ = self.system().start(now, who, StartOptions { username: None, password });
            }
            H::Stop(who) => {
                let who = self.who(who);
                self.system().stop(now, who);
            }
            H::Override { who, off } => {
                let who = self.who(who);
                let _ = self.system().set_user_override(now, who, off);
            }
            H::StoreChanged(who) => {
                let key = self.key(who);
                self.system().store_changed(&key);
            }
            H::Answer { which, good } => self.answer(which, good),
            H::Settle => self.settle(),
            H::Connect(who) => {
                self.settle();
                self.happen(H::Start { who, password: false });
                self.settle();
                self.tunnel(0, 0);
            }
            H::Edit { who, enabled, on_demand } => {
                self.settle();
                self.happen(H::Load(who));
                self.settle();
                let rest = (false, enabled);
                self.happen(H::Set {
                    who,
                    enabled,
                    on_demand,
                    secret: true,
                    valid: true,
                    per_app: rest.0,
                    sleepy: rest.1,
                });
                self.happen(H::Save(who));
            }
            H::AnswerWrongly(which) => {
                if let Some(request) = self.open.get(usize::from(which) % self.open.len().max(1)) {
                    let token = request.token;
                    let result = self.host.system.answer(now, token, Answer::Signature(vec![1]));
                    assert!(matches!(result, Err(AnswerError::WrongKind | AnswerError::UnknownToken)));
                }
            }
            H::Tunnel { which, what } => self.tunnel(which, what),
            H::Network(which) => {
                let wifi = |ssid: &str| Network {
                    interface: Interface::WiFi,
                    ssid: Some(ssid.to_owned()),
                    ..Network::default()
                };
                let network = match which {
                    0 => None,
                    1 => Some(wifi("Home")),
                    2 => Some(wifi("Café")),
                    _ => Some(Network { interface: Interface::Cellular, ..Network::default() }),
                };
                self.system().network_changed(now, network);
            }
            H::Opened(which) => {
                self.system().connection_opened(now, ["a.example", "b.example"][usize::from(which % 2)])
            }
            H::Sleep => self.system().sleep(now),
            H::Wake => self.system().wake(now),
            H::Later(seconds) => {
                self.host.now = now + Duration::from_secs(seconds.into());
                let now = self.now();
                self.system().handle_timeout(now);
                let next = self.host.system.poll_timeout();
                let queued = next == Some(now);
                self.collect();
                if !queued {
                    assert!(next.is_none_or(|next| next > now), "{next:?} is due at {now:?}");
                }
            }
        }
        self.collect();
        self.check();
    }

    fn answer(&mut self, which: u8, good: bool) {
        if self.open.is_empty() {
            return;
        }
        let request = self.open.remove(usize::from(which) % self.open.len());
        let bad = || Answer::Failed { reason: "not today".into() };
        let answer = match (&request.demand, good) {
            (Demand::Consent { .. }, false) => Answer::Refused { reason: "no".into() },
            (Demand::ProbeUrl { .. } | Demand::ProbeDns { .. } | Demand::ProbeName { .. }, good) => {
                Answer::Reachable(good)
            }
            (Demand::Tunnel { .. }, _) => Answer::Done,
            (_, false) => bad(),
            (_, true) => self.host.reply(&request).unwrap_or_else(bad),
        };
        let now = self.now();
        match self.host.system.answer(now, request.token, answer.clone()) {
            // It was taken back, or its time was over.
            Err(AnswerError::UnknownToken) => {}
            Err(AnswerError::WrongKind) => panic!("{request:?} does not take {answer:?}"),
            Ok(()) => {
                let again = self.host.system.answer(now, request.token, answer);
                assert_eq!(again, Err(AnswerError::UnknownToken), "{request:?}");
            }
        }
    }

    fn tunnel(&mut self, which: u8, what: u8) {
        if self.tunnels.is_empty() {
            return;
        }
        // Most reports are on the latest.
        let back = usize::from(which % 3).min(self.tunnels.len() - 1);
        let tunnel = self.tunnels[self.tunnels.len() - 1 - back];
        let gone = Failure::PeerGone { exchange: ExchangeType::INFORMATIONAL, waited: Duration::ZERO };
        let event = match what {
            0 | 1 => TunnelEvent::Up { default_route: which.is_multiple_of(2) },
            2 => TunnelEvent::Reasserting,
            3 => TunnelEvent::PathChanged,
            4 => TunnelEvent::Asks {
                question: u64::from(which),
                deadline: self.now() + Duration::from_secs(30),
                ask: Ask::ProtectSocket { descriptor: 3 },
            },
            5 => TunnelEvent::Closed(EndReason::Failed(gone)),
            _ => TunnelEvent::Closed(CloseReason::DeletedByPeer.into()),
        };
        let now = self.now();
        self.system().tunnel_event(now, tunnel, event);
    }

    /// Takes what the system has to say.
    fn collect(&mut self) {
        while let Some(request) = self.host.system.poll_request() {
            assert!(self.seen.insert(request.token), "a token was used twice");
            if let Demand::StartTunnel(start) = &request.demand {
                self.tunnels.push(start.tunnel);
            }
            if let Demand::Save { record, .. } = &request.demand {
                let text = std::str::from_utf8(record).unwrap();
                assert!(!text.contains(SECRET) && !text.contains(&hex(SECRET)), "{text}");
            }
            assert!(!format!("{request:?}").contains(SECRET), "{request:?}");
            self.open.push(request);
        }
        while let Some(event) = self.host.system.poll_event() {
            assert!(!format!("{event:?}").contains(SECRET), "{event:?}");
            match event {
                Event::StatusChanged { key, status } => {
                    let before = self.statuses.insert(key.clone(), status).unwrap_or(Status::Invalid);
                    assert!(before.may_become(status), "{key}: {before:?} to {status:?}");
                    self.connected += usize::from(status == Status::Connected);
                }
                Event::Completed { .. } => self.completed += 1,
                _ => {}
            }
        }
    }

    fn check(&self) {
        for is_managed in [false, true] {
            let enabled =
                |configuration: &Configuration| configuration.is_enabled && !configuration.is_per_app();
            let connections = self.host.system.connections();
            let of_kind = connections.iter().filter(|(key, _)| key.is_managed() == is_managed);
            let known = of_kind.filter_map(|(key, _)| self.host.system.stored(key));
            assert!(known.filter(|stored| enabled(stored)).count() <= 1, "two are enabled");
            let stored = self.host.store.iter().filter(|(key, record)| {
                let text = std::str::from_utf8(record).unwrap();
                key.is_managed() == is_managed
                    && text.contains("\"is_enabled\":true")
                    && text.contains("\"per_app\":null")
            });
            assert!(stored.count() <= 1, "two are stored as enabled");
        }
        for (key, status) in self.host.system.connections() {
            assert_eq!(self.statuses.get(&key).copied().unwrap_or(Status::Invalid), status, "{key}");
            let manager =
                self.managers.iter().find(|manager| self.host.system.key(**manager) == Some(&key)).unwrap();
            let date = self.host.system.connected_date(*manager);
            assert_eq!(date.is_some(), status == Status::Connected);
            if status == Status::Invalid {
                assert_eq!(self.host.system.stored(&key), None);
            }
        }
        // The whole text is long: not after each step.
        if self.seen.len().is_multiple_of(16) {
            assert!(!format!("{:?}", self.host.system).contains(SECRET));
        }
    }

    /// Answers what is open, well.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            if self.open.is_empty() {
                return;
            }
            self.answer(0, true);
            self.collect();
        }
        panic!("there is no end of requests");
    }

    /// In the end every operation has completed, once.
    fn finish(mut self) -> Self {
        self.settle();
        assert_eq!(self.completed, self.begun);
        self
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_sequences_keep_the_invariants(
        one in any::<bool>(),
        happenings in prop::collection::vec(happening(), 1..200),
    ) {
        let mut watch = Watch::new(if one { Tunnels::One } else { Tunnels::Several });
        for happening in happenings {
            watch.happen(happening);
        }
        watch.finish();
    }
}

#[test]
fn random_sequences_get_somewhere() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut tunnels, mut connected, mut completed) = (0, 0, 0);
    for _ in 0..50 {
        let happenings = prop::collection::vec(happening(), 150).new_tree(&mut runner).unwrap().current();
        let mut watch = Watch::new(Tunnels::Several);
        for happening in happenings {
            watch.happen(happening);
        }
        let watch = watch.finish();
        tunnels += watch.tunnels.len();
        connected += watch.connected;
        completed += watch.completed;
    }
    assert!(tunnels > 100 && connected > 50 && completed > 500, "{tunnels} {connected} {completed}");
}
