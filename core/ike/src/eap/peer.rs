//! The client's side of EAP.

use std::fmt;

use adit_crypto::{CryptoProvider, Secret};
use subtle::ConstantTimeEq;

use super::mschapv2::{self, Calculation, MAX_NAME_LEN, Message, NtHash};
use super::{EapFailure, EapType, Packet, RejectReason};
use crate::identity::printable;

/// Most requests answered: a login takes three or four.
const MAX_ROUNDS: u8 = 32;

/// Most notices and refused methods remembered.
const MAX_REMEMBERED: usize = 8;

/// What to do after a packet.
pub enum Step {
    /// Send this packet.
    Reply(Vec<u8>),
    /// The server said EAP-Success after both had proved themselves. `msk` keys the last two AUTH payloads.
    Success {
        /// The key the method made, 64 bytes.
        msk: Secret,
    },
    /// The server refused the login and lets the user try again at once: ask for other credentials, then go on with
    /// [`Peer::try_again`] or [`Peer::give_in`]. Only after [`Peer::allow_retries`].
    Refused(EapFailure),
    /// EAP is over and failed. Nothing is to be sent.
    Failure(EapFailure),
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(packet) => write!(f, "Reply({} bytes)", packet.len()),
            Self::Success { .. } => f.write_str("Success"),
            Self::Refused(failure) => write!(f, "Refused({failure:?})"),
            Self::Failure(failure) => write!(f, "Failure({failure:?})"),
        }
    }
}

/// A user who logs in with EAP-MSCHAPv2.
///
/// Give it packets only once the server has proved itself by certificate: the answers hold the user's name
/// and a hash that can be searched for the password.
pub struct Peer {
    username: Vec<u8>,
    hash: NtHash,
    state: State,
    last: Option<Exchange>,
    rounds: u8,
    retries: u8,
    refused_methods: Vec<EapType>,
    notices: Vec<String>,
}

/// The last request and our answer.
struct Exchange {
    id: u8,
    request: Vec<u8>,
    reply: Vec<u8>,
}

enum State {
    /// Nothing but Identity, Notification and Nak so far.
    Begun,
    /// Our response is out; the server must prove itself with `expected`.
    Responded { expected: [u8; 20], msk: Secret },
    /// The server has proved itself; EAP-Success is next.
    Proved { msk: Secret },
    /// The server said no and lets us try again; the user is asked.
    Refused(Refusal),
    /// The server said no, and we took note; EAP-Failure is next.
    Rejected(EapFailure),
    /// Over.
    Ended,
}

/// A refusal that may be answered by another try.
struct Refusal {
    /// EAP identifier and bytes of the request.
    id: u8,
    request: Vec<u8>,
    /// MS-CHAPv2-ID of the request.
    ms_id: u8,
    /// The challenge of the next try.
    challenge: [u8; 16],
    failure: EapFailure,
}

impl Peer {
    /// `username` as it goes over the wire, with `DOMAIN\` if the server wants that; `password` in UTF-8.
    ///
    /// # Errors
    /// [`EapFailure::Credentials`] for an empty user name, one above [`MAX_NAME_LEN`] bytes, and a password
    /// that is not UTF-8 or longer than 256 characters.
    pub fn new(username: &str, password: &Secret) -> Result<Self, EapFailure> {
        if username.is_empty() {
            return Err(EapFailure::Credentials { what: "there is no user name; set AuthName" });
        }
        if username.len() > MAX_NAME_LEN {
            return Err(EapFailure::Credentials { what: "the user name is too long" });
        }
        Ok(Self {
            username: username.as_bytes().to_vec(),
            hash: NtHash::from_password(password)?,
            state: State::Begun,
            last: None,
            rounds: 0,
            retries: 0,
            refused_methods: Vec::new(),
            notices: Vec::new(),
        })
    }

    /// Takes a packet of the server.
    pub fn handle(&mut self, packet: &[u8], provider: &CryptoProvider) -> Step {
        match self.step(packet, provider) {
            Ok(step) => step,
            Err(failure) => {
                self.state = State::Ended;
                Step::Failure(failure)
            }
        }
    }

    /// The user name of the last try.
    #[must_use]
    pub fn username(&self) -> String {
        String::from_utf8_lossy(&self.username).into_owned()
    }

    /// Lets the user try again so often where the server allows it; never else.
    pub fn allow_retries(&mut self, retries: u8) {
        self.retries = retries;
    }

