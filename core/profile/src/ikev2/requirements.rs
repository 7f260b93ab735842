//! The plan: choosing a payload, opening its certificates, filling in defaults.

use crate::certificate::payload::{self, Password};
use crate::certificate::{self, Identity, KeyKind, pkcs12};
use crate::model::{
    AuthenticationMethod, CertificateType, DeadPeerDetectionRate, Ikev2Payload, Keyword, Payload, Profile,
    is_set,
};
use crate::report::{Diagnostic, Problems, Severity, codes};
use crate::secret::{Secret, SecretText};

use super::settings::{Authentication, EapCredentials, Flags, Ikev2Settings, ServerTrust};
use super::{Associations, certificate_type, coverage, judge, refusals};
use crate::rules::{self, Options};

/// Which VPN payload, and what the profile leaves to the user.
#[derive(Clone, Copy, Debug, Default)]
pub struct Which<'a> {
    /// The payload.
    pub payload: Choice<'a>,
    /// The password of the PKCS#12 payload, for a profile that does not hold it.
    pub pkcs12_password: Option<&'a SecretText>,
}

/// How a payload is named.
#[derive(Clone, Copy, Debug, Default)]
pub enum Choice<'a> {
    /// The only IKEv2 payload there is; several are an error that lists them.
    #[default]
    Only,
    /// By its place in `PayloadContent`, from 0.
    Index(usize),
    /// By its `PayloadUUID`.
    Uuid(&'a str),
}

/// Seconds between NAT keepalives where the profile says nothing: Apple's value for Wi-Fi.
const NAT_KEEPALIVE_SECONDS: u32 = 20;

/// The MTU where the profile says nothing: the least that IPv6 needs (RFC 8200 section 5).
const DEFAULT_MTU: u16 = 1280;

/// What a profile asks of an IKEv2 tunnel, or every reason why this build cannot give it.
///
/// On success the warnings are in [`Ikev2Settings::warnings`]; on failure at least one of the diagnostics is an error.
/// A file with errors of syntax is refused with them: what was recovered from it may not be what was meant.
pub fn requirements(profile: &Profile<'_>, which: Which<'_>) -> Result<Ikev2Settings, Vec<Diagnostic>> {
    let mut problems = Problems::default();
    let broken =
        profile.document().problems().as_slice().iter().filter(|found| found.severity == Severity::Error);
    broken.for_each(|found| problems.push(found.clone()));
    let settings = choose(profile, which.payload, &mut problems).and_then(|payload| {
        problems.append(judged(profile, payload));
        settings(profile, payload, which, &mut problems)
    });
    let diagnostics = rules::without_echoes(problems.into_vec());
    let failed = diagnostics.iter().any(|found| found.severity == Severity::Error);
    match settings {
        Some(settings) if !failed => Ok(Ikev2Settings { warnings: diagnostics, ..settings }),
        None if !failed => Err(unreadable(profile)),
        _ => Err(diagnostics),
    }
}

/// What the rules say of a payload and of the certificates it needs, for no system in particular; without notices, which are
/// advice for whoever writes profiles.
///
/// The rules that look into certificates are left out: a plan opens them itself, with the password it was given. So is
/// what speaks of other systems or of keeping the file secret.
fn judged(profile: &Profile<'_>, payload: &Payload<'_>) -> Problems {
    let opened = ["ikev2.certtype-mismatch", "ikev2.certtype-default-rsa", "ikev2.local-id-vs-cert"];
    let elsewhere = ["cert", "secret", "ddm"].into_iter().chain(opened).map(str::to_owned);
    let options = Options { ignore: elsewhere.collect(), ..Options::default() };
    let mut said = Problems::default();
    for found in rules::run_on(profile, &options, Some(&involved(profile, payload))).into_vec() {
        // What an installer minds about the frame of a payload is nothing to a tunnel.
        if matches!(found.code.family(), "payload" | "profile") {
            continue;
        }
        // A template may be judged, but not connected with.
        let placeholder = found.code == codes::TEMPLATE_VARIABLE;
        let severity = if placeholder { Severity::Error } else { found.severity };
        if severity != Severity::Notice {
            said.push(Diagnostic { severity, ..found });
        }
    }
    said
}

