//! Every row of `ddm-vpn-keys.tsv` round-trips, and the table has no key that the facts do not have.

use std::collections::BTreeSet;

use adit_profile::build::Value;
use adit_profile::convert::{DeclarationKind, to_profile};
use adit_profile::show::Secrets;

use super::{as_text, forward, json, same, shared};

/// A key of a declaration with values to try.
#[derive(Clone, Debug)]
struct Leaf {
    path: String,
    values: Vec<Value>,
    profile: String,
}

/// `a.{b,c}.d` is `a.b.d` and `a.c.d`.
fn expand(path: &str) -> Vec<String> {
    match path.split_once('{') {
        None => vec![path.to_owned()],
        Some((before, rest)) => {
            let (words, after) = rest.split_once('}').unwrap();
            words.split(',').flat_map(|word| expand(&format!("{before}{word}{after}"))).collect()
        }
    }
}

const RULES: &str = r#"[{"Action":"EvaluateConnection","ActionParameters":[{"Domains":["a.example"],
    "DomainAction":"ConnectIfNeeded","RequiredDNSServers":["192.0.2.1"],"RequiredURLStringProbe":"https://a.example"}],
    "InterfaceTypeMatch":"WiFi","SSIDMatch":["x"],"DNSDomainMatch":["d"],"DNSServerAddressMatch":["192.0.2.*"],
    "URLStringProbe":"https://b.example"},{"Action":"Connect"},{"Action":"Disconnect"},{"Action":"Ignore"},
    {"Action":"Allow"}]"#;

