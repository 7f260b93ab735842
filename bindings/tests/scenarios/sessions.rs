//! Scenarios of tunnels, against the test gateway.

use std::sync::Arc;
use std::time::{Duration, Instant};

use adit_bindings::{
    Answer, Credentials, HostAbilities, NetworkInfo, Question, Session, SessionEvent, SessionOptions,
};
use adit_test_gateway::{TestGateway, TestGatewayKind};
use serde_json::{Value, json};

use super::{error_form, files, parsed};

const PATIENCE: Duration = Duration::from_secs(30);

/// Events that need no step of their own: those that came before the one of a step stand in its `besides`, unless a step
/// waits for one.
const BESIDES: [&str; 4] = ["detail", "warning", "rekeyed", "path_changed"];

pub(super) fn run(scenario: &mut Value) {
    let gateway = TestGateway::new(kind(scenario["gateway"].as_str().unwrap())).unwrap();
    let session = match Session::new(options(scenario, &gateway)) {
        Ok(session) => session,
        Err(error) => {
            assert!(matches(&scenario["fails"], &error_form(&error)), "{error:?}");
            assert!(scenario["steps"].is_null());
            return;
        }
    };
    assert!(scenario["fails"].is_null(), "it was made");
    for (at, step) in scenario["steps"].as_array_mut().unwrap().iter_mut().enumerate() {
        let event = match &step["expect"] {
            Value::Null => Value::Null,
            wanted => {
                let (event, besides) = next(&session, wanted);
                let before = if step["besides"].is_null() { &json!([]) } else { &step["besides"] };
                let found = json!(besides);
                if !matches(before, &found) {
                    assert!(
                        files::regenerates(),
                        "besides step {at}, {}:\n{found}\nin place of\n{before}",
                        step["expect"]
                    );
                    note_besides(step, found);
                }
                event
            }
        };
        if !step["answer"].is_null() {
            answer(step, &session, &gateway, &event);
        }
        match step["call"].as_str() {
            None => {}
            Some("stop") => session.stop().unwrap(),
            Some("attach_packets") => drop(session.attach_packets().unwrap()),
            Some("sleep") => session.sleep().unwrap(),
            Some("wake") => session.wake().unwrap(),
            Some("network_changed") => session.network_changed(network(&step["args"])).unwrap(),
            Some("drop_clients") => gateway.drop_clients().unwrap(),
            Some("clients") => assert_eq!(json!(gateway.clients().unwrap()), step["returns"], "clients"),
            Some(other) => panic!("there is no call `{other}`"),
        }
    }
    assert!(session.is_closed().unwrap(), "a scenario ends with its tunnel");
}

fn kind(name: &str) -> TestGatewayKind {
    match name {
        "Standard" => TestGatewayKind::Standard,
        "WithoutPassword" => TestGatewayKind::WithoutPassword,
        "WrongPassword" => TestGatewayKind::WrongPassword,
        "Named" => TestGatewayKind::Named,
        "WithoutAnchor" => TestGatewayKind::WithoutAnchor,
        "OtherAnchor" => TestGatewayKind::OtherAnchor,
        "Silent" => TestGatewayKind::Silent,
        "SharedSecret" => TestGatewayKind::SharedSecret,
        "WrongSharedSecret" => TestGatewayKind::WrongSharedSecret,
        "ClientCertificate" => TestGatewayKind::ClientCertificate,
        "OtherProposals" => TestGatewayKind::OtherProposals,
        other => panic!("there is no gateway `{other}`"),
    }
}

fn options(scenario: &Value, gateway: &TestGateway) -> SessionOptions {
    let profile = match &scenario["profile"] {
        Value::Null => gateway.profile().unwrap(),
        input => files::input(input).unwrap(),
    };
    let text =
        |value: &Value| value.as_str().map(|text| text.replace("${password}", &gateway.password().unwrap()));
    let given = &scenario["credentials"];
    let key_reference = text(&given["key_reference"]);
    let key_certificates =
        if key_reference.is_some() { gateway.client_certificates().unwrap() } else { Vec::new() };
    let host: HostAbilities = match &scenario["host"] {
        Value::Null => HostAbilities::default(),
        host => serde_json::from_value(host.clone()).unwrap(),
    };
    let mut overrides = parsed(&gateway.overrides().unwrap());
    for (name, value) in scenario["overrides"].as_object().into_iter().flatten() {
        overrides[name] = value.clone();
    }
    SessionOptions {
        profile,
        payload: None,
        credentials: Credentials {
            username: text(&given["username"]),
            password: text(&given["password"]),
            identity_password: None,
            key_reference,
            key_certificates,
        },
        host,
        overrides_json: Some(overrides.to_string()),
        server_addresses: Vec::new(),
    }
}

