//! Who has the default route, and who must make room.
//!
//! Apple's rule: of an app's own VPN and a managed one that both want the default route, the managed one has it. Where a
//! platform runs one tunnel at a time, the other then ends.

use adit_ike::time::Instant;

use crate::connection::Status;
use crate::error::{EndReason, VpnError, VpnErrorCode};
use crate::event::Event;
use crate::key::ConfigurationKey;
use crate::system::{System, Tunnels};

/// A tunnel that may want the default route.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claim {
    /// Whose it is.
    pub key: ConfigurationKey,
    /// It wants the default route.
    pub wants_default_route: bool,
    /// It is up.
    pub is_up: bool,
}

/// Whose the default route is: of those that are up and want it a managed one, else an app's own; of several of a kind
/// the first.
#[must_use]
pub fn default_route_holder(claims: &[Claim]) -> Option<&ConfigurationKey> {
    let wants = || claims.iter().filter(|claim| claim.is_up && claim.wants_default_route);
    let managed = wants().find(|claim| claim.key.is_managed());
    managed.or_else(|| wants().next()).map(|claim| &claim.key)
}

impl System {
    /// Sees to it that there is a place for a tunnel that is to start.
    pub(crate) fn make_room(
        &mut self,
        now: Instant,
        key: &ConfigurationKey,
        wants_default_route: bool,
    ) -> Result<(), VpnError> {
        if self.options.tunnels == Tunnels::Several {
            return Ok(());
        }
        let others: Vec<ConfigurationKey> = self
            .entries
            .iter()
            .filter(|(other, entry)| *other != key && entry.connection.status.is_active())
            .map(|(other, _)| other.clone())
            .collect();
        let stays = |other: &ConfigurationKey| {
            let wants = self.entries.get(other).is_some_and(|entry| entry.connection.wants_default_route);
            other.is_managed() && !key.is_managed() && wants && wants_default_route
        };
        if let Some(other) = others.iter().find(|other| stays(other)) {
            let message = format!(
                "{other} has the default route, and this platform runs one VPN at a time; it goes before"
            );
            return Err(VpnError::new(VpnErrorCode::ConnectionFailed, message));
        }
        for other in others {
            self.end(now, &other, EndReason::Preempted { by: key.to_string() });
        }
        Ok(())
    }

    /// Finds out whose the default route is, and tells of a change.
    pub(crate) fn settle_default_route(&mut self) {
        let claims: Vec<Claim> = self
            .entries
            .iter()
            .map(|(key, entry)| Claim {
                key: key.clone(),
                wants_default_route: entry.connection.wants_default_route,
                is_up: matches!(entry.connection.status, Status::Connected | Status::Reasserting),
            })
            .collect();
        let holder = default_route_holder(&claims).cloned();
        if holder != self.default_route {
            self.default_route.clone_from(&holder);
            self.tell(Event::DefaultRoute { holder });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(managed: bool, name: &str, wants: bool, up: bool) -> Claim {
        let key = if managed {
            ConfigurationKey::Managed { payload: name.into() }
        } else {
            ConfigurationKey::Personal { app: name.into() }
        };
        Claim { key, wants_default_route: wants, is_up: up }
    }

    #[test]
    fn a_managed_one_wins_when_both_want_the_default_route() {
        let claims = [claim(false, "app", true, true), claim(true, "mdm", true, true)];
        assert_eq!(default_route_holder(&claims), Some(&claims[1].key));
    }

    #[test]
    fn a_managed_one_that_does_not_want_it_leaves_it() {
        for managed in [claim(true, "mdm", false, true), claim(true, "mdm", true, false)] {
            let claims = [claim(false, "app", true, true), managed];
            assert_eq!(default_route_holder(&claims), Some(&claims[0].key));
        }
        assert_eq!(default_route_holder(&[claim(true, "mdm", true, false)]), None);
    }
}
