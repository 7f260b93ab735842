//! How a port's socket is set up.
//!
//! Owns [`UdpOptions`] and the socket options behind it.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd;

use quinn_udp::UdpSocketState;
use socket2::{Domain, Protocol, Socket, Type};

use crate::sys::socket::set_int;

/// Bytes asked for in either direction unless said otherwise: at 1 Gbit/s about 20 ms of full-sized
/// datagrams, counting what the kernel charges for each.
const BUFFER: usize = 4 << 20;

/// What a [`super::UdpPort`] binds to and how it behaves.
#[derive(Clone, Debug)]
pub struct UdpOptions {
    /// Address and port; port 0 lets the system choose. An IPv6 socket takes IPv6 only.
    pub address: SocketAddr,
    /// Linux's SO_MARK, by which routing rules recognise the tunnel's own packets ([`crate::net`]). Needs
    /// CAP_NET_ADMIN; an error on other systems.
    pub mark: Option<u32>,
    /// Bytes of receive buffer to ask for; the system may grant less.
    pub receive_buffer: usize,
    /// Bytes of send buffer to ask for; the system may grant less.
    pub send_buffer: usize,
    /// True (the default): datagrams longer than the path's MTU may be fragmented by the IP layer, as ESP
    /// with a copied or cleared DF bit is (RFC 4301 8.1). False: they are refused or lost.
    pub fragment: bool,
}

impl UdpOptions {
    /// The usual options for `address`.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self { address, mark: None, receive_buffer: BUFFER, send_buffer: BUFFER, fragment: true }
    }
}

/// Opens, sets up and binds the socket.
pub(super) fn open(options: &UdpOptions) -> io::Result<(UdpSocket, UdpSocketState)> {
    let address = options.address;
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if let Some(mark) = options.mark {
        set_mark(&socket, mark)?;
    }
    socket.bind(&address.into()).map_err(|error| {
        io::Error::new(error.kind(), format!("cannot bind UDP address {address}: {error}"))
    })?;
    let socket = UdpSocket::from(socket);
    let state = UdpSocketState::new((&socket).into())?;
    enlarge(&socket, options, &state);
    if options.fragment {
        allow_fragments(&socket, address)?;
    }
    // quinn-udp asks for a time stamp on each datagram; nobody here reads it, and it costs.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = set_int(socket.as_fd(), libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, 0);
    Ok((socket, state))
}

#[cfg(target_os = "linux")]
fn set_mark(socket: &Socket, mark: u32) -> io::Result<()> {
    socket.set_mark(mark).map_err(|error| {
        let text = format!("cannot mark the tunnel's own packets (SO_MARK needs CAP_NET_ADMIN): {error}");
        io::Error::new(error.kind(), text)
    })
}

#[cfg(not(target_os = "linux"))]
fn set_mark(_: &Socket, _: u32) -> io::Result<()> {
    let text = "socket marks exist on Linux only; leave the mark out and let the host exclude the socket";
    Err(io::Error::new(io::ErrorKind::Unsupported, text))
}

/// Asks for larger buffers: past the system's limit with CAP_NET_ADMIN, up to it without, smaller ones if
/// even that is refused. Never an error: a tunnel with small buffers is slower, not broken.
fn enlarge(socket: &UdpSocket, options: &UdpOptions, state: &UdpSocketState) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let clamp = |size: usize| libc::c_int::try_from(size).unwrap_or(libc::c_int::MAX);
        let force = |name, size| set_int(socket.as_fd(), libc::SOL_SOCKET, name, clamp(size)).is_ok();
        let received = force(libc::SO_RCVBUFFORCE, options.receive_buffer);
        if received && force(libc::SO_SNDBUFFORCE, options.send_buffer) {
            return;
        }
    }
    for (size, set) in [
        (options.receive_buffer, UdpSocketState::set_recv_buffer_size as SetSize),
        (options.send_buffer, UdpSocketState::set_send_buffer_size as SetSize),
    ] {
        // Apple's systems refuse what is over their limit instead of cutting it.
        let mut size = size;
        while size >= 64 << 10 && set(state, socket.into(), size).is_err() {
            size /= 2;
        }
    }
}

type SetSize = fn(&UdpSocketState, quinn_udp::UdpSockRef<'_>, usize) -> io::Result<()>;

/// Clears the don't-fragment policy quinn-udp sets for QUIC.
fn allow_fragments(socket: &UdpSocket, address: SocketAddr) -> io::Result<()> {
    let socket = socket.as_fd();
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if address.is_ipv4() {
        set_int(socket, libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, libc::IP_PMTUDISC_DONT)?;
    } else {
        set_int(socket, libc::IPPROTO_IPV6, libc::IPV6_MTU_DISCOVER, libc::IPV6_PMTUDISC_DONT)?;
        set_int(socket, libc::IPPROTO_IPV6, libc::IPV6_DONTFRAG, 0)?;
    }
    #[cfg(target_vendor = "apple")]
    if address.is_ipv4() {
        set_int(socket, libc::IPPROTO_IP, libc::IP_DONTFRAG, 0)?;
    } else {
        set_int(socket, libc::IPPROTO_IPV6, libc::IPV6_DONTFRAG, 0)?;
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    let _ = (socket, address);
    Ok(())
}
