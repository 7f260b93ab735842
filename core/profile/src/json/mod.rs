//! The JSON forms of what this crate says: one implementation for the command line, the page and the bindings.
//!
//! Owns the shapes, as types that serialise; docs/*-json.md describes them. They are a public interface: members are added,
//! never renamed or removed. Writing the text is the caller's, with whatever serialiser it has. No value of a secret key
//! stands in any of them, but for what its type says.

mod convert;
mod explain;
mod ondemand;
mod place;
mod report;
mod rules;
mod sarif;
mod signature;
mod types;

pub use convert::{ConvertReport, DiffReport};
pub use explain::{ComparisonReport, ExplainReport};
pub use ondemand::{OnDemandRefusal, OnDemandReport, PayloadForm, ProblemForm};
pub use place::{Location, Places};
pub use report::{EditForm, FileReport, FixForm, FoundForm, Judged, RelatedForm, VariablesForm};
pub use rules::{RuleForm, RulePage, RuleSummary};
pub use sarif::{Sarif, SarifLog};
pub use signature::{CertificateForm, SignatureForm, SignerForm, signer_name};
pub use types::{SystemForm, TypeForm, systems, types};
