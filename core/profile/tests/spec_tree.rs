//! A description is read from a tree as serde reads it: every field of every type.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::expect_used, reason = "tests")]

mod specs;

use adit_profile::build::fields::fields;
use adit_profile::build::{Spec, VpnKind};
use adit_profile::convert::FromJson;
use serde_json::json;

#[test]
fn every_field_is_read_alike() {
    let (mut read_count, mut refused) = (0, 0);
    for kind in VpnKind::ALL {
        for field in fields(kind) {
            let good = specs::json_of(field.kind, field.example);
            // The value that belongs there, and others, most of which do not.
            for value in
                [good, json!(7), json!("hunter2"), json!([7]), json!({"hunter2": 7}), json!(true), json!(1.5)]
            {
                let mut tree = specs::least(kind, field.methods.first().copied());
                specs::set(&mut tree, &field.path, value);
                let FromJson(ours) = serde_json::from_value(tree.clone()).unwrap();
                match (Spec::of(&ours), serde_json::from_value::<Spec>(tree.clone())) {
                    (Ok(ours), Ok(theirs)) => {
                        assert_eq!(ours, theirs, "{}", field.path);
                        read_count += 1;
                    }
                    (Err(misfit), Err(_)) => {
                        // It names the field, or one that is missing in the same table.
                        let (path, first) =
                            (misfit.path(), |path: &str| path.split(['.', '[']).next().map(str::to_owned));
                        assert_eq!(first(&path), first(&field.path), "{}: {}", field.path, misfit.message);
                        refused += 1;
                    }
                    (ours, theirs) => panic!("{}: {ours:?}, but serde {theirs:?}: {tree:#}", field.path),
                }
            }
        }
    }
    assert!(read_count > 800 && refused > 3000, "{read_count} read, {refused} refused");
}
