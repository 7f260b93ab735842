//! The table of fields against the types of the description: all are listed, and each writes the key it says.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod specs;

use std::collections::BTreeSet;

use adit_profile::build::fields::{Kind, fields};
use adit_profile::build::{Seed, Spec, VpnKind};
use serde_json::{Value as Json, json};
use specs::{around, find, json_of, least, set, spec};

#[test]
fn each_example_writes_its_key() {
    for kind in VpnKind::ALL {
        for field in fields(kind) {
            let mut tree = around(kind, &field);
            let without = spec(&tree).build(&Seed([1; 16])).unwrap();
            set(&mut tree, &field.path, json_of(field.kind, field.example));
            let with = spec(&tree).build(&Seed([1; 16])).unwrap();
            assert!(
                find(&with, &field.writes).is_some(),
                "{}: --{} writes no {}",
                kind.name(),
                field.flag,
                field.writes
            );
            if find(&without, &field.writes).is_none() {
                assert_ne!(with, without);
            }
        }
    }
}

/// Serde names the fields it knows when it meets one it does not.
fn known(tree: &Json) -> Vec<String> {
    let error = serde_json::from_value::<Spec>(tree.clone()).unwrap_err().to_string();
    assert!(error.contains("`no-such-field`"), "{error}: {tree:#}");
    error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn each_field_of_the_types_is_listed() {
    // Tables that rows hold as a whole.
    let whole = ["rules", "services", "applications", "certificates", "consent", "custom-data"];
    for kind in VpnKind::ALL {
        let all = fields(kind);
        let listed: BTreeSet<String> = all.iter().map(|field| field.path.clone()).collect();
        let mut tables: BTreeSet<String> = BTreeSet::from([String::new()]);
        for path in &listed {
            let parts: Vec<&str> = path.split('.').collect();
            tables.extend((1..parts.len()).map(|length| parts[..length].join(".")));
        }
        for table in tables.iter().filter(|table| {
            !["vpn", "identity", "identity.user", "per-app.cellular-slice"].contains(&table.as_str())
        }) {
            let methods: Vec<Option<String>> = if table.ends_with("authentication") {
                let field = all.iter().find(|field| field.path == format!("{table}.method")).unwrap();
                field.kind.words().into_iter().map(|word| Some(word.to_owned())).collect()
            } else {
                vec![None]
            };
            for method in methods {
                let mut tree = least(kind, None);
                let bogus = if table.is_empty() {
                    "no-such-field".to_owned()
                } else {
                    format!("{table}.no-such-field")
                };
                set(&mut tree, &bogus, json!(1));
                if let Some(method) = method {
                    let mut only = json!({"method": method});
                    only["no-such-field"] = json!(1);
                    set(&mut tree, table, only);
                }
                for name in known(&tree) {
                    let path = if table.is_empty() { name.clone() } else { format!("{table}.{name}") };
                    let is_listed =
                        listed.iter().any(|known| *known == path || known.starts_with(&format!("{path}.")));
                    let elsewhere =
                        kind == VpnKind::AlwaysOn && ["on-demand", "per-app"].contains(&path.as_str());
                    assert!(is_listed || elsewhere, "{}: {path} is not in the table", kind.name());
                }
            }
        }
        assert!(whole.iter().all(|name| !tables.iter().any(|table| table.ends_with(name))));
    }
}

#[test]
fn flags_and_paths_are_unique_and_every_row_says_something() {
    for kind in VpnKind::ALL {
        let all = fields(kind);
        let flags: BTreeSet<&str> = all.iter().map(|field| field.flag.as_str()).collect();
        let paths: BTreeSet<&str> = all.iter().map(|field| field.path.as_str()).collect();
        assert_eq!((flags.len(), paths.len()), (all.len(), all.len()), "{}", kind.name());
        for field in &all {
            assert!(
                !field.help.is_empty() && (!field.example.is_empty() || field.kind == Kind::Table),
                "{}",
                field.flag
            );
            let words = field.kind.words();
            assert!(
                words.is_empty() || field.example.split(',').all(|word| words.contains(&word)),
                "{}",
                field.flag
            );
        }
    }
}
