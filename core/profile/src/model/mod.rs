//! What the keys of a profile mean: the profile, its payloads, and typed access with spans.
//!
//! Owns the top level ([`Profile`], [`Payload`]), the typed IKEv2 payload ([`Ikev2Payload`]) and the certificate
//! payloads. Defaults are not filled in here: a missing key is `None`; what follows from that is [`crate::ikev2`]'s.
//! Unknown keys stay in the syntax tree. Source: Apple's device-management schema, release 26.4.

mod fields;
mod host;
mod ikev2;
mod keyword;
mod path;
mod quiet;
mod section;
mod security_association;
pub(crate) mod template;

pub use fields::{Field, Fields, UnknownKey};
pub(crate) use host::is_host;
pub(crate) use ikev2::is_set;
pub use ikev2::{
    AuthenticationMethod, CertificateType, DeadPeerDetectionRate, Hidden, IKEV2_KEYS, Ikev2Payload,
};
pub use keyword::Keyword;
pub(crate) use keyword::keywords;
pub use path::{Path, Step};
pub use quiet::Element;
pub use section::{Section, Spanned};
pub use security_association::{
    DIFFIE_HELLMAN_GROUPS, EncryptionAlgorithm, IntegrityAlgorithm, SecurityAssociation,
};

use crate::Document;
use crate::report::{Diagnostic, Problems, Span, codes};
use crate::syntax::{Node, Value};

/// `com.apple.vpn.managed`.
pub const VPN_MANAGED: &str = "com.apple.vpn.managed";

/// `com.apple.vpn.managed.applayer`: the same keys, for chosen apps only.
pub const VPN_APPLAYER: &str = "com.apple.vpn.managed.applayer";

/// A profile: its top level and its payloads.
#[derive(Clone, Debug)]
pub struct Profile<'d> {
    document: &'d Document,
    root: Section<'d>,
    payloads: Vec<Payload<'d>>,
}

/// One element of `PayloadContent`.
#[derive(Clone, Debug)]
pub struct Payload<'d> {
    /// Its place in `PayloadContent`, from 0.
    pub index: usize,
    /// Its dictionary.
    pub section: Section<'d>,
}

impl<'d> Profile<'d> {
    /// The profile in a document, with what is wrong at its top level; `None` when there is no dictionary to look at.
    #[must_use]
    pub fn read(document: &'d Document, problems: &mut Problems) -> Option<Self> {
        let root = document.root()?;
        let section = Section::new(root.as_dict()?, root.span, first_bytes(root.span), Path::default());
        let payloads = read_payloads(&section, problems);
        Some(Self { document, root: section, payloads })
    }

    /// The file it was read from.
    #[must_use]
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// The top-level keys.
    #[must_use]
    pub fn root(&self) -> &Section<'d> {
        &self.root
    }

    /// The payloads that are dictionaries, in order.
    #[must_use]
    pub fn payloads(&self) -> &[Payload<'d>] {
        &self.payloads
    }

    /// The VPN payloads, whole-device and per-app, of whatever `VPNType`.
    pub fn vpn_payloads(&self) -> impl Iterator<Item = &Payload<'d>> {
        self.payloads.iter().filter(|payload| payload.is_vpn())
    }

    /// The payload with a `PayloadUUID`, ignoring the case of its letters.
    #[must_use]
    pub fn payload_with_uuid(&self, uuid: &str) -> Option<&Payload<'d>> {
        let exact = self.payloads.iter().find(|payload| payload.string("PayloadUUID") == Some(uuid));
        exact.or_else(|| {
            let same = |found: &str| found.eq_ignore_ascii_case(uuid);
            self.payloads.iter().find(|payload| payload.string("PayloadUUID").is_some_and(same))
        })
    }
}