/// The places of the payload, of the identity it names, and of the certificates that are trusted with it.
fn involved(profile: &Profile<'_>, payload: &Payload<'_>) -> Vec<usize> {
    let uuid = payload.settings().and_then(|settings| settings.str("PayloadCertificateUUID"));
    let identity = uuid.and_then(|uuid| profile.payload_with_uuid(uuid.value));
    let anchors = profile.payloads().iter().filter(|payload| is_anchor(payload));
    [payload].into_iter().chain(identity).chain(anchors).map(|payload| payload.index).collect()
}

/// Nothing was said about a key that is needed: its value is one that Apple's reader takes and nobody can use, such as
/// the null of a binary list. What was a warning about it is the reason then.
fn unreadable(profile: &Profile<'_>) -> Vec<Diagnostic> {
    let found = profile.document().problems().as_slice().iter();
    let mut reasons: Vec<Diagnostic> =
        found.map(|found| Diagnostic { severity: Severity::Error, ..found.clone() }).collect();
    if reasons.is_empty() {
        let message = "a value that is needed cannot be used";
        reasons.push(Diagnostic::error(codes::PLAN_UNSUPPORTED, profile.root().span(), message));
    }
    reasons
}

fn choose<'p, 'd>(
    profile: &'p Profile<'d>,
    choice: Choice<'_>,
    problems: &mut Problems,
) -> Option<&'p Payload<'d>> {
    let found = match choice {
        Choice::Index(index) => profile.payloads().iter().find(|payload| payload.index == index),
        Choice::Uuid(uuid) => profile.payload_with_uuid(uuid),
        Choice::Only => {
            let mut candidates = profile.vpn_payloads().filter(|payload| payload.is_ikev2());
            let first = candidates.next();
            if candidates.next().is_some() {
                problems.push(several(profile));
                return None;
            }
            // One VPN of another type is the one that is meant, and refused below by its name.
            first.or_else(|| profile.vpn_payloads().next())
        }
    };
    if found.is_none_or(|payload| !payload.is_vpn()) {
        let message = match choice {
            Choice::Only => "the profile has no VPN payload",
            _ => "the profile has no such VPN payload",
        };
        let diagnostic =
            Diagnostic::error(codes::PLAN_CHOICE, profile.root().span_of("PayloadContent"), message);
        problems.push(
            diagnostic.help("an IKEv2 VPN is a payload of type com.apple.vpn.managed").at("PayloadContent"),
        );
        return None;
    }
    found
}

/// Lists the IKEv2 payloads to choose from.
fn several(profile: &Profile<'_>) -> Diagnostic {
    let mut names: Vec<String> = Vec::new();
    let mut count = 0;
    for payload in profile.vpn_payloads().filter(|payload| payload.is_ikev2()) {
        count += 1;
        if names.len() < 10 {
            names.push(format!("{} ({})", payload.index, payload.name().unwrap_or("without a name")));
        }
    }
    let more = if count > names.len() { ", …" } else { "" };
    let message = format!("the profile has {count} IKEv2 payloads");
    Diagnostic::error(codes::PLAN_CHOICE, profile.root().span_of("PayloadContent"), message)
        .help(format!("choose one by its place or PayloadUUID: {}{more}", names.join(", ")))
        .at("PayloadContent")
}

