//! Messages of an IKE SA that has keys: window, encryption and fragments in one.
//!
//! The order in which an incoming message is judged: SPIs, window (by the header alone), integrity, fragments,
//! payloads. State changes only behind the integrity check.

use adit_crypto::CryptoProvider;

use super::protect::{OpenError, Opened, Opener, SealError, Sealer};
use super::reassembly::{FragmentRefusal, Progress, Reassembly};
use super::window::{Fingerprint, Incoming, OnTimeout, Unexpected, Window, WindowError};
use crate::time::Instant;
use crate::wire::{ExchangeType, Flags, Header, IkeSpi, ParseError, Payload, parse_inner};

/// The protected message exchange of one IKE SA.
#[derive(Debug)]
pub struct Channel {
    provider: CryptoProvider,
    initiator_spi: IkeSpi,
    responder_spi: IkeSpi,
    window: Window,
    sealer: Sealer,
    opener: Opener,
    max_datagram: Option<usize>,
    requests: Reassembly,
    responses: Reassembly,
    /// Exchange type of our outstanding request.
    asking: Option<ExchangeType>,
    /// Fingerprint of the request being assembled, from its fragment 1.
    assembling: Option<Fingerprint>,
    answering: Option<Answering>,
}

/// The peer's request being worked on.
#[derive(Clone, Copy, Debug)]
struct Answering {
    header: Header,
    fingerprint: Fingerprint,
}

/// What came of a datagram.
#[derive(Debug)]
pub enum Received<'a> {
    /// A request, authentic and complete. Answer it with [`Channel::respond`], now or later.
    Request(Header, Vec<Payload>),
    /// The response to our request, authentic and complete; the next request may be sent.
    Response(Header, Vec<Payload>),
    /// A request, authentic and complete, whose payloads are malformed. Answer INVALID_SYNTAX, or
    /// UNSUPPORTED_CRITICAL_PAYLOAD if the error says so (RFC 7296 2.21.3).
    BadRequest(Header, ParseError),
    /// The response to our request, authentic and complete, but malformed: the exchange failed.
    BadResponse(Header, ParseError),
    /// The peer's last request again: send the stored reply again.
    Resend(&'a [Vec<u8>]),
    /// A fragment was kept; more are missing.
    Incomplete,
    /// Dropped; the SA is unharmed.
    Dropped(Dropped),
}

