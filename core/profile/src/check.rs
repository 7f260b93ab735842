//! The whole judgement of a file: container, syntax, and the rules.

use crate::Document;
use crate::gather::Gather as _;
use crate::model::Profile;
use crate::report::Report;
use crate::rules::{self, Options};
use crate::syntax::Limits;
use crate::template::Values;

/// Judges a file with the default [`Limits`], for no system in particular: what `adit validate` says.
///
/// What this build cannot do with a sound profile is not said here but by [`crate::ikev2::requirements`].
#[must_use]
pub fn check(bytes: &[u8]) -> Report {
    check_with(bytes, &Limits::default(), &Options::default())
}

/// The same with other limits, for chosen systems, at a time, with chosen rules.
#[must_use]
pub fn check_with(bytes: &[u8], limits: &Limits, options: &Options) -> Report {
    let document = match options.template {
        true => Document::read_template(bytes, limits, Values::AsPlaceholders),
        false => Document::read_within(bytes, limits),
    };
    check_document(&document, bytes, options)
}

/// The same for a file that was read already; `file` is what it was read from.
#[must_use]
pub fn check_document(document: &Document, file: &[u8], options: &Options) -> Report {
    let mut said = document.problems().clone();
    if let Some(profile) = Profile::of(document) {
        said.append(rules::run(&profile, options));
    }
    let suppressed = said.suppressed();
    let wanted = said.into_vec().into_iter().filter(|found| options.wants(found.code)).gather();
    let found = rules::without_echoes(wanted);
    let (found, ignored) = rules::suppress::silence(document.content(file), document.root(), found, options);
    Report { ignored, ..Report::of(document.format(), found, suppressed) }
}
