//! From a configuration profile to a configuration and back to the settings that an engine takes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;

use adit_manager::on_demand::{
    EvaluateConnectionRule, EvaluateConnectionRuleAction, OnDemandRule, OnDemandRuleInterfaceType,
    OnDemandRuleKind,
};
use adit_manager::profile::{ImportRefusal, Imported, import, tunnel_profile};
use adit_manager::protocol::{
    AuthenticationMethod, DiffieHellmanGroup, EncryptionAlgorithm, Ikev2Protocol, Protocol,
    ProtocolConfiguration,
};
use adit_manager::{Configuration, SecretReference, SecretSlot};
use adit_profile::ikev2::{Authentication, Choice, Ikev2Settings, Which, requirements};
use adit_profile::{Document, Profile};

fn shared() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let folder = std::env::var_os("ADIT_SHARED").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("left out: profiles of the corpus (no shared folder at {}; set ADIT_SHARED)", folder.display());
    None
}

/// A profile with one VPN payload, and others behind it.
fn profile(payload: &str, others: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>PayloadContent</key><array><dict>
<key>PayloadType</key><string>com.apple.vpn.managed</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>com.example.vpn</string>
<key>PayloadUUID</key><string>6A1F3E9C-5D1B-4B6E-8F0A-2C7D9E8B4A11</string>
<key>UserDefinedName</key><string>Example</string>
{payload}
</dict>{others}</array>
<key>PayloadIdentifier</key><string>com.example</string>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadUUID</key><string>0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60</string>
<key>PayloadVersion</key><integer>1</integer>
</dict></plist>"#
    )
}

fn ikev2_profile(settings: &str) -> String {
    let all = format!(
        "<key>VPNType</key><string>IKEv2</string><key>IKEv2</key><dict>\
         <key>RemoteAddress</key><string>vpn.example.com</string>\
         <key>RemoteIdentifier</key><string>vpn.example.com</string>\
         <key>LocalIdentifier</key><string>phone.example.com</string>\
         <key>AuthenticationMethod</key><string>SharedSecret</string>\
         <key>SharedSecret</key><string>hunter2</string>{settings}</dict>"
    );
    profile(&all, "")
}

fn imported(text: &str) -> Imported {
    let document = Document::read(text.as_bytes());
    let profile = Profile::of(&document).unwrap();
    let payload = profile.vpn_payloads().next().unwrap();
    import(&profile, payload).unwrap()
}

fn refusal(vpn_type: &str) -> ImportRefusal {
    let text = profile(&format!("<key>VPNType</key><string>{vpn_type}</string>"), "");
    let document = Document::read(text.as_bytes());
    let profile = Profile::of(&document).unwrap();
    import(&profile, &profile.payloads()[0]).unwrap_err()
}

fn ikev2(configuration: &Configuration) -> &Ikev2Protocol {
    configuration.protocol_configuration.as_ref().and_then(ProtocolConfiguration::ikev2).unwrap()
}

#[test]
fn pptp_and_l2tp_are_refused_by_name() {
    for vpn_type in ["PPTP", "L2TP", "AlwaysOn", "VPN", "TransparentProxy"] {
        let refused = refusal(vpn_type);
        assert!(
            matches!(&refused, ImportRefusal::Type { vpn_type: found, .. } if found == vpn_type),
            "{refused}"
        );
        assert!(refused.to_string().len() > 40, "{refused}");
    }
    assert!(matches!(refusal("Nonsense"), ImportRefusal::Type { .. }));
    assert_eq!(refusal("IKEv2"), ImportRefusal::NoSettings("IKEv2"));
}

