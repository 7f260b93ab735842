//! Who may begin a handshake (RFC 7296 2.5, 2.6).
//!
//! Owns what is decided about an IKE_SA_INIT request before any key exchange: version, cookies, and how many
//! handshakes may be unfinished. Keeps nothing about a sender. What it answers is hardly longer than what came,
//! so that a forged source address gains nobody anything.

use std::net::IpAddr;
use std::time::Duration;

use adit_crypto::{CryptoError, CryptoProvider};
use adit_ike::CookieJar;
use adit_ike::time::Instant;
use adit_ike::wire::{ExchangeType, Flags, Header, IkeSpi, Message, Notify, NotifyType, Payload, Role};

use super::limiter::Limiter;

/// Answers to messages of another version: a burst, then ten a second.
const VERSION_ANSWERS: u32 = 16;
const VERSION_INTERVAL: Duration = Duration::from_millis(100);

/// What to do with an IKE_SA_INIT request.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Admission {
    /// Begin the handshake.
    Admit,
    /// Send this demand for a cookie and forget the request.
    Cookie(Vec<u8>),
    /// Drop it: as many handshakes are unfinished as may be.
    Busy,
    /// Drop it: it could not begin a handshake, or its cookie is wrong and its demand could not be made.
    Noise,
}

/// Decides.
#[derive(Debug)]
pub(super) struct Gate {
    cookies: CookieJar,
    threshold: usize,
    max: usize,
    versions: Limiter,
    /// The operator was told that cookies are demanded.
    demanding: bool,
}

impl Gate {
    /// `threshold` unfinished handshakes make cookies necessary, `max` are the most there may be.
    pub fn new(
        provider: &CryptoProvider,
        now: Instant,
        threshold: usize,
        max: usize,
    ) -> Result<Self, CryptoError> {
        Ok(Self {
            cookies: CookieJar::new(provider, now)?,
            threshold,
            max,
            versions: Limiter::new(now, VERSION_INTERVAL, VERSION_ANSWERS),
            demanding: threshold == 0,
        })
    }

    /// Judges a request from `from` while `half_open` handshakes are unfinished. `message` is the whole of it,
    /// `header` its header.
    pub fn judge(
        &mut self,
        provider: &CryptoProvider,
        now: Instant,
        from: IpAddr,
        header: &Header,
        message: &[u8],
        half_open: usize,
    ) -> Admission {
        if !begins(header) {
            return Admission::Noise;
        }
        if half_open >= self.threshold {
            // Reading payloads costs little, a key exchange much.
            let Ok(message) = Message::parse(message) else { return Admission::Noise };
            let Some(nonce) = nonce(&message) else { return Admission::Noise };
            let spi = header.initiator_spi.0;
            let valid = cookie(&message)
                .is_some_and(|cookie| self.cookies.check(provider, now, from, spi, nonce, cookie));
            if !valid {
                let demand = self.cookies.cookie(provider, now, from, spi, nonce).ok();
                let demand = demand
                    .and_then(|cookie| notify(header, IkeSpi::ZERO, Notify::new(NotifyType::COOKIE, cookie)));
                return demand.map_or(Admission::Noise, Admission::Cookie);
            }
        }
        if half_open >= self.max { Admission::Busy } else { Admission::Admit }
    }

    /// The answer to a message of a version above ours, unless too many were given lately.
    pub fn other_version(&mut self, now: Instant, header: &Header) -> Option<Vec<u8>> {
        if header.version.major <= 2 || header.flags.response || !self.versions.take(now) {
            return None;
        }
        notify(header, header.responder_spi, Notify::status(NotifyType::INVALID_MAJOR_VERSION))
    }

    /// Whether cookies are demanded, if the operator was last told otherwise.
    pub fn news(&mut self, half_open: usize) -> Option<bool> {
        let changed = if self.demanding {
            // Far enough below that a flood makes one event and not thousands.
            half_open < self.threshold.div_ceil(2)
        } else {
            half_open >= self.threshold
        };
        if changed {
            self.demanding = !self.demanding;
        }
        changed.then_some(self.demanding)
    }
}

/// True if a message with this header may be the first of all.
fn begins(header: &Header) -> bool {
    header.exchange == ExchangeType::IKE_SA_INIT
        && header.flags.initiator
        && !header.flags.response
        && header.message_id == 0
        && header.responder_spi.is_zero()
        && !header.initiator_spi.is_zero()
}

