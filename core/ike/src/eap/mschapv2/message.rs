//! The messages of EAP-MSCHAPv2 (draft-kamath-pppext-eap-mschapv2-02 2).

use std::fmt::Write;

use super::MAX_NAME_LEN;
use crate::identity::printable;

const CHALLENGE: u8 = 1;
const RESPONSE: u8 = 2;
const SUCCESS: u8 = 3;
const FAILURE: u8 = 4;

/// Peer challenge, eight zeros, NT response, flags.
const RESPONSE_VALUE_LEN: u8 = 49;

/// What follows the EAP type, its lengths checked.
#[derive(Debug)]
pub(in crate::eap) enum Message<'a> {
    /// The server's challenge.
    Challenge {
        /// MS-CHAPv2-ID, which the response repeats.
        ms_id: u8,
        challenge: [u8; 16],
    },
    /// The user's answer.
    Response { ms_id: u8, peer_challenge: [u8; 16], nt_response: [u8; 24], name: &'a [u8] },
    /// The server accepts, and proves itself.
    SuccessRequest { authenticator_response: [u8; 20] },
    /// The server does not accept.
    FailureRequest { ms_id: u8, text: FailureText },
    /// The user's last word after [`Message::SuccessRequest`].
    SuccessResponse,
    /// The user's last word after [`Message::FailureRequest`].
    FailureResponse,
}

/// The text of a Failure request, `E=.. R=.. C=.. V=.. M=..` (RFC 2759 6).
#[derive(Debug, Eq, PartialEq)]
pub(in crate::eap) struct FailureText {
    /// `None` if there are no digits, or more than a number of 32 bits has.
    pub(in crate::eap) code: Option<u32>,
    pub(in crate::eap) retry_allowed: bool,
    /// The challenge to try again with.
    pub(in crate::eap) challenge: Option<[u8; 16]>,
    /// Escaped and cut.
    pub(in crate::eap) message: String,
}

impl<'a> Message<'a> {
    /// Reads a message of the server.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub(in crate::eap) fn parse_request(data: &'a [u8]) -> Result<Self, &'static str> {
        let (code, ms_id, body) = split(data)?;
        match code {
            CHALLENGE => {
                let (16, rest) = body.split_first().map(|(size, rest)| (*size, rest)).unwrap_or_default()
                else {
                    return Err("an MSCHAPv2 challenge does not have 16 bytes");
                };
                let (challenge, name) =
                    rest.split_first_chunk().ok_or("an MSCHAPv2 challenge is cut short")?;
                check_name(name)?;
                Ok(Self::Challenge { ms_id, challenge: *challenge })
            }
            SUCCESS => {
                let proof = body.strip_prefix(b"S=").ok_or("an MSCHAPv2 success holds no proof (S=)")?;
                let digits =
                    proof.first_chunk::<40>().ok_or("the proof in an MSCHAPv2 success is cut short")?;
                let authenticator_response =
                    from_hex(digits).ok_or("the proof in an MSCHAPv2 success is not hexadecimal")?;
                Ok(Self::SuccessRequest { authenticator_response })
            }
            FAILURE => Ok(Self::FailureRequest { ms_id, text: FailureText::parse(body) }),
            _ => Err("an MSCHAPv2 request has an unknown code"),
        }
    }

    /// Reads a message of the user.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub(in crate::eap) fn parse_response(data: &'a [u8]) -> Result<Self, &'static str> {
        const CUT: &str = "an MSCHAPv2 response is cut short";
        match data.first() {
            // These two are a code and nothing else.
            Some(&SUCCESS) => return Ok(Self::SuccessResponse),
            Some(&FAILURE) => return Ok(Self::FailureResponse),
            Some(&RESPONSE) => {}
            _ => return Err("an MSCHAPv2 response has an unknown code"),
        }
        let (_, ms_id, body) = split(data)?;
        let (size, rest) = body.split_first().ok_or(CUT)?;
        if *size != RESPONSE_VALUE_LEN {
            return Err("an MSCHAPv2 response does not have 49 bytes");
        }
        let (peer_challenge, rest) = rest.split_first_chunk().ok_or(CUT)?;
        let (_reserved, rest) = rest.split_first_chunk::<8>().ok_or(CUT)?;
        let (nt_response, rest) = rest.split_first_chunk().ok_or(CUT)?;
        let (_flags, name) = rest.split_first().ok_or(CUT)?;
        check_name(name)?;
        Ok(Self::Response { ms_id, peer_challenge: *peer_challenge, nt_response: *nt_response, name })
    }
}

