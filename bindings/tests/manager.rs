//! The Personal VPN model through the bindings: from a profile to a saved configuration, to a tunnel and its end.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use adit_bindings::{AditError, Credentials, HostAbilities, Manager, Session, SessionEvent, SessionOptions};
use adit_test_gateway::{TestGateway, TestGatewayKind};
use serde_json::{Value, json};
use support::{PATIENCE, is_closed, is_up, until};

/// An app: a store in memory, and tunnels.
#[derive(Default)]
struct App {
    records: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
    tunnel: Option<(u32, Arc<Session>)>,
    overrides: String,
    notifications: Vec<Value>,
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

impl App {
    /// Answers all that is asked.
    fn serve(&mut self, manager: &Manager) {
        loop {
            while let Some(notification) = manager.next_notification().unwrap() {
                self.notifications.push(serde_json::from_str(&notification).unwrap());
            }
            let Some(request) = manager.next_request().unwrap() else { return };
            let request: Value = serde_json::from_str(&request).unwrap();
            let answer = self.answer(&request);
            manager.answer(request["token"].as_u64().unwrap(), answer.to_string()).unwrap();
        }
    }

    fn answer(&mut self, request: &Value) -> Value {
        let key = request["key"].to_string();
        match request["request"].as_str().unwrap() {
            "load" => json!({"answer": "record", "record": self.records.get(&key)}),
            "save" => {
                self.records.insert(key, request["record"].as_str().unwrap().to_owned());
                json!({"answer": "done"})
            }
            "remove" => {
                self.records.remove(&key);
                json!({"answer": "done"})
            }
            "store_secret" => {
                let reference = format!("{:02x}", self.secrets.len() + 1);
                self.secrets.insert(reference.clone(), request["content"].as_str().unwrap().to_owned());
                json!({"answer": "reference", "reference": reference})
            }
            "read_secret" => {
                let content = self.secrets.get(request["reference"].as_str().unwrap());
                json!({"answer": "secret", "content": content})
            }
            "start_tunnel" => {
                let session = Session::new(SessionOptions {
                    profile: bytes(request["profile"].as_str().unwrap()),
                    payload: None,
                    credentials: Credentials {
                        username: request["username"].as_str().map(str::to_owned),
                        password: request["password"].as_str().map(str::to_owned),
                        ..Credentials::default()
                    },
                    host: HostAbilities::default(),
                    overrides_json: Some(self.overrides.clone()),
                    server_addresses: Vec::new(),
                });
                match session {
                    Ok(session) => {
                        let tunnel = u32::try_from(request["tunnel"].as_u64().unwrap()).unwrap();
                        self.tunnel = Some((tunnel, session));
                        json!({"answer": "done"})
                    }
                    Err(error) => json!({"answer": "failed", "reason": error.to_string()}),
                }
            }
            "stop_tunnel" => {
                self.tunnel.as_ref().unwrap().1.stop().unwrap();
                json!({"answer": "done"})
            }
            "consent" | "delete_secrets" => json!({"answer": "done"}),
            other => panic!("{other}: {request}"),
        }
    }

