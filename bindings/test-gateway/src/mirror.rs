//! What stands behind the gateway: packets come back with their addresses exchanged.

use std::io;

use adit_driver::tun::MemTun;

/// Bytes of the longest packet.
const PACKET_MAX: usize = 2_048;

/// Mirrors until the other end is gone.
pub(crate) async fn serve(tun: MemTun) {
    let mut packet = [0; PACKET_MAX];
    loop {
        match tun.try_recv(&mut packet) {
            Ok(len) => {
                let packet = packet.get_mut(..len).unwrap_or_default();
                // With no room it is lost, as on a network.
                if exchange(packet) && tun.try_send(packet).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => tun.readable().await,
            Err(_) => return,
        }
    }
}

/// Exchanges source and destination. The checksums add both, so they stay right.
fn exchange(packet: &mut [u8]) -> bool {
    let (begin, len) = match packet.first().map(|first| first >> 4) {
        Some(4) => (12, 4),
        Some(6) => (8, 16),
        _ => return false,
    };
    let Some(addresses) = packet.get_mut(begin..begin + 2 * len) else { return false };
    addresses.rotate_left(len);
    true
}

#[cfg(test)]
mod tests {
    use super::exchange;

    #[test]
    fn addresses_change_places_and_nothing_else_moves() {
        let mut v4: Vec<u8> = (0..20).collect();
        v4[0] = 0x45;
        assert!(exchange(&mut v4));
        assert_eq!(v4[12..], [16, 17, 18, 19, 12, 13, 14, 15]);
        let mut v6 = vec![0_u8; 40];
        v6[0] = 0x60;
        v6[8] = 1;
        v6[24] = 2;
        assert!(exchange(&mut v6));
        assert_eq!((v6[8], v6[24]), (2, 1));
        assert!(!exchange(&mut [0x45; 10]));
        assert!(!exchange(&mut []));
    }
}