/// The nonce of a request that has all it must have.
fn nonce(message: &Message) -> Option<&[u8]> {
    let complete = [
        message.payloads.iter().any(|payload| matches!(payload, Payload::Sa(_))),
        message.payloads.iter().any(|payload| matches!(payload, Payload::Ke(_))),
    ];
    let nonce = message.payloads.iter().find_map(|payload| match payload {
        Payload::Nonce(nonce) => Some(nonce.0.as_slice()),
        _ => None,
    });
    nonce.filter(|_| complete == [true, true])
}

fn cookie(message: &Message) -> Option<&[u8]> {
    message.payloads.iter().find_map(|payload| match payload {
        Payload::Notify(notify) if notify.notify_type == NotifyType::COOKIE => Some(notify.data.as_slice()),
        _ => None,
    })
}

/// An answer in the clear that carries one notify.
fn notify(to: &Header, responder_spi: IkeSpi, notify: Notify) -> Option<Vec<u8>> {
    let flags = Flags::response(if to.flags.initiator { Role::Responder } else { Role::Initiator });
    let header = Header::new(to.initiator_spi, responder_spi, to.exchange, flags, to.message_id);
    Message { header, payloads: vec![Payload::Notify(notify)] }.encode().ok()
}

#[cfg(test)]
mod tests {
    use adit_crypto::{DhGroup, default_provider};
    use adit_ike::wire::{KeyExchange, Nonce, SecurityAssociation, Version};

    use super::*;

