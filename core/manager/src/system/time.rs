//! What time does: deadlines of requests, new attempts of on demand.

use adit_ike::time::Instant;

use crate::request::Answer;

use super::System;

impl System {
    /// When to call [`Self::handle_timeout`] next; the last `now` while requests or events are queued; `None`: not before
    /// something else happens.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.has_output() {
            return Some(self.last_now);
        }
        let requests = self.waiting.values().filter_map(|waiting| waiting.deadline);
        let retries = self.entries.values().filter_map(|entry| entry.on_demand.retry_at);
        requests.chain(retries).min()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.observe(now);
        loop {
            let due = self
                .waiting
                .iter()
                .find(|(_, waiting)| waiting.deadline.is_some_and(|deadline| deadline <= now))
                .map(|(token, _)| *token);
            let Some(token) = due else { break };
            if let Some(waiting) = self.waiting.remove(&token) {
                let reason = "there was no answer in time".to_owned();
                self.take(now, waiting, Answer::Failed { reason });
            }
        }
        self.retry_on_demand(now);
    }

    /// Notes the time. It never goes back.
    pub(crate) fn observe(&mut self, now: Instant) {
        self.last_now = self.last_now.max(now);
    }
}