#[test]
fn lifetimes_of_a_profile_default_to_1440_and_those_of_the_api_to_60_and_30() {
    let dictionaries = "<key>IKESecurityAssociationParameters</key><dict/>\
                        <key>ChildSecurityAssociationParameters</key><dict/>";
    let found = imported(&ikev2_profile(dictionaries));
    let settings = ikev2(&found.configuration);
    assert_eq!(settings.ike_security_association_parameters.lifetime_minutes, 1440);
    assert_eq!(settings.child_security_association_parameters.lifetime_minutes, 1440);
    assert!(!settings.profile_only.offers_observed_list);
    assert_eq!(Ikev2Protocol::default().child_security_association_parameters.lifetime_minutes, 30);
}

#[test]
fn secrets_of_a_profile_are_new_secrets_and_nothing_else_has_them() {
    let found = imported(&ikev2_profile(""));
    let slots: Vec<_> = found.configuration.new_secrets.iter().map(|secret| secret.slot).collect();
    assert_eq!(slots, [SecretSlot::SharedSecret]);
    assert_eq!(found.configuration.new_secrets[0].content.expose(), b"hunter2");
    assert!(!format!("{found:?}").contains("hunter2"));
    assert_eq!(found.payload_uuid, "6A1F3E9C-5D1B-4B6E-8F0A-2C7D9E8B4A11");
    assert_eq!(found.configuration.localized_description.as_deref(), Some("Example"));
    assert!(found.configuration.is_enabled && found.configuration.managed.profile_matching);
}

#[test]
fn a_child_without_a_dictionary_takes_what_the_ike_sa_has() {
    let found = imported(&ikev2_profile(
        "<key>IKESecurityAssociationParameters</key><dict><key>EncryptionAlgorithm</key><string>AES-256-GCM</string>\
         <key>DiffieHellmanGroup</key><integer>19</integer><key>LifeTimeInMinutes</key><integer>77</integer></dict>",
    ));
    let child = &ikev2(&found.configuration).child_security_association_parameters;
    assert_eq!(child.encryption_algorithm, EncryptionAlgorithm::Aes256Gcm);
    assert_eq!(child.diffie_hellman_group, DiffieHellmanGroup::Group19);
    assert_eq!(child.lifetime_minutes, 77);
}

#[test]
fn idle_times_and_the_forbidden_override_come_along() {
    let found = imported(&ikev2_profile(
        "<key>DisconnectOnIdle</key><integer>1</integer><key>DisconnectOnIdleTimer</key><integer>120</integer>\
         <key>OnDemandUserOverrideDisabled</key><integer>1</integer>",
    ));
    assert_eq!(found.configuration.managed.disconnect_on_idle_seconds, Some(120));
    assert!(found.configuration.managed.on_demand_user_override_disabled);
    let without = imported(&ikev2_profile("<key>DisconnectOnIdle</key><integer>1</integer>"));
    assert_eq!(without.configuration.managed.disconnect_on_idle_seconds, None);
    assert_eq!(without.notes.len(), 1);
    let alone = imported(&ikev2_profile("<key>DisconnectOnIdleTimer</key><integer>120</integer>"));
    assert_eq!(alone.configuration.managed.disconnect_on_idle_seconds, None);
}

#[test]
fn on_demand_rules_become_apples_classes() {
    let found = imported(&ikev2_profile(
        "<key>OnDemandEnabled</key><integer>1</integer><key>OnDemandRules</key><array>\
         <dict><key>Action</key><string>Disconnect</string><key>InterfaceTypeMatch</key><string>WiFi</string>\
         <key>SSIDMatch</key><array><string>Home</string></array></dict>\
         <dict><key>Action</key><string>EvaluateConnection</string><key>ActionParameters</key><array><dict>\
         <key>Domains</key><array><string>corp.example</string></array>\
         <key>DomainAction</key><string>ConnectIfNeeded</string>\
         <key>RequiredDNSServers</key><array><string>10.0.0.1</string></array></dict></array></dict>\
         <dict><key>Action</key><string>Allow</string></dict></array>",
    ));
    assert!(found.configuration.is_on_demand_enabled);
    let rules = found.configuration.on_demand_rules.unwrap();
    let home = OnDemandRule {
        interface_type_match: OnDemandRuleInterfaceType::WiFi,
        ssid_match: Some(vec!["Home".into()]),
        ..OnDemandRule::disconnect()
    };
    let needed = EvaluateConnectionRule {
        use_dns_servers: Some(vec!["10.0.0.1".into()]),
        ..EvaluateConnectionRule::new(
            vec!["corp.example".into()],
            EvaluateConnectionRuleAction::ConnectIfNeeded,
        )
    };
    assert_eq!(rules, [home, OnDemandRule::evaluate_connection(vec![needed]), OnDemandRule::ignore()]);
    assert!(
        found.notes.iter().any(|note| note.path.ends_with("OnDemandRules[2].Action")),
        "{:?}",
        found.notes
    );
}