    /// Another user name and password after [`Step::Refused`] (RFC 2759 6).
    pub fn try_again(&mut self, username: &str, password: &Secret, provider: &CryptoProvider) -> Step {
        self.retry(username, password, provider).unwrap_or_else(|failure| {
            self.state = State::Ended;
            Step::Failure(failure)
        })
    }

    /// No other try after [`Step::Refused`]: the server's refusal is acknowledged.
    pub fn give_in(&mut self) -> Step {
        let State::Refused(refusal) = std::mem::replace(&mut self.state, State::Ended) else {
            return Step::Failure(EapFailure::Protocol { what: "there is nothing to give in to" });
        };
        self.state = State::Rejected(refusal.failure);
        self.reply(refusal.id, &refusal.request, EapType::MSCHAPV2, &mschapv2::failure_response())
    }

    fn retry(
        &mut self,
        username: &str,
        password: &Secret,
        provider: &CryptoProvider,
    ) -> Result<Step, EapFailure> {
        let State::Refused(refusal) = std::mem::replace(&mut self.state, State::Ended) else {
            return Err(EapFailure::Protocol { what: "there is nothing to try again" });
        };
        let again = Self::new(username, password)?;
        self.username = again.username;
        self.hash = again.hash;
        // Each try has an identifier of its own (RFC 2759 4).
        let data = self.respond(refusal.ms_id.wrapping_add(1), &refusal.challenge, provider)?;
        Ok(self.reply(refusal.id, &refusal.request, EapType::MSCHAPV2, &data))
    }

    /// Why the server refused the login, if it has: for a server that ends IKE without EAP-Failure.
    #[must_use]
    pub fn rejection(&self) -> Option<&EapFailure> {
        match &self.state {
            State::Rejected(failure) | State::Refused(Refusal { failure, .. }) => Some(failure),
            _ => None,
        }
    }

    /// Texts the server sent for the user (Notification), escaped and cut, at most eight.
    #[must_use]
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    fn step(&mut self, bytes: &[u8], provider: &CryptoProvider) -> Result<Step, EapFailure> {
        if matches!(self.state, State::Ended) {
            return Err(EapFailure::Protocol { what: "it goes on after the end" });
        }
        match Packet::parse(bytes)? {
            Packet::Request { id, kind, data } => {
                // Repetitions count too, or a server could keep us here for ever with a single packet.
                self.rounds = self.rounds.saturating_add(1);
                if self.rounds > MAX_ROUNDS {
                    return Err(EapFailure::Protocol { what: "it never comes to an end" });
                }
                if let Some(last) = &self.last
                    && last.id == id
                {
                    // RFC 3748 4.1: a repeated request gets the same answer; another one under the same
                    // identifier is none.
                    return if last.request == bytes {
                        Ok(Step::Reply(last.reply.clone()))
                    } else {
                        Err(EapFailure::Protocol { what: "it uses an identifier for a second request" })
                    };
                }
                let (kind, data) = self.answer(kind, data, provider)?;
                if let State::Refused(refusal) = &mut self.state {
                    refusal.id = id;
                    refusal.request = bytes.to_vec();
                    return Ok(Step::Refused(refusal.failure.clone()));
                }
                Ok(self.reply(id, bytes, kind, &data))
            }
            Packet::Response { .. } => Err(EapFailure::Protocol { what: "it sent a Response" }),
            Packet::Success { id } => self.on_success(id),
            Packet::Failure { .. } => Err(self.on_failure()),
        }
    }

    /// Our answer to `request`, remembered for a repetition.
    fn reply(&mut self, id: u8, request: &[u8], kind: EapType, data: &[u8]) -> Step {
        let reply = Packet::Response { id, kind, data }.encode();
        self.last = Some(Exchange { id, request: request.to_vec(), reply: reply.clone() });
        Step::Reply(reply)
    }

