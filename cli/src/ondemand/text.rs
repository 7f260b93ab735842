//! Answers for people.

use adit_profile::model::VPN_APPLAYER;
use adit_profile::ondemand::{
    Change, Held, HostTrace, HostVerdict, Mode, Need, Outcome, Part, RuleTrace, RuleVerdict,
};

use super::Answered;
use crate::choice::title;
use crate::term::{Style, paint, printable};

/// An answer.
pub fn render(answered: &Answered<'_, '_>) -> String {
    let decision = &answered.decision;
    let style = match decision.change {
        Change::Start => Style::Green,
        Change::Stop => Style::Red,
        Change::Unknown => Style::Yellow,
        Change::None => Style::Dim,
    };
    let mut lines = vec![paint(style, &decision.summary)];
    if let Some(need) = decision.need() {
        lines.push(format!("  {}", hint(need)));
    }
    lines.extend(notes(answered).into_iter().map(|note| format!("  {note}")));
    for warning in &answered.warnings {
        lines.push(format!("{} {}: {}", paint(Style::Yellow, "warning:"), warning.path, warning.message));
    }
    lines.push(String::new());
    lines.push(format!("{}, {}", title(answered.payload), counted(answered)));
    for said in &decision.trace {
        rule(said, &mut lines);
        if decision.rule == Some(said.index) {
            hosts(&decision.hosts, &mut lines);
        }
    }
    if decision.trace.is_empty() {
        hosts(&decision.hosts, &mut lines);
    }
    if decision.untraced > 0 {
        lines.push(format!("  and {} more rules, none of which decides", decision.untraced));
    }
    lines.join("\n")
}

fn counted(answered: &Answered<'_, '_>) -> String {
    let off = matches!(answered.decision.outcome, Outcome::Off { .. });
    let order = match answered.rules.rules.len() {
        0 => "no rules".to_owned(),
        1 => "one rule".to_owned(),
        count if off => format!("{count} rules, none of which is asked"),
        count => format!("{count} rules, of which the first that matches decides"),
    };
    match answered.mode {
        Mode::Profile => order,
        Mode::PersonalVpn => format!("{order}, compared as NEOnDemandRule does"),
    }
}

/// What else is worth knowing.
fn notes(answered: &Answered<'_, '_>) -> Vec<&'static str> {
    let (rules, outcome) = (answered.rules, &answered.decision.outcome);
    let mut notes = Vec::new();
    if matches!(outcome, Outcome::Off { .. }) {
        return notes;
    }
    if answered.network.user_override && rules.user_override_disabled {
        notes.push("the user cannot turn on demand off: OnDemandUserOverrideDisabled is 1");
    }
    if matches!(outcome, Outcome::Evaluate { verdict: HostVerdict::NoHost, .. }) {
        notes.push("say what an application connects to with --host NAME");
    }
    if answered.payload.kind() == Some(VPN_APPLAYER) {
        notes.push("only connections of the apps of this per-app VPN start it");
    }
    notes
}

fn rule(said: &RuleTrace, lines: &mut Vec<String>) {
    let (style, verdict) = match said.verdict {
        RuleVerdict::Matched if said.keys.is_empty() => (Style::Green, "decides: it has no match keys"),
        RuleVerdict::Matched => (Style::Green, "matches and decides"),
        RuleVerdict::NotMatched => (Style::Red, "does not match"),
        RuleVerdict::NeedsProbe => (Style::Yellow, "matches if its probe succeeds"),
        RuleVerdict::NotReached => (Style::Dim, "is not reached"),
    };
    let number = said.index.saturating_add(1);
    lines.push(format!("  {number:>3}  {:18}  {}", said.action, paint(style, verdict)));
    for key in &said.keys {
        let (style, held) = match key.held {
            Held::Yes => (Style::Green, "yes"),
            Held::No => (Style::Red, "no "),
            Held::Unknown => (Style::Yellow, "?  "),
            Held::NotAsked => (Style::Dim, "-  "),
        };
        lines.push(format!("         {:21}  {}  {}", key.key.word(), paint(style, held), key.why));
    }
}

fn hosts(said: &[HostTrace], lines: &mut Vec<String>) {
    for one in said {
        let part = match one.part {
            Part::ActionParameter { index, action } => {
                format!("ActionParameters[{index}] {}", action.word())
            }
            Part::Never => "OnDemandMatchDomainsNever".to_owned(),
            Part::Always => "OnDemandMatchDomainsAlways".to_owned(),
            Part::OnRetry => "OnDemandMatchDomainsOnRetry".to_owned(),
        };
        lines.push(format!("         {part}: {}", one.why));
    }
}

/// How to say the fact that is missing.
fn hint(need: &Need) -> String {
    match need {
        Need::Probe { url } if url.contains('@') => {
            "say it with --probe URL=ok or --probe URL=fail".to_owned()
        }
        Need::Probe { url } => format!("say it with --probe '{}=ok' or =fail", printable(url)),
        Need::RequiredDns { .. } => "say it with --required-dns answer or silent".to_owned(),
        Need::Resolution { .. } => "say it with --resolves yes or no".to_owned(),
    }
}
