//! The log: to the system's, and a bounded tail that the app can export.
//!
//! Owns the `tracing` subscriber of a process that has no other, the masking of secrets, the tail. Secrets are never given
//! to a log in the first place (their types print nothing); the passwords and shared secrets of living sessions are masked
//! all the same, should a server's or a system's text repeat one. Leaves out the systems' own calls
//! ([`crate::c_abi::system_log`]).

mod tail;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use zeroize::Zeroizing;

use crate::{AditError, c_abi};
use tail::Tail;

/// Bytes of a line at most.
const LINE_MAX: usize = 2_048;

/// What stands for a secret.
const MASK: &str = "********";

/// Secrets shorter than this are not looked for: they would mask half the log.
const SECRET_MIN: usize = 4;

static TAIL: Mutex<Tail> = Mutex::new(Tail::new());
static HIDDEN: Mutex<Vec<Zeroizing<String>>> = Mutex::new(Vec::new());
static LEVEL: AtomicU8 = AtomicU8::new(LogLevel::Info as u8);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Eq, PartialEq, uniffi::Enum)]
pub enum LogLevel {
    /// What keeps a tunnel from working.
    Error,
    /// What an administrator may want to know.
    Warning,
    /// Changes of state. The default.
    Info,
    /// Every exchange.
    Debug,
}

/// Sets how much is logged from now on, by all sessions.
///
/// # Errors
/// Never.
#[uniffi::export]
pub fn set_log_level(level: LogLevel) -> Result<(), AditError> {
    LEVEL.store(level as u8, Ordering::Relaxed);
    tracing::callsite::rebuild_interest_cache();
    Ok(())
}

/// Writes a line of the app's into the log: to the system's, and to the tail that an app exports, where it stands among the
/// core's own. Secrets of living sessions are masked in it.
///
/// # Errors
/// Never.
#[uniffi::export]
pub fn log_line(line: String) -> Result<(), AditError> {
    install();
    tracing::info!(target: "adit_app", "{line}");
    Ok(())
}

/// Makes this the process's log, unless it has one: then the app's own subscriber gets the lines, and the tail stays empty.
pub(crate) fn install() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| drop(tracing::subscriber::set_global_default(Log)));
}

/// The last lines.
pub(crate) fn tail() -> String {
    lock(&TAIL).text()
}

/// A text that the log masks while this lives, in each form in which a line may hold it.
pub(crate) struct Hidden(Vec<Zeroizing<String>>);

impl Hidden {
    pub(crate) fn new(secret: &str) -> Self {
        let mut forms = Vec::new();
        if secret.len() >= SECRET_MIN {
            // As it is; as a field shows it; as JSON has it.
            let debug = Zeroizing::new(format!("{secret:?}"));
            let json = Zeroizing::new(serde_json::to_string(secret).unwrap_or_default());
            for form in [secret, unquoted(&debug), unquoted(&json)] {
                if !forms.iter().any(|one: &Zeroizing<String>| one.as_str() == form) {
                    forms.push(Zeroizing::new(form.to_owned()));
                }
            }
        }
        lock(&HIDDEN).extend(forms.iter().cloned());
        Self(forms)
    }
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let mut hidden = lock(&HIDDEN);
        for form in &self.0 {
            if let Some(at) = hidden.iter().position(|one| one == form) {
                hidden.swap_remove(at);
            }
        }
    }
}

/// The text without the secrets of living sessions.
fn masked(mut text: String) -> String {
    for secret in lock(&HIDDEN).iter() {
        if text.contains(secret.as_str()) {
            let clean = text.replace(secret.as_str(), MASK);
            drop(Zeroizing::new(std::mem::replace(&mut text, clean)));
        }
    }
    text
}

/// The subscriber. It has no spans.
struct Log;

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= level() && metadata.target().starts_with("adit")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(level()))
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let metadata = event.metadata();
        let mut line = Line(String::new());
        event.record(&mut line);
        let text = shortened(masked(line.0));
        c_abi::system_log::write(*metadata.level(), &text);
        lock(&TAIL).push(format!("{} {} {}: {text}", now(), metadata.level(), metadata.target()));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn level() -> Level {
    match LEVEL.load(Ordering::Relaxed) {
        0 => Level::ERROR,
        1 => Level::WARN,
        2 => Level::INFO,
        _ => Level::DEBUG,
    }
}

/// A line in the making: the message, then the fields.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a text does not fail.
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

/// One line, not too long; cut after masking, so that no half of a secret stays.
fn shortened(text: String) -> String {
    let mut text = text.replace(['\n', '\r'], " | ");
    if text.len() > LINE_MAX {
        let mut end = LINE_MAX;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The time in UTC, as RFC 3339 has it.
fn now() -> String {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |unix| unix.as_secs());
    utc(unix)
}

fn utc(unix: u64) -> String {
    let (days, seconds) = (unix / 86_400, unix % 86_400);
    // Days since 1 March of the year 0, in cycles of 400 years.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day_of_month:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (unix, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_709_251_200, "2024-03-01T00:00:00Z"),
            (1_795_294_800, "2026-11-21T21:00:00Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
        ] {
            assert_eq!(utc(unix), text);
        }
    }

    #[test]
    fn secrets_of_living_sessions_are_masked_and_long_lines_cut_after_it() {
        let hidden = Hidden::new("correct horse");
        let again = Hidden::new("correct horse");
        assert_eq!(masked("a correct horse b".into()), "a ******** b");
        drop(again);
        let long = format!("{}correct horse", "x".repeat(LINE_MAX - 5));
        let cut = shortened(masked(long));
        assert!(!cut.contains("corre"), "{cut}");
        assert!(cut.len() <= LINE_MAX + '…'.len_utf8());
        drop(hidden);
        assert_eq!(masked("a correct horse b".into()), "a correct horse b");
        assert!(shortened("two\nlines".into()).contains("two | lines"));
    }

    #[test]
    fn a_secret_is_masked_in_each_form_in_which_a_line_may_hold_it() {
        let secret = "pa\"ss\\w\u{f6}rd";
        let hidden = Hidden::new(secret);
        let json = serde_json::json!({ "text": secret }).to_string();
        for line in [secret.to_owned(), format!("{secret:?}"), format!("{:?}", Some(secret)), json] {
            let clean = masked(line);
            assert!(clean.contains(MASK) && !clean.contains("ss") && !clean.contains("rd"), "{clean}");
        }
        let forms = hidden.0.clone();
        drop(hidden);
        // Other tests hide texts of their own meanwhile.
        let left = lock(&HIDDEN).clone();
        assert!(forms.iter().all(|form| !left.contains(form)), "nothing stays");
    }

    #[test]
    fn an_event_reaches_the_tail_and_a_secret_in_it_does_not() {
        let _hidden = Hidden::new("hunter2-in-a-log");
        tracing::subscriber::with_default(Log, || {
            tracing::warn!(target: "adit_test", secret = "hunter2-in-a-log", "a marked line");
            tracing::warn!(target: "other_crate", "a line of another crate");
            tracing::trace!(target: "adit_test", "too much");
        });
        let text = tail();
        let line = text.lines().find(|line| line.contains("a marked line")).unwrap();
        assert!(line.contains("WARN adit_test: a marked line") && line.contains(MASK), "{line}");
        assert!(!text.contains("hunter2") && !text.contains("another crate") && !text.contains("too much"));
    }
}
