//! What a session said last, for a client that missed it.
//!
//! Owns the answers with which sessions ended, each with the request it answered. A refusal or the answer to a
//! Delete ends the session that would otherwise send it again when the request comes again (RFC 7296 2.1), and
//! without it a client with a wrong password would only see a server that fell silent (B19).

use std::collections::VecDeque;
use std::time::Duration;

use adit_ike::time::Instant;
use adit_ike::{Path, Transmit};

/// As long as a client may go on asking.
const KEPT: Duration = Duration::from_secs(40);
/// Sessions remembered; beyond it the oldest is forgotten.
const SESSIONS_MAX: usize = 64;
/// Octets of a request and its answer together; longer ones are not kept.
const OCTETS_MAX: usize = 16_384;

/// The end of one session.
#[derive(Debug)]
struct Ending {
    request: Vec<u8>,
    encapsulated: bool,
    answers: Vec<Vec<u8>>,
    until: Instant,
}

/// The ends of the last sessions.
#[derive(Debug, Default)]
pub(super) struct LastWords(VecDeque<Ending>);

impl LastWords {
    /// Remembers that `request`, which came by `path`, was answered with `answers` and ended its session.
    pub fn keep(&mut self, now: Instant, path: Path, request: Vec<u8>, answers: Vec<Vec<u8>>) {
        let octets = answers.iter().fold(request.len(), |sum, answer| sum.saturating_add(answer.len()));
        if answers.is_empty() || octets > OCTETS_MAX {
            return;
        }
        if self.0.len() >= SESSIONS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(Ending { request, encapsulated: path.encapsulated, answers, until: now + KEPT });
    }

    /// The answers to a request that comes again, octet for octet, to where it came from this time.
    pub fn repeat(&mut self, now: Instant, path: Path, request: &[u8]) -> Vec<Transmit> {
        while self.0.front().is_some_and(|ending| ending.until <= now) {
            self.0.pop_front();
        }
        let again = |ending: &&Ending| ending.encapsulated == path.encapsulated && ending.request == request;
        let answers = self.0.iter().find(again).map(|ending| ending.answers.as_slice()).unwrap_or_default();
        answers.iter().map(|answer| Transmit { path, payload: answer.clone() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(port: u16) -> Path {
        Path {
            local: "192.0.2.1:4500".parse().unwrap(),
            remote: (std::net::Ipv4Addr::new(192, 0, 2, 2), port).into(),
            encapsulated: true,
        }
    }

    fn at(seconds: u64) -> Instant {
        Instant::from_epoch(Duration::from_secs(seconds))
    }

    #[test]
    fn the_same_request_gets_the_same_answer_for_a_while() {
        let mut words = LastWords::default();
        words.keep(at(0), path(1), b"request".to_vec(), vec![b"one".to_vec(), b"two".to_vec()]);
        let again = words.repeat(at(5), path(2), b"request");
        assert_eq!(again.iter().map(|t| t.payload.as_slice()).collect::<Vec<_>>(), [b"one", b"two"]);
        assert!(again.iter().all(|transmit| transmit.path == path(2)));
        assert!(words.repeat(at(5), path(1), b"another").is_empty());
        let plain = Path { encapsulated: false, ..path(1) };
        assert!(words.repeat(at(5), plain, b"request").is_empty());
        assert!(words.repeat(at(40), path(1), b"request").is_empty());
        assert!(words.0.is_empty());
    }

    #[test]
    fn memory_is_bounded() {
        let mut words = LastWords::default();
        for number in 0..1000_u32 {
            words.keep(at(0), path(1), number.to_be_bytes().to_vec(), vec![vec![1]]);
        }
        words.keep(at(0), path(1), b"silent".to_vec(), Vec::new());
        words.keep(at(0), path(1), b"long".to_vec(), vec![vec![0; OCTETS_MAX]]);
        assert_eq!(words.0.len(), SESSIONS_MAX);
        assert_eq!(words.repeat(at(0), path(1), &999_u32.to_be_bytes()).len(), 1);
        assert!(words.repeat(at(0), path(1), &0_u32.to_be_bytes()).is_empty());
    }
}
