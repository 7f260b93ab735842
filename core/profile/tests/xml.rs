//! The XML reader: what CoreFoundation takes and refuses, spans, recovery, and hostile input.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests"
)]

use std::time::{Duration, Instant};

use adit_profile::report::codes;
use adit_profile::syntax::{Node, Value};
use adit_profile::{Diagnostic, Document, Limits, Severity, Span};
use proptest::prelude::*;

/// `<plist><dict><key>k</key>VALUE</dict></plist>`.
fn around(value: &str) -> String {
    format!("<plist version=\"1.0\"><dict><key>k</key>{value}</dict></plist>")
}

fn read(text: &str) -> Document {
    Document::read(text.as_bytes())
}

fn errors(text: &str) -> Vec<Diagnostic> {
    let report = read(text).syntax_report();
    report.diagnostics.into_iter().filter(|found| found.severity == Severity::Error).collect()
}

fn value(text: &str) -> Value {
    let document = read(&around(text));
    assert!(!document.problems().has_errors(), "{text}: {:?}", document.problems().as_slice());
    document.root_dict().unwrap().get("k").unwrap().value.clone()
}

fn string(text: &str) -> Value {
    Value::String(text.to_owned().into())
}

#[test]
fn scalars_are_read_as_corefoundation_reads_them() {
    assert_eq!(
        value("<string>a &lt;&gt;&amp;&apos;&quot;&#65;&#x1F600; b</string>"),
        string("a <>&'\"A😀 b")
    );
    assert_eq!(value("<string>a<![CDATA[<&]]]>b</string >"), string("a<&]b"));
    assert_eq!(value("<string/>"), string(""));
    assert_eq!(value("<string attribute='x' />"), string(""));
    assert_eq!(value("<string>\n two\nlines </string>"), string("\n two\nlines "));
    assert_eq!(value("<integer> \t+ 42</integer>"), Value::Integer(42));
    assert_eq!(value("<integer>-0x10</integer>"), Value::Integer(-16));
    assert_eq!(value("<integer>-9223372036854775808</integer>"), Value::Integer(-(1 << 63)));
    assert_eq!(value("<integer>18446744073709551615</integer>"), Value::Integer((1 << 64) - 1));
    assert_eq!(value("<integer>\u{2003}7</integer>"), Value::Integer(7));
    assert_eq!(value("<real>-1.5e3</real>"), Value::Real(-1500.0));
    assert_eq!(value("<real> .5</real>"), Value::Real(0.5));
    assert_eq!(value("<real>+INFINITY</real>"), Value::Real(f64::INFINITY));
    assert_eq!(value("<true></true>"), Value::Boolean(true));
    assert_eq!(value("<false/>"), Value::Boolean(false));
    assert_eq!(value("<data>\n\tAQID\n\tBA==\n</data>"), Value::Data(vec![1, 2, 3, 4].into()));
    assert_eq!(value("<data></data>"), Value::Data(Vec::new().into()));
    let Value::Date(date) = value("<date>2026-11-21T10:20:30Z</date>") else { panic!() };
    assert_eq!(date.to_string(), "2026-11-21T10:20:30Z");
}

#[test]
fn what_corefoundation_refuses_is_an_error() {
    let refused = [
        "<string>a & b</string>",
        "<string>&nbsp;</string>",
        "<string>&#xD800;</string>",
        "<string>&#X41;</string>",
        "<string>&#123456789;</string>",
        "<string>a<!-- comment -->b</string>",
        "<string>a<b>c</b></string>",
        "<string>unclosed",
        "<string>x</sting>",
        "<data/>",
        "<data>AQ\u{e9}==</data>",
        "<date/>",
        "<date> 2026-01-01T00:00:00Z</date>",
        "<date>2026-01-01 00:00:00Z</date>",
        "<date>2026-01-01T00:00:00+01:00</date>",
        "<integer/>",
        "<integer></integer>",
        "<integer>12 </integer>",
        "<integer>-</integer>",
        "<integer>0x</integer>",
        "<integer>1.5</integer>",
        "<integer>&#49;</integer>",
        "<integer>18446744073709551616</integer>",
        "<integer>-9223372036854775809</integer>",
        "<real></real>",
        "<real>1.5 </real>",
        "<real>1,5</real>",
        "<real>1e</real>",
        "<true>x</true>",
        "<true> </true>",
        "<bool/>",
        "<String>x</String>",
        "<string/ >x</string>",
        "text",
        "",
        "<string>a</string><string>b</string>",
        "<array><string>x</array>",
        "<dict><key>a</key></dict>",
        "<dict><string>a</string></dict>",
        "<![CDATA[x]]>",
        "<!DOCTYPE x>",
        "<!-- never",
    ];
    for text in refused {
        let found = errors(&around(text));
        assert!(!found.is_empty(), "{text} passes");
        for error in found {
            assert!(error.help.is_some(), "{text}: {}", error.message);
            assert!(error.span.end as usize <= around(text).len(), "{text}: {:?}", error.span);
        }
    }
    for text in
        ["<plist/>", "<plist></plist>", "<plist><dict/><dict/></plist>", "<plist><dict></plist>", "<plist>"]
    {
        assert!(!errors(text).is_empty(), "{text} passes");
    }
}

