//! `adit validate` as people and programs use it: formats, folders, what counts, fixes, wrong input.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

#[path = "common/validate.rs"]
mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::{Folder, SECRET, broken, out, profile};
use serde_json::Value;

fn codes(output: &Output) -> Vec<String> {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = report["files"][0]["diagnostics"].as_array().unwrap();
    found.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn text_shows_the_line_the_key_and_the_help_and_no_secret() {
    let folder = Folder::new("text");
    folder.write("a.mobileconfig", broken());
    let output = folder.adit(&["a.mobileconfig"]);
    let text = out(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for part in
        ["vpn.remote-syntax", "a.mobileconfig:", "PayloadContent[0].IKEv2.RemoteAddress", "help", "1 error"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains(SECRET) && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn no_format_echoes_a_secret() {
    let folder = Folder::new("secrets");
    // The secret on the line of a finding, under a misspelt key, in an element that is not closed.
    folder.write("a.mobileconfig", broken().replace('\n', " "));
    folder.write("b.mobileconfig", profile(&[("<key>SharedSecret</key>", "<key>sharedSecret</key>")]));
    folder.write("c.mobileconfig", profile(&[(&format!("{SECRET}</string>"), &format!("{SECRET}</strin>"))]));
    for format in ["text", "json", "sarif", "short", "junit"] {
        for file in ["a.mobileconfig", "b.mobileconfig", "c.mobileconfig"] {
            let output = folder.adit(&["--format", format, file]);
            let said = out(&output) + &String::from_utf8_lossy(&output.stderr);
            assert!(!said.contains(SECRET), "{format} {file}: {said}");
            assert!(!said.is_empty());
        }
    }
}

#[test]
fn json_has_places_fixes_and_a_summary() {
    let folder = Folder::new("json");
    let path = folder.write("a.mobileconfig", broken());
    let output = folder.adit(&["--format", "json", "a.mobileconfig"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["schema_release"], "26.4");
    assert_eq!(report["summary"]["files"], 1);
    let found = report["files"][0]["diagnostics"].as_array().unwrap();
    let flag = found.iter().find(|one| one["code"] == "type.bool-for-int").unwrap();
    let text = fs::read_to_string(path).unwrap();
    let location = &flag["location"];
    let (start, end) = (location["byte_start"].as_u64().unwrap(), location["byte_end"].as_u64().unwrap());
    assert_eq!(&text[start as usize..end as usize], "<true/>");
    let line = text.lines().nth(location["line"].as_u64().unwrap() as usize - 1).unwrap();
    assert!(line.contains("<true/>"), "{line}");
    assert_eq!(flag["severity"], "notice");
    assert!(flag["fixes"].is_array());
}

#[test]
fn short_is_one_line_a_finding_and_junit_is_well_formed() {
    let folder = Folder::new("short");
    folder.write("a.mobileconfig", broken());
    let short = out(&folder.adit(&["--format", "short", "a.mobileconfig"]));
    assert!(!short.is_empty());
    for line in short.lines() {
        let parts: Vec<&str> = line.splitn(4, ':').collect();
        assert_eq!(parts[0], "a.mobileconfig", "{line}");
        assert!(parts[1].parse::<u32>().is_ok() && parts[2].parse::<u32>().is_ok(), "{line}");
        assert!(line.ends_with(']'), "{line}");
    }
    let junit = out(&folder.adit(&["--format", "junit", "a.mobileconfig"]));
    assert_eq!(junit.matches("<failure ").count(), 1, "{junit}");
    assert_eq!(junit.matches("<testcase").count(), short.lines().count(), "{junit}");
    let path = folder.write("junit.xml", &junit);
    let program = "import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])";
    match Command::new("python3").args(["-c", program]).arg(path).output() {
        Ok(parsed) => assert!(parsed.status.success(), "{junit}"),
        Err(_) => println!("LEFT OUT: JUnit through an XML parser: python3 is not installed"),
    }
}

#[test]
fn sarif_is_valid_against_the_standards_schema() {
    let folder = Folder::new("sarif");
    folder.write("sub dir/a.mobileconfig", broken());
    folder.write("c.mobileconfig", "<plist><dict><key>PayloadType</key>");
    let log = folder.adit(&[
        "--format",
        "sarif",
        "sub dir/a.mobileconfig",
        "c.mobileconfig",
        "missing.mobileconfig",
    ]);
    assert_eq!(log.status.code(), Some(2));
    let value: Value = serde_json::from_slice(&log.stdout).unwrap();
    let run = &value["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 3);
    for result in results {
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(!uri.starts_with('/') && !uri.contains(' '), "{uri}");
        assert!(result["partialFingerprints"]["aditFinding/v1"].is_string());
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let path = folder.write("log.sarif", &log.stdout);
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sarif-2.1.0.schema.json");
    let program = "import json,sys\ntry:\n import jsonschema\nexcept ImportError:\n sys.exit(77)\n\
                   jsonschema.Draft7Validator(json.load(open(sys.argv[1]))).validate(json.load(open(sys.argv[2])))";
    match Command::new("python3").args(["-c", program]).args([&schema, &path]).output() {
        Ok(output) if output.status.code() != Some(77) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        _ => println!("LEFT OUT: SARIF against its schema: python3-jsonschema is not installed"),
    }
}

#[test]
fn a_folder_is_walked_by_content() {
    let folder = Folder::new("folder");
    folder.write("in/a.mobileconfig", profile(&[]));
    folder.write("in/deep/b.xml", broken());
    folder.write("in/readme.md", "# no profile");
    folder.write("in/other.plist", "<plist><dict><key>A</key><string>b</string></dict></plist>");
    folder.write("in/picture.svg", "<svg></svg>");
    folder.write("in/template.j2", "{% if x %}\n<plist><dict><key>PayloadType</key></dict></plist>");
    let output = folder.adit(&["--format", "json", "in"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<&str> =
        report["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert_eq!(names, ["in/a.mobileconfig", "in/deep/b.xml", "in/template.j2"]);
    assert_eq!(report["summary"]["no_profile"], 3);
    let text = out(&folder.adit(&["in"]));
    assert!(text.lines().rev().nth(1).unwrap().starts_with("3 profiles: "), "{text}");
    // Nothing is wrong where nothing was judged, but it is said.
    folder.write("docs/readme.md", "# no profile");
    fs::create_dir(folder.0.join("empty")).unwrap();
    for (name, says) in [("docs", "the one file there is none"), ("empty", "there is no file")] {
        for format in ["text", "json", "sarif", "short", "junit"] {
            let output = folder.adit(&["--format", format, name]);
            assert_eq!(output.status.code(), Some(0));
            let error = String::from_utf8_lossy(&output.stderr);
            assert!(error.contains(&format!("no profile was judged: {says}")), "{name} {format}: {error}");
        }
    }
}

#[cfg(unix)]
#[test]
fn links_to_files_are_judged_and_what_cannot_be_read_keeps_nothing_else_from_being() {
    let folder = Folder::new("links");
    folder.write("elsewhere/a.mobileconfig", profile(&[]));
    folder.write("in/b.mobileconfig", profile(&[]));
    std::os::unix::fs::symlink("../elsewhere/a.mobileconfig", folder.0.join("in/a.mobileconfig")).unwrap();
    std::os::unix::fs::symlink(".", folder.0.join("in/circle")).unwrap();
    std::os::unix::fs::symlink("nothing", folder.0.join("in/dangling")).unwrap();
    let output = folder.adit(&["--format", "json", "in", "missing"]);
    assert_eq!(output.status.code(), Some(2));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let files = report["files"].as_array().unwrap();
    let found: Vec<_> = files.iter().map(|file| (file["file"].as_str(), file["verdict"].as_str())).collect();
    let accepted = Some("accepted");
    assert_eq!(
        found,
        [
            (Some("in/a.mobileconfig"), accepted),
            (Some("in/b.mobileconfig"), accepted),
            (Some("missing"), Some("unreadable")),
        ]
    );
}

#[test]
fn every_report_names_the_schemas_release_but_lines_for_editors() {
    let folder = Folder::new("release");
    folder.write("a.mobileconfig", broken());
    let said = |format: &str| out(&folder.adit(&["--format", format, "a.mobileconfig"]));
    let release = adit_profile::schema::RELEASE;
    for (format, expected) in [
        ("text", format!("judged by release {release} of Apple's device-management schema\n")),
        ("json", format!("\"schema_release\":\"{release}\"")),
        ("sarif", format!("\"schemaRelease\":\"{release}\"")),
        ("junit", format!("<property name=\"schema_release\" value=\"{release}\"/>")),
    ] {
        assert!(said(format).contains(&expected), "{format}: {}", said(format));
    }
}

#[test]
fn each_member_of_the_json_stands_in_its_description() {
    fn members(value: &Value, found: &mut std::collections::BTreeSet<String>) {
        match value {
            Value::Object(map) => map.iter().for_each(|(key, value)| {
                found.insert(key.clone());
                members(value, found);
            }),
            Value::Array(items) => items.iter().for_each(|item| members(item, found)),
            _ => {}
        }
    }
    let folder = Folder::new("members");
    folder.write("a.mobileconfig", broken());
    let output = folder.adit(&["--format", "json", "--target", "ios-26.1", "a.mobileconfig", "missing"]);
    let mut found = std::collections::BTreeSet::new();
    members(&serde_json::from_slice(&output.stdout).unwrap(), &mut found);
    let page = include_str!("../../docs/validate-json.md");
    let unnamed: Vec<_> = found.iter().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(unnamed.is_empty() && found.len() > 30, "{unnamed:?} of {found:?}");
}

#[test]
fn what_counts_is_chosen() {
    let folder = Folder::new("choose");
    folder.write("a.mobileconfig", broken());
    let json = |args: &[&str]| {
        let mut all = vec!["--format", "json"];
        all.extend(args);
        all.push("a.mobileconfig");
        folder.adit(&all)
    };
    assert_eq!(codes(&json(&["--select", "vpn.remote-syntax"])), ["vpn.remote-syntax"]);
    assert!(
        codes(&json(&["--select", "vpn,key"]))
            .iter()
            .all(|code| code.starts_with("vpn.") || code.starts_with("key."))
    );
    let ignored = json(&["--ignore", "vpn.remote-syntax,sign"]);
    assert_eq!(ignored.status.code(), Some(0));
    assert!(!codes(&ignored).contains(&"vpn.remote-syntax".to_owned()));
    let status = |args: &[&str]| json(args).status.code();
    assert_eq!(status(&["--ignore", "vpn.remote-syntax", "--fail-on", "warning"]), Some(1));
    assert_eq!(status(&["--fail-on", "never"]), Some(0));
    assert_eq!(status(&["--select", "vpn.nothing"]), Some(2));
    assert_eq!(status(&["--supervised"]), Some(2));
    assert_eq!(status(&["--target", "ios-26.1", "--supervised"]), Some(1));
    assert_eq!(status(&["--target", "amiga-1"]), Some(2));
}

#[test]
fn comments_the_baseline_and_the_configuration_file_silence() {
    let folder = Folder::new("silence");
    let comment = "<!-- adit:ignore vpn.remote-syntax: the test server -->\n<key>RemoteAddress</key>";
    folder.write("a.mobileconfig", broken().replace("<key>RemoteAddress</key>", comment));
    let output = folder.adit(&["--format", "json", "a.mobileconfig"]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["files"][0]["ignored_by_comment"], 1);

    assert!(!codes(&output).iter().any(|code| code.starts_with("c")), "{}", out(&output));
    // A code that is none silences nothing, and that is said in every form.
    let misspelt = comment.replace("remote-syntax", "remote-sytnax");
    folder.write("a.mobileconfig", broken().replace("<key>RemoteAddress</key>", &misspelt));
    for (format, place) in [
        ("text", "did you mean vpn.remote-syntax?"),
        ("json", "comment.unknown-rule"),
        ("sarif", "comment.unknown-rule"),
        ("short", ": warning: `vpn.remote-sytnax` is no rule"),
        ("junit", "comment.unknown-rule"),
    ] {
        let output = folder.adit(&["--format", format, "a.mobileconfig"]);
        assert_eq!(output.status.code(), Some(1), "{format}");
        assert!(out(&output).contains(place), "{format}: {}", out(&output));
    }
    assert_eq!(folder.adit(&["--ignore", "vpn.remote-sytnax", "a.mobileconfig"]).status.code(), Some(2));

    folder.write("b.mobileconfig", broken());
    assert_eq!(folder.adit(&["--write-baseline", "b.mobileconfig"]).status.code(), Some(2));
    assert!(
        folder.adit(&["--baseline", "known.json", "--write-baseline", "b.mobileconfig"]).status.success()
    );
    let output = folder.adit(&["--baseline", "known.json", "--format", "json", "b.mobileconfig"]);
    assert_eq!(codes(&output), [""; 0]);
    // Lines move, the findings stay known; a new one is told.
    let moved =
        broken().replace("<dict>\n\t<key>PayloadDisplayName", "<dict>\n\n\n\t<key>PayloadDisplayName");
    folder.write("b.mobileconfig", moved.replace("<key>UserDefinedName</key>", "<key>Blurp</key>"));
    let output = folder.adit(&["--baseline", "known.json", "--format", "json", "b.mobileconfig"]);
    assert!(codes(&output).contains(&"vpn.name-missing".to_owned()), "{}", out(&output));
    assert!(!codes(&output).contains(&"vpn.remote-syntax".to_owned()));

    // The same file by another name, and from another folder.
    folder.write("b.mobileconfig", broken());
    for name in ["./b.mobileconfig", folder.0.join("b.mobileconfig").to_str().unwrap()] {
        let output = folder.adit(&["--baseline", "known.json", "--format", "json", name]);
        assert_eq!(codes(&output), [""; 0], "{name}");
    }
    fs::create_dir_all(folder.0.join("elsewhere")).unwrap();
    let elsewhere = Command::new(env!("CARGO_BIN_EXE_adit"))
        .args(["validate", "--baseline", "../known.json", "../b.mobileconfig"])
        .current_dir(folder.0.join("elsewhere"))
        .output()
        .unwrap();
    assert_eq!(elsewhere.status.code(), Some(0), "{}", out(&elsewhere));

    folder.write(
        "adit.toml",
        "[validate]\nignore = [\"vpn\", \"key\"]\nfail-on = \"error\"\ntarget = [\"ios-26.1\"]\n",
    );
    folder.write("sub/c.mobileconfig", broken());
    let below = Command::new(env!("CARGO_BIN_EXE_adit"))
        .args(["validate", "c.mobileconfig"])
        .current_dir(folder.0.join("sub"))
        .output()
        .unwrap();
    assert_eq!(below.status.code(), Some(0), "{}", out(&below));
    assert_eq!(folder.adit(&["--no-config", "sub/c.mobileconfig"]).status.code(), Some(1));
    folder.write("adit.toml", "[validate]\nignoer = []\n");
    let wrong = folder.adit(&["sub/c.mobileconfig"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("ignoer"));
}

#[test]
fn templates_are_judged_as_such_and_filled_in() {
    let folder = Folder::new("template");
    let jinja = profile(&[
        (
            "<key>RemoteIdentifier</key>\n\t\t\t\t<string>vpn.example.com",
            "<key>RemoteIdentifier</key>\n\t\t\t\t<string>{{ server }}",
        ),
        ("<key>LocalIdentifier</key>", "{% if client %}\n<key>LocalIdentifier</key>"),
        ("<key>AuthenticationMethod</key>", "{% endif %}\n<key>AuthenticationMethod</key>"),
    ]);
    folder.write("a.j2", &jinja);
    let plain = folder.adit(&["--format", "json", "a.j2"]);
    assert_eq!(plain.status.code(), Some(1));
    assert!(codes(&plain).contains(&"template.control-flow".to_owned()), "{}", out(&plain));
    let template = folder.adit(&["--template", "--format", "json", "a.j2"]);
    assert_eq!(template.status.code(), Some(0), "{}", out(&template));
    assert!(codes(&template).contains(&"template.variable".to_owned()));
    let wrong = folder.adit(&["--set", "server=bad server", "--set", "other=1", "--format", "json", "a.j2"]);
    assert!(codes(&wrong).contains(&"ikev2.id-form".to_owned()), "{}", out(&wrong));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("it does not ask for other"));
    assert_eq!(folder.adit(&["--set", "server", "a.j2"]).status.code(), Some(2));
    assert_eq!(folder.adit(&["--template", "--fix", "a.j2"]).status.code(), Some(2));
}

#[test]
fn standard_input_is_a_file() {
    let folder = Folder::new("stdin");
    let mut child = Command::new(env!("CARGO_BIN_EXE_adit"))
        .args(["validate", "-"])
        .current_dir(&folder.0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(broken().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("<stdin>"));
    assert_eq!(folder.adit(&["-", "-"]).status.code(), Some(2));
}

#[test]
fn what_cannot_be_read_ends_with_two_and_what_is_malformed_with_one() {
    let folder = Folder::new("unreadable");
    folder.write("a.mobileconfig", profile(&[]));
    let output = folder.adit(&["a.mobileconfig", "missing.mobileconfig"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("missing.mobileconfig"));
    folder.write("b.mobileconfig", "hello");
    assert_eq!(folder.adit(&["b.mobileconfig"]).status.code(), Some(1));
    folder.write("empty", "");
    assert_eq!(folder.adit(&["empty"]).status.code(), Some(1));
}
