//! Who points at whom: gathered once a profile.

use crate::arrange::Arrange;
use crate::gather::Gather as _;
use crate::model::{Payload, Profile, Section, Spanned};
use crate::rules::Vpn;

/// The payload types that bring a certificate with its private key.
pub(in crate::rules) const IDENTITIES: [&str; 4] = [
    "com.apple.security.pkcs12",
    "com.apple.security.scep",
    "com.apple.security.acme",
    "com.apple.ADCertificate.managed",
];

/// The payload types that bring a certificate alone.
pub(in crate::rules) const CERTIFICATES: [&str; 3] =
    ["com.apple.security.root", "com.apple.security.pkcs1", "com.apple.security.pem"];

/// The payload types with a `VPNUUID` that names a per-app VPN.
const ACCOUNTS: [&str; 7] = [
    "com.apple.mail.managed",
    "com.apple.eas.account",
    "com.apple.caldav.account",
    "com.apple.carddav.account",
    "com.apple.ldap.account",
    "com.apple.google-oauth",
    "com.apple.subscribedcalendar.account",
];

pub(in crate::rules) const CERTIFICATE_KEY: &str = "PayloadCertificateUUID";
pub(in crate::rules) const VPN_KEY: &str = "VPNUUID";

/// What holds a `PayloadCertificateUUID`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::rules) enum Holder {
    /// `VPN` or `TransparentProxy`.
    App,
    /// `IPSec`, of an IPSec or an L2TP connection.
    Ipsec,
    /// `IKEv2`, or a tunnel of Always On.
    Ikev2,
    /// `DNS` of a VPN payload, or `DNSSettings`.
    Dns,
    /// A relay.
    Relay,
    /// An identity preference.
    IdentityPreference,
    /// A certificate preference, which needs no private key.
    CertificatePreference,
}

/// A key that names another payload.
#[derive(Clone, Debug)]
pub(in crate::rules) struct Reference<'a> {
    pub section: Section<'a>,
    pub key: &'static str,
    pub uuid: Spanned<&'a str>,
}

/// All references of a profile.
#[derive(Debug)]
pub(in crate::rules) struct References<'a> {
    profile: &'a Profile<'a>,
    /// Places of the payloads, sorted by `PayloadUUID` in lower case.
    payloads: Vec<(String, usize)>,
    /// Places of the per-app VPN payloads, sorted by `VPNUUID` in lower case.
    per_app: Vec<(String, usize)>,
    /// The profile's identity payload, when it has just one.
    pub only_identity: Option<&'a Payload<'a>>,
    /// Keys that name an identity or a certificate.
    pub certificates: Vec<(Holder, Reference<'a>)>,
    /// Keys that name a per-app VPN.
    pub vpns: Vec<Reference<'a>>,
    /// A `PayloadUUID` or `VPNUUID` is a template's: what is not found may be there once it is filled in.
    pub open_targets: bool,
    /// A reference is a template's: what nothing points at may yet be pointed at.
    pub open_references: bool,
}