#[test]
fn what_corefoundation_takes_is_at_most_a_warning() {
    let taken = [
        ("<dict/>", None),
        ("\n\n <plist><dict/></plist>", None),
        ("<!DOCTYPE plist><plist><dict/></plist>", None),
        ("<plist><dict/></plist>\n<!-- end --> <?x y?>\n", None),
        (" <?xml version='1.0'?><plist><dict/></plist>", Some(codes::XML_LEADING_JUNK)),
        ("<!-- a --><?xml version='1.0'?><plist><dict/></plist>", Some(codes::XML_LEADING_JUNK)),
        ("<plist><dict/></plist>trailing", Some(codes::XML_MALFORMED)),
        ("<plist><dict/></plist>\0", Some(codes::XML_MALFORMED)),
        ("<plist><!-- a -- b --><dict/></plist>", Some(codes::XML_MALFORMED)),
        ("<plist><!-- a ---><dict/></plist>", Some(codes::XML_MALFORMED)),
        ("<plist><plist><dict/></plist></plist>", Some(codes::PLIST_STRUCTURE)),
        ("<dict><key>a</key><key>b</key></dict>", Some(codes::PLIST_STRUCTURE)),
        ("<dict><key>a</key><array><key>b</key></array></dict>", Some(codes::PLIST_STRUCTURE)),
        ("<dict><key>a</key><data>A*QID</data></dict>", Some(codes::BAD_BASE64)),
        ("<dict><key>a</key><data>AQI</data></dict>", Some(codes::BAD_BASE64)),
        ("<dict><key>a</key><data>AQ==ID==</data></dict>", Some(codes::BAD_BASE64)),
        ("<dict><key>a</key><date>2026-13-41T99:00:00Z</date></dict>", Some(codes::BAD_DATE)),
    ];
    for (text, code) in taken {
        let report = read(text).syntax_report();
        assert!(!report.has_errors(), "{text}: {:?}", report.diagnostics);
        assert_eq!(report.codes(), Vec::from_iter(code), "{text}");
    }
}

#[test]
fn spans_are_the_bytes_of_the_elements() {
    let text = "\u{feff}<plist><dict>\n <key>a</key> <string>é</string>\n <key>b</key><array><integer>1</integer><dict/></array>\n</dict></plist>";
    let document = read(text);
    let slice = |span: Span| &text[span.range()];
    let root = document.root().unwrap();
    assert!(slice(root.span).starts_with("<dict>") && slice(root.span).ends_with("</dict>"));
    let dict = root.as_dict().unwrap();
    assert_eq!(slice(dict.entry("a").unwrap().key.span), "<key>a</key>");
    assert_eq!(slice(dict.get("a").unwrap().span), "<string>é</string>");
    let array = dict.get("b").unwrap();
    assert_eq!(slice(array.span), "<array><integer>1</integer><dict/></array>");
    let items: Vec<&str> = array.as_array().unwrap().iter().map(|item| slice(item.span)).collect();
    assert_eq!(items, ["<integer>1</integer>", "<dict/>"]);
}

#[test]
fn spans_in_utf16_are_bytes_of_the_file() {
    let text = "\u{feff}<dict><key>é</key><string>x</string></dict>";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let document = Document::read(&bytes);
    assert!(document.problems().as_slice().is_empty());
    let span = document.root_dict().unwrap().get("é").unwrap().span;
    let units: Vec<u16> =
        bytes[span.range()].chunks(2).map(|unit| u16::from_le_bytes(unit.try_into().unwrap())).collect();
    assert_eq!(String::from_utf16(&units).unwrap(), "<string>x</string>");
}

