//! Filling in a template's variables.

use zeroize::Zeroizing;

use super::token::Finder;
use crate::Named;
use crate::by_name::ByName;
use crate::gather::Gather as _;

/// A template with its variables filled in, as far as values were given.
pub struct Rendered {
    /// The text; it may hold secrets and is wiped when dropped.
    pub text: Zeroizing<String>,
    /// Names of variables without a value, and expressions that no value can be given for, in the order of the alphabet;
    /// they still stand in the text.
    pub unset: Vec<String>,
    /// Names of values that no token asked for.
    pub unused: Vec<String>,
}

impl std::fmt::Debug for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rendered({} bytes, unset {:?}, unused {:?})", self.text.len(), self.unset, self.unused)
    }
}

/// Puts values in the places of tokens: `{{x}}`, `{{ x | e }}`, `{{.X}}`, `<%= x %>`, `${X}`, `$X`, `$X$`, `%X%`, `@X@`,
/// `__X__`, `{0}`.
///
/// `values` maps names as they stand in the tokens, without a leading dot or `$`. Values are quoted for XML (`&` becomes
/// `&amp;`), so they are given as they are. Expressions, filters and block tags are not executed: they stay, and what of
/// them is an expression is listed in [`Rendered::unset`]. Read the result in template mode where something stayed.
#[must_use]
pub fn render(text: &str, values: &Named<String>) -> Rendered {
    let mut out = Zeroizing::new(String::with_capacity(text.len().saturating_mul(2)));
    let (mut unset, mut used) = (ByName::new(), ByName::new());
    let mut at = 0;
    let mut finder = Finder::new(text);
    while let Some(token) = finder.next(at) {
        out.push_str(text.get(at..token.range.start).unwrap_or_default());
        let given = token.name().and_then(|name| Some((name, values.get(name)?)));
        match given {
            Some((name, value)) => {
                used.insert(name.to_owned().into(), 0);
                escape(value, &mut out);
            }
            None => {
                if !super::mask::is_block(token.inside)
                    && !text.get(token.range.clone()).is_some_and(is_block_form)
                {
                    unset.insert(token.name().unwrap_or(token.inside.trim()).to_owned().into(), 0);
                }
                out.push_str(text.get(token.range.clone()).unwrap_or_default());
            }
        }
        at = token.range.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    let unused = values.names().filter(|name| !used.contains(name)).cloned().gather();
    Rendered { text: out, unset: unset.into_names(), unused }
}

/// `{% … %}`, `<% … %>`.
fn is_block_form(token: &str) -> bool {
    token.starts_with("{%") || token.starts_with("<%") && !token.starts_with("<%=")
}

fn escape(value: &str, out: &mut String) {
    for character in value.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> Named<String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn each_form_is_filled_in() {
        let given = values(&[("x", "a&b"), ("X", "1"), ("item.0", "first"), ("0", "zero")]);
        for (template, expected) in [
            ("<string>{{ x }}</string>", "<string>a&amp;b</string>"),
            ("{{ x | e }}", "a&amp;b"),
            ("{{.X}}-{{$X}}", "1-1"),
            ("<%= x %>", "a&amp;b"),
            ("${X} $X $X$ %X% @X@ __X__", "1 1 1 1 1 1"),
            ("{{ item.0 }} {0}", "first zero"),
        ] {
            let rendered = render(template, &given);
            assert_eq!(*rendered.text, expected, "{template}");
            assert!(rendered.unset.is_empty(), "{template}: {rendered:?}");
        }
    }

    #[test]
    fn what_is_not_given_stays_and_is_named() {
        let rendered = render(
            "{{ a }} {% if b %}{{ c + d }}{% endif %}{{end}} ${e}",
            &values(&[("a", "1"), ("z", "2")]),
        );
        assert_eq!(*rendered.text, "1 {% if b %}{{ c + d }}{% endif %}{{end}} ${e}");
        assert_eq!(rendered.unset, ["c + d", "e"]);
        assert_eq!(rendered.unused, ["z"]);
        assert!(!format!("{rendered:?}").contains("c + d {"), "no text in Debug");
    }
}
