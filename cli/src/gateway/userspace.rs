//! The userspace stack behind a gateway without root: moves packets between it and one end of a TUN in memory.

use std::io;
use std::time::Duration;

use adit_driver::clock::{Clock, Timer};
use adit_driver::tun::MemTun;
use adit_gateway::stack::{ClientStack, Stack};

/// Longest packet moved.
const PACKET_MAX: usize = 9_000;

/// A stack of either kind.
pub trait PacketStack {
    /// Takes a packet; false if it is full.
    fn push(&mut self, packet: &[u8]) -> bool;
    /// Works; gives when to call again.
    fn poll(&mut self, now: Duration) -> Option<Duration>;
    /// Hands out a packet.
    fn pop_into(&mut self, take: impl FnOnce(&[u8])) -> bool;
}

impl PacketStack for Stack {
    fn push(&mut self, packet: &[u8]) -> bool {
        self.push(packet)
    }

    fn poll(&mut self, now: Duration) -> Option<Duration> {
        self.poll(now)
    }

    fn pop_into(&mut self, take: impl FnOnce(&[u8])) -> bool {
        self.pop_with(take).is_some()
    }
}

impl PacketStack for ClientStack {
    fn push(&mut self, packet: &[u8]) -> bool {
        self.push(packet)
    }

    fn poll(&mut self, now: Duration) -> Option<Duration> {
        self.poll(now)
    }

    fn pop_into(&mut self, take: impl FnOnce(&[u8])) -> bool {
        self.pop_with(take).is_some()
    }
}

/// Moves packets while there are any, calling `work` after each round; if there were none, waits until there is
/// something to do. `work` says whether it did something. Packets are only taken from either side while the other has room, so
/// none is dropped here.
pub async fn turn<S: PacketStack>(
    stack: &mut S,
    tun: &MemTun,
    clock: Clock,
    timer: &mut Timer,
    mut work: impl FnMut(&mut S) -> bool,
) -> io::Result<()> {
    let mut buffer = [0; PACKET_MAX];
    let mut any = false;
    let deadline = loop {
        let mut moved = false;
        // Half a queue a round: the stack must get to answer before its own queue is full.
        for _ in 0..128 {
            match tun.try_recv(&mut buffer) {
                Ok(len) => {
                    stack.push(buffer.get(..len).unwrap_or_default());
                    moved = true;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let deadline = stack.poll(clock.now());
        let mut result = Ok(true);
        while tun.room() > 0 && stack.pop_into(|packet| result = tun.try_send(packet)) {
            moved = true;
        }
        result?;
        moved |= work(stack);
        if !moved {
            break deadline;
        }
        any = true;
        tokio::task::yield_now().await;
    };
    if any {
        return Ok(());
    }
    timer.set(deadline);
    let full = tun.room() == 0;
    tokio::select! {
        () = tun.readable() => {}
        () = tun.writable(), if full => {}
        () = timer.expired() => {}
    }
    Ok(())
}

/// Serves until the other end of `tun` is gone.
pub async fn serve(mut stack: Stack, tun: MemTun) -> io::Result<()> {
    let clock = Clock::new();
    let mut timer = Timer::new(clock)?;
    loop {
        match turn(&mut stack, &tun, clock, &mut timer, |_| false).await {
            Err(error)
                if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe) =>
            {
                return Ok(());
            }
            result => result?,
        }
    }
}