#[test]
fn encodings_are_judged_as_corefoundation_judges_them() {
    let text = "<?xml version=\"1.0\"?><dict/>";
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    };
    let verdict = |bytes: &[u8]| !Document::read(bytes).problems().has_errors();
    assert!(verdict(&utf16(&format!("\u{feff}{text}"), true)));
    assert!(verdict(&utf16(&format!("\u{feff}{text}"), false)));
    // Without a mark CoreFoundation leaves out the first character.
    assert!(!verdict(&utf16(text, false)));
    assert!(!verdict(&utf16(text, true)));
    assert!(verdict(&utf16(&format!(" {text}"), false)));
    let latin = b"<?xml version='1.0' encoding='iso-8859-1'?><dict><key>\xe9</key><true/></dict>";
    assert!(verdict(latin));
    assert!(Document::read(latin).root_dict().unwrap().get("é").is_some());
    assert!(!verdict(b"<?xml version='1.0'?><dict><key>\xe9</key><true/></dict>"));
    // CoreFoundation reads the other half of US-ASCII as ISO 8859-1, and refuses the holes of Windows-1252.
    assert!(verdict(b"<?xml version='1.0' encoding='us-ascii'?><dict><key>\xe9</key><true/></dict>"));
    assert!(verdict(b"<?xml version='1.0' encoding='windows-1252'?><dict><key>\x80</key><true/></dict>"));
    assert!(!verdict(b"<?xml version='1.0' encoding='windows-1252'?><dict><key>\x81</key><true/></dict>"));
    assert!(verdict(b"<?xml version='1.0' encoding='shift_jis'?><dict><key>a</key><true/></dict>"));
    assert!(!verdict(b"<?xml version='1.0' encoding='macintosh'?><dict><key>a</key><true/></dict>"));
    for bytes in
        [b"\xed\xa0\xbd".as_slice(), b"\xc0\x80", b"\xff", b"\xf4\x90\x80\x80", b"\xed\xa0", b"\xe2\x82"]
    {
        assert!(!verdict(&[b"<dict><key>", bytes, b"</key><true/></dict>"].concat()), "{bytes:x?}");
    }
    assert!(!verdict(b"<?xml version='1.0' encoding='x-unheard-of'?><dict/>"));
    // Bytes that are no text do no harm outside of strings.
    assert!(verdict(b"<!-- \xff --><dict/>"));
}

#[test]
fn reading_goes_on_after_an_error() {
    let text = "<plist><dict>
        <key>A</key><string>a & b</string>
        <key>B</key><sting>typo</sting>
        <key>C</key>
        <key>D</key><string>d</string>
        <key>E</key><string>e/string>
        <key>F</key><integer>12x</integer>
        <key>G</key><array><string>g</string></dict>
        </plist>";
    let found = errors(text);
    let paths: Vec<(&str, &str)> =
        found.iter().map(|error| (error.code.as_str(), error.path.as_str())).collect();
    assert_eq!(
        paths,
        [
            ("container.xml-malformed", "A"),
            ("container.plist-structure", "B"),
            ("container.plist-structure", ""),
            ("container.xml-malformed", "E"),
            ("container.bad-integer", "F"),
            ("container.xml-malformed", "G[1]"),
        ]
    );
    let document = read(text);
    let dict = document.root_dict().unwrap();
    let keys: Vec<&str> = dict.entries.iter().map(|entry| entry.key.text.as_str()).collect();
    assert_eq!(keys, ["A", "B", "C", "D", "E", "F", "G"]);
    assert_eq!(dict.get("C").unwrap().value, Value::Invalid);
    assert_eq!(dict.get("D").and_then(Node::as_str), Some("d"));
    assert_eq!(dict.get("G").and_then(Node::as_array).map(<[Node]>::len), Some(1));
}

#[test]
fn duplicate_keys_point_at_the_first() {
    let found = errors("<dict><key>a</key><true/><key>a</key><false/></dict>");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, codes::DUPLICATE_KEY);
    assert_eq!(found[0].related[0].span, Span::new(6, 18));
}

