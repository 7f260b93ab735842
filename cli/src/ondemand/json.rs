//! Answers as JSON: a public interface. Fields are added, never renamed.

use adit_profile::Diagnostic;
use serde_json::{Value, json};

use super::Answered;

/// An answer.
pub fn render(answered: &Answered<'_, '_>) -> Value {
    let payload = answered.payload;
    json!({
        "version": 1,
        "file": answered.name,
        "payload": {
            "index": payload.index,
            "uuid": payload.string("PayloadUUID"),
            "name": payload.name(),
            "vpn_type": payload.string("VPNType"),
        },
        "mode": answered.mode,
        "rules": answered.rules.rules.len(),
        "network": answered.network,
        "decision": answered.decision,
        "warnings": diagnostics(&answered.warnings),
    })
}

/// Why there is no answer.
pub fn refusal(name: &str, errors: &[Diagnostic]) -> Value {
    json!({"version": 1, "file": name, "decision": null, "errors": diagnostics(errors)})
}

fn diagnostics(found: &[Diagnostic]) -> Vec<Value> {
    let one = |found: &Diagnostic| {
        json!({
            "code": found.code,
            "severity": found.severity,
            "path": found.path,
            "message": found.message,
            "help": found.help,
            "byte_start": found.span.start,
            "byte_end": found.span.end,
        })
    };
    found.iter().map(one).collect()
}