fn settings(
    profile: &Profile<'_>,
    payload: &Payload<'_>,
    which: Which<'_>,
    problems: &mut Problems,
) -> Option<Ikev2Settings> {
    if !payload.is_ikev2() {
        other_type(payload, problems);
        return None;
    }
    let mut old = Problems::default();
    let ikev2 = judge(payload, &mut old);
    for found in old.into_vec() {
        let placeholder = found.code == codes::TEMPLATE_VARIABLE;
        let severity = if placeholder { Severity::Error } else { found.severity };
        if severity != Severity::Notice {
            problems.push(Diagnostic { severity, ..found });
        }
    }
    let ikev2 = ikev2?;
    refusals::check(&ikev2, problems);
    coverage::warn(payload, problems);
    let authentication = authentication(profile, &ikev2, which, problems);
    let anchors = anchors(profile, problems);
    let remote_identifier = ikev2.remote_identifier?.value.to_owned();
    let remote_address = ikev2.remote_address?.value.to_owned();
    if remote_identifier.is_empty() || remote_address.is_empty() {
        return None;
    }
    let associations = Associations::of(&ikev2.section, None);
    let perfect_forward_secrecy = associations.perfect_forward_secrecy;
    let mut child_proposals = Vec::new();
    for suite in associations.child.suites() {
        // Without PFS the suites may differ in their group alone, which is not proposed.
        let proposal = suite.child(perfect_forward_secrecy);
        if !child_proposals.contains(&proposal) {
            child_proposals.push(proposal);
        }
    }
    Some(Ikev2Settings {
        name: payload.name().map(str::to_owned),
        payload_index: payload.index,
        remote_address,
        local_identifier: ikev2.local_identifier.map(|id| id.value.to_owned()).filter(|id| !id.is_empty()),
        authentication: authentication?,
        server: ServerTrust {
            certificate_name: text_or(ikev2.server_certificate_common_name, &remote_identifier),
            issuer_common_name: ikev2.server_certificate_issuer_common_name.map(|name| name.value.to_owned()),
            anchors,
            certificate_type: ikev2.certificate_type.map(|found| found.value),
        },
        remote_identifier,
        ike_proposals: associations.ike.suites().iter().map(|suite| suite.ike()).collect(),
        child_proposals,
        proposals_are_observed: associations.ike.is_observed(),
        ike_lifetime_minutes: associations.ike.lifetime_minutes,
        child_lifetime_minutes: associations.child.lifetime_minutes,
        dead_peer_detection_seconds: dead_peer_detection(&ikev2),
        nat_keepalive_seconds: ikev2
            .nat_keepalive_interval
            .map_or(NAT_KEEPALIVE_SECONDS, |interval| u32::try_from(interval.value).unwrap_or(u32::MAX)),
        mtu: ikev2.mtu.and_then(|mtu| u16::try_from(mtu.value).ok()).unwrap_or(DEFAULT_MTU),
        perfect_forward_secrecy,
        flags: flags(&ikev2),
        warnings: Vec::new(),
    })
}

/// The text of a key, or another when it is missing or empty.
fn text_or(text: Option<crate::model::Spanned<&str>>, other: &str) -> String {
    text.map(|text| text.value).filter(|text| !text.is_empty()).unwrap_or(other).to_owned()
}

/// A VPN payload that is not IKEv2.
fn other_type(payload: &Payload<'_>, problems: &mut Problems) {
    const KEY: &str = "VPNType";
    let (code, message) = match payload.section.text(KEY, problems) {
        Some(kind) if kind.value.eq_ignore_ascii_case("IKEv2") => {
            (codes::VALUE_CASE, "VPNType is written in the wrong case".to_owned())
        }
        Some(kind) => {
            let known = ["VPN", "L2TP", "IPSec", "AlwaysOn", "TransparentProxy", "PPTP"];
            let name = known.iter().find(|known| **known == kind.value).unwrap_or(&"this type");
            (codes::PLAN_UNSUPPORTED, format!("VPNs of type {name} are not built"))
        }
        None if payload.section.has(KEY) => return,
        None => (codes::VPN_TYPE_MISSING, "the payload has no VPNType".to_owned()),
    };
    problems.push(payload.section.diagnose(KEY, code, message).help("this build connects VPNType IKEv2"));
}

fn dead_peer_detection(ikev2: &Ikev2Payload<'_>) -> Option<u32> {
    match ikev2.dead_peer_detection_rate.map_or(DeadPeerDetectionRate::Medium, |rate| rate.value) {
        DeadPeerDetectionRate::None => None,
        DeadPeerDetectionRate::Low => Some(30 * 60),
        DeadPeerDetectionRate::Medium => Some(10 * 60),
        DeadPeerDetectionRate::High => Some(60),
    }
}

