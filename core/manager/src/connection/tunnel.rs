//! What a running tunnel reports, and what it asks of the host.

use adit_ike::time::Instant;

use crate::error::EndReason;
use crate::event::{Event, TunnelEvent};
use crate::key::ConfigurationKey;
use crate::request::{Answer, Ask, Demand, TunnelId};
use crate::system::{Purpose, System};

use super::{Phase, Status};

/// Questions of one tunnel that may wait at a time; more are refused.
const MAX_QUESTIONS: usize = 16;

impl System {
    /// Takes what whoever runs a tunnel reports. Reports on a tunnel that is over are ignored.
    pub fn tunnel_event(&mut self, now: Instant, tunnel: TunnelId, event: TunnelEvent) {
        self.observe(now);
        let whose = self.entries.iter().find(|(_, entry)| entry.connection.phase.tunnel() == Some(tunnel));
        let Some(key) = whose.map(|(key, _)| key.clone()) else { return };
        let Some(entry) = self.entries.get_mut(&key) else { return };
        let running = matches!(entry.connection.phase, Phase::Running(_));
        match event {
            TunnelEvent::Closed(reason) => {
                let reason = match &entry.connection.phase {
                    Phase::Stopping(_, asked) => asked.clone(),
                    _ => self.overslept(now, &key, reason),
                };
                self.finish(now, &key, &reason);
            }
            // What comes while it is being taken down changes nothing any more.
            _ if !running => {}
            TunnelEvent::Up { default_route } => {
                entry.connection.wants_default_route = default_route;
                entry.on_demand.failures = 0;
                self.set_status(now, &key, Status::Connected);
                self.settle_default_route();
            }
            TunnelEvent::Reasserting => {
                if entry.connection.status == Status::Connected {
                    self.set_status(now, &key, Status::Reasserting);
                }
            }
            TunnelEvent::PathChanged => {
                if entry.connection.status == Status::Reasserting {
                    self.set_status(now, &key, Status::Connected);
                }
            }
            TunnelEvent::Asks { question, deadline, ask } => {
                self.tunnel_asks(&key, tunnel, question, deadline, ask);
            }
        }
    }

    /// Passes a tunnel's question on, unless it can be answered here.
    fn tunnel_asks(
        &mut self,
        key: &ConfigurationKey,
        tunnel: TunnelId,
        question: u64,
        deadline: Instant,
        ask: Ask,
    ) {
        if let Ask::Password { attempt: 0, .. } = &ask
            && let Some(password) =
                self.entries.get(key).and_then(|entry| entry.connection.password()).cloned()
        {
            let username = self.entries.get(key).and_then(|entry| entry.connection.options.username.clone());
            let answer = Answer::Password { username, password };
            self.tell(Event::TunnelAnswer { tunnel, question, answer });
            return;
        }
        let waiting = self.waiting.values();
        let open = waiting
            .filter(|waiting| matches!(&waiting.purpose, Purpose::Question(_, of, _) if *of == tunnel));
        if open.count() >= MAX_QUESTIONS {
            let reason = "too many questions of this tunnel wait for an answer".to_owned();
            self.tell(Event::TunnelAnswer { tunnel, question, answer: Answer::Refused { reason } });
            return;
        }
        let purpose = Purpose::Question(key.clone(), tunnel, question);
        self.ask(purpose, Some(deadline), Demand::Tunnel { tunnel, ask });
    }

    /// Hands the host's answer to the tunnel that asked.
    pub(crate) fn question_answered(
        &mut self,
        key: &ConfigurationKey,
        tunnel: TunnelId,
        question: u64,
        _demand: &Demand,
        answer: Answer,
    ) {
        let asked =
            self.entries.get(key).is_some_and(|entry| entry.connection.phase.tunnel() == Some(tunnel));
        if asked {
            self.tell(Event::TunnelAnswer { tunnel, question, answer });
        }
    }

    /// The host took a tunnel down.
    pub(crate) fn tunnel_stopped(&mut self, now: Instant, key: &ConfigurationKey, tunnel: TunnelId) {
        let Some(entry) = self.entries.get(key) else { return };
        if let Phase::Stopping(stopping, reason) = &entry.connection.phase
            && *stopping == tunnel
        {
            let reason: EndReason = reason.clone();
            self.finish(now, key, &reason);
        }
    }
}
