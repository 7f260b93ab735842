//! Templates: the corpus's own, read plainly and in template mode, and filled in.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use std::fs;

use adit_profile::rules::Options;
use adit_profile::template::{Values, render};
use adit_profile::{Diagnostic, Document, Limits, Named, Severity, Verdict, check, check_with};

/// The corpus's templates that no parser takes: Jinja, Go, and shell scripts around heredocs.
const TEMPLATES: [&str; 10] = [
    "1b68bac18e-create_vpn_configs.embedded0.mobileconfig",
    "1c4ff29410-genprofile.embedded0.mobileconfig",
    "1cedb22757-vpn-dict.j2",
    "2284532723-vpn.mobileconfig.j2",
    "343e1818c0-mobileconfig.j2",
    "6ad445d3a8-main.embedded0.mobileconfig",
    "74d7cd43c4-firewall.mobileconfig.j2",
    "7544095050-energysaver.mobileconfig.j2",
    "90a543bccd-vpn.mobileconfig.j2",
    "91f085a829-ikev2setup.embedded0.mobileconfig",
];

/// Not a profile even when rendered: one payload, for another template to take in.
const FRAGMENT: &str = "1cedb22757-vpn-dict.j2";

fn as_template() -> Options {
    Options { template: true, ..Options::default() }
}

fn codes(found: &[Diagnostic], severity: Severity) -> Vec<&'static str> {
    found.iter().filter(|one| one.severity == severity).map(|one| one.code.as_str()).collect()
}

#[test]
fn templates_of_the_corpus_are_refused_plainly_and_read_in_template_mode() {
    let Some(shared) = common::shared("corpus, templates") else { return };
    for name in TEMPLATES {
        let bytes = fs::read(shared.join("corpus/profiles").join(name)).unwrap();
        let plain = check(&bytes);
        assert_eq!(plain.verdict(), Verdict::Refused, "{name}");
        let said: Vec<&str> = plain.diagnostics.iter().map(|one| one.code.as_str()).collect();
        assert_eq!(said, ["template.control-flow"], "{name}: one cause, one word");
        let place = plain.diagnostics[0].span;
        assert!(place.start > 0 && place.end > place.start, "{name}: {place:?}");

        let read = check_with(&bytes, &Limits::default(), &as_template());
        let container: Vec<&Diagnostic> =
            read.diagnostics.iter().filter(|one| one.code.family() == "container").collect();
        assert!(container.is_empty(), "{name}: {container:#?}");
        let errors = codes(&read.diagnostics, Severity::Error);
        let expected: &[&str] =
            if name == FRAGMENT { &["profile.content-missing", "profile.type"] } else { &[] };
        assert_eq!(errors, expected, "{name}: {:#?}", read.diagnostics);
        assert!(read.diagnostics.iter().any(|one| one.code.as_str() == "template.variable"), "{name}");
    }
}

#[test]
fn a_profile_that_is_no_template_is_the_same_in_template_mode() {
    let Some(shared) = common::shared("corpus, profiles in template mode") else { return };
    let mut same = 0;
    for entry in fs::read_dir(shared.join("corpus/profiles")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let marks = ["{{", "{%", "${", "$(", "<%", "$", "%", "__", "@", "{0}"];
        if marks.iter().any(|mark| text.contains(mark)) || path.ends_with("INDEX.tsv") {
            continue;
        }
        let plain = check(&bytes).diagnostics;
        assert_eq!(
            check_with(&bytes, &Limits::default(), &as_template()).diagnostics,
            plain,
            "{}",
            path.display()
        );
        same += 1;
    }
    assert!(same >= 30, "{same}");
}

const TEMPLATE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0">
<dict>
	<key>PayloadType</key>
	<string>Configuration</string>
	<key>PayloadIdentifier</key>
	<string>com.example.{{ name }}</string>
	<key>PayloadUUID</key>
	<string>$UUID</string>
	<key>PayloadVersion</key>
	<integer>{{ version }}</integer>
	<key>PayloadRemovalDisallowed</key>
	<{{ locked }}/>
	<key>PayloadContent</key>
	<array>
		{% if vpn and a < b %}
		<dict>
			<key>PayloadType</key>
			<string>com.apple.webClip.managed</string>
			<key>PayloadIdentifier</key>
			<string>com.example.{{ name }}.clip</string>
			<key>PayloadUUID</key>
			<string>5B8E1A7C-2D93-4F60-A1B4-C7D8E9F0A1B2</string>
			<key>PayloadVersion</key>
			<integer>2</integer>
			<key>Icon</key>
			<data>{{ icon }}</data>
		</dict>
		{% else %}
		<string>nothing</string>
		{% endif %}
	</array>
</dict>
</plist>
"#;

