//! Questions that are open, by token.

use std::collections::BTreeMap;
use std::net::IpAddr;

use adit_driver::client::AskId;
use adit_tunnel::IpPrefix;
use tokio::sync::oneshot;

use crate::{AditError, Answer, Question};

/// Who waits for an answer.
pub(super) enum Waiting {
    /// The session's own task: a socket, a name, a password before the start.
    Here(oneshot::Sender<Answer>),
    /// The engine, with this question.
    Engine(AskId, Question),
}

/// Which answers a question takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    YesOrNo,
    Addresses,
    Password,
    Signature,
}

impl Kind {
    fn of(question: &Question) -> Self {
        match question {
            Question::ProtectSocket { .. } | Question::JudgeChain { .. } => Self::YesOrNo,
            Question::ResolveName { .. } => Self::Addresses,
            Question::Password { .. } => Self::Password,
            Question::Sign { .. } => Self::Signature,
        }
    }

    /// Whether `answer` answers it; what is wrong with it otherwise.
    fn judge(self, answer: &Answer) -> Result<(), String> {
        match (self, answer) {
            (_, Answer::Refused { .. })
            | (Self::YesOrNo, Answer::Done)
            | (Self::Password, Answer::Password { .. })
            | (Self::Signature, Answer::Signature { .. }) => Ok(()),
            (Self::Addresses, Answer::Addresses { list }) => {
                match list.iter().find(|text| address(text).is_none()) {
                    Some(odd) => Err(format!("{odd:?} is no IP address")),
                    None => Ok(()),
                }
            }
            _ => Err(format!("{} is no answer to that question", answer.name())),
        }
    }
}

/// An address; a zone behind it, as Android and Apple write link-local ones, is left out.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    text.split('%').next().unwrap_or_default().parse().ok()
}

/// The network of an address that is given with a prefix length; none of one without.
pub(super) fn network(text: &str) -> Option<IpPrefix> {
    let (host, len) = text.split_once('/')?;
    Some(IpPrefix::new(address(host)?, len.parse().ok()?).ok()?.network())
}

/// The table.
#[derive(Default)]
pub(super) struct Asks {
    last: u64,
    open: BTreeMap<u64, (Kind, Waiting)>,
}

impl Asks {
    /// Opens a question; gives its token.
    pub(super) fn open(&mut self, question: &Question, waiting: Waiting) -> u64 {
        self.last += 1;
        self.open.insert(self.last, (Kind::of(question), waiting));
        self.last
    }

    /// Who waits for this answer; `None` if nobody does any more.
    ///
    /// # Errors
    /// No such question was asked, or it cannot be answered so; it stays open then.
    pub(super) fn answered(&mut self, token: u64, answer: &Answer) -> Result<Option<Waiting>, AditError> {
        if token == 0 || token > self.last {
            return Err(AditError::usage(format!("there is no question with the token {token}")));
        }
        let Some((kind, _)) = self.open.get(&token) else { return Ok(None) };
        kind.judge(answer).map_err(AditError::usage)?;
        if let Some((_, Waiting::Engine(_, Question::Password { username: None, .. }))) =
            self.open.get(&token)
            && matches!(answer, Answer::Password { username: None, .. })
        {
            return Err(AditError::usage("no user name is known: the answer must bring one"));
        }
        Ok(self.open.remove(&token).map(|(_, waiting)| waiting))
    }

    /// Nobody waits for this one any more.
    pub(super) fn forget(&mut self, token: u64) {
        self.open.remove(&token);
    }

    /// Nobody waits for the engine's questions any more: its attempt is over.
    pub(super) fn forget_engine(&mut self) {
        self.open.retain(|_, (_, waiting)| matches!(waiting, Waiting::Here(_)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::c_abi::reference::{questions, table, words};

    #[test]
    fn a_network_is_told_by_an_address_with_a_prefix_length() {
        for (text, wanted) in [
            ("192.168.1.17/24", Some("192.168.1.0/24")),
            ("fe80::1%wlan0/64", Some("fe80::/64")),
            ("192.168.1.17", None),
            ("192.168.1.17/33", None),
            ("x/8", None),
        ] {
            assert_eq!(network(text).map(|network| network.to_string()).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn answers_must_fit_and_late_ones_do_no_harm() {
        let mut asks = Asks::default();
        let done = Answer::Done;
        assert!(asks.answered(1, &done).is_err(), "nothing was asked");
        let (to, mut answer) = oneshot::channel();
        let token = asks.open(&Question::ResolveName { host: "a".into() }, Waiting::Here(to));
        assert!(asks.answered(token, &done).is_err());
        let odd = Answer::Addresses { list: vec!["192.0.2.1".into(), "vpn.example.com".into()] };
        let error = asks.answered(token, &odd).err().unwrap();
        assert!(error.to_string().contains("vpn.example.com"), "{error}");
        assert!(answer.try_recv().is_err(), "still open");
        let good = Answer::Addresses { list: vec!["fe80::1%wlan0".into()] };
        assert!(matches!(asks.answered(token, &good), Ok(Some(Waiting::Here(_)))));
        assert!(matches!(asks.answered(token, &good), Ok(None)), "late, or twice");
    }

    #[test]
    fn every_question_takes_the_answer_that_the_reference_says() {
        let answers = [
            ("done", Answer::Done),
            ("addresses", Answer::Addresses { list: vec!["::1".into()] }),
            ("password", Answer::Password { username: None, password: "secret".into() }),
            ("signature", Answer::Signature { bytes: vec![1] }),
        ];
        let rows = table("Questions");
        for question in questions() {
            let name = serde_json::to_value(&question).unwrap()["ask"].as_str().unwrap().to_owned();
            let row = rows.iter().find(|row| row[0] == name).unwrap();
            for (name, answer) in &answers {
                let told = words(&row[3]).contains(*name);
                assert_eq!(Kind::of(&question).judge(answer).is_ok(), told, "{question:?} {answer:?}");
            }
        }
    }

    #[test]
    fn every_question_has_its_answers_and_all_can_be_refused() {
        let questions = [
            (Question::ProtectSocket { fd: 3 }, 0),
            (Question::ResolveName { host: "a".into() }, 1),
            (Question::Password { username: None, attempt: 0, refusal: None }, 2),
            (Question::Sign { key: "k".into(), scheme: "ed25519".into(), message: vec![1] }, 3),
            (Question::JudgeChain { certificates: vec![], identity: "a".into() }, 0),
        ];
        let answers = [
            Answer::Done,
            Answer::Addresses { list: vec!["::1".into()] },
            Answer::Password { username: None, password: "secret".into() },
            Answer::Signature { bytes: vec![1] },
        ];
        for (question, fits) in questions {
            let kind = Kind::of(&question);
            for (at, answer) in answers.iter().enumerate() {
                assert_eq!(kind.judge(answer).is_ok(), at == fits, "{question:?} {answer:?}");
            }
            assert!(kind.judge(&Answer::Refused { reason: "no".into() }).is_ok());
        }
    }
}
