//! Scenarios of the functions on profiles.

use adit_bindings::{AditError, per_app_lists, profile, routing_plan};
use serde_json::{Value, json};

use super::{files, parsed};

/// Operations that every language has.
pub(super) const EVERYWHERE: [&str; 7] =
    ["build", "convert", "diff", "evaluate_on_demand", "explain", "fix", "validate"];

/// Operations that apps have besides.
pub(super) const IN_APPS: [&str; 5] = ["show", "plan_summary", "routing_plan", "per_app_lists", "version"];

pub(super) fn run(scenario: &mut Value) {
    let operation = scenario["operation"].as_str().unwrap().to_owned();
    let options = match &scenario["options"] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        object => object.to_string(),
    };
    let given = |name: &str| match &scenario[name] {
        Value::Null => Some(Vec::new()),
        input => files::input(input),
    };
    let (Some(input), Some(after)) = (given("input"), given("after")) else { return };
    let report = |text: Result<String, AditError>| text.map(|text| json!({"report": parsed(&text)}));
    let made = |made: Result<profile::MadeProfile, AditError>| {
        made.map(|made| {
            let file = if made.file.is_empty() { Value::Null } else { files::file_form(&made.file) };
            json!({"report": parsed(&made.report), "file": file})
        })
    };
    let result = match operation.as_str() {
        "validate" => report(profile::validate(input, options)),
        "explain" => report(profile::explain(input, options)),
        "show" => report(profile::show(input, options)),
        "plan_summary" => report(profile::plan_summary(input, options)),
        "convert" => report(profile::convert(input, options)),
        "evaluate_on_demand" => report(profile::evaluate_on_demand(input, options)),
        "diff" => report(profile::diff(input, after, options)),
        "build" => made(profile::build(scenario["spec"].to_string(), options)),
        "fix" => made(profile::fix(input, options)),
        "routing_plan" => report(routing_plan(options)),
        "per_app_lists" => report(per_app_lists(options)),
        // What the version is changes; that there is one does not.
        "version" => profile::version().map(|version| json!({"report": version.split('.').count()})),
        other => panic!("there is no operation `{other}`"),
    };
    scenario["expect"] = match result {
        Ok(made) => made,
        Err(AditError::Usage { message, .. }) => json!({"error": message}),
        Err(other) => panic!("{other:?}"),
    };
}
