//! Random sensible descriptions: the checker has nothing to say about what is built but that there are secrets, and that
//! `ProviderType` stands where consoles put it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod specs;

use adit_profile::build::{Seed, VpnKind, to_binary, to_xml};
use adit_profile::{Severity, check};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};
use specs::spec;

fn host() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9]{0,9}(\\.[a-z][a-z0-9]{0,9}){1,3}\\.example"
}

fn hosts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(host(), 1..4).prop_map(|hosts| hosts.into_iter().collect())
}

fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<[u8; 3]>().prop_map(|[a, b, c]| format!("10.{a}.{b}.{c}")),
        any::<u16>().prop_map(|group| format!("2001:db8::{group:x}")),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z][a-z]{2,9} [A-Z][a-z]{2,9}",
        "[a-zäöü漢字&<>]{2,9}",
        Just("VPN of $COMPANY$".to_owned())
    ]
}

fn user() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{3,9}", "[a-z]{3,9}@[a-z]{2,9}\\.example", Just("$USERID$".to_owned())]
}

/// Neither short nor a word.
fn secret() -> impl Strategy<Value = String> {
    "[A-Z][0-9][a-z]{3}[&<>#][A-Za-z0-9]{16,40}"
}

/// A table with some of its entries.
fn some(entries: Vec<(&'static str, BoxedStrategy<Json>)>) -> impl Strategy<Value = Json> {
    let each: Vec<_> = entries
        .into_iter()
        .map(|(key, value)| prop::option::of(value).prop_map(move |value| (key, value)).boxed())
        .collect();
    each.prop_map(|entries| {
        let entries = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        Json::Object(entries.collect())
    })
}

fn text(strategy: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Json> {
    strategy.prop_map(|text| json!(text)).boxed()
}

fn word(words: &'static [&'static str]) -> BoxedStrategy<Json> {
    select(words).prop_map(|word| json!(word)).boxed()
}

fn flag() -> BoxedStrategy<Json> {
    any::<bool>().prop_map(|value| json!(value)).boxed()
}

fn number(range: std::ops::RangeInclusive<i64>) -> BoxedStrategy<Json> {
    range.prop_map(|number| json!(number)).boxed()
}

fn list(strategy: impl Strategy<Value = Vec<String>> + 'static) -> BoxedStrategy<Json> {
    strategy.prop_map(|list| json!(list)).boxed()
}

/// Puts the entries of one table into another.
fn merge(into: &mut Json, from: Json) {
    let Json::Object(from) = from else { panic!("no table") };
    into.as_object_mut().unwrap().extend(from);
}

/// The routing flags that go together.
fn routing() -> impl Strategy<Value = Json> {
    let excluded = some(vec![
        ("exclude-local-networks", flag()),
        ("exclude-cellular-services", flag()),
        ("exclude-apns", flag()),
        ("exclude-device-communication", flag()),
    ]);
    prop_oneof![
        Just(json!({})),
        Just(json!({"enforce-routes": true})),
        flag().prop_map(|value| json!({"enforce-routes": true, "exclude-local-networks": value})),
        excluded.prop_map(|mut excluded| {
            merge(&mut excluded, json!({"include-all-networks": true}));
            excluded
        }),
    ]
}

fn idle() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(json!({})),
        (1..100_000i64).prop_map(|timer| json!({"disconnect-on-idle": true, "idle-timer": timer}))
    ]
}

/// A proposal for the IKE SA and one for its Child SAs that is no stronger.
fn proposals() -> impl Strategy<Value = Json> {
    let groups = || select(vec![14, 15, 16, 19, 20, 21, 31]).prop_map(|group| json!(group)).boxed();
    let integrity = || word(&["SHA2-256", "SHA2-384", "SHA2-512"]);
    let quantum = || {
        select(vec![json!(["ML-KEM-768"]), json!(["ML-KEM-1024"]), json!(["ML-KEM-768", "ML-KEM-1024"])])
            .boxed()
    };
    let ike = some(vec![
        ("integrity", integrity()),
        ("diffie-hellman-group", groups()),
        ("lifetime-minutes", number(720..=1440)),
        ("post-quantum", quantum()),
    ]);
    let child = some(vec![
        ("encryption", word(&["AES-128", "AES-256", "AES-128-GCM", "AES-256-GCM", "ChaCha20Poly1305"])),
        ("integrity", integrity()),
        ("diffie-hellman-group", groups()),
        ("post-quantum", quantum()),
    ]);
    let strong = word(&["AES-256", "AES-256-GCM", "ChaCha20Poly1305"]);
    (strong, ike, child, 10..720i64, flag()).prop_map(|(cipher, mut ike, mut child, lifetime, strict)| {
        ike["encryption"] = cipher;
        child["lifetime-minutes"] = json!(lifetime);
        let quantum = ike.get("post-quantum").is_some() || child.get("post-quantum").is_some();
        let mut all = json!({"ike": ike, "child": child, "pfs": true, "strict-algorithms": strict});
        if quantum {
            all["post-quantum-fallback"] = json!(true);
        }
        all
    })
}