fn values(path: &str, kind: &str, allowed: &str) -> Vec<Value> {
    let last = path.rsplit('.').next().unwrap();
    if last == "Rules[]" {
        return vec![json(RULES)];
    }
    let texts =
        ["ServerAddresses", "SearchDomains", "SupplementalMatchDomains", "SupplementalMatchDomains[]"];
    if texts.contains(&last) {
        return vec![json(r#"["192.0.2.1","x"]"#), json("[]")];
    }
    if last == "ComposedIdentifier" {
        return [
            "com.example.app",
            "com.example.app {anchor apple generic and certificate leaf[subject.OU] = AB}",
        ]
        .map(Value::from)
        .to_vec();
    }
    if last == "LocalIdentifierType" {
        return vec!["KeyID".into()];
    }
    if last == "PasswordEncryption" {
        return vec!["Prompt".into()];
    }
    let words: Vec<&str> =
        allowed.split('|').filter(|word| !word.is_empty() && !word.contains(' ')).collect();
    let range = allowed.split_once("..").map(|(least, most)| (least.trim_start_matches("Port "), most));
    match kind {
        "integer" if last.ends_with("[]") => {
            vec![Value::Array(words.iter().map(|word| word.parse::<i64>().unwrap().into()).collect())]
        }
        "integer" => match range {
            Some((least, most)) => {
                [least, most].into_iter().filter_map(|end| end.parse::<i64>().ok()).map(Value::from).collect()
            }
            None if words.is_empty() => vec![42.into()],
            None => words.iter().map(|word| word.parse::<i64>().unwrap().into()).collect(),
        },
        "boolean" => vec![true.into(), false.into()],
        "data" => vec!["aGVsbG8=".into()],
        "string" if !words.is_empty() && !allowed.contains("..") => {
            words.into_iter().map(Value::from).collect()
        }
        "string" | "—" if last == "PromptForVPNPIN" => vec![true.into(), false.into()],
        "string" | "—" => vec!["some text".into()],
        other => panic!("{path}: {other}"),
    }
}

/// The leaves of the facts for each declaration.
fn leaves(text: &str) -> Vec<(DeclarationKind, Leaf)> {
    let mut all: Vec<(DeclarationKind, Leaf)> = Vec::new();
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    for row in &rows {
        let [declaration, path, kinds, _, _, allowed, profile, ..] = row.as_slice() else {
            panic!("{row:?}")
        };
        let kind = DeclarationKind::of_type(&format!("com.apple.configuration.{declaration}")).unwrap();
        let of_ikev2 = |prefixes: &[&str], except: &[&str]| -> Vec<Leaf> {
            let ikev2 = all.iter().filter(|(kind, _)| *kind == DeclarationKind::Ikev2).map(|(_, leaf)| leaf);
            ikev2
                .filter(|leaf| prefixes.iter().any(|prefix| leaf.path.starts_with(&format!("{prefix}."))))
                .filter(|leaf| !except.contains(&leaf.path.as_str()))
                .cloned()
                .collect()
        };
        let new: Vec<Leaf> = if *profile == "as ikev2" {
            let prefixes: Vec<&str> = path.split(", ").collect();
            let except: &[&str] = match kind {
                DeclarationKind::Ipsec => &["OnDemand.DisableUserOverride", "Idle.DeadPeerDetectionRate"],
                // The facts' note on IPSec says what is there besides; a plug-in's Idle has no rate either (27.0 schema).
                _ => &["Idle.DeadPeerDetectionRate"],
            };
            of_ikev2(&prefixes, except)
        } else if *path == "TunnelConfigurations[].IKEV2" {
            let mut leaves: Vec<Leaf> = all
                .iter()
                .filter(|(kind, _)| *kind == DeclarationKind::Ikev2)
                .map(|(_, leaf)| leaf.clone())
                .collect();
            leaves.retain(|leaf| {
                !["NetworkRouting", "DNS", "Proxies", "VisibleName"]
                    .contains(&leaf.path.split('.').next().unwrap())
            });
            for leaf in &mut leaves {
                leaf.path = format!("TunnelConfigurations[].IKEV2.{}", leaf.path);
            }
            leaves
        } else if *path == "(all)" {
            let leaf = |path: &str, values: Vec<Value>| Leaf {
                path: path.to_owned(),
                values,
                profile: String::new(),
            };
            let flag = || vec![Value::from(true), Value::from(false)];
            let mut leaves = vec![
                leaf("VisibleName", vec!["Always".into()]),
                leaf("UIToggleEnabled", flag()),
                leaf("AllowCaptiveWebSheet", flag()),
                leaf("AllowAllCaptiveNetworkPlugins", flag()),
                leaf(
                    "AllowedCaptiveNetworkPlugins",
                    vec![json(r#"[{"BundleIdentifier":"a"},{"BundleIdentifier":"b"}]"#)],
                ),
                leaf(
                    "ApplicationExceptions",
                    vec![json(r#"[{"BundleIdentifier":"a","LimitToProtocols":["UDP"]}]"#)],
                ),
                leaf(
                    "ServiceExceptions",
                    vec![json(
                        r#"[{"ServiceName":"VoiceMail","Action":"Allow"},{"ServiceName":"AirPrint","Action":"Drop"},
                        {"ServiceName":"CellularServices","Action":"Drop"},{"ServiceName":"DeviceCommunication","Action":"Drop"}]"#,
                    )],
                ),
            ];
            let notes = row.get(7).unwrap();
            for leaf in &leaves {
                assert!(notes.contains(&leaf.path), "{}", leaf.path);
            }
            leaves.extend(of_ikev2(&["DNS", "Proxies"], &[]));
            leaves
        } else if *kinds == "dictionary" && !path.ends_with("[]") {
            assert_eq!(*path, "Authentication");
            continue;
        } else if path.starts_with("TunnelConfigurations[].") {
            let leaf = |path: &str, value: &str| Leaf {
                path: path.to_owned(),
                values: vec![json(value)],
                profile: String::new(),
            };
            assert_eq!(
                expand(path),
                ["TunnelConfigurations[].ProtocolType", "TunnelConfigurations[].Interfaces"]
            );
            vec![
                leaf("TunnelConfigurations[].ProtocolType", r#""IKEv2""#),
                leaf("TunnelConfigurations[].Interfaces", r#"["Cellular","WiFi"]"#),
            ]
        } else {
            let paths = expand(path);
            let kinds: Vec<&str> = kinds.split(',').collect();
            let counterparts: Vec<String> = expand(profile);
            paths
                .iter()
                .enumerate()
                .map(|(at, path)| Leaf {
                    path: path.clone(),
                    values: values(path, kinds[at % kinds.len()], allowed),
                    profile: if counterparts.len() == paths.len() {
                        counterparts[at].clone()
                    } else {
                        String::new()
                    },
                })
                .collect()
        };
        all.extend(new.into_iter().map(|leaf| (kind, leaf)));
    }
    all
}

fn put(root: &mut Value, path: &str, value: &Value) {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let Value::Dict(entries) = root else { panic!() };
    let (name, is_array) = first.strip_suffix("[]").map_or((first, false), |name| (name, true));
    let Some(rest) = rest else {
        entries.retain(|(known, _)| known != name);
        entries.push((name.to_owned(), value.clone()));
        return;
    };
    if !entries.iter().any(|(known, _)| known == name) {
        let inner = Value::Dict(vec![]);
        entries.push((name.to_owned(), if is_array { Value::Array(vec![inner]) } else { inner }));
    }
    let (_, inner) = entries.iter_mut().find(|(known, _)| known == name).unwrap();
    match inner {
        Value::Array(items) => put(&mut items[0], rest, value),
        inner => put(inner, rest, value),
    }
}

/// What each declaration needs at least.
fn base(kind: DeclarationKind) -> Value {
    json(match kind {
        DeclarationKind::Ikev2 => {
            r#"{"VisibleName":"n","HostName":"h","LocalIdentifier":"l","RemoteIdentifier":"r",
                "Authentication":{"Method":"None"}}"#
        }
        DeclarationKind::Ipsec => {
            r#"{"VisibleName":"n","HostName":"h","Authentication":{"Method":"SharedSecret"}}"#
        }
        DeclarationKind::VpnPlugin => {
            r#"{"VisibleName":"n","HostName":"h","SubType":"s","Authentication":{"Method":"Password"}}"#
        }
        DeclarationKind::AlwaysOn => {
            r#"{"VisibleName":"n","TunnelConfigurations":[{"ProtocolType":"IKEv2","IKEV2":{"HostName":"h",
                "LocalIdentifier":"l","RemoteIdentifier":"r","Authentication":{"Method":"None"}}}]}"#
        }
    })
}

fn round(kind: DeclarationKind, payload: &Value) -> (Value, Vec<String>, Value) {
    let declaration = Value::dict([
        ("Type", Value::from(kind.declaration_type())),
        ("Identifier", "com.example.declaration".into()),
        ("Payload", payload.clone()),
    ]);
    let made = to_profile(&[declaration]).unwrap();
    let back = forward(&made.profile, Secrets::Show);
    let lost = made.lost.iter().chain(&back.lost).map(|lost| lost.path.clone()).collect();
    assert_eq!(back.declarations.len(), 1);
    assert_eq!(back.declarations[0].identifier, "com.example.declaration");
    (back.declarations[0].payload.clone(), lost, made.profile)
}

#[test]
fn every_row_of_the_facts_round_trips_or_is_reported_lost() {
    let Some(text) = shared("declaration keys", "reference/ddm-vpn-keys.tsv") else { return };
    let leaves = leaves(&text);
    assert!(leaves.len() > 180, "{}", leaves.len());
    let mut everything: Vec<(DeclarationKind, Value)> =
        DeclarationKind::ALL.map(|kind| (kind, base(kind))).to_vec();
    for (kind, leaf) in &leaves {
        for value in &leaf.values {
            let mut payload = base(*kind);
            put(&mut payload, &leaf.path, value);
            let (back, lost, profile) = round(*kind, &payload);
            assert!(
                same(&back, &payload),
                "{} = {value:?} {}\n{}\nlost {lost:?}",
                kind.declaration_type(),
                leaf.path,
                as_text(&back)
            );
            // No row of the facts is lost; if one were, it would have to be told here.
            assert!(lost.iter().all(|path| !path.ends_with(&leaf.path)), "{lost:?}");
            let (_, all) = everything.iter_mut().find(|(known, _)| known == kind).unwrap();
            put(all, &leaf.path, value);
            if !leaf.profile.contains([' ', '(', '—', '…'])
                && leaf.profile.contains('.')
                && *kind != DeclarationKind::AlwaysOn
            {
                // `same` stands for the last key.
                let last = leaf.path.trim_end_matches("[]").rsplit('.').next().unwrap();
                let key = leaf.profile.trim_end_matches("[]").replace("same", last);
                let key = key.replacen("IKEv2.", &format!("{}.", kind.vpn_type()), 1);
                let Some(Value::Array(payloads)) = profile.get("PayloadContent") else { panic!() };
                let found = key.split('.').try_fold(&payloads[0], |value, key| value.get(key));
                assert!(found.is_some(), "{} should be {key}", leaf.path);
            }
        }
    }
    // All keys of a declaration at once.
    for (kind, payload) in everything {
        let (back, lost, _) = round(kind, &payload);
        assert!(same(&back, &payload), "{}\n{}\n{lost:?}", as_text(&payload), as_text(&back));
    }
}

#[test]
fn the_table_has_the_keys_of_the_facts_and_no_other() {
    let Some(text) = shared("declaration keys", "reference/ddm-vpn-keys.tsv") else { return };
    let leaves = leaves(&text);
    for kind in DeclarationKind::ALL {
        let facts: BTreeSet<String> = leaves
            .iter()
            .filter(|(known, _)| *known == kind)
            .map(|(_, leaf)| leaf.path.strip_suffix("[]").unwrap_or(&leaf.path).to_owned())
            .collect();
        let table: BTreeSet<String> =
            kind.keys().into_iter().map(|(_, to)| to).filter(|to| to != "TunnelConfigurations").collect();
        assert_eq!(facts, table, "{}", kind.declaration_type());
    }
}

#[test]
fn every_key_of_the_table_exists_in_the_profile_schema() {
    let schema = adit_profile::schema::payload("com.apple.vpn.managed").unwrap();
    for kind in DeclarationKind::ALL {
        for (profile, _) in kind.keys() {
            let inline = profile.replace("AlwaysOn.TunnelConfigurations[].", "IKEv2.");
            assert!(schema.at(&profile).or_else(|| schema.at(&inline)).is_some(), "{profile}");
        }
    }
}
