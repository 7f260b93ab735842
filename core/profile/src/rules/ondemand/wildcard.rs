//! `ondemand.wildcard`.

use crate::rules::prelude::*;
use crate::syntax::shorten;

pub(super) static RULE: Rule = Rule {
    code: Code::new("ondemand.wildcard"),
    level: Level::Warning,
    title: "A wildcard where none is understood",
    what: prose(
        "An entry of DNSDomainMatch has a * elsewhere than in a *. at its front, or an entry of Domains in \
           ActionParameters has a *.",
    ),
    why: prose(
        "DNSDomainMatch knows a wildcard only in front of a whole name, as in *.example.com; any other entry matches \
          nothing. Domains are compared by their ends anyway, so example.com already stands for the names below it, and no \
          wildcard is documented there.",
    ),
    mend: prose(
        "Write *.example.com in DNSDomainMatch, example.com in Domains. To match whatever the domain leave DNSDomainMatch \
           out.",
    ),
    source: "Apple device-management schema: DNSDomainMatch (a * prefix), Domains; NetworkExtension, \
             NEEvaluateConnectionRule",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for (_, rule) in cx.on_demand_rules() {
        for entry in rule.section.list("DNSDomainMatch") {
            let Some(text) = entry.str() else { continue };
            let rest = text.value.strip_prefix("*.").unwrap_or(text.value);
            if rest.contains('*') {
                let message =
                    format!("`{}` has a wildcard elsewhere than in a *. at its front", shorten(text.value));
                out.say(Finding::element(&entry, message).help(if text.value == "*" {
                    "take DNSDomainMatch out to match whatever the search domain"
                } else {
                    "write *. and the name, as in *.example.com"
                }));
            }
        }
    }
    for element in cx.on_demand_parameters() {
        for entry in element.list("Domains") {
            let Some(text) = entry.str().filter(|text| text.value.contains('*')) else { continue };
            let message =
                format!("`{}` in Domains has a wildcard, which is not documented there", shorten(text.value));
            let plain =
                text.value.strip_prefix("*.").filter(|plain| !plain.is_empty() && !plain.contains('*'));
            let finding = Finding::element(&entry, message);
            out.say(match plain {
                Some(plain) => finding
                    .help("write the name alone: the names below it are meant too")
                    .unsafe_replace(format!("write {}", shorten(plain)), plain),
                None => finding.help("write the names themselves; each stands for the names below it too"),
            });
        }
    }
}