fn flags(ikev2: &Ikev2Payload<'_>) -> Flags {
    let timer = ikev2.disconnect_on_idle_timer.and_then(|timer| u32::try_from(timer.value).ok());
    Flags {
        disable_mobike: is_set(ikev2.disable_mobike),
        disable_redirect: is_set(ikev2.disable_redirect),
        use_internal_ip_subnet: is_set(ikev2.use_internal_ip_subnet),
        enable_fallback: is_set(ikev2.enable_fallback),
        check_revocation: is_set(ikev2.enable_certificate_revocation_check),
        disconnect_on_idle_seconds: timer.filter(|timer| *timer > 0 && is_set(ikev2.disconnect_on_idle)),
        enforce_routes: is_set(ikev2.enforce_routes),
        exclude_local_networks: is_set(ikev2.exclude_local_networks),
        on_demand: is_set(ikev2.on_demand_enabled),
    }
}

/// How the client proves who it is. `None` when an error was reported.
fn authentication(
    profile: &Profile<'_>,
    ikev2: &Ikev2Payload<'_>,
    which: Which<'_>,
    problems: &mut Problems,
) -> Option<Authentication> {
    let method = ikev2.authentication_method?.value;
    if ikev2.uses_eap() {
        if ikev2.section.has("PayloadCertificateUUID") {
            let message = "PayloadCertificateUUID is not used: EAP goes by name and password";
            let span = ikev2.section.span_of("PayloadCertificateUUID");
            let diagnostic = Diagnostic::warning(codes::CERT_REF_NOT_NEEDED, span, message);
            problems.push(diagnostic.help("remove it").at(ikev2.section.path_of("PayloadCertificateUUID")));
        }
        return Some(Authentication::Eap(EapCredentials {
            name: ikev2.auth_name.map(|name| name.value.to_owned()).filter(|name| !name.is_empty()),
            password: ikev2
                .auth_password
                .map(|password| password.value.expose())
                .filter(|password| !password.is_empty())
                .map(|password| SecretText::new(password.to_owned())),
            eap_only: method == AuthenticationMethod::None,
        }));
    }
    match method {
        AuthenticationMethod::None | AuthenticationMethod::SharedSecret => {
            let secret = ikev2.shared_secret?.value.expose();
            Some(Authentication::SharedSecret(Secret::new(secret.as_bytes().to_vec())))
        }
        AuthenticationMethod::Certificate => {
            let identity = identity(profile, ikev2, which, problems)?;
            check_key_kind(ikev2, &identity, problems);
            Some(Authentication::Certificate(Box::new(identity)))
        }
    }
}

/// Finds and opens the PKCS#12 payload that `PayloadCertificateUUID` names.
fn identity(
    profile: &Profile<'_>,
    ikev2: &Ikev2Payload<'_>,
    which: Which<'_>,
    problems: &mut Problems,
) -> Option<Identity> {
    const KEY: &str = "PayloadCertificateUUID";
    let section = &ikev2.section;
    let uuid = ikev2.payload_certificate_uuid?;
    let Some(payload) = profile.payload_with_uuid(uuid.value) else {
        let help = "it must equal the PayloadUUID of a PKCS#12 payload in this profile";
        let message = "PayloadCertificateUUID names no payload of this profile";
        problems.push(section.diagnose(KEY, codes::CERT_REF_MISSING, message).help(help));
        return None;
    };
    if payload.string("PayloadUUID") != Some(uuid.value) {
        let message = "PayloadCertificateUUID and the PayloadUUID differ in the case of their letters";
        let diagnostic = Diagnostic::warning(codes::REF_CASE_DIFFERS, uuid.span, message);
        problems.push(diagnostic.help("write both the same").at(section.path_of(KEY)));
    }
    match payload.kind() {
        Some("com.apple.security.pkcs12") => open_identity(payload, which, problems),
        Some("com.apple.security.scep" | "com.apple.security.acme" | "com.apple.ADCertificate.managed") => {
            let message = "the identity is to be fetched from a certificate authority, which is not built";
            let help = "use a PKCS#12 payload";
            problems.push(section.diagnose(KEY, codes::PLAN_UNSUPPORTED, message).help(help));
            None
        }
        _ => {
            let message = "PayloadCertificateUUID names a payload that holds no private key";
            let help = "name a payload of type com.apple.security.pkcs12";
            let diagnostic = section.diagnose(KEY, codes::CERT_REF_NOT_IDENTITY, message);
            problems.push(diagnostic.help(help).related(payload.section.span(), "the payload it names"));
            None
        }
    }
}

