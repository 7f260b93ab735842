//! `applayer.slice-syntax`.

use super::per_app;
use crate::rules::prelude::*;

const KEY: &str = "CellularSliceUUID";

pub(super) static RULE: Rule = Rule {
    code: Code::new("applayer.slice-syntax"),
    level: Level::Error,
    title: "A cellular slice is named in a form that does not exist",
    what: prose(
        "CellularSliceUUID of a com.apple.vpn.managed.applayer payload does not begin with DNN: or AppCategory:, in this \
           spelling, or nothing follows. In spite of its name it takes no UUID.",
    ),
    why: prose(
        "The device cannot find the slice: the tunnel goes over the ordinary cellular network, or does not come up.",
    ),
    mend: prose(
        "Write DNN: and the data network name that the carrier gave, or AppCategory: and the category.",
    ),
    source: "Apple device-management schema: com.apple.vpn.managed.applayer and app attributes, CellularSliceUUID",
    check: Check::Profile(check),
};

fn check(cx: &Context<'_>, out: &mut Sink<'_>) {
    for vpn in per_app(cx) {
        let Some(slice) = vpn.section().str(KEY) else { continue };
        let forms = ["DNN:", "AppCategory:"];
        let named = |form: &str| slice.value.strip_prefix(form).is_some_and(|name| !name.trim().is_empty());
        if forms.into_iter().any(named) {
            continue;
        }
        let finding = Finding::value(vpn.section(), KEY, "CellularSliceUUID names no slice")
            .help("write DNN: and the data network name, or AppCategory: and the category");
        // The right word in the wrong case is mended by itself.
        let meant = forms.into_iter().find_map(|form| {
            let (start, rest) = slice.value.split_at_checked(form.len())?;
            (start.eq_ignore_ascii_case(form) && !rest.trim().is_empty()).then(|| format!("{form}{rest}"))
        });
        out.say(match meant {
            Some(meant) => finding.safe_replace(format!("write {meant}"), meant),
            None => finding,
        });
    }
}