    /// The type and data of the answer to a request; nothing if the user is to be asked.
    fn answer(
        &mut self,
        kind: EapType,
        data: &[u8],
        provider: &CryptoProvider,
    ) -> Result<(EapType, Vec<u8>), EapFailure> {
        match kind {
            EapType::NOTIFICATION => {
                if self.notices.len() < MAX_REMEMBERED {
                    self.notices.push(printable(data));
                }
                Ok((kind, Vec::new()))
            }
            EapType::IDENTITY if matches!(self.state, State::Begun) => Ok((kind, self.username.clone())),
            EapType::IDENTITY => Err(EapFailure::Protocol { what: "it asks for the identity in the middle" }),
            EapType::NAK => Err(EapFailure::Protocol { what: "it sent a Nak as a Request" }),
            EapType::MSCHAPV2 => Ok((kind, self.mschapv2(data, provider)?)),
            _ if matches!(self.state, State::Begun) => {
                if self.refused_methods.len() < MAX_REMEMBERED && !self.refused_methods.contains(&kind) {
                    self.refused_methods.push(kind);
                }
                Ok((EapType::NAK, vec![EapType::MSCHAPV2.0]))
            }
            _ => Err(EapFailure::Protocol { what: "it starts a second method" }),
        }
    }

    fn mschapv2(&mut self, data: &[u8], provider: &CryptoProvider) -> Result<Vec<u8>, EapFailure> {
        let message = Message::parse_request(data).map_err(|what| EapFailure::Protocol { what })?;
        match (std::mem::replace(&mut self.state, State::Ended), message) {
            (State::Begun, Message::Challenge { ms_id, challenge }) => {
                self.respond(ms_id, &challenge, provider)
            }
            (State::Responded { expected, msk }, Message::SuccessRequest { authenticator_response }) => {
                if !bool::from(expected.ct_eq(&authenticator_response)) {
                    return Err(EapFailure::ServerNotAuthenticated);
                }
                self.state = State::Proved { msk };
                Ok(mschapv2::success_response())
            }
            (State::Responded { .. }, Message::FailureRequest { ms_id, text }) => {
                let failure = EapFailure::Rejected {
                    reason: RejectReason::from_code(text.code),
                    code: text.code,
                    message: text.message,
                    retry_allowed: text.retry_allowed,
                };
                if let Some(challenge) = text.challenge.filter(|_| text.retry_allowed && self.retries > 0) {
                    self.retries -= 1;
                    self.state =
                        State::Refused(Refusal { id: 0, request: Vec::new(), ms_id, challenge, failure });
                    return Ok(Vec::new());
                }
                self.state = State::Rejected(failure);
                Ok(mschapv2::failure_response())
            }
            (State::Begun, _) => Err(EapFailure::Protocol { what: "it ends MSCHAPv2 before it has begun" }),
            _ => Err(EapFailure::Protocol { what: "an MSCHAPv2 message is out of turn" }),
        }
    }

    /// The response to a challenge.
    fn respond(
        &mut self,
        ms_id: u8,
        challenge: &[u8; 16],
        provider: &CryptoProvider,
    ) -> Result<Vec<u8>, EapFailure> {
        let mut peer_challenge = [0; 16];
        provider.random.fill(&mut peer_challenge)?;
        let run = Calculation::new(provider, &self.hash, challenge, &peer_challenge, &self.username)?;
        let reply = mschapv2::response(ms_id, &peer_challenge, &run.nt_response, &self.username);
        self.state = State::Responded { expected: run.authenticator_response, msk: run.msk };
        Ok(reply)
    }

    fn on_success(&mut self, id: u8) -> Result<Step, EapFailure> {
        let State::Proved { msk } = std::mem::replace(&mut self.state, State::Ended) else {
            return Err(EapFailure::UnexpectedSuccess);
        };
        // RFC 3748 4.2 wants the identifier of our last response; some servers count on.
        let last = self.last.as_ref().map(|last| last.id);
        if last != Some(id) && last.map(|last| last.wrapping_add(1)) != Some(id) {
            return Err(EapFailure::Protocol { what: "its Success has an identifier of its own" });
        }
        Ok(Step::Success { msk })
    }

    fn on_failure(&mut self) -> EapFailure {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Rejected(failure) | State::Refused(Refusal { failure, .. }) => failure,
            State::Begun if !self.refused_methods.is_empty() => {
                EapFailure::NoCommonMethod { offered: std::mem::take(&mut self.refused_methods) }
            }
            _ => EapFailure::Refused,
        }
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Begun => "begun",
            State::Responded { .. } => "responded",
            State::Proved { .. } => "server proved",
            State::Refused(_) => "refused, may try again",
            State::Rejected(_) => "rejected",
            State::Ended => "ended",
        };
        f.debug_struct("Peer")
            .field("username", &printable(&self.username))
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
