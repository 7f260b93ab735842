//! A file that was read: its format, its tree and its problems.

use std::ops::Range;

use crate::certificate::read_certificates;
use crate::cms::{self, CmsError, Signatures, Signed};
use crate::report::{Diagnostic, Problems, Report, Severity, Span, codes};
use crate::source::encoding::Decoded;
use crate::source::{self, ContentFormat, Format, encoding};
use crate::syntax::{Dict, Limits, Node, Parsed, Value, binary, xml};
use crate::template;

/// What was read from a file.
///
/// Reading never fails: a broken file gives the tree as far as it could be read, and problems.
///
/// A signed profile is opened: the tree, every span and every position are those of the profile inside, see
/// [`Self::content`]; who signed it is in [`Self::signed`].
#[derive(Debug)]
pub struct Document {
    format: Format,
    signed: Option<Signed>,
    root: Option<Node>,
    problems: Problems,
    /// Whether the tree is a profile to be judged, and not a template read plainly or an archive of objects.
    is_profile: bool,
}

/// How a file is read.
struct Reading<'l> {
    limits: &'l Limits,
    /// As a template.
    template: Option<template::Values>,
    signatures: &'l mut dyn Signatures,
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
        Self::read_with(bytes, limits, None, &mut cms::InThisBuild)
    }

    /// Reads a file that may be a template, see [`crate::template`]: tokens count anywhere in a value, and tags that
    /// steer a template engine are overlooked. A file without either is read as by [`Self::read_within`].
    #[must_use]
    pub fn read_template(bytes: &[u8], limits: &Limits, values: template::Values) -> Self {
        Self::read_with(bytes, limits, Some(values), &mut cms::InThisBuild)
    }

    /// Reads a file, as a template or not, with somebody else to check the signatures of a signed one.
    #[must_use]
    pub fn read_with(
        bytes: &[u8],
        limits: &Limits,
        template: Option<template::Values>,
        signatures: &mut dyn Signatures,
    ) -> Self {
        let mut reading = Reading { limits, template, signatures };
        let format = source::detect(bytes);
        let mut document =
            Self { format, signed: None, root: None, problems: Problems::default(), is_profile: true };
        if bytes.len() > limits.file_size {
            let message = format!("the file is larger than {} bytes", limits.file_size);
            let whole = Span::new(0, bytes.len());
            let problem = Diagnostic::error(codes::TOO_LARGE, whole, message);
            document.problems.push(problem.help("no profile needs this size"));
            return document;
        }
        match format {
            Format::Cms { .. } => document.open_cms(bytes, &mut reading),
            _ => match format.content() {
                Some(content) => document.read_content(content, bytes, &reading),
                None => document.problems.push(no_profile(format, bytes)),
            },
        }
        document
    }

    /// Reads the property list in `bytes`: the file, or what was signed.
    fn read_content(&mut self, content: ContentFormat, bytes: &[u8], reading: &Reading<'_>) {
        let parsed = match content {
            ContentFormat::Xml { encoding } => self.read_xml(&encoding::decode(bytes, encoding), reading),
            ContentFormat::Binary => binary::read(bytes, reading.limits),
        };
        // Of a tree that a limit cut short nothing can be said, least of all what is missing.
        let cut_short = |found: &Diagnostic| [codes::TOO_DEEP, codes::TOO_LARGE].contains(&found.code);
        self.is_profile &= !parsed.problems.as_slice().iter().any(cut_short);
        self.problems.append(parsed.problems);
        self.root = parsed.root;
        let whole_root = self.root.as_ref().filter(|_| !self.problems.has_errors());
        if let Some(root) = whole_root.filter(|root| !matches!(root.value, Value::Dict(_))) {
            let message =
                format!("the property list is {}, a profile is a dictionary", root.value.describe());
            let problem = Diagnostic::error(codes::PLIST_STRUCTURE, root.span, message);
            self.problems.push(problem.help("wrap it in <dict>"));
        }
        if let Some(archiver) = self.root_dict().and_then(archiver) {
            let message = "this is an archive of objects (NSKeyedArchiver), not a profile";
            let problem = Diagnostic::error(codes::NSKEYED_ARCHIVE, archiver, message);
            self.problems.push(problem.help("take the profile from the program that saved the file"));
            self.is_profile = false;
        }
    }

    /// Reads XML, plainly or as a template. A file that only a template's tags keep from being read is told to be one,
    /// instead of all the errors that come of them.
    fn read_xml(&mut self, text: &Decoded<'_>, reading: &Reading<'_>) -> Parsed {
        let span = |found: &Range<usize>| {
            let line = text.bytes().get(found.clone()).unwrap_or_default();
            let shown = line.iter().take(80).take_while(|byte| **byte != b'\n').count();
            Span::new(text.file_offset(found.start), text.file_offset(found.start + shown))
        };
        if let Some(values) = reading.template {
            let masked = template::mask(text.bytes());
            let mut parsed = xml::read_template(text, &masked.text, reading.limits, values);
            if let Some(first) = masked.blocks.first() {
                let count = masked.blocks.len();
                let message =
                    format!("the file is a template: {count} tags between its elements were overlooked");
                let help =
                    "what is said holds for the first branch of every condition and one turn of every loop";
                let found = Diagnostic::notice(codes::TEMPLATE_CONTROL_FLOW, span(first), message);
                parsed.problems.push(found.help(help));
            }
            return parsed;
        }
        let mut parsed = xml::read(text, reading.limits);
        let only_syntax = |found: &Diagnostic| {
            let limits = [codes::TOO_DEEP, codes::TOO_LARGE, codes::ENTITY_EXPANSION];
            found.severity != Severity::Error || !limits.contains(&found.code)
        };
        if parsed.problems.has_errors() && parsed.problems.as_slice().iter().all(only_syntax) {
            let masked = template::mask(text.bytes());
            if let Some(first) = masked.blocks.first().or(masked.scalars.first()) {
                let message = "the file is a template, not a profile: a tag of a template engine stands where a property list takes none";
                let help = "have it rendered first, or check it with --template (and --set NAME=VALUE)";
                let found = Diagnostic::error(codes::TEMPLATE_CONTROL_FLOW, span(first), message);
                parsed.problems = Problems::default();
                parsed.problems.push(found.help(help));
                self.is_profile = false;
            }
        }
        parsed
    }

    /// Opens CMS and reads the profile inside.
    fn open_cms(&mut self, bytes: &[u8], reading: &mut Reading<'_>) {
        let signed = match cms::read_with(bytes, reading.signatures) {
            Ok(signed) => signed,
            Err(error) => {
                if let Format::Cms { enveloped, .. } = &mut self.format {
                    *enveloped |= error == CmsError::Enveloped;
                }
                self.problems.push(cms_unreadable(&error, bytes.len()));
                return;
            }
        };
        match &signed.content {
            Some(inside) => {
                let found = source::detect(inside);
                // CMS inside CMS was not opened, so it has no content here.
                if let Format::Cms { content, .. } = &mut self.format {
                    *content = found.content();
                }
                match found.content() {
                    Some(content) => self.read_content(content, inside, reading),
                    None => self.problems.push(no_profile_signed(found, inside)),
                }
            }
            None => {
                let message = "the signature is detached: the profile it was made for is not in the file";
                let problem = Diagnostic::error(codes::SIGN_DETACHED, Span::new(0, bytes.len()), message);
                self.problems.push(problem.help("sign the profile again with its content embedded"));
            }
        }
        self.signed = Some(signed);
    }

    /// What the file is.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The bytes that every span of this document counts in: `file` itself, or the profile inside a signed one.
    ///
    /// `file` is what [`Self::read`] was given; it is not kept, so the caller lends it again.
    #[must_use]
    pub fn content<'a>(&'a self, file: &'a [u8]) -> &'a [u8] {
        match self.signed.as_ref().and_then(|signed| signed.content.as_ref()) {
            Some(content) if self.format.is_read() => content,
            _ => file,
        }
    }

    /// Who signed the profile, if it is a signed one that could be opened.
    #[must_use]
    pub fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref()
    }

    /// Whether the tree is to be judged as a profile: not when the file turned out to be a template or an archive of
    /// objects, which its problems tell.
    #[must_use]
    pub fn is_profile(&self) -> bool {
        self.is_profile
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
    /// Judged by the key, at any depth, as [`crate::show`] says: passwords, shared secrets, pre-shared post-quantum
    /// keys, PKCS#12, and what vendors name alike.
    #[must_use]
    pub fn secret_spans(&self) -> Vec<Span> {
        self.root.as_ref().map(crate::show::secret_spans).unwrap_or_default()
    }
}

