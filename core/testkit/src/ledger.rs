//! Accounts of packets: each one sent may arrive once, unchanged, and nothing else may arrive.

use std::collections::BTreeMap;

/// Packets by number, between any two points.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Number to (length, digest, arrived).
    packets: BTreeMap<u64, (usize, u64, bool)>,
    delivered: u64,
}

impl Ledger {
    /// Books a packet as sent and gives its number.
    pub fn sent(&mut self, packet: &[u8]) -> u64 {
        let number = self.packets.len() as u64;
        self.packets.insert(number, (packet.len(), digest(packet), false));
        number
    }

    /// Books packet `number` as arrived.
    ///
    /// # Errors
    /// A text for the failure message if it was never sent, arrived before, or was changed.
    pub fn delivered(&mut self, number: u64, packet: &[u8]) -> Result<(), String> {
        let Some((len, sum, arrived)) = self.packets.get_mut(&number) else {
            return Err(format!("packet {number} arrived and was never sent"));
        };
        if (*len, *sum) != (packet.len(), digest(packet)) {
            return Err(format!("packet {number} was changed on its way"));
        }
        if *arrived {
            return Err(format!("packet {number} arrived twice"));
        }
        *arrived = true;
        self.delivered += 1;
        Ok(())
    }

    /// Packets sent.
    #[must_use]
    pub fn sent_count(&self) -> u64 {
        self.packets.len() as u64
    }

    /// Packets sent and not (yet) arrived.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.sent_count() - self.delivered
    }
}

fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_changed_and_unknown_packets_are_found() {
        let mut ledger = Ledger::default();
        let number = ledger.sent(b"hello");
        let lost = ledger.sent(b"lost");
        assert_eq!(ledger.delivered(number, b"hello"), Ok(()));
        assert!(ledger.delivered(number, b"hello").unwrap_err().contains("twice"));
        assert!(ledger.delivered(lost, b"list").unwrap_err().contains("changed"));
        assert!(ledger.delivered(9, b"x").unwrap_err().contains("never sent"));
        assert_eq!((ledger.sent_count(), ledger.missing()), (2, 1));
    }
}
