//! Numbers as text, and back.
//!
//! Owns the conversions that the crate needs, all of them exact: for a real number the nearest to a text, and the shortest
//! text that is nearest to it, which [`crate::platform`] computes; for a whole number of a property list, -2^63 to 2^64-1,
//! its digits. Here is no product and no quotient of 128 bits, nor one that is checked at 64: WebAssembly has none, and
//! what the compiler calls instead is some kilobytes.

use std::fmt;

use crate::platform;

/// Why digits are no whole number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NotWhole {
    /// None, or something else among them.
    NoDigit,
    /// Below -2^63 or above 2^64-1.
    TooLarge,
}

/// Reads the digits of a whole number.
pub(crate) fn whole(negative: bool, digits: &[u8], radix: u32) -> Result<i128, NotWhole> {
    if digits.is_empty() {
        return Err(NotWhole::NoDigit);
    }
    let limit = if negative { 1_u64 << 63 } else { u64::MAX };
    let mut value = 0;
    for digit in digits {
        let digit = u64::from(char::from(*digit).to_digit(radix).ok_or(NotWhole::NoDigit)?);
        if value > (limit - digit) / u64::from(radix) {
            return Err(NotWhole::TooLarge);
        }
        value = value * u64::from(radix) + digit;
    }
    let value = i128::from(value);
    Ok(if negative { -value } else { value })
}

/// Reads decimal digits with at most one sign before them.
pub(crate) fn signed(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    i64::try_from(whole(negative, digits, 10).ok()?).ok()
}

/// The nearest real number.
pub(crate) fn real(number: i128) -> f64 {
    // Both are rounded as they should be.
    #[allow(clippy::cast_precision_loss)]
    match (i64::try_from(number), u64::try_from(number)) {
        (Ok(number), _) => number as f64,
        (_, Ok(number)) => number as f64,
        _ => read(&Whole(number).to_string()).unwrap_or(f64::NAN),
    }
}

/// Writes a whole number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole(pub i128);

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Divided by ten as on paper, in digits of 32 bits, the highest first.
        let mut left = self.0.unsigned_abs().to_be_bytes();
        let (parts, _) = left.as_chunks_mut::<4>();
        let mut digits = Vec::new();
        loop {
            let mut rest = 0;
            for part in parts.iter_mut() {
                let value = rest << 32 | u64::from(u32::from_be_bytes(*part));
                rest = value % 10;
                *part = u32::try_from(value / 10).unwrap_or_default().to_be_bytes();
            }
            digits.push(char::from(b'0' + rest as u8));
            if parts.iter().all(|part| *part == [0; 4]) {
                break;
            }
        }
        let digits: String = digits.into_iter().rev().collect();
        f.pad_integral(self.0 >= 0, "", &digits)
    }
}

/// Reads digits with a sign, a point and an exponent, each but one digit optional; anything else is nothing. What is too
/// large is infinite.
pub(crate) fn read(text: &str) -> Option<f64> {
    let known = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    // An engine takes more for a number: nothing at all, and other bases.
    let is_plain = text.bytes().all(known) && text.bytes().any(|byte| byte.is_ascii_digit());
    if is_plain { platform::number(text) } else { None }
}

/// Writes a number with as few digits as say it, and without an exponent; `inf`, `-inf` and `NaN` for what is none.
pub(crate) fn text(number: f64) -> String {
    let sign = if number.is_sign_negative() { "-" } else { "" };
    match number {
        _ if number.is_nan() => "NaN".to_owned(),
        _ if number.is_infinite() => format!("{sign}inf"),
        // The engine writes no sign here.
        _ if number == 0.0 => format!("{sign}0"),
        _ => without_exponent(&platform::shortest(number)),
    }
}

