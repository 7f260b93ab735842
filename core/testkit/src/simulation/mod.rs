//! Endpoints, a network between them, and one clock that jumps to the next thing that happens.
//!
//! Owns the loop: drain every endpoint's output, check the invariants, then advance to the next arrival or
//! deadline. Enforces the engine's contract on the way: after `handle_timeout(now)` the next deadline lies
//! in the future or output is waiting. Leaves out what endpoints do.
//!
//! A failed expectation panics with the seed, the time and the last datagrams.

mod nodes;

use std::fmt::Write;
use std::ops::{Deref, DerefMut};
use std::time::Duration;

use crate::network::{Datagram, Direction, Network, NodeId};
use crate::seed::Seed;

pub use nodes::{Endpoint, Nodes, Pair, Star};

/// Steps after which a run counts as endless.
pub const DEFAULT_STEPS: u64 = 2_000_000;
/// Datagrams and deadlines of one endpoint at one point in time before that counts as endless.
const AT_ONE_INSTANT: u32 = 100_000;
/// Datagrams shown in a failure message.
const SHOWN: usize = 24;

type WireHook = Box<dyn FnMut(Direction, &Datagram) -> Result<(), String>>;
type Invariant<N> = Box<dyn FnMut(Duration, &mut N, &Network) -> Result<(), String>>;

/// Why a run stopped before what it waited for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RunError {
    /// What went wrong.
    pub what: String,
    /// Seed, time and the last datagrams.
    pub context: String,
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}", self.what, self.context)
    }
}

impl std::error::Error for RunError {}

/// A run: nodes, network, clock. Dereferences to the nodes, so a pair's client is `simulation.client`.
pub struct Simulation<N: Nodes> {
    /// The network between the nodes.
    pub network: Network,
    nodes: N,
    seed: Seed,
    now: Duration,
    steps: u64,
    step_limit: u64,
    wire_hooks: Vec<(String, WireHook)>,
    invariants: Vec<(String, Invariant<N>)>,
}

impl<N: Nodes> Simulation<N> {
    /// Puts `nodes` on `network`. `seed` is only printed; the network and the nodes were made from it.
    #[must_use]
    pub fn new(seed: Seed, network: Network, nodes: N) -> Self {
        Self {
            network,
            nodes,
            seed,
            now: Duration::ZERO,
            steps: 0,
            step_limit: DEFAULT_STEPS,
            wire_hooks: Vec::new(),
            invariants: Vec::new(),
        }
    }

