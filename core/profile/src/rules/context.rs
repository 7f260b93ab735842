//! What a rule may look at: the profile, its fields, its VPN payloads, the targets and the time of checking.

use std::cell::OnceCell;

use super::references::index::References;
use crate::certificate::payload::{self, CertificatePayload, Inside};
use crate::gather::Gather as _;
use crate::ikev2::{Association, Associations, associations};
use crate::model::{AuthenticationMethod, Fields, Payload, Profile, Section};
use crate::report::Severity;
use crate::schema::{Platform, Target};
use crate::syntax::Date;
use crate::{Document, SecretText};

use super::ondemand::{OnDemand, OnDemandRule};

/// What the caller wants to know.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The systems the profile is meant for; none: any.
    pub targets: Vec<Target>,
    /// The time of checking; rules about expiry say nothing without it.
    pub at: Option<Date>,
    /// Codes or families (`ikev2`) that are looked for; none: all.
    pub select: Vec<String>,
    /// Codes or families that are left out, also of those selected.
    pub ignore: Vec<String>,
    /// Adds what only `adit explain` says.
    pub explain: bool,
    /// What a person typed for PKCS#12 files whose password is not in the profile; none: they stay closed.
    pub password: Option<SecretText>,
    /// Reads the file as a template ([`crate::template`]): [`crate::check_with`] obeys it, a document that was read already
    /// stays as it was read.
    pub template: bool,
}

impl Options {
    /// Whether a code is looked for.
    #[must_use]
    pub fn wants(&self, code: crate::report::Code) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == code.as_str() || name == code.family());
        (self.select.is_empty() || named(&self.select)) && !named(&self.ignore)
    }
}

/// Everything a rule may look at.
#[derive(Debug)]
pub struct Context<'a> {
    /// The file.
    pub document: &'a Document,
    /// Its profile.
    pub profile: &'a Profile<'a>,
    /// Every value with what the schema says of it.
    pub fields: Fields<'a>,
    /// The VPN payloads.
    pub vpns: Vec<Vpn<'a>>,
    /// The dictionaries that on-demand rules belong to, with their rules.
    pub on_demand: Vec<OnDemand<'a>>,
    /// Every IKEv2 settings dictionary: of the VPN payloads of that type, and of Always On tunnels.
    pub tunnels: Vec<Tunnel<'a>>,
    /// What the caller wants.
    pub options: &'a Options,
    /// Who points at whom; see [`Self::references`].
    references: References<'a>,
    // Filled when a rule asks. Holds no references, so that a context may stand for a shorter-lived one.
    opened: OnceCell<Vec<Inside>>,
}

/// An IKEv2 settings dictionary: `IKEv2`, or an element of `AlwaysOn.TunnelConfigurations`, where the same keys stand.
#[derive(Clone, Debug)]
pub struct Tunnel<'a> {
    /// The VPN payload it belongs to.
    pub payload: &'a Payload<'a>,
    /// For chosen apps only (`com.apple.vpn.managed.applayer`).
    pub per_app: bool,
    /// An Always On tunnel.
    pub always_on: bool,
    /// The dictionary.
    pub settings: Section<'a>,
    /// `IKESecurityAssociationParameters`.
    pub ike: Option<Section<'a>>,
    /// `ChildSecurityAssociationParameters`.
    pub child: Option<Section<'a>>,
    /// What the two come to on iOS, macOS and visionOS; [`Tunnel::associations_on`] for another platform.
    pub associations: Associations,
}

impl<'a> Tunnel<'a> {
    fn of(vpn: &Vpn<'a>, settings: Section<'a>) -> Self {
        Self {
            payload: vpn.payload,
            per_app: vpn.per_app,
            always_on: vpn.kind == Some("AlwaysOn"),
            ike: settings.sub(associations::IKE),
            child: settings.sub(associations::CHILD),
            associations: Associations::of(&settings, None),
            settings,
        }
    }

    /// What the security associations come to on a platform.
    #[must_use]
    pub fn associations_on(&self, platform: Platform) -> Associations {
        Associations::of(&self.settings, Some(platform))
    }

