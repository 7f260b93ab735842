//! The server's side of EAP.

use std::fmt;

use adit_crypto::{CryptoError, CryptoProvider, Secret};
use subtle::ConstantTimeEq;

use super::mschapv2::{self, Calculation, MAX_NAME_LEN, Message, NtHash, without_domain};
use super::{EapFailure, EapType, Packet, RejectReason};
use crate::identity::printable;

/// What to do after a packet.
pub enum ServerStep {
    /// Send this packet.
    Reply(Vec<u8>),
    /// Look up [`Authenticator::needs_user`] and call [`Authenticator::provide_user`].
    NeedUser,
    /// The user has proved itself. Send `packet` (EAP-Success); `msk` keys the last two AUTH payloads.
    Success {
        /// EAP-Success.
        packet: Vec<u8>,
        /// The key the method made, 64 bytes.
        msk: Secret,
        /// Who logged in: the name that was proved, not the one given in answer to EAP-Identity.
        user: UserName,
    },
    /// EAP is over and failed. Send `packet` (EAP-Failure).
    Failure {
        /// EAP-Failure.
        packet: Vec<u8>,
        /// Why, for the log.
        failure: EapFailure,
    },
}

impl fmt::Debug for ServerStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reply(packet) => write!(f, "Reply({} bytes)", packet.len()),
            Self::NeedUser => f.write_str("NeedUser"),
            Self::Success { user, .. } => write!(f, "Success({user})"),
            Self::Failure { failure, .. } => write!(f, "Failure({failure:?})"),
        }
    }
}

/// A user's name, as bytes: nothing says that it is text. Prints escaped and cut.
#[derive(Clone, Eq, PartialEq)]
pub struct UserName(Vec<u8>);

