//! Applies fixes: the changes of a [`Fix`] as byte edits of an XML file, or as changes of the tree of a binary one.
//!
//! Owns the way from a [`Change`](crate::report::Change) to bytes. An XML file stays byte for byte what it was outside
//! the edits, whatever its encoding, line ends and indentation; a binary one is written anew. What is worth fixing, and
//! how safe that is, is the rules'. A signed file is the caller's question: any fix breaks its signature.

mod tree;
mod xml;

use crate::arrange::Arrange;
use crate::check::check_document;
use crate::report::{Code, Diagnostic, Fix, Report, Safety, Span};
use crate::rules::Options;
use crate::source::{Format, encoding};
use crate::syntax::{Limits, Node};
use crate::{Document, build};

/// New text for a range of bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ByteEdit {
    /// The bytes that go; empty where something is only added.
    pub span: Span,
    /// What stands there then, to be encoded as the file is.
    pub text: String,
}

/// Why a fix cannot be applied.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FixError {
    /// Byte edits need an XML file.
    #[error("only an XML file can be edited in place")]
    NotText,
    /// What the fix speaks of is not in the file.
    #[error("there is nothing at {0} to change")]
    Gone(String),
    /// Two edits touch the same bytes.
    #[error("two changes touch the same place")]
    Overlap,
    /// The new value, or the tree, cannot be written.
    #[error("the result cannot be written: {0}")]
    Unwritable(String),
}

/// The byte edits that a fix makes in an XML file, in the order of the file.
///
/// For several fixes of one file, [`Edits`] decodes it once.
pub fn byte_edits(content: &[u8], root: &Node, fix: &Fix) -> Result<Vec<ByteEdit>, FixError> {
    Edits::new(content).of(root, fix)
}

/// A file whose fixes are asked for: what they need of it is worked out once, since a long report has thousands.
pub struct Edits<'a> {
    /// `None` where the file is no XML.
    text: Option<xml::Text<'a>>,
}

impl<'a> Edits<'a> {
    /// Of a file's bytes; of a signed file, those of the profile inside.
    #[must_use]
    pub fn new(content: &'a [u8]) -> Self {
        let text = match crate::source::detect(content) {
            Format::Xml { encoding } => Some(xml::Text::new(content, encoding)),
            _ => None,
        };
        Self { text }
    }

    /// The byte edits of a fix, in the order of the file.
    pub fn of(&self, root: &Node, fix: &Fix) -> Result<Vec<ByteEdit>, FixError> {
        let text = self.text.as_ref().ok_or(FixError::NotText)?;
        let mut edits = Vec::new();
        for change in &fix.changes {
            edits.extend(xml::edits(text, root, change)?);
        }
        edits.arrange_by_key(|edit| (edit.span.start, edit.span.end));
        let overlap =
            edits.iter().zip(edits.iter().skip(1)).any(|(one, next)| next.span.start < one.span.end);
        if overlap { Err(FixError::Overlap) } else { Ok(edits) }
    }
}

/// Whether the edits of a fix may be shown: a moved key brings its value along, which may be a secret.
///
/// `secrets` are the document's [`Document::secret_spans`].
#[must_use]
pub fn may_be_shown(root: &Node, fix: &Fix, secrets: &[Span]) -> bool {
    fix.changes.iter().all(|change| match change {
        crate::report::Change::Move { path, .. } => xml::find(root, path).is_ok_and(|node| {
            !secrets.iter().any(|secret| secret.start < node.span.end && node.span.start < secret.end)
        }),
        _ => true,
    })
}

/// The file with edits made, which must be in order and apart from one another.
pub fn apply(content: &[u8], edits: &[ByteEdit]) -> Result<Vec<u8>, FixError> {
    let Format::Xml { encoding } = crate::source::detect(content) else { return Err(FixError::NotText) };
    let mut result = Vec::with_capacity(content.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        result.extend_from_slice(content.get(at..range.start).ok_or(FixError::Overlap)?);
        result.extend(encoding::encode(&edit.text, encoding));
        at = range.end;
    }
    result.extend_from_slice(content.get(at..).ok_or(FixError::Overlap)?);
    Ok(result)
}

