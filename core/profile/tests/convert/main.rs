//! Conversions: profiles to declarations and back, and to the API's properties; every row of the fact files.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod api;
mod declarations;
mod examples;
mod rules;
mod table;

use std::path::PathBuf;

use adit_profile::build::{Value, to_xml};
use adit_profile::convert::{FromJson, Json, ToDeclarations, to_declarations};
use adit_profile::show::Secrets;
use adit_profile::{Document, Profile};

/// A file of the shared facts, or `None` after saying which suite is left out.
fn shared(suite: &str, path: &str) -> Option<String> {
    let root = std::env::var_os("ADIT_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let file = root.join(path);
    std::fs::read_to_string(&file)
        .map_err(|error| println!("LEFT OUT: {suite}: {}: {error}", file.display()))
        .ok()
}

fn json(text: &str) -> Value {
    serde_json::from_str::<FromJson>(text).unwrap().0
}

fn as_text(value: &Value) -> String {
    serde_json::to_string_pretty(&Json(value)).unwrap()
}

/// Order of keys does not count in JSON.
fn same(left: &Value, right: &Value) -> bool {
    let tree = |value: &Value| serde_json::to_value(Json(value)).unwrap();
    tree(left) == tree(right)
}

/// Converts a profile given as a tree, by way of a file.
fn forward(profile: &Value, secrets: Secrets) -> ToDeclarations {
    let file = to_xml(profile).unwrap();
    let document = Document::read(file.as_bytes());
    assert!(!document.problems().has_errors(), "{:?}", document.problems().as_slice());
    let profile = Profile::of(&document).unwrap();
    to_declarations(&profile, None, secrets)
}

/// A profile with one payload of these keys.
fn profile(payload: &str) -> String {
    format!(
        "<plist version=\"1.0\"><dict><key>PayloadType</key><string>Configuration</string><key>PayloadVersion</key>\
         <integer>1</integer><key>PayloadIdentifier</key><string>com.example.profile</string><key>PayloadUUID</key>\
         <string>11111111-0000-4000-8000-000000000000</string><key>PayloadContent</key><array><dict>\
         <key>PayloadType</key><string>com.apple.vpn.managed</string><key>PayloadVersion</key><integer>1</integer>\
         <key>PayloadIdentifier</key><string>com.example.vpn</string><key>PayloadUUID</key>\
         <string>22222222-0000-4000-8000-000000000000</string><key>UserDefinedName</key><string>Work</string>\
         {payload}</dict></array></dict></plist>"
    )
}

fn convert(file: &str, secrets: Secrets) -> ToDeclarations {
    let document = Document::read(file.as_bytes());
    assert!(!document.problems().has_errors(), "{:?}\n{file}", document.problems().as_slice());
    let profile = Profile::of(&document).unwrap();
    to_declarations(&profile, None, secrets)
}
