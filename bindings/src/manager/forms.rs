//! The manager's requests, answers and notifications as JSON.
//!
//! Each is one object of which a member names it; docs/manager-json.md has them all. Bytes are hexadecimal. What the store
//! keeps (`record`) is a text.

use adit_crypto::Secret;
use adit_manager::{
    Answer, ConfigurationKey, Demand, Disconnect, Event, Operation, Request, SecretReference, SecretSlot,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::AditError;

/// Names a configuration in JSON: `{"personal":app}` or `{"managed":payload UUID}`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum KeyForm {
    Personal(String),
    Managed(String),
}

impl From<KeyForm> for ConfigurationKey {
    fn from(form: KeyForm) -> Self {
        match form {
            KeyForm::Personal(app) => Self::Personal { app },
            KeyForm::Managed(payload) => Self::Managed { payload },
        }
    }
}

pub(super) fn key(key: &ConfigurationKey) -> Value {
    match key {
        ConfigurationKey::Personal { app } => json!({"personal": app}),
        ConfigurationKey::Managed { payload } => json!({"managed": payload}),
    }
}

/// A request. `deadline_ms` counts from now.
pub(super) fn request(request: &Request, deadline_ms: Option<u64>) -> Value {
    let demand = match &request.demand {
        Demand::Load { key: whose } => json!({"request": "load", "key": key(whose)}),
        Demand::Save { key: whose, record, replaces } => json!({
            "request": "save", "key": key(whose), "record": String::from_utf8_lossy(record), "replaces": replaces,
        }),
        Demand::Remove { key: whose } => json!({"request": "remove", "key": key(whose)}),
        Demand::Consent { key: whose, description } => {
            json!({"request": "consent", "key": key(whose), "description": description})
        }
        Demand::StoreSecret { key: whose, secret } => json!({
            "request": "store_secret", "key": key(whose), "slot": secret.slot, "content": hex(secret.content.expose()),
        }),
        Demand::DeleteSecrets { references } => {
            json!({"request": "delete_secrets", "references": references})
        }
        Demand::ReadSecret { key: whose, slot, reference } => {
            json!({"request": "read_secret", "key": key(whose), "slot": slot, "reference": reference})
        }
        Demand::ResolveName { host } => json!({"request": "resolve_name", "host": host}),
        Demand::ProbeDns { servers } => json!({"request": "probe_dns", "servers": servers}),
        Demand::ProbeName { host } => json!({"request": "probe_name", "host": host}),
        Demand::ProbeUrl { url } => json!({"request": "probe_url", "url": url}),
        Demand::StartTunnel(start) => json!({
            "request": "start_tunnel", "tunnel": start.tunnel.0, "key": key(&start.key),
            "profile": hex(start.profile.bytes.expose()), "identity_reference": start.profile.identity_reference,
            "addresses": start.addresses, "username": start.username,
            "password": start.password.as_ref().map(|password| password.expose().to_owned()),
            "on_demand": start.on_demand,
        }),
        Demand::StopTunnel { tunnel } => json!({"request": "stop_tunnel", "tunnel": tunnel.0}),
        // The session asks its app itself; nothing of the kind is routed through the manager here.
        Demand::Tunnel { tunnel, .. } => json!({"request": "tunnel", "tunnel": tunnel.0}),
    };
    with(demand, &[("token", json!(request.token.0)), ("deadline_ms", json!(deadline_ms))])
}

fn with(mut object: Value, members: &[(&str, Value)]) -> Value {
    if let Value::Object(map) = &mut object {
        for (name, value) in members {
            map.insert((*name).to_owned(), value.clone());
        }
    }
    object
}

/// An answer in JSON.
#[derive(Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
enum AnswerForm {
    Done,
    Refused { reason: String },
    Failed { reason: String },
    Stale,
    Record { record: Option<String> },
    Reference { reference: SecretReference },
    Secret { content: Option<String> },
    Addresses { list: Vec<String> },
    Reachable { reachable: bool },
}

