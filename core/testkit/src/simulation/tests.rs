//! Toy endpoints: a client that repeats each request until it is answered, a gateway that answers.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::*;
use crate::network::{Conditions, Fate, NatSettings};
use crate::seed::for_each_seed;
use crate::wire::never_contains;

const RETRY: Duration = Duration::from_millis(500);

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

#[derive(Debug)]
struct Asker {
    me: SocketAddr,
    gateway: SocketAddr,
    /// The request under way, and when it is repeated.
    current: Option<(u32, Duration)>,
    waiting: bool,
    answered: u32,
    wanted: u32,
}

impl Asker {
    fn new(me: &str, wanted: u32) -> Self {
        Self {
            me: at(me),
            gateway: at("192.0.2.2:500"),
            current: Some((0, RETRY)),
            waiting: true,
            answered: 0,
            wanted,
        }
    }
}

impl Endpoint for Asker {
    fn handle(&mut self, now: Duration, _: SocketAddr, to: SocketAddr, bytes: &mut [u8]) {
        assert_eq!(to, self.me);
        let number = u32::from_be_bytes((&*bytes).try_into().unwrap());
        if self.current.is_some_and(|(current, _)| current == number) {
            self.answered += 1;
            let more = self.answered < self.wanted;
            self.current = more.then_some((number + 1, now + RETRY));
            self.waiting = more;
        }
    }

    fn poll_transmit(&mut self, _: Duration) -> Option<Datagram> {
        let (number, _) = self.current?;
        if !std::mem::take(&mut self.waiting) {
            return None;
        }
        Some(Datagram { from: self.me, to: self.gateway, bytes: number.to_be_bytes().to_vec() })
    }

    fn poll_timeout(&mut self) -> Option<Duration> {
        self.current.map(|(_, retry)| retry)
    }

    fn handle_timeout(&mut self, now: Duration) {
        if let Some((_, retry)) = &mut self.current
            && *retry <= now
        {
            *retry = now + RETRY;
            self.waiting = true;
        }
    }
}

#[derive(Debug, Default)]
struct Answerer {
    queue: Vec<Datagram>,
    sources: BTreeSet<SocketAddr>,
}

impl Endpoint for Answerer {
    fn handle(&mut self, _: Duration, from: SocketAddr, to: SocketAddr, bytes: &mut [u8]) {
        self.sources.insert(from);
        self.queue.push(Datagram { from: to, to: from, bytes: bytes.to_vec() });
    }

    fn poll_transmit(&mut self, _: Duration) -> Option<Datagram> {
        self.queue.pop()
    }

    fn poll_timeout(&mut self) -> Option<Duration> {
        None
    }

    fn handle_timeout(&mut self, _: Duration) {}
}

fn pair(seed: Seed, conditions: Conditions, wanted: u32) -> Simulation<Pair<Asker, Answerer>> {
    let mut network = Network::new(seed, conditions);
    network.assign(at("192.0.2.1:0").ip(), Pair::CLIENT);
    network.assign(at("192.0.2.2:0").ip(), Pair::GATEWAY);
    let pair = Pair { client: Asker::new("192.0.2.1:1000", wanted), gateway: Answerer::default() };
    Simulation::new(seed, network, pair)
}

#[test]
fn the_clock_jumps_to_what_happens_next() {
    let mut simulation = pair(Seed(1), Conditions::delay(Duration::from_secs(3_600)), 1);
    simulation.client.current = Some((0, Duration::from_secs(100_000)));
    simulation.run_until(Duration::from_secs(10_000), |nodes| nodes.client.answered == 1);
    assert_eq!(simulation.now(), Duration::from_secs(7_200));
    assert!(simulation.steps <= 3);
}

#[test]
fn a_dropped_answer_costs_one_repetition() {
    let mut simulation = pair(Seed(1), Conditions::default(), 1);
    simulation.network.drop_next(Pair::TO_CLIENT);
    simulation.run_until(Duration::from_secs(5), |nodes| nodes.client.answered == 1);
    assert_eq!(simulation.now(), RETRY + Duration::from_millis(20));
    assert_eq!(simulation.network.counts().of(Fate::DroppedOnRequest), 1);
}

#[test]
fn every_seed_gets_through_a_rough_network() {
    for_each_seed("every_seed_gets_through_a_rough_network", |seed| {
        let mut simulation = pair(seed, Conditions::rough(0.3), 10);
        simulation.run_until(Duration::from_secs(300), |nodes| nodes.client.answered == 10);
        assert!(simulation.network.in_flight() < 100);
    });
}