impl FailureText {
    fn parse(body: &[u8]) -> Self {
        // The message is free text and may hold anything, so it is taken off first.
        let at = body.windows(2).position(|pair| pair == b"M=");
        let (fields, message) = at.and_then(|at| body.split_at_checked(at)).unwrap_or((body, &[]));
        let field = |name: &[u8]| fields.split(|byte| *byte == b' ').find_map(|part| part.strip_prefix(name));
        let code = field(b"E=")
            .filter(|digits| digits.iter().all(u8::is_ascii_digit))
            .and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        Self {
            code,
            retry_allowed: field(b"R=") == Some(b"1"),
            challenge: field(b"C=").and_then(from_hex),
            message: printable(message.strip_prefix(b"M=").unwrap_or_default()),
        }
    }
}

/// A Challenge request.
pub(in crate::eap) fn challenge(ms_id: u8, challenge: &[u8; 16], server_name: &[u8]) -> Vec<u8> {
    framed(CHALLENGE, ms_id, &[&[16], challenge, server_name])
}

/// A Response.
pub(in crate::eap) fn response(
    ms_id: u8,
    peer_challenge: &[u8; 16],
    nt_response: &[u8; 24],
    name: &[u8],
) -> Vec<u8> {
    framed(RESPONSE, ms_id, &[&[RESPONSE_VALUE_LEN], peer_challenge, &[0; 8], nt_response, &[0], name])
}

/// A Success request.
pub(in crate::eap) fn success_request(ms_id: u8, authenticator_response: &[u8; 20]) -> Vec<u8> {
    framed(SUCCESS, ms_id, &[b"S=", to_hex(authenticator_response).as_bytes(), b" M=OK"])
}

/// A Failure request: wrong user name or password, do not retry.
pub(in crate::eap) fn failure_request(ms_id: u8, challenge: &[u8; 16]) -> Vec<u8> {
    let challenge = to_hex(challenge);
    framed(FAILURE, ms_id, &[b"E=691 R=0 C=", challenge.as_bytes(), b" V=3 M=Authentication failed"])
}

/// The answer to a Success request.
pub(in crate::eap) fn success_response() -> Vec<u8> {
    vec![SUCCESS]
}

/// The answer to a Failure request.
pub(in crate::eap) fn failure_response() -> Vec<u8> {
    vec![FAILURE]
}

/// Code, MS-CHAPv2-ID, and the body behind MS-Length, which must be the length of the whole.
fn split(data: &[u8]) -> Result<(u8, u8, &[u8]), &'static str> {
    let ([code, ms_id, high, low], body) =
        data.split_first_chunk::<4>().ok_or("an MSCHAPv2 message is cut short")?;
    if usize::from(u16::from_be_bytes([*high, *low])) != data.len() {
        return Err("an MSCHAPv2 message has another length than it says");
    }
    Ok((*code, *ms_id, body))
}

fn framed(code: u8, ms_id: u8, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let length = u16::try_from(body.len().saturating_add(4)).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    [&[code, ms_id, high, low], body.as_slice()].concat()
}

fn check_name(name: &[u8]) -> Result<(), &'static str> {
    match name.len() {
        0 => Err("an MSCHAPv2 message names nobody"),
        1..=MAX_NAME_LEN => Ok(()),
        _ => Err("the name in an MSCHAPv2 message is too long"),
    }
}

fn to_hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String does not fail.
        let _ = write!(out, "{byte:02X}");
    }
    out
}