/// Why a datagram was dropped.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Dropped {
    /// The SPIs are not those of this SA.
    #[error("SPIs of another IKE SA")]
    WrongSpi,
    /// The message does not fit the window.
    #[error(transparent)]
    Unexpected(#[from] Unexpected),
    /// It could not be opened.
    #[error(transparent)]
    NotOpened(#[from] OpenError),
    /// An authentic fragment of no use.
    #[error(transparent)]
    Fragment(#[from] FragmentRefusal),
    /// The provider has no SHA-256, which no provider of ours lacks.
    #[error("no SHA-256")]
    NoHash,
}

/// A message could not be sent.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SendError {
    /// The window does not allow it.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// It could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// There is no request to respond to.
    #[error("no request is waiting for a response")]
    NothingToAnswer,
}

impl Channel {
    /// Joins the parts. `window` goes on where the unprotected exchanges ended: with IKE_SA_INIT behind it,
    /// or new for an SA made by rekeying. Fragmentation is off until [`Self::set_max_datagram`].
    #[must_use]
    pub const fn new(
        provider: CryptoProvider,
        initiator_spi: IkeSpi,
        responder_spi: IkeSpi,
        window: Window,
        sealer: Sealer,
        opener: Opener,
    ) -> Self {
        Self {
            provider,
            initiator_spi,
            responder_spi,
            window,
            sealer,
            opener,
            max_datagram: None,
            requests: Reassembly::new(),
            responses: Reassembly::new(),
            asking: None,
            assembling: None,
            answering: None,
        }
    }

    /// Cuts messages longer than `octets` (IKE header included) into fragments from now on; `None` never
    /// does. Only when both sides sent IKEV2_FRAGMENTATION_SUPPORTED.
    pub const fn set_max_datagram(&mut self, octets: Option<usize>) {
        self.max_datagram = octets;
    }

    /// SPI of the original initiator.
    #[must_use]
    pub const fn initiator_spi(&self) -> IkeSpi {
        self.initiator_spi
    }

    /// SPI of the original responder.
    #[must_use]
    pub const fn responder_spi(&self) -> IkeSpi {
        self.responder_spi
    }

    /// The window, to look at.
    #[must_use]
    pub const fn window(&self) -> &Window {
        &self.window
    }

    /// The window, for [`Window::restart_request`] and the like.
    pub const fn window_mut(&mut self) -> &mut Window {
        &mut self.window
    }

    /// Takes a datagram (without a non-ESP marker).
    pub fn receive(&mut self, datagram: &[u8]) -> Received<'_> {
        match self.judge(datagram) {
            Ok(Judged::Resend) => Received::Resend(self.window.stored_reply()),
            Ok(Judged::Received(received)) => received,
            Err(dropped) => Received::Dropped(dropped),
        }
    }

    /// Sends a request: gives its datagrams and keeps them until the response comes.
    ///
    /// # Errors
    /// [`SendError::Window`] while another request is outstanding or Message IDs are used up;
    /// [`SendError::Seal`].
    pub fn request(
        &mut self,
        now: Instant,
        exchange: ExchangeType,
        payloads: &[Payload],
    ) -> Result<&[Vec<u8>], SendError> {
        let message_id = self.window.next_request_id()?;
        let header = self.header(exchange, Flags::request(self.window.role()), message_id);
        let datagrams = self.sealer.seal(&header, payloads, self.max_datagram)?;
        self.responses.clear();
        self.asking = Some(exchange);
        self.window.start_request(now, datagrams)?;
        Ok(self.window.outstanding_datagrams())
    }

    /// Answers the request being worked on: gives the datagrams of the response and keeps them for the case
    /// that the request comes again.
    ///
    /// # Errors
    /// [`SendError::NothingToAnswer`], [`SendError::Seal`]; the request then still waits.
    pub fn respond(&mut self, payloads: &[Payload]) -> Result<&[Vec<u8>], SendError> {
        let Answering { header, fingerprint } = self.answering.ok_or(SendError::NothingToAnswer)?;
        let flags = Flags::response(self.window.role());
        let reply = self.header(header.exchange, flags, header.message_id);
        let datagrams = self.sealer.seal(&reply, payloads, self.max_datagram)?;
        if !self.window.store_reply(header.message_id, fingerprint, datagrams) {
            return Err(SendError::NothingToAnswer);
        }
        self.answering = None;
        Ok(self.window.stored_reply())
    }

    /// The header of the request being worked on.
    #[must_use]
    pub fn answering(&self) -> Option<&Header> {
        self.answering.as_ref().map(|answering| &answering.header)
    }

    /// As [`Window::next_deadline`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.window.next_deadline()
    }

    /// As [`Window::on_timeout`].
    pub fn on_timeout(&mut self, now: Instant) -> OnTimeout<'_> {
        self.window.on_timeout(now)
    }

    const fn header(&self, exchange: ExchangeType, flags: Flags, message_id: u32) -> Header {
        Header::new(self.initiator_spi, self.responder_spi, exchange, flags, message_id)
    }

    fn judge(&mut self, datagram: &[u8]) -> Result<Judged, Dropped> {
        let header = Header::parse(datagram).map_err(OpenError::from)?;
        // The first request again, which names no responder SPI yet; it is in the clear, so all it can do
        // here is to match the stored reply.
        let first_request = header.exchange == ExchangeType::IKE_SA_INIT && !header.flags.response;
        let spi_r = if first_request { IkeSpi::ZERO } else { self.responder_spi };
        if header.initiator_spi != self.initiator_spi || header.responder_spi != spi_r {
            return Err(Dropped::WrongSpi);
        }
        let fingerprint = Fingerprint::of(&self.provider, datagram).ok_or(Dropped::NoHash)?;
        match self.window.classify(&header, datagram, fingerprint) {
            Incoming::Retransmitted(_) => Ok(Judged::Resend),
            Incoming::Unexpected(unexpected) => Err(unexpected.into()),
            Incoming::Refragmented => {
                self.opener.open(datagram)?;
                Ok(Judged::Resend)
            }
            Incoming::NewRequest => {
                let opened = self.opener.open(datagram)?;
                Ok(Judged::Received(self.on_request(header, fingerprint, opened)?))
            }
            // The peer repeats our exchange type. `asking` is not set if the request was sent past the channel.
            Incoming::Response if self.asking.is_some_and(|asked| asked != header.exchange) => {
                Err(Unexpected::UnsolicitedResponse { received: header.message_id }.into())
            }
            Incoming::Response => {
                let opened = self.opener.open(datagram)?;
                Ok(Judged::Received(self.on_response(header, opened)?))
            }
        }
    }

    fn on_request(
        &mut self,
        header: Header,
        fingerprint: Fingerprint,
        opened: Opened,
    ) -> Result<Received<'static>, Dropped> {
        let names_request = opened.fragment.is_none_or(|fragment| fragment.number == 1);
        let progress = self.requests.insert(header.message_id, opened);
        if names_request && !matches!(progress, Progress::Ignored(_)) {
            self.assembling = Some(fingerprint);
        }
        let message = match progress {
            Progress::Complete(message) => message,
            Progress::Kept => return Ok(Received::Incomplete),
            Progress::Ignored(refusal) => return Err(refusal.into()),
        };
        if !self.window.begin_request(header.message_id) {
            return Err(Unexpected::InProgress.into());
        }
        let fingerprint = self.assembling.take().unwrap_or(fingerprint);
        self.answering = Some(Answering { header, fingerprint });
        Ok(match parse_inner(message.first, &message.payloads) {
            Ok(payloads) => Received::Request(header, payloads),
            Err(error) => Received::BadRequest(header, error),
        })
    }

    fn on_response(&mut self, header: Header, opened: Opened) -> Result<Received<'static>, Dropped> {
        let message = match self.responses.insert(header.message_id, opened) {
            Progress::Complete(message) => message,
            Progress::Kept => return Ok(Received::Incomplete),
            Progress::Ignored(refusal) => return Err(refusal.into()),
        };
        self.window.finish_request(header.message_id);
        self.asking = None;
        Ok(match parse_inner(message.first, &message.payloads) {
            Ok(payloads) => Received::Response(header, payloads),
            Err(error) => Received::BadResponse(header, error),
        })
    }
}

enum Judged {
    Resend,
    Received(Received<'static>),
}
