//! An established session whose network changes: MOBIKE (RFC 4555).
//!
//! Owns what both sides keep of it ([`Moves`]) and the client's part when its host says that the network changed: all
//! of the session moves at once, what is under way is sent again, and the server is told by `task::mobike`. The
//! server's part is in `respond::mobike`. Leaves out how the host learns of its networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::established::{Established, Outcome};
use crate::event::{Event, NetworkChange, Path};
use crate::failure::{Failure, Stage};
use crate::session::context::Context;
use crate::session::init::nat_detection;
use crate::session::parts::Parts;
use crate::task::Task;
use crate::time::Instant;
use crate::wire::{ExchangeType, IkeSpi, Notify, NotifyType, Payload};

/// Further addresses of a peer that are kept.
const ADDRESSES_MAX: usize = 16;

/// Paths remembered as left.
const LEFT_MAX: usize = 8;

/// What a session keeps of its moves.
#[derive(Debug)]
pub(crate) struct Moves {
    /// The host has no network.
    pub offline: bool,
    /// How often the path changed: what was asked before is no answer to now (RFC 4555 3.5, 3.7).
    pub count: u32,
    /// Client: the server's address that has answered.
    pub proved: IpAddr,
    /// Client: when to tell the server again that it moved.
    pub update_at: Option<Instant>,
    /// Client: how often in a row the server refused the move, and since when.
    pub refused: Option<(u32, Instant)>,
    /// Client: under which SPI and as which hash the server saw our address last (RFC 4555 3.8).
    pub seen_as: Option<(IkeSpi, Vec<u8>)>,
    /// Client: further addresses of the server (RFC 4555 3.4).
    pub addresses: Vec<IpAddr>,
    /// Server: paths the client said that it left.
    pub left: Vec<Path>,
    /// Server: the client has told of a move on the IKE SA in use, so what its former one says is older.
    pub told_by_successor: bool,
}

impl Moves {
    pub fn new(cx: &Context) -> Self {
        Self {
            offline: false,
            count: 0,
            proved: cx.path.remote.ip(),
            update_at: None,
            refused: None,
            seen_as: None,
            addresses: Vec::new(),
            left: Vec::new(),
            told_by_successor: false,
        }
    }

    /// Remembers that the client left `from` for `to`.
    pub fn note_left(&mut self, from: Path, to: Path) {
        self.left.retain(|path| *path != to && *path != from);
        if self.left.len() >= LEFT_MAX {
            self.left.remove(0);
        }
        self.left.push(from);
    }
}

impl Established {
    /// The host's network is another, or none. What follows is in [`Established::pump`].
    pub fn network_changed(&mut self, cx: &mut Context, path: Option<Path>) -> NetworkChange {
        let Some(path) = path else {
            self.moves.offline = true;
            return NetworkChange::Waiting;
        };
        // Established sessions are on the NAT traversal port (RFC 4555 3.3).
        let path = Path { encapsulated: true, ..path };
        if path == cx.path {
            if std::mem::take(&mut self.moves.offline) {
                self.back(cx);
            }
            return NetworkChange::Unchanged;
        }
        if !self.may_move() {
            return NetworkChange::MustReconnect;
        }
        self.moves.offline = false;
        self.moves.count = self.moves.count.wrapping_add(1);
        self.moves.refused = None;
        self.moves.update_at = None;
        cx.path = path;
        cx.event(Event::PathChanged(path));
        self.resend(cx);
        self.queue(Task::Update);
        // If the server replaced the IKE SA and our answer to that was lost, it knows the old one only.
        for fading in self.fading.iter_mut().filter(|fading| !fading.deleting) {
            fading.telling = true;
        }
        self.tell_on_fading(cx);
        NetworkChange::Moving
    }

    /// We are a client that may change its address.
    pub fn may_move(&self) -> bool {
        self.mobike && self.common.initiator
    }

    /// Tells on replaced IKE SAs where we are, once their windows allow it.
    pub fn tell_on_fading(&mut self, cx: &mut Context) {
        for fading in self.fading.iter_mut().filter(|fading| fading.telling && fading.sa.is_idle()) {
            fading.telling = false;
            // What cannot be sent here is told on the SA in use.
            let (spi_i, spi_r) = (fading.sa.spi_i(), fading.sa.spi_r());
            let Ok(detection) = nat_detection(cx, cx.path, spi_i, spi_r) else { continue };
            let update = Payload::Notify(Notify::status(NotifyType::UPDATE_SA_ADDRESSES));
            let request: Vec<Payload> = std::iter::once(update).chain(detection).collect();
            let _ = fading.sa.request(cx, ExchangeType::INFORMATIONAL, &request);
        }
    }

    /// The network that was away is the same again; a NAT may have forgotten us.
    fn back(&mut self, cx: &mut Context) {
        self.resend(cx);
        self.queue(if self.may_move() { Task::Update } else { Task::Liveness });
    }

    /// Sends what is under way again, by the path in use.
    pub fn resend(&mut self, cx: &mut Context) {
        self.sa.resend(cx);
        for fading in &mut self.fading {
            fading.sa.resend(cx);
        }
    }

    /// Something is due while there is no network: nothing is sent, but a lifetime ends all the same.
    pub fn on_offline_timeout(&mut self, cx: &Context) -> Outcome {
        if self.ike_expires <= cx.now {
            return Failure::LifetimeOver(Stage::Ike).into();
        }
        Outcome::Continue
    }

    /// Takes further addresses of the server out of a message of its (RFC 4555 3.4, 3.6).
    pub fn note_peer_addresses(&mut self, parts: &Parts) {
        if !self.may_move() {
            return;
        }
        let mut any = false;
        let mut addresses = Vec::new();
        for notify in &parts.notifies {
            let address = match notify.notify_type {
                NotifyType::ADDITIONAL_IP4_ADDRESS => {
                    <[u8; 4]>::try_from(&*notify.data).ok().map(|octets| Ipv4Addr::from(octets).into())
                }
                NotifyType::ADDITIONAL_IP6_ADDRESS => {
                    <[u8; 16]>::try_from(&*notify.data).ok().map(|octets| Ipv6Addr::from(octets).into())
                }
                NotifyType::NO_ADDITIONAL_ADDRESSES => None,
                _ => continue,
            };
            any = true;
            let usable =
                address.filter(|address: &IpAddr| !address.is_unspecified() && !address.is_multicast());
            if let Some(address) = usable
                && addresses.len() < ADDRESSES_MAX
                && !addresses.contains(&address)
            {
                addresses.push(address);
            }
        }
        if any {
            self.moves.addresses = addresses;
        }
    }
}