fn network(args: &Value) -> Option<NetworkInfo> {
    let network = &args["network"];
    (!network.is_null()).then(|| NetworkInfo {
        handle: network["handle"].as_u64(),
        interface: network["interface"].as_str().map(str::to_owned),
        ..NetworkInfo::default()
    })
}

fn note_besides(step: &mut Value, besides: Value) {
    let members = step.as_object_mut().unwrap();
    members.remove("besides");
    if besides != json!([]) {
        members.insert("besides".into(), besides);
    }
}

/// The next event that counts, which must be the one that is wanted, and what came besides.
fn next(session: &Arc<Session>, wanted: &Value) -> (Value, Vec<String>) {
    let begun = Instant::now();
    let mut besides = Vec::new();
    while begun.elapsed() < PATIENCE {
        let Some(event) = session.wait_event(200).unwrap() else { continue };
        let form = form(&event);
        if matches(wanted, &form) {
            return (form, besides);
        }
        assert!(BESIDES.iter().any(|kind| form["event"] == *kind), "wanted {wanted}, there came {form}");
        besides.push(in_short(&event));
    }
    panic!("{wanted} did not come");
}

/// An event as it stands among those that came besides.
fn in_short(event: &SessionEvent) -> String {
    match event {
        SessionEvent::Warning { text } => format!("warning: {text}"),
        SessionEvent::Rekeyed { what } => format!("rekeyed {}", what.split(':').next().unwrap()),
        SessionEvent::PathChanged { .. } => "path_changed".into(),
        SessionEvent::Detail { json } => {
            let detail = parsed(json);
            let more = ["exchange", "purpose"].iter().filter_map(|name| detail[name].as_str());
            ["detail", detail["event"].as_str().unwrap()]
                .into_iter()
                .chain(more)
                .collect::<Vec<_>>()
                .join(" ")
        }
        other => panic!("{other:?} has a step of its own"),
    }
}

/// An event as it stands in a scenario.
fn form(event: &SessionEvent) -> Value {
    let mut form = serde_json::to_value(event).unwrap();
    if let SessionEvent::Closed { error: Some(error) }
    | SessionEvent::Reasserting { error: Some(error), .. } = event
    {
        form["error"] = error_form(error);
    }
    if let SessionEvent::Ask { question: Question::Sign { message, .. }, .. } = event {
        form["question"]["message"] = json!(message);
    }
    form
}

/// Whether a value is what is wanted: of an object the members that are named, of an array each element, a text by its
/// pattern, all else as it is.
fn matches(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Object(members), Value::Object(_)) => {
            members.iter().all(|(name, wanted)| matches(wanted, &found[name]))
        }
        (Value::Array(wanted), Value::Array(found)) => {
            wanted.len() == found.len()
                && wanted.iter().zip(found).all(|(wanted, found)| matches(wanted, found))
        }
        (Value::String(pattern), Value::String(text)) => pattern_holds(pattern, text),
        _ => wanted == found,
    }
}

/// A pattern in which each `*` stands for any text.
fn pattern_holds(pattern: &str, text: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let [first, middle @ .., last] = parts.as_slice() else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn answer(step: &Value, session: &Session, gateway: &TestGateway, event: &Value) {
    let token = event["token"].as_u64().unwrap();
    let form = &step["answer"];
    let text = |name: &str| {
        form[name].as_str().map(|text| text.replace("${password}", &gateway.password().unwrap()))
    };
    let answer = match form["answer"].as_str().unwrap() {
        "done" => Answer::Done,
        "refused" => Answer::Refused { reason: text("reason").unwrap() },
        "addresses" => Answer::Addresses {
            list: form["list"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().into()).collect(),
        },
        "password" => Answer::Password { username: text("username"), password: text("password").unwrap() },
        "signature" => {
            let question = &event["question"];
            let scheme = question["scheme"].as_str().unwrap().to_owned();
            let message = serde_json::from_value(question["message"].clone()).unwrap();
            Answer::Signature { bytes: gateway.sign(scheme, message).unwrap() }
        }
        other => panic!("there is no answer `{other}`"),
    };
    session.answer(token, answer).unwrap();
}

#[test]
fn patterns_hold_where_they_should() {
    for (pattern, text, holds) in [
        ("*", "", true),
        ("a*c", "abc", true),
        ("a*c", "abcd", false),
        ("a*b*c", "a1b2c", true),
        ("abc", "abc", true),
        ("abc", "abcd", false),
        ("*x", "x", true),
    ] {
        assert_eq!(pattern_holds(pattern, text), holds, "{pattern} {text}");
    }
}
