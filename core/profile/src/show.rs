//! Showing a profile: as XML text, with its secrets masked; and which values are secret.
//!
//! Owns the judgement by which excerpts, listings and [`crate::Document::secret_spans`] hide a value. It goes by keys,
//! since a secret looks like any other text, and hides too much rather than too little. What stands in comments, or in
//! a value nobody would expect it in (a URL with a password), is not found.

use zeroize::Zeroizing;

use crate::arrange::Arrange;
use crate::build::{self, WriteError};
use crate::document::Document;
use crate::gather::GatherSome as _;
use crate::report::Span;
use crate::source::ContentFormat;
use crate::source::encoding::Encoding;
use crate::syntax::{Dict, Entry, Node, Value};

/// What stands in a secret's place. As data it stands as Base64: `KioqKioqKio=`.
pub const MASK: &str = "********";

/// What to do with secrets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Secrets {
    /// Put [`MASK`] in their place.
    Mask,
    /// Leave them.
    Show,
}

/// Why a profile cannot be shown as XML.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ShowError {
    /// There is no property list: encrypted, no profile, or damaged beyond reading.
    #[error("there is no profile to show")]
    NoProfile,
    /// The property list is broken, so it is not known which parts of it are secret.
    #[error("the profile is malformed, so that its secrets cannot be told from the rest")]
    Malformed,
    /// The list holds a keyed archiver's reference, which XML has no element for, or keys that are no strings.
    #[error(
        "the property list holds an archiver's reference or keys that are no text, which XML cannot express"
    )]
    Reference,
    /// The list holds something else that XML cannot.
    #[error("{0}")]
    Unwritable(#[from] WriteError),
}

/// The profile of a document as XML: of a signed one what was signed, of a binary one the same values written as XML.
///
/// `file` is what the document was read from. XML in UTF-8 stays as it is but for the secrets, byte for byte; in other
/// encodings it is written anew in UTF-8.
///
/// # Errors
/// [`ShowError`]. A malformed XML profile can be shown only with [`Secrets::Show`].
pub fn to_xml(document: &Document, file: &[u8], secrets: Secrets) -> Result<Zeroizing<String>, ShowError> {
    if !document.format().is_read() {
        return Err(ShowError::NoProfile);
    }
    let content = document.content(file);
    let as_it_is = match document.format().content() {
        Some(ContentFormat::Xml { encoding }) => utf8(content, encoding),
        _ => None,
    };
    let root = match (document.root(), secrets) {
        _ if document.problems().has_errors() => match (secrets, as_it_is) {
            (Secrets::Show, Some(text)) => return Ok(Zeroizing::new(text.to_owned())),
            _ => return Err(ShowError::Malformed),
        },
        (None, _) => return Err(ShowError::NoProfile),
        (Some(root), _) => root,
    };
    match (as_it_is, secrets) {
        (Some(text), Secrets::Show) => Ok(Zeroizing::new(text.to_owned())),
        (Some(text), Secrets::Mask) => Ok(masked_text(root, text)),
        _ => Ok(build::to_xml(&rewritten(root, secrets).ok_or(ShowError::Reference)?)?),
    }
}

/// The text of bytes in UTF-8, or in what is the same for these bytes. (UTF-16 too may look like sound UTF-8.)
fn utf8(bytes: &[u8], encoding: Encoding) -> Option<&str> {
    let same = match encoding {
        Encoding::Utf8 { .. } | Encoding::PlainAscii => true,
        Encoding::Latin1 | Encoding::Windows1252 => bytes.is_ascii(),
        Encoding::Utf16 { .. } | Encoding::Utf32 { .. } | Encoding::Unsupported => false,
    };
    std::str::from_utf8(bytes).ok().filter(|_| same)
}

/// The text with each secret element replaced.
fn masked_text(root: &Node, text: &str) -> Zeroizing<String> {
    let mut spans = Vec::new();
    each_secret(root, &mut |node| spans.push((node.span, mask_element(node))));
    spans.arrange_by_key(|(span, _)| span.start);
    // A mask may be longer than what it hides: room for all, so that growing leaves no copy behind.
    let mut masked = Zeroizing::new(String::with_capacity(text.len() + 64 * spans.len()));
    let mut done = 0;
    for (span, mask) in spans {
        let range = span.range();
        masked.push_str(text.get(done..range.start).unwrap_or_default());
        masked.push_str(mask);
        done = range.end.max(done);
    }
    masked.push_str(text.get(done..).unwrap_or_default());
    masked
}