#[test]
fn many_clients_share_a_nat() {
    let mut network = Network::new(Seed(4), Conditions::default());
    network.assign(at("192.0.2.2:0").ip(), Star::GATEWAY);
    let public = at("198.51.100.1:0").ip();
    let nat = network.add_nat(NatSettings { public, timeout: Duration::from_secs(30), preserve_port: true });
    let clients: Vec<Asker> = (1..=20)
        .map(|host| {
            let me = format!("10.0.0.{host}:500");
            network.assign(at(&me).ip(), Star::client(host - 1));
            network.put_behind(at(&me).ip(), nat);
            Asker::new(&me, 3)
        })
        .collect();
    let mut simulation = Simulation::new(Seed(4), network, Star { gateway: Answerer::default(), clients });
    simulation.run_until(Duration::from_secs(10), |nodes| nodes.clients.iter().all(|c| c.answered == 3));
    assert_eq!(simulation.gateway.sources.len(), 20);
    assert!(simulation.gateway.sources.iter().all(|source| source.ip() == public));
}

#[test]
fn running_for_a_time_ends_at_that_time() {
    let mut simulation = pair(Seed(1), Conditions::default(), 1);
    simulation.run_for(Duration::from_secs(60));
    assert_eq!((simulation.now(), simulation.client.answered), (Duration::from_secs(60), 1));
    simulation.run_for(Duration::from_secs(60));
    assert_eq!(simulation.now(), Duration::from_secs(120));
}

#[test]
fn failures_say_what_with_seed_time_and_datagrams() {
    let mut simulation = pair(Seed(0xabcd), Conditions { loss: 1.0, ..Conditions::default() }, 1);
    let error = simulation
        .try_run_until(Duration::from_secs(5), |nodes| nodes.client.answered == 1)
        .unwrap_err()
        .to_string();
    for expected in
        ["time ran out", "ADIT_SEED=0x000000000000abcd", "192.0.2.1:1000 -> 192.0.2.2:500", "Lost"]
    {
        assert!(error.contains(expected), "{error}");
    }
    let mut simulation = pair(Seed(1), Conditions::default(), 1);
    let error = simulation.try_run_until(Duration::from_secs(5), |_| false).unwrap_err();
    assert!(error.what.contains("nothing is left to happen"), "{error}");
    let mut simulation = pair(Seed(1), Conditions { loss: 1.0, ..Conditions::default() }, 1);
    simulation.set_step_limit(10);
    let error = simulation.try_run_until(Duration::from_secs(5_000), |_| false).unwrap_err();
    assert!(error.what.contains("after 10 steps"), "{error}");
}

#[test]
fn invariants_stop_the_run_where_they_break() {
    let mut simulation = pair(Seed(1), Conditions::default(), 5);
    simulation.invariant("few answers", |_, nodes: &mut Pair<Asker, Answerer>, _| {
        if nodes.client.answered < 3 { Ok(()) } else { Err(format!("{} answers", nodes.client.answered)) }
    });
    let error = simulation.try_run_until(Duration::from_secs(5), |_| false).unwrap_err();
    assert_eq!(error.what, "invariant few answers: 3 answers");

    let mut simulation = pair(Seed(1), Conditions::default(), 5);
    let mut needle = never_contains(b"\0\0\0\0\0\0\0\0");
    simulation.on_datagram("no zeros", move |direction, datagram| needle(direction, datagram));
    simulation.client.me = at("192.0.2.1:1000");
    simulation.gateway.queue.push(Datagram {
        from: at("192.0.2.2:500"),
        to: at("192.0.2.1:1000"),
        bytes: vec![0; 9],
    });
    let error = simulation.try_run_until(Duration::from_secs(5), |_| false).unwrap_err();
    assert!(error.what.starts_with("invariant no zeros: plaintext"), "{error}");
}

/// Breaks the contract: a deadline that stays, or output without end.
struct Stuck {
    endless: bool,
}

impl Endpoint for Stuck {
    fn handle(&mut self, _: Duration, _: SocketAddr, _: SocketAddr, _: &mut [u8]) {}

    fn poll_transmit(&mut self, _: Duration) -> Option<Datagram> {
        let datagram = Datagram { from: at("192.0.2.1:1"), to: at("192.0.2.9:1"), bytes: vec![] };
        self.endless.then_some(datagram)
    }

    fn poll_timeout(&mut self) -> Option<Duration> {
        Some(Duration::from_secs(1))
    }

    fn handle_timeout(&mut self, _: Duration) {}
}

#[test]
fn a_deadline_in_the_past_without_output_and_endless_output_are_found() {
    for (endless, expected) in [(false, "still has the deadline Some(1s)"), (true, "sends without end")] {
        let network = Network::new(Seed(1), Conditions::default());
        let mut simulation = Simulation::new(Seed(1), network, vec![Stuck { endless }]);
        let error = simulation.try_run_until(Duration::from_secs(5), |_| false).unwrap_err();
        assert!(error.what.contains(expected), "{error}");
    }
}
