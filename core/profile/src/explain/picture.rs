//! What a drawing of a VPN shows, as data: who stands at each end and how they prove themselves, and which traffic takes
//! the tunnel. The sentences of the other parts say the same.

use serde::Serialize;

use crate::gather::Gather as _;
use crate::model::Section;
use crate::rules::{Context, Tunnel, Vpn};
use crate::schema::Platform;
use crate::syntax::shorten;

/// How many names a list of the drawing has at most.
const MAX_NAMES: usize = 12;

/// A VPN as it is drawn.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Picture {
    /// The connections: one, or one for each tunnel of Always On.
    pub connections: Vec<Ends>,
    /// The app whose extension makes the connection (`VPNSubType`).
    pub app: Option<String>,
    /// What goes in.
    pub inside: Inside,
    /// Names that `inside` is about: the domains of a per-app VPN.
    pub domains: Vec<String>,
    /// What stays outside though the tunnel is up, in words.
    pub outside: Vec<String>,
    /// While the tunnel is down nothing leaves the device.
    pub blocks_when_down: bool,
}

/// One connection.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Ends {
    /// What both sides speak.
    pub protocol: Protocol,
    /// The server's name or address.
    pub server: Option<String>,
    /// The interfaces it is for (Always On); empty for all.
    pub interfaces: Vec<String>,
    /// This side.
    pub device: Side,
    /// The other side.
    pub remote: Side,
}

/// What both sides speak.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// IKEv2 and ESP.
    Ikev2,
    /// IKEv1 and ESP.
    Ikev1,
    /// L2TP in ESP, keyed by IKEv1.
    L2tp,
    /// Whatever the app speaks.
    App,
    /// No type that systems know.
    Unknown,
}

/// One side of a connection.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Side {
    /// Who it says it is: IDi or IDr, an account, the name in a certificate.
    pub identity: Option<String>,
    /// How it proves that, in order; empty where the profile does not say.
    pub proofs: Vec<Proof>,
}

/// How somebody proves who they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// A secret that both sides know.
    SharedSecret,
    /// A certificate and its key.
    Certificate,
    /// EAP with name and password.
    Eap,
    /// EAP-TLS, with a certificate.
    EapTls,
    /// XAUTH, with name and password.
    Xauth,
    /// A password, asked for by the app or by PPP.
    Password,
    /// A PIN.
    Pin,
    /// A post-quantum pre-shared key beside the rest (RFC 8784).
    Ppk,
}

/// What goes into the tunnel.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inside {
    /// Everything.
    Everything,
    /// What the server's traffic selectors and routes say.
    Routes,
    /// Chosen apps, and connections to `domains`.
    Apps,
    /// What the app says.
    AppDecides,
}

impl Picture {
    pub(super) fn of(vpn: &Vpn<'_>, tunnels: &[&Tunnel<'_>], cx: &Context<'_>, on: Option<Platform>) -> Self {
        let section = vpn.section();
        let mut connections: Vec<Ends> = tunnels.iter().map(|tunnel| ikev2(tunnel, cx)).gather();
        if let (true, Some(settings)) = (connections.is_empty(), &vpn.settings) {
            connections.push(plain(vpn, settings));
        }
        let app = section.str("VPNSubType").filter(|_| matches!(vpn.kind, Some("VPN" | "TransparentProxy")));
        let mut picture = Self {
            connections,
            app: app.filter(|app| !app.value.is_empty()).map(|app| shorten(app.value)),
            inside: Inside::Routes,
            domains: Vec::new(),
            outside: Vec::new(),
            blocks_when_down: false,
        };
        picture.traffic(vpn, on);
        picture
    }

    fn traffic(&mut self, vpn: &Vpn<'_>, on: Option<Platform>) {
        let section = vpn.section();
        let app_decides = matches!(vpn.kind, Some("VPN" | "TransparentProxy"));
        if vpn.per_app {
            self.inside = Inside::Apps;
            for key in super::traffic::DOMAIN_LISTS.map(|(key, _)| key) {
                self.domains.extend(names(section, key));
            }
            self.domains.truncate(MAX_NAMES);
            self.outside = names(section, "ExcludedDomains");
            self.outside.push("everything else".into());
            return;
        }
        let Some(settings) = &vpn.settings else { return };
        if vpn.kind == Some("AlwaysOn") {
            self.inside = Inside::Everything;
            self.blocks_when_down = true;
            for service in settings.sections("ServiceExceptions") {
                if service.str("Action").is_some_and(|action| action.value == "Allow") {
                    self.outside.extend(service.str("ServiceName").map(|name| shorten(name.value)));
                }
            }
            let apps = settings.sections("ApplicationExceptions");
            self.outside.extend(
                apps.iter().filter_map(|app| app.str("BundleIdentifier")).map(|id| shorten(id.value)),
            );
            self.outside.truncate(MAX_NAMES);
            if settings.is_on("AllowCaptiveWebSheet") {
                self.outside.push("captive portals".into());
            }
        } else if settings.is_on("IncludeAllNetworks") {
            self.inside = Inside::Everything;
            self.blocks_when_down = true;
            self.outside = super::traffic::kept_outside(settings, on);
        } else if app_decides {
            self.inside = Inside::AppDecides;
        } else {
            let everything = section.sub("IPv4").is_some_and(|ipv4| ipv4.is_on("OverridePrimary"));
            if everything && matches!(vpn.kind, Some("IPSec" | "L2TP")) {
                self.inside = Inside::Everything;
            } else if !settings.is_on("EnforceRoutes") || settings.is_on("ExcludeLocalNetworks") {
                self.outside.push("local networks".into());
            }
        }
    }
}