/// Authentication, with what goes with it in the IKEv2 table and beside it.
fn ikev2_authentication() -> impl Strategy<Value = (Json, Json)> {
    let shared = (secret(), host()).prop_map(|(secret, name)| {
        (json!({"authentication": {"method": "shared-secret", "secret": secret}, "local-identifier": name}), json!({}))
    });
    let eap = (user(), secret()).prop_map(|(name, password)| {
        (json!({"authentication": {"method": "eap", "name": name, "password": password}}), json!({}))
    });
    let with_server = (user(), secret(), word(&["RSA", "ECDSA256", "ECDSA384", "RSA-PSS"])).prop_map(
        |(name, password, kind)| {
            let authentication = json!({"method": "eap", "name": name, "password": password});
            (
                json!({"authentication": authentication, "certificate-type": kind}),
                json!({"certificates": [ca()]}),
            )
        },
    );
    let certificate = host().prop_map(|name| {
        (
            json!({"authentication": {"method": "certificate"}, "local-identifier": name}),
            json!({"identity": identity(), "certificates": [ca()]}),
        )
    });
    let tls = (user(), select(vec![("1.2", "1.2"), ("1.0", "1.2"), ("1.1", "1.1")])).prop_map(|(name, (least, most))| {
        (
            json!({"authentication": {"method": "eap-tls", "name": name, "tls-minimum": least, "tls-maximum": most},
                "server-certificate-issuer": "Example CA"}),
            json!({"identity": identity()}),
        )
    });
    prop_oneof![shared, eap, with_server, certificate, tls]
}

fn ca() -> Json {
    json!({"content": {"file": "ca.pem"}})
}

fn identity() -> Json {
    json!({"user": {"pkcs12": {"content": {"file": "alice.p12"}, "password": "secret"}}})
}

/// One IKEv2 table, with what stands beside it.
fn ikev2(always_on: bool) -> impl Strategy<Value = (Json, Json)> {
    let options = some(vec![
        ("remote-identifier", text(host())),
        ("revocation-check", flag()),
        ("dead-peer-detection", word(&["None", "Low", "Medium", "High"])),
        ("disable-mobike", flag()),
        ("disable-redirect", flag()),
        ("internal-subnets", flag()),
        ("mtu", number(1280..=1400)),
        ("fallback", flag()),
    ]);
    let ppk = prop_oneof![
        Just(json!({})),
        ("[a-zA-Z0-9]{32,64}", user())
            .prop_map(|(ppk, name)| json!({"ppk": ppk, "ppk-identifier": name, "ppk-mandatory": false})),
    ];
    let proposals = prop_oneof![Just(json!({})), proposals()];
    let keepalive = prop_oneof![
        Just(json!({})),
        (20..600i64)
            .prop_map(|seconds| json!({"nat-keepalive-interval": seconds, "nat-keepalive-offload": true})),
    ];
    (host(), ikev2_authentication(), options, ppk, proposals, keepalive, idle(), routing()).prop_map(
        move |(server, (authentication, beside), options, ppk, proposals, keepalive, idle, routing)| {
            let mut vpn = json!({"server": server});
            for table in [authentication, options, ppk, proposals, keepalive] {
                merge(&mut vpn, table);
            }
            if !always_on {
                merge(&mut vpn, idle);
                vpn["routing"] = routing;
            }
            (vpn, beside)
        },
    )
}

fn always_on() -> impl Strategy<Value = (Json, Json)> {
    let options = some(vec![
        ("user-toggle", flag()),
        ("captive-web-sheet", flag()),
        ("services", Just(json!([{"service": "VoiceMail", "action": "Allow"}, {"service": "AirPrint", "action": "Drop"}])).boxed()),
        ("applications", text(host()).prop_map(|app| json!([{"app": app, "udp-only": true}])).boxed()),
    ]);
    (ikev2(true), options, any::<bool>()).prop_map(|((tunnel, beside), options, both)| {
        let mut vpn =
            if both { json!({"tunnel": tunnel}) } else { json!({"wifi": tunnel, "cellular": tunnel}) };
        merge(&mut vpn, options);
        (vpn, beside)
    })
}

