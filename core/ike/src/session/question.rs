//! A question to the host that is open: its name and how long it is waited for.
//!
//! Owns [`Open`], which every phase that waits for the host holds: it asks, tells its answer from others, and knows when the
//! wait is over. Leaves out what is asked and what follows from the answer.

use std::time::Duration;

use super::context::Context;
use crate::event::{Event, Question, Token};
use crate::time::Instant;

/// An open question.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Open {
    token: Token,
    until: Instant,
}

impl Open {
    /// Asks the host, which may take `patience` for its answer.
    pub fn ask(cx: &mut Context, patience: Duration, question: Question) -> Self {
        let (token, until) = (cx.next_token(), cx.now + patience);
        cx.event(Event::Ask { token, deadline: until, question });
        Self { token, until }
    }

    /// True if an answer that bears `token` is the answer to this.
    pub fn is(&self, token: Token) -> bool {
        self.token == token
    }

    /// True if the host was silent for too long.
    pub fn is_over(&self, cx: &Context) -> bool {
        self.until <= cx.now
    }

    /// When that is.
    pub const fn until(&self) -> Instant {
        self.until
    }
}
