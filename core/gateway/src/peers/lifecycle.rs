//! From a handshake to a client and to its end: addresses, routes, events, deadlines.

use std::net::IpAddr;

use adit_ike::identity::Identity;
use adit_ike::{
    Answer, AuthFailure, CloseReason, Command, Established, Event as IkeEvent, Failure, LeaseRequest,
    Question, Token,
};
use adit_tunnel::{Engine, Event as TunnelEvent};

use super::event::{ClientId, ClientInfo, DownReason, Event};
use super::gateway::Gateway;
use super::table::Tag;

impl Gateway {
    /// Takes all that a peer has to say, and its next deadline.
    pub(super) fn settle(&mut self, tag: Tag) {
        while let Some(event) = self.peers.get_mut(tag).and_then(|peer| peer.tunnel.poll_event()) {
            self.on_event(tag, event);
        }
        while let Some(transmit) = self.peers.get_mut(tag).and_then(|peer| peer.tunnel.poll_transmit()) {
            self.transmit(transmit);
        }
        let Some(peer) = self.peers.get_mut(tag) else { return };
        let half_open = peer.tunnel.is_half_open();
        match (peer.half_open, half_open) {
            (false, true) => self.half_open = self.half_open.saturating_add(1),
            (true, false) => self.half_open = self.half_open.saturating_sub(1),
            _ => {}
        }
        peer.half_open = half_open;
        if peer.tunnel.is_closed() {
            self.peers.remove(tag);
        } else {
            let deadline = peer.tunnel.poll_timeout();
            self.peers.set_deadline(tag, deadline);
        }
    }

    pub(super) fn on_event(&mut self, tag: Tag, event: TunnelEvent) {
        match event {
            TunnelEvent::Ike(IkeEvent::Ask { token, question: Question::Lease(request), .. }) => {
                self.on_lease(tag, token, &request);
            }
            TunnelEvent::Up { established, .. } => self.on_up(tag, *established),
            TunnelEvent::Closed(reason) => self.on_closed(tag, reason),
            event => {
                let Some(peer) = self.peers.get_mut(tag) else { return };
                if let (TunnelEvent::Ike(IkeEvent::PathChanged(path)), Some(info)) = (&event, &mut peer.info)
                {
                    info.path = *path;
                }
                self.events.push(Event::Session { client: peer.id, event });
            }
        }
    }

    fn on_lease(&mut self, tag: Tag, token: Token, request: &LeaseRequest) {
        let Some(id) = self.peers.get(tag).map(|peer| peer.id) else { return };
        if request.initial_contact {
            self.replace(tag, &request.identity, id);
        }
        let granted = if self.clients >= self.max_clients {
            Err(format!("{} clients are connected, as many as clients.max allows", self.clients))
        } else {
            self.leases.grant(request)
        };
        let now = self.now;
        let Some(peer) = self.peers.get_mut(tag) else { return };
        match granted {
            Ok(assigned) => {
                peer.identity = Some(request.identity.clone());
                let v4 = assigned.ipv4.map(|(address, _)| IpAddr::V4(address));
                let v6 = assigned.ipv6.map(|(address, _)| IpAddr::V6(address));
                peer.addresses = v4.into_iter().chain(v6).collect();
                self.clients = self.clients.saturating_add(1);
                peer.tunnel.answer(now, token, Answer::Lease(assigned));
            }
            Err(refusal) => {
                peer.refusal = Some(refusal);
                peer.tunnel.answer(now, token, Answer::NoLease);
            }
        }
    }

    /// Ends the sessions of `identity` that it says are dead (RFC 7296 2.4), and frees their addresses.
    fn replace(&mut self, newcomer: Tag, identity: &Identity, by: ClientId) {
        let same: Vec<Tag> = self
            .peers
            .iter()
            .filter(|(tag, peer)| *tag != newcomer && peer.identity.as_ref() == Some(identity))
            .map(|(tag, _)| tag)
            .collect();
        for tag in same {
            self.down(tag, DownReason::Replaced { by });
            // A Delete is sent nonetheless: two devices may share the identity, and one of them is alive.
            self.command(tag, Command::Close);
        }
    }

    fn on_up(&mut self, tag: Tag, established: Established) {
        let Some(peer) = self.peers.get_mut(tag) else { return };
        for address in &peer.addresses {
            self.routes.insert(*address, tag);
        }
        let info = Box::new(ClientInfo {
            id: peer.id,
            identity: established.peer,
            authentication: established.peer_authentication,
            addresses: peer.addresses.clone(),
            path: peer.tunnel.path(),
            ike_suite: established.suite.to_string(),
        });
        peer.info = Some(info.clone());
        self.stats.connected = self.stats.connected.saturating_add(1);
        self.events.push(Event::ClientUp(info));
    }

    fn on_closed(&mut self, tag: Tag, reason: CloseReason) {
        let Some(peer) = self.peers.get_mut(tag) else { return };
        // Not so if it was replaced, which was told when it happened.
        let never_up = peer.info.is_none() && peer.identity.is_none();
        if peer.info.is_none() && (never_up || !peer.addresses.is_empty()) {
            let (failed, advice) = match &reason {
                CloseReason::Failed(failure) => (failure.to_string(), advice(failure)),
                CloseReason::Requested => ("closed by the gateway".to_owned(), String::new()),
                CloseReason::DeletedByPeer => ("the client gave up".to_owned(), String::new()),
            };
            let remote = peer.tunnel.path().remote;
            let reason = peer.refusal.take().unwrap_or(failed);
            self.events.push(Event::HandshakeFailed { remote, reason, advice });
        }
        self.down(tag, DownReason::Closed(reason));
    }

    /// Frees what a peer holds, and tells the operator if it was up.
    fn down(&mut self, tag: Tag, reason: DownReason) {
        let Some(peer) = self.peers.get_mut(tag) else { return };
        if !peer.addresses.is_empty() {
            self.clients = self.clients.saturating_sub(1);
        }
        for address in peer.addresses.drain(..) {
            self.leases.release(address);
            if self.routes.get(&address) == Some(&tag) {
                self.routes.remove(&address);
            }
        }
        if let Some(client) = peer.info.take() {
            let stats = Box::new(peer.tunnel.stats());
            self.events.push(Event::ClientDown { client, reason, stats });
        }
    }

    pub(super) fn report_cookies(&mut self) {
        if let Some(demanded) = self.gate.news(self.half_open) {
            self.events.push(Event::CookiesDemanded(demanded));
        }
    }
}

/// What the gateway's operator should do. The failure's own advice speaks to the client, with few exceptions.
pub(super) fn advice(failure: &Failure) -> String {
    match failure {
        Failure::NoProposalInCommon { .. } | Failure::Authentication(AuthFailure::UnknownPeer(_)) => {
            failure.advice()
        }
        Failure::NoAddress => "Add a pool to network.pools, or enlarge clients.max.".to_owned(),
        _ => String::new(),
    }
}
