//! What is told of a tunnel: by its session in this process, or in JSON by whoever runs it in another.

use std::sync::Arc;

use adit_manager::{EndReason, TunnelEvent, TunnelId};
use serde::Deserialize;

use super::{Manager, read};
use crate::{AditError, Session, SessionEvent, end};

/// A report in JSON.
#[derive(Deserialize)]
#[serde(tag = "report", rename_all = "snake_case", deny_unknown_fields)]
enum Report {
    Up { default_route: bool },
    Reasserting,
    PathChanged,
    Revoked,
    Idle,
    Closed { error: Option<ErrorForm> },
}

/// An error as it came from another process.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorForm {
    code: String,
    message: String,
    #[serde(default)]
    advice: String,
}

#[uniffi::export]
impl Manager {
    /// Tells what a tunnel's session told, event by event; those that do not change the status are passed over.
    ///
    /// # Errors
    /// Never.
    pub fn tunnel_event(
        &self,
        tunnel: u32,
        session: Arc<Session>,
        event: SessionEvent,
    ) -> Result<(), AditError> {
        let event = match event {
            SessionEvent::Up { settings, .. } => TunnelEvent::Up {
                default_route: settings.included_routes.iter().any(|route| route.ends_with("/0")),
            },
            SessionEvent::Reasserting { .. } => TunnelEvent::Reasserting,
            SessionEvent::PathChanged { .. } => TunnelEvent::PathChanged,
            SessionEvent::Closed { .. } => TunnelEvent::Closed(session.end_reason()),
            _ => return Ok(()),
        };
        self.told(tunnel, event);
        Ok(())
    }

    /// Tells what became of a tunnel that runs in another process, of which there is no `Session` here, as JSON: `report`
    /// names it. `up` (`default_route`: its routes take everything of a family), `reasserting`, `path_changed`,
    /// `revoked`, `idle` (its DisconnectOnIdle ended it; no `closed` follows), and `closed` (`error`: null if it was asked to end,
    /// else `code`, `message` and `advice` of the `AditError`). Reports on a tunnel that is over are passed over.
    ///
    /// # Errors
    /// [`AditError::Usage`]: no such report.
    pub fn tunnel_report(&self, tunnel: u32, report_json: String) -> Result<(), AditError> {
        let event = match read("report", &report_json)? {
            Report::Up { default_route } => TunnelEvent::Up { default_route },
            Report::Reasserting => TunnelEvent::Reasserting,
            Report::PathChanged => TunnelEvent::PathChanged,
            Report::Revoked => TunnelEvent::Closed(EndReason::Revoked),
            Report::Idle => TunnelEvent::Closed(EndReason::idle()),
            Report::Closed { error: None } => TunnelEvent::Closed(EndReason::Requested),
            Report::Closed { error: Some(error) } => {
                TunnelEvent::Closed(end::told(&error.code, &error.message, &error.advice))
            }
        };
        self.told(tunnel, event);
        Ok(())
    }

    /// The system took the right to run a tunnel away (`VpnService.onRevoke`).
    ///
    /// # Errors
    /// Never.
    pub fn tunnel_revoked(&self, tunnel: u32) -> Result<(), AditError> {
        self.told(tunnel, TunnelEvent::Closed(EndReason::Revoked));
        Ok(())
    }
}

impl Manager {
    fn told(&self, tunnel: u32, event: TunnelEvent) {
        let now = self.now();
        self.system().tunnel_event(now, TunnelId(tunnel), event);
    }
}