impl UserName {
    /// The name as the user sent it, with its domain.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name behind `DOMAIN\`, which is what MSCHAPv2 proves.
    #[must_use]
    pub fn account(&self) -> &[u8] {
        without_domain(&self.0)
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the server knows of a user.
#[derive(Clone, Debug)]
pub enum UserSecret {
    /// The password in UTF-8.
    Password(Secret),
    /// MD4 of the password in UTF-16 (RFC 2759 8.3), 16 bytes.
    NtHash(Secret),
}

/// A server that asks for the identity and then for MSCHAPv2.
pub struct Authenticator {
    server_name: Vec<u8>,
    id: u8,
    identity: Option<Vec<u8>>,
    state: State,
}

enum State {
    New,
    AskedIdentity,
    Challenged { challenge: [u8; 16] },
    AwaitUser { challenge: [u8; 16], peer_challenge: [u8; 16], nt_response: [u8; 24], name: UserName },
    SaidSuccess { msk: Secret, user: UserName },
    SaidFailure,
    Ended,
}

impl Authenticator {
    /// `server_name` goes into the challenge; clients may show it.
    ///
    /// # Errors
    /// [`EapFailure::Credentials`] if it is empty or above [`MAX_NAME_LEN`] bytes.
    pub fn new(server_name: &str) -> Result<Self, EapFailure> {
        if server_name.is_empty() || server_name.len() > MAX_NAME_LEN {
            return Err(EapFailure::Credentials { what: "the server needs a name of 1 to 512 bytes" });
        }
        Ok(Self { server_name: server_name.as_bytes().to_vec(), id: 0, identity: None, state: State::New })
    }

    /// The first packet: the Identity request.
    ///
    /// # Errors
    /// [`CryptoError::Random`].
    pub fn start(&mut self, provider: &CryptoProvider) -> Result<Vec<u8>, CryptoError> {
        let mut id = [0; 1];
        provider.random.fill(&mut id)?;
        [self.id] = id;
        self.state = State::AskedIdentity;
        Ok(Packet::Request { id: self.id, kind: EapType::IDENTITY, data: &[] }.encode())
    }

    /// Takes a packet of the user.
    pub fn handle(&mut self, packet: &[u8], provider: &CryptoProvider) -> ServerStep {
        let step = self.step(packet, provider);
        self.finish(step)
    }

    /// The user to look up, after [`ServerStep::NeedUser`].
    #[must_use]
    pub fn needs_user(&self) -> Option<&UserName> {
        match &self.state {
            State::AwaitUser { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Why the user was turned away, once that was said. Clients may never acknowledge it.
    #[must_use]
    pub fn rejection(&self) -> Option<EapFailure> {
        matches!(self.state, State::SaidFailure).then(rejected)
    }

    /// What was answered to EAP-Identity. Nothing proves it; decide nothing by it.
    #[must_use]
    pub fn claimed_identity(&self) -> Option<&[u8]> {
        self.identity.as_deref()
    }

    /// Answers [`ServerStep::NeedUser`]: `None` for a user that does not exist, who gets the same answer as
    /// one with a wrong password.
    pub fn provide_user(&mut self, secret: Option<&UserSecret>, provider: &CryptoProvider) -> ServerStep {
        let step = self.judge(secret, provider);
        self.finish(step)
    }

    fn finish(&mut self, step: Result<ServerStep, EapFailure>) -> ServerStep {
        step.unwrap_or_else(|failure| {
            self.state = State::Ended;
            ServerStep::Failure { packet: Packet::Failure { id: self.id }.encode(), failure }
        })
    }

    fn step(&mut self, bytes: &[u8], provider: &CryptoProvider) -> Result<ServerStep, EapFailure> {
        let Packet::Response { id, kind, data } = Packet::parse(bytes)? else {
            return Err(EapFailure::Protocol { what: "it sent something else than a Response" });
        };
        if id != self.id {
            return Err(EapFailure::Protocol {
                what: "its Response has another identifier than the Request",
            });
        }
        match std::mem::replace(&mut self.state, State::Ended) {
            State::AskedIdentity => self.on_identity(kind, data, provider),
            State::Challenged { challenge } => self.on_response(kind, data, challenge),
            State::SaidSuccess { msk, user } => {
                match (kind, Message::parse_response(data)) {
                    (EapType::MSCHAPV2, Ok(Message::SuccessResponse)) => {}
                    // The user's side does not believe our proof.
                    _ => return Err(EapFailure::Protocol { what: "it does not accept the server's proof" }),
                }
                Ok(ServerStep::Success { packet: Packet::Success { id }.encode(), msk, user })
            }
            State::SaidFailure => Err(rejected()),
            State::New | State::AwaitUser { .. } | State::Ended => {
                Err(EapFailure::Protocol { what: "it sent a packet out of turn" })
            }
        }
    }

    fn on_identity(
        &mut self,
        kind: EapType,
        data: &[u8],
        provider: &CryptoProvider,
    ) -> Result<ServerStep, EapFailure> {
        if kind != EapType::IDENTITY {
            return Err(EapFailure::Protocol { what: "it does not answer the question for its identity" });
        }
        if data.len() > MAX_NAME_LEN {
            return Err(EapFailure::Protocol { what: "its identity is too long" });
        }
        self.identity = Some(data.to_vec());
        let mut challenge = [0; 16];
        provider.random.fill(&mut challenge)?;
        self.state = State::Challenged { challenge };
        let id = self.next_id();
        Ok(self.request(&mschapv2::challenge(id, &challenge, &self.server_name)))
    }

    fn on_response(
        &mut self,
        kind: EapType,
        data: &[u8],
        challenge: [u8; 16],
    ) -> Result<ServerStep, EapFailure> {
        match kind {
            EapType::MSCHAPV2 => {}
            EapType::NAK => {
                let offered = data.iter().take(8).copied().map(EapType).collect();
                return Err(EapFailure::NoCommonMethod { offered });
            }
            _ => return Err(EapFailure::Protocol { what: "it answers with another method" }),
        }
        let message = Message::parse_response(data).map_err(|what| EapFailure::Protocol { what })?;
        match message {
            Message::Response { ms_id, peer_challenge, nt_response, name } if ms_id == self.id => {
                let name = UserName(name.to_vec());
                self.state = State::AwaitUser { challenge, peer_challenge, nt_response, name };
                Ok(ServerStep::NeedUser)
            }
            _ => Err(EapFailure::Protocol { what: "it does not answer the challenge" }),
        }
    }

    fn judge(
        &mut self,
        secret: Option<&UserSecret>,
        provider: &CryptoProvider,
    ) -> Result<ServerStep, EapFailure> {
        let State::AwaitUser { challenge, peer_challenge, nt_response, name } =
            std::mem::replace(&mut self.state, State::Ended)
        else {
            return Err(EapFailure::Protocol { what: "no user was asked for" });
        };
        let hash = match secret {
            Some(UserSecret::Password(password)) => NtHash::from_password(password)?,
            Some(UserSecret::NtHash(hash)) => NtHash::from_bytes(hash)?,
            None => NtHash::of_nobody(),
        };
        let run = Calculation::new(provider, &hash, &challenge, &peer_challenge, name.as_bytes())?;
        let proved = bool::from(run.nt_response.ct_eq(&nt_response)) && secret.is_some();
        let ms_id = self.id;
        self.next_id();
        if proved {
            self.state = State::SaidSuccess { msk: run.msk, user: name };
            return Ok(self.request(&mschapv2::success_request(ms_id, &run.authenticator_response)));
        }
        let mut next_challenge = [0; 16];
        provider.random.fill(&mut next_challenge)?;
        self.state = State::SaidFailure;
        Ok(self.request(&mschapv2::failure_request(ms_id, &next_challenge)))
    }

    fn next_id(&mut self) -> u8 {
        self.id = self.id.wrapping_add(1);
        self.id
    }

    fn request(&self, data: &[u8]) -> ServerStep {
        ServerStep::Reply(Packet::Request { id: self.id, kind: EapType::MSCHAPV2, data }.encode())
    }
}

fn rejected() -> EapFailure {
    EapFailure::Rejected {
        reason: RejectReason::WrongCredentials,
        code: Some(691),
        message: String::new(),
        retry_allowed: false,
    }
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::New => "new",
            State::AskedIdentity => "asked for the identity",
            State::Challenged { .. } => "challenged",
            State::AwaitUser { .. } => "awaiting the user's secret",
            State::SaidSuccess { .. } => "said success",
            State::SaidFailure => "said failure",
            State::Ended => "ended",
        };
        f.debug_struct("Authenticator").field("state", &state).finish_non_exhaustive()
    }
}
