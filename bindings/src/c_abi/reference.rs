//! `docs/c-abi.md` beside the code: every member of every object, its type and its default.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{
    AditError, Answer, ConnectionInfo, HostAbilities, NetworkInfo, ProxySettings, Question, SessionEvent,
    TunnelSettings,
};

const TEXT: &str = include_str!("../../../docs/c-abi.md");

/// The rows of the table under a title, without its head; backticks of a first cell left out.
pub(crate) fn table(title: &str) -> Vec<Vec<String>> {
    let (_, part) = TEXT.split_once(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no {title}"));
    let part = part.split("\n## ").next().unwrap();
    let lines = part.lines().filter(|line| line.starts_with("| ")).skip(2);
    lines
        .map(|line| {
            let cells = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned());
            let mut cells: Vec<String> = cells.collect();
            cells[0] = cells[0].trim_matches('`').to_owned();
            cells
        })
        .collect()
}

/// The words in backticks of a cell.
pub(crate) fn words(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(Into::into).collect()
}

fn names(title: &str) -> BTreeSet<String> {
    table(title).into_iter().map(|row| row[0].clone()).collect()
}

/// What the text says that is taken where nothing is given.
pub(crate) fn defaults(title: &str) -> Value {
    let value = |cell: &str| match cell.trim_matches('`') {
        word if word != cell => json!(word),
        word => serde_json::from_str(word).unwrap_or_else(|_| panic!("{word} is no value")),
    };
    table(title).into_iter().map(|row| (row[0].clone(), value(&row[2]))).collect::<Map<_, _>>().into()
}

/// Values of a type.
fn samples(of: &str) -> Vec<Value> {
    match of {
        "text" => vec![json!("a")],
        "number" => vec![json!(0), json!(65_535)],
        "boolean" => vec![json!(true), json!(false)],
        "object" => vec![json!({})],
        "bytes" => vec![json!([]), json!([0, 255])],
        "list of bytes" => vec![json!([]), json!([[], [0, 255]])],
        "list of texts" => vec![json!([]), json!(["a"])],
        kinds => words(kinds).into_iter().map(Value::from).collect(),
    }
}

/// The names that a type says it takes, when it refuses one that it does not know.
fn expected<T: DeserializeOwned>(refused: &str) -> BTreeSet<String> {
    let error = serde_json::from_str::<T>(refused).err().unwrap().to_string();
    let (_, list) = error.split_once("expected").unwrap_or_else(|| panic!("{error}"));
    words(list)
}