/// `N` octets from `2 N` digits.
fn from_hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    if digits.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(digits.as_chunks::<2>().0) {
        let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
        let [high, low] = *pair;
        *byte = nibble(high)? << 4 | nibble(low)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::testing::{field, shared_json};

    fn failure(text: &[u8]) -> FailureText {
        let data = framed(FAILURE, 7, &[text]);
        match Message::parse_request(&data) {
            Ok(Message::FailureRequest { text, .. }) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_truncation_and_addition_is_refused() {
        let name = b"server";
        let whole = [
            challenge(9, &[1; 16], name),
            success_request(9, &[0xab; 20]),
            response(9, &[2; 16], &[3; 24], b"user"),
        ];
        for data in whole {
            let parses =
                |data: &[u8]| Message::parse_request(data).is_ok() || Message::parse_response(data).is_ok();
            // A Success request's first byte alone is a Success response, which is the other direction.
            let from = if data[0] == SUCCESS { 0 } else { data.len() };
            assert!(parses(&data));
            for length in 0..from {
                assert!(!parses(&data[..length]), "code {} cut to {length}", data[0]);
            }
            for length in 0..data.len() {
                assert!(Message::parse_request(&data[..length]).is_err());
            }
            let longer = [data.as_slice(), b"x"].concat();
            assert!(Message::parse_request(&longer).is_err());
        }
    }

    #[test]
    fn c03_failure_texts_are_read_without_trust() {
        let wanted = FailureText {
            code: Some(691),
            retry_allowed: true,
            challenge: Some([
                0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
            ]),
            message: "Try \\u{1b}again".to_owned(),
        };
        assert_eq!(failure(b"E=691 R=1 C=00112233445566778899AABBCCDDEEFF V=3 M=Try \x1bagain"), wanted);
        for (text, code) in [
            (&b""[..], None),
            (b"E=", None),
            (b"E= R=1", None),
            (b"E=x", None),
            (b"E=-5", None),
            (b"E=+5", None),
            (b"E=99999999999999999999999999", None),
            (b"E=4294967295", Some(u32::MAX)),
            (b"M=E=691", None),
            (b"R=1 E=648", Some(648)),
            (b"E=648\0", None),
        ] {
            assert_eq!(failure(text).code, code, "{}", printable(text));
        }
        let long = [b"E=647 M=".as_slice(), &[b'a'; 4000]].concat();
        assert!(failure(&long).message.chars().count() <= 257);
        assert!(!failure(b"E=691 R=10 M=").retry_allowed && !failure(b"E=691 R= M=R=1").retry_allowed);
    }

    #[test]
    fn c04_challenges_of_another_size_or_without_a_name_are_refused() {
        for data in [
            framed(CHALLENGE, 1, &[&[15], &[0; 15], b"server"]),
            framed(CHALLENGE, 1, &[&[17], &[0; 17], b"server"]),
            framed(CHALLENGE, 1, &[&[0], b"server"]),
            framed(CHALLENGE, 1, &[&[255], &[0; 16], b"server"]),
            framed(CHALLENGE, 1, &[&[16], &[0; 15]]),
            framed(CHALLENGE, 1, &[&[16], &[0; 16]]),
            framed(CHALLENGE, 1, &[&[16], &[0; 16], &[b'a'; MAX_NAME_LEN + 1]]),
            framed(CHALLENGE, 1, &[]),
            framed(0, 1, &[&[16], &[0; 16], b"server"]),
            framed(5, 1, &[]),
            vec![],
        ] {
            assert!(Message::parse_request(&data).is_err(), "{data:02x?}");
        }
    }

    #[test]
    fn c02_a_success_without_a_whole_proof_is_refused() {
        for body in [
            &b""[..],
            b"M=OK",
            b"S=",
            b"S=407A5589115FD0D6209F510FE9C04566932CDA5",
            b"S=407A5589115FD0D6209F510FE9C04566932CDA5G",
            b"s=407A5589115FD0D6209F510FE9C04566932CDA56",
            b" S=407A5589115FD0D6209F510FE9C04566932CDA56",
        ] {
            assert!(Message::parse_request(&framed(SUCCESS, 1, &[body])).is_err(), "{}", printable(body));
        }
        let lower = framed(SUCCESS, 1, &[b"S=407a5589115fd0d6209f510fe9c04566932cda56 M=x"]);
        assert!(Message::parse_request(&lower).is_ok());
    }

    #[test]
    fn android_short_nt_response_is_refused() {
        let path = "vectors/android-ike/EapMsChapV2PacketDefinitions.json";
        let Some(file) = shared_json("Android MSCHAPv2 packets", path) else { return };
        let short = field(&file["hex"], "SHORT_NT_RESPONSE");
        let data = framed(RESPONSE, 1, &[&[RESPONSE_VALUE_LEN], &[0; 16], &[0; 8], &short, &[0], b"user"]);
        assert!(Message::parse_response(&data).is_err());
    }

    #[test]
    fn responses_with_a_wrong_size_or_name_are_refused() {
        for data in [
            framed(RESPONSE, 1, &[&[48], &[0; 48], b"user"]),
            framed(RESPONSE, 1, &[&[49], &[0; 48]]),
            framed(RESPONSE, 1, &[&[49], &[0; 49]]),
            framed(RESPONSE, 1, &[&[49], &[0; 49], &[b'a'; MAX_NAME_LEN + 1]]),
            framed(RESPONSE, 1, &[]),
            vec![1],
            vec![5],
            vec![],
        ] {
            assert!(Message::parse_response(&data).is_err(), "{data:02x?}");
        }
    }
}
