//! Calendar dates as property lists hold them.

use std::fmt;

/// A point in time in UTC, to the second, as `<date>` spells it.
///
/// The parts are kept as written, even when they name no day of the calendar: CoreFoundation takes month 13 too.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Date {
    /// Year; negative before year 0.
    pub year: i32,
    /// Month, 1 to 12 when valid.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
    /// Hour, 0 to 23 when valid.
    pub hour: u8,
    /// Minute, 0 to 59 when valid.
    pub minute: u8,
    /// Second, 0 to 60 when valid.
    pub second: u8,
}

impl Date {
    /// Whether the parts name a day and a time that exist.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        (1..=12).contains(&self.month)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second <= 60
    }

    /// The date of a number of seconds after 1 January 2001, the epoch of binary property lists; fractions are cut
    /// off. `None` for what is no number or further than some 290,000 years away.
    #[must_use]
    pub fn from_seconds_since_2001(seconds: f64) -> Option<Self> {
        const LIMIT: f64 = 9.0e12;
        if !seconds.is_finite() || seconds.abs() > LIMIT {
            return None;
        }
        // The bound above keeps the value well inside 64 bits.
        #[allow(clippy::cast_possible_truncation)]
        let seconds = seconds.floor() as i64;
        let days = seconds.div_euclid(86_400);
        let of_day = u32::try_from(seconds.rem_euclid(86_400)).ok()?;
        let (year, month, day) = civil_from_days(days + DAYS_0000_TO_2001)?;
        let part = |value: u32| u8::try_from(value).ok();
        Some(Self {
            year,
            month,
            day,
            hour: part(of_day / 3600)?,
            minute: part(of_day / 60 % 60)?,
            second: part(of_day % 60)?,
        })
    }

    /// The time of a number of seconds after 1 January 1970; `None` beyond some 290,000 years.
    #[must_use]
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        let since_2001 = seconds.checked_sub((DAYS_0000_TO_2001 - DAYS_0000_TO_1970) * 86_400)?;
        // Whole seconds of some hundred thousand years fit a double exactly.
        #[allow(clippy::cast_precision_loss)]
        Self::from_seconds_since_2001(since_2001 as f64)
    }

    /// Seconds since 1 January 1970, or `None` when the parts name no day.
    #[must_use]
    pub fn unix_seconds(&self) -> Option<i64> {
        if !self.is_valid() {
            return None;
        }
        let days = days_from_civil(self.year, self.month, self.day) - DAYS_0000_TO_1970;
        let time = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        Some(days * 86_400 + time)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl std::str::FromStr for Date {
    type Err = String;

    /// `2026-11-21T08:00:00Z`, or `2026-11-21` for its first second.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a time such as 2026-11-21T08:00:00Z");
        let (day, time) = text.split_once('T').unwrap_or((text, "00:00:00Z"));
        let part = |text: Option<&str>| text.and_then(|text| text.parse::<u8>().ok()).ok_or_else(wrong);
        let mut days = day.split('-');
        let year = days.next().and_then(|text| text.parse::<i32>().ok()).ok_or_else(wrong)?;
        let (month, of_month) = (part(days.next())?, part(days.next())?);
        let mut times = time.strip_suffix('Z').ok_or_else(wrong)?.split(':');
        let (hour, minute, second) = (part(times.next())?, part(times.next())?, part(times.next())?);
        let date = Self { year, month, day: of_month, hour, minute, second };
        let whole = days.next().is_none() && times.next().is_none() && date.is_valid();
        if whole { Ok(date) } else { Err(wrong()) }
    }
}

/// Days from 1 March of year 0 to 1 January 2001 and 1970, in the proleptic Gregorian calendar.
const DAYS_0000_TO_2001: i64 = 730_791;
const DAYS_0000_TO_1970: i64 = 719_468;

/// Days in 400 years, after which the calendar repeats.
const DAYS_PER_ERA: i64 = 146_097;

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts days from 1 March of year 0, so that the leap day is the last of its year.
fn days_from_civil(year: i32, month: u8, day: u8) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let month = (i64::from(month) + 9) % 12;
    let of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year
}

/// The reverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> Option<(i32, u8, u8)> {
    let era = days.div_euclid(DAYS_PER_ERA);
    let of_era = days.rem_euclid(DAYS_PER_ERA);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + i64::from(month <= 2);
    Some((i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_to_unix_seconds_and_back() {
        for seconds in [0, 1, 86_399, 1_790_000_000, -1] {
            let date = Date::from_unix_seconds(seconds).unwrap();
            assert_eq!(date.unix_seconds(), Some(seconds), "{date}");
        }
        assert_eq!(Date::from_unix_seconds(0).unwrap().to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Date::from_unix_seconds(i64::MAX), None);
    }

    #[test]
    fn times_are_read_from_text() {
        let date: Date = "2026-11-21T08:01:02Z".parse().unwrap();
        assert_eq!(date.to_string(), "2026-11-21T08:01:02Z");
        assert_eq!("2026-11-21".parse::<Date>().unwrap().to_string(), "2026-11-21T00:00:00Z");
        for wrong in
            ["", "2026", "2026-13-01", "2026-11-21T08:00:00", "2026-11-21T08:00:00:00Z", "2026-1-1-1"]
        {
            assert!(wrong.parse::<Date>().is_err(), "{wrong}");
        }
    }

    fn date(year: i32, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Date {
        Date { year, month, day, hour, minute, second }
    }

    #[test]
    fn known_moments() {
        assert_eq!(Date::from_seconds_since_2001(0.0), Some(date(2001, 1, 1, 0, 0, 0)));
        assert_eq!(Date::from_seconds_since_2001(-0.5), Some(date(2000, 12, 31, 23, 59, 59)));
        assert_eq!(Date::from_seconds_since_2001(801_234_567.0), Some(date(2026, 5, 23, 13, 9, 27)));
        assert_eq!(date(1970, 1, 1, 0, 0, 0).unix_seconds(), Some(0));
        assert_eq!(date(2000, 2, 29, 12, 0, 0).unix_seconds(), Some(951_825_600));
        assert_eq!(date(2001, 1, 1, 0, 0, 0).unix_seconds(), Some(978_307_200));
        assert_eq!(Date::from_seconds_since_2001(f64::NAN), None);
        assert_eq!(Date::from_seconds_since_2001(1.0e300), None);
    }

    #[test]
    fn every_day_of_eight_centuries_survives_the_round_trip() {
        let start = days_from_civil(1600, 1, 1);
        for days in start..start + 2 * DAYS_PER_ERA {
            let (year, month, day) = civil_from_days(days).unwrap();
            assert!(date(year, month, day, 0, 0, 0).is_valid());
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn days_that_do_not_exist_are_told() {
        assert!(!date(2023, 2, 29, 0, 0, 0).is_valid());
        assert!(!date(2023, 13, 1, 0, 0, 0).is_valid());
        assert!(!date(2023, 1, 0, 0, 0, 0).is_valid());
        assert!(!date(2023, 1, 1, 24, 0, 0).is_valid());
        assert_eq!(date(2023, 2, 29, 0, 0, 0).unix_seconds(), None);
    }
}