    /// Time since the start.
    #[must_use]
    pub const fn now(&self) -> Duration {
        self.now
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> Seed {
        self.seed
    }

    /// Allows so many steps for all runs of this simulation together; [`DEFAULT_STEPS`] else.
    pub fn set_step_limit(&mut self, steps: u64) {
        self.step_limit = steps;
    }

    /// Has `check` look at each datagram as it is sent, with the source that the receiver will see, before
    /// the network does anything to it.
    pub fn on_datagram(
        &mut self,
        name: &str,
        check: impl FnMut(Direction, &Datagram) -> Result<(), String> + 'static,
    ) {
        self.wire_hooks.push((name.to_owned(), Box::new(check)));
    }

    /// Has `check` look at the nodes after each step.
    pub fn invariant(
        &mut self,
        name: &str,
        check: impl FnMut(Duration, &mut N, &Network) -> Result<(), String> + 'static,
    ) {
        self.invariants.push((name.to_owned(), Box::new(check)));
    }

    /// Runs until `done` holds.
    ///
    /// # Panics
    /// If an invariant breaks, nothing is left to happen, or `within` (simulated time from now) or the
    /// steps run out first. The message carries the seed.
    pub fn run_until(&mut self, within: Duration, done: impl FnMut(&mut N) -> bool) {
        if let Err(error) = self.try_run_until(within, done) {
            panic!("{error}");
        }
    }

    /// Runs for `time`, whether or not anything happens.
    ///
    /// # Panics
    /// If an invariant breaks or the steps run out.
    pub fn run_for(&mut self, time: Duration) {
        let end = self.now.saturating_add(time);
        if let Err(error) = self.run(end, &mut |_| false) {
            panic!("{error}");
        }
        self.now = end;
    }

    /// As [`Self::run_until`].
    ///
    /// # Errors
    /// [`RunError`] where that panics.
    pub fn try_run_until(
        &mut self,
        within: Duration,
        mut done: impl FnMut(&mut N) -> bool,
    ) -> Result<(), RunError> {
        let end = self.now.saturating_add(within);
        if self.run(end, &mut done)? {
            return Ok(());
        }
        let idle = self.next_event().is_none();
        let why = if idle { "nothing is left to happen" } else { "time ran out" };
        Err(self.fail(format!("{why} before what was waited for (at most {within:?})")))
    }

    /// Runs until `done` (true) or until nothing happens any more before `end` (false).
    fn run(&mut self, end: Duration, done: &mut dyn FnMut(&mut N) -> bool) -> Result<bool, RunError> {
        loop {
            self.drain()?;
            self.check()?;
            if done(&mut self.nodes) {
                return Ok(true);
            }
            // `done` may have asked something of a node.
            if self.drain()? > 0 {
                continue;
            }
            let next = match self.next_event() {
                Some(next) if next <= end => next.max(self.now),
                _ => return Ok(false),
            };
            self.steps += 1;
            if self.steps > self.step_limit {
                return Err(self.fail(format!("still not done after {} steps", self.step_limit)));
            }
            self.now = next;
            self.advance()?;
        }
    }

    /// One arrival, or else all deadlines that are due.
    fn advance(&mut self) -> Result<(), RunError> {
        if let Some((node, mut datagram)) = self.network.deliver(self.now) {
            let (from, to) = (datagram.from, datagram.to);
            self.nodes.node(node).handle(self.now, from, to, &mut datagram.bytes);
            return Ok(());
        }
        for node in (0..self.nodes.count()).map(NodeId) {
            let mut rounds = 0;
            while self.nodes.node(node).poll_timeout().is_some_and(|deadline| deadline <= self.now) {
                self.nodes.node(node).handle_timeout(self.now);
                let sent = self.drain_node(node)?;
                let deadline = self.nodes.node(node).poll_timeout();
                if sent == 0 && deadline.is_some_and(|deadline| deadline <= self.now) {
                    let text = format!(
                        "{} still has the deadline {deadline:?} after handle_timeout({:?}) without output",
                        self.nodes.name(node),
                        self.now
                    );
                    return Err(self.fail(text));
                }
                rounds += 1;
                if rounds > AT_ONE_INSTANT {
                    return Err(self.fail(format!("{} never stops at one instant", self.nodes.name(node))));
                }
            }
        }
        Ok(())
    }

    /// Hands all output to the network; says how many datagrams there were.
    fn drain(&mut self) -> Result<u32, RunError> {
        let mut sent = 0;
        for node in (0..self.nodes.count()).map(NodeId) {
            sent += self.drain_node(node)?;
        }
        Ok(sent)
    }

    fn drain_node(&mut self, node: NodeId) -> Result<u32, RunError> {
        let mut sent = 0;
        while let Some(datagram) = self.nodes.node(node).poll_transmit(self.now) {
            sent += 1;
            if sent > AT_ONE_INSTANT {
                return Err(self.fail(format!("{} sends without end", self.nodes.name(node))));
            }
            let Ok((direction, seen)) = self.network.send(self.now, node, datagram) else { continue };
            let broken = self.wire_hooks.iter_mut().find_map(|(name, check)| {
                check(direction, &seen).err().map(|error| format!("invariant {name}: {error} ({seen:?})"))
            });
            if let Some(broken) = broken {
                return Err(self.fail(broken));
            }
        }
        Ok(sent)
    }

    fn check(&mut self) -> Result<(), RunError> {
        let Self { now, nodes, network, invariants, .. } = self;
        let broken = invariants.iter_mut().find_map(|(name, check)| {
            check(*now, nodes, network).err().map(|error| format!("invariant {name}: {error}"))
        });
        broken.map_or(Ok(()), |broken| Err(self.fail(broken)))
    }

    fn next_event(&mut self) -> Option<Duration> {
        let timers = (0..self.nodes.count()).filter_map(|node| self.nodes.node(NodeId(node)).poll_timeout());
        timers.min().into_iter().chain(self.network.next_delivery()).min()
    }

    fn fail(&mut self, what: String) -> RunError {
        let mut context =
            format!("seed {} (ADIT_SEED={}), at {:?}, step {}\n", self.seed, self.seed, self.now, self.steps);
        for node in (0..self.nodes.count()).map(NodeId) {
            let deadline = self.nodes.node(node).poll_timeout();
            let name = self.nodes.name(node);
            let _ = writeln!(context, "{name}: next deadline {deadline:?}");
        }
        let _ = writeln!(context, "datagrams: {:?}", self.network.counts());
        let records: Vec<_> = self.network.records().rev().take(SHOWN).collect();
        for record in records.iter().rev() {
            let _ = writeln!(context, "{record}");
        }
        RunError { what, context }
    }
}

impl<N: Nodes> Deref for Simulation<N> {
    type Target = N;

    fn deref(&self) -> &N {
        &self.nodes
    }
}

impl<N: Nodes> DerefMut for Simulation<N> {
    fn deref_mut(&mut self) -> &mut N {
        &mut self.nodes
    }
}

impl<N: Nodes> std::fmt::Debug for Simulation<N> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulation")
            .field("seed", &self.seed)
            .field("now", &self.now)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
