//! A session's task on the runtime's thread, and how a client's events become an app's.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use adit_driver::client::json::event_json;
use adit_driver::client::{self, ClientEvent, Control};
use adit_ike::{CloseReason, Event as IkeEvent};
use adit_manager::EndReason;
use adit_tunnel::Event;
use tokio::sync::mpsc;

use super::asks::Waiting;
use super::host::{AppHost, Attempt};
use super::plan::Plan;
use super::questions;
use super::shared::Shared;
use crate::end::Ended;
use crate::{AditError, Question, SessionEvent};

/// What is left of the second that a stop may take, when the task ends whatever it waits for.
const HARD_STOP: Duration = Duration::from_millis(950);

/// Runs the session to its end.
pub(super) async fn run(plan: Plan, shared: Arc<Shared>, mut control: mpsc::Receiver<Control>) {
    let mut end = End { shared: Arc::clone(&shared), closed: false };
    let result = tokio::select! {
        result = work(plan, &shared, &mut control) => result,
        () = given_up(&shared) => Ok(()),
    };
    end.close(result.err());
}

/// Puts `Closed` in, whatever happens to the task.
struct End {
    shared: Arc<Shared>,
    closed: bool,
}

impl End {
    fn close(&mut self, ended: Option<Ended>) {
        self.closed = true;
        let error = ended.map(|Ended { error, reason }| {
            self.shared.set_end(reason);
            error
        });
        self.shared.set_stats(|stats| stats.connected = false);
        let left_out = self.shared.queue.left_out();
        if left_out > 0 {
            tracing::info!(left_out, "events that nobody took");
        }
        match &error {
            Some(error) => tracing::warn!(%error, "closed"),
            None => tracing::info!("closed"),
        }
        self.shared.queue.push(SessionEvent::Closed { error });
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if !self.closed {
            self.close(Some(AditError::internal("the tunnel's task panicked").into()));
        }
    }
}

async fn given_up(shared: &Shared) {
    shared.stop_asked.notified().await;
    tokio::time::sleep(HARD_STOP).await;
}

async fn work(plan: Plan, shared: &Arc<Shared>, control: &mut mpsc::Receiver<Control>) -> Result<(), Ended> {
    for text in plan.warnings() {
        shared.queue.push(SessionEvent::Warning { text: text.to_owned() });
    }
    let attempt = Rc::new(Cell::new(None));
    let mut host = AppHost {
        shared: Arc::clone(shared),
        abilities: plan.host,
        system: plan.system.clone(),
        attempt: Rc::clone(&attempt),
        known: plan.server_addresses.clone(),
        kept: None,
    };
    #[cfg(feature = "test-gateway")]
    let panics = plan.panics_when_connecting();
    let options = plan.options()?;
    let mut on_event = |event: ClientEvent| {
        #[cfg(feature = "test-gateway")]
        let panics = panics && matches!(event, ClientEvent::Connecting(_));
        told(shared, &attempt, event);
        #[cfg(feature = "test-gateway")]
        assert!(!panics, "as the test wants");
    };
    client::run(&options, &mut host, control, &mut on_event).await.map_err(|error| Ended::from(&error))
}

/// A client's event, for the app.
fn told(shared: &Arc<Shared>, attempt: &Cell<Option<Attempt>>, event: ClientEvent) {
    let push = |event| shared.queue.push(event);
    let detail = event_json(&event);
    if let Some(detail) = &detail {
        tracing::debug!("{detail}");
    }
    match event {
        ClientEvent::Connecting(server) => {
            // A tunnel that was coming up may have been begun anew, without a word of its end.
            shared.asks().forget_engine();
            attempt.set(Some(Attempt { server, began: Instant::now() }));
            push(SessionEvent::Connecting { address: server.to_string() });
        }
        ClientEvent::AttemptFailed(server, reason) => {
            shared.asks().forget_engine();
            let why = closed(&reason);
            push(SessionEvent::Warning { text: format!("{server}: {why}") });
        }
        ClientEvent::Lost { reason, retry_in } => {
            shared.asks().forget_engine();
            shared.falls();
            shared.set_stats(|stats| stats.connected = false);
            let retry_ms = u64::try_from(retry_in.as_millis()).unwrap_or(u64::MAX);
            push(SessionEvent::Reasserting { error: Some(closed(&reason)), retry_ms });
        }
        ClientEvent::Moving => {
            shared.asks().forget_engine();
            shared.falls();
            shared.set_stats(|stats| stats.connected = false);
            push(SessionEvent::Reasserting { error: None, retry_ms: 0 });
        }
        ClientEvent::Ask { id, patience, question } => {
            // What only a gateway is asked nobody here can answer.
            if let Some(question) = questions::for_app(question) {
                if let Question::Password { attempt: 0, .. } = &question
                    && let Some(known) = shared.login()
                {
                    // What the server took before, for a tunnel that is connected anew.
                    let _ = shared.control.try_send(Control::Answer(id, known));
                    return;
                }
                let token = shared.asks().open(&question, Waiting::Engine(id, question.clone()));
                let deadline_ms = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
                push(SessionEvent::Ask { token, deadline_ms, question });
            }
        }
        ClientEvent::Stats(stats, losses) => shared.set_stats(|known| {
            known.packets_sent = stats.sent.packets;
            known.bytes_sent = stats.sent.bytes;
            known.packets_received = stats.received.packets;
            known.bytes_received = stats.received.bytes;
            known.packets_not_sent = stats.not_sent;
            known.datagrams_discarded = stats.esp_discards.total().saturating_add(stats.ike_discards);
            known.datagrams_unsent = losses.unsent;
            known.packets_undelivered = losses.undelivered;
        }),
        ClientEvent::HostReady { notes, .. } => {
            for text in notes {
                push(SessionEvent::Warning { text });
            }
        }
        // The host told of it, before it waited for the device.
        ClientEvent::Tunnel(Event::Up { .. }) => shared.login_was_good(),
        ClientEvent::Tunnel(Event::Child { suite, rekeyed: true, .. }) => {
            push(SessionEvent::Rekeyed { what: format!("child: {suite}") });
        }
        ClientEvent::Tunnel(Event::Ike(IkeEvent::IkeRekeyed { suite, .. })) => {
            push(SessionEvent::Rekeyed { what: format!("ike: {suite}") });
        }
        ClientEvent::Tunnel(Event::Idle { after }) => {
            shared.set_end(EndReason::idle());
            push(SessionEvent::Idle { seconds: after.as_secs() });
        }
        ClientEvent::Tunnel(Event::Ike(IkeEvent::PathChanged(path))) => {
            push(SessionEvent::PathChanged { local: path.local.to_string(), remote: path.remote.to_string() })
        }
        ClientEvent::Tunnel(Event::Ike(IkeEvent::Warning(text))) => push(SessionEvent::Warning { text }),
        ClientEvent::Resolved(_) | ClientEvent::Offline | ClientEvent::Online | ClientEvent::Tunnel(_) => {
            if let Some(json) = detail {
                push(SessionEvent::Detail { json: json.to_string() });
            }
        }
    }
}

/// Why a tunnel ended, as an error.
fn closed(reason: &CloseReason) -> AditError {
    match reason {
        CloseReason::Failed(failure) => failure.into(),
        CloseReason::DeletedByPeer | CloseReason::Requested => AditError::server_disconnected(),
    }
}
