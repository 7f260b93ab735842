//! Invariants over the datagrams of a simulation: no nonce twice, no plaintext.
//!
//! Owns checks that read datagrams as an observer does, without keys (RFC 7296 3.1, RFC 3948 2). Plug them
//! into [`crate::Simulation::on_datagram`]; they return a text when the invariant is broken.

use std::collections::BTreeMap;

use crate::network::{Datagram, Direction};

/// Bytes of explicit IV looked at: all of an AEAD's (RFC 4106 3.1, RFC 7634 2), half of AES-CBC's.
const IV: usize = 8;
const IKE_HEADER: usize = 28;
/// Payload types SK and SKF (RFC 7296 3.2, RFC 7383 2.5).
const SK: u8 = 46;
const SKF: u8 = 53;

/// What a datagram is, seen from outside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// The one-byte NAT keepalive.
    Keepalive,
    /// IKE; the message starts at this offset.
    Ike(usize),
    /// ESP in UDP.
    Esp,
    /// Too short for any of them.
    Noise,
}

/// Classifies a UDP payload. IKE without the four zero bytes is recognised by its version and length.
#[must_use]
pub fn classify(bytes: &[u8]) -> Kind {
    let ike_at = |offset: usize| {
        bytes.len() >= offset + IKE_HEADER
            && bytes[offset + 17] >> 4 == 2
            && bytes[offset + 24..offset + 28] == ((bytes.len() - offset) as u32).to_be_bytes()
    };
    match bytes {
        [0xff] => Kind::Keepalive,
        [0, 0, 0, 0, ..] if bytes.len() >= 4 + IKE_HEADER => Kind::Ike(4),
        _ if ike_at(0) => Kind::Ike(0),
        [0, 0, 0, 0, ..] => Kind::Noise,
        _ if bytes.len() >= 8 + IV => Kind::Esp,
        _ => Kind::Noise,
    }
}

/// Finds IVs used twice under one key. A key is told by who sends and the SPIs, so it must live no longer
/// than the endpoints do.
#[derive(Clone, Debug, Default)]
pub struct NonceCheck {
    esp: BTreeMap<(Direction, [u8; 4], [u8; IV]), ()>,
    /// Also maps to a digest of the ciphertext: a retransmission repeats both.
    ike: BTreeMap<(Direction, [u8; 16], [u8; IV]), Vec<u8>>,
}

impl NonceCheck {
    /// Looks at a datagram as sent.
    ///
    /// # Errors
    /// If its IV was used before under the same SPI for other data.
    pub fn check(&mut self, direction: Direction, datagram: &Datagram) -> Result<(), String> {
        let bytes = &datagram.bytes;
        match classify(bytes) {
            Kind::Esp => {
                let spi = first(&bytes[0..4]);
                let iv: [u8; IV] = first(&bytes[8..8 + IV]);
                match self.esp.insert((direction, spi, iv), ()) {
                    None => Ok(()),
                    Some(()) => Err(format!("ESP SPI {spi:02x?}: IV {iv:02x?} used twice")),
                }
            }
            Kind::Ike(offset) => self.check_ike(direction, &bytes[offset..]),
            Kind::Keepalive | Kind::Noise => Ok(()),
        }
    }

    fn check_ike(&mut self, direction: Direction, message: &[u8]) -> Result<(), String> {
        let mut next = message[16];
        let mut at = IKE_HEADER;
        while next != 0 && at + 4 <= message.len() {
            let len = usize::from(u16::from_be_bytes([message[at + 2], message[at + 3]]));
            if next == SK || next == SKF {
                let start = at + if next == SK { 4 } else { 8 };
                let Some(iv) = message.get(start..start + IV) else { return Ok(()) };
                let spis = first(&message[0..16]);
                let sealed = message[start..].to_vec();
                let old = self.ike.insert((direction, spis, first(iv)), sealed);
                return match old {
                    Some(old) if old != message[start..] => {
                        Err(format!("IKE SPIs {spis:02x?}: IV {iv:02x?} used for two messages"))
                    }
                    _ => Ok(()),
                };
            }
            if len < 4 {
                return Ok(());
            }
            next = message[at];
            at += len;
        }
        Ok(())
    }
}

