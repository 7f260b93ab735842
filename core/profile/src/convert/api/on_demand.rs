//! On-demand rules as `NEOnDemandRule` objects.

use crate::build::Value;
use crate::convert::Lost;
use crate::convert::tree::{describe, join, text};
use crate::gather::Gather as _;

use super::table::{CONNECTION_RULE, Property, RULE, RULE_CLASSES, convert};
use super::{Work, object};

impl Work {
    /// The rules that have a counterpart, in their order.
    pub(super) fn rules(&mut self, value: &Value, path: &str) -> Value {
        let Value::Array(items) = value else {
            let reason = format!("it must be an array, it is {}", describe(value));
            self.lost.push(Lost::new(path, reason));
            return Value::Array(Vec::new());
        };
        let rules = items.iter().enumerate();
        Value::Array(rules.filter_map(|(at, rule)| self.rule(rule, &format!("{path}[{at}]"))).gather())
    }

    fn rule(&mut self, rule: &Value, path: &str) -> Option<Value> {
        let action = rule.get("Action").and_then(text).unwrap_or_default();
        let Some((_, class)) = RULE_CLASSES.iter().find(|(known, _)| *known == action) else {
            let reason = if action == "Allow" {
                "the API has no rule with Allow: without this rule, what it matched falls to the rules after it"
            } else {
                "its Action is missing or none that is known"
            };
            self.lost.push(Lost::new(path, reason));
            return None;
        };
        let mut properties = Vec::new();
        for (key, value) in entries(rule) {
            match key {
                "Action" => {}
                "ActionParameters" if action == "EvaluateConnection" => {
                    let rules = self.connection_rules(value, &join(path, key));
                    properties.push(("connectionRules".to_owned(), rules));
                }
                "ActionParameters" => {
                    self.lost.push(Lost::new(join(path, key), "only EvaluateConnection has parameters"));
                }
                key => properties.extend(self.one(RULE, key, value, path)),
            }
        }
        if rule.get("DNSServerAddressMatch").is_some() {
            let reason = "carried, but it means more: in a profile one server that is listed is enough, for the API all of \
                          the network's servers must be";
            self.lost.push(Lost::new(join(path, "DNSServerAddressMatch"), reason));
        }
        Some(object(class, properties))
    }

    fn connection_rules(&mut self, value: &Value, path: &str) -> Value {
        let Value::Array(items) = value else {
            let reason = format!("it must be an array, it is {}", describe(value));
            self.lost.push(Lost::new(path, reason));
            return Value::Array(Vec::new());
        };
        let mut rules = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let path = format!("{path}[{at}]");
            let mut properties = Vec::new();
            for (key, value) in entries(item) {
                properties.extend(self.one(CONNECTION_RULE, key, value, &path));
            }
            // The initialiser takes both.
            let complete = ["matchDomains", "action"];
            if complete.iter().all(|name| properties.iter().any(|(known, _)| known == name)) {
                rules.push(object("NEEvaluateConnectionRule", properties));
            } else {
                self.lost.push(Lost::new(path, "a rule needs Domains and DomainAction"));
            }
        }
        Value::Array(rules)
    }

    fn one(
        &mut self,
        table: &'static [Property],
        key: &str,
        value: &Value,
        path: &str,
    ) -> Option<(String, Value)> {
        let path = join(path, key);
        let Some(property) = table.iter().find(|property| property.key == key) else {
            self.lost.push(Lost::new(path, "the API has no property for it"));
            return None;
        };
        match convert(property.kind, value) {
            Ok(value) => Some((property.name.to_owned(), value)),
            Err(reason) => {
                self.lost.push(Lost::new(path, reason));
                None
            }
        }
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries: &[(String, Value)] = match value {
        Value::Dict(entries) => entries,
        _ => &[],
    };
    entries.iter().map(|(key, value)| (key.as_str(), value))
}