/// IPsec; with a certificate if it is to come up by itself.
fn ipsec() -> impl Strategy<Value = (Json, Json, bool)> {
    let shared = (secret(), prop::option::of("[a-z]{2,9}")).prop_map(|(secret, group)| {
        let mut authentication = json!({"method": "shared-secret", "secret": secret});
        if let Some(group) = group {
            authentication["group"] = json!(group);
        }
        (authentication, json!({}), false)
    });
    let certificate = Just((json!({"method": "certificate"}), json!({"identity": identity()}), true));
    (host(), prop_oneof![shared, certificate], user(), secret(), idle(), flag()).prop_map(
        |(server, (authentication, beside, alone), account, password, idle, primary)| {
            let mut vpn = json!({"server": server, "authentication": authentication, "account": account,
                "password": password, "override-primary": primary});
            merge(&mut vpn, idle);
            (vpn, beside, alone)
        },
    )
}

/// The connection of an app.
fn app(kind: VpnKind) -> impl Strategy<Value = (Json, Json)> {
    let own = match kind {
        VpnKind::CiscoAnyconnect => vec![("group", text(name()))],
        VpnKind::JuniperSsl => vec![("realm", text(name())), ("role", text(name()))],
        VpnKind::SonicwallMobileConnect => vec![("login-group-or-domain", text(host()))],
        VpnKind::F5Ssl => vec![("subtype", word(&["ios", "macos"]))],
        VpnKind::Globalprotect => vec![
            ("subtype", word(&["current", "china"])),
            ("custom-data", (name(), name()).prop_map(|(a, b)| json!({"First": a, "second": b})).boxed()),
        ],
        VpnKind::CustomSsl => vec![
            ("custom-data", name().prop_map(|value| json!({"key": value})).boxed()),
            ("provider-type-outside", flag()),
        ],
        _ => vec![],
    };
    let authentication = prop_oneof![
        secret().prop_map(|password| (json!({"method": "password", "password": password}), json!({}))),
        Just((json!({"method": "certificate"}), json!({"identity": identity()}))),
        secret().prop_map(|password| {
            (
                json!({"method": "password-and-certificate", "password": password}),
                json!({"identity": identity()}),
            )
        }),
    ];
    let provider = word(&["packet-tunnel", "app-proxy"]);
    (host(), some(own), authentication, user(), provider, idle(), routing(), host()).prop_map(
        move |(server, own, (authentication, beside), account, provider, idle, routing, identifier)| {
            let mut vpn = json!({"server": server, "authentication": authentication, "account": account, "routing": routing});
            merge(&mut vpn, own);
            merge(&mut vpn, idle);
            if kind != VpnKind::Netmotion {
                vpn["provider-type"] = provider;
            }
            if kind == VpnKind::CustomSsl {
                vpn["identifier"] = json!(identifier);
            }
            (vpn, beside)
        },
    )
}

/// Rules that can all be reached.
fn rules() -> impl Strategy<Value = Json> {
    let networks = (prop::collection::btree_set("[A-Z][a-z]{3,9} [0-9]", 1..3), hosts(), address()).prop_map(
        |(ssid, domains, server)| {
            vec![
                json!({"action": "disconnect", "interface": "WiFi", "ssid": ssid}),
                json!({"action": "ignore", "dns-domain": domains}),
                json!({"action": "disconnect", "dns-server": [server]}),
            ]
        },
    );
    let evaluate = (hosts(), hosts(), address(), host()).prop_map(|(inside, outside, server, probe)| {
        json!({"action": "evaluate-connection", "interface": "WiFi", "url-probe": format!("https://{probe}/alive"), "connections": [
            {"action": "connect-if-needed", "domains": inside, "dns-servers": [server], "url-probe": format!("https://{probe}/in")},
            {"action": "never-connect", "domains": outside},
        ]})
    });
    (networks, prop::option::of(evaluate), word(&["connect", "ignore"])).prop_map(
        |(mut rules, evaluate, last)| {
            rules.extend(evaluate);
            rules.push(json!({"action": last}));
            json!(rules)
        },
    )
}

fn per_app() -> impl Strategy<Value = Json> {
    let slice = prop_oneof![
        "[a-z]{3,9}".prop_map(|name| json!({"dnn": name})),
        "[a-z]{3,9}-[0-9]".prop_map(|name| json!({"app-category": name})),
    ];
    some(vec![
        ("match-app", Just(json!(true)).boxed()),
        ("cellular-slice", slice.boxed()),
        ("safari-domains", list(hosts())),
        ("mail-domains", list(hosts())),
        ("calendar-domains", list(hosts())),
        ("contacts-domains", list(hosts())),
        ("associated-domains", list(hosts())),
        ("excluded-domains", list(hosts())),
        ("smb-domains", list(hosts())),
        (
            "mac-apps",
            host()
                .prop_map(|app| json!([{"identifier": app, "requirement": "anchor apple generic"}]))
                .boxed(),
        ),
    ])
}

