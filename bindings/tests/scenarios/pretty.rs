//! JSON as a person reads it: what fits on a line stands on one.

use serde_json::Value;

const WIDTH: usize = 110;

/// Members of a scenario that stand first, in this order; others follow by name.
const FIRST: [&str; 29] = [
    "about",
    "operation",
    "gateway",
    "input",
    "before",
    "after",
    "spec",
    "options",
    "profile",
    "credentials",
    "host",
    "overrides",
    "call",
    "expect",
    "event",
    "kind",
    "ask",
    "notification",
    "request",
    "to",
    "args",
    "answer",
    "steps",
    "returns",
    "error",
    "then",
    "report",
    "file",
    "fails",
];

pub(super) fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out.push('\n');
    out
}

fn members(object: &serde_json::Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = object.iter().collect();
    members.sort_by_key(|(name, _)| {
        (FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()), name.as_str())
    });
    members
}

fn line(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(line).collect::<Vec<_>>().join(", ")),
        Value::Object(object) => {
            let parts =
                members(object).into_iter().map(|(name, value)| format!("\"{name}\": {}", line(value)));
            format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}

fn write(value: &Value, indent: usize, out: &mut String) {
    let one_line = line(value);
    if indent > 0 && one_line.len() + indent <= WIDTH {
        return out.push_str(&one_line);
    }
    let inside = " ".repeat(indent + 2);
    let outside = " ".repeat(indent);
    match value {
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "\n" } else { ",\n" });
                out.push_str(&inside);
                write(item, indent + 2, out);
            }
            out.push_str(&format!("\n{outside}]"));
        }
        Value::Object(object) if !object.is_empty() => {
            out.push('{');
            for (at, (name, value)) in members(object).into_iter().enumerate() {
                out.push_str(if at == 0 { "\n" } else { ",\n" });
                out.push_str(&format!("{inside}\"{name}\": "));
                write(value, indent + 2, out);
            }
            out.push_str(&format!("\n{outside}}}"));
        }
        _ => out.push_str(&one_line),
    }
}
