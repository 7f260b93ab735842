//! `adit new`: every type from flags and from TOML, clean; what is refused, and how.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "new/bench.rs"]
mod bench;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;

use bench::{Bench, document, kinds, refused, shell_blocks};
use serde_json::Value as Json;

#[test]
fn each_example_of_the_manual_runs_and_its_two_forms_are_the_same() {
    let bench = Bench::new();
    let mut seen = BTreeSet::new();
    let blocks = shell_blocks(&document("new.md"));
    for (index, (command, toml)) in blocks.iter().enumerate() {
        let kind = command.split_whitespace().nth(2).unwrap().to_owned();
        let name = command.split("-o ").nth(1).unwrap().trim().to_owned();
        // The same seed for both forms.
        let seeded = command.replacen(&kind, &format!("{kind} --seed manual"), 1);
        let ran = bench.shell(&seeded);
        assert!(ran.status.success(), "{command}\n{}", String::from_utf8_lossy(&ran.stderr));
        let from_flags = bench.read(&name);
        bench.write(&format!("{index}.toml"), toml);
        let ran = bench.adit(&["new", "--seed", "manual", "--from", &format!("{index}.toml")]);
        assert!(ran.status.success(), "{toml}\n{}", String::from_utf8_lossy(&ran.stderr));
        assert_eq!(
            String::from_utf8(ran.stdout).unwrap(),
            String::from_utf8(from_flags).unwrap(),
            "{command}"
        );
        let checked = bench.adit(&["validate", &name]);
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
        seen.insert(kind);
    }
    assert_eq!(seen, kinds(&bench).into_iter().collect::<BTreeSet<_>>(), "a type without an example");
}

#[test]
fn every_type_takes_every_feature_clean() {
    let bench = Bench::new();
    let password: &[&str] = &["--account", "alice", "--password-file", "password.txt"];
    let certificate: &[&str] = &["--identity", "alice.p12", "--identity-password-file", "p12-password.txt"];
    let features: &[&[&str]] = &[
        &["--rule", "disconnect ssid=Office", "--rule", "connect"],
        &[
            "--rule",
            "evaluate connect-if-needed=in.example.com required-dns=10.0.0.1",
            "--on-demand-no-override",
        ],
        &["--per-app", "--on-demand", "--match-app"],
        &[
            "--safari-domains",
            "a.example.com",
            "--associated-domains",
            "b.example.com",
            "--excluded-domains",
            "c.example.com",
        ],
        &[
            "--mail-domains",
            "m.example.com",
            "--calendar-domains",
            "m.example.com",
            "--contacts-domains",
            "m.example.com",
        ],
        &["--slice-dnn", "enterprise"],
        &["--slice-app-category", "communication-1"],
        &["--proxy-server", "proxy.example.com", "--proxy-port", "8080", "--proxy-username", "$USERID$"],
        &["--proxy-auto-config-url", "https://proxy.example.com/proxy.pac"],
        &["--dns-servers", "10.0.0.53", "--dns-protocol", "TLS", "--dns-server-name", "dns.example.com"],
        &[
            "--ca",
            "ca.pem",
            "--organization",
            "Example",
            "--identifier",
            "com.example.vpn",
            "--scope",
            "System",
        ],
        &["--removal-password-file", "password.txt"],
        &["--disconnect-on-idle", "--idle-timer", "600"],
        &["--include-all-networks", "--exclude-local-networks"],
        &["--format", "binary"],
    ];
    for kind in kinds(&bench) {
        for (index, feature) in features.iter().enumerate() {
            let mut args = vec!["new", &kind, "--name", "VPN", "--server", "vpn.example.com"];
            match kind.as_str() {
                "ikev2" if index % 2 == 0 => {
                    args.extend(["--username", "alice", "--password-file", "password.txt"]);
                }
                "ikev2" | "always-on" => {
                    args.extend(certificate);
                    args.extend([
                        "--local-identifier",
                        "alice@example.com",
                        "--server-certificate-issuer",
                        "CA",
                    ]);
                }
                "ipsec" => args.extend(certificate),
                _ if index % 2 == 0 => args.extend(password),
                _ => args.extend(certificate),
            }
            if kind == "custom-ssl" {
                args.extend(["--app-identifier", "com.example.vpn"]);
            }
            let takes = |flag: &str| bench.flags(&kind).contains(flag.trim_start_matches("--"));
            let shared = ["--format"];
            if !feature
                .iter()
                .filter(|word| word.starts_with("--"))
                .all(|flag| takes(flag) || shared.contains(flag))
            {
                assert!(kind == "always-on" || kind == "ipsec" && index == 13, "{kind} {feature:?}");
                continue;
            }
            args.extend(*feature);
            let ran = bench.adit(&args);
            assert!(ran.status.success(), "{args:?}\n{}", String::from_utf8_lossy(&ran.stderr));
            assert_eq!(ran.stdout.starts_with(b"bplist00"), feature.contains(&"binary"));
        }
    }
}

