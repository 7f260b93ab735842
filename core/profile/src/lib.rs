//! Apple configuration profiles: read with positions, judged, and turned into plain settings for a tunnel.
//!
//! bytes -> [`source`] (what the file is) -> [`syntax`] (a tree with byte spans; reading never fails) -> [`model`]
//! (typed keys) -> [`report`] (diagnostics), and for IKEv2 -> [`ikev2`] (plain settings, or the reasons why not).
//!
//! The crate is wasm-clean: no clock, no randomness, no socket, no thread, no global; whatever it needs is an
//! argument. Secrets are wiped when dropped and appear in no message, no `Debug` text and no serialised report.

mod document;
pub mod report;
pub mod source;
pub mod syntax;

pub use document::Document;
pub use report::{Diagnostic, Report, Severity, Span, Verdict};
pub use syntax::Limits;
