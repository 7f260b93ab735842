//! Scenarios of the Personal VPN model.

use std::collections::VecDeque;
use std::sync::Arc;

use adit_bindings::{AditError, Manager};
use serde_json::{Value, json};

use super::{error_form, files, parsed};

/// What the store of a scenario's app knows.
struct App {
    manager: Arc<Manager>,
    /// Requests that wait for an answer, the oldest first.
    open: VecDeque<Value>,
    /// The record that was saved last.
    saved: Option<String>,
}

pub(super) fn run(scenario: &mut Value) {
    let manager = Manager::new(scenario["options"].to_string()).unwrap();
    let mut app = App { manager, open: VecDeque::new(), saved: None };
    for step in scenario["steps"].as_array_mut().unwrap() {
        let result = app.call(step);
        let step = step.as_object_mut().unwrap();
        step.remove("returns");
        step.remove("error");
        match result {
            Ok(None) => {}
            Ok(Some(value)) => drop(step.insert("returns".into(), value)),
            Err(error) => drop(step.insert("error".into(), error_form(&error))),
        }
        let then = app.drain();
        step.remove("then");
        if !then.is_empty() {
            step.insert("then".into(), json!(then));
        }
    }
}

impl App {
    fn call(&mut self, step: &Value) -> Result<Option<Value>, AditError> {
        let manager = &self.manager;
        let args = &step["args"];
        let number = |name: &str| args[name].as_u64().unwrap_or_else(|| panic!("no {name}: {step}"));
        let id = |name: &str| u32::try_from(number(name)).unwrap();
        let json_text = |name: &str| args[name].to_string();
        let text = |name: &str| args[name].as_str().map(str::to_owned);
        let nothing = |done: Result<(), AditError>| done.map(|()| None);
        let report = |text: Result<String, AditError>| text.map(|text| Some(parsed(&text)));
        match step["call"].as_str().unwrap() {
            "shared" => manager.shared().map(|id| Some(json!(id))),
            "open" => manager.open(json_text("key")).map(|id| Some(json!(id))),
            "declare" => nothing(manager.declare(json_text("key"))),
            "store_changed" => nothing(manager.store_changed(json_text("key"))),
            "close_manager" => nothing(manager.close_manager(id("manager"))),
            "configuration" => report(manager.configuration(id("manager"))),
            "set_configuration" => {
                nothing(manager.set_configuration(id("manager"), json_text("configuration")))
            }
            "set_secret" => nothing(manager.set_secret(
                id("manager"),
                text("slot").unwrap(),
                text("content").unwrap().into_bytes(),
            )),
            "import_profile" => {
                let Some(profile) = files::input(&args["profile"]) else {
                    panic!("manager scenarios bring their files")
                };
                report(manager.import_profile(id("manager"), profile, text("payload")))
            }
            "objections" => report(manager.objections(id("manager"))),
            "limitations" => report(manager.limitations(id("manager"))),
            "routing_plan" => report(manager.routing_plan(id("manager"), json_text("tunnel"))),
            "per_app_lists" => {
                let lists = manager.per_app_lists(id("manager"), json_text("device"));
                lists.map(|text| Some(text.map_or(Value::Null, |text| parsed(&text))))
            }
            "load" => nothing(manager.load(id("manager"))),
            "save" => nothing(manager.save(id("manager"))),
            "remove" => nothing(manager.remove(id("manager"))),
            "start" => nothing(manager.start(id("manager"), text("username"), text("password"))),
            "stop" => nothing(manager.stop(id("manager"))),
            "set_user_override" => {
                nothing(manager.set_user_override(id("manager"), args["off"].as_bool().unwrap()))
            }
            "status" => manager.status(id("manager")).map(|status| Some(json!(status))),
            "connected_date" => manager.connected_date(id("manager")).map(|date| Some(json!(date))),
            "last_disconnect" => {
                let last = manager.last_disconnect(id("manager"));
                last.map(|text| Some(text.map_or(Value::Null, |text| parsed(&text))))
            }
            "connections" => report(manager.connections()),
            "network_changed" => {
                let network = &args["network"];
                nothing(manager.network_changed((!network.is_null()).then(|| network.to_string())))
            }
            "connection_opened" => nothing(manager.connection_opened(text("host").unwrap())),
            "sleep" => nothing(manager.sleep()),
            "wake" => nothing(manager.wake()),
            "timeout_ms" => manager.timeout_ms().map(|left| Some(json!(left))),
            "advance" => {
                manager.advance_clock(number("milliseconds"))?;
                nothing(manager.handle_timeout())
            }
            "tunnel_report" => nothing(manager.tunnel_report(id("tunnel"), json_text("report"))),
            "tunnel_revoked" => nothing(manager.tunnel_revoked(id("tunnel"))),
            "answer" => {
                let to = args["to"].as_str().unwrap();
                let place = self.open.iter().position(|request| request["request"] == to);
                let place = place.unwrap_or_else(|| panic!("nothing asks {to}: {:?}", self.open));
                let token = self.open[place]["token"].as_u64().unwrap();
                let mut answer = args["answer"].clone();
                if answer["record"] == "${saved}" {
                    answer["record"] = json!(self.saved);
                }
                manager.answer(token, answer.to_string())?;
                self.open.remove(place);
                Ok(None)
            }
            other => panic!("there is no call `{other}`"),
        }
    }

    /// Everything that came: notifications, then requests.
    fn drain(&mut self) -> Vec<Value> {
        let mut all = Vec::new();
        while let Some(text) = self.manager.next_notification().unwrap() {
            all.push(parsed(&text));
        }
        while let Some(text) = self.manager.next_request().unwrap() {
            let mut request = parsed(&text);
            if request["request"] == "save" {
                self.saved = request["record"].as_str().map(str::to_owned);
            }
            if let Some(profile) = request["profile"].as_str() {
                request["profile"] = json!(unhex(profile));
            }
            self.open.push_back(request.clone());
            all.push(request);
        }
        all
    }
}

/// The text that stands there in hexadecimal.
fn unhex(hex: &str) -> String {
    let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
    String::from_utf8(bytes.collect()).unwrap()
}