#[test]
fn f03_text_around_an_error_in_a_secret_is_not_shown() {
    let secrets = ["hunter&two", "hunter<two>x", "hunter<two/string>", "hunter]]>&two;", "hunter<!--two--> "];
    for secret in secrets {
        let text = format!(
            "<plist><dict><key>SharedSecret</key><string>{secret}</string><key>Password</key><string>two {secret}</dict></plist>"
        );
        let document = read(&text);
        let shown = format!("{document:?} {}", serde_json::to_string(&document.syntax_report()).unwrap());
        assert!(!shown.contains("hunter") && !shown.contains("two"), "{secret}: {shown}");
    }
}

/// The time of the quicker of two runs.
fn timed(read: impl Fn() -> Document) -> (Document, Duration) {
    let run = || {
        let start = Instant::now();
        let document = read();
        (document, start.elapsed())
    };
    let (first, second) = (run(), run());
    if first.1 < second.1 { first } else { second }
}

#[test]
fn ten_thousand_nested_arrays_are_refused_on_a_small_stack() {
    let text = format!("<plist>{}{}</plist>", "<array>".repeat(10_000), "</array>".repeat(10_000));
    let small = std::thread::Builder::new().stack_size(128 * 1024);
    let report = small.spawn(move || read(&text).syntax_report()).unwrap().join().unwrap();
    assert_eq!(report.codes(), [codes::TOO_DEEP]);
    let plists = "<plist>".repeat(100_000);
    assert!(errors(&plists).iter().any(|error| error.code == codes::TOO_DEEP));
}

#[test]
fn nesting_up_to_the_limit_of_a_phone_is_taken() {
    let nested =
        |depth: usize| format!("<plist>{}{}</plist>", "<array>".repeat(depth), "</array>".repeat(depth));
    let deep = |depth| errors(&nested(depth)).iter().any(|error| error.code == codes::TOO_DEEP);
    assert!(!deep(128));
    assert!(deep(129));
}

#[test]
fn entities_are_never_expanded() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">
        <!ENTITY c SYSTEM \"file:///etc/passwd\">]><plist><dict><key>k</key><string>&b;&c;</string></dict></plist>";
    let found = errors(bomb);
    assert_eq!(found[0].code, codes::ENTITY_EXPANSION);
    assert_eq!(read(bomb).root_dict().unwrap().get("k").unwrap().value, Value::Invalid);
}

#[test]
fn a_million_keys_stop_at_the_limit_in_little_time() {
    let mut text = String::from("<dict>");
    for number in 0..300_000 {
        text.push_str(&format!("<key>k{number}</key><true/>"));
    }
    text.push_str("</dict>");
    let (document, taken) = timed(|| read(&text));
    assert_eq!(document.syntax_report().codes(), [codes::TOO_LARGE]);
    assert!(document.root_dict().unwrap().entries.len() <= Limits::default().values);
    assert!(taken < Duration::from_secs(20), "{taken:?}");
    let large = vec![b' '; Limits::default().file_size + 1];
    assert_eq!(Document::read(&large).syntax_report().codes(), [codes::TOO_LARGE]);
}

#[test]
fn the_limit_of_values_holds_for_every_way_to_make_one() {
    fn count(node: &Node) -> usize {
        match &node.value {
            Value::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
            Value::Dict(dict) => 1 + dict.entries.iter().map(|entry| count(&entry.value)).sum::<usize>(),
            _ => 1,
        }
    }
    let limits = Limits { values: 100, ..Limits::default() };
    for piece in [
        "<true/>",
        "<array></array>",
        "<dict><key>a</key></dict>",
        "<key>a</key>",
        "<x/>",
        "<dict><key>a</key><key>b</key><x/></dict>",
    ] {
        let text = format!("<plist><array>{}</array></plist>", piece.repeat(1000));
        let document = Document::read_within(text.as_bytes(), &limits);
        assert!(count(document.root().unwrap()) <= limits.values, "{piece}");
        assert!(document.problems().has_errors(), "{piece}");
    }
}

#[test]
fn messages_hold_no_control_characters() {
    let text =
        "<dict><key>a\u{1b}[31m&#7;</key><true/><key>a\u{1b}[31m&#7;</key><true/><key>\u{7}</key></dict>";
    let found = errors(text);
    assert_eq!(found.len(), 2);
    for error in found {
        assert!(!error.message.chars().any(char::is_control), "{error:?}");
    }
}

