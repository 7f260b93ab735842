//! One IKE SA: its channel, its suite and the keys that outlive a message.

use std::time::Duration;

use adit_crypto::{CryptoError, Prf, Secret};

use super::context::Context;
use crate::describe::describe;
use crate::discard::Discard;
use crate::event::{Event, MessageRecord, Path};
use crate::exchange::{
    Channel, Dropped, OnTimeout, Opener, Received as FromChannel, RetransmitPolicy, Sealer, SendError,
    Unexpected, Window, WindowError,
};
use crate::failure::Failure;
use crate::keys::{IkeKeys, KeyError, skeyseed_rekeyed};
use crate::proposal::IkeSuite;
use crate::session::common::Common;
use crate::time::Instant;
use crate::wire::{ExchangeType, Flags, Header, IkeSpi, Message, ParseError, Payload, Role};

/// An IKE SA with keys.
#[derive(Debug)]
pub(crate) struct IkeSa {
    channel: Channel,
    pub suite: IkeSuite,
    prf: &'static dyn Prf,
    keys: IkeKeys,
    policy: RetransmitPolicy,
    log_messages: bool,
    fragment_size: Option<usize>,
    /// Our open request: its exchange and when it was first sent.
    open: Option<(ExchangeType, Instant)>,
    /// Where the request being answered came from.
    reply_path: Path,
}

/// What an IKE SA is made from once its keys are known.
pub(crate) struct Establish<'a> {
    pub suite: IkeSuite,
    pub role: Role,
    pub spi_i: IkeSpi,
    pub spi_r: IkeSpi,
    pub nonce_i: &'a [u8],
    pub nonce_r: &'a [u8],
    pub skeyseed: &'a Secret,
    pub window: Window,
    pub fragment_size: Option<usize>,
}

/// What a rekey agreed on.
pub(crate) struct NewIkeSa<'a> {
    /// Ours in the exchange, and so in the new SA.
    pub role: Role,
    pub suite: IkeSuite,
    pub spi_i: IkeSpi,
    pub spi_r: IkeSpi,
    pub shared: &'a Secret,
    pub nonce_i: &'a [u8],
    pub nonce_r: &'a [u8],
}

/// An authentic, complete message.
pub(crate) enum Received {
    Request { payloads: Result<Vec<Payload>, ParseError> },
    Response { payloads: Result<Vec<Payload>, ParseError>, took: Duration },
}

/// What became of our open request.
pub(crate) enum Retry {
    NotDue,
    Sent,
    GaveUp { exchange: ExchangeType, waited: Duration },
}

impl IkeSa {
    pub fn new(cx: &Context, common: &Common, from: Establish<'_>) -> Result<Self, Failure> {
        let cipher =
            cx.provider.cipher(from.suite.cipher).ok_or(CryptoError::UnsupportedCipher(from.suite.cipher))?;
        let prf = cx.provider.prf(from.suite.prf).ok_or(CryptoError::BadKey("no such PRF"))?;
        let keys =
            IkeKeys::derive(prf, cipher, from.skeyseed, from.nonce_i, from.nonce_r, from.spi_i, from.spi_r)
                .map_err(|KeyError::TooMuchKeyMaterial { .. }| CryptoError::BadKey("too much key material"))?;
        let sealer = Sealer::new(cipher, &keys.protection(from.role))?;
        let opener = Opener::new(cipher, &keys.protection(from.role.peer()))?;
        let mut channel = Channel::new(cx.provider, from.spi_i, from.spi_r, from.window, sealer, opener);
        // Non-ESP marker and message are one UDP payload.
        channel.set_max_datagram(from.fragment_size.map(|size| size.saturating_sub(4)));
        Ok(Self {
            channel,
            suite: from.suite,
            prf,
            keys,
            policy: common.config.retransmit,
            log_messages: common.config.log_messages,
            fragment_size: from.fragment_size,
            open: None,
            reply_path: cx.path,
        })
    }

    /// The SA that takes this one's place (RFC 7296 2.18).
    pub fn successor(&self, cx: &Context, common: &Common, new: NewIkeSa<'_>) -> Result<Self, Failure> {
        // The old SA's PRF makes SKEYSEED, the new one's the keys.
        let skeyseed = skeyseed_rekeyed(self.prf, &self.keys.d, new.shared, new.nonce_i, new.nonce_r);
        Self::new(
            cx,
            common,
            Establish {
                suite: new.suite,
                role: new.role,
                spi_i: new.spi_i,
                spi_r: new.spi_r,
                nonce_i: new.nonce_i,
                nonce_r: new.nonce_r,
                skeyseed: &skeyseed,
                window: Window::new(new.role, self.policy),
                fragment_size: self.fragment_size,
            },
        )
    }

