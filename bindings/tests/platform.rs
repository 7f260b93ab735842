//! What a platform can do of a configuration, and connections that open, through the bindings.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;

use adit_bindings::{AditError, Manager, per_app_lists, routing_plan};
use serde_json::{Value, json};

fn manager(platform: &Value) -> Arc<Manager> {
    Manager::new(json!({"app": "test.app", "platform": platform}).to_string()).unwrap()
}

fn parsed(text: String) -> Value {
    serde_json::from_str(&text).unwrap()
}

/// The next request of a name.
fn request(manager: &Manager, name: &str) -> Value {
    let request = parsed(manager.next_request().unwrap().unwrap_or_else(|| panic!("no request, not {name}")));
    assert_eq!(request["request"], name);
    request
}

fn answer(manager: &Manager, request: &Value, answer: &Value) {
    manager.answer(request["token"].as_u64().unwrap(), answer.to_string()).unwrap();
}

/// Changes what an empty configuration says, and saves it into a store that was empty.
fn saved(manager: &Manager, change: impl FnOnce(&mut Value)) -> u32 {
    let shared = manager.shared().unwrap();
    manager.load(shared).unwrap();
    answer(manager, &request(manager, "load"), &json!({"answer": "record", "record": null}));
    let mut configuration = json!({
        "is_enabled": true,
        "protocol_configuration": {"ikev2": {"ipsec": {
            "base": {"server_address": "192.0.2.1", "username": "u"},
            "remote_identifier": "gateway.example", "use_extended_authentication": true,
        }}},
    });
    change(&mut configuration);
    manager.set_configuration(shared, configuration.to_string()).unwrap();
    assert!(
        !parsed(manager.objections(shared).unwrap())
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["refused"] == true)
    );
    manager.save(shared).unwrap();
    while let Some(text) = manager.next_request().unwrap() {
        let asked = parsed(text);
        let given = match asked["request"].as_str().unwrap() {
            "load" => json!({"answer": "record", "record": null}),
            "consent" | "save" => json!({"answer": "done"}),
            other => panic!("{other}"),
        };
        answer(manager, &asked, &given);
    }
    shared
}