#[test]
fn rules_that_cannot_be_read_are_an_error() {
    let text = ikev2_profile("<key>OnDemandRules</key><array><dict/></array>");
    let document = Document::read(text.as_bytes());
    let profile = Profile::of(&document).unwrap();
    let refused = import(&profile, &profile.payloads()[0]).unwrap_err();
    assert!(matches!(refused, ImportRefusal::OnDemand(_)), "{refused}");
}

#[test]
fn an_ikev1_payload_is_stored_with_its_old_lists_as_a_rule() {
    let found = imported(&profile(
        "<key>VPNType</key><string>IPSec</string><key>IPSec</key><dict>\
         <key>RemoteAddress</key><string>vpn.example.com</string>\
         <key>AuthenticationMethod</key><string>SharedSecret</string><key>SharedSecret</key><data>aHVudGVyMg==</data>\
         <key>XAuthEnabled</key><integer>1</integer><key>XAuthName</key><string>me</string>\
         <key>OnDemandEnabled</key><integer>1</integer>\
         <key>OnDemandMatchDomainsAlways</key><array><string>a.example</string></array>\
         <key>OnDemandMatchDomainsNever</key><array><string>b.a.example</string></array></dict>",
        "",
    ));
    let Some(ProtocolConfiguration::Ipsec(ipsec)) = &found.configuration.protocol_configuration else {
        panic!("not IKEv1")
    };
    assert!(ipsec.use_extended_authentication);
    assert_eq!(ipsec.base.username.as_deref(), Some("me"));
    assert_eq!(ipsec.authentication_method, AuthenticationMethod::SharedSecret);
    assert_eq!(found.configuration.new_secrets[0].content.expose(), b"hunter2");
    assert!(found.configuration.objections().iter().all(|objection| !objection.refused));
    let rules = found.configuration.on_demand_rules.unwrap();
    let [OnDemandRule { kind: OnDemandRuleKind::EvaluateConnection(rules), .. }] = rules.as_slice() else {
        panic!("{rules:?}")
    };
    let actions: Vec<_> = rules.iter().map(|rule| (rule.action, rule.match_domains[0].as_str())).collect();
    assert_eq!(
        actions,
        [
            (EvaluateConnectionRuleAction::NeverConnect, "b.a.example"),
            (EvaluateConnectionRuleAction::ConnectIfNeeded, "a.example")
        ],
        "Never wins"
    );
}