    /// The dictionaries of the IKE SA and of Child SAs that are there, each with what it comes to.
    pub fn dictionaries(&self) -> impl Iterator<Item = (&Section<'a>, &Association)> {
        let ike = self.ike.iter().map(|section| (section, &self.associations.ike));
        ike.chain(self.child.iter().map(|section| (section, &self.associations.child)))
    }

    /// Whether EAP is asked for (`ExtendedAuthEnabled`).
    #[must_use]
    pub fn uses_eap(&self) -> bool {
        self.settings.is_on("ExtendedAuthEnabled")
    }

    /// Whether it is certain that EAP is not asked for: the flag is 0 or missing, not something unusable.
    #[must_use]
    pub fn is_without_eap(&self) -> bool {
        !self.uses_eap() && self.settings.switch("ExtendedAuthEnabled").is_some()
            || !self.settings.has("ExtendedAuthEnabled")
    }

    /// Whether a key is there and not an empty string.
    #[must_use]
    pub fn holds(&self, key: &str) -> bool {
        self.settings.node(key).is_some_and(|node| node.as_str() != Some(""))
    }

    /// Whether both sides prove themselves by the shared secret alone: the server shows no certificate.
    #[must_use]
    pub fn is_by_shared_secret(&self) -> bool {
        match self.method() {
            Some(AuthenticationMethod::SharedSecret) => true,
            Some(AuthenticationMethod::None) => self.is_without_eap(),
            _ => false,
        }
    }

    /// Whether the method is EAP-TLS: EAP with an identity.
    #[must_use]
    pub fn may_use_eap_tls(&self) -> bool {
        self.uses_eap() && self.settings.has("PayloadCertificateUUID")
    }

    /// `AuthenticationMethod`.
    #[must_use]
    pub fn method(&self) -> Option<AuthenticationMethod> {
        self.settings.word("AuthenticationMethod").map(|method| method.value)
    }
}

/// The IKEv2 settings dictionaries of a VPN payload. An Always On tunnel without any IKEv2 key of weight is left out: that
/// it has none is told by a rule of its own.
fn tunnels<'a>(vpn: &Vpn<'a>) -> Vec<Tunnel<'a>> {
    let Some(settings) = &vpn.settings else { return Vec::new() };
    match vpn.kind {
        Some("IKEv2") => vec![Tunnel::of(vpn, settings.clone())],
        Some("AlwaysOn") => {
            let meant = |section: &Section<'_>| {
                section.str("ProtocolType").is_none_or(|kind| kind.value == "IKEv2")
                    && (section.has("RemoteAddress") || section.has("AuthenticationMethod"))
            };
            let sections = settings.sections("TunnelConfigurations").into_iter();
            sections.filter(meant).map(|section| Tunnel::of(vpn, section)).gather()
        }
        _ => Vec::new(),
    }
}

/// A VPN payload and its settings.
#[derive(Clone, Debug)]
pub struct Vpn<'a> {
    /// The payload.
    pub payload: &'a Payload<'a>,
    /// `VPNType` as the documentation spells it; `None` for a missing or unknown one.
    pub kind: Option<&'static str>,
    /// For chosen apps only (`com.apple.vpn.managed.applayer`).
    pub per_app: bool,
    /// The settings dictionary of its type (for L2TP `PPP`).
    pub settings: Option<Section<'a>>,
}

impl<'a> Vpn<'a> {
    /// The payload's own dictionary.
    #[must_use]
    pub fn section(&self) -> &'a Section<'a> {
        &self.payload.section
    }

    /// The settings when the type is `kind`.
    #[must_use]
    pub fn settings_of(&self, kind: &str) -> Option<&Section<'a>> {
        self.settings.as_ref().filter(|_| self.kind == Some(kind))
    }
}

/// What a system does with something it does not take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effect {
    /// It refuses the profile, the payload or the value.
    Refused,
    /// It ignores the key.
    Ignored,
}

/// Which targets are affected, and how much that matters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Affected {
    /// Error when one refuses, warning when they ignore, notice when no target was named.
    pub severity: Severity,
    /// The targets in words (`iOS 26.1, macOS 26.0`); empty when none was named.
    pub who: String,
}

