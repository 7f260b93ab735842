//! The engine's questions, in the app's words, and the app's answers in the engine's.

use adit_ike::Question as Asked;

use crate::{Answer, Question};

/// What the app is asked; `None` for what only a gateway is.
pub(super) fn for_app(question: Asked) -> Option<Question> {
    match question {
        Asked::Lease(_) => None,
    }
}

/// What the engine is answered; `None` if there is no such answer.
pub(super) fn for_engine(answer: Answer) -> Option<adit_ike::Answer> {
    match answer {
        _ => None,
    }
}
