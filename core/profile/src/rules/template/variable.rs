//! `template.variable`.

use crate::model::walk;
use crate::report::Span;
use crate::rules::prelude::*;
use crate::show::secret_spans;
use crate::template::{Strictness, is_placeholder};

pub(super) static RULE: Rule = Rule {
    code: Code::new("template.variable"),
    level: Level::Notice,
    title: "A placeholder was never filled in",
    what: prose(
        "A value is nothing but a template's token: {{x}}, {% %}, ${X}, $(x), $X, $X$, %X%, @X@, __X__, <%= %> or {0}. \
           For passwords and secrets only tokens with brackets count, since $secret may well be one. With --template a \
           token anywhere in a value counts.",
    ),
    why: prose(
        "A management server or a script fills the value in before the profile reaches a device. A device that gets the \
          token itself takes it as it stands. What rules say about the value of this key is left out.",
    ),
    mend: prose(
        "Fill in the value, or check the profile after it was rendered: --set NAME=VALUE does so for names.",
    ),
    source: "Variables of management servers (Apple, Fleet, Ivanti) and templates seen in profiles in use",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    let Some(root) = cx.document.root() else { return };
    let mut secrets = None;
    walk(root, &mut |trail, node| {
        let Some(text) = node.as_str().filter(|text| is_placeholder(text, Strictness::Plain)) else { return };
        if !is_placeholder(text, Strictness::Secret) {
            let secrets: &Vec<Span> = secrets.get_or_insert_with(|| secret_spans(root));
            if secrets.contains(&node.span) {
                return;
            }
        }
        let message = match trail.key() {
            Some(key) => format!("{} still holds the placeholder of a template", crate::syntax::shorten(key)),
            None => "this is still the placeholder of a template".to_owned(),
        };
        let finding = Finding::at(node.span, trail.path(), message);
        out.say(finding.help("fill in the value before the profile is used"));
    });
}