#[test]
fn a_per_app_payload_knows_its_apps_and_domains() {
    let text = profile(
        "<key>VPNType</key><string>IKEv2</string><key>VPNUUID</key><string>Example-1</string>\
         <key>OnDemandMatchAppEnabled</key><true/>\
         <key>SafariDomains</key><array><string>corp.example</string></array>\
         <key>ExcludedDomains</key><array><string>public.corp.example</string></array>\
         <key>IKEv2</key><dict><key>RemoteAddress</key><string>vpn.example.com</string></dict>",
        "<dict><key>PayloadType</key><string>com.apple.vpn.managed.appmapping</string>\
         <key>PayloadVersion</key><integer>1</integer><key>PayloadIdentifier</key><string>m</string>\
         <key>PayloadUUID</key><string>6A1F3E9C-5D1B-4B6E-8F0A-2C7D9E8B4A12</string>\
         <key>AppLayerVPNMapping</key><array>\
         <dict><key>Identifier</key><string>com.example.a</string><key>VPNUUID</key><string>EXAMPLE-1</string>\
         <key>SigningIdentifier</key><string>com.example.a.signed</string>\
         <key>DesignatedRequirement</key><string>anchor apple</string>\
         <key>MatchTools</key><array><dict><key>SigningIdentifier</key><string>com.example.tool</string></dict></array></dict>\
         <dict><key>Identifier</key><string>com.example.b</string><key>VPNUUID</key><string>Other</string></dict>\
         </array></dict>",
    )
    .replace("com.apple.vpn.managed<", "com.apple.vpn.managed.applayer<");
    let found = imported(&text);
    assert!(found.configuration.is_per_app() && found.configuration.is_on_demand_enabled);
    let per_app = found.configuration.managed.per_app.unwrap();
    assert_eq!(per_app.vpn_uuid, "Example-1");
    assert_eq!(per_app.safari_domains, ["corp.example"]);
    assert_eq!(per_app.excluded_domains, ["public.corp.example"]);
    let [app] = per_app.apps.as_slice() else { panic!("{:?}", per_app.apps) };
    assert_eq!(app.identifier, "com.example.a");
    assert_eq!(app.match_signing_identifier, "com.example.a.signed");
    assert_eq!(app.match_tools[0].match_signing_identifier, "com.example.tool");
}

/// What a tunnel needs to know, without the secrets and the places in the file.
fn essence(settings: &Ikev2Settings) -> impl PartialEq + std::fmt::Debug + use<> {
    let authentication = match &settings.authentication {
        Authentication::SharedSecret(secret) => format!("psk {:?}", secret.expose()),
        Authentication::Certificate(identity) => format!("certificate {:?}", identity.chain),
        Authentication::CertificateAtHost => "host".to_owned(),
        Authentication::Eap(eap) => {
            format!(
                "eap {:?} {:?} {}",
                eap.name,
                eap.password.as_ref().map(|it| it.expose().to_owned()),
                eap.eap_only
            )
        }
    };
    // What is there for profiles of all kinds does not go through this model: routes are the host's, and without one of
    // the switches the exclusion of the local network counts for nothing.
    let mut flags = settings.flags;
    flags.enforce_routes = false;
    flags.exclude_local_networks = false;
    (
        (
            settings.remote_address.clone(),
            settings.local_identifier.clone(),
            settings.remote_identifier.clone(),
            authentication,
            (settings.server.certificate_name.clone(), settings.server.issuer_common_name.clone()),
            settings.server.anchors.clone(),
        ),
        (settings.ike_proposals.clone(), settings.child_proposals.clone(), settings.proposals_are_observed),
        (settings.ike_lifetime_minutes, settings.child_lifetime_minutes),
        (settings.dead_peer_detection_seconds, settings.nat_keepalive_seconds, settings.mtu),
        (settings.perfect_forward_secrecy, flags),
    )
}

