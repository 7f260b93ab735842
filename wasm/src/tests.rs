//! The functions as JavaScript calls them: shapes, positions, wrong usage, and that no secret leaves but in the user's own
//! texts. What a profile means is tested with adit-profile; the module itself, in Node, in wasm/tests.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use serde_json::{Value, json};

use crate::{
    build, check, compare_with_server, convert, diff, encode, evaluate_on_demand, explain, fix, open,
};
use crate::{rules, schema, spec_of};

const SPEC: &str = r#"{"profile":{"name":"Office"},"vpn":{"ikev2":{"server":"vpn.example.com","remote-identifier":"vpn.example.com",
    "local-identifier":"alice@example.com","authentication":{"method":"shared-secret","secret":"hunter2-hunter2-hunter2"}}},
    "on-demand":{"rules":[{"action":"connect","ssid":["Cafe"]},{"action":"disconnect"}]}}"#;

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn unpacked(packed: &[u8]) -> (Value, Vec<u8>) {
    let (length, rest) = packed.split_first_chunk().unwrap();
    let (json, bytes) = rest.split_at(u32::from_le_bytes(*length) as usize);
    (serde_json::from_slice(json).unwrap(), bytes.to_vec())
}

/// A profile as XML.
fn profile() -> String {
    let (report, bytes) =
        unpacked(&build(SPEC.into(), r#"{"seed":"tests","allow":["ikev2.psk-weak"]}"#).unwrap());
    assert_eq!(report["errors"], json!([]));
    assert_eq!(report["text"].as_str().unwrap().as_bytes(), bytes);
    report["text"].as_str().unwrap().to_owned()
}

fn at(value: &Value, name: &str) -> usize {
    usize::try_from(value[name].as_u64().unwrap()).unwrap()
}

#[test]
fn places_lead_to_the_same_text_in_bytes_and_in_utf16() {
    let plain = profile().replace("Office", "Büro 😀").replace("<integer>1</integer>", "<string>1</string>");
    let marked = format!("\u{feff}{plain}");
    let lines = plain.replace('\n', "\r\n");
    let utf16: Vec<u8> = format!("\u{feff}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (file, options, text) in [
        (plain.clone().into_bytes(), "", plain.clone()),
        (lines.clone().into_bytes(), "{}", lines.clone()),
        // As bytes the mark is no part of the text, in a text it is.
        (marked.clone().into_bytes(), "", plain.clone()),
        (marked.clone().into_bytes(), r#"{"text":true}"#, marked.clone()),
        (utf16.clone(), "", plain.clone()),
        (
            plain.clone().into_bytes(),
            r#"{"text":true,"encoding":{"name":"utf16","bom":true}}"#,
            plain.clone(),
        ),
    ] {
        let units: Vec<u16> = text.encode_utf16().collect();
        let report = read(&check(file.clone(), options, "").unwrap());
        let found = report["diagnostics"].as_array().unwrap();
        assert!(!found.is_empty());
        for one in found {
            let place = &one["location"];
            let (start, end) = (at(place, "utf16_start"), at(place, "utf16_end"));
            let there = String::from_utf16(&units[start..end]).unwrap();
            let before = String::from_utf16(&units[..start]).unwrap();
            assert_eq!(before.matches('\n').count() + 1, at(place, "line"), "{one}");
            let line = before.rsplit('\n').next().unwrap().trim_start_matches('\u{feff}');
            assert_eq!(line.encode_utf16().count() + 1, at(place, "utf16_column"));
            assert_eq!(line.chars().count() + 1, at(place, "column"));
            if options.is_empty() && file.starts_with(b"<") {
                assert_eq!(there.as_bytes(), &file[at(place, "byte_start")..at(place, "byte_end")]);
            }
            for edit in
                one["fixes"].as_array().unwrap().iter().flat_map(|fix| fix["edits"].as_array().unwrap())
            {
                assert!(
                    at(edit, "utf16_start") <= at(edit, "utf16_end") && at(edit, "utf16_end") <= units.len()
                );
            }
        }
    }
}

#[test]
fn files_are_opened_and_written_again() {
    let text = profile();
    let opened = read(&open(text.clone().into(), "", "").unwrap());
    assert_eq!(
        (&opened["text"], &opened["exact"], &opened["problem"]),
        (&json!(text), &json!(true), &Value::Null)
    );
    let binary = encode(text.clone().into(), "binary", "").unwrap();
    assert!(binary.starts_with(b"bplist00"));
    let opened = read(&open(binary.clone(), "", "").unwrap());
    assert_eq!((&opened["format"]["kind"], &opened["exact"]), (&json!("binary"), &json!(false)));
    assert_eq!(read(&diff(text.clone().into(), binary, "").unwrap())["same"], json!(true));
    assert_eq!(encode(text.clone().into(), "xml", "").unwrap(), text.as_bytes());
    let declared = text.replace("UTF-8", "ISO-8859-1").replace("Office", "Büro");
    let latin1 = encode(declared.clone().into(), "xml", "").unwrap();
    assert!(latin1.len() == declared.chars().count() && latin1.contains(&0xfc));
    assert_eq!(read(&open(latin1, "", "").unwrap())["text"], json!(declared));
    let none = read(&open(b"nothing".to_vec(), "", "").unwrap());
    assert!(none["text"].is_null() && none["problem"].is_string());
}

#[test]
fn a_file_is_mended_and_its_targets_are_judged() {
    let wrong = profile().replace("<integer>1</integer>", "<string>1</string>");
    let (report, bytes) = unpacked(&fix(wrong.clone().into(), "").unwrap());
    assert_eq!(report["changed"], json!(!report["applied"].as_array().unwrap().is_empty()));
    assert_eq!(report["text"].as_str().unwrap().as_bytes(), bytes);
    assert_eq!(report["signature_lost"], json!(false));
    let options = r#"{"targets":["ios-26.1+supervised","watchos-11"],"at":"2026-11-21T08:00:00.123Z"}"#;
    let report = read(&check(profile().into(), options, "").unwrap());
    let verdicts = report["per_target"].as_array().unwrap();
    assert_eq!(verdicts.len(), 2);
    assert_eq!((&verdicts[0]["installs"], &verdicts[0]["connects"]), (&json!(true), &json!(true)));
    assert_eq!(verdicts[0]["target"]["supervised"], json!(true));
}

#[test]
fn each_target_names_the_findings_that_concern_it() {
    // iOS 18.5 has the key, though what is said of iOS 18.0 names both.
    let key = "<key>EnforceStrictAlgorithmSelection</key>\n\t\t\t\t<integer>0</integer>\n\t\t\t\t";
    let text = profile().replace("<key>RemoteAddress</key>", &format!("{key}<key>RemoteAddress</key>"));
    let options = r#"{"targets":["ios-18.5","ios-18","macos-15"]}"#;
    let report = read(&check(text.into(), options, "").unwrap());
    let found = report["diagnostics"].as_array().unwrap();
    let new = found.iter().position(|one| one["code"] == "key.too-new").unwrap();
    assert!(found[new]["message"].as_str().unwrap().contains("needs iOS 18.5"), "{}", found[new]);
    let of = |target: usize| report["per_target"][target]["concerns"].as_array().unwrap().clone();
    let all: Vec<Value> = (0..found.len()).map(|at| json!(at)).collect();
    assert_eq!(of(0), all.iter().filter(|at| **at != json!(new)).cloned().collect::<Vec<_>>());
    assert_eq!((of(1), of(2)), (all.clone(), all));
}

#[test]
fn one_fix_is_applied_alone_and_moves_a_secret_as_it_is() {
    let secret = "hunter2-hunter2-hunter2";
    let one = profile();
    // Two payloads with the secret beside the dictionary it belongs into.
    let key = format!("<key>SharedSecret</key>\n\t\t\t\t<string>{secret}</string>\n");
    assert!(one.contains(&key), "{one}");
    let misplaced = one.replace(&format!("\t\t\t\t{key}"), "").replace(
        "<key>VPNType</key>",
        &format!("<key>SharedSecret</key>\n\t\t\t<string>{secret}</string>\n\t\t\t<key>VPNType</key>"),
    );
    let (start, end) = (misplaced.find("\t\t<dict>").unwrap(), misplaced.find("\t</array>").unwrap());
    let payload = &misplaced[start..misplaced.rfind("\t\t</dict>\n\t</array>").map_or(end, |at| at + 10)];
    let both = misplaced.replacen(payload, &format!("{payload}{payload}"), 1);
    let report = read(&check(both.clone().into(), r#"{"text":true}"#, "").unwrap());
    let found: Vec<&Value> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| {
            found["code"] == "key.misplaced" && found["path"].as_str().unwrap().ends_with("SharedSecret")
        })
        .collect();
    assert_eq!(found.len(), 2, "{both}");
    assert!(
        found.iter().all(|found| found["fixes"][0]["edits"].is_null() && !found.to_string().contains(secret))
    );
    let options =
        json!({"text": true, "one": {"code": "key.misplaced", "path": found[1]["path"]}}).to_string();
    let (report, bytes) = unpacked(&fix(both.clone().into(), &options).unwrap());
    let mended = String::from_utf8(bytes).unwrap();
    assert_eq!(report["applied"].as_array().unwrap().len(), 1);
    assert_eq!(report["applied"][0]["path"], found[1]["path"]);
    assert_eq!(mended.matches(secret).count(), 2, "{mended}");
    assert!(!mended.contains('*') && mended != both);
    let left = read(&check(mended.into_bytes(), r#"{"text":true}"#, "").unwrap());
    let left: Vec<&str> = left["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["code"] == "key.misplaced")
        .map(|one| one["path"].as_str().unwrap())
        .collect();
    assert!(
        left.contains(&found[0]["path"].as_str().unwrap())
            && !left.contains(&found[1]["path"].as_str().unwrap())
    );
    // What does not exist is refused, not guessed.
    for one in [
        json!({"code": "key.misplaced", "path": "PayloadContent[7]"}),
        json!({"code": "key.misplaced", "path": found[0]["path"], "number": 1}),
        json!({"code": "key.misplaced", "path": found[0]["path"], "fix": 1}),
        json!({"path": found[0]["path"]}),
        json!({"code": "key.misplaced", "path": found[0]["path"], "fix": -1}),
        json!("key.misplaced"),
    ] {
        let options = json!({"text": true, "one": one}).to_string();
        let error = read(&fix(both.clone().into(), &options).unwrap_err());
        assert_eq!((&error["kind"], &error["path"]), (&json!("usage"), &json!("one")), "{options}");
    }
}

#[test]
fn what_a_typed_password_does_not_open_is_told() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/profile/tests/pkcs12/modern-p256.p12");
    let file = base64(&std::fs::read(path).unwrap());
    let with = |password: &str| {
        let payload = format!(
            "<dict><key>PayloadType</key><string>com.apple.security.pkcs12</string><key>PayloadContent</key>\
             <data>{file}</data>{password}</dict>"
        );
        let text = profile();
        text.replacen("\t\t<dict>", &format!("\t\t{payload}\n\t\t<dict>"), 1)
    };
    let locked =
        |text: String, options: &str| read(&check(text.into(), options, "").unwrap())["locked"].clone();
    assert_eq!(locked(with(""), "{}"), Value::Null);
    assert_eq!(locked(with(""), r#"{"password":"secret"}"#), json!([]));
    assert_eq!(locked(with(""), r#"{"password":"wrong"}"#), json!(["PayloadContent[0].PayloadContent"]));
    // A password in the profile is the one that counts.
    let own = "<key>Password</key><string>other</string>";
    assert_eq!(locked(with(own), r#"{"password":"wrong"}"#), json!([]));
    assert_eq!(locked("nothing".to_owned(), r#"{"password":"wrong"}"#), json!([]));
}

#[test]
fn what_no_password_opens_is_not_called_open() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../core/profile/tests/pkcs12/");
    let payload = |name: &str| {
        let file = base64(&std::fs::read(format!("{folder}{name}")).unwrap());
        format!(
            "\t\t<dict><key>PayloadType</key><string>com.apple.security.pkcs12</string><key>PayloadContent</key>\
             <data>{file}</data></dict>\n"
        )
    };
    let told = |names: &[&str], password: &str| {
        let payloads: String = names.iter().map(|name| payload(name)).collect();
        let text = profile().replacen("\t\t<dict>", &format!("{payloads}\t\t<dict>"), 1);
        let report = read(&check(text.into(), &json!({ "password": password }).to_string(), "").unwrap());
        (report["locked"].clone(), report["unopened"].clone())
    };
    let path = |index: usize| format!("PayloadContent[{index}].PayloadContent");
    for name in ["pbe-rc4.p12", "no-key.p12", "no-certificate.p12"] {
        assert_eq!(told(&[name], "secret"), (json!([]), json!([path(0)])), "{name}");
    }
    let both = ["modern-p256.p12", "pbe-rc4.p12", "unicode-password.p12"];
    assert_eq!(told(&both, "secret"), (json!([path(2)]), json!([path(1)])));
}

fn base64(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |three: &[u8]| {
        let all = (0..3).fold(0_usize, |all, at| all << 8 | usize::from(three.get(at).copied().unwrap_or(0)));
        let digit = |at: usize| if at <= three.len() { letters[all >> (18 - 6 * at) & 63] } else { b'=' };
        (0..4).map(|at| char::from(digit(at))).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

#[test]
fn what_a_vpn_does_is_told() {
    let file = profile().into_bytes();
    let explained = read(&explain(file.clone(), "", "").unwrap());
    assert_eq!(explained["vpns"].as_array().unwrap().len(), 1);
    assert!(read(&explain(b"x".to_vec(), "", "").unwrap())["problem"].is_string());
    let ask = |network: &str| {
        read(&evaluate_on_demand(file.clone(), &format!(r#"{{"network":{network}}}"#)).unwrap())
    };
    assert_eq!(ask(r#"{"interface":"WiFi","ssid":"Cafe"}"#)["decision"]["rule"], json!(0));
    assert_eq!(ask(r#"{"interface":"Cellular","ssid":null}"#)["decision"]["rule"], json!(1));
    let server = "connections { a { proposals = aes256-sha256-modp2048\n children { b { } } } }";
    let compared = read(&compare_with_server(file.clone(), server, "").unwrap());
    assert_eq!(compared["connections"][0]["connection"], json!("a"));
    assert!(read(&compare_with_server(file.clone(), "}", "").unwrap())["error"].is_string());
    let made = read(&convert(file.clone(), r#"{"to":"declarations"}"#).unwrap());
    assert_eq!(made["declarations"].as_array().unwrap().len(), 1);
    let back = convert(made["declarations"].to_string().into(), r#"{"to":"profile"}"#).unwrap();
    assert!(read(&back)["profile"].as_str().unwrap().contains("IKEv2"));
    assert_eq!(read(&convert(file.clone(), r#"{"to":"api"}"#).unwrap())["vpns"].as_array().unwrap().len(), 1);
    assert_eq!(read(&diff(b"x".to_vec(), file, "").unwrap())["side"], json!("before"));
}

#[test]
fn a_file_that_cannot_be_read_is_told_apart_from_one_without_a_vpn() {
    let text = profile();
    let (start, end) = (text.find("\t\t<dict>").unwrap(), text.rfind("\t</array>").unwrap());
    let none = text.replace(&text[start..end], "");
    let server = "connections { a { children { b { } } } }";
    for (file, not_read) in [("nothing", json!(true)), (none.as_str(), Value::Null)] {
        for report in [
            explain(file.into(), "", "").unwrap(),
            convert(file.into(), r#"{"to":"declarations"}"#).unwrap(),
            convert(file.into(), r#"{"to":"api"}"#).unwrap(),
            compare_with_server(file.into(), server, "").unwrap(),
            spec_of(file.into(), "").unwrap(),
        ] {
            assert_eq!(read(&report)["not_read"], not_read, "{report}");
        }
    }
}

#[test]
fn a_template_is_converted_with_and_without_its_values() {
    let text = profile()
        .replace("<integer>1</integer>", "<integer>{{ONE}}</integer>")
        .replace("vpn.example.com", "{{SERVER}}");
    let to = |options: Value| {
        let mut given = json!({ "to": "declarations" });
        given.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        read(&convert(text.clone().into(), &given.to_string()).unwrap())
    };
    assert_eq!(to(json!({}))["not_read"], json!(true));
    let address = |made: &Value| made["declarations"][0]["Payload"]["HostName"].clone();
    let open = to(json!({ "template": true }));
    assert_eq!(address(&open), json!("{{SERVER}}"), "{open}");
    let set = to(json!({ "template": true, "set": { "SERVER": "vpn.example.org", "ONE": "1" } }));
    assert_eq!(address(&set), json!("vpn.example.org"), "{set}");
}

#[test]
fn a_template_is_asked_and_compared_with_and_without_its_values() {
    let text = profile()
        .replace("<integer>1</integer>", "<integer>{{ONE}}</integer>")
        .replace("vpn.example.com", "{{SERVER}}");
    let server = "connections { a { remote_addrs = %any\n children { b { } } } }";
    let ask = |options: Value| {
        let mut question = json!({ "network": { "interface": "Cellular" } });
        question.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let decided = evaluate_on_demand(text.clone().into(), &question.to_string()).unwrap();
        let compared = compare_with_server(text.clone().into(), server, &options.to_string()).unwrap();
        (read(&decided), read(&compared))
    };
    let (decided, _) = ask(json!({}));
    assert!(decided["errors"][0].is_object(), "{decided}");
    let open = json!({ "template": true });
    let set = json!({ "template": true, "set": { "SERVER": "vpn.example.org", "ONE": "1" } });
    // What the variable switches on is off while it is open.
    for (options, rule) in [(open, Value::Null), (set, json!(1))] {
        let (decided, compared) = ask(options);
        assert!(decided["decision"].is_object(), "{decided}");
        assert_eq!(decided["decision"]["rule"], rule, "{decided}");
        assert_eq!(compared["connections"][0]["connection"], json!("a"), "{compared}");
    }
    // A file that is one only as a template: its loop stands between the tags.
    let looped = text.replacen("<dict>", "{% if x %}<dict>{% endif %}", 1);
    let compared =
        |options: &str| read(&compare_with_server(looped.clone().into(), server, options).unwrap());
    assert_eq!(compared("{}")["not_read"], json!(true));
    assert_eq!(compared(r#"{"template":true}"#)["connections"][0]["connection"], json!("a"));
}

#[test]
fn descriptions_are_built_and_opened() {
    let opened = read(&spec_of(profile().into(), "").unwrap());
    assert_eq!(opened["lost"], json!([]));
    let again = build(opened["spec"].to_string().into(), r#"{"format":"binary"}"#).unwrap();
    let (report, bytes) = unpacked(&again);
    assert!(report["errors"] == json!([]) && bytes.starts_with(b"bplist00"));
    assert_eq!(read(&diff(profile().into(), bytes, "").unwrap())["same"], json!(true));
    let (report, bytes) = unpacked(&build(SPEC.replace("\"server\"", "\"sever\"").into(), "").unwrap());
    assert_eq!(report["errors"][0]["path"], json!("vpn.ikev2.sever"));
    assert!(report["text"].is_null() && bytes.is_empty());
    assert!(read(&spec_of(b"x".to_vec(), "").unwrap())["spec"].is_null());
}

#[test]
fn lists_are_whole() {
    assert!(read(&rules()).as_array().unwrap().len() > 270);
    let schema = read(&schema());
    assert_eq!(schema["types"].as_array().unwrap().len(), 11);
    assert!(schema["platforms"][0]["versions"].as_array().unwrap().len() > 5);
}

#[test]
fn wrong_usage_is_told_and_nothing_panics() {
    let file = || profile().into_bytes();
    let path = |error: String| read(&error)["path"].as_str().unwrap().to_owned();
    for (options, expected) in [
        ("[]", ""),
        ("{", ""),
        (r#"{"target":["ios-26"]}"#, "target"),
        (r#"{"targets":["android-16"]}"#, "targets"),
        (r#"{"targets":["ios-26+big"]}"#, "targets"),
        (r#"{"targets":"ios-26"}"#, "targets"),
        (r#"{"at":"today"}"#, "at"),
        (r#"{"select":["nothing"]}"#, "select"),
        (r#"{"template":1}"#, "template"),
        (r#"{"set":{"a":1}}"#, "set"),
        (r#"{"encoding":"utf8"}"#, "encoding"),
        (r#"{"password":7}"#, "password"),
    ] {
        let error = check(file(), options, "").unwrap_err();
        assert_eq!(read(&error)["kind"], json!("usage"));
        assert_eq!(path(error), expected, "{options}");
    }
    assert_eq!(path(explain(file(), r#"{"payload":9}"#, "").unwrap_err()), "payload");
    assert_eq!(path(evaluate_on_demand(file(), "{}").unwrap_err()), "network");
    assert_eq!(path(convert(file(), "{}").unwrap_err()), "to");
    assert_eq!(path(encode(file(), "json", "").unwrap_err()), "form");
    assert!(check(b"\xff".to_vec(), r#"{"text":true}"#, "").is_err());
    let broken = build(b"{\"hunter2\": ".to_vec(), "").unwrap_err();
    assert!(!broken.contains("hunter2") && path(broken) == "spec");
}

#[test]
fn f03_no_report_holds_a_secret() {
    let file = || profile().replace("<integer>1</integer>", "<string>1</string>").into_bytes();
    let texts = [
        check(file(), r#"{"targets":["ios-26"]}"#, "").unwrap(),
        explain(file(), "", "").unwrap(),
        convert(file(), r#"{"to":"declarations"}"#).unwrap(),
        convert(file(), r#"{"to":"api"}"#).unwrap(),
        diff(file(), profile().replace("hunter2", "hunter3").into(), "").unwrap(),
        compare_with_server(file(), "connections { a { children { b { } } } }", "").unwrap(),
        evaluate_on_demand(file(), r#"{"network":{}}"#).unwrap(),
    ];
    for text in texts {
        assert!(!text.contains("hunter"), "{text}");
    }
}
