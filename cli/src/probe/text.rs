//! A report in plain words.

use super::report::{Asked, CertificateVerdict, Observation, Report, Support, Verdict};
use crate::term::{Style, paint, printable};

/// The report for people.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    let address = report.address.as_deref().unwrap_or("no address");
    let (style, verdict) = match (report.agree, report.answered) {
        (true, _) => (Style::Green, "the profile and the server agree as far as seen"),
        (false, true) => (Style::Red, "the profile and the server do not agree"),
        (false, false) => (Style::Red, "nothing answered"),
    };
    out.push_str(&format!("{} ({address}): {}\n", report.server, paint(style, verdict)));
    asked(&mut out, "IKE SA", &report.ike);
    asked(&mut out, "Child SA (ESP)", &report.child);
    section(&mut out, "Who proves who they are", &authentication(report));
    if let Some(certificate) = &report.certificate {
        section(&mut out, "The server's certificate", &describe_certificate(certificate));
    }
    if let Some(support) = &report.support {
        section(
            &mut out,
            "What the server announces (not authenticated)",
            &describe_support(support, report.mobike),
        );
    }
    section(&mut out, "Post-quantum", &report.post_quantum);
    section(&mut out, "Not observed", &report.not_observed);
    section(&mut out, "Not tested", &report.not_tested);
    section(&mut out, "What to do", &report.advice);
    section(&mut out, "Left behind", &report.left_behind);
    out
}

fn section(out: &mut String, title: &str, lines: &[String]) {
    if !lines.is_empty() {
        out.push_str(&format!("\n{}\n", paint(Style::Dim, title)));
        lines.iter().for_each(|line| out.push_str(&format!("  {line}\n")));
    }
}

fn asked(out: &mut String, title: &str, list: &[Asked]) {
    let line = |one: &Asked| {
        let (style, word) = match one.verdict {
            Verdict::Taken => (Style::Green, "taken"),
            Verdict::Refused => (Style::Red, "refused"),
            Verdict::NoAnswer => (Style::Red, "no answer"),
            Verdict::NotTested => (Style::Yellow, "not tested"),
            Verdict::NotObserved => (Style::Yellow, "not observed"),
        };
        let rekey = match one.rekey {
            Some(Verdict::Taken) => ", and rekeyed",
            Some(Verdict::Refused) => ", but its rekey is refused",
            _ => "",
        };
        let detail = one.detail.as_ref().map_or_else(String::new, |detail| format!("\n       {detail}"));
        format!("{}. {}{rekey}: {}{detail}", one.number, paint(style, word), one.text)
    };
    section(out, title, &list.iter().map(line).collect::<Vec<_>>());
}

fn authentication(report: &Report) -> Vec<String> {
    let one = &report.authentication;
    let word = match one.result {
        Observation::Yes => paint(Style::Green, "both sides believe each other"),
        Observation::No => paint(Style::Red, "refused"),
        Observation::NotObserved => paint(Style::Yellow, "not observed"),
    };
    let mut lines = vec![format!("{word}: {}", one.detail)];
    if let Some(identity) = &one.server_identity {
        let by = one.server_proof.as_ref().map_or_else(String::new, |proof| format!(", proved by {proof}"));
        lines.push(format!("the server calls itself {identity}{by}"));
    }
    lines
}

fn describe_certificate(one: &CertificateVerdict) -> Vec<String> {
    let verdict = match &one.reason {
        None => paint(Style::Green, "accepted"),
        Some(reason) => format!("{}: {reason}", paint(Style::Red, "not accepted")),
    };
    let mut lines = vec![verdict];
    let or_unknown = |text: &Option<String>| text.as_deref().map_or_else(|| "unknown".to_owned(), printable);
    if one.subject.is_some() {
        lines.push(format!("subject {}, issued by {}", or_unknown(&one.subject), or_unknown(&one.issuer)));
    }
    if !one.names.is_empty() {
        let names: Vec<String> = one.names.iter().take(12).map(|name| printable(name)).collect();
        lines.push(format!("names: {}", names.join(", ")));
    }
    if let (Some(from), Some(to), Some(days)) = (&one.not_before, &one.not_after, one.days_left) {
        let left = match days {
            ..0 => paint(Style::Red, &format!("expired {} days ago", days.saturating_neg())),
            0..30 => paint(Style::Yellow, &format!("{days} days left")),
            _ => format!("{days} days left"),
        };
        lines.push(format!("valid from {from} to {to}: {left}"));
    }
    let key = or_unknown(&one.key);
    lines.push(format!("key: {key}; {} certificate{} sent", one.sent, if one.sent == 1 { "" } else { "s" }));
    lines
}

fn describe_support(support: &Support, mobike: Observation) -> Vec<String> {
    let mut lines = vec![
        match (support.nat_traversal, support.nat_here, support.nat_there) {
            (false, ..) => "NAT: the server takes no part in NAT detection".to_owned(),
            (true, false, false) => "NAT: none seen between here and the server".into(),
            (true, true, false) => "NAT: one in front of this machine".into(),
            (true, false, true) => "NAT: one in front of the server, or it forces ESP into UDP".into(),
            (true, true, true) => {
                "NAT: one in front of this machine, and one in front of the server or it forces ESP into UDP"
                    .into()
            }
        },
        format!("IKE fragmentation: {}", yes(support.fragmentation)),
        format!("MOBIKE: {}", word(mobike)),
    ];
    lines.push(match &support.signature_hashes {
        Some(hashes) => format!("signature hashes (RFC 7427): {}", hashes.join(", ")),
        None => "signature hashes (RFC 7427): none announced, classic signatures only".into(),
    });
    lines.push(format!("IKE_INTERMEDIATE (RFC 9242): {}", word(support.intermediate)));
    lines.push(format!("pre-shared post-quantum keys (PPK): {}", word(support.ppk)));
    lines
}

fn yes(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn word(seen: Observation) -> &'static str {
    match seen {
        Observation::Yes => "yes",
        Observation::No => "no",
        Observation::NotObserved => "not observed",
    }
}
