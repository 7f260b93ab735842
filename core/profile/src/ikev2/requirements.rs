//! The plan: choosing a payload, asking the rules about it, filling in defaults.

use crate::gather::Gather as _;
use crate::model::{DeadPeerDetectionRate, Ikev2Payload, Payload, Profile, is_set};
use crate::report::{Diagnostic, Problems, Severity, codes};
use crate::rules::{self, Options, plan};
use crate::secret::SecretText;

use super::settings::{Flags, Ikev2Settings, ServerTrust};
use super::{Associations, coverage, identity, refusals};

/// Which VPN payload, and what the profile leaves to the user.
#[derive(Clone, Copy, Debug, Default)]
pub struct Which<'a> {
    /// The payload.
    pub payload: Choice<'a>,
    /// The password of the PKCS#12 payload, for a profile that does not hold it.
    pub pkcs12_password: Option<&'a SecretText>,
    /// The identity (certificate and key) is kept by the host, in a key chain or key store: what the profile says of it is
    /// neither opened nor missed, and [`super::Authentication::CertificateAtHost`] stands for it.
    pub identity_at_host: bool,
    /// The tunnel is an app's. On-demand rules, routing flags, proxies, resolvers and the choice of apps are that app's affair,
    /// or its system's: no warning says that they are not obeyed, and IncludeAllNetworks is not refused.
    pub for_app: bool,
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
        problems.append(judged(profile, payload, which));
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
fn judged(profile: &Profile<'_>, payload: &Payload<'_>, which: Which<'_>) -> Problems {
    let opened = ["ikev2.certtype-mismatch", "ikev2.certtype-default-rsa", "ikev2.local-id-vs-cert"];
    let missed = ["ikev2.cert-missing", "ref.cert-missing", "ref.cert-not-identity"];
    let missed = missed.into_iter().filter(|_| which.identity_at_host);
    let elsewhere = ["cert", "secret", "ddm"].into_iter().chain(opened).chain(missed).map(str::to_owned);
    let options = Options { ignore: elsewhere.gather(), ..Options::default() };
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
    let anchors = profile.payloads().iter().filter(|payload| identity::is_anchor(payload));
    [payload].into_iter().chain(identity).chain(anchors).map(|payload| payload.index).gather()
}

/// Nothing was said about a key that is needed: its value is one that Apple's reader takes and nobody can use, such as
/// the null of a binary list. What was a warning about it is the reason then.
fn unreadable(profile: &Profile<'_>) -> Vec<Diagnostic> {
    let found = profile.document().problems().as_slice().iter();
    let mut reasons: Vec<Diagnostic> =
        found.map(|found| Diagnostic { severity: Severity::Error, ..found.clone() }).gather();
    if reasons.is_empty() {
        let message = "a value that is needed cannot be used";
        reasons.push(Diagnostic::error(plan::UNSUPPORTED.code, profile.root().span(), message));
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
            Diagnostic::error(plan::CHOICE.code, profile.root().span_of("PayloadContent"), message);
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
    Diagnostic::error(plan::CHOICE.code, profile.root().span_of("PayloadContent"), message)
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
    let ikev2 = Ikev2Payload::read(payload)?;
    refusals::check(&ikev2, which.for_app, problems);
    coverage::warn(payload, which.for_app, problems);
    let authentication = identity::authentication(profile, &ikev2, which, problems);
    let anchors = identity::anchors(profile, problems);
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
        ike_proposals: associations.ike.suites().iter().map(|suite| suite.ike()).gather(),
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

/// A VPN payload that is not IKEv2. A missing type, and one in the wrong case, are the rules' to tell.
fn other_type(payload: &Payload<'_>, problems: &mut Problems) {
    const KEY: &str = "VPNType";
    if payload.vpn_type() == Some("IKEv2") || payload.section.str(KEY).is_none() {
        return;
    }
    let name = payload.vpn_type().unwrap_or("this type");
    let message = format!("VPNs of type {name} are not built");
    let diagnostic = payload.section.diagnose(KEY, plan::UNSUPPORTED.code, message);
    problems.push(diagnostic.help("this build connects VPNType IKEv2"));
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
