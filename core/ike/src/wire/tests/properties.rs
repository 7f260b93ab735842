//! Arbitrary and mutated octets: no panic, and reading what we wrote changes nothing.

use proptest::prelude::*;

use super::samples;
use crate::describe;
use crate::wire::*;

/// What holds for every input.
fn check(octets: &[u8]) {
    let Ok(message) = Message::parse(octets) else { return };
    let _ = format!("{message:?}");
    let text = describe::describe(&message);
    assert!(text.lines().count() <= describe::MAX_LINES + 1);
    assert!(text.len() < 200_000);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    assert!(message.payloads.len() <= limits::MAX_PAYLOADS);
    let written = message.encode().unwrap();
    let again = Message::parse(&written).unwrap();
    assert_eq!(again.payloads, message.payloads);
    assert_eq!(again.encode().unwrap(), written);
}

/// A valid header in front of any payloads, so that most cases get past it.
fn with_header(first: u8, payloads: &[u8]) -> Vec<u8> {
    let header = Header {
        next_payload: PayloadType(first),
        length: u32::try_from(Header::LEN + payloads.len()).unwrap(),
        ..samples::message().header
    };
    let mut writer = Writer::new();
    header.write(&mut writer);
    writer.bytes(payloads);
    writer.finish().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_octets_never_panic(octets in prop::collection::vec(any::<u8>(), 0..600)) {
        check(&octets);
    }

    #[test]
    fn arbitrary_payloads_never_panic(
        first in prop_oneof![33u8..=53, any::<u8>()],
        octets in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        check(&with_header(first, &octets));
    }

    #[test]
    fn an_arbitrary_body_of_a_known_payload_never_panics(
        kind in prop_oneof![33u8..=48, Just(53u8)],
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let length = u16::try_from(body.len() + 4).unwrap().to_be_bytes();
        check(&with_header(kind, &[&[0, 0], length.as_slice(), &body].concat()));
    }

    #[test]
    fn a_mutated_message_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let mut octets = samples::message().encode().unwrap();
        for (index, value) in &changes {
            let at = Header::LEN + index.index(octets.len() - Header::LEN);
            octets[at] = *value;
        }
        if let Some(cut) = cut {
            octets.truncate(Header::LEN + cut.index(octets.len() - Header::LEN));
            let length = u32::try_from(octets.len()).unwrap();
            octets[24..28].copy_from_slice(&length.to_be_bytes());
        }
        check(&octets);
    }

    #[test]
    fn every_flag_and_version_octet_is_read(flags in any::<u8>(), version in any::<u8>(), exchange in any::<u8>()) {
        let mut octets = with_header(0, &[]);
        (octets[17], octets[18], octets[19]) = (version, exchange, flags);
        let header = Header::parse(&octets).unwrap();
        prop_assert_eq!(header.check_version().is_ok(), version >> 4 == 2);
        prop_assert_eq!(header.flags.response, flags & 0x20 != 0);
        prop_assert_eq!(header.flags.initiator, flags & 0x08 != 0);
        prop_assert_eq!(header.flags.version, flags & 0x10 != 0);
        prop_assert_eq!(header.exchange.0, exchange);
    }
}