    const FROM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 9));

    fn request(spi: u8, nonce: u8, cookie: Option<&[u8]>) -> (Header, Vec<u8>) {
        let header = Header::new(
            IkeSpi([spi; 8]),
            IkeSpi::ZERO,
            ExchangeType::IKE_SA_INIT,
            Flags::request(Role::Initiator),
            0,
        );
        let mut payloads = Vec::new();
        payloads
            .extend(cookie.map(|cookie| Payload::Notify(Notify::new(NotifyType::COOKIE, cookie.to_vec()))));
        let sa = adit_ike::proposal::offer_ike(
            &[adit_ike::proposal::IkeProposal {
                ciphers: vec![adit_crypto::CipherSpec::aes_gcm(128)],
                prfs: vec![adit_crypto::PrfId::HMAC_SHA2_256],
                groups: vec![DhGroup::CURVE25519],
            }],
            &[],
        );
        payloads.push(Payload::Sa(SecurityAssociation { proposals: sa.proposals }));
        payloads.push(Payload::Ke(KeyExchange { group: DhGroup::CURVE25519, data: vec![7; 32] }));
        payloads.push(Payload::Nonce(Nonce(vec![nonce; 32])));
        (header, Message { header, payloads }.encode().unwrap())
    }

    fn gate(threshold: usize, max: usize) -> Gate {
        Gate::new(&default_provider(), Instant::EPOCH, threshold, max).unwrap()
    }

    fn demanded(admission: Admission) -> Vec<u8> {
        let Admission::Cookie(answer) = admission else { panic!("{admission:?}") };
        let message = Message::parse(&answer).unwrap();
        assert!(message.header.flags.response && message.header.responder_spi.is_zero());
        cookie(&message).unwrap().to_vec()
    }

    #[test]
    fn b03_below_the_threshold_no_cookie_at_it_one_at_the_limit_nothing() {
        let provider = default_provider();
        let mut gate = gate(2, 4);
        let now = Instant::EPOCH;
        let (header, plain) = request(1, 1, None);
        assert_eq!(gate.judge(&provider, now, FROM, &header, &plain, 1), Admission::Admit);
        let answer = gate.judge(&provider, now, FROM, &header, &plain, 2);
        let cookie = demanded(answer);
        let (header, with) = request(1, 1, Some(&cookie));
        assert_eq!(gate.judge(&provider, now, FROM, &header, &with, 3), Admission::Admit);
        assert_eq!(gate.judge(&provider, now, FROM, &header, &with, 4), Admission::Busy);
    }

    #[test]
    fn b04_cookie_replayed_from_elsewhere_gets_a_new_one() {
        let provider = default_provider();
        let mut gate = gate(0, 4);
        let now = Instant::EPOCH;
        let (header, plain) = request(1, 1, None);
        let cookie = demanded(gate.judge(&provider, now, FROM, &header, &plain, 0));
        let other: IpAddr = "2001:db8::9".parse().unwrap();
        let (same, with) = request(1, 1, Some(&cookie));
        demanded(gate.judge(&provider, now, other, &same, &with, 0));
        let (other_spi, with) = request(2, 1, Some(&cookie));
        demanded(gate.judge(&provider, now, FROM, &other_spi, &with, 0));
        let (other_nonce, with) = request(1, 2, Some(&cookie));
        demanded(gate.judge(&provider, now, FROM, &other_nonce, &with, 0));
        let late = now + Duration::from_secs(600);
        let (same, with) = request(1, 1, Some(&cookie));
        assert_ne!(demanded(gate.judge(&provider, late, FROM, &same, &with, 0)), cookie);
        let (empty, with) = request(1, 1, Some(&[]));
        demanded(gate.judge(&provider, now, FROM, &empty, &with, 0));
    }

    #[test]
    fn b16_messages_that_cannot_be_the_first_are_noise() {
        let provider = default_provider();
        let mut gate = gate(0, 4);
        let now = Instant::EPOCH;
        let (good, plain) = request(1, 1, None);
        for bad in [
            Header { exchange: ExchangeType::IKE_AUTH, ..good },
            Header { message_id: 1, ..good },
            Header { initiator_spi: IkeSpi::ZERO, ..good },
            Header { responder_spi: IkeSpi([9; 8]), ..good },
            Header { flags: Flags::response(Role::Responder), ..good },
            Header { flags: Flags::request(Role::Responder), ..good },
        ] {
            assert_eq!(gate.judge(&provider, now, FROM, &bad, &plain, 0), Admission::Noise, "{bad:?}");
        }
    }

    #[test]
    fn b18_answers_before_authentication_are_hardly_longer_than_what_came() {
        let provider = default_provider();
        let mut gate = gate(0, 4);
        let (header, plain) = request(1, 1, None);
        let Admission::Cookie(answer) = gate.judge(&provider, Instant::EPOCH, FROM, &header, &plain, 0)
        else {
            panic!("no cookie")
        };
        assert!(answer.len() <= plain.len(), "{} for {}", answer.len(), plain.len());
        // Cut anywhere, and with the length corrected, there is no answer at all.
        for end in Header::LEN..plain.len() {
            let mut cut = plain[..end].to_vec();
            cut[24..28].copy_from_slice(&(end as u32).to_be_bytes());
            let header = Header::parse(&cut).unwrap();
            assert_eq!(gate.judge(&provider, Instant::EPOCH, FROM, &header, &cut, 0), Admission::Noise);
        }
    }

    #[test]
    fn a_higher_version_is_answered_with_ours_but_not_without_end() {
        let mut gate = gate(2, 4);
        let (good, _) = request(1, 1, None);
        let other = Header { version: Version { major: 3, minor: 0 }, ..good };
        let answer = Message::parse(&gate.other_version(Instant::EPOCH, &other).unwrap()).unwrap();
        assert_eq!(answer.header.version, Version::V2);
        assert_eq!(answer.header.initiator_spi, other.initiator_spi);
        assert!(answer.header.flags.response && !answer.header.flags.initiator);
        let answers = (0..1000).filter(|_| gate.other_version(Instant::EPOCH, &other).is_some()).count();
        assert_eq!(answers, VERSION_ANSWERS as usize - 1);
        let later = Instant::EPOCH + Duration::from_secs(60);
        let response = Header { flags: Flags::response(Role::Initiator), ..other };
        assert_eq!(gate.other_version(later, &response), None, "answers to answers never end");
        let ikev1 = Header { version: Version { major: 1, minor: 0 }, ..good };
        assert_eq!(gate.other_version(later, &ikev1), None);
    }

    #[test]
    fn the_operator_hears_of_a_flood_once() {
        let mut gate = gate(4, 10);
        assert_eq!(gate.news(3), None);
        assert_eq!(gate.news(4), Some(true));
        assert_eq!([gate.news(3), gate.news(4), gate.news(2)], [None; 3]);
        assert_eq!(gate.news(1), Some(false));
        assert_eq!(super::tests::gate(0, 10).news(0), None, "always demanded, as configured");
    }
}