impl<'a> Context<'a> {
    /// Looks at a profile.
    #[must_use]
    pub fn new(profile: &'a Profile<'a>, options: &'a Options) -> Self {
        let vpns: Vec<Vpn<'a>> = profile
            .vpn_payloads()
            .map(|payload| Vpn {
                payload,
                kind: payload.vpn_type(),
                per_app: payload.kind() == Some(crate::model::VPN_APPLAYER),
                settings: payload.settings(),
            })
            .gather();
        let tunnels = vpns.iter().flat_map(tunnels).gather();
        let on_demand = OnDemand::all(profile.payloads(), &vpns);
        let references = References::of(profile, &vpns);
        let fields = Fields::of(profile);
        let document = profile.document();
        let opened = OnceCell::new();
        Self { document, profile, fields, vpns, tunnels, on_demand, options, references, opened }
    }

    /// The references between payloads.
    pub(super) fn references(&self) -> &References<'a> {
        &self.references
    }

    /// The payload with a `PayloadUUID`, the case of its letters apart.
    pub fn payload_named(&self, uuid: &str) -> Option<&'a Payload<'a>> {
        self.references.payload(uuid).map(|(payload, _)| payload)
    }

    /// The certificate payloads, opened: `root`, `pkcs1`, `pem` and `pkcs12`, in the order of the file.
    ///
    /// Opened once for all rules, when the first one asks; the work that PKCS#12 iteration counts ask for is bounded for
    /// all of them together.
    pub fn certificates(&self) -> impl Iterator<Item = CertificatePayload<'_>> {
        self.opened().iter().filter_map(|inside| CertificatePayload::of(self.profile, inside))
    }

    /// What is in a certificate payload.
    pub fn certificate(&self, payload: &Payload<'_>) -> Option<CertificatePayload<'_>> {
        payload::is_certificate(payload.kind()).then_some(())?;
        let found = self.opened();
        let place = found.binary_search_by_key(&payload.index, |found| found.index).ok()?;
        CertificatePayload::of(self.profile, found.get(place)?)
    }

    fn opened(&self) -> &[Inside] {
        self.opened.get_or_init(|| payload::open_all(self.profile, self.options.password.as_ref()))
    }

    /// Every on-demand rule, with the dictionary it belongs to.
    pub fn on_demand_rules(&self) -> impl Iterator<Item = (&OnDemand<'a>, &OnDemandRule<'a>)> {
        self.on_demand.iter().flat_map(|list| list.rules.iter().map(move |rule| (list, rule)))
    }

    /// The elements of `ActionParameters` of the on-demand rules that look at them.
    pub fn on_demand_parameters(&self) -> impl Iterator<Item = &Section<'a>> {
        self.on_demand_rules()
            .filter(|(list, rule)| rule.evaluates(list.home))
            .flat_map(|(_, rule)| &rule.parameters)
    }

    /// The VPN payloads of type IKEv2 with their settings.
    pub fn ikev2(&self) -> impl Iterator<Item = (&Vpn<'a>, &Section<'a>)> {
        self.vpns.iter().filter_map(|vpn| vpn.settings_of("IKEv2").map(|settings| (vpn, settings)))
    }

    /// The payloads of a type.
    pub fn payloads(&self, kind: &str) -> impl Iterator<Item = &'a Payload<'a>> {
        self.profile.payloads().iter().filter(move |payload| payload.kind() == Some(kind))
    }

    /// Judges something that only some systems take: `None` when targets were named and none of them minds.
    pub fn affected(&self, effect: impl Fn(&Target) -> Option<Effect>) -> Option<Affected> {
        self.affected_by(&effect)
    }

    /// Compiled once, not for each rule.
    fn affected_by(&self, effect: &dyn Fn(&Target) -> Option<Effect>) -> Option<Affected> {
        if self.options.targets.is_empty() {
            return Some(Affected { severity: Severity::Notice, who: String::new() });
        }
        let mut severity = None;
        let mut who = Vec::new();
        for target in &self.options.targets {
            let Some(effect) = effect(target) else { continue };
            who.push(target.to_string());
            let found = if effect == Effect::Refused { Severity::Error } else { Severity::Warning };
            severity = severity.max(Some(found));
        }
        severity.map(|severity| Affected { severity, who: who.join(", ") })
    }
}
