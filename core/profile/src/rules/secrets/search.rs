//! Finding secrets by their keys, at any depth of the profile.
//!
//! Narrower than what [`crate::show`] hides: hiding too much costs nothing, a report of something that is no secret does.

use crate::model::{Path, template};
use crate::rules::prelude::*;
use crate::show::Words;

/// Keys whose text or data is a secret.
const KEYS: [&str; 4] = ["SharedSecret", "PPK", "Challenge", "PSK"];

/// Parts of a key's name, in lower case, that make its text or data one: vendors name theirs as they like.
const WORDS: Words = Words::new(&["password", "passphrase", "sharedsecret", "privatekey"]);

/// Keys that hold such a word and no secret.
const HARMLESS: [&str; 2] = ["XAuthPasswordEncryption", "PasswordEncryption"];

/// A secret: never shown, hence without `Debug`.
pub(super) struct Secret<'s, 'd> {
    /// The key it is under; for a private key in a certificate payload `PayloadContent`.
    pub key: &'d str,
    /// The value.
    pub node: &'d Node,
    /// The secret's bytes.
    pub bytes: &'d [u8],
    /// A private key rather than a password.
    pub is_private_key: bool,
    /// The password of a PKCS#12 payload.
    pub opens_pkcs12: bool,
    place: &'s Place<'s>,
}

impl Secret<'_, '_> {
    /// Its key path.
    pub fn path(&self) -> Path {
        self.place.path().key(self.key)
    }
}

/// Where a dictionary stands, without memory of its own: most profiles hold few secrets.
enum Place<'p> {
    Root,
    Key(&'p Place<'p>, &'p str),
    Index(&'p Place<'p>, usize),
}

impl Place<'_> {
    fn path(&self) -> Path {
        match self {
            Self::Root => Path::default(),
            Self::Key(parent, key) => parent.path().key(key),
            Self::Index(parent, index) => parent.path().index(*index),
        }
    }
}

/// Visits every secret of the profile that is text or data, not empty, and no placeholder of a template.
pub(super) fn each(cx: &Context<'_>, visit: &mut dyn FnMut(&Secret<'_, '_>)) {
    if let Some(root) = cx.document.root() {
        walk(root, &Place::Root, visit);
    }
}

/// The depth is bounded by [`crate::Limits::depth`].
fn walk(node: &Node, place: &Place<'_>, visit: &mut dyn FnMut(&Secret<'_, '_>)) {
    match &node.value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &Place::Index(place, index), visit);
            }
        }
        Value::Dict(dict) => {
            for entry in &dict.entries {
                let (key, value) = (entry.key.text.as_str(), &entry.value);
                let bytes = match &value.value {
                    Value::Array(_) | Value::Dict(_) => {
                        walk(value, &Place::Key(place, key), visit);
                        continue;
                    }
                    Value::String(text) => text.as_bytes(),
                    Value::Data(bytes) => bytes.as_slice(),
                    _ => continue,
                };
                let is_private_key =
                    key == "PayloadContent" && crate::source::find(bytes, b"PRIVATE KEY-----").is_some();
                if bytes.is_empty() || !(is_private_key || is_secret(key)) {
                    continue;
                }
                let placeholder = |text: &str| template::is_placeholder(text, template::Strictness::Secret);
                if value.as_str().is_some_and(placeholder) {
                    continue;
                }
                let kind = dict.get("PayloadType").and_then(Node::as_str);
                let opens_pkcs12 = key == "Password" && kind == Some("com.apple.security.pkcs12");
                visit(&Secret { key, node: value, bytes, is_private_key, opens_pkcs12, place });
            }
        }
        _ => {}
    }
}

/// Whether the text or data of a key is a secret.
fn is_secret(key: &str) -> bool {
    if KEYS.iter().any(|known| known.eq_ignore_ascii_case(key)) {
        return true;
    }
    WORDS.in_name(key) && !HARMLESS.contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_keys() {
        for key in [
            "AuthPassword",
            "Password",
            "SharedSecret",
            "sharedSecret",
            "PPK",
            "XAuthPassword",
            "userPassword",
        ] {
            assert!(is_secret(key), "{key}");
        }
        for key in ["XAuthPasswordEncryption", "PPKIdentifier", "PayloadUUID", "Token", "", "passwor"] {
            assert!(!is_secret(key), "{key}");
        }
    }
}
