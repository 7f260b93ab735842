//! `template.control-flow`.

use crate::rules::prelude::*;

pub(super) static RULE: Rule = Rule {
    code: Code::new("template.control-flow"),
    level: Level::Notice,
    title: "The file is a template, not a profile",
    what: prose(
        "Between the elements of the file stand tags of a template engine (Jinja, Go, Mustache, ERB), or a script in \
           whose heredocs the profile is; or a token stands where a property list takes none, in a number or as a tag. \
           Read plainly such a file is refused, an error, and nothing else is said of it. With --template the tags are \
           overlooked, and this is a notice.",
    ),
    why: prose("Apple's parser refuses the file as it is. What comes out of the template may be sound."),
    mend: prose(
        "Render the template and check the result, or check the template itself with --template. The first \
           branch of a condition is read then, and a loop's body once.",
    ),
    source: "Templates among profiles in use (Ansible, Go and shell scripts); own judgement",
    check: Check::Reader,
};
