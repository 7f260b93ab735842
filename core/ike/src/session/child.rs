//! A Child SA as the session sees it: names, lifetimes and what stands in its place. ESP itself is above.

use std::time::Duration;

use adit_crypto::CryptoProvider;
use adit_esp::{SaParams, Selectors};

use super::context::Context;
use crate::config::ChildConfig;
use crate::event::{ChildEvent, ChildId, Event};
use crate::keys::ChildKeys;
use crate::proposal::EspSuite;
use crate::time::Instant;

/// Child SAs of one session, those under rekey included. A client has one; a peer may ask for a few more.
pub(crate) const CHILDREN_MAX: usize = 16;

/// How long the inbound half of a removed Child SA still opens late packets.
pub(crate) const LATE_PACKETS: Duration = Duration::from_secs(5);

/// A Child SA.
#[derive(Debug)]
pub(crate) struct Child {
    pub id: ChildId,
    /// On packets to us.
    pub spi_in: u32,
    /// On packets to the peer.
    pub spi_out: u32,
    pub selectors: Selectors,
    /// When to start a rekey.
    pub rekey_at: Instant,
    /// When it ends, rekeyed or not.
    pub expires: Instant,
    /// Set once a successor is agreed: only a Delete is left to come.
    pub replaced: bool,
    /// The one it was made to replace.
    pub replaces: Option<ChildId>,
    /// We seal with it, or have sealed with it.
    pub sealing: bool,
}

/// What an exchange agreed on for a Child SA.
pub(crate) struct Agreed {
    pub suite: EspSuite,
    pub spi_in: u32,
    pub spi_out: u32,
    pub keys: ChildKeys,
    /// True if we started the exchange, which decides whose keys are whose (RFC 7296 2.17).
    pub by_us: bool,
    pub selectors: Selectors,
    pub replaces: Option<ChildId>,
}

impl Child {
    /// Makes the Child SA and tells the host to open its packets. Sealing starts with [`Self::seal_from_now`].
    pub fn install(cx: &mut Context, config: &ChildConfig, agreed: Agreed) -> Option<Self> {
        let cipher = cx.provider.cipher(agreed.suite.cipher)?;
        let id = cx.next_child_id();
        let (ours, theirs) = if agreed.by_us {
            (agreed.keys.initiator, agreed.keys.responder)
        } else {
            (agreed.keys.responder, agreed.keys.initiator)
        };
        let params = |spi, keys: crate::keys::CipherKeys| {
            Box::new(SaParams {
                spi,
                cipher,
                encr_key: keys.encr,
                integ_key: keys.integ,
                esn: agreed.suite.esn,
                replay_window: config.replay_window,
                selectors: agreed.selectors.clone(),
            })
        };
        let inbound = params(agreed.spi_in, theirs);
        let outbound = params(agreed.spi_out, ours);
        #[cfg(feature = "keylog")]
        crate::keylog::child_sa(cx, &inbound, &outbound);
        cx.event(Event::Child(ChildEvent::Install {
            id,
            inbound,
            outbound,
            suite: agreed.suite,
            replaces: agreed.replaces,
        }));
        Some(Self {
            id,
            spi_in: agreed.spi_in,
            spi_out: agreed.spi_out,
            selectors: agreed.selectors,
            rekey_at: cx.now + soft(&cx.provider, config.lifetime),
            expires: cx.now + hard(config.lifetime),
            replaced: false,
            replaces: agreed.replaces,
            sealing: false,
        })
    }

    /// Tells the host to seal with this pair from now on.
    pub fn seal_from_now(&mut self, cx: &mut Context) {
        if !self.sealing {
            self.sealing = true;
            cx.event(Event::Child(ChildEvent::UseOutbound(self.id)));
        }
    }

    /// Tells the host that the pair is gone.
    pub fn remove(self, cx: &mut Context) {
        let until = cx.now + LATE_PACKETS;
        cx.event(Event::Child(ChildEvent::Remove { id: self.id, until }));
    }
}

/// When to rekey: up to a tenth before the lifetime ends, by chance, so that both sides seldom start at the
/// same time (RFC 7296 2.8).
pub(crate) fn soft(provider: &CryptoProvider, lifetime: Duration) -> Duration {
    lifetime.saturating_sub(lifetime.mul_f64(0.1 * fraction(provider)))
}

/// When an SA ends though no rekey succeeded: a quarter of the lifetime later, at least a minute.
pub(crate) fn hard(lifetime: Duration) -> Duration {
    lifetime.saturating_add((lifetime / 4).max(Duration::from_secs(60)))
}

/// A random number from 0 to 1; 0 if the source fails, which only makes a collision likelier.
pub(crate) fn fraction(provider: &CryptoProvider) -> f64 {
    let mut bytes = [0; 2];
    match provider.random.fill(&mut bytes) {
        Ok(()) => f64::from(u16::from_be_bytes(bytes)) / f64::from(u16::MAX),
        Err(_) => 0.0,
    }
}
