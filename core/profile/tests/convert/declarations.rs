//! Profiles to declarations: what is carried, what is lost, what is refused, what stays secret.

use adit_profile::build::Value;
use adit_profile::convert::{Asset, AssetType, ReadError, ToDeclarations, to_profile};
use adit_profile::show::Secrets;

use super::{as_text, convert, forward, json, profile};

fn reason<'a>(made: &'a ToDeclarations, path: &str) -> &'a str {
    let found = made.lost.iter().find(|lost| lost.path == format!("PayloadContent[0].{path}"));
    found.map_or_else(|| panic!("{path} not among {:#?}", made.lost), |lost| lost.reason.as_str())
}

const IKEV2: &str = "<key>VPNType</key><string>IKEv2</string><key>IKEv2</key><dict><key>RemoteAddress</key>\
    <string>vpn.example.com</string><key>LocalIdentifier</key><string>me</string><key>RemoteIdentifier</key>\
    <string>vpn.example.com</string>";

#[test]
fn f03_secrets_become_references_and_are_written_nowhere() {
    let file = profile(&format!(
        "{IKEV2}<key>AuthenticationMethod</key><string>SharedSecret</string><key>SharedSecret</key><string>hunter2</string>\
         <key>ExtendedAuthEnabled</key><integer>1</integer><key>AuthName</key><string>alice</string>\
         <key>AuthPassword</key><string>hunter3</string><key>PPK</key><data>aHVudGVyNA==</data>\
         <key>PPKIdentifier</key><string>id</string></dict><key>Proxies</key><dict><key>HTTPProxyUsername</key>\
         <string>bob</string><key>HTTPProxyPassword</key><string>hunter5</string></dict>"
    ));
    let made = convert(&file, Secrets::Mask);
    let text = serde_json::to_string(&made).unwrap();
    for secret in ["hunter", "aHVudGVy"] {
        assert!(!text.contains(secret), "{text}");
        assert!(!format!("{made:?}").contains(secret));
    }
    let references: Vec<(&str, Option<&str>)> =
        made.assets.iter().map(|asset| (asset.reference.as_str(), asset.user_name.as_deref())).collect();
    assert_eq!(
        references,
        [
            ("com.example.vpn.shared-secret", None),
            ("com.example.vpn.eap", Some("alice")),
            ("com.example.vpn.proxy", Some("bob"))
        ]
    );
    assert!(made.assets.iter().all(|asset| asset.types == [AssetType::UserPassword]));
    assert!(reason(&made, "IKEv2.PPK").contains("placeholder"));
    assert_eq!(made.lost.len(), 1, "{:?}", made.lost);
    let payload = &made.declarations[0].payload;
    let quantum = payload.get("PostQuantumKeyExchange").unwrap();
    assert_eq!(quantum.get("PPK"), Some(&"{{secret.com.example.vpn.ppk}}".into()));
    // Asked for, the PPK is written: a declaration holds it itself. Nothing else is.
    let shown = serde_json::to_string(&convert(&file, Secrets::Show)).unwrap();
    assert!(shown.contains("aHVudGVyNA==") && !shown.contains("hunter"), "{shown}");
}

#[test]
fn identities_keep_their_names_and_kinds() {
    for (kind, expected) in [
        ("com.apple.security.pkcs12", [AssetType::Identity].as_slice()),
        ("com.apple.security.scep", &[AssetType::Scep]),
        ("com.apple.security.acme", &[AssetType::Acme]),
        ("com.example.other", &[AssetType::Acme, AssetType::Identity, AssetType::Scep]),
    ] {
        let uuid = "33333333-0000-4000-8000-000000000000";
        let payload = format!(
            "{IKEV2}<key>AuthenticationMethod</key><string>Certificate</string><key>PayloadCertificateUUID</key>\
             <string>{uuid}</string></dict><key>DNS</key><dict><key>DNSProtocol</key><string>TLS</string>\
             <key>ServerAddresses</key><array/><key>PayloadCertificateUUID</key><string>{uuid}</string></dict>"
        );
        let identity = format!(
            "</dict><dict><key>PayloadType</key><string>{kind}</string><key>PayloadUUID</key><string>{uuid}</string>"
        );
        let made = convert(&profile(&format!("{payload}{identity}")), Secrets::Mask);
        let [Asset { reference, types, profile, declaration, .. }] = made.assets.as_slice() else {
            panic!("{made:?}")
        };
        assert_eq!((reference.as_str(), *types), (uuid, expected));
        assert_eq!(
            profile,
            &[
                "PayloadContent[0].IKEv2.PayloadCertificateUUID",
                "PayloadContent[0].DNS.PayloadCertificateUUID"
            ]
        );
        assert_eq!(declaration.len(), 2);
        assert!(made.lost.is_empty(), "{:?}", made.lost);
    }
}