impl<'a> References<'a> {
    pub(in crate::rules) fn of(profile: &'a Profile<'a>, vpns: &[Vpn<'a>]) -> Self {
        let mut found = Self {
            profile,
            payloads: Vec::new(),
            per_app: Vec::new(),
            only_identity: None,
            certificates: Vec::new(),
            vpns: Vec::new(),
            open_targets: false,
            open_references: false,
        };
        for (place, payload) in profile.payloads().iter().enumerate() {
            found.open_targets |= is_open(&payload.section, "PayloadUUID");
            if let Some(uuid) = payload.section.str("PayloadUUID") {
                found.payloads.push((fold(uuid.value), place));
            }
            found.other(place, payload);
        }
        found.payloads.arrange();
        found.per_app.arrange();
        for vpn in vpns {
            found.vpn(vpn);
        }
        found.only_identity = found.only_one();
        found
    }

    fn only_one(&self) -> Option<&'a Payload<'a>> {
        let mut identities = self.identities();
        identities.next().filter(|_| identities.next().is_none())
    }

    /// The payload with a UUID and whether its letters have the same case.
    pub fn payload(&self, uuid: &str) -> Option<(&'a Payload<'a>, bool)> {
        self.pick(&self.payloads, uuid, "PayloadUUID")
    }

    /// The per-app VPN payload with a `VPNUUID` and whether its letters have the same case.
    pub fn per_app(&self, uuid: &str) -> Option<(&'a Payload<'a>, bool)> {
        self.pick(&self.per_app, uuid, VPN_KEY)
    }

    /// Whether there is a per-app VPN payload whose `VPNUUID` can be read.
    pub fn has_per_app(&self) -> bool {
        !self.per_app.is_empty()
    }

    /// The per-app VPN payloads that share a `VPNUUID`, in groups of two and more.
    pub fn shared_per_app(&self) -> impl Iterator<Item = Vec<&'a Payload<'a>>> {
        let groups = self.per_app.chunk_by(|(one, _), (other, _)| one == other);
        groups.filter(|places| places.len() > 1).map(|places| {
            let payloads = self.profile.payloads();
            places.iter().filter_map(|(_, place)| payloads.get(*place)).gather()
        })
    }

    /// The identity payloads.
    pub fn identities(&self) -> impl Iterator<Item = &'a Payload<'a>> {
        let payloads = self.profile.payloads().iter();
        payloads.filter(|payload| payload.kind().is_some_and(|kind| IDENTITIES.contains(&kind)))
    }

    fn pick(&self, places: &[(String, usize)], uuid: &str, key: &str) -> Option<(&'a Payload<'a>, bool)> {
        let payloads = self.profile.payloads();
        let folded = fold(uuid);
        let first = places.partition_point(|(known, _)| *known < folded);
        let same = places.get(first..)?.iter().take_while(|(known, _)| *known == folded);
        let mut same = same.filter_map(|(_, place)| payloads.get(*place)).peekable();
        let first = *same.peek()?;
        let exact = same.find(|payload| payload.string(key).is_some_and(|found| found.trim() == uuid.trim()));
        Some(exact.map_or((first, false), |payload| (payload, true)))
    }

    fn vpn(&mut self, vpn: &Vpn<'a>) {
        match (vpn.kind, &vpn.settings) {
            (Some("VPN" | "TransparentProxy"), Some(settings)) => self.certificate(Holder::App, settings),
            (Some("IPSec"), Some(settings)) => self.certificate(Holder::Ipsec, settings),
            (Some("IKEv2"), Some(settings)) => self.certificate(Holder::Ikev2, settings),
            (Some("AlwaysOn"), Some(settings)) => {
                for tunnel in settings.sections("TunnelConfigurations") {
                    self.certificate(Holder::Ikev2, &tunnel);
                }
            }
            (Some("L2TP"), _) => {
                if let Some(settings) = vpn.section().sub("IPSec") {
                    self.certificate(Holder::Ipsec, &settings);
                }
            }
            _ => {}
        }
        if let Some(dns) = vpn.section().sub("DNS") {
            self.certificate(Holder::Dns, &dns);
        }
    }

    fn other(&mut self, place: usize, payload: &'a Payload<'a>) {
        let section = &payload.section;
        match payload.kind() {
            Some("com.apple.dnsSettings.managed") => {
                if let Some(settings) = section.sub("DNSSettings") {
                    self.certificate(Holder::Dns, &settings);
                }
            }
            Some("com.apple.relay.managed") => {
                for relay in section.sections("Relays") {
                    self.certificate(Holder::Relay, &relay);
                }
            }
            Some("com.apple.security.identitypreference") => {
                self.certificate(Holder::IdentityPreference, section);
            }
            Some("com.apple.security.certificatepreference") => {
                self.certificate(Holder::CertificatePreference, section);
            }
            Some(crate::model::VPN_APPLAYER) => {
                self.open_targets |= is_open(section, VPN_KEY);
                if let Some(uuid) = section.str(VPN_KEY).filter(|uuid| !uuid.value.trim().is_empty()) {
                    self.per_app.push((fold(uuid.value), place));
                }
            }
            Some("com.apple.vpn.managed.appmapping") => {
                for mapping in section.sections("AppLayerVPNMapping") {
                    self.per_app_vpn(&mapping);
                }
            }
            Some(kind) if ACCOUNTS.contains(&kind) => self.per_app_vpn(section),
            _ => {}
        }
    }

    fn certificate(&mut self, holder: Holder, section: &Section<'a>) {
        let reference = self.reference(section, CERTIFICATE_KEY);
        self.certificates.extend(reference.map(|reference| (holder, reference)));
    }

    fn per_app_vpn(&mut self, section: &Section<'a>) {
        let reference = self.reference(section, VPN_KEY);
        self.vpns.extend(reference);
    }

    /// An empty reference is none; that one is needed is told by other rules.
    fn reference(&mut self, section: &Section<'a>, key: &'static str) -> Option<Reference<'a>> {
        if is_open(section, key) {
            self.open_references = true;
            return None;
        }
        let uuid = section.str(key).filter(|uuid| !uuid.value.trim().is_empty())?;
        Some(Reference { section: section.clone(), key, uuid })
    }
}

fn fold(uuid: &str) -> String {
    uuid.trim().to_ascii_lowercase()
}

/// Whether a template is still to fill in the value, or a part of it.
fn is_open(section: &Section<'_>, key: &str) -> bool {
    let Some(text) = section.node(key).and_then(crate::syntax::Node::as_str) else { return false };
    section.is_placeholder(key) || ["{{", "{%", "${", "$(", "<%"].iter().any(|mark| text.contains(mark))
}

/// A payload in words for a message: its type, and its name where it has one.
pub(in crate::rules) fn describe(payload: &Payload<'_>) -> String {
    let kind = crate::syntax::shorten(payload.kind().unwrap_or("no type"));
    match payload.string("PayloadDisplayName").filter(|name| !name.trim().is_empty()) {
        Some(name) => format!("`{}` ({kind})", crate::syntax::shorten(name)),
        None => format!("PayloadContent[{}] ({kind})", payload.index),
    }
}
