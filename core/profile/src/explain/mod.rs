//! What a profile does, in plain words: who proves what to whom, which traffic goes into the tunnel, what stands on the wire,
//! what happens on each network, what the user is asked, what is weak, and what outranks what.
//!
//! Owns the sentences and the exact proposals ([`Proposals`]). What is wrong with a profile is the rules'; what a given
//! network makes of on-demand rules is [`crate::ondemand`]'s. No value of a secret key stands in any sentence.
//! Sources: Apple's schema texts, RFC 7296 (proposals), RFC 9370 (additional key exchanges), the project's facts for what
//! Apple's client was observed to send.

mod authentication;
mod on_demand;
mod picture;
mod proposals;
mod ranking;
mod traffic;
mod user;

pub use picture::{Ends, Inside, Picture, Proof, Protocol, Side};
pub use proposals::{Proposal, Proposals, Transform};

use serde::Serialize;

use crate::Document;
use crate::arrange::Arrange;
use crate::check::check_document;
use crate::gather::Gather as _;
use crate::model::{Payload, Profile, Section};
use crate::report::{Diagnostic, Severity};
use crate::rules::{Context, Options, Vpn};
use crate::schema::Platform;
use crate::syntax::shorten;

/// One subject of an explanation.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Part {
    /// Its title.
    pub title: &'static str,
    /// Plain sentences.
    pub lines: Vec<String>,
}

/// What one VPN payload does.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// Its place in `PayloadContent`.
    pub payload: usize,
    /// What the user calls it.
    pub name: Option<String>,
    /// `VPNType`.
    pub kind: Option<&'static str>,
    /// The subjects, in the order of reading.
    pub parts: Vec<Part>,
    /// The proposals of each IKEv2 tunnel: one, or several for Always On.
    pub proposals: Vec<Proposals>,
    /// The same as data, for a drawing.
    pub picture: Picture,
    /// The on-demand rules as data, URLs without what stands before their `@`; `None` where the type has none and where
    /// they cannot be read.
    pub on_demand: Option<crate::ondemand::Rules>,
    /// What the rules find weak or wrong, errors first.
    pub findings: Vec<Finding>,
}

/// A finding of the rules, shortened.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// The rule.
    pub code: crate::report::Code,
    /// How much it matters.
    pub severity: Severity,
    /// What it says.
    pub message: String,
    /// Where.
    pub path: String,
}

/// Explains one VPN payload; `None` when it is no VPN payload.
#[must_use]
pub fn explain(
    document: &Document,
    file: &[u8],
    profile: &Profile<'_>,
    payload: &Payload<'_>,
    options: &Options,
) -> Option<Explanation> {
    if !payload.is_vpn() {
        return None;
    }
    let options = Options { explain: true, ..options.clone() };
    let context = Context::new(profile, &options);
    let vpn = context.vpns.iter().find(|vpn| vpn.payload.index == payload.index)?;
    let platform = options.targets.first().map(|target| target.platform);
    let tunnels: Vec<_> =
        context.tunnels.iter().filter(|tunnel| tunnel.payload.index == payload.index).gather();
    let mut parts = vec![overview(vpn)];
    if tunnels.is_empty() {
        parts.extend(authentication::plain(vpn, &context));
    }
    let mut all = Vec::new();
    for tunnel in &tunnels {
        parts.push(authentication::ikev2(tunnel, &context));
        let associations = match platform {
            Some(platform) => tunnel.associations_on(platform),
            None => tunnel.associations.clone(),
        };
        let proposals = Proposals::of(&associations);
        parts.push(proposals.explain(&associations));
        parts.push(upkeep(tunnel));
        all.push(proposals);
    }
    parts.push(traffic::explain(vpn, platform));
    parts.push(on_demand::explain(vpn));
    parts.push(user::explain(vpn, &context));
    let report = check_document(document, file, &options);
    let (ranking, found): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        report.diagnostics.iter().partition(|found| ranking::is_said(found));
    parts.push(ranking::explain(vpn, &ranking));
    parts.retain(|part| !part.lines.is_empty());
    Some(Explanation {
        payload: payload.index,
        name: payload.name().map(shorten),
        kind: vpn.kind,
        parts,
        proposals: all,
        picture: Picture::of(vpn, &tunnels, &context, platform),
        on_demand: on_demand::rules(vpn),
        findings: findings(payload, &found),
    })
}

