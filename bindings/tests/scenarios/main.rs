//! The scenarios of `scenarios/` (its README has the format), run through the bindings; Swift, Kotlin and JavaScript run the
//! same files.
//!
//! With `ADIT_REGENERATE=1` what came out is written into the files of `profiles`, `apps` and `manager` in place of what was
//! expected, and the list anew: look at the difference before you keep it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod files;
mod manager;
mod pretty;
mod profiles;
mod sessions;

use adit_bindings::AditError;
use serde_json::{Value, json};

/// An error as it stands in a scenario.
fn error_form(error: &AditError) -> Value {
    let mut form = serde_json::to_value(error).unwrap();
    // The kind is the name that the variant has in every language.
    let kind = match error {
        AditError::Usage { .. } => "Usage",
        AditError::Profile { .. } => "Profile",
        AditError::Credentials { .. } => "Credentials",
        AditError::ServerIdentity { .. } => "ServerIdentity",
        AditError::Negotiation { .. } => "Negotiation",
        AditError::Network { .. } => "Network",
        AditError::ServerDisconnected { .. } => "ServerDisconnected",
        AditError::System { .. } => "System",
        AditError::Internal { .. } => "Internal",
    };
    form["kind"] = json!(kind);
    form
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Runs a folder: each file of the list, and none besides.
fn run(folder: &str, scenario: impl Fn(&mut Value)) {
    let names = files::names(folder);
    let mut failed = Vec::new();
    for name in &names {
        let before = files::scenario(folder, name);
        let mut after = before.clone();
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scenario(&mut after)));
        if ran.is_err() {
            failed.push(format!("{folder}/{name}: see above"));
        } else if after != before {
            match files::regenerates() {
                true => {}
                false => failed.push(format!("{folder}/{name}: {}", files::difference(&before, &after))),
            }
        }
        if files::regenerates() && ran.is_ok() {
            files::write(folder, name, &after);
        }
    }
    println!("{} scenarios of {folder}", names.len());
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), names.len(), failed.join("\n"));
}

#[test]
fn profiles_in_reports_out() {
    run("profiles", profiles::run);
}

#[test]
fn what_only_apps_ask() {
    run("apps", profiles::run);
}

#[test]
fn the_managers_calls_requests_and_notifications_in_order() {
    run("manager", manager::run);
}

#[test]
fn sessions_at_the_test_gateway() {
    run("sessions", sessions::run);
}

#[test]
fn there_are_scenarios_of_every_operation() {
    let operations = |folder: &str| -> Vec<String> {
        let mut all: Vec<String> = files::names(folder)
            .iter()
            .map(|name| files::scenario(folder, name)["operation"].as_str().unwrap().to_owned())
            .collect();
        all.sort();
        all.dedup();
        all
    };
    assert_eq!(operations("profiles"), profiles::EVERYWHERE);
    assert!(profiles::IN_APPS.iter().all(|name| operations("apps").contains(&(*name).to_owned())));
    for (folder, least) in [("profiles", 40), ("apps", 8), ("manager", 15), ("sessions", 8)] {
        assert!(files::names(folder).len() >= least, "{folder}");
    }
}