#[test]
fn a_connection_that_opens_is_judged_by_the_rules_for_connections() {
    let manager = manager(&json!("linux"));
    let shared = saved(&manager, |configuration| {
        configuration["is_on_demand_enabled"] = json!(true);
        configuration["on_demand_rules"] = json!([{
            "kind": {"evaluate-connection": [{
                "match_domains": ["intra.example"], "action": 1, "use_dns_servers": ["192.0.2.53"],
            }]},
            "interface_type_match": 0,
        }]);
    });
    manager.network_changed(Some(r#"{"interface":"WiFi"}"#.into())).unwrap();
    assert_eq!(manager.next_request().unwrap(), None, "nobody wants to go anywhere");
    manager.connection_opened("www.example.org".into()).unwrap();
    assert_eq!(manager.next_request().unwrap(), None, "no rule is for it");
    manager.connection_opened("wiki.intra.example".into()).unwrap();
    let probe = request(&manager, "probe_dns");
    assert_eq!(probe["servers"], json!(["192.0.2.53"]));
    answer(&manager, &probe, &json!({"answer": "reachable", "reachable": false}));
    assert_eq!(request(&manager, "start_tunnel")["on_demand"], true);
    assert_eq!(manager.status(shared).unwrap(), "connecting");
    let known = parsed(manager.connections().unwrap());
    assert_eq!(known[0]["key"], json!({"personal": "test.app"}));
    assert_eq!(known[0]["status"], "connecting");
    assert!(matches!(manager.connection_opened(" ".into()), Err(AditError::Usage { .. })));
}

#[test]
fn another_apps_configuration_is_declared_and_loaded_when_it_matters() {
    let manager = manager(&json!("linux"));
    manager.declare(r#"{"personal":"other.app"}"#.into()).unwrap();
    assert_eq!(parsed(manager.connections().unwrap())[0]["key"], json!({"personal": "other.app"}));
    assert!(matches!(manager.declare(r#"{"nobody":1}"#.into()), Err(AditError::Usage { .. })));
}

#[test]
fn routes_are_planned_with_a_manager_and_without() {
    let tunnel = json!({
        "routes": ["0.0.0.0/0"], "has_ipv4": true, "has_ipv6": false, "local_networks": ["192.168.1.0/24"],
    });
    let android = json!({"android": {"api_level": 35, "lockdown": false}});
    let question = json!({"platform": android, "tunnel": tunnel});
    let plan = parsed(routing_plan(question.to_string()).unwrap());
    assert_eq!(plan["included"], json!(["0.0.0.0/0", "::/0"]));
    assert!(plan["excluded"].as_array().unwrap().contains(&json!("192.168.1.0/24")));
    assert_eq!((&plan["block_ipv6"], &plan["apple"]), (&json!(true), &Value::Null));

    let manager = manager(&android);
    let shared = manager.shared().unwrap();
    assert!(matches!(manager.routing_plan(shared, tunnel.to_string()), Err(AditError::Usage { .. })));
    saved(&manager, |_| {});
    assert_eq!(
        parsed(manager.routing_plan(shared, tunnel.to_string()).unwrap()),
        plan,
        "the same, of the same"
    );
    assert_eq!(parsed(manager.limitations(shared).unwrap()), json!([]));

    let all = json!({"include_all_networks": true, "exclude_apns": false});
    let ios = json!({"platform": {"ios": {"major": 15, "minor": 0}}, "intent": all, "tunnel": tunnel});
    let plan = parsed(routing_plan(ios.to_string()).unwrap());
    assert_eq!(plan["apple"]["include_all_networks"], true);
    assert_eq!(plan["apple"]["exclude_apns"], Value::Null, "iOS 15 does not know it");
    assert_eq!(plan["cannot"][0]["subject"], "excludeAPNs");
    assert_eq!(plan["cannot"][0]["consequence"], "traffic-outside");
    // The local network: in on a Mac, outside on a phone, as Apple's defaults have it.
    for (platform, outside) in [("ios", true), ("macos", false)] {
        let question = json!({"platform": {platform: {"major": 26, "minor": 0}}});
        let plan = parsed(routing_plan(question.to_string()).unwrap());
        assert_eq!(plan["apple"]["exclude_local_networks"], outside, "{platform}");
    }
}

#[test]
fn apps_are_mapped_and_what_cannot_be_is_told() {
    let per_app = json!({
        "vpn_uuid": "1", "apps": [{"identifier": "com.example.a"}, {"identifier": "com.example.b"}],
        "safari_domains": ["example.com"],
    });
    let device = json!({"installed": ["org.example.b"], "packages": {"com.example.b": "org.example.b"}});
    let android = json!({"android": {"api_level": 35, "lockdown": true}});
    let question = json!({"platform": android, "per_app": per_app, "device": device});
    let lists = parsed(per_app_lists(question.to_string()).unwrap());
    assert_eq!(
        (&lists["allowed"], &lists["missing"], &lists["usable"]),
        (&json!(["org.example.b"]), &json!(["com.example.a"]), &json!(true))
    );
    assert_eq!(lists["cannot"][0]["subject"], "SafariDomains");

    let manager = manager(&android);
    let shared = manager.shared().unwrap();
    assert_eq!(manager.per_app_lists(shared, device.to_string()).unwrap(), None, "for all apps");
    let configuration = json!({"managed": {"per_app": per_app}});
    manager.set_configuration(shared, configuration.to_string()).unwrap();
    assert_eq!(parsed(manager.per_app_lists(shared, device.to_string()).unwrap().unwrap()), lists);
    assert_eq!(parsed(manager.limitations(shared).unwrap())[0]["subject"], "SafariDomains");

    let linux = json!({"platform": "linux", "per_app": per_app});
    let lists = parsed(per_app_lists(linux.to_string()).unwrap());
    assert_eq!((&lists["usable"], &lists["cannot"][0]["subject"]), (&json!(false), &json!("VPNUUID")));
}

#[test]
fn wrong_questions_are_told() {
    let manager = manager(&json!("linux"));
    let shared = manager.shared().unwrap();
    for refused in [
        routing_plan(r#"{"platform":"windows"}"#.into()),
        routing_plan(r#"{"platform":"linux","tunnel":{"routes":["10.0.0.0/33"]}}"#.into()),
        routing_plan(r#"{"platform":"linux","intent":{"all":true}}"#.into()),
        per_app_lists(r#"{"platform":"linux"}"#.into()),
        manager.routing_plan(99, "{}".into()),
        manager.routing_plan(shared, "".into()),
        manager.limitations(99),
        manager.objections(99),
        manager.per_app_lists(99, "{}".into()).map(Option::unwrap_or_default),
        manager.per_app_lists(shared, r#"{"apps":[]}"#.into()).map(Option::unwrap_or_default),
    ] {
        assert!(matches!(refused, Err(AditError::Usage { .. })), "{refused:?}");
    }
}

#[test]
fn a_tunnel_in_another_process_is_reported_and_time_passes_as_a_test_wants() {
    let manager = Manager::new(
        json!({"app": "test.app", "platform": "linux", "clock": {"manual": 1_700_000_000}}).to_string(),
    )
    .unwrap();
    let shared = saved(&manager, |configuration| {
        configuration["managed"] = json!({"disconnect_on_idle_seconds": 120});
    });
    let status = || manager.status(shared).unwrap();
    manager.start(shared, None, Some("p".into())).unwrap();
    let start = request(&manager, "start_tunnel");
    let tunnel = u32::try_from(start["tunnel"].as_u64().unwrap()).unwrap();
    answer(&manager, &start, &json!({"answer": "done"}));
    let report = |report: Value| manager.tunnel_report(tunnel, report.to_string()).unwrap();
    manager.advance_clock(5_000).unwrap();
    report(json!({"report": "up", "default_route": true}));
    assert_eq!(
        (status().as_str(), manager.connected_date(shared).unwrap()),
        ("connected", Some(1_700_000_005))
    );
    report(json!({"report": "reasserting"}));
    report(json!({"report": "path_changed"}));
    assert_eq!(manager.timeout_ms().unwrap(), Some(0), "there are notifications");
    while manager.next_notification().unwrap().is_some() {}
    assert_eq!(manager.timeout_ms().unwrap(), None);
    let error = json!({"code": "serverDead", "message": "no answer", "advice": "wait"});
    report(json!({"report": "closed", "error": error}));
    let last = parsed(manager.last_disconnect(shared).unwrap().unwrap());
    assert_eq!(last, json!({"code": "serverDead", "raw": 7, "message": "no answer", "advice": "wait"}));
    assert_eq!(status(), "disconnected");
    assert!(matches!(manager.tunnel_report(tunnel, "{}".into()), Err(AditError::Usage { .. })));
    assert!(matches!(crate::manager(&json!("linux")).advance_clock(1), Err(AditError::Usage { .. })));
}