/// Where the mark of a keyed archive stands (`NSKeyedArchiver` writes a root of `$archiver`, `$objects`, `$top`).
fn archiver(root: &Dict) -> Option<Span> {
    let mark = root.entry("$archiver")?;
    let objects = root.get("$objects")?.as_array();
    (mark.value.as_str() == Some("NSKeyedArchiver") || objects.is_some()).then_some(mark.value.span)
}

/// Says why CMS cannot be opened. Spans count in the file.
fn cms_unreadable(error: &CmsError, length: usize) -> Diagnostic {
    let whole = Span::new(0, length);
    let (code, help) = match error {
        CmsError::Enveloped => (codes::SIGNED_NOT_READ, "only the device it was made for can open it"),
        CmsError::TooMany { .. } => (codes::TOO_LARGE, "no signed profile needs so many"),
        CmsError::OtherKind(_) => (codes::UNKNOWN_FORMAT, "a signed profile is CMS signed data"),
        _ => (codes::CMS_MALFORMED, "get the file again, or sign the profile again"),
    };
    Diagnostic::error(code, whole, error.to_string()).help(help)
}

/// Says what a file is that is no profile.
fn no_profile(format: Format, bytes: &[u8]) -> Diagnostic {
    let whole = Span::new(0, bytes.len());
    let problem = |message: String| Diagnostic::error(codes::UNKNOWN_FORMAT, whole, message);
    match format {
        Format::Certificate { .. } => match read_certificates(bytes) {
            Ok(certificates) => {
                let first = certificates.der.first().and_then(|der| crate::certificate::inspect(der).ok());
                let of = first.map(|info| format!(" ({})", info.subject_text)).unwrap_or_default();
                let what = match certificates.der.len() {
                    1 => format!("a certificate{of}"),
                    count => format!("{count} certificates, the first{of}"),
                };
                problem(format!("this is {what}, not a profile"))
                    .help("a profile carries certificates in payloads of its own")
            }
            Err(error) => problem("this looks like a certificate, not like a profile".to_owned())
                .help(format!("and as a certificate: {error}")),
        },
        Format::Pkcs12 => problem("this is a PKCS#12 file, not a profile".to_owned())
            .help("a profile carries it in a payload of type com.apple.security.pkcs12"),
        _ => problem("not a configuration profile".to_owned()).help(if bytes.is_empty() {
            "the file is empty"
        } else if bytes.first() == Some(&0x30) {
            "it is some ASN.1, but neither a signed profile nor a certificate nor a PKCS#12 file"
        } else {
            "a profile is an XML or binary property list, or such a list signed with CMS"
        }),
    }
}

/// Says what was signed that is no profile. The span counts in the content.
fn no_profile_signed(found: Format, content: &[u8]) -> Diagnostic {
    let message = match found {
        Format::Cms { .. } => "what was signed is itself CMS; a profile is signed once",
        _ if content.is_empty() => "what was signed is empty",
        _ => "what was signed is not a configuration profile",
    };
    let problem = Diagnostic::error(codes::UNKNOWN_FORMAT, Span::default(), message);
    problem.help("sign the XML or binary property list itself")
}
