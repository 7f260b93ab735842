//! A profile that was built opens in the form again: every field of every type, alone and all that can stand together.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::expect_used, reason = "tests")]

mod common;
mod specs;

use std::fs;

use adit_profile::build::fields::{Kind, fields};
use adit_profile::build::{Seed, Spec, Value, VpnKind, open, to_xml};
use adit_profile::convert::{FromJson, Json};
use adit_profile::{Document, Profile};
use serde_json::{Value as Tree, json};

/// A profile as a description, with what is lost.
fn opened(file: &[u8]) -> open::Opened {
    let document = Document::read(file);
    let profile = Profile::of(&document).unwrap();
    let payload = profile.vpn_payloads().next().unwrap();
    open::open(&document, &profile, payload).unwrap()
}

fn built(spec: &Spec) -> Value {
    spec.build(&Seed::from_text("spec_open")).unwrap()
}

fn at<'t>(tree: &'t Tree, path: &str) -> Option<&'t Tree> {
    path.split('.').try_fold(tree, |at, name| at.get(name))
}

#[test]
fn every_field_comes_back_and_nothing_is_lost() {
    let mut count = 0;
    for kind in VpnKind::ALL {
        for field in fields(kind) {
            let mut tree = specs::least(kind, field.methods.first().copied());
            if field.path.contains(".acme.") {
                for other in fields(kind).iter().filter(|other| other.path.contains(".acme.")) {
                    specs::set(&mut tree, &other.path, specs::json_of(other.kind, other.example));
                }
            }
            for (part, needs) in
                [(".scep.", "identity.user.scep.url"), (".pkcs12.", "identity.user.pkcs12.content")]
            {
                if field.path.contains(part) {
                    let example = if part == ".scep." {
                        json!("https://scep.example")
                    } else {
                        json!({"file": "alice.p12"})
                    };
                    specs::set(&mut tree, needs, example);
                }
            }
            if field.path.ends_with(".identity") {
                specs::set(&mut tree, "identity.user.scep.url", json!("https://scep.example"));
            }
            if let Some(table) = field.path.strip_prefix("proxies.").and_then(|rest| rest.split_once('.')) {
                specs::set(&mut tree, &format!("proxies.{}.server", table.0), json!("proxy.example.com"));
            }
            if field.path.ends_with("provider-type-outside") {
                specs::set(&mut tree, "vpn.custom-ssl.provider-type", json!("app-proxy"));
            }
            if let Some((tunnel, _)) =
                field.path.strip_prefix("vpn.always-on.").and_then(|rest| rest.split_once('.'))
                && tunnel != "tunnel"
            {
                let whole = tree["vpn"]["always-on"]["tunnel"].take();
                tree["vpn"]["always-on"] = json!({});
                specs::set(&mut tree, &format!("vpn.always-on.{tunnel}"), whole);
            }
            let value = match (field.kind, field.path.ends_with(".identity")) {
                (_, true) => json!("user"),
                (kind, _) => specs::json_of(kind, field.example),
            };
            specs::set(&mut tree, &field.path, value.clone());
            let Ok(_) = serde_json::from_value::<Spec>(tree.clone()) else {
                // What only stands together with another choice, such as the name of an EAP user beside `secret`.
                panic!(
                    "{}: {:?} {tree:#}",
                    field.path,
                    serde_json::from_value::<Spec>(tree.clone()).unwrap_err()
                );
            };
            let FromJson(read) = serde_json::from_value(tree.clone()).unwrap();
            assert_eq!(
                Spec::of(&read).unwrap(),
                serde_json::from_value(tree.clone()).unwrap(),
                "{}",
                field.path
            );
            let spec = specs::spec(&tree);
            let Ok(profile) = spec.build(&Seed::from_text("spec_open")) else { continue };
            count += 1;
            let file = to_xml(&profile).unwrap();
            let opened = opened(file.as_bytes());
            assert!(opened.lost.is_empty(), "{}: {:?}\n{}", field.path, opened.lost, *file);
            let again = serde_json::to_value(Json(&opened.spec)).unwrap();
            let found = at(&again, &field.path);
            match field.kind {
                Kind::Secret | Kind::File | Kind::Files | Kind::Table => {
                    assert!(found.is_some(), "{}", field.path)
                }
                _ if field.path.ends_with(".subtype") => {}
                // The same as what is written without it.
                _ if found.is_none() => {
                    let same = built(&Spec::of(&opened.spec).unwrap()) == built(&spec);
                    assert!(same, "{} is not read", field.path);
                }
                // A date comes back with its time.
                _ if field.path.ends_with("-date") => {
                    let found = found.and_then(Tree::as_str).unwrap();
                    assert!(found.starts_with(value.as_str().unwrap()), "{}: {found}", field.path);
                }
                // Hexadecimal digits come back in upper case.
                _ if field.path.ends_with("-fingerprint") => {
                    let found = found.and_then(Tree::as_str).unwrap();
                    assert!(found.eq_ignore_ascii_case(value.as_str().unwrap()), "{}: {found}", field.path);
                }
                _ => assert_eq!(found, Some(&value), "{}", field.path),
            }
            // And it builds the same profile.
            let same = to_xml(&built(&Spec::of(&opened.spec).unwrap())).unwrap();
            let same = Document::read(same.as_bytes());
            let diff = adit_profile::diff::diff(&Document::read(file.as_bytes()), &same).unwrap();
            assert!(diff.is_same_but_identity(), "{}: {:?}", field.path, diff.changes);
        }
    }
    assert!(count > 800, "{count}");
}

#[test]
fn corpus_profiles_open_and_say_what_is_lost() {
    let Some(shared) = common::shared("corpus as descriptions") else { return };
    let (mut opened_count, mut whole) = (0, 0);
    let mut folders = vec![shared.join("corpus")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let file = fs::read(&path).unwrap();
            let document = Document::read(&file);
            let Some(profile) = Profile::of(&document).filter(|_| !document.problems().has_errors()) else {
                continue;
            };
            for payload in profile.vpn_payloads() {
                let Ok(opened) = open::open(&document, &profile, payload) else { continue };
                opened_count += 1;
                whole += usize::from(opened.lost.is_empty());
                // What is opened can be described, or it is told which field is missing.
                assert!(Spec::of(&opened.spec).is_ok() || opened.lost.len() == 1, "{}", path.display());
            }
        }
    }
    assert!(opened_count > 20 && whole > 0, "{opened_count} opened, {whole} without loss");
}
