//! Apple configuration profiles: read with positions, judged, and turned into plain settings for a tunnel.
//!
//! bytes -> [`source`] (what the file is; [`cms`] opens a signed one) -> [`syntax`] (a tree with byte spans; reading
//! never fails) -> [`model`] (typed keys) -> [`report`] (diagnostics), and for IKEv2 -> [`ikev2`] (plain settings, or
//! the reasons why not). What the on-demand rules of a VPN make of a network is told by [`ondemand`], and whether a
//! strongSwan server would agree by [`compare`]; [`show`] gives a profile as XML with its secrets masked. The other way
//! round, [`build`] makes a profile from a typed description.
//!
//! ```
//! use adit_profile::ikev2::{Which, requirements};
//! use adit_profile::{Document, Profile, Verdict, check};
//!
//! # use adit_profile::build::{Value, to_xml};
//! # let file = to_xml(&Value::dict([
//! #     ("PayloadContent", Value::Array(vec![])),
//! #     ("PayloadIdentifier", "com.example".into()),
//! #     ("PayloadType", "Configuration".into()),
//! #     ("PayloadUUID", "0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60".into()),
//! #     ("PayloadVersion", 1.into()),
//! # ])).unwrap();
//! let report = check(file.as_bytes());
//! assert_eq!(report.verdict(), Verdict::Accepted);
//!
//! let document = Document::read(file.as_bytes());
//! if let Some(profile) = Profile::of(&document) {
//!     match requirements(&profile, Which::default()) {
//!         Ok(settings) => println!("connect to {}", settings.remote_address),
//!         Err(reasons) => reasons.iter().for_each(|reason| println!("{}: {}", reason.path, reason.message)),
//!     }
//! }
//! ```
//!
//! The crate is wasm-clean: no clock, no randomness, no socket, no thread, no global; whatever it needs is an
//! argument. Secrets are wiped when dropped and appear in no message, no `Debug` text and no serialised report.

mod arrange;
pub mod build;
mod by_name;
#[cfg(feature = "calls")]
pub mod calls;
pub mod certificate;
mod check;
pub mod cms;
pub mod compare;
pub mod convert;
pub mod diff;
mod document;
pub mod explain;
pub mod fix;
pub mod fuzz;
mod gather;
pub mod ikev2;
pub mod json;
pub mod model;
mod named;
mod number;
pub mod ondemand;
mod platform;
pub mod report;
pub mod rules;
pub mod schema;
mod secret;
pub mod show;
pub mod source;
pub mod syntax;
pub mod template;
pub mod verdict;

pub use check::{check, check_document, check_with};
pub use document::Document;
pub use model::Profile;
pub use named::Named;
pub use report::{Diagnostic, Report, Severity, Span, Verdict};
pub use secret::{Secret, SecretText};
pub use syntax::Limits;