/// Opens a PKCS#12 payload.
fn open_identity(payload: &Payload<'_>, which: Which<'_>, problems: &mut Problems) -> Option<Identity> {
    let section = &payload.section;
    let content = section.data(payload::CONTENT, problems);
    if !section.has(payload::CONTENT) {
        problems.push(payload::missing(payload::PKCS12).error(section));
    }
    let inside = section.secret_text(payload::PASSWORD, problems).map(|password| password.value);
    if inside.is_none() && section.has(payload::PASSWORD) {
        return None;
    }
    let password = inside.or(which.pkcs12_password.map(SecretText::expose));
    match pkcs12::open(content?.value, password.unwrap_or("")) {
        Ok(identity) => Some(identity),
        Err(error) => {
            let given = if password.is_some() { Password::Given } else { Password::Missing };
            problems.push(payload::about_pkcs12(&error, given).error(section));
            None
        }
    }
}

/// `CertificateType` must say what the key is; without it RSA is meant.
fn check_key_kind(ikev2: &Ikev2Payload<'_>, identity: &Identity, problems: &mut Problems) {
    const KEY: &str = "CertificateType";
    let section = &ikev2.section;
    let Some(fits) = certificate_type::fitting(&identity.key_kind) else {
        let identifier = match &identity.key_kind {
            KeyKind::Other(identifier) => identifier,
            _ => "unknown",
        };
        let message = format!("the identity's key is of a kind that is not built ({identifier})");
        problems.push(
            section
                .diagnose("PayloadCertificateUUID", codes::PLAN_UNSUPPORTED, message)
                .help("use an RSA key, or an ECDSA key on P-256, P-384 or P-521"),
        );
        return;
    };
    let word = certificate_type::word(fits);
    match ikev2.certificate_type {
        Some(found) if !fits.contains(&found.value) => {
            let message =
                format!("CertificateType is {}, but the identity's key is {word}", found.value.word());
            problems.push(
                section.diagnose(KEY, codes::CERTTYPE_MISMATCH, message).help("write the key's own type"),
            );
        }
        None if !fits.contains(&CertificateType::Rsa) && !section.has(KEY) => {
            let message = format!("without CertificateType RSA is meant, but the identity's key is {word}");
            let span = section.span_of("PayloadCertificateUUID");
            let diagnostic = Diagnostic::warning(codes::CERTTYPE_DEFAULT_RSA, span, message);
            problems.push(diagnostic.help("add CertificateType").at(section.path_of(KEY)));
        }
        _ => {}
    }
}

/// Whether a payload brings a certificate that servers are judged by.
fn is_anchor(payload: &Payload<'_>) -> bool {
    let kinds = ["com.apple.security.root", "com.apple.security.pkcs1", "com.apple.security.pem"];
    payload.kind().is_some_and(|kind| kinds.contains(&kind))
}

/// The certificates of all root, PKCS#1 and PEM payloads.
fn anchors(profile: &Profile<'_>, problems: &mut Problems) -> Vec<Vec<u8>> {
    let mut anchors = Vec::new();
    for found in profile.payloads() {
        let Some(kind @ (payload::ROOT | payload::PKCS1 | payload::PEM)) = found.kind() else { continue };
        let section = &found.section;
        let Some(content) = section.data(payload::CONTENT, problems) else {
            if !section.has(payload::CONTENT) {
                problems.push(payload::missing(kind).error(section));
            }
            continue;
        };
        match certificate::read_certificates(content.value) {
            Ok(found) => {
                if let Some(complaint) = payload::mixup(kind, found.was_pem) {
                    let diagnostic =
                        Diagnostic::warning(complaint.code, content.span, complaint.message.as_str());
                    problems.push(diagnostic.help(complaint.help).at(section.path_of(complaint.key)));
                }
                anchors.extend(found.der);
            }
            Err(error) => problems.push(payload::about_certificates(&error).error(section)),
        }
    }
    anchors
}
