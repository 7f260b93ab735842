//! The on-demand engine: each action, each match key and their combinations, reading from profiles, and hostile input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "../common/busy.rs"]
mod busy;
mod combinations;
mod oracle;
mod properties;
mod reach;
mod reading;
mod rows;