/// The same number as text without an exponent: the point goes where the exponent says.
fn without_exponent(text: &str) -> String {
    let Some((digits, exponent)) = text.split_once('e') else { return text.to_owned() };
    let exponent: i32 = exponent.trim_start_matches('+').parse().unwrap_or_default();
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits = format!("{whole}{fraction}");
    // How many digits stand before the point.
    let point = i32::try_from(whole.len()).unwrap_or_default() + exponent;
    match usize::try_from(point) {
        Ok(0) | Err(_) => {
            let zeros = usize::try_from(-point).unwrap_or_default();
            format!("{sign}0.{}{digits}", "0".repeat(zeros))
        }
        Ok(point) => match digits.split_at_checked(point) {
            Some((whole, "")) => format!("{sign}{whole}"),
            Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
            None => format!("{sign}{digits}{}", "0".repeat(point.saturating_sub(digits.len()))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whole_numbers_are_written_and_read_as_the_standard_library_does(
            number in any::<i128>(), shift in 0..128_u32, text in "[-+]?[0-9a]{0,21}",
        ) {
            let number = number >> shift;
            prop_assert_eq!(Whole(number).to_string(), number.to_string());
            prop_assert_eq!(real(number).to_bits(), (number as f64).to_bits());
            prop_assert_eq!(signed(&number.to_string()), number.to_string().parse().ok());
            prop_assert_eq!(signed(&text), text.parse().ok());
            let in_range = i64::try_from(number).is_ok() || u64::try_from(number).is_ok();
            for (digits, radix) in [(format!("{:x}", number.unsigned_abs()), 16), (number.unsigned_abs().to_string(), 10)] {
                let expected = if in_range { Ok(number) } else { Err(NotWhole::TooLarge) };
                prop_assert_eq!(whole(number < 0, digits.as_bytes(), radix), expected);
            }
        }
    }

    #[test]
    fn whole_numbers_end_where_property_lists_end() {
        for number in [
            0,
            1,
            i128::from(i64::MIN),
            i128::from(i64::MIN) - 1,
            i128::from(u64::MAX),
            i128::from(u64::MAX) + 1,
        ] {
            let in_range = i64::try_from(number).is_ok() || u64::try_from(number).is_ok();
            let digits = number.unsigned_abs().to_string();
            assert_eq!(whole(number < 0, digits.as_bytes(), 10).ok(), in_range.then_some(number));
        }
        assert_eq!(
            [i128::MIN, i128::MAX].map(|number| Whole(number).to_string()),
            [i128::MIN, i128::MAX].map(|number| number.to_string())
        );
        assert_eq!(whole(false, b"", 10), Err(NotWhole::NoDigit));
        assert_eq!(whole(false, b"1f", 10), Err(NotWhole::NoDigit));
    }

    #[test]
    fn texts_are_read() {
        for (said, expected) in [
            ("1.", Some(1.0)),
            (".5", Some(0.5)),
            ("+5", Some(5.0)),
            ("-1e+3", Some(-1000.0)),
            ("1e999", Some(f64::INFINITY)),
            ("", None),
            (".", None),
            ("+", None),
            ("1e", None),
            ("e5", None),
            ("--1", None),
            ("0x10", None),
            (" 1", None),
            ("inf", None),
            ("NaN", None),
        ] {
            assert_eq!(read(said), expected, "{said:?}");
        }
        assert!(read("-0").unwrap().is_sign_negative());
    }

    #[test]
    fn the_point_goes_where_the_exponent_says() {
        for (engine, plain) in [
            ("1e+21", "1000000000000000000000"),
            ("-1.5e+21", "-1500000000000000000000"),
            ("1.2345e-7", "0.00000012345"),
            ("-1e-7", "-0.0000001"),
            ("1.25e+1", "12.5"),
            ("1.25e+2", "125"),
            ("0.5", "0.5"),
            ("12e-2", "0.12"),
        ] {
            assert_eq!(without_exponent(engine), plain);
        }
    }

    proptest! {
        #[test]
        fn numbers_are_written_as_the_standard_library_writes_them(bits in any::<u64>(), small in -1e9_f64..1e9) {
            for number in [f64::from_bits(bits), small] {
                prop_assert_eq!(text(number), number.to_string());
                if number.is_finite() {
                    prop_assert_eq!(read(&text(number)).map(f64::to_bits), Some(number.to_bits()));
                }
            }
        }
    }
}
