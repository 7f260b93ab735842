//! Base64, decoded as CoreFoundation decodes `<data>`, and encoded as profiles are written.

use zeroize::Zeroizing;

/// What [`decode_base64`] found.
pub(crate) struct Decoded64 {
    /// The decoded bytes.
    pub bytes: Zeroizing<Vec<u8>>,
    /// The first byte of 0x80 or above.
    pub not_ascii: Option<usize>,
    /// The first character that is neither Base64 nor white space, or that follows the padding.
    pub stray: Option<usize>,
    /// The number of characters is no multiple of four, or the padding is wrong.
    pub incomplete: bool,
}

/// Base64 as CoreFoundation decodes it: groups of four characters, `=` counting as zero, everything else skipped.
pub(crate) fn decode_base64(text: &[u8]) -> Decoded64 {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 4 * 3 + 3));
    let mut found =
        Decoded64 { bytes: Zeroizing::default(), not_ascii: None, stray: None, incomplete: false };
    let (mut group, mut count, mut padding): (u32, u8, u8) = (0, 0, 0);
    for (at, &byte) in text.iter().enumerate() {
        if byte >= 0x80 {
            found.not_ascii.get_or_insert(at);
            break;
        }
        let blank = byte.is_ascii_whitespace() || byte == 0x0b;
        if byte == b'=' {
            padding = padding.saturating_add(1);
        } else if !blank {
            if padding > 0 {
                found.stray.get_or_insert(at);
            }
            padding = 0;
        }
        let Some(six) = base64_value(byte) else {
            if !blank {
                found.stray.get_or_insert(at);
            }
            continue;
        };
        group = group << 6 | u32::from(six);
        count += 1;
        if count == 4 {
            let [_, first, second, third] = group.to_be_bytes();
            bytes.push(first);
            if padding < 2 {
                bytes.push(second);
            }
            if padding < 1 {
                bytes.push(third);
            }
            count = 0;
        }
    }
    found.incomplete = count != 0 || padding > 2;
    found.bytes = bytes;
    found
}

fn base64_value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        b'=' => Some(0),
        _ => None,
    }
}

/// Base64 (RFC 4648 section 4) without line breaks.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |value: u32| ALPHABET.get((value & 0x3f) as usize).map_or('=', |byte| char::from(*byte));
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let value = byte(0) << 16 | byte(1) << 8 | byte(2);
        text.push(digit(value >> 18));
        text.push(digit(value >> 12));
        text.push(if group.len() > 1 { digit(value >> 6) } else { '=' });
        text.push(if group.len() > 2 { digit(value) } else { '=' });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode_base64(plain.as_bytes()), coded);
            let decoded = decode_base64(coded.as_bytes());
            assert_eq!(**decoded.bytes, *plain.as_bytes());
            assert!(!decoded.incomplete && decoded.stray.is_none() && decoded.not_ascii.is_none());
        }
    }

    #[test]
    fn what_is_not_base64_is_told_and_skipped() {
        let decoded = decode_base64(b"Zm{9}v");
        assert_eq!((&**decoded.bytes, decoded.stray), (b"foo".as_slice(), Some(2)));
        assert!(decode_base64(b"Zm9").incomplete);
        assert!(decode_base64(b"Z===").incomplete);
        assert_eq!(decode_base64("Zm9vé".as_bytes()).not_ascii, Some(4));
    }
}
