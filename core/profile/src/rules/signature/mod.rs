//! Signatures and encryption.

mod altered_by_tool;
mod chain;
mod encrypted;
mod invalid;
mod unsigned;
mod validity;
mod weak_digest;

use super::prelude::*;
use crate::cms::{Signed, Signer};
use crate::model::Path;
use crate::report::Span;

/// The rules of this folder.
pub(super) static RULES: &[&Rule] = &[
    &unsigned::RULE,
    &invalid::INVALID,
    &invalid::DETACHED,
    &validity::EXPIRED,
    &validity::NOT_YET_VALID,
    &weak_digest::RULE,
    &chain::RULE,
    &altered_by_tool::RULE,
    &encrypted::ENCRYPTED,
    &encrypted::MISSING_CONTENT,
];

/// The signatures of the file, if it is a signed one.
fn signers<'c>(cx: &'c Context<'_>) -> impl Iterator<Item = (&'c Signed, &'c Signer)> {
    let signed = cx.document.signed();
    signed.into_iter().flat_map(|signed| signed.signers.iter().map(move |signer| (signed, signer)))
}

/// About the file as a whole: at the opening of the root inside.
fn whole(cx: &Context<'_>, message: impl Into<String>) -> Finding {
    let span = cx.document.root().map(|root| root.span).unwrap_or_default();
    let head = Span { start: span.start, end: span.end.min(span.start.saturating_add(6)) };
    Finding::at(head, Path::default(), message)
}

/// Whose certificate it is, for a message.
fn name(signed: &Signed, signer: &Signer) -> String {
    match signed.signer_certificate(signer) {
        Some(info) => format!("`{}`", crate::syntax::shorten(&info.subject_text)),
        None => "the signer".to_owned(),
    }
}
