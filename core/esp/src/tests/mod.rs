//! Tests across this crate's modules.

mod round_trip;