#[test]
fn what_has_no_counterpart_is_told_with_its_path() {
    let made = convert(
        &profile(&format!(
            "{IKEV2}<key>AuthenticationMethod</key><string>None</string><key>Password</key><string>hunter2</string>\
             <key>IKESecurityAssociationParameters</key><dict><key>EncryptionAlgorithm</key><string>3DES</string>\
             <key>IntegrityAlgorithm</key><string>SHA1-96</string><key>DiffieHellmanGroup</key><integer>2</integer>\
             <key>LifeTimeInMinutes</key><real>60</real><key>Odd</key><true/></dict><key>MTU</key><integer>9000</integer>\
             <key>EnablePFS</key><integer>7</integer><key>DisableMOBIKE</key><true/><key>OnDemandMatchDomainsAlways</key>\
             <array/><key>OnDemandRules</key><array><dict><key>Action</key><string>Connect</string><key>Odd</key><true/>\
             </dict><string>x</string></array></dict><key>PPP</key><dict/><key>Proxies</key><string>x</string>\
             <key>VendorConfig</key><dict><key>Token</key><string>hunter3</string></dict>\
             <key>PayloadOrganization</key><string>Example</string><key>PayloadDisplayName</key><string>Other</string>"
        )),
        Secrets::Mask,
    );
    let ike = "IKEv2.IKESecurityAssociationParameters";
    for (path, says) in [
        (format!("{ike}.EncryptionAlgorithm"), "3DES is not among what declarations take"),
        (format!("{ike}.EncryptionAlgorithm"), "which means AES-256"),
        (format!("{ike}.IntegrityAlgorithm"), "SHA1-96"),
        (format!("{ike}.DiffieHellmanGroup"), "which means 14"),
        (format!("{ike}.Odd"), "no such key"),
        ("IKEv2.MTU".into(), "9000 is not what declarations take: 1280 to 1400; left out, which means 1280"),
        ("IKEv2.EnablePFS".into(), "it is 7"),
        ("IKEv2.OnDemandMatchDomainsAlways".into(), "EvaluateConnection"),
        ("IKEv2.OnDemandRules[0].Odd".into(), "no such key"),
        ("IKEv2.OnDemandRules[1]".into(), "it must be"),
        ("IKEv2.Password".into(), "no such key"),
        ("PPP".into(), "VPNType IKEv2 does not use it"),
        ("Proxies".into(), "it must be a dictionary, it is a text"),
        ("VendorConfig".into(), "VPNType IKEv2 does not use it"),
        ("PayloadOrganization".into(), "no such label"),
        ("PayloadDisplayName".into(), "VisibleName"),
    ] {
        assert!(reason(&made, &path).contains(says), "{path}: {}", reason(&made, &path));
    }
    assert_eq!(made.lost.len(), 15, "{:#?}", made.lost);
    let payload = &made.declarations[0].payload;
    assert_eq!(payload.get("DisableMOBIKE"), Some(&true.into()));
    let ike = payload.get("IKESecurityAssociationParameters").unwrap();
    assert_eq!(ike, &Value::dict([("LifeTimeInMinutes", Value::from(60))]));
    assert!(!serde_json::to_string(&made).unwrap().contains("hunter"));
}

