//! Points in time as certificates and signatures hold them (RFC 5280 section 4.1.2.5).

use super::asn1::{Element, tlv};
use crate::syntax::Date;

/// UTCTime.
pub(crate) const UTC_TIME: u8 = 0x17;
/// GeneralizedTime.
pub(crate) const GENERALIZED_TIME: u8 = 0x18;

/// A UTCTime or GeneralizedTime; `None` when it is neither, or names no moment in UTC.
///
/// Seconds may be missing and fractions of a second are cut off, as old and foreign encoders write them. Offsets from
/// UTC are not taken: no profile allows them.
pub(crate) fn read(element: Element<'_>) -> Option<Date> {
    let text = element.content.strip_suffix(b"Z")?;
    let (year, rest) = match element.tag {
        UTC_TIME => {
            let (digits, rest) = text.split_at_checked(2)?;
            let year = number(digits)?;
            // RFC 5280 section 4.1.2.5.1: 50 and above is the last century.
            (if year >= 50 { 1900 + year } else { 2000 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (digits, rest) = text.split_at_checked(4)?;
            let whole = rest.iter().position(|byte| matches!(byte, b'.' | b',')).unwrap_or(rest.len());
            (number(digits)?, rest.get(..whole)?)
        }
        _ => return None,
    };
    if rest.len() != 8 && rest.len() != 10 {
        return None;
    }
    let part = |at: usize| match rest.get(at..at + 2) {
        Some(digits) => number(digits).and_then(|value| u8::try_from(value).ok()),
        None => Some(0),
    };
    let date = Date {
        year: i32::try_from(year).ok()?,
        month: part(0)?,
        day: part(2)?,
        hour: part(4)?,
        minute: part(6)?,
        second: part(8)?,
    };
    date.is_valid().then_some(date)
}

/// Writes a time as RFC 5280 section 4.1.2.5 and RFC 5652 section 11.3 ask: UTCTime from 1950 to 2049, else
/// GeneralizedTime. `None` for what is no moment of the calendar, or has no four-digit year.
pub(crate) fn write(date: Date) -> Option<Vec<u8>> {
    let Date { year, month, day, hour, minute, second } = date;
    if !date.is_valid() || !(0..=9999).contains(&year) {
        return None;
    }
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    Some(if (1950..2050).contains(&year) {
        tlv(UTC_TIME, &[format!("{:02}{rest}", year % 100)])
    } else {
        tlv(GENERALIZED_TIME, &[format!("{year:04}{rest}")])
    })
}

/// A decimal number of at most four digits.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |value, byte| {
        byte.is_ascii_digit().then(|| value.saturating_mul(10).saturating_add(u32::from(byte - b'0')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::asn1::Reader;

    fn time(tag: u8, text: &str) -> Option<String> {
        let mut bytes = vec![tag, u8::try_from(text.len()).unwrap()];
        bytes.extend(text.as_bytes());
        read(Reader::new(&bytes).any("time").unwrap()).map(|date| date.to_string())
    }

    #[test]
    fn both_forms_are_read() {
        assert_eq!(time(UTC_TIME, "491231235959Z").unwrap(), "2049-12-31T23:59:59Z");
        assert_eq!(time(UTC_TIME, "500101000000Z").unwrap(), "1950-01-01T00:00:00Z");
        assert_eq!(time(UTC_TIME, "2611211445Z").unwrap(), "2026-11-21T14:45:00Z");
        assert_eq!(time(GENERALIZED_TIME, "99991231235959Z").unwrap(), "9999-12-31T23:59:59Z");
        assert_eq!(time(GENERALIZED_TIME, "20261121144501.25Z").unwrap(), "2026-11-21T14:45:01Z");
    }

    #[test]
    fn what_is_written_reads_back() {
        for (year, tag) in
            [(1949, GENERALIZED_TIME), (1950, UTC_TIME), (2049, UTC_TIME), (2050, GENERALIZED_TIME)]
        {
            let date = Date { year, month: 2, day: 28, hour: 23, minute: 0, second: 9 };
            let bytes = write(date).unwrap();
            let element = Reader::new(&bytes).any("time").unwrap();
            assert_eq!((element.tag, read(element)), (tag, Some(date)));
        }
        let impossible = Date { year: 2026, month: 2, day: 29, hour: 0, minute: 0, second: 0 };
        assert_eq!(write(impossible), None);
        assert_eq!(write(Date { year: 10_000, day: 1, ..impossible }), None);
    }

    #[test]
    fn what_names_no_moment_is_none() {
        for text in ["", "Z", "2611Z", "261321000000Z", "260229000000Z", "26112114450xZ", "261121144501+0100"]
        {
            assert_eq!(time(UTC_TIME, text), None, "{text}");
        }
        assert_eq!(time(GENERALIZED_TIME, "261121144501Z"), None);
        assert_eq!(time(0x04, "261121144501Z"), None);
    }
}
