//! A rule's page as text: what `adit explain --rule` prints and what `docs/rules/` holds.

use std::fmt::Write as _;

use super::{Check, Family, Level, Rule};

impl Level {
    /// In words, with what it depends on.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
            Self::Target => {
                "by target: an error or a warning where a named target minds, less where none is named"
            }
            Self::Explain => "said by `adit explain` only",
        }
    }
}

/// The page in Markdown; `heading` is the level of its heading.
#[must_use]
pub fn page(rule: &Rule, heading: usize) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{} {}\n", "#".repeat(heading), rule.code);
    let _ = writeln!(text, "**{}.** Severity: {}.\n", rule.title, rule.level.describe());
    let _ = writeln!(text, "{}\n", rule.what.text());
    let _ = writeln!(text, "Why: {}\n", rule.why.text());
    let _ = writeln!(text, "What to do: {}\n", rule.mend.text());
    let _ = writeln!(text, "Source: {}", rule.source);
    match rule.check {
        Check::Reader => text.push_str("\nFound while the file is read.\n"),
        Check::Plan => {
            text.push_str("\nSaid when a tunnel is planned: it is about this build, not about the profile.\n")
        }
        Check::Profile(_) => {}
    }
    text
}

/// All pages of a family, as one Markdown file.
#[must_use]
pub fn family_page(family: &Family) -> String {
    let mut text = format!("# {}\n", family.title);
    for rule in family.rules {
        let _ = write!(text, "\n{}", page(rule, 2));
    }
    text
}