/// Reads an answer.
pub(super) fn answer(text: &str) -> Result<Answer, AditError> {
    // The reader's words may quote a secret: only the place is told.
    let form: AnswerForm = serde_json::from_str(text).map_err(|error| {
        AditError::usage(format!(
            "the answer cannot be read (line {}, column {})",
            error.line(),
            error.column()
        ))
    })?;
    Ok(match form {
        AnswerForm::Done => Answer::Done,
        AnswerForm::Refused { reason } => Answer::Refused { reason },
        AnswerForm::Failed { reason } => Answer::Failed { reason },
        AnswerForm::Stale => Answer::Stale,
        AnswerForm::Record { record } => Answer::Record(record.map(String::into_bytes)),
        AnswerForm::Reference { reference } => Answer::Reference(reference),
        AnswerForm::Secret { content: None } => Answer::Secret(None),
        AnswerForm::Secret { content: Some(content) } => {
            let bytes = unhex(&content).ok_or_else(|| AditError::usage("`content` is not hexadecimal"))?;
            Answer::Secret(Some(adit_profile::Secret::new(bytes.expose().to_vec())))
        }
        AnswerForm::Addresses { list } => Answer::Addresses(list),
        AnswerForm::Reachable { reachable } => Answer::Reachable(reachable),
    })
}

/// A notification; `None` for what does not concern an app here.
pub(super) fn notification(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Completed { manager, operation, result } => {
            let operation = match operation {
                Operation::Load => "load",
                Operation::Save => "save",
                Operation::Remove => "remove",
            };
            let error = result.as_ref().err().map(|error| {
                json!({"code": error.code.swift_name(), "raw": error.code.raw(), "message": error.message})
            });
            json!({"notification": "completed", "manager": manager.0, "operation": operation, "error": error})
        }
        Event::ConfigurationChanged { key: whose } => {
            json!({"notification": "configuration_changed", "key": key(whose)})
        }
        Event::StatusChanged { key: whose, status } => {
            json!({"notification": "status_changed", "key": key(whose), "status": status.swift_name()})
        }
        Event::OnDemand { key: whose, summary } => {
            json!({"notification": "on_demand", "key": key(whose), "summary": summary})
        }
        Event::DefaultRoute { holder } => {
            json!({"notification": "default_route", "holder": holder.as_ref().map(key)})
        }
        Event::TunnelAnswer { .. } => return None,
    })
}

/// Why the last tunnel ended: null members for an end that somebody asked for.
pub(super) fn disconnect(last: &Disconnect) -> Value {
    let error = last.error;
    json!({
        "code": error.map(|error| error.swift_name()), "raw": error.map(|error| error.raw()),
        "message": last.message, "advice": last.advice,
    })
}

/// What a secret is for, by its name in requests.
pub(super) fn slot(name: &str) -> Result<SecretSlot, AditError> {
    serde_json::from_value(Value::from(name)).map_err(|_| {
        let names: Vec<String> = SecretSlot::ALL
            .iter()
            .filter_map(|slot| serde_json::to_value(slot).ok()?.as_str().map(str::to_owned))
            .collect();
        AditError::usage(format!("a secret is for one of {}", names.join(", ")))
    })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Secret> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let pairs =
        text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    pairs.collect::<Option<Vec<u8>>>().map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_and_a_wrong_one_is_not_quoted() {
        assert_eq!(answer(r#"{"answer":"done"}"#).unwrap(), Answer::Done);
        assert_eq!(answer(r#"{"answer":"record","record":null}"#).unwrap(), Answer::Record(None));
        let secret = answer(r#"{"answer":"secret","content":"00ff"}"#).unwrap();
        assert!(matches!(secret, Answer::Secret(Some(secret)) if secret.expose() == [0, 255]));
        for wrong in [r#"{"answer":"secret","content":"hunter2"}"#, r#"{"answer":"hunter2"}"#, "hunter2"] {
            let error = answer(wrong).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        assert_eq!(slot("password").unwrap(), SecretSlot::Password);
        assert!(slot("pasword").unwrap_err().to_string().contains("shared-secret"));
    }
}
