//! The stack behind a rootless gateway.

use std::time::Duration;

use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp;

use super::core::{Core, Counters, listen_on};
use super::services::{Job, SCRATCH, ServicePort};
use super::{StackConfig, StackError};

/// Sockets of a service that wait for a connection: so many can arrive between two polls.
const BACKLOG: usize = 16;

/// Answers ping on its addresses and serves TCP to whoever sends it packets.
#[derive(Debug)]
pub struct Stack {
    core: Core,
    services: Vec<Listener>,
    scratch: Vec<u8>,
}

#[derive(Debug)]
struct Listener {
    port: ServicePort,
    connections: Vec<(SocketHandle, Job)>,
}

impl Stack {
    /// A stack that serves `services`.
    ///
    /// # Errors
    /// [`StackError::Setting`] and [`StackError::BadAddress`].
    pub fn new(config: StackConfig, services: &[ServicePort]) -> Result<Self, StackError> {
        if let Some(zero) = services.iter().find(|service| service.port == 0) {
            return Err(StackError::Setting {
                name: "service port",
                value: usize::from(zero.port),
                min: 1,
                max: 65_535,
            });
        }
        let mut stack = Self {
            core: Core::new(config)?,
            services: services.iter().map(|port| Listener { port: *port, connections: Vec::new() }).collect(),
            scratch: vec![0; SCRATCH],
        };
        stack.keep_listening();
        Ok(stack)
    }

    /// Takes an IP packet from a client. False if it is longer than the MTU or the queue is full; TCP sends
    /// it again. Call [`Self::poll`] after a batch.
    pub fn push(&mut self, packet: &[u8]) -> bool {
        self.core.push(packet)
    }

    /// Hands the next outgoing IP packet to `take`; `None` when there is none. Poll again once all are out:
    /// TCP may have waited for room.
    pub fn pop_with<R>(&mut self, take: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.core.pop_with(take)
    }

    /// Works on what was pushed and on what is due. `now` never goes back. Gives the time of the next call,
    /// which is `now` while packets wait to be popped; `None`: not before the next packet.
    pub fn poll(&mut self, now: Duration) -> Option<Duration> {
        loop {
            self.core.exchange(now);
            if !self.serve() {
                break;
            }
        }
        self.core.deadline(now)
    }

    /// Packets seen so far.
    #[must_use]
    pub const fn counters(&self) -> Counters {
        self.core.counters
    }

    /// Connections now open, of all services.
    #[must_use]
    pub fn connections(&self) -> usize {
        let open = |handle: &SocketHandle| {
            let socket = self.core.sockets.get::<tcp::Socket<'_>>(*handle);
            socket.is_open() && !socket.is_listening()
        };
        self.services.iter().flat_map(|s| &s.connections).filter(|(handle, _)| open(handle)).count()
    }

    /// Lets each connection read and write. True if that gives the interface something to do.
    fn serve(&mut self) -> bool {
        let mut moved = false;
        let Self { core, services, scratch } = self;
        for service in services {
            for (handle, job) in &mut service.connections {
                let socket = core.sockets.get_mut::<tcp::Socket<'_>>(*handle);
                if socket.is_active() {
                    moved |= job.step(socket, scratch);
                }
            }
        }
        self.keep_listening();
        moved
    }

    /// Clears away what is closed and keeps sockets waiting for connections, within the bound.
    fn keep_listening(&mut self) {
        let Self { core, services, .. } = self;
        for service in services {
            let mut waiting = 0;
            service.connections.retain(|(handle, _)| {
                let socket = core.sockets.get::<tcp::Socket<'_>>(*handle);
                if socket.is_listening() {
                    waiting += 1;
                }
                // A closed socket still has its reset to send as long as it knows its peer.
                let done = !socket.is_open() && socket.remote_endpoint().is_none();
                if done {
                    core.sockets.remove(*handle);
                }
                !done
            });
            while waiting < BACKLOG && service.connections.len() < core.config.connections {
                let mut socket = core.tcp_socket();
                if socket.listen(listen_on(service.port.port)).is_err() {
                    break;
                }
                let handle = core.sockets.add(socket);
                service.connections.push((handle, Job::new(service.port.service)));
                waiting += 1;
            }
        }
    }
}