fn mask_element(node: &Node) -> &'static str {
    if matches!(node.value, Value::Data(_)) {
        "<data>KioqKioqKio=</data>"
    } else {
        "<string>********</string>"
    }
}

/// The tree to be written anew; `None` when something in it cannot be. Its depth is bounded by the reader's limits.
pub(crate) fn rewritten(node: &Node, secrets: Secrets) -> Option<build::Value> {
    Some(match &node.value {
        // Keys of a binary list that are no strings read as empty; two of them would be one key in XML.
        Value::Dict(dict)
            if dict.entries.iter().filter(|entry| entry.key.text.is_empty()).nth(1).is_some() =>
        {
            return None;
        }
        Value::Dict(dict) => {
            let entries = dict.entries.iter().map(|entry| {
                let hidden = secrets == Secrets::Mask && is_secret(dict, entry);
                let value = match (hidden, &entry.value.value) {
                    (false, _) => rewritten(&entry.value, secrets)?,
                    (true, Value::Data(_)) => MASK.as_bytes().to_vec().into(),
                    (true, _) => MASK.into(),
                };
                Some((entry.key.text.clone(), value))
            });
            build::Value::Dict(entries.gather_some()?)
        }
        Value::Array(items) => {
            build::Value::Array(items.iter().map(|item| rewritten(item, secrets)).gather_some()?)
        }
        _ => build::Value::of(node)?,
    })
}

/// Where secrets stand below a node.
pub(crate) fn secret_spans(root: &Node) -> Vec<Span> {
    let mut spans = Vec::new();
    each_secret(root, &mut |node| spans.push(node.span));
    spans
}

/// Visits the secret values below a node, outermost only. Its depth is bounded by [`crate::Limits::depth`].
fn each_secret<'a>(node: &'a Node, visit: &mut impl FnMut(&'a Node)) {
    match &node.value {
        Value::Array(items) => items.iter().for_each(|item| each_secret(item, visit)),
        Value::Dict(dict) => {
            for entry in &dict.entries {
                if is_secret(dict, entry) {
                    visit(&entry.value);
                } else {
                    each_secret(&entry.value, visit);
                }
            }
        }
        _ => {}
    }
}

/// Keys whose values are secret, whatever their type.
const SECRET_KEYS: [&str; 11] = [
    "AuthPassword",
    "Challenge",
    "EncryptedPayloadContent",
    "HTTPProxyPassword",
    "PPK",
    "Password",
    "ProxyPassword",
    "RemovalPassword",
    "SharedSecret",
    "XAuthPassword",
    "EAPClientPassword",
];

/// Parts of a key's name, in lower case, that make its text or data a secret: vendors name theirs as they like.
const SECRET_WORDS: Words = Words::new(&[
    "password",
    "passphrase",
    "passcode",
    "secret",
    "privatekey",
    "private-key",
    "private_key",
    "psk",
    "token",
]);

/// Words in lower case that are looked for in the names of keys, of which every check sees all several times.
pub(crate) struct Words {
    words: &'static [&'static str],
    /// A bit for the last five bits of each word's first letter, which are the same in either case.
    first_letters: u32,
}

impl Words {
    /// These words.
    #[allow(clippy::indexing_slicing, reason = "computed by the compiler")]
    pub(crate) const fn new(words: &'static [&'static str]) -> Self {
        let (mut first_letters, mut at) = (0, 0);
        while at < words.len() {
            first_letters |= 1 << (words[at].as_bytes()[0] & 31);
            at += 1;
        }
        Self { words, first_letters }
    }

    /// Whether a name has one of them in it, in whatever case.
    pub(crate) fn in_name(&self, name: &str) -> bool {
        let mut rest = name.as_bytes();
        while let [letter, behind @ ..] = rest {
            if self.first_letters >> (letter & 31) & 1 == 1 && self.begin(rest) {
                return true;
            }
            rest = behind;
        }
        false
    }

    fn begin(&self, text: &[u8]) -> bool {
        self.words.iter().any(|word| {
            text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
        })
    }
}

/// Payloads whose data are certificates, which are public.
const CERTIFICATE_PAYLOADS: [&str; 3] =
    ["com.apple.security.root", "com.apple.security.pkcs1", "com.apple.security.pem"];

