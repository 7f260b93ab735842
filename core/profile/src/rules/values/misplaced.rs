//! `key.misplaced`.

use crate::gather::Gather as _;
use crate::model::UnknownKey;
use crate::rules::prelude::*;
use crate::schema::Key;

pub(super) static RULE: Rule = Rule {
    code: Code::new("key.misplaced"),
    level: Level::Warning,
    title: "A key in the wrong dictionary",
    what: prose(
        "A key stands in a dictionary that does not have it, while another dictionary of the same payload does: \
           OnDemandRules or ProviderType beside IKEv2 instead of inside it, OnDemandMatchAppEnabled inside VPN.",
    ),
    why: prose("A device looks for the key at its own place only, and acts as if it were missing."),
    mend: prose("Move the key and its value into the dictionary it belongs to."),
    source: "Apple device-management schema: keys of each dictionary; seen in profiles in use and in a vendor's manual",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for unknown in &cx.fields.unknown {
        let name = unknown.entry.key.text.as_str();
        // Has a rule of its own.
        if name == "PayloadScope" {
            continue;
        }
        let places = places(cx, unknown);
        if places.is_empty() {
            continue;
        }
        let listed: Vec<&str> = places
            .iter()
            .take(3)
            .map(|place| if place.is_empty() { "the payload itself" } else { place.as_str() })
            .gather();
        let message = format!("{name} has no effect here: it belongs into {}", listed.join(" or "));
        let finding = Finding::at(unknown.entry.key.span, unknown.section.path_of(name), message);
        let finding = finding.help("move the key with its value");
        // Offered where one of the right dictionaries is there and lacks the key.
        let home = cx.profile.payloads().iter().find(|payload| Some(payload.index) == unknown.payload);
        let home = home.and_then(|payload| {
            let mut homes = places.iter().filter_map(|place| inside(&payload.section, place));
            homes.find(|home| {
                !home.has(name) && !cx.fields.unused.iter().any(|unused| unused.span() == home.span())
            })
        });
        out.say(match home {
            Some(home) => {
                let change = Change::Move { path: finding.steps(), to: home.path().steps() };
                finding.fix(Fix::not_safe(format!("move it into {}", home.path()), change))
            }
            None => finding,
        });
    }
}

/// Whether another dictionary of the same payload has the key.
pub(super) fn is_known_elsewhere(cx: &Context<'_>, unknown: &UnknownKey<'_>) -> bool {
    unknown.entry.key.text == "PayloadScope" && unknown.payload.is_some() || !places(cx, unknown).is_empty()
}

/// The dictionaries that have the key, as paths inside the payload; an empty one is the payload itself. Those inside
/// arrays are left out.
fn places(cx: &Context<'_>, unknown: &UnknownKey<'_>) -> Vec<String> {
    let Some(index) = unknown.payload else { return Vec::new() };
    let payload = cx.profile.payloads().iter().find(|payload| payload.index == index);
    let Some(schema) = payload.and_then(|payload| schema::payload(payload.kind()?)) else {
        return Vec::new();
    };
    let name = unknown.entry.key.text.as_str();
    let mut found = Vec::new();
    if schema.key(name).is_some() && unknown.section.path().length() > 2 {
        found.push(String::new());
    }
    collect(schema.keys, name, &mut Vec::new(), &mut found);
    found
}

/// `path` is where `keys` stand; of most dictionaries nobody wants it as text.
fn collect(keys: &'static [Key], name: &str, path: &mut Vec<&'static str>, found: &mut Vec<String>) {
    for key in keys.iter().filter(|key| key.kind == schema::Kind::Dictionary) {
        path.push(key.name);
        if key.children.iter().any(|child| child.name == name) {
            found.push(path.join("."));
        }
        collect(key.children, name, path, found);
        path.pop();
    }
}

/// The dictionary at a path of keys.
fn inside<'d>(section: &Section<'d>, path: &str) -> Option<Section<'d>> {
    path.split('.').filter(|key| !key.is_empty()).try_fold(section.clone(), |section, key| section.sub(key))
}
