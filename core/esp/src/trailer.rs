//! The ESP trailer: padding, pad length, next header (RFC 4303 2.4 to 2.6).
//!
//! Owns writing and checking it. Leaves out how much padding there must be (`params::Layout`). Padding
//! beyond alignment, to hide lengths, is accepted and never sent.

use crate::Discard;

/// Bytes of pad length and next header.
pub(crate) const TRAILER_LEN: usize = 2;

/// "No next header": a dummy packet.
const DUMMY: u8 = 59;

/// Fills `room` with 1, 2, 3, .., the count of these and `next_header`. `room` has 2 to 257 bytes.
#[inline]
pub(crate) fn write(room: &mut [u8], next_header: u8) {
    let Some((padding, [length, next])) = room.split_last_chunk_mut::<TRAILER_LEN>() else { return };
    let mut count = 0u8;
    for byte in padding {
        count = count.wrapping_add(1);
        *byte = count;
    }
    *length = count;
    *next = next_header;
}

/// Splits decrypted bytes into payload and next header.
#[inline]
pub(crate) fn strip(plaintext: &[u8]) -> Result<(&[u8], u8), Discard> {
    let Some((rest, &[length, next_header])) = plaintext.split_last_chunk::<TRAILER_LEN>() else {
        return Err(Discard::BadPadding);
    };
    if next_header == DUMMY {
        // RFC 4303 2.6: the rest of a dummy need not be well-formed.
        return Err(Discard::Dummy);
    }
    let Some((payload, padding)) =
        rest.len().checked_sub(length.into()).and_then(|at| rest.split_at_checked(at))
    else {
        return Err(Discard::BadPadding);
    };
    // The packet is authentic, so the time this takes tells nobody anything.
    if padding.iter().zip(1..=u8::MAX).all(|(byte, expected)| *byte == expected) {
        Ok((payload, next_header))
    } else {
        Err(Discard::BadPadding)
    }
}

#[cfg(test)]
mod tests {
    use super::{strip, write};
    use crate::Discard;

    #[test]
    fn written_trailers_are_stripped() {
        for padding in 0..=255usize {
            let mut bytes = vec![0xaa; 7 + padding + 2];
            write(&mut bytes[7..], 4);
            assert_eq!(usize::from(bytes[7 + padding]), padding);
            assert_eq!(strip(&bytes), Ok((&[0xaa; 7][..], 4)));
        }
    }

    #[test]
    fn e02_pad_length_beyond_the_payload_or_wrong_bytes() {
        assert_eq!(strip(&[]), Err(Discard::BadPadding));
        assert_eq!(strip(&[4]), Err(Discard::BadPadding));
        assert_eq!(strip(&[0, 4]), Ok((&[][..], 4)));
        assert_eq!(strip(&[1, 4]), Err(Discard::BadPadding));
        assert_eq!(strip(&[1, 2, 3, 4, 4]), Err(Discard::BadPadding));
        assert_eq!(strip(&[0xff; 200]), Err(Discard::BadPadding));
        assert_eq!(strip(&[1, 2, 2, 4]), Ok((&[][..], 4)));
        for wrong in [[0, 0, 2, 4], [2, 1, 2, 4], [1, 3, 2, 4], [0, 1, 2, 4]] {
            assert_eq!(strip(&wrong), Err(Discard::BadPadding), "{wrong:?}");
        }
    }

    #[test]
    fn e02_a_dummy_is_a_dummy_whatever_else_it_holds() {
        assert_eq!(strip(&[9, 9, 9, 200, 59]), Err(Discard::Dummy));
        assert_eq!(strip(&[0, 59]), Err(Discard::Dummy));
    }
}
