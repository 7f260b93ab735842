//! `adit connect` against strongSwan: every case brings a tunnel up from a profile and proves it with traffic, or is
//! refused with a message that names the reason and exit code 1.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first thing that does not work")]

mod authentication;
mod endings;
mod idle;
mod keylog;
mod lifetimes;
mod networks;
mod paths;
mod reconnects;
mod refusals;
mod suites;
mod support;
mod terminal;