impl<'d> Payload<'d> {
    /// A string of this payload; `None` when it is missing or something else.
    #[must_use]
    pub fn string(&self, key: &str) -> Option<&'d str> {
        self.section.node(key).and_then(Node::as_str)
    }

    /// `PayloadType`.
    #[must_use]
    pub fn kind(&self) -> Option<&'d str> {
        self.string("PayloadType")
    }

    /// Whether it is a VPN payload.
    #[must_use]
    pub fn is_vpn(&self) -> bool {
        matches!(self.kind(), Some(VPN_MANAGED | VPN_APPLAYER))
    }

    /// Whether it is a VPN payload whose `VPNType` is IKEv2.
    #[must_use]
    pub fn is_ikev2(&self) -> bool {
        self.is_vpn() && self.string("VPNType") == Some("IKEv2")
    }

    /// `VPNType` as the documentation spells it, also where the profile gets the case of its letters wrong; `None` for a
    /// word that is no type.
    #[must_use]
    pub fn vpn_type(&self) -> Option<&'static str> {
        let word = self.string("VPNType")?;
        let known = ["VPN", "L2TP", "IPSec", "IKEv2", "AlwaysOn", "TransparentProxy", "PPTP"];
        known.into_iter().find(|known| known.eq_ignore_ascii_case(word))
    }

    /// The dictionary with the settings of its `VPNType` (for L2TP `PPP`).
    #[must_use]
    pub fn settings(&self) -> Option<Section<'d>> {
        let kind = self.vpn_type()?;
        self.section.sub(if matches!(kind, "L2TP" | "PPTP") { "PPP" } else { kind })
    }

    /// What a user would call it: the name of the VPN, else the payload's.
    #[must_use]
    pub fn name(&self) -> Option<&'d str> {
        self.string("UserDefinedName").or_else(|| self.string("PayloadDisplayName"))
    }
}

/// The payloads, and what keeps them from being found.
fn read_payloads<'d>(root: &Section<'d>, problems: &mut Problems) -> Vec<Payload<'d>> {
    if let Some(kind) = root.text("PayloadType", problems)
        && kind.value != "Configuration"
    {
        let message = "the profile's PayloadType must be Configuration";
        let help = "a payload stands inside the profile's PayloadContent, not at the top";
        problems.push(root.diagnose("PayloadType", codes::PROFILE_TYPE, message).help(help));
    }
    let encrypted = root.node("IsEncrypted").is_some_and(|node| node.value == Value::Boolean(true));
    if encrypted || root.has("EncryptedPayloadContent") {
        let message = "the payloads are encrypted for one device: only the outer keys can be read";
        let diagnostic =
            Diagnostic::notice(codes::ENCRYPTED, root.span_of("EncryptedPayloadContent"), message);
        problems.push(diagnostic.at("EncryptedPayloadContent"));
        return Vec::new();
    }
    let Some(content) = root.node("PayloadContent") else {
        let message = "the profile has no PayloadContent";
        let help = "its payloads stand in an array of this name";
        problems.push(root.diagnose("PayloadContent", codes::CONTENT_MISSING, message).help(help));
        return Vec::new();
    };
    let items = match &content.value {
        Value::Array(items) => items.as_slice(),
        Value::Dict(_) => {
            let message = "PayloadContent is a dictionary, it must be an array of payloads";
            let help = "put the dictionary into an <array>";
            problems.push(root.diagnose("PayloadContent", codes::CONTENT_NOT_ARRAY, message).help(help));
            std::slice::from_ref(content)
        }
        Value::Invalid => &[],
        other => {
            let message = format!("PayloadContent must be an array, it is {}", other.describe());
            let help = "its payloads stand in an array";
            problems.push(root.diagnose("PayloadContent", codes::CONTENT_NOT_ARRAY, message).help(help));
            &[]
        }
    };
    if content.as_array().is_some_and(<[Node]>::is_empty) {
        let diagnostic =
            Diagnostic::warning(codes::CONTENT_EMPTY, content.span, "the profile has no payloads");
        problems.push(diagnostic.help("add one, or remove the profile").at("PayloadContent"));
    }
    items.iter().enumerate().filter_map(|(index, item)| read_payload(index, item, problems)).collect()
}

fn read_payload<'d>(index: usize, item: &'d Node, problems: &mut Problems) -> Option<Payload<'d>> {
    let path = Path::default().key("PayloadContent").index(index);
    match &item.value {
        Value::Dict(dict) => {
            let section = Section::new(dict, item.span, first_bytes(item.span), path);
            if !section.has("PayloadType") {
                let message = "the payload has no PayloadType";
                let help = "without a type no system knows what the payload is";
                problems
                    .push(section.diagnose("PayloadType", codes::PAYLOAD_MISSING_KEY, message).help(help));
            }
            Some(Payload { index, section })
        }
        Value::Invalid => None,
        other => {
            let message = format!("a payload must be a dictionary, this one is {}", other.describe());
            problems.push(not_a_payload(item.span, message).at(path));
            None
        }
    }
}

/// The opening of an element that has no key of its own: enough to point at.
pub(crate) fn first_bytes(span: Span) -> Span {
    Span { start: span.start, end: span.end.min(span.start.saturating_add(6)) }
}

fn not_a_payload(span: Span, message: String) -> Diagnostic {
    Diagnostic::error(codes::PAYLOAD_NOT_DICT, span, message)
        .help("each element of PayloadContent is a <dict>")
}
