//! Apple's seven example declarations.

use adit_profile::convert::{Declaration, to_profile};
use adit_profile::show::Secrets;

use super::{as_text, forward, json, same, shared};

const EXAMPLES: [&str; 7] = [
    "network.vpn.always-on-example1.json",
    "network.vpn.ikev2-example1.json",
    "network.vpn.ikev2-example2.json",
    "network.vpn.ipsec-example1.json",
    "network.vpn.ipsec-example2.json",
    "network.vpn.vpn-plugin-example1.json",
    "network.vpn.vpn-plugin-example2.json",
];

#[test]
fn apples_examples_are_read_and_converted_back_equal() {
    for name in EXAMPLES {
        let path = format!("apple-device-management/examples/{name}");
        let Some(text) = shared("Apple's example declarations", &path) else { return };
        let example = json(&text);
        let made = to_profile(std::slice::from_ref(&example)).unwrap();
        // The server's own mark has no place in a profile; all else has.
        let lost: Vec<&str> = made.lost.iter().map(|lost| lost.path.as_str()).collect();
        assert_eq!(lost, ["ServerToken"], "{name}");
        let back = forward(&made.profile, Secrets::Mask);
        let (expected, _) = Declaration::read(&example).unwrap();
        let [declaration] = back.declarations.as_slice() else { panic!("{name}: {back:?}") };
        assert_eq!(
            (declaration.kind, &declaration.identifier),
            (expected.kind, &expected.identifier),
            "{name}"
        );
        assert!(
            same(&declaration.payload, &expected.payload),
            "{name}\n{}\n{}",
            as_text(&declaration.payload),
            as_text(&expected.payload)
        );
        assert_eq!(back.assets.len(), made.assets.len(), "{name}");
    }
}

#[test]
fn all_of_them_make_one_profile() {
    let texts: Option<Vec<String>> = EXAMPLES
        .iter()
        .map(|name| {
            shared("Apple's example declarations", &format!("apple-device-management/examples/{name}"))
        })
        .collect();
    let Some(texts) = texts else { return };
    let examples: Vec<_> = texts.iter().map(|text| json(text)).collect();
    let made = to_profile(&examples).unwrap();
    let back = forward(&made.profile, Secrets::Mask);
    assert_eq!(back.declarations.len(), 7);
    assert!(back.refused.is_empty());
    for (declaration, example) in back.declarations.iter().zip(&examples) {
        assert!(
            same(&declaration.payload, example.get("Payload").unwrap()),
            "{}",
            as_text(&declaration.payload)
        );
    }
    assert!(
        made.lost.iter().all(|lost| lost.path.starts_with('[') && lost.path.ends_with("].ServerToken")),
        "{:?}",
        made.lost
    );
}