#[test]
fn hostile_text_costs_linear_time() {
    let pieces = [
        "<",
        "<a",
        "<a>",
        "</a>",
        "<!--",
        "<!",
        "<?",
        "&",
        "<key>",
        "<string>",
        "<string><x>",
        "<string>a<",
        "x ",
        "<dict>",
        "<dict><key>",
        "<data>=",
        "<integer>0",
        "<plist>",
        "</dict>",
        "<![CDATA[",
        "<string><![CDATA[",
        "<key>a</key>",
        "<string>&",
    ];
    for prefix in ["<plist>", "<plist><dict><key>a</key><string>", "<plist><array>"] {
        for piece in pieces {
            for end in ["", "</string>"] {
                let text = |bytes: usize| format!("{prefix}{}{end}", piece.repeat(bytes / piece.len()));
                let utf16 = |text: &str| -> Vec<u8> {
                    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
                };
                let (small, large) = (text(1 << 10), text(1 << 15));
                let (small16, large16) = (utf16(&small), utf16(&large));
                let measure = || {
                    let (_, short) = timed(|| read(&small));
                    let (_, long) = timed(|| read(&large));
                    let (_, short16) = timed(|| Document::read(&small16));
                    let (_, long16) = timed(|| Document::read(&large16));
                    (short + short16, long + long16)
                };
                // 32 times the text; a quadratic reader would need 1024 times as long. A busy machine may take its time
                // once, but not each time.
                let within =
                    |(short, long): &(Duration, Duration)| *long < *short * 200 + Duration::from_millis(50);
                let times: Vec<_> = (0..5).map(|_| measure()).take_while(|times| !within(times)).collect();
                assert!(times.len() < 5, "{prefix} {piece} {end}: {times:?}");
            }
        }
    }
}

/// Text that is likely to reach the corners of the reader.
fn fragments() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<plist>",
        "</plist>",
        "<dict>",
        "</dict>",
        "<array>",
        "</array>",
        "<key>",
        "</key>",
        "<string>",
        "</string>",
        "<data>",
        "</data>",
        "<date>",
        "</date>",
        "<integer>",
        "</integer>",
        "<real>",
        "</real>",
        "<true/>",
        "<false>",
        "</false>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?xml",
        "?>",
        "<!DOCTYPE",
        "[",
        ">",
        "<",
        "&amp;",
        "&#x41;",
        "&",
        "k",
        "1",
        "AQID",
        "=",
        " ",
        "\n",
        "é",
        "\0",
        "-",
        "2026-01-01T00:00:00Z",
        "<dict/>",
        "<x>",
        "</x>",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Document::read(&bytes);
    }

    #[test]
    fn arbitrary_markup_never_panics_and_keeps_its_spans_inside(text in fragments()) {
        let document = read(&text);
        for found in document.problems().as_slice() {
            prop_assert!(found.span.end as usize <= text.len());
            prop_assert!(text.is_char_boundary(found.span.start as usize), "{:?}", found);
        }
        if let Some(root) = document.root() {
            prop_assert!(inside(root));
            // A value that was read without an error is read again from its own bytes.
            if !document.problems().has_errors() {
                let again = read(&text[root.span.range()]);
                prop_assert!(!again.problems().has_errors());
            }
        } else {
            prop_assert!(document.problems().has_errors());
        }
    }

    #[test]
    fn a_cut_off_file_is_always_refused(cut in 0usize..CUT_ME.len()) {
        let document = Document::read(&CUT_ME.as_bytes()[..cut]);
        prop_assert!(document.problems().has_errors(), "{cut}");
    }
}

const CUT_ME: &str = "<?xml version=\"1.0\"?><plist><dict><key>a</key><string>é&amp;<![CDATA[x]]></string><key>b</key><array>\
    <integer>1</integer><data>AQID</data></array><!-- c --></dict></plist>";

/// Whether every child's span lies inside its parent's, in order.
fn inside(node: &Node) -> bool {
    let mut at = node.span.start;
    let mut holds = |span: Span| {
        let ordered = at <= span.start && span.end <= node.span.end;
        at = at.max(span.start);
        ordered
    };
    match &node.value {
        Value::Array(items) => items.iter().all(|item| holds(item.span) && inside(item)),
        Value::Dict(dict) => dict.entries.iter().all(|entry| {
            let value = &entry.value;
            holds(entry.key.span) && (value.value == Value::Invalid || holds(value.span)) && inside(value)
        }),
        _ => true,
    }
}