#[test]
fn every_ikev2_payload_of_the_corpus_gives_the_same_tunnel_by_way_of_a_configuration() {
    let Some(shared) = shared() else { return };
    let (mut same, mut all) = (0, 0);
    for entry in std::fs::read_dir(shared.join("corpus/profiles")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let document = Document::read(&bytes);
        let Some(profile) = Profile::of(&document) else { continue };
        for payload in profile.vpn_payloads() {
            let Ok(found) = import(&profile, payload) else { continue };
            // A record holds all of it but the secrets.
            assert!(found.configuration.protocol_configuration.is_some());
            let Some(_) =
                found.configuration.protocol_configuration.as_ref().and_then(ProtocolConfiguration::ikev2)
            else {
                continue;
            };
            all += 1;
            let which = Which { payload: Choice::Index(payload.index), ..Which::default() };
            let Ok(direct) = requirements(&profile, which) else { continue };
            let made =
                tunnel_profile(&found.configuration, &found.configuration.new_secrets, "seed").unwrap();
            let settings = made.settings().unwrap_or_else(|found| panic!("{}: {found:#?}", path.display()));
            assert_eq!(essence(&settings), essence(&direct), "{}", path.display());
            same += 1;
        }
    }
    println!("{same} of {all} IKEv2 payloads");
    assert!(same >= 10, "{same} of {all}");
}

#[test]
fn a_configuration_goes_through_a_profile_and_back() {
    through_a_profile_and_back(|base| base.enforce_routes = true);
    // The session must know of it: what stays outside depends on it.
    through_a_profile_and_back(|base| base.include_all_networks = true);
}

fn through_a_profile_and_back(switch: impl Fn(&mut Protocol)) {
    let mut settings = Ikev2Protocol::default();
    settings.ipsec.base.server_address = Some("vpn.example.com".into());
    settings.ipsec.base.username = Some("me".into());
    switch(&mut settings.ipsec.base);
    settings.ipsec.remote_identifier = Some("vpn.example.com".into());
    settings.ipsec.local_identifier = Some("phone".into());
    settings.ipsec.authentication_method = AuthenticationMethod::SharedSecret;
    settings.ike_security_association_parameters.diffie_hellman_group = DiffieHellmanGroup::Group19;
    settings.enable_pfs = true;
    settings.disable_mobike = true;
    settings.mtu = 1380;
    settings.profile_only.nat_keepalive_interval = Some(60);
    let mut configuration = Configuration::new(ProtocolConfiguration::Ikev2(Box::new(settings)));
    configuration.is_enabled = true;
    configuration.is_on_demand_enabled = true;
    configuration.localized_description = Some("Example".into());
    configuration.managed.profile_matching = true;
    configuration.managed.disconnect_on_idle_seconds = Some(300);
    configuration.on_demand_rules = Some(vec![
        OnDemandRule { probe_url: Some("https://a.example/".into()), ..OnDemandRule::connect() },
        OnDemandRule::disconnect(),
    ]);
    let secret = adit_manager::NewSecret::new(SecretSlot::SharedSecret, b"hunter2".to_vec());
    let made = tunnel_profile(&configuration, std::slice::from_ref(&secret), "seed").unwrap();
    let text = String::from_utf8(made.bytes.expose().to_vec()).unwrap();
    assert!(made.settings().is_ok());
    let back = imported(&text);
    configuration.new_secrets = vec![secret];
    assert_eq!(back.configuration, configuration);
    assert_eq!(back.notes, []);
}

#[test]
fn what_no_profile_can_say_is_noted_and_a_promise_that_is_not_kept_refused() {
    let mut settings = Ikev2Protocol::default();
    settings.ipsec.authentication_method = AuthenticationMethod::Certificate;
    settings.ipsec.base.identity_reference = Some(SecretReference(vec![1]));
    settings.certificate_type = adit_manager::protocol::CertificateType::Ed25519;
    settings.strict_revocation_check = true;
    let of = |settings: &Ikev2Protocol| {
        let protocol = ProtocolConfiguration::Ikev2(Box::new(settings.clone()));
        tunnel_profile(&Configuration::new(protocol), &[], "seed")
    };
    let made = of(&settings).unwrap();
    assert_eq!(made.notes.len(), 1);
    assert_eq!(made.notes[0].path, "certificateType");
    assert_eq!(made.identity_reference, Some(SecretReference(vec![1])));
    settings.enable_revocation_check = true;
    assert!(of(&settings).unwrap_err().to_string().contains("strictRevocationCheck"));
}