fn ikev2(tunnel: &Tunnel<'_>, cx: &Context<'_>) -> Ends {
    let settings = &tunnel.settings;
    let mut device = Side { identity: text(settings, "LocalIdentifier"), proofs: Vec::new() };
    let mut remote = Side { identity: text(settings, "RemoteIdentifier"), proofs: Vec::new() };
    if tunnel.is_by_shared_secret() {
        device.proofs.push(Proof::SharedSecret);
        remote.proofs.push(Proof::SharedSecret);
    } else {
        remote.proofs.push(Proof::Certificate);
        if tunnel.may_use_eap_tls() {
            device.proofs.push(Proof::EapTls);
        } else if tunnel.uses_eap() {
            device.proofs.push(Proof::Eap);
            device.identity = device.identity.or_else(|| text(settings, "AuthName"));
        } else {
            device.proofs.push(Proof::Certificate);
        }
    }
    if tunnel.uses_eap() && tunnel.is_by_shared_secret() {
        device.proofs.push(if tunnel.may_use_eap_tls() { Proof::EapTls } else { Proof::Eap });
    }
    if settings.has("PPK") {
        device.proofs.push(Proof::Ppk);
        remote.proofs.push(Proof::Ppk);
    }
    if device.identity.is_none() && device.proofs.contains(&Proof::Certificate) {
        device.identity = certificate_name(settings, cx);
    }
    Ends {
        protocol: Protocol::Ikev2,
        server: text(settings, "RemoteAddress"),
        interfaces: if tunnel.always_on { names(settings, "Interfaces") } else { Vec::new() },
        device,
        remote,
    }
}

/// What the identity's payload is called.
fn certificate_name(settings: &Section<'_>, cx: &Context<'_>) -> Option<String> {
    let uuid = settings.str("PayloadCertificateUUID")?;
    cx.profile.payload_with_uuid(uuid.value)?.name().map(shorten)
}

/// Every other type.
fn plain(vpn: &Vpn<'_>, settings: &Section<'_>) -> Ends {
    let method = settings.str("AuthenticationMethod").map(|method| method.value);
    let mut device = Side { identity: None, proofs: Vec::new() };
    let mut remote = Side { identity: None, proofs: Vec::new() };
    let (protocol, server, account) = match vpn.kind {
        Some("IPSec") => (Protocol::Ikev1, "RemoteAddress", "XAuthName"),
        Some("L2TP") => (Protocol::L2tp, "CommRemoteAddress", "AuthName"),
        Some("VPN" | "TransparentProxy") => (Protocol::App, "RemoteAddress", "AuthName"),
        _ => (Protocol::Unknown, "RemoteAddress", "AuthName"),
    };
    match (protocol, method) {
        (Protocol::Ikev1, Some("Certificate")) => {
            device.proofs.push(Proof::Certificate);
            remote.proofs.push(Proof::Certificate);
        }
        (Protocol::Ikev1, _) => {
            device.proofs.push(Proof::SharedSecret);
            remote.proofs.push(Proof::SharedSecret);
            device.identity = text(settings, "LocalIdentifier");
        }
        (Protocol::L2tp, _) => device.proofs.push(Proof::Password),
        (Protocol::App, Some("Certificate")) => device.proofs.push(Proof::Certificate),
        (Protocol::App, Some("Password+Certificate")) => {
            device.proofs.extend([Proof::Certificate, Proof::Password]);
        }
        (Protocol::App, _) => device.proofs.push(Proof::Password),
        _ => {}
    }
    if protocol == Protocol::Ikev1 && settings.is_on("XAuthEnabled") {
        device.proofs.push(Proof::Xauth);
    }
    if settings.is_on("PromptForVPNPIN") {
        device.proofs.push(Proof::Pin);
    }
    device.identity = text(settings, account).or(device.identity);
    Ends { protocol, server: text(settings, server), interfaces: Vec::new(), device, remote }
}

fn text(section: &Section<'_>, key: &str) -> Option<String> {
    section.str(key).filter(|found| !found.value.is_empty()).map(|found| shorten(found.value))
}

