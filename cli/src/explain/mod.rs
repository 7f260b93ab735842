//! `adit explain`: what a profile does, in plain words; or the page of a rule; or whether a server would agree.

mod server;

use std::path::{Path, PathBuf};

use adit_profile::explain::{Explanation, explain};
use adit_profile::json::ExplainReport;
use adit_profile::rules::{self, Options};
use adit_profile::schema::Target;
use adit_profile::{Profile, Severity};
use clap::Args;
use serde_json::json;

use crate::choice::PayloadArgs;
use crate::outcome::Failed;
use crate::template::TemplateArgs;
use crate::term::{self, Style, paint};

/// The examples of `--help`.
pub const EXAMPLES: &str = "\
Examples:
  adit explain office.mobileconfig
  adit explain --target tvos-18 office.mobileconfig     defaults differ by system
  adit explain --json office.mobileconfig | jq '.vpns[0].proposals'
  adit explain --set SERVER=vpn.example.com profile.mobileconfig.j2
  adit explain --rule sa.weak-dh
  adit explain office.mobileconfig --server swanctl.conf
                                                        whether strongSwan would agree, and on what
  adit explain office.mobileconfig --server swanctl.conf --connection rw --json | jq '.connections[0].differences'

Exit codes: 0 explained, or profile and server agree; 1 the profile holds no VPN or cannot be understood, or the two do
not agree; 2 a file cannot be read from disk or used, or wrong usage.";

/// `adit explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The profile; - is standard input.
    #[arg(required_unless_present = "rule")]
    file: Option<PathBuf>,
    /// The page of a rule instead, such as sa.weak-dh.
    #[arg(long, value_name = "CODE", conflicts_with = "file")]
    rule: Option<String>,
    #[command(flatten)]
    payload: PayloadArgs,
    /// A system the profile is meant for, such as ios-26.1; repeatable. Defaults are those of the first.
    #[arg(long, value_name = "SYSTEM")]
    target: Vec<Target>,
    /// Compare with a strongSwan server instead: its swanctl.conf, with connections, pools and secrets in one file.
    #[arg(long, value_name = "SWANCTL_CONF", conflicts_with = "rule")]
    server: Option<PathBuf>,
    /// Compare with this connection only.
    #[arg(long, value_name = "NAME", requires = "server")]
    connection: Option<String>,
    #[command(flatten)]
    template: TemplateArgs,
    /// Print one JSON object (docs/explain-json.md).
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(args: &ExplainArgs) -> Result<(), Failed> {
    if let Some(code) = &args.rule {
        return page(code, args.json);
    }
    let path = args.file.as_deref().unwrap_or(Path::new("-"));
    let name = crate::input::name(path);
    let (input, document) = args.template.read(&name, crate::input::read(path)?)?;
    let profile = Profile::of(&document).ok_or_else(|| {
        Failed::task(format!("{name} cannot be understood: `adit validate {name}` says why"))
    })?;
    if let Some(server) = &args.server {
        return server::run(args, &name, &profile, server);
    }
    let template = args.template.is_given();
    let options = Options { targets: args.target.clone(), template, ..crate::validate::default_options() };
    let chosen = args.payload.is_given().then(|| args.payload.vpn(&name, &profile)).transpose()?;
    let explained: Vec<Explanation> = profile
        .vpn_payloads()
        .filter(|payload| chosen.is_none_or(|chosen| chosen.index == payload.index))
        .filter_map(|payload| explain(&document, &input, &profile, payload, &options))
        .collect();
    if explained.is_empty() {
        return Err(Failed::task(format!("{name} holds no VPN")));
    }
    if args.json {
        term::json(&ExplainReport::new(Some(&name), &args.target, explained));
    } else {
        for (place, one) in explained.iter().enumerate() {
            if place > 0 {
                term::line("");
            }
            term::line(&text(one, explained.len() > 1));
        }
    }
    Ok(())
}

fn text(explained: &Explanation, numbered: bool) -> String {
    let mut text = String::new();
    if numbered {
        text.push_str(&format!("PayloadContent[{}]\n\n", explained.payload));
    }
    for part in &explained.parts {
        text.push_str(&paint(Style::Dim, part.title));
        text.push('\n');
        for line in &part.lines {
            text.push_str(&wrapped(line));
        }
        text.push('\n');
    }
    if explained.findings.is_empty() {
        text.push_str("No rule finds an error or a warning in it.");
    } else {
        text.push_str(&paint(Style::Dim, "What is wrong or weak"));
        for found in &explained.findings {
            let style = if found.severity == Severity::Error { Style::Red } else { Style::Yellow };
            let severity = paint(style, &found.severity.to_string());
            text.push_str(&format!("\n  {severity}: {} [{}]", found.message, found.code));
        }
    }
    text
}

/// A sentence over lines of at most 110 characters, indented.
fn wrapped(sentence: &str) -> String {
    let mut lines = vec![String::new()];
    for word in sentence.split(' ') {
        let width = lines.last().map_or(0, |line| line.chars().count());
        if width > 0 && width + 1 + word.chars().count() > 108 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.iter().map(|line| format!("  {line}\n")).collect()
}

fn page(code: &str, as_json: bool) -> Result<(), Failed> {
    let rule = rules::find(code).ok_or_else(|| {
        let mut codes = rules::all().map(|rule| rule.code.as_str());
        let near = codes.find(|known| known.ends_with(code) || known.starts_with(code));
        // Families have no pages.
        let near = near.or_else(|| rules::closest(code).filter(|near| near.contains('.')));
        let hint =
            near.map_or_else(|| "`adit rules` lists them".to_owned(), |near| format!("did you mean {near}?"));
        Failed::usage(format!("there is no rule `{code}`: {hint}"))
    })?;
    if as_json {
        term::line(
            &json!({
                "code": rule.code, "level": rule.level, "title": rule.title, "what": rule.what.text(),
                "why": rule.why.text(),
                "mend": rule.mend.text(), "source": rule.source,
            })
            .to_string(),
        );
    } else {
        term::line(rules::page(rule, 1).trim_end());
    }
    Ok(())
}
