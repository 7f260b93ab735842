//! Sleep and waking. Idleness is the tunnel's own affair (`adit_tunnel::TunnelConfig::idle`).

use std::time::Duration;

use adit_ike::Failure;
use adit_ike::time::Instant;

use crate::error::{ConnectionError, EndReason};
use crate::key::ConfigurationKey;
use crate::system::{Entry, System};

use super::Status;

/// A tunnel that is found dead so soon after waking died of the sleep.
const WAKE_GRACE: Duration = Duration::from_secs(60);

/// A shorter sleep kills no tunnel.
const SHORTEST_FATAL_SLEEP: Duration = Duration::from_secs(60);

impl System {
    /// The device goes to sleep. Tunnels with `disconnectOnSleep` end.
    pub fn sleep(&mut self, now: Instant) {
        self.observe(now);
        self.asleep_since.get_or_insert(now);
        let sleeping: Vec<ConfigurationKey> = self
            .entries
            .iter()
            .filter(|(_, entry)| {
                let protocol = entry
                    .stored
                    .as_ref()
                    .and_then(|stored| stored.configuration.protocol_configuration.as_ref());
                protocol.is_some_and(|protocol| protocol.base().disconnect_on_sleep)
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in sleeping {
            self.end(
                now,
                &key,
                EndReason::ByConfiguration { why: "the device went to sleep (disconnectOnSleep)" },
            );
        }
    }

    /// The device woke. A tunnel whose IKE SA's lifetime was slept through is over; another that turns out to be dead
    /// within a minute was overslept as well. On demand looks at its rules again.
    pub fn wake(&mut self, now: Instant) {
        self.observe(now);
        let Some(since) = self.asleep_since.take() else { return };
        let slept = now.saturating_since(since);
        let keys: Vec<ConfigurationKey> = self.entries.keys().cloned().collect();
        for key in keys {
            let Some(entry) = self.entries.get_mut(&key) else { continue };
            if !matches!(entry.connection.status, Status::Connected | Status::Reasserting) {
                continue;
            }
            entry.connection.woke = Some((now, slept));
            if entry.ike_lifetime().is_some_and(|lifetime| slept >= lifetime) {
                self.end(now, &key, EndReason::Overslept);
            }
        }
        self.evaluate_all(now);
    }

    /// The reason of an end, in the light of a sleep shortly before.
    pub(super) fn overslept(&self, now: Instant, key: &ConfigurationKey, reason: EndReason) -> EndReason {
        let Some((woke, slept)) = self.entries.get(key).and_then(|entry| entry.connection.woke) else {
            return reason;
        };
        let died = match &reason {
            EndReason::Failed(failure) => {
                matches!(
                    failure,
                    Failure::PeerGone { .. } | Failure::NoAnswer { .. } | Failure::LifetimeOver(_)
                )
            }
            EndReason::Told { error, .. } => {
                matches!(error, ConnectionError::ServerDead | ConnectionError::ServerNotResponding)
            }
            _ => false,
        };
        let of_sleep = slept >= SHORTEST_FATAL_SLEEP && now.saturating_since(woke) <= WAKE_GRACE;
        if died && of_sleep { EndReason::Overslept } else { reason }
    }
}

impl Entry {
    fn ike_lifetime(&self) -> Option<Duration> {
        let protocol = self.stored.as_ref()?.configuration.protocol_configuration.as_ref()?;
        let minutes = protocol.ikev2()?.ike_security_association_parameters.lifetime_minutes;
        Some(Duration::from_secs(u64::from(minutes) * 60))
    }
}