#[test]
fn a_diagnostic_refuses_and_allow_insists() {
    let bench = Bench::new();
    let mut wrong = Vec::new();
    for (code, args) in refused() {
        let ran = bench.adit(&args);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        if ran.status.code() != Some(1) || !said.contains(&format!("[{code}]")) {
            wrong.push(format!("{code}: {args:?}: {:?}\n{said}", ran.status.code()));
            continue;
        }
        assert!(ran.stdout.is_empty(), "{code}: something was written");
        // The advice names all the codes that are in the way.
        let allow = said.lines().last().unwrap().rsplit(' ').next().unwrap();
        assert!(allow.split(',').any(|allowed| allowed == code), "{said}");
        let ran = bench.adit(&[&args[..], &["--allow", allow]].concat());
        assert!(ran.status.success(), "{code}: {}", String::from_utf8_lossy(&ran.stderr));
        assert!(ran.stdout.starts_with(b"<?xml"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_diagnostic_names_the_flag_that_was_used() {
    let bench = Bench::new();
    for (tunnel, mtu) in [("", "--mtu"), ("wifi-", "--wifi-mtu"), ("cellular-", "--cellular-mtu")] {
        let args = ["server", "psk-file", "local-identifier"].map(|flag| format!("--{tunnel}{flag}"));
        let [server, psk, name] = args.each_ref().map(String::as_str);
        let ran = bench.adit(&[
            "new",
            "always-on",
            "--name",
            "x",
            server,
            "s.example.com",
            psk,
            "psk.txt",
            name,
            "a",
            mtu,
            "1",
        ]);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(said.contains(&format!("MTU ({mtu})")), "{said}");
    }
    let args = ["new", "ikev2", "--name", "x", "--server", "s.example.com", "--local-identifier", "a"];
    let ran = bench.adit(&[&args[..], &["--psk-file", "short-psk.txt"]].concat());
    assert!(String::from_utf8_lossy(&ran.stderr).contains("SharedSecret (--psk-file)"));
}

#[test]
fn wrong_usage_names_the_flag_or_the_field() {
    let bench = Bench::new();
    bench.write("unknown.toml", "[profile]\nname = \"x\"\n[vpn.ikev2]\nsever = \"x\"\n");
    bench.write(
        "type.toml",
        "[profile]\nname = \"x\"\n[vpn.netmotion]\nserver = \"s\"\nidle-timer = \"soon\"\n",
    );
    bench
        .write("two.toml", "profile.name = \"x\"\nvpn.f5-ssl.server = \"s\"\nvpn.netmotion.server = \"s\"\n");
    bench.write("broken.toml", "[profile]\nname = hunter2 hunter2\n");
    bench.write("identity.toml", "[profile]\nname = \"x\"\n[vpn.ikev2]\nserver = \"s\"\n[vpn.ikev2.authentication]\nmethod = \"certificate\"\nidentity = \"bob\"\n");
    bench.write(
        "subtype.toml",
        "[profile]\nname = \"x\"\n[vpn.f5-ssl]\nserver = \"s\"\nsubtype = \"newest\"\n",
    );
    let base: &[&str] = &["new", "ikev2", "--name", "x", "--server", "vpn.example.com"];
    let with = |more: &[&'static str]| [base, more].concat();
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (vec!["new", "ikev2", "--name", "x"], "--server"),
        (with(&[]), "--auth"),
        (with(&["--auth", "shared-secret"]), "--psk-file"),
        (
            with(&["--psk-file", "psk.txt", "--username", "alice"]),
            "no authentication method takes all of these",
        ),
        (with(&["--auth", "eap", "--psk-file", "psk.txt"]), "--psk-file does not go with --auth eap"),
        (with(&["--username", "a", "--mtu", "big"]), "--mtu"),
        (with(&["--username", "a", "--ike-encryption", "ROT13"]), "--ike-encryption"),
        (with(&["--username", "a", "--rule", "jump"]), "--rule"),
        (with(&["--username", "a", "--password", "hunter2"]), "--secrets-in-arguments"),
        (with(&["--username", "a", "--password-file", "none.txt"]), "vpn.ikev2.authentication.password"),
        (with(&["--username", "a", "--ca", "psk.txt"]), "certificates[0].content"),
        (with(&["--username", "a", "--removal-date", "tomorrow"]), "profile.removal-date"),
        (with(&["--username", "a", "--dns-identity", "bob"]), "dns.identity"),
        (
            with(&["--username", "a", "--slice-dnn", "x", "--slice-app-category", "y"]),
            "per-app.cellular-slice can only have one of app-category, dnn",
        ),
        (vec!["new", "--from", "two.toml"], "vpn can only have one of f5-ssl, netmotion"),
        (vec!["new", "ikev2", "--name", "--server", "x"], "--name"),
        (vec!["new", "--from", "unknown.toml"], "unknown.toml:4:1: unknown field `sever`"),
        (vec!["new", "--from", "type.toml"], "type.toml:5:"),
        (vec!["new", "--from", "broken.toml"], "broken.toml:2:"),
        (vec!["new", "--from", "none.toml"], "none.toml"),
        (vec!["new", "--from", "identity.toml"], "there is no identity called bob"),
        (vec!["new", "--from", "subtype.toml"], "ios, macos, legacy"),
        (vec!["new", "ipsec", "--from", "subtype.toml", "--group", "x"], "describes f5-ssl"),
        (vec!["new", "nonsense"], "nonsense"),
        (vec!["new", "--list", "nonsense"], "nonsense"),
        (vec!["new", "ikev2", "--target", "amiga-3"], "--target"),
    ];
    for (args, reason) in cases {
        let ran = bench.adit(&args);
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(2), "{args:?}: {said}");
        assert!(ran.stdout.is_empty(), "{args:?}");
        assert!(said.contains(reason), "{args:?}: {said}");
        assert!(!said.contains("hunter2"), "{args:?}: a secret is shown: {said}");
    }
}

#[test]
fn flags_go_over_the_file_and_json_is_read_too() {
    let bench = Bench::new();
    bench.write(
        "base.toml",
        "[profile]\nname = \"Base\"\n[vpn.netmotion]\nserver = \"old.example.com\"\naccount = \"alice\"\n",
    );
    let ran = bench.adit(&["new", "netmotion", "--from", "base.toml", "--server", "new.example.com"]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let xml = String::from_utf8(ran.stdout).unwrap();
    assert!(xml.contains("new.example.com") && xml.contains("alice") && !xml.contains("old.example.com"));

    bench.write(
        "base.json",
        r#"{"profile": {"name": "Base"}, "vpn": {"netmotion": {"server": "j.example.com"}}}"#,
    );
    let ran = bench.adit(&["new", "--from", "base.json"]);
    assert!(String::from_utf8(ran.stdout).unwrap().contains("j.example.com"));

    // Files that a description names are beside it.
    std::fs::create_dir(bench.path("deep")).unwrap();
    bench.write("deep/pw.txt", "correct horse battery\n");
    bench.write(
        "deep/eap.toml",
        "[profile]\nname = \"x\"\n[vpn.ikev2]\nserver = \"s\"\nauthentication = { method = \"eap\", name = \"a\", password = { file = \"pw.txt\" } }\n",
    );
    let ran = bench.adit(&["new", "--from", "deep/eap.toml"]);
    assert!(String::from_utf8(ran.stdout).unwrap().contains("<string>correct horse battery</string>"));
}

#[test]
fn the_file_is_for_its_owner_and_nothing_is_overwritten_unasked() {
    let bench = Bench::new();
    let args = ["new", "netmotion", "--name", "x", "--server", "s.example.com", "-o", "out.mobileconfig"];
    assert!(bench.adit(&args).status.success());
    let mode = std::fs::metadata(bench.path("out.mobileconfig")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    bench.write("out.mobileconfig", "mine");
    assert_eq!(bench.adit(&args).status.code(), Some(2));
    assert_eq!(bench.read("out.mobileconfig"), b"mine");
    assert!(bench.adit(&[&args[..], &["--force"]].concat()).status.success());
    assert!(bench.read("out.mobileconfig").starts_with(b"<?xml"));
    // What is refused leaves the old file as it is.
    bench.write("out.mobileconfig", "mine");
    let ran = bench.adit(&[&args[..], &["--force", "--proxy-server", "p.example.com"]].concat());
    assert_eq!(ran.status.code(), Some(1));
    assert_eq!(bench.read("out.mobileconfig"), b"mine");
}

#[test]
fn a_seed_gives_the_same_profile_and_none_another_each_time() {
    let bench = Bench::new();
    let args = ["new", "netmotion", "--name", "x", "--server", "s.example.com"];
    let seeded = |seed: &str| bench.adit(&[&args[..], &["--seed", seed]].concat()).stdout;
    assert_eq!(seeded("office"), seeded("office"));
    assert_ne!(seeded("office"), seeded("branch"));
    assert_eq!(
        seeded("6BA7B810-9DAD-11D1-80B4-00C04FD430C8"),
        seeded("6ba7b8109dad11d180b400c04fd430c8"),
        "a UUID is the seed itself"
    );
    assert_ne!(bench.adit(&args).stdout, bench.adit(&args).stdout);
}

#[test]
fn secrets_are_taken_from_standard_input_and_from_arguments_only_on_insistence() {
    let bench = Bench::new();
    let args = ["new", "ikev2", "--name", "x", "--server", "s.example.com", "--username", "a"];
    let ran = bench.with_input(&[&args[..], &["--password-file", "-"]].concat(), b"hunter2hunter2\n");
    assert!(String::from_utf8(ran.stdout).unwrap().contains("<string>hunter2hunter2</string>"));
    let insisting = ["--secrets-in-arguments", "--password", "hunter2hunter2"];
    let ran = bench.adit(&[&args[..], &insisting].concat());
    assert!(String::from_utf8(ran.stdout).unwrap().contains("<string>hunter2hunter2</string>"));
}

#[test]
fn a_secret_is_asked_for_without_echo() {
    let bench = Bench::new();
    // A terminal of its own: `script` gives one, and shows what stands on it.
    let adit = env!("CARGO_BIN_EXE_adit");
    let line = format!(
        "{adit} new ikev2 --name x --server s.example.com --username a --password-ask -o asked.mobileconfig"
    );
    let mut child = std::process::Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .current_dir(bench.path("."))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let mut shown = Vec::new();
    // Typed only after the question, when the echo is off.
    while !shown.ends_with(b"vpn.ikev2.authentication.password: ") {
        let mut byte = [0];
        assert_eq!(out.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&shown));
        shown.push(byte[0]);
    }
    child.stdin.take().unwrap().write_all(b"hunter2hunter2\r").unwrap();
    out.read_to_end(&mut shown).unwrap();
    assert!(child.wait().unwrap().success(), "{}", String::from_utf8_lossy(&shown));
    assert!(!String::from_utf8_lossy(&shown).contains("hunter2"));
    assert!(
        String::from_utf8(bench.read("asked.mobileconfig"))
            .unwrap()
            .contains("<string>hunter2hunter2</string>")
    );
}

#[test]
fn the_list_has_every_type_and_field_for_people_and_programs() {
    let bench = Bench::new();
    let all: Json = serde_json::from_slice(&bench.adit(&["new", "--list", "--json"]).stdout).unwrap();
    let types = all["types"].as_array().unwrap();
    assert_eq!(types.len(), 11);
    for entry in types {
        let name = entry["type"].as_str().unwrap();
        let text = String::from_utf8(bench.adit(&["new", "--list", name]).stdout).unwrap();
        let help = String::from_utf8(bench.adit(&["new", name, "--help"]).stdout).unwrap();
        for field in entry["fields"].as_array().unwrap() {
            let flag = field["flag"].as_str().unwrap();
            assert!(text.contains(&format!("--{flag}")), "{name}: {flag}");
            assert!(
                text.contains(&format!("writes {}", field["writes"].as_str().unwrap())),
                "{name}: {flag}"
            );
            assert!(text.contains(&format!("{} = ", field["path"].as_str().unwrap())), "{name}: {flag}");
            let of_one_interface = flag.starts_with("wifi-") || flag.starts_with("cellular-");
            assert!(
                of_one_interface || help.contains(&format!("--{flag}")),
                "{name}: {flag} is not in the help"
            );
        }
        for choice in entry["subtypes"].as_array().unwrap() {
            assert!(text.contains(choice["identifier"].as_str().unwrap()));
        }
    }
}
