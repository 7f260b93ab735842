//! How a rule says what it found.

use crate::gather::Gather as _;
use crate::model::{Element, Field, Path, Section, Step};
use crate::report::{Change, Diagnostic, Fix, Problems, Related, Severity, Span, printable};

use super::Rule;

/// Takes the findings of one rule.
#[derive(Debug)]
pub struct Sink<'a> {
    pub(super) rule: &'static Rule,
    pub(super) problems: &'a mut Problems,
    /// The places in `PayloadContent` of the payloads it is asked about; `None`: the whole profile.
    pub(super) only: Option<&'a [usize]>,
}

impl Sink<'_> {
    /// Whether what is said now is only counted. Spares a rule the search for advice that nobody will see.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.problems.is_full()
    }

    /// Tells of something.
    pub fn say(&mut self, Finding(finding): Finding) {
        if self.only.is_some_and(|only| finding.path.payload().is_none_or(|index| !only.contains(&index))) {
            return;
        }
        if self.problems.is_full() {
            self.problems.count_one();
            return;
        }
        self.problems.push(Diagnostic {
            code: self.rule.code,
            severity: finding.severity.unwrap_or(self.rule.level.severity()),
            span: finding.span,
            path: finding.path.to_string(),
            message: printable(finding.message),
            help: finding.help.map(printable),
            related: finding
                .related
                .into_iter()
                .map(|related| Related { message: printable(related.message), ..related })
                .gather(),
            fixes: finding.fixes,
        });
    }
}

/// Something that a rule found. Boxed: each of the steps that make one hands it on, in some hundred places, and a pointer is
/// handed on in less code than all of it.
#[derive(Clone, Debug)]
pub struct Finding(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    span: Span,
    path: Path,
    severity: Option<Severity>,
    message: String,
    help: Option<String>,
    related: Vec<Related>,
    fixes: Vec<Fix>,
}

impl Finding {
    /// About a place named by hand.
    #[must_use]
    pub fn at(span: Span, path: Path, message: impl Into<String>) -> Self {
        Self::of(span, path, message.into())
    }

    fn of(span: Span, path: Path, message: String) -> Self {
        let (related, fixes) = (Vec::new(), Vec::new());
        Self(Box::new(Parts { span, path, severity: None, message, help: None, related, fixes }))
    }

    /// About the value of a key; about the dictionary's head when the key is missing.
    #[must_use]
    pub fn value(section: &Section<'_>, key: &str, message: impl Into<String>) -> Self {
        Self::at(section.span_of(key), section.path_of(key), message)
    }

    /// About a key itself; about the dictionary's head when it is missing.
    #[must_use]
    pub fn key(section: &Section<'_>, key: &str, message: impl Into<String>) -> Self {
        Self::at(section.key_span(key), section.path_of(key), message)
    }

    /// About a dictionary as a whole.
    #[must_use]
    pub fn section(section: &Section<'_>, message: impl Into<String>) -> Self {
        Self::at(section.head(), section.path().clone(), message)
    }

    /// About an element of an array.
    #[must_use]
    pub fn element(element: &Element<'_>, message: impl Into<String>) -> Self {
        Self::at(element.node.span, element.path.clone(), message)
    }

    /// About the value of a field.
    #[must_use]
    pub fn field(field: &Field<'_>, message: impl Into<String>) -> Self {
        Self::at(field.node.span, field.path(), message)
    }

    /// Another severity than the rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.0.severity = Some(severity);
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// A second place that explains the first.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Self {
        self.0.related.push(Related { span, message: message.into() });
        self
    }

    /// A way to mend it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.0.fixes.push(fix);
        self
    }

    /// The steps to the place, for a [`Change`].
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        self.0.path.steps()
    }

    /// A safe fix: another value for the key or element this is about.
    #[must_use]
    pub fn safe_replace(self, title: impl Into<String>, value: impl Into<crate::build::Value>) -> Self {
        let change = Change::Replace { path: self.steps(), value: value.into() };
        self.fix(Fix::safe(title, change))
    }

    /// An unsafe fix: another value for the key or element this is about.
    #[must_use]
    pub fn unsafe_replace(self, title: impl Into<String>, value: impl Into<crate::build::Value>) -> Self {
        let change = Change::Replace { path: self.steps(), value: value.into() };
        self.fix(Fix::not_safe(title, change))
    }

    /// A safe fix: the key or element this is about goes, since it has no effect.
    #[must_use]
    pub fn safe_remove(self, title: impl Into<String>) -> Self {
        let change = Change::Remove { path: self.steps() };
        self.fix(Fix::safe(title, change))
    }

    /// An unsafe fix: the key or element this is about goes.
    #[must_use]
    pub fn unsafe_remove(self, title: impl Into<String>) -> Self {
        let change = Change::Remove { path: self.steps() };
        self.fix(Fix::not_safe(title, change))
    }
}