fn names(section: &Section<'_>, key: &str) -> Vec<String> {
    section.strings(key).iter().take(MAX_NAMES).map(|name| shorten(name.value)).gather()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::{Seed, Spec, to_xml};
    use crate::explain::explain_all;
    use crate::{Document, rules};

    fn explained(spec: &str) -> crate::explain::Explanation {
        let spec: Spec = serde_json::from_str(spec).unwrap();
        let file = to_xml(&spec.build(&Seed::from_text("picture")).unwrap()).unwrap();
        let document = Document::read(file.as_bytes());
        explain_all(&document, file.as_bytes(), &rules::Options::default()).remove(0)
    }

    #[test]
    fn a_user_by_eap_and_a_server_by_certificate() {
        let found = explained(
            r#"{"profile":{"name":"Office"},"vpn":{"ikev2":{"server":"vpn.example.com",
            "authentication":{"method":"eap","name":"alice","password":"correct horse"},
            "ppk":"mT5xW8qK2vN7bJ4hR9cZ3dF6gL0pS1yA","ppk-identifier":"p",
            "routing":{"include-all-networks":true,"exclude-apns":false}}},
            "on-demand":{"rules":[{"action":"connect","url-probe":"https://user:word@probe.example.com/x"}]}}"#,
        );
        let ends = &found.picture.connections[0];
        assert_eq!((ends.protocol, ends.server.as_deref()), (Protocol::Ikev2, Some("vpn.example.com")));
        assert_eq!(ends.device.proofs, [Proof::Eap, Proof::Ppk]);
        assert_eq!(ends.remote.proofs, [Proof::Certificate, Proof::Ppk]);
        assert_eq!(ends.device.identity.as_deref(), Some("alice"));
        assert_eq!(found.picture.inside, Inside::Everything);
        assert!(found.picture.blocks_when_down);
        assert!(found.picture.outside.contains(&"local networks".to_owned()));
        assert!(!found.picture.outside.contains(&"push notifications".to_owned()));
        // Nothing secret stands in what programs get.
        let json = serde_json::to_string(&found).unwrap();
        for secret in ["correct horse", "mT5xW8qK2v", "word@"] {
            assert!(!json.contains(secret), "{secret}");
        }
        let rules = found.on_demand.unwrap();
        assert_eq!(rules.rules[0].probe_url.as_deref(), Some("https://probe.example.com/x"));
    }

    #[test]
    fn always_on_has_a_connection_for_each_tunnel_and_lets_its_exceptions_out() {
        let tunnel = |server: &str| {
            format!(
                r#"{{"server":"{server}","local-identifier":"d@example.com",
                "authentication":{{"method":"shared-secret","secret":"k7Qm2vX9tR4wZ8pL3nB6"}}}}"#
            )
        };
        let found = explained(&format!(
            r#"{{"profile":{{"name":"Always"}},"vpn":{{"always-on":{{"wifi":{},"cellular":{},
            "services":[{{"service":"VoiceMail","action":"Allow"}},{{"service":"AirPrint","action":"Drop"}}],
            "applications":[{{"app":"com.example.phone"}}],"captive-web-sheet":true}}}}}}"#,
            tunnel("a.example.com"),
            tunnel("b.example.com"),
        ));
        let ends: Vec<_> = found
            .picture
            .connections
            .iter()
            .map(|one| (one.server.as_deref().unwrap(), one.interfaces.join(" ")))
            .collect();
        assert_eq!(ends, [("b.example.com", "Cellular".to_owned()), ("a.example.com", "WiFi".to_owned())]);
        assert_eq!(found.picture.connections[0].device.proofs, [Proof::SharedSecret]);
        assert_eq!(found.picture.outside, ["VoiceMail", "com.example.phone", "captive portals"]);
        assert!(found.on_demand.is_none());
    }

    #[test]
    fn an_app_for_chosen_apps_and_ipsec_with_xauth() {
        let app = explained(
            r#"{"profile":{"name":"App"},"vpn":{"cisco-anyconnect":{"server":"vpn.example.com","account":"alice"}},
            "per-app":{"safari-domains":["wiki.example.com"],"excluded-domains":["status.example.com"]}}"#,
        );
        assert_eq!(app.picture.app.as_deref(), Some("com.cisco.anyconnect"));
        assert_eq!(
            (app.picture.inside, app.picture.domains),
            (Inside::Apps, vec!["wiki.example.com".to_owned()])
        );
        assert_eq!(app.picture.outside, ["status.example.com", "everything else"]);
        let ipsec = explained(
            r#"{"profile":{"name":"Old"},"vpn":{"ipsec":{"server":"vpn.example.com","account":"alice",
            "authentication":{"method":"shared-secret","secret":"k7Qm2vX9tR4w","group":"staff"}}}}"#,
        );
        let ends = &ipsec.picture.connections[0];
        assert_eq!(ends.protocol, Protocol::Ikev1);
        assert_eq!(ends.device.proofs, [Proof::SharedSecret, Proof::Xauth]);
        assert_eq!(ends.device.identity.as_deref(), Some("alice"));
        assert_eq!(ipsec.picture.inside, Inside::Routes);
        assert_eq!(ipsec.picture.outside, ["local networks"]);
    }
}
