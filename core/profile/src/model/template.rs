//! Placeholders of templates that were never filled in.
//!
//! Only a value that is nothing but one placeholder counts, since `{{`, `$` and `%` may stand in real values.

/// How sure to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Strictness {
    /// Any known form.
    Plain,
    /// Only forms with brackets: `$secret` may well be a password.
    Secret,
}

/// Whether the whole of `text` is one placeholder: `{{x}}`, `${x}`, `$(x)`, `<%= x %>`, `{0}`, `$X`, `%X%`.
pub(crate) fn is_placeholder(text: &str, strictness: Strictness) -> bool {
    let text = text.trim();
    let enclosed = |open: &str, close: &str| {
        text.strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .is_some_and(|inside| !inside.is_empty() && !inside.contains(open) && !inside.contains(close))
    };
    let bracketed = [("{{", "}}"), ("${", "}"), ("$(", ")"), ("<%", "%>"), ("{%", "%}")];
    if bracketed.iter().any(|(open, close)| enclosed(open, close)) {
        return true;
    }
    let name = |name: &str| {
        !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let inside = |open, close| text.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
    strictness == Strictness::Plain
        && (text.strip_prefix('$').is_some_and(name)
            || inside('%', '%').is_some_and(name)
            || inside('{', '}').is_some_and(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_whole_values() {
        for text in ["{{ name }}", "${NAME}", "$(uuidgen)", "<%= name %>", "{% x %}", " {{.Name}}\n"] {
            assert!(is_placeholder(text, Strictness::Secret), "{text}");
        }
        for text in ["$NAME", "%NAME%", "{0}"] {
            assert!(is_placeholder(text, Strictness::Plain), "{text}");
            assert!(!is_placeholder(text, Strictness::Secret), "{text}");
        }
        for text in
            ["", "vpn.example.com", "a{{b}}", "{{}}", "$5", "%", "100%", "$", "{a}", "p$ss", "{{a}} {{b}}"]
        {
            assert!(!is_placeholder(text, Strictness::Plain), "{text}");
        }
    }
}
