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
mod walk;

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
pub(crate) use section::whole_number;
pub use section::{Section, Spanned};
pub use security_association::{
    DIFFIE_HELLMAN_GROUPS, EncryptionAlgorithm, IntegrityAlgorithm, SecurityAssociation,
};
pub(crate) use walk::walk;

use crate::Document;
use crate::gather::Gather as _;
use crate::report::Span;
use crate::syntax::{Node, Value};
pub(crate) use crate::template;

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
    /// The profile in a document; `None` when there is no dictionary to look at. What is wrong with it is told by
    /// [`crate::rules`].
    ///
    /// A dictionary whose only key holds the profile (an editor's `New item`) is looked through: keys, paths and payloads
    /// are those of the inner dictionary.
    #[must_use]
    pub fn of(document: &'d Document) -> Option<Self> {
        let root = document.root().filter(|_| document.is_profile())?;
        let outer = Section::new(root.as_dict()?, root.span, first_bytes(root.span), Path::default());
        let root = wrapped(&outer).unwrap_or(outer);
        let payloads = read_payloads(&root);
        Some(Self { document, root, payloads })
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

/// The profile inside a dictionary that holds nothing else.
fn wrapped<'d>(outer: &Section<'d>) -> Option<Section<'d>> {
    let [only] = outer.dict().entries.as_slice() else { return None };
    let inner = outer.sub(&only.key.text)?;
    (inner.has("PayloadContent") && inner.has("PayloadType")).then_some(inner)
}

/// The dictionaries of `PayloadContent`; a dictionary in the place of the array counts as its one payload.
fn read_payloads<'d>(root: &Section<'d>) -> Vec<Payload<'d>> {
    let Some(content) = root.node("PayloadContent").filter(|_| !is_encrypted(root)) else {
        return Vec::new();
    };
    let items = match &content.value {
        Value::Array(items) => items.as_slice(),
        Value::Dict(_) => std::slice::from_ref(content),
        _ => &[],
    };
    let path = root.path_of("PayloadContent");
    let payload = |(index, item): (usize, &'d Node)| {
        let dict = item.as_dict()?;
        Some(Payload {
            index,
            section: Section::new(dict, item.span, first_bytes(item.span), path.index(index)),
        })
    };
    items.iter().enumerate().filter_map(payload).gather()
}

/// Whether the payloads are encrypted, so that only the outer keys can be read.
pub(crate) fn is_encrypted(root: &Section<'_>) -> bool {
    root.is_on("IsEncrypted") || root.has("EncryptedPayloadContent")
}

/// The opening of an element that has no key of its own: enough to point at.
pub(crate) fn first_bytes(span: Span) -> Span {
    Span { start: span.start, end: span.end.min(span.start.saturating_add(6)) }
}
