//! What a rule is: its code, its page, and the function that looks for what it tells of.

use serde::Serialize;

use crate::report::{Code, Severity};

use super::{Context, Sink};

/// One rule. Its texts are its page: `adit explain --rule CODE` and `docs/rules/` show them. Without the feature `pages`,
/// [`Self::what`], [`Self::why`] and [`Self::mend`] are empty.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its stable name.
    pub code: Code,
    /// How much it matters.
    pub level: Level,
    /// What it tells of, in one line without a full stop.
    pub title: &'static str,
    /// What is looked for: plain sentences.
    pub what: Prose,
    /// Why it matters: what a device or a server does then.
    pub why: Prose,
    /// How to mend it.
    pub mend: Prose,
    /// Where the rule comes from: Apple's schema key, an RFC section, a public issue, own judgement.
    pub source: &'static str,
    /// How it is looked for.
    pub check: Check,
}

/// A text of a rule's page. A build without the feature `pages` leaves it out: the page texts are a third of the code's
/// size in a web page, which fetches them from a file of their own.
#[derive(Clone, Copy, Debug)]
pub struct Prose(#[cfg(feature = "pages")] &'static str);

impl Prose {
    /// The text; empty where it was left out.
    #[must_use]
    pub const fn text(self) -> &'static str {
        #[cfg(feature = "pages")]
        return self.0;
        #[cfg(not(feature = "pages"))]
        ""
    }
}

/// A [`Prose`].
#[cfg_attr(not(feature = "pages"), allow(unused_variables))]
pub(crate) const fn prose(text: &'static str) -> Prose {
    Prose(
        #[cfg(feature = "pages")]
        text,
    )
}

/// How much a rule matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The system rejects the profile, or the connection cannot work.
    Error,
    /// A value is ignored or almost surely not what was meant.
    Warning,
    /// Advice.
    Notice,
    /// An error or a warning for a named target, a notice where none is named.
    Target,
    /// No condition a file alone can show: said by `adit explain` only.
    Explain,
}

impl Level {
    /// The severity of a finding, where the rule does not choose another.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Notice | Self::Target | Self::Explain => Severity::Notice,
        }
    }
}

/// How a rule's condition is looked for.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// While the file is read: the readers of [`crate::syntax`], [`crate::source`] and the container say it.
    Reader,
    /// In the profile that was read.
    Profile(fn(&Context<'_>, &mut Sink<'_>)),
    /// When a tunnel is planned ([`crate::ikev2::requirements`]): it is about this build, not about the profile.
    Plan,
}