#[test]
fn what_a_declaration_needs_is_filled_in_or_told() {
    let ipsec = "<key>VPNType</key><string>ipsec</string><key>IPSec</key><dict><key>RemoteAddress</key><string>h</string>\
                 <key>XAuthEnabled</key><integer>1</integer></dict>";
    let made = convert(&profile(ipsec), Secrets::Mask);
    let payload = &made.declarations[0].payload;
    assert_eq!(payload.get("Authentication").unwrap().get("Method"), Some(&"SharedSecret".into()));
    assert!(reason(&made, "IPSec.XAuthName").contains("asks the user"));
    let plugin = "<key>VPNType</key><string>VPN</string><key>VPN</key><dict><key>AuthenticationMethod</key>\
                  <string>Password+Certificate</string></dict>";
    let made = convert(&profile(plugin), Secrets::Mask);
    assert!(reason(&made, "VPN.RemoteAddress").contains("a declaration needs HostName"));
    assert!(reason(&made, "VPNSubType").contains("a declaration needs SubType"));
    assert!(reason(&made, "VPN.PayloadCertificateUUID").contains("identity"));
    let ikev2 = format!(
        "{IKEV2}<key>AuthenticationMethod</key><string>SharedSecret</string><key>CertificateType</key>\
        <string>RSA</string></dict>"
    );
    let made = convert(&profile(&ikev2), Secrets::Mask);
    assert!(reason(&made, "IKEv2.SharedSecret").contains("missing"));
    assert!(reason(&made, "IKEv2.ServerCertificateIssuerCommonName").contains("issuer"));
}

#[test]
fn types_without_a_declaration_are_refused_with_the_reason() {
    for (kind, says) in [
        ("L2TP", "no declaration for VPNType L2TP"),
        ("PPTP", "no declaration for VPNType PPTP"),
        ("TransparentProxy", "no declaration for VPNType TransparentProxy"),
        ("Fancy", "no type that is known"),
    ] {
        let made = convert(&profile(&format!("<key>VPNType</key><string>{kind}</string>")), Secrets::Mask);
        assert!(made.declarations.is_empty());
        assert_eq!((made.refused[0].payload, made.refused[0].name.as_deref()), (0, Some("Work")));
        assert!(made.refused[0].reason.contains(says), "{}", made.refused[0].reason);
    }
    let per_app = profile(&format!("{IKEV2}</dict>"))
        .replace("com.apple.vpn.managed", "com.apple.vpn.managed.applayer");
    let made = convert(&per_app, Secrets::Mask);
    assert!(made.declarations.is_empty() && made.refused[0].reason.contains("per-app"));
}

#[test]
fn equal_identifiers_are_told_apart() {
    let one = format!("{IKEV2}<key>AuthenticationMethod</key><string>None</string></dict>");
    let second = format!(
        "</dict><dict><key>PayloadType</key><string>com.apple.vpn.managed</string><key>PayloadIdentifier</key>\
         <string>com.example.vpn</string><key>UserDefinedName</key><string>B</string>{one}"
    );
    let made = convert(&profile(&format!("{one}{second}")), Secrets::Mask);
    let names: Vec<&str> =
        made.declarations.iter().map(|declaration| declaration.identifier.as_str()).collect();
    assert_eq!(names, ["com.example.vpn", "com.example.vpn-2"]);
}

#[test]
fn placeholders_of_assets_lead_back_to_them() {
    let text = r#"{"Type":"com.apple.configuration.network.vpn.ipsec","Identifier":"a.b","Payload":{"VisibleName":"n",
        "HostName":"h","Authentication":{"Method":"SharedSecret","CredentialsAssetReference":"my.secret",
        "IdentityAssetReference":"my.identity","XAuth":{"Enabled":true,"CredentialsAssetReference":"my.user"}}}}"#;
    let made = to_profile(&[json(text)]).unwrap();
    let xml = adit_profile::build::to_xml(&made.profile).unwrap();
    for placeholder in [
        "{{asset.my.secret.password}}",
        "{{asset.my.identity}}",
        "{{asset.my.user.user-name}}",
        "{{asset.my.user.password}}",
    ] {
        assert!(xml.contains(placeholder), "{}", *xml);
    }
    let names: Vec<&str> = made.assets.iter().map(|asset| asset.reference.as_str()).collect();
    assert_eq!(names, ["my.secret", "my.identity", "my.user"]);
    let back = forward(&made.profile, Secrets::Mask);
    assert_eq!(
        serde_json::to_value(&back.declarations[0]).unwrap(),
        serde_json::from_str::<serde_json::Value>(text).unwrap()
    );
    // The same input gives the same profile.
    assert_eq!(*xml, *adit_profile::build::to_xml(&to_profile(&[json(text)]).unwrap().profile).unwrap());
}

