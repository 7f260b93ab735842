//! A file that was read: its format, its tree and its problems.

use crate::report::{Diagnostic, Problems, Report, Span, codes};
use crate::source::{self, Format, encoding};
use crate::syntax::{Dict, Limits, Node, Value, binary, xml};

/// What was read from a file.
///
/// Reading never fails: a broken file gives the tree as far as it could be read, and problems.
#[derive(Debug)]
pub struct Document {
    format: Format,
    root: Option<Node>,
    problems: Problems,
}

impl Document {
    /// Reads a file with the default [`Limits`].
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        Self::read_within(bytes, &Limits::default())
    }

    /// Reads a file. Takes time linear in its size, and memory bounded by `limits`.
    #[must_use]
    pub fn read_within(bytes: &[u8], limits: &Limits) -> Self {
        let format = source::detect(bytes);
        let mut problems = Problems::default();
        let whole = Span::new(0, bytes.len());
        if bytes.len() > limits.file_size {
            let message = format!("the file is larger than {} bytes", limits.file_size);
            problems
                .push(Diagnostic::error(codes::TOO_LARGE, whole, message).help("no profile needs this size"));
            return Self { format, root: None, problems };
        }
        let root = match format {
            Format::Xml { encoding } => {
                let parsed = xml::read(&encoding::decode(bytes, encoding), limits);
                problems.append(parsed.problems);
                parsed.root
            }
            Format::Binary => {
                let parsed = binary::read(bytes, limits);
                problems.append(parsed.problems);
                parsed.root
            }
            Format::Cms { enveloped, .. } => {
                problems.push(cms_not_read(enveloped, whole));
                None
            }
            Format::Unknown => {
                problems.push(unknown_format(bytes, whole));
                None
            }
        };
        let whole_root = root.as_ref().filter(|_| !problems.has_errors());
        if let Some(root) = whole_root.filter(|root| !matches!(root.value, Value::Dict(_))) {
            let message =
                format!("the property list is {}, a profile is a dictionary", root.value.describe());
            problems.push(
                Diagnostic::error(codes::PLIST_STRUCTURE, root.span, message).help("wrap it in <dict>"),
            );
        }
        Self { format, root, problems }
    }

    /// What the file is.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The root value, if any was found.
    #[must_use]
    pub fn root(&self) -> Option<&Node> {
        self.root.as_ref()
    }

    /// The root dictionary, if the root is one.
    #[must_use]
    pub fn root_dict(&self) -> Option<&Dict> {
        self.root.as_ref().and_then(Node::as_dict)
    }

    /// The problems of the container and the syntax.
    #[must_use]
    pub fn problems(&self) -> &Problems {
        &self.problems
    }

    /// A report of the container and the syntax alone.
    #[must_use]
    pub fn syntax_report(&self) -> Report {
        Report::new(self.format, self.problems.clone())
    }

    /// Where secrets stand in the file: for masking excerpts, see [`crate::source::SourceText::masked`].
    ///
    /// Judged by the key alone, at any depth: passwords, shared secrets, pre-shared post-quantum keys, PKCS#12.
    #[must_use]
    pub fn secret_spans(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        if let Some(root) = &self.root {
            collect_secrets(root, &mut spans);
        }
        spans
    }
}

/// Keys whose values are secret. `PayloadContent` is one only as data of a PKCS#12 payload.
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

/// Walks the tree; its depth is bounded by [`Limits::depth`].
fn collect_secrets(node: &Node, spans: &mut Vec<Span>) {
    match &node.value {
        Value::Array(items) => items.iter().for_each(|item| collect_secrets(item, spans)),
        Value::Dict(dict) => {
            for entry in &dict.entries {
                let value = &entry.value;
                let key = entry.key.text.trim();
                let secret = SECRET_KEYS.iter().any(|known| known.eq_ignore_ascii_case(key))
                    || key == "PayloadContent" && matches!(value.value, Value::Data(_) | Value::String(_));
                if secret {
                    spans.push(value.span);
                } else {
                    collect_secrets(value, spans);
                }
            }
        }
        _ => {}
    }
}

fn cms_not_read(enveloped: bool, span: Span) -> Diagnostic {
    let (message, help) = if enveloped {
        ("the profile is encrypted (CMS enveloped data)", "only the device it was made for can open it")
    } else {
        (
            "the profile is CMS-signed, and this build does not read signed profiles",
            "take the profile out of its signature first, with: openssl cms -verify -noverify -inform DER -in FILE",
        )
    };
    Diagnostic::error(codes::SIGNED_NOT_READ, span, message).help(help)
}

fn unknown_format(bytes: &[u8], whole: Span) -> Diagnostic {
    let help = if bytes.is_empty() {
        "the file is empty"
    } else if bytes.first() == Some(&0x30) {
        "it looks like a certificate or a PKCS#12 file, not like a profile"
    } else {
        "a profile is an XML or binary property list, or such a list signed with CMS"
    };
    Diagnostic::error(codes::UNKNOWN_FORMAT, whole, "not a configuration profile").help(help)
}
