//! `adit new`: the flag of every field, with the example that the list shows, writes the key that the list names.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "new/bench.rs"]
mod bench;

use std::collections::BTreeSet;

use bench::{Bench, kinds};
use serde_json::Value as Json;

/// The flag with its example, as words of a command line.
fn words(field: &Json) -> Vec<String> {
    let flag = format!("--{}", field["flag"].as_str().unwrap());
    let example = field["example"].as_str().unwrap().to_owned();
    match &field["kind"] {
        Json::String(kind) if kind == "table" => vec![flag],
        Json::String(kind) if kind == "secret" => vec![format!("{flag}-file"), "password.txt".to_owned()],
        _ => vec![flag, example],
    }
}

/// What a field cannot do without.
fn surroundings(kind: &str, field: &Json) -> Vec<&'static str> {
    let path = field["path"].as_str().unwrap();
    let methods: Vec<&str> =
        field["methods"].as_array().unwrap().iter().map(|method| method.as_str().unwrap()).collect();
    let mut args = match (methods.first(), kind) {
        (Some(&"shared-secret"), _) if !path.ends_with(".secret") => vec!["--psk-file", "psk.txt"],
        (Some(&"shared-secret"), _) => vec!["--auth", "shared-secret"],
        (Some(&"certificate"), _) => vec!["--auth", "certificate"],
        (Some(&"eap-tls"), _) => vec!["--auth", "eap-tls"],
        (Some(&"eap"), _) => vec!["--auth", "eap"],
        (Some(&"password"), _) => vec!["--auth", "password"],
        (_, "ikev2" | "always-on" | "ipsec") if !path.ends_with("authentication.method") => {
            vec!["--psk-file", "psk.txt"]
        }
        _ => vec![],
    };
    const PKCS12: [&str; 4] = ["--identity", "alice.p12", "--identity-password-file", "p12-password.txt"];
    let takes = |prefix: &str| path.starts_with(prefix);
    if takes("identity.user.pkcs12.") && !path.ends_with("content") && !path.ends_with("password")
        || path.ends_with(".identity")
    {
        args.extend(PKCS12);
    } else if path.ends_with("pkcs12.password") {
        args.extend(&PKCS12[..2]);
    } else if takes("identity.user.scep.") && !path.ends_with("url") {
        args.extend(["--scep-url", "https://scep.example.com/scep"]);
    } else if takes("identity.user.acme.") {
        let all = [
            ("--acme-directory-url", "https://acme.example.com/directory"),
            ("--acme-client-identifier", "1"),
            ("--acme-key-type", "ECSECPrimeRandom"),
            ("--acme-key-size", "256"),
            ("--acme-hardware-bound", "true"),
            ("--acme-subject", "CN=alice"),
        ];
        let own = format!("--{}", field["flag"].as_str().unwrap());
        args.extend(all.iter().filter(|(flag, _)| *flag != own).flat_map(|(flag, value)| [*flag, *value]));
    } else if takes("proxies.manual.") && !path.ends_with("server") {
        args.extend(["--proxy-server", "proxy.example.com"]);
    } else if takes("proxies.http.") && !path.ends_with("server") {
        args.extend(["--http-proxy-server", "proxy.example.com"]);
    } else if takes("proxies.https.") && !path.ends_with("server") {
        args.extend(["--https-proxy-server", "proxy.example.com"]);
    } else if path.ends_with("provider-type-outside") {
        args.extend(["--provider-type", "app-proxy"]);
    }
    args
}

#[test]
fn each_flag_writes_its_key() {
    let bench = Bench::new();
    // alice.p12 is the only such file here; ca.pem too.
    let mut seen = BTreeSet::new();
    let mut checked = 0;
    for kind in kinds(&bench) {
        let list: Json =
            serde_json::from_slice(&bench.adit(&["new", "--list", &kind, "--json"]).stdout).unwrap();
        for field in list["types"][0]["fields"].as_array().unwrap() {
            let (path, flag) = (field["path"].as_str().unwrap(), field["flag"].as_str().unwrap());
            // What all types share is tried with the first that has it.
            if !path.starts_with("vpn.") && !seen.insert(path.to_owned()) {
                continue;
            }
            let prefix =
                ["wifi-", "cellular-"].into_iter().find(|prefix| flag.starts_with(prefix)).unwrap_or("");
            let mut args = vec!["new".to_owned(), kind.clone()];
            let mut put = |flag: &str, value: &str| {
                if flag.strip_prefix("--") != Some(field["flag"].as_str().unwrap()) {
                    args.extend([flag.to_owned(), value.to_owned()]);
                }
            };
            put("--name", "VPN");
            put(&format!("--{prefix}server"), "vpn.example.com");
            if kind == "custom-ssl" {
                put("--app-identifier", "com.example.vpn");
            }
            let needed = surroundings(&kind, field);
            args.extend(needed.chunks(2).flat_map(|pair| {
                // The flags of one interface's tunnel have its name in front.
                let tunnel = ["--auth", "--psk-file"].contains(&pair[0]);
                let flag = if tunnel { format!("--{prefix}{}", &pair[0][2..]) } else { pair[0].to_owned() };
                [flag, pair[1].to_owned()]
            }));
            args.extend(words(field));
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let mut ran = bench.adit(&args);
            let said = String::from_utf8_lossy(&ran.stderr).into_owned();
            if ran.status.code() == Some(1) {
                let allow = said.lines().last().unwrap().rsplit(' ').next().unwrap();
                ran = bench.adit(&[&args[..], &["--allow", allow]].concat());
            }
            assert!(ran.status.success(), "{args:?}\n{said}\n{}", String::from_utf8_lossy(&ran.stderr));
            let key =
                field["writes"].as_str().unwrap().rsplit(['.', ':']).next().unwrap().trim_end_matches("[]");
            let xml = String::from_utf8(ran.stdout).unwrap();
            assert!(xml.contains(&format!("<key>{key}</key>")), "{args:?} writes no {key}: {xml}");
            checked += 1;
        }
    }
    assert!(checked > 300, "{checked}");
}
