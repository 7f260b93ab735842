//! `sa.dh-type`.

use crate::model::DIFFIE_HELLMAN_GROUPS;
use crate::rules::prelude::*;

const KEY: &str = "DiffieHellmanGroup";

pub(super) static RULE: Rule = Rule {
    code: Code::new("sa.dh-type"),
    level: Level::Error,
    title: "DiffieHellmanGroup as text",
    what: prose("DiffieHellmanGroup of a security association is a string."),
    why: prose("The schema wants an integer, and the system rejects a string, whatever stands in it."),
    mend: prose("Write <integer>14</integer> instead of <string>14</string>."),
    source: "Apple device-management schema: DiffieHellmanGroup (integer)",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for tunnel in &cx.tunnels {
        for (section, _) in tunnel.dictionaries() {
            let Some(text) = section.str(KEY) else { continue };
            let finding =
                Finding::value(section, KEY, "DiffieHellmanGroup must be an integer, it is a string")
                    .help("write <integer>");
            let group =
                text.value.trim().parse::<u16>().ok().filter(|group| DIFFIE_HELLMAN_GROUPS.contains(group));
            out.say(match group {
                Some(group) => {
                    finding.safe_replace(format!("write <integer>{group}</integer>"), i64::from(group))
                }
                None => finding,
            });
        }
    }
}