/// The file with one fix applied: `content` edited in place where it is XML, written anew where it is binary.
pub fn apply_one(content: &[u8], root: &Node, fix: &Fix) -> Result<Vec<u8>, FixError> {
    match crate::source::detect(content) {
        Format::Binary => tree::apply_one(root, fix),
        _ => apply(content, &byte_edits(content, root, fix)?),
    }
}

/// One fix that was applied.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Applied {
    /// What it mends.
    pub code: Code,
    /// Where.
    pub path: String,
    /// What it does.
    pub title: String,
}

/// A mended file.
#[derive(Clone, Debug)]
pub struct Mended {
    /// The file, mended.
    pub content: Vec<u8>,
    /// What was applied, in order.
    pub applied: Vec<Applied>,
}

/// How often a file is judged again after fixes; one fix may make room for the next.
const MAX_ROUNDS: usize = 10;

/// Applies every fix of the named safety or a safer one, again until there are none left.
///
/// `content` is an XML or binary property list (of a signed file, what was signed). A fix that cannot be applied, or
/// that collides with one before it, waits for the next round or is left.
#[must_use]
pub fn mend(content: &[u8], limits: &Limits, options: &Options, safety: Safety) -> Mended {
    let mut mended = Mended { content: content.to_vec(), applied: Vec::new() };
    for _ in 0..MAX_ROUNDS {
        let document = Document::read_within(&mended.content, limits);
        let Some(root) = document.root() else { break };
        let report = check_document(&document, &mended.content, options);
        let wanted = report.diagnostics.iter().filter_map(|found| {
            let fix = found.fixes.first().filter(|fix| fix.safety <= safety)?;
            Some((found, fix))
        });
        let (content, applied) = if document.format() == Format::Binary {
            tree::apply(root, wanted)
        } else {
            apply_apart(&mended.content, root, wanted)
        };
        if applied.is_empty() {
            break;
        }
        mended.content = content;
        mended.applied.extend(applied);
    }
    mended
}

/// One fix of a report, by what it mends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Choice {
    /// The rule.
    pub code: String,
    /// The key path of the diagnostic.
    pub path: String,
    /// Which of the diagnostics with this rule and path, from 0.
    pub number: usize,
    /// Which of its fixes, from 0.
    pub fix: usize,
}

/// Applies one fix of a report and nothing else, whatever its safety; one that a person has to finish is none.
///
/// `content` is what the report's spans count in. `None`: the report has no such fix, or it cannot be applied.
#[must_use]
pub fn mend_one(document: &Document, content: &[u8], report: &Report, choice: &Choice) -> Option<Mended> {
    let is_it = |found: &&Diagnostic| found.code.as_str() == choice.code && found.path == choice.path;
    let found = report.diagnostics.iter().filter(is_it).nth(choice.number)?;
    let fix = found.fixes.get(choice.fix).filter(|fix| fix.safety != Safety::DisplayOnly)?;
    let content = apply_one(content, document.root()?, fix).ok()?;
    Some(Mended { content, applied: vec![Applied::of(found, fix)] })
}

/// Applies as many of the fixes as do not touch one another.
fn apply_apart<'a>(
    content: &[u8],
    root: &Node,
    wanted: impl Iterator<Item = (&'a Diagnostic, &'a Fix)>,
) -> (Vec<u8>, Vec<Applied>) {
    let mut edits: Vec<ByteEdit> = Vec::new();
    let mut applied = Vec::new();
    for (found, fix) in wanted {
        let Ok(new) = byte_edits(content, root, fix) else { continue };
        let touches = |one: &ByteEdit, other: &ByteEdit| {
            one.span.start <= other.span.end && other.span.start <= one.span.end
        };
        if new.iter().any(|new| edits.iter().any(|old| touches(old, new))) {
            continue;
        }
        edits.extend(new);
        applied.push(Applied::of(found, fix));
    }
    edits.arrange_by_key(|edit| edit.span.start);
    match apply(content, &edits) {
        Ok(content) => (content, applied),
        Err(_) => (content.to_vec(), Vec::new()),
    }
}

impl Applied {
    fn of(found: &Diagnostic, fix: &Fix) -> Self {
        Self { code: found.code, path: found.path.clone(), title: fix.title.clone() }
    }
}

impl From<build::WriteError> for FixError {
    fn from(error: build::WriteError) -> Self {
        Self::Unwritable(error.to_string())
    }
}