/// Whether the value of an entry is secret, by its key and by the payload it stands in.
pub(crate) fn is_secret(dict: &Dict, entry: &Entry) -> bool {
    let key = entry.key.text.trim();
    if SECRET_KEYS.iter().any(|known| known.eq_ignore_ascii_case(key)) {
        return true;
    }
    let content = match &entry.value.value {
        Value::Data(bytes) => bytes.as_slice(),
        Value::String(text) => text.as_bytes(),
        _ => return false,
    };
    if key == "PayloadContent" {
        let kind = dict.get("PayloadType").and_then(Node::as_str).unwrap_or_default();
        // Text where data belongs may be anything, and a key in the wrong payload is still a key.
        let public = CERTIFICATE_PAYLOADS.contains(&kind)
            && matches!(entry.value.value, Value::Data(_))
            && crate::source::find(content, b"PRIVATE KEY").is_none();
        return !public;
    }
    SECRET_WORDS.in_name(key) && !key.eq_ignore_ascii_case("XAuthPasswordEncryption")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(file: &[u8], secrets: Secrets) -> Result<String, ShowError> {
        to_xml(&Document::read(file), file, secrets).map(|text| text.to_string())
    }

    const PROFILE: &str = "<plist>\r\n<!-- kept --><dict><key>Password</key><string>hunter2</string>\
        <key>PPK</key><data>aHVudGVyMg==</data><key>PIN</key><integer>1</integer>\
        <key>vendorToken</key><string>hunter2</string><key>TokenCard</key><integer>1</integer>\
        <key>a</key><array><dict><key>SharedSecret</key><dict/></dict></array></dict></plist>\n";

    #[test]
    fn f03_secrets_are_masked_and_all_else_stays() {
        let masked = shown(PROFILE.as_bytes(), Secrets::Mask).unwrap();
        let expected = PROFILE
            .replace("hunter2", MASK)
            .replace("aHVudGVyMg==", "KioqKioqKio=")
            .replace("<dict/>", "<string>********</string>");
        assert_eq!(masked, expected);
        assert_eq!(shown(PROFILE.as_bytes(), Secrets::Show).unwrap(), PROFILE);
    }

    #[test]
    fn other_encodings_and_binary_are_written_anew() {
        let utf16: Vec<u8> = format!("\u{feff}{PROFILE}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        let root = Document::read(PROFILE.as_bytes());
        let binary = build::to_binary(&build::Value::of(root.root().unwrap()).unwrap()).unwrap();
        for file in [utf16.as_slice(), &binary] {
            let masked = shown(file, Secrets::Mask).unwrap();
            assert!(
                masked.starts_with("<?xml") && !masked.contains("hunter2") && !masked.contains("aHVudGVy")
            );
            let again = Document::read(masked.as_bytes());
            assert_eq!(again.root_dict().unwrap().get("Password").unwrap().as_str(), Some(MASK));
            assert_eq!(again.root_dict().unwrap().get("PPK").unwrap().as_data(), Some(MASK.as_bytes()));
        }
        let plain = shown(&binary, Secrets::Show).unwrap();
        assert_eq!(
            Document::read(plain.as_bytes()).root_dict().unwrap().get("Password").unwrap().as_str(),
            Some("hunter2")
        );
        assert_eq!(shown(&utf16, Secrets::Show).unwrap(), plain);
    }

    #[test]
    fn a_broken_file_is_shown_only_with_its_secrets() {
        let broken = b"<plist><dict><key>Password<string>hunter2</string></dict></plist>";
        assert_eq!(shown(broken, Secrets::Mask), Err(ShowError::Malformed));
        assert_eq!(shown(broken, Secrets::Show).unwrap().as_bytes(), broken);
        assert_eq!(shown(b"nothing", Secrets::Show), Err(ShowError::NoProfile));
        assert_eq!(shown(b"bplist00", Secrets::Show), Err(ShowError::Malformed));
    }

    #[test]
    fn certificates_are_public_and_keys_are_not() {
        let payload = |kind: &str, data: &str| {
            let file = format!(
                "<plist><dict><key>PayloadType</key><string>{kind}</string><key>PayloadContent</key>{data}</dict></plist>"
            );
            Document::read(file.as_bytes()).secret_spans().len()
        };
        assert_eq!(payload("com.apple.security.root", "<data>MAA=</data>"), 0);
        assert_eq!(payload("com.apple.security.root", "<string>MAA=</string>"), 1);
        assert_eq!(payload("com.apple.security.pkcs12", "<data>MAA=</data>"), 1);
        // "PRIVATE KEY"
        assert_eq!(payload("com.apple.security.pem", "<data>UFJJVkFURSBLRVk=</data>"), 1);
        assert_eq!(payload("com.example", "<array/>"), 0);
    }
}