#[test]
fn positions_in_a_template_are_those_of_the_file() {
    for bom in ["", "\u{feff}"] {
        let file = format!("{bom}{TEMPLATE}");
        let report = check_with(file.as_bytes(), &Limits::default(), &as_template());
        let wrong: Vec<&Diagnostic> =
            report.diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
        let [wrong] = wrong[..] else { panic!("{wrong:#?}") };
        assert_eq!(wrong.code.as_str(), "payload.version");
        assert_eq!(&file[wrong.span.range()], "<integer>2</integer>");
        let control =
            report.diagnostics.iter().find(|one| one.code.as_str() == "template.control-flow").unwrap();
        assert_eq!(control.severity, Severity::Notice);
        assert!(file[control.span.range()].starts_with("{% if vpn and a < b %}"));
        let variables =
            report.diagnostics.iter().filter(|one| one.code.as_str() == "template.variable").count();
        assert_eq!(variables, 6, "{:#?}", report.diagnostics);
    }
}

#[test]
fn templates_in_other_encodings_keep_their_positions() {
    let mut file = vec![0xff, 0xfe];
    file.extend(TEMPLATE.encode_utf16().flat_map(u16::to_le_bytes));
    let report = check_with(&file, &Limits::default(), &as_template());
    let wrong = report.diagnostics.iter().find(|one| one.code.as_str() == "payload.version").unwrap();
    let units: Vec<u16> =
        file[wrong.span.range()].chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    assert_eq!(String::from_utf16(&units).unwrap(), "<integer>2</integer>");
}

#[test]
fn values_of_a_template_are_kept_as_they_are_written_where_that_is_asked_for() {
    let file = "<plist><dict><key>A</key><string>vpn.{{ host }}.example</string><key>B</key>\
        <integer>1{{ mtu }}</integer><key>C</key><{{ on }}/><key>D</key><string>plain</string>\
        <key>E</key><data>{{ key }}</data><key>F</key><{{ on }}></dict></plist>";
    let read = |values| {
        let document = Document::read_template(file.as_bytes(), &Limits::default(), values);
        let dict = document.root_dict().unwrap();
        let value = |key| dict.get(key).unwrap().as_str().unwrap().to_owned();
        ["A", "B", "C", "D", "E", "F"].map(value)
    };
    assert_eq!(
        read(Values::AsPlaceholders),
        ["{{ host }}", "{{ mtu }}", "{{ flag }}", "plain", "{{ key }}", "{{ flag }}"]
    );
    assert_eq!(
        read(Values::AsWritten),
        ["vpn.{{ host }}.example", "1{{ mtu }}", "{{ on }}", "plain", "{{ key }}", "{{ on }}"]
    );
}

#[test]
fn a_rendered_template_is_a_profile() {
    let values: Named<String> = [
        ("name", "clips & co"),
        ("UUID", "0F4C8A51-37B6-4E0D-9B6A-3C1D2E4F5A60"),
        ("version", "1"),
        ("locked", "false"),
        ("icon", "AQID"),
        ("nobody", "x"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into_iter()
    .collect();
    let rendered = render(TEMPLATE, &values);
    assert!(rendered.unset.is_empty(), "{rendered:?}");
    assert_eq!(rendered.unused, ["nobody"]);
    assert!(rendered.text.contains("<string>com.example.clips &amp; co</string>"));
    // The block tags are still there, so it is still read as a template.
    let document = Document::read_template(rendered.text.as_bytes(), &Limits::default(), Values::default());
    let root = document.root_dict().unwrap();
    assert_eq!(root.get("PayloadIdentifier").unwrap().as_str(), Some("com.example.clips & co"));
    assert!(document.is_profile() && !document.problems().has_errors());
    let without = TEMPLATE.lines().filter(|line| !line.contains("{%") && !line.contains("nothing"));
    let without: String = without.map(|line| format!("{line}\n")).collect();
    let plain = check(render(&without, &values).text.as_bytes());
    assert_eq!(codes(&plain.diagnostics, Severity::Error), ["payload.version"]);
    assert!(!plain.diagnostics.iter().any(|one| one.code.family() == "template"));
}

#[test]
fn a_broken_profile_is_not_taken_for_a_template() {
    for broken in [
        "<plist><dict><key>A</key><string>{{ x }}</string></dict>",
        "<plist><dict><key>A</key><string>100% $ {x}</string><key></dict></plist>",
        "<plist><dict><key>A</key><integer>x</integer></dict></plist>",
        "# a comment\n<plist><dict/></plist>",
    ] {
        let report = check(broken.as_bytes());
        let codes = codes(&report.diagnostics, Severity::Error);
        assert!(codes.iter().any(|code| code.starts_with("container.")), "{broken}: {codes:?}");
    }
}
