//! Events that wait for the app.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use crate::SessionEvent;

/// Events that wait at most; questions and changes of state may exceed it.
const LIMIT: usize = 256;

/// A queue that one or several callers wait on, blocking or not.
#[derive(Default)]
pub(super) struct EventQueue {
    inner: Mutex<Inner>,
    blocked: Condvar,
    waiting: Notify,
}

#[derive(Default)]
struct Inner {
    events: VecDeque<SessionEvent>,
    /// `Closed` was put in: nothing follows.
    closed: bool,
    /// How many were left out.
    left_out: u64,
}

/// What the queue has.
pub(super) enum Taken {
    Event(Box<SessionEvent>),
    /// The end was taken already.
    Over,
    Nothing,
}

impl EventQueue {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an event in; after `Closed` none.
    pub(super) fn push(&self, event: SessionEvent) {
        let mut inner = self.lock();
        if inner.closed {
            return;
        }
        if inner.events.len() >= LIMIT {
            let at = inner.events.iter().position(informs);
            if at.and_then(|at| inner.events.remove(at)).is_some() {
                inner.left_out += 1;
            } else if informs(&event) {
                inner.left_out += 1;
                return;
            }
        }
        inner.closed = matches!(event, SessionEvent::Closed { .. });
        inner.events.push_back(event);
        drop(inner);
        self.blocked.notify_one();
        self.waiting.notify_one();
    }

    pub(super) fn take(&self) -> Taken {
        let mut inner = self.lock();
        let taken = inner.events.pop_front();
        let more = !inner.events.is_empty() || (inner.closed && taken.is_some());
        let closed = inner.closed;
        drop(inner);
        // Whoever else waits gets the next one, or hears of the end.
        if more {
            self.blocked.notify_one();
            self.waiting.notify_one();
        }
        match taken {
            Some(event) => Taken::Event(Box::new(event)),
            None if closed => {
                self.blocked.notify_one();
                self.waiting.notify_one();
                Taken::Over
            }
            None => Taken::Nothing,
        }
    }

    /// The next event; `None` after the end. May be dropped while it waits: nothing is lost.
    pub(super) async fn next(&self) -> Option<SessionEvent> {
        loop {
            match self.take() {
                Taken::Event(event) => return Some(*event),
                Taken::Over => return None,
                // A permit of a push between the look and the wait is kept.
                Taken::Nothing => self.waiting.notified().await,
            }
        }
    }

    /// The next event, waiting `patience` for it; `Nothing` if none came.
    pub(super) fn wait(&self, patience: Duration) -> Taken {
        let inner = self.lock();
        let empty = |inner: &mut Inner| inner.events.is_empty() && !inner.closed;
        let waited = self.blocked.wait_timeout_while(inner, patience, empty);
        drop(waited);
        self.take()
    }

    /// True once the end was put in.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Waits for the end at most so long; takes no event.
    pub(super) fn wait_closed(&self, patience: Duration) {
        let inner = self.lock();
        drop(self.blocked.wait_timeout_while(inner, patience, |inner| !inner.closed));
        // The wake-up may have been meant for another.
        self.blocked.notify_one();
    }

    /// How many events were left out because nobody took them.
    pub(super) fn left_out(&self) -> u64 {
        self.lock().left_out
    }
}

/// True for an event that only informs.
fn informs(event: &SessionEvent) -> bool {
    matches!(
        event,
        SessionEvent::Detail { .. }
            | SessionEvent::Warning { .. }
            | SessionEvent::Rekeyed { .. }
            | SessionEvent::Connecting { .. }
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn detail(n: usize) -> SessionEvent {
        SessionEvent::Detail { json: n.to_string() }
    }

    fn reasserting() -> SessionEvent {
        SessionEvent::Reasserting { error: None, retry_ms: 0 }
    }

    #[test]
    fn what_only_informs_is_left_out_when_nobody_listens_and_the_rest_stays() {
        let queue = EventQueue::default();
        queue.push(reasserting());
        for n in 0..1000 {
            queue.push(detail(n));
        }
        for _ in 0..300 {
            queue.push(reasserting());
        }
        queue.push(detail(1));
        queue.push(SessionEvent::Closed { error: None });
        queue.push(detail(2));
        let mut kinds = (0, 0, 0);
        loop {
            match queue.take() {
                Taken::Event(event) => match *event {
                    SessionEvent::Reasserting { .. } => kinds.0 += 1,
                    SessionEvent::Detail { .. } => kinds.1 += 1,
                    SessionEvent::Closed { .. } => kinds.2 += 1,
                    other => panic!("{other:?}"),
                },
                Taken::Over => break,
                Taken::Nothing => panic!("the end was put in"),
            }
        }
        assert_eq!(kinds, (301, 0, 1));
        assert_eq!(queue.left_out(), 1001);
        assert!(matches!(queue.take(), Taken::Over));
    }

    #[test]
    fn blocking_and_asynchronous_callers_all_hear_of_the_end() {
        let queue = Arc::new(EventQueue::default());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let queue = Arc::clone(&queue);
                std::thread::spawn(move || {
                    let mut taken = 0;
                    loop {
                        match queue.wait(Duration::from_secs(20)) {
                            Taken::Event(_) => taken += 1,
                            Taken::Over => return taken,
                            Taken::Nothing => panic!("nothing came"),
                        }
                    }
                })
            })
            .collect();
        for n in 0..50 {
            queue.push(detail(n));
        }
        queue.push(SessionEvent::Closed { error: None });
        let mine = runtime.block_on(async {
            let mut taken = 0;
            while queue.next().await.is_some() {
                taken += 1;
            }
            taken
        });
        let all: i32 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        assert_eq!(all + mine, 51);
    }

    #[test]
    fn dropping_a_waiting_call_loses_no_event() {
        let queue = EventQueue::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let dropped = tokio::time::timeout(Duration::from_millis(10), queue.next()).await;
            assert!(dropped.is_err());
            queue.push(detail(7));
            assert_eq!(queue.next().await, Some(detail(7)));
        });
        assert!(matches!(queue.wait(Duration::ZERO), Taken::Nothing));
    }
}
