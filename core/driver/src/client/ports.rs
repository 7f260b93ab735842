//! The sockets of a client.
//!
//! Owns [`ClientPorts`] and the question which of this host's addresses leads to a server.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::BorrowedFd;

use crate::pump::Port;
use crate::udp::{UdpOptions, UdpPort};

/// The two sockets of a client.
pub struct ClientPorts {
    /// For IKE_SA_INIT.
    pub ike: UdpPort,
    /// For everything after it.
    pub natt: UdpPort,
}

impl ClientPorts {
    /// Binds both sockets to the local address from which `server` is reached.
    ///
    /// # Errors
    /// If there is no route to the server, or a port is taken.
    pub fn bind(server: SocketAddr, local_ports: (u16, u16), mark: Option<u32>) -> std::io::Result<Self> {
        let address = source_address(server, mark)?;
        let bind = |port| {
            let options = UdpOptions { mark, ..UdpOptions::new(SocketAddr::new(address, port)) };
            UdpPort::bind(&options)
        };
        Ok(Self { ike: bind(local_ports.0)?, natt: bind(local_ports.1)? })
    }

    /// Both, to be kept out of the tunnel ([`super::TunnelHost::protect`]).
    #[must_use]
    pub fn descriptors(&self) -> [BorrowedFd<'_>; 2] {
        [self.ike.descriptor(), self.natt.descriptor()]
    }

    /// Both, for a pump.
    #[must_use]
    pub fn into_ports(self) -> Vec<Port> {
        vec![Port { socket: self.ike, encapsulated: false }, Port { socket: self.natt, encapsulated: true }]
    }
}

/// The address the system sends from to reach `server`. A connected UDP socket sends nothing by itself.
pub(super) fn source_address(server: SocketAddr, mark: Option<u32>) -> std::io::Result<IpAddr> {
    let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any)?;
    #[cfg(target_os = "linux")]
    if let Some(mark) = mark {
        socket2::SockRef::from(&socket).set_mark(mark)?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = mark;
    socket.connect(server)?;
    Ok(socket.local_addr()?.ip())
}