/// Compares a table of members that are given with the type that takes them.
pub(crate) fn takes<T: DeserializeOwned>(title: &str) {
    let mut known = expected::<T>(r#"{"?":1}"#);
    // Only in a library with the test gateway.
    known.remove("panic_when_connecting");
    assert_eq!(known, names(title), "{title}");
    for row in table(title) {
        let (name, kind, default) = (&row[0], &row[1], &row[2]);
        let takes = |value: &Value| {
            let object = Value::from(Map::from_iter([(name.clone(), value.clone())]));
            serde_json::from_value::<T>(object).is_ok()
        };
        let right = samples(kind);
        assert!(!right.is_empty(), "{title}: {name} is {kind}");
        for value in &right {
            assert!(takes(value), "{title}: {name} takes {value}");
        }
        for value in [json!("a"), json!(1), json!(true), json!({}), json!([[1]]), json!(["a"])] {
            if !right.iter().any(|one| std::mem::discriminant(one) == std::mem::discriminant(&value)) {
                // What stands in `overrides` is judged by itself.
                assert!(!takes(&value) || name == "overrides", "{title}: {name} takes {value}");
            }
        }
        assert!(takes(&Value::Null) || default != "null", "{title}: {name} may be null");
    }
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap_or_else(|| panic!("{value}")).keys().cloned().collect()
}

/// Compares the rows of things that have a name, each with members, with one of each.
fn tells(title: &str, tag: &str, column: usize, all: &[Value]) {
    let rows = table(title);
    assert_eq!(rows.len(), all.len(), "{title}");
    for value in all {
        let name = value[tag].as_str().unwrap();
        let row = rows.iter().find(|row| row[0] == name).unwrap_or_else(|| panic!("{title}: no {name}"));
        let mut members = keys(value);
        members.remove(tag);
        let said = words(&row[column]);
        assert!(members.is_subset(&said), "{title}: {name} has {members:?}, and {said:?} are told");
    }
}

fn error() -> AditError {
    AditError::usage("m")
}

/// One of each. A new one must be added here, and to the text: the match says so.
fn events() -> Vec<SessionEvent> {
    let text = String::new;
    let all = vec![
        SessionEvent::Connecting { address: text() },
        SessionEvent::Ask { token: 1, deadline_ms: 2, question: Question::ProtectSocket { fd: 3 } },
        SessionEvent::Up { settings: TunnelSettings::default(), connection: ConnectionInfo::default() },
        SessionEvent::Warning { text: text() },
        SessionEvent::Rekeyed { what: text() },
        SessionEvent::PathChanged { local: text(), remote: text() },
        SessionEvent::Reasserting { error: None, retry_ms: 1 },
        SessionEvent::Detail { json: text() },
        SessionEvent::Idle { seconds: 1 },
        SessionEvent::Closed { error: None },
    ];
    for event in &all {
        match event {
            SessionEvent::Connecting { .. } | SessionEvent::Ask { .. } | SessionEvent::Up { .. } => {}
            SessionEvent::Warning { .. } | SessionEvent::Rekeyed { .. } => {}
            SessionEvent::PathChanged { .. } | SessionEvent::Reasserting { .. } => {}
            SessionEvent::Detail { .. } | SessionEvent::Idle { .. } | SessionEvent::Closed { .. } => {}
        }
    }
    all
}

/// One of each question, as above.
pub(crate) fn questions() -> Vec<Question> {
    let text = String::new;
    let all = vec![
        Question::ProtectSocket { fd: 3 },
        Question::ResolveName { host: text() },
        Question::Password { username: None, attempt: 0, refusal: None },
        Question::Sign { key: text(), scheme: text(), message: vec![1] },
        Question::JudgeChain { certificates: vec![vec![1]], identity: text() },
    ];
    for question in &all {
        match question {
            Question::ProtectSocket { .. } | Question::ResolveName { .. } | Question::Password { .. } => {}
            Question::Sign { .. } | Question::JudgeChain { .. } => {}
        }
    }
    all
}

fn values<T: serde::Serialize>(all: Vec<T>) -> Vec<Value> {
    all.into_iter().map(|one| serde_json::to_value(one).unwrap()).collect()
}

#[test]
fn what_is_given_is_told_with_its_type_and_default() {
    takes::<HostAbilities>("Host");
    takes::<NetworkInfo>("Network");
    let of = |title| defaults(title).to_string();
    assert_eq!(serde_json::from_str::<HostAbilities>(&of("Host")).unwrap(), HostAbilities::default());
    assert_eq!(serde_json::from_str::<NetworkInfo>(&of("Network")).unwrap(), NetworkInfo::default());
}

#[test]
fn every_event_and_every_question_is_told_with_its_members() {
    tells("Events", "event", 2, &values(events()));
    tells("Questions", "ask", 2, &values(questions()));
}

#[test]
fn every_member_of_what_up_brings_is_told() {
    let settings = TunnelSettings { proxy: Some(ProxySettings::default()), ..TunnelSettings::default() };
    let settings = serde_json::to_value(settings).unwrap();
    assert_eq!(keys(&settings), names("Settings"));
    let proxy = table("Settings").into_iter().find(|row| row[0] == "proxy").unwrap();
    assert!(keys(&settings["proxy"]).is_subset(&words(&proxy[2])));
    assert_eq!(keys(&serde_json::to_value(ConnectionInfo::default()).unwrap()), names("Connection"));
}

#[test]
fn every_answer_is_told_with_its_members_and_answers_a_question() {
    assert_eq!(expected::<Answer>(r#"{"answer":"?"}"#), names("Answers"));
    let mut answers = BTreeSet::from(["refused".to_owned()]);
    answers.extend(table("Questions").iter().flat_map(|row| words(&row[3])));
    assert_eq!(answers, names("Answers"));
    for row in table("Answers") {
        let name = &row[0];
        let mut object = Map::from_iter([("answer".to_owned(), json!(name))]);
        for member in row[1].split("; ").filter(|member| *member != "none") {
            let (member, kind) = member.split_once("`: ").unwrap();
            let kind = kind.split(" or ").next().unwrap();
            object.insert(member.trim_matches('`').into(), samples(kind).pop().unwrap());
        }
        let full = Value::from(object.clone());
        serde_json::from_value::<Answer>(full).unwrap_or_else(|error| panic!("{name}: {error}"));
        if name == "done" {
            // Without members of its own it does not look at others.
            continue;
        }
        object.insert("?".into(), json!(1));
        assert!(serde_json::from_value::<Answer>(object.into()).is_err(), "{name}: another member");
    }
}

#[test]
fn the_example_of_a_signature_is_one() {
    let mut blocks = TEXT.split("```json\n").skip(1).map(|block| block.split("```").next().unwrap());
    let asked: Value = serde_json::from_str(blocks.next().unwrap()).unwrap();
    let question =
        Question::Sign { key: "slot 9a".into(), scheme: "ecdsa-sha256".into(), message: vec![16, 222, 7] };
    let event = SessionEvent::Ask { token: 7, deadline_ms: 25_000, question };
    assert_eq!(asked, serde_json::to_value(event).unwrap());
    let answer: Answer = serde_json::from_str(blocks.next().unwrap()).unwrap();
    assert!(answer == Answer::Signature { bytes: vec![48, 69, 2, 33] });
}

#[test]
fn every_kind_of_error_is_told() {
    let value = serde_json::to_value(error()).unwrap();
    assert_eq!(keys(&value), names("Errors"));
    let rows = table("Errors");
    let kinds = words(&rows.iter().find(|row| row[0] == "kind").unwrap()[2]);
    let header = include_str!("../../include/adit.h");
    let codes = header.lines().filter_map(|line| {
        let (name, number) = line.strip_prefix("#define ADIT_")?.split_once(' ')?;
        number.starts_with("(-").then(|| name.to_lowercase())
    });
    let told: BTreeSet<String> = kinds.into_iter().filter(|word| word != "adit.h").collect();
    assert_eq!(told, codes.collect());
}
