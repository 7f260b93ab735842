//! What the rules about broken algorithms share: which systems refuse them.

use crate::rules::prelude::*;

/// Whether the switch that refuses weak algorithms altogether is on; then the `sa.strict-*` rules speak.
pub(super) fn is_strict(tunnel: &Tunnel<'_>) -> bool {
    tunnel.settings.is_on("EnforceStrictAlgorithmSelection")
}

/// The systems of 2025 dropped the old algorithms; tvOS and watchOS never had them. Everywhere else they are merely weak,
/// which is a warning where no system is named too.
pub(super) fn affected(cx: &Context<'_>) -> Option<Affected> {
    let effect = |target: &Target| {
        let never = matches!(target.platform, Platform::Tvos | Platform::Watchos);
        let refused = never || target.version >= Version::new(26, 0);
        Some(if refused { Effect::Refused } else { Effect::Ignored })
    };
    let affected = cx.affected(effect)?;
    Some(Affected { severity: affected.severity.max(Severity::Warning), ..affected })
}

/// A finding about one weak value of a dictionary.
pub(super) fn finding(section: &Section<'_>, key: &str, what: &str, affected: &Affected) -> Finding {
    let message = match (affected.severity, affected.who.is_empty()) {
        (_, true) => format!("{what} is weak, and gone from the systems since version 26"),
        (Severity::Error, false) => {
            format!("{what} is weak, and not every target has it ({})", affected.who)
        }
        (_, false) => format!("{what} is weak ({})", affected.who),
    };
    Finding::value(section, key, message).severity(affected.severity)
}