/// A check that `needle` never stands in a datagram: put it into inner packets, passwords and keys.
///
/// # Panics
/// If `needle` is shorter than 8 bytes and could occur by chance.
pub fn never_contains(needle: &[u8]) -> impl FnMut(Direction, &Datagram) -> Result<(), String> + use<> {
    assert!(needle.len() >= 8, "short needles occur by chance");
    let needle = needle.to_vec();
    move |_, datagram| {
        if datagram.bytes.windows(needle.len()).any(|window| window == needle) {
            return Err(format!("plaintext on the wire: {:?}", String::from_utf8_lossy(&needle)));
        }
        Ok(())
    }
}

fn first<const N: usize>(bytes: &[u8]) -> [u8; N] {
    *bytes.first_chunk().expect("the length was checked")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::NodeId;

    const TO_B: Direction = Direction::new(NodeId(0), NodeId(1));

    fn datagram(bytes: &[u8]) -> Datagram {
        Datagram {
            from: "192.0.2.1:4500".parse().unwrap(),
            to: "192.0.2.2:4500".parse().unwrap(),
            bytes: bytes.to_vec(),
        }
    }

    fn esp(iv: u8, body: u8) -> Datagram {
        let mut bytes = vec![0xc1, 2, 3, 4, 0, 0, 0, 1];
        bytes.extend([iv; 8]);
        bytes.extend([body; 32]);
        datagram(&bytes)
    }

    fn ike(marker: bool, first: u8, iv: u8, body: u8) -> Datagram {
        let mut bytes = vec![7_u8; 16];
        bytes.extend([first, 0x20, 35, 0x08, 0, 0, 0, 1]);
        let lead = if first == 43 { vec![SK, 0, 0, 8, 1, 2, 3, 4] } else { Vec::new() };
        bytes.extend(u32::try_from(28 + lead.len() + 4 + 8 + 32).unwrap().to_be_bytes());
        bytes.extend(lead);
        bytes.extend([35, 0, 0, 44]);
        bytes.extend([iv; 8]);
        bytes.extend([body; 32]);
        if marker {
            bytes.splice(0..0, [0; 4]);
        }
        datagram(&bytes)
    }

    #[test]
    fn datagrams_are_told_apart() {
        assert_eq!(classify(&[0xff]), Kind::Keepalive);
        assert_eq!(classify(&[]), Kind::Noise);
        assert_eq!(classify(&[0; 4]), Kind::Noise);
        assert_eq!(classify(&esp(1, 1).bytes), Kind::Esp);
        assert_eq!(classify(&ike(false, SK, 1, 1).bytes), Kind::Ike(0));
        assert_eq!(classify(&ike(true, SK, 1, 1).bytes), Kind::Ike(4));
    }

    #[test]
    fn an_esp_iv_may_not_come_twice() {
        let mut check = NonceCheck::default();
        assert_eq!(check.check(TO_B, &esp(1, 1)), Ok(()));
        assert_eq!(check.check(TO_B, &esp(2, 1)), Ok(()));
        assert_eq!(check.check(TO_B.reverse(), &esp(1, 1)), Ok(()), "the other side has its own key");
        assert!(check.check(TO_B, &esp(1, 9)).unwrap_err().contains("used twice"));
    }

    #[test]
    fn an_ike_iv_may_come_twice_only_in_a_retransmission() {
        for first in [SK, 43] {
            let mut check = NonceCheck::default();
            assert_eq!(check.check(TO_B, &ike(false, first, 1, 1)), Ok(()));
            assert_eq!(check.check(TO_B, &ike(true, first, 1, 1)), Ok(()), "retransmitted on port 4500");
            assert!(check.check(TO_B, &ike(true, first, 1, 2)).unwrap_err().contains("two messages"));
        }
    }

    #[test]
    fn broken_messages_do_not_stop_the_check() {
        let whole = ike(true, 43, 1, 1).bytes;
        for end in 0..whole.len() {
            assert_eq!(NonceCheck::default().check(TO_B, &datagram(&whole[..end])), Ok(()));
        }
    }

    #[test]
    fn plaintext_is_found_anywhere() {
        let mut check = never_contains(b"inner packet");
        assert_eq!(check(TO_B, &datagram(b"inner packe")), Ok(()));
        assert!(check(TO_B, &datagram(b"..inner packet..")).is_err());
    }
}
