//! Real numbers as text, and back.
//!
//! Owns the two conversions that the crate needs; both are exact: the nearest number to a text, and the shortest text that
//! is nearest to its number. [`crate::platform`] computes them.

use crate::platform;

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
