//! `adit new --list`: the connection types, and every field of one.

use adit_profile::build::VpnKind;
use adit_profile::build::fields::{Field, Kind, fields};
use adit_profile::build::spec::subtypes;
use adit_profile::json::TypeForm;
use serde_json::json;

use crate::term::{self, Style, paint};

/// Shows all types, or the fields of one; as JSON always with the fields.
pub fn run(kind: Option<VpnKind>, as_json: bool) {
    match (kind, as_json) {
        (None, false) => types(),
        (Some(kind), false) => one(kind),
        (None, true) => term::json(&json!({"version": 1, "types": adit_profile::json::types()})),
        (Some(kind), true) => term::json(&json!({"version": 1, "types": [TypeForm::from(kind)]})),
    }
}

fn types() {
    for kind in VpnKind::ALL {
        let count = fields(kind).len();
        let default = subtypes(kind).first().map_or("", |choice| choice.identifier);
        let writes = format!("VPNType {} {default}", kind.vpn_type());
        term::line(&format!(
            "{:<25} {:<33} {:>3} fields  {}",
            kind.name(),
            kind.title(),
            count,
            writes.trim_end()
        ));
    }
    term::line("\n`adit new --list TYPE` shows the fields of one, `adit new TYPE --help` its flags.");
}

fn one(kind: VpnKind) {
    term::line(&format!("{}: {} (VPNType {})", kind.name(), kind.title(), kind.vpn_type()));
    if !subtypes(kind).is_empty() {
        term::line("\nApps for --subtype, the first if nothing is said:");
        for choice in subtypes(kind) {
            term::line(&format!(
                "  {:<9} {:<46} {} ({})",
                choice.name, choice.identifier, choice.note, choice.platforms
            ));
        }
    }
    let mut all = fields(kind);
    all.sort_by_key(|field| field.group);
    let mut group = None;
    for field in &all {
        if group.replace(field.group) != Some(field.group) {
            term::line(&format!("\n{}", paint(Style::Yellow, field.group.title())));
        }
        term::line(&format!("  {}", flag(field)));
        let needed = if field.required { " (needed)" } else { "" };
        term::line(&format!("      {}{needed}", field.help));
        term::line(&format!("      {} {}", paint(Style::Dim, "writes"), field.writes));
        term::line(&format!("      {} {} = {}", paint(Style::Dim, "TOML  "), field.path, toml_of(field)));
        let words = field.kind.words();
        if !words.is_empty() {
            term::line(&format!("      {} {}", paint(Style::Dim, "one of"), words.join(", ")));
        }
        if !field.methods.is_empty() {
            term::line(&format!(
                "      {} --auth {}",
                paint(Style::Dim, "with  "),
                field.methods.join(" or ")
            ));
        }
    }
}

/// The flag with the example behind it.
fn flag(field: &Field) -> String {
    match field.kind {
        Kind::Table => format!("--{}", field.flag),
        Kind::Boolean if field.example == "true" => format!("--{}", field.flag),
        Kind::Secret => format!("--{}-file FILE | --{}-ask", field.flag, field.flag),
        _ if field.example.contains([' ', '"', '*', '$']) => format!("--{} '{}'", field.flag, field.example),
        _ => format!("--{} {}", field.flag, field.example),
    }
}

/// The example as TOML has it.
pub fn toml_of(field: &Field) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let list = |text: &str| text.split(',').map(quoted).collect::<Vec<_>>().join(", ");
    match field.kind {
        Kind::Integer | Kind::Number | Kind::Boolean => field.example.to_owned(),
        Kind::Text | Kind::Word(_) => quoted(field.example),
        Kind::TextList | Kind::WordList(_) => format!("[{}]", list(field.example)),
        Kind::Secret => "{ file = \"secret.txt\" }".to_owned(),
        Kind::File => format!("{{ file = {} }}", quoted(field.example)),
        Kind::Files => format!("[{{ content = {{ file = {} }} }}]", quoted(field.example)),
        Kind::Pairs => {
            let (name, value) = field.example.split_once('=').unwrap_or((field.example, ""));
            format!("{{ {name} = {} }}", quoted(value))
        }
        Kind::Services => {
            let (service, action) = field.example.split_once('=').unwrap_or((field.example, ""));
            format!("[{{ service = {}, action = {} }}]", quoted(service), quoted(action))
        }
        Kind::MacApps => {
            let (app, requirement) = field.example.split_once('=').unwrap_or((field.example, ""));
            format!("[{{ identifier = {}, requirement = {} }}]", quoted(app), quoted(requirement))
        }
        Kind::Apps => format!("[{{ app = {} }}]", quoted(field.example)),
        Kind::Rules => "[{ action = \"disconnect\", interface = \"WiFi\", ssid = [\"Office\"] }]".to_owned(),
        Kind::Table => "{}".to_owned(),
    }
}
