//! `adit rules`: every rule that profiles are judged by.

use adit_profile::json::RuleForm;
use adit_profile::rules::{self, Family, Rule};

use crate::args::{ListFormat, RulesArgs};
use crate::outcome::Failed;
use crate::term::{self, Style, paint};

/// Runs the command.
pub fn run(args: &RulesArgs) -> Result<(), Failed> {
    for name in &args.names {
        if rules::named(name).is_none() {
            let hint =
                rules::closest(name).map_or_else(String::new, |near| format!(": did you mean {near}?"));
            return Err(Failed::usage(format!("there is no rule or family `{name}`{hint}")));
        }
    }
    let wanted = |rule: &&Rule| args.names.is_empty() || args.names.iter().any(|name| is_named(rule, name));
    match args.format {
        ListFormat::Text => {
            for family in rules::FAMILIES {
                let listed: Vec<&Rule> = family.rules.iter().copied().filter(wanted).collect();
                if !listed.is_empty() {
                    term::line(&text(family, &listed));
                }
            }
        }
        ListFormat::Json => {
            let of = |family: &'static Family| {
                family.rules.iter().copied().filter(wanted).map(|rule| RuleForm::of(family, rule))
            };
            let list: Vec<RuleForm> = rules::FAMILIES.iter().flat_map(of).collect();
            term::json(&list);
        }
    }
    Ok(())
}

fn is_named(rule: &Rule, name: &str) -> bool {
    rule.code.as_str() == name || rule.code.family() == name
}

fn text(family: &Family, rules: &[&Rule]) -> String {
    let width = rules.iter().map(|rule| rule.code.as_str().len()).max().unwrap_or_default();
    let mut lines = vec![paint(Style::Dim, family.title)];
    for rule in rules {
        let level = serde_json::to_value(rule.level).unwrap_or_default();
        let level = level.as_str().unwrap_or_default().to_owned();
        lines.push(format!("  {:width$}  {level:8} {}", rule.code.as_str(), rule.title));
    }
    lines.join("\n")
}
