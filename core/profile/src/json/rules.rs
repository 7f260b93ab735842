//! The rules (`adit rules --format json`, `adit explain --rule CODE --json`).

use serde::Serialize;

use crate::report::Code;
use crate::rules::{Family, Level, Prose, Rule};

/// A rule in a list, without its page.
#[derive(Debug, Serialize)]
pub struct RuleSummary {
    /// Its name.
    pub code: Code,
    /// The part of the name before the dot.
    pub family: &'static str,
    /// What its family is about.
    pub subject: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What it tells of.
    pub title: &'static str,
}

impl RuleSummary {
    /// Of a rule and the family it is listed in.
    #[must_use]
    pub fn of(family: &Family, rule: &Rule) -> Self {
        Self {
            code: rule.code,
            family: rule.code.family(),
            subject: family.title,
            level: rule.level,
            title: rule.title,
        }
    }
}

/// A rule in a list, with its page.
#[derive(Debug, Serialize)]
pub struct RuleForm {
    /// Its name.
    pub code: Code,
    /// The part of the name before the dot.
    pub family: &'static str,
    /// What its family is about.
    pub subject: &'static str,
    /// How much it matters.
    pub level: Level,
    /// What it tells of.
    pub title: &'static str,
    /// What is looked for.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// How to mend it.
    pub mend: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

impl RuleForm {
    /// Of a rule and the family it is listed in.
    #[must_use]
    pub fn of(family: &Family, rule: &Rule) -> Self {
        let RuleSummary { code, family, subject, level, title } = RuleSummary::of(family, rule);
        let RulePage { what, why, mend, source, .. } = rule.into();
        Self { code, family, subject, level, title, what, why, mend, source }
    }
}

/// The page of a rule, for a file of pages by code.
#[derive(Debug, Serialize)]
pub struct RulePage {
    /// What it tells of.
    pub title: &'static str,
    /// What is looked for.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// How to mend it.
    pub mend: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

impl From<&Rule> for RulePage {
    fn from(rule: &Rule) -> Self {
        let [what, why, mend] = [rule.what, rule.why, rule.mend].map(Prose::text);
        Self { title: rule.title, what, why, mend, source: rule.source }
    }
}