fn dns() -> impl Strategy<Value = Json> {
    let addresses = prop::collection::btree_set(address(), 1..3);
    let protocol = prop_oneof![
        Just(json!({})),
        host().prop_map(|host| json!({"protocol": "TLS", "server-name": host})),
        host()
            .prop_map(|host| json!({"protocol": "HTTPS", "server-url": format!("https://{host}/dns-query")})),
    ];
    let names = some(vec![
        ("search-domains", list(hosts())),
        ("domain", text(host())),
        ("match-domains", list(hosts())),
    ]);
    (addresses, protocol, names).prop_map(|(addresses, protocol, names)| {
        let mut dns = json!({"servers": addresses});
        merge(&mut dns, protocol);
        merge(&mut dns, names);
        dns
    })
}

fn proxies() -> impl Strategy<Value = Json> {
    let proxy = |(server, port, username, password)| json!({"server": server, "port": port, "username": username, "password": password});
    prop_oneof![
        (host(), 1..65_536i64, user(), secret()).prop_map(proxy).prop_map(|proxy| json!({"manual": proxy})),
        (host(), 1..65_536i64, user(), secret(), host()).prop_map(
            move |(server, port, user, secret, other)| {
                json!({"http": proxy((server, port, user, secret)), "https": {"server": other, "port": port}})
            }
        ),
        (host(), hosts()).prop_map(|(host, hosts)| {
            json!({"auto-config-url": format!("https://{host}/proxy.pac"), "match-domains": hosts})
        }),
    ]
}

fn profile() -> impl Strategy<Value = Json> {
    let options = some(vec![
        ("connection-name", text(name())),
        ("identifier", text(host())),
        ("organization", text(name())),
        ("description", text(name())),
        ("removal-disallowed", flag()),
        ("removal-password", text(secret())),
        ("removal-date", Just(json!("2067-01-31")).boxed()),
        ("duration-until-removal", number(3600..=86_400)),
        ("expiration-date", Just(json!("2067-01-31T12:00:00Z")).boxed()),
        ("consent", name().prop_map(|text| json!({"default": text, "de": text})).boxed()),
    ]);
    (name(), options).prop_map(|(name, mut options)| {
        options["name"] = json!(name);
        options
    })
}

/// A description as a careful administrator would write it.
fn sensible() -> impl Strategy<Value = Json> {
    let vpn = select(VpnKind::ALL.to_vec()).prop_flat_map(|kind| {
        let vpn = match kind {
            VpnKind::Ikev2 => ikev2(false).prop_map(|(vpn, beside)| (vpn, beside, true)).boxed(),
            VpnKind::AlwaysOn => always_on().prop_map(|(vpn, beside)| (vpn, beside, false)).boxed(),
            VpnKind::Ipsec => ipsec().boxed(),
            kind => app(kind).prop_map(|(vpn, beside)| (vpn, beside, true)).boxed(),
        };
        vpn.prop_map(move |vpn| (kind, vpn))
    });
    let beside = (
        rules(),
        any::<bool>(),
        prop::option::of(per_app()),
        prop::option::of(dns()),
        prop::option::of(proxies()),
    );
    (profile(), vpn, beside).prop_map(
        |(profile, (kind, (vpn, more, alone)), (rules, with_rules, per_app, dns, proxies))| {
            let mut tree = json!({"profile": profile, "vpn": {kind.name(): vpn}});
            merge(&mut tree, more);
            if with_rules && alone {
                tree["on-demand"] = json!({"rules": rules});
            }
            let optional = [
                ("per-app", per_app.filter(|_| kind != VpnKind::AlwaysOn)),
                ("dns", dns),
                ("proxies", proxies),
            ];
            for (name, table) in optional {
                if let Some(table) = table {
                    tree[name] = table;
                }
            }
            tree
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn sensible_descriptions_make_profiles_without_errors_and_warnings(tree in sensible(), seed in any::<[u8; 16]>()) {
        let spec = spec(&tree);
        let value = spec.build(&Seed(seed)).unwrap();
        let xml = to_xml(&value).unwrap();
        for bytes in [xml.as_bytes(), to_binary(&value).unwrap().as_slice()] {
            let bad: Vec<_> = check(bytes)
                .diagnostics
                .into_iter()
                .filter(|found| found.severity >= Severity::Warning)
                .filter(|found| !["secret.plaintext", "key.misplaced"].contains(&found.code.as_str()))
                .collect();
            let said: Vec<String> =
                bad.iter().map(|found| format!("{} {}: {}", found.code, found.path, found.message)).collect();
            prop_assert!(bad.is_empty(), "{}", said.join("\n"));
        }
    }
}