    /// Passes the session's events on until one is wanted.
    fn follow(&mut self, manager: &Manager, wanted: fn(&SessionEvent) -> bool) {
        let (tunnel, session) = self.tunnel.clone().unwrap();
        for event in until(&session, wanted) {
            manager.tunnel_event(tunnel, Arc::clone(&session), event).unwrap();
        }
        self.serve(manager);
    }
}

fn manager() -> Arc<Manager> {
    Manager::new(r#"{"app":"test.app","platform":"linux"}"#.into()).unwrap()
}

#[test]
fn a_profile_becomes_a_saved_configuration_a_tunnel_and_a_reason() {
    assert!(PATIENCE.as_secs() > 0);
    let gateway = TestGateway::new(TestGatewayKind::Standard).unwrap();
    let manager = manager();
    let mut app = App { overrides: gateway.overrides().unwrap(), ..App::default() };
    let shared = manager.shared().unwrap();
    assert_eq!(manager.shared().unwrap(), shared);
    assert_eq!(manager.status(shared).unwrap(), "invalid");
    manager.save(shared).unwrap();
    app.serve(&manager);
    let never_loaded = app.notifications.pop().unwrap();
    assert_eq!(never_loaded["error"]["code"], "configurationStale", "{never_loaded}");
    assert!(app.records.is_empty());

    manager.load(shared).unwrap();
    app.serve(&manager);
    let notes = manager.import_profile(shared, gateway.profile().unwrap(), None).unwrap();
    assert!(notes.starts_with('['));
    let configuration = manager.configuration(shared).unwrap();
    let password = gateway.password().unwrap();
    assert!(!configuration.contains(&password), "{configuration}");
    manager.set_configuration(shared, configuration).unwrap();
    manager.save(shared).unwrap();
    app.serve(&manager);
    assert!(
        app.notifications.iter().any(|one| {
            one["notification"] == "completed" && one["operation"] == "save" && one["error"].is_null()
        }),
        "{:?}",
        app.notifications
    );
    let record = app.records.values().next().unwrap();
    assert!(!record.contains(&password), "secrets are references");
    assert_eq!(manager.status(shared).unwrap(), "disconnected");

    manager.start(shared, None, None).unwrap();
    app.serve(&manager);
    assert_eq!(manager.status(shared).unwrap(), "connecting");
    app.follow(&manager, is_up);
    assert_eq!(manager.status(shared).unwrap(), "connected");
    assert!(manager.connected_date(shared).unwrap().unwrap() > 1_700_000_000);
    manager.stop(shared).unwrap();
    app.serve(&manager);
    app.follow(&manager, is_closed);
    assert_eq!(manager.status(shared).unwrap(), "disconnected");
    let statuses: Vec<&str> = app
        .notifications
        .iter()
        .filter(|one| one["notification"] == "status_changed")
        .filter_map(|one| one["status"].as_str())
        .collect();
    assert!(statuses.windows(2).any(|two| two == ["connecting", "connected"]), "{statuses:?}");
    let last: Value = serde_json::from_str(&manager.last_disconnect(shared).unwrap().unwrap()).unwrap();
    assert!(last["code"].is_null(), "{last}");

    let stored = manager.stored(r#"{"personal":"test.app"}"#.into()).unwrap().unwrap();
    assert_eq!(stored, manager.configuration(shared).unwrap());

    // The server no longer takes the password.
    let other = TestGateway::new(TestGatewayKind::Standard).unwrap();
    app.overrides = other.overrides().unwrap();
    manager.start(shared, None, Some("another".into())).unwrap();
    app.serve(&manager);
    app.follow(&manager, is_closed);
    let last: Value = serde_json::from_str(&manager.last_disconnect(shared).unwrap().unwrap()).unwrap();
    assert!(last["code"].is_string() && last["raw"].is_u64(), "{last}");
}

#[test]
fn wrong_usage_is_told() {
    assert!(matches!(Manager::new("{}".into()), Err(AditError::Usage { .. })));
    let manager = manager();
    let shared = manager.shared().unwrap();
    for refused in [
        manager.configuration(99).map(drop),
        manager.set_configuration(shared, "{\"no\":1}".into()),
        manager.set_secret(shared, "pasword".into(), vec![1]),
        manager.open("{\"nobody\":1}".into()).map(drop),
        manager.network_changed(Some("7".into())),
        manager.answer(1, "{}".into()),
        manager.start(shared, None, None),
    ] {
        assert!(matches!(refused, Err(AditError::Usage { .. })), "{refused:?}");
    }
    assert!(matches!(manager.import_profile(shared, b"x".to_vec(), None), Err(AditError::Profile { .. })));
    manager.set_secret(shared, "password".into(), b"p".to_vec()).unwrap();
    assert_eq!(manager.stored(r#"{"personal":"test.app"}"#.into()).unwrap(), None);
    assert!(manager.stored("{}".into()).is_err());
    manager.network_changed(None).unwrap();
    manager.sleep().unwrap();
    manager.wake().unwrap();
    manager.handle_timeout().unwrap();
    assert!(manager.timeout_ms().is_ok());
    let managed = manager.open(r#"{"managed":"0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60"}"#.into()).unwrap();
    assert_ne!(managed, shared);
    manager.close_manager(managed).unwrap();
    assert!(manager.configuration(managed).is_err());
}