#[test]
fn wrong_declarations_are_refused_with_the_reason() {
    let wrong = |text: &str| to_profile(&[json(text)]).unwrap_err();
    assert_eq!(to_profile(&[]).unwrap_err(), (0, ReadError::Nothing));
    assert_eq!(wrong("3"), (0, ReadError::NotAnObject("an integer")));
    assert_eq!(wrong("{}"), (0, ReadError::Envelope { key: "Type", expected: "a text" }));
    let (_, error) = wrong(r#"{"Type":"com.apple.configuration.network.vpn.l2tp"}"#);
    assert!(error.to_string().contains("network.vpn.always-on"), "{error}");
    let ikev2 = "com.apple.configuration.network.vpn.ikev2";
    assert_eq!(
        wrong(&format!(r#"{{"Type":"{ikev2}"}}"#)),
        (0, ReadError::Envelope { key: "Identifier", expected: "a text" })
    );
    assert_eq!(
        wrong(&format!(r#"{{"Type":"{ikev2}","Identifier":"a","Payload":[]}}"#)),
        (0, ReadError::Envelope { key: "Payload", expected: "an object" })
    );
}

#[test]
fn values_of_declarations_that_profiles_cannot_have_are_told() {
    let text = r#"{"Type":"com.apple.configuration.network.vpn.ikev2","Identifier":"a","Extra":1,"Payload":{
        "HostName":3,"Odd":{},"Authentication":{"Method":"Magic","CredentialsAssetReference":"a}}b"},
        "DisableMOBIKE":2,"MTU":1,"PostQuantumKeyExchange":{"PPK":"%%"},"Provider":{"ComposedIdentifier":"a.b (TEAM)"},
        "Idle":"x","OnDemand":{"Rules":[{"Action":"Connect","Odd":1}]},
        "IKESecurityAssociationParameters":{"PostQuantumKeyExchangeMethods":[36,37,36,37,36,37,36,37]}}}"#;
    let made = to_profile(&[json(text)]).unwrap();
    let mut lost: Vec<&str> = made.lost.iter().map(|lost| lost.path.as_str()).collect();
    lost.sort_unstable();
    assert_eq!(
        lost,
        [
            "Extra",
            "Payload.Authentication.CredentialsAssetReference",
            "Payload.Authentication.Method",
            "Payload.DisableMOBIKE",
            "Payload.HostName",
            "Payload.IKESecurityAssociationParameters.PostQuantumKeyExchangeMethods[7]",
            "Payload.Idle",
            "Payload.MTU",
            "Payload.Odd",
            "Payload.OnDemand.Rules[0].Odd",
            "Payload.PostQuantumKeyExchange.PPK",
            "Payload.Provider.ComposedIdentifier",
        ],
        "{:#?}",
        made.lost
    );
    assert!(as_text(&made.profile).contains("IKEv2"));
}

#[test]
fn an_always_on_tunnel_keeps_its_keys_and_tells_of_routing() {
    let made = convert(
        &profile(
            "<key>VPNType</key><string>AlwaysOn</string><key>AlwaysOn</key><dict><key>UIToggleEnabled</key><integer>1</integer>\
             <key>TunnelConfigurations</key><array><dict><key>ProtocolType</key><string>IKEv2</string><key>RemoteAddress</key>\
             <string>h</string><key>LocalIdentifier</key><string>l</string><key>RemoteIdentifier</key><string>r</string>\
             <key>AuthenticationMethod</key><string>SharedSecret</string><key>SharedSecret</key><string>hunter2</string>\
             <key>IncludeAllNetworks</key><integer>1</integer></dict><string>x</string></array></dict>",
        ),
        Secrets::Mask,
    );
    assert!(
        reason(&made, "AlwaysOn.TunnelConfigurations[0].IncludeAllNetworks").contains("all of the traffic")
    );
    assert!(reason(&made, "AlwaysOn.TunnelConfigurations[1]").contains("it must be a dictionary"));
    assert_eq!(made.assets[0].reference, "com.example.vpn.tunnel-0.shared-secret");
    let expected = r#"{"VisibleName":"Work","UIToggleEnabled":true,"TunnelConfigurations":[{"ProtocolType":"IKEv2","IKEV2":{
        "HostName":"h","LocalIdentifier":"l","RemoteIdentifier":"r","Authentication":{"Method":"SharedSecret",
        "CredentialsAssetReference":"com.example.vpn.tunnel-0.shared-secret"}}}]}"#;
    assert!(
        super::same(&made.declarations[0].payload, &json(expected)),
        "{}",
        as_text(&made.declarations[0].payload)
    );
}