/// What the rules say of this payload and of the profile as a whole, notices left out.
fn findings(payload: &Payload<'_>, found: &[&Diagnostic]) -> Vec<Finding> {
    let own = format!("PayloadContent[{}]", payload.index);
    let concerns = |path: &str| {
        !path.starts_with("PayloadContent[")
            || path.strip_prefix(&own).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let mut findings: Vec<Finding> = found
        .iter()
        .filter(|one| one.severity > Severity::Notice && concerns(&one.path))
        .map(|one| Finding {
            code: one.code,
            severity: one.severity,
            message: one.message.clone(),
            path: one.path.clone(),
        })
        .gather();
    findings.arrange_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

fn overview(vpn: &Vpn<'_>) -> Part {
    let section = vpn.section();
    let mut lines = Vec::new();
    let name = vpn.payload.name().map_or_else(|| "a VPN without a name".to_owned(), quote);
    let what = match vpn.kind {
        Some("IKEv2") => "an IKEv2 VPN, run by the system itself",
        Some("IPSec") => "an IPsec VPN of the Cisco kind (IKEv1), run by the system itself",
        Some("L2TP") => "an L2TP over IPsec VPN (IKEv1), run by the system itself",
        Some("AlwaysOn") => "an Always On VPN (IKEv2): no traffic leaves the device outside it",
        Some("TransparentProxy") => "a transparent proxy, run by an app's extension on macOS",
        Some("VPN") => "a VPN run by an app's extension",
        Some("PPTP") => "a PPTP VPN, which no current system has",
        _ => "a VPN of no known type",
    };
    lines.push(format!("{name} is {what}."));
    if let Some(app) = section.str("VPNSubType").filter(|app| !app.value.is_empty()) {
        let product = crate::schema::subtypes()
            .iter()
            .find(|known| known.identifiers.contains(&app.value))
            .filter(|known| known.connection != "—")
            .map_or_else(String::new, |known| format!(", known as {}", known.connection));
        lines.push(format!("The app is {}{product}; without it the VPN cannot start.", quote(app.value)));
    }
    if vpn.per_app {
        lines.push(
            "It carries the traffic of chosen apps only: an MDM server binds apps to its VPNUUID.".into(),
        );
    }
    if let Some(settings) = &vpn.settings {
        let key = if vpn.kind == Some("L2TP") { "CommRemoteAddress" } else { "RemoteAddress" };
        if let Some(server) = settings.str(key) {
            lines.push(format!("The server is {}.", quote(server.value)));
        }
    }
    Part { title: "What it is", lines }
}

/// Liveness, keepalives, redirect, MOBIKE, MTU: what an IKEv2 tunnel does while it is up.
fn upkeep(tunnel: &crate::rules::Tunnel<'_>) -> Part {
    let settings = &tunnel.settings;
    let mut lines = Vec::new();
    let rate = settings.str("DeadPeerDetectionRate").map_or("Medium", |rate| rate.value);
    lines.push(match rate {
        "None" => "A dead server is not noticed: DeadPeerDetectionRate is None.".into(),
        "Low" => "A silent server is asked for a sign of life every 30 minutes.".into(),
        "High" => "A silent server is asked for a sign of life every minute.".to_owned(),
        _ => "A silent server is asked for a sign of life every 10 minutes.".into(),
    });
    let ike = tunnel.associations.ike.lifetime_minutes;
    let child = tunnel.associations.child.lifetime_minutes;
    lines.push(format!("The IKE SA is rekeyed before {ike} minutes are over, the Child SA before {child}."));
    if settings.is_on("DisableMOBIKE") {
        lines.push("A change of network makes a new connection: MOBIKE is off.".into());
    } else {
        lines.push(
            "A change of network keeps the connection where the server speaks MOBIKE (RFC 4555).".into(),
        );
    }
    if !settings.is_on("DisableRedirect") {
        lines.push(
            "The server may send the client to another server (RFC 5685): DisableRedirect is not 1.".into(),
        );
    }
    if let Some(mtu) = settings.int("MTU") {
        lines.push(format!("Packets inside the tunnel have at most {} bytes.", mtu.value));
    }
    if settings.is_on("DisconnectOnIdle") {
        let timer = settings.int("DisconnectOnIdleTimer").map_or(120, |timer| timer.value);
        lines.push(format!("It disconnects after {timer} seconds without traffic."));
    }
    if settings.is_on("EnableFallback") {
        lines.push("On weak Wi-Fi a second tunnel over cellular takes traffic of eligible apps.".into());
    }
    if settings.is_on("EnableCertificateRevocationCheck") {
        lines.push(
            "The server's certificate is checked for revocation where the check gets an answer.".into(),
        );
    }
    Part { title: "While it is up", lines }
}

/// A name from the profile as it may stand in a sentence.
fn quote(name: &str) -> String {
    format!("\"{}\"", shorten(name))
}

/// `a`, `a and b`, `a, b and c`.
fn list(items: &[String]) -> String {
    match items.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// The strings of an array in quotes, at most a dozen.
fn quoted_list(section: &Section<'_>, key: &str) -> Option<String> {
    let all = section.strings(key);
    let mut names: Vec<String> = all.iter().take(12).map(|text| quote(text.value)).gather();
    if all.len() > 12 {
        names.push(format!("{} more", all.len() - 12));
    }
    (!names.is_empty()).then(|| list(&names))
}

/// A message as a sentence: with a capital and a full stop.
fn sentence(message: &str) -> String {
    let text = capital(message);
    if text.ends_with('.') { text } else { text + "." }
}

/// The text with a capital in front. The sentences are ours, in English: the first letter is one of ASCII.
fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// The default of `ExcludeLocalNetworks` differs by platform.
fn on_mac(platform: Option<Platform>) -> bool {
    platform == Some(Platform::Macos)
}

/// Explains every VPN payload of a file; empty when there is none or the file has no tree.
#[must_use]
pub fn explain_all(document: &Document, file: &[u8], options: &Options) -> Vec<Explanation> {
    let Some(profile) = Profile::of(document) else { return Vec::new() };
    profile.vpn_payloads().filter_map(|payload| explain(document, file, &profile, payload, options)).gather()
}
