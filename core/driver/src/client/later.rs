//! Events that wait while the host sets up its device.

use std::collections::VecDeque;

use adit_ike::Event as IkeEvent;
use adit_tunnel::Event;

/// Events kept at most, but for those that somebody has to act on. A host may take hours, and a server may say much meanwhile.
const LATER_MAX: usize = 256;

/// The events, oldest first.
#[derive(Debug, Default)]
pub(super) struct Later(VecDeque<Event>);

impl Later {
    /// Keeps an event. When there are too many, one that only informs is dropped.
    pub(super) fn push(&mut self, event: Event) {
        let must_be_heard =
            matches!(event, Event::Closed(_) | Event::Up { .. } | Event::Ike(IkeEvent::Ask { .. }));
        if must_be_heard || self.0.len() < LATER_MAX {
            self.0.push_back(event);
        }
    }

    /// The oldest event.
    pub(super) fn pop(&mut self) -> Option<Event> {
        self.0.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use adit_ike::CloseReason;

    use super::*;

    #[test]
    fn many_events_are_bounded_and_the_end_is_among_them() {
        let mut later = Later::default();
        for n in 0..10_000 {
            later.push(Event::Ike(IkeEvent::Warning(n.to_string())));
        }
        later.push(Event::Closed(CloseReason::DeletedByPeer));
        let events: Vec<Event> = std::iter::from_fn(|| later.pop()).collect();
        assert_eq!(events.len(), LATER_MAX + 1);
        assert!(
            matches!(&events[0], Event::Ike(IkeEvent::Warning(first)) if first == "0"),
            "the oldest ones"
        );
        assert!(matches!(events.last(), Some(Event::Closed(CloseReason::DeletedByPeer))));
    }
}
