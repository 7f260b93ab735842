//! On-demand rules on the command line: an action and conditions, such as `disconnect interface=WiFi ssid=Office`.

use serde_json::{Map, Value as Json, json};

/// A rule as the description has it.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleText(pub Json);

/// What a rule is, in words.
pub const FORM: &str = "an action (connect, disconnect, ignore, evaluate), then conditions NAME=VALUE[,VALUE]: interface, ssid, \
    dns-domain, dns-server, probe; with evaluate also connect-if-needed=DOMAINS and never-connect=DOMAINS, and behind \
    the first of them required-dns=SERVERS and required-probe=URL. Values with spaces or commas stand in \"quotes\"";

const CONDITIONS: [&str; 9] = [
    "interface",
    "ssid",
    "dns-domain",
    "dns-server",
    "probe",
    "connect-if-needed",
    "never-connect",
    "required-dns",
    "required-probe",
];

/// Reads a rule.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse(text: &str) -> Result<RuleText, String> {
    let mut words = words(text)?.into_iter();
    let action =
        words.next().filter(|word| word.values.is_empty()).ok_or_else(|| format!("a rule is {FORM}"))?;
    let action = match action.name.as_str() {
        "evaluate" | "evaluate-connection" => "evaluate-connection",
        name @ ("connect" | "disconnect" | "ignore" | "allow") => name,
        other => return Err(format!("{other:?} is no action; a rule is {FORM}")),
    };
    let mut rule = Map::from_iter([("action".to_owned(), json!(action))]);
    let mut connections: Vec<Json> = Vec::new();
    for Word { name, values } in words {
        let one = || match values.as_slice() {
            [value] => Ok(json!(value)),
            _ => Err(format!("{name} takes one value, as {name}=VALUE")),
        };
        if values.is_empty() && CONDITIONS.contains(&name.as_str()) {
            return Err(format!("{name} needs a value, as {name}=VALUE"));
        }
        match name.as_str() {
            "interface" => {
                let known = ["Ethernet", "WiFi", "Cellular"];
                let value = values.first().filter(|_| values.len() == 1);
                let word =
                    known.iter().find(|word| value.is_some_and(|value| value.eq_ignore_ascii_case(word)));
                put(&mut rule, &name, json!(word.ok_or("interface is one of Ethernet, WiFi, Cellular")?))?;
            }
            "ssid" | "dns-domain" | "dns-server" => put(&mut rule, &name, json!(values))?,
            "probe" => put(&mut rule, "url-probe", one()?)?,
            "connect-if-needed" | "never-connect" => {
                connections.push(json!({"action": name, "domains": values}));
            }
            "required-dns" | "required-probe" => {
                let last = connections.last_mut().and_then(Json::as_object_mut);
                let last = last.ok_or_else(|| format!("{name} stands behind connect-if-needed=DOMAINS"))?;
                if name == "required-dns" {
                    put(last, "dns-servers", json!(values))?;
                } else {
                    put(last, "url-probe", one()?)?;
                }
            }
            other => return Err(format!("{other:?} is no condition; a rule is {FORM}")),
        }
    }
    if !connections.is_empty() {
        rule.insert("connections".to_owned(), Json::Array(connections));
    }
    Ok(RuleText(Json::Object(rule)))
}

fn put(table: &mut Map<String, Json>, name: &str, value: Json) -> Result<(), String> {
    match table.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(format!("{name} stands twice")),
    }
}

/// `NAME` or `NAME=VALUE,VALUE`.
#[derive(Default)]
struct Word {
    name: String,
    values: Vec<String>,
}

/// Splits at spaces and commas that are not quoted.
fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut word = Word::default();
    let (mut quoted, mut begun) = (false, false);
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' if !quoted => {
                if std::mem::take(&mut begun) {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            '=' if !quoted && word.values.is_empty() => word.values.push(String::new()),
            ',' if !quoted && !word.values.is_empty() => word.values.push(String::new()),
            _ => word.values.last_mut().unwrap_or(&mut word.name).push(character),
        }
        begun = true;
    }
    if quoted {
        return Err("a quotation mark is not closed".to_owned());
    }
    if begun {
        words.push(word);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_action_and_condition_is_read() {
        let rule = parse("disconnect interface=wifi ssid=Office,\"Head Office, 2\" dns-domain=*.example.com")
            .unwrap();
        assert_eq!(
            rule.0,
            json!({"action": "disconnect", "interface": "WiFi", "ssid": ["Office", "Head Office, 2"],
                "dns-domain": ["*.example.com"]})
        );
        let rule = parse(
            "evaluate dns-server=10.* probe=https://a.example/?x=1,2 connect-if-needed=a.example,b.example \
             required-dns=10.0.0.53 required-probe=https://in.example/ never-connect=c.example",
        );
        assert!(rule.is_err(), "a comma in a URL needs quotes");
        let rule = parse(
            "evaluate dns-server=10.* probe=https://a.example/?x=1 connect-if-needed=a.example,b.example \
             required-dns=10.0.0.53 required-probe=https://in.example/ never-connect=c.example",
        );
        assert_eq!(
            rule.unwrap().0,
            json!({"action": "evaluate-connection", "dns-server": ["10.*"], "url-probe": "https://a.example/?x=1",
            "connections": [
                {"action": "connect-if-needed", "domains": ["a.example", "b.example"], "dns-servers": ["10.0.0.53"],
                    "url-probe": "https://in.example/"},
                {"action": "never-connect", "domains": ["c.example"]},
            ]})
        );
        assert_eq!(parse("connect").unwrap().0, json!({"action": "connect"}));
    }

    #[test]
    fn wrong_rules_are_refused_with_the_reason() {
        for (text, reason) in [
            ("", "a rule is"),
            ("ssid=x", "a rule is"),
            ("jump", "is no action"),
            ("connect colour=red", "is no condition"),
            ("connect ssid", "needs a value"),
            ("disconnect if ssid Home", "\"if\" is no condition; a rule is"),
            ("connect interface=token-ring", "one of Ethernet"),
            ("connect ssid=a ssid=b", "stands twice"),
            ("connect ssid=\"a", "not closed"),
            ("connect probe=a,b", "takes one value"),
            ("evaluate required-dns=10.0.0.1", "stands behind"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