    pub fn prf(&self) -> &'static dyn Prf {
        self.prf
    }

    pub fn sk_d(&self) -> &Secret {
        &self.keys.d
    }

    /// SK_pi or SK_pr.
    pub fn auth_key(&self, sender: Role) -> &Secret {
        self.keys.auth_key(sender)
    }

    #[cfg(feature = "keylog")]
    pub fn keys(&self) -> &IkeKeys {
        &self.keys
    }

    pub fn spi_i(&self) -> IkeSpi {
        self.channel.initiator_spi()
    }

    pub fn spi_r(&self) -> IkeSpi {
        self.channel.responder_spi()
    }

    pub fn role(&self) -> Role {
        self.channel.window().role()
    }

    /// True if `header` names this SA. The first request of all names no responder SPI yet.
    pub fn is_named_by(&self, header: &Header) -> bool {
        let first = header.exchange == ExchangeType::IKE_SA_INIT && !header.flags.response;
        header.initiator_spi == self.spi_i()
            && (header.responder_spi == self.spi_r() || (first && header.responder_spi.is_zero()))
    }

    /// True if no request of ours is open.
    pub fn is_idle(&self) -> bool {
        self.open.is_none()
    }

    /// True once message IDs come near their end.
    pub fn is_nearly_exhausted(&self) -> bool {
        self.channel.window().is_nearly_exhausted()
    }

    /// Sends a request. None may be open.
    pub fn request(
        &mut self,
        cx: &mut Context,
        exchange: ExchangeType,
        payloads: &[Payload],
    ) -> Result<(), Failure> {
        let message_id = self.channel.window().next_request_id().unwrap_or_default();
        let datagrams = self.channel.request(cx.now, exchange, payloads).map_err(send_failure)?;
        for datagram in datagrams {
            cx.send(datagram);
        }
        self.open = Some((exchange, cx.now));
        self.log(cx, cx.path, exchange, Flags::request(self.role()), message_id, payloads);
        Ok(())
    }

    /// Answers the request with `header`, to where it came from.
    pub fn respond(
        &mut self,
        cx: &mut Context,
        header: &Header,
        payloads: &[Payload],
    ) -> Result<(), Failure> {
        let path = self.reply_path;
        for datagram in self.channel.respond(payloads).map_err(send_failure)? {
            cx.send_to(path, datagram);
        }
        self.log(cx, path, header.exchange, Flags::response(self.role()), header.message_id, payloads);
        Ok(())
    }

    /// Forgets our open request: nobody waits for its answer any more.
    pub fn abandon_request(&mut self) {
        self.open = None;
        if let Some(message_id) = self.channel.window().outstanding() {
            self.channel.window_mut().finish_request(message_id);
        }
    }

    /// Takes a datagram that names this SA.
    pub fn receive(
        &mut self,
        cx: &mut Context,
        path: Path,
        header: &Header,
        datagram: &[u8],
    ) -> Result<Received, Discard> {
        let received = match self.channel.receive(datagram) {
            FromChannel::Request(_, payloads) => Received::Request { payloads: Ok(payloads) },
            FromChannel::BadRequest(_, error) => Received::Request { payloads: Err(error) },
            FromChannel::Response(_, payloads) => {
                Received::Response { payloads: Ok(payloads), took: self.took(cx) }
            }
            FromChannel::BadResponse(_, error) => {
                Received::Response { payloads: Err(error), took: self.took(cx) }
            }
            FromChannel::Resend(datagrams) => {
                for datagram in datagrams {
                    cx.send_to(path, datagram);
                }
                return Err(Discard::Retransmitted);
            }
            FromChannel::Incomplete => return Err(Discard::Fragment),
            FromChannel::Dropped(dropped) => return Err(discard(&dropped)),
        };
        if matches!(received, Received::Request { .. }) {
            self.reply_path = path;
        }
        if self.log_messages {
            let text = match &received {
                Received::Request { payloads: Ok(payloads) }
                | Received::Response { payloads: Ok(payloads), .. } => {
                    describe(&Message { header: *header, payloads: payloads.clone() })
                }
                Received::Request { payloads: Err(error) }
                | Received::Response { payloads: Err(error), .. } => error.to_string(),
            };
            cx.event(Event::Message(MessageRecord { sent: false, path, text }));
        }
        Ok(received)
    }

    /// Sends the open request again if it is due. `fresh` is when the peer last showed that it lives: a request
    /// it should have answered by then starts its tries anew (RFC 7296 2.4).
    pub fn retransmit(&mut self, cx: &mut Context, fresh: Instant) -> Retry {
        let window = self.channel.window_mut();
        if let Some((_, since)) = &mut self.open
            && fresh > *since
            && window.next_deadline().is_some_and(|deadline| deadline <= cx.now)
            && window.transmissions() >= self.policy.transmissions.max(1)
        {
            *since = cx.now;
            let datagrams = window.outstanding_datagrams().to_vec();
            for datagram in &datagrams {
                cx.send(datagram);
            }
            window.restart_request(cx.now, datagrams);
            return Retry::Sent;
        }
        match window.on_timeout(cx.now) {
            OnTimeout::Nothing => Retry::NotDue,
            OnTimeout::Retransmit(datagrams) => {
                for datagram in datagrams {
                    cx.send(datagram);
                }
                Retry::Sent
            }
            OnTimeout::GiveUp { after } => {
                let exchange = self.open.take().map_or(ExchangeType::INFORMATIONAL, |(exchange, _)| exchange);
                Retry::GaveUp { exchange, waited: after }
            }
        }
    }

    /// Sends the open request again at once, with all its tries before it: by another path, or on a network that was
    /// away (RFC 4555 3.5).
    pub fn resend(&mut self, cx: &mut Context) {
        let window = self.channel.window_mut();
        let datagrams = window.outstanding_datagrams().to_vec();
        for datagram in &datagrams {
            cx.send(datagram);
        }
        window.restart_request(cx.now, datagrams);
        if let Some((_, since)) = &mut self.open {
            *since = cx.now;
        }
    }

    /// The host slept: the tries of the open request begin anew.
    pub fn renew(&mut self, now: Instant) {
        self.channel.window_mut().renew_request(now);
    }

    /// Where the request being answered came from.
    pub fn reply_path(&self) -> Path {
        self.reply_path
    }

    /// When [`Self::retransmit`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.channel.next_deadline()
    }

    fn took(&mut self, cx: &Context) -> Duration {
        self.open.take().map_or(Duration::ZERO, |(_, since)| cx.now.saturating_since(since))
    }

    fn log(
        &self,
        cx: &mut Context,
        path: Path,
        exchange: ExchangeType,
        flags: Flags,
        message_id: u32,
        payloads: &[Payload],
    ) {
        if self.log_messages {
            let header = Header::new(self.spi_i(), self.spi_r(), exchange, flags, message_id);
            let text = describe(&Message { header, payloads: payloads.to_vec() });
            cx.event(Event::Message(MessageRecord { sent: true, path, text }));
        }
    }
}

fn send_failure(error: SendError) -> Failure {
    match error {
        SendError::Window(WindowError::Exhausted) => Failure::MessageIdsExhausted,
        error => Failure::Protocol { exchange: ExchangeType::INFORMATIONAL, detail: error.to_string() },
    }
}

fn discard(dropped: &Dropped) -> Discard {
    match dropped {
        Dropped::WrongSpi => Discard::UnknownSpi,
        Dropped::Unexpected(Unexpected::UnsolicitedResponse { .. }) => Discard::Unsolicited,
        Dropped::Unexpected(Unexpected::ReusedMessageId { .. }) => Discard::ChangedRequest,
        Dropped::Unexpected(
            Unexpected::StaleRequest { expected, received }
            | Unexpected::FutureRequest { expected, received },
        ) => Discard::MessageId { expected: *expected, received: *received },
        Dropped::Unexpected(
            Unexpected::AnsweredFragment
            | Unexpected::InProgress
            | Unexpected::Exhausted
            | Unexpected::WrongInitiatorFlag,
        ) => Discard::Retransmitted,
        Dropped::NotOpened(_) | Dropped::NoHash => Discard::BadIntegrity,
        Dropped::Fragment(_) => Discard::Fragment,
    }
}
