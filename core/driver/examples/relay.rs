//! A tunnel without cryptography: TUN to UDP and back, with ESP's room around each packet.
//!
//! Shows how the driver's parts fit together, and measures the ceiling they set: what a tunnel can reach
//! when sealing and opening cost nothing. Usage, as root in a network namespace:
//! `relay INTERFACE LOCAL:PORT PEER:PORT`.

use std::io::ErrorKind;
use std::net::SocketAddr;

use adit_driver::Span;
use adit_driver::tun::{Coalescer, ReadBuffer, Tun};
use adit_driver::udp::{RecvBatch, UdpOptions, UdpPort};

/// ESP header and IV, then padding, trailer and ICV (AES-GCM-16).
const FRONT: usize = 16;
const BACK: usize = 18;

/// Frames taken from one side before the other gets its turn.
const TURN: usize = 4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [interface, local, peer] = arguments.as_slice() else {
        return Err("usage: relay INTERFACE LOCAL:PORT PEER:PORT".into());
    };
    let (local, peer) = (local.parse()?, peer.parse()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(relay(interface, local, peer))?;
    Ok(())
}

async fn relay(interface: &str, local: SocketAddr, peer: SocketAddr) -> std::io::Result<()> {
    let tun = Tun::create(interface)?;
    let port = UdpPort::bind(&UdpOptions::new(local))?;
    let bundles = std::env::var("BUNDLES").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let mut frame = ReadBuffer::new();
    let mut batch = RecvBatch::new(bundles);
    let mut coalescer = Coalescer::with_capacity(256);
    let mut out = vec![0; 128 << 10];
    let mut spans: Vec<Span> = Vec::with_capacity(256);
    loop {
        tokio::select! {
            ready = tun.readable() => ready?,
            ready = port.readable() => ready?,
        }
        for _ in 0..TURN {
            if !send(&tun, &port, peer, &mut frame, &mut out).await? {
                break;
            }
        }
        for _ in 0..TURN {
            if !receive(&tun, &port, &mut batch, &mut coalescer, &mut spans)? {
                break;
            }
        }
    }
}

/// One frame from the TUN to the peer. False if there was none.
async fn send(
    tun: &Tun,
    port: &UdpPort,
    peer: SocketAddr,
    frame: &mut ReadBuffer,
    out: &mut [u8],
) -> std::io::Result<bool> {
    let mut segments = match tun.try_read(frame) {
        Ok(segments) => segments,
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
        Err(error) => return Err(error),
    };
    let Some(first) = segments.next_len() else { return Ok(true) };
    let stride = FRONT + first + BACK;
    let mut end = 0;
    while let Some(place) = out.get_mut(end + FRONT..)
        && let Some(len) = segments.next_into(place)
    {
        end += FRONT + len + BACK;
    }
    let mut taken = 0;
    while let Some(rest) = out.get(taken..end).filter(|rest| !rest.is_empty()) {
        match port.try_send(peer, None, rest, stride) {
            Ok(bytes) => taken += bytes,
            Err(error) if error.kind() == ErrorKind::WouldBlock => port.writable().await?,
            Err(_) => break,
        }
    }
    Ok(true)
}

/// What one receive call brings, to the TUN. False if there was nothing.
fn receive(
    tun: &Tun,
    port: &UdpPort,
    batch: &mut RecvBatch,
    coalescer: &mut Coalescer,
    spans: &mut Vec<Span>,
) -> std::io::Result<bool> {
    match port.try_recv(batch) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
        Err(error) => return Err(error),
    }
    let (bundles, area) = batch.parts();
    for bundle in bundles {
        spans.clear();
        spans.extend(bundle.datagrams().map(|span| {
            let end = (span.len as usize).saturating_sub(BACK);
            span.part(FRONT..end)
        }));
        tun.try_write(coalescer, area, spans)?;
    }
    Ok(true)
}
