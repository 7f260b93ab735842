//! What was found in a file (docs/validate-json.md).

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::Document;
use crate::fix::{self, ByteEdit, Edits};
use crate::gather::Gather as _;
use crate::report::{Code, Diagnostic, Fix, Report, Safety, Severity, Span, Verdict};
use crate::rules;
use crate::source::{Format, SourceText};
use crate::verdict::TargetVerdict;

use super::place::{Location, Places};

/// A file that was judged, and what is needed to say where.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// As it was read.
    pub document: &'a Document,
    /// What its spans count in: [`Document::content`].
    pub content: &'a [u8],
    /// Where secrets stand in it: [`Document::secret_spans`].
    pub secrets: &'a [Span],
    /// What was found.
    pub report: &'a Report,
}

/// The report of one file.
#[derive(Debug, Serialize)]
pub struct FileReport<'a> {
    /// Its name, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<&'a str>,
    /// The container.
    pub format: Format,
    /// What it comes down to.
    pub verdict: Verdict,
    /// What was found, ordered by place.
    pub diagnostics: Vec<FoundForm<'a>>,
    /// How many more there were than a report lists.
    pub suppressed: usize,
    /// How many a comment in the file silenced.
    pub ignored_by_comment: usize,
    /// How many the baseline knew.
    pub known_to_baseline: usize,
    /// The verdict for each target, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_target: Option<Vec<TargetVerdict>>,
    /// What became of a template's variables, where values were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<&'a VariablesForm>,
    /// The PKCS#12 files, by their key paths, that a typed password was tried on and does not open, where one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<Vec<String>>,
    /// The same for those that give no identity for another reason, as far as it can be told: a diagnostic says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unopened: Option<Vec<String>>,
}

/// A template's variables, after values were put in.
#[derive(Debug, Serialize)]
pub struct VariablesForm {
    /// Those that got none.
    pub unset: Vec<String>,
    /// Values that no variable asked for.
    pub unused: Vec<String>,
    /// The text with the values in it, which the places of the report count in. It is the user's own, secrets included.
    #[serde(serialize_with = "plain")]
    pub text: Zeroizing<String>,
}

fn plain<S: Serializer>(text: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// One diagnostic.
#[derive(Debug, Serialize)]
pub struct FoundForm<'a> {
    /// The rule.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong.
    pub message: &'a str,
    /// What to do about it.
    pub help: Option<&'a str>,
    /// The key path.
    pub path: &'a str,
    /// Where.
    pub location: Location,
    /// Other places.
    pub related: Vec<RelatedForm<'a>>,
    /// Ways to mend it.
    pub fixes: Vec<FixForm<'a>>,
    /// Where the rule comes from.
    pub source: Option<&'static str>,
}

/// Another place.
#[derive(Debug, Serialize)]
pub struct RelatedForm<'a> {
    /// What is there.
    pub message: &'a str,
    /// Where.
    pub location: Location,
}

/// A way to mend something.
#[derive(Debug, Serialize)]
pub struct FixForm<'a> {
    /// What it does.
    pub title: &'a str,
    /// How safe it is.
    pub safety: Safety,
    /// The edits; `None` where the file is binary, or an edit would show a secret.
    pub edits: Option<Vec<EditForm>>,
}

/// New text for a range.
#[derive(Debug, Serialize)]
pub struct EditForm {
    /// The first byte that goes.
    pub byte_start: u32,
    /// One past the last.
    pub byte_end: u32,
    /// What stands there then.
    pub text: String,
    /// UTF-16 units before it, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utf16_start: Option<usize>,
    /// UTF-16 units before its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub utf16_end: Option<usize>,
}

impl<'a> FileReport<'a> {
    /// The report of a file. `utf16` is as in [`Places::new`].
    #[must_use]
    pub fn of(judged: Judged<'a>, utf16: Option<usize>) -> Self {
        let source = SourceText::new(judged.content);
        let places = Places::new(source.as_ref(), utf16);
        let writer = Edits::new(judged.content);
        let found = &judged.report.diagnostics;
        Self {
            file: None,
            format: judged.report.format,
            verdict: judged.report.verdict(),
            diagnostics: found.iter().map(|found| FoundForm::of(judged, found, &places, &writer)).gather(),
            suppressed: judged.report.suppressed,
            ignored_by_comment: judged.report.ignored,
            known_to_baseline: 0,
            per_target: None,
            variables: None,
            locked: None,
            unopened: None,
        }
    }
}

impl<'a> FoundForm<'a> {
    fn of(judged: Judged<'_>, found: &'a Diagnostic, places: &Places<'_>, writer: &Edits<'_>) -> Self {
        let related = found.related.iter();
        let related = related
            .map(|other| RelatedForm { message: &other.message, location: places.of(other.span) })
            .gather();
        let fixes = found.fixes.iter().map(|one| FixForm {
            title: &one.title,
            safety: one.safety,
            edits: edits(judged, one, writer)
                .map(|edits| edits.into_iter().map(|edit| EditForm::of(edit, places)).gather()),
        });
        Self {
            code: found.code,
            severity: found.severity,
            message: &found.message,
            help: found.help.as_deref(),
            path: &found.path,
            location: places.of(found.span),
            related,
            fixes: fixes.gather(),
            source: rules::find(found.code.as_str()).map(|rule| rule.source),
        }
    }
}

impl EditForm {
    fn of(edit: ByteEdit, places: &Places<'_>) -> Self {
        let utf16 = places.utf16_of(edit.span);
        Self {
            byte_start: edit.span.start,
            byte_end: edit.span.end,
            text: edit.text,
            utf16_start: utf16.map(|(start, _)| start),
            utf16_end: utf16.map(|(_, end)| end),
        }
    }
}

/// The edits of a fix, if the file is text and they show no secret.
pub(super) fn edits(judged: Judged<'_>, one: &Fix, writer: &Edits<'_>) -> Option<Vec<ByteEdit>> {
    let root = judged.document.root().filter(|root| fix::may_be_shown(root, one, judged.secrets))?;
    writer.of(root, one).ok()
}
